//! What starts by itself besides services. Comes in: names of values and files in the places for that;
//! goes out: kinds with names; what is started, and with which arguments, is never read.

use std::collections::BTreeSet;

use daicho_report::{Autostart, Reading, Reason};

use crate::platform::{Miss, Source};
use crate::probe::drive;
use crate::probe::registry::{names, people, text};
use crate::probe::service::{SERVICES_MAX, autostart};

#[cfg(test)]
mod tests;

const PLACES: &str = "registry Run, RunOnce (HKLM, HKU), Startup";
const KEYS: &[(&str, &str)] = &[
    ("run", r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"),
    (
        "run",
        r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run",
    ),
    (
        "run_once",
        r"SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce",
    ),
];
const STARTUP: &str = r"Microsoft\Windows\Start Menu\Programs\Startup";
/// Where the folder of a person is, with its real path.
const FOLDERS: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders";
/// The value of a key that has no name.
const UNNAMED: &str = "(default)";
const PEOPLE_MAX: usize = 200;

type Found = BTreeSet<Autostart>;
/// Why the first part could not be read, and how many could not.
type Unread = (Reason, String);

pub(super) fn read(source: &Source) -> Reading<Vec<Autostart>> {
    match all(source) {
        Ok((found, _)) if found.len() > SERVICES_MAX => {
            Reading::unknown(Reason::failed("too many entries"), PLACES)
        }
        Ok((found, None)) => Reading::known(found.into_iter().collect(), PLACES),
        // Parts that are missing are named, so that the list does not look whole.
        Ok((found, Some((reason, unread)))) => {
            let place = format!("{PLACES} (unread: {unread})");
            if found.is_empty() {
                return Reading::unknown(reason, place);
            }
            Reading::known(found.into_iter().collect(), place)
        }
        Err(reason) => Reading::unknown(reason, PLACES),
    }
}

fn all(source: &Source) -> Result<(Found, Option<Unread>), Reason> {
    let mut found = Found::new();
    for root in ["HKLM", "HKLM32"] {
        of_keys(source, root, &mut found)?;
    }
    let startup = format!(r"{}\{STARTUP}", drive::data(source)?);
    of_folder(source, &startup, &mut found)?;
    let people = people(source)?;
    // Somebody else's part may only be read by an administrator, and a folder may be on a server.
    let mut refused = Vec::new();
    for (at, sid) in people.iter().enumerate() {
        let of_person = if at < PEOPLE_MAX {
            of_person(source, &format!(r"HKU\{sid}"), &mut found)
        } else {
            Err(Reason::failed("too many entries"))
        };
        refused.extend(of_person.err());
    }
    let counted = format!("HKU {} of {}", refused.len(), people.len());
    let reason = refused.into_iter().next();
    Ok((found, reason.map(|reason| (reason, counted))))
}

fn of_keys(source: &Source, root: &str, found: &mut Found) -> Result<(), Reason> {
    for (kind, place) in KEYS {
        let names = names(source, &format!(r"{root}\{place}"))?;
        found.extend(names.iter().filter_map(|name| {
            let name = if name.is_empty() { UNNAMED } else { name };
            autostart(kind, name)
        }));
    }
    Ok(())
}

fn of_person(source: &Source, root: &str, found: &mut Found) -> Result<(), Reason> {
    of_keys(source, root, found)?;
    let startup = text(source, &[&format!(r"{root}\{FOLDERS}")], "Startup")?;
    match startup {
        Some(startup) => of_folder(source, &startup, found),
        None => Ok(()),
    }
}

fn of_folder(source: &Source, place: &str, found: &mut Found) -> Result<(), Reason> {
    match source.folder(place) {
        Ok(files) => {
            let files = files
                .iter()
                .filter(|it| !it.eq_ignore_ascii_case("desktop.ini"));
            found.extend(files.filter_map(|name| autostart("startup", name)));
            Ok(())
        }
        Err(Miss::Absent) => Ok(()),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}
