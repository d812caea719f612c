//! Cells of a machine about its protection: patches, support, firewall, encryption, settings.

use daicho_report::{DefaultInput, FirewallVerdict, Reason, ToolState, UsbStorage, VpnGrade};

use super::View;
use crate::asset::AgentAsset;
use crate::cell::{Cell, State};
use crate::support::Release;
use crate::text::{self, Lang, visible};

pub(super) fn last_update(view: View<'_>, asset: &AgentAsset) -> Cell {
    let reading = &asset.patches.last_update_at;
    view.reading(asset, ("patch", "last_update_at"), reading, |at| {
        Cell::moment(*at, view.offset())
    })
}

pub(super) fn pending(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(
        asset,
        ("update", "pending"),
        &asset.updates.pending,
        |all| {
            let security = all.iter().filter(|it| it.security).count();
            let text = match lang {
                Lang::Ja => format!("{} 件（うちセキュリティ {security} 件）", all.len()),
                Lang::En => format!("{} ({security} of them security)", all.len()),
            };
            Cell {
                key: format!("{:020}", all.len()),
                ..Cell::own(text)
            }
        },
    )
}

pub(super) fn index_at(view: View<'_>, asset: &AgentAsset) -> Cell {
    view.reading(
        asset,
        ("patch", "index_at"),
        &asset.patches.index_at,
        |at| Cell::moment(*at, view.offset()),
    )
}

pub(super) fn reboot(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("patch", "reboot"), &asset.patches.reboot, |it| {
        let word = if it.needed {
            lang.pick("要再起動", "restart due")
        } else {
            lang.pick("不要", "not due")
        };
        let reasons: Vec<String> = it.reasons.iter().map(|it| visible(it)).collect();
        if reasons.is_empty() {
            Cell::own(word)
        } else {
            Cell::own(lang.remark(word, &reasons.join(", ")))
        }
    })
}

/// The last day of support with its source; a release that the file does not have is unknown.
pub(super) fn support(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let name = ("os", "version");
    view.reading(asset, name, &asset.os.version, |_| {
        match Release::of(&asset.os) {
            Some(release) => {
                let today = text::moment(view.ledger.as_of, view.offset());
                let ended = release.has_ended(today.get(..10).unwrap_or_default());
                let mut remarks = Vec::new();
                if ended {
                    remarks.push(lang.pick("終了", "ended").to_owned());
                }
                if let (Some(what), Some(ends)) = (&release.extended, &release.extended_ends) {
                    remarks.push(match lang {
                        Lang::Ja => format!("{what}は {ends} まで（契約・適用の有無は要確認）"),
                        Lang::En => format!("{what} until {ends}, if this machine has it"),
                    });
                }
                let comma = lang.pick("、", ", ");
                let text = match remarks.is_empty() {
                    true => release.ends.clone(),
                    false => lang.remark(&release.ends, &remarks.join(comma)),
                };
                Cell::own(text)
            }
            None => Cell {
                state: State::Unknown,
                reason: Some(Reason::Unsupported),
                ..Cell::own(lang.remark(
                    lang.pick("未確認", "unknown"),
                    lang.pick("期限の一覧にない版", "a release that is not in the table"),
                ))
            },
        }
    })
}

pub(super) fn firewall(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let verdict = &asset.firewall.verdict;
    view.reading(asset, ("firewall", "verdict"), verdict, |it| {
        let (ja, en) = match it {
            FirewallVerdict::Active => ("有効", "on"),
            FirewallVerdict::ToConfirm => ("要確認", "to be confirmed"),
            FirewallVerdict::Inactive => ("無効（全箇所を確認）", "off (every place was read)"),
            FirewallVerdict::Unclear => ("判定の種類が不明", "a verdict unknown to this version"),
        };
        let word = lang.pick(ja, en);
        match asset.firewall.default_input.value() {
            Some(DefaultInput::Drop) => Cell::own(lang.remark(
                word,
                lang.pick("受信は原則拒否", "input dropped by default"),
            )),
            Some(DefaultInput::Accept) => Cell::own(lang.remark(
                word,
                lang.pick("受信は原則許可", "input accepted by default"),
            )),
            _ => Cell::own(word),
        }
    })
}

pub(super) fn encryption(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.storage.encryption;
    view.reading(asset, ("storage", "encryption"), reading, |all| {
        let lines = all.iter().map(|it| {
            let how = it.encryption.as_deref().map(visible);
            let how = how.unwrap_or_else(|| lang.pick("暗号化なし", "not encrypted").to_owned());
            format!("{} {how}", visible(&it.mount))
        });
        Cell::lines(lines, lang)
    })
}

pub(super) fn usb(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.storage.usb_storage;
    view.reading(asset, ("storage", "usb_storage"), reading, |it| {
        Cell::own(match it {
            UsbStorage::Allowed => lang.pick("制限なし", "nothing keeps it out").to_owned(),
            UsbStorage::Blocked(by) => lang.remark(lang.pick("使用不可", "blocked"), &visible(by)),
            UsbStorage::Controlled(by) => lang.remark(
                lang.pick("製品で制御", "controlled by a product"),
                &visible(by),
            ),
        })
    })
}

pub(super) fn remote_tools(view: View<'_>, asset: &AgentAsset) -> Cell {
    let reading = &asset.remote_tools.tools;
    view.reading(asset, ("remote_tool", "tools"), reading, |all| {
        Cell::lines(all.iter().map(|it| tool(view.lang, it)), view.lang)
    })
}

pub(super) fn backups(view: View<'_>, asset: &AgentAsset) -> Cell {
    let reading = &asset.backups.tools;
    view.reading(asset, ("backup", "tools"), reading, |all| {
        Cell::lines(all.iter().map(|it| tool(view.lang, it)), view.lang)
    })
}

fn tool(lang: Lang, tool: &daicho_report::Tool) -> String {
    let mut words = vec![tool_state(tool.state, lang).to_owned()];
    words.extend(tool.version.as_deref().map(visible));
    lang.remark(&visible(&tool.name), &words.join(lang.pick("、", ", ")))
}

pub(super) fn tool_state(state: ToolState, lang: Lang) -> &'static str {
    let (ja, en) = match state {
        ToolState::Running => ("稼働中", "running"),
        ToolState::Enabled => ("自動起動", "starts by itself"),
        ToolState::Installed => ("導入済み", "installed"),
        ToolState::Unclear => ("導入済み・稼働は未確認", "installed, running unknown"),
    };
    lang.pick(ja, en)
}

pub(super) fn vpns(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("vpn", "vpns"), &asset.vpns.vpns, |all| {
        let lines = all.iter().map(|it| {
            let unnamed = lang.pick("製品不明", "unknown product");
            let name = it
                .product
                .as_deref()
                .map_or_else(|| unnamed.to_owned(), visible);
            let mut words = vec![vpn_grade(it.grade, lang).to_owned()];
            words.extend(it.interface.as_deref().map(visible));
            if let Some(server) = &it.server {
                let to = lang.pick("接続先", "leads to");
                words.push(format!("{to} {}", visible(server)));
            }
            lang.remark(&name, &words.join(lang.pick("、", ", ")))
        });
        Cell::lines(lines, lang)
    })
}

pub(super) fn vpn_grade(grade: VpnGrade, lang: Lang) -> &'static str {
    let (ja, en) = match grade {
        VpnGrade::Certain => ("確認", "certain"),
        VpnGrade::Probable => ("推定（要現地確認）", "probable"),
        VpnGrade::Capable => ("導入のみ（接続口なし）", "installed, no interface"),
        VpnGrade::Unclear => ("判定の種類が不明", "a grade unknown to this version"),
    };
    lang.pick(ja, en)
}

pub(super) fn password(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.policies.password;
    view.reading(asset, ("policy", "password"), reading, |it| {
        let unset = lang.pick("設定なし", "not set");
        let line = |ja, en, value: Option<u32>| {
            let value = value.map_or_else(|| unset.to_owned(), |it| it.to_string());
            format!("{}: {value}", lang.pick(ja, en))
        };
        Cell::lines(
            [
                line("最小文字数", "shortest length", it.length_min),
                line("有効日数", "days until change", it.days_max),
                line("履歴", "remembered", it.history),
                line(
                    "ロックまでの失敗回数",
                    "failures before lock",
                    it.lockout_after,
                ),
            ],
            lang,
        )
    })
}

pub(super) fn ssh(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("policy", "ssh"), &asset.policies.ssh, |it| {
        let Some(it) = it else {
            return Cell::own(lang.pick("SSHサーバなし", "no SSH server"));
        };
        let ports: Vec<String> = it.ports.iter().map(ToString::to_string).collect();
        let password = text::yes_no(it.password_log_in, lang);
        Cell::lines(
            [
                format!("root: {}", visible(&it.root_log_in)),
                format!(
                    "{}: {password}",
                    lang.pick("パスワード認証", "password is enough")
                ),
                format!("{}: {}", lang.pick("ポート", "ports"), ports.join(", ")),
            ],
            lang,
        )
    })
}

pub(super) fn log(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("policy", "log"), &asset.policies.log, |it| {
        let mut lines = Vec::new();
        lines.push(if it.persistent {
            lang.pick("保存する", "kept").to_owned()
        } else {
            lang.pick("再起動で消える", "lost at a restart").to_owned()
        });
        if let Some(days) = it.days_max {
            lines.push(match lang {
                Lang::Ja => format!("最長 {days} 日"),
                Lang::En => format!("at most {days} days"),
            });
        }
        if let Some(bytes) = it.bytes_max {
            let mib = bytes >> 20;
            lines.push(match lang {
                Lang::Ja => format!("上限 {mib} MiB"),
                Lang::En => format!("at most {mib} MiB"),
            });
        }
        for host in &it.sent_to {
            lines.push(format!(
                "{}: {}",
                lang.pick("転送先", "sent to"),
                visible(host)
            ));
        }
        Cell::lines(lines, lang)
    })
}

pub(super) fn time_sources(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.policies.time_sources;
    view.reading(asset, ("policy", "time_sources"), reading, |all| {
        let lines = all.iter().map(|it| {
            let servers: Vec<String> = it.servers.iter().map(|it| visible(it)).collect();
            let of_maker = lang.pick("提供元の既定", "its maker's own");
            let servers = match servers.is_empty() {
                true => of_maker.to_owned(),
                false => servers.join(", "),
            };
            lang.remark(&visible(&it.program), &servers)
        });
        Cell::lines(lines, lang)
    })
}

pub(super) fn runs_on(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(
        asset,
        ("guest", "runs_on"),
        &asset.guests.runs_on,
        |it| match it {
            Some(host) => Cell::value(host, lang),
            None => Cell::not_applicable(),
        },
    )
}

pub(super) fn guests(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("guest", "guests"), &asset.guests.guests, |all| {
        let lines = all.iter().map(|it| {
            let (ja, en) = match it.running {
                Some(true) => ("稼働中", "running"),
                Some(false) => ("停止中", "stopped"),
                None => ("稼働は未確認", "running unknown"),
            };
            lang.remark(&visible(&it.name), lang.pick(ja, en))
        });
        Cell::lines(lines, lang)
    })
}

pub(super) fn containers(view: View<'_>, asset: &AgentAsset) -> Cell {
    let lang = view.lang;
    let reading = &asset.guests.containers;
    view.reading(asset, ("guest", "containers"), reading, |all| {
        let lines = all
            .iter()
            .map(|it| format!("{} {}", visible(&it.engine), visible(&it.id)));
        Cell::lines(lines, lang)
    })
}

pub(super) fn proxies(view: View<'_>, asset: &AgentAsset) -> Cell {
    view.reading(asset, ("trust", "proxies"), &asset.trust.proxies, |all| {
        Cell::lines(all.iter().map(|it| visible(it)), view.lang)
    })
}

pub(super) fn added_roots(view: View<'_>, asset: &AgentAsset) -> Cell {
    certificates(view, asset, "added_roots", &asset.trust.added_roots)
}

pub(super) fn own_certificates(view: View<'_>, asset: &AgentAsset) -> Cell {
    certificates(view, asset, "certificates", &asset.trust.certificates)
}

fn certificates(
    view: View<'_>,
    asset: &AgentAsset,
    field: &str,
    reading: &daicho_report::Reading<Vec<daicho_report::Certificate>>,
) -> Cell {
    let lang = view.lang;
    view.reading(asset, ("trust", field), reading, |all| {
        let lines = all.iter().map(|it| {
            let until = text::moment(it.not_after, view.offset());
            let until = until.get(..10).unwrap_or_default().to_owned();
            let remark = match lang {
                Lang::Ja => format!("{until} まで"),
                Lang::En => format!("until {until}"),
            };
            lang.remark(&visible(&it.subject), &remark)
        });
        Cell::lines(lines, lang)
    })
}
