//! `evidence`: bundles for an inspection, and their check.

use std::path::{Path, PathBuf};

use anyhow::Context;
use daicho_evidence::{Expected, container, manifest, printable, text};
use daicho_report::Time;

use super::draw;
use super::open::{self, Moment, Opened};
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::bounded;
use crate::checklist;
use crate::evidence::content::{self, Sources};
use crate::evidence::{self, Ask};
use crate::out;
use crate::picture::Picture;
use crate::refusal::Refused;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector evidence export --out 証跡.zip --by 山田太郎 --approver 院長名
  daicho-collector evidence export --out 証跡.zip --present 提示用.zip --by 山田太郎 --as-of 2026-11-22
  daicho-collector evidence key --out daicho-key.txt
  daicho-collector evidence verify 証跡.zip --key daicho-key.txt

院内保管用（--out）はすべての値を含みます。院外に渡すのは提示用（--present）です：アドレス・MACアドレス・製造番号を伏せ、
一覧（CSV）と構成図（SVG）だけを含み、元の根のハッシュを記します。機器名・人名は伏せません。
書き出したことは改ざん検知の記録に残ります。根のハッシュは紙に控えてください。
収集サーバのない所では、小さなプログラム daicho-verify で確かめられます。
The bundle for the hospital (--out) holds every value; the one that leaves it (--present) has addresses and serial
numbers masked. Without a collector, check it with the small program daicho-verify.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// 証跡を書き出す / write a bundle
    Export(Export),
    /// 証跡が作られたときのままか調べる / check a bundle
    Verify(Verify),
    /// 確かめるための公開鍵を書き出す / write the public key that checks need
    Key {
        /// 書き出すファイル / file to write
        #[arg(long, value_name = "F")]
        out: PathBuf,
    },
}

#[derive(clap::Args)]
struct Export {
    /// 院内保管用のファイル / the bundle that stays in the hospital
    #[arg(long, value_name = "F.zip")]
    out: PathBuf,
    /// 提示用も書き出す / write the masked bundle to be shown too
    #[arg(long, value_name = "F.zip")]
    present: Option<PathBuf>,
    /// 作成者 / who makes it
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 承認者 / who approved it
    #[arg(long, value_name = "NAME", default_value = "")]
    approver: String,
    /// この時点からの差分を入れる（既定は一年前） / compare with this moment (a year before by default)
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// 構成図のPDFのフォント / font of the PDFs
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    #[command(flatten)]
    moment: Moment,
}

#[derive(clap::Args)]
struct Verify {
    /// 証跡のファイル / the bundle
    #[arg(value_name = "F.zip")]
    file: PathBuf,
    /// 公開鍵のファイル / file with the public key
    #[arg(long, value_name = "F")]
    key: Option<PathBuf>,
    /// 紙に控えた根のハッシュ / the root as printed on paper
    #[arg(long, value_name = "XXXX-…")]
    root: Option<String>,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Command::Export(it) => export(it, shared),
        Command::Verify(it) => verify(it, shared),
        Command::Key { out } => key(out, shared),
    }
}

fn export(arguments: &Export, shared: &Shared) -> anyhow::Result<Outcome> {
    for path in [Some(&arguments.out), arguments.present.as_ref()]
        .into_iter()
        .flatten()
    {
        out::Form::of(path, &[out::Form::Zip])?;
    }
    let opened = open::beside_the_server(shared)?;
    let picture = opened.picture(&arguments.moment)?;
    let site = opened.site_collector()?;
    let ask = Ask {
        by: &arguments.by,
        approver: &arguments.approver,
        lang: shared.lang.into(),
    };
    let forms = checklist::forms(&checklist::folder(opened.folder.path()))?;
    let earlier = earlier(arguments, &opened, picture.ledger.as_of)?;
    let font = draw::font(arguments.font.as_deref(), shared.lang)?;
    let census = checklist::census(picture.basis());
    let sources = Sources {
        census: &census,
        picture: &picture,
        since: earlier.as_ref(),
        forms: &forms,
        font: font.as_ref(),
    };
    let lists = content::lists(sources, ask.lang)?;
    let made = evidence::inside(&site, sources, ask, &lists)?;
    out::write(&arguments.out, &made.bytes)?;
    told(&arguments.out, &made, shared)?;
    if let Some(path) = &arguments.present {
        let shown = evidence::present(&site, sources, ask, (&lists, made.root))?;
        out::write(path, &shown.bytes)?;
        told(path, &shown, shared)?;
    }
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    Ok(Outcome::Done)
}

/// The site a year before, or when a person says; `None`: nothing had been received then.
fn earlier(arguments: &Export, opened: &Opened, as_of: Time) -> anyhow::Result<Option<Picture>> {
    if let Some(since) = &arguments.since {
        return opened.picture(&Moment::at(since.clone())).map(Some);
    }
    opened.earlier(Time::from_seconds(as_of.seconds() - 365 * 24 * 60 * 60))
}

fn told(path: &Path, made: &evidence::Made, shared: &Shared) -> anyhow::Result<()> {
    say(&format!(
        "{}: {}\n{}:\n  {}",
        shared.lang.pick("書き出しました", "written"),
        path.display(),
        shared.lang.pick(
            "根のハッシュ（紙に控えてください）",
            "root (keep it on paper)"
        ),
        printable(&made.root)
    ))?;
    Ok(())
}

fn verify(arguments: &Verify, shared: &Shared) -> anyhow::Result<Outcome> {
    let refuse = |what: String| Refused::new("EVD-001", what);
    let mut expected = Expected::default();
    if let Some(path) = &arguments.key {
        let written =
            std::fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))?;
        let key = text::key(&written).ok_or_else(|| refuse(path.display().to_string()))?;
        expected.key = Some(key);
    }
    if let Some(root) = &arguments.root {
        let read = manifest::from_paper(root).ok_or_else(|| refuse(root.clone()))?;
        expected.root = Some(read);
    }
    let most = u64::try_from(container::BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = bounded::read(&arguments.file, most)
        .with_context(|| format!("`{}`", arguments.file.display()))?;
    let result = daicho_evidence::verify(&bytes, &expected);
    let (told, code) = text::told(&result);
    if shared.json {
        let value = result.as_ref().map_err(ToString::to_string);
        say(&serde_json::to_string_pretty(&value)?)?;
    } else if code == 4 {
        say_error(&told);
    } else {
        say(&told)?;
    }
    match code {
        0 => Ok(Outcome::Done),
        3 => Ok(Outcome::Incomplete),
        4 => Err(Refused::new("EVD-002", arguments.file.display().to_string()).into()),
        _ => Ok(Outcome::Alarm),
    }
}

fn key(path: &Path, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::for_reading(shared)?;
    let key = opened.folder.log_key()?.public();
    out::write(path, text::key_file(&key).as_bytes())?;
    let said = shared.lang.pick("書き出しました", "written");
    say(&format!("{said}: {}", path.display()))?;
    Ok(Outcome::Done)
}
