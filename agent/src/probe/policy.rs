//! Settings that decide who gets in and what is written down. Comes in: files of settings; goes out:
//! the body of section `policy`; no password, key or account is read.

mod clock;
mod windows;

use std::collections::BTreeSet;

use daicho_report::{LogPolicy, PasswordPolicy, Policies, Reading, Reason, SshPolicy};

use super::field::{host, line};
use super::setting::{is_yes, last, lines, of_file, pair};
use super::unit::Units;
use crate::platform::{Source, System};

#[cfg(test)]
mod tests;

const LOGIN: &str = "/etc/login.defs";
const QUALITY: &str = "/etc/security/pwquality.conf";
const QUALITY_PARTS: &str = "/etc/security/pwquality.conf.d";
/// What the module asks for where nothing else is set (pwquality.conf(5)).
const QUALITY_LENGTH: u32 = 8;
const FAILLOCK: &str = "/etc/security/faillock.conf";
/// Stacks of rules for passwords and log-ins: Debian, RHEL, SUSE.
const PAM: &[&str] = &[
    "/etc/pam.d/common-password",
    "/etc/pam.d/common-auth",
    "/etc/pam.d/system-auth",
    "/etc/pam.d/password-auth",
];
const SSH: &str = "/etc/ssh/sshd_config";
const SSH_PARTS: &str = "/etc/ssh/sshd_config.d";
const SSH_OF_MAKER: &str = "/usr/etc/ssh/sshd_config";
const SSH_PROGRAM: &str = "/usr/sbin/sshd";
const SSH_PORT: u16 = 22;
const JOURNALD: &[&str] = &[
    "/usr/lib/systemd/journald.conf",
    "/etc/systemd/journald.conf",
];
const JOURNALD_PARTS: &[&str] = &[
    "/usr/lib/systemd/journald.conf.d",
    "/etc/systemd/journald.conf.d",
];
const JOURNAL: &str = "/var/log/journal";
const RSYSLOG: &str = "/etc/rsyslog.conf";
const RSYSLOG_PARTS: &str = "/etc/rsyslog.d";
const LOGROTATE: &str = "/etc/logrotate.conf";
const HOSTS_MAX: usize = 16;

/// Reads the section.
#[must_use]
pub fn read(source: &Source, units: &Units) -> Policies {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    Policies {
        password: password(source),
        ssh: ssh(source),
        log: log(source, units),
        time_sources: clock::time_sources(source, units),
        uac: unsupported("UAC"),
        remote_desktop: unsupported("Remote Desktop"),
        smb1: unsupported("SMBv1"),
        name_queries: unsupported("LLMNR, NetBIOS"),
    }
}

/// What Linux does not have, or is no setting of its own.
fn unsupported<T>(place: &str) -> Reading<T> {
    Reading::unknown(Reason::Unsupported, place)
}

fn password(source: &Source) -> Reading<PasswordPolicy> {
    let place = format!("{LOGIN}, {QUALITY}, {FAILLOCK}, /etc/pam.d");
    let read = || {
        let login = of_file(source, LOGIN)?;
        let quality = lines(source, &[QUALITY], &[QUALITY_PARTS], ".conf")?;
        let faillock = of_file(source, FAILLOCK)?.unwrap_or_default();
        let mut pam = Vec::new();
        for path in PAM {
            pam.extend(of_file(source, path)?.unwrap_or_default());
        }
        if login.is_none() && pam.is_empty() {
            return Err(Reason::Unsupported);
        }
        let login = login.unwrap_or_default();
        let number = |lines: &[String], name: &str| last(lines, name)?.parse::<u32>().ok();
        let options = |modules: &[&str], name: &str| option(&pam, modules, name);
        let quality_on = used(&pam, &["pam_pwquality.so", "pam_cracklib.so"]);
        let lock_on = used(&pam, &["pam_faillock.so"]);
        Ok(PasswordPolicy {
            // What a module is told goes before its file; the file counts where the module is used.
            length_min: options(&["pam_pwquality.so", "pam_cracklib.so"], "minlen")
                .or_else(|| number(&quality, "minlen").filter(|_| quality_on))
                .or_else(|| used(&pam, &["pam_pwquality.so"]).then_some(QUALITY_LENGTH))
                .or_else(|| options(&["pam_unix.so"], "minlen")),
            days_max: number(&login, "pass_max_days"),
            history: options(&["pam_pwhistory.so", "pam_unix.so"], "remember"),
            lockout_after: options(&["pam_faillock.so", "pam_tally2.so"], "deny")
                .or_else(|| number(&faillock, "deny").filter(|_| lock_on)),
        })
    };
    Reading::from_result(read(), place)
}

fn used(pam: &[String], modules: &[&str]) -> bool {
    let names = |line: &String| line.split_whitespace().any(|word| modules.contains(&word));
    pam.iter().any(names)
}

/// An option of a module (`password requisite pam_pwquality.so minlen=12`).
fn option(pam: &[String], modules: &[&str], name: &str) -> Option<u32> {
    let lines = pam
        .iter()
        .filter(|line| line.split_whitespace().any(|it| modules.contains(&it)));
    let mut words = lines.flat_map(|line| line.split_whitespace());
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

fn ssh(source: &Source) -> Reading<Option<SshPolicy>> {
    let own = of_file(source, SSH);
    let (place, main) = match own {
        Ok(None) => (SSH_OF_MAKER, of_file(source, SSH_OF_MAKER)),
        main => (SSH, main),
    };
    let main = match main {
        Ok(Some(main)) => main,
        Ok(None) => {
            return match source.has(SSH_PROGRAM) {
                Ok(false) => Reading::known(None, SSH_PROGRAM),
                // A server without a file keeps to what it was built with.
                Ok(true) => Reading::unknown(Reason::failed("ENOENT"), SSH),
                Err(reason) => Reading::unknown(reason, SSH_PROGRAM),
            };
        }
        Err(reason) => return Reading::unknown(reason, place),
    };
    let mut all = Vec::new();
    for text in main {
        // Parts are read where they are named: the first value of a setting counts.
        match pair(&text) {
            Some((name, pattern)) if name == "include" && pattern.starts_with(SSH_PARTS) => {
                match lines(source, &[], &[SSH_PARTS], ".conf") {
                    Ok(parts) => all.extend(parts),
                    Err(reason) => return Reading::unknown(reason, SSH_PARTS),
                }
            }
            _ => all.push(text),
        }
    }
    Reading::known(Some(ssh_policy(&all)), place)
}

fn ssh_policy(lines: &[String]) -> SshPolicy {
    let pairs = lines.iter().filter_map(|line| pair(line));
    // What stands under `Match` holds for some only.
    let general: Vec<(String, &str)> = pairs.take_while(|(name, _)| name != "match").collect();
    let first = |wanted: &str| {
        let found = general.iter().find(|(name, _)| name == wanted);
        // A comment may follow (sshd_config(5)).
        found.and_then(|(_, value)| value.split_whitespace().next())
    };
    let ports = general.iter().filter(|(name, _)| name == "port");
    let mut ports: Vec<u16> = ports
        .filter_map(|(_, value)| value.split_whitespace().next()?.parse().ok())
        .collect();
    if ports.is_empty() {
        ports.push(SSH_PORT);
    }
    ports.sort_unstable();
    ports.dedup();
    SshPolicy {
        // The server's own default (sshd_config(5)).
        root_log_in: line(first("permitrootlogin").unwrap_or("prohibit-password"))
            .unwrap_or_default(),
        password_log_in: first("passwordauthentication").is_none_or(is_yes),
        ports,
    }
}

fn log(source: &Source, units: &Units) -> Reading<LogPolicy> {
    let place = format!("/etc/systemd/journald.conf, {JOURNAL}, {LOGROTATE}, {RSYSLOG}");
    let read = || {
        let journald = lines(source, JOURNALD, JOURNALD_PARTS, ".conf")?;
        let rotate = of_file(source, LOGROTATE)?;
        let rsyslog = of_file(source, RSYSLOG)?;
        // Without systemd something else writes the logs, unless it is rsyslog.
        let has_units = units.files.as_ref().map_err(Clone::clone)?;
        if rsyslog.is_none() && has_units.is_empty() {
            return Err(Reason::Unsupported);
        }
        let parts = lines(source, &[], &[RSYSLOG_PARTS], ".conf")?;
        let kept = source.has(JOURNAL)?;
        let storage = last(&journald, "storage")
            .unwrap_or("auto")
            .to_ascii_lowercase();
        let in_journal = storage == "persistent" || (storage == "auto" && kept);
        let by_syslog = rsyslog.is_some();
        let days = if in_journal {
            last(&journald, "maxretentionsec").and_then(days_of)
        } else {
            rotate.as_deref().and_then(days_of_rotation)
        };
        let bytes = last(&journald, "systemmaxuse").and_then(bytes_of);
        let rsyslog = rsyslog.unwrap_or_default();
        let hosts: BTreeSet<String> = rsyslog
            .iter()
            .chain(&parts)
            .filter_map(|it| sent_to(it))
            .collect();
        Ok(LogPolicy {
            persistent: in_journal || by_syslog,
            days_max: days,
            bytes_max: bytes.filter(|_| in_journal),
            sent_to: hosts.into_iter().take(HOSTS_MAX).collect(),
        })
    };
    Reading::from_result(read(), place)
}

/// A span of systemd (`1month`, `90day`, `2week`, `86400`); 0: without end.
fn days_of(value: &str) -> Option<u32> {
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let number: u64 = number.parse().ok()?;
    let seconds = match unit.trim() {
        "year" | "years" | "y" => number.checked_mul(31_557_600)?,
        "month" | "months" | "M" => number.checked_mul(2_629_800)?,
        "week" | "weeks" | "w" => number.checked_mul(604_800)?,
        "day" | "days" | "d" => number.checked_mul(86_400)?,
        "hour" | "hours" | "h" | "hr" => number.checked_mul(3_600)?,
        "" | "s" | "sec" => number,
        _ => return None,
    };
    u32::try_from(seconds / 86_400)
        .ok()
        .filter(|days| *days > 0)
}

/// A size of systemd (`500M`, `2G`).
fn bytes_of(value: &str) -> Option<u64> {
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let shift = match unit.trim() {
        "" | "B" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// `weekly` and `rotate 4` at the beginning of the file, before the parts.
fn days_of_rotation(lines: &[String]) -> Option<u32> {
    let period = lines.iter().find_map(|line| match line.as_str() {
        "daily" => Some(1),
        "weekly" => Some(7),
        "monthly" => Some(30),
        "yearly" => Some(365),
        _ => None,
    })?;
    let count: u32 = lines
        .iter()
        .find_map(|line| line.strip_prefix("rotate ")?.trim().parse().ok())?;
    count.checked_mul(period)
}

/// `*.* @@log.example.jp:514` or `Target="…"` of omfwd: the host alone.
fn sent_to(text: &str) -> Option<String> {
    if text.contains("omfwd") {
        let lower = text.to_ascii_lowercase();
        let at = lower.find("target=\"")?;
        let rest = text.get(at + "target=\"".len()..)?;
        return host(rest.split('"').next()?);
    }
    let target = text.split_whitespace().nth(1)?.strip_prefix('@')?;
    let target = target.trim_start_matches('@');
    // `(o)` and the like are options.
    let target = target.strip_prefix('(').map_or(target, |rest| {
        rest.split_once(')').map_or(rest, |(_, host)| host)
    });
    let name = match target.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => target.split([':', ';']).next()?,
    };
    host(name)
}
