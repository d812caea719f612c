//! `find`: which machines had to do with an address, a domain, a program, a service, an account, software.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use daicho_graph::find::{self, Kind, Query, Taken, Wanted};
use daicho_graph::topology;
use daicho_report::Time;

use super::open::{self, Moment, Opened};
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::export::{self, Basis, Lang};
use crate::out;
use crate::refusal::{Refused, visible};
use crate::search::{self, Searched};

const AFTER_HELP: &str = "\
例 / Examples:
  アドレス・範囲・名前（an address, a range, a piece of a name）
    daicho-collector find 203.0.113.7
    daicho-collector find 10.249.6.0/24 --since 2026-08-01
    daicho-collector find TeamViewer
    daicho-collector find 00-1B-21-0A-0B-0C
  種類を決めて（by kind; * は任意の文字）
    daicho-collector find --domain example.jp --program \"winvnc*\" --account kanri --software \"7-Zip*=19.*\"
  一覧から。CSV（種類,値）か STIX（JSON）（from a list: CSV of kind,value, or STIX as JSON）
    daicho-collector find --list indicators.json --out found.xlsx";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// アドレス・範囲・MAC アドレス・名前の一部 / an address, a range, a hardware address, a piece of a name
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// アドレス・範囲 / an address or range
    #[arg(long, value_name = "A[/N]")]
    address: Vec<String>,
    /// MAC アドレス（区切りは : - . のどれでも、* も） / a hardware address
    #[arg(long, value_name = "MAC")]
    mac: Vec<String>,
    /// ドメイン（下位を含む） / a domain and all below
    #[arg(long, value_name = "NAME")]
    domain: Vec<String>,
    /// 通信・待受・自動起動のプログラム / a program
    #[arg(long, value_name = "NAME")]
    program: Vec<String>,
    /// サービス / a service
    #[arg(long, value_name = "NAME")]
    service: Vec<String>,
    /// アカウント / an account
    #[arg(long, value_name = "NAME")]
    account: Vec<String>,
    /// ソフトウェア（=版 で版も） / software, with its version after =
    #[arg(long, value_name = "NAME[=VERSION]")]
    software: Vec<String>,
    /// 一覧のファイル（CSV か STIX の JSON） / a list: CSV or STIX
    #[arg(long, value_name = "F.csv|.json")]
    list: Option<PathBuf>,
    /// 期間の始まり（既定：30日前） / begin of the period (default: 30 days before)
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// 画面に出す件数 / how many hits are printed
    #[arg(long, value_name = "N", default_value_t = 100)]
    most: usize,
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.csv|.json|.xlsx")]
    out: Option<PathBuf>,
    #[command(flatten)]
    moment: Moment,
}

const FORMS: &[out::Form] = &[out::Form::Csv, out::Form::Json, out::Form::Xlsx];

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let form = match &arguments.out {
        Some(path) => Some(out::Form::of(path, FORMS)?),
        None => None,
    };
    let taken = taken(arguments)?;
    let opened = open::for_reading(shared)?;
    let (from, to) = period(arguments, &opened)?;
    let query = Query::new(&taken.wanted).context("arrange what is wanted")?;
    let searched = searched(&opened, &query, (from, to), arguments, shared)?;
    let now = &searched.ledger;
    let hits = find::find(&query, now, &searched.ended);
    let lang: Lang = shared.lang.into();
    let topology = topology(now);
    let basis = Basis {
        ledger: now,
        topology: &topology,
        recognition: &Default::default(),
    };
    let sheet = find::sheet(basis, &hits, lang);
    let found = Found {
        taken: &taken,
        during: (from, to),
        hits: hits.len(),
        versions: searched.versions,
    };
    if let (Some(path), Some(form)) = (&arguments.out, form) {
        let bytes = match form {
            out::Form::Csv => export::impact::csv(std::slice::from_ref(&sheet), lang)?,
            out::Form::Json => export::impact::table_json(basis, &sheet)?,
            _ => {
                let facts = found.facts(lang, now.site.utc_offset_s);
                export::impact::book(
                    basis,
                    sheet.title,
                    &facts,
                    std::slice::from_ref(&sheet),
                    lang,
                )?
            }
        };
        out::write(path, &bytes)?;
    }
    if shared.json {
        let json = export::impact::table_json(basis, &sheet)?;
        say(&String::from_utf8_lossy(&json))?;
    } else {
        print(&found, &sheet, arguments, lang, now.site.utc_offset_s)?;
    }
    // What of a list could not be looked for is said by the code too.
    Ok(match found.taken.left.is_empty() {
        true => Outcome::Done,
        false => Outcome::Incomplete,
    })
}

/// What the store holds of it; refused where nothing had been received by then.
fn searched(
    opened: &Opened,
    query: &Query<'_>,
    (from, to): (Time, Time),
    arguments: &Arguments,
    shared: &Shared,
) -> anyhow::Result<Searched> {
    let (store, site) = (opened.store.as_ref(), opened.config.site.at(to));
    let searched = search::read(store, site, query, (from, to)).context("read the store")?;
    let Some(newest) = searched.newest else {
        return Err(Refused::new("CLI-002", to.to_string()).into());
    };
    opened.warn_if_older(newest, &arguments.moment, shared.lang);
    Ok(searched)
}

/// What was asked and found, in numbers.
struct Found<'a> {
    taken: &'a Taken,
    during: (Time, Time),
    hits: usize,
    versions: usize,
}

impl Found<'_> {
    fn facts(&self, lang: Lang, offset: i32) -> Vec<(String, String)> {
        let moment = |at| daicho_ledger::text::moment(at, offset);
        let (from, to) = self.during;
        let mut facts = vec![
            (
                lang.pick("期間", "period").to_owned(),
                format!("{}～{}", moment(from), moment(to)),
            ),
            (
                lang.pick("調べたもの・見つかった行", "wanted, rows found")
                    .to_owned(),
                format!("{}　{}", self.taken.wanted.len(), self.hits),
            ),
            (
                lang.pick("調べた記録", "records looked at").to_owned(),
                match lang {
                    Lang::Ja => format!("期間中の報告項目 {} 版", self.versions),
                    Lang::En => format!("{} versions of sections in the period", self.versions),
                },
            ),
        ];
        for (sort, count) in &self.taken.left {
            let word = lang.pick("調べられないもの", "cannot be looked for");
            facts.push((word.to_owned(), format!("{} ×{count}", visible(sort))));
        }
        facts.push((
            lang.pick("注意", "note").to_owned(),
            find::note(lang).to_owned(),
        ));
        facts
    }
}

fn print(
    found: &Found<'_>,
    sheet: &daicho_graph::impact::Sheet,
    arguments: &Arguments,
    lang: Lang,
    offset: i32,
) -> anyhow::Result<()> {
    for (name, text) in found.facts(lang, offset) {
        say(&format!("{name}: {text}"))?;
    }
    for row in sheet.rows.iter().take(arguments.most) {
        let cells = row.cells.iter().map(|it| it.text.replace('\n', "；"));
        say(&format!("  {}", cells.collect::<Vec<_>>().join("　")))?;
    }
    let left = sheet.rows.len().saturating_sub(arguments.most);
    if left > 0 {
        let word = lang.pick("ほか（全件は --out で）", "more (all with --out)");
        say(&format!("  {left} {word}"))?;
    }
    if let Some(path) = &arguments.out {
        let word = lang.pick("書き出しました", "written");
        say(&format!("{word}: {}", path.display()))?;
    }
    Ok(())
}

/// Everything that is wanted.
fn taken(arguments: &Arguments) -> anyhow::Result<Taken> {
    let mut taken = match &arguments.list {
        Some(path) => {
            let refused =
                |why: String| Refused::new("FND-002", format!("{}: {why}", path.display()));
            find::list(&read(path)?).map_err(|it| refused(it.to_string()))?
        }
        None => Taken::default(),
    };
    let typed = [
        (Kind::Any, &arguments.text),
        (Kind::Address, &arguments.address),
        (Kind::Mac, &arguments.mac),
        (Kind::Domain, &arguments.domain),
        (Kind::Program, &arguments.program),
        (Kind::Service, &arguments.service),
        (Kind::Account, &arguments.account),
        (Kind::Software, &arguments.software),
    ];
    for (kind, texts) in typed {
        for text in texts {
            let wanted = Wanted::new(kind, text);
            taken
                .wanted
                .push(wanted.ok_or_else(|| Refused::new("FND-001", text.clone()))?);
        }
    }
    if taken.wanted.is_empty() && taken.left.is_empty() {
        return Err(Refused::new("FND-001", "―").into());
    }
    for (sort, count) in &taken.left {
        say_error(&format!(
            "調べられません / cannot be looked for: {} ×{count}",
            visible(sort)
        ));
    }
    Ok(taken)
}

/// At most one byte more than a list may have: the length is refused where the list is read.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("open `{}`", path.display()))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(find::LIST_BYTES).unwrap_or(u64::MAX) + 1;
    file.take(most)
        .read_to_end(&mut bytes)
        .with_context(|| format!("read `{}`", path.display()))?;
    Ok(bytes)
}

fn period(arguments: &Arguments, opened: &Opened) -> anyhow::Result<(Time, Time)> {
    let to = opened.moment_of(&arguments.moment)?;
    let from = match &arguments.since {
        Some(text) => opened.moment(Some(text))?,
        None => Time::from_seconds(to.seconds() - crate::picture::LOOK_BACK_S),
    };
    if from >= to {
        return Err(Refused::new("FND-003", format!("{from}～{to}")).into());
    }
    Ok((from, to))
}
