//! How the chain goes on after something was lost. Comes in: the newest progress that can be read
//! and the mark; goes out: a progress whose next number was never sent. It never repeats a number:
//! where it cannot know, it leaves numbers out, which the collector counts as missing.

use super::Progress;
use super::mark::{Mark, Read};

/// Numbers left out where the newest one is unknown. The lost progress was at most one report ahead,
/// and one more number is left out so that the collector sees a gap and expects no certain hash.
const LEFT_OUT: u64 = 2;

/// The newest progress, and what was sent after it while the disk was full.
pub(super) fn with_mark(mut progress: Progress, read: Option<Read>) -> Progress {
    let Some(Read { mark, .. }) = read else {
        return progress;
    };
    if mark.sequence > progress.sequence {
        tracing::warn!(
            stage = "state",
            saved = progress.sequence,
            sent = mark.sequence,
            "reports were sent that could not be saved"
        );
        go_on_after(&mut progress, &mark);
    }
    acknowledge(&mut progress, mark.acknowledged);
    progress
}

/// An older progress, or an empty one: the newest was lost.
pub(super) fn after_loss(mut progress: Progress, read: Option<Read>) -> Progress {
    match read {
        Some(Read { mark, certain }) if certain && mark.sequence >= progress.sequence => {
            go_on_after(&mut progress, &mark);
        }
        _ => {
            let marked = read.map_or(0, |it| it.mark.sequence);
            progress.sequence = progress.sequence.max(marked).saturating_add(LEFT_OUT);
            progress.gap();
        }
    }
    acknowledge(&mut progress, read.map_or(0, |it| it.mark.acknowledged));
    progress
}

fn go_on_after(progress: &mut Progress, mark: &Mark) {
    progress.sequence = mark.sequence;
    progress.previous = mark.previous;
    progress.gap();
}

fn acknowledge(progress: &mut Progress, acknowledged: u64) {
    let acknowledged = acknowledged.min(progress.sequence);
    progress.acknowledged = progress.acknowledged.max(acknowledged);
}
