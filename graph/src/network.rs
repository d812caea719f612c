//! The network with everything that was recognised in it. Comes in: a ledger and what the signature
//! files know; goes out: the topology, enriched, and the verdicts. It never takes a node of the
//! topology away but the inferred way out that a recognised connection point covers.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{Grade, Ledger, PointKind, ZoneKind};
use serde::{Deserialize, Serialize};

use crate::recognise::{ConnectionPoint, Knowledge, Recognition, recognise};
use crate::topology::{
    Edge, EdgeKind, Evidence, Kind, Mark, Node, NodeKind, OUTSIDE, Topology, topology,
};

/// Topology and verdicts at a moment. As JSON it can be saved and fed again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// What is connected to what, with connection points, systems and zones.
    pub topology: Topology,
    /// The verdicts, with every witness.
    pub recognition: Recognition,
}

/// Derives the network. It does not depend on the order of the input.
#[must_use]
pub fn network(ledger: &Ledger, knowledge: &Knowledge) -> Network {
    let plain = topology(ledger);
    let recognition = recognise(ledger, &plain, knowledge);
    Network {
        topology: enrich(plain, &recognition),
        recognition,
    }
}

/// The nodes of a topology by id, while verdicts are added.
struct Draft {
    nodes: BTreeMap<String, Node>,
    edges: Vec<Edge>,
}

/// Adds the verdicts to a topology.
#[must_use]
pub fn enrich(plain: Topology, recognition: &Recognition) -> Topology {
    let mut draft = Draft {
        nodes: plain.nodes.into_iter().map(|n| (n.id.clone(), n)).collect(),
        edges: plain.edges,
    };
    zones(recognition, &mut draft);
    bridges(recognition, &mut draft);
    points(recognition, &mut draft);
    systems(recognition, &mut draft);
    let Draft { nodes, mut edges } = draft;
    edges.retain(|edge| nodes.contains_key(&edge.from) && nodes.contains_key(&edge.to));
    edges.sort();
    edges.dedup();
    Topology {
        nodes: nodes.into_values().collect(),
        edges,
    }
}

fn zones(recognition: &Recognition, draft: &mut Draft) {
    for verdict in &recognition.segments {
        if let Some(node) = draft.nodes.get_mut(&verdict.segment) {
            node.zone = Some(verdict.zone);
            node.grade = Some(verdict.grade);
        }
    }
}

/// Marks machines and devices that stand in several networks or zones. A gateway's work is to stand
/// in several, and a switch's: they are not marked.
fn bridges(recognition: &Recognition, draft: &mut Draft) {
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in draft
        .edges
        .iter()
        .filter(|it| it.kind == EdgeKind::Attached)
    {
        places.entry(&edge.from).or_default().insert(&edge.to);
    }
    let several = places.iter().filter(|(_, all)| all.len() > 1);
    let mut bridges: BTreeSet<String> = several.map(|(id, _)| (*id).to_owned()).collect();
    let known = |zones: &[ZoneKind]| {
        let known = zones.iter().filter(|it| **it != ZoneKind::Unknown);
        known.count() > 1
    };
    let zoned = recognition.assets.iter().filter(|it| known(&it.zones));
    bridges.extend(zoned.map(|it| it.asset.clone()));
    for id in bridges {
        let gateway = draft.nodes.contains_key(&format!("gateway:{id}"));
        let Some(node) = draft.nodes.get_mut(&id) else {
            continue;
        };
        let machine = matches!(node.kind, NodeKind::Server | NodeKind::Terminal);
        if machine || (node.kind == NodeKind::Seen && !gateway) {
            node.marks.push(Mark::Bridge);
            node.marks.sort();
            node.marks.dedup();
        }
    }
}

/// Evidence of a verdict.
fn evidence(grade: Grade, point: &ConnectionPoint) -> Evidence {
    let (kind, confidence) = match grade {
        Grade::OnSite => (Kind::Entered, 100),
        Grade::Confirmed => (Kind::Collected, 90),
        Grade::Declared => (Kind::Entered, 60),
        Grade::Inferred => (Kind::Inferred, 50),
        Grade::Hint => (Kind::Inferred, 20),
    };
    let mut sources: Vec<String> = point.witnesses.iter().map(|it| it.kind.clone()).collect();
    sources.extend(point.declared.iter().map(|key| format!("entry {key}")));
    sources.extend(point.decided.iter().map(|key| format!("decision {key}")));
    sources.sort();
    sources.dedup();
    Evidence {
        kind,
        sources,
        first: point.witnesses.iter().filter_map(|it| it.first).min(),
        last: point.last_seen,
        confidence,
    }
}

/// Adds the connection points, and takes away the inferred ways out that they cover.
fn points(recognition: &Recognition, draft: &mut Draft) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let drawn = recognition
        .points
        .iter()
        .filter(|it| it.grade != Grade::Hint);
    for point in drawn {
        let id = format!("point:{}", point.id);
        let evidence = evidence(point.grade, point);
        let node = Node {
            grade: Some(point.grade),
            also: point.also.clone(),
            ..Node::new(
                id.clone(),
                NodeKind::Point(point.kind),
                point.name.clone(),
                evidence.clone(),
            )
        };
        draft.nodes.insert(id.clone(), node);
        let at = place(point, draft);
        let link = |from: &str, to: &str, kind| Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            kind,
            addresses: Vec::new(),
            evidence: evidence.clone(),
        };
        let tunnel = matches!(draft.nodes.get(&at), Some(n) if n.kind != NodeKind::Gateway);
        let kind = if tunnel {
            EdgeKind::TunnelsTo
        } else {
            EdgeKind::Routed
        };
        if draft.nodes.contains_key(&at) {
            draft.edges.push(link(&at, &id, kind));
        } else {
            for segment in &point.segments {
                draft.edges.push(link(segment, &id, EdgeKind::Routed));
            }
        }
        for old in covered(point, &at, draft) {
            names.entry(old).or_insert_with(|| id.clone());
        }
    }
    replace(&names, draft);
}

/// The node at which a point hangs: the gateway's, where the device is one.
fn place(point: &ConnectionPoint, draft: &Draft) -> String {
    let at = point.at.strip_prefix("way-out:").unwrap_or(&point.at);
    let gateway = format!("gateway:{at}");
    if draft.nodes.contains_key(&gateway) {
        return gateway;
    }
    let tunnel = draft.nodes.get(at).is_some_and(|n| n.kind == NodeKind::Vpn);
    let owner = draft.edges.iter().find(|e| tunnel && e.to == at);
    owner.map_or_else(|| at.to_owned(), |edge| edge.from.clone())
}

/// The inferred ways out that a point covers: behind its gateway, or its machine's tunnel.
fn covered(point: &ConnectionPoint, at: &str, draft: &Draft) -> Vec<String> {
    let mut old = Vec::new();
    let leads_out = !matches!(point.kind, PointKind::RemoteTool | PointKind::CloudEhr);
    let behind = format!("way-out:{at}");
    if leads_out && draft.nodes.contains_key(&behind) {
        old.push(behind);
    }
    if draft
        .nodes
        .get(&point.at)
        .is_some_and(|n| n.kind == NodeKind::Vpn)
    {
        old.push(point.at.clone());
    }
    let line = matches!(
        point.kind,
        PointKind::Mobile
            | PointKind::OqsPppoe
            | PointKind::OqsIpsec
            | PointKind::VendorVpn
            | PointKind::RegionalLink
            | PointKind::RegionalIpVpn
    );
    let mut tunnels = draft.edges.iter().filter(|e| {
        e.from == at
            && e.kind == EdgeKind::TunnelsTo
            && draft
                .nodes
                .get(&e.to)
                .is_some_and(|n| n.kind == NodeKind::Vpn)
    });
    if let (true, Some(only), None) = (line, tunnels.next(), tunnels.next()) {
        old.push(only.to.clone());
    }
    old.extend(own_router(point, draft));
    old.sort();
    old.dedup();
    old
}

/// The way out of the router before a terminal of the eligibility check: where the terminal's segment
/// is for that alone, the line is the router's.
fn own_router(point: &ConnectionPoint, draft: &Draft) -> Option<String> {
    use PointKind::{OnlineClaims, Oqs, OqsIpsec, OqsIpv6, OqsPppoe};
    let machine = draft.nodes.get(&point.at)?;
    let line = matches!(
        point.kind,
        OnlineClaims | Oqs | OqsIpsec | OqsIpv6 | OqsPppoe
    );
    if !line || !matches!(machine.kind, NodeKind::Server | NodeKind::Terminal) {
        return None;
    }
    let outer = |id: &&String| draft.nodes.get(*id).and_then(|n| n.zone) == Some(ZoneKind::Dmz);
    let segment = point.segments.iter().find(outer)?;
    let mut gateways = draft
        .edges
        .iter()
        .filter(|e| e.from == *segment && e.to.starts_with("gateway:"));
    let only = gateways.next().filter(|_| gateways.next().is_none())?;
    let behind = format!("way-out:{}", only.to);
    draft.nodes.contains_key(&behind).then_some(behind)
}

/// Puts points in the place of ways out: their edges stay.
fn replace(names: &BTreeMap<String, String>, draft: &mut Draft) {
    for edge in &mut draft.edges {
        for end in [&mut edge.from, &mut edge.to] {
            if let Some(name) = names.get(end) {
                end.clone_from(name);
            }
        }
    }
    for old in names.keys() {
        draft.nodes.remove(old);
    }
    draft.edges.retain(|edge| edge.from != edge.to);
    let onward: BTreeSet<&str> = draft.edges.iter().map(|edge| edge.from.as_str()).collect();
    let drawn = draft.nodes.values();
    let blind =
        drawn.filter(|n| matches!(n.kind, NodeKind::Point(_)) && !onward.contains(n.id.as_str()));
    let blind: Vec<(String, Evidence)> =
        blind.map(|n| (n.id.clone(), n.evidence.clone())).collect();
    let used = draft.edges.iter().any(|edge| edge.to == OUTSIDE);
    if !used && blind.is_empty() {
        draft.nodes.remove(OUTSIDE);
    }
}

/// Adds the systems with their servers and those who use them.
fn systems(recognition: &Recognition, draft: &mut Draft) {
    for system in &recognition.systems {
        let id = format!("system:{}", system.id);
        let entered = matches!(system.grade, Grade::OnSite | Grade::Declared);
        let mut sources: Vec<String> = system.witnesses.iter().map(|it| it.kind.clone()).collect();
        sources.sort();
        sources.dedup();
        let evidence = Evidence {
            kind: if entered {
                Kind::Entered
            } else {
                Kind::Inferred
            },
            sources,
            first: system.witnesses.iter().filter_map(|it| it.first).min(),
            last: system.witnesses.iter().filter_map(|it| it.last).max(),
            confidence: if system.grade == Grade::Confirmed {
                90
            } else {
                50
            },
        };
        draft.nodes.insert(
            id.clone(),
            Node {
                grade: Some(system.grade),
                detail: vec![format!("×{}", system.clients.len())],
                ..Node::new(
                    id.clone(),
                    NodeKind::System,
                    system.name.clone(),
                    evidence.clone(),
                )
            },
        );
        let servers = system.servers.iter().map(|it| (it, EdgeKind::PartOf));
        let clients = system.clients.iter().map(|it| (it, EdgeKind::Uses));
        draft
            .edges
            .extend(servers.chain(clients).map(|(asset, kind)| Edge {
                from: asset.0.clone(),
                to: id.clone(),
                kind,
                addresses: Vec::new(),
                evidence: evidence.clone(),
            }));
    }
}

#[cfg(test)]
mod tests;
