//! Words of the scope and the plan. Comes in: values and what things are called; goes out: sentences in
//! Japanese or English in which nothing from outside is hidden. It decides nothing.

use std::collections::BTreeMap;

use daicho_ledger::hand::{DeclaredPoint, Entry as HandEntry, HandDevice, HandFields, HandSystem};
use daicho_ledger::text::{moment, visible};
use daicho_ledger::{Grade, Lang, Ledger, PointKind};
use daicho_report::Time;

use super::Reach;
use super::entry::EntryReason;
use super::model::{Proof, Reason};
use super::plan::{Act, Harm, Stage};
use super::scope::Shown;
use super::weight::Means;
use crate::list::{Basis, Names, sort_word};

/// What people wrote of a system.
pub(super) fn system_entry<'a>(
    basis: Basis<'a>,
    id: &str,
    name: &str,
) -> Option<(&'a HandEntry, &'a HandSystem)> {
    basis.ledger.hand.system_of(id, name)
}

impl Reach {
    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Damaged => ("被害（指定）", "damaged (named)"),
            Self::Observed => ("観測（通信の記録あり）", "observed"),
            Self::Possible => ("可能性あり", "possible"),
        };
        lang.pick(ja, en)
    }
}

impl Reason {
    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Entry => ("外部接続点の装置", "device of the connection point"),
            Self::Arrival => ("外部からの着信", "came in from outside"),
            Self::Remote => ("遠隔操作の通信", "remote control"),
            Self::Mount => ("共有フォルダを利用", "mounts its share"),
            Self::Flow => ("通信", "talk"),
            Self::RunsOn => ("仮想基盤とその仮想マシン", "host and guest"),
            Self::Administrator => ("同じ名前のローカル管理者", "same local administrator"),
            Self::LogIn => ("管理者のログイン・ドメイン管理者", "administrator's log-in"),
            Self::Tool => (
                "同じリモートメンテナンス用ソフト",
                "same remote maintenance tool",
            ),
            Self::Answer => ("通信の相手（逆向き）", "other end of a talk"),
            Self::Segment => ("同じセグメント", "same segment"),
            Self::Cable => ("接続（手入力）", "cable (entered)"),
            Self::Routed => (
                "経路あり（遮断の有無は不明）",
                "routed, not known to be blocked",
            ),
        };
        lang.pick(ja, en)
    }
}

impl Stage {
    /// What it is called, in the order of the template BCP.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Backups => ("① バックアップへ至る経路", "1. ways to backups"),
            Self::Outside => ("② 外部との接続", "2. external routes"),
            Self::Boundaries => ("③ セグメントの境界", "3. segment boundaries"),
        };
        lang.pick(ja, en)
    }
}

impl Harm {
    /// What is said of it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Patient => ("医師の判断が必要", "a physician must decide"),
            Self::Office => ("事務・受付への影響", "affects the office"),
            Self::Unknown => ("影響不明：事業者に確認", "effect unknown: ask the vendor"),
        };
        lang.pick(ja, en)
    }
}

/// Names and dates as one reader sees them.
pub(super) struct Words<'a> {
    pub(super) basis: Basis<'a>,
    pub(super) lang: Lang,
    names: Names<'a>,
    kept: BTreeMap<&'a str, &'a HandFields>,
}

impl<'a> Words<'a> {
    pub(super) fn of(basis: Basis<'a>, lang: Lang) -> Self {
        Self {
            basis,
            lang,
            names: Names::of(basis, lang),
            kept: basis.ledger.hand.fields(),
        }
    }

    /// A vendor: name, whom to call, telephone.
    pub(super) fn vendor(&self, key: &str) -> String {
        let Some(it) = self.basis.ledger.hand.vendor(key) else {
            return key.to_owned();
        };
        let parts = [&it.name, &it.contact, &it.phone];
        let parts = parts.into_iter().filter(|it| !it.trim().is_empty());
        parts.cloned().collect::<Vec<_>>().join(" ")
    }

    fn ledger(&self) -> &'a Ledger {
        self.basis.ledger
    }

    pub(super) fn moment(&self, at: Time) -> String {
        moment(at, self.ledger().site.utc_offset_s)
    }

    /// What a thing is called.
    pub(super) fn name(&self, id: &str) -> String {
        if let Some(rest) = id.strip_prefix("arrival:") {
            let range = rest.rsplit_once(':').map_or(rest, |(_, range)| range);
            let word = self.lang.pick("外部のアドレス", "addresses outside");
            return format!("{word} {}", visible(range));
        }
        if let Some(rest) = id.strip_prefix("common:") {
            let name = rest.rsplit_once(':').map_or(rest, |(_, name)| name);
            return format!("「{}」", visible(name));
        }
        if let Some(point) = id.strip_prefix("point:") {
            let mut points = self.basis.recognition.points.iter();
            if let Some(found) = points.find(|it| it.id == point) {
                let name = crate::list::point_name(found, self.lang);
                let at = self.names.label(&found.at, self.lang);
                return match name.contains(&at) || found.at.starts_with("point:") {
                    true => name,
                    false => format!("{name}＠{at}"),
                };
            }
        }
        if id.starts_with("segment:") {
            return self.names.ranges(id, self.lang);
        }
        self.names.label(id, self.lang)
    }

    pub(super) fn addresses(&self, id: &str) -> Vec<String> {
        self.names.addresses(id)
    }

    pub(super) fn system(&self, id: &str) -> String {
        let mut systems = self.basis.recognition.systems.iter();
        match systems.find(|it| it.id == id) {
            Some(it) if it.name.trim().is_empty() => sort_word(&it.sort, self.lang),
            Some(it) if it.sort.is_empty() => visible(&it.name),
            Some(it) => {
                let sort = sort_word(&it.sort, self.lang);
                match it.name.contains(&sort) {
                    true => visible(&it.name),
                    false => self.lang.remark(&visible(&it.name), &sort),
                }
            }
            None => visible(id),
        }
    }

    /// A proof: who reported what, and when.
    pub(super) fn proof(&self, proof: &Proof) -> String {
        let by = self.name(&proof.by);
        let first = proof.first.map(|it| self.moment(it));
        let last = proof.last.map(|it| self.moment(it));
        let when = match (first, last) {
            (Some(first), Some(last)) if first != last => format!("{first}～{last}"),
            (Some(first), None) => format!("{first}～"),
            (Some(at), _) | (None, Some(at)) => at,
            (None, None) => self.lang.pick("日時不明", "time unknown").to_owned(),
        };
        let parts = [by, visible(&proof.section), visible(&proof.item), when];
        let parts = parts.into_iter().filter(|it| !it.trim().is_empty());
        parts.collect::<Vec<_>>().join(" ")
    }

    /// An explanation: machines with the reason of each step.
    pub(super) fn path(&self, steps: &[Shown]) -> String {
        let mut out = String::new();
        for step in steps {
            if out.is_empty() {
                out = self.name(&step.from);
            }
            let sure = match step.observed {
                true => self.lang.pick("観測", "observed"),
                false => self.lang.pick("可能性", "possible"),
            };
            let reason = self.lang.remark(step.reason.title(self.lang), sure);
            out = format!("{out} →[{reason}]→ {}", self.name(&step.to));
        }
        out
    }

    pub(super) fn entry_reason(&self, reason: &EntryReason) -> String {
        let pick = |ja: &str, en: &str| self.lang.pick(ja, en).to_owned();
        match reason {
            EntryReason::Observed(some, all) => self.share(*some, *all, true),
            EntryReason::Possible(some, all) => self.share(*some, *all, false),
            EntryReason::CameIn(step) => {
                pick("被害機器への着信：", "came in to a damaged machine: ")
                    + &self.proof(&step.proof)
            }
            EntryReason::CameNear(step) => {
                pick(
                    "被害機器と通信する機器への着信：",
                    "came in to a machine that talks to a damaged one: ",
                ) + &self.proof(&step.proof)
            }
            EntryReason::FirstSilent(id, last) => {
                let (name, last) = (self.name(id), self.moment(*last));
                match self.lang {
                    Lang::Ja => {
                        format!("最初に応答が途絶えた被害機器 {name}（最後の報告 {last}）のすぐ隣")
                    }
                    Lang::En => format!("next to {name}, silent first (last report {last})"),
                }
            }
            EntryReason::Maintenance => pick(
                "保守・遠隔接続用の回線",
                "a line for maintenance or remote work",
            ),
            EntryReason::NotListed => pick("病院の一覧にない", "in no list of the hospital"),
            EntryReason::FirmwareUnknown => pick(
                "ファームウェアの版が未入力（更新状況不明）",
                "firmware version not entered",
            ),
            EntryReason::OldUpdates(None) => {
                pick("更新の日時が不明", "date of the last update unknown")
            }
            EntryReason::OldUpdates(Some(at)) => {
                format!("{} {}", pick("最後の更新", "last update"), self.moment(*at))
            }
            EntryReason::ToolRuns(name) => {
                pick("遠隔操作ソフトが動作中：", "remote tool runs: ") + &visible(name)
            }
        }
    }

    /// How many of the damaged things are reached.
    fn share(&self, some: usize, all: usize, observed: bool) -> String {
        match (self.lang, observed) {
            (Lang::Ja, true) => format!("被害 {all} 件のうち {some} 件へ、観測された通信で届く"),
            (Lang::Ja, false) => {
                format!("被害 {all} 件のうち {some} 件へ届き得る（遮断の有無は不明）")
            }
            (Lang::En, true) => format!("reaches {some} of {all} damaged by observed steps"),
            (Lang::En, false) => format!("may reach {some} of {all} damaged (blocking unknown)"),
        }
    }

    /// What people declared of a connection point.
    pub(super) fn declared(&self, id: &str) -> Option<&'a DeclaredPoint> {
        let id = id.strip_prefix("point:")?;
        let mut points = self.basis.recognition.points.iter();
        let point = points.find(|it| it.id == id)?;
        let mut all = self.ledger().hand.points();
        all.find(|(entry, _)| point.declared.contains(&entry.key))
            .map(|(_, it)| it)
    }

    /// Where a person does it: of a point, at its device; of a closed segment, at the gateway.
    fn place_of(&self, act: &Act) -> Option<String> {
        Some(match &act.means {
            Means::Segment { gateway } => gateway.clone(),
            Means::StopPoint => {
                let wanted = act.target.strip_prefix("point:")?;
                let mut points = self.basis.recognition.points.iter();
                let at = &points.find(|it| it.id == wanted)?.at;
                super::model::device_of(at).to_owned()
            }
            _ => act.target.clone(),
        })
    }

    /// The entry of a device that people wrote down.
    fn entry_of<'s>(&'s self, id: &'s str) -> &'s str {
        let node = self.basis.topology.node(id);
        let entry = node.and_then(|it| it.entry.as_deref());
        entry.unwrap_or_else(|| super::model::device_of(id))
    }

    /// The device that people wrote down at the place of an act.
    pub(super) fn device(&self, act: &Act) -> Option<&'a HandDevice> {
        let id = self.place_of(act)?;
        let entry = self.entry_of(&id);
        let mut devices = self.ledger().hand.devices();
        devices.find(|(it, _)| it.key == entry).map(|(_, it)| it)
    }

    /// What people keep in a column of the ledger for the machine or device at the place of an act.
    pub(super) fn kept(&self, act: &Act, key: &str) -> Option<String> {
        let id = self.place_of(act)?;
        let rows = [
            id.clone(),
            super::model::device_of(&id).to_owned(),
            format!("hand:{}", self.entry_of(&id)),
        ];
        let mut kept = rows.iter().filter_map(|it| self.kept.get(it.as_str()));
        let value = kept.find_map(|it| it.values.get(key))?;
        let field = daicho_ledger::hand::field::field_of(key)?;
        Some(field.show(&value.text, self.lang))
    }

    /// What is done.
    pub(super) fn act(&self, act: &Act) -> String {
        let target = self.name(&act.target);
        let ja = self.lang == Lang::Ja;
        match &act.means {
            Means::Unplug { segment } if ja => format!(
                "{target} の LAN ケーブル（{} 側、複数あればすべて）を抜く",
                self.name(segment)
            ),
            Means::Unplug { segment } => {
                format!(
                    "unplug every cable of {target} towards {}",
                    self.name(segment)
                )
            }
            Means::StopPoint => self.stop(act, &target),
            Means::Port { other, ports } => {
                let ports: Vec<String> = ports.iter().map(|it| visible(it)).collect();
                let (ports, other) = (ports.join(" ↔ "), self.name(other));
                match ja {
                    true => format!("{target} と {other} の間のケーブルを抜く（{ports}）"),
                    false => format!("unplug the cable between {target} and {other} ({ports})"),
                }
            }
            Means::Segment { gateway } => {
                let gateway = self.name(gateway);
                match ja {
                    true => format!("セグメント {target} を {gateway} で遮断する（ポートは不明）"),
                    false => format!("close segment {target} at {gateway} (port unknown)"),
                }
            }
        }
    }

    /// How a connection point is stopped: software is no line, and a hint is looked at first.
    fn stop(&self, act: &Act, target: &str) -> String {
        let mut points = self.basis.recognition.points.iter();
        let point = points.find(|it| act.target.strip_prefix("point:") == Some(&it.id));
        let tool = point.is_some_and(|it| it.kind == PointKind::RemoteTool);
        let hint = point.is_some_and(|it| it.grade == Grade::Hint);
        match (self.lang, tool, hint) {
            (Lang::Ja, true, _) => format!(
                "{target} を止める（止め方は事業者に確認。急ぐときは、この機器の LAN ケーブルを抜く）"
            ),
            (Lang::Ja, false, true) => {
                format!("{target}：手掛かりのみ。外部へつながる線があるか現物を確かめ、あれば抜く")
            }
            (Lang::Ja, false, false) => format!("{target} を止める（回線側のケーブルを抜く）"),
            (Lang::En, true, _) => {
                format!("stop {target} (ask the vendor how; in haste unplug this machine)")
            }
            (Lang::En, false, true) => {
                format!("{target}: a hint alone; look for a line on site and unplug it")
            }
            (Lang::En, false, false) => format!("stop {target} (unplug its line)"),
        }
    }

    /// How it is undone.
    pub(super) fn undo(&self, act: &Act) -> &'static str {
        match &act.means {
            Means::Unplug { .. } | Means::Port { .. } => self.lang.pick(
                "抜く前に差し込み口を写真に撮り、ケーブルに札を付ける。戻すときは札の口へ差す",
                "photograph and tag the cable first; plug it back where the tag says",
            ),
            Means::StopPoint => self.lang.pick(
                "装置の電源は切らない（記録が消える）。ケーブルを札の口へ戻し、事業者に疎通を確認する",
                "leave the power on (logs are lost); plug back and check with the vendor",
            ),
            Means::Segment { .. } => self.lang.pick(
                "変更前の設定を保存し、戻すときは保存した設定を入れる（事業者の作業）",
                "save the settings first and restore them (the vendor's work)",
            ),
        }
    }
}
