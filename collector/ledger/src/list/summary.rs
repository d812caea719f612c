//! Cells of a machine that sum up many readings: protection and administrator rights.

use daicho_report::Reading;

use super::{View, account, setting};
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{self, visible};

pub(super) fn products(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(
        asset,
        ("antivirus", "products"),
        &asset.antivirus.products,
        |all| {
            let lines = all.iter().map(|it| {
                let kind = text::antivirus_kind(it.kind, lang);
                let version = match &it.version {
                    Reading::Known { value, .. } => visible(value),
                    Reading::Unknown { reason, .. } => {
                        let word = lang.pick("版は未確認・", "version unknown, ");
                        format!("{word}{}", text::reason(reason, lang))
                    }
                };
                let comma = lang.pick("、", ", ");
                lang.remark(&visible(&it.name), &format!("{kind}{comma}{version}"))
            });
            Cell::lines(lines, lang)
        },
    )
}

pub(super) fn definitions(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let name = ("antivirus", "products");
    let products = asset.antivirus.products.value().map(Vec::as_slice);
    match products.unwrap_or_default() {
        // One product: its own reading, with its own reason.
        [one] => view.reading(asset, name, &one.definitions_at, |at| {
            Cell::moment(*at, view.offset())
        }),
        [] => view.reading(asset, name, &asset.antivirus.products, |_| Cell::none(lang)),
        many => Cell::lines(
            many.iter().map(|it| {
                let date = match &it.definitions_at {
                    Reading::Known { value, .. } => text::moment(*value, view.offset()),
                    Reading::Unknown { reason, .. } => Cell::unknown(reason, "", None, lang).text,
                };
                format!("{}: {date}", visible(&it.name))
            }),
            lang,
        ),
    }
}

pub(super) fn log_ins(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(
        asset,
        ("account", "log_ins"),
        &asset.accounts.log_ins,
        |all| {
            if all.is_empty() {
                return Cell::own(lang.pick("ログオンの記録なし", "nobody logged in"));
            }
            let lines = all.iter().map(|it| {
                let mut verdict = account::verdict(&it.verdict, lang);
                if let Some(elevation) = it.elevation {
                    let comma = lang.pick("、", ", ");
                    verdict = format!("{verdict}{comma}{}", setting::elevation(elevation, lang));
                }
                format!("{}: {verdict}", visible(&it.account))
            });
            let mut lines: Vec<String> = lines.collect();
            lines.sort();
            lines.dedup();
            Cell::lines(lines, lang)
        },
    )
}

pub(super) fn administrators(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(
        asset,
        ("account", "accounts"),
        &asset.accounts.accounts,
        |all| {
            let grants = &asset.accounts.grants;
            let with = all.iter().filter(|it| !it.administrator.is_empty());
            let lines = with.map(|it| {
                let by: Vec<_> = it
                    .administrator
                    .iter()
                    .map(|it| account::grant(it, lang))
                    .collect();
                lang.remark(&visible(&it.name), &by.join(lang.pick("、", ", ")))
            });
            let rest = grants.reason().map(|reason| {
                let word = lang.pick("ほかは未確認", "others unknown");
                lang.remark(word, &text::reason(reason, lang))
            });
            Cell::lines(lines.chain(rest), lang)
        },
    )
}
