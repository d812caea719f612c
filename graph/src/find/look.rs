//! Looking. Comes in: what is wanted, a ledger, and versions of sections that ended in the period; goes
//! out: hits, sorted. Every asset is read once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger, normal_mac};
use daicho_report::{Direction, Time};

use super::query::Query;
use super::wanted::Kind;
use super::{Ended, Hit};

/// What of an asset a hit would be: section, sort, value, and when.
pub(super) struct Piece<'a> {
    pub(super) section: &'static str,
    pub(super) kinds: &'static [Kind],
    pub(super) address: Option<IpAddr>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<&'a str>,
    pub(super) value: String,
    pub(super) first: Option<Time>,
    pub(super) last: Option<Time>,
}

/// Looks in the ledger of the end of a period, and in what had ended by then: what is found there
/// alone is gone.
#[must_use]
pub fn find(query: &Query<'_>, ledger: &Ledger, ended: &[Ended]) -> Vec<Hit> {
    let mut hits = Hits::default();
    for asset in &ledger.assets {
        look(query, asset, None, &mut hits);
    }
    seen(query, ledger, &mut hits);
    for it in ended {
        look(query, &it.asset, Some(it.until), &mut hits);
    }
    hits.0.into_values().collect()
}

/// A hit by what it says. Talk is told apart by its beginning: it may come and go.
type Key = (String, String, String, String, Option<Time>);

#[derive(Default)]
struct Hits(BTreeMap<Key, Hit>);

impl Hits {
    /// The same thing in another version: seen from the first to the last.
    fn add(&mut self, hit: Hit) {
        let talk = matches!(hit.section.as_str(), "flow" | "neighbour");
        let texts = (&hit.wanted, &hit.asset, &hit.section, &hit.value);
        let (wanted, asset, section, value) = texts;
        let key = (
            wanted.clone(),
            asset.clone(),
            section.clone(),
            value.clone(),
            hit.first.filter(|_| talk),
        );
        match self.0.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(hit);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().join(&hit),
        }
    }
}

impl Hit {
    fn join(&mut self, other: &Self) {
        self.first = match (self.first, other.first) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        // What goes on has no end; what is there is not gone, whatever ended before.
        if self.gone == other.gone {
            self.last = match (self.last, other.last) {
                (Some(one), Some(two)) => Some(one.max(two)),
                _ => None,
            };
        } else if self.gone {
            (self.gone, self.last) = (false, other.last);
        }
    }
}

/// Devices without an agent, by address.
fn seen(query: &Query<'_>, ledger: &Ledger, hits: &mut Hits) {
    for device in &ledger.seen {
        let macs = query.macs(device.mac.as_deref().unwrap_or_default());
        for sight in &device.sights {
            for it in query.holding(sight.address).chain(macs.iter().copied()) {
                hits.add(Hit {
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

fn look(query: &Query<'_>, asset: &AgentAsset, ended: Option<Time>, hits: &mut Hits) {
    for piece in pieces(asset) {
        for it in query.fitting(&piece) {
            hits.add(Hit {
                wanted: it.text.clone(),
                asset: asset.id.0.clone(),
                section: piece.section.to_owned(),
                value: piece.value.clone(),
                first: piece.first,
                last: ended.or(piece.last),
                gone: ended.is_some(),
            });
        }
    }
}

/// Everything of an asset that can be found.
pub(super) fn pieces(asset: &AgentAsset) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    talk(asset, &mut pieces);
    network(asset, &mut pieces);
    names(asset, &mut pieces);
    programs(asset, &mut pieces);
    pieces
}

/// A name in a field of a section: `service.autostarts`.
fn plain<'a>(
    asset: &AgentAsset,
    place: &'static str,
    kinds: &'static [Kind],
    name: impl Into<Cow<'a, str>>,
) -> Piece<'a> {
    let name = name.into();
    let (section, field) = place.split_once('.').unwrap_or((place, ""));
    // A value that the newest reading could not confirm was last seen when it was read.
    let kept = asset.stale_field(section, field).map(|(at, _)| at);
    Piece {
        section,
        kinds,
        address: None,
        value: name.clone().into_owned(),
        name: Some(name),
        version: None,
        first: kept.or_else(|| asset.section_at(section)),
        last: kept.or(Some(asset.presence.last_at)),
    }
}

fn addressed<'a>(
    asset: &AgentAsset,
    place: &'static str,
    address: IpAddr,
    value: String,
) -> Piece<'a> {
    Piece {
        address: Some(address),
        name: None,
        value,
        ..plain(asset, place, &[Kind::Address], "")
    }
}

/// A host that a setting names by its address or its name.
fn at_host<'a>(asset: &AgentAsset, place: &'static str, host: &'a str, value: String) -> Piece<'a> {
    match host.trim_matches(['[', ']']).parse() {
        Ok(address) => addressed(asset, place, address, value),
        Err(_) => Piece {
            value,
            ..plain(asset, place, &[Kind::Domain], host)
        },
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
                name: Some(name.into()),
                version: None,
                value,
                first: Some(flow.since),
                last: flow.until,
            });
        }
    }
    for neighbour in &asset.neighbours {
        let it = &neighbour.item;
        let value = format!("{} {}", it.address, it.mac);
        let by_mac = Piece {
            value: value.clone(),
            ..plain(asset, "neighbour", &[Kind::Mac], normal_mac(&it.mac))
        };
        let by_address = addressed(asset, "neighbour", it.address, value);
        pieces.extend([by_address, by_mac].map(|piece| Piece {
            first: Some(neighbour.since),
            last: neighbour.until,
            ..piece
        }));
    }
}

fn network<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    for interface in asset.interfaces.interfaces.value().into_iter().flatten() {
        for it in &interface.addresses {
            let value = format!("{} {}/{}", interface.name, it.address, it.prefix);
            pieces.push(addressed(asset, "interface.interfaces", it.address, value));
        }
        let macs = [&interface.mac, &interface.permanent_mac];
        for mac in macs.into_iter().flatten() {
            let place = "interface.interfaces";
            pieces.push(Piece {
                value: format!("{} {mac}", interface.name),
                ..plain(asset, place, &[Kind::Mac], normal_mac(mac))
            });
        }
    }
    for server in asset.interfaces.name_servers.value().into_iter().flatten() {
        pieces.push(addressed(
            asset,
            "interface.name_servers",
            *server,
            format!("DNS {server}"),
        ));
    }
    for route in asset.routes.routes.value().into_iter().flatten() {
        if let Some(hop) = route.gateway {
            let to = &route.destination;
            let value = format!("{}/{} via {hop}", to.address, to.prefix);
            pieces.push(addressed(asset, "route.routes", hop, value.clone()));
            if to.prefix > 0 {
                pieces.push(addressed(asset, "route.routes", to.address, value));
            }
        }
    }
    for it in asset.traces.networks.value().into_iter().flatten() {
        for mac in &it.gateways {
            pieces.push(Piece {
                value: format!("{} {mac}", it.name),
                ..plain(asset, "trace.networks", &[Kind::Mac], normal_mac(mac))
            });
        }
    }
    for it in asset.printers.printers.value().into_iter().flatten() {
        let model = it.driver.as_deref().unwrap_or_default();
        let piece = |host| at_host(asset, "printer.printers", host, format!("{host} {model}"));
        pieces.extend(it.host.as_deref().map(piece));
    }
    for it in asset.vpns.vpns.value().into_iter().flatten() {
        let product = it.product.as_deref().unwrap_or_default();
        let piece = |host| at_host(asset, "vpn.vpns", host, format!("{product} {host}"));
        pieces.extend(it.server.as_deref().map(piece));
    }
    for it in asset.traces.hosts.value().into_iter().flatten() {
        let value = format!("{} {}", it.name, it.address);
        pieces.push(addressed(asset, "trace.hosts", it.address, value));
    }
}

fn names<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    const DOMAIN: &[Kind] = &[Kind::Domain];
    let traces = &asset.traces;
    let hosts = traces.hosts.value().into_iter().flatten();
    let resolved = traces.resolved.value().into_iter().flatten();
    let rules = traces.resolver_rules.value().into_iter().flatten();
    let past = traces.proxy_bypass.value().into_iter().flatten();
    let hosts = hosts.map(|it| ("trace.hosts", it.name.as_str()));
    let resolved = resolved.map(|it| ("trace.resolved", it.as_str()));
    let rules = rules.map(|it| ("trace.resolver_rules", it.domain.as_str()));
    let past = past.map(|it| ("trace.proxy_bypass", it.as_str()));
    let networks = traces.networks.value().into_iter().flatten();
    let networks = networks.map(|it| ("trace.networks", it.name.as_str()));
    let all = hosts
        .chain(resolved)
        .chain(rules)
        .chain(past)
        .chain(networks);
    pieces.extend(all.map(|(place, it)| plain(asset, place, DOMAIN, it)));
    let search = asset
        .interfaces
        .search_domains
        .value()
        .into_iter()
        .flatten();
    pieces.extend(search.map(|it| plain(asset, "interface.search_domains", DOMAIN, it)));
    let sources = asset.patches.sources.value().into_iter().flatten();
    pieces.extend(sources.map(|it| plain(asset, "patch.sources", DOMAIN, it)));
    let proxies = asset.trust.proxies.value().into_iter().flatten();
    let host = |it: &'a String| it.rsplit_once(':').map_or(it.as_str(), |(host, _)| host);
    pieces.extend(proxies.map(|it| plain(asset, "trust.proxies", DOMAIN, host(it))));
    if let Some(Some(domain)) = asset.hardware.domain.value() {
        pieces.push(plain(asset, "hardware.domain", DOMAIN, domain));
    }
    let mounts = asset.storage.remote_mounts.value().into_iter().flatten();
    pieces.extend(mounts.map(|it| plain(asset, "storage.remote_mounts", DOMAIN, &it.server)));
}

fn programs<'a>(asset: &'a AgentAsset, pieces: &mut Vec<Piece<'a>>) {
    for it in asset.listeners.listeners.value().into_iter().flatten() {
        if let Some(name) = &it.program {
            let protocol = format!("{:?}", it.protocol).to_lowercase();
            pieces.push(Piece {
                value: format!("{name} {}/{protocol}", it.port),
                ..plain(asset, "listener.listeners", &[Kind::Program], name)
            });
        }
    }
    for it in asset.services.services.value().into_iter().flatten() {
        pieces.push(plain(asset, "service.services", &[Kind::Service], &it.name));
    }
    for it in asset.services.autostarts.value().into_iter().flatten() {
        pieces.push(plain(
            asset,
            "service.autostarts",
            &[Kind::Service, Kind::Program],
            &it.name,
        ));
    }
    for it in asset.accounts.accounts.value().into_iter().flatten() {
        pieces.push(plain(asset, "account.accounts", &[Kind::Account], &it.name));
    }
    for it in asset.accounts.log_ins.value().into_iter().flatten() {
        pieces.push(Piece {
            value: format!("{} ({})", it.account, it.how),
            ..plain(asset, "account.log_ins", &[Kind::Account], &it.account)
        });
    }
    for it in asset.software.items.value().into_iter().flatten() {
        pieces.push(Piece {
            version: Some(&it.version),
            value: format!("{} {}", it.name, it.version),
            ..plain(asset, "software.items", &[Kind::Software], &it.name)
        });
    }
    for it in asset.remote_tools.tools.value().into_iter().flatten() {
        pieces.push(Piece {
            version: it.version.as_deref(),
            ..plain(
                asset,
                "remote_tool.tools",
                &[Kind::Software, Kind::Program],
                &it.name,
            )
        });
    }
}
