use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

fn of(bundle: Bundle, technology: &str) -> Guests {
    let source = Source::from_bundle(bundle.with_nothing_else());
    let kind = Virtualization::Virtual(technology.to_owned());
    super::super::read(&source, &Reading::known(kind, "test"))
}

fn told(name: &str, value: &RawValue) -> Bundle {
    Bundle::new("windows").with("registry", &format!(r"{PARAMETERS}\{name}"), value)
}

fn object(pairs: &[(&str, &str)]) -> RawObject {
    let pairs = pairs.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), RawProperty::Text((*text).to_owned())))
        .collect()
}

fn host(settings: &[RawObject]) -> Bundle {
    Bundle::new("windows")
        .with(
            "registry",
            &format!(r"{MANAGER}\Start"),
            &RawValue::Number(2),
        )
        .with("wmi", &format!("{NAMESPACE} {SETTINGS}"), &settings)
}

#[test]
fn hyper_v_tells_its_guest_where_it_runs_and_others_do_not() {
    let name = RawValue::Text("HV01.his.example".to_owned());
    let found = of(told("PhysicalHostNameFullyQualified", &name), "hyper-v").runs_on;
    assert_eq!(found.value(), Some(&Some("HV01.his.example".to_owned())));
    let found = of(Bundle::new("windows"), "vmware").runs_on;
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
    let odd = RawValue::Odd { kind: 4, length: 3 };
    let found = of(told("PhysicalHostNameFullyQualified", &odd), "hyper-v").runs_on;
    assert_eq!(found.reason(), Some(&Reason::failed("parse")));
}

#[test]
fn without_hyper_v_there_are_no_guests_of_it_and_of_containers_nothing_is_known() {
    let found = of(Bundle::new("windows"), "vmware");
    assert_eq!(found.guests.value(), Some(&Vec::new()));
    assert_eq!(found.containers.reason(), Some(&Reason::Unsupported));
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = Bundle::new("windows").with_miss("registry", &format!(r"{MANAGER}\Start"), denied);
    assert_eq!(of(bundle, "vmware").guests.reason(), Some(&Reason::Denied));
}

#[test]
fn guests_of_a_host_are_named_and_snapshots_are_none() {
    let id = "0B1A2C3D-0000-4000-8000-000000000001";
    let settings = [
        object(&[
            ("BIOSGUID", "{ABCDEF01-2345-6789-ABCD-EF0123456789}"),
            ("ElementName", "電子カルテ"),
            ("VirtualSystemIdentifier", id),
            ("VirtualSystemType", IN_FORCE),
        ]),
        object(&[
            ("ElementName", "電子カルテ - 前"),
            ("VirtualSystemType", "Microsoft:Hyper-V:Snapshot:Realized"),
        ]),
    ];
    let mut state = object(&[("Name", id)]);
    state.insert("EnabledState".to_owned(), RawProperty::Number(ENABLED));
    let bundle = host(&settings);
    let found = of(
        bundle
            .clone()
            .with("wmi", &format!("{NAMESPACE} {MACHINES}"), &[state]),
        "x",
    );
    let expected = Guest {
        name: "電子カルテ".to_owned(),
        uuid: Some("abcdef01-2345-6789-abcd-ef0123456789".to_owned()),
        running: Some(true),
    };
    assert_eq!(found.guests.value(), Some(&vec![expected.clone()]));
    // Whether it runs was not asked: that is unknown, not "it does not".
    let found = of(bundle, "x");
    let running = found.guests.value().unwrap()[0].running;
    assert_eq!(running, None);
}

#[test]
fn a_host_whose_guests_could_not_be_asked_has_not_none() {
    let bundle = Bundle::new("windows")
        .with(
            "registry",
            &format!(r"{MANAGER}\Start"),
            &RawValue::Number(2),
        )
        .with_miss(
            "wmi",
            &format!("{NAMESPACE} {SETTINGS}"),
            Miss::Unknown(Reason::TimedOut),
        );
    assert_eq!(of(bundle, "x").guests.reason(), Some(&Reason::TimedOut));
    let nulls = [RawObject::from([
        ("ElementName".to_owned(), RawProperty::Null),
        (
            "VirtualSystemType".to_owned(),
            RawProperty::Text(IN_FORCE.to_owned()),
        ),
    ])];
    let found = of(host(&nulls), "x").guests;
    assert_eq!(found.reason(), Some(&Reason::failed("parse")));
}
