//! Looking. Comes in: what is wanted and a ledger; goes out: hits, sorted. Every asset is read once.

use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Address, Direction, Time};

use super::Hit;
use super::wanted::{Kind, Wanted};

/// What of an asset a hit would be: section, sort, value, and when.
struct Piece<'a> {
    section: &'static str,
    kinds: &'static [Kind],
    address: Option<IpAddr>,
    name: Option<&'a str>,
    version: Option<&'a str>,
    value: String,
    first: Option<Time>,
    last: Option<Time>,
}

/// Looks in a ledger; where `before` is given, what was there at the beginning of the period and is
/// gone is found too.
#[must_use]
pub fn find(wanted: &[Wanted], ledger: &Ledger, before: Option<&Ledger>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for asset in &ledger.assets {
        look(wanted, asset, false, &mut hits);
    }
    seen(wanted, ledger, &mut hits);
    if let Some(before) = before {
        let mut old = Vec::new();
        for asset in &before.assets {
            look(wanted, asset, true, &mut old);
        }
        let key = |it: &Hit| {
            let it = (&it.wanted, &it.asset, &it.section, &it.value);
            (it.0.clone(), it.1.clone(), it.2.clone(), it.3.clone())
        };
        let there: std::collections::BTreeSet<_> = hits.iter().map(key).collect();
        // Talk that ended stands in the ledger of the end with its own times.
        old.retain(|it| {
            !there.contains(&key(it)) && !matches!(it.section.as_str(), "flow" | "neighbour")
        });
        hits.extend(old);
    }
    hits.sort();
    hits.dedup();
    hits
}

/// Devices without an agent, by address.
fn seen(wanted: &[Wanted], ledger: &Ledger, hits: &mut Vec<Hit>) {
    for device in &ledger.seen {
        for sight in &device.sights {
            for it in wanted.iter().filter(|it| it.kind == Kind::Address) {
                if it.range.is_some_and(|range| holds(range, sight.address)) {
                    hits.push(Hit {
                        wanted: it.text.clone(),
                        asset: device.id.0.clone(),
                        section: "neighbour".to_owned(),
                        value: format!("{} {}", sight.address, device.mac.as_deref().unwrap_or("")),
                        first: Some(sight.since),
                        last: sight.until,
                        gone: false,
                    });
                }
            }
        }
    }
}

fn look(wanted: &[Wanted], asset: &AgentAsset, gone: bool, hits: &mut Vec<Hit>) {
    let mut pieces = Vec::new();
    talk(asset, &mut pieces);
    network(asset, &mut pieces);
    names(asset, &mut pieces);
    programs(asset, &mut pieces);
    for piece in pieces {
        for it in wanted {
            if fits(it, &piece) {
                hits.push(Hit {
                    wanted: it.text.clone(),
                    asset: asset.id.0.clone(),
                    section: piece.section.to_owned(),
                    value: piece.value.clone(),
                    first: piece.first,
                    last: piece.last,
                    gone,
                });
            }
        }
    }
}

fn holds(range: Address, address: IpAddr) -> bool {
    let same = range.address.is_ipv4() == address.is_ipv4();
    let prefix = range.prefix;
    same && Address { address, prefix }.network() == range.network()
}

fn fits(wanted: &Wanted, piece: &Piece<'_>) -> bool {
    if let (Some(range), Some(address)) = (wanted.range, piece.address) {
        return holds(range, address);
    }
    let (Some(glob), Some(name)) = (&wanted.name, piece.name) else {
        return false;
    };
    let kind = wanted.kind == Kind::Any || piece.kinds.contains(&wanted.kind);
    let version = || {
        let asked = wanted.version.as_ref();
        asked.is_none_or(|it| piece.version.is_some_and(|text| it.fits_any_case(text)))
    };
    let below = || {
        // A domain is everything that lies below it.
        wanted.kind == Kind::Domain
            && name
                .match_indices('.')
                .any(|(at, _)| name.get(at + 1..).is_some_and(|it| glob.fits_any_case(it)))
    };
    let short = || {
        wanted.kind == Kind::Account
            && name
                .rsplit(['\\', '/'])
                .next()
                .is_some_and(|it| glob.fits_any_case(it))
    };
    kind && (glob.fits_any_case(name) || below() || short()) && version()
}

fn plain<'a>(
    asset: &AgentAsset,
    section: &'static str,
    kinds: &'static [Kind],
    name: &'a str,
) -> Piece<'a> {
    let read = asset.read_at.iter().find(|(kind, _)| kind == section);
    Piece {
        section,
        kinds,
        address: None,
        name: Some(name),
        version: None,
        value: name.to_owned(),
        first: read.map(|(_, at)| *at),
        last: Some(asset.presence.last_at),
    }
}

fn addressed<'a>(
    asset: &AgentAsset,
    section: &'static str,
    address: IpAddr,
    value: String,
) -> Piece<'a> {
    Piece {
        address: Some(address),
        name: None,
        value,
        ..plain(asset, section, &[Kind::Address], "")
    }
}

fn talk<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    for flow in &asset.flows {
        let it = &flow.item;
        let arrow = match it.direction {
            Direction::Inbound => "←",
            Direction::Outbound => "→",
            Direction::Unclear => "↔",
        };
        let protocol = format!("{:?}", it.protocol).to_lowercase();
        let program = it.program.as_deref();
        let shown = program.map(|it| format!(" {it}")).unwrap_or_default();
        let value = format!(
            "{} {arrow} {} {}/{protocol}{shown}",
            it.local, it.peer, it.port
        );
        pieces.push(Piece {
            section: "flow",
            kinds: &[Kind::Address],
            address: Some(it.peer),
            name: None,
            version: None,
            value: value.clone(),
            first: Some(flow.since),
            last: flow.until,
        });
        if let Some(name) = program {
            pieces.push(Piece {
                section: "flow",
                kinds: &[Kind::Program],
                address: None,
                name: Some(name),
                version: None,
                value,
                first: Some(flow.since),
                last: flow.until,
            });
        }
    }
    for neighbour in &asset.neighbours {
        let it = &neighbour.item;
        pieces.push(Piece {
            first: Some(neighbour.since),
            last: neighbour.until,
            ..addressed(
                asset,
                "neighbour",
                it.address,
                format!("{} {}", it.address, it.mac),
            )
        });
    }
}

fn network<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    for interface in asset.interfaces.interfaces.value().into_iter().flatten() {
        for it in &interface.addresses {
            let value = format!("{} {}/{}", interface.name, it.address, it.prefix);
            pieces.push(addressed(asset, "interface", it.address, value));
        }
    }
    for server in asset.interfaces.name_servers.value().into_iter().flatten() {
        pieces.push(addressed(
            asset,
            "interface",
            *server,
            format!("DNS {server}"),
        ));
    }
    for route in asset.routes.routes.value().into_iter().flatten() {
        if let Some(hop) = route.gateway {
            let to = &route.destination;
            let value = format!("{}/{} via {hop}", to.address, to.prefix);
            pieces.push(addressed(asset, "route", hop, value.clone()));
            if to.prefix > 0 {
                pieces.push(addressed(asset, "route", to.address, value));
            }
        }
    }
    for it in asset.traces.hosts.value().into_iter().flatten() {
        let value = format!("{} {}", it.name, it.address);
        pieces.push(addressed(asset, "trace", it.address, value));
    }
}

fn names<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    const DOMAIN: &[Kind] = &[Kind::Domain];
    let traces = &asset.traces;
    let hosts = traces.hosts.value().into_iter().flatten();
    let resolved = traces.resolved.value().into_iter().flatten();
    let rules = traces.resolver_rules.value().into_iter().flatten();
    let past = traces.proxy_bypass.value().into_iter().flatten();
    let all = hosts.map(|it| it.name.as_str());
    let all = all.chain(resolved.map(String::as_str));
    let all = all.chain(rules.map(|it| it.domain.as_str()));
    let all = all.chain(past.map(String::as_str));
    pieces.extend(all.map(|it| plain(asset, "trace", DOMAIN, it)));
    let search = asset
        .interfaces
        .search_domains
        .value()
        .into_iter()
        .flatten();
    pieces.extend(search.map(|it| plain(asset, "interface", DOMAIN, it)));
    let sources = asset.patches.sources.value().into_iter().flatten();
    pieces.extend(sources.map(|it| plain(asset, "patch", DOMAIN, it)));
    let proxies = asset.trust.proxies.value().into_iter().flatten();
    let host = |it: &'a String| it.rsplit_once(':').map_or(it.as_str(), |(host, _)| host);
    pieces.extend(proxies.map(|it| plain(asset, "trust", DOMAIN, host(it))));
    if let Some(Some(domain)) = asset.hardware.domain.value() {
        pieces.push(plain(asset, "hardware", DOMAIN, domain));
    }
    let mounts = asset.storage.remote_mounts.value().into_iter().flatten();
    pieces.extend(mounts.map(|it| plain(asset, "storage", DOMAIN, &it.server)));
}

fn programs<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    for it in asset.listeners.listeners.value().into_iter().flatten() {
        if let Some(name) = &it.program {
            let protocol = format!("{:?}", it.protocol).to_lowercase();
            pieces.push(Piece {
                value: format!("{name} {}/{protocol}", it.port),
                ..plain(asset, "listener", &[Kind::Program], name)
            });
        }
    }
    for it in asset.services.services.value().into_iter().flatten() {
        pieces.push(plain(asset, "service", &[Kind::Service], &it.name));
    }
    for it in asset.services.autostarts.value().into_iter().flatten() {
        pieces.push(plain(
            asset,
            "service",
            &[Kind::Service, Kind::Program],
            &it.name,
        ));
    }
    for it in asset.accounts.accounts.value().into_iter().flatten() {
        pieces.push(plain(asset, "account", &[Kind::Account], &it.name));
    }
    for it in asset.accounts.log_ins.value().into_iter().flatten() {
        pieces.push(Piece {
            value: format!("{} ({})", it.account, it.how),
            ..plain(asset, "account", &[Kind::Account], &it.account)
        });
    }
    for it in asset.software.items.value().into_iter().flatten() {
        pieces.push(Piece {
            version: Some(&it.version),
            value: format!("{} {}", it.name, it.version),
            ..plain(asset, "software", &[Kind::Software], &it.name)
        });
    }
    for it in asset.remote_tools.tools.value().into_iter().flatten() {
        pieces.push(Piece {
            version: it.version.as_deref(),
            ..plain(
                asset,
                "remote_tool",
                &[Kind::Software, Kind::Program],
                &it.name,
            )
        });
    }
}
