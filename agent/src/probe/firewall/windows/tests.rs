use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{RawService, RawValue};

fn machine(state: u32) -> Bundle {
    let service = |name: &str| RawService {
        name: name.to_owned(),
        kind: 0x20,
        state,
    };
    Bundle::new("windows")
        .with("services", "", &[service("BFE"), service("MpsSvc")])
        .with_nothing_else()
}

fn set(bundle: Bundle, place: &str, profile: &str, value: u64) -> Bundle {
    let of = format!(r"{place}\{profile}\EnableFirewall");
    bundle.with("registry", &of, &RawValue::Number(value))
}

fn verdict(bundle: Bundle) -> Option<FirewallVerdict> {
    read(&Source::from_bundle(bundle)).verdict.value().copied()
}

#[test]
fn it_is_active_when_all_profiles_are_on_and_its_services_run() {
    let found = read(&Source::from_bundle(machine(RawService::RUNS)));
    assert_eq!(found.verdict.value(), Some(&FirewallVerdict::Active));
    assert_eq!(found.default_input.value(), Some(&DefaultInput::Drop));
    // That nobody set anything stands beside each profile.
    let witnesses = found.witnesses.value().unwrap();
    assert_eq!(
        witnesses
            .iter()
            .filter(|it| it.raw.as_deref() == Some("default"))
            .count(),
        3
    );
}

#[test]
fn one_profile_that_is_off_is_to_be_confirmed_and_all_off_is_off() {
    let one = set(machine(RawService::RUNS), LOCAL, "StandardProfile", 0);
    assert_eq!(verdict(one.clone()), Some(FirewallVerdict::ToConfirm));
    let two = set(one, LOCAL, "PublicProfile", 0);
    assert_eq!(
        verdict(set(two, LOCAL, "DomainProfile", 0)),
        Some(FirewallVerdict::Inactive)
    );
}

#[test]
fn policy_goes_before_the_machine_s_own_setting() {
    let off = set(machine(RawService::RUNS), LOCAL, "StandardProfile", 0);
    assert_eq!(
        verdict(set(off, POLICY, "PrivateProfile", 1)),
        Some(FirewallVerdict::Active)
    );
}

#[test]
fn without_its_services_it_is_off_and_without_their_list_unknown() {
    assert_eq!(verdict(machine(1)), Some(FirewallVerdict::Inactive));
    let unlisted = Bundle::new("windows").with_nothing_else();
    assert_eq!(verdict(unlisted), None);
    let odd = RawValue::Odd { kind: 4, length: 1 };
    let of = format!(r"{LOCAL}\PublicProfile\EnableFirewall");
    assert_eq!(
        verdict(machine(RawService::RUNS).with("registry", &of, &odd)),
        None
    );
}
