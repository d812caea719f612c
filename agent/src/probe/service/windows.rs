//! Services of Windows. Comes in: names and states from what manages them, and of each when it is to
//! start, from the registry; goes out: the body of section `service`; a service of one log-in is
//! named by what it is made from, because the rest of its name changes with every log-in.

mod autostart;

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason, Service, ServiceStart, Services};

use super::bounded;
use crate::platform::{Miss, RawService, Source};
use crate::probe::field::unit;
use crate::probe::registry::SERVICES;

#[cfg(test)]
mod tests;

const SOURCE: &str = "EnumServicesStatusExW";
/// `SERVICE_USERSERVICE_INSTANCE`.
const OF_A_LOG_IN: u32 = 0x80;

pub(super) fn read(source: &Source) -> Services {
    let services = match source.services() {
        Ok(raw) => {
            let all: Result<BTreeSet<Option<Service>>, Reason> =
                raw.iter().map(|raw| service(source, raw)).collect();
            match all {
                Ok(all) => bounded(all.into_iter().flatten().collect(), SOURCE),
                Err(reason) => Reading::unknown(reason, SERVICES),
            }
        }
        Err(miss) => Reading::unknown(miss.reason(), SOURCE),
    };
    Services {
        services,
        autostarts: autostart::read(source),
    }
}

/// A service that starts with the machine, is switched off, or runs.
fn service(source: &Source, raw: &RawService) -> Result<Option<Service>, Reason> {
    let start = match source.registry(&format!("{SERVICES}\\{}", raw.name), "Start") {
        Ok(value) => match value.number() {
            Some(0..=2) => ServiceStart::Automatic,
            Some(3) => ServiceStart::OnDemand,
            Some(4) => ServiceStart::Disabled,
            _ => ServiceStart::Other,
        },
        // It has no key of its own, or hides it.
        Err(Miss::Absent | Miss::Unknown(Reason::Denied)) => ServiceStart::Other,
        Err(Miss::Unknown(reason)) => return Err(reason),
    };
    let running = raw.runs();
    let name = if raw.kind & OF_A_LOG_IN == 0 {
        raw.name.as_str()
    } else {
        let made_from = raw.name.rsplit_once('_');
        made_from.map_or(raw.name.as_str(), |(made_from, _)| made_from)
    };
    let matters = start != ServiceStart::OnDemand || running;
    Ok(unit(name).filter(|_| matters).map(|name| Service {
        name,
        start,
        running: Some(running),
    }))
}
