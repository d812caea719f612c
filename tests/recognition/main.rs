//! How well the recogniser does on simulated hospitals. Comes in: hospitals made from seeds, whose
//! makers know nothing of the recogniser; goes out: a table of what was found against what is so,
//! and a failure below the limits. Nothing here is tuned: it only counts.
//!
//! By default a few small hospitals; `DAICHO_SEEDS=20` counts all sizes and seeds (a release build
//! is advised: `DAICHO_SEEDS=20 cargo test --release -p daicho-graph --test recognition -- --nocapture`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the whole program is a test"
)]

mod count;
mod place;

use count::{Counts, count};
use daicho_report::Time;
use daicho_simulate::{Options, hospital};

/// The end of the simulated time; any fixed moment serves.
const END: &str = "2026-11-20T09:00:00Z";

fn sizes() -> Vec<(usize, u64)> {
    let all = std::env::var("DAICHO_SEEDS").ok();
    match all.and_then(|text| text.parse::<u64>().ok()) {
        Some(seeds) => vec![(50, seeds), (500, seeds), (2500, seeds)],
        None => vec![(50, 6), (500, 2)],
    }
}

fn options(assets: usize, seed: u64) -> Options {
    Options {
        assets,
        seed,
        days: 35,
        reports_per_day: 1,
        end: Time::parse(END).unwrap(),
        scenario: None,
    }
}

#[test]
fn what_is_there_is_recognised_and_nothing_else_is_called_confirmed() {
    let mut failures = Vec::new();
    for (assets, seeds) in sizes() {
        let mut sum = Counts::default();
        for seed in 1..=seeds {
            let counts = count(&hospital(&options(assets, seed)));
            for line in counts.misses.iter().take(40) {
                println!("  {assets}/{seed}: {line}");
            }
            sum.add(&counts);
        }
        println!("{}", sum.table(assets, seeds));
        failures.extend(
            sum.below_limits()
                .into_iter()
                .map(|it| format!("{assets}: {it}")),
        );
    }
    assert!(failures.is_empty(), "below the limits: {failures:#?}");
}
