//! The cover: whose ledger, of when, how much of the network is covered, and what the marks mean.

use daicho_ledger::{Layer, Ledger, State, text};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::style::{self, Styles};
use super::{Lang, List, Paper, site_name};
use crate::export::preset::Preset;
use crate::export::stamp::{self, Covered, Stamp};

/// What the other sheets of the workbook hold.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Rows of each list.
    pub(super) rows: Vec<(List, usize)>,
    /// Pages of the diagram.
    pub(super) diagram: usize,
}

pub(super) fn write(
    sheet: &mut Worksheet,
    paper: &Paper<'_>,
    (counted, segments): (&Counted, &[Covered]),
    preset: Option<&Preset>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let (ledger, lang) = (paper.ledger, paper.lang);
    sheet.set_name(stamp::cover(lang))?;
    sheet.set_column_width(0, 30)?;
    sheet.set_column_width(1, 90)?;
    let title = lang.pick("情報機器台帳", "Ledger of information assets");
    sheet.write_string_with_format(0, 0, title, &styles.title)?;
    sheet.set_row_height(0, 32)?;
    sheet.set_row_height(1, 20)?;
    let mut next = 1;
    if ledger.site.simulated {
        let word = lang.pick(
            "模擬データ（実在の病院ではありません）",
            "simulated data (this hospital does not exist)",
        );
        sheet.write_string_with_format(next, 0, word, &styles.subtitle)?;
    }
    next += 1;
    let value = styles.cell(State::Value, false);
    for (name, text) in facts(ledger, lang, counted, preset) {
        sheet.write_string_with_format(next, 0, name, &styles.name)?;
        let height = style::row_height([name, text.as_str()].into_iter(), &[30.0, 90.0]);
        sheet.write_string_with_format(next, 1, text, value)?;
        sheet.set_row_height(next, height)?;
        next += 1;
    }
    next = coverage(sheet, next + 1, lang, segments, styles)?;
    next += 1;
    let legend = lang.pick("凡例", "Legend");
    sheet.write_string_with_format(next, 0, legend, &styles.subtitle)?;
    next += 1;
    for (state, sample, meaning) in marks(lang) {
        sheet.write_string_with_format(next, 0, sample, styles.cell(state, false))?;
        sheet.write_string_with_format(next, 1, meaning, value)?;
        next += 1;
    }
    for (layer, sample, meaning) in layers(lang) {
        sheet.write_string_with_format(next, 0, sample, styles.heading(layer))?;
        sheet.write_string_with_format(next, 1, meaning, value)?;
        next += 1;
    }
    paper.print(sheet, title);
    sheet.set_print_fit_to_pages(1, 1);
    Ok(())
}

/// Segments shown on the cover; the others stand in their sheet.
const SEGMENTS: usize = 60;

/// How much is covered, network by network.
fn coverage(
    sheet: &mut Worksheet,
    mut next: u32,
    lang: Lang,
    all: &[Covered],
    styles: &Styles,
) -> Result<u32, XlsxError> {
    let title = lang.pick("取得範囲（セグメント別）", "Coverage by segment");
    sheet.write_string_with_format(next, 0, title, &styles.subtitle)?;
    next += 1;
    for it in all.iter().take(SEGMENTS) {
        sheet.write_string_with_format(next, 0, &it.ranges, &styles.name)?;
        sheet.write_string_with_format(next, 1, &it.words, styles.cell(it.state, false))?;
        let lines = style::row_height([it.ranges.as_str()].into_iter(), &[30.0]);
        sheet.set_row_height(next, lines)?;
        next += 1;
    }
    let note = match (all.len(), all.len().saturating_sub(SEGMENTS), lang) {
        (0, _, _) => lang
            .pick("セグメントの観測なし", "no segment seen")
            .to_owned(),
        (_, 0, _) => return Ok(next),
        (_, left, Lang::Ja) => format!("ほか {left} 件は「系・セグメント」のシート"),
        (_, left, Lang::En) => format!("{left} more in the sheet of zones and segments"),
    };
    sheet.write_string_with_format(next, 0, note, &styles.note)?;
    Ok(next + 1)
}

/// Whether the diagram is in the workbook.
fn diagram(pages: usize, lang: Lang) -> String {
    match (pages, lang) {
        (0, Lang::Ja) => {
            "このブックには入れていません（構成図は diagram コマンドで書き出せます）".to_owned()
        }
        (0, Lang::En) => "not in this workbook (the command `diagram` draws it)".to_owned(),
        (_, Lang::Ja) => format!("{pages} ページ"),
        (_, Lang::En) => format!("{pages} pages"),
    }
}

fn facts(
    ledger: &Ledger,
    lang: Lang,
    counted: &Counted,
    preset: Option<&Preset>,
) -> Vec<(&'static str, String)> {
    let offset = ledger.site.utc_offset_s;
    let time = |at| text::moment(at, offset);
    let day = text::date(ledger.as_of, offset, lang);
    let clock = time(ledger.as_of);
    let as_of = format!("{day} {}", clock.get(11..).unwrap_or_default());
    let remark = lang.pick(
        "観測のみの機器は、エージェントのある機器との通信から分かった範囲です。\
         これ以外の機器がないことを示すものではありません。",
        "Devices only seen are those that machines with an agent have met; there may be others.",
    );
    let mut facts = vec![
        (lang.pick("施設", "Site"), site_name(ledger, lang)),
        (lang.pick("時点", "As of"), as_of),
        (
            lang.pick("データの期間（受信）", "Data received"),
            stamp::period(ledger, lang),
        ),
        (lang.pick("時間帯", "Time zone"), zone(ledger)),
        (
            lang.pick("取得範囲", "Coverage"),
            stamp::coverage(ledger, lang),
        ),
        (
            lang.pick("取得範囲の注意", "About the coverage"),
            remark.to_owned(),
        ),
    ];
    if let Some(preset) = preset {
        let name = text::visible(lang.pick(&preset.ja, &preset.en));
        let from = format!(
            "{} {}",
            text::visible(&preset.source),
            text::visible(&preset.date)
        );
        facts.push((
            lang.pick("列の組み合わせ", "Columns"),
            lang.remark(&name, &from),
        ));
    }
    facts.push((stamp::heading(lang), Stamp::of(ledger).to_string()));
    let word = lang.pick("判定に使ったデータの確認日", "Data files, read on");
    facts.push((word, data_files(ledger, lang)));
    let (word, rows) = (lang.pick("構成図", "Diagram"), lang.pick("行", "rows"));
    facts.push((word, diagram(counted.diagram, lang)));
    for (list, count) in &counted.rows {
        facts.push((list.title(lang), format!("{count} {rows}")));
    }
    facts
}

/// Data files after which this many days have gone by are told as old.
const OLD_DAYS: i64 = 180;

/// What verdicts rest on, and how old it is.
fn data_files(ledger: &Ledger, lang: Lang) -> String {
    let today = text::moment(ledger.as_of, ledger.site.utc_offset_s);
    let today = today.get(..10).unwrap_or(&today);
    let one = |file: daicho_ledger::support::DataFile| {
        let (first, last) = &file.checked;
        let age = daicho_ledger::checklist::days_between(first, today).unwrap_or_default();
        let old = match age > OLD_DAYS {
            true => lang.pick("、古い可能性", ", may be old"),
            false => "",
        };
        let span = match first == last {
            true => first.clone(),
            false => format!("{first} ～ {last}"),
        };
        match lang {
            Lang::Ja => format!("{}：{span}（{} 日前{old}）", file.ja, age.max(0)),
            Lang::En => format!("{}: {span} ({} days ago{old})", file.en, age.max(0)),
        }
    };
    let mut lines: Vec<String> = daicho_ledger::support::data_files()
        .into_iter()
        .map(one)
        .collect();
    lines.push(format!(
        "{}{}",
        lang.pick("MACアドレスの登録メーカー：", "makers of addresses: "),
        daicho_ledger::maker::SOURCE
    ));
    lines.join("\n")
}

fn zone(ledger: &Ledger) -> String {
    let offset_s = ledger.site.utc_offset_s;
    let sign = if offset_s < 0 { '-' } else { '+' };
    let minutes = offset_s.unsigned_abs() / 60;
    let name = text::visible(&ledger.site.time_zone);
    format!("{name} (UTC{sign}{:02}:{:02})", minutes / 60, minutes % 60)
}

fn marks(lang: Lang) -> [(State, &'static str, &'static str); 5] {
    let own = |state, ja: [&'static str; 2], en: [&'static str; 2]| {
        let [ja, ja_meaning] = ja;
        let [en, en_meaning] = en;
        (state, lang.pick(ja, en), lang.pick(ja_meaning, en_meaning))
    };
    [
        own(
            State::Value,
            [
                "値・なし",
                "自動取得した値。「なし」は確認の結果、存在しないことが分かったもの",
            ],
            [
                "value, none",
                "collected; “none” means that it was asked and there is none",
            ],
        ),
        own(
            State::Stale,
            [
                "値（前回値 日時。今回は理由）",
                "今回は取得できず、前回の値を表示",
            ],
            [
                "value (older value…)",
                "the newest reading failed; an older value is shown",
            ],
        ),
        own(
            State::Unknown,
            [
                "未確認（理由）",
                "値がない理由：対象外（その機器に存在しない項目）・権限不足・時間切れ・取得失敗・未照会・非開示",
            ],
            [
                "unknown (reason)",
                "why: not applicable here, permission denied, timed out, failed, not asked, withheld",
            ],
        ),
        own(
            State::HandEmpty,
            ["未確認（未入力）", "職員が記入する欄。まだ記入がない"],
            ["unknown (not entered)", "kept by hand; nothing entered yet"],
        ),
        own(
            State::NotApplicable,
            ["―", "この行では問わない項目"],
            ["―", "not a question for this row"],
        ),
    ]
}

fn layers(lang: Lang) -> [(Layer, &'static str, &'static str); 3] {
    [
        (
            Layer::Collected,
            lang.pick("見出し：自動取得", "heading: collected"),
            lang.pick(
                "エージェントが機器から読み取った項目",
                "read from the machine by its agent",
            ),
        ),
        (
            Layer::Hand,
            lang.pick("見出し：手入力", "heading: by hand"),
            lang.pick(
                "職員が記入する項目（自動取得で上書きしない）",
                "entered by staff, never overwritten",
            ),
        ),
        (
            Layer::Derived,
            lang.pick("見出し：台帳による導出", "heading: derived"),
            lang.pick(
                "台帳の規則で求めた項目",
                "worked out by the rules of the ledger",
            ),
        ),
    ]
}
