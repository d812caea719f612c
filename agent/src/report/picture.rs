//! One collection as JSON for people: not signed, not chained, everything in it. Comes in: what was
//! collected; goes out: text. It never becomes a report of the chain.

use daicho_report::{Picture, Time};

use super::{AGENT_VERSION, ReportError, sections_of_moment};
use crate::collect::Collected;

/// What `daicho-agent report` and `replay` print, as JSON in one line.
pub fn picture(collected: Collected, source: &str, at: Time) -> Result<String, ReportError> {
    let sections = sections_of_moment(&collected, source, at)?;
    let picture = Picture {
        signed: false,
        agent_version: AGENT_VERSION.to_owned(),
        host_name: collected.host_name,
        boot_id: collected.boot_id,
        collected_at: at,
        cost: collected.cost,
        sections,
    };
    serde_json::to_string(&picture).map_err(ReportError::Encode)
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
