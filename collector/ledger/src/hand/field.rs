//! The fields that people keep for each row of the lists. Comes in: what a person wrote for a field; goes
//! out: the same in the one form in which it is kept, or what is wrong with it. It never guesses a
//! value: what cannot be read is told, not dropped.

use std::collections::BTreeMap;

use daicho_report::Time;
use serde::{Deserialize, Serialize};

use crate::text::Lang;

/// What people entered for one row: an asset, a device kept by hand, a way of remote maintenance. The
/// entry's key is that of the row.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandFields {
    /// Values by the field's name. A field that is not here is not entered.
    pub values: BTreeMap<String, HandValue>,
}

/// One value with who wrote it and when: others of the same row may be older.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandValue {
    /// What it says, in the form in which it is kept.
    pub text: String,
    /// Who wrote it.
    pub by: String,
    /// When the collector took it in.
    pub at: Time,
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Stable name; also that of its column.
    pub key: &'static str,
    /// Japanese heading.
    pub ja: &'static str,
    /// English heading.
    pub en: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Lists that have it: [`DEVICES`], [`NETWORK`], [`REMOTE`].
    pub on: u8,
}

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A day.
    Day,
    /// A whole number.
    Number,
    /// One of these.
    Choice(&'static [Choice]),
}

/// A word that a field takes.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// As it is kept.
    pub word: &'static str,
    /// In Japanese.
    pub ja: &'static str,
    /// In English.
    pub en: &'static str,
}

/// The list of servers and terminals.
pub const DEVICES: u8 = 1;
/// The list of network devices.
pub const NETWORK: u8 = 2;
/// The register of remote maintenance.
pub const REMOTE: u8 = 4;
const BOTH: u8 = DEVICES | NETWORK;
const ALL: u8 = BOTH | REMOTE;

const fn choice(word: &'static str, ja: &'static str, en: &'static str) -> Choice {
    Choice { word, ja, en }
}

const STATUS: &[Choice] = &[
    choice("in_use", "使用中", "in use"),
    choice("spare", "予備", "spare"),
    choice("in_repair", "修理中", "in repair"),
    choice("lent", "貸出中", "lent"),
    choice("missing", "所在不明", "whereabouts unknown"),
    choice("lost", "紛失", "lost"),
    choice("returned", "リース返却", "returned to lessor"),
    choice("disposed", "廃棄", "disposed of"),
];
const USABLE: &[Choice] = &[
    choice("yes", "使用可", "usable"),
    choice("no", "使用不可", "not usable"),
    choice("unknown", "不明", "not known"),
];
const PRESENT: &[Choice] = &[
    choice("yes", "有", "yes"),
    choice("no", "無", "no"),
    choice("unknown", "不明", "not known"),
];
const POSSIBLE: &[Choice] = &[
    choice("yes", "可", "possible"),
    choice("no", "不可", "not possible"),
    choice("unknown", "不明", "not known"),
];
const OWNERS: &[Choice] = &[
    choice("hospital", "病院", "hospital"),
    choice("lease", "リース", "lease"),
    choice("vendor", "事業者", "vendor"),
    choice("personal", "個人（BYOD）", "personal (BYOD)"),
    choice("other", "その他", "other"),
];
const ALWAYS: &[Choice] = &[
    choice("always", "常時接続", "always on"),
    choice("on_demand", "必要時のみ", "on demand"),
    choice("unknown", "不明", "not known"),
];
const LINES: &[Choice] = &[
    choice("closed", "閉域網", "closed network"),
    choice("internet", "インターネット", "Internet"),
    choice("mobile", "モバイル回線（LTE等）", "mobile (LTE etc.)"),
    choice("telephone", "電話回線", "telephone line"),
    choice("other", "その他", "other"),
    choice("unknown", "不明", "not known"),
];

const fn field(key: &'static str, ja: &'static str, en: &'static str, kind: Kind, on: u8) -> Field {
    Field {
        key,
        ja,
        en,
        kind,
        on,
    }
}

/// All fields, in the order of columns.
#[rustfmt::skip]
pub const FIELDS: &[Field] = &[
    field("manufacturer", "メーカー", "maker", Kind::Text, NETWORK),
    field("model", "型式", "model", Kind::Text, NETWORK),
    field("serial", "製造番号", "serial number", Kind::Text, NETWORK),
    field("firmware", "ファームウェアの版", "firmware version", Kind::Text, NETWORK),
    field("firmware_checked", "ファームウェア確認日", "firmware checked on", Kind::Day, NETWORK),
    field("status", "状態", "state of the asset", Kind::Choice(STATUS), BOTH),
    field("use", "使用用途", "use", Kind::Text, BOTH),
    field("location", "設置場所", "location", Kind::Text, BOTH),
    field("rack", "ラック・ポート・電源系統", "rack, port, power", Kind::Text, BOTH),
    field("department", "部署", "department", Kind::Text, BOTH),
    field("user", "使用者", "user", Kind::Text, DEVICES),
    field("usable", "使用可否", "usable", Kind::Choice(USABLE), BOTH),
    field("keeper", "機器管理責任者", "person responsible", Kind::Text, BOTH),
    field("system", "システム名", "system", Kind::Text, ALL),
    field("reach", "到達できる機器", "devices reachable", Kind::Text, REMOTE),
    field("importance", "重要度", "importance", Kind::Text, BOTH),
    field("restore_order", "復旧の優先順位", "restore order", Kind::Number, BOTH),
    field("substitute", "代替手段", "substitute procedure", Kind::Text, BOTH),
    field("patient_data", "患者情報の有無", "holds patient data", Kind::Choice(PRESENT), BOTH),
    field("remote_view", "遠隔閲覧", "viewed from outside", Kind::Choice(PRESENT), DEVICES),
    field("vendor", "保守事業者・連絡先", "vendor, contact", Kind::Text, ALL),
    field("contract", "契約", "contract", Kind::Text, ALL),
    field("contract_end", "契約の終了日", "end of the contract", Kind::Day, ALL),
    field("owner", "所有区分", "owner", Kind::Choice(OWNERS), BOTH),
    field("backup", "バックアップ（対象・方法・世代）", "backup: what, how, generations", Kind::Text, DEVICES),
    field("backup_offline", "バックアップの切離し保管", "backup kept offline", Kind::Choice(PRESENT), DEVICES),
    field("line", "回線（事業者・番号）", "line: carrier, number", Kind::Text, NETWORK | REMOTE),
    field("line_kind", "回線の種別", "kind of line", Kind::Choice(LINES), NETWORK | REMOTE),
    field("always_on", "常時接続", "always on", Kind::Choice(ALWAYS), REMOTE),
    field("admin_page", "管理画面への外部からの接続", "admin page reachable from outside", Kind::Choice(POSSIBLE), NETWORK),
    field("source_limit", "接続元の制限", "source restriction", Kind::Text, NETWORK | REMOTE),
    field("shared", "アカウントの共用", "account shared", Kind::Choice(PRESENT), REMOTE),
    field("two_factor", "二要素認証", "two-factor authentication", Kind::Choice(PRESENT), REMOTE),
    field("remote", "リモートメンテナンス（事業者・方法）", "remote maintenance: by whom, how", Kind::Text, BOTH),
    field("exception_reason", "更新できない理由", "why it is not patched", Kind::Text, BOTH),
    field("exception_measure", "更新できない間の対策", "what is done instead of patching", Kind::Text, BOTH),
    field("exception_vendor", "更新できないと回答した事業者", "vendor that said so", Kind::Text, BOTH),
    field("exception_review", "更新の見直し日", "to be reviewed on", Kind::Day, BOTH),
    field("log_kept", "ログの保存場所", "log kept where", Kind::Text, ALL),
    field("log_days", "ログの保存日数", "log kept for days", Kind::Number, ALL),
    field("log_reviewed", "ログの確認日", "log reviewed on", Kind::Day, NETWORK | REMOTE),
    field("used_at", "最終利用日（記録による）", "last used, by the record", Kind::Day, REMOTE),
    field("switch_off", "切断手順", "how to switch it off", Kind::Text, REMOTE),
    field("switch_off_by", "切断の権限者", "who may switch it off", Kind::Text, REMOTE),
    field("stocktaking", "最終棚卸日", "last stocktaking", Kind::Day, BOTH),
    field("disposed", "廃棄・返却日", "disposed or returned on", Kind::Day, BOTH),
    field("pair", "冗長化の相手", "the other of its pair", Kind::Text, NETWORK),
    field("note", "備考", "note", Kind::Text, ALL),
];

/// The field of that name.
#[must_use]
pub fn field_of(key: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|it| it.key == key)
}

impl Field {
    /// The heading.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(self.ja, self.en)
    }

    /// What a person wrote, in the form in which it is kept. Empty: not entered.
    pub fn keep(&self, written: &str) -> Result<String, String> {
        let written = written.trim();
        if written.is_empty() {
            return Ok(String::new());
        }
        match self.kind {
            Kind::Text => Ok(written.to_owned()),
            Kind::Number => number(written).ok_or_else(|| "数字で / want a number".to_owned()),
            Kind::Day => {
                let want = "日付で（2026-11-20、令和8年11月20日） / want a day such as 2026-11-20";
                day(written).ok_or_else(|| want.to_owned())
            }
            Kind::Choice(all) => {
                let is = |it: &&Choice| [it.word, it.ja, it.en].contains(&written);
                let found = all.iter().find(is).map(|it| it.word.to_owned());
                found.ok_or_else(|| {
                    let words: Vec<&str> = all.iter().map(|it| it.ja).collect();
                    format!("次のどれか / want one of: {}", words.join("、"))
                })
            }
        }
    }

    /// What is kept, as people read it.
    #[must_use]
    pub fn show(&self, kept: &str, lang: Lang) -> String {
        match self.kind {
            Kind::Choice(all) => {
                let found = all.iter().find(|it| it.word == kept);
                found.map_or_else(|| kept.to_owned(), |it| lang.pick(it.ja, it.en).to_owned())
            }
            Kind::Text | Kind::Day | Kind::Number => kept.to_owned(),
        }
    }
}

/// Full-width digits as plain ones.
fn plain(text: &str) -> String {
    let one = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '／' | '．' | '－' => '-',
        other => other,
    };
    text.chars().map(one).collect()
}

fn number(written: &str) -> Option<String> {
    let text = plain(written);
    let digits = text.trim_end_matches('日').trim();
    let number: u32 = digits.parse().ok()?;
    Some(number.to_string())
}

/// A day as ISO 8601; takes years of Reiwa and Heisei too.
fn day(written: &str) -> Option<String> {
    let text = plain(written).replace("元年", "1年");
    let (era, rest) = [("令和", 2018), ("平成", 1988), ("R", 2018), ("H", 1988)]
        .into_iter()
        .find_map(|(name, before)| Some((before, text.strip_prefix(name)?)))
        .unwrap_or((0, text.as_str()));
    let mut parts = rest
        .split(['-', '/', '.', '年', '月', '日'])
        .map(str::trim)
        .filter(|it| !it.is_empty());
    let mut next = || parts.next()?.parse::<u32>().ok();
    let (year, month, day) = (next()?.checked_add(era)?, next()?, next()?);
    let whole = next().is_none() && (1900..=2200).contains(&year);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let fits = whole && (1..=last).contains(&day);
    fits.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keep(key: &str, written: &str) -> Result<String, String> {
        field_of(key).unwrap().keep(written)
    }

    #[test]
    fn days_are_read_as_staff_write_them_and_wrong_ones_are_told() {
        for written in [
            "2026-11-20",
            "2026/11/20",
            "令和8年11月20日",
            "R8.11.20",
            "２０２６／１１／２０",
        ] {
            assert_eq!(keep("stocktaking", written).unwrap(), "2026-11-20");
        }
        assert_eq!(keep("stocktaking", "令和元年5月1日").unwrap(), "2019-05-01");
        for written in [
            "2026-02-29",
            "2026-13-01",
            "先月",
            "2026-11",
            "2026-11-20-1",
        ] {
            assert!(keep("stocktaking", written).is_err(), "{written}");
        }
        assert_eq!(keep("stocktaking", "2024-02-29").unwrap(), "2024-02-29");
    }

    #[test]
    fn choice_takes_its_words_in_both_languages_and_names_them_when_it_takes_none() {
        assert_eq!(keep("status", "修理中").unwrap(), "in_repair");
        assert_eq!(keep("status", "in repair").unwrap(), "in_repair");
        assert!(keep("status", "こわれた").unwrap_err().contains("所在不明"));
        assert_eq!(field_of("status").unwrap().show("lost", Lang::Ja), "紛失");
    }

    #[test]
    fn every_field_has_a_name_and_headings_of_its_own() {
        for pick in [|it: &Field| it.key, |it: &Field| it.ja, |it: &Field| it.en] {
            let all: BTreeSet<_> = FIELDS.iter().map(pick).collect();
            assert_eq!(all.len(), FIELDS.len());
        }
    }
}
