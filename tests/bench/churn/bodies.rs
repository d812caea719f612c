//! What a collection finds on a made-up machine. Comes in: its state; goes out: sections in the
//! agent's own types. It changes nothing of the machine.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use daicho_agent::collect::Collected;
use daicho_report::{
    Account, Accounts, Address, AdministratorGrant, Antivirus, AntivirusKind, AntivirusProduct,
    AntivirusVerdict, Cost, Direction, Flow, Gauges, Interface, InterfaceKind, Interfaces,
    Listener, Listeners, Neighbour, Os, OsFamily, Protocol, Reading, Section, SectionBody,
    Services, SoftwareList, Time,
};

use super::{HOUR_S, Machine, Told};

const SOURCE: &str = "bench";

impl Machine {
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
