//! `simulate`: a hospital that does not exist, as a folder that `import` takes in.

use std::path::PathBuf;

use anyhow::Context;
use daicho_simulate::{Options, Scenario};
use indicatif::ProgressBar;

use super::say::say;
use super::{Outcome, Shared, progress};
use crate::as_of;
use crate::refusal::Refused;
use crate::simulated::write::{self, Parts};

/// Fewest and most assets.
const ASSETS: std::ops::RangeInclusive<usize> = daicho_simulate::ASSETS_MIN..=20_000;
const DAYS: std::ops::RangeInclusive<u32> = 1..=400;
const PER_DAY: std::ops::RangeInclusive<u32> = 1..=48;
/// Most reports of one hospital.
const REPORTS_MAX: usize = 5_000_000;
/// The same on every day on which it is run, so that the same options give the same bytes.
const END: &str = "2026-11-20";

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector simulate --assets 50 --seed 1 --out ./mogi
  daicho-collector simulate --assets 500 --seed 7 --days 14 --per-day 4 --out ./mogi500
  daicho-collector simulate --assets 300 --seed 3 --scenario forgotten-vpn --out ./mogi-vpn
  daicho-collector import ./mogi --data ./mogi-data      取り込む / take it in

作るのは架空の病院です。どのファイルにも「模擬データ（実在の病院ではありません）」と書かれます。同じ条件なら同じ内容になります。
What it makes does not exist, and every file says so. The same options give the same bytes.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 機器の数（30〜20000） / how many assets (30 to 20000)
    #[arg(long, value_name = "N", default_value_t = 50)]
    assets: usize,
    /// 種。同じ種なら同じ病院 / the seed: the same seed is the same hospital
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// 書き出すフォルダ（空か、まだないもの） / folder to write: empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 何日分（1〜400） / over how many days (1 to 400)
    #[arg(long, value_name = "D", default_value_t = 7)]
    days: u32,
    /// 一台が一日に送る報告の数（1〜48） / reports of a machine on one day (1 to 48)
    #[arg(long, value_name = "R", default_value_t = 4)]
    per_day: u32,
    /// 事件の筋書き / an incident
    #[arg(long, value_enum, value_name = "SCENARIO")]
    scenario: Option<ScenarioName>,
    /// 最後の日（その日の終わりまで） / the last day (until its end)
    #[arg(long, value_name = "DATE", default_value = END)]
    end: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ScenarioName {
    /// 忘れられた VPN 装置 / a forgotten VPN box
    ForgottenVpn,
    /// 給食事業者の常時接続 / a caterer's link that is always on
    Caterer,
    /// データセンタの保守用 VPN と共通の管理者 / a data centre's VPN and one shared administrator
    DataCentre,
    /// 管理者が一人、一覧なし / one administrator, no list
    NoList,
}

impl From<ScenarioName> for Scenario {
    fn from(name: ScenarioName) -> Self {
        match name {
            ScenarioName::ForgottenVpn => Self::ForgottenVpn,
            ScenarioName::Caterer => Self::Caterer,
            ScenarioName::DataCentre => Self::DataCentre,
            ScenarioName::NoList => Self::NoList,
        }
    }
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let options = options(arguments)?;
    write::free(&arguments.out)?;
    let hospital = daicho_simulate::hospital(&options);
    let expected = expected(&options);
    let bar = progress::bar(
        u64::try_from(expected).unwrap_or(u64::MAX),
        shared.lang.pick("報告を書いています", "writing reports"),
    );
    let written = write::write(
        &Parts::from(&hospital),
        hospital.reports(),
        &arguments.out,
        &mut |reports| tick(&bar, reports),
    );
    bar.finish_and_clear();
    let written = written.context("make the simulated hospital")?;
    if shared.json {
        say(&serde_json::to_string_pretty(&written)?)?;
        return Ok(Outcome::Done);
    }
    say(&format!(
        "{}: {}（{} {}、{} {}、{} {}）\n{}\n  daicho-collector import {} --data ./mogi-data",
        written.name,
        arguments.out.display(),
        shared.lang.pick("機器", "assets"),
        options.assets,
        shared.lang.pick("エージェント", "agents"),
        written.agents,
        shared.lang.pick("報告", "reports"),
        written.reports,
        shared.lang.pick("次の手順：", "next:"),
        arguments.out.display(),
    ))?;
    Ok(Outcome::Done)
}

fn tick(bar: &ProgressBar, reports: u64) {
    if reports.is_multiple_of(64) {
        bar.set_position(reports);
    }
}

fn expected(options: &Options) -> usize {
    let a_machine = u64::from(options.days) * u64::from(options.reports_per_day);
    options
        .assets
        .saturating_mul(usize::try_from(a_machine).unwrap_or(usize::MAX))
}

fn options(arguments: &Arguments) -> Result<Options, Refused> {
    let refuse = |what: String| Refused::new("SIM-007", what);
    if !ASSETS.contains(&arguments.assets) {
        let (least, most) = (ASSETS.start(), ASSETS.end());
        return Err(refuse(format!(
            "--assets {} ({least}–{most})",
            arguments.assets
        )));
    }
    for (name, value, range) in [
        ("--days", arguments.days, DAYS),
        ("--per-day", arguments.per_day, PER_DAY),
    ] {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            return Err(refuse(format!("{name} {value} ({least}–{most})")));
        }
    }
    let end = as_of::parse(&arguments.end, "Asia/Tokyo")
        .map_err(|_| refuse(format!("--end {} (2026-11-20)", arguments.end)))?;
    let options = Options {
        assets: arguments.assets,
        seed: arguments.seed,
        days: arguments.days,
        reports_per_day: arguments.per_day,
        end,
        scenario: arguments.scenario.map(Scenario::from),
    };
    let reports = expected(&options);
    if reports > REPORTS_MAX {
        let what = format!("--assets × --days × --per-day = {reports} (> {REPORTS_MAX})");
        return Err(refuse(what));
    }
    Ok(options)
}
