//! rtnetlink dumps (RFC 3549): interfaces, addresses, routes, neighbours. Asks, never sets.

#[path = "netlink/dump.rs"]
mod dump;
#[path = "netlink/slim.rs"]
mod slim;

use std::net::IpAddr;

use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use netlink_packet_route::link::{
    InfoData, InfoVlan, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteMessage, RouteType, RouteVia,
};

use super::super::{Answer, RawAddress, RawLink, RawNeighbour, RawRoute};
use dump::dump;

fn mac(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() || bytes.len() > 20 {
        return None;
    }
    Some(
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(":"),
    )
}

pub(in super::super) fn links() -> Answer<Vec<RawLink>> {
    let messages = dump(&Message::GetLink(LinkMessage::default()))?;
    let mut found: Vec<RawLink> = messages
        .into_iter()
        .filter_map(|message| match message {
            Message::NewLink(link) => Some(raw_link(link)),
            _ => None,
        })
        .collect();
    found.sort();
    Ok(found)
}

fn raw_link(message: LinkMessage) -> RawLink {
    let header = &message.header;
    let mut link = RawLink {
        index: header.index,
        hardware_type: header.link_layer_type.into(),
        admin_up: header.flags.contains(LinkFlags::Up),
        carrier: header.flags.contains(LinkFlags::LowerUp),
        ..RawLink::default()
    };
    let mut elsewhere = false;
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name = name,
            LinkAttribute::Address(bytes) => link.mac = mac(&bytes),
            LinkAttribute::PermAddress(bytes) => link.permanent_mac = mac(&bytes),
            LinkAttribute::Mtu(mtu) => link.mtu = Some(mtu),
            LinkAttribute::Controller(index) => link.master = Some(index),
            LinkAttribute::Link(index) if index != 0 => link.lower = Some(index),
            LinkAttribute::LinkNetNsId(_) => elsewhere = true,
            LinkAttribute::LinkInfo(infos) => {
                for info in infos {
                    match info {
                        LinkInfo::Kind(kind) => link.kind = Some(kind.to_string()),
                        LinkInfo::Data(InfoData::Vlan(parts)) => {
                            link.vlan = parts.iter().find_map(|part| match part {
                                InfoVlan::Id(id) => Some(*id),
                                _ => None,
                            });
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if elsewhere {
        // The number counts in another network namespace: here it would name a stranger.
        link.lower = None;
    }
    link
}

pub(in super::super) fn addresses() -> Answer<Vec<RawAddress>> {
    let messages = dump(&Message::GetAddress(AddressMessage::default()))?;
    let mut found: Vec<RawAddress> = messages
        .into_iter()
        .filter_map(|message| match message {
            Message::NewAddress(address) => raw_address(&address),
            _ => None,
        })
        .collect();
    found.sort();
    Ok(found)
}

fn raw_address(message: &AddressMessage) -> Option<RawAddress> {
    // On a point-to-point link `Local` is ours and `Address` is the other end.
    let (mut ours, mut other, mut flags) = (None, None, AddressFlags::Permanent);
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(address) => ours = Some(*address),
            AddressAttribute::Address(address) => other = Some(*address),
            AddressAttribute::Flags(bits) => flags = *bits,
            _ => {}
        }
    }
    let address = ours.or(other)?;
    Some(RawAddress {
        index: message.header.index,
        address,
        prefix: message.header.prefix_len,
        scope: message.header.scope.to_string(),
        dynamic: !flags.contains(AddressFlags::Permanent),
        temporary: address.is_ipv6() && flags.contains(AddressFlags::Secondary),
    })
}

pub(in super::super) fn routes() -> Answer<Vec<RawRoute>> {
    let mut found = Vec::new();
    for message in dump(&Message::GetRoute(RouteMessage::default()))? {
        if let Message::NewRoute(route) = message {
            raw_routes(&route, &mut found);
        }
    }
    found.sort();
    Ok(found)
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(address) => Some((*address).into()),
        RouteAddress::Inet6(address) => Some((*address).into()),
        _ => None,
    }
}

fn kind_text(kind: RouteType) -> String {
    match kind {
        RouteType::Unicast => "unicast".to_owned(),
        RouteType::Local => "local".to_owned(),
        RouteType::Broadcast => "broadcast".to_owned(),
        RouteType::Anycast => "anycast".to_owned(),
        RouteType::Multicast => "multicast".to_owned(),
        RouteType::BlackHole => "blackhole".to_owned(),
        RouteType::Unreachable => "unreachable".to_owned(),
        RouteType::Prohibit => "prohibit".to_owned(),
        RouteType::Throw => "throw".to_owned(),
        other => u8::from(other).to_string(),
    }
}

/// One route, or one for each next hop.
fn raw_routes(message: &RouteMessage, found: &mut Vec<RawRoute>) {
    use netlink_packet_route::AddressFamily;

    let header = &message.header;
    let zero: IpAddr = match header.address_family {
        AddressFamily::Inet => std::net::Ipv4Addr::UNSPECIFIED.into(),
        AddressFamily::Inet6 => std::net::Ipv6Addr::UNSPECIFIED.into(),
        _ => return,
    };
    let mut route = RawRoute {
        table: header.table.into(),
        kind: kind_text(header.kind),
        protocol: header.protocol.to_string().to_lowercase(),
        destination: zero,
        prefix: header.destination_prefix_length,
        gateway: None,
        index: None,
        metric: None,
        source: None,
    };
    let mut hops = Vec::new();
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(address) => route.destination = ip(address).unwrap_or(zero),
            RouteAttribute::PrefSource(address) => route.source = ip(address),
            RouteAttribute::Table(table) => route.table = *table,
            RouteAttribute::Priority(metric) => route.metric = Some(*metric),
            RouteAttribute::MultiPath(all) => hops.clone_from(all),
            other => way(other, &mut route),
        }
    }
    if hops.is_empty() {
        found.push(route);
        return;
    }
    for hop in hops {
        let mut one = route.clone();
        one.index = Some(hop.interface_index);
        for attribute in &hop.attributes {
            way(attribute, &mut one);
        }
        found.push(one);
    }
}

/// Next hop and interface.
fn way(attribute: &RouteAttribute, route: &mut RawRoute) {
    match attribute {
        RouteAttribute::Gateway(address) => route.gateway = ip(address),
        RouteAttribute::Via(RouteVia::Inet(address)) => route.gateway = Some((*address).into()),
        RouteAttribute::Via(RouteVia::Inet6(address)) => route.gateway = Some((*address).into()),
        RouteAttribute::Oif(index) => route.index = Some(*index),
        _ => {}
    }
}

pub(in super::super) fn neighbours() -> Answer<Vec<RawNeighbour>> {
    let messages = dump(&Message::GetNeighbour(NeighbourMessage::default()))?;
    let mut found: Vec<RawNeighbour> = messages
        .into_iter()
        .filter_map(|message| match message {
            Message::NewNeighbour(neighbour) => raw_neighbour(&neighbour),
            _ => None,
        })
        .collect();
    found.sort();
    Ok(found)
}

fn raw_neighbour(message: &NeighbourMessage) -> Option<RawNeighbour> {
    let (mut address, mut hardware) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(it)) => {
                address = Some(IpAddr::from(*it));
            }
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(it)) => {
                address = Some(IpAddr::from(*it));
            }
            NeighbourAttribute::LinkLayerAddress(bytes) => hardware = mac(bytes),
            _ => {}
        }
    }
    Some(RawNeighbour {
        index: message.header.ifindex,
        address: address?,
        mac: hardware,
        state: message.header.state.to_string(),
        router: message.header.flags.contains(NeighbourFlags::Router),
    })
}
