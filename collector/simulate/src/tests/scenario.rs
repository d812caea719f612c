//! The incidents are what their stories say.

use super::*;

fn of(scenario: Scenario, assets: usize) -> Hospital {
    hospital(&Options {
        scenario: Some(scenario),
        ..options(assets, 5)
    })
}

const ALL: [Scenario; 4] = [
    Scenario::ForgottenVpn,
    Scenario::Caterer,
    Scenario::DataCentre,
    Scenario::NoList,
];

#[test]
fn the_damaged_can_be_reached_from_the_entry_and_fall_silent_in_order() {
    for scenario in ALL {
        for assets in [50, 500] {
            let hospital = of(scenario, assets);
            assert_eq!(hospital.truth.assets.len(), assets);
            let incident = hospital.truth.incident.as_ref().unwrap();
            assert!(
                hospital
                    .truth
                    .points
                    .iter()
                    .any(|it| it.id == incident.entry),
                "{scenario:?}"
            );
            assert!(!incident.damaged.is_empty() && !incident.noticed.is_empty());
            assert!(incident.damaged.windows(2).all(|it| it[0].1 <= it[1].1));
            let mut last: BTreeMap<AgentId, i64> = BTreeMap::new();
            for observed in hospital.input().agents {
                last.insert(observed.agent, observed.presence.last_at.seconds());
            }
            for (asset, at) in &incident.damaged {
                assert!(incident.reachable.contains(asset), "{scenario:?} {asset}");
                let asset = hospital
                    .truth
                    .assets
                    .iter()
                    .find(|it| it.id == *asset)
                    .unwrap();
                assert_eq!(asset.silent_since, Some(*at));
                let agent = asset.agent.as_ref().unwrap();
                assert!(last[agent] <= *at, "{asset:?}");
            }
            for cut in &incident.cuts {
                let known = hospital.truth.points.iter().any(|it| it.id == *cut)
                    || hospital.truth.networks.iter().any(|it| it.id == *cut);
                assert!(known, "{cut}");
            }
        }
    }
}

#[test]
fn nobody_kept_a_list_where_the_story_says_so() {
    let hospital = of(Scenario::NoList, 500);
    assert!(hospital.hand.is_empty());
    assert!(
        hospital
            .truth
            .points
            .iter()
            .all(|it| it.forgotten && it.hand.is_none())
    );
    assert!(hospital.truth.incident.unwrap().damaged.len() > 150);
}

#[test]
fn the_forgotten_box_is_in_no_list_and_leads_to_another_system() {
    let hospital = of(Scenario::ForgottenVpn, 500);
    let incident = hospital.truth.incident.as_ref().unwrap();
    let entry = hospital
        .truth
        .points
        .iter()
        .find(|it| it.id == incident.entry)
        .unwrap();
    assert!(entry.forgotten && entry.hand.is_none());
    let systems = |id: &str| {
        hospital
            .truth
            .assets
            .iter()
            .find(|it| it.id == id)
            .unwrap()
            .systems
            .clone()
    };
    let struck = incident
        .damaged
        .iter()
        .filter(|it| systems(&it.0).contains(&"s-nurse_call".to_owned()));
    assert!(struck.count() >= 2);
    assert!(
        incident
            .damaged
            .iter()
            .all(|it| !systems(&it.0).contains(&"s-vital_monitor".to_owned()))
    );
}

#[test]
fn one_administrator_is_on_every_windows_machine_of_the_data_centre_story() {
    let hospital = of(Scenario::DataCentre, 500);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let with = hospital.truth.assets.iter().filter(|it| it.agent.is_some());
    for name in with.clone().flat_map(|it| &it.administrators) {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts.remove("Administrator");
    let most = counts.values().max().copied().unwrap();
    assert!(most * 10 > with.count() * 8, "{counts:?}");
}
