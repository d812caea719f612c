//! Until when the maker of a system supports its release, and that of a protection product its version. Comes in: what a machine says its system
//! is; goes out: the entry of the data file for it; a release that is not in the file is unknown,
//! never unsupported.

use std::sync::LazyLock;

use daicho_report::{Os, Time};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    release: Vec<Release>,
}

/// A release of a system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The system's own name for its maker's line (`debian`).
    pub id: String,
    /// Its version, or the beginning of it up to a dot.
    pub version: String,
    /// Editions that it is for, as the agent calls them; none named: all of them.
    #[serde(default)]
    pub editions: Vec<String>,
    /// For people.
    pub name: String,
    /// Last day of regular support, `2026-06-10`.
    pub ends: String,
    /// Last day of longer support that costs money or is kept by others.
    pub extended_ends: Option<String>,
    /// What that is called.
    pub extended: Option<String>,
    /// Where the dates were read.
    pub source: String,
    /// When they were read.
    pub checked: String,
}

/// The file is part of the program and a test reads it.
static RELEASES: LazyLock<Vec<Release>> = LazyLock::new(|| {
    let read = toml::from_str::<File>(include_str!("data/os_support.toml"));
    read.map(|it| it.release).unwrap_or_default()
});

impl Release {
    /// The entry for a system: of several that fit, the one with the longest version. Where the entries
    /// name editions, one that is not named, or not known, has none.
    #[must_use]
    pub fn of(os: &Os) -> Option<&'static Self> {
        let (id, version) = (os.id.value()?, os.version.value()?);
        let edition = os.edition.value().and_then(Option::as_ref);
        let fits = |it: &&Self| {
            let named =
                it.editions.is_empty() || edition.is_some_and(|own| it.editions.contains(own));
            it.id == *id && is_within(version, &it.version) && named
        };
        RELEASES
            .iter()
            .filter(fits)
            .max_by_key(|it| it.version.len())
    }

    /// Whether this day (`2026-11-25`) lies behind the last day of regular support.
    #[must_use]
    pub fn has_ended(&self, day: &str) -> bool {
        day > self.ends.as_str()
    }

    /// The first second of the last day, for distances.
    #[must_use]
    pub fn last_day(&self) -> Option<Time> {
        Time::parse(&format!("{}T00:00:00Z", self.ends)).ok()
    }
}

/// A version of a protection product whose support has ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// The product, as the agent calls it.
    pub product: String,
    /// Versions below this one; `None`: all of them.
    pub below: Option<String>,
    /// Last day of support, `2024-12-31`.
    pub ends: String,
    /// Where it was read.
    pub source: String,
    /// When it was read.
    pub checked: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetiredFile {
    entry: Vec<Retired>,
}

/// The file is part of the program and a test reads it.
static RETIRED: LazyLock<Vec<Retired>> = LazyLock::new(|| {
    let read = toml::from_str::<RetiredFile>(include_str!("data/antivirus_support.toml"));
    read.map(|it| it.entry).unwrap_or_default()
});

impl Retired {
    /// The entry for a product's version. A product or version that is not there is unknown, never
    /// supported.
    #[must_use]
    pub fn of(product: &str, version: Option<&str>) -> Option<&'static Self> {
        let fits = |it: &&Self| match (&it.below, version) {
            (None, _) => true,
            (Some(below), Some(version)) => is_below(version, below),
            (Some(_), None) => false,
        };
        let entries = RETIRED.iter().filter(|it| it.product == product);
        let mut entries: Vec<&Self> = entries.filter(fits).collect();
        // The lowest bound that still holds says most.
        entries.sort_by(|a, b| a.ends.cmp(&b.ends));
        entries.into_iter().next()
    }
}

/// Whether a version of numbers and dots stands before another.
fn is_below(version: &str, bound: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        let parts = text.trim().split('.');
        parts.map(|it| it.parse().ok()).collect()
    };
    match (numbers(version), numbers(bound)) {
        (Some(version), Some(bound)) => version < bound,
        // What is no version in numbers is not compared.
        _ => false,
    }
}

/// A data file of this version: what it is, and the days on which its entries were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// In Japanese.
    pub ja: &'static str,
    /// In English.
    pub en: &'static str,
    /// The oldest and the newest day of reading.
    pub checked: (String, String),
}

/// The data files that verdicts rest on.
#[must_use]
pub fn data_files() -> Vec<DataFile> {
    let file = |ja, en, mut days: Vec<String>| {
        days.sort();
        let (first, last) = (days.first().cloned(), days.last().cloned());
        first.zip(last).map(|checked| DataFile { ja, en, checked })
    };
    let releases = RELEASES.iter().map(|it| it.checked.clone()).collect();
    let retired = RETIRED.iter().map(|it| it.checked.clone()).collect();
    let forms = crate::checklist::shipped().iter();
    let forms = forms.map(|it| it.checked.clone()).collect();
    let files = [
        file("OSのサポート期限", "support of systems", releases),
        file(
            "ウイルス対策製品のサポート期限",
            "support of protection products",
            retired,
        ),
        file("チェックリストの様式", "forms of checklists", forms),
    ];
    files.into_iter().flatten().collect()
}

/// `12` is 12 and 12.5, never 120.
fn is_within(version: &str, stated: &str) -> bool {
    let rest = version.strip_prefix(stated);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use daicho_report::Reading;

    use super::*;

    #[test]
    fn version_before_the_bound_has_no_support_and_an_unknown_one_is_not_judged() {
        let text = include_str!("data/antivirus_support.toml");
        assert_eq!(RETIRED.len(), text.matches("[[entry]]").count());
        let sep = "Symantec Endpoint Protection";
        let ends =
            |product: &str, version| Retired::of(product, version).map(|it| it.ends.as_str());
        assert_eq!(ends(sep, Some("14.2.5587.2100")), Some("2024-12-31"));
        assert_eq!(ends(sep, Some("14.3.1169.0100")), None);
        assert_eq!(ends(sep, None), None);
        assert_eq!(ends(sep, Some("14.2 RU1")), None);
        assert_eq!(ends("Unknown", Some("1.0")), None);
        let apex = &RETIRED[1].product;
        assert_eq!(ends(apex, Some("14.0.10101")), Some("2023-10-31"));
        assert_eq!(ends(apex, Some("14.0.12010")), Some("2024-07-31"));
        assert_eq!(ends(apex, Some("14.0.12380")), Some("2025-02-28"));
        assert_eq!(ends(apex, Some("14.0.12990")), None);
    }

    #[test]
    fn every_data_file_says_when_it_was_read() {
        for file in data_files() {
            for day in [&file.checked.0, &file.checked.1] {
                assert!(Time::parse(&format!("{day}T00:00:00Z")).is_ok(), "{file:?}");
            }
        }
        assert_eq!(data_files().len(), 3);
    }

    fn os(id: &str, version: &str) -> Os {
        Os {
            id: Reading::known(id.to_owned(), "/etc/os-release"),
            version: Reading::known(version.to_owned(), "/etc/os-release"),
            ..Os::default()
        }
    }

    #[test]
    fn every_entry_has_days_that_are_days_and_a_source() {
        let text = include_str!("data/os_support.toml");
        assert_eq!(RELEASES.len(), text.matches("[[release]]").count());
        for release in RELEASES.iter() {
            let days = [
                Some(&release.ends),
                release.extended_ends.as_ref(),
                Some(&release.checked),
            ];
            for day in days.into_iter().flatten() {
                assert!(
                    Time::parse(&format!("{day}T00:00:00Z")).is_ok(),
                    "{release:?}"
                );
            }
            assert_eq!(release.extended.is_some(), release.extended_ends.is_some());
            assert!(!release.source.is_empty() && !release.name.is_empty());
            assert!(
                release
                    .extended_ends
                    .as_ref()
                    .is_none_or(|it| *it >= release.ends)
            );
        }
    }

    #[test]
    fn the_longest_version_that_fits_counts() {
        let name =
            |id: &str, version: &str| Release::of(&os(id, version)).map(|it| it.version.as_str());
        assert_eq!(name("debian", "12.5"), Some("12"));
        assert_eq!(name("debian", "120"), None);
        assert_eq!(name("sles", "15.5"), Some("15.5"));
        assert_eq!(name("nobody", "1"), None);
    }

    #[test]
    fn support_ends_with_its_last_day_and_not_before() {
        let release = Release::of(&os("debian", "11.2")).unwrap();
        assert!(!release.has_ended(&release.ends));
        assert!(release.has_ended("2099-01-01"));
        assert!(!release.has_ended("2001-01-01"));
    }

    fn windows(id: &str, version: &str, edition: &str) -> Option<&'static str> {
        let os = Os {
            edition: Reading::known(Some(edition.to_owned()), "EditionID"),
            ..os(id, version)
        };
        Release::of(&os).map(|it| it.ends.as_str())
    }

    #[test]
    fn one_build_of_windows_ends_on_the_day_of_its_edition() {
        let build = "10.0.19044.4291";
        assert_eq!(windows("windows", build, "Pro"), Some("2023-06-13"));
        assert_eq!(windows("windows", build, "Enterprise"), Some("2024-06-11"));
        let ltsc = windows("windows", build, "Enterprise LTSC 2021");
        assert_eq!(ltsc, Some("2027-01-12"));
        let iot = windows("windows", build, "IoT Enterprise LTSC 2021");
        assert_eq!(iot, Some("2032-01-13"));
        let build = "10.0.26100.2314";
        assert_eq!(windows("windows", build, "Pro"), Some("2026-10-13"));
        let iot = windows("windows", build, "IoT Enterprise LTSC 2024");
        assert_eq!(iot, Some("2034-10-10"));
        // A server of the same build is another system.
        let server = windows("windows_server", build, "ServerStandard");
        assert_eq!(server, Some("2034-10-10"));
        assert_eq!(windows("windows", "6.1.7601", "Pro"), Some("2020-01-14"));
    }

    #[test]
    fn edition_or_build_of_windows_that_nobody_named_is_unknown() {
        assert_eq!(windows("windows", "10.0.19045.4630", "Cloud"), None);
        assert_eq!(windows("windows", "10.0.99999.1", "Pro"), None);
        assert_eq!(Release::of(&os("windows", "10.0.19044.1")), None);
    }

    #[test]
    fn no_two_entries_are_for_the_same_edition_of_a_build() {
        let mut seen = std::collections::BTreeSet::new();
        for it in RELEASES.iter() {
            for edition in &it.editions {
                assert!(seen.insert((&it.id, &it.version, edition)), "{it:?}");
            }
        }
    }
}
