use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

fn number_at(bundle: Bundle, key: &str, name: &str, value: u64) -> Bundle {
    bundle.with(
        "registry",
        &format!("{key}\\{name}"),
        &RawValue::Number(value),
    )
}

fn text_at(bundle: Bundle, key: &str, name: &str, value: &str) -> Bundle {
    let value = RawValue::Text(value.to_owned());
    bundle.with("registry", &format!("{key}\\{name}"), &value)
}

/// Nobody set anything.
fn untouched() -> Bundle {
    Bundle::new("windows").with_nothing_else()
}

fn version(build: u32) -> RawVersion {
    RawVersion {
        major: 10,
        build,
        product: 1,
        ..RawVersion::default()
    }
}

fn policies(bundle: Bundle) -> Policies {
    read(&Source::from_bundle(bundle))
}

#[test]
fn what_nobody_set_has_its_documented_default() {
    let found = policies(untouched());
    let uac = found.uac.value().unwrap();
    assert!(
        uac.enabled && !uac.of_built_in && !uac.full_over_network,
        "{uac:?}"
    );
    let desktop = found.remote_desktop.value().unwrap();
    assert!(!desktop.enabled && desktop.port == 3_389, "{desktop:?}");
    assert_eq!(found.ssh.value(), Some(&None));
    assert!(found.name_queries.value().unwrap().llmnr);
    assert_eq!(found.time_sources.value(), Some(&Vec::new()));
    // Not asked in this recording: no rule for passwords is made up.
    assert_eq!(found.password.reason(), Some(&Reason::NotAsked));
}

#[test]
fn policy_goes_before_the_machine_s_own_setting() {
    let machine = number_at(untouched(), TERMINAL, "fDenyTSConnections", 0);
    let machine = number_at(machine, TERMINAL_RDP, "UserAuthentication", 1);
    let found = policies(number_at(machine, TERMINAL_RDP, "PortNumber", 13_389));
    let desktop = found.remote_desktop.value().unwrap();
    assert!(desktop.enabled && desktop.authenticates_first && desktop.port == 13_389);
    let machine = number_at(untouched(), TERMINAL, "fDenyTSConnections", 0);
    let found = policies(number_at(machine, TERMINAL_POLICY, "fDenyTSConnections", 1));
    assert!(!found.remote_desktop.value().unwrap().enabled);
}

#[test]
fn uac_that_is_off_is_told() {
    let machine = number_at(untouched(), SYSTEM, "EnableLUA", 0);
    let found = policies(number_at(machine, SYSTEM, "ConsentPromptBehaviorAdmin", 0));
    let uac = found.uac.value().unwrap();
    assert!(!uac.enabled && uac.prompt == 0);
}

#[test]
fn first_version_of_smb_is_on_by_default_before_1709_and_unknown_where_only_the_feature_tells() {
    let server = format!(r"{SERVICES}\LanmanServer");
    let driver = format!(r"{SERVICES}\srv");
    let machine = |build: u32| {
        let machine = number_at(untouched(), &server, "Start", 2);
        number_at(machine, &driver, "Start", 3).with("windows_version", "", &version(build))
    };
    assert_eq!(policies(machine(7_601)).smb1.value(), Some(&true));
    assert!(policies(machine(19_045)).smb1.reason().is_some());
    let off = number_at(machine(7_601), SMB, "SMB1", 0);
    assert_eq!(policies(off).smb1.value(), Some(&false));
    let on = number_at(machine(19_045), SMB, "SMB1", 1);
    assert_eq!(policies(on).smb1.value(), Some(&true));
    // Without its driver there is none.
    let machine = number_at(untouched(), &server, "Start", 2);
    assert_eq!(policies(machine).smb1.value(), Some(&false));
}

#[test]
fn clock_names_its_servers_and_the_domain_none() {
    let service = format!(r"{SERVICES}\W32Time");
    let machine = number_at(untouched(), &service, "Start", 3);
    let own = text_at(
        machine,
        CLOCK,
        "NtpServer",
        "ntp.hosp.example,0x9 192.168.1.1,0x8",
    );
    let found = policies(text_at(own, CLOCK, "Type", "NTP"));
    let clock = &found.time_sources.value().unwrap()[0];
    assert_eq!(clock.servers, ["192.168.1.1", "ntp.hosp.example"]);
    let machine = number_at(untouched(), &service, "Start", 3);
    let found = policies(text_at(machine, CLOCK, "Type", "NT5DS"));
    let clock = &found.time_sources.value().unwrap()[0];
    assert_eq!(
        (clock.program.as_str(), clock.servers.len()),
        ("W32Time (domain)", 0)
    );
}

#[test]
fn netbios_is_on_where_one_interface_says_so_and_open_where_dhcp_decides() {
    let interfaces = ["Tcpip_{a}".to_owned(), "Tcpip_{b}".to_owned()];
    let machine = || untouched().with("registry_keys", NETBIOS, &interfaces);
    let set = |bundle, name: &str, value| {
        number_at(
            bundle,
            &format!(r"{NETBIOS}\{name}"),
            "NetbiosOptions",
            value,
        )
    };
    let of = |bundle| policies(bundle).name_queries.value().unwrap().netbios;
    assert_eq!(of(set(machine(), "Tcpip_{a}", 2)), None);
    assert_eq!(
        of(set(set(machine(), "Tcpip_{a}", 2), "Tcpip_{b}", 2)),
        Some(false)
    );
    assert_eq!(
        of(set(set(machine(), "Tcpip_{a}", 0), "Tcpip_{b}", 1)),
        Some(true)
    );
}

#[test]
fn values_of_a_wrong_kind_and_refused_keys_are_unknown() {
    let odd = |name: &str, key: &str| {
        untouched().with(
            "registry",
            &format!("{key}\\{name}"),
            &RawValue::Odd { kind: 4, length: 2 },
        )
    };
    let failed = Some(&Reason::failed("parse"));
    assert_eq!(policies(odd("EnableLUA", SYSTEM)).uac.reason(), failed);
    assert_eq!(policies(odd("MaxSize", SECURITY_LOG)).log.reason(), failed);
    let port = number_at(untouched(), TERMINAL_RDP, "PortNumber", 70_000);
    assert_eq!(policies(port).remote_desktop.reason(), failed);
    let denied = untouched().with_miss(
        "registry",
        &format!(r"{SYSTEM}\EnableLUA"),
        Miss::Unknown(Reason::Denied),
    );
    assert_eq!(policies(denied).uac.reason(), Some(&Reason::Denied));
}
