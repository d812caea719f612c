//! What people keep by hand（手入力）: devices without an agent, declared connection points, decisions
//! on what was recognised, and the site's own rules. Comes in: entries with who and when; goes out:
//! the same, sorted. Collection never overwrites an entry, and an entry never hides what was collected.

pub mod answer;
pub mod field;
mod pin;
mod standing;

use std::net::IpAddr;

use daicho_report::{Address, Protocol, Time};
use serde::{Deserialize, Serialize};

use crate::asset::AssetId;
use crate::connection_point::{PointKind, ZoneKind};
pub use answer::{Answer, CaseNote, KeptFile, Record, Register, Said};
pub use field::{HandFields, HandValue};
pub use pin::Pin;
pub use standing::Hand;

/// One entry as it stood at the moment of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Stable name within its kind (`h-0012`, `fw-main`): letters, digits, `-`, `_`, `.`, `:`, `/`, `@`.
    pub key: String,
    /// Who wrote it.
    pub by: String,
    /// When the collector took it in.
    pub at: Time,
    /// What it says.
    pub body: EntryBody,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EntryBody {
    /// A device without an agent.
    Device(HandDevice),
    /// A declared connection point.
    Point(DeclaredPoint),
    /// A decision on something recognised; the entry's key is the id of what it is about.
    Decision(Decision),
    /// A rule of the site.
    Rule(SiteRule),
    /// A system and who is responsible for it.
    System(HandSystem),
    /// A vendor（事業者）.
    Vendor(Vendor),
    /// A person.
    Person(Person),
    /// What people keep for one row of the lists; the entry's key is the row's.
    Fields(HandFields),
    /// A person's answer to an item of a checklist.
    Answer(Answer),
    /// A record of a register（訓練、ログ点検、復旧試験…）.
    Record(Record),
    /// A line of a case log（事案記録）.
    Case(CaseNote),
    /// Where something stands on the diagram（構成図の配置の指定）.
    Pin(Pin),
}

/// What a hand-made device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// ファイアウォール・UTM.
    Firewall,
    /// VPN装置.
    Vpn,
    /// ルータ.
    Router,
    /// スイッチ（L3）.
    CoreSwitch,
    /// スイッチ（L2）・ハブ.
    Switch,
    /// 無線LAN機器.
    Wireless,
    /// 回線終端装置（ONU等）.
    LineTerminal,
    /// LTEルータ等.
    MobileRouter,
    /// 医療機器（モダリティ・モニタ等）.
    MedicalDevice,
    /// サーバ（エージェントなし）.
    Server,
    /// 端末（エージェントなし）.
    Terminal,
    /// プリンタ・複合機.
    Printer,
    /// NAS・ストレージ.
    Storage,
    /// その他.
    Other,
}

impl DeviceKind {
    /// Whether people call it a network device.
    #[must_use]
    pub fn is_network(self) -> bool {
        match self {
            Self::Firewall | Self::Vpn | Self::Router | Self::CoreSwitch | Self::Switch => true,
            Self::Wireless | Self::LineTerminal | Self::MobileRouter => true,
            Self::MedicalDevice | Self::Server | Self::Terminal | Self::Printer => false,
            Self::Storage | Self::Other => false,
        }
    }
}

/// An interface of a hand-made device.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandInterface {
    /// Its name or port (`WAN`, `port1`).
    pub name: String,
    /// Hardware address.
    pub mac: Option<String>,
    /// Address with prefix; `null`: none, or not known.
    pub address: Option<Address>,
    /// An asset that is on the same link, where the range alone does not say which network it is.
    pub beside: Option<AssetId>,
    /// Key of the device at the other end of the cable.
    pub linked_to: Option<String>,
}

/// A device without an agent, written down by a person. Empty text: not entered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandDevice {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Interfaces; a device without an address is legal.
    #[serde(default)]
    pub interfaces: Vec<HandInterface>,
    /// Maker.
    #[serde(default)]
    pub maker: String,
    /// Model.
    #[serde(default)]
    pub model: String,
    /// Serial number.
    #[serde(default)]
    pub serial: String,
    /// Version of its firmware.
    #[serde(default)]
    pub firmware: String,
    /// Where it stands（設置場所）.
    #[serde(default)]
    pub place: String,
    /// Use（使用用途）.
    #[serde(default)]
    pub purpose: String,
    /// Department（部署）.
    #[serde(default)]
    pub department: String,
    /// Who owns it（病院・リース・事業者・個人）.
    #[serde(default)]
    pub owner: String,
    /// Key of the vendor that maintains it.
    #[serde(default)]
    pub vendor: Option<String>,
    /// Name of the system that it belongs to.
    #[serde(default)]
    pub system: Option<String>,
    /// Zone.
    #[serde(default)]
    pub zone: Option<ZoneKind>,
    /// Key of the other device of its pair (HA).
    #[serde(default)]
    pub pair: Option<String>,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// A connection point that a person declares. Empty text: not entered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredPoint {
    /// What it is called.
    pub name: String,
    /// What kind.
    pub kind: PointKind,
    /// Key of the hand-made device at which it is.
    #[serde(default)]
    pub device: Option<String>,
    /// The machine with an agent at which it is.
    #[serde(default)]
    pub asset: Option<AssetId>,
    /// Address in the hospital by which it can be told.
    #[serde(default)]
    pub address: Option<IpAddr>,
    /// Line（回線）: carrier, service, number.
    #[serde(default)]
    pub line: String,
    /// Who or what is at the other end.
    #[serde(default)]
    pub peer: String,
    /// Networks at the other end.
    #[serde(default)]
    pub peer_networks: Vec<Address>,
    /// Key of the vendor.
    #[serde(default)]
    pub vendor: Option<String>,
    /// Always on; `null`: not entered.
    #[serde(default)]
    pub always_on: Option<bool>,
    /// How to switch it off, and who may（切断手順）.
    #[serde(default)]
    pub switch_off: String,
    /// Where the responsibility of hospital and carrier or vendor meet（責任分界点）.
    #[serde(default)]
    pub demarcation: String,
    /// Name of the system that it serves.
    #[serde(default)]
    pub system: Option<String>,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is as recognised（現地確認済）.
    Confirmed,
    /// It is not.
    Rejected,
}

/// A decision on something recognised: a connection point, a system, a zone, or whether two segments
/// are one network. For the last the entry's key is `same-network/A/B/RANGE`: two assets, and the
/// range in which both have an address (`same-network/a-0001/a-0002/192.168.1.0/24`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Yes or no.
    pub verdict: Verdict,
    /// The day on which the person looked, as the person wrote it (`2026-11-20`).
    pub on: String,
    /// Why, for whoever reads it later.
    #[serde(default)]
    pub why: String,
    /// What it is called from now on; `null`: as recognised.
    #[serde(default)]
    pub name: Option<String>,
}

/// What a rule looks at. All that is given must hold; at least one must be given. Texts are compared
/// without regard to case; `*` stands for any text.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Publisher of an installed program.
    pub publisher: Option<String>,
    /// Name of an installed program.
    pub software: Option<String>,
    /// Short name of a program that listens or talks.
    pub program: Option<String>,
    /// Name of a service.
    pub service: Option<String>,
    /// Port that it listens on; with `protocol`, by default TCP.
    pub port: Option<u16>,
    /// Protocol of `port`.
    pub protocol: Option<Protocol>,
    /// Host name.
    pub host_name: Option<String>,
    /// Address within this range.
    pub range: Option<Address>,
    /// Address of a peer within this range.
    pub peer_range: Option<Address>,
    /// Domain that it resolves or is set up for.
    pub domain: Option<String>,
}

/// A rule of the site: name one, apply to all alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteRule {
    /// What it looks at.
    pub when: Match,
    /// Name of the system to which what matches belongs.
    #[serde(default)]
    pub system: Option<String>,
    /// Zone of the segment in which what matches stands.
    #[serde(default)]
    pub zone: Option<ZoneKind>,
    /// What matches is a connection point of this kind.
    #[serde(default)]
    pub point: Option<PointKind>,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// A system, as people know it; the entry's key is its name's short form.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandSystem {
    /// Its name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Key of the vendor that maintains it.
    pub vendor: Option<String>,
    /// Key of the person who answers for it（機器管理責任者）.
    pub person: Option<String>,
    /// Order in which it is brought back; 1 first.
    pub restore_order: Option<u32>,
    /// What stops in care without it（診療への影響）.
    pub care: String,
    /// What is done instead（代替手順）.
    pub substitute: String,
    /// For how long care can do without it（許容停止時間）.
    pub downtime: String,
    /// Note.
    pub note: String,
}

/// A vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vendor {
    /// Its name.
    pub name: String,
    /// Whom to call.
    pub contact: String,
    /// Telephone.
    pub phone: String,
    /// Contract.
    pub contract: String,
    /// Note.
    pub note: String,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role（医療情報システム安全管理責任者、システム管理者、担当者）.
    pub role: String,
    /// Department.
    pub department: String,
    /// Telephone.
    pub phone: String,
}

impl EntryBody {
    /// The kind's name, as commands and files write it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Device(_) => "device",
            Self::Point(_) => "point",
            Self::Decision(_) => "decision",
            Self::Rule(_) => "rule",
            Self::System(_) => "system",
            Self::Vendor(_) => "vendor",
            Self::Person(_) => "person",
            Self::Fields(_) => "fields",
            Self::Answer(_) => "answer",
            Self::Record(_) => "record",
            Self::Case(_) => "case",
            Self::Pin(_) => "pin",
        }
    }
}

impl EntryBody {
    /// The file that was handed in with it.
    #[must_use]
    pub fn file(&self) -> Option<&KeptFile> {
        match self {
            Self::Answer(it) => it.file.as_ref(),
            Self::Record(it) => it.file.as_ref(),
            Self::Case(it) => it.file.as_ref(),
            _ => None,
        }
    }
}
