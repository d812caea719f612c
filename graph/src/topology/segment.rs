//! Assets and segments as nodes. Comes in: a ledger and its realms; goes out: nodes and attachment
//! edges. It never draws loopback or link-local ranges.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger, Release, SeenAsset};
use daicho_report::{AntivirusVerdict, Chassis, InterfaceKind, LogIn, LogInVerdict, Time};

use super::binding::{Worth, worth};
use super::draft::Draft;
use super::realm::{Attachment, Key, Realms, range};
use super::{Edge, EdgeKind, Evidence, Kind, Mark, Node, NodeKind};

/// Most reasons named for a segment.
const JOINED: usize = 8;

/// The id of a realm's segment.
pub(super) fn segment_id(realm: &Key) -> String {
    format!("segment:{}/{}", realm.0, realm.1)
}

/// Evidence of an agent's own report.
pub(super) fn reported(asset: &AgentAsset, source: &str) -> Evidence {
    Evidence {
        kind: Kind::Collected,
        sources: vec![source.to_owned()],
        first: Some(asset.presence.first_at),
        last: Some(asset.presence.last_at),
        confidence: 100,
    }
}

/// Evidence of a device that others have seen.
fn sighted(seen: &SeenAsset, ledger: &Ledger) -> Evidence {
    let last = seen.sights.iter().map(|s| s.until.unwrap_or(ledger.as_of));
    Evidence {
        kind: Kind::Collected,
        sources: vec!["neighbour".to_owned()],
        first: seen.sights.iter().map(|s| s.since).min(),
        last: last.max(),
        confidence: 80,
    }
}

fn kind(asset: &AgentAsset) -> NodeKind {
    let says_server = [
        asset.os.edition.value().and_then(Option::as_ref),
        asset.os.name.value(),
    ];
    let server = says_server
        .into_iter()
        .flatten()
        .any(|t| t.contains("Server"));
    if server || asset.hardware.chassis.value() == Some(&Chassis::Server) {
        NodeKind::Server
    } else {
        NodeKind::Terminal
    }
}

/// What nothing was heard of for longer is drawn as old.
const NO_NEWS_S: i64 = 7 * 24 * 60 * 60;

fn no_news(ledger: &Ledger, last: Option<Time>) -> Option<Mark> {
    let old = |last: Time| ledger.as_of.seconds() - last.seconds() > NO_NEWS_S;
    last.is_some_and(old).then_some(Mark::NoNews)
}

fn marks(ledger: &Ledger, asset: &AgentAsset) -> Vec<Mark> {
    let mut out = Vec::new();
    let log_ins = asset.accounts.log_ins.value();
    let admin = |l: &LogIn| {
        matches!(
            l.verdict,
            LogInVerdict::Administrator | LogInVerdict::AdministratorBy(_)
        )
    };
    if log_ins.is_some_and(|all| all.iter().any(admin)) {
        out.push(Mark::AdministratorLogIn);
    }
    if asset.antivirus.verdict.value() == Some(&AntivirusVerdict::NotRunning) {
        out.push(Mark::AntivirusNotRunning);
    }
    let today = daicho_ledger::text::day(ledger.as_of, ledger.site.utc_offset_s);
    if Release::of(&asset.os).is_some_and(|it| it.has_ended(&today)) {
        out.push(Mark::SupportEnded);
    }
    let interfaces = asset.interfaces.interfaces.value();
    if interfaces.is_some_and(|all| all.iter().any(|i| i.kind == InterfaceKind::Vpn)) {
        out.push(Mark::Vpn);
    }
    out.extend(no_news(ledger, Some(asset.presence.last_at)));
    out
}

/// Adds the assets and the devices seen without an agent.
pub(super) fn assets(ledger: &Ledger, out: &mut Draft) {
    for asset in &ledger.assets {
        out.add(Node {
            marks: marks(ledger, asset),
            ..Node::new(
                asset.id.0.clone(),
                kind(asset),
                asset.label.clone(),
                reported(asset, "agent"),
            )
        });
    }
    for seen in &ledger.seen {
        let evidence = sighted(seen, ledger);
        out.add(Node {
            detail: seen.addresses.iter().map(ToString::to_string).collect(),
            marks: no_news(ledger, evidence.last).into_iter().collect(),
            ..Node::new(
                seen.id.0.clone(),
                NodeKind::Seen,
                seen.mac.clone().unwrap_or_default(),
                evidence,
            )
        });
    }
}

/// Adds the segments and who is attached to them.
pub(super) fn segments(ledger: &Ledger, realms: &Realms, out: &mut Draft) {
    let mut groups: BTreeMap<&Key, Vec<&Attachment>> = BTreeMap::new();
    for attachment in realms.all.values().filter(|a| !a.tunnel) {
        groups
            .entry(&attachment.realm)
            .or_default()
            .push(attachment);
    }
    let by_id: BTreeMap<&str, &AgentAsset> =
        ledger.assets.iter().map(|a| (a.id.0.as_str(), a)).collect();
    for (realm, members) in &groups {
        let Some(first) = by_id.get(realm.0.as_str()) else {
            continue;
        };
        out.add(segment(realm, members, realms, first));
        for member in members {
            let Some(asset) = by_id.get(member.key.0.as_str()) else {
                continue;
            };
            out.edges.push(Edge {
                from: member.key.0.clone(),
                to: segment_id(realm),
                kind: if member.host_only {
                    EdgeKind::RunsOn
                } else {
                    EdgeKind::Attached
                },
                addresses: member.addresses.iter().map(|a| a.address).collect(),
                evidence: reported(asset, "interface"),
            });
        }
    }
    seen(ledger, realms, out);
}

fn segment(realm: &Key, members: &[&Attachment], realms: &Realms, first: &AgentAsset) -> Node {
    let ranges: BTreeSet<(IpAddr, u8)> = members
        .iter()
        .flat_map(|m| m.addresses.iter().map(range))
        .collect();
    let mut evidence = reported(first, "interface");
    // Two or more on one link rest on what joined them.
    let joined = realms.joined.get(realm).into_iter().flatten();
    evidence.sources.extend(joined.take(JOINED).cloned());
    let host_only = members.iter().any(|m| m.host_only);
    let (kind, label) = if host_only {
        (NodeKind::HostNetwork, realm.1.clone())
    } else {
        (NodeKind::Segment, String::new())
    };
    Node {
        detail: ranges.iter().map(|(n, p)| format!("{n}/{p}")).collect(),
        ..Node::new(segment_id(realm), kind, label, evidence)
    }
}

/// Gives segments of one range that hold one machine each, and of whose gateway nobody knows the
/// hardware address, or that entries alone know, a common name for display: they may well be one
/// network, and nothing shows it. Where two of them have one address they are not, and have none.
pub(super) fn alone(out: &mut Draft) {
    let mut machines: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut addresses: BTreeMap<&str, BTreeSet<IpAddr>> = BTreeMap::new();
    for edge in &out.edges {
        let from = out.nodes.get(&edge.from).map(|node| node.kind);
        let to = out.nodes.get(&edge.to);
        if edge.kind == EdgeKind::Attached {
            let agent = matches!(from, Some(NodeKind::Server | NodeKind::Terminal));
            *machines.entry(&edge.to).or_default() += usize::from(agent);
            let here = addresses.entry(&edge.to).or_default();
            here.extend(&edge.addresses);
        }
        let gateway = to.filter(|node| node.kind == NodeKind::Gateway);
        let mac = gateway.and_then(|node| worth(&node.label));
        if mac == Some(Worth::Strong) || gateway.is_some_and(|node| node.entry.is_some()) {
            known.insert(&edge.from);
        }
    }
    let mut same: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for node in out.nodes.values() {
        let count = machines.get(node.id.as_str());
        let entered = node.evidence.kind == Kind::Entered;
        let alone = count == Some(&1) || (entered && count == Some(&0));
        if node.kind == NodeKind::Segment && alone && !known.contains(node.id.as_str()) {
            same.entry(&node.detail).or_default().push(&node.id);
        }
    }
    let mut groups: Vec<(String, String)> = Vec::new();
    for (ranges, ids) in same {
        let mut times: BTreeMap<&IpAddr, usize> = BTreeMap::new();
        for address in ids.iter().filter_map(|id| addresses.get(id)).flatten() {
            *times.entry(address).or_default() += 1;
        }
        let twice = |id: &&str| {
            let mut here = addresses.get(id).into_iter().flatten();
            here.any(|address| times.get(address).is_some_and(|n| *n > 1))
        };
        let ids: Vec<&str> = ids.iter().filter(|id| !twice(id)).copied().collect();
        if ids.len() > 1 {
            let name = format!("same-range:{}", ranges.join(","));
            groups.extend(ids.iter().map(|id| ((*id).to_owned(), name.clone())));
        }
    }
    for (id, name) in groups {
        if let Some(node) = out.nodes.get_mut(&id) {
            node.group = Some(name);
        }
    }
}

/// Attaches the devices seen. One hardware address that is seen under one address in two networks of
/// the same range is two devices: a copy, or one that was carried from one to the other.
fn seen(ledger: &Ledger, realms: &Realms, out: &mut Draft) {
    let segments: HashMap<(&str, &str), &str> = realms
        .all
        .values()
        .filter(|it| !it.tunnel)
        .map(|it| ((it.key.0.as_str(), it.key.1.as_str()), it.segment.as_str()))
        .collect();
    for seen in &ledger.seen {
        let mut places: Vec<(&str, IpAddr)> = seen
            .sights
            .iter()
            .filter_map(|it| {
                let segment = segments.get(&(it.by.0.as_str(), it.interface.as_str()))?;
                Some((*segment, it.address))
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut times: BTreeMap<IpAddr, usize> = BTreeMap::new();
        let several = places
            .iter()
            .any(|it| places.first().is_some_and(|one| it.0 != one.0));
        for (_, address) in places.iter().filter(|_| several) {
            *times.entry(*address).or_default() += 1;
        }
        for place in places.chunk_by(|a, b| a.0 == b.0) {
            let Some((segment, _)) = place.first() else {
                continue;
            };
            let addresses: Vec<IpAddr> = place.iter().map(|(_, address)| *address).collect();
            let twice = |a: &IpAddr| times.get(a).is_some_and(|n| *n > 1);
            let mut from = seen.id.0.clone();
            if addresses.iter().any(twice)
                && let Some(node) = out.nodes.get(&seen.id.0).cloned()
            {
                from = format!("{from}@{segment}");
                out.add(Node {
                    id: from.clone(),
                    detail: addresses.iter().map(ToString::to_string).collect(),
                    ..node
                });
                out.copied.insert(seen.id.0.clone());
            }
            out.edges.push(Edge {
                from,
                to: (*segment).to_owned(),
                kind: EdgeKind::Attached,
                addresses,
                evidence: sighted(seen, ledger),
            });
        }
    }
    out.drop_copied();
}
