//! What goes out and comes back in is what people changed, and nothing else.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use calamine::{Data, Reader, Xlsx};
use daicho_graph::list::rows;
use daicho_graph::{Knowledge, Network, network};
use daicho_ledger::hand::{Entry, EntryBody, Hand};
use daicho_ledger::{Lang, Ledger, build};
use daicho_report::Time;
use rust_xlsxwriter::Workbook;

use super::plan::{Plan, Prefer, Sides, plan};
use super::{table, *};
use crate::export::{self, Options};
use crate::hand::Draft;

fn ledger() -> Ledger {
    let input = include_str!("../../../ledger/src/ledger/fixture.json");
    build(&serde_json::from_str(input).unwrap())
}

struct Site {
    ledger: Ledger,
    network: Network,
}

impl Site {
    fn of(ledger: Ledger) -> Self {
        let network = network(&ledger, &Knowledge::shipped());
        Self { ledger, network }
    }

    fn basis(&self) -> Basis<'_> {
        Basis {
            ledger: &self.ledger,
            topology: &self.network.topology,
            recognition: &self.network.recognition,
        }
    }

    fn xlsx(&self) -> Vec<u8> {
        export::xlsx::bytes(self.basis(), Lang::Ja, Options::default()).unwrap()
    }

    /// The site after somebody took these in.
    fn after(&self, drafts: &[Draft], by: &str) -> Self {
        let mut ledger = self.ledger.clone();
        let mut entries = ledger.hand.entries;
        for draft in drafts {
            let mut body = draft.body.clone();
            if let EntryBody::Fields(fields) = &mut body {
                for value in fields.values.values_mut() {
                    value.by = by.to_owned();
                }
            }
            entries.retain(|it| it.key != draft.key || it.body.kind() != body.kind());
            entries.push(Entry {
                key: draft.key.clone(),
                by: by.to_owned(),
                at: Time::from_seconds(1_764_000_000),
                body,
            });
        }
        ledger.hand = Hand::new(entries);
        Self::of(ledger)
    }
}

type Sheets = Vec<(String, Vec<Vec<String>>)>;

/// Everything in a workbook, as another program reads it.
fn sheets(bytes: &[u8]) -> Sheets {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let read = |(name, range): (String, calamine::Range<Data>)| {
        let row = |row: &[Data]| row.iter().map(ToString::to_string).collect();
        (name, range.rows().map(row).collect())
    };
    book.worksheets().into_iter().map(read).collect()
}

/// The same as another program saves it.
fn saved(sheets: &Sheets) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in (0_u32..).zip(rows) {
            for (column, text) in (0_u16..).zip(cells) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

const DEVICES: &str = "サーバ・端末PC";

fn rows_of<'s>(sheets: &'s mut Sheets, name: &str) -> &'s mut Vec<Vec<String>> {
    &mut sheets.iter_mut().find(|it| it.0 == name).unwrap().1
}

/// Writes into a cell, by the row's first cell and the column's heading.
fn write(sheets: &mut Sheets, sheet: &str, label: &str, title: &str, text: &str) {
    let rows = rows_of(sheets, sheet);
    let column = rows[0].iter().position(|it| it == title).unwrap();
    let row = rows.iter_mut().find(|row| row[0] == label).unwrap();
    row[column] = text.to_owned();
}

fn planned(bytes: &[u8], then: &Site, now: &Site, prefer: Option<Prefer>) -> Plan {
    let file = table::of_workbook(bytes).unwrap();
    let sides = Sides {
        then: then.basis(),
        now: now.basis(),
    };
    plan(&file, sides, prefer)
}

fn changes(plan: &Plan) -> Vec<(String, &'static str, String)> {
    let one = |it: &super::plan::Changed| (it.label.clone(), it.field, it.after.clone());
    plan.changes.iter().map(one).collect()
}

fn label(site: &Site, at: usize) -> String {
    rows(site.basis(), List::Devices, Lang::Ja)[at].cells[0]
        .text
        .clone()
}

#[test]
fn workbook_that_nobody_touched_changes_nothing() {
    let site = Site::of(ledger());
    let plan = planned(&saved(&sheets(&site.xlsx())), &site, &site, None);
    assert!(
        plan.changes.is_empty() && plan.drafts.is_empty(),
        "{plan:?}"
    );
    assert!(
        plan.faults.is_empty() && plan.conflicts.is_empty(),
        "{plan:?}"
    );
    let options = Options::default();
    let csv = export::csv::bytes(site.basis(), List::Devices, Lang::Ja, options).unwrap();
    let file = table::of_csv(&csv).unwrap();
    let sides = Sides {
        then: site.basis(),
        now: site.basis(),
    };
    let plan = super::plan::plan(&file, sides, None);
    assert!(
        plan.drafts.is_empty() && plan.notices.is_empty(),
        "{plan:?}"
    );
}

#[test]
fn rows_sorted_cut_and_columns_moved_bring_exactly_what_was_written() {
    let site = Site::of(ledger());
    let (one, other) = (label(&site, 0), label(&site, 1));
    let mut book = sheets(&site.xlsx());
    write(&mut book, DEVICES, &one, "設置場所", "二階\n受付");
    write(&mut book, DEVICES, &one, "状態", "修理中");
    write(&mut book, DEVICES, &other, "最終棚卸日", "令和8年11月20日");
    let rows = rows_of(&mut book, DEVICES);
    rows[1..].reverse();
    rows.truncate(rows.len().max(3));
    for row in rows.iter_mut() {
        row.reverse();
    }
    let plan = planned(&saved(&book), &site, &site, None);
    let mut found = changes(&plan);
    found.sort();
    let mut wanted = vec![
        (one.clone(), "location", "二階\n受付".to_owned()),
        (one, "status", "修理中".to_owned()),
        (other, "stocktaking", "2026-11-20".to_owned()),
    ];
    wanted.sort();
    assert_eq!(found, wanted);
    assert!(plan.faults.is_empty(), "{plan:?}");
    assert_eq!(plan.drafts.len(), 2);
}

#[test]
fn what_was_taken_in_is_shown_and_a_second_import_changes_nothing() {
    let site = Site::of(ledger());
    let one = label(&site, 0);
    let mut book = sheets(&site.xlsx());
    write(&mut book, DEVICES, &one, "部署", "放射線科");
    let plan = planned(&saved(&book), &site, &site, None);
    let after = site.after(&plan.drafts, "架空花子");
    let row = &rows(after.basis(), List::Devices, Lang::Ja)[0];
    assert!(row.cells.iter().any(|it| it.text == "放射線科"));
    let again = planned(&saved(&book), &site, &after, None);
    assert!(
        again.drafts.is_empty() && again.conflicts.is_empty(),
        "{again:?}"
    );
}

#[test]
fn change_here_and_there_is_a_conflict_by_name_and_prefer_settles_it() {
    let site = Site::of(ledger());
    let (one, other) = (label(&site, 0), label(&site, 1));
    let mut book = sheets(&site.xlsx());
    write(&mut book, DEVICES, &one, "部署", "薬剤部");
    write(&mut book, DEVICES, &other, "部署", "検査科");
    let theirs = planned(&saved(&book), &site, &site, None).drafts;
    let now = site.after(&theirs[..1], "別の人");
    write(&mut book, DEVICES, &one, "部署", "放射線科");
    write(&mut book, DEVICES, &other, "部署", "病理");
    let plan = planned(&saved(&book), &site, &now, None);
    assert_eq!((plan.conflicts.len(), plan.changes.len()), (1, 1));
    assert!(plan.conflicts[0].by.contains("別の人"), "{plan:?}");
    let file = planned(&saved(&book), &site, &now, Some(Prefer::File));
    assert_eq!(file.changes.len(), 2);
    let ledger = planned(&saved(&book), &site, &now, Some(Prefer::Ledger));
    assert_eq!((ledger.changes.len(), ledger.conflicts.len()), (1, 0));
}

#[test]
fn locked_columns_are_told_and_ignored() {
    let site = Site::of(ledger());
    let one = label(&site, 0);
    let mut book = sheets(&site.xlsx());
    write(&mut book, DEVICES, &one, "OS", "Windows 12");
    let plan = planned(&saved(&book), &site, &site, None);
    assert!(plan.drafts.is_empty() && plan.faults.is_empty());
    assert!(plan.notices.iter().any(|it| it.contains("OS")), "{plan:?}");
}

fn add(book: &mut Sheets, sheet: &str, values: &[(&str, &str)]) {
    let rows = rows_of(book, sheet);
    let mut row = vec![String::new(); rows[0].len()];
    for (title, text) in values {
        let at = rows[0].iter().position(|it| it == title).unwrap();
        row[at] = (*text).to_owned();
    }
    rows.push(row);
}

#[test]
fn new_rows_become_devices_and_ways_of_maintenance_with_their_fields() {
    let site = Site::of(ledger());
    let mut book = sheets(&site.xlsx());
    add(
        &mut book,
        DEVICES,
        &[
            ("機器名", "CT装置1"),
            ("種別", "医療機器"),
            ("IPアドレス／プレフィックス長", "10.9.0.5/24"),
            ("設置場所", "CT室"),
            ("患者情報の有無", "有"),
        ],
    );
    add(
        &mut book,
        "ネットワーク機器",
        &[
            ("機器名", "ONU"),
            ("役割（観測の根拠）", "回線終端装置（ONU等）"),
        ],
    );
    add(
        &mut book,
        "リモートメンテナンス一覧",
        &[
            ("方法（ツール・VPN・回線）", "CT保守VPN"),
            ("二要素認証", "無"),
        ],
    );
    let plan = planned(&saved(&book), &site, &site, None);
    assert!(plan.faults.is_empty(), "{:?}", plan.faults);
    assert_eq!(plan.made.len(), 3);
    let after = site.after(&plan.drafts, "架空花子");
    let cell = |list, label: &str, key: &str| {
        let at = daicho_graph::list::columns(list)
            .iter()
            .position(|it| it.key == key)
            .unwrap();
        let all = rows(after.basis(), list, Lang::Ja);
        let row = all.iter().find(|row| row.cells[0].text.contains(label));
        row.unwrap_or_else(|| panic!("{label}")).cells[at]
            .text
            .clone()
    };
    assert_eq!(cell(List::Devices, "CT装置1", "location"), "CT室");
    assert_eq!(cell(List::Devices, "CT装置1", "patient_data"), "有");
    assert_eq!(
        cell(List::Network, "ONU", "standing"),
        "手入力（通信は未観測）"
    );
    assert_eq!(cell(List::Remote, "CT保守VPN", "two_factor"), "無");
    let again = planned(&saved(&book), &site, &after, None);
    assert!(
        again.drafts.is_empty() && again.faults.is_empty(),
        "{again:?}"
    );
}

#[test]
fn mistakes_are_named_with_their_cell_and_nothing_is_dropped() {
    let site = Site::of(ledger());
    let one = label(&site, 0);
    let check = |change: &dyn Fn(&mut Sheets), wanted: &str| {
        let mut book = sheets(&site.xlsx());
        change(&mut book);
        let plan = planned(&saved(&book), &site, &site, None);
        let all = plan.faults.join("\n");
        assert!(all.contains(wanted), "{wanted}: {all}");
    };
    check(&|it| write(it, DEVICES, &one, "最終棚卸日", "先月"), "先月");
    check(
        &|it| write(it, DEVICES, &one, "状態", "こわれた"),
        "所在不明",
    );
    check(
        &|it| write(it, DEVICES, &one, "行キー（変更不可）", "nobody"),
        "nobody",
    );
    check(
        &|it| {
            let rows = rows_of(it, DEVICES);
            let copy = rows[1].clone();
            rows.push(copy);
        },
        "行キーが同じ",
    );
    check(&|it| add(it, DEVICES, &[("設置場所", "一階")]), "機器名");
    check(&|it| add(it, DEVICES, &[("機器名", "ハブ")]), "種別");
    check(
        &|it| {
            let values = [
                ("機器名", "NAS"),
                ("種別", "その他"),
                ("IPアドレス／プレフィックス長", "10.1.2.3"),
            ];
            add(it, DEVICES, &values);
        },
        "10.1.2.3",
    );
}

/// A workbook with one sheet of the ledger's name, made by hand.
fn made(make: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let site = Site::of(ledger());
    let mut book = Workbook::new();
    let cover = book.add_worksheet();
    cover.set_name("表紙").unwrap();
    let stamp = export::stamp::Stamp::of(&site.ledger).to_string();
    cover.write_string(0, 0, stamp).unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name(DEVICES).unwrap();
    for (at, title) in [(0, "機器名"), (1, "設置場所"), (2, "行キー（変更不可）")] {
        sheet.write_string(0, at, title).unwrap();
    }
    make(sheet);
    book.save_to_buffer().unwrap()
}

#[test]
fn merged_cells_formulas_and_foreign_files_are_refused_by_name() {
    let refused = |bytes: &[u8], wanted: &str| {
        let error = table::of_workbook(bytes).unwrap_err();
        assert!(error.contains(wanted), "{wanted}: {error}");
    };
    let plain = rust_xlsxwriter::Format::new();
    refused(
        &made(|it| {
            it.merge_range(1, 0, 2, 1, "x", &plain).unwrap();
        }),
        "A2",
    );
    refused(
        &made(|it| {
            it.write_formula(3, 1, "=1+1").unwrap();
        }),
        "B4",
    );
    refused(b"PK no zip", "Excelブック");
    refused(&saved(&vec![(DEVICES.to_owned(), Vec::new())]), "控え");
}

#[test]
fn dates_numbers_and_empty_formatted_rows_are_read_as_people_see_them() {
    let site = Site::of(ledger());
    let key = rows(site.basis(), List::Devices, Lang::Ja)[0]
        .key
        .clone()
        .unwrap();
    let bytes = made(|it| {
        it.write_string(0, 3, "最終棚卸日").unwrap();
        it.write_string(0, 4, "ﾛｸﾞの保存日数").unwrap();
        it.write_string(1, 2, &key).unwrap();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy/mm/dd");
        it.write_number_with_format(1, 3, 46_346.0, &date).unwrap();
        it.write_number(1, 4, 365.0).unwrap();
        for row in 2..20_000 {
            it.write_blank(row, 1, &date).unwrap();
        }
        it.set_row_hidden(1).unwrap();
    });
    let plan = planned(&bytes, &site, &site, None);
    assert!(plan.faults.is_empty(), "{:?}", plan.faults);
    let found: BTreeMap<_, _> = plan
        .changes
        .iter()
        .map(|it| (it.field, it.after.as_str()))
        .collect();
    assert_eq!(found["stocktaking"], "2026-11-20");
    assert_eq!(found["log_days"], "365");
}

/// A zip of one part.
fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn macros_names_that_climb_and_bombs_are_refused_before_anything_is_parsed() {
    let refused = |bytes: &[u8], wanted: &str| {
        let error = guard::workbook(bytes).unwrap_err();
        assert!(error.contains(wanted), "{wanted}: {error}");
    };
    refused(&zipped("xl/vbaProject.bin", b"x"), "マクロ");
    refused(&zipped("../../etc/cron.d/x", b"x"), "..");
    refused(&zipped("xl\\..\\x", b"x"), "..");
    let bomb = zipped("xl/worksheets/sheet1.xml", &vec![0_u8; 4 << 20]);
    assert!(bomb.len() < 64 << 10);
    let error = guard::within(&bomb, 1 << 20, 8 << 20).unwrap_err();
    assert!(error.contains("大きすぎます"), "{error}");
    guard::within(&bomb, 4 << 20, 4 << 20).unwrap();
}

#[test]
fn csv_in_shift_jis_and_with_an_apostrophe_before_a_formula_is_taken_in() {
    let site = Site::of(ledger());
    let options = Options::default();
    let csv = export::csv::bytes(site.basis(), List::Devices, Lang::Ja, options).unwrap();
    let text = String::from_utf8(csv).unwrap();
    let text = text.trim_start_matches('\u{feff}');
    let mut records: Vec<Vec<String>> = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(|it| it.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let at = |title: &str| records[0].iter().position(|it| it == title).unwrap();
    let (note, place) = (at("備考"), at("設置場所"));
    records[1][note] = "'-5度で保管".to_owned();
    records[1][place] = "ｻｰﾊﾞ室".to_owned();
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for record in &records {
        writer.write_record(record).unwrap();
    }
    let utf8 = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&utf8);
    let file = table::of_csv(&bytes).unwrap();
    let sides = Sides {
        then: site.basis(),
        now: site.basis(),
    };
    let plan = plan(&file, sides, None);
    let found: BTreeMap<_, _> = plan
        .changes
        .iter()
        .map(|it| (it.field, it.after.as_str()))
        .collect();
    assert_eq!(found.get("note"), Some(&"-5度で保管"), "{plan:?}");
    assert_eq!(found.get("location"), Some(&"ｻｰﾊﾞ室"));
    assert_eq!(found.len(), 2, "{found:?}");
    let wrong = table::of_csv(b"\x81\xff\xff").unwrap_err();
    assert!(wrong.contains("Shift_JIS"), "{wrong}");
}

/// A hospital of machines that differ in their ids and names alone.
fn many(machines: usize) -> Ledger {
    let mut ledger = ledger();
    let sample = ledger.assets[0].clone();
    ledger.seen.clear();
    ledger.assets = (0..machines)
        .map(|number| {
            let mut one = sample.clone();
            one.id = daicho_ledger::AssetId(format!("a-{number:06}"));
            one.label = format!("PC-{number:06}");
            one.flows.clear();
            one.neighbours.clear();
            one
        })
        .collect();
    ledger
}

/// Forty columns of devices; the lists below them keep one, to measure this one.
fn forty() -> export::preset::Preset {
    let all = daicho_graph::list::columns(List::Devices);
    let keys: Vec<String> = all.iter().map(|it| format!("{:?}", it.key)).collect();
    let hand = all
        .iter()
        .filter(|it| it.layer == daicho_ledger::Layer::Hand);
    let hand = hand.map(|it| format!("{:?}", it.key)).take(20);
    let mut chosen: Vec<String> = keys[..19].to_vec();
    chosen.extend(hand);
    chosen.push("\"row_key\"".to_owned());
    let text = format!(
        "name=\"x\"\nsource=\"x\"\ndate=\"x\"\n[lists]\ndevices=[{}]\n",
        chosen.join(",")
    );
    let preset = export::preset::parse(&text).unwrap();
    assert_eq!(chosen.len(), 40);
    preset
}

/// The most memory that this process has had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or("VmHWM not told").replace('\t', " ")
}

/// The release build takes the whole hospital; the measure is printed, for a machine has other work.
#[test]
fn large_list_goes_out_and_comes_back_and_the_time_is_printed() {
    let machines = match std::env::var("DAICHO_MACHINES") {
        Ok(count) => count.parse().unwrap(),
        Err(_) if cfg!(debug_assertions) => 300,
        Err(_) => 10_000,
    };
    let site = Site::of(many(machines));
    let preset = forty();
    let options = Options {
        preset: Some(&preset),
        ..Options::default()
    };
    let start = std::time::Instant::now();
    let before = peak();
    let bytes = export::xlsx::list(site.basis(), List::Devices, Lang::Ja, options).unwrap();
    let (out, peak) = (start.elapsed(), peak());
    let start = std::time::Instant::now();
    let plan = planned(&bytes, &site, &site, None);
    let back = start.elapsed();
    assert!(plan.faults.is_empty() && plan.drafts.is_empty());
    println!(
        "{machines} machines, 40 columns: XLSX {out:.2?} ({} bytes), with its ledger {peak} (before: {before}); \
         preview {back:.2?}, {}",
        bytes.len(),
        self::peak(),
    );
}

#[test]
fn order_in_which_reports_came_does_not_change_the_bytes() {
    let input = include_str!("../../../ledger/src/ledger/fixture.json");
    let mut input: daicho_ledger::Input = serde_json::from_str(input).unwrap();
    let one = Site::of(build(&input)).xlsx();
    input.agents.reverse();
    for agent in &mut input.agents {
        agent.sections.reverse();
        agent.flows.reverse();
        agent.neighbours.reverse();
    }
    input.hand.entries.reverse();
    assert!(one == Site::of(build(&input)).xlsx());
}
