//! Texts for people. Comes in: values, reasons, moments; goes out: Japanese or English text in
//! which nothing is hidden. It never decides what is true.

use std::fmt::Write as _;

use daicho_report::{
    AntivirusKind, AntivirusVerdict, Chassis, Direction, GoodbyeCause, InterfaceKind, Protocol,
    Reason, ShareGrant, ShareParty, ShareRight, Time, Virtualization,
};
use serde::{Deserialize, Serialize};

/// Language of what people read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The text in this language.
    #[must_use]
    pub fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// A remark after a value, in the brackets of the language.
    #[must_use]
    pub fn remark(self, text: &str, remark: &str) -> String {
        match self {
            Self::Ja => format!("{text}（{remark}）"),
            Self::En => format!("{text} ({remark})"),
        }
    }
}

/// Text from outside, with every character that hides or reorders shown as `〈U+202E〉`.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hides(c) {
            // Writing into a text cannot fail.
            let _ = write!(out, "〈U+{:04X}〉", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Control, format, zero-width, bidirectional and filler characters, line separators, tags,
/// private use and what is no character.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x61C | 0x70F | 0x115F | 0x1160 | 0x17B4 | 0x17B5
            | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
            | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xFFFE | 0xFFFF
            | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0x10FFFF)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// The day of a moment in the site's time, `2026-11-20`.
#[must_use]
pub fn day(at: Time, utc_offset_s: i32) -> String {
    let text = moment(at, utc_offset_s);
    text.get(..10).unwrap_or(&text).to_owned()
}

/// A moment at the site, `2026-11-25 16:40`.
#[must_use]
pub fn moment(at: Time, utc_offset_s: i32) -> String {
    let text = local(at, utc_offset_s);
    match (text.get(..10), text.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time}"),
        _ => text,
    }
}

/// A date at the site for a cover: `令和8年11月25日（2026-11-25）`; before Reiwa and in English the
/// second form alone.
#[must_use]
pub fn date(at: Time, utc_offset_s: i32, lang: Lang) -> String {
    let text = local(at, utc_offset_s);
    let iso = text.get(..10).unwrap_or(&text).to_owned();
    let part = |range: std::ops::Range<usize>| iso.get(range).and_then(|it| it.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(5..7), part(8..10)) else {
        return iso;
    };
    if lang == Lang::En || (year, month) < (2019, 5) {
        return iso;
    }
    match year - 2018 {
        1 => format!("令和元年{month}月{day}日（{iso}）"),
        era => format!("令和{era}年{month}月{day}日（{iso}）"),
    }
}

fn local(at: Time, utc_offset_s: i32) -> String {
    Time::from_seconds(at.seconds().saturating_add(i64::from(utc_offset_s))).to_string()
}

/// Why there is no value.
#[must_use]
pub fn reason(reason: &Reason, lang: Lang) -> String {
    let (ja, en) = match reason {
        Reason::Unsupported => ("対象外", "not applicable here"),
        Reason::Denied => ("権限不足", "permission denied"),
        Reason::TimedOut => ("時間切れ", "timed out"),
        Reason::Failed(code) => {
            let word = lang.pick("取得失敗", "failed");
            return format!("{word}: {}", visible(code));
        }
        Reason::NotAsked => ("未照会", "not asked"),
        Reason::Withheld => ("非開示", "withheld"),
    };
    lang.pick(ja, en).to_owned()
}

/// Yes or no.
#[must_use]
pub fn yes_no(value: bool, lang: Lang) -> String {
    let text = if value {
        lang.pick("はい", "yes")
    } else {
        lang.pick("いいえ", "no")
    };
    text.to_owned()
}

pub(crate) fn chassis(chassis: Chassis, lang: Lang) -> String {
    let (ja, en) = match chassis {
        Chassis::Desktop => ("端末PC（デスクトップ）", "terminal (desktop)"),
        Chassis::Notebook => ("端末PC（ノート・タブレット）", "terminal (notebook)"),
        Chassis::Server => ("サーバ", "server"),
        Chassis::Other => ("その他（種別は要確認）", "other (to be confirmed)"),
    };
    lang.pick(ja, en).to_owned()
}

pub(crate) fn virtualization(it: &Virtualization, lang: Lang) -> String {
    match it {
        Virtualization::Physical => lang.pick("物理機器", "physical").to_owned(),
        Virtualization::Virtual(by) => {
            lang.remark(lang.pick("仮想マシン", "virtual machine"), &visible(by))
        }
        Virtualization::Container(by) => {
            lang.remark(lang.pick("コンテナ", "container"), &visible(by))
        }
    }
}

pub(crate) fn interface_kind(kind: InterfaceKind, lang: Lang) -> &'static str {
    let (ja, en) = match kind {
        InterfaceKind::Ethernet => ("有線LAN", "Ethernet"),
        InterfaceKind::Wireless => ("無線LAN", "wireless LAN"),
        InterfaceKind::Mobile => ("モバイル回線", "mobile network"),
        InterfaceKind::Vpn => ("VPN", "VPN"),
        InterfaceKind::Ppp => ("PPP", "PPP"),
        InterfaceKind::Bridge => ("ブリッジ", "bridge"),
        InterfaceKind::Bond => ("リンク束ね（ボンド）", "bond"),
        InterfaceKind::Vlan => ("VLAN", "VLAN"),
        InterfaceKind::Virtual => ("仮想", "virtual"),
        InterfaceKind::Tunnel => ("トンネル", "tunnel"),
        InterfaceKind::Loopback => ("ループバック", "loopback"),
        InterfaceKind::Other => ("その他", "other"),
    };
    lang.pick(ja, en)
}

pub(crate) fn antivirus_verdict(verdict: AntivirusVerdict, lang: Lang) -> &'static str {
    let (ja, en) = match verdict {
        AntivirusVerdict::Running => ("稼働中", "running"),
        AntivirusVerdict::ToConfirm => ("要確認", "to be confirmed"),
        AntivirusVerdict::NotRunning => ("導入済み・停止中", "installed, not running"),
        AntivirusVerdict::NoneFound => ("なし（全箇所を確認）", "none (every place was read)"),
        AntivirusVerdict::Unclear => ("判定の種類が不明", "a verdict unknown to this version"),
    };
    lang.pick(ja, en)
}

pub(crate) fn antivirus_kind(kind: AntivirusKind, lang: Lang) -> &'static str {
    match kind {
        AntivirusKind::Antivirus => lang.pick("ウイルス対策", "antivirus"),
        AntivirusKind::Edr => "EDR",
        AntivirusKind::Other => lang.pick("その他", "other"),
    }
}

pub(crate) fn direction(direction: Direction, lang: Lang) -> &'static str {
    match direction {
        Direction::Inbound => lang.pick("受信（相手から接続）", "inbound"),
        Direction::Outbound => lang.pick("発信（この機器から接続）", "outbound"),
        Direction::Unclear => lang.pick("向き不明", "direction unclear"),
    }
}

pub(crate) fn protocol(protocol: Protocol, lang: Lang) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Other => lang.pick("その他", "other"),
    }
}

pub(crate) fn goodbye(cause: GoodbyeCause, lang: Lang) -> &'static str {
    let (ja, en) = match cause {
        GoodbyeCause::Shutdown => ("停止・再起動の通知あり", "shut down"),
        GoodbyeCause::Sleep => ("スリープの通知あり", "asleep"),
        GoodbyeCause::Stop => ("エージェント停止の通知あり", "agent stopped"),
        GoodbyeCause::Uninstall => ("エージェント削除の通知あり", "agent removed"),
    };
    lang.pick(ja, en)
}

/// To whom a share is granted, and how much.
pub(crate) fn share_grants(granted: &[ShareGrant], lang: Lang) -> String {
    if granted.is_empty() {
        return lang.pick("許可なし", "granted to nobody").to_owned();
    }
    let all = granted.iter().map(|it| {
        let right = match it.right {
            ShareRight::Read => lang.pick("読み取り", "read"),
            ShareRight::Change => lang.pick("変更", "change"),
            ShareRight::Full => lang.pick("フルコントロール", "full control"),
        };
        format!("{} {right}", share_party(it.to, lang))
    });
    let all: Vec<String> = all.collect();
    let title = lang.pick("許可：", "granted: ");
    format!("{title}{}", all.join(lang.pick("・", "; ")))
}

fn share_party(party: ShareParty, lang: Lang) -> &'static str {
    use ShareParty as P;
    let (ja, en) = match party {
        P::Everyone => ("Everyone（全員）", "Everyone"),
        P::Anonymous => ("匿名", "anonymous"),
        P::Guests => ("Guest", "guests"),
        P::AuthenticatedUsers => ("認証済みの全員", "authenticated users"),
        P::Users => ("この機器の利用者", "users of the machine"),
        P::DomainUsers => ("ドメインの全員", "domain users"),
        P::Administrators => ("管理者", "administrators"),
        P::Other => ("個別のアカウント・グループ", "certain accounts or groups"),
    };
    lang.pick(ja, en)
}
