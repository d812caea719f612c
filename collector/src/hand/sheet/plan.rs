//! What a person changed in a file. Comes in: the lists of the file, the same lists as they stood when it
//! was written and as they stand now; goes out: changes as entries, conflicts, mistakes and notices. What
//! the person did not touch is never changed, and what others changed meanwhile is never lost.

use std::collections::BTreeMap;

use daicho_graph::list::{Basis, columns, rows_with};
use daicho_ledger::hand::field::{Field, Kind, field_of};
use daicho_ledger::hand::{EntryBody, HandFields, HandValue};
use daicho_ledger::{Cell, Lang, Layer, Row};
use daicho_report::Time;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::grid::{Line, cell_name};
use super::make;
use super::table::{File, Table, folded};
use crate::export::stamp;
use crate::hand::{Draft, bounds};

/// Locked cells named in the notices.
const LOCKED_NAMED: usize = 20;

/// Whose word goes where both changed the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The file's.
    File,
    /// The ledger's.
    Ledger,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Where: sheet and cell.
    pub place: String,
    /// Key of the row.
    pub key: String,
    /// What the row is called.
    pub label: String,
    /// Name of the field.
    pub field: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What stands now.
    pub before: String,
    /// What would stand.
    pub after: String,
}

/// The same was changed here and there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// What the file would change.
    pub change: Changed,
    /// What stood when the file was written.
    pub was: String,
    /// Who changed it meanwhile, as the list says.
    pub by: String,
}

/// Everything that a file would do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Plan {
    /// Changes.
    pub changes: Vec<Changed>,
    /// New rows: place and name.
    pub made: Vec<(String, String)>,
    /// Conflicts; while there is one, nothing is taken in.
    pub conflicts: Vec<Conflict>,
    /// Mistakes, each with its place; likewise.
    pub faults: Vec<String>,
    /// What is not taken in.
    pub notices: Vec<String>,
    /// What would be written.
    #[serde(skip)]
    pub drafts: Vec<Draft>,
}

/// The lists at two moments.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// As the person saw them.
    pub then: Basis<'a>,
    /// As they stand; the same where nothing was entered since.
    pub now: Basis<'a>,
}

/// Compares a file with the lists.
#[must_use]
pub fn plan(file: &File, sides: Sides<'_>, prefer: Option<Prefer>) -> Plan {
    let mut plan = Plan {
        notices: file.notices.clone(),
        ..Plan::default()
    };
    let uncertain = file.stamp.hand != stamp::hash(&sides.then.ledger.hand);
    if uncertain {
        // Somebody wrote within the second in which the file was made, or it is of another ledger.
        let (ja, en) = (
            "書き出しの控えが台帳の記録と一致しません。変更はすべて競合として扱います",
            "the mark of the export differs from the ledger; every change is taken for a conflict",
        );
        plan.notices.push(format!("{ja} / {en}"));
    }
    let mut drafts = Drafts::default();
    for table in &file.tables {
        let comparison = Comparison::of(table, file, sides, uncertain, prefer);
        comparison.run(&mut plan, &mut drafts);
    }
    plan.drafts = drafts.finish(&mut plan.faults);
    plan
}

/// What is to be written, by key.
#[derive(Default)]
pub(super) struct Drafts {
    pub(super) fields: BTreeMap<String, (String, HandFields)>,
    pub(super) others: Vec<(String, Draft)>,
}

impl Drafts {
    fn finish(self, faults: &mut Vec<String>) -> Vec<Draft> {
        let fields = self.fields.into_iter().map(|(key, (place, fields))| {
            let body = EntryBody::Fields(fields);
            (place, Draft { key, body })
        });
        let all: Vec<(String, Draft)> = self.others.into_iter().chain(fields).collect();
        for (place, draft) in &all {
            if let Err(fault) = bounds::check(draft) {
                faults.push(format!("{place}: {fault}"));
            }
        }
        all.into_iter().map(|(_, draft)| draft).collect()
    }
}

/// A value without its writer: the store puts in who and when.
pub(super) fn unsigned(text: String) -> HandValue {
    HandValue {
        text,
        by: String::new(),
        at: Time::EPOCH,
    }
}

pub(super) struct Comparison<'a> {
    pub(super) table: &'a Table,
    csv: bool,
    then: BTreeMap<String, Row>,
    /// `None`: the same as then.
    now: Option<BTreeMap<String, Row>>,
    /// What people keep as it stands.
    kept: BTreeMap<&'a str, &'a HandFields>,
    /// Where the row's cells of each column of the table are.
    places: Vec<Option<usize>>,
    label: Option<u32>,
    key: Option<u32>,
    pub(super) sides: Sides<'a>,
    uncertain: bool,
    prefer: Option<Prefer>,
}

/// Rows with the columns that the file has, by their keys.
fn by_key(basis: Basis<'_>, table: &Table, columns: &[&str]) -> BTreeMap<String, Row> {
    let all = rows_with(basis, table.list, table.lang, columns).into_iter();
    all.filter_map(|row| Some((row.key.clone()?, row)))
        .collect()
}

impl<'a> Comparison<'a> {
    fn of(
        table: &'a Table,
        file: &File,
        sides: Sides<'a>,
        uncertain: bool,
        prefer: Option<Prefer>,
    ) -> Self {
        let all = columns(table.list);
        let known = |key: &&str| all.iter().any(|it| it.key == *key);
        let named = table.columns.iter().map(|(_, it)| it.key);
        let named: Vec<&str> = named.filter(known).collect();
        let then = by_key(sides.then, table, &named);
        let same = std::ptr::eq(sides.then.ledger, sides.now.ledger);
        let now = (!same).then(|| by_key(sides.now, table, &named));
        let place = |key: &str| named.iter().position(|it| *it == key);
        let column = |key: &str| table.columns.iter().find(|(_, it)| it.key == key);
        let first = all.first().map_or("", |it| it.key);
        Self {
            table,
            csv: file.csv,
            then,
            now,
            kept: sides.now.ledger.hand.fields(),
            places: table.columns.iter().map(|(_, it)| place(it.key)).collect(),
            label: column(first).map(|(at, _)| *at),
            key: column("row_key").map(|(at, _)| *at),
            sides,
            uncertain,
            prefer,
        }
    }

    pub(super) fn place(&self, line: &Line, column: u32) -> String {
        format!("「{}」{}", self.table.name, cell_name(line.number, column))
    }

    /// What stands in the column of that name, as a person wrote it.
    pub(super) fn written<'l>(&self, line: &'l Line, key: &str) -> &'l str {
        let mut columns = self.table.columns.iter();
        let column = columns.find(|(_, it)| it.key == key);
        let text = column.map_or("", |(at, _)| line.cell(*at)).trim();
        match is_marker(text) {
            true => "",
            false => self.plain(text),
        }
    }

    /// Without the apostrophe that keeps a spreadsheet from calculating.
    fn plain<'t>(&self, text: &'t str) -> &'t str {
        let rest = text.strip_prefix('\'').filter(|_| self.csv);
        match rest {
            Some(rest) if crate::export::csv::is_formula(rest) => rest,
            _ => text,
        }
    }

    fn run(&self, plan: &mut Plan, drafts: &mut Drafts) {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        let mut locked = Vec::new();
        for line in &self.table.lines {
            let key = self.key.map_or("", |at| line.cell(at)).trim();
            if key.is_empty() {
                make::row(self, line, plan, drafts);
                continue;
            }
            if key == "―" {
                self.summary_row(line, plan);
                continue;
            }
            if let Some(first) = seen.insert(key, line.number) {
                plan.faults.push(format!(
                    "「{}」{first} 行と {} 行の行キーが同じです: {}。新しい行なら行キーを空にしてください / the same row key",
                    self.table.name,
                    line.number,
                    crate::refusal::visible(key),
                ));
                continue;
            }
            self.line(line, key, plan, drafts, &mut locked);
        }
        let missing = self
            .then
            .keys()
            .filter(|key| !seen.contains_key(key.as_str()));
        let missing = missing.count();
        if missing > 0 {
            plan.notices.push(format!(
                "「{}」にない行 {missing} 件：行を消しても台帳からは消えません / rows that are missing in the file stay in the ledger",
                self.table.name
            ));
        }
        if !locked.is_empty() {
            let count = locked.len();
            locked.truncate(LOCKED_NAMED);
            plan.notices.push(format!(
                "自動取得・導出の列の変更 {count} か所は取り込みません / locked columns are ignored: {}",
                locked.join("、")
            ));
        }
    }

    /// A row for several things: what is written there could be true of one alone.
    fn summary_row(&self, line: &Line, plan: &mut Plan) {
        let hand = self
            .table
            .columns
            .iter()
            .filter(|(_, it)| it.layer == Layer::Hand);
        let mut filled = hand.filter(|(at, _)| !is_marker(line.cell(*at).trim()));
        if let Some((at, column)) = filled.next() {
            plan.faults.push(format!(
                "{} {}: 複数の機器をまとめた行には記入できません / this row stands for several things",
                self.place(line, *at),
                column.ja,
            ));
        }
    }

    fn line(
        &self,
        line: &Line,
        key: &str,
        plan: &mut Plan,
        drafts: &mut Drafts,
        locked: &mut Vec<String>,
    ) {
        let then = self.then.get(key);
        let now = self.now.as_ref().map_or(then, |now| now.get(key));
        if then.is_none() && now.is_none() && !self.kept.contains_key(key) {
            plan.faults.push(format!(
                "「{}」{} 行の行キーは台帳にありません: {}。新しい行なら行キーを空にしてください / no such row",
                self.table.name,
                line.number,
                crate::refusal::visible(key),
            ));
            return;
        }
        for ((at, column), place) in self.table.columns.iter().zip(&self.places) {
            let Some(place) = *place else { continue };
            let was = then.and_then(|row| row.cells.get(place));
            let written = line.cell(*at);
            if was.is_some_and(|was| self.is_untouched(written, was)) {
                continue;
            }
            if was.is_none() && is_marker(written.trim()) {
                continue;
            }
            let field = field_of(column.key).filter(|_| column.layer == Layer::Hand);
            let Some(field) = field else {
                locked.push(format!("{} {}", self.place(line, *at), column.ja));
                continue;
            };
            let stands = now.and_then(|row| row.cells.get(place));
            let touched = Touched {
                line,
                column: *at,
                key,
                field,
                was,
                stands,
            };
            self.touched(&touched, written, plan, drafts);
        }
    }

    fn is_untouched(&self, written: &str, was: &Cell) -> bool {
        let exported = match self.csv {
            true => crate::export::csv::plain(&was.text),
            false => was.text.clone(),
        };
        let even = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        even(written) == even(&exported)
            || (is_marker(written.trim()) && is_marker(was.text.trim()))
            || is_cut(&exported, written)
    }

    fn touched(&self, it: &Touched<'_>, written: &str, plan: &mut Plan, drafts: &mut Drafts) {
        let place = self.place(it.line, it.column);
        let kept = match kept(it.field, self.plain(written.trim())) {
            Ok(kept) => kept,
            Err(what) => {
                let shown = crate::refusal::visible(written.trim());
                let shown: String = shown.chars().take(60).collect();
                let fault = format!("{place} {}: 「{shown}」 {what}", it.field.ja);
                return plan.faults.push(fault);
            }
        };
        let text = |cell: Option<&Cell>| match cell {
            Some(cell) if !is_marker(cell.text.trim()) => cell.text.clone(),
            _ => String::new(),
        };
        let (was, stands) = (text(it.was), text(it.stands));
        let after = it.field.show(&kept, self.table.lang);
        if stands == after {
            return;
        }
        let label = self.label.map_or("", |at| it.line.cell(at));
        let change = Changed {
            place: place.clone(),
            key: it.key.to_owned(),
            label: crate::refusal::visible(label),
            field: it.field.key,
            title: it.field.title(self.table.lang),
            before: stands.clone(),
            after,
        };
        if stands != was || self.uncertain {
            let by = it.stands.map_or("", |cell| cell.source.as_str()).to_owned();
            match self.prefer {
                None => return plan.conflicts.push(Conflict { change, was, by }),
                Some(Prefer::Ledger) => {
                    let notice = format!("{place} {}: 台帳の値を残します / kept", it.field.ja);
                    return plan.notices.push(notice);
                }
                Some(Prefer::File) => {}
            }
        }
        self.put(it, &place, kept, plan, drafts);
        plan.changes.push(change);
    }

    fn put(
        &self,
        it: &Touched<'_>,
        place: &str,
        kept: String,
        plan: &mut Plan,
        drafts: &mut Drafts,
    ) {
        let standing = || {
            self.kept
                .get(it.key)
                .map_or_else(HandFields::default, |it| (*it).clone())
        };
        let entry = drafts.fields.entry(it.key.to_owned());
        let (_, fields) = entry.or_insert_with(|| (place.to_owned(), standing()));
        if !kept.is_empty() {
            fields
                .values
                .insert(it.field.key.to_owned(), unsigned(kept));
        } else if fields.values.remove(it.field.key).is_none() {
            plan.faults.push(format!(
                "{place} {}: この値は機器・外部接続点・事業者などの記入によるものです。site declare か site import で直してください / entered elsewhere",
                it.field.ja
            ));
        }
    }
}

/// A cell that a person changed.
struct Touched<'a> {
    line: &'a Line,
    column: u32,
    key: &'a str,
    field: &'static Field,
    was: Option<&'a Cell>,
    stands: Option<&'a Cell>,
}

/// What a person wrote, in the form in which it is kept; half-width kana and full-width digits are no
/// reason to refuse a word or a day.
pub(super) fn kept(field: &Field, written: &str) -> Result<String, String> {
    if is_marker(written) {
        return Ok(String::new());
    }
    match field.kind {
        Kind::Text => field.keep(written),
        Kind::Choice(all) => {
            let is = |text: &str| folded(text) == folded(written);
            let found = all.iter().find(|it| is(it.word) || is(it.ja) || is(it.en));
            field.keep(found.map_or(written, |it| it.word))
        }
        Kind::Day | Kind::Number => field.keep(&written.nfkc().collect::<String>()),
    }
}

/// What stands where nothing is entered.
pub(super) fn is_marker(text: &str) -> bool {
    let empty = [Lang::Ja, Lang::En].map(|lang| Cell::by_hand(lang).text);
    text.is_empty() || text == "―" || empty.iter().any(|it| it == text)
}

/// Whether a text is what a cell was cut to because Excel holds no more.
fn is_cut(whole: &str, written: &str) -> bool {
    let cut = |lang| crate::export::xlsx::shortened(whole, lang);
    whole.len() > 8_000 && [Lang::Ja, Lang::En].iter().any(|it| cut(*it) == written)
}
