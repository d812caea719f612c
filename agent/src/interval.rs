//! Flows and neighbours as intervals. Comes in: what was open so far and what is seen now; goes
//! out: the new open set and the section body that says what changed. It never reads a clock and
//! never closes anything because a question could not be asked.
//!
//! Seen again after any pause, an interval goes on: while the agent does not look, nothing is
//! *unseen*. Whether the agent was looking is told by its reports, not by its intervals.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{Closed, IntervalBody, Opened, Reading, Reason, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(test)]
mod tests;

/// An interval that was not seen for this long has ended when it was last seen.
pub const UNSEEN_S: i64 = 24 * 60 * 60;

/// Open intervals of one kind at most. Beyond it the longest unseen are closed early, and a
/// picture that is itself larger is answered with `failed(too_many)`.
pub const OPEN_MAX: usize = 20_000;

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// What changed since the previous report.
    Change,
    /// The whole open set.
    Whole,
}

/// When an open interval was first and last seen, by the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First seen.
    pub since: Time,
    /// Last seen.
    pub seen: Time,
}

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSet<T: Ord>(BTreeMap<T, Span>);

impl<T: Ord> Default for OpenSet<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Ord + Clone> OpenSet<T> {
    /// How many intervals are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The open intervals, sorted.
    #[must_use]
    pub fn opened(&self) -> Vec<Opened<T>> {
        self.0
            .iter()
            .map(|(item, span)| Opened {
                item: item.clone(),
                since: span.since,
            })
            .collect()
    }

    /// Takes in what is seen now and says what to report. A reading that is unknown changes
    /// nothing, and its body is never whole: the caller asks for [`Form::Whole`] again next time.
    pub fn observe(
        &mut self,
        observed: &Reading<BTreeSet<T>>,
        at: Time,
        form: Form,
    ) -> IntervalBody<T> {
        let (seen, source) = match observed {
            Reading::Known { value, source } if value.len() <= OPEN_MAX => (value, source),
            Reading::Known { source, .. } => {
                return nothing_learnt(Reason::failed("too_many"), source);
            }
            Reading::Unknown { reason, source } => return nothing_learnt(reason.clone(), source),
        };
        let mut closed = self.close_unseen(seen, at);
        let opened = self.open_new(seen, at);
        closed.extend(self.close_beyond(OPEN_MAX, seen));
        closed.sort();
        IntervalBody {
            whole: form == Form::Whole,
            asked: Reading::known((), source.clone()),
            opened: match form {
                Form::Whole => self.opened(),
                Form::Change => opened,
            },
            closed: match form {
                Form::Whole => Vec::new(),
                Form::Change => closed,
            },
        }
    }

    fn close_unseen(&mut self, seen: &BTreeSet<T>, at: Time) -> Vec<Closed<T>> {
        let mut closed = Vec::new();
        self.0.retain(|item, span| {
            // After the clock was set back the 24 hours are counted from the new time on;
            // otherwise the interval would stay open until the clock has caught up.
            span.seen = span.seen.min(at);
            let ended = !seen.contains(item)
                && at.seconds().saturating_sub(span.seen.seconds()) >= UNSEEN_S;
            if ended {
                closed.push(ended_at(item, span));
            }
            !ended
        });
        closed
    }

    fn open_new(&mut self, seen: &BTreeSet<T>, at: Time) -> Vec<Opened<T>> {
        let mut opened = Vec::new();
        for item in seen {
            if let Some(span) = self.0.get_mut(item) {
                span.seen = at;
                continue;
            }
            let span = Span {
                since: at,
                seen: at,
            };
            self.0.insert(item.clone(), span);
            opened.push(Opened {
                item: item.clone(),
                since: at,
            });
        }
        opened
    }

    fn close_beyond(&mut self, max: usize, seen: &BTreeSet<T>) -> Vec<Closed<T>> {
        let excess = self.0.len().saturating_sub(max);
        if excess == 0 {
            return Vec::new();
        }
        let mut unseen: Vec<(Time, T)> = self
            .0
            .iter()
            .filter(|(item, _)| !seen.contains(item))
            .map(|(item, span)| (span.seen, item.clone()))
            .collect();
        unseen.sort();
        unseen
            .into_iter()
            .take(excess)
            .filter_map(|(_, item)| {
                let span = self.0.remove(&item)?;
                Some(ended_at(&item, &span))
            })
            .collect()
    }
}

/// The body of a picture of one moment, for `daicho-agent report`, which keeps no intervals.
pub fn whole<T: Ord + Clone>(observed: &Reading<BTreeSet<T>>, at: Time) -> IntervalBody<T> {
    OpenSet::default().observe(observed, at, Form::Whole)
}

fn ended_at<T: Clone>(item: &T, span: &Span) -> Closed<T> {
    Closed {
        item: item.clone(),
        // A clock that was set back must not make an interval end before it began.
        until: span.seen.max(span.since),
    }
}

fn nothing_learnt<T>(reason: Reason, source: &str) -> IntervalBody<T> {
    IntervalBody {
        whole: false,
        asked: Reading::unknown(reason, source),
        opened: Vec::new(),
        closed: Vec::new(),
    }
}

/// One open interval as it is saved; JSON has no maps with keys that are no texts.
#[derive(Serialize, Deserialize)]
struct Saved<T> {
    item: T,
    span: Span,
}

impl<T: Ord + Clone + Serialize> Serialize for OpenSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(item, span)| Saved {
            item: item.clone(),
            span: *span,
        }))
    }
}

impl<'de, T: Ord + Deserialize<'de>> Deserialize<'de> for OpenSet<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = Vec::<Saved<T>>::deserialize(deserializer)?;
        Ok(Self(
            saved.into_iter().map(|it| (it.item, it.span)).collect(),
        ))
    }
}
