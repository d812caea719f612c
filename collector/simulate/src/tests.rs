use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{Interfaces, SectionBody};

use super::*;

/// A hospital of this size and seed.
fn made(assets: usize, seed: u64) -> Hospital {
    hospital(&options(assets, seed))
}

fn options(assets: usize, seed: u64) -> Options {
    Options {
        assets,
        seed,
        days: 10,
        reports_per_day: 1,
        end: Time::parse("2026-11-20T09:00:00Z").unwrap(),
        scenario: None,
    }
}

#[test]
fn a_hospital_has_as_many_assets_as_asked_for() {
    for (assets, seed) in [(30, 1), (50, 1), (50, 2), (120, 3), (500, 4), (2_500, 5)] {
        assert_eq!(made(assets, seed).truth.assets.len(), assets, "seed {seed}");
    }
}

#[test]
fn every_report_opens_and_verifies_and_the_chain_holds() {
    let hospital = made(50, 7);
    let keys: BTreeMap<&AgentId, _> = hospital
        .agents
        .iter()
        .map(|it| (&it.agent, it.key.public()))
        .collect();
    let mut last: BTreeMap<AgentId, (u64, daicho_report::Hash)> = BTreeMap::new();
    let mut count = 0;
    for sent in hospital.reports() {
        let envelope = sent.report.open().unwrap();
        let bytes = sent.report.envelope.get().as_bytes();
        keys[&sent.agent]
            .verify(bytes, &sent.report.signature)
            .unwrap();
        let zero = (0, daicho_report::Hash::ZERO);
        let before = last.get(&sent.agent).copied().unwrap_or(zero);
        assert_eq!(
            (envelope.sequence, envelope.previous),
            (before.0 + 1, before.1)
        );
        last.insert(sent.agent, (envelope.sequence, sent.report.envelope_hash()));
        count += 1;
    }
    assert!(count > 200, "{count}");
    assert_eq!(last.len(), hospital.agents.len());
}

#[test]
fn addresses_lie_in_their_networks() {
    for (assets, seed) in [(50, 1), (500, 2)] {
        let hospital = made(assets, seed);
        let networks: BTreeMap<&str, _> = hospital
            .truth
            .networks
            .iter()
            .map(|it| (it.id.as_str(), it))
            .collect();
        let mut taken = BTreeSet::new();
        for asset in &hospital.truth.assets {
            for at in &asset.attachments {
                let network = networks[at.network.as_str()];
                for address in &at.addresses {
                    let lies = network.ranges.is_empty()
                        || network.ranges.iter().any(|range| {
                            let here = daicho_report::Address {
                                address: *address,
                                prefix: range.prefix,
                            };
                            here.network() == range.network()
                        });
                    assert!(lies, "{} {address} in {network:?}", asset.id);
                    assert!(
                        taken.insert((at.network.clone(), *address, at.mac.clone())),
                        "{address} twice"
                    );
                }
            }
        }
    }
}

#[test]
fn input_has_interfaces_for_every_agent() {
    let hospital = made(50, 1);
    let input = hospital.input();
    for observed in &input.agents {
        let section = observed
            .sections
            .iter()
            .find(|it| it.kind.as_str() == Interfaces::KIND)
            .unwrap();
        let body: Interfaces = serde_json::from_str(section.body.get()).unwrap();
        assert!(body.interfaces.value().unwrap().len() >= 2);
    }
}
