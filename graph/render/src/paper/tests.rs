use daicho_graph::text::width;

use super::wrap::wrap;
use super::{Block, Cell, Mark, Paper, Section, Table, sheets};

fn paper(blocks: Vec<Block>) -> Paper {
    Paper {
        title: "架空病院".to_owned(),
        moment: "2026-11-26".to_owned(),
        foot: "取扱注意".to_owned(),
        a3: false,
        sections: vec![Section {
            card: false,
            blocks,
        }],
    }
}

fn words(paper: &Paper) -> String {
    let text = |it: &Mark| match it {
        Mark::Text { text, .. } => Some(text.clone()),
        Mark::Frame { .. } => None,
    };
    let all = sheets(paper);
    all.iter()
        .flat_map(|it| it.marks.iter().filter_map(text))
        .collect()
}

#[test]
fn no_line_begins_with_a_mark_of_the_one_before_and_words_stay_whole() {
    assert_eq!(wrap("あいうえ。かき", 8), ["あいう", "え。かき"]);
    assert_eq!(wrap("ああ（いう）", 6), ["ああ", "（い", "う）"]);
    assert_eq!(wrap("one two three", 8), ["one two", "three"]);
    assert_eq!(wrap("0123456789", 4), ["0123", "4567", "89"]);
    assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
}

#[test]
fn long_table_goes_on_with_its_head_and_every_sheet_has_its_number() {
    let row = |n: usize| vec![Cell::of(format!("機器{n:04}")), Cell::room(8)];
    let table = Table {
        head: vec!["機器名".to_owned(), "記入".to_owned()],
        weights: vec![1, 2],
        rows: (0..120).map(row).collect(),
    };
    let all = sheets(&paper(vec![Block::Table(table)]));
    assert!(all.len() > 2);
    for (n, sheet) in all.iter().enumerate() {
        let has = |wanted: &str| {
            sheet
                .marks
                .iter()
                .any(|it| matches!(it, Mark::Text { text, .. } if text == wanted))
        };
        assert!(has("機器名") && has(&format!("{} / {}", n + 1, all.len())));
    }
}

#[test]
fn card_has_a_sheet_of_its_own_without_title() {
    let mut it = paper(vec![Block::Text("本文".to_owned())]);
    it.sections.push(Section {
        card: true,
        blocks: vec![Block::Heading("お知らせ".to_owned())],
    });
    let all = sheets(&it);
    assert_eq!(all.len(), 2);
    assert!(all[1].size.0 < all[0].size.0);
    assert_eq!(all[1].marks.len(), 1);
}

proptest::proptest! {
    #[test]
    fn every_letter_is_there_and_nothing_leaves_its_sheet(
        texts in proptest::collection::vec("[a-z あ-ん。（）0-9]{0,900}", 1..12), a3: bool,
    ) {
        let cells = |it: &String| vec![Cell::of(it.clone()), Cell { strong: it.clone(), ..Cell::default() }];
        let table = Table { head: vec![], weights: vec![1, 9], rows: texts.iter().map(cells).collect() };
        let it = Paper { a3, ..paper(vec![Block::Limits("注".to_owned(), texts.clone()), Block::Table(table)]) };
        let letters = |text: &str| {
            let mut all: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
            all.sort_unstable();
            all
        };
        let bare = |text: &str| text.replace([' ', '/'], "");
        let all = sheets(&it);
        for sheet in &all {
            for mark in &sheet.marks {
                let (right, below) = match mark {
                    Mark::Text { x, y, size, text, .. } => (x + width(text) as f32 * size / 2.0, *y),
                    Mark::Frame { x, y, w, h, .. } => (x + w, y + h),
                };
                proptest::prop_assert!(right <= sheet.size.0 && below <= sheet.size.1, "{mark:?}");
            }
        }
        let around: String = (1..=all.len())
            .map(|n| format!("架空病院2026-11-26取扱注意{n}/{}", all.len()))
            .collect();
        let expected = texts.concat().repeat(3) + "注" + &around;
        proptest::prop_assert_eq!(letters(&bare(&words(&it))), letters(&bare(&expected)));
    }
}
