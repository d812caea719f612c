//! `site pin`: where something stands on the diagram, as a constraint that every drawing keeps.

use daicho_graph::layout::Subject;
use daicho_ledger::hand::{EntryBody, Pin};
use daicho_report::Hash;

use super::name::value;
use super::{By, enter_one, writable};
use crate::cli::open::Moment;
use crate::cli::say::{say, say_error};
use crate::cli::{Outcome, Shared};
use crate::hand::Draft;
use crate::picture::Wanted;
use crate::refusal::visible;

const AFTER_HELP: &str = "\
例 / Examples:
  系（ゾーン）の並びを左から決める / zones from the left
    daicho-collector site pin --zones his,department,dmz --by 架空花子
  箱の順番を決める（同じ帯・系・セグメントの中で左上から数える） / the place of a box among those around it
    daicho-collector site pin \"コアスイッチ 1\" --place 1 --by 架空花子
  二つを隣どうしに置く / two boxes side by side
    daicho-collector site pin 10.15.7.0/25 --beside 10.15.8.0/25 --by 架空花子

箱は、図に書かれている名前・アドレス・範囲か、id で指します。座標ではなく約束なので、機器が増減しても守られます。
守れなくなった指定は、図を描くたびに知らせます。取り消しは site withdraw pin KEY です。
A box is named by a line that stands in it, or by its id. A pin is kept when machines come and go; one that
cannot be kept any more is named at every drawing.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 図の箱：書かれている名前・アドレス・範囲、または id / a box: a line in it, or its id
    #[arg(
        value_name = "BOX",
        required_unless_present = "zones",
        conflicts_with = "zones"
    )]
    thing: Option<String>,
    /// 順番（1 が先頭） / its place, 1 first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    place: Option<u32>,
    /// 隣に置く箱 / the box beside it
    #[arg(long, value_name = "BOX", conflicts_with = "place")]
    beside: Option<String>,
    /// 系の並び / zones: dmz, his, department, medical_device, information, guest, management, unknown
    #[arg(long, value_name = "ZONE,…", value_delimiter = ',', conflicts_with_all = ["place", "beside"])]
    zones: Vec<String>,
    #[command(flatten)]
    by: By,
    /// 指定の名前（既定は箱から作る） / key of the pin (by default made from the box)
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// 備考 / note
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let zones = arguments.zones.iter();
    let zones: Result<Vec<_>, _> = zones.map(|it| value("--zones", it)).collect();
    let pin = Pin {
        zones: zones?,
        thing: arguments.thing.clone(),
        place: arguments.place,
        beside: arguments.beside.clone(),
        note: arguments.note.clone(),
    };
    let key = arguments.key.clone().unwrap_or_else(|| key(&pin));
    let (opened, site) = writable(shared)?;
    let draft = Draft {
        key: key.clone(),
        body: EntryBody::Pin(pin),
    };
    enter_one(&opened, &site, &arguments.by, draft, shared)?;
    // Whether it can be kept is told at once, by drawing.
    let lang = shared.lang.into();
    let picture = opened.picture(&Moment::default())?;
    let unmet = |view| {
        let drawn = picture.drawn(&Wanted {
            lang,
            view,
            ..Wanted::default()
        });
        drawn.unmet.into_iter().find(|it| it.key == key)
    };
    let unmet = unmet(Subject::Network).or_else(|| unmet(Subject::System));
    let Some(unmet) = unmet else {
        let word = shared.lang.pick("図で守られます", "the diagram keeps it");
        say(&format!("{word}: {key}"))?;
        return Ok(Outcome::Done);
    };
    let head = shared
        .lang
        .pick("注意：守れない指定です：", "note: cannot be kept: ");
    say_error(&format!("{head}{}", visible(&unmet.text(lang))));
    Ok(Outcome::Incomplete)
}

/// The same box and the same question make the same key, so that pinning again replaces.
fn key(pin: &Pin) -> String {
    let about = match (&pin.thing, &pin.beside) {
        (None, _) => return "zones".to_owned(),
        (Some(thing), None) => format!("place {thing}"),
        (Some(thing), Some(_)) => format!("beside {thing}"),
    };
    let hash = Hash::of(about.as_bytes()).to_string();
    format!("p-{}", hash.chars().take(12).collect::<String>())
}
