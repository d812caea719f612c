//! Windows: what Hyper-V tells its guests and its host. Comes in: the registry, and on a host of
//! Hyper-V two classes of WMI; goes out: the body of section `guest`; of a machine without the service
//! of Hyper-V it is told that there are no guests of it, and of containers nothing. Answers of a real
//! host of Hyper-V have not been seen yet (未確認).

use std::collections::BTreeMap;

use daicho_report::{Guest, Guests, Reading, Reason, Virtualization};

use super::{HOST_KEYS, origin};
use crate::platform::{Miss, RawObject, RawProperty, Source};
use crate::probe::field::line;
use crate::probe::registry::{number, text};

#[cfg(test)]
mod tests;

const PARAMETERS: &str = r"HKLM\SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters";
/// The service that manages guests, on a host of Hyper-V.
const MANAGER: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\vmms";
const NAMESPACE: &str = r"root\virtualization\v2";
const MACHINES: &str = "Msvm_ComputerSystem";
const SETTINGS: &str = "Msvm_VirtualSystemSettingData";
/// Settings in force, and not those of a snapshot.
const IN_FORCE: &str = "Microsoft:Hyper-V:System:Realized";
const ENABLED: i64 = 2;
const DISABLED: i64 = 3;
const GUESTS_MAX: usize = 2_000;
const ENGINES: &str = "containers of Windows";

pub(super) fn read(source: &Source, virtualization: &Reading<Virtualization>) -> Guests {
    Guests {
        runs_on: runs_on(source, virtualization),
        guests: guests(source),
        containers: Reading::unknown(Reason::Unsupported, ENGINES),
    }
}

fn runs_on(source: &Source, virtualization: &Reading<Virtualization>) -> Reading<Option<String>> {
    if let Some(known) = origin(virtualization) {
        return known;
    }
    let told = HOST_KEYS.iter().find_map(|name| {
        let told = text(source, &[PARAMETERS], name).transpose();
        told.map(|it| it.map(Some))
    });
    // Other hypervisors do not tell their guests where they are.
    Reading::from_result(told.unwrap_or(Err(Reason::Unsupported)), PARAMETERS)
}

fn guests(source: &Source) -> Reading<Vec<Guest>> {
    match number(source, &[MANAGER], "Start") {
        Ok(None) => Reading::known(Vec::new(), format!("{MANAGER} (Hyper-V)")),
        Ok(Some(_)) => Reading::from_result(of_host(source), format!(r"{NAMESPACE}\{SETTINGS}")),
        Err(reason) => Reading::unknown(reason, MANAGER),
    }
}

fn of_host(source: &Source) -> Result<Vec<Guest>, Reason> {
    let asked = [
        "BIOSGUID",
        "ElementName",
        "VirtualSystemIdentifier",
        "VirtualSystemType",
    ];
    let all = source.wmi(NAMESPACE, SETTINGS, &asked);
    let all = all.map_err(Miss::reason)?;
    if all.len() > GUESTS_MAX {
        return Err(Reason::failed("too many entries"));
    }
    let states = states(source);
    let in_force = all
        .iter()
        .filter(|it| written(it, "VirtualSystemType") == Some(IN_FORCE));
    let guests = in_force.map(|it| {
        let name = written(it, "ElementName").and_then(line);
        let id = written(it, "VirtualSystemIdentifier").map(str::to_ascii_uppercase);
        Ok(Guest {
            name: name.ok_or(Reason::failed("parse"))?,
            uuid: written(it, "BIOSGUID").and_then(uuid),
            running: id.and_then(|id| states.get(&id).copied()),
        })
    });
    let mut guests: Vec<Guest> = guests.collect::<Result<_, Reason>>()?;
    guests.sort();
    Ok(guests)
}

/// Whether each runs, by its id; where that could not be asked, of none.
fn states(source: &Source) -> BTreeMap<String, bool> {
    let all = source.wmi(NAMESPACE, MACHINES, &["EnabledState", "Name"]);
    let all = all.unwrap_or_default();
    let states = all.iter().filter_map(|it| {
        let id = written(it, "Name")?.to_ascii_uppercase();
        let running = match it.get("EnabledState")? {
            RawProperty::Number(ENABLED) => true,
            RawProperty::Number(DISABLED) => false,
            // Paused, saved, on its way: neither.
            _ => return None,
        };
        Some((id, running))
    });
    states.collect()
}

fn written<'a>(object: &'a RawObject, name: &str) -> Option<&'a str> {
    match object.get(name)? {
        RawProperty::Text(text) => Some(text),
        _ => None,
    }
}

/// `{…}` in capital letters, as the guest's own firmware is read: in small ones, without braces.
fn uuid(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('{').trim_end_matches('}');
    let fits = |c: char| c.is_ascii_hexdigit() || c == '-';
    (bare.len() == 36 && bare.chars().all(fits)).then(|| bare.to_ascii_lowercase())
}
