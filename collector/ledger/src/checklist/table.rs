//! A filled sheet as a list of cells, for every writer of lists.

use std::collections::BTreeMap;

use super::days;
use super::form::{Form, Scope};
use super::settle::{Filled, Final, Line, Named};
use crate::cell::{Cell, State};
use crate::hand::KeptFile;
use crate::hand::answer::Said;
use crate::ledger::Ledger;
use crate::list::{Column, Layer, Row, column};
use crate::text::{Lang, visible};

const D: Layer = Layer::Derived;
const H: Layer = Layer::Hand;

/// Things named for one saying.
const NAMED: usize = 3;
/// Sayings in a cell.
const SAYINGS: usize = 6;

const COLUMNS: &[Column] = &[
    column(D, "no", "項番", "no."),
    column(D, "item", "項目（要約）", "item (in short)"),
    column(D, "scope", "対象", "about"),
    column(D, "answer", "回答", "answer"),
    column(D, "proof", "回答の根拠", "why this answer"),
    column(D, "supports", "裏付ける数", "support it"),
    column(D, "contradicts", "反する機器等", "that contradict it"),
    column(D, "open", "確認できていない機器等", "open"),
    column(D, "attest", "人が確かめること", "for a person to attest"),
    column(H, "said", "人の回答", "a person's answer"),
    column(H, "on", "確認日", "looked at on"),
    column(H, "name", "確認者", "by"),
    column(H, "target", "目標日", "to be done by"),
    column(H, "done", "完了日", "done on"),
    column(H, "document", "文書", "document"),
    column(H, "note", "備考", "note"),
    column(D, "by", "データ", "data"),
    column(D, "data", "データの時期", "data received"),
    column(D, "key", "番号", "id"),
];

/// On paper: what belongs together stands in one column.
const PRINTED: &[Column] = &[
    column(D, "no", "項番", "no."),
    column(D, "item", "項目（要約）", "item (in short)"),
    column(D, "scope", "対象", "about"),
    column(D, "answer", "回答と根拠", "answer, why"),
    column(D, "supports", "裏付け", "support"),
    column(D, "contradicts", "反する機器等", "that contradict it"),
    column(D, "open", "確認できていない機器等", "open"),
    column(D, "attest", "人が確かめること", "for a person to attest"),
    column(H, "said", "人の回答・確認日・確認者", "a person's answer"),
    column(H, "target", "目標日・完了日", "due, done"),
    column(H, "note", "文書・備考", "document, note"),
    column(D, "data", "データの時期", "data received"),
];

/// The columns of a filled sheet on paper.
#[must_use]
pub fn printed_columns() -> Vec<Column> {
    PRINTED.to_vec()
}

/// The rows of a filled sheet on paper.
#[must_use]
pub fn printed_rows(filled: &Filled<'_>, ledger: &Ledger, lang: Lang) -> Vec<Row> {
    let site = (ledger.site.utc_offset_s, lang);
    let row = |line: &Line<'_>| {
        let one = |key: &str| cell(line, key, site);
        let joined = |keys: &[&str]| {
            let cells: Vec<Cell> = keys.iter().map(|key| one(key)).collect();
            let lines = cells.iter().filter(|it| it.state == State::Value);
            let lines: Vec<&str> = lines.map(|it| it.text.as_str()).collect();
            match lines.is_empty() {
                true => cells
                    .into_iter()
                    .next()
                    .unwrap_or_else(|| Cell::by_hand(lang)),
                false => Cell::own(lines.join("\n")),
            }
        };
        let printed = |column: &Column| match column.key {
            "scope" => {
                let scope = one("scope");
                Cell::own(scope.text.replace(['・', ','], "\n"))
            }
            "answer" => {
                let answer = one("answer");
                let text = format!("{}\n{}", answer.text, one("proof").text);
                Cell { text, ..answer }
            }
            "said" => joined(&["said", "on", "name"]),
            "target" => joined(&["target", "done"]),
            "note" => joined(&["document", "note"]),
            key => one(key),
        };
        Row {
            asset: None,
            key: None,
            cells: PRINTED.iter().map(printed).collect(),
        }
    };
    filled.lines.iter().map(row).collect()
}

const DETAIL: &[Column] = &[
    column(D, "sheet", "表", "sheet"),
    column(D, "no", "項番", "no."),
    column(D, "item", "項目（要約）", "item (in short)"),
    column(D, "side", "区分", "side"),
    column(D, "name", "機器等", "thing"),
    column(D, "evidence", "内容", "what is said"),
];

/// The columns of what each answer rests on.
#[must_use]
pub fn detail_columns() -> Vec<Column> {
    DETAIL.to_vec()
}

/// What each answer rests on, thing by thing: what contradicts it first.
#[must_use]
pub fn detail_rows(filled: &Filled<'_>, lang: Lang) -> Vec<Row> {
    let sheet = match &filled.vendor {
        Some((_, vendor)) => format!("{}　{}", filled.sheet.title(lang), visible(vendor)),
        None => filled.sheet.title(lang).to_owned(),
    };
    let mut rows = Vec::new();
    for line in &filled.lines {
        let sides = [
            (&line.proof.contradicts, lang.pick("反する", "against")),
            (&line.proof.open, lang.pick("未確認", "open")),
            (&line.proof.supports, lang.pick("裏付け", "support")),
        ];
        for (all, side) in sides {
            for it in all {
                let said = lang.pick(&it.ja, &it.en);
                let cells = vec![
                    Cell::own(sheet.clone()),
                    Cell::own(line.item.no.clone()),
                    Cell::own(line.item.label(lang)),
                    Cell::own(side),
                    Cell::value(&it.name, lang),
                    Cell::value(said, lang),
                ];
                rows.push(Row {
                    asset: None,
                    key: None,
                    cells,
                });
            }
        }
    }
    rows
}

/// The columns of a filled sheet.
#[must_use]
pub fn columns() -> Vec<Column> {
    COLUMNS.to_vec()
}

/// That the form is of an older year than the day of the question.
#[must_use]
pub fn outdated(filled: &Filled<'_>, lang: Lang) -> Option<String> {
    let year = filled
        .form
        .fiscal_year
        .filter(|_| filled.outdated.is_some())?;
    let own = days::fiscal_title(year, lang);
    Some(match lang {
        Lang::Ja => format!("この様式は{own}版です。最新版の有無を確認してください"),
        Lang::En => format!("this form is of {own}: look for a newer one"),
    })
}

/// What every page of a filled sheet says: which form, of which year, and whether that is this year's.
#[must_use]
pub fn summary(filled: &Filled<'_>, lang: Lang) -> Vec<String> {
    let form = filled.form;
    let mut out = vec![format!(
        "{}　{}",
        form.title(lang),
        filled.sheet.title(lang)
    )];
    if let Some((_, name)) = &filled.vendor {
        out.push(format!(
            "{}{}",
            lang.pick("事業者：", "vendor: "),
            visible(name)
        ));
    }
    out.extend(outdated(filled, lang));
    out.push(counts(filled, lang));
    out.push(match filled.is_complete() {
        true => lang
            .pick("すべて回答済み", "every item is answered")
            .to_owned(),
        false => lang.pick("未完了", "not complete").to_owned(),
    });
    out
}

/// How many items have which answer.
#[must_use]
pub fn counts(filled: &Filled<'_>, lang: Lang) -> String {
    let count = |is: fn(&Final) -> bool| filled.lines.iter().filter(|it| is(&it.verdict)).count();
    let yes = count(|it| it.written() == Some(Said::Yes));
    let no = count(|it| it.written() == Some(Said::No));
    let none = count(|it| it.written() == Some(Said::NotApplicable));
    let against = count(|it| *it == Final::Contradicted);
    let open = count(|it| *it == Final::Open);
    let all = filled.lines.len();
    match lang {
        Lang::Ja => format!(
            "全 {all} 項目：はい {yes}、いいえ {no}、該当なし {none}、矛盾 {against}、未回答 {open}"
        ),
        Lang::En => format!(
            "{all} items: yes {yes}, no {no}, not applicable {none}, contradicted {against}, open {open}"
        ),
    }
}

/// Where a form was read, when, and what of it could not be.
#[must_use]
pub fn source(form: &Form, lang: Lang) -> String {
    let read = lang.pick("確認", "read on");
    let note = match form.note.is_empty() {
        true => String::new(),
        false => format!("。{}", form.note),
    };
    format!("{}（{read} {}）{note}", form.source, form.checked)
}

/// The rows of a filled sheet.
#[must_use]
pub fn rows(filled: &Filled<'_>, ledger: &Ledger, lang: Lang) -> Vec<Row> {
    let offset = ledger.site.utc_offset_s;
    let row = |line: &Line<'_>| Row {
        asset: None,
        key: None,
        cells: COLUMNS
            .iter()
            .map(|it| cell(line, it.key, (offset, lang)))
            .collect(),
    };
    filled.lines.iter().map(row).collect()
}

fn cell(line: &Line<'_>, key: &str, (offset, lang): (i32, Lang)) -> Cell {
    let item = line.item;
    let answer = line.answer.map(|it| it.1);
    let entered = |text: Option<&str>| match text.filter(|it| !it.trim().is_empty()) {
        Some(text) => {
            let lines: Vec<String> = text.lines().map(visible).collect();
            Cell::own(lines.join("\n"))
        }
        None => Cell::by_hand(lang),
    };
    match key {
        "no" => Cell::own(item.no.clone()),
        "item" => Cell::own(item.label(lang)),
        "scope" => Cell::own(scope(&item.scope, lang)),
        "by" => Cell::own(item.by.title(lang)),
        "answer" => verdict(line.verdict, lang),
        "proof" => Cell::own(why(line, lang)),
        "supports" => Cell::number(line.proof.supports.len() as u64),
        "contradicts" => named(&line.proof.contradicts, lang),
        "open" => named(&line.proof.open, lang),
        "data" => match line.proof.data {
            Some((first, last)) => Cell::own(format!(
                "{}\n～{}",
                crate::text::day(first, offset),
                crate::text::day(last, offset)
            )),
            None => Cell::not_applicable(),
        },
        "attest" => match item.attest(lang) {
            "" => Cell::not_applicable(),
            text => Cell::own(text),
        },
        "said" => entered(answer.map(|it| it.says.title(lang))),
        "on" => entered(answer.map(|it| it.on.as_str())),
        "name" => entered(answer.map(|it| it.name.as_str())),
        "target" => match answer.map(|it| it.says) {
            Some(Said::Yes | Said::NotApplicable) => Cell::not_applicable(),
            _ => entered(answer.and_then(|it| it.target.as_deref())),
        },
        "done" => entered(answer.and_then(|it| it.done.as_deref())),
        "document" => entered(answer.map(document).as_deref()),
        "note" => entered(answer.map(|it| it.note.as_str())),
        _ => Cell::own(item.id.clone()),
    }
}

fn scope(scope: &[Scope], lang: Lang) -> String {
    if scope.is_empty() {
        return lang.pick("組織", "the organisation").to_owned();
    }
    let titles: Vec<&str> = scope.iter().map(|it| it.title(lang)).collect();
    titles.join(lang.pick("・", ", "))
}

fn verdict(verdict: Final, lang: Lang) -> Cell {
    let text = match verdict {
        Final::Proved => Said::Yes.title(lang),
        Final::Refuted => Said::No.title(lang),
        Final::Attested(said) => said.title(lang),
        Final::Contradicted => lang.pick("矛盾（記入せず）", "contradicted (left empty)"),
        Final::Open => lang.pick("未回答", "open"),
    };
    let state = match verdict {
        Final::Contradicted | Final::Open => State::Unknown,
        _ => State::Value,
    };
    Cell {
        state,
        ..Cell::own(text)
    }
}

fn why(line: &Line<'_>, lang: Lang) -> String {
    let against = line.proof.contradicts.len();
    match (line.verdict, lang) {
        (Final::Proved, Lang::Ja) => "データで確認".to_owned(),
        (Final::Proved, Lang::En) => "proved by data".to_owned(),
        (Final::Refuted, Lang::Ja) => {
            format!("データが反する（{against} 件）。対応するか目標日を決める")
        }
        (Final::Refuted, Lang::En) => format!("{against} contradict it: mend, or set a day"),
        (Final::Attested(_), Lang::Ja) => "人の確認".to_owned(),
        (Final::Attested(_), Lang::En) => "attested by a person".to_owned(),
        (Final::Contradicted, Lang::Ja) => {
            format!("人は「はい」、データは {against} 件が反する。どちらかを直す")
        }
        (Final::Contradicted, Lang::En) => {
            format!("a person said yes, {against} contradict it: mend one of them")
        }
        (Final::Open, Lang::Ja) => "人の確認が必要".to_owned(),
        (Final::Open, Lang::En) => "a person must attest it".to_owned(),
    }
}

/// What is said, with the names of whom it is said: one line for each saying, the most frequent first.
fn named(all: &[Named], lang: Lang) -> Cell {
    let mut by_saying: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for it in all {
        let said = lang.pick(&it.ja, &it.en);
        by_saying.entry(said).or_default().push(&it.name);
    }
    let mut sayings: Vec<(&str, Vec<&str>)> = by_saying.into_iter().collect();
    sayings.sort_by_key(|(said, names)| (std::cmp::Reverse(names.len()), *said));
    let line = |(said, names): &(&str, Vec<&str>)| {
        let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>();
        let shown = shown.join(lang.pick("、", ", "));
        let left = names.len().saturating_sub(NAMED);
        match (left, lang) {
            (0, _) => format!("{said}：{shown}"),
            (_, Lang::Ja) => format!("{said}：{shown} ほか {left} 件"),
            (_, Lang::En) => format!("{said}: {shown} and {left} more"),
        }
    };
    let mut lines: Vec<String> = sayings.iter().take(SAYINGS).map(line).collect();
    let left: usize = sayings.iter().skip(SAYINGS).map(|it| it.1.len()).sum();
    if left > 0 {
        lines.push(match lang {
            Lang::Ja => format!("ほか {left} 件（内訳を参照）"),
            Lang::En => format!("and {left} more (see the details)"),
        });
    }
    Cell {
        key: format!("{:08}", all.len()),
        ..Cell::lines(lines, lang)
    }
}

fn document(answer: &crate::hand::Answer) -> String {
    let file = answer.file.as_ref().map(file);
    let version = (!answer.version.is_empty()).then(|| format!("版 {}", answer.version));
    let approver = (!answer.approver.is_empty()).then(|| format!("承認 {}", answer.approver));
    let parts: Vec<String> = [file, version, approver].into_iter().flatten().collect();
    parts.join("、")
}

/// A file by its name and the beginning of its hash.
pub(super) fn file(file: &KeptFile) -> String {
    let hash = file.digest.to_string();
    let short: String = hash.chars().take(16).collect();
    format!("{}（{} バイト、SHA-256 {short}…）", file.name, file.bytes)
}
