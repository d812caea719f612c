//! What shows a product on Windows. Comes in: its names; goes out: witnesses from services, drivers,
//! programs that run, the list of what can be uninstalled, and folders; capitals never matter.

use daicho_report::{Reason, Testimony, Witness};

use super::{Places, Windows, witness};
use crate::platform::Source;
use crate::probe::drive;
use crate::probe::registry::keys;

#[cfg(test)]
mod tests;

/// Folders below which programs are looked for.
pub(super) fn folders(source: &Source) -> Result<Vec<String>, Reason> {
    let mut folders = drive::programs(source)?;
    folders.push(drive::data(source)?);
    Ok(folders)
}

/// Whether a name in lower case begins with one of these.
pub(in crate::probe) fn begins(beginnings: &[String], lower: &str) -> bool {
    let mut beginnings = beginnings.iter();
    beginnings.any(|it| !it.is_empty() && lower.starts_with(it.as_str()))
}

impl Places<'_> {
    /// All witnesses of a product, sorted.
    pub(super) fn of_windows(&mut self, names: &Windows) -> Vec<Witness> {
        let mut found = self.of_services(names);
        for name in &names.drivers {
            let mut drivers = self.drivers().iter();
            if let Some(driver) = drivers.find(|it| it.name.eq_ignore_ascii_case(name)) {
                let says = if driver.runs() {
                    Testimony::Running
                } else {
                    Testimony::Stopped
                };
                found.push(witness(format!("driver {name}"), says, None));
            }
        }
        if let Ok(running) = &self.processes {
            for name in &names.processes {
                if running.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                    found.push(witness(format!("process {name}"), Testimony::Running, None));
                }
            }
        }
        let items = self.packages.as_ref().copied().unwrap_or_default();
        for (item, lower) in items.iter().zip(&self.lower) {
            if begins(&names.display_names, lower) {
                let name = format!("package {}", item.name);
                found.push(witness(
                    name,
                    Testimony::Installed,
                    Some(item.version.clone()),
                ));
            }
        }
        for folder in &names.folders {
            let paths: Vec<String> = self
                .folders
                .iter()
                .map(|it| format!(r"{it}\{folder}"))
                .collect();
            if paths.iter().any(|path| self.exists(path)) {
                found.push(witness(
                    format!("path {folder}"),
                    Testimony::Installed,
                    None,
                ));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn of_services(&self, names: &Windows) -> Vec<Witness> {
        let mut found = Vec::new();
        let (Ok(all), Ok(enabled), Ok(Some(running))) =
            (&self.units.files, &self.units.enabled, &self.units.running)
        else {
            return found;
        };
        for name in &names.services {
            let key = name.to_lowercase();
            if !all.contains(&key) {
                continue;
            }
            let says = if running.contains(&key) {
                Testimony::Running
            } else {
                Testimony::Stopped
            };
            found.push(witness(format!("service {name}"), says, None));
            if enabled.contains(&key) {
                found.push(witness(format!("service {name}"), Testimony::Enabled, None));
            }
        }
        found
    }

    /// Drivers of the kernel, as they were listed.
    pub(in crate::probe) fn drivers(&self) -> &[crate::platform::RawService] {
        self.drivers.as_deref().unwrap_or_default()
    }

    /// Whether a service runs.
    pub(in crate::probe) fn runs(&self, service: &str) -> bool {
        let running = self.units.running.as_ref().ok();
        let running = running.and_then(Option::as_ref);
        running.is_some_and(|all| all.contains(&service.to_lowercase()))
    }

    /// Notes if the registry does not tell what is below a key.
    pub(in crate::probe) fn needs(&mut self, key: &str) {
        if let Err(reason) = keys(self.source, key) {
            self.note(reason);
        }
    }

    /// Notes that a place could not be asked.
    pub(in crate::probe) fn note(&mut self, reason: Reason) {
        self.unread.push(reason);
    }
}
