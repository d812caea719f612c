//! The text of boxes. Comes in: nodes; goes out: fitted lines. It never drops a name without `…`.

use super::super::text::{fit, visible};
use super::super::topology::{Evidence, Mark, Node, NodeKind};
use super::{BoxKind, Lang, Options, Shape, Subject};
use daicho_ledger::hand::DeviceKind;
use daicho_ledger::{Grade, ZoneKind};
use daicho_report::Time;

/// Width of the icon's column.
pub(crate) const ICON: i32 = 26;

fn heading(node: &Node, lang: Lang) -> String {
    let name = |text: &str| {
        if node.label.is_empty() {
            text.to_owned()
        } else {
            format!("{text} {}", node.label)
        }
    };
    match node.kind {
        NodeKind::Server | NodeKind::Terminal => node.label.clone(),
        NodeKind::Seen => name(lang.pick("観測のみ", "seen only")),
        NodeKind::Gateway => lang.pick("ゲートウェイ", "gateway").to_owned(),
        NodeKind::Segment => lang.pick("セグメント", "segment").to_owned(),
        NodeKind::HostNetwork => name(lang.pick("機器内ネットワーク", "inside host")),
        NodeKind::DefaultRoute => lang.pick("既定経路の出口", "default route out").to_owned(),
        NodeKind::Vpn => name("VPN"),
        NodeKind::External if node.label == "unknown" => lang
            .pick("外部（行き先不明）", "outside (unknown)")
            .to_owned(),
        NodeKind::External if node.label == "routes" => lang
            .pick("外部（経路のみ）", "outside, by routes alone")
            .to_owned(),
        NodeKind::External => lang.pick("外部の通信相手", "outside peers").to_owned(),
        NodeKind::OtherInside if node.label == "routes" => lang
            .pick(
                "院内の他ネットワーク（経路のみ）",
                "inside, by routes alone",
            )
            .to_owned(),
        NodeKind::Device(_) => node.label.clone(),
        NodeKind::Point(kind) => kind.title(lang).to_owned(),
        NodeKind::System => name(lang.pick("システム", "system")),
        NodeKind::OtherInside => lang
            .pick("院内の他セグメント（推定）", "elsewhere inside")
            .to_owned(),
    }
}

pub(super) fn mark(mark: Mark, lang: Lang) -> &'static str {
    match mark {
        Mark::AdministratorLogIn => lang.pick("▲管理者ログイン", "▲admin log-in"),
        Mark::AntivirusNotRunning => lang.pick("▲ウイルス対策 停止", "▲AV not running"),
        Mark::SupportEnded => lang.pick("▲OS通常サポート終了", "▲OS regular support ended"),
        Mark::NoNews => lang.pick("◇7日以上 情報なし", "◇no news for 7 days"),
        Mark::Vpn => "◆VPN",
        Mark::Bridge => lang.pick("⇄ 橋渡し（複数の網）", "⇄ in several networks"),
    }
}

/// What a device is, as a person wrote it down.
pub(super) fn device(kind: DeviceKind, lang: Lang) -> &'static str {
    let (ja, en) = match kind {
        DeviceKind::Firewall => ("ファイアウォール", "firewall"),
        DeviceKind::Vpn => ("VPN装置", "VPN device"),
        DeviceKind::Router => ("ルータ", "router"),
        DeviceKind::CoreSwitch => ("スイッチ（L3）", "switch (L3)"),
        DeviceKind::Switch => ("スイッチ", "switch"),
        DeviceKind::Wireless => ("無線LAN機器", "wireless LAN"),
        DeviceKind::LineTerminal => ("回線終端装置", "line terminal"),
        DeviceKind::MobileRouter => ("LTEルータ等", "mobile router"),
        DeviceKind::MedicalDevice => ("医療機器", "medical device"),
        DeviceKind::Server => ("サーバ", "server"),
        DeviceKind::Terminal => ("端末", "terminal"),
        DeviceKind::Printer => ("プリンタ・複合機", "printer"),
        DeviceKind::Storage => ("ストレージ", "storage"),
        DeviceKind::Other => ("その他の機器", "other device"),
    };
    lang.pick(ja, en)
}

/// Addresses that routers of a group share（RFC 9568）; the group's number follows.
const VIRTUAL_ROUTER: &str = "00:00:5e:00:01:";

/// What a name says beside what the heading says already.
fn own_name(name: &str, heading: &str) -> Option<String> {
    let rest = name.strip_prefix(heading).unwrap_or(name).trim();
    let inner = rest.strip_prefix('（').and_then(|it| it.strip_suffix('）'));
    // The first bracket closes with the last: none closes more than was opened.
    let mut open = 0;
    let balanced = |it: &&str| {
        it.chars().all(|c| {
            open += i32::from(c == '（') - i32::from(c == '）');
            open >= 0
        })
    };
    let inner = inner.filter(balanced);
    let own = inner.unwrap_or(rest);
    (!own.is_empty()).then(|| own.to_owned())
}

/// What stands below the heading.
fn second(node: &Node, lang: Lang) -> Option<String> {
    let label = Some(&node.label).filter(|label| !label.is_empty());
    match node.kind {
        NodeKind::Gateway => label.map(|label| match label.strip_prefix(VIRTUAL_ROUTER) {
            Some(number) => format!("VRRP {number} {label}"),
            None => label.clone(),
        }),
        NodeKind::OtherInside => label.filter(|label| *label != "routes").cloned(),
        NodeKind::Point(kind) => label.and_then(|it| own_name(it, kind.title(lang))),
        NodeKind::Device(kind) => Some(device(kind, lang).to_owned()),
        _ => None,
    }
}

/// How sure it is, in words.
fn certainty(node: &Node, lang: Lang) -> Option<String> {
    let grade = node.grade?;
    match node.kind {
        NodeKind::Point(_) | NodeKind::System => {
            let sign = if grade == Grade::OnSite { "✓ " } else { "" };
            Some(format!("{sign}{}", grade.title(lang)))
        }
        NodeKind::Segment
            if matches!(grade, Grade::Inferred | Grade::Hint)
                && node.zone.is_some_and(|zone| zone != ZoneKind::Unknown) =>
        {
            Some(lang.pick("系は推定", "zone inferred").to_owned())
        }
        _ => None,
    }
}

/// All lines of a node, unfitted.
pub(super) fn lines(node: &Node, extra: &[String], notes: &[String], lang: Lang) -> Vec<String> {
    let mut out = vec![heading(node, lang)];
    out.extend(second(node, lang));
    out.extend(node.zone.map(|zone| zone.title(lang).to_owned()));
    out.extend(extra.iter().cloned());
    if extra.is_empty() {
        out.extend(node.detail.iter().take(4).cloned());
        if node.detail.len() > 4 {
            out.push(format!("… +{}", node.detail.len() - 4));
        }
    }
    out.extend(node.also.iter().map(|it| it.title(lang).to_owned()));
    if matches!(node.kind, NodeKind::DefaultRoute | NodeKind::Vpn) {
        out.push(
            lang.pick("推定（要現地確認）", "inferred, to confirm")
                .to_owned(),
        );
    }
    out.extend(notes.iter().cloned());
    out.extend(node.unplaced.map(|why| why.title(lang).to_owned()));
    out.extend(certainty(node, lang));
    let short = node.marks.iter().filter(|it| **it != Mark::Bridge);
    out.extend(short.map(|m| mark(*m, lang).to_owned()));
    if node.marks.contains(&Mark::Bridge) {
        out.push(mark(Mark::Bridge, lang).to_owned());
    }
    out
}

/// How a thing is known, and when it was last.
fn evidence(it: &Evidence, lang: Lang) -> String {
    let kind = it.kind.title(lang);
    let mut out = format!("{kind}: {}", it.sources.join(", "));
    if let Some(last) = it.last {
        out.push_str(&format!("; {} {last}", lang.pick("最終", "last")));
    }
    out
}

/// A box for a node, at the origin.
pub(super) fn shape(
    node: &Node,
    id: String,
    (extra, notes): (&[String], &[String]),
    w: i32,
    lang: Lang,
) -> Shape {
    let lines = lines(node, extra, notes, lang);
    let h = 10 + super::LINE * i32::try_from(lines.len()).unwrap_or(i32::MAX / 64);
    let mut title: Vec<String> = lines.iter().map(|l| visible(l)).collect();
    title.extend(node.detail.iter().take(64).map(|l| visible(l)));
    title.push(evidence(&node.evidence, lang));
    Shape {
        w,
        h,
        lines: lines.iter().map(|l| fit(l, (w - ICON - 8) / 6)).collect(),
        title: title.join("\n"),
        zone: node.zone,
        grade: node.grade,
        ..Shape::new(id, BoxKind::Node(node.kind))
    }
}

/// The day of a moment in the site's time.
pub(super) fn day(time: Option<Time>, offset: i32) -> String {
    time.map_or("-".to_owned(), |it| daicho_ledger::text::day(it, offset))
}

/// A moment in the site's time.
fn stamp(time: Option<Time>, offset: i32) -> String {
    let Some(time) = time else {
        return "-".to_owned();
    };
    let local = Time::from_seconds(time.seconds().saturating_add(i64::from(offset)));
    let text = local.to_string().replace('T', " ").replace('Z', "");
    let (sign, o) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
    format!("{text} {sign}{:02}:{:02}", o / 3600, o / 60 % 60)
}

/// What a person enters, or that nobody has yet.
fn entered(text: &str, lang: Lang) -> &str {
    if text.is_empty() {
        lang.pick("未入力", "not entered")
    } else {
        text
    }
}

/// 図名.
pub(super) fn name(o: &Options) -> &str {
    match o.view {
        _ if !o.title.is_empty() => &o.title,
        Subject::Network => o.lang.pick("ネットワーク構成図", "Network diagram"),
        Subject::System => o.lang.pick("システム構成図", "System diagram"),
    }
}

/// 版: as people count them, or else the day shown.
fn revision(o: &Options) -> String {
    if !o.revision.is_empty() {
        return o.revision.clone();
    }
    day(o.as_of, o.utc_offset_s)
}

/// The lines of the title block.
pub(super) fn title(o: &Options, name: &str, number: (u32, u32)) -> Vec<String> {
    let l = o.lang;
    let period = o.period.map_or("-".to_owned(), |(a, b)| {
        format!(
            "{} – {}",
            stamp(Some(a), o.utc_offset_s),
            stamp(Some(b), o.utc_offset_s)
        )
    });
    let mut out = vec![
        format!(
            "{}: {}",
            l.pick("病院名", "hospital"),
            entered(&o.hospital, l)
        ),
        format!(
            "{}: {name}  {}: {}",
            l.pick("図名", "title"),
            l.pick("版", "revision"),
            revision(o)
        ),
        format!(
            "{}: {}",
            l.pick("時点", "as of"),
            stamp(o.as_of, o.utc_offset_s)
        ),
        format!(
            "{}: {}  Daicho {}",
            l.pick("作成日時", "created"),
            stamp(o.created_at, o.utc_offset_s),
            o.version
        ),
        format!("{}: {period}", l.pick("データ取得期間", "data period")),
        format!(
            "{}: {}  {}: {}  {}: {}/{}",
            l.pick("作成者", "author"),
            entered(&o.author, l),
            l.pick("承認", "approved by"),
            entered(&o.approver, l),
            l.pick("ページ", "page"),
            number.0,
            number.1
        ),
        format!(
            "{}: {}",
            l.pick("データのハッシュ", "data hash"),
            o.data_hash
        ),
    ];
    notices(o, &mut out);
    out
}

/// What stands above everything else in the title block.
fn notices(o: &Options, out: &mut Vec<String>) {
    let l = o.lang;
    if let Some(from) = o.since {
        let text = l.pick(
            "比較元の時点（＋追加 ×削除 △変更）",
            "compared with (+ added, x removed, △ changed)",
        );
        out.insert(3, format!("{text}: {}", stamp(Some(from), o.utc_offset_s)));
    }
    if o.simulated {
        out.insert(
            0,
            l.pick(
                "【模擬】実在の病院のデータではありません",
                "[SIMULATED] not a real hospital",
            )
            .to_owned(),
        );
    }
}

/// What a kind of box means.
pub(super) fn legend(kind: BoxKind, l: Lang) -> Option<&'static str> {
    Some(match kind {
        BoxKind::Node(NodeKind::Server) => l.pick("サーバ（エージェントあり）", "server (agent)"),
        BoxKind::Node(NodeKind::Terminal) => l.pick(
            "端末・種別不明（エージェントあり）",
            "terminal or unknown kind (agent)",
        ),
        BoxKind::Node(NodeKind::Seen) => l.pick(
            "観測のみ（破線。エージェントなし）",
            "seen only (dashed, no agent)",
        ),
        BoxKind::Node(NodeKind::Gateway) => l.pick("ゲートウェイ", "gateway"),
        BoxKind::Node(NodeKind::Segment) => l.pick("セグメント", "segment"),
        BoxKind::Node(NodeKind::HostNetwork) => {
            l.pick("機器内ネットワーク（コンテナ等）", "network inside a host")
        }
        BoxKind::Node(NodeKind::DefaultRoute) => {
            l.pick("既定経路の出口（推定）", "default route out (inferred)")
        }
        BoxKind::Node(NodeKind::Vpn) => l.pick("VPN・専用線（推定）", "VPN or own line (inferred)"),
        BoxKind::Node(NodeKind::External) => l.pick("外部", "outside"),
        BoxKind::Node(NodeKind::OtherInside) => l.pick(
            "院内の他セグメント（推定）",
            "other segments inside (inferred)",
        ),
        BoxKind::Node(NodeKind::Device(_)) => {
            l.pick("手入力の機器（点線）", "device entered by hand (dotted)")
        }
        BoxKind::Node(NodeKind::Point(_)) => l.pick(
            "外部接続点（実線 確認、破線 推定、点線 手入力、✓ 現地確認済）",
            "connection point (solid: confirmed, dashed: inferred, dotted: entered, ✓: on site)",
        ),
        BoxKind::Node(NodeKind::System) => l.pick("システム", "system"),
        BoxKind::Group(_) => l.pick("×Ｎ 台数をまとめた表示", "×N counted group"),
        BoxKind::Unjoined => l.pick(
            "同じ範囲、接続未確認（一つの網とは限らない）",
            "same range, no proof of a link",
        ),
        BoxKind::OffPage => l.pick("他ページへの接続", "leads to another page"),
        BoxKind::Zone
        | BoxKind::Systems
        | BoxKind::Unplaced
        | BoxKind::Band
        | BoxKind::Title
        | BoxKind::List
        | BoxKind::Legend => return None,
    })
}
