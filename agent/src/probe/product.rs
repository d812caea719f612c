//! Products of a data file, and what this machine shows of them. Comes in: exact names of programs,
//! units, packages and paths; goes out: witnesses, each with its place, and what could not be asked;
//! it gives no verdict.

pub(super) mod windows;

use std::collections::BTreeSet;

use daicho_report::{
    AntivirusKind, Reading, Reason, SoftwareItem, SoftwareList, Testimony, Witness,
};
use serde::Deserialize;

use super::field::line;
use super::unit::Units;
use crate::platform::{Miss, RawService, Source, System};

#[cfg(test)]
mod tests;

/// The first process is there on every Linux; who cannot see it sees no list of all.
pub(crate) const FIRST_PROCESS: &str = "/proc/1/comm";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    product: Vec<Product>,
}

/// A product of a data file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Product {
    pub(crate) name: String,
    /// What a protection product does.
    pub(crate) kind: Option<AntivirusKind>,
    /// Who makes it.
    pub(crate) vendor: String,
    pub(crate) processes: Vec<String>,
    /// Names that others use as well: they count beside another witness only.
    pub(crate) ambiguous_processes: Vec<String>,
    pub(crate) units: Vec<String>,
    pub(crate) packages: Vec<String>,
    pub(crate) paths: Vec<String>,
    /// Beginnings of the names that the product gives its interfaces.
    pub(crate) interfaces: Vec<String>,
    /// The kernel's drivers of its interfaces, which may have any name.
    pub(crate) drivers: Vec<String>,
    /// Definition files with a header of ClamAV's form.
    pub(crate) clamav_definitions: Vec<String>,
    /// Hosts that its connections go to, for those who look at flows.
    pub(crate) domains: Vec<String>,
    /// How it is known on Windows, for the probes there.
    pub(crate) windows: Windows,
    /// Where the entry was read, when, and whether a public source says it.
    pub(crate) source: String,
    pub(crate) checked: String,
    pub(crate) confirmed: Option<bool>,
}

/// How a product is known on Windows.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Windows {
    /// Names of services; capitals do not matter.
    pub(crate) services: Vec<String>,
    /// Names of the kernel's drivers.
    pub(crate) drivers: Vec<String>,
    /// Names of programs with their ending.
    pub(crate) processes: Vec<String>,
    /// Folders below those of programs and their common data.
    pub(crate) folders: Vec<String>,
    /// Beginnings of the name under which it can be uninstalled, and in Security Center.
    pub(crate) display_names: Vec<String>,
    /// Drivers of its interfaces (`ComponentId`), in lower case.
    pub(crate) components: Vec<String>,
    /// Where the registry says how old its definitions are.
    pub(crate) definitions: Vec<Definitions>,
}

/// A value of the registry that tells when definitions were made.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Definitions {
    pub(crate) key: String,
    pub(crate) value: String,
    /// `filetime` (eight bytes), `ymd` (`2026/11/25 …`), `dmy` (`25-11-2026 …`).
    pub(crate) form: String,
}

/// The products of a data file, which is part of the program; a test reads each.
pub(crate) fn products(text: &str) -> Vec<Product> {
    let file = toml::from_str::<File>(text);
    let mut products = file.map(|it| it.product).unwrap_or_default();
    // Compared with thousands of names, all in lower case.
    for product in &mut products {
        for name in &mut product.windows.display_names {
            *name = name.to_lowercase();
        }
    }
    products
}

/// What every product is looked up in.
pub(crate) struct Places<'a> {
    source: &'a Source,
    units: &'a Units,
    processes: Result<BTreeSet<String>, Reason>,
    packages: Result<&'a [SoftwareItem], Reason>,
    packages_source: &'a str,
    /// Programs of others are kept from this account (`hidepid`, proc(5)).
    hidden: Option<Reason>,
    /// The kernel's drivers, on Windows; nothing where they could not be listed.
    drivers: Option<Vec<RawService>>,
    /// Names of the packages in lower case, on Windows.
    lower: Vec<String>,
    /// Folders below which programs of Windows are looked for.
    folders: Vec<String>,
    unread: Vec<Reason>,
}

impl<'a> Places<'a> {
    /// What they are read from.
    pub(crate) fn source(&self) -> &'a Source {
        self.source
    }

    pub(crate) fn new(source: &'a Source, units: &'a Units, software: &'a SoftwareList) -> Self {
        let processes = source.processes();
        let processes = processes.map(|all| all.into_iter().map(|it| it.name).collect());
        let packages = match &software.items {
            Reading::Known { value, .. } => Ok(value.as_slice()),
            Reading::Unknown { reason, .. } => Err(reason.clone()),
        };
        let hidden = match source.system() {
            System::Windows => None,
            System::Linux => match source.head(FIRST_PROCESS, 64) {
                Ok(_) => None,
                Err(Miss::Absent) => Some(Reason::Denied),
                Err(Miss::Unknown(reason)) => Some(reason),
            },
        };
        let processes: Result<BTreeSet<String>, Reason> = processes.map_err(Miss::reason);
        let reasons = [
            processes.as_ref().err(),
            packages.as_ref().err(),
            units.unread(),
            hidden.as_ref(),
        ];
        let mut unread: Vec<Reason> = reasons.into_iter().flatten().cloned().collect();
        let (mut drivers, mut folders, mut lower) = (None, Vec::new(), Vec::new());
        if source.system() == System::Windows {
            let names = packages.iter().copied().flatten();
            lower = names.map(|it| it.name.to_lowercase()).collect();
            match source.drivers() {
                Ok(all) => drivers = Some(all),
                Err(miss) => unread.push(miss.reason()),
            }
            match windows::folders(source) {
                Ok(all) => folders = all,
                Err(reason) => unread.push(reason),
            }
        }
        Self {
            source,
            units,
            processes,
            packages,
            packages_source: software.items.source(),
            hidden,
            drivers,
            lower,
            folders,
            unread,
        }
    }

    /// Whether the machine is one of Windows.
    pub(crate) fn is_windows(&self) -> bool {
        self.source.system() == System::Windows
    }

    /// Why "none found" cannot be said, if it cannot.
    pub(crate) fn unread(&self) -> Option<&Reason> {
        self.unread.first()
    }

    /// Whether a place that shows what runs could not be read.
    pub(crate) fn is_blind(&self) -> bool {
        let drivers = self.is_windows() && self.drivers.is_none();
        self.processes.is_err() || self.units.running.is_err() || self.hidden.is_some() || drivers
    }

    /// All witnesses of a product, sorted; none: nothing shows it.
    pub(crate) fn witnesses(&mut self, product: &Product) -> Vec<Witness> {
        if self.is_windows() {
            return self.of_windows(&product.windows);
        }
        let mut witnesses = Vec::new();
        self.processes_of(&product.processes, &mut witnesses);
        self.units_of(product, &mut witnesses);
        for item in self.items_of(product) {
            let raw = Some(item.version.clone());
            let name = format!("package {}", item.name);
            witnesses.push(witness(name, Testimony::Installed, raw));
        }
        for path in &product.paths {
            if self.exists(path) {
                witnesses.push(witness(format!("path {path}"), Testimony::Installed, None));
            }
        }
        if !witnesses.is_empty() {
            self.processes_of(&product.ambiguous_processes, &mut witnesses);
        }
        witnesses.sort();
        witnesses.dedup();
        witnesses
    }

    /// Version of the first of its packages.
    pub(crate) fn version(&self, product: &Product) -> Reading<String> {
        if let Err(reason) = &self.packages {
            return Reading::unknown(reason.clone(), self.packages_source);
        }
        match self.items_of(product).first() {
            Some(item) => Reading::known(item.version.clone(), format!("package {}", item.name)),
            None => Reading::unknown(Reason::failed("no package"), self.packages_source),
        }
    }

    fn items_of(&self, product: &Product) -> Vec<&'a SoftwareItem> {
        let all = self.packages.as_ref().copied().unwrap_or_default();
        let on_windows = self.is_windows();
        let its = all.iter().enumerate().filter_map(|(at, item)| {
            let is_its = if on_windows {
                let lower = self.lower.get(at);
                lower.is_some_and(|it| windows::begins(&product.windows.display_names, it))
            } else {
                product.packages.contains(&item.name)
            };
            is_its.then_some(item)
        });
        its.collect()
    }

    /// What is there under a path; one that could not be asked is noted.
    fn exists(&mut self, path: &str) -> bool {
        match self.source.exists(path) {
            Ok(there) => there,
            Err(Miss::Absent) => false,
            Err(Miss::Unknown(reason)) => {
                self.unread.push(reason);
                false
            }
        }
    }

    fn processes_of(&self, names: &[String], witnesses: &mut Vec<Witness>) {
        let Ok(all) = &self.processes else {
            return;
        };
        for name in names.iter().filter(|name| all.contains(*name)) {
            witnesses.push(witness(format!("process {name}"), Testimony::Running, None));
        }
    }

    fn units_of(&self, product: &Product, witnesses: &mut Vec<Witness>) {
        let named = |names: &BTreeSet<String>, unit: &str| {
            Units::matching(names, unit).map(|found| format!("unit {found}"))
        };
        for unit in &product.units {
            let there = self
                .units
                .files
                .as_ref()
                .ok()
                .and_then(|all| named(all, unit));
            let enabled = self
                .units
                .enabled
                .as_ref()
                .ok()
                .and_then(|all| named(all, unit));
            let running = match &self.units.running {
                Ok(Some(all)) => Some(named(all, unit)),
                _ => None,
            };
            match (running, there) {
                (Some(Some(name)), _) => witnesses.push(witness(name, Testimony::Running, None)),
                (Some(None), Some(name)) => {
                    witnesses.push(witness(name, Testimony::Stopped, None));
                }
                (None, Some(name)) => witnesses.push(witness(name, Testimony::Installed, None)),
                (_, None) => {}
            }
            if let Some(name) = enabled {
                witnesses.push(witness(name, Testimony::Enabled, None));
            }
        }
    }
}

pub(crate) fn witness(source: String, says: Testimony, raw: Option<String>) -> Witness {
    Witness {
        source,
        says,
        raw: raw.as_deref().and_then(line),
    }
}

/// How many kinds of place (process, unit, package, path) say this.
pub(crate) fn kinds(witnesses: &[Witness], says: Testimony) -> usize {
    let kinds: BTreeSet<&str> = witnesses
        .iter()
        .filter(|it| it.says == says)
        .filter_map(|it| it.source.split(' ').next())
        .collect();
    kinds.len()
}
