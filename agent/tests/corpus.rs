//! What other inventory programs collected on real machines, told to our probes. Comes in: the texts
//! of a corpus (`DAICHO_CORPUS`), taken apart here into the answers of a recording; goes out: what the
//! agent says of each, and which texts no probe reads and why. Nothing of the corpus is kept here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the whole program is a test"
)]

#[path = "corpus/windows.rs"]
mod windows;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use daicho_agent::collect::{Budget, Collected, collect};
use daicho_agent::platform::replay::Bundle;
use daicho_agent::platform::{
    RawAddress, RawLink, RawMachine, RawNeighbour, RawProcess, RawRoute, Source,
};
use daicho_report::{
    Antivirus, AntivirusVerdict, Chassis, Firewall, FirewallVerdict, Hardware, Interfaces, Os,
    Reason, Routes, SectionBody, SectionKind, Time, Virtualization,
};

/// Prints even where the test passes: the harness keeps back what `println!` says.
macro_rules! told {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

use told;

/// The folder of texts about Linux, or nothing where there is no corpus.
fn corpus(folder: &str) -> Option<PathBuf> {
    Some(corpus_at("linux")?.join(folder))
}

/// A folder of the corpus, or nothing where there is none.
fn corpus_at(folder: &str) -> Option<PathBuf> {
    let Some(corpus) = std::env::var_os("DAICHO_CORPUS") else {
        told!("SKIP corpus: DAICHO_CORPUS is not set");
        assert!(std::env::var("DAICHO_REQUIRE").as_deref() != Ok("all"));
        return None;
    };
    Some(PathBuf::from(corpus).join(folder))
}

/// Texts of a folder by name.
fn texts(folder: &str) -> Option<BTreeMap<String, String>> {
    let entries = std::fs::read_dir(corpus(folder)?).unwrap();
    let texts = entries.map(|entry| {
        let entry = entry.unwrap();
        let bytes = std::fs::read(entry.path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).replace('\r', "");
        (entry.file_name().into_string().unwrap(), text)
    });
    Some(texts.collect())
}

fn unread(case: &str, reason: &str) {
    told!("corpus case {case}: read by no probe: {reason}");
}

fn collected(bundle: Bundle) -> Collected {
    let budget = Budget {
        probe: Duration::from_secs(600),
        wall: Duration::from_secs(600),
        cpu_ms: u64::MAX,
        memory_kib: u64::MAX,
    };
    let source = Source::from_bundle(bundle.with_nothing_else());
    collect(&Arc::new(source), Time::from_seconds(0), &budget)
}

fn section<B: SectionBody>(bundle: Bundle) -> B {
    let collected = collected(bundle);
    let kind = SectionKind::of::<B>();
    let section = collected.sections.iter().find(|it| it.kind == kind);
    section.unwrap().decode().unwrap()
}

#[test]
fn every_release_file_gives_system_and_version() {
    let Some(texts) = texts("distro") else { return };
    let mut cases = 0;
    for (name, text) in texts
        .iter()
        .filter(|(name, _)| name.starts_with("os-release"))
    {
        let system = name.trim_start_matches("os-release-");
        let mut bundle = Bundle::new("linux").with_text("/etc/os-release", text);
        for (start, path) in [
            ("centos-release-", "/etc/centos-release"),
            ("debian_version-", "/etc/debian_version"),
        ] {
            if let Some(exact) = texts.get(&format!("{start}{system}")) {
                bundle = bundle.with_text(path, exact);
                cases += 1;
            }
        }
        let os: Os = section(bundle);
        let (id, version) = system.rsplit_once('-').unwrap();
        assert_eq!(os.id.value().map(String::as_str), Some(id), "{name}");
        let found = os.version.value().unwrap();
        assert!(found.starts_with(version), "{name}: {found}");
        cases += 1;
    }
    assert_eq!(cases, texts.len());
    told!("corpus distro: {cases} cases, 0 read by no probe");
}

/// The first value of a name in the first section of that title.
fn in_dump<'a>(text: &'a str, title: &str, name: &str) -> Option<&'a str> {
    let rest = text.lines().skip_while(|line| line.trim() != title).skip(1);
    let mut lines = rest.take_while(|line| line.starts_with(['\t', ' ']));
    lines
        .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

/// SMBIOS' numbers of the names that the dumps use (DSP0134 §7.4.1).
fn chassis_number(name: &str) -> Option<u8> {
    let names = [
        ("Other", 1),
        ("Unknown", 2),
        ("Desktop", 3),
        ("Low Profile Desktop", 4),
        ("Pizza Box", 5),
        ("Mini Tower", 6),
        ("Tower", 7),
        ("Portable", 8),
        ("Laptop", 9),
        ("Notebook", 10),
        ("Hand Held", 11),
        ("All In One", 13),
        ("Sub Notebook", 14),
        ("Main Server Chassis", 17),
        ("Rack Mount Chassis", 23),
        ("Sealed-case PC", 24),
        ("Multi-system", 25),
        ("Blade", 28),
        ("Blade Enclosing", 29),
        ("Tablet", 30),
    ];
    names
        .iter()
        .find(|(it, _)| *it == name)
        .map(|(_, number)| *number)
}

fn machine_of_dump(text: &str) -> Bundle {
    let dmi = "/sys/class/dmi/id";
    let cpu = "processor\t: 0\nflags\t\t: fpu vme de pse\n";
    let mut bundle = Bundle::new("linux").with("exists", dmi, &true).with_bytes(
        "head",
        "/proc/cpuinfo",
        cpu.as_bytes(),
    );
    let strings = [
        ("sys_vendor", "System Information", "Manufacturer"),
        ("product_name", "System Information", "Product Name"),
        ("product_serial", "System Information", "Serial Number"),
        ("product_uuid", "System Information", "UUID"),
        ("board_vendor", "Base Board Information", "Manufacturer"),
        ("board_name", "Base Board Information", "Product Name"),
        ("bios_vendor", "BIOS Information", "Vendor"),
    ];
    for (field, title, name) in strings {
        if let Some(value) = in_dump(text, title, name) {
            bundle = bundle.with_text(&format!("{dmi}/{field}"), value);
        }
    }
    if let Some(number) = in_dump(text, "Chassis Information", "Type").and_then(chassis_number) {
        bundle = bundle.with_text(&format!("{dmi}/chassis_type"), &number.to_string());
    }
    bundle
}

/// Checks what is told of a dump that names its system; how many values are known.
fn values_of_system(name: &str, text: &str, whole: &Hardware) -> usize {
    let of_system = |name| in_dump(text, "System Information", name).unwrap_or_default();
    let joined = format!(
        "{} {}",
        of_system("Manufacturer"),
        of_system("Product Name")
    );
    let technologies = [
        ("VMware", "vmware"),
        ("Virtual Machine", "hyper-v"),
        ("VirtualBox", "virtualbox"),
    ];
    let technology = technologies.iter().find(|(mark, _)| joined.contains(mark));
    let expected = technology.map_or(Virtualization::Physical, |(_, it)| {
        Virtualization::Virtual((*it).to_owned())
    });
    assert_eq!(
        whole.virtualization.value(),
        Some(&expected),
        "{name}: {joined}"
    );
    // What is known is what the dump says of system or board; never a stand-in.
    let readings = [
        &whole.manufacturer,
        &whole.model,
        &whole.serial,
        &whole.smbios_uuid,
    ];
    let mut known = 0;
    for reading in readings {
        let Some(value) = reading.value() else {
            assert!(
                matches!(reading.reason(), Some(Reason::Failed(_))),
                "{name}"
            );
            continue;
        };
        let lower = value.to_lowercase();
        assert!(text.to_lowercase().contains(&lower), "{name}: {value}");
        assert!(
            !lower.contains("o.e.m") && !lower.contains("not specified"),
            "{name}"
        );
        known += 1;
    }
    known
}

#[test]
fn every_dump_of_firmware_gives_the_machine_or_says_why_not() {
    let Some(texts) = texts("dmidecode") else {
        return;
    };
    let (mut cases, mut cases_of_parts, mut none, mut known) = (0, 0, 0, 0);
    for (name, text) in &texts {
        let whole: Hardware = section(machine_of_dump(text));
        let vendor = in_dump(text, "System Information", "Manufacturer");
        let product = in_dump(text, "System Information", "Product Name");
        if let (None, Some(version)) = (product, in_dump(text, "Processor Information", "Version"))
        {
            let machine = RawMachine {
                processor: Some(version.to_owned()),
                ..RawMachine::default()
            };
            let found: Hardware = section(machine_of_dump(text).with("machine", "", &machine));
            assert_eq!(found.processor.value().map(String::as_str), Some(version));
            cases_of_parts += 1;
            continue;
        }
        if vendor.is_none() && product.is_none() {
            unread(
                name,
                "it names no system, only power supplies, batteries or memory modules",
            );
            assert!(whole.manufacturer.reason().is_some(), "{name}");
            none += 1;
            continue;
        }
        cases += 1;
        known += values_of_system(name, text, &whole);
    }
    let parts = [
        ("dell-r640-1", Some(Chassis::Server)),
        ("surface-go-2", Some(Chassis::Notebook)),
    ];
    for (name, chassis) in parts {
        let found: Hardware = section(machine_of_dump(&texts[name]));
        assert_eq!(found.chassis.value(), chassis.as_ref(), "{name}");
    }
    assert!(known > cases * 2, "{known} values of {cases} machines");
    told!(
        "corpus dmidecode: {} cases, {known} values, {none} read by no probe",
        cases + cases_of_parts
    );
}

/// `ip addr` as links and addresses.
fn of_ip_addr(text: &str) -> (Vec<RawLink>, Vec<RawAddress>) {
    let (mut links, mut addresses): (Vec<RawLink>, Vec<RawAddress>) = Default::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with(' ') && words.len() > 2 {
            let name = words[1].trim_end_matches(':').split('@').next().unwrap();
            let mtu = words.iter().position(|it| *it == "mtu");
            let flags: Vec<&str> = words[2].trim_matches(['<', '>']).split(',').collect();
            links.push(RawLink {
                index: words[0].trim_end_matches(':').parse().unwrap(),
                name: name.to_owned(),
                admin_up: flags.contains(&"UP"),
                carrier: flags.contains(&"LOWER_UP"),
                mtu: mtu.map(|at| words[at + 1].parse().unwrap()),
                ..RawLink::default()
            });
        } else if let Some(kind) = words.first().and_then(|it| it.strip_prefix("link/")) {
            let link = links.last_mut().unwrap();
            // linux/if_arp.h.
            let types = [
                ("loopback", 772),
                ("ether", 1),
                ("none", 65534),
                ("sit", 776),
                ("infiniband", 32),
                ("slip", 256),
            ];
            link.hardware_type = types.iter().find(|(it, _)| *it == kind).unwrap().1;
            link.mac = words
                .get(1)
                .filter(|it| it.contains(':'))
                .map(|it| (*it).to_owned());
        } else if matches!(words.first(), Some(&"inet" | &"inet6")) {
            let (address, prefix) = words[1].split_once('/').unwrap_or_else(|| {
                let at = words.iter().position(|it| *it == "peer").unwrap();
                (words[1], words[at + 1].split_once('/').unwrap().1)
            });
            let scope = words.iter().position(|it| *it == "scope").unwrap();
            addresses.push(RawAddress {
                index: links.last().unwrap().index,
                address: address.parse().unwrap(),
                prefix: prefix.parse().unwrap(),
                scope: words[scope + 1].to_owned(),
                dynamic: words.contains(&"dynamic"),
                temporary: words.contains(&"temporary"),
            });
        }
    }
    (links, addresses)
}

/// `ip route` as routes; interfaces get numbers in the order of their names.
fn of_ip_route(text: &str) -> (Vec<RawLink>, Vec<RawRoute>) {
    let mut links: Vec<RawLink> = Vec::new();
    let mut routes = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |word: &str| {
            let at = words.iter().position(|it| *it == word)?;
            words.get(at + 1).copied()
        };
        let index = u32::try_from(links.len()).unwrap() + 1;
        links.push(RawLink {
            index,
            name: after("dev").unwrap().to_owned(),
            hardware_type: 1,
            ..RawLink::default()
        });
        assert_eq!(words[0], "default");
        routes.push(RawRoute {
            table: 254,
            kind: "unicast".to_owned(),
            protocol: after("proto").unwrap_or("boot").to_owned(),
            destination: "0.0.0.0".parse().unwrap(),
            prefix: 0,
            gateway: after("via").map(|it| it.parse().unwrap()),
            index: Some(index),
            metric: after("metric").map(|it| it.parse().unwrap()),
            source: after("src").map(|it| it.parse().unwrap()),
        });
    }
    (links, routes)
}

#[test]
fn every_interface_address_and_gateway_is_told_as_it_was() {
    let Some(texts) = texts("ip") else { return };
    let mut cases = 0;
    for (name, text) in &texts {
        cases += 1;
        if name.starts_with("default-gateway") {
            let (links, raw) = of_ip_route(text);
            let bundle = Bundle::new("linux")
                .with("links", "", &links)
                .with("routes", "", &raw);
            let routes: Routes = section(bundle);
            let found = routes.routes.value().unwrap();
            let gateways = text
                .lines()
                .filter(|it| it.starts_with("default via"))
                .count();
            assert_eq!(found.len(), gateways, "{name}");
            for route in found {
                let (gateway, device) = (route.gateway.unwrap(), route.interface.as_ref().unwrap());
                assert!(
                    text.contains(&format!("via {gateway} dev {device}")),
                    "{name}"
                );
            }
            continue;
        }
        let (links, addresses) = of_ip_addr(text);
        let bundle =
            Bundle::new("linux")
                .with("links", "", &links)
                .with("addresses", "", &addresses);
        let interfaces: Interfaces = section(bundle);
        let found = interfaces.interfaces.value().unwrap();
        let heads = text
            .lines()
            .filter(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!(found.len(), heads.count(), "{name}");
        let inner = text
            .lines()
            .filter(|it| it.trim_start().starts_with("inet"))
            .count();
        let told: usize = found.iter().map(|it| it.addresses.len()).sum();
        assert_eq!(told, inner, "{name}");
        for it in found {
            assert_eq!(
                it.up,
                text.contains(&format!(": {}", it.name)) && is_up(text, &it.name),
                "{name} {}",
                it.name
            );
        }
    }
    told!("corpus ip: {cases} cases, 0 read by no probe");
}

fn is_up(text: &str, name: &str) -> bool {
    let marks = [format!(": {name}: <"), format!(": {name}@")];
    let mut heads = text
        .lines()
        .filter(|line| marks.iter().any(|mark| line.contains(mark)));
    heads.any(|line| line.contains(",UP") && line.contains("LOWER_UP"))
}

#[test]
fn neighbours_are_read_from_the_kernel_alone() {
    let Some(texts) = texts("arp") else { return };
    let (mut cases, mut none) = (0, 0);
    for (name, text) in &texts {
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["dev", device, "lladdr", mac, state] = words.get(1..6).unwrap_or_default() else {
            unread(
                name,
                "it is the output of a Windows program, in words of its language",
            );
            none += 1;
            continue;
        };
        cases += 1;
        let address: IpAddr = words[0].parse().unwrap();
        let link = RawLink {
            index: 2,
            name: (*device).to_owned(),
            ..RawLink::default()
        };
        let raw = RawNeighbour {
            index: 2,
            address,
            mac: Some((*mac).to_owned()),
            state: state.to_lowercase(),
            router: false,
        };
        let bundle =
            Bundle::new("linux")
                .with("links", "", &vec![link])
                .with("neighbours", "", &vec![raw]);
        let neighbours = collected(bundle).neighbours;
        let found = neighbours.value().unwrap().first().unwrap().clone();
        assert_eq!(
            (found.address, found.mac.as_str(), found.interface.as_str()),
            (address, *mac, *device)
        );
    }
    told!("corpus arp: {cases} cases, {none} read by no probe");
}

#[test]
fn leases_are_read_by_no_probe() {
    let Some(texts) = texts("dhcp") else { return };
    for name in texts.keys() {
        unread(
            name,
            "the kernel marks addresses given for a time; who gave them is not a fact of the report",
        );
    }
    told!("corpus dhcp: 0 cases, {} read by no probe", texts.len());
}

/// A machine with systemd on which these units are there, wanted and running.
fn systemd(there: &[&str], wanted: &[&str], running: &[&str]) -> Bundle {
    Bundle::new("linux")
        .with_folder("/usr/lib/systemd/system", there)
        .with_folder("/etc/systemd/system", &["multi-user.target.wants"])
        .with_folder("/etc/systemd/system/multi-user.target.wants", wanted)
        .with_folder("/sys/fs/cgroup/system.slice", running)
        .with_bytes("head", "/proc/1/comm", b"systemd\n")
}

#[test]
fn firewalls_that_their_programs_call_active_are_active_by_what_we_read() {
    let Some(texts) = texts("firewall") else {
        return;
    };
    for (name, text) in &texts {
        let of_unit = text
            .lines()
            .find_map(|line| line.split_once("Loaded: loaded (")?.1.split_once(';'));
        let bundle = match of_unit {
            Some((path, rest)) => {
                let unit = path.rsplit('/').next().unwrap();
                let enabled: &[&str] = if rest.trim_start().starts_with("enabled") {
                    &[unit]
                } else {
                    &[]
                };
                let running: &[&str] = if text.contains("Active: active (running)") {
                    &[unit]
                } else {
                    &[]
                };
                systemd(&[unit], enabled, running)
            }
            None => {
                let is_on = text.contains("Status: active");
                let setting = if is_on {
                    "ENABLED=yes\n"
                } else {
                    "ENABLED=no\n"
                };
                let unit = ["ufw.service"];
                systemd(&unit, &unit, &["ssh.service"]).with_text("/etc/ufw/ufw.conf", setting)
            }
        };
        let found: Firewall = section(bundle);
        let expected = match (name.contains("OFF"), name.contains("disabled")) {
            (true, _) => FirewallVerdict::Inactive,
            // It runs and will not after the next start: one of two witnesses.
            (false, true) => FirewallVerdict::ToConfirm,
            (false, false) => FirewallVerdict::Active,
        };
        assert_eq!(found.verdict.value(), Some(&expected), "{name}");
    }
    told!(
        "corpus firewall: {} cases, 0 read by no probe (their rules are never read)",
        texts.len()
    );
}

/// Who wrote a text, how the product is called here, its path, unit and program.
const PRODUCTS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "bduitool",
        "Bitdefender",
        "/opt/bitdefender-security-tools",
        "bdsec.service",
        "bdsecd",
    ),
    (
        "cortex-xdr",
        "Cortex XDR",
        "/opt/traps/bin/pmd",
        "traps_pmd.service",
        "pmd",
    ),
    (
        "defender",
        "Microsoft Defender",
        "/opt/microsoft/mdatp/sbin/wdavdaemon",
        "mdatp.service",
        "wdavdaemon",
    ),
    (
        "sentinelone",
        "SentinelOne",
        "/opt/sentinelone/bin/sentinelctl",
        "sentinelone.service",
        "s1-agent",
    ),
];

/// The machine on which a program of the product said this.
fn protected(path: &str, unit: &str, program: &str, is_running: bool) -> Bundle {
    let running: &[&str] = if is_running {
        &[unit]
    } else {
        &["cron.service"]
    };
    let process = |name: &str| RawProcess {
        name: name.to_owned(),
        sockets: Some(Vec::new()),
        unread: None,
    };
    let mut processes = vec![process("systemd")];
    processes.extend(is_running.then(|| process(program)));
    let package = "Package: a\nStatus: install ok installed\nVersion: 1\n";
    systemd(&[unit], &[unit], running)
        .with("exists", path, &true)
        .with("processes", "", &processes)
        .with_text("/var/lib/dpkg/status", package)
}

#[test]
fn protection_that_its_programs_report_is_seen_without_starting_them() {
    let Some(texts) = texts("antivirus") else {
        return;
    };
    let signs = [
        "Running",
        "\"healthy\":true",
        "status: On",
        "Agent state      Enabled",
    ];
    let (mut cases, mut none) = (0, 0);
    for (name, text) in &texts {
        let product = PRODUCTS.iter().find(|it| name.starts_with(it.0));
        let Some((_, product, path, unit, program)) = product else {
            unread(name, "it is the output of no product");
            none += 1;
            continue;
        };
        let is_running = signs.iter().any(|sign| text.contains(sign));
        let found: Antivirus = section(protected(path, unit, program, is_running));
        let products = found.products.value().unwrap();
        let of = products.iter().find(|it| it.name.contains(product));
        let of = of.unwrap_or_else(|| panic!("{name}: {products:?}"));
        let expected = if is_running {
            AntivirusVerdict::Running
        } else {
            AntivirusVerdict::NotRunning
        };
        assert_eq!(of.verdict, expected, "{name}: {:?}", of.witnesses);
        told!("corpus case {name}: the program is not started; seen by its unit and process");
        cases += 1;
    }
    told!("corpus antivirus: {cases} cases, {none} read by no probe");
}
