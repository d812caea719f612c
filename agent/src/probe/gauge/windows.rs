//! Windows: how many programs run, and how far back the log of security goes. Comes in: names of
//! programs, the log's age and size; goes out: readings of section `gauges`; neither a program nor an
//! entry is named.

use daicho_report::{Reading, Reason, Time};

use crate::platform::{Answer, Miss, RawEventLog, Source};

#[cfg(test)]
mod tests;

/// Who was let in, and who was not: the log that an incident is read from.
const LOG: &str = "Security";
const SOURCE: &str = "Security.evtx";
const PROCESSES: &str = "CreateToolhelp32Snapshot";
/// Before 2000: a clock that was never set.
const EARLIEST: i64 = 946_684_800;

pub(super) fn process_count(source: &Source) -> Reading<u32> {
    let all = source.processes().map_err(Miss::reason);
    let count = all.and_then(|all| match u32::try_from(all.len()) {
        // The agent itself runs.
        Ok(0) | Err(_) => Err(Reason::failed("empty")),
        Ok(count) => Ok(count),
    });
    Reading::from_result(count, PROCESSES)
}

pub(super) fn log(source: &Source) -> Answer<RawEventLog> {
    source.event_log(LOG)
}

pub(super) fn oldest_at(log: &Answer<RawEventLog>) -> Reading<Time> {
    let oldest = log.clone().map_err(Miss::reason).and_then(|log| {
        let oldest = log.oldest_at.filter(|at| *at >= EARLIEST);
        oldest.ok_or(Reason::failed("no entry was told"))
    });
    Reading::from_result(oldest.map(Time::from_seconds), SOURCE)
}

pub(super) fn bytes(log: &Answer<RawEventLog>) -> Reading<u64> {
    let bytes = log.clone().map(|log| log.bytes).map_err(Miss::reason);
    Reading::from_result(bytes, SOURCE)
}
