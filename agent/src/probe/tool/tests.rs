use daicho_report::{Reason, SoftwareList};

use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawObject, RawProcess, Source};
use crate::probe::software;
use crate::probe::unit::Units;

fn machine() -> Bundle {
    Bundle::new("linux")
        .with("processes", "", &Vec::<RawProcess>::new())
        .with_bytes("head", "/proc/1/comm", b"systemd\n")
        .with_folder("/usr/lib/systemd/system", &["ssh.service"])
        .with_folder("/sys/fs/cgroup/system.slice", &["ssh.service"])
        .with_text(
            "/var/lib/dpkg/status",
            "Package: bash\nStatus: install ok installed\nVersion: 5\n\n",
        )
        .with_nothing_else()
}

fn with<T>(bundle: Bundle, read: impl FnOnce(&mut Places<'_>) -> T) -> T {
    let source = Source::from_bundle(bundle);
    let units = Units::read(&source);
    let software: SoftwareList = software::read(&source);
    read(&mut Places::new(&source, &units, &software))
}

fn running(name: &str) -> Bundle {
    let process = RawProcess {
        name: name.to_owned(),
        sockets: None,
        unread: None,
    };
    machine().with("processes", "", &vec![process])
}

fn interface(name: &str, kind: InterfaceKind, driver: &str) -> Interface {
    Interface {
        index: 7,
        name: name.to_owned(),
        kind,
        driver: Some(driver.to_owned()),
        mac: None,
        permanent_mac: None,
        up: true,
        addresses: Vec::new(),
        master: None,
        lower: None,
        vlan: None,
        mtu: None,
    }
}

fn vpns(bundle: Bundle, interfaces: Vec<Interface>) -> Vec<(VpnGrade, Option<String>)> {
    let interfaces = Reading::known(interfaces, "rtnetlink");
    let found = with(bundle, |places| vpn(places, &interfaces));
    let found = found.vpns.value().unwrap().clone();
    found.into_iter().map(|it| (it.grade, it.product)).collect()
}

#[test]
fn a_remote_tool_that_runs_is_named_with_its_witness() {
    let found = with(running("teamviewerd"), remote).tools;
    let tool = &found.value().unwrap()[0];
    assert_eq!(
        (tool.name.as_str(), tool.state),
        ("TeamViewer", ToolState::Running)
    );
    assert_eq!(tool.witnesses[0].source, "process teamviewerd");
}

#[test]
fn no_tool_is_said_only_when_every_place_was_read() {
    assert_eq!(with(machine(), remote).tools.value(), Some(&Vec::new()));
    let found = with(machine(), backup);
    assert_eq!(found.tools.value(), Some(&Vec::new()));
    assert_eq!(found.shadow_copies.reason(), Some(&Reason::Unsupported));
    let denied = machine().with_miss("processes", "", Miss::Unknown(Reason::Denied));
    assert_eq!(
        with(denied.clone(), remote).tools.reason(),
        Some(&Reason::Denied)
    );
    // Installed and not seen running, where running could not be asked, is unclear.
    let installed = denied.with("exists", "/opt/teamviewer", &true);
    let found = with(installed, remote).tools;
    assert_eq!(found.value().unwrap()[0].state, ToolState::Unclear);
}

#[test]
fn vpns_are_graded_by_what_shows_them() {
    let wireguard = interface("wg0", InterfaceKind::Vpn, "wireguard");
    let tun = interface("tun0", InterfaceKind::Vpn, "tun");
    let found = vpns(machine(), vec![wireguard, tun.clone()]);
    assert_eq!(
        found,
        [(VpnGrade::Certain, None), (VpnGrade::Probable, None)]
    );
    // The product is there, its interface is not.
    let tailscale = running("tailscaled");
    let capable = vpns(tailscale.clone(), Vec::new());
    assert_eq!(capable, [(VpnGrade::Capable, Some("Tailscale".to_owned()))]);
    let own = interface("tailscale0", InterfaceKind::Vpn, "tun");
    let certain = vpns(tailscale, vec![own, tun]);
    assert_eq!(
        certain,
        [
            (VpnGrade::Certain, Some("Tailscale".to_owned())),
            (VpnGrade::Probable, None)
        ]
    );
}

#[test]
fn an_ethernet_port_that_is_called_like_a_vpn_is_none() {
    let port = interface("tailscale0", InterfaceKind::Ethernet, "e1000e");
    assert_eq!(vpns(machine(), vec![port]), []);
}

#[test]
fn interfaces_that_could_not_be_asked_leave_vpns_unknown() {
    let none = Reading::unknown(Reason::Denied, "rtnetlink");
    let found = with(machine(), |places| vpn(places, &none));
    assert_eq!(found.vpns.reason(), Some(&Reason::Denied));
}

#[test]
fn a_driver_that_is_a_products_own_names_the_product_that_something_else_shows() {
    let tools = machine().with("exists", "/usr/bin/wg-quick", &true);
    let wireguard = interface("home", InterfaceKind::Vpn, "wireguard");
    assert_eq!(
        vpns(tools, vec![wireguard]),
        [(VpnGrade::Certain, Some("WireGuard".to_owned()))]
    );
}

#[test]
fn windows_whose_adapters_drivers_cannot_be_read_is_not_said_to_have_no_vpn() {
    let machine = |keys: Result<Vec<String>, Miss>| {
        let bundle = Bundle::new("windows").with_nothing_else();
        let bundle = bundle
            .with("services", "", &Vec::<crate::platform::RawService>::new())
            .with("drivers", "", &Vec::<crate::platform::RawService>::new())
            .with("processes", "", &Vec::<crate::platform::RawProcess>::new())
            .with("registry_keys", "HKU", &Vec::<String>::new());
        match keys {
            Ok(keys) => bundle.with("registry_keys", CLASS, &keys),
            Err(miss) => bundle.with_miss("registry_keys", CLASS, miss),
        }
    };
    let vpns = |bundle| {
        let source = Source::from_bundle(bundle);
        let (units, software) = (Units::read(&source), crate::probe::software::read(&source));
        let none = Reading::known(Vec::new(), "test");
        vpn(&mut Places::new(&source, &units, &software), &none).vpns
    };
    let read = vpns(machine(Ok(Vec::new())));
    assert_eq!(read.value().map(Vec::len), Some(0), "{read:?}");
    let denied = vpns(machine(Err(Miss::Unknown(Reason::Denied))));
    assert_eq!(denied.reason(), Some(&Reason::Denied));
}

#[test]
fn no_shadow_copy_is_told_from_a_question_without_an_answer() {
    let of = format!("{} {}", SHADOWS.0, SHADOWS.1);
    let told = |bundle: Bundle| shadow_copies(&Source::from_bundle(bundle));
    let windows = || Bundle::new("windows");
    let none = told(windows().with("wmi", &of, &Vec::<RawObject>::new()));
    assert_eq!(none.value(), Some(&0));
    let two = vec![RawObject::new(), RawObject::new()];
    assert_eq!(told(windows().with("wmi", &of, &two)).value(), Some(&2));
    for (miss, reason) in [
        (Reason::Denied, Reason::Denied),
        (Reason::TimedOut, Reason::TimedOut),
        (Reason::failed(NO_CLASS), Reason::Unsupported),
    ] {
        let found = told(windows().with_miss("wmi", &of, Miss::Unknown(miss)));
        assert_eq!(found.reason(), Some(&reason));
    }
}
