//! Why a report was not made or not sent, and whether trying again can help. Comes in: errors of
//! state, spool, report and link; goes out: one kind for callers. It decides nothing itself.

use super::reply::ReplyError;
use super::{ServerError, SubmitError};
use crate::message::{Exit, Lang, Told};
use crate::report::ReportError;
use crate::spool::SpoolError;
use crate::state::StateError;

/// Why a report was not made or not sent.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The state folder.
    #[error("use the state folder")]
    State(#[source] StateError),
    /// The spool.
    #[error("use the spool")]
    Spool(#[source] SpoolError),
    /// The report.
    #[error("make the report")]
    Report(#[source] ReportError),
    /// The way to the collector.
    #[error("send to the collector")]
    Submit(#[source] SubmitError),
    /// The collector's answer.
    #[error("believe the collector's answer")]
    Reply(#[source] ReplyError),
    /// The saved URL.
    #[error("use the saved URL `{1}`")]
    Server(#[source] ServerError, String),
    /// The collector neither stored the report nor said what it lacks.
    #[error("have report {0} stored: the collector gave no reason")]
    NotStored(u64),
    /// The saved key is no key.
    #[error("read the saved report key")]
    Key,
}

impl CollectError {
    fn told(&self) -> Option<&dyn Told> {
        match self {
            Self::State(error) => Some(error),
            Self::Spool(error) => Some(error),
            Self::Report(error) => Some(error),
            Self::Submit(error) => Some(error),
            Self::Reply(error) => Some(error),
            Self::Server(..) | Self::NotStored(_) | Self::Key => None,
        }
    }

    /// Whether trying again by itself can only do harm: denied, or another agent has this identity.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Submit(error) => matches!(error.status(), Some(403 | 409)),
            Self::Reply(_) | Self::Server(..) | Self::Key => true,
            _ => false,
        }
    }
}

impl Told for CollectError {
    fn code(&self) -> &'static str {
        match self {
            Self::Server(..) => "AGT-006",
            Self::Key => "AGT-020",
            other => other.told().map_or("AGT-014", Told::code),
        }
    }
    fn exit(&self) -> Exit {
        self.told().map_or(Exit::Failed, Told::exit)
    }
    fn detail(&self, lang: Lang) -> String {
        match self {
            Self::Server(_, url) => url.clone(),
            other => other.told().map_or_else(String::new, |it| it.detail(lang)),
        }
    }
}
