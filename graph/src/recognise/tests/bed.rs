//! Small hospitals written by hand: machines with what they show, through the real ledger.

use daicho_ledger::hand::{Entry, EntryBody};
use daicho_ledger::{
    Grade, Hand, Input, Interval, KeptSection, Ledger, Observed, PointKind, Presence, Site,
    ZoneKind, build,
};
use daicho_report::{
    Account, Accounts, Address, AgentId, Direction, Flow, Hardware, HostEntry, Interface,
    InterfaceKind, Interfaces, ListedFolder, Listener, Listeners, Neighbour, Os, OsFamily,
    Policies, Protocol, Reading, RemoteTools, Route, RouteKind, Routes, SectionBody, SectionKind,
    Service, ServiceStart, Services, Share, SoftwareItem, SoftwareList, Storage, Time, TimeSource,
    Tool, ToolState, Traces, Trust, Vpns,
};

use crate::recognise::{ConnectionPoint, Knowledge, Recognition, recognise};
use crate::topology;

pub(super) fn time() -> Time {
    Time::from_seconds(1_795_000_000)
}

pub(super) fn ip(text: &str) -> std::net::IpAddr {
    text.parse().unwrap()
}

fn address(text: &str) -> Address {
    let (address, prefix) = text.split_once('/').unwrap();
    Address {
        address: ip(address),
        prefix: prefix.parse().unwrap(),
    }
}

/// A machine in the making.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    number: usize,
    interfaces: Interfaces,
    routes: Routes,
    hardware: Hardware,
    os: Os,
    listeners: Vec<Listener>,
    accounts: Vec<Account>,
    software: Vec<SoftwareItem>,
    storage: Storage,
    pub(super) traces: Traces,
    pub(super) trust: Trust,
    tools: Vec<Tool>,
    pub(super) vpns: Vpns,
    services: Services,
    policies: Policies,
    flows: Vec<Interval<Flow>>,
    neighbours: Vec<Interval<Neighbour>>,
}

fn known<T>(value: T) -> Reading<T> {
    Reading::known(value, "test")
}

/// Adds to a reading of a list.
pub(super) fn push<T>(list: &mut Reading<Vec<T>>, item: T) {
    let old = std::mem::take(list);
    let mut items = match old {
        Reading::Known { value, .. } => value,
        Reading::Unknown { .. } => Vec::new(),
    };
    items.push(item);
    *list = known(items);
}

pub(super) fn since<T>(item: T) -> Interval<T> {
    Interval {
        item,
        since: time(),
        until: None,
    }
}

/// A machine with no interface.
pub(super) fn machine(number: usize) -> Machine {
    Machine {
        number,
        interfaces: Interfaces::default(),
        routes: Routes::default(),
        hardware: Hardware {
            host_name: known(format!("PC{number:03}")),
            ..Hardware::default()
        },
        os: Os {
            family: known(OsFamily::Windows),
            name: known("Microsoft Windows 10 Pro".to_owned()),
            ..Os::default()
        },
        listeners: Vec::new(),
        accounts: Vec::new(),
        software: Vec::new(),
        storage: Storage::default(),
        traces: Traces::default(),
        trust: Trust::default(),
        tools: Vec::new(),
        vpns: Vpns::default(),
        services: Services::default(),
        policies: Policies::default(),
        flows: Vec::new(),
        neighbours: Vec::new(),
    }
}

/// A machine at `192.168.net.host` whose gateway `.1` answers with a hardware address of that net.
pub(super) fn pc(number: usize, net: u8, host: u8) -> Machine {
    machine(number)
        .link(
            "LAN",
            InterfaceKind::Ethernet,
            &format!("192.168.{net}.{host}/24"),
        )
        .default_by("LAN", &format!("192.168.{net}.1"), 10)
        .sees("LAN", &format!("192.168.{net}.1"), &gateway_mac(net))
}

pub(super) fn gateway_mac(net: u8) -> String {
    format!("00:1a:2b:00:00:{net:02x}")
}

impl Machine {
    pub(super) fn id(&self) -> String {
        format!("a-{:032x}", self.number)
    }

    pub(super) fn link(mut self, name: &str, kind: InterfaceKind, at: &str) -> Self {
        let count = self.interfaces.interfaces.value().map_or(0, Vec::len);
        let index = u32::try_from(count).unwrap() + 1;
        let interface = Interface {
            index,
            name: name.to_owned(),
            kind,
            driver: None,
            mac: Some(format!(
                "52:54:00:{index:02x}:{:02x}:{:02x}",
                self.number / 256,
                self.number % 256
            )),
            permanent_mac: None,
            up: true,
            addresses: vec![address(at)],
            master: None,
            lower: None,
            vlan: None,
            mtu: None,
        };
        push(&mut self.interfaces.interfaces, interface);
        self
    }

    pub(super) fn route(mut self, to: &str, by: &str, gateway: Option<&str>, metric: u32) -> Self {
        let route = Route {
            destination: address(to),
            gateway: gateway.map(ip),
            interface: Some(by.to_owned()),
            kind: RouteKind::Unicast,
            metric,
            table: 254,
            origin: "static".to_owned(),
        };
        push(&mut self.routes.routes, route);
        self
    }

    pub(super) fn default_by(self, by: &str, gateway: &str, metric: u32) -> Self {
        let to = if gateway.contains(':') {
            "::/0"
        } else {
            "0.0.0.0/0"
        };
        self.route(to, by, Some(gateway), metric)
    }

    pub(super) fn sees(mut self, by: &str, address: &str, mac: &str) -> Self {
        self.neighbours.push(since(Neighbour {
            interface: by.to_owned(),
            address: ip(address),
            mac: mac.to_owned(),
            router: false,
        }));
        self
    }

    pub(super) fn name_servers(mut self, servers: &[&str]) -> Self {
        self.interfaces.name_servers = known(servers.iter().map(|it| ip(it)).collect());
        self
    }

    pub(super) fn named(mut self, name: &str) -> Self {
        self.hardware.host_name = known(name.to_owned());
        self
    }

    pub(super) fn domain(mut self, name: &str) -> Self {
        self.hardware.domain = known(Some(name.to_owned()));
        self
    }

    pub(super) fn server(mut self) -> Self {
        self.os.name = known("Microsoft Windows Server 2019 Standard".to_owned());
        self
    }

    pub(super) fn resolved(mut self, name: &str) -> Self {
        push(&mut self.traces.resolved, name.to_owned());
        self
    }

    pub(super) fn host(mut self, name: &str, at: &str) -> Self {
        let entry = HostEntry {
            name: name.to_owned(),
            address: ip(at),
        };
        push(&mut self.traces.hosts, entry);
        self
    }

    pub(super) fn folder(mut self, name: &str) -> Self {
        let folder = ListedFolder {
            name: name.to_owned(),
            version: None,
        };
        push(&mut self.traces.folders, folder);
        self
    }

    pub(super) fn task(mut self, name: &str) -> Self {
        push(&mut self.traces.tasks, name.to_owned());
        self
    }

    pub(super) fn credential(mut self, name: &str) -> Self {
        push(&mut self.traces.credentials, name.to_owned());
        self
    }

    pub(super) fn time_server(mut self, name: &str) -> Self {
        let source = TimeSource {
            program: "W32Time".to_owned(),
            servers: vec![name.to_owned()],
        };
        self.policies.time_sources = known(vec![source]);
        self
    }

    pub(super) fn service(mut self, name: &str) -> Self {
        let service = Service {
            name: name.to_owned(),
            start: ServiceStart::Automatic,
            running: Some(true),
        };
        push(&mut self.services.services, service);
        self
    }

    pub(super) fn listens_udp(self, port: u16) -> Self {
        let mut it = self.listens(port, "p");
        it.listeners.last_mut().unwrap().protocol = Protocol::Udp;
        it
    }

    pub(super) fn talks_udp(self, peer: &str, port: u16) -> Self {
        let mut it = self.talks(peer, port, "p");
        it.flows.last_mut().unwrap().item.protocol = Protocol::Udp;
        it
    }

    pub(super) fn account(mut self, name: &str) -> Self {
        self.accounts.push(Account {
            name: name.to_owned(),
            number: None,
            can_log_in: known(true),
            administrator: Vec::new(),
        });
        self
    }

    pub(super) fn share(mut self, name: &str) -> Self {
        let share = Share {
            protocol: "smb".to_owned(),
            name: name.to_owned(),
            writable: None,
            open: None,
            granted: None,
        };
        push(&mut self.storage.shares, share);
        self
    }

    pub(super) fn proxy(mut self, proxy: &str) -> Self {
        push(&mut self.trust.proxies, proxy.to_owned());
        self
    }

    pub(super) fn software(mut self, publisher: &str, name: &str) -> Self {
        self.software.push(SoftwareItem {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            publisher: Some(publisher.to_owned()),
            architecture: None,
        });
        self
    }

    pub(super) fn tool(mut self, name: &str, state: ToolState) -> Self {
        self.tools.push(Tool {
            name: name.to_owned(),
            version: None,
            state,
            witnesses: Vec::new(),
        });
        self
    }

    pub(super) fn listens(mut self, port: u16, program: &str) -> Self {
        self.listeners.push(Listener {
            protocol: Protocol::Tcp,
            address: ip("0.0.0.0"),
            port,
            program: Some(program.to_owned()),
        });
        self
    }

    fn flow(mut self, direction: Direction, peer: &str, port: u16, program: &str) -> Self {
        let peer = ip(peer);
        let interfaces = self.interfaces.interfaces.value().into_iter().flatten();
        let mut own = interfaces.flat_map(|it| &it.addresses).map(|it| it.address);
        let local = own.find(|it| it.is_ipv4() == peer.is_ipv4()).unwrap();
        self.flows.push(since(Flow {
            direction,
            protocol: if matches!(port, 500 | 4500) {
                Protocol::Udp
            } else {
                Protocol::Tcp
            },
            local,
            peer,
            port,
            program: Some(program.to_owned()),
        }));
        self
    }

    pub(super) fn talks(self, peer: &str, port: u16, program: &str) -> Self {
        self.flow(Direction::Outbound, peer, port, program)
    }

    /// Looks at pages of two public addresses.
    pub(super) fn surfs(self, number: usize) -> Self {
        let first = format!("203.0.113.{}", 10 + number);
        let second = format!("198.51.100.{}", 10 + number);
        self.talks(&first, 443, "chrome.exe")
            .talks(&second, 443, "chrome.exe")
    }

    pub(super) fn hears(self, peer: &str, port: u16, program: &str) -> Self {
        self.flow(Direction::Inbound, peer, port, program)
    }

    fn observed(&self) -> Observed {
        let mut sections = vec![
            section(&self.interfaces),
            section(&self.routes),
            section(&self.hardware),
            section(&self.os),
            section(&self.storage),
            section(&self.traces),
            section(&self.trust),
            section(&self.vpns),
            section(&self.services),
            section(&self.policies),
            section(&Listeners {
                listeners: known(self.listeners.clone()),
                ..Listeners::default()
            }),
            section(&Accounts {
                accounts: known(self.accounts.clone()),
                ..Accounts::default()
            }),
            section(&SoftwareList {
                items: known(self.software.clone()),
            }),
            section(&RemoteTools {
                tools: known(self.tools.clone()),
            }),
        ];
        sections.sort_by(|a, b| a.kind.cmp(&b.kind));
        Observed {
            agent: AgentId::parse(&self.id()).unwrap(),
            enrolled_at: time(),
            agent_version: "0".to_owned(),
            carried: None,
            presence: Presence {
                first_at: time(),
                last_at: time(),
                collected_at: time(),
                sequence: 1,
                missing: 0,
                goodbye: None,
            },
            sections,
            flows: self.flows.clone(),
            neighbours: self.neighbours.clone(),
            interval_reasons: Vec::new(),
        }
    }
}

fn section<B: SectionBody>(body: &B) -> KeptSection {
    KeptSection {
        kind: SectionKind::of::<B>(),
        source: "test".to_owned(),
        at: time(),
        received_at: time(),
        body: serde_json::value::to_raw_value(body).unwrap(),
        kept: Vec::new(),
    }
}

/// An entry by a person.
pub(super) fn entry(key: &str, body: EntryBody) -> Entry {
    Entry {
        key: key.to_owned(),
        by: "山田".to_owned(),
        at: time(),
        body,
    }
}

/// The ledger of machines and entries.
pub(super) fn ledger(machines: &[Machine], entries: Vec<Entry>) -> Ledger {
    let input = Input {
        site: Site {
            name: "模擬病院".to_owned(),
            time_zone: "Asia/Tokyo".to_owned(),
            utc_offset_s: 32400,
            simulated: true,
        },
        as_of: time(),
        agents: machines.iter().map(Machine::observed).collect(),
        hand: Hand::new(entries),
    };
    build(&input)
}

/// What is recognised with the shipped signatures.
pub(super) fn found(machines: &[Machine], entries: Vec<Entry>) -> Recognition {
    let ledger = ledger(machines, entries);
    let topology = topology(&ledger);
    recognise(&ledger, &topology, &Knowledge::shipped())
}

/// Points that are drawn, as kind, place and grade.
pub(super) fn drawn(found: &Recognition) -> Vec<(PointKind, String, Grade)> {
    let points = found.points.iter().filter(|it| it.grade != Grade::Hint);
    points
        .map(|it| (it.kind, it.at.clone(), it.grade))
        .collect()
}

/// The drawn points of a kind.
pub(super) fn of(found: &Recognition, kind: PointKind) -> Vec<&ConnectionPoint> {
    let points = found.points.iter();
    points
        .filter(|it| it.kind == kind && it.grade != Grade::Hint)
        .collect()
}

/// The zone of a machine.
pub(super) fn zones(found: &Recognition, machine: &Machine) -> Vec<ZoneKind> {
    let id = machine.id();
    let mut assets = found.assets.iter().filter(|it| it.asset == id);
    assets.next().map(|it| it.zones.clone()).unwrap_or_default()
}
