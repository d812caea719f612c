//! Trouble of the machine in the log, in words for a person. Comes in: errors of disk and clock; goes
//! out: one line with the next step when trouble begins, and one when it has gone. It never repeats
//! a line every minute.

use crate::message::{Lang, Told, chain, fill};

/// Each trouble of the machine is told once until it has gone.
#[derive(Debug, Default)]
pub(super) struct Once {
    disk: Option<&'static str>,
    clock: bool,
}

impl Once {
    pub(super) fn disk(&mut self, error: &dyn Told) {
        let code = error.code();
        if self.disk.replace(code) == Some(code) {
            return;
        }
        let told = fill(code, Lang::default(), &error.detail(Lang::default()));
        let error = chain(error);
        tracing::warn!(stage = "spool", code, told, error);
    }

    pub(super) fn disk_is_well(&mut self) {
        if self.disk.take().is_some() {
            tracing::info!(stage = "spool", "the disk takes everything again");
        }
    }

    pub(super) fn clock(&mut self, error_s: Option<i64>) {
        let was = std::mem::replace(&mut self.clock, error_s.is_some());
        if let Some(error_s) = error_s.filter(|_| !was) {
            let code = "AGT-036";
            let days = error_s.unsigned_abs() / 86_400;
            let way = if error_s < 0 { "遅れ" } else { "進み" };
            let told = fill(code, Lang::default(), &format!("{days} 日の{way}"));
            tracing::warn!(stage = "submit", code, error_s, told);
        }
    }
}
