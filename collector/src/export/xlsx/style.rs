//! How cells look: told apart in grey print too, by hatching and italics.

use daicho_ledger::{Layer, State};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatPattern};

/// Widest column, in half-width characters; longer texts are wrapped.
pub(super) const WIDEST: usize = 36;
/// Widest column of sentences.
pub(super) const WIDE: usize = 76;
const NARROWEST: usize = 9;

pub(in crate::export) struct Styles {
    pub(in crate::export) title: Format,
    pub(in crate::export) subtitle: Format,
    pub(in crate::export) name: Format,
    pub(super) note: Format,
    headings: [Format; 3],
    cells: [Format; 5],
    quoted: [Format; 5],
    hand: [Format; 5],
    hand_quoted: [Format; 5],
}

impl Styles {
    pub(in crate::export) fn new() -> Self {
        let cells = [
            body(),
            body()
                .set_italic()
                .set_pattern(FormatPattern::Gray0625)
                .set_background_color(Color::White),
            body()
                .set_italic()
                .set_pattern(FormatPattern::LightUp)
                .set_foreground_color(Color::RGB(0xBF_BFBF))
                .set_background_color(Color::White),
            body().set_italic().set_font_color(Color::RGB(0x59_5959)),
            body()
                .set_align(FormatAlign::Center)
                .set_font_color(Color::RGB(0x59_5959)),
        ];
        let quoted = cells.clone().map(Format::set_quote_prefix);
        // As text: a spreadsheet must not turn `1-2` into a day, nor drop a zero in front.
        let hand = cells.clone().map(|it| it.set_num_format("@"));
        let hand_quoted = hand.clone().map(Format::set_quote_prefix);
        Self {
            title: base().set_bold().set_font_size(20),
            subtitle: base().set_bold().set_font_size(13),
            name: body()
                .set_bold()
                .set_background_color(Color::RGB(0xED_EDED)),
            note: base().set_italic(),
            headings: [0xD9_E2F3, 0xFF_F2CC, 0xE7_E6E6].map(heading),
            cells,
            quoted,
            hand,
            hand_quoted,
        }
    }

    pub(super) fn heading(&self, layer: Layer) -> &Format {
        let [collected, hand, derived] = &self.headings;
        match layer {
            Layer::Collected => collected,
            Layer::Hand => hand,
            Layer::Derived => derived,
        }
    }

    /// `hand`: of a column that people fill.
    pub(in crate::export) fn cell(&self, state: State, hand: bool) -> &Format {
        Self::of(if hand { &self.hand } else { &self.cells }, state)
    }

    /// The same where Excel would calculate the text when somebody edits the cell.
    pub(super) fn quoted(&self, state: State, hand: bool) -> &Format {
        Self::of(
            if hand {
                &self.hand_quoted
            } else {
                &self.quoted
            },
            state,
        )
    }

    fn of(formats: &[Format; 5], state: State) -> &Format {
        let [value, stale, unknown, hand, none] = formats;
        match state {
            State::Value => value,
            State::Stale => stale,
            State::Unknown => unknown,
            State::HandEmpty => hand,
            State::NotApplicable => none,
        }
    }
}

fn base() -> Format {
    Format::new()
        .set_font_name("BIZ UDGothic")
        .set_font_size(10)
}

fn body() -> Format {
    base()
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0x80_8080))
        .set_align(FormatAlign::Top)
        .set_text_wrap()
}

fn heading(color: u32) -> Format {
    body()
        .set_bold()
        .set_align(FormatAlign::VerticalCenter)
        .set_align(FormatAlign::Center)
        .set_background_color(Color::RGB(color))
}

/// Width of a text in half-width characters: a full-width one counts two.
fn text_width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if u32::from(c) < 0x1100 || matches!(u32::from(c), 0xFF61..=0xFF9F) {
                1
            } else {
                2
            }
        })
        .sum()
}

/// How wide the lines of a text are.
pub(super) struct Extent(Vec<usize>);

impl Extent {
    pub(super) fn of(text: &str) -> Self {
        Self(text.split('\n').map(text_width).collect())
    }

    pub(super) fn widest(&self) -> usize {
        self.0.iter().copied().max().unwrap_or_default()
    }

    /// Lines that it takes where they are wrapped at a column's width.
    fn lines(&self, width: f64) -> usize {
        // Room beside the text; a column is at least a few characters wide.
        let room = ((width - 1.5) as usize).max(1);
        let wrapped = |line: &usize| line.div_ceil(room).max(1);
        self.0.iter().map(wrapped).sum()
    }
}

/// As wide as the widest line of its cells, within bounds; a heading may take two lines and has the
/// filter's arrow beside it.
pub(super) fn column_width(heading: &str, widest: usize, widest_allowed: usize) -> f64 {
    let heading = text_width(heading).div_ceil(2) + 3;
    let width = widest.max(heading).clamp(NARROWEST, widest_allowed) + 1;
    // At most 100: exact as a number.
    f64::from(u32::try_from(width).unwrap_or_default()) * 1.05
}

/// As high as its highest cell, whose lines are wrapped at the column's width; at most what Excel
/// can show. Spreadsheets do not work it out themselves for every text.
pub(in crate::export) fn row_height<'a>(
    texts: impl Iterator<Item = &'a str>,
    widths: &[f64],
) -> f64 {
    height(
        texts
            .zip(widths)
            .map(|(text, width)| Extent::of(text).lines(*width)),
    )
}

/// The same of texts that were measured before.
pub(super) fn measured_height<'a>(
    extents: impl Iterator<Item = &'a Extent>,
    widths: &[f64],
) -> f64 {
    height(
        extents
            .zip(widths)
            .map(|(extent, width)| extent.lines(*width)),
    )
}

fn height(lines: impl Iterator<Item = usize>) -> f64 {
    let lines = lines.max().unwrap_or(1).min(30);
    f64::from(u32::try_from(lines).unwrap_or(1)) * 13.2 + 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_text_counts_twice_and_long_text_is_wrapped() {
        assert_eq!(text_width("台帳a"), 5);
        assert_eq!(text_width("ｶﾅ"), 2);
        let long = "あ".repeat(100);
        assert!(column_width("名", Extent::of(&long).widest(), WIDEST) < 50.0);
        assert!(column_width("名", Extent::of("a").widest(), WIDE) >= 9.0);
    }

    #[test]
    fn row_is_as_high_as_its_wrapped_lines() {
        let one = row_height(["a", "b"].into_iter(), &[10.0, 10.0]);
        let two = row_height(["a\nb", "b"].into_iter(), &[10.0, 10.0]);
        let wrapped = row_height(["あいうえおか"].into_iter(), &[10.0]);
        assert!(one < two);
        assert!((two - wrapped).abs() < 0.1);
    }
}
