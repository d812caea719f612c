//! Widths and safe forms of text. Comes in: any text from outside; goes out: visible, bounded text
//! and its width in half-ems. It never needs a font file.

/// Most combining marks kept after one character.
const MARKS: usize = 2;

/// Width of a character in half-ems: 2 for a full-width one, 0 for a combining mark, otherwise 1.
#[must_use]
pub fn half_ems(c: char) -> i32 {
    match u32::from(c) {
        0x0300..=0x036f
        | 0x1ab0..=0x1aff
        | 0x20d0..=0x20ff
        | 0x3099..=0x309a
        | 0xfe00..=0xfe0f
        | 0xfe20..=0xfe2f => 0,
        0x00d7
        | 0x2026
        | 0x2190..=0x21ff
        | 0x2460..=0x24ff
        | 0x25a0..=0x27bf
        | 0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Width of a text in half-ems.
#[must_use]
pub fn width(text: &str) -> i32 {
    text.chars().map(half_ems).sum()
}

/// Control characters, bidi overrides and zero-width characters made visible (`〈U+202E〉`);
/// piled combining marks are cut.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::new();
    let mut marks = 0;
    for c in daicho_ledger::text::visible(text).chars() {
        marks = if half_ems(c) == 0 { marks + 1 } else { 0 };
        if marks <= MARKS {
            out.push(c);
        }
    }
    out
}

/// The visible text, cut to `limit` half-ems with `…`.
#[must_use]
pub fn fit(text: &str, limit: i32) -> String {
    let text = visible(text);
    if width(&text) <= limit {
        return text;
    }
    let mut out = String::new();
    let mut used = 2;
    for c in text.chars() {
        used += half_ems(c);
        if used > limit {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}
