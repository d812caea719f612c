//! A made-up machine that changes as machines of a hospital do. Comes in: a number, hours; goes out:
//! what a collection of that hour would find, in the agent's own types. It is the same for the same
//! number: nothing is drawn from outside.
//!
//! Size and rates are those of the limits' own model: 300 programs, 100 services, 30 listening
//! sockets, 50 connections, 40 neighbours, 5 interfaces; eight updates a month and three a week, a
//! program in five days, 0.8 services an hour that start or stop, three definitions a day, a start of
//! the machine in 36 hours, 60 % of the connections and 15 % of the neighbours anew each hour.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use daicho_agent::collect::Collected;
use daicho_report::{
    Account, Accounts, Address, AdministratorGrant, Antivirus, AntivirusKind, AntivirusProduct,
    AntivirusVerdict, Cost, Direction, Flow, Gauges, Interface, InterfaceKind, Interfaces,
    Listener, Listeners, Neighbour, Os, OsFamily, Protocol, Reading, Section, SectionBody, Service,
    ServiceStart, Services, SoftwareItem, SoftwareList, Time,
};

/// SplitMix64.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }
}

const MAKERS: [&str; 12] = [
    "Example Soft K.K.",
    "株式会社サンプル医療情報",
    "Northwind Medical Systems",
    "Contoso Ltd.",
    "Fabrikam Imaging",
    "有限会社テスト電子カルテ",
    "Adatum Corporation",
    "Litware Labs",
    "Proseware, Inc.",
    "Tailspin Devices",
    "Wide World Drivers",
    "一般財団法人見本協会",
];
const PROGRAMS: [&str; 16] = [
    "Runtime",
    "Viewer",
    "Driver",
    "Update",
    "DICOM Gateway",
    "電子カルテ端末",
    "レセプト連携",
    "Printer Utility",
    "Security Client",
    "Redistributable x64",
    "Language Pack",
    "検査結果参照",
    "Remote Agent",
    "Codec",
    "Backup Client",
    "SDK",
];
const PORTS: [u16; 8] = [443, 445, 135, 1433, 104, 8080, 3389, 53];
const SOFTWARE: usize = 300;
/// Programs of the site that every machine has.
const SHARED: u64 = 220;
const SERVICES: u64 = 100;
const CONNECTIONS: usize = 50;
const NEIGHBOURS: usize = 40;
const SOURCE: &str = "bench";
const HOUR_S: i64 = 3600;

/// Which part of a service is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Its name and when it starts.
    Configuration,
    /// Also whether it runs now.
    Running,
}

/// One machine.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    number: u64,
    random: Random,
    told: Told,
    hour: u64,
    boots: u64,
    booted_hour: u64,
    definitions_hour: u64,
    address: u8,
    software: Vec<SoftwareItem>,
    services: Vec<Service>,
    dynamic_ports: Vec<u16>,
    peers: Vec<(Ipv4Addr, u16)>,
    connections: Vec<(Ipv4Addr, u16)>,
    neighbours: Vec<u8>,
}

fn byte(random: &mut Random, end: u64) -> u8 {
    u8::try_from(random.below(end)).unwrap_or(u8::MAX)
}

fn program(number: u64) -> SoftwareItem {
    let mut random = Random(number * 7919 + 3);
    let name = PROGRAMS[random.index(PROGRAMS.len())];
    let year = 2008 + random.below(18);
    let version = [random.below(20), random.below(40), random.below(30_000)];
    SoftwareItem {
        name: format!("{name} {year}"),
        version: version.map(|it| it.to_string()).join("."),
        publisher: Some(MAKERS[random.index(MAKERS.len())].to_owned()),
        architecture: None,
    }
}

fn service(number: u64, runs: bool) -> Service {
    let mut random = Random(number * 104_729 + 11);
    let starts = [
        ServiceStart::Automatic,
        ServiceStart::Automatic,
        ServiceStart::OnDemand,
        ServiceStart::Disabled,
    ];
    Service {
        name: format!("Svc{:04X}Host", random.below(0x1_0000)),
        start: starts[random.index(starts.len())],
        running: Some(runs),
    }
}

fn peer(random: &mut Random, port: u16) -> (Ipv4Addr, u16) {
    (Ipv4Addr::new(198, 51, 100, byte(random, 250)), port)
}

impl Machine {
    /// As it is found first.
    pub(crate) fn new(number: u64, told: Told) -> Self {
        let mut random = Random(number.wrapping_mul(0xA24B_AED4_963E_E407) ^ 7);
        let software = (0..SOFTWARE as u64).map(|index| {
            let own = SHARED + random.below(4000);
            program(if index < SHARED { index } else { own })
        });
        let software = software.collect();
        let services = (0..SERVICES).map(|index| service(index, random.happens(0.5)));
        let services = services.collect();
        let peers: Vec<_> = (0..60)
            .map(|_| {
                let port = PORTS[random.index(PORTS.len())];
                peer(&mut random, port)
            })
            .collect();
        let address = byte(&mut random, 250);
        let mut machine = Self {
            number,
            random,
            told,
            hour: 0,
            boots: 1,
            booted_hour: 0,
            definitions_hour: 0,
            address,
            software,
            services,
            dynamic_ports: vec![0; 8],
            connections: vec![(Ipv4Addr::UNSPECIFIED, 0); CONNECTIONS],
            neighbours: vec![0; NEIGHBOURS],
            peers,
        };
        machine.draw_ports();
        for index in 0..CONNECTIONS {
            machine.connect(index);
        }
        for index in 0..NEIGHBOURS {
            machine.meet(index);
        }
        machine
    }

    fn draw_ports(&mut self) {
        for port in &mut self.dynamic_ports {
            *port = 49_664 + u16::from(byte(&mut self.random, 250));
        }
    }

    /// Few peers get most of the talk.
    fn connect(&mut self, index: usize) {
        let skewed = self.random.unit().powi(3) * self.peers.len() as f64;
        self.connections[index] = self.peers[skewed as usize];
    }

    fn meet(&mut self, index: usize) {
        self.neighbours[index] = (self.random.unit().powi(2) * 250.0) as u8;
    }

    fn update(&mut self) {
        let index = self.random.index(SOFTWARE);
        let version = format!("{}.{}", self.random.below(20), self.random.below(40_000));
        self.software[index].version = version;
    }

    /// One hour passes.
    pub(crate) fn pass_hour(&mut self) {
        self.hour += 1;
        if self.hour.is_multiple_of(730) {
            (0..8).for_each(|_| self.update());
        }
        if self.random.happens(3.0 / 168.0) {
            self.update();
        }
        if self.random.happens(0.2 / 24.0) {
            let index = self.random.index(SOFTWARE);
            self.software[index].name = format!("New Tool {}", self.random.below(9999));
        }
        for _ in 0..2 {
            if self.random.happens(0.4) {
                let index = self.random.index(self.services.len());
                let runs = &mut self.services[index].running;
                *runs = runs.map(|runs| !runs);
            }
        }
        if self.random.happens(3.0 / 24.0) {
            self.definitions_hour = self.hour;
        }
        if self.random.happens(1.0 / 36.0) {
            self.boots += 1;
            self.booted_hour = self.hour;
            self.draw_ports();
        }
        if self.random.happens(0.02 / 24.0) {
            self.address = byte(&mut self.random, 250);
        }
        self.talk();
    }

    fn talk(&mut self) {
        if self.random.happens(1.0 / 24.0) {
            let port = 1024 + self.random.below(20_000) as u16;
            let index = self.random.index(self.peers.len());
            self.peers[index] = peer(&mut self.random, port);
        }
        for index in 0..CONNECTIONS {
            if self.random.happens(0.6) {
                self.connect(index);
            }
        }
        for index in 0..NEIGHBOURS {
            if self.random.happens(0.15) {
                self.meet(index);
            }
        }
    }

    /// Time passes and nothing changes.
    pub(crate) fn pass_quiet_hour(&mut self) {
        self.hour += 1;
    }

    /// When this hour's collection ends, counted from this start.
    pub(crate) fn at(&self, start: i64) -> Time {
        Time::from_seconds(start + self.hour as i64 * HOUR_S)
    }

    /// What a collection finds.
    pub(crate) fn collected(&self, start: i64) -> anyhow::Result<Collected> {
        let at = self.at(start);
        let mut sections = vec![
            section(&self.os(), at)?,
            section(&self.accounts(), at)?,
            section(&self.antivirus(start), at)?,
            section(&self.interfaces(), at)?,
            section(&self.listeners(), at)?,
            section(&self.service_list(), at)?,
            section(&self.software_list(), at)?,
            section(&self.gauges(start), at)?,
        ];
        sections.sort_by(|one, other| one.kind.cmp(&other.kind));
        Ok(Collected {
            host_name: Some(format!("HOSP-{:02}-PC{:05}", self.number % 40, self.number)),
            boot_id: format!(
                "{:032x}",
                u128::from(self.number) << 64 | u128::from(self.boots)
            ),
            sections,
            flows: known(self.flows()),
            neighbours: known(self.neighbour_set()),
            cost: Cost {
                cpu_ms: 80,
                wall_ms: 100,
                peak_kib: 12_000,
            },
        })
    }

    fn os(&self) -> Os {
        Os {
            family: known(OsFamily::Windows),
            id: known("windows".to_owned()),
            name: known("Windows 10 Enterprise LTSC 2021".to_owned()),
            version: known("10.0.19044.4529".to_owned()),
            ..Os::default()
        }
    }

    fn accounts(&self) -> Accounts {
        let account = |name: &str, grant| Account {
            name: name.to_owned(),
            number: None,
            can_log_in: known(true),
            administrator: vec![grant],
        };
        let group = || AdministratorGrant::Group("Administrators".to_owned());
        Accounts {
            accounts: known(vec![
                account("Administrator", AdministratorGrant::BuiltIn),
                account("it-admin", group()),
                account("vendor-a", group()),
            ]),
            ..Accounts::default()
        }
    }

    fn antivirus(&self, start: i64) -> Antivirus {
        let definitions = start + self.definitions_hour as i64 * HOUR_S;
        Antivirus {
            products: known(vec![AntivirusProduct {
                name: "Example Endpoint Protection".to_owned(),
                kind: AntivirusKind::Antivirus,
                version: known("4.18".to_owned()),
                definitions_at: known(Time::from_seconds(definitions)),
                witnesses: Vec::new(),
                verdict: AntivirusVerdict::ToConfirm,
            }]),
            verdict: known(AntivirusVerdict::ToConfirm),
        }
    }

    fn interfaces(&self) -> Interfaces {
        let interface = |index: u32| {
            let last = if index == 1 { self.address } else { 200 };
            Interface {
                index,
                name: format!("eth{index}"),
                kind: InterfaceKind::Ethernet,
                driver: Some("e1000e".to_owned()),
                mac: Some(format!("02:00:5e:10:{:02x}:{index:02x}", self.number % 256)),
                permanent_mac: None,
                up: index < 3,
                addresses: vec![Address {
                    address: IpAddr::from([192, 0, 2, last]),
                    prefix: 24,
                }],
                master: None,
                lower: None,
                vlan: None,
                mtu: Some(1500),
            }
        };
        Interfaces {
            interfaces: known((1..=5).map(interface).collect()),
            ..Interfaces::default()
        }
    }

    fn listeners(&self) -> Listeners {
        let fixed = (0..22_u16).map(|index| 100 + index * 37);
        let ports: BTreeSet<u16> = fixed.chain(self.dynamic_ports.iter().copied()).collect();
        let listener = |port| Listener {
            protocol: Protocol::Tcp,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            port,
            program: Some("svchost.exe".to_owned()),
        };
        Listeners {
            listeners: known(ports.into_iter().map(listener).collect()),
            owners: known(()),
        }
    }

    fn service_list(&self) -> Services {
        let mut services = self.services.clone();
        if self.told == Told::Configuration {
            services.iter_mut().for_each(|it| it.running = None);
        }
        services.sort();
        Services {
            services: known(services),
            ..Services::default()
        }
    }

    fn software_list(&self) -> SoftwareList {
        let mut items = self.software.clone();
        items.sort();
        SoftwareList {
            items: known(items),
        }
    }

    fn gauges(&self, start: i64) -> Gauges {
        let booted = start + self.booted_hour as i64 * HOUR_S - 600;
        Gauges {
            booted_at: known(Time::from_seconds(booted)),
            memory_used_mib: known(4000 + self.hour % 700),
            process_count: known(150 + (self.hour % 20) as u32),
            ..Gauges::default()
        }
    }

    fn flows(&self) -> BTreeSet<Flow> {
        let flow = |(peer, port): &(Ipv4Addr, u16)| Flow {
            direction: Direction::Outbound,
            protocol: Protocol::Tcp,
            local: IpAddr::from([192, 0, 2, 9]),
            peer: IpAddr::V4(*peer),
            port: *port,
            program: Some("client.exe".to_owned()),
        };
        self.connections.iter().map(flow).collect()
    }

    fn neighbour_set(&self) -> BTreeSet<Neighbour> {
        let neighbour = |last: &u8| Neighbour {
            interface: "eth1".to_owned(),
            address: IpAddr::from([192, 0, 2, *last]),
            mac: format!("02:00:5e:00:07:{last:02x}"),
            router: false,
        };
        self.neighbours.iter().map(neighbour).collect()
    }
}

fn known<T>(value: T) -> Reading<T> {
    Reading::known(value, SOURCE)
}

fn section<B: SectionBody>(body: &B, at: Time) -> anyhow::Result<Section> {
    Ok(Section::new(body, SOURCE, at)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds_that_change(told: Told) -> BTreeSet<String> {
        let mut machine = Machine::new(3, told);
        let mut changed = BTreeSet::new();
        let mut before = machine.collected(0).unwrap();
        for _ in 0..200 {
            machine.pass_hour();
            let now = machine.collected(0).unwrap();
            let pairs = before.sections.iter().zip(&now.sections);
            let differing = pairs.filter(|(one, other)| one.hash != other.hash);
            changed.extend(differing.map(|(it, _)| it.kind.to_string()));
            before = now;
        }
        changed
    }

    #[test]
    fn services_change_with_the_hour_only_where_their_state_is_told() {
        assert!(kinds_that_change(Told::Running).contains("service"));
        let changed = kinds_that_change(Told::Configuration);
        assert!(
            !changed.contains("service") && changed.contains("software"),
            "{changed:?}"
        );
    }

    #[test]
    fn same_number_makes_the_same_machine() {
        let run = || {
            let mut machine = Machine::new(7, Told::Running);
            (0..50).for_each(|_| machine.pass_hour());
            format!("{:?}", machine.collected(0).unwrap())
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn quiet_hour_changes_gauges_alone() {
        let mut machine = Machine::new(1, Told::Running);
        let before = machine.collected(0).unwrap();
        machine.pass_quiet_hour();
        let after = machine.collected(0).unwrap();
        assert_eq!(before.flows, after.flows);
        for (one, other) in before.sections.iter().zip(&after.sections) {
            assert_eq!(one.hash == other.hash, one.kind.as_str() != "gauges");
        }
    }
}
