//! Realms: which interfaces are on the same link. Comes in: a ledger; goes out: the attachments
//! with their realm and what joined it. It never joins by equal ranges: [`super::join`] decides.

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Address, Interface, InterfaceKind, RouteKind};

/// An asset's name and its interface's name.
pub(super) type Key = (String, String);

/// An interface with addresses.
#[derive(Debug, Clone)]
pub(super) struct Attachment {
    /// Asset and interface.
    pub(super) key: Key,
    /// Addresses that make ranges.
    pub(super) addresses: Vec<Address>,
    /// Inside one machine.
    pub(super) host_only: bool,
    /// Leads away by a tunnel or a line of its own.
    pub(super) tunnel: bool,
    /// The realm's name: its smallest key.
    pub(super) realm: Key,
    /// The node of its segment.
    pub(super) segment: String,
}

/// Attachments by key, with an index of what is asked often.
#[derive(Debug, Default)]
pub(super) struct Realms {
    /// All of them.
    pub(super) all: BTreeMap<Key, Attachment>,
    /// What joined the interfaces of a realm, in short, by the realm's name.
    pub(super) joined: BTreeMap<Key, Vec<String>>,
}

impl Realms {
    /// The attachment of an asset's interface.
    pub(super) fn at(&self, asset: &str, interface: &str) -> Option<&Attachment> {
        self.all.get(&(asset.to_owned(), interface.to_owned()))
    }

    /// The attachments of an asset.
    pub(super) fn of<'a>(&'a self, asset: &'a str) -> impl Iterator<Item = &'a Attachment> + 'a {
        let from = (asset.to_owned(), String::new());
        self.all
            .range(from..)
            .map(|(_, attachment)| attachment)
            .take_while(move |it| it.key.0 == asset)
    }
}

/// Whether an address makes a range: neither loopback, link-local, multicast nor unspecified.
pub(super) fn ranged(address: IpAddr) -> bool {
    let local = match address {
        IpAddr::V4(a) => a.is_link_local(),
        IpAddr::V6(a) => a.is_unicast_link_local(),
    };
    !(local || address.is_loopback() || address.is_multicast() || address.is_unspecified())
}

/// The range of an address.
pub(super) fn range(address: &Address) -> (IpAddr, u8) {
    (address.network(), address.prefix)
}

/// Whether a range holds an address.
pub(super) fn holds((network, prefix): (IpAddr, u8), address: IpAddr) -> bool {
    network.is_ipv4() == address.is_ipv4() && Address { address, prefix }.network() == network
}

/// Whether a default route leaves by an interface: then the link leads out of the machine, whatever
/// the interface is made of (the inside of a container or a virtual machine, for example).
fn leads_out(asset: &AgentAsset, name: &str) -> bool {
    let routes = asset.routes.routes.value().into_iter().flatten();
    let mut defaults = routes.filter(|r| r.destination.prefix == 0 && r.gateway.is_some());
    defaults.any(|r| r.interface.as_deref() == Some(name) && r.kind == RouteKind::Unicast)
}

fn host_only(interface: &Interface, all: &[Interface]) -> bool {
    let physical = |i: &Interface| {
        use InterfaceKind::{Bond, Ethernet, Vlan, Wireless};
        matches!(i.kind, Ethernet | Wireless | Bond | Vlan)
    };
    match interface.kind {
        InterfaceKind::Bridge => !all
            .iter()
            .any(|i| i.master == Some(interface.index) && physical(i)),
        InterfaceKind::Virtual => true,
        _ => false,
    }
}

fn attachments(asset: &AgentAsset) -> Vec<Attachment> {
    let Some(all) = asset.interfaces.interfaces.value() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for interface in all {
        let mut addresses: Vec<Address> = interface.addresses.clone();
        addresses.retain(|a| ranged(a.address));
        addresses.sort();
        addresses.dedup();
        use InterfaceKind::{Loopback, Mobile, Ppp, Tunnel, Vpn};
        let tunnel = matches!(interface.kind, Vpn | Mobile | Ppp | Tunnel);
        if interface.kind == Loopback || (addresses.is_empty() && !tunnel) {
            continue;
        }
        let key = (asset.id.0.clone(), interface.name.clone());
        out.push(Attachment {
            realm: key.clone(),
            segment: String::new(),
            key,
            addresses,
            host_only: host_only(interface, all) && !leads_out(asset, &interface.name),
            tunnel,
        });
    }
    out
}

/// All attachments with their realms.
pub(super) fn realms(ledger: &Ledger) -> Realms {
    let mut realms = Realms::default();
    for attachment in ledger.assets.iter().flat_map(attachments) {
        realms.all.insert(attachment.key.clone(), attachment);
    }
    super::join::join(ledger, &mut realms);
    realms
}
