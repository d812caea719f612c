//! The machine's own firewall. Comes in: the kernel's list of tables in use, settings of ufw and
//! firewalld, units; goes out: the body of section `firewall`; no rule is read, so none can leak
//! whom it names.

mod windows;

use daicho_report::{DefaultInput, Firewall, FirewallVerdict, Reading, Reason, Testimony, Witness};

use super::product::{kinds, witness};
use super::setting::{is_yes, last, of_file};
use super::unit::Units;
use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

/// Tables of iptables that are in use; empty where rules were never loaded.
const TABLES: &[&str] = &["/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"];
const UFW: &str = "/etc/ufw/ufw.conf";
const UFW_DEFAULTS: &str = "/etc/default/ufw";
const FIREWALLD: &str = "/etc/firewalld/firewalld.conf";
/// Units that load rules, and how they are called here.
const UNITS: &[&str] = &[
    "ufw.service",
    "firewalld.service",
    "nftables.service",
    "netfilter-persistent.service",
    "iptables.service",
    "ip6tables.service",
    "SuSEfirewall2.service",
    "shorewall.service",
    "pve-firewall.service",
];
const PLACES: &str = "ufw, firewalld, units, /proc/net/ip_tables_names";

/// Reads the section.
#[must_use]
pub fn read(source: &Source, units: &Units) -> Firewall {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    let unknown = |(reason, place): (Reason, String)| Firewall {
        verdict: Reading::unknown(reason.clone(), place.clone()),
        witnesses: Reading::unknown(reason.clone(), place.clone()),
        default_input: Reading::unknown(reason, place),
    };
    let mut refused = None;
    let found = match witnesses(source, units, &mut refused) {
        Ok(found) => found,
        Err(miss) => return unknown(miss),
    };
    let verdict = verdict(&found, units);
    match refused {
        // Others may say that it is on; that it is off only the kernel could.
        Some(miss) if verdict.value() == Some(&FirewallVerdict::Inactive) => unknown(miss),
        _ => Firewall {
            verdict,
            default_input: default_input(source, &found),
            witnesses: Reading::known(found, PLACES),
        },
    }
}

/// Everything that says something. Only root may read the kernel's list: for others `refused` says why.
fn witnesses(
    source: &Source,
    units: &Units,
    refused: &mut Option<(Reason, String)>,
) -> Result<Vec<Witness>, (Reason, String)> {
    let mut found = Vec::new();
    for path in TABLES {
        match source.text(path) {
            Ok(text) if text.split_whitespace().any(|it| it == "filter") => {
                found.push(witness(format!("kernel {path}"), Testimony::Running, None));
            }
            Ok(_) | Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => {
                refused.get_or_insert((reason, (*path).to_owned()));
            }
        }
    }
    let ufw = of_file(source, UFW).map_err(|reason| (reason, UFW.to_owned()))?;
    if let Some(lines) = ufw {
        let says = match last(&lines, "enabled") {
            Some(value) if is_yes(value) => Testimony::Enabled,
            _ => Testimony::Stopped,
        };
        found.push(witness(format!("setting {UFW}"), says, None));
    }
    let of_units = |reason: &Reason| (reason.clone(), "units".to_owned());
    let files = units.files.as_ref().map_err(of_units)?;
    let enabled = units.enabled.as_ref().map_err(of_units)?;
    let running = units.running.as_ref().map_err(of_units)?;
    for unit in UNITS.iter().filter(|unit| files.contains(**unit)) {
        let name = format!("unit {unit}");
        if enabled.contains(*unit) {
            found.push(witness(name.clone(), Testimony::Enabled, None));
        } else {
            found.push(witness(name.clone(), Testimony::Installed, None));
        }
        // These stay; the others load their rules and end.
        let stays = matches!(*unit, "firewalld.service" | "pve-firewall.service");
        if stays && let Some(all) = running {
            let says = if all.contains(*unit) {
                Testimony::Running
            } else {
                Testimony::Stopped
            };
            found.push(witness(name, says, None));
        }
    }
    found.sort();
    Ok(found)
}

fn verdict(found: &[Witness], units: &Units) -> Reading<FirewallVerdict> {
    let by_kernel = kinds(found, Testimony::Running);
    let by_setting = kinds(found, Testimony::Enabled);
    let stopped = |name: &str| {
        found
            .iter()
            .any(|it| it.source.ends_with(name) && it.says == Testimony::Stopped)
    };
    // ufw's unit is enabled wherever it is installed; its own setting decides.
    let only_ufw = found
        .iter()
        .filter(|it| it.says == Testimony::Enabled)
        .all(|it| it.source == "unit ufw.service");
    let settings = if only_ufw && stopped(UFW) {
        0
    } else {
        by_setting
    };
    let verdict = match (by_kernel, settings) {
        (0, 0) => FirewallVerdict::Inactive,
        (0, 1) => FirewallVerdict::ToConfirm,
        (0, _) => FirewallVerdict::Active,
        (_, 0) => FirewallVerdict::ToConfirm,
        _ => FirewallVerdict::Active,
    };
    // Rules of nftables are seen by no file: without systemd nobody says whether they are loaded.
    if verdict == FirewallVerdict::Inactive && matches!(units.running, Ok(None)) {
        return Reading::unknown(Reason::Unsupported, PLACES);
    }
    Reading::known(verdict, PLACES)
}

/// What ufw does with what no rule names. Others keep it in their rules.
fn default_input(source: &Source, found: &[Witness]) -> Reading<DefaultInput> {
    let on = found
        .iter()
        .any(|it| it.source.ends_with(UFW) && it.says == Testimony::Enabled);
    if !on {
        let place = found.iter().find(|it| it.source.contains("firewalld"));
        let place = place.map_or(PLACES, |_| FIREWALLD);
        return Reading::unknown(Reason::Unsupported, place);
    }
    match of_file(source, UFW_DEFAULTS) {
        Ok(lines) => {
            let lines = lines.unwrap_or_default();
            match last(&lines, "default_input_policy") {
                Some("DROP" | "REJECT") => Reading::known(DefaultInput::Drop, UFW_DEFAULTS),
                Some("ACCEPT") => Reading::known(DefaultInput::Accept, UFW_DEFAULTS),
                _ => Reading::unknown(Reason::failed("unset"), UFW_DEFAULTS),
            }
        }
        Err(reason) => Reading::unknown(reason, UFW_DEFAULTS),
    }
}
