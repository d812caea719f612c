//! What the collector's answer means for the next reports. Comes in: an answer and what was sent;
//! goes out: the changed progress and what to do now. It never does what no field asks for.

use daicho_report::{Envelope, Reply, SectionKind, Time};

use crate::message::{Exit, Lang, Told};
use crate::state::{HeadNotice, Progress};

/// No collector makes the agent report more often than this.
pub const NEXT_REPORT_MIN_S: u32 = 60;
/// No collector makes the agent silent for longer than this.
pub const NEXT_REPORT_MAX_S: u32 = 86_400;
/// More kinds than any agent has.
const WANTED_MAX: usize = 64;

/// Why an answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The collector has reports that this agent has not made: the state was restored or copied.
    #[error("go on: the collector has report {acknowledged}, this agent made {made}")]
    Ahead {
        /// What it has.
        acknowledged: u64,
        /// What we made.
        made: u64,
    },
}

impl Told for ReplyError {
    fn code(&self) -> &'static str {
        "AGT-017"
    }
    fn exit(&self) -> Exit {
        Exit::Alarm
    }
    fn detail(&self, _lang: Lang) -> String {
        let Self::Ahead { acknowledged, made } = self;
        format!("{made} < {acknowledged}")
    }
}

/// What to do after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followup {
    /// The report is stored.
    Stored,
    /// Send the same report again with the bodies of these sections.
    Resend(Vec<SectionKind>),
    /// Not stored, and no word why.
    Silent,
}

/// Takes an answer in. `waiting` are the envelopes of the spool, of which those that the answer
/// acknowledges have arrived.
pub fn take_in(
    reply: &Reply,
    sent: u64,
    waiting: &[Envelope],
    progress: &mut Progress,
    now: Time,
) -> Result<(Followup, HeadNotice), ReplyError> {
    if reply.acknowledged > progress.sequence {
        return Err(ReplyError::Ahead {
            acknowledged: reply.acknowledged,
            made: progress.sequence,
        });
    }
    for envelope in waiting
        .iter()
        .filter(|it| it.sequence <= reply.acknowledged)
    {
        progress.acknowledge(envelope);
        progress.acknowledged_at = Some(now);
    }
    let wanted: Vec<SectionKind> = reply.send_whole.iter().take(WANTED_MAX).cloned().collect();
    for kind in &wanted {
        progress.want_whole(kind);
    }
    let notice = progress.see_head(&reply.head);
    progress.next_report_s = Some(
        reply
            .next_report_s
            .clamp(NEXT_REPORT_MIN_S, NEXT_REPORT_MAX_S),
    );
    let followup = match wanted {
        _ if reply.acknowledged >= sent => Followup::Stored,
        wanted if wanted.is_empty() => Followup::Silent,
        wanted => Followup::Resend(wanted),
    };
    Ok((followup, notice))
}
