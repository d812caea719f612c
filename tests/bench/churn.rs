//! A made-up machine that changes as machines of a hospital do. Comes in: a number, hours; goes out:
//! what a collection of that hour would find, in the agent's own types. It is the same for the same
//! number: nothing is drawn from outside.
//!
//! Size and rates are those of the limits' own model: 300 programs, 100 services, 30 listening
//! sockets, 50 connections, 40 neighbours, 5 interfaces; eight updates a month and three a week, a
//! program in five days, 0.8 services an hour that start or stop, three definitions a day, a start of
//! the machine in 36 hours, 60 % of the connections and 15 % of the neighbours anew each hour.

mod bodies;

use std::net::Ipv4Addr;

use daicho_report::{Service, ServiceStart, SoftwareItem, Time};

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
}

#[cfg(test)]
mod tests;
