//! How far back the system's logs go and what they take. Comes in: names and heads of log files;
//! goes out: a time and a size; no line of a log is read.

use daicho_report::{Reading, Reason, Time};

use crate::platform::{Miss, Source};

const JOURNAL: &str = "/var/log/journal";
/// Kept in memory only: gone at the next start.
const JOURNAL_IN_MEMORY: &str = "/run/log/journal";
const LOGS: &str = "/var/log";
/// The logs that syslog writes, on Debian and on RHEL and SUSE.
const SYSLOG: &[&str] = &["syslog", "messages"];
const MACHINES_MAX: usize = 8;
const FILES_MAX: usize = 512;
/// Bytes of a journal file's header that are read, and where the time of its first entry stands
/// (`head_entry_realtime`, journal file format).
const HEADER: usize = 192;
const FIRST_ENTRY: std::ops::Range<usize> = 184..192;
const MICROSECONDS: u64 = 1_000_000;

/// Time of the oldest entry that is still there.
pub(super) fn oldest_at(source: &Source) -> Reading<Time> {
    let mut refused = None;
    let mut oldest: Option<(Time, &str)> = None;
    let places = [
        (JOURNAL, oldest_of_journal(source, JOURNAL)),
        (LOGS, oldest_of_syslog(source)),
    ];
    for (place, found) in places {
        match found {
            Ok(Some(at)) => oldest = oldest.into_iter().chain(Some((at, place))).min(),
            Ok(None) | Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => {
                refused.get_or_insert((reason, place));
            }
        }
    }
    if let Some((at, place)) = oldest {
        return Reading::known(at, place);
    }
    // What is kept in memory is all there is where neither writes to the disk.
    match oldest_of_journal(source, JOURNAL_IN_MEMORY) {
        Ok(Some(at)) if refused.is_none() => Reading::known(at, JOURNAL_IN_MEMORY),
        Err(Miss::Unknown(reason)) if refused.is_none() => {
            Reading::unknown(reason, JOURNAL_IN_MEMORY)
        }
        _ => match refused {
            Some((reason, place)) => Reading::unknown(reason, place),
            None => Reading::unknown(Reason::failed("no log"), LOGS),
        },
    }
}

/// Journals lie in one folder for each machine-id.
fn oldest_of_journal(source: &Source, folder: &str) -> Result<Option<Time>, Miss> {
    let mut oldest: Option<u64> = None;
    for machine in source.folder(folder)?.iter().take(MACHINES_MAX) {
        let place = format!("{folder}/{machine}");
        let Ok(names) = source.folder(&place) else {
            continue;
        };
        let journals = names.iter().filter(|name| name.contains(".journal"));
        for name in journals.take(FILES_MAX) {
            let head = source.head(&format!("{place}/{name}"), HEADER)?;
            let first = first_entry(&head).filter(|at| *at > 0);
            oldest = oldest.into_iter().chain(first).min();
        }
    }
    let seconds = oldest.and_then(|it| i64::try_from(it / MICROSECONDS).ok());
    Ok(seconds.map(Time::from_seconds))
}

fn first_entry(head: &[u8]) -> Option<u64> {
    if !head.starts_with(b"LPKSHHRH") {
        return None;
    }
    let bytes: [u8; 8] = head.get(FIRST_ENTRY)?.try_into().ok()?;
    Some(u64::from_le_bytes(bytes))
}

/// Rotated files keep the time of their last line: the oldest goes back at least that far.
fn oldest_of_syslog(source: &Source) -> Result<Option<Time>, Miss> {
    let names = source.folder(LOGS)?;
    let is_log = |name: &&String| {
        SYSLOG.iter().any(|log| {
            let rest = name.strip_prefix(log);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        })
    };
    let mut oldest: Option<i64> = None;
    for name in names.iter().filter(is_log).take(FILES_MAX) {
        match source.modified(&format!("{LOGS}/{name}")) {
            Ok(at) => oldest = oldest.into_iter().chain(Some(at)).min(),
            Err(Miss::Absent) => {}
            Err(miss) => return Err(miss),
        }
    }
    Ok(oldest.map(Time::from_seconds))
}

/// What the logs take on the disk.
pub(super) fn bytes(source: &Source) -> Reading<u64> {
    let of_logs = source.folder_bytes(LOGS);
    // A journal lies two levels down.
    let of_journal = match source.folder_bytes(JOURNAL) {
        Err(Miss::Absent) => Ok(0),
        answer => answer,
    };
    match (of_logs, of_journal) {
        (Ok(logs), Ok(journal)) => Reading::known(logs.saturating_add(journal), LOGS),
        (Err(miss), _) | (_, Err(miss)) => Reading::unknown(miss.reason(), LOGS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::replay::Bundle;

    fn journal(first: u64) -> Vec<u8> {
        let mut head = b"LPKSHHRH".to_vec();
        head.resize(184, 0);
        head.extend(first.to_le_bytes());
        head
    }

    #[test]
    fn the_oldest_journal_file_says_how_far_the_log_goes_back() {
        let place = format!("{JOURNAL}/4d");
        let bundle = Bundle::new("linux")
            .with_folder(JOURNAL, &["4d"])
            .with_folder(&place, &["system.journal", "system@1.journal", "x.txt"])
            .with_bytes(
                "head",
                &format!("{place}/system.journal"),
                &journal(1_700_000_500_000_000),
            )
            .with_bytes(
                "head",
                &format!("{place}/system@1.journal"),
                &journal(1_700_000_000_000_000),
            );
        let found = oldest_at(&Source::from_bundle(bundle));
        assert_eq!(found.value(), Some(&Time::from_seconds(1_700_000_000)));
    }

    #[test]
    fn logs_on_the_disk_go_before_those_in_memory() {
        let place = format!("{JOURNAL_IN_MEMORY}/4d");
        let memory = Bundle::new("linux")
            .with_folder(JOURNAL_IN_MEMORY, &["4d"])
            .with_folder(&place, &["system.journal"])
            .with_bytes(
                "head",
                &format!("{place}/system.journal"),
                &journal(1_700_000_000_000_000),
            )
            .with_nothing_else();
        let found = oldest_at(&Source::from_bundle(memory.clone()));
        assert_eq!(found.value(), Some(&Time::from_seconds(1_700_000_000)));
        let both = memory
            .with_folder(LOGS, &["messages", "messages-20230901"])
            .with("modified", "/var/log/messages", &1_700_000_900_i64)
            .with("modified", "/var/log/messages-20230901", &1_693_526_400_i64);
        let found = oldest_at(&Source::from_bundle(both));
        assert_eq!(found.value(), Some(&Time::from_seconds(1_693_526_400)));
    }

    #[test]
    fn a_log_that_may_not_be_read_is_not_called_missing() {
        let bundle = Bundle::new("linux")
            .with_miss("folder", JOURNAL, Miss::Unknown(Reason::Denied))
            .with_miss("folder", JOURNAL_IN_MEMORY, Miss::Absent)
            .with_folder(LOGS, &["dpkg.log", "syslog-ng"]);
        let bundle = bundle.with("modified", "/var/log/syslog-ng", &1_i64);
        let found = oldest_at(&Source::from_bundle(bundle.clone()));
        // `syslog-ng` is taken for a log of syslog, as `messages-20260101` is.
        assert_eq!(found.value(), Some(&Time::from_seconds(1)));
        let found = oldest_at(&Source::from_bundle(bundle.with_folder(LOGS, &["a"])));
        assert_eq!(found.reason(), Some(&Reason::Denied));
    }
}
