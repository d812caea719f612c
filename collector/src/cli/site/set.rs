//! `site set`: values of one row of the lists, field by field. What is not named stays as it is.

use std::collections::BTreeSet;

use daicho_graph::list::Basis;
use daicho_ledger::Lang;
use daicho_ledger::hand::field::{FIELDS, Field, Kind, field_of};
use daicho_ledger::hand::{EntryBody, HandFields, HandValue};
use daicho_report::Time;

use super::{By, enter_one, present, writable};
use crate::cli::{Outcome, Shared};
use crate::hand::{self, Draft, sheet};
use crate::refusal::Refused;

/// The fields with what they take, for `--help`.
fn after_help() -> String {
    let mut out = "例 / Examples:
  daicho-collector site set hand:vpn-1 location=サーバ室 rack=ラック3 status=使用中 --by 架空花子
  daicho-collector site set hand:vpn-1 rack= --by 架空花子        （空にする / clear it）

行キーは、台帳の一覧の最後の列にあります。多くを書くときは ledger import が便利です。
The row key is the last column of the lists; for many, use `ledger import`.

項目 / fields:
"
    .to_owned();
    for field in FIELDS {
        let takes = match field.kind {
            Kind::Choice(all) => all.iter().map(|it| it.ja).collect::<Vec<_>>().join("・"),
            Kind::Day => "日付 / day".to_owned(),
            Kind::Number => "数字 / number".to_owned(),
            Kind::Text => String::new(),
        };
        out.push_str(&format!("  {:<18} {}", field.key, field.ja));
        if !takes.is_empty() {
            out.push_str(&format!("（{takes}）"));
        }
        out.push('\n');
    }
    out
}

#[derive(clap::Args)]
#[command(after_help = after_help())]
pub(super) struct Arguments {
    /// 行キー / key of the row
    #[arg(value_name = "ROW")]
    row: String,
    /// 項目=値。値が空なら消す / FIELD=VALUE; an empty value clears it
    #[arg(value_name = "FIELD=VALUE", required = true)]
    values: Vec<String>,
    #[command(flatten)]
    by: By,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let named = arguments.values.iter().map(|it| named(it));
    let named: Vec<(&Field, String)> = named.collect::<Result<_, _>>()?;
    let (opened, site) = writable(shared)?;
    let present = present::present(&opened)?;
    let rows = sheet::keys(Basis {
        ledger: &present.ledger,
        topology: &present.topology,
        recognition: &present.recognition,
    });
    let Some(on) = rows.get(&arguments.row) else {
        let known: BTreeSet<String> = rows.into_keys().collect();
        return Err(hand::unknown("SIT-009", &arguments.row, &known).into());
    };
    let standing = hand::now(opened.store.as_ref())?;
    let mut fields = standing
        .fields()
        .get(arguments.row.as_str())
        .map_or_else(HandFields::default, |it| (*it).clone());
    for (field, text) in named {
        if field.on & on == 0 {
            let what = format!("{}: {}", field.key, field.title(Lang::Ja));
            return Err(Refused::new("SIT-010", what).into());
        }
        put(&mut fields, field, text);
    }
    let draft = Draft {
        key: arguments.row.clone(),
        body: EntryBody::Fields(fields),
    };
    enter_one(&opened, &site, &arguments.by, draft, shared)?;
    Ok(Outcome::Done)
}

fn put(fields: &mut HandFields, field: &Field, text: String) {
    if text.is_empty() {
        fields.values.remove(field.key);
        return;
    }
    // Who and when is put in by the store; a value that stands keeps its own.
    let value = HandValue {
        text,
        by: String::new(),
        at: Time::EPOCH,
    };
    fields.values.insert(field.key.to_owned(), value);
}

fn named(written: &str) -> Result<(&'static Field, String), Refused> {
    let refuse = |what: String| Refused::new("SIT-002", what);
    let (name, value) = written
        .split_once('=')
        .ok_or_else(|| refuse(format!("{written}（項目=値 / FIELD=VALUE）")))?;
    let of_title = |it: &&Field| it.ja == name || it.en == name;
    let field = field_of(name).or_else(|| FIELDS.iter().find(of_title));
    let Some(field) = field else {
        let known = FIELDS.iter().map(|it| it.key.to_owned()).collect();
        return Err(hand::unknown("SIT-002", name, &known));
    };
    let kept = field.keep(value);
    let kept = kept.map_err(|what| refuse(format!("{}: {what}", field.ja)))?;
    Ok((field, kept))
}
