use super::*;
use crate::platform::RawProcess;
use crate::platform::replay::Bundle;

fn of(bundle: Bundle) -> daicho_report::Gauges {
    super::super::read(&Source::from_bundle(bundle))
}

fn with_log(oldest_at: Option<i64>) -> Bundle {
    let log = RawEventLog {
        oldest_at,
        bytes: 20 << 20,
    };
    Bundle::new("windows").with("event_log", LOG, &log)
}

#[test]
fn age_and_size_are_those_of_the_log_of_security() {
    let found = of(with_log(Some(1_700_000_000)));
    let oldest = found.log_oldest_at.value();
    assert_eq!(oldest, Some(&Time::from_seconds(1_700_000_000)));
    assert_eq!(found.log_bytes.value(), Some(&(20 << 20)));
}

#[test]
fn a_log_without_a_time_has_no_age_and_yet_a_size() {
    for at in [None, Some(0), Some(-1)] {
        let found = of(with_log(at));
        assert!(found.log_oldest_at.reason().is_some(), "{at:?}");
        assert!(found.log_bytes.value().is_some(), "{at:?}");
    }
    let denied = Miss::Unknown(Reason::Denied);
    let found = of(Bundle::new("windows").with_miss("event_log", LOG, denied));
    assert_eq!(found.log_oldest_at.reason(), Some(&Reason::Denied));
    assert_eq!(found.log_bytes.reason(), Some(&Reason::Denied));
}

#[test]
fn programs_are_counted_and_none_is_no_number() {
    let one = RawProcess {
        name: "lsass.exe".to_owned(),
        sockets: None,
        unread: None,
    };
    let some = Bundle::new("windows").with("processes", "", &vec![one.clone(), one]);
    assert_eq!(of(some).process_count.value(), Some(&2));
    let empty = Bundle::new("windows").with("processes", "", &Vec::<RawProcess>::new());
    let found = of(empty).process_count;
    assert_eq!(found.reason(), Some(&Reason::failed("empty")));
}
