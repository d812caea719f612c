//! A workbook in the shape of the ministry's: merged cells, はい・いいえ, days in brackets. Only answers and
//! days change in the copy.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use daicho_ledger::checklist::{Form, Sheet, shipped};
use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::ZipArchive;

use super::*;
use crate::checklist::import;

const CHOICE: &str = "はい ・ いいえ";
const DAY: &str = "（　　/　　）";

/// Rows as the form of FY2024 has them: text, and the headings between them.
const ROWS: &[(&str, bool)] = &[
    ("医療情報システムの有無", false),
    ("医療情報システムを導入、運用している。", true),
    (
        "医療情報システム安全管理責任者を設置している。(1-(1))",
        true,
    ),
    ("医療情報システム全般について、以下を実施している。", false),
    (
        "サーバ、端末PC、ネットワーク機器の台帳管理を行っている。(2-(1))",
        true,
    ),
    ("サーバについて、以下を実施している。", false),
    (
        "退職者や使用していないアカウント等、不要なアカウントを削除している。(2-(5))",
        true,
    ),
    ("端末PCについて、以下を実施している。", false),
    (
        "退職者や使用していないアカウント等、不要なアカウントを削除している。(2-(5))",
        true,
    ),
    ("独自に加えられた新しい項目がある。(9-(9))", true),
];

fn workbook(day_in_cell: bool) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("医療機関確認用").unwrap();
    let format = Format::new().set_bold();
    let title = "令和6年度版 医療機関におけるサイバーセキュリティ対策チェックリスト";
    sheet.merge_range(0, 0, 0, 6, title, &format).unwrap();
    for (at, text) in [(3, "確認結果（日付）"), (5, "目標日"), (6, "2回目")] {
        sheet
            .write_string_with_format(1, at, text, &format)
            .unwrap();
    }
    for (row, (text, asks)) in (2_u32..).zip(ROWS) {
        sheet.merge_range(row, 0, row, 2, text, &format).unwrap();
        if !asks {
            continue;
        }
        match day_in_cell {
            true => sheet
                .write_string(row, 3, format!("{CHOICE}{DAY}"))
                .unwrap(),
            false => sheet.write_string(row, 3, CHOICE).unwrap(),
        };
        sheet.write_string(row, 4, DAY).unwrap();
        sheet.write_string(row, 5, DAY).unwrap();
        sheet.write_string(row, 6, CHOICE).unwrap();
    }
    sheet.write_formula(40, 0, Formula::new("1+1")).unwrap();
    book.add_worksheet().set_name("説明").unwrap();
    book.save_to_buffer().unwrap()
}

fn r6() -> &'static Form {
    shipped().iter().find(|it| it.id == "r6").unwrap()
}

fn found(page: &Page, item: &str) -> Vec<u32> {
    let item = r6().item(item).unwrap();
    let spots = page.spots();
    let found = spots.iter().filter(|it| page.is_of(item, r6(), it));
    found.map(|it| it.row).collect()
}

#[test]
fn rows_are_found_by_their_words_and_the_heading_above_them() {
    let pages = pages(&workbook(false)).unwrap();
    assert_eq!(pages[0].sheet(), Some(Sheet::Hospital));
    assert_eq!(found(&pages[0], "2-01"), [7]);
    assert_eq!(found(&pages[0], "2-05-server"), [9]);
    assert_eq!(found(&pages[0], "2-05-terminal"), [11]);
    assert_eq!(found(&pages[0], "3-03"), [] as [u32; 0]);
    let spot = pages[0].spots().into_iter().find(|it| it.row == 7).unwrap();
    assert_eq!((spot.answer, spot.on, spot.target), (3, Some(4), Some(5)));
    assert!(pages[1].spots().is_empty());
}

fn parts_of(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = BTreeMap::new();
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        out.insert(name, bytes);
    }
    out
}

/// Answers to r6 of a hospital without machines: two by a person.
fn answered(bytes: &[u8]) -> Written {
    use daicho_ledger::checklist::{answer_key, fill};
    use daicho_ledger::hand::{Answer, Entry, EntryBody, Hand};
    let answer = |item: &str, says, target: Option<&str>| Entry {
        key: answer_key("r6", Sheet::Hospital, None, item),
        by: "架空花子".to_owned(),
        at: daicho_report::Time::EPOCH,
        body: EntryBody::Answer(Answer {
            says,
            on: "2026-11-20".to_owned(),
            name: "架空花子".to_owned(),
            target: target.map(str::to_owned),
            done: None,
            version: String::new(),
            approver: String::new(),
            note: String::new(),
            file: None,
        }),
    };
    let mut ledger = crate::checklist::tests::empty();
    ledger.hand = Hand::new(vec![
        answer("1-01", Said::Yes, None),
        answer("2-05-terminal", Said::No, Some("2027-03-31")),
    ]);
    let census = crate::checklist::tests::census_of(&ledger);
    let filled = fill(r6(), Sheet::Hospital, &census, None);
    write(bytes, &[filled]).unwrap()
}

#[test]
fn copy_holds_answers_and_days_and_every_other_part_is_the_same_bytes() {
    let before = workbook(false);
    let written = answered(&before);
    assert_eq!(written.answers, 2);
    let copy = pages(&written.bytes).unwrap();
    let original = pages(&before).unwrap();
    let mut expected = original[0].texts.clone();
    expected.insert((5, 3), "はい".to_owned());
    expected.insert((5, 4), "（11/20）".to_owned());
    expected.insert((11, 3), "いいえ".to_owned());
    expected.insert((11, 4), "（11/20）".to_owned());
    expected.insert((11, 5), "（3/31）".to_owned());
    assert_eq!(copy[0].texts, expected);
    let (old, new) = (parts_of(&before), parts_of(&written.bytes));
    assert_eq!(
        old.keys().collect::<Vec<_>>(),
        new.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &old {
        let same = new[name] == *bytes;
        assert_eq!(same, name != "xl/worksheets/sheet1.xml", "{name}");
    }
    // Every item that got no answer is told.
    assert_eq!(written.left.len(), r6().on(Sheet::Hospital).count() - 2);
}

#[test]
fn day_that_stands_in_the_cell_of_the_answer_is_written_there() {
    let written = answered(&workbook(true));
    let copy = pages(&written.bytes).unwrap();
    assert_eq!(copy[0].texts[&(5, 3)], "はい（11/20）");
    assert_eq!(copy[0].texts[&(5, 4)], DAY);
}

#[test]
fn form_that_is_imported_ties_rows_to_rules_and_leaves_what_is_new_to_people() {
    let pages = pages(&workbook(false)).unwrap();
    let known: Vec<_> = shipped().iter().map(std::borrow::Cow::Borrowed).collect();
    let about = import::About {
        id: "r8",
        title: "令和8年度版",
        fiscal_year: Some(2026),
        file: "様式.xlsx",
        today: "2026-11-26",
    };
    let read = import::read(&pages, &known, &about).unwrap();
    let form = Form::read(&import::file(&read)).unwrap();
    assert_eq!(form, read.form);
    let rule = |words: &str| {
        let items = form.items.iter().filter(|it| it.ja.contains(words));
        items.map(|it| it.rule.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(rule("台帳管理"), ["ledger_kept"]);
    assert_eq!(rule("退職者"), ["accounts", "accounts"]);
    assert_eq!(rule("独自"), ["none"]);
    assert_eq!(read.skipped, ["説明"]);
    // What was read finds its own rows again.
    for item in &form.items {
        let spots = pages[0].spots();
        let mine = spots.iter().filter(|it| pages[0].is_of(item, &form, it));
        assert_eq!(mine.count(), 1, "{}", item.ja);
    }
}

#[test]
fn what_is_no_plain_workbook_is_refused() {
    assert!(pages(b"not a workbook").is_err());
    assert!(pages(&[]).is_err());
}
