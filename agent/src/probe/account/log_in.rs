//! Who is logged in now, and who was last: sessions of systemd-logind, and the system's log-in
//! records (utmp(5)). Names alone are taken: no terminal, no address.

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason};

use crate::platform::{Miss, Source};
use crate::probe::field::line;

const SESSIONS: &str = "/run/systemd/sessions";
const UTMP: &str = "/run/utmp";
const WTMP: &str = "/var/log/wtmp";
const RECORDS_BYTES_MAX: usize = 64 << 20;
const SESSIONS_MAX: usize = 2_000;

/// A record of utmp(5) on the 64-bit systems that the agent is built for.
const RECORD: usize = 384;
const USER_AT: usize = 44;
const USER_LEN: usize = 32;
/// USER_PROCESS.
const USER_PROCESS: i16 = 7;

/// Names with how they are known, from the places that this system keeps.
pub(super) fn read(source: &Source) -> Reading<BTreeSet<(String, &'static str)>> {
    let places = format!("{SESSIONS}, {UTMP}, {WTMP}");
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
    take(
        source
            .file_up_to(UTMP, RECORDS_BYTES_MAX)
            .map(|bytes| records(&bytes)),
        "session",
    );
    let last = source.file_up_to(WTMP, RECORDS_BYTES_MAX).map(|bytes| {
        let names = records(&bytes);
        names.last().cloned().into_iter().collect::<Vec<_>>()
    });
    take(last, "last");
    match (failed, read) {
        // What is known of others is worth more than nothing; only "nobody" needs every place.
        (Some(reason), _) if found.is_empty() => Reading::unknown(reason, places),
        (None, 0) => Reading::unknown(Reason::Unsupported, places),
        _ => Reading::known(found, places),
    }
}

fn sessions(source: &Source) -> Result<Vec<String>, Miss> {
    let mut names = Vec::new();
    for session in source.folder(SESSIONS)?.into_iter().take(SESSIONS_MAX) {
        if session.contains('.') {
            continue;
        }
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
fn records(bytes: &[u8]) -> Vec<String> {
    let people = bytes.chunks_exact(RECORD).filter_map(|record| {
        let kind = i16::from_le_bytes([*record.first()?, *record.get(1)?]);
        let name = record.get(USER_AT..USER_AT + USER_LEN)?;
        let name = name.split(|byte| *byte == 0).next()?;
        (kind == USER_PROCESS).then(|| line(&String::from_utf8_lossy(name)))?
    });
    people.collect()
}
