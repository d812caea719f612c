//! Who is logged in at the start without being asked for a password: settings of GDM, LightDM, SDDM
//! and of agetty at the first terminal. Comes in: their files; goes out: names of accounts; nothing
//! else of a file is kept.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::Reason;

use crate::platform::{Miss, Source};
use crate::probe::field::line;

#[cfg(test)]
mod tests;

/// What a reading names as asked.
pub(super) const PLACES: &str = "settings of display managers, getty@tty1.service.d";

/// Which display manager starts, where systemd does it.
const STARTED: &str = "/etc/systemd/system/display-manager.service";
const GDM: &[&str] = &["/etc/gdm3/custom.conf", "/etc/gdm/custom.conf"];
const GDM_DEBIAN: &str = "/etc/gdm3/daemon.conf";
const LIGHTDM: &str = "/etc/lightdm/lightdm.conf";
const LIGHTDM_PARTS: &[&str] = &[
    "/usr/share/lightdm/lightdm.conf.d",
    "/etc/lightdm/lightdm.conf.d",
];
const SDDM: &str = "/etc/sddm.conf";
const SDDM_PARTS: &[&str] = &["/usr/lib/sddm/sddm.conf.d", "/etc/sddm.conf.d"];
const GETTY_PARTS: &[&str] = &[
    "/etc/systemd/system/getty@.service.d",
    "/etc/systemd/system/getty@tty1.service.d",
];
const FILES_MAX: usize = 100;
const LINES_MAX: usize = 5_000;

/// Values of settings files, later ones over earlier ones.
#[derive(Debug, Default)]
struct Settings(BTreeMap<(String, String), String>);

/// Names of the accounts; what is set up for a display manager that is not started does not count.
pub(super) fn read(source: &Source) -> Result<BTreeSet<String>, Miss> {
    let started = match source.link(STARTED) {
        Ok(target) => Some(target),
        Err(Miss::Absent) => None,
        Err(miss) => return Err(miss),
    };
    // Without systemd's link any of them may start.
    let starts = |name: &str| started.as_ref().is_none_or(|it| it.contains(name));
    let mut names = BTreeSet::new();
    if starts("gdm") {
        names.extend(gdm(source)?);
    }
    if starts("lightdm") {
        names.extend(lightdm(source)?);
    }
    if starts("sddm") {
        names.extend(sddm(source)?);
    }
    names.extend(getty(source)?);
    Ok(names.iter().filter_map(|name| line(name)).collect())
}

fn gdm(source: &Source) -> Result<Option<String>, Miss> {
    let mut settings = Settings::default();
    for path in GDM.iter().chain([&GDM_DEBIAN]) {
        settings.add_file(source, path)?;
    }
    let on = |key: &str| {
        let value = settings.of("daemon", key).unwrap_or_default();
        value.eq_ignore_ascii_case("true") || value == "1"
    };
    let name = if on("AutomaticLoginEnable") {
        settings.of("daemon", "AutomaticLogin")
    } else if on("TimedLoginEnable") {
        settings.of("daemon", "TimedLogin")
    } else {
        None
    };
    Ok(name.map(str::to_owned))
}

/// Each kind of seat may have its own.
fn lightdm(source: &Source) -> Result<Vec<String>, Miss> {
    let mut settings = Settings::default();
    for folder in LIGHTDM_PARTS {
        settings.add_folder(source, folder)?;
    }
    settings.add_file(source, LIGHTDM)?;
    let seats = settings.0.iter().filter(|((section, key), value)| {
        section.starts_with("Seat") && key == "autologin-user" && !value.is_empty()
    });
    Ok(seats.map(|(_, value)| value.clone()).collect())
}

fn sddm(source: &Source) -> Result<Option<String>, Miss> {
    let mut settings = Settings::default();
    for folder in SDDM_PARTS {
        settings.add_folder(source, folder)?;
    }
    settings.add_file(source, SDDM)?;
    Ok(settings.of("Autologin", "User").map(str::to_owned))
}

/// The last command that is set, as systemd takes it: an empty one takes back those before.
fn getty(source: &Source) -> Result<Option<String>, Miss> {
    let mut name = None;
    for folder in GETTY_PARTS {
        for path in parts(source, folder)? {
            for line in of_file(source, &path)?.lines().take(LINES_MAX) {
                if let Some(command) = line.trim().strip_prefix("ExecStart") {
                    let command = command.trim_start().strip_prefix('=');
                    name = command.and_then(auto_login);
                }
            }
        }
    }
    Ok(name)
}

/// The account in a command of agetty(8): `--autologin NAME`, `--autologin=NAME`, `-a NAME`.
fn auto_login(command: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        let joined = word.strip_prefix("--autologin=");
        let name = match word {
            "--autologin" | "-a" => words.next(),
            _ => joined.or_else(|| word.strip_prefix("-a").filter(|it| !it.is_empty())),
        };
        if let Some(name) = name {
            let name = name.trim_matches(['"', '\'']);
            // A name that only the program itself can resolve is none.
            return (!name.is_empty() && !name.contains(['$', '%'])).then(|| name.to_owned());
        }
    }
    None
}

/// A file's text; one that is not there sets nothing.
fn of_file(source: &Source, path: &str) -> Result<String, Miss> {
    match source.text(path) {
        Err(Miss::Absent) => Ok(String::new()),
        answer => answer,
    }
}

/// Paths of the settings in a folder, in the order in which they count.
fn parts(source: &Source, folder: &str) -> Result<Vec<String>, Miss> {
    let mut names = match source.folder(folder) {
        Err(Miss::Absent) => Vec::new(),
        answer => answer?,
    };
    names.retain(|name| name.ends_with(".conf"));
    if names.len() > FILES_MAX {
        return Err(Miss::Unknown(Reason::failed("too many entries")));
    }
    let paths = names.into_iter().map(|name| format!("{folder}/{name}"));
    Ok(paths.collect())
}

impl Settings {
    fn add_folder(&mut self, source: &Source, folder: &str) -> Result<(), Miss> {
        for path in parts(source, folder)? {
            self.add_file(source, &path)?;
        }
        Ok(())
    }

    fn add_file(&mut self, source: &Source, path: &str) -> Result<(), Miss> {
        let text = of_file(source, path)?;
        let mut section = String::new();
        for line in text.lines().take(LINES_MAX) {
            let line = line.trim();
            let head = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            if let Some(name) = head {
                section = name.trim().to_owned();
            } else if let Some((key, value)) = line.split_once('=')
                && !line.starts_with(['#', ';'])
            {
                let key = (section.clone(), key.trim().to_owned());
                self.0.insert(key, value.trim().to_owned());
            }
        }
        Ok(())
    }

    /// A value that is not empty.
    fn of(&self, section: &str, key: &str) -> Option<&str> {
        let value = self.0.get(&(section.to_owned(), key.to_owned()));
        value.map(String::as_str).filter(|it| !it.is_empty())
    }
}
