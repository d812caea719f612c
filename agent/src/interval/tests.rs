use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3600;

fn at(seconds: i64) -> Time {
    Time::from_seconds(1_764_000_000 + seconds)
}

fn seen(items: &[u8]) -> Reading<BTreeSet<u8>> {
    Reading::known(items.iter().copied().collect(), "/proc/net/tcp")
}

fn denied() -> Reading<BTreeSet<u8>> {
    Reading::unknown(Reason::Denied, "/proc/net/tcp")
}

/// What a collector keeps: the items that are open and since when.
#[derive(Default, Debug, PartialEq)]
struct Replayed(BTreeMap<u8, Time>);

impl Replayed {
    fn apply(&mut self, body: &IntervalBody<u8>) {
        if body.whole {
            self.0.clear();
        }
        for closed in &body.closed {
            assert!(self.0.remove(&closed.item).is_some(), "closes what is open");
        }
        for opened in &body.opened {
            let known = self.0.insert(opened.item, opened.since);
            assert_eq!(known, None, "opens what is not open");
        }
    }
}

#[test]
fn first_body_is_whole_and_a_still_picture_changes_nothing() {
    let mut open = OpenSet::default();
    let first = open.observe(&seen(&[1, 2]), at(0), Form::Whole);
    assert!(first.whole);
    assert_eq!(first.opened.len(), 2);
    let second = open.observe(&seen(&[2, 1]), at(60), Form::Change);
    assert!(!second.whole && second.opened.is_empty() && second.closed.is_empty());
}

#[test]
fn interval_ends_when_last_seen_after_24_hours_unseen() {
    let mut open = OpenSet::default();
    open.observe(&seen(&[1]), at(0), Form::Whole);
    open.observe(&seen(&[1]), at(HOUR), Form::Change);
    let early = open.observe(&seen(&[]), at(25 * HOUR - 1), Form::Change);
    assert_eq!(early.closed, []);
    let late = open.observe(&seen(&[]), at(25 * HOUR), Form::Change);
    assert_eq!(
        late.closed,
        [Closed {
            item: 1,
            until: at(HOUR)
        }]
    );
    assert!(open.is_empty());
}

#[test]
fn unknown_reading_closes_nothing_however_late() {
    let mut open = OpenSet::default();
    open.observe(&seen(&[1]), at(0), Form::Whole);
    let before = open.clone();
    let body = open.observe(&denied(), at(1000 * HOUR), Form::Change);
    assert_eq!(body.asked.reason(), Some(&Reason::Denied));
    assert!(body.closed.is_empty() && body.opened.is_empty());
    assert_eq!(open, before);
}

#[test]
fn unknown_reading_is_never_whole() {
    let body = OpenSet::default().observe(&denied(), at(0), Form::Whole);
    assert!(!body.whole, "whole and empty would close everything");
}

#[test]
fn clock_set_back_neither_closes_nor_keeps_for_ever() {
    let mut open = OpenSet::default();
    open.observe(&seen(&[1]), at(0), Form::Whole);
    let back = -500 * HOUR;
    assert_eq!(
        open.observe(&seen(&[]), at(back), Form::Change).closed,
        [],
        "nothing ends because the clock is wrong"
    );
    let closed = open
        .observe(&seen(&[]), at(back + 24 * HOUR), Form::Change)
        .closed;
    assert_eq!(
        closed,
        [Closed {
            item: 1,
            until: at(0)
        }],
        "and it does not end before it began"
    );
}

#[test]
fn picture_that_is_too_large_is_unknown_not_cut() {
    let many = (0..=OPEN_MAX).collect::<BTreeSet<usize>>();
    let mut open = OpenSet::default();
    let body = open.observe(&Reading::known(many, "x"), at(0), Form::Whole);
    assert_eq!(body.asked.reason(), Some(&Reason::failed("too_many")));
    assert!(!body.whole && open.is_empty());
}

#[test]
fn longest_unseen_are_closed_when_too_many_are_open() {
    let mut open = OpenSet::default();
    let first = (0..10).collect::<BTreeSet<usize>>();
    open.observe(&Reading::known(first, "x"), at(0), Form::Whole);
    let many = (10..10 + OPEN_MAX - 3).collect::<BTreeSet<usize>>();
    let body = open.observe(&Reading::known(many, "x"), at(5), Form::Change);
    assert_eq!(open.len(), OPEN_MAX);
    let items: Vec<usize> = body.closed.iter().map(|it| it.item).collect();
    assert_eq!(items, [0, 1, 2, 3, 4, 5, 6]);
    assert!(body.closed.iter().all(|it| it.until == at(0)));
}

#[test]
fn open_set_survives_saving() {
    let mut open = OpenSet::default();
    open.observe(&seen(&[3, 1]), at(0), Form::Whole);
    let text = serde_json::to_string(&open).unwrap();
    assert_eq!(serde_json::from_str::<OpenSet<u8>>(&text).unwrap(), open);
}

#[derive(Debug, Clone)]
struct Step {
    observed: Option<BTreeSet<u8>>,
    /// Hours that pass before it; clocks are also set back.
    hours: i64,
    whole: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (
        proptest::option::weighted(0.8, proptest::collection::btree_set(0_u8..12, 0..8)),
        -3_i64..30,
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(observed, hours, whole)| Step {
            observed,
            hours,
            whole,
        })
}

proptest! {
    #[test]
    fn replaying_changes_gives_the_same_open_set_as_whole(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        let mut open = OpenSet::default();
        let mut collector = Replayed::default();
        let mut now = 0;
        let mut first = true;
        for step in steps {
            now += step.hours * HOUR;
            let reading = step.observed.clone().map_or_else(
                denied,
                |items| Reading::known(items, "/proc/net/tcp"),
            );
            let form = if first || step.whole { Form::Whole } else { Form::Change };
            let body = open.observe(&reading, at(now), form);
            first = first && !body.whole;
            collector.apply(&body);
            let whole: BTreeMap<u8, Time> =
                open.opened().into_iter().map(|it| (it.item, it.since)).collect();
            prop_assert_eq!(&collector.0, &whole);
            if let Some(items) = step.observed {
                prop_assert!(items.iter().all(|item| whole.contains_key(item)));
            }
            prop_assert!(body.opened.is_sorted() && body.closed.is_sorted());
            for closed in &body.closed {
                prop_assert!(!whole.contains_key(&closed.item));
            }
        }
    }
}
