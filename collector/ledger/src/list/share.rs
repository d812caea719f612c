//! Cells of a machine about what it shares with others and uses of them: folders and printers.

use daicho_report::{Printer, PrinterConnection};

use super::View;
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{self, Lang, visible};

pub(super) fn shares(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("storage", "shares"), &asset.storage.shares, |all| {
        let lines = all.iter().map(|it| {
            let mut words = vec![it.protocol.clone()];
            if it.writable == Some(true) {
                words.push(lang.pick("書込可", "writable").to_owned());
            }
            if it.open == Some(true) {
                words.push(lang.pick("誰でも可", "open to everybody").to_owned());
            }
            if let Some(granted) = &it.granted {
                words.push(text::share_grants(granted, lang));
            }
            lang.remark(&visible(&it.name), &words.join(lang.pick("、", ", ")))
        });
        Cell::lines(lines, lang)
    })
}

pub(super) fn remote_mounts(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.storage.remote_mounts;
    view.reading(asset, ("storage", "remote_mounts"), reading, |all| {
        let lines = all
            .iter()
            .map(|it| lang.remark(&visible(&it.server), &visible(&it.protocol)));
        Cell::lines(lines, lang)
    })
}

/// Printers, each with its model and where it is.
pub(super) fn printers(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.printers.printers;
    view.reading(asset, ("printer", "printers"), reading, |all| {
        Cell::lines(all.iter().map(|it| printer(it, lang)), lang)
    })
}

fn printer(it: &Printer, lang: Lang) -> String {
    use PrinterConnection as C;
    let (ja, en) = match it.connection {
        C::Local => ("直結", "by cable"),
        C::Network => ("ネットワーク", "network"),
        C::Server => ("プリントサーバ", "print server"),
        C::Other => ("接続方法不明", "reached in an unknown way"),
    };
    let place = it.host.as_deref().map(visible).unwrap_or_default();
    let place = match it.port {
        Some(port) if !place.is_empty() => format!(" {place}:{port}"),
        _ if !place.is_empty() => format!(" {place}"),
        _ => String::new(),
    };
    let mut words = vec![format!("{}{place}", lang.pick(ja, en))];
    if it.shared {
        words.push(lang.pick("共有中", "shared").to_owned());
    }
    let model = it.driver.as_deref().map(visible);
    let model = model.unwrap_or_else(|| lang.pick("型式不明", "unknown model").to_owned());
    lang.remark(&model, &words.join(lang.pick("、", ", ")))
}
