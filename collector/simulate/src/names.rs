//! Names of people's things. Comes in: chance and the hospital's habits; goes out: names of hospitals,
//! departments, vendors, persons and hosts. No name here is of a real hospital, vendor's branch or
//! person; products are called as their makers call them.

use daicho_ledger::ZoneKind;

use crate::dice::{DIGITS, Dice, SERIAL};
use crate::world::{AssetNo, World};

/// Says in every output that nothing of it is real.
pub(crate) const LABEL: &str = "模擬データ（実在の病院ではありません）";

const HOSPITALS: &[&str] = &[
    "みどりの丘病院",
    "あおば中央病院",
    "さくら台総合病院",
    "つばさ記念病院",
    "ひかり医療センター",
    "やまなみ病院",
    "うみかぜ市民病院",
    "あかり総合病院",
    "ほしぞら病院",
    "かわせみ医療センター",
];

/// Wards.
pub(crate) const WARDS: &[&str] = &[
    "2階東病棟",
    "2階西病棟",
    "3階東病棟",
    "3階西病棟",
    "4階東病棟",
    "4階西病棟",
    "5階東病棟",
    "5階西病棟",
    "6階病棟",
    "ICU",
    "手術室",
    "救急外来",
    "透析室",
];

/// Places where patients come by day.
pub(crate) const CLINICS: &[&str] = &[
    "内科外来",
    "外科外来",
    "整形外科外来",
    "小児科外来",
    "眼科外来",
    "地域連携室",
    "医事課",
    "薬剤部",
    "検査科",
    "放射線科",
    "栄養科",
    "リハビリテーション科",
    "健診センター",
];

/// Offices.
pub(crate) const OFFICES: &[&str] = &[
    "総務課",
    "経理課",
    "人事課",
    "施設課",
    "医療情報室",
    "医局",
    "看護部",
    "地域連携室",
    "図書室",
];

const VENDORS: &[(&str, &str)] = &[
    ("ehr", "模擬メディカルシステムズ株式会社"),
    ("imaging", "模擬画像サービス株式会社"),
    ("lab", "模擬検査システム株式会社"),
    ("receipt", "模擬医事サポート有限会社"),
    ("network", "模擬ネットワーク株式会社"),
    ("monitor", "模擬生体情報機器株式会社"),
    ("nurse_call", "模擬ナースコール株式会社"),
    ("catering", "模擬給食センター株式会社"),
    ("pharmacy", "模擬調剤機器株式会社"),
    ("regional", "模擬地域医療連携協議会"),
    ("office", "模擬事務機株式会社"),
];

const FAMILY: &[&str] = &["模擬", "試験", "見本", "例示", "仮名"];
const GIVEN: &[&str] = &["一郎", "花子", "次郎", "美咲", "健太", "由美", "誠", "直子"];

/// The name of the hospital.
pub(crate) fn hospital(dice: &mut Dice) -> String {
    format!("模擬病院・{}", dice.pick(HOSPITALS))
}

/// The vendors: trade and name.
pub(crate) fn vendors() -> impl Iterator<Item = (&'static str, &'static str)> {
    VENDORS.iter().copied()
}

/// A person who does not exist.
pub(crate) fn person(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(FAMILY), dice.pick(GIVEN))
}

/// Letters for a zone, where the host names tell it.
fn letters(zone: ZoneKind) -> &'static str {
    match zone {
        ZoneKind::His => "HIS",
        ZoneKind::Department => "BMN",
        ZoneKind::MedicalDevice => "MED",
        ZoneKind::Information => "INF",
        ZoneKind::Dmz => "EXT",
        ZoneKind::Guest => "GST",
        ZoneKind::Management => "MNG",
        ZoneKind::Unknown => "PC",
    }
}

/// How a terminal is called.
pub(crate) fn terminal(world: &mut World, asset: AssetNo) -> String {
    let zone = world.assets[asset].zone;
    let n = world.count("terminal name");
    let mut dice = world.dice(&format!("terminal name {n}"));
    let prefix = world.style.prefix.clone();
    match world.style.host_names {
        0 => format!("{}-PC{n:04}", letters(zone)),
        1 => {
            let floor = dice.between(1, 7);
            let wing = *dice.pick(&["E", "W", "C"]);
            format!("{floor}{wing}-{n:04}")
        }
        2 => format!("{prefix}{n:05}"),
        3 => format!("DESKTOP-{}", dice.text(7, SERIAL)),
        4 => format!("{prefix}-{}{n:03}", dice.between(2017, 2025)),
        _ => format!("PC-{}-{n:03}", dice.text(2, DIGITS)),
    }
}

/// How a server is called.
pub(crate) fn server(world: &mut World, what: &str) -> String {
    let n = world.count("server name");
    let mut dice = world.dice(&format!("server name {n}"));
    let prefix = world.style.prefix.clone();
    match world.style.host_names {
        0 | 1 => {
            let k = world.count(&format!("server {what}"));
            format!("{what}{k:02}")
        }
        2 => format!("{prefix}SV{n:03}"),
        3 => format!("WIN-{}", dice.text(11, SERIAL)),
        4 => format!("{prefix}-S{n:02}"),
        _ => {
            let k = world.count(&format!("server {what}"));
            format!("{}-{k}", what.to_ascii_lowercase())
        }
    }
}
