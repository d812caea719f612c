//! The ministry's own workbook. Comes in: its bytes and filled sheets; goes out: a copy in which answers
//! and dates stand and nothing else has changed, and what could not be written. An answer that stands
//! there already is left as it is.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use daicho_ledger::Lang;
use daicho_ledger::checklist::{Filled, Form, Item, Line, Sheet};
use daicho_ledger::hand::Said;
use unicode_normalization::UnicodeNormalization;

use super::package;
use super::part::Place;
use crate::hand::sheet::grid::cell_name;
use crate::hand::sheet::guard;

/// Most cells that are looked at.
const CELLS_MAX: usize = 200_000;

/// One sheet of a workbook: its texts by place.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// Texts that are not empty; row from 1, column from 0.
    pub texts: BTreeMap<Place, String>,
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Its row.
    pub row: u32,
    /// Column of the answer.
    pub answer: u32,
    /// Column of the day on which it was looked at.
    pub on: Option<u32>,
    /// Column of the day by which it is to be done.
    pub target: Option<u32>,
    /// Column of the day on which it was done.
    pub done: Option<u32>,
}

/// What became of a workbook.
#[derive(Debug)]
pub struct Written {
    /// The copy.
    pub bytes: Vec<u8>,
    /// Answers that were written.
    pub answers: usize,
    /// What was not written, and why, in two languages.
    pub left: Vec<(String, String)>,
}

/// A text as it is compared: compatibility forms joined, no white space.
#[must_use]
pub fn plain(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Its sheets.
pub fn pages(bytes: &[u8]) -> Result<Vec<Page>, String> {
    guard::workbook(bytes)?;
    let broken = |error: calamine::XlsxError| format!("ブックを読めません / {error}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut pages = Vec::new();
    for name in book.sheet_names() {
        let mut texts = BTreeMap::new();
        let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
        let mut count = 0_usize;
        while let Some(cell) = cells.next_cell().map_err(broken)? {
            count += 1;
            if count > CELLS_MAX {
                return Err(format!("「{name}」のセルが多すぎます / too many cells"));
            }
            let (row, column) = cell.get_position();
            let text = Data::from(cell.get_value().clone()).to_string();
            if !text.trim().is_empty() {
                texts.insert((row.saturating_add(1), column), text);
            }
        }
        pages.push(Page { name, texts });
    }
    Ok(pages)
}

/// An answer that nobody has chosen yet: both words stand there.
fn is_choice(text: &str) -> bool {
    let text = plain(text);
    text.contains("はい") && text.contains("いいえ")
}

/// A day that nobody has written yet: `( / )`.
fn is_blank_day(text: &str) -> bool {
    plain(text).contains("(/)")
}

impl Page {
    /// For whom it is, by its name and its texts.
    #[must_use]
    pub fn sheet(&self) -> Option<Sheet> {
        let named = [
            ("薬局確認用", Sheet::Pharmacy),
            ("事業者確認用", Sheet::Vendor),
            ("医療機関確認用", Sheet::Hospital),
            ("役割分担等に関する確認表", Sheet::Contract),
            ("BCP)策定の確認表", Sheet::Bcp),
            ("BCP策定の確認表", Sheet::Bcp),
            ("BCP策定のための確認表", Sheet::Bcp),
        ];
        let find = |text: &str| {
            let text = plain(text);
            named.iter().find(|it| text.contains(it.0)).map(|it| it.1)
        };
        // The head of a sheet; instructions further down name the other sheets too.
        let head = self.texts.range(..(6, 0)).map(|it| it.1);
        find(&self.name).or_else(|| head.into_iter().find_map(|text| find(text)))
    }

    fn row(&self, row: u32) -> impl Iterator<Item = (u32, &str)> {
        let cells = self.texts.range((row, 0)..=(row, u32::MAX));
        cells.map(|((_, column), text)| (*column, text.as_str()))
    }

    /// Numbers of the rows that ask something, in their order.
    #[must_use]
    pub fn spots(&self) -> Vec<Spot> {
        let mut rows: Vec<u32> = self.texts.keys().map(|it| it.0).collect();
        rows.dedup();
        let column = self.answer_column();
        let spot = |row: u32| self.spot(row, column);
        rows.into_iter().filter_map(spot).collect()
    }

    /// The column of answers, where it has a heading and empty cells below it.
    fn answer_column(&self) -> Option<Place> {
        let is = |text: &str| matches!(plain(text).as_str(), "確認欄" | "チェック欄" | "回答欄");
        let found = self.texts.iter().find(|(_, text)| is(text));
        found.map(|(place, _)| *place)
    }

    fn spot(&self, row: u32, column: Option<Place>) -> Option<Spot> {
        let choice = self
            .row(row)
            .find(|(_, text)| is_choice(text))
            .map(|it| it.0);
        let answer = choice.or_else(|| {
            let (head, column) = column.filter(|it| row > it.0)?;
            let asks = self.row(row).any(|(at, text)| {
                at < column
                    && plain(text)
                        .trim_end_matches('。')
                        .ends_with(['か', 'る', 'た', 'い'])
            });
            (asks && row > head && !self.texts.contains_key(&(row, column))).then_some(column)
        })?;
        let mut spot = Spot {
            row,
            answer,
            on: None,
            target: None,
            done: None,
        };
        let days = self
            .row(row)
            .filter(|(at, text)| *at > answer && is_blank_day(text) && !is_choice(text));
        for (at, _) in days {
            let head = self.heading(row, at);
            let place = match () {
                () if head.contains("目標") => &mut spot.target,
                () if head.contains("完了") => &mut spot.done,
                () => &mut spot.on,
            };
            place.get_or_insert(at);
        }
        Some(spot)
    }

    /// What stands above a column: the nearest text that is no answer and no day.
    fn heading(&self, row: u32, column: u32) -> String {
        let above = (1..row)
            .rev()
            .filter_map(|at| self.texts.get(&(at, column)));
        let head = above
            .into_iter()
            .find(|text| !is_choice(text) && !is_blank_day(text));
        head.map_or_else(String::new, |text| plain(text))
    }

    /// All that a row says besides its answers and days.
    #[must_use]
    pub fn label(&self, spot: &Spot) -> String {
        let texts = self
            .row(spot.row)
            .filter(|(_, text)| !is_choice(text) && !is_blank_day(text));
        texts.map(|it| it.1).collect::<Vec<_>>().join(" ")
    }

    /// The nearest row above that says something and asks nothing, and is no heading of columns.
    #[must_use]
    pub fn above(&self, row: u32) -> Option<String> {
        (1..row).rev().find_map(|row| {
            let texts: Vec<&str> = self.row(row).map(|it| it.1).collect();
            let asks = texts.iter().any(|it| is_choice(it) || is_blank_day(it));
            let head: String = texts.first().map(|it| plain(it)).unwrap_or_default();
            let heading = head.contains("について") || head.contains("以下");
            (!asks && heading).then(|| head.chars().take(120).collect())
        })
    }

    /// Whether an item stands in a row.
    fn is_of(&self, item: &Item, form: &Form, spot: &Spot) -> bool {
        let label = plain(&self.label(spot));
        let says = |words: &[String]| words.iter().all(|word| label.contains(&plain(word)));
        if item.words.is_empty() || !says(&item.words) {
            return false;
        }
        if item.under.is_empty() {
            return true;
        }
        let heads: Vec<String> = form
            .items
            .iter()
            .flat_map(|it| &it.under)
            .map(|it| plain(it))
            .collect();
        let above = (1..=spot.row).rev().find_map(|row| {
            let text: String = self.row(row).map(|it| plain(it.1)).collect();
            heads
                .iter()
                .find(|head| text.contains(head.as_str()))
                .cloned()
        });
        above.is_some_and(|head| item.under.iter().any(|it| plain(it) == head))
    }
}

/// Writes filled sheets into a copy of the workbook.
pub fn write(bytes: &[u8], filled: &[Filled<'_>]) -> Result<Written, String> {
    let pages = pages(bytes)?;
    let parts = package::parts(bytes)?;
    let mut texts: BTreeMap<String, BTreeMap<Place, String>> = BTreeMap::new();
    let (mut answers, mut left) = (0, Vec::new());
    for filled in filled {
        let title = filled.sheet.title(Lang::Ja);
        let Some(page) = pages.iter().find(|it| it.sheet() == Some(filled.sheet)) else {
            let en = format!("no sheet {}", filled.sheet.word());
            left.push((format!("{title}のシートがありません"), en));
            continue;
        };
        let Some(part) = parts.get(&page.name) else {
            return Err(format!(
                "「{}」の部品がありません / a part is missing",
                page.name
            ));
        };
        let cells = texts.entry(part.clone()).or_default();
        let spots = page.spots();
        for line in &filled.lines {
            match one((page, &spots), filled, line, cells) {
                Ok(()) => answers += 1,
                Err((ja, en)) => {
                    let no = &line.item.no;
                    left.push((format!("{no}　{ja}"), format!("{no} {en}")));
                }
            }
        }
    }
    Ok(Written {
        bytes: package::copied(bytes, &texts)?,
        answers,
        left,
    })
}

fn one(
    (page, spots): (&Page, &[Spot]),
    filled: &Filled<'_>,
    line: &Line<'_>,
    cells: &mut BTreeMap<Place, String>,
) -> Result<(), (String, String)> {
    let left = |ja: &str, en: &str| Err((ja.to_owned(), en.to_owned()));
    let mut found = spots
        .iter()
        .filter(|it| page.is_of(line.item, filled.form, it));
    let Some(spot) = found.next() else {
        return left("行が見つかりません", "its row was not found");
    };
    if let Some(other) = found.next() {
        let (one, other) = (cell_name(spot.row, 0), cell_name(other.row, 0));
        return left(
            &format!("行が二つ以上あります（{one}、{other}）"),
            &format!("several rows could be it ({one}, {other})"),
        );
    }
    let Some(said) = line.verdict.written() else {
        return left(
            "回答がないため空けてあります",
            "left empty: there is no answer",
        );
    };
    let answer = line.answer.map(|it| it.1);
    let standing = page.texts.get(&(spot.row, spot.answer));
    let inline = standing.is_some_and(|text| is_blank_day(text));
    let word = match said {
        Said::NotApplicable => "該当なし".to_owned(),
        other => other.title(Lang::Ja).to_owned(),
    };
    let on = short(answer.map_or(filled.today.as_str(), |it| it.on.as_str()));
    let text = match inline {
        true => format!("{word}（{on}）"),
        false => word,
    };
    cells.insert((spot.row, spot.answer), text);
    let days = [
        (spot.on, Some(on).filter(|_| !inline)),
        (
            spot.target,
            answer.and_then(|it| it.target.as_deref()).map(short),
        ),
        (
            spot.done,
            answer.and_then(|it| it.done.as_deref()).map(short),
        ),
    ];
    for (column, day) in days {
        if let (Some(column), Some(day)) = (column, day) {
            cells.insert((spot.row, column), format!("（{day}）"));
        }
    }
    Ok(())
}

/// `2026-11-20` as the form has room for: 11/20.
fn short(day: &str) -> String {
    let number = |range| {
        day.get(range)
            .map(|it: &str| it.trim_start_matches('0').to_owned())
    };
    match (number(5..7), number(8..10)) {
        (Some(month), Some(of_month)) => format!("{month}/{of_month}"),
        _ => day.to_owned(),
    }
}

#[cfg(test)]
mod tests;
