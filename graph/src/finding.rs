//! Findings（要対応事項） about what leads outside and between zones. Comes in: the ledger, its topology
//! and the verdicts; goes out: the ledger's findings and these, sorted together; texts stand in
//! `finding/findings.toml`. It never calls a thing forbidden: it says what nobody has entered or
//! looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use daicho_ledger::text::{moment, visible};
use daicho_ledger::{AgentAsset, AssetId, Finding, Grade, Lang, PointKind, Rules, ZoneKind};
use daicho_report::{LogInVerdict, Time, ToolState};

use crate::list::{Basis, Names, thing};
use crate::recognise::{AssetZone, ConnectionPoint};
use crate::topology::{Node, NodeKind};

/// A declared point that is not seen for so long is a finding.
const UNSEEN_S: i64 = 30 * 86_400;
/// Names in a text.
const NAMED: usize = 5;

/// Rules of this file; `findings.toml` has a text for each.
#[cfg(test)]
const RULES: &[&str] = &[
    "EXT-001", "EXT-002", "EXT-003", "EXT-004", "EXT-005", "EXT-006", "EXT-007", "EXT-008",
];

/// The file is part of the program and a test reads it.
static TEXTS: LazyLock<Rules> =
    LazyLock::new(|| Rules::read(include_str!("finding/findings.toml")).unwrap_or_default());

/// All findings, the ledger's and the network's, the most severe first.
#[must_use]
pub fn findings(basis: Basis<'_>) -> Vec<Finding> {
    let mut all = daicho_ledger::findings(basis.ledger);
    all.extend(of_network(basis));
    all.sort();
    all.dedup();
    all
}

/// Findings about the network alone.
#[must_use]
pub fn of_network(basis: Basis<'_>) -> Vec<Finding> {
    let mut said = Said {
        basis,
        ja: Names::of(basis, Lang::Ja),
        en: Names::of(basis, Lang::En),
        alike: BTreeMap::new(),
        found: Vec::new(),
    };
    for point in &basis.recognition.points {
        said.point(point);
    }
    said.undeclared();
    said.bridges();
    said.same_ranges();
    for it in &basis.recognition.contradictions {
        let first = it.entries.first().cloned().unwrap_or_default();
        let keys: Vec<String> = it.entries.iter().map(|it| visible(it)).collect();
        let keys = keys.join(", ");
        let (ja, en) = (visible(&it.text.0), visible(&it.text.1));
        said.say(
            "EXT-005",
            &first,
            format!("{ja}（{keys}）"),
            format!("{en} ({keys})"),
        );
    }
    said.found
}

/// Points of which a rule says the same words: how many, the first place, the last sighting.
struct Alike {
    english: String,
    place: String,
    count: usize,
    last: Option<Time>,
}

struct Said<'a> {
    basis: Basis<'a>,
    /// By rule and Japanese words.
    alike: BTreeMap<(&'static str, String), Alike>,
    ja: Names<'a>,
    en: Names<'a>,
    found: Vec<Finding>,
}

impl Said<'_> {
    fn say(&mut self, rule: &'static str, id: &str, ja: String, en: String) {
        // A gateway is the device with that role.
        let asset = AssetId(thing(id).to_owned());
        self.found.push(TEXTS.finding(rule, &asset, (ja, en)));
    }

    fn label(&self, id: &str, lang: Lang) -> String {
        match lang {
            Lang::Ja => self.ja.label(id, lang),
            Lang::En => self.en.label(id, lang),
        }
    }

    fn day(&self, at: Time) -> String {
        let text = moment(at, self.basis.ledger.site.utc_offset_s);
        text.get(..10).unwrap_or(&text).to_owned()
    }

    fn point(&mut self, point: &ConnectionPoint) {
        if !point.declared.is_empty() {
            self.unseen(point);
            return;
        }
        let seen = matches!(point.grade, Grade::Confirmed | Grade::Inferred);
        if !seen || point.decided.is_some() {
            return;
        }
        let rule = match point.kind {
            PointKind::Mobile | PointKind::SecondRoute => "EXT-006",
            PointKind::RemoteTool if self.tool_runs(point) => "EXT-007",
            _ => "EXT-002",
        };
        let describe = |lang: Lang| {
            let grade = point.grade.title(lang);
            let at = self.label(&point.at, lang);
            let named = crate::list::point_name(point, lang);
            match lang {
                Lang::Ja => format!("{named}、{grade}、接続している機器：{at}"),
                Lang::En => format!("{named}, {grade}, at {at}"),
            }
        };
        let (japanese, english) = (describe(Lang::Ja), describe(Lang::En));
        let it = self.alike.entry((rule, japanese)).or_insert(Alike {
            english,
            place: point.at.clone(),
            count: 0,
            last: None,
        });
        it.count += 1;
        if point.at < it.place {
            it.place.clone_from(&point.at);
        }
        it.last = it.last.into_iter().chain(point.last_seen).max();
    }

    /// Points that nobody declared; those of which the same is said are one finding.
    fn undeclared(&mut self) {
        for ((rule, mut ja), it) in std::mem::take(&mut self.alike) {
            let mut en = it.english;
            if it.count > 1 {
                ja.push_str(&format!("（{} 件。同じものかは未確認）", it.count));
                en.push_str(&format!(
                    " ({} of these; whether they are one is not known)",
                    it.count
                ));
            }
            if let Some(last) = it.last {
                let day = self.day(last);
                ja.push_str(&format!("、最終観測 {day}"));
                en.push_str(&format!(", last seen {day}"));
            }
            self.say(rule, &it.place, ja, en);
        }
    }

    /// A tool of the point runs on one of its machines.
    fn tool_runs(&self, point: &ConnectionPoint) -> bool {
        let witnesses = point.witnesses.iter().map(|it| it.asset.0.as_str());
        let mut machines: BTreeSet<&str> = witnesses.collect();
        machines.insert(&point.at);
        let mut tools = machines
            .into_iter()
            .filter_map(|id| asset(self.basis, id))
            .filter_map(|it| it.remote_tools.tools.value())
            .flatten();
        tools.any(|it| it.state == ToolState::Running)
    }

    fn unseen(&mut self, point: &ConnectionPoint) {
        let now = self.basis.ledger.as_of;
        let long_ago = |at: Time| now.seconds() - at.seconds() > UNSEEN_S;
        if point.grade == Grade::OnSite || point.last_seen.is_some_and(|at| !long_ago(at)) {
            return;
        }
        let entries = self.basis.ledger.hand.points();
        let entries: Vec<_> = entries
            .filter(|(it, _)| point.declared.contains(&it.key))
            .collect();
        let by: Vec<String> = entries
            .iter()
            .map(|(it, _)| format!("{} {}", visible(&it.by), self.day(it.at)))
            .collect();
        let names: Vec<String> = entries.iter().map(|(_, it)| visible(&it.name)).collect();
        let days = self.basis.ledger.period.map_or(0, |(first, _)| {
            (now.seconds() - first.seconds()).max(0) / 86_400
        });
        let (names, by) = (names.join(", "), by.join(", "));
        let last = point.last_seen.map(|at| self.day(at));
        let last_ja = last.clone().unwrap_or_else(|| "なし".to_owned());
        let last_en = last.unwrap_or_else(|| "never".to_owned());
        let kind = |lang| point.kind.title(lang);
        let ja = format!(
            "{names}（{}）、記入 {by}、最終観測 {last_ja}、収集を始めてから {days} 日",
            kind(Lang::Ja)
        );
        let en = format!(
            "{names} ({}), entered by {by}, last seen {last_en}, collected for {days} days",
            kind(Lang::En)
        );
        let id = if point.at.is_empty() {
            &point.id
        } else {
            &point.at
        };
        self.say("EXT-001", id, ja, en);
    }

    fn bridges(&mut self) {
        for AssetZone { asset: id, zones } in &self.basis.recognition.assets {
            let known: Vec<ZoneKind> = zones
                .iter()
                .copied()
                .filter(|it| *it != ZoneKind::Unknown)
                .collect();
            let Some(asset) = asset(self.basis, id).filter(|_| known.len() > 1) else {
                continue;
            };
            let titles = |lang: Lang| {
                let all: Vec<&str> = known.iter().map(|it| it.title(lang)).collect();
                all.join(lang.pick("、", ", "))
            };
            let (ja, en) = (titles(Lang::Ja), titles(Lang::En));
            let by_itself = automatic_administrator(asset);
            self.say("EXT-003", id, ja.clone(), en.clone());
            if let Some(account) = by_itself {
                let ja = format!("{account}：{ja}");
                self.say("EXT-008", id, ja, format!("{account}: {en}"));
            }
        }
    }

    fn same_ranges(&mut self) {
        let mut ranges: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        let nodes = self.basis.topology.nodes.iter();
        for node in nodes.filter(|it| it.kind == NodeKind::Segment) {
            for range in &node.detail {
                ranges.entry(range).or_default().push(node);
            }
        }
        let members = members(self.basis);
        for (range, segments) in ranges.iter().filter(|(_, all)| all.len() > 1) {
            let Some(first) = segments.first() else {
                continue;
            };
            let one = |node: &&&Node, lang: Lang| {
                let here = members.get(node.id.as_str());
                let name = here.and_then(|all| all.first());
                let name = name.map_or_else(|| visible(&node.id), |id| self.label(id, lang));
                let others = here.map_or(0, BTreeSet::len).saturating_sub(1);
                match (others, lang) {
                    (0, _) => name,
                    (_, Lang::Ja) => format!("{name} ほか{others}台"),
                    (_, Lang::En) => format!("{name} and {others} more"),
                }
            };
            let list = |lang| {
                let all: Vec<String> = segments
                    .iter()
                    .take(NAMED)
                    .map(|it| one(&it, lang))
                    .collect();
                all.join(" ／ ")
            };
            let (range, count) = (visible(range), segments.len());
            let ja = format!("{range}：{count} 個（{}）", list(Lang::Ja));
            let en = format!("{range}: {count} segments ({})", list(Lang::En));
            let id = first.id.clone();
            self.say("EXT-004", &id, ja, en);
        }
    }
}

fn asset<'a>(basis: Basis<'a>, id: &str) -> Option<&'a AgentAsset> {
    let assets = &basis.ledger.assets;
    let at = assets
        .binary_search_by(|it| it.id.0.as_str().cmp(id))
        .ok()?;
    assets.get(at)
}

/// Who stands in which segment.
fn members(basis: Basis<'_>) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in &basis.topology.edges {
        if edge.kind == crate::topology::EdgeKind::Attached {
            members.entry(&edge.to).or_default().insert(&edge.from);
        }
    }
    members
}

/// The account that logs in by itself and is an administrator.
fn automatic_administrator(asset: &AgentAsset) -> Option<String> {
    let mut all = asset.accounts.log_ins.value().into_iter().flatten();
    let found = all.find(|it| {
        let administrator = matches!(
            it.verdict,
            LogInVerdict::Administrator | LogInVerdict::AdministratorBy(_)
        );
        it.how == "auto" && administrator
    })?;
    Some(visible(&found.account))
}

#[cfg(test)]
mod tests;
