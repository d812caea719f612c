//! Who talks to whom inside（院内の通信）. Comes in: a ledger with its topology; goes out: pairs of things
//! with the services of their talk. A peer that cannot be told is left out, never guessed; what goes
//! outside is the topology's.

use std::collections::BTreeMap;

use daicho_ledger::Interval;
use daicho_report::{Direction, Flow, Time};
use serde::{Deserialize, Serialize};

use crate::impact::Places;
use crate::list::Basis;

/// Talk from who opened it to who was talked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// Node of who opened it.
    pub from: String,
    /// Node of who was talked to.
    pub to: String,
    /// Ports with protocol (`443/tcp`), sorted.
    pub services: Vec<String>,
    /// Whether it is known who opened it.
    pub directed: bool,
    /// Last seen.
    pub last: Time,
}

/// All talk inside, each pair and direction once, sorted.
#[must_use]
pub fn talks(basis: Basis<'_>) -> Vec<Talk> {
    let places = Places::of(basis);
    let mut all: BTreeMap<(String, String), Talk> = BTreeMap::new();
    for asset in &basis.ledger.assets {
        for flow in &asset.flows {
            let Some(one) = talk(&asset.id.0, flow, &places, asset.presence.last_at) else {
                continue;
            };
            let key = (one.from.clone(), one.to.clone());
            let kept = all.entry(key).or_insert_with(|| one.clone());
            kept.directed |= one.directed;
            kept.last = kept.last.max(one.last);
            for service in one.services {
                if let Err(at) = kept.services.binary_search(&service) {
                    kept.services.insert(at, service);
                }
            }
        }
    }
    all.into_values().collect()
}

/// The talk of a flow; one that has not ended was there at the newest report.
fn talk(own: &str, flow: &Interval<Flow>, places: &Places<'_>, newest: Time) -> Option<Talk> {
    let it = &flow.item;
    let peer = places.peer_of(own, it)?;
    if peer == own {
        return None;
    }
    let (from, to) = match it.direction {
        Direction::Inbound => (peer, own),
        _ => (own, peer),
    };
    let protocol = format!("{:?}", it.protocol).to_lowercase();
    Some(Talk {
        from: from.to_owned(),
        to: to.to_owned(),
        services: vec![format!("{}/{protocol}", it.port)],
        directed: it.direction != Direction::Unclear,
        last: flow.until.unwrap_or(newest),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use daicho_simulate::{Options, hospital};

    use super::*;
    use crate::Knowledge;

    #[test]
    fn talk_is_of_things_on_the_diagram_and_agrees_with_what_happened() {
        let made = hospital(&Options {
            assets: 50,
            seed: 3,
            days: 2,
            reports_per_day: 4,
            end: Time::from_seconds(1_795_000_000),
            scenario: None,
        });
        let ledger = daicho_ledger::build(&made.input());
        let network = crate::network(&ledger, &Knowledge::shipped());
        let basis = Basis {
            ledger: &ledger,
            topology: &network.topology,
            recognition: &network.recognition,
        };
        let found = talks(basis);
        let agent = |id: &String| -> Option<String> {
            let asset = made.truth.assets.iter().find(|it| it.id == *id)?;
            asset.agent.as_ref().map(ToString::to_string)
        };
        let both = |from: &String, to: &String| Some((agent(from)?, agent(to)?));
        let flows = made.truth.flows.iter();
        let truth: BTreeSet<(String, String)> = flows
            .filter_map(|it| both(&it.from, it.to.as_ref()?))
            .collect();
        let agents: BTreeSet<&str> = ledger.assets.iter().map(|it| it.id.0.as_str()).collect();
        let mut right = 0;
        for talk in &found {
            assert!(network.topology.node(&talk.from).is_some(), "{talk:?}");
            assert!(network.topology.node(&talk.to).is_some(), "{talk:?}");
            assert!(
                talk.from != talk.to && !talk.services.is_empty(),
                "{talk:?}"
            );
            let ends = (talk.from.clone(), talk.to.clone());
            if agents.contains(ends.0.as_str()) && agents.contains(ends.1.as_str()) {
                assert!(!talk.directed || truth.contains(&ends), "{talk:?}");
                right += usize::from(truth.contains(&ends));
            }
        }
        assert!(right > 10, "{right} of {}", truth.len());
        assert_eq!(talks(basis), found);
    }
}
