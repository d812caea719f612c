use std::collections::BTreeSet;

use daicho_graph::find::{Hit, Kind, Query, Wanted, find, sheet};
use daicho_graph::list::Basis;
use daicho_graph::topology;
use daicho_ledger::{Lang, Ledger};
use daicho_report::{Reading, Reason, Section, SoftwareItem, SoftwareList, Time};
use daicho_simulate::Options;

use super::{Searched, read};
use crate::site::tests::{Fixture, START, fixture, os};
use crate::snapshot;

const DAY: i64 = 86_400;

fn software(names: &[&str], at: i64) -> Section {
    let item = |name: &&str| SoftwareItem {
        name: (*name).to_owned(),
        version: "1.0".to_owned(),
        publisher: None,
        architecture: None,
    };
    let body = SoftwareList {
        items: Reading::known(names.iter().map(item).collect(), "dpkg"),
    };
    Section::new(&body, "linux", Time::from_seconds(at)).unwrap()
}

fn unknown_software(at: i64) -> Section {
    let body = SoftwareList {
        items: Reading::unknown(Reason::Denied, "dpkg"),
    };
    Section::new(&body, "linux", Time::from_seconds(at)).unwrap()
}

fn site(at: i64) -> daicho_ledger::Site {
    crate::config::Site::default().at(Time::from_seconds(at))
}

fn searched(it: &Fixture, query: &Query<'_>, (from, to): (i64, i64)) -> Searched {
    let period = (Time::from_seconds(from), Time::from_seconds(to));
    read(it.site.store.as_ref(), site(to), query, period).unwrap()
}

fn found(it: &Fixture, kind: Kind, text: &str, period: (i64, i64)) -> Vec<Hit> {
    let wanted = [Wanted::new(kind, text).unwrap()];
    let query = Query::new(&wanted).unwrap();
    let searched = searched(it, &query, period);
    find(&query, &searched.ledger, &searched.ended)
}

/// Value, first and last after the start in days, whether it had gone.
fn short(hits: &[Hit]) -> Vec<(&str, Option<i64>, Option<i64>, bool)> {
    let day = |at: Option<Time>| at.map(|at| (at.seconds() - START) / DAY);
    let hits = hits.iter();
    hits.map(|it| (it.value.as_str(), day(it.first), day(it.last), it.gone))
        .collect()
}

/// A machine on which a tool came on day 2 and went on day 4, reported each day until day 6.
fn visited() -> Fixture {
    let it = fixture();
    let mut machine = it.machine(1);
    for day in 0..=6 {
        let at = START + day * DAY;
        let names: &[&str] = match day {
            2 | 3 => &["AnyDesk", "7-Zip"],
            5.. => &["7-Zip", "Firefox"],
            _ => &["7-Zip"],
        };
        machine.send(&it.site, vec![software(names, at), os("Debian")]);
        it.pass(DAY);
    }
    it
}

#[test]
fn what_came_and_went_within_the_period_is_found_with_its_times() {
    let it = visited();
    let whole = (START - DAY, START + 6 * DAY);
    let hits = found(&it, Kind::Software, "anydesk", whole);
    let gone = [("AnyDesk 1.0", Some(2), Some(4), true)];
    assert_eq!(short(&hits), gone);
    assert_eq!(short(&found(&it, Kind::Any, "nydes", whole)), gone);
    // Neither before it came nor after it went.
    assert!(found(&it, Kind::Any, "AnyDesk", (START - DAY, START + DAY)).is_empty());
    let after = (START + 4 * DAY + 3600, START + 6 * DAY);
    assert!(found(&it, Kind::Any, "AnyDesk", after).is_empty());
    // While it was there, it is not gone.
    let during = found(&it, Kind::Any, "AnyDesk", (START - DAY, START + 3 * DAY));
    assert_eq!(short(&during), [("AnyDesk 1.0", Some(2), Some(3), false)]);
}

#[test]
fn what_stays_is_seen_first_in_the_first_version_that_has_it() {
    let it = visited();
    let hits = found(&it, Kind::Software, "7-Zip", (START - DAY, START + 6 * DAY));
    assert_eq!(short(&hits), [("7-Zip 1.0", Some(0), Some(6), false)]);
}

#[test]
fn what_could_not_be_read_again_was_last_seen_when_it_was_read() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![software(&["AnyDesk"], START)]);
    it.pass(3 * DAY);
    machine.send(&it.site, vec![unknown_software(START + 3 * DAY)]);
    let late = (START + 2 * DAY, START + 5 * DAY);
    let hits = found(&it, Kind::Software, "AnyDesk", late);
    assert_eq!(short(&hits), [("AnyDesk 1.0", Some(0), Some(0), false)]);
}

#[test]
fn nothing_by_then_is_told_from_nothing_found() {
    let it = visited();
    let wanted = [Wanted::new(Kind::Any, "nowhere").unwrap()];
    let query = Query::new(&wanted).unwrap();
    let early = searched(&it, &query, (START - 9 * DAY, START - 8 * DAY));
    assert_eq!((early.newest, early.versions), (None, 0));
    let late = searched(&it, &query, (START, START + 6 * DAY));
    assert_eq!(late.newest, Some(Time::from_seconds(START + 6 * DAY)));
    // Of what can hold a name only the programs ever came, and four versions of them.
    assert_eq!(late.versions, 4);
}

fn labels(ledger: &Ledger, hits: &[Hit]) -> Vec<String> {
    let topology = topology(ledger);
    let basis = Basis {
        ledger,
        topology: &topology,
        recognition: &Default::default(),
    };
    let rows = sheet(basis, hits, Lang::Ja).rows;
    rows.into_iter()
        .map(|it| it.cells.into_iter().nth(1).unwrap().text)
        .collect()
}

/// Names, ranges and addresses that are somewhere in this ledger.
fn questions(ledger: &Ledger) -> Vec<(Kind, String)> {
    let mut all = BTreeSet::new();
    for asset in &ledger.assets {
        let flows = asset.flows.iter().map(|it| &it.item);
        all.extend(flows.clone().map(|it| (Kind::Address, it.peer.to_string())));
        let programs = flows.filter_map(|it| it.program.clone());
        all.extend(programs.map(|it| (Kind::Program, it)));
        let neighbours = asset.neighbours.iter();
        all.extend(
            neighbours
                .clone()
                .map(|it| (Kind::Address, it.item.address.to_string())),
        );
        all.extend(neighbours.map(|it| (Kind::Mac, it.item.mac.to_uppercase())));
        let software = asset.software.items.value().into_iter().flatten();
        all.extend(software.map(|it| (Kind::Software, it.name.clone())));
        let services = asset.services.services.value().into_iter().flatten();
        all.extend(services.map(|it| (Kind::Service, it.name.to_uppercase())));
        let accounts = asset.accounts.log_ins.value().into_iter().flatten();
        all.extend(accounts.map(|it| (Kind::Account, it.account.clone())));
        let resolved = asset.traces.resolved.value().into_iter().flatten();
        all.extend(resolved.map(|it| (Kind::Domain, it.clone())));
    }
    let every = all.len() / 150 + 1;
    let mut all: Vec<_> = all.into_iter().step_by(every).collect();
    let four = all.iter().filter(|it| it.1.matches('.').count() == 3);
    let ranges: Vec<_> = four
        .flat_map(|it| [24, 20, 9].map(|bits| (Kind::Address, format!("{}/{bits}", it.1))))
        .step_by(7)
        .collect();
    all.extend(ranges);
    all.extend(["dows", "a", "院", "*"].map(|it| (Kind::Any, it.to_owned())));
    all
}

#[test]
fn reading_less_finds_the_same_as_the_whole_ledger() {
    let end = Time::parse("2026-11-20T09:00:00Z").unwrap();
    let it = crate::simulated::tests::hospital(&Options {
        assets: 120,
        seed: 3,
        days: 6,
        reports_per_day: 4,
        end,
        scenario: None,
    });
    let (to, look_back) = (end.seconds() - DAY, 4 * DAY);
    let store = it.site.store.as_ref();
    let input = snapshot::input(store, site(to), Time::from_seconds(to), look_back).unwrap();
    let whole = daicho_ledger::build(&input);
    let one_by_one = snapshot::ledger(store, site(to), Time::from_seconds(to), look_back).unwrap();
    assert_eq!(whole, one_by_one);
    let mut hits = 0;
    for (kind, text) in questions(&whole) {
        let Some(wanted) = Wanted::new(kind, &text) else {
            continue;
        };
        let wanted = [wanted];
        let query = Query::new(&wanted).unwrap();
        let expected = find(&query, &whole, &[]);
        let less = searched(&it, &query, (to - look_back, to));
        let mut found = find(&query, &less.ledger, &less.ended);
        found.retain(|it| !it.gone);
        assert_eq!(
            labels(&less.ledger, &found),
            labels(&whole, &expected),
            "{kind:?} {text}"
        );
        // What is there now may have been there in an older version already.
        for (one, other) in found.iter_mut().zip(&expected) {
            assert!(one.first <= other.first, "{one:?} {other:?}");
            one.first = other.first;
        }
        assert_eq!(found, expected, "{kind:?} {text}");
        hits += found.len();
    }
    assert!(hits > 1_000, "{hits}");
}
