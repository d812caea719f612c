//! Settings of Windows. Comes in: values of the registry, those of a policy before the machine's own,
//! and the rules for passwords; goes out: the body of section `policy`. A setting that nobody made is
//! told by its documented default, and where that depends on more than is read it is unknown.

use daicho_report::{
    LogPolicy, NameQueries, PasswordPolicy, Policies, Reading, Reason, RemoteDesktop, SshPolicy,
    TimeSource, UacPolicy,
};

use super::super::field::host;
use super::super::registry::{SERVICES, is_on, keys, number, text};
use super::{of_file, ssh_policy};
use crate::platform::{Miss, RawVersion, Source};

#[cfg(test)]
mod tests;

const SYSTEM: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";
const TERMINAL: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server";
const TERMINAL_RDP: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp";
const TERMINAL_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
const SMB: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters";
const DNS_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient";
const NETBIOS: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\NetBT\Parameters\Interfaces";
const CLOCK: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Parameters";
const CLOCK_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\W32Time\Parameters";
const SECURITY_LOG: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Security";
const SECURITY_LOG_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security";
const PASSWORDS: &str = "NetUserModalsGet";
const SSH_CONFIG: &str = r"C:\ProgramData\ssh\sshd_config";
/// Windows 10 1709 and Server 2019: from here the first version of SMB is a feature to be added.
const WITHOUT_SMB1: u32 = 16_299;
/// A default port.
const RDP_PORT: u64 = 3_389;
const DAY_S: u32 = 86_400;
const SERVERS_MAX: usize = 32;
const INTERFACES_MAX: usize = 512;

/// Reads the section.
pub(super) fn read(source: &Source) -> Policies {
    Policies {
        password: password(source),
        ssh: ssh(source),
        log: Reading::from_result(
            log(source),
            format!("{SECURITY_LOG}, {SECURITY_LOG_POLICY}"),
        ),
        time_sources: Reading::from_result(clock(source), format!("{CLOCK}, {CLOCK_POLICY}")),
        uac: Reading::from_result(uac(source), SYSTEM),
        remote_desktop: Reading::from_result(
            remote_desktop(source),
            format!("{TERMINAL}, {TERMINAL_POLICY}"),
        ),
        smb1: smb1(source),
        name_queries: Reading::from_result(
            name_queries(source),
            format!("{DNS_POLICY}, {NETBIOS}"),
        ),
    }
}

/// Rules of this machine's own accounts; those of a domain are the domain's matter.
fn password(source: &Source) -> Reading<PasswordPolicy> {
    let rules = source.password_rules().map_err(Miss::reason);
    let rules = rules.map(|rules| PasswordPolicy {
        length_min: Some(rules.length_min),
        // All bits: never.
        days_max: (rules.age_max_s != u32::MAX).then_some(rules.age_max_s / DAY_S),
        history: Some(rules.history),
        lockout_after: (rules.lockout_after != 0).then_some(rules.lockout_after),
    });
    Reading::from_result(rules, format!("{PASSWORDS} (local accounts)"))
}

fn ssh(source: &Source) -> Reading<Option<SshPolicy>> {
    let service = format!(r"{SERVICES}\sshd");
    match number(source, &[&service], "Start") {
        Ok(None) => Reading::known(None, service),
        Ok(Some(_)) => {
            let lines = of_file(source, SSH_CONFIG);
            let lines = lines.and_then(|it| it.ok_or(Reason::failed("ENOENT")));
            Reading::from_result(lines.map(|it| Some(ssh_policy(&it))), SSH_CONFIG)
        }
        Err(reason) => Reading::unknown(reason, service),
    }
}

/// The log of security: who was let in. It always outlives a restart.
fn log(source: &Source) -> Result<LogPolicy, Reason> {
    // The policy counts in KiB, the log's own setting in bytes.
    let by_policy = number(source, &[SECURITY_LOG_POLICY], "MaxSize")?;
    let bytes = match by_policy {
        Some(kib) => kib.checked_mul(1024),
        None => number(source, &[SECURITY_LOG], "MaxSize")?,
    };
    let bytes = bytes.ok_or(Reason::failed("ENOENT"))?;
    Ok(LogPolicy {
        persistent: true,
        // By size, not by days, since Windows Vista.
        days_max: None,
        bytes_max: Some(bytes),
        sent_to: forwarded_to(source)?,
    })
}

/// Collectors that events are forwarded to (`Server=https://host:5986/wsman/…`).
fn forwarded_to(source: &Source) -> Result<Vec<String>, Reason> {
    let key =
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager";
    let mut hosts = Vec::new();
    for name in super::super::registry::names(source, key)?
        .iter()
        .take(SERVERS_MAX)
    {
        let Some(target) = text(source, &[key], name)? else {
            continue;
        };
        let address = target.split("://").nth(1).unwrap_or_default();
        hosts.extend(host(address.split(['/', ',']).next().unwrap_or_default()));
    }
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

/// The Windows Time service, unless it is switched off or told not to.
fn clock(source: &Source) -> Result<Vec<TimeSource>, Reason> {
    let start = number(source, &[&format!(r"{SERVICES}\W32Time")], "Start")?;
    let kind = text(source, &[CLOCK_POLICY, CLOCK], "Type")?;
    let kind = kind.as_deref().unwrap_or("NTP");
    if start.is_none_or(|it| it == 4) || kind.eq_ignore_ascii_case("NoSync") {
        return Ok(Vec::new());
    }
    let by_domain = kind.eq_ignore_ascii_case("NT5DS");
    let mut servers = Vec::new();
    if !by_domain {
        let list = text(source, &[CLOCK_POLICY, CLOCK], "NtpServer")?.unwrap_or_default();
        // `time.example.jp,0x9`: flags behind the name.
        let names = list
            .split_whitespace()
            .filter_map(|it| it.split(',').next());
        servers = names.filter_map(host).take(SERVERS_MAX).collect();
        servers.sort();
        servers.dedup();
    }
    let program = if by_domain {
        "W32Time (domain)"
    } else {
        "W32Time"
    };
    Ok(vec![TimeSource {
        program: program.to_owned(),
        servers,
    }])
}

fn uac(source: &Source) -> Result<UacPolicy, Reason> {
    let keys = &[SYSTEM];
    Ok(UacPolicy {
        enabled: is_on(source, keys, "EnableLUA")?.unwrap_or(true),
        prompt: number(source, keys, "ConsentPromptBehaviorAdmin")?
            .map_or(Ok(5), u32::try_from)
            .map_err(|_| Reason::failed("parse"))?,
        of_built_in: is_on(source, keys, "FilterAdministratorToken")?.unwrap_or(false),
        full_over_network: is_on(source, keys, "LocalAccountTokenFilterPolicy")?.unwrap_or(false),
    })
}

fn remote_desktop(source: &Source) -> Result<RemoteDesktop, Reason> {
    let denied = is_on(source, &[TERMINAL_POLICY, TERMINAL], "fDenyTSConnections")?;
    let first = is_on(
        source,
        &[TERMINAL_POLICY, TERMINAL_RDP],
        "UserAuthentication",
    )?;
    let port = number(source, &[TERMINAL_RDP], "PortNumber")?.unwrap_or(RDP_PORT);
    Ok(RemoteDesktop {
        // Nobody is let in unless somebody set it so.
        enabled: !denied.unwrap_or(true),
        authenticates_first: first.unwrap_or(false),
        port: u16::try_from(port).map_err(|_| Reason::failed("parse"))?,
    })
}

/// Whether files are served by the first version of SMB. Where nothing is set, the service's driver
/// tells: it is there only with the feature; before Windows 10 1709 it is on.
fn smb1(source: &Source) -> Reading<bool> {
    let place = format!(r"{SMB}\SMB1");
    let set = match is_on(source, &[SMB], "SMB1") {
        Ok(set) => set,
        Err(reason) => return Reading::unknown(reason, place),
    };
    if set == Some(false) {
        return Reading::known(false, place);
    }
    // The server is switched off altogether.
    let server = format!(r"{SERVICES}\LanmanServer");
    match number(source, &[&server], "Start") {
        Ok(None | Some(4)) => return Reading::known(false, server),
        Ok(Some(_)) => {}
        Err(reason) => return Reading::unknown(reason, server),
    }
    let driver = format!(r"{SERVICES}\srv");
    match number(source, &[&driver], "Start") {
        Ok(None | Some(4)) => Reading::known(false, driver),
        Ok(Some(_)) if set == Some(true) => Reading::known(true, format!("{place}, {driver}")),
        Ok(Some(_)) => match source.windows_version() {
            Ok(RawVersion { build, .. }) if build < WITHOUT_SMB1 => {
                Reading::known(true, format!("{driver} (default)"))
            }
            Ok(_) => Reading::unknown(Reason::failed("feature state"), driver),
            Err(miss) => Reading::unknown(miss.reason(), "RtlGetVersion"),
        },
        Err(reason) => Reading::unknown(reason, driver),
    }
}

fn name_queries(source: &Source) -> Result<NameQueries, Reason> {
    let llmnr = is_on(source, &[DNS_POLICY], "EnableMulticast")?.unwrap_or(true);
    let mut netbios = Some(false);
    for interface in keys(source, NETBIOS)?.iter().take(INTERFACES_MAX) {
        let key = format!(r"{NETBIOS}\{interface}");
        match number(source, &[&key], "NetbiosOptions")? {
            Some(1) => {
                return Ok(NameQueries {
                    llmnr,
                    netbios: Some(true),
                });
            }
            Some(2) => {}
            // What DHCP says, and without it: on.
            _ => netbios = None,
        }
    }
    Ok(NameQueries { llmnr, netbios })
}
