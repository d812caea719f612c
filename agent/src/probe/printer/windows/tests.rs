use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawValue};

const SID: &str = "S-1-5-21-1-2-3-1001";

fn machine(printers: &[&str], ports: &[&str]) -> Bundle {
    Bundle::new("windows")
        .with("registry_keys", "HKU", &[SID])
        .with("registry_keys", PRINTERS, &printers)
        .with("registry_keys", PORTS, &ports)
        .with_nothing_else()
}

fn set(bundle: Bundle, key: &str, values: &[(&str, RawValue)]) -> Bundle {
    values.iter().fold(bundle, |bundle, (name, value)| {
        bundle.with("registry", &format!(r"{key}\{name}"), value)
    })
}

fn words(text: &str) -> RawValue {
    RawValue::Text(text.to_owned())
}

/// A printer on a port.
fn on(port: &str) -> Option<Printer> {
    let place = format!(r"{PRINTERS}\病棟3");
    let bundle = set(machine(&["病棟3"], &[]), &place, &[("Port", words(port))]);
    let found = read(&Source::from_bundle(bundle)).unwrap();
    found.into_iter().next()
}

#[test]
fn a_printer_on_the_network_is_told_with_where_its_port_points() {
    let bundle = machine(&["病棟3"], &["IP_192.0.2.9"]);
    let bundle = set(
        bundle,
        &format!(r"{PRINTERS}\病棟3"),
        &[
            ("Port", words("ip_192.0.2.9")),
            ("Printer Driver", words("RICOH IM C3000 RPCS")),
            ("Attributes", RawValue::Number(0x0a48)),
        ],
    );
    // The port was made for another address.
    let bundle = set(
        bundle,
        &format!(r"{PORTS}\IP_192.0.2.9"),
        &[
            ("HostName", words("192.0.2.77")),
            ("PortNumber", RawValue::Number(9100)),
            ("Protocol", RawValue::Number(1)),
        ],
    );
    let found = read(&Source::from_bundle(bundle)).unwrap();
    let printer = found.iter().next().unwrap();
    assert_eq!(printer.connection, PrinterConnection::Network);
    assert_eq!(printer.host.as_deref(), Some("192.0.2.77"));
    assert_eq!(
        (printer.port, printer.protocol.as_deref()),
        (Some(9100), Some("raw"))
    );
    assert_eq!(printer.driver.as_deref(), Some("RICOH IM C3000 RPCS"));
    assert!(printer.shared);
}

#[test]
fn what_writes_files_or_came_with_a_session_is_no_printer() {
    for port in [
        "FILE:",
        "PORTPROMPT:",
        "nul:",
        "SHRFAX:",
        "Microsoft.Office.OneNote_16.0",
        "TS003",
    ] {
        assert_eq!(on(port), None, "{port}");
    }
    assert_eq!(
        on("TSC_LABEL").unwrap().connection,
        PrinterConnection::Other
    );
}

#[test]
fn how_a_printer_is_reached_shows_in_its_port() {
    use PrinterConnection as C;
    for (port, connection, host) in [
        ("USB001", C::Local, None),
        ("LPT1:,IP_192.0.2.9", C::Local, None),
        ("WSD-4f9c0000", C::Network, None),
        (r"\\PRSV01\ward3", C::Server, Some("prsv01")),
        ("192.0.2.9_1", C::Other, None),
        ("COMPANY_A", C::Other, None),
        ("null_1", C::Other, None),
        ("", C::Other, None),
    ] {
        let found = on(port).unwrap();
        assert_eq!(
            (found.connection, found.host.as_deref()),
            (connection, host),
            "{port}"
        );
    }
}

#[test]
fn printers_that_people_use_through_another_machine_are_theirs_too() {
    let place = format!(r"HKU\{SID}\Printers\Connections");
    let all = [",,PRSV01,カルテ,北", ",,PRSV01,南", ",,a b,c", "x"];
    let bundle = machine(&[], &[]).with("registry_keys", &place, &all);
    let found = read(&Source::from_bundle(bundle)).unwrap();
    let shown: Vec<_> = found.iter().map(|it| it.host.as_deref()).collect();
    assert_eq!(shown, [Some("(other)"), Some("prsv01")]);
}

#[test]
fn a_port_that_may_not_be_read_makes_the_list_unknown() {
    let place = format!(r"{PRINTERS}\a\Port");
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = machine(&["a"], &[]).with_miss("registry", &place, denied);
    assert_eq!(read(&Source::from_bundle(bundle)), Err(Reason::Denied));
}
