//! Connection points（外部接続点） as staff and signatures name them. Comes in and goes out: words. It
//! decides nothing: which grade a point has is the graph's verdict or a person's word.

use serde::{Deserialize, Serialize};

use crate::text::Lang;

/// What kind of connection point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointKind {
    /// オンライン資格確認: terminal on an IPv6 IP-VPN (NTT East or West).
    OqsIpv6,
    /// オンライン資格確認: IPv4 over PPPoE on an IP-VPN.
    OqsPppoe,
    /// オンライン資格確認: IPsec+IKE over the Internet.
    OqsIpsec,
    /// オンライン資格確認: a server that asks by Web API.
    OqsWebApi,
    /// オンライン資格確認, by which line is not known.
    Oqs,
    /// オンライン請求.
    OnlineClaims,
    /// 電子処方箋.
    EPrescription,
    /// 電子カルテ情報共有サービス.
    EhrSharing,
    /// 地域連携ネットワーク.
    RegionalLink,
    /// 地域の閉域IP-VPN.
    RegionalIpVpn,
    /// 事業者のリモートメンテナンス回線・VPN.
    VendorVpn,
    /// リモートメンテナンス用ソフトウェア.
    RemoteTool,
    /// LTE・5G等のモバイル回線.
    Mobile,
    /// 二つ目の既定経路（用途不明の回線）.
    SecondRoute,
    /// インターネット回線（ファイアウォール・ルータ）.
    Internet,
    /// クラウド型電子カルテ等.
    CloudEhr,
    /// Another way out, whose use is not known.
    Other,
}

impl PointKind {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 17] = [
        Self::Internet,
        Self::OqsIpv6,
        Self::OqsPppoe,
        Self::OqsIpsec,
        Self::OqsWebApi,
        Self::Oqs,
        Self::OnlineClaims,
        Self::EPrescription,
        Self::EhrSharing,
        Self::RegionalLink,
        Self::RegionalIpVpn,
        Self::CloudEhr,
        Self::VendorVpn,
        Self::RemoteTool,
        Self::Mobile,
        Self::SecondRoute,
        Self::Other,
    ];

    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::OqsIpv6 => (
                "オンライン資格確認（IP-VPN・IPv6）",
                "online eligibility check (IPv6 IP-VPN)",
            ),
            Self::OqsPppoe => (
                "オンライン資格確認（IP-VPN・IPv4 PPPoE）",
                "online eligibility check (IPv4 PPPoE IP-VPN)",
            ),
            Self::OqsIpsec => (
                "オンライン資格確認（IPsec+IKE）",
                "online eligibility check (IPsec+IKE)",
            ),
            Self::OqsWebApi => (
                "オンライン資格確認（Web API）",
                "online eligibility check (Web API)",
            ),
            Self::Oqs => (
                "オンライン資格確認（回線種別不明）",
                "online eligibility check (line unknown)",
            ),
            Self::OnlineClaims => ("オンライン請求", "online claims"),
            Self::EPrescription => ("電子処方箋", "electronic prescription"),
            Self::EhrSharing => ("電子カルテ情報共有", "EHR information sharing"),
            Self::RegionalLink => ("地域連携", "regional medical network"),
            Self::RegionalIpVpn => ("地域連携（閉域IP-VPN）", "regional IP-VPN"),
            Self::VendorVpn => (
                "事業者リモートメンテナンス（VPN・専用線）",
                "vendor maintenance line",
            ),
            Self::RemoteTool => ("リモートメンテナンス用ソフト", "remote maintenance tool"),
            Self::Mobile => ("モバイル回線（LTE等）", "mobile line (LTE etc.)"),
            Self::SecondRoute => ("別の既定経路（用途不明）", "second default route"),
            Self::Internet => ("インターネット接続", "Internet access"),
            Self::CloudEhr => ("クラウド型電子カルテ等", "cloud EHR"),
            Self::Other => ("その他の外部接続", "other way out"),
        };
        lang.pick(ja, en)
    }
}

/// How sure a recognised thing is. The order is that of trust, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 現地確認済: a person looked, with date and name.
    OnSite,
    /// 確認: two different kinds of witness, one of them from a source confirmed on real equipment or
    /// by the operator's own documents.
    Confirmed,
    /// 手入力: declared by a person and not seen by any agent (yet).
    Declared,
    /// 推定（要現地確認）: one strong trait, or several from a single public source.
    Inferred,
    /// 手掛かり: not drawn.
    Hint,
}

impl Grade {
    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::OnSite => ("現地確認済", "confirmed on site"),
            Self::Confirmed => ("確認", "confirmed"),
            Self::Declared => ("手入力（未観測）", "declared, not seen"),
            Self::Inferred => ("推定（要現地確認）", "inferred; to be checked on site"),
            Self::Hint => ("手掛かり", "hint"),
        };
        lang.pick(ja, en)
    }
}

/// Trust group of segments（系）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// 電子カルテ系（HIS系）.
    His,
    /// 部門系: laboratory, imaging, pharmacy and their servers.
    Department,
    /// 医療機器系.
    MedicalDevice,
    /// 情報系（インターネット系・事務系）.
    Information,
    /// 外部接続・DMZ: between a way out and the hospital; also an オンライン資格確認 segment.
    Dmz,
    /// 来客・患者用.
    Guest,
    /// 管理系: management of network and servers.
    Management,
    /// 系が判断できない.
    Unknown,
}

impl ZoneKind {
    /// All of them, in the order of lists and columns.
    pub const ALL: [Self; 8] = [
        Self::Dmz,
        Self::His,
        Self::Department,
        Self::MedicalDevice,
        Self::Information,
        Self::Guest,
        Self::Management,
        Self::Unknown,
    ];

    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::His => ("電子カルテ系（HIS系）", "HIS zone"),
            Self::Department => ("部門系", "department zone"),
            Self::MedicalDevice => ("医療機器系", "medical device zone"),
            Self::Information => (
                "情報系（インターネット系）",
                "information zone (Internet side)",
            ),
            Self::Dmz => ("外部接続・DMZ", "external connection, DMZ"),
            Self::Guest => ("来客・患者用", "guest zone"),
            Self::Management => ("管理系", "management zone"),
            Self::Unknown => ("系不明", "zone unknown"),
        };
        lang.pick(ja, en)
    }
}
