//! Until when the maker of a system supports its release. Comes in: what a machine says its system
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
    /// The entry for a system: of several that fit, the one with the longest version.
    #[must_use]
    pub fn of(os: &Os) -> Option<&'static Self> {
        let (id, version) = (os.id.value()?, os.version.value()?);
        let fits = |it: &&Self| it.id == *id && is_within(version, &it.version);
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

/// `12` is 12 and 12.5, never 120.
fn is_within(version: &str, stated: &str) -> bool {
    let rest = version.strip_prefix(stated);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use daicho_report::Reading;

    use super::*;

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
}
