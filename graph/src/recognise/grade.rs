//! Grades（現地確認済・確認・手入力・推定・手掛かり）. Comes in: witnesses; goes out: how sure they make
//! a verdict, and why in words that staff understand. One kind of witness never makes 確認.

use std::collections::BTreeSet;

use daicho_ledger::{Grade, Lang};

use super::{Weight, Witness};

/// How sure witnesses make a verdict:
/// - 確認: two different kinds that say more than little, one of them strong and from a proven source;
/// - 推定: one that is strong, or two different kinds of medium weight;
/// - 手掛かり: anything less.
pub(super) fn grade(witnesses: &[Witness]) -> Grade {
    let telling = || witnesses.iter().filter(|it| it.weight <= Weight::Medium);
    let kinds: BTreeSet<&str> = telling().map(|it| it.kind.as_str()).collect();
    let strong = |it: &&Witness| it.weight <= Weight::Strong;
    if kinds.len() > 1 && telling().any(|it| it.proven && strong(&it)) {
        Grade::Confirmed
    } else if kinds.len() > 1 || telling().any(|it| strong(&it)) {
        Grade::Inferred
    } else {
        Grade::Hint
    }
}

/// What a kind of witness is called.
pub(crate) fn kind_title(kind: &str, lang: Lang) -> String {
    let (ja, en) = match kind {
        "name_server" => ("DNSサーバの設定", "name server"),
        "hosts" => ("hostsファイル", "hosts file"),
        "resolved" => ("名前解決の記録", "resolved name"),
        "resolver_rule" => ("名前解決の規則", "resolver rule"),
        "proxy_bypass" => ("プロキシ除外設定", "proxy exception"),
        "proxy" => ("プロキシ設定", "proxy"),
        "time_server" => ("時刻サーバの設定", "time server"),
        "folder" => ("フォルダ", "folder"),
        "task" => ("タスク", "task"),
        "credential" => ("資格情報の名前", "name of a credential"),
        "account" => ("アカウント名", "account"),
        "share" => ("共有フォルダ", "share"),
        "remote_mount" => ("共有の利用", "use of a share"),
        "software" => ("インストール済みソフト", "installed program"),
        "publisher" => ("ソフトの発行元", "publisher"),
        "service" => ("サービス", "service"),
        "program" => ("動作中のプログラム", "program"),
        "port" => ("待受ポート", "listening port"),
        "talks_to" => ("通信先ポート", "port talked to"),
        "peer" => ("通信相手", "peer"),
        "interface_name" => ("インタフェース名", "name of an interface"),
        "driver" => ("インタフェースのドライバ", "driver of an interface"),
        "interface" => ("インタフェース", "interface"),
        "host_name" => ("コンピュータ名", "host name"),
        "domain" => ("ドメイン", "domain"),
        "certificate" => ("証明書", "certificate"),
        "model" => ("機種", "model"),
        "pattern" => ("構成の特徴", "pattern"),
        "route" => ("経路", "route"),
        "flow" => ("通信", "flow"),
        "maintenance" => ("遠隔操作の通信", "remote-control talk"),
        "remote_tool" => ("遠隔操作ソフト", "remote tool"),
        "vpn" => ("VPN", "VPN"),
        "neighbour" => ("隣接機器", "neighbour"),
        "maker" => ("MACアドレスの製造者", "maker of the hardware address"),
        "rule" => ("院内の規則", "rule of the site"),
        "device" => ("手入力の機器", "device kept by hand"),
        "system" => ("システム", "system"),
        "segment" => ("セグメントの機器", "machines of the segment"),
        other => (other, other),
    };
    lang.pick(ja, en).to_owned()
}

/// Why a verdict has its grade, in Japanese and English.
pub(super) fn reason(
    grade: Grade,
    witnesses: &[Witness],
    ceiling: Option<&(String, String)>,
) -> (String, String) {
    let one = |lang: Lang| {
        let rests_on = rests_on(witnesses, lang);
        let why = match grade {
            Grade::OnSite => lang.pick("現地で確認済み", "confirmed on site"),
            Grade::Confirmed => lang.pick(
                "種類の異なる証拠が二つ以上あり、一つ以上が確かな出典による",
                "two kinds of witness or more, one at least from a proven source",
            ),
            Grade::Declared if witnesses.iter().any(|it| it.kind != "device") => lang.pick(
                "手入力による。観測された証拠は弱い",
                "declared by hand; what agents saw says little",
            ),
            Grade::Declared => lang.pick(
                "手入力のみ。エージェントからはまだ観測されていない",
                "declared by hand; no agent has seen it yet",
            ),
            Grade::Inferred => lang.pick(
                "証拠の種類か出典が足りないため、現地で確認が必要",
                "kinds or sources of witness do not suffice; to be checked on site",
            ),
            Grade::Hint => lang.pick(
                "弱い証拠のみのため、図には載せない",
                "weak witnesses only; not drawn",
            ),
        };
        let bound = ceiling.map(|it| lang.pick(it.0.as_str(), it.1.as_str()));
        let (stop, space) = (lang.pick("。", ". "), lang.pick("", ""));
        let mut out = String::new();
        let parts = [Some(rests_on.as_str()), bound, Some(why)];
        for part in parts.into_iter().flatten().filter(|it| !it.is_empty()) {
            out.push_str(space);
            out.push_str(part);
            out.push_str(stop);
        }
        out.trim_end().to_owned()
    };
    (one(Lang::Ja), one(Lang::En))
}

/// The kinds of witness with how many machines show each.
fn rests_on(witnesses: &[Witness], lang: Lang) -> String {
    let mut kinds: Vec<(Weight, &str)> = Vec::new();
    for it in witnesses {
        match kinds.iter_mut().find(|(_, kind)| *kind == it.kind) {
            Some(one) => one.0 = one.0.min(it.weight),
            None => kinds.push((it.weight, &it.kind)),
        }
    }
    kinds.sort_unstable();
    let told = kinds.iter().map(|(_, kind)| {
        let title = kind_title(kind, lang);
        let of = witnesses.iter().filter(|it| it.kind == *kind);
        let machines = of.map(|it| &it.asset).collect::<BTreeSet<_>>().len();
        match (machines, lang) {
            (0 | 1, _) => title,
            (_, Lang::Ja) => format!("{title}（{machines}台）"),
            (_, Lang::En) => format!("{title} ({machines} machines)"),
        }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return String::new();
    }
    match lang {
        Lang::Ja => format!("根拠：{}", told.join("、")),
        Lang::En => format!("Rests on: {}", told.join(", ")),
    }
}
