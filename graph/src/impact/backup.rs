//! Where backups are kept. Comes in: entries, verdicts and reports; goes out: the machines and devices
//! that hold backups, with how that is known. It takes no machine for a declared store because of a
//! program or a name: such a one is a guess that says so.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::Grade;
use daicho_report::{Tool, ToolState};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};

use super::model::{Model, Reason};
use crate::list::Basis;
use crate::topology::NodeKind;

/// Words by which people call a backup.
const WORDS: &[&str] = &["バックアップ", "backup", "ﾊﾞｯｸｱｯﾌﾟ"];

/// A place of backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The topology's node.
    pub id: String,
    /// Whether a person said so.
    pub declared: bool,
    /// Why it is one: Japanese and English, from outside and not yet escaped.
    pub why: (String, String),
}

pub(super) fn says(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|it| text.contains(it))
}

/// Finds them; declared ones first.
#[must_use]
pub fn backups(basis: Basis<'_>, model: &Model) -> Vec<Backup> {
    let mut found: BTreeMap<String, Backup> = BTreeMap::new();
    let mut put = |id: &str, declared: bool, ja: String, en: String| {
        let one = Backup {
            id: id.to_owned(),
            declared,
            why: (ja, en),
        };
        let kept = found.entry(id.to_owned()).or_insert_with(|| one.clone());
        if declared && !kept.declared {
            *kept = one;
        }
    };
    let entered = basis.topology.entered();
    for (entry, device) in basis.ledger.hand.devices() {
        let system = device.system.as_deref().unwrap_or_default();
        let texts = [&*device.name, &*device.purpose, system];
        if let (true, Some(node)) = (
            texts.iter().any(|it| says(it)),
            entered.get(entry.key.as_str()),
        ) {
            let ja = format!("手入力「{}」", device.name);
            put(&node.id, true, ja, format!("entry “{}”", device.name));
        }
    }
    for system in &basis.recognition.systems {
        if system.sort != "backup" && !says(&system.name) {
            continue;
        }
        let declared = matches!(system.grade, Grade::OnSite | Grade::Declared)
            || system.witnesses.iter().any(|it| it.kind == "rule");
        for server in &system.servers {
            let ja = format!("システム「{}」のサーバ", system.name);
            let en = format!("a server of the system “{}”", system.name);
            put(&server.0, declared, ja, en);
        }
    }
    for (id, tool) in stores(basis, model) {
        let ja = format!(
            "バックアップソフト {} が他の機器へ接続している（保存先かは要確認）",
            tool.name
        );
        let en = format!(
            "{} there talks to other machines (whether it stores is to be confirmed)",
            tool.name
        );
        put(id, false, ja, en);
    }
    for node in &basis.topology.nodes {
        let machine = matches!(
            node.kind,
            NodeKind::Server | NodeKind::Terminal | NodeKind::Device(_)
        );
        if machine && says(&node.label) {
            let (ja, en) = ("名前からの推定", "by its name alone");
            put(&node.id, false, ja.to_owned(), en.to_owned());
        }
    }
    let mut all: Vec<Backup> = found.into_values().collect();
    all.sort_by(|a, b| (!a.declared, &a.id).cmp(&(!b.declared, &b.id)));
    all
}

/// Machines whose backup software talks to others that have some: what is backed up has it too, and
/// is no store.
fn stores<'a>(basis: Basis<'a>, model: &Model) -> Vec<(&'a str, &'a Tool)> {
    let mut running: BTreeMap<&str, &Tool> = BTreeMap::new();
    for asset in &basis.ledger.assets {
        let tools = asset.backups.tools.value().into_iter().flatten();
        let mut tools =
            tools.filter(|it| matches!(it.state, ToolState::Running | ToolState::Enabled));
        if let Some(tool) = tools.next() {
            running.insert(&asset.id.0, tool);
        }
    }
    let with: BTreeSet<_> = running.keys().filter_map(|it| model.find(it)).collect();
    let talks = |id: &str| {
        let edges = model.find(id).into_iter();
        let mut edges = edges.flat_map(|at| model.graph.edges(at));
        edges.any(|edge| edge.weight().reason == Reason::Flow && with.contains(&edge.target()))
    };
    running.into_iter().filter(|(id, _)| talks(id)).collect()
}
