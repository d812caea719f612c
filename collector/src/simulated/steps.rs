//! Everything of a simulated hospital's folder in the order of receipt. Comes in: the folder; goes out:
//! steps in batches, each opened and checked as far as that can be done without the store. A line that
//! is wrong is named, and what stands before it comes first.

use std::collections::VecDeque;

use daicho_report::{AgentId, Limit, Time, check_json};

use super::folder::{AGENTS, AgentFile, Folder, HAND, Line, Lines, Place, whole};
use crate::hand::Draft;
use crate::ingest::{Opened, batch};
use crate::refusal::Refused;

/// Most steps that share one commit.
const BATCH: usize = 250;
/// Bytes after which a batch is committed.
const BATCH_BYTES: usize = 32 << 20;

/// One thing to take in.
pub(super) struct Step {
    pub(super) place: Place,
    pub(super) at: Time,
    pub(super) what: What,
}

pub(super) enum What {
    Agent(AgentFile),
    Entry { by: String, draft: Box<Draft> },
    Line(Line),
    Report { agent: AgentId, opened: Box<Opened> },
    Goodbye { agent: AgentId, json: Vec<u8> },
}

/// Everything of a folder in the order of receipt.
pub(super) struct Steps<'a> {
    /// Agents and entries, which are few.
    small: VecDeque<Step>,
    lines: Lines<'a>,
    /// The next lines, read already.
    ahead: VecDeque<(Place, Line)>,
    /// What is wrong with the line after those.
    broken: Option<Refused>,
    /// Steps given so far.
    pub(super) count: u64,
    reports: u64,
    wanted: u64,
}

impl<'a> Steps<'a> {
    pub(super) fn over(folder: &'a Folder) -> Result<Self, Refused> {
        let mut small = Vec::new();
        for agent in folder.agents()? {
            small.push(Step {
                place: whole(AGENTS),
                at: agent.enrolled_at,
                what: What::Agent(agent),
            });
        }
        for written in folder.hand()? {
            let place = Place {
                file: HAND.to_owned(),
                line: written.line,
            };
            let (Some(by), Some(at)) = (written.by, written.at) else {
                return Err(place.refuse("by, at: are missing"));
            };
            let draft = Box::new(written.draft);
            small.push(Step {
                place,
                at,
                what: What::Entry { by, draft },
            });
        }
        // Stable: of the same moment, agents come before entries.
        small.sort_by_key(|step| step.at);
        Ok(Self {
            small: small.into(),
            lines: folder.lines(),
            ahead: VecDeque::new(),
            broken: None,
            count: 0,
            reports: 0,
            wanted: folder.hospital.reports,
        })
    }

    /// The moment of the first step.
    pub(super) fn first_at(&mut self) -> Result<Time, Refused> {
        self.look_ahead()?;
        let small = self.small.front().map(|step| step.at);
        let line = self.ahead.front().map(|(_, line)| line.received_at);
        Ok(small.into_iter().chain(line).min().unwrap_or(Time::EPOCH))
    }

    /// Reads until two lines are known: what comes before an earlier one is not to be believed, and
    /// must not let in what was written later.
    fn look_ahead(&mut self) -> Result<(), Refused> {
        while self.ahead.len() < 2 && self.broken.is_none() {
            match self.line() {
                Ok(Some(line)) => self.ahead.push_back(line),
                Ok(None) => break,
                Err(refused) => self.broken = Some(refused),
            }
        }
        match &self.broken {
            // What stands before it is taken first.
            Some(refused) if self.ahead.is_empty() => Err(refused.clone()),
            _ => Ok(()),
        }
    }

    fn line(&mut self) -> Result<Option<(Place, Line)>, Refused> {
        let Some((place, bytes)) = self.lines.read()? else {
            return Ok(None);
        };
        check_json(&bytes, &LINE).map_err(|error| place.refuse(error))?;
        let line: Line = serde_json::from_slice(&bytes).map_err(|error| place.refuse(error))?;
        if line.report.is_some() == line.goodbye.is_some() {
            return Err(place.refuse("want a report or a goodbye"));
        }
        let at = line.received_at;
        if let Some((before, earlier)) = self.ahead.pop_back_if(|(_, it)| it.received_at > at) {
            let earlier = earlier.received_at;
            return Err(before.refuse(format!("received at {earlier}, the next line at {at}")));
        }
        Ok(Some((place, line)))
    }

    /// The next step, its line not opened.
    pub(super) fn next(&mut self) -> Result<Option<Step>, Refused> {
        self.look_ahead()?;
        let line_at = self.ahead.front().map(|(_, line)| line.received_at);
        let is_small = match (self.small.front(), line_at) {
            (Some(step), Some(at)) => step.at <= at,
            (front, _) => front.is_some(),
        };
        if is_small {
            return Ok(self.small.pop_front());
        }
        let Some((place, line)) = self.ahead.pop_front() else {
            return self.ended().map(|()| None);
        };
        self.reports += 1;
        Ok(Some(Step {
            place,
            at: line.received_at,
            what: What::Line(line),
        }))
    }

    fn ended(&self) -> Result<(), Refused> {
        let (there, wanted) = (self.reports, self.wanted);
        if there == wanted {
            return Ok(());
        }
        Err(whole(super::folder::HOSPITAL).refuse(format!("{wanted} reports, found {there}")))
    }

    /// The next steps that share a commit, and what stopped them early.
    pub(super) fn batch(&mut self) -> (Vec<Step>, Result<(), Refused>) {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH && bytes < BATCH_BYTES {
            match self
                .next()
                .and_then(|step| step.map(Step::opened).transpose())
            {
                Ok(Some((step, size))) => {
                    bytes += size;
                    self.count += 1;
                    batch.push(step);
                }
                Ok(None) => break,
                Err(refused) => return (batch, Err(refused)),
            }
        }
        (batch, Ok(()))
    }
}

/// A line around a report: one level more.
const LINE: Limit = Limit {
    bytes: Limit::REPORT.bytes + (1 << 10),
    depth: Limit::REPORT.depth + 1,
    ..Limit::REPORT
};

impl Step {
    /// The step with its line opened: bounds, shape and hashes are checked. Its size stands beside it.
    fn opened(self) -> Result<(Self, usize), Refused> {
        let What::Line(line) = self.what else {
            return Ok((self, 1 << 10));
        };
        let place = self.place;
        let agent = line.agent;
        let (what, size) = match (line.report, line.goodbye) {
            (Some(report), None) => {
                let json = report.get().as_bytes();
                let opened = batch::open(json).map_err(|error| place.refuse(error))?;
                let opened = Box::new(opened);
                (What::Report { agent, opened }, json.len())
            }
            (None, Some(goodbye)) => {
                let json = serde_json::to_vec(&goodbye).map_err(|error| place.refuse(error))?;
                let size = json.len();
                (What::Goodbye { agent, json }, size)
            }
            _ => return Err(place.refuse("want a report or a goodbye")),
        };
        let at = self.at;
        Ok((Self { place, at, what }, size))
    }
}
