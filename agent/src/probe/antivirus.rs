//! Protection products: what processes, service units, packages and paths say, and the verdict.
//! "Running" needs two kinds of witness; "none found" needs that every place could be read.

use std::sync::LazyLock;

use daicho_report::{
    Antivirus, AntivirusKind, AntivirusProduct, AntivirusVerdict, Reading, Reason, SoftwareItem,
    SoftwareList, Testimony, Time, Witness,
};
use serde::Deserialize;

use super::field::line;
use crate::platform::{Answer, Miss, Source};

#[cfg(test)]
mod tests;

/// Places of unit files, in the order of systemd's own search.
const UNIT_FILES: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
const WANTED: &str = "/etc/systemd/system/multi-user.target.wants";
/// Running services have a folder here: the unified hierarchy, then the old one.
const SLICES: &[&str] = &[
    "/sys/fs/cgroup/system.slice",
    "/sys/fs/cgroup/systemd/system.slice",
];
/// The first process is there on every Linux; who cannot see it sees no list of all.
const FIRST_PROCESS: &str = "/proc/1/comm";
/// A definitions file of ClamAV begins with a header of this length.
const HEADER: usize = 512;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Products {
    product: Vec<Product>,
}

/// A product of the data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    name: String,
    kind: AntivirusKind,
    processes: Vec<String>,
    units: Vec<String>,
    packages: Vec<String>,
    paths: Vec<String>,
    #[serde(default)]
    clamav_definitions: Vec<String>,
    #[allow(dead_code, reason = "for people who check the file")]
    source: String,
    #[allow(dead_code, reason = "for people who check the file")]
    checked: String,
}

/// The data file is part of the program and a test reads it.
static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
    let read = toml::from_str::<Products>(include_str!("../data/antivirus.toml"));
    read.map(|it| it.product).unwrap_or_default()
});

/// What every product is looked up in.
struct Places<'a> {
    source: &'a Source,
    processes: Result<Vec<String>, Reason>,
    packages: Result<&'a [SoftwareItem], Reason>,
    /// Services that run; `None`: this system has no such place.
    running: Result<Option<Vec<String>>, Reason>,
    wanted: Vec<String>,
    /// Programs of others are kept from this account (`hidepid`, proc(5)).
    hidden: Option<Reason>,
    unread: Vec<Reason>,
}

/// Reads the section.
#[must_use]
pub fn read(source: &Source, software: &SoftwareList) -> Antivirus {
    let mut places = Places::new(source, software);
    let mut products: Vec<AntivirusProduct> = PRODUCTS
        .iter()
        .filter_map(|product| places.product(product))
        .collect();
    products.sort();
    let best = products.iter().map(|it| it.verdict).min();
    let what = "processes, units, packages, paths";
    let verdict = match (best, places.unread.first()) {
        (Some(verdict), _) => Reading::known(verdict, what),
        (None, None) => Reading::known(AntivirusVerdict::NoneFound, what),
        (None, Some(reason)) => Reading::unknown(reason.clone(), what),
    };
    let products = match places.unread.first() {
        Some(reason) if products.is_empty() => Reading::unknown(reason.clone(), what),
        _ => Reading::known(products, what),
    };
    Antivirus { products, verdict }
}

impl<'a> Places<'a> {
    fn new(source: &'a Source, software: &'a SoftwareList) -> Self {
        let processes = source
            .processes()
            .map(|all| all.into_iter().map(|it| it.name).collect());
        let packages = match &software.items {
            Reading::Known { value, .. } => Ok(value.as_slice()),
            Reading::Unknown { reason, .. } => Err(reason.clone()),
        };
        let mut places = Self {
            source,
            processes: processes.map_err(Miss::reason),
            packages,
            running: running(source).map_err(Miss::reason),
            wanted: source.folder(WANTED).unwrap_or_default(),
            hidden: match source.head(FIRST_PROCESS, 64) {
                Ok(_) => None,
                Err(Miss::Absent) => Some(Reason::Denied),
                Err(Miss::Unknown(reason)) => Some(reason),
            },
            unread: Vec::new(),
        };
        let reasons = [
            places.processes.as_ref().err(),
            places.packages.as_ref().err(),
            places.running.as_ref().err(),
            places.hidden.as_ref(),
        ];
        places.unread = reasons.into_iter().flatten().cloned().collect();
        places
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

    /// The product, if anything shows it.
    fn product(&mut self, product: &Product) -> Option<AntivirusProduct> {
        let mut witnesses = Vec::new();
        self.processes_of(product, &mut witnesses);
        self.units_of(product, &mut witnesses);
        let version = self.packages_of(product, &mut witnesses);
        for path in &product.paths {
            if self.exists(path) {
                witnesses.push(witness(format!("path {path}"), Testimony::Installed, None));
            }
        }
        if witnesses.is_empty() {
            return None;
        }
        witnesses.sort();
        let blind = self.processes.is_err() || self.running.is_err() || self.hidden.is_some();
        Some(AntivirusProduct {
            name: product.name.clone(),
            kind: product.kind,
            version,
            definitions_at: self.definitions(product),
            verdict: verdict(&witnesses, blind),
            witnesses,
        })
    }

    fn processes_of(&self, product: &Product, witnesses: &mut Vec<Witness>) {
        let all = self.processes.as_deref().unwrap_or_default();
        for name in product.processes.iter().filter(|name| all.contains(name)) {
            witnesses.push(witness(format!("process {name}"), Testimony::Running, None));
        }
    }

    fn units_of(&mut self, product: &Product, witnesses: &mut Vec<Witness>) {
        for unit in &product.units {
            let files = UNIT_FILES.iter().map(|folder| format!("{folder}/{unit}"));
            let there = files
                .collect::<Vec<_>>()
                .iter()
                .any(|file| self.exists(file));
            let runs = match &self.running {
                Ok(Some(all)) => Some(all.contains(unit)),
                _ => None,
            };
            let name = format!("unit {unit}");
            match runs {
                Some(true) => witnesses.push(witness(name.clone(), Testimony::Running, None)),
                Some(false) if there => {
                    witnesses.push(witness(name.clone(), Testimony::Stopped, None));
                }
                _ if there => witnesses.push(witness(name.clone(), Testimony::Installed, None)),
                _ => {}
            }
            if there && self.wanted.contains(unit) {
                witnesses.push(witness(name, Testimony::Enabled, None));
            }
        }
    }

    fn packages_of(&self, product: &Product, witnesses: &mut Vec<Witness>) -> Reading<String> {
        let all = match &self.packages {
            Ok(all) => all,
            Err(reason) => return Reading::unknown(reason.clone(), "packages"),
        };
        let mut found = all
            .iter()
            .filter(|item| product.packages.contains(&item.name))
            .peekable();
        let version = match found.peek() {
            Some(item) => Reading::known(item.version.clone(), format!("package {}", item.name)),
            None => Reading::unknown(Reason::failed("no package"), "packages"),
        };
        for item in found {
            let name = format!("package {}", item.name);
            witnesses.push(witness(
                name,
                Testimony::Installed,
                Some(item.version.clone()),
            ));
        }
        version
    }

    /// The date on which the definitions were built, as their header says.
    fn definitions(&self, product: &Product) -> Reading<Time> {
        if product.clamav_definitions.is_empty() {
            return Reading::unknown(Reason::Unsupported, product.name.clone());
        }
        let mut reason = Reason::failed("ENOENT");
        for path in &product.clamav_definitions {
            match self.source.head(path, HEADER) {
                Ok(bytes) => {
                    return match built_at(&bytes) {
                        Some(at) => Reading::known(at, path.clone()),
                        None => Reading::unknown(Reason::failed("header"), path.clone()),
                    };
                }
                Err(Miss::Unknown(why)) => reason = why,
                Err(Miss::Absent) => {}
            }
        }
        Reading::unknown(reason, product.clamav_definitions.join(", "))
    }
}

fn witness(source: String, says: Testimony, raw: Option<String>) -> Witness {
    Witness {
        source,
        says,
        raw: raw.as_deref().and_then(line),
    }
}

/// Names of running services, where the system keeps them.
fn running(source: &Source) -> Answer<Option<Vec<String>>> {
    for slice in SLICES {
        match source.folder(slice) {
            Ok(names) => return Ok(Some(names)),
            Err(Miss::Absent) => {}
            Err(miss) => return Err(miss),
        }
    }
    Ok(None)
}

/// Field 9 of the header: seconds since 1970 (`ClamAV-VDB:date:version:…:builder:seconds`).
fn built_at(header: &[u8]) -> Option<Time> {
    let text = String::from_utf8_lossy(header);
    let text = text.strip_prefix("ClamAV-VDB:")?;
    let seconds: i64 = text.split(':').nth(7)?.trim().parse().ok()?;
    (seconds > 0).then(|| Time::from_seconds(seconds))
}

/// The verdict from the witnesses; `blind`: a place that shows what runs could not be read.
fn verdict(witnesses: &[Witness], blind: bool) -> AntivirusVerdict {
    let kinds = |says: Testimony| {
        let mut kinds: Vec<&str> = witnesses
            .iter()
            .filter(|it| it.says == says)
            .filter_map(|it| it.source.split(' ').next())
            .collect();
        kinds.dedup();
        kinds.len()
    };
    match (kinds(Testimony::Running), kinds(Testimony::Stopped)) {
        (0, _) if blind => AntivirusVerdict::Unclear,
        (0, _) => AntivirusVerdict::NotRunning,
        (1, _) => AntivirusVerdict::ToConfirm,
        _ => AntivirusVerdict::Running,
    }
}
