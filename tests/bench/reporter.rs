//! A made-up machine with the agent's own report chain. Comes in: hours that pass and the collector's
//! answers; goes out: signed, compressed reports as they travel. Its reports are made by the agent's
//! code, not by this one.

use anyhow::Context;
use daicho_agent::report::next;
use daicho_agent::spool::compress;
use daicho_agent::state::Progress;
use daicho_report::{Envelope, ReportKey};

use crate::churn::Machine;

/// What happens in the hour before a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hour {
    /// What changes changes.
    Busy,
    /// Nothing.
    Quiet,
    /// What changes changes, and the whole report travels, as for a collector that has nothing.
    Whole,
}

/// One made-up machine that reports.
pub(crate) struct Reporter {
    machine: Machine,
    key: ReportKey,
    progress: Progress,
    start: i64,
}

impl Reporter {
    pub(crate) fn new(machine: Machine, key: ReportKey, start: i64) -> Self {
        Self {
            machine,
            key,
            progress: Progress::default(),
            start,
        }
    }

    /// The next report: bytes and envelope.
    pub(crate) fn next(&mut self, hour: Hour) -> anyhow::Result<(Vec<u8>, Envelope)> {
        match hour {
            Hour::Busy | Hour::Whole => self.machine.pass_hour(),
            Hour::Quiet => self.machine.pass_quiet_hour(),
        }
        if hour == Hour::Whole {
            self.progress.known.clear();
            self.progress.gap();
        }
        let collected = self.machine.collected(self.start)?;
        let at = self.machine.at(self.start);
        let made = next(collected, &self.progress, &self.key, "bench", at)?;
        self.progress = made.progress;
        let envelope = made.report.open().context("read the own report")?;
        Ok((compress(&made.report).context("compress")?, envelope))
    }

    /// The collector has it.
    pub(crate) fn acknowledged(&mut self, envelope: &Envelope) {
        self.progress.acknowledge(envelope);
    }
}
