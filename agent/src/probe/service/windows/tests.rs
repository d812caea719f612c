use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

fn raw(name: &str, kind: u32, state: u32) -> RawService {
    RawService {
        name: name.to_owned(),
        kind,
        state,
    }
}

fn starts(bundle: Bundle, name: &str, number: u64) -> Bundle {
    let place = format!("{SERVICES}\\{name}\\Start");
    bundle.with("registry", &place, &RawValue::Number(number))
}

#[test]
fn services_that_start_run_or_are_switched_off_are_named() {
    let all = vec![
        raw("Spooler", 0x110, RawService::RUNS),
        raw("wuauserv", 0x20, 1),
        raw("RemoteRegistry", 0x20, 1),
        raw("CDPUserSvc_3a4f1", 0xe0, RawService::RUNS),
        raw("Hidden", 0x10, RawService::RUNS),
    ];
    let bundle = Bundle::new("windows").with("services", "", &all);
    let bundle = starts(starts(bundle, "Spooler", 2), "wuauserv", 3);
    let bundle = starts(starts(bundle, "RemoteRegistry", 4), "CDPUserSvc_3a4f1", 2);
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = bundle.with_miss("registry", &format!("{SERVICES}\\Hidden\\Start"), denied);
    let read = read(&Source::from_bundle(bundle));
    let services = read.services.value().unwrap();
    let shown: Vec<(&str, ServiceStart, Option<bool>)> = services
        .iter()
        .map(|it| (it.name.as_str(), it.start, it.running))
        .collect();
    let expected = [
        ("CDPUserSvc", ServiceStart::Automatic, Some(true)),
        ("Hidden", ServiceStart::Other, Some(true)),
        ("RemoteRegistry", ServiceStart::Disabled, Some(false)),
        ("Spooler", ServiceStart::Automatic, Some(true)),
    ];
    assert_eq!(shown, expected);
    assert_eq!(read.autostarts.reason(), Some(&Reason::NotAsked));
}

#[test]
fn without_the_manager_services_are_unknown() {
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = Bundle::new("windows").with_miss("services", "", denied);
    let read = read(&Source::from_bundle(bundle));
    assert_eq!(read.services.reason(), Some(&Reason::Denied));
}
