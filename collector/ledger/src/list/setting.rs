//! Settings of Windows that decide who gets in: to what the machine belongs, UAC, Remote Desktop, the
//! first version of SMB, questions for names.

use daicho_report::{Elevation, Join};

use super::View;
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{self, Lang, visible};

pub(super) fn join(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("hardware", "join"), &asset.hardware.join, |it| {
        let (word, name) = match it {
            Join::Workgroup(name) => (lang.pick("ワークグループ", "workgroup"), name),
            Join::Domain(name) => (lang.pick("ドメイン", "domain"), name),
            Join::DomainController(name) => {
                (lang.pick("ドメインコントローラ", "domain controller"), name)
            }
        };
        let name = visible(name);
        if name.is_empty() {
            Cell::own(word)
        } else {
            Cell::own(lang.remark(word, &name))
        }
    })
}

pub(super) fn uac(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("policy", "uac"), &asset.policies.uac, |it| {
        let mut lines = vec![if it.enabled {
            lang.pick("有効", "on").to_owned()
        } else {
            lang.pick("無効", "off").to_owned()
        }];
        if it.enabled && it.prompt == 0 {
            lines.push(
                lang.pick("確認なしで昇格", "raises without asking")
                    .to_owned(),
            );
        }
        if it.full_over_network {
            let text = lang.pick(
                "ネットワーク越しのローカル管理者も全権限",
                "local administrators have all rights over the network",
            );
            lines.push(text.to_owned());
        }
        Cell::lines(lines, lang)
    })
}

pub(super) fn remote_desktop(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.policies.remote_desktop;
    view.reading(asset, ("policy", "remote_desktop"), reading, |it| {
        if !it.enabled {
            return Cell::own(lang.pick("受け付けない", "off"));
        }
        let first = text::yes_no(it.authenticates_first, lang);
        Cell::lines(
            [
                lang.pick("受け付ける", "on").to_owned(),
                format!("{}: {first}", lang.pick("事前の認証（NLA）", "NLA")),
                format!("{}: {}", lang.pick("ポート", "port"), it.port),
            ],
            lang,
        )
    })
}

pub(super) fn smb1(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("policy", "smb1"), &asset.policies.smb1, |on| {
        Cell::own(on_off(*on, lang))
    })
}

pub(super) fn name_queries(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.policies.name_queries;
    view.reading(asset, ("policy", "name_queries"), reading, |it| {
        let netbios = match it.netbios {
            Some(on) => on_off(on, lang),
            None => lang.pick("DHCPの設定による", "as DHCP says"),
        };
        Cell::lines(
            [
                format!("LLMNR: {}", on_off(it.llmnr, lang)),
                format!("NetBIOS: {netbios}"),
            ],
            lang,
        )
    })
}

fn on_off(on: bool, lang: Lang) -> &'static str {
    if on {
        lang.pick("有効", "on")
    } else {
        lang.pick("無効", "off")
    }
}

/// How the rights of a log-in stand.
pub(super) fn elevation(elevation: Elevation, lang: Lang) -> &'static str {
    match elevation {
        Elevation::Limited => lang.pick("UACで制限中（同意すれば昇格）", "held back by UAC"),
        Elevation::Full => lang.pick("昇格中", "in force"),
        Elevation::Undivided => lang.pick("分割なし（そのままの権限）", "not divided"),
        Elevation::Other => lang.pick("不明な状態", "unknown state"),
    }
}
