//! `impact`: what is within reach of damaged things, how they may have come in, and what to cut.

mod occasion;
mod quick;
mod systems;

use std::path::{Path, PathBuf};

use daicho_graph::impact::{self, Damage, Plan, Resident, Scope, Unresolved, Window};
use daicho_report::Time;

use super::draw;
use super::open::{self, Moment, Opened};
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::export::response::Occasion;
use crate::export::{self, Lang};
use crate::out;
use crate::picture::{LOOK_BACK_S, Picture};
use crate::refusal::{Refused, visible};

const AFTER_HELP: &str = "\
例 / Examples:
  被害機器から、届く範囲・入口の候補・切断計画（from damaged machines: scope, ways in, what to cut）
    daicho-collector impact --from EHR-SV01 --from 192.168.10.21
  構成図に重ねる、Excel、初動対応シート（on the diagram, as a workbook, as a first-response sheet）
    daicho-collector impact --from EHR-SV01 --out impact.svg
    daicho-collector impact --from EHR-SV01 --out impact.xlsx
    daicho-collector impact --from EHR-SV01 --out shodo.pdf
  速報：届く範囲だけを、サーバが 1 時間ごとに作る索引から直ちに（the scope alone, at once, from an index）
    daicho-collector impact --quick --from EHR-SV01
  応答が途絶えた機器すべてから（from all that have fallen silent）
    daicho-collector impact --silent
  平時：外部接続点ごとに、どのシステムへ届くか（before an incident: connection point × system）
    daicho-collector impact --table --out risk.pdf
  平時：システムが止まると何が止まるか、どの順に戻すか（BCP の別紙）（what stops with each system; restore order）
    daicho-collector impact --systems --out bcp.pdf

--from には、ホスト名・アドレス・台帳番号・手入力の名前・外部接続点の番号を書けます。
--from takes a host name, an address, a ledger id, a name entered by hand, or the id of a connection point.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 被害機器・アドレス・外部接続点 / what is damaged
    #[arg(long, value_name = "ASSET", num_args = 1.., required_unless_present_any = ["silent", "table", "systems", "prepare"])]
    from: Vec<String>,
    /// 応答が途絶えた機器を被害機器とみなす / take what has fallen silent for damaged
    #[arg(long)]
    silent: bool,
    /// 外部接続点×システムの表 / a table of connection point × system
    #[arg(long, conflicts_with_all = ["from", "silent"])]
    table: bool,
    /// システム停止が事業継続に与える影響と、復旧順 / what stops with each system, and the restore order
    #[arg(long, conflicts_with_all = ["from", "silent", "table"])]
    systems: bool,
    /// 速報：届く範囲だけを、台帳を読まずに索引から答える / the scope alone, at once, from the index
    #[arg(long, conflicts_with_all = ["silent", "table", "systems", "out", "detected"])]
    quick: bool,
    /// 速報の索引を作る / make the index for first answers
    #[arg(long, conflicts_with_all = ["from", "silent", "table", "systems", "out", "quick"])]
    prepare: bool,
    /// この日数の通信をさかのぼる / days of talk to look back
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=30))]
    days: u32,
    /// 画面に出す影響機器の数 / how many machines are printed
    #[arg(long, value_name = "N", default_value_t = 20)]
    most: usize,
    /// 検知した時刻。初動対応シートの期限を計算する / when it was detected, for the sheet's due times
    #[arg(long, value_name = "T")]
    detected: Option<String>,
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.pdf|.html|.svg|.xlsx|.csv|.json")]
    out: Option<PathBuf>,
    /// 初動対応シートに載せる、この日数の変化 / changes of this many days on the sheet
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    changes: u32,
    /// 初動対応シートの用紙 / paper of the sheet
    #[arg(long, value_enum, default_value = "a4")]
    paper: Paper,
    /// PDF のフォント / font of the PDF
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    #[command(flatten)]
    moment: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Paper {
    /// A4
    A4,
    /// A3
    A3,
}

/// The question and its answer.
struct Answer {
    picture: Picture,
    resident: Resident,
    scope: Scope,
    plan: Plan,
    occasion: Occasion,
}

const FORMS: &[out::Form] = &[
    out::Form::Json,
    out::Form::Svg,
    out::Form::Csv,
    out::Form::Xlsx,
    out::Form::Html,
    out::Form::Pdf,
];

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let form = match &arguments.out {
        Some(path) => Some(out::Form::of(path, FORMS)?),
        None => None,
    };
    let opened = open::for_reading(shared)?;
    if arguments.quick {
        return quick::run(arguments, &opened, shared);
    }
    let picture = opened.picture(&arguments.moment)?;
    if arguments.prepare {
        return quick::prepare(&opened, &picture, shared);
    }
    if arguments.systems {
        let out = arguments.out.as_deref().zip(form);
        opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
        return systems::run(&picture, out, arguments.font.as_deref(), shared);
    }
    let resident = Resident::of(picture.basis());
    let window = window(picture.ledger.as_of, arguments.days);
    if arguments.table {
        return table(
            arguments,
            form,
            (&opened, &picture, &resident, window),
            shared,
        );
    }
    let things = things(arguments, &picture, &resident, shared)?;
    let damage = Damage { things, window };
    let scope = impact::scope(picture.basis(), &resident, &damage);
    let plan = impact::plan(picture.basis(), &resident, &scope);
    let occasion = occasion::occasion((arguments, form), &opened, &picture, &scope)?;
    let answer = Answer {
        picture,
        resident,
        scope,
        plan,
        occasion,
    };
    opened.warn_if_old(&answer.picture.ledger, &arguments.moment, shared.lang);
    if let (Some(path), Some(form)) = (&arguments.out, form) {
        let font = arguments.font.as_deref();
        out::write(path, &bytes(&answer, form, font, shared)?)?;
    }
    if shared.json {
        say(&String::from_utf8_lossy(&json(&answer)?))?;
    } else {
        print(&answer, arguments, shared)?;
    }
    // The range is never known to be whole; what is unknown altogether is said by the code.
    let incomplete = answer.scope.backups.is_empty() || !answer.scope.silent.is_empty();
    Ok(match incomplete {
        true => Outcome::Incomplete,
        false => Outcome::Done,
    })
}

fn window(as_of: Time, days: u32) -> Window {
    Window {
        from: as_of.seconds() - (i64::from(days) * 86_400).min(LOOK_BACK_S),
        to: as_of.seconds(),
    }
}

/// The things that were named; every name that is unclear is told before anything is refused.
fn things(
    arguments: &Arguments,
    picture: &Picture,
    resident: &Resident,
    shared: &Shared,
) -> anyhow::Result<Vec<String>> {
    let mut things = Vec::new();
    let mut unclear = Vec::new();
    for text in &arguments.from {
        match impact::resolve(picture.basis(), &resident.model, text) {
            Ok(id) => things.push(id),
            Err(it) => unclear.push(it),
        }
    }
    all_clear(&unclear, shared)?;
    if arguments.silent {
        let damage = Damage {
            things: Vec::new(),
            window: window(picture.ledger.as_of, arguments.days),
        };
        let scope = impact::scope(picture.basis(), resident, &damage);
        things.extend(scope.silent.into_iter().map(|it| it.id));
        if things.is_empty() {
            return Err(Refused::new("IMP-003", picture.ledger.as_of.to_string()).into());
        }
    }
    things.sort();
    things.dedup();
    Ok(things)
}

/// Refuses names that are unclear, each told first.
fn all_clear(unclear: &[Unresolved], shared: &Shared) -> Result<(), Refused> {
    for it in unclear {
        tell(it, shared);
    }
    match unclear.first() {
        Some(first) => {
            let code = if first.several { "IMP-002" } else { "IMP-001" };
            Err(Refused::new(code, first.text.clone()))
        }
        None => Ok(()),
    }
}

fn tell(unclear: &Unresolved, shared: &Shared) {
    let word = match (unclear.several, unclear.candidates.is_empty()) {
        (true, _) => shared.lang.pick("複数あります", "several have this name"),
        (false, false) => shared
            .lang
            .pick("ありません。近い名前", "nothing of this name; similar"),
        (false, true) => shared.lang.pick("ありません", "nothing of this name"),
    };
    say_error(&format!("{}: {word}", visible(&unclear.text)));
    for it in &unclear.candidates {
        let addresses = it.addresses.join(" ");
        say_error(&format!("  {}　{}　{addresses}", visible(&it.id), it.name));
    }
}

fn print(answer: &Answer, arguments: &Arguments, shared: &Shared) -> anyhow::Result<()> {
    let lang: Lang = shared.lang.into();
    let basis = answer.picture.basis();
    if answer.picture.ledger.site.simulated {
        say(shared.lang.pick(
            "模擬データ（実在の病院ではありません）",
            "simulated data (no real hospital)",
        ))?;
    }
    for warning in impact::warnings(basis, &answer.scope, lang) {
        say(&format!("！{warning}"))?;
    }
    for (name, text) in impact::headline(basis, &answer.scope, &answer.plan, lang) {
        say(&format!("{name}: {text}"))?;
    }
    for sheet in impact::sheets(basis, &answer.scope, &answer.plan, lang) {
        say(&format!("\n■ {}（{}）", sheet.title, sheet.rows.len()))?;
        let most = match sheet.key {
            "plan" | "entries" | "systems" | "backups" => 40,
            _ => arguments.most,
        };
        for row in sheet.rows.iter().take(most) {
            say(&line(&sheet, row, lang))?;
        }
        let left = sheet.rows.len().saturating_sub(most);
        if left > 0 {
            let word = shared
                .lang
                .pick("ほか（全件は --out で）", "more (all with --out)");
            say(&format!("  {left} {word}"))?;
        }
    }
    if let Some(path) = &arguments.out {
        let word = shared.lang.pick("書き出しました", "written");
        say(&format!("\n{word}: {}", path.display()))?;
    }
    Ok(())
}

/// A row as a line: its first cells, then the others with their headings.
fn line(sheet: &impact::Sheet, row: &daicho_ledger::Row, lang: Lang) -> String {
    let first = match sheet.key {
        "plan" => 4,
        "reached" => 5,
        _ => 3,
    };
    let skipped = ["check", "id", "undo", "proofs", "reasons", "path", "score"];
    let detailed = ["entries", "reached"].contains(&sheet.key);
    let mut head = Vec::new();
    let mut rest = Vec::new();
    for (at, (cell, column)) in row.cells.iter().zip(sheet.columns).enumerate() {
        let text = cell.text.replace('\n', "；");
        let told = detailed && ["reasons", "path"].contains(&column.key);
        if told && !(sheet.key == "reached" && column.key == "reasons") {
            rest.push(text);
        } else if skipped.contains(&column.key) || text == "―" {
        } else if at < first {
            head.push(text);
        } else {
            rest.push(format!("{}: {text}", column.title(lang)));
        }
    }
    match rest.is_empty() {
        true => format!("  {}", head.join("　")),
        false => format!("  {}\n      {}", head.join("　"), rest.join("　")),
    }
}

fn json(answer: &Answer) -> anyhow::Result<Vec<u8>> {
    Ok(export::impact::json(
        answer.picture.basis(),
        &answer.scope,
        &answer.plan,
    )?)
}

fn bytes(
    answer: &Answer,
    form: out::Form,
    font: Option<&Path>,
    shared: &Shared,
) -> anyhow::Result<Vec<u8>> {
    let lang: Lang = shared.lang.into();
    let basis = answer.picture.basis();
    let (scope, plan) = (&answer.scope, &answer.plan);
    Ok(match form {
        out::Form::Json => json(answer)?,
        out::Form::Svg => {
            let geometry = answer.picture.geometry(lang);
            let picture = daicho_graph::svg(&geometry);
            let resident = &answer.resident;
            impact::overlay(&picture, &geometry, resident, (scope, plan), lang).into_bytes()
        }
        out::Form::Csv => {
            let sheets = impact::sheets(basis, scope, plan, lang);
            let reached = sheets.into_iter().find(|it| it.key == "reached");
            export::impact::csv(&reached.into_iter().collect::<Vec<_>>(), lang)?
        }
        out::Form::Html => {
            export::response::page(basis, (scope, plan), &answer.occasion).into_bytes()
        }
        out::Form::Pdf => {
            let paper = export::response::paper(basis, (scope, plan), &answer.occasion);
            draw::paper(&answer.picture, &paper, font, shared.lang)?
        }
        _ => export::impact::xlsx(basis, (scope, plan), lang)?,
    })
}

/// What each connection point leads to.
fn table(
    arguments: &Arguments,
    form: Option<out::Form>,
    (opened, picture, resident, window): (&Opened, &Picture, &Resident, Window),
    shared: &Shared,
) -> anyhow::Result<Outcome> {
    let lang: Lang = shared.lang.into();
    let basis = picture.basis();
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    let sheet = impact::what_if_sheet(basis, resident, window, lang);
    if let (Some(path), Some(form)) = (&arguments.out, form) {
        let bytes = match form {
            out::Form::Csv => export::impact::csv(std::slice::from_ref(&sheet), lang)?,
            out::Form::Json => export::impact::table_json(basis, &sheet)?,
            out::Form::Xlsx => {
                let facts = export::impact::table_facts(basis, lang);
                let sheets = std::slice::from_ref(&sheet);
                export::impact::book(basis, sheet.title, &facts, sheets, lang)?
            }
            out::Form::Pdf => {
                let facts = export::impact::table_facts(basis, lang);
                let sheets = std::slice::from_ref(&sheet);
                let paper = export::impact::printed(basis, sheet.title, &facts, sheets, lang);
                draw::paper(picture, &paper, arguments.font.as_deref(), shared.lang)?
            }
            _ => {
                let path = path.display().to_string();
                return Err(Refused::new("IMP-004", path).into());
            }
        };
        out::write(path, &bytes)?;
    }
    for row in &sheet.rows {
        let cells = row
            .cells
            .iter()
            .take(3)
            .map(|it| it.text.replace('\n', "；"));
        say(&format!("  {}", cells.collect::<Vec<_>>().join("　")))?;
    }
    if let Some(path) = &arguments.out {
        let word = shared.lang.pick("書き出しました", "written");
        say(&format!("{word}: {}", path.display()))?;
    }
    Ok(Outcome::Done)
}
