mod fold;
mod scenario;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use daicho_report::{Address, Direction, Hash, Interfaces, Routes, SectionBody};

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

fn text(hospital: &Hospital) -> String {
    let reports: Vec<String> = hospital
        .reports()
        .take(300)
        .map(|it| {
            format!(
                "{} {} {}",
                it.agent,
                it.received_at,
                serde_json::to_string(&it.report).unwrap()
            )
        })
        .collect();
    [
        serde_json::to_string(&hospital.truth).unwrap(),
        serde_json::to_string(&hospital.hand).unwrap(),
        serde_json::to_string(&hospital.input()).unwrap(),
        reports.join("\n"),
    ]
    .join("\n")
}

#[test]
fn a_hospital_has_as_many_assets_as_asked_for() {
    for (assets, seed) in [
        (30, 1),
        (50, 1),
        (50, 2),
        (120, 3),
        (180, 4),
        (500, 4),
        (2_500, 5),
    ] {
        assert_eq!(made(assets, seed).truth.assets.len(), assets, "seed {seed}");
    }
    for seed in 10..30 {
        for assets in [30, 50, 179, 200] {
            assert_eq!(made(assets, seed).truth.assets.len(), assets, "seed {seed}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let one = text(&made(50, 3));
    assert!(one == text(&made(50, 3)));
    assert!(one != text(&made(50, 4)));
}

#[test]
fn every_report_opens_and_verifies_and_the_chain_holds() {
    let hospital = made(50, 7);
    let agents = hospital.agents.iter();
    let keys: BTreeMap<&AgentId, _> = agents.map(|it| (&it.agent, it.key.public())).collect();
    let mut last: BTreeMap<AgentId, (u64, Hash)> = BTreeMap::new();
    let (mut count, mut before) = (0, Time::EPOCH);
    for sent in hospital.reports() {
        let envelope = sent.report.open().unwrap();
        let bytes = sent.report.envelope.get().as_bytes();
        keys[&sent.agent]
            .verify(bytes, &sent.report.signature)
            .unwrap();
        let (number, previous) = last.get(&sent.agent).copied().unwrap_or((0, Hash::ZERO));
        assert_eq!(
            (envelope.sequence, envelope.previous),
            (number + 1, previous)
        );
        last.insert(sent.agent, (envelope.sequence, sent.report.envelope_hash()));
        assert!(before <= sent.received_at && sent.received_at <= hospital.options.end);
        before = sent.received_at;
        count += 1;
    }
    assert!(count > 200, "{count}");
    assert_eq!(last.len(), hospital.agents.len());
}

#[test]
fn addresses_lie_in_their_networks_and_are_given_once() {
    for (assets, seed) in [(50, 1), (50, 2), (500, 2), (500, 3)] {
        let hospital = made(assets, seed);
        let networks = hospital.truth.networks.iter();
        let networks: BTreeMap<&str, _> = networks.map(|it| (it.id.as_str(), it)).collect();
        assert_eq!(networks.len(), hospital.truth.networks.len());
        let mut taken = BTreeMap::new();
        for asset in &hospital.truth.assets {
            for at in &asset.attachments {
                let network = networks[at.network.as_str()];
                for address in &at.addresses {
                    let lies = |range: &Address| {
                        Address {
                            address: *address,
                            ..*range
                        }
                        .network()
                            == range.network()
                    };
                    let known = network.ranges.is_empty() || network.ranges.iter().any(lies);
                    assert!(known, "{} {address} in {network:?}", asset.id);
                    let before = taken.insert((at.network.clone(), *address), asset.id.clone());
                    assert!(
                        before.is_none_or(|it| it == asset.id),
                        "{seed}: {address} twice"
                    );
                }
            }
        }
    }
}

/// What a machine's report says of its own place.
fn body<B: SectionBody + Default>(observed: &daicho_ledger::Observed) -> B {
    let section = observed
        .sections
        .iter()
        .find(|it| it.kind.as_str() == B::KIND);
    section
        .map(|it| serde_json::from_str(it.body.get()).unwrap())
        .unwrap_or_default()
}

#[test]
fn no_machine_reports_talk_or_neighbours_that_it_could_not_see() {
    for (assets, seed) in [(50, 1), (50, 2), (500, 6)] {
        let input = made(assets, seed).input();
        for observed in &input.agents {
            let interfaces = body::<Interfaces>(observed);
            let routes = body::<Routes>(observed);
            let interfaces = interfaces.interfaces.value().unwrap();
            let own: BTreeSet<_> = interfaces
                .iter()
                .flat_map(|it| &it.addresses)
                .map(|it| it.address)
                .collect();
            let names: BTreeSet<_> = interfaces.iter().map(|it| it.name.as_str()).collect();
            let on_link = |to: &Address, peer| {
                Address {
                    address: peer,
                    ..*to
                }
                .network()
                    == to.network()
            };
            for flow in observed.flows.iter().filter(|it| it.until.is_none()) {
                assert!(own.contains(&flow.item.local), "{:?}", flow.item);
                assert!(!own.contains(&flow.item.peer), "{:?}", flow.item);
                let peer = flow.item.peer;
                let routes = routes.routes.value().unwrap();
                let reached = routes.iter().any(|it| {
                    it.destination.address.is_ipv4() == peer.is_ipv4()
                        && on_link(&it.destination, peer)
                });
                assert!(reached, "no route to {peer}: {:?} {routes:?}", flow.item);
                assert!(flow.item.direction != Direction::Unclear);
            }
            for neighbour in observed.neighbours.iter().filter(|it| it.until.is_none()) {
                let it = &neighbour.item;
                assert!(names.contains(it.interface.as_str()), "{it:?}");
                assert!(!own.contains(&it.address), "{it:?}");
                let me = interfaces
                    .iter()
                    .find(|me| me.name == it.interface)
                    .unwrap();
                assert!(
                    me.addresses
                        .iter()
                        .any(|mine| mine.address.is_ipv4() == it.address.is_ipv4()
                            && on_link(mine, it.address)),
                    "{it:?} {me:?}"
                );
            }
        }
    }
}

#[test]
fn every_machine_has_an_address() {
    for (assets, seed) in [
        (50, 1),
        (179, 2),
        (700, 3),
        (1_199, 4),
        (2_500, 5),
        (3_500, 6),
    ] {
        let truth = made(assets, seed).truth;
        for asset in truth.assets.iter().filter(|it| it.agent.is_some()) {
            let has = asset.attachments.iter().all(|it| !it.addresses.is_empty());
            assert!(has && !asset.attachments.is_empty(), "{assets}: {asset:?}");
        }
    }
}

#[test]
fn nothing_is_newer_than_the_report_that_tells_it() {
    let hospital = made(500, 8);
    let late = |at: Time, section: &daicho_ledger::KeptSection| at > section.at;
    let slow = |observed: &daicho_ledger::Observed| {
        // A machine whose clock is wrong tells wrong times.
        observed.presence.collected_at.seconds() < 1_000_000_000
    };
    for observed in hospital.input().agents.iter().filter(|it| !slow(it)) {
        for section in &observed.sections {
            let text = section.body.get();
            let times = text
                .split('"')
                .filter(|it| it.len() == 20 && it.ends_with('Z'));
            for time in times.filter_map(|it| Time::parse(it).ok()) {
                let future = time.seconds() > 2_000_000_000;
                assert!(
                    future || !late(time, section),
                    "{} {time}: {text}",
                    section.kind
                );
            }
        }
    }
}

#[test]
fn the_truth_names_only_what_is_there() {
    for (assets, seed) in [(50, 1), (500, 2), (2_500, 3)] {
        let hospital = made(assets, seed);
        let truth = &hospital.truth;
        let ids: BTreeSet<&str> = truth.assets.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids.len(), truth.assets.len());
        let networks: BTreeSet<&str> = truth.networks.iter().map(|it| it.id.as_str()).collect();
        let systems: BTreeSet<&str> = truth.systems.iter().map(|it| it.id.as_str()).collect();
        let hand: BTreeSet<&str> = hospital.hand.iter().map(|it| it.key.as_str()).collect();
        let agents: BTreeSet<&AgentId> = hospital.agents.iter().map(|it| &it.agent).collect();
        assert!(
            truth
                .networks
                .iter()
                .filter_map(|it| it.gateway.as_deref())
                .all(|it| ids.contains(it))
        );
        for asset in &truth.assets {
            assert!(
                asset
                    .attachments
                    .iter()
                    .all(|it| networks.contains(it.network.as_str()))
            );
            assert!(
                asset
                    .systems
                    .iter()
                    .all(|it| it == "s-oqs" || it == "s-ehr" || systems.contains(it.as_str())),
                "{asset:?}"
            );
            assert!(asset.hand.as_deref().is_none_or(|it| hand.contains(it)));
            assert!(asset.agent.as_ref().is_none_or(|it| agents.contains(it)));
        }
        let mut points = BTreeSet::new();
        for point in &truth.points {
            assert!(points.insert(point.id.as_str()), "{}", point.id);
            assert!(ids.contains(point.asset.as_str()));
            assert!(point.also_at.iter().all(|it| ids.contains(it.as_str())));
            assert!(point.hand.as_deref().is_none_or(|it| hand.contains(it)));
        }
        for system in &truth.systems {
            assert!(
                system
                    .servers
                    .iter()
                    .chain(&system.clients)
                    .all(|it| ids.contains(it.as_str()))
            );
        }
        for flow in &truth.flows {
            assert!(ids.contains(flow.from.as_str()));
            assert!(flow.to.as_deref().is_none_or(|it| ids.contains(it)));
        }
        assert!(truth.label.contains("模擬") && truth.name.contains("模擬"));
    }
}

#[test]
fn all_kinds_of_lines_come_over_the_seeds() {
    let mut kinds = BTreeSet::new();
    for seed in 1..=20 {
        for assets in [50, 500] {
            let hospital = made(assets, seed);
            kinds.extend(hospital.truth.points.iter().map(|it| it.kind));
        }
    }
    use daicho_ledger::PointKind::*;
    for kind in [
        OqsIpv6,
        OqsPppoe,
        OqsIpsec,
        OqsWebApi,
        RegionalLink,
        RegionalIpVpn,
        VendorVpn,
        RemoteTool,
        Mobile,
        Internet,
        CloudEhr,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

#[test]
fn every_trap_comes_where_it_fits() {
    let all = |assets: usize| -> String {
        let hospitals = (1..=12).map(|seed| made(assets, seed).truth.traps.join("\n"));
        hospitals.collect::<Vec<_>>().join("\n")
    };
    let always = [
        "複製された機器",
        "同じホスト名",
        "夕方から",
        "時計が2000年",
        "アドレスのない機器",
        "意味のないシリアル番号",
        "文書ビューア",
        "8000番",
        "動いていない遠隔操作ソフト",
        "管理者で自動ログオン",
        "192.168.1.0/24",
        "一般のフレッツ用DNS",
    ];
    for (assets, more) in [
        (50, &[][..]),
        (
            500,
            &[
                "一つのドック",
                "日によって別の",
                "1433番",
                "同じハードウェアアドレス",
                "手入力の矛盾",
            ][..],
        ),
    ] {
        let traps = all(assets);
        for trap in always.iter().chain(more) {
            assert!(traps.contains(trap), "{assets}: {trap}");
        }
    }
}

#[test]
fn a_large_hospital_is_made_in_a_few_seconds() {
    let start = Instant::now();
    let hospital = made(2_500, 1);
    let made = start.elapsed();
    let input = hospital.input();
    let read = start.elapsed() - made;
    println!("2,500 assets: made in {made:?}, input in {read:?}");
    assert!(input.agents.len() > 1_500);
    assert!(read.as_secs() < 20, "{read:?}");
}
