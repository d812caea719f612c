//! Exports of real Windows machines (registry, WMI as text), told to our probes: each becomes answers of
//! a recording, and what the agent says of it is compared with the text itself.

use std::collections::BTreeMap;

use daicho_agent::platform::replay::Bundle;
use daicho_agent::platform::{RawAdapter, RawService, RawValue, RawVersion};
use daicho_report::{
    Accounts, Firewall, FirewallVerdict, Interfaces, Os, Reading, SoftwareList, Traces, VpnGrade,
    Vpns,
};

use super::{corpus_at, section, told, unread};

const UNINSTALL: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
const CLASS: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\Class\{4D36E972-E325-11CE-BFC1-08002BE10318}";

/// Kinds of exports that no probe of ours reads, and why.
const UNREAD: &[(&str, &str)] = &[
    (
        "Win32_UserAccount",
        "accounts are asked of the system, not of WMI",
    ),
    (
        "Win32_NetworkAdapter.wmi",
        "adapters are asked of the system, not of WMI",
    ),
    (
        "CIM_LogicalDevice",
        "a list of all devices is read by nobody",
    ),
    (
        "CentralProcessor",
        "the processor is part of the machine's own answer",
    ),
    ("Network.reg", "names of connections come with the adapters"),
    ("USB", "devices on USB are not listed"),
    (
        "Win32_PhysicalMemory",
        "memory is part of the machine's own answer",
    ),
    (
        "Win32_Processor",
        "the processor is part of the machine's own answer",
    ),
    (
        "DNSRegisteredAdapters",
        "name servers come with the adapters",
    ),
    ("Interfaces.reg", "addresses come with the adapters"),
    ("Win32_DiskDrive", "disks are not listed"),
    (
        "Win32_LogicalDisk",
        "volumes are asked of the system, not of WMI",
    ),
    (
        "Win32_Volume",
        "volumes are asked of the system, not of WMI",
    ),
    (
        "Win32_QuickFixEngineering",
        "updates are read from the registry",
    ),
    ("MSFT_NetAdapter", "told below for the machine with a VPN"),
    (
        "NetworkAdapterConfiguration",
        "told below for the machine with a VPN",
    ),
];
/// Kinds that the tests below tell to a probe.
const READ: &[&str] = &[
    "LogonUI",
    "NetworkList",
    "Uninstall",
    "Profile.reg",
    "Win32_OperatingSystem",
];

fn files() -> Option<BTreeMap<String, String>> {
    let entries = std::fs::read_dir(corpus_at("windows")?).unwrap();
    let texts = entries.map(|entry| {
        let entry = entry.unwrap();
        let text = decoded(&std::fs::read(entry.path()).unwrap());
        (entry.file_name().into_string().unwrap(), text)
    });
    Some(texts.collect())
}

/// UTF-16 where the file says so, else as it is.
fn decoded(bytes: &[u8]) -> String {
    let text = match bytes.strip_prefix(&[0xff, 0xfe]) {
        Some(rest) => {
            let units = rest
                .chunks_exact(2)
                .map(|it| u16::from_le_bytes([it[0], it[1]]));
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        }
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.replace('\r', "")
}

type Keys = BTreeMap<String, BTreeMap<String, RawValue>>;

/// Keys and values of an export of the registry.
fn keys(text: &str) -> Keys {
    let joined = text.replace("\\\n", "");
    let mut keys = Keys::new();
    let mut key = String::new();
    for line in joined.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            key = name
                .replace("HKEY_LOCAL_MACHINE", "HKLM")
                .replace(r"\services\", r"\Services\");
            keys.entry(key.clone()).or_default();
            continue;
        }
        let Some((name, value)) = line
            .split_once("\"=")
            .or(line.split_once("@=").map(|(_, it)| ("\"", it)))
        else {
            continue;
        };
        let name = name.trim_start_matches('"').replace("\\\\", "\\");
        if let Some(value) = value_of(value) {
            keys.entry(key.clone()).or_default().insert(name, value);
        }
    }
    keys
}

fn value_of(text: &str) -> Option<RawValue> {
    if let Some(text) = text.strip_prefix('"') {
        let text = text.strip_suffix('"')?;
        let plain = text.replace("\\\"", "\"").replace("\\\\", "\\");
        return Some(RawValue::Text(plain));
    }
    if let Some(number) = text.strip_prefix("dword:") {
        return Some(RawValue::Number(u64::from_str_radix(number, 16).ok()?));
    }
    let (kind, bytes) = text.strip_prefix("hex")?.split_once(':')?;
    let kind = kind.trim_matches(['(', ')']);
    let kind = if kind.is_empty() {
        3
    } else {
        u32::from_str_radix(kind, 16).ok()?
    };
    let bytes = bytes.split(',').map(str::trim).filter(|it| !it.is_empty());
    let bytes: Option<Vec<u8>> = bytes.map(|it| u8::from_str_radix(it, 16).ok()).collect();
    Some(RawValue::decode(kind, &bytes?))
}

/// The keys as answers; everything else of the machine is not there.
fn with_keys(bundle: Bundle, keys: &Keys) -> Bundle {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut bundle = bundle;
    for (key, values) in keys {
        if let Some((parent, name)) = key.rsplit_once('\\') {
            below.entry(parent).or_default().push(name);
        }
        for (name, value) in values {
            bundle = bundle.with("registry", &format!(r"{key}\{name}"), value);
        }
    }
    for (key, names) in below {
        bundle = bundle.with("registry_keys", key, &names);
    }
    bundle
}

fn machine() -> Bundle {
    Bundle::new("windows")
        .with("registry_keys", "HKU", &Vec::<String>::new())
        .with_nothing_else()
}

/// Objects of WMI as text: lines `name=value`, empty lines between.
fn objects(text: &str) -> Vec<BTreeMap<String, String>> {
    let blocks = text.split("\n\n").map(|block| {
        let lines = block.lines().filter_map(|line| line.split_once('='));
        lines
            .map(|(name, value)| (name.trim().to_owned(), value.trim().replace("&amp;", "&")))
            .collect::<BTreeMap<_, _>>()
    });
    blocks.filter(|it| !it.is_empty()).collect()
}

#[test]
fn every_export_of_windows_is_taken_apart_and_read_or_its_reason_is_told() {
    let Some(files) = files() else { return };
    let mut read = 0;
    for (name, text) in &files {
        let parts = if name.ends_with(".reg") {
            keys(text).len()
        } else {
            objects(text).len()
        };
        assert!(parts > 0, "{name} holds nothing");
        if READ.iter().any(|it| name.contains(it)) {
            read += 1;
            continue;
        }
        let reason = UNREAD.iter().find(|(kind, _)| name.contains(kind));
        let (_, reason) = reason.unwrap_or_else(|| panic!("{name} is neither read nor left out"));
        unread(name, reason);
    }
    told!(
        "corpus/windows: {} files, {read} read by a probe",
        files.len()
    );
    assert!(
        files.len() >= 40 && read >= 9,
        "{} files, {read} read",
        files.len()
    );
}

#[test]
fn whoever_logged_on_last_is_told_with_his_domain() {
    let Some(files) = files() else { return };
    let mut cases = 0;
    for (name, text) in files.iter().filter(|(name, _)| name.contains("LogonUI")) {
        let accounts: Accounts = section(with_keys(machine(), &keys(text)));
        let log_ins = accounts.log_ins.value().unwrap_or_else(|| panic!("{name}"));
        let expected = if name.contains("AD") {
            r"AD\teclib"
        } else {
            "teclib"
        };
        let shown: Vec<(&str, &str)> = log_ins
            .iter()
            .map(|it| (it.account.as_str(), it.how.as_str()))
            .collect();
        assert_eq!(shown, [(expected, "last")], "{name}");
        cases += 1;
    }
    told!("corpus/windows: {cases} last log-ins");
    assert_eq!(cases, 2);
}

#[test]
fn every_program_that_can_be_uninstalled_is_listed() {
    let Some(files) = files() else { return };
    let mut cases = 0;
    for (name, text) in files.iter().filter(|(name, _)| name.contains("Uninstall")) {
        let keys = keys(text);
        let list: SoftwareList = section(with_keys(machine(), &keys));
        let items = list
            .items
            .value()
            .unwrap_or_else(|| panic!("{name}: {:?}", list.items));
        let is_own = |values: &BTreeMap<String, RawValue>| {
            let has = |name: &str| values.get(name).and_then(RawValue::text).is_some();
            let part = values.get("SystemComponent").and_then(RawValue::number) == Some(1);
            has("DisplayName") && !part && !has("ParentKeyName") && !has("ReleaseType")
        };
        let below = |key: &str| {
            key.strip_prefix(UNINSTALL)
                .is_some_and(|it| it.starts_with('\\'))
        };
        let expected: std::collections::BTreeSet<&str> = keys
            .iter()
            .filter(|(key, values)| below(key) && is_own(values))
            .filter_map(|(_, values)| values["DisplayName"].text())
            .collect();
        let shown: std::collections::BTreeSet<&str> =
            items.iter().map(|it| it.name.as_str()).collect();
        assert!(expected.len() > 1, "{name}: {}", expected.len());
        assert_eq!(shown, expected, "{name}");
        cases += expected.len();
    }
    told!("corpus/windows: {cases} programs");
}

#[test]
fn networks_that_a_machine_was_connected_to_are_told_by_name_and_gateway() {
    let Some(files) = files() else { return };
    let keys = keys(&files["7_firewall-NetworkList.reg"]);
    let traces: Traces = section(with_keys(machine(), &keys));
    let networks = traces.networks.value().expect("networks");
    let named = |values: &BTreeMap<String, RawValue>| {
        let name = values.get("ProfileName").and_then(RawValue::text);
        name.map(str::to_owned)
    };
    let mut expected: Vec<String> = keys.values().filter_map(named).collect();
    expected.sort();
    let shown: Vec<&str> = networks.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(shown, expected);
    let gateways: usize = networks.iter().map(|it| it.gateways.len()).sum();
    let days = networks.iter().filter(|it| it.last_used_on.is_some());
    told!(
        "corpus/windows: {} networks, {gateways} gateways, {} no longer used",
        networks.len(),
        days.count()
    );
    assert!(networks.len() > 1 && gateways > 0);
}

#[test]
fn firewall_with_profiles_that_are_off_is_never_called_active() {
    let Some(files) = files() else { return };
    let mut all = Keys::new();
    for (_, text) in files
        .iter()
        .filter(|(name, _)| name.contains("Profile.reg"))
    {
        all.extend(keys(text));
    }
    let service = |name: &str| RawService {
        name: name.to_owned(),
        kind: 0x20,
        state: 4,
    };
    let bundle =
        with_keys(machine(), &all).with("services", "", &[service("BFE"), service("MpsSvc")]);
    let firewall: Firewall = section(bundle);
    let on = all
        .iter()
        .filter(|(key, _)| key.ends_with("Profile"))
        .filter(|(_, values)| values.get("EnableFirewall").and_then(RawValue::number) == Some(1))
        .count();
    let expected = match on {
        0 => FirewallVerdict::Inactive,
        3 => FirewallVerdict::Active,
        _ => FirewallVerdict::ToConfirm,
    };
    told!("corpus/windows: firewall with {on} of 3 profiles on: {expected:?}");
    assert_eq!(firewall.verdict.value(), Some(&expected), "{firewall:?}");
}

#[test]
fn build_and_name_of_the_system_are_as_the_machine_said() {
    let Some(files) = files() else { return };
    let mut cases = 0;
    for (name, text) in files
        .iter()
        .filter(|(it, _)| it.contains("Win32_OperatingSystem"))
    {
        let object = &objects(text)[0];
        if !object.contains_key("Version") {
            unread(name, "it holds no version");
            continue;
        }
        let version: Vec<u32> = object["Version"]
            .split('.')
            .map(|it| it.parse().unwrap())
            .collect();
        let raw = RawVersion {
            major: version[0],
            minor: version[1],
            build: version[2],
            product: object["ProductType"].parse().unwrap(),
            ..RawVersion::default()
        };
        let caption = object["Caption"].clone();
        let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProductName";
        let os: Os = section(machine().with("windows_version", "", &raw).with(
            "registry",
            key,
            &RawValue::Text(caption.clone()),
        ));
        assert_eq!(os.version.value(), Some(&object["Version"]), "{name}");
        assert_eq!(
            os.name.value().map(String::as_str),
            Some(caption.trim()),
            "{name}"
        );
        cases += 1;
    }
    told!("corpus/windows: {cases} systems");
    assert_eq!(cases, 1);
}

/// A machine with these adapters and FortiClient.
fn with_adapters(adapters: &[BTreeMap<String, String>]) -> Bundle {
    let numbers: Vec<String> = (0..adapters.len()).map(|at| format!("{at:04}")).collect();
    let mut bundle = machine().with("registry_keys", CLASS, &numbers);
    let mut raw = Vec::new();
    for (adapter, number) in adapters.iter().zip(&numbers) {
        let text = |name: &str| RawValue::Text(adapter[name].clone());
        let key = format!(r"{CLASS}\{number}");
        bundle = bundle
            .with(
                "registry",
                &format!(r"{key}\NetCfgInstanceId"),
                &text("InterfaceGuid"),
            )
            .with(
                "registry",
                &format!(r"{key}\ComponentId"),
                &text("ComponentID"),
            );
        raw.push(RawAdapter {
            index: adapter["InterfaceIndex"].parse().unwrap(),
            id: adapter["InterfaceGuid"].clone(),
            name: adapter["Name"].clone(),
            description: adapter["InterfaceDescription"].clone(),
            kind: adapter["InterfaceType"].parse().unwrap_or(6),
            state: adapter["InterfaceOperationalStatus"].parse().unwrap(),
            ..RawAdapter::default()
        });
    }
    let uninstall = format!(r"{UNINSTALL}\forti\DisplayName");
    bundle
        .with("adapters", "", &raw)
        .with("services", "", &Vec::<RawService>::new())
        .with("drivers", "", &Vec::<RawService>::new())
        .with("registry_keys", UNINSTALL, &["forti"])
        .with(
            "registry",
            &uninstall,
            &RawValue::Text("FortiClient VPN".to_owned()),
        )
}

#[test]
fn vpn_that_is_down_is_only_capable_and_miniports_count_for_nothing() {
    let Some(files) = files() else { return };
    let adapters = objects(&files["vpn-down-MSFT_NetAdapter.wmi"]);
    let bundle = with_adapters(&adapters);
    let interfaces: Interfaces = section(bundle.clone());
    assert_eq!(
        interfaces.interfaces.value().map(Vec::len),
        Some(adapters.len())
    );
    let vpns: Vpns = section(bundle);
    let Reading::Known { value: vpns, .. } = vpns.vpns else {
        panic!("{vpns:?}");
    };
    told!(
        "corpus/windows: {} adapters, {} VPN",
        adapters.len(),
        vpns.len()
    );
    // Fortinet's own, which are there and down; miniports, Bluetooth and the others are none.
    let own = adapters
        .iter()
        .filter(|it| it["ComponentID"].starts_with(r"root\ft"));
    let mut own: Vec<&str> = own.map(|it| it["Name"].as_str()).collect();
    own.sort_unstable();
    let mut shown: Vec<&str> = vpns
        .iter()
        .filter_map(|it| it.interface.as_deref())
        .collect();
    shown.sort_unstable();
    assert!(own.len() > 1 && own.len() < adapters.len());
    assert_eq!(shown, own, "{vpns:?}");
    let capable = |it: &daicho_report::Vpn| it.grade == VpnGrade::Capable && !it.up;
    assert!(vpns.iter().all(capable), "{vpns:?}");
}
