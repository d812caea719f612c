//! Lines of a paragraph. Comes in: a text and how wide a line may be; goes out: its lines. No letter is
//! lost; no line begins with a mark that belongs to the one before, where that can be.

use daicho_graph::text::{half_ems, visible};

/// Marks that begin no line.
const NOT_FIRST: &str =
    "、。，．・：；？！）」』】〕〉》ゝゞ々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ)]},.:;?!%％／/";
/// Marks that end no line.
const NOT_LAST: &str = "（「『【〔〈《([{";

/// The lines of a text, none wider than `limit` half-ems.
pub(crate) fn wrap(text: &str, limit: i32) -> Vec<String> {
    // Two: a full-width letter has to fit.
    let limit = limit.max(2);
    let lines = text.split('\n');
    lines.flat_map(|it| of_line(&visible(it), limit)).collect()
}

fn of_line(text: &str, limit: i32) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut start = 0;
    while let Some(rest) = letters.get(start..) {
        let fits = fitting(rest, limit);
        if fits >= rest.len() {
            out.push(rest.iter().collect());
            break;
        }
        let end = (1..=fits).rev().find(|at| may_break(rest, *at));
        let end = end.unwrap_or(fits).max(1);
        let line: String = rest.iter().take(end).collect();
        out.push(line.trim_end_matches(' ').to_owned());
        start += end;
    }
    out
}

/// How many letters fit.
fn fitting(letters: &[char], limit: i32) -> usize {
    let mut used = 0;
    let over = letters.iter().position(|c| {
        used += half_ems(*c);
        used > limit
    });
    over.unwrap_or(letters.len())
}

/// Whether a line may end before the letter at a place.
fn may_break(letters: &[char], at: usize) -> bool {
    let (Some(before), Some(after)) = (letters.get(at - 1), letters.get(at)) else {
        return false;
    };
    let wide = |c: &char| half_ems(*c) == 2;
    let between = *before == ' ' || *before == '-' || wide(before) || wide(after);
    between && half_ems(*after) > 0 && !NOT_FIRST.contains(*after) && !NOT_LAST.contains(*before)
}
