//! Cells of a machine about signs of lines and services that lead out of the hospital
//! （外部接続の手がかり）. Comes in: what its agent found of them; goes out: one cell for each kind of
//! sign. It never says which line a sign belongs to: that is the recognition's part.

use daicho_report::{KnownNetworkKind, NetworkCategory, Reading};

use super::View;
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{Lang, visible};

pub(super) fn hosts(view: View<'_>, asset: &AgentAsset) -> Cell {
    view.reading(asset, ("trace", "hosts"), &asset.traces.hosts, |all| {
        let lines = all
            .iter()
            .map(|it| format!("{} {}", it.address, visible(&it.name)));
        Cell::lines(lines, view.lang)
    })
}

pub(super) fn resolver_rules(view: View<'_>, asset: &AgentAsset) -> Cell {
    let reading = &asset.traces.resolver_rules;
    view.reading(asset, ("trace", "resolver_rules"), reading, |all| {
        let lines = all.iter().map(|it| {
            let servers: Vec<String> = it.name_servers.iter().map(ToString::to_string).collect();
            format!("{} → {}", visible(&it.domain), servers.join(", "))
        });
        Cell::lines(lines, view.lang)
    })
}

pub(super) fn folders(view: View<'_>, asset: &AgentAsset) -> Cell {
    view.reading(asset, ("trace", "folders"), &asset.traces.folders, |all| {
        let lines = all.iter().map(|it| match &it.version {
            Some(version) => format!("{} {}", visible(&it.name), visible(version)),
            None => visible(&it.name),
        });
        Cell::lines(lines, view.lang)
    })
}

pub(super) fn resolved(view: View<'_>, asset: &AgentAsset) -> Cell {
    words(view, asset, "resolved", &asset.traces.resolved)
}

pub(super) fn proxy_bypass(view: View<'_>, asset: &AgentAsset) -> Cell {
    words(view, asset, "proxy_bypass", &asset.traces.proxy_bypass)
}

pub(super) fn tasks(view: View<'_>, asset: &AgentAsset) -> Cell {
    words(view, asset, "tasks", &asset.traces.tasks)
}

/// Their names: that they exist is all that is known of them.
pub(super) fn credentials(view: View<'_>, asset: &AgentAsset) -> Cell {
    words(view, asset, "credentials", &asset.traces.credentials)
}

/// Networks that it is or was connected to; of one that is not in use with the last day.
pub(super) fn networks(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.traces.networks;
    view.reading(asset, ("trace", "networks"), reading, |all| {
        let lines = all.iter().map(|it| {
            let mut words = vec![by(it.kind, lang).to_owned()];
            words.extend(taken_for(it.category, lang).map(str::to_owned));
            if let Some(day) = &it.last_used_on {
                let last = lang.pick("最終利用", "last used");
                words.push(format!("{last} {}", visible(day)));
            }
            if !it.gateways.is_empty() {
                let gateway = lang.pick("ゲートウェイ", "gateway");
                words.push(format!("{gateway} {}", visible(&it.gateways.join(" "))));
            }
            lang.remark(&visible(&it.name), &words.join(lang.pick("、", ", ")))
        });
        Cell::lines(lines, lang)
    })
}

fn by(kind: KnownNetworkKind, lang: Lang) -> &'static str {
    use KnownNetworkKind as K;
    let (ja, en) = match kind {
        K::Wired => ("有線", "wired"),
        K::Wireless => ("無線LAN", "wireless LAN"),
        K::Mobile => ("携帯電話回線", "mobile network"),
        K::Vpn => ("VPN・ダイヤルアップ", "VPN, dial-up"),
        K::Other => ("種類不明", "of an unknown kind"),
    };
    lang.pick(ja, en)
}

fn taken_for(category: NetworkCategory, lang: Lang) -> Option<&'static str> {
    let (ja, en) = match category {
        NetworkCategory::Public => ("パブリック", "public"),
        NetworkCategory::Private => ("プライベート", "private"),
        NetworkCategory::Domain => ("ドメイン", "domain"),
        NetworkCategory::Other => return None,
    };
    Some(lang.pick(ja, en))
}

fn words(view: View<'_>, asset: &AgentAsset, field: &str, reading: &Reading<Vec<String>>) -> Cell {
    view.reading(asset, ("trace", field), reading, |all| {
        Cell::lines(all.iter().map(|it| visible(it)), view.lang)
    })
}
