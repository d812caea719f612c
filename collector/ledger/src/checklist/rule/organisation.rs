//! Rules about the hospital as a whole: the ledger, the diagram, vendors, systems, connection points.

use super::{Ask, Word};
use crate::checklist::census::SystemRow;
use crate::checklist::form::{Scope, Sheet};
use crate::checklist::{answer_key, settle::Proof};
use crate::finding::is_silent;
use crate::hand::answer::{Register, Said};
use crate::text::visible;
use daicho_report::{ToolState, VpnGrade};

/// Stocktaking, a look at contacts and a test of restoring are due once a year.
pub(super) const YEAR_DAYS: i64 = 366;

/// Every device is known, with where it is and whether it can be used.
pub(super) fn ledger_kept(ask: &Ask<'_>) -> Proof {
    let ledger = ask.census.ledger;
    let mut proof = ask.each(|thing, agent| {
        if !thing.written && agent.is_none() {
            return Word::open(
                "台帳外（通信のみ観測）。何であるか未記入",
                "outside the ledger: seen only, nobody has said what it is",
            );
        }
        if thing
            .field("status")
            .is_some_and(|it| it == "missing" || it == "lost")
        {
            return Word::contradicts("所在不明・紛失", "whereabouts unknown, or lost");
        }
        if agent.is_some_and(|it| is_silent(ledger, it)) {
            return Word::silent();
        }
        let located = thing.field("location").is_some();
        let usable = thing.field("usable").is_some_and(|it| it != "unknown")
            || thing.field("status").is_some();
        match (located, usable) {
            (true, true) => {
                Word::supports("所在・使用可否あり", "where it is and its state are kept")
            }
            (false, _) => Word::open("設置場所が未入力", "where it is is not entered"),
            _ => Word::open("使用可否・状態が未入力", "its state is not entered"),
        }
    });
    if ask.vendor.is_none() {
        match ask.records(Register::Stocktaking).first() {
            Some(last)
                if ask
                    .age(&last.on)
                    .is_some_and(|age| (0..=YEAR_DAYS).contains(&age)) =>
            {
                proof.say("棚卸", Word::supports(last.on.clone(), last.on.clone()));
            }
            _ => proof.say(
                "棚卸",
                Word::open("1年以内の棚卸の記録なし", "no stocktaking within a year"),
            ),
        }
    }
    proof.sorted()
}

/// Vendors' answers, and devices on which remote maintenance was seen.
pub(super) fn remote_maintenance_asked(ask: &Ask<'_>) -> Proof {
    let hand = &ask.census.ledger.hand;
    let mut proof = ask.each(|thing, agent| {
        let seen = agent.map(seen_tools).unwrap_or_default();
        let declared = thing.field("remote").map(visible);
        match (agent, seen.as_str(), declared) {
            (_, _, Some(text)) => {
                Word::supports(format!("記入あり：{text}"), format!("entered: {text}"))
            }
            (Some(_), "?", None) => Word::open(
                "ツール・VPNの有無が未確認",
                "whether there is a tool or VPN could not be asked",
            ),
            (Some(_), "", None) => Word::supports("検出なし（全箇所を確認）", "none found"),
            (Some(_), tools, None) => Word::open(
                format!("検出：{tools}。事業者への確認が未記入"),
                format!("found: {tools}; the vendor's answer is not entered"),
            ),
            (None, _, None) => Word::open("確認が未記入", "not entered"),
        }
    });
    if ask.sheet == Sheet::Vendor {
        return proof;
    }
    for (key, name) in &ask.census.vendors {
        let answered = hand.answer(&answer_key(
            ask.form,
            Sheet::Vendor,
            Some(key),
            &ask.item.id,
        ));
        let word = match answered {
            Some((_, answer)) if answer.says != Said::No => Word::supports(
                format!("回答 {}", answer.on),
                format!("answered on {}", answer.on),
            ),
            Some((_, answer)) => Word::contradicts(
                format!("「いいえ」と回答 {}", answer.on),
                format!("answered no on {}", answer.on),
            ),
            None => Word::open("事業者の回答なし", "the vendor has not answered"),
        };
        proof.say(&visible(name), word);
    }
    proof.sorted()
}

/// Names of tools and VPNs in use; `?`: could not be asked.
fn seen_tools(agent: &crate::asset::AgentAsset) -> String {
    let (tools, vpns) = (agent.remote_tools.tools.value(), agent.vpns.vpns.value());
    let mut names: Vec<String> = Vec::new();
    for tool in tools.into_iter().flatten() {
        if tool.state != ToolState::Unclear {
            names.push(visible(&tool.name));
        }
    }
    for vpn in vpns.into_iter().flatten() {
        if matches!(vpn.grade, VpnGrade::Certain | VpnGrade::Probable) {
            names.push(visible(vpn.product.as_deref().unwrap_or("VPN")));
        }
    }
    if names.is_empty() && (tools.is_none() || vpns.is_none()) {
        return "?".to_owned();
    }
    names.sort();
    names.dedup();
    names.join("、")
}

/// Somebody is named as responsible.
pub(super) fn responsible_named(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    // A vendor names its own.
    if ask.vendor.is_some() {
        return proof;
    }
    for (entry, person) in ask.census.ledger.hand.persons() {
        if person.role.contains("安全管理責任者") {
            proof.say(
                &visible(&person.name),
                Word::supports(
                    format!("{}（{} 記入）", visible(&person.role), visible(&entry.by)),
                    format!(
                        "{} (entered by {})",
                        visible(&person.role),
                        visible(&entry.by)
                    ),
                ),
            );
        }
    }
    if proof.supports.is_empty() {
        proof.say(
            "医療情報システム安全管理責任者",
            Word::open("氏名が未入力", "no name is entered"),
        );
    }
    proof
}

/// Systems that were recognised or written down.
pub(super) fn systems_present(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    for system in &ask.census.systems {
        proof.say(&system.name, Word::supports("台帳にあり", "in the ledger"));
    }
    if proof.supports.is_empty() {
        proof.say(
            "医療情報システム",
            Word::open(
                "見つかっていない（無いことの証明ではない）",
                "none found, which proves nothing",
            ),
        );
    }
    proof.sorted()
}

/// A diagram is drawn; connection points that nobody answers for are open.
pub(super) fn diagram_kept(ask: &Ask<'_>) -> Proof {
    let census = ask.census;
    let mut proof = Proof::default();
    proof.say(
        "構成図",
        Word::supports(
            format!(
                "{} セグメント、外部接続点 {} 件",
                census.segments,
                census.points.len()
            ),
            format!(
                "{} segments, {} connection points",
                census.segments,
                census.points.len()
            ),
        ),
    );
    for point in &census.points {
        if point.vendors.is_empty() || !point.demarcation {
            proof.say(
                &point.name,
                Word::open(
                    "事業者または責任分界点が未入力",
                    "vendor or demarcation not entered",
                ),
            );
        }
    }
    let unknown = census
        .things
        .iter()
        .filter(|it| !it.written && it.scope.is_none())
        .count();
    if unknown > 0 {
        proof.say(
            "台帳外機器",
            Word::open(
                format!("{unknown} 台が未記入"),
                format!("{unknown} devices are not entered"),
            ),
        );
    }
    if let Some((_, last)) = census.ledger.period {
        proof.saw(last);
    }
    proof.sorted()
}

/// What stops in care without each system.
pub(super) fn stop_effect(ask: &Ask<'_>) -> Proof {
    each_system(ask, |it| match it.care {
        true => Word::supports("影響の記入あり", "what stops is written"),
        false => Word::open(
            "停止時の診療への影響が未入力",
            "what stops in care is not entered",
        ),
    })
}

/// Whether it is written in which order each system is brought back.
pub(super) fn restore_order(ask: &Ask<'_>) -> Proof {
    each_system(ask, |it| match it.order {
        true => Word::supports("復旧の優先順位の記入あり", "its restore order is written"),
        false => Word::open("復旧の優先順位が未入力", "its restore order is not entered"),
    })
}

fn each_system(ask: &Ask<'_>, judge: impl Fn(&SystemRow) -> Word) -> Proof {
    let mut proof = Proof::default();
    for system in &ask.census.systems {
        proof.say(&system.name, judge(system));
    }
    if ask.census.systems.is_empty() {
        proof.say("システム", Word::open("台帳にない", "none in the ledger"));
    }
    proof.sorted()
}

/// Backup software, what people wrote, and tests of restoring.
pub(super) fn backup(ask: &Ask<'_>) -> Proof {
    let mut proof = ask.each(|thing, agent| {
        let offline = thing.field("backup_offline") == Some("yes");
        let written = thing.field("backup").map(visible);
        let tools = agent.map(|it| &it.backups.tools);
        let product = tools
            .and_then(|it| it.value())
            .and_then(|all| all.first())
            .map(|it| visible(&it.name));
        match (written, product) {
            (Some(text), _) if offline => Word::supports(
                format!("{text}、切離し保管あり（手入力）"),
                format!("{text}, kept offline (entered)"),
            ),
            (Some(text), _) => Word::open(
                format!("{text}。切離し保管の有無が未入力か無"),
                format!("{text}; not kept offline, or not entered"),
            ),
            (None, Some(product)) => Word::open(
                format!("{product} を検出。対象・世代・切離しが未入力"),
                format!("{product} found; what, generations and offline are not entered"),
            ),
            (None, None) => match tools {
                Some(tools) if tools.value().is_none() => Word::unknown(tools),
                _ => Word::open(
                    "バックアップの記入・検出なし",
                    "nothing entered, nothing found",
                ),
            },
        }
    });
    match ask.records(Register::RestoreTest).first() {
        Some(last)
            if ask
                .age(&last.on)
                .is_some_and(|age| (0..=YEAR_DAYS).contains(&age)) =>
        {
            proof.say("復旧試験", Word::supports(last.on.clone(), last.on.clone()));
        }
        _ => proof.say(
            "復旧試験",
            Word::open("1年以内の記録なし", "no test within a year"),
        ),
    }
    for system in ask.census.systems.iter().filter(|it| !it.order) {
        proof.say(
            &system.name,
            Word::open("復旧の優先順位が未入力", "restore order is not entered"),
        );
    }
    proof.sorted()
}

/// Whether each network device says from where it lets connections in.
pub(super) fn source_limit(ask: &Ask<'_>) -> Proof {
    ask.each(|thing, _| match thing.field("source_limit").map(visible) {
        Some(text) => Word::supports(format!("{text}（手入力）"), format!("{text} (entered)")),
        None if thing.scope == Some(Scope::Network) => {
            Word::open("接続元の制限が未入力", "not entered")
        }
        None => Word::open("機器の種類が未記入", "what it is is not entered"),
    })
}

/// How each connection point is switched off.
pub(super) fn containment(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    for point in &ask.census.points {
        let word = match point.switch_off {
            true => Word::supports("切断手順あり", "how to switch it off is written"),
            false => Word::open(
                "切断手順・権限者が未入力",
                "how to switch it off is not entered",
            ),
        };
        proof.say(&point.name, word);
    }
    proof.sorted()
}

/// Vendors who can be called.
pub(super) fn vendor_contacts(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    let hand = &ask.census.ledger.hand;
    for (key, name) in &ask.census.vendors {
        let reachable = hand
            .vendor(key)
            .is_some_and(|it| !it.phone.trim().is_empty());
        let word = match reachable {
            true => Word::supports("電話番号あり", "a telephone number is kept"),
            false => Word::open("電話番号が未入力", "no telephone number is entered"),
        };
        proof.say(&visible(name), word);
    }
    for system in ask.census.systems.iter().filter(|it| it.vendors.is_empty()) {
        proof.say(
            &system.name,
            Word::open("保守事業者が未入力", "no vendor is entered"),
        );
    }
    proof.sorted()
}

/// Devices, systems and points of which nobody knows the vendor.
pub(super) fn vendors_known(ask: &Ask<'_>) -> Proof {
    let mut proof = ask.each(|thing, _| match thing.vendors.is_empty() {
        true => Word::open("保守事業者が未入力", "no vendor is entered"),
        false => Word::supports("保守事業者あり", "its vendor is known"),
    });
    for point in &ask.census.points {
        if !point.demarcation {
            proof.say(
                &point.name,
                Word::open("責任分界点が未入力", "demarcation not entered"),
            );
        }
    }
    proof.sorted()
}

/// Devices with more than one vendor, and points without a demarcation.
pub(super) fn roles_of_vendors(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    for thing in ask.census.things.iter().filter(|it| it.vendors.len() > 1) {
        let count = thing.vendors.len();
        proof.say(
            &thing.name,
            Word::open(
                format!("事業者が {count} 社。分担の確認が必要"),
                format!("{count} vendors: who does what must be agreed"),
            ),
        );
    }
    for point in ask.census.points.iter().filter(|it| !it.demarcation) {
        proof.say(
            &point.name,
            Word::open("責任分界点が未入力", "demarcation not entered"),
        );
    }
    proof.sorted()
}
