//! Assets and segments as nodes. Comes in: a ledger and its realms; goes out: nodes and attachment
//! edges. It never draws loopback or link-local ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger, SeenAsset};
use daicho_report::{AntivirusVerdict, Chassis, InterfaceKind, LogIn, LogInVerdict};

use super::realm::{Attachment, Key, Realms, range};
use super::{Edge, EdgeKind, Evidence, Kind, Mark, Node, NodeKind, Topology};

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

fn marks(asset: &AgentAsset) -> Vec<Mark> {
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
    let interfaces = asset.interfaces.interfaces.value();
    if interfaces.is_some_and(|all| all.iter().any(|i| i.kind == InterfaceKind::Vpn)) {
        out.push(Mark::Vpn);
    }
    out
}

/// Adds the assets and the devices seen without an agent.
pub(super) fn assets(ledger: &Ledger, out: &mut Topology) {
    for asset in &ledger.assets {
        out.nodes.push(Node {
            id: asset.id.0.clone(),
            kind: kind(asset),
            label: asset.label.clone(),
            detail: Vec::new(),
            marks: marks(asset),
            evidence: reported(asset, "agent"),
        });
    }
    for seen in &ledger.seen {
        out.nodes.push(Node {
            id: seen.id.0.clone(),
            kind: NodeKind::Seen,
            label: seen.mac.clone().unwrap_or_default(),
            detail: seen.addresses.iter().map(ToString::to_string).collect(),
            marks: Vec::new(),
            evidence: sighted(seen, ledger),
        });
    }
}

/// Adds the segments and who is attached to them.
pub(super) fn segments(ledger: &Ledger, realms: &Realms, out: &mut Topology) {
    let mut groups: BTreeMap<&Key, Vec<&Attachment>> = BTreeMap::new();
    for attachment in realms.values().filter(|a| !a.tunnel) {
        groups
            .entry(&attachment.realm)
            .or_default()
            .push(attachment);
    }
    let by_id: BTreeMap<&str, &AgentAsset> =
        ledger.assets.iter().map(|a| (a.id.0.as_str(), a)).collect();
    for (realm, members) in groups {
        let ranges: BTreeSet<(IpAddr, u8)> = members
            .iter()
            .flat_map(|m| m.addresses.iter().map(range))
            .collect();
        let host_only = members.iter().any(|m| m.host_only);
        let Some(first) = by_id.get(realm.0.as_str()) else {
            continue;
        };
        out.nodes.push(Node {
            id: segment_id(realm),
            kind: if host_only {
                NodeKind::HostNetwork
            } else {
                NodeKind::Segment
            },
            label: if host_only {
                realm.1.clone()
            } else {
                String::new()
            },
            detail: ranges.iter().map(|(n, p)| format!("{n}/{p}")).collect(),
            marks: Vec::new(),
            evidence: reported(first, "interface"),
        });
        for member in members {
            let Some(asset) = by_id.get(member.key.0.as_str()) else {
                continue;
            };
            out.edges.push(Edge {
                from: member.key.0.clone(),
                to: segment_id(realm),
                kind: if host_only {
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

fn seen(ledger: &Ledger, realms: &Realms, out: &mut Topology) {
    for seen in &ledger.seen {
        let mut places: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
        for sight in &seen.sights {
            let key = (sight.by.0.clone(), sight.interface.clone());
            if let Some(at) = realms.get(&key).filter(|a| !a.tunnel) {
                let place = places.entry(segment_id(&at.realm)).or_default();
                place.insert(sight.address);
            }
        }
        for (segment, addresses) in places {
            out.edges.push(Edge {
                from: seen.id.0.clone(),
                to: segment,
                kind: EdgeKind::Attached,
                addresses: addresses.into_iter().collect(),
                evidence: sighted(seen, ledger),
            });
        }
    }
}
