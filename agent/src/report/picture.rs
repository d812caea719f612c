//! One collection as JSON for people: not signed, not chained, everything in it. Comes in: what was
//! collected; goes out: text. It never becomes a report of the chain.

use daicho_report::{Cost, Section, Time};
use serde::Serialize;

use super::{AGENT_VERSION, ReportError, sections_of_moment};
use crate::collect::Collected;

/// What `daicho-agent report` and `replay` print.
#[derive(Debug, Serialize)]
pub struct Picture {
    /// Says that nobody signed it.
    signed: bool,
    /// The agent's version.
    agent_version: &'static str,
    /// The machine's name for itself.
    host_name: Option<String>,
    /// Changes at every boot.
    boot_id: String,
    /// When the collection ended.
    collected_at: Time,
    /// What it cost.
    cost: Cost,
    /// Everything that was collected.
    sections: Vec<Section>,
}

impl Picture {
    /// From one collection.
    pub fn new(collected: Collected, source: &str, at: Time) -> Result<Self, ReportError> {
        let sections = sections_of_moment(&collected, source, at)?;
        Ok(Self {
            signed: false,
            agent_version: AGENT_VERSION,
            host_name: collected.host_name,
            boot_id: collected.boot_id,
            collected_at: at,
            cost: collected.cost,
            sections,
        })
    }

    /// As JSON in one line.
    pub fn json(&self) -> Result<String, ReportError> {
        serde_json::to_string(self).map_err(ReportError::Encode)
    }
}

/// The same JSON with line breaks and indentation; keys keep their order.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let (mut text, mut escaped) = (false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if text {
            out.push(c);
            text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                text = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                match chars.peek() {
                    Some('}' | ']') => {}
                    _ => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                if !out.ends_with(['{', '[']) {
                    depth = depth.saturating_sub(1);
                    line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}
