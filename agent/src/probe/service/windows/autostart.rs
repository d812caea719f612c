//! What starts by itself besides services. Comes in: names of values and files in the places for that;
//! goes out: kinds with names; what is started, and with which arguments, is never read.

use std::collections::BTreeSet;

use daicho_report::{Autostart, Reading, Reason};

use crate::platform::{Miss, Source};
use crate::probe::drive;
use crate::probe::registry::{names, people};
use crate::probe::service::{SERVICES_MAX, autostart};

#[cfg(test)]
mod tests;

const PLACES: &str = "registry Run, RunOnce (HKLM, HKU), Startup";
const RUN: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run";
const RUN_ONCE: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce";
const STARTUP: &str = r"Microsoft\Windows\Start Menu\Programs\Startup";
const PEOPLE_MAX: usize = 50;

pub(super) fn read(source: &Source) -> Reading<Vec<Autostart>> {
    let found = all(source).and_then(|found| {
        if found.len() > SERVICES_MAX {
            return Err(Reason::failed("too many entries"));
        }
        Ok(found.into_iter().collect())
    });
    Reading::from_result(found, PLACES)
}

fn all(source: &Source) -> Result<BTreeSet<Autostart>, Reason> {
    let mut roots = vec!["HKLM".to_owned(), "HKLM32".to_owned()];
    let people = people(source)?;
    roots.extend(
        people
            .iter()
            .take(PEOPLE_MAX)
            .map(|it| format!(r"HKU\{it}")),
    );
    let mut found = BTreeSet::new();
    for root in &roots {
        for (kind, place) in [("run", RUN), ("run_once", RUN_ONCE)] {
            let names = names(source, &format!(r"{root}\{place}"))?;
            found.extend(names.iter().filter_map(|name| autostart(kind, name)));
        }
    }
    let startup = format!(r"{}\{STARTUP}", drive::data(source)?);
    match source.folder(&startup) {
        Ok(files) => {
            let files = files.iter().filter(|it| it.as_str() != "desktop.ini");
            found.extend(files.filter_map(|name| autostart("startup", name)));
        }
        Err(Miss::Absent) => {}
        Err(Miss::Unknown(reason)) => return Err(reason),
    }
    Ok(found)
}
