//! Who is logged in now, who was last, and who is logged in without being asked: sessions of
//! systemd-logind, the system's log-in records (utmp(5)), settings of display managers. Names alone
//! are taken: no terminal, no address.

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason};

use super::auto;
use crate::platform::{Miss, Source, record};
use crate::probe::field::line;

const SESSIONS: &str = "/run/systemd/sessions";
const UTMP: &str = "/run/utmp";
const WTMP: &str = "/var/log/wtmp";
/// 10,000 sessions.
const UTMP_BYTES_MAX: usize = 4 << 20;
const WTMP_BYTES_MAX: usize = 64 << 20;
const SESSIONS_MAX: usize = 2_000;

/// Names with how they are known.
type Names = BTreeSet<(String, &'static str)>;

/// Names with how they are known, from the places that this system keeps.
pub(super) fn read(source: &Source) -> Reading<Names> {
    let mut places = format!("{SESSIONS}, {UTMP}, {WTMP}");
    let mut found = BTreeSet::new();
    let (mut read, mut failed) = (0, None);
    let mut take = |answer: Result<Vec<String>, Miss>, how: &'static str| match answer {
        Ok(names) => {
            read += 1;
            found.extend(names.into_iter().map(|name| (name, how)));
        }
        Err(Miss::Absent) => {}
        Err(Miss::Unknown(reason)) => failed = Some(reason),
    };
    take(sessions(source), "session");
    let now = source.file_up_to(UTMP, UTMP_BYTES_MAX);
    take(now.and_then(|bytes| people(&bytes)), "session");
    take(last(source), "last");
    match auto::read(source) {
        // An older recording: nobody asked.
        Err(Miss::Unknown(Reason::NotAsked)) => {}
        Ok(names) => {
            places.push_str(", ");
            places.push_str(auto::PLACES);
            found.extend(names.into_iter().map(|name| (name, "auto")));
        }
        Err(Miss::Absent) => {}
        Err(Miss::Unknown(reason)) => failed = Some(reason),
    }
    match (failed, read) {
        // What is known of others is worth more than nothing; only "nobody" needs every place.
        (Some(reason), _) if found.is_empty() => Reading::unknown(reason, places),
        (None, 0) if found.is_empty() => Reading::unknown(Reason::Unsupported, places),
        _ => Reading::known(found, places),
    }
}

fn sessions(source: &Source) -> Result<Vec<String>, Miss> {
    let mut names = Vec::new();
    let mut sessions = source.folder(SESSIONS)?;
    sessions.retain(|session| !session.contains('.'));
    if sessions.len() > SESSIONS_MAX {
        return Err(Miss::Unknown(Reason::failed("too many entries")));
    }
    for session in sessions {
        // One that ended meanwhile is no failure.
        let text = match source.text(&format!("{SESSIONS}/{session}")) {
            Ok(text) => text,
            Err(Miss::Absent) => continue,
            Err(miss) => return Err(miss),
        };
        let value = |key: &str| {
            let found = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found.unwrap_or_default().to_owned()
        };
        if matches!(
            value("CLASS").as_str(),
            "user" | "user-early" | "user-light"
        ) && let Some(name) = line(&value("USER"))
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// Names of the records of people, in their order.
fn people(bytes: &[u8]) -> Result<Vec<String>, Miss> {
    let people = record::people(bytes).ok_or(Miss::Unknown(Reason::failed("record")))?;
    Ok(people.iter().filter_map(|name| line(name)).collect())
}

/// The last person in the records; the end of the file mostly tells.
fn last(source: &Source) -> Result<Vec<String>, Miss> {
    let end = source.tail(WTMP, record::TAIL_BYTES);
    let end = end.and_then(|bytes| people(&bytes));
    let mut names = match end {
        Ok(names) if !names.is_empty() => names,
        // Nobody in it, or it does not begin with a record.
        _ => people(&source.file_up_to(WTMP, WTMP_BYTES_MAX)?)?,
    };
    Ok(names.pop().into_iter().collect())
}
