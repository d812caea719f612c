//! Clocks that are wrong by years, against a real TLS server.

use std::sync::atomic::{AtomicI64, Ordering};

use daicho_report::Time;

use super::collector::{Ca, Collector, json, stored};
use super::identity;
use crate::message::Told;
use crate::submit::tls::Floor;
use crate::submit::{Link, Server, SubmitError};

fn year(year: i64) -> Time {
    Time::from_seconds((year - 1970) * 31_557_600)
}

fn in_2000() -> Time {
    year(2000)
}

fn in_2040() -> Time {
    year(2040)
}

fn before_1970() -> Time {
    year(1960)
}

/// The certificate of an agent that was enrolled in 2026 for three months or so.
const OWN: Option<(i64, i64)> = Some((2026, 2027));

fn floor(head: Option<i64>, own: Option<(i64, i64)>, clock: fn() -> Time) -> Floor {
    let own = own.map(|(start, end)| (year(start), year(end)));
    Floor::with_clock(head.map(year), own, clock)
}

/// One report to a collector whose certificate is good for these years.
async fn sent(years: (i32, i32), floor: &Floor) -> Result<(), SubmitError> {
    let ca = Ca::new();
    let leaf = ca.leaf_for("127.0.0.1", years.0, years.1);
    let collector = Collector::start(&ca, &leaf, |_| json(200, &stored(1)));
    let identity = identity(&ca, &collector.url);
    let issued = identity.issued.clone().unwrap();
    let server = Server::parse(&collector.url).unwrap();
    let link = Link::open(&server, &identity, &issued, floor.clone())?;
    let result = link.report(b"zstd".to_vec()).await.map(drop);
    assert_eq!(collector.heard().len(), usize::from(result.is_ok()));
    result
}

#[tokio::test]
async fn machine_whose_clock_fell_back_still_reports() {
    for clock in [in_2000 as fn() -> Time, before_1970] {
        for own in [OWN, None] {
            for head in [Some(2026), None] {
                let floor = floor(head, own, clock);
                sent((2026, 2028), &floor).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn machine_whose_clock_is_years_ahead_still_reports_once_it_has_been_enrolled() {
    sent((2026, 2028), &floor(Some(2026), OWN, in_2040))
        .await
        .unwrap();
    sent((2026, 2028), &floor(None, OWN, in_2040))
        .await
        .unwrap();
    // Before enrolment nothing says that the clock is wrong.
    let error = sent((2026, 2028), &floor(None, None, in_2040))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "AGT-009");
}

#[tokio::test]
async fn end_of_the_servers_certificate_is_never_forgiven() {
    for clock in [in_2000 as fn() -> Time, in_2040] {
        let error = sent((2020, 2022), &floor(Some(2026), OWN, clock))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "AGT-009");
    }
}

#[tokio::test]
async fn clock_that_jumps_while_the_agent_runs_changes_nothing() {
    static CLOCK: AtomicI64 = AtomicI64::new(0);
    fn clock() -> Time {
        Time::from_seconds(CLOCK.load(Ordering::Relaxed))
    }
    let own = Some((year(2026), year(2036)));
    let floor = Floor::with_clock(None, own, clock);
    floor.raise(year(2027), own);
    for jumped in [1960, 2000, 2026, 2029, 2040] {
        CLOCK.store(year(jumped).seconds(), Ordering::Relaxed);
        sent((2026, 2028), &floor).await.unwrap();
        assert!(floor.clock_error().is_some(), "{jumped}");
    }
    CLOCK.store(year(2027).seconds() + 3_600, Ordering::Relaxed);
    assert_eq!(floor.clock_error(), None);
}

#[test]
fn time_to_use_lies_between_what_is_known() {
    let check = |head, own, clock, expected| {
        assert_eq!(floor(head, own, clock).now(), year(expected));
    };
    check(Some(2103), Some((2100, 2110)), in_2000, 2103);
    check(None, Some((2100, 2110)), in_2000, 2100);
    check(None, Some((2020, 2110)), in_2040, 2040);
    check(Some(2030), Some((2020, 2035)), in_2040, 2030);
    // A collector whose own clock was ahead is not believed.
    check(Some(2111), Some((2020, 2110)), in_2040, 2040);
    check(None, None, in_2000, 2000);
}

#[test]
fn head_beyond_the_own_certificate_is_not_believed() {
    let own = Some((year(2026), year(2027)));
    let floor = Floor::with_clock(None, own, in_2000);
    floor.raise(year(2111), own);
    assert_eq!(floor.now(), year(2026));
    assert_eq!(floor.clock_error(), None);
}
