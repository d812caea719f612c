//! The next report, durable before anything of it counts. Comes in: what was collected; goes out: a
//! report in the spool, or in memory where the disk has no room. Its number is never used twice.

use super::{CollectError, Enrolled};
use crate::clock;
use crate::collect::Collected;
use crate::report::{Made, next};
use crate::spool::{SpoolError, Spooled, compress};
use crate::state::{Progress, Saved};

impl Enrolled {
    /// Makes the next report and keeps it durably, before anything of it counts. Where the disk has no
    /// room for the report, its number alone is durable and the report waits in memory: after a crash
    /// it is missing, but no other report ever gets its number.
    pub fn keep(
        &mut self,
        collected: Collected,
        source: &str,
    ) -> Result<daicho_report::Report, CollectError> {
        let made = next(collected, &self.progress, &self.key, source, clock::now())
            .map_err(CollectError::Report)?;
        for kind in &made.left_out {
            tracing::warn!(stage = "report", section = %kind, "too large to send");
        }
        let Made {
            report,
            boot_id,
            mut progress,
            ..
        } = made;
        let sequence = progress.sequence;
        let unkept = self.put(sequence, &report, &mut progress)?;
        match self.save(progress) {
            Ok(Saved::Whole) if unkept.is_none() => self.told.disk_is_well(),
            Ok(_) => {}
            Err(error) => {
                // It does not count: the next one gets the same number.
                let _ = self.spool.remove(sequence);
                return Err(error);
            }
        }
        self.unkept = unkept;
        self.boot_id = Some(boot_id);
        tracing::info!(stage = "report", sequence, bodies = report.bodies.len());
        Ok(report)
    }

    /// Into the spool, or back where the disk does not take it.
    fn put(
        &mut self,
        sequence: u64,
        report: &daicho_report::Report,
        progress: &mut Progress,
    ) -> Result<Option<Spooled>, CollectError> {
        let earlier = self.unkept.take();
        let earlier = earlier.filter(|it| it.sequence > self.progress.acknowledged);
        if earlier.is_some_and(|it| self.spool.put(it.sequence, &it.report).is_err()) {
            progress.gap();
        }
        let error = match self.spool.put(sequence, report) {
            Ok(0) => return Ok(None),
            Ok(dropped) => {
                tracing::warn!(stage = "spool", dropped, "oldest reports made room");
                progress.gap();
                return Ok(None);
            }
            Err(error @ SpoolError::File { .. }) => error,
            Err(error) => return Err(CollectError::Spool(error)),
        };
        self.told.disk(&error);
        // After a crash it would be missing.
        progress.gap();
        let encode = |error| CollectError::Spool(SpoolError::Encode(error));
        Ok(Some(Spooled {
            sequence,
            compressed: compress(report).map_err(encode)?,
            report: report.clone(),
        }))
    }
}
