//! Signs of lines and services that lead out of the hospital. Comes in: the machine's own file of
//! hosts, settings of its resolver, what goes past the proxy, listed folders; goes out: the body of
//! section `trace`; no name server is asked, no folder is listed and no credential is opened.

mod host;
mod listed;
mod resolver;
mod windows;

use daicho_report::{Hardware, Reading, Reason, Traces};

use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

const HOSTS: &str = "/etc/hosts";
const PROXY_BYPASS: &str = "/etc/environment, apt.conf";
/// systemd-resolved keeps a cache, and shows it to nobody but a program of its own.
const CACHE: &str = "resolver cache";
/// What Linux runs at set times stands in section `service`.
const SCHEDULER: &str = "Task Scheduler";
const CREDENTIALS: &str = "Credential Manager";
/// On Linux they stand in files together with their passwords: those are not opened.
const NETWORKS: &str = "NetworkList";
/// A file with more is a list of advertisers or something else that nobody reads.
const ENTRIES_MAX: usize = 2_000;
/// What stands for a name that is none of a host.
const OTHER: &str = "(other)";
/// Longest name of a host (RFC 1035 §2.3.4).
const NAME_MAX: usize = 253;

/// Reads the section.
#[must_use]
pub fn read(source: &Source, hardware: &Hardware) -> Traces {
    if source.system() == System::Windows {
        return windows::read(source, hardware);
    }
    Traces {
        hosts: host::read(source, hardware, HOSTS),
        resolved: unsupported(CACHE),
        resolver_rules: resolver::read(source),
        proxy_bypass: proxy_bypass(source, PROXY_BYPASS),
        folders: listed::folders(source),
        tasks: unsupported(SCHEDULER),
        credentials: unsupported(CREDENTIALS),
        networks: unsupported(NETWORKS),
    }
}

fn unsupported<T>(place: &str) -> Reading<Vec<T>> {
    Reading::unknown(Reason::Unsupported, place)
}

fn proxy_bypass(source: &Source, place: &str) -> Reading<Vec<String>> {
    let found = source.proxy_bypass().map_err(Miss::reason);
    bounded(found, place)
}

/// A list that a report can hold.
fn bounded<T: Ord>(found: Result<Vec<T>, Reason>, place: &str) -> Reading<Vec<T>> {
    let found = found.and_then(|mut all| {
        all.sort();
        all.dedup();
        if all.len() > ENTRIES_MAX {
            return Err(Reason::failed("too many entries"));
        }
        Ok(all)
    });
    Reading::from_result(found, place)
}

/// The name of a host or domain in lower-case letters, without the dots around it. Of what is none
/// (a number alone may be a date or a patient's), it is told that there is one.
fn name(text: &str) -> String {
    let text = text.trim_matches('.');
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let has_letter = text.contains(|c: char| c.is_ascii_alphabetic());
    if !has_letter || text.len() > NAME_MAX || !text.chars().all(fits) {
        return OTHER.to_owned();
    }
    text.to_ascii_lowercase()
}
