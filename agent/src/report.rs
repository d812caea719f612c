//! The next report of the chain. Comes in: what was collected and how far the reports have come;
//! goes out: a signed report and the progress after it. It never reads the machine, a clock or a
//! file, so the caller can make the report durable before the progress counts.

use std::collections::BTreeMap;

use daicho_report::{
    Envelope, Hash, IntervalBody, Limit, LimitError, Report, ReportKey, Section, SectionBody,
    SectionKind, Time, WIRE_MAJOR, check_json,
};

use crate::collect::Collected;
use crate::interval::{Form, whole};
use crate::message::{Lang, Told};
use crate::state::Progress;

mod picture;

#[cfg(test)]
pub(crate) mod tests;

pub use picture::{indented, picture};

/// The agent's own version, for people.
pub const AGENT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A value cannot be written as JSON.
    #[error("encode the report")]
    Encode(#[source] serde_json::Error),
    /// Even without its largest sections it is beyond the limits.
    #[error("bring the report within the limits")]
    TooLarge(#[source] LimitError),
}

impl Told for ReportError {
    fn code(&self) -> &'static str {
        "AGT-028"
    }
    fn detail(&self, _lang: Lang) -> String {
        String::new()
    }
}

/// A report and how far things are after it.
#[derive(Debug)]
pub struct Made {
    /// The report, signed.
    pub report: Report,
    /// Its boot, for heartbeats.
    pub boot_id: String,
    /// The progress after it; it counts once the report is durable.
    pub progress: Progress,
    /// Kinds that were too large to send and travel as "not asked".
    pub left_out: Vec<SectionKind>,
}

/// Makes the next report. `source` is what was asked, in short (`linux`).
pub fn next(
    collected: Collected,
    before: &Progress,
    key: &ReportKey,
    source: &str,
    at: Time,
) -> Result<Made, ReportError> {
    let mut progress = before.clone();
    let intervals = intervals(&collected, &mut progress, source, at)?;
    let mut sections: BTreeMap<SectionKind, Section> = BTreeMap::new();
    for section in collected.sections.into_iter().chain(intervals) {
        sections.insert(section.kind.clone(), section);
    }
    let left_out = shrink(&mut sections)?;
    progress.bodies = sections
        .values()
        .filter(|section| is_version(&section.kind))
        .map(|section| (section.kind.clone(), section.clone()))
        .collect();
    progress.sequence = before.sequence + 1;
    // What the report before had, and the collector has, needs no whole hash again; after a gap it does.
    let continues = before.whole.is_empty();
    let same = |section: &Section| {
        let earlier = before.bodies.get(&section.kind);
        let known = before.known.get(&section.kind);
        continues
            && known == Some(&section.hash)
            && earlier.is_some_and(|it| it.hash == section.hash)
    };
    let envelope = Envelope {
        wire: WIRE_MAJOR,
        agent_version: AGENT_VERSION.to_owned(),
        boot_id: collected.boot_id.clone(),
        sequence: progress.sequence,
        previous: before.previous,
        collected_at: at,
        cost: collected.cost,
        sections: sections
            .values()
            .map(|it| {
                if same(it) {
                    it.short_reference()
                } else {
                    it.reference()
                }
            })
            .collect(),
    };
    let travelling = |section: &Section| before.known.get(&section.kind) != Some(&section.hash);
    let bodies = sections.into_values().filter(travelling).collect();
    let report = envelope.seal(key, bodies).map_err(ReportError::Encode)?;
    progress.previous = report.envelope_hash();
    Ok(Made {
        report,
        boot_id: collected.boot_id,
        progress,
        left_out,
    })
}

/// The same report with these bodies added, as far as they are still at hand: a body is known to
/// fit when the envelope names its hash. `None` when one is missing.
#[must_use]
pub fn with_bodies(
    report: &Report,
    envelope: &Envelope,
    wanted: &[SectionKind],
    progress: &Progress,
) -> Option<Report> {
    let mut more = report.clone();
    for section in envelope
        .sections
        .iter()
        .filter(|it| wanted.contains(&it.kind))
    {
        if report.bodies.iter().any(|body| body.kind == section.kind) {
            continue;
        }
        let body = progress.bodies.get(&section.kind)?;
        if !section.hash.names(&body.hash) {
            return None;
        }
        // Source and time are those that were signed.
        more.bodies.push(Section {
            source: section.source.clone(),
            at: section.at,
            ..body.clone()
        });
    }
    Some(more)
}

/// Bodies of flows and neighbours, and whether each has been whole.
fn intervals(
    collected: &Collected,
    progress: &mut Progress,
    source: &str,
    at: Time,
) -> Result<[Section; 2], ReportError> {
    let flows = progress.flows.observe(
        &collected.flows,
        at,
        form(
            &progress.whole,
            &SectionKind::of::<daicho_report::FlowBody>(),
        ),
    );
    let neighbours = progress.neighbours.observe(
        &collected.neighbours,
        at,
        form(
            &progress.whole,
            &SectionKind::of::<daicho_report::NeighbourBody>(),
        ),
    );
    Ok([
        section(&flows, &mut progress.whole, source, at)?,
        section(&neighbours, &mut progress.whole, source, at)?,
    ])
}

fn form(whole: &[SectionKind], kind: &SectionKind) -> Form {
    if whole.contains(kind) {
        Form::Whole
    } else {
        Form::Change
    }
}

fn section<T>(
    body: &IntervalBody<T>,
    whole: &mut Vec<SectionKind>,
    source: &str,
    at: Time,
) -> Result<Section, ReportError>
where
    IntervalBody<T>: SectionBody,
{
    // A picture that could not be taken is not whole; it is owed until one is.
    if body.whole {
        let kind = SectionKind::of::<IntervalBody<T>>();
        whole.retain(|it| *it != kind);
    }
    Section::new(body, source, at).map_err(ReportError::Encode)
}

/// All sections of one moment, for a report that belongs to no chain.
pub fn sections_of_moment(
    collected: &Collected,
    source: &str,
    at: Time,
) -> Result<Vec<Section>, ReportError> {
    let flows = whole(&collected.flows, at);
    let neighbours = whole(&collected.neighbours, at);
    let mut sections = collected.sections.clone();
    sections.push(Section::new(&flows, source, at).map_err(ReportError::Encode)?);
    sections.push(Section::new(&neighbours, source, at).map_err(ReportError::Encode)?);
    sections.sort_by(|a, b| a.kind.cmp(&b.kind));
    Ok(sections)
}

fn is_version(kind: &SectionKind) -> bool {
    kind.as_str() != daicho_report::Gauges::KIND && !crate::state::is_interval(kind)
}

/// Empties the sections that make the report too large for any collector: an empty body says "not
/// asked" for each of its fields, which is the truth for the collector. Largest first.
fn shrink(sections: &mut BTreeMap<SectionKind, Section>) -> Result<Vec<SectionKind>, ReportError> {
    let mut left_out = Vec::new();
    loop {
        let Err(limit) = check_sections(sections)? else {
            return Ok(left_out);
        };
        let largest = sections
            .values_mut()
            .filter(|it| is_version(&it.kind) && it.body.get().len() > EMPTY.len())
            .max_by_key(|it| it.body.get().len())
            .ok_or(ReportError::TooLarge(limit))?;
        largest.body = serde_json::value::RawValue::from_string(EMPTY.to_owned())
            .map_err(ReportError::Encode)?;
        largest.hash = Hash::of(EMPTY.as_bytes());
        left_out.push(largest.kind.clone());
    }
}

const EMPTY: &str = "{}";

/// The limits of the collector, with room for the envelope; the bodies are nested two levels deep.
fn check_sections(
    sections: &BTreeMap<SectionKind, Section>,
) -> Result<Result<(), LimitError>, ReportError> {
    let all: Vec<&Section> = sections.values().collect();
    let json = serde_json::to_vec(&all).map_err(ReportError::Encode)?;
    let limit = Limit {
        bytes: Limit::REPORT.bytes - Limit::ENVELOPE.bytes - 4_096,
        depth: Limit::REPORT.depth - 1,
        string: Limit::REPORT.string,
        values: Limit::REPORT.values - Limit::ENVELOPE.values,
    };
    if let Err(error) = check_json(&json, &limit) {
        return Ok(Err(error));
    }
    let size = zstd::bulk::compress(&json, 3).map_or(usize::MAX, |it| it.len());
    let room = Limit::COMPRESSED_BYTES - Limit::ENVELOPE.bytes;
    Ok(if size > room {
        Err(LimitError::Bytes(Limit::COMPRESSED_BYTES))
    } else {
        Ok(())
    })
}
