use std::collections::BTreeSet;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Reading, SectionBody, Time};
use proptest::prelude::*;
use serde::Serialize;

use super::look::{Piece, pieces};
use super::query::{self, Query};
use super::{Ended, Hit, Kind, ListError, Wanted, find, list};
use crate::impact::tests::incident::Case;
use crate::tests::{flow, ledger, machine};

fn wanted(kind: Kind, text: &str) -> Vec<Wanted> {
    Wanted::new(kind, text).into_iter().collect()
}

fn hits(kind: Kind, text: &str) -> Vec<String> {
    let mut one = machine(1, 1, 10, "00:1b:21:00:00:01");
    one.flows
        .push(flow("192.168.1.10", "203.0.113.9", 443, "Edge.exe"));
    let all = ledger(vec![one, machine(2, 1, 11, "00:1b:21:00:00:01")]);
    looked(&wanted(kind, text), &all, &[])
        .into_iter()
        .map(|it| format!("{} {}", it.section, it.value))
        .collect()
}

fn looked(wanted: &[Wanted], ledger: &Ledger, ended: &[Ended]) -> Vec<Hit> {
    find(&Query::new(wanted).unwrap(), ledger, ended)
}

#[test]
fn address_range_and_program_find_the_talk_with_its_proof() {
    let talk = "flow 192.168.1.10 → 203.0.113.9 443/tcp Edge.exe";
    assert_eq!(hits(Kind::Address, "203.0.113.9"), [talk]);
    assert_eq!(hits(Kind::Any, "203.0.113.0/24"), [talk]);
    assert_eq!(hits(Kind::Program, "edge.exe"), [talk]);
    assert_eq!(hits(Kind::Any, "dge"), [talk]);
    assert!(hits(Kind::Program, "dge").is_empty());
    assert!(hits(Kind::Address, "203.0.113.90").is_empty());
    assert!(Wanted::new(Kind::Address, "0.0.0.0/0").is_none());
    assert!(Wanted::new(Kind::Any, "0.0.0.0/0").is_none());
    assert!(Wanted::new(Kind::Any, "***").is_none());
}

#[test]
fn stix_patterns_are_read_and_what_cannot_be_looked_for_is_counted() {
    let text = r#"{"type":"bundle","objects":[
      {"type":"indicator","pattern":"[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'bad.example']"},
      {"type":"indicator","pattern":"[file:hashes.'SHA-256' = 'aa'] AND [url:value = 'https://u@evil.example:8080/x?y']"},
      {"type":"indicator","pattern":"[process:name != 'good.exe']"},
      {"type":"domain-name","value":"it\u0027s.example"},{"type":"mac-addr","value":"d2:fb:49:24:37:18"},
      {"type":"malware","name":"x"}]}"#;
    let taken = list(text.as_bytes()).unwrap();
    let texts: Vec<&str> = taken.wanted.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "198.51.100.7",
            "bad.example",
            "evil.example",
            "it's.example",
            "d2:fb:49:24:37:18"
        ]
    );
    assert_eq!(taken.left.values().sum::<usize>(), 1, "{:?}", taken.left);
}

#[test]
fn csv_lists_are_read_line_by_line_and_wrong_lines_are_counted() {
    let text = "\u{feff}kind,value\naddress,198.51.100.7\n\"domain\",\"bad.example\"\naddress,nonsense\nnothing,x\n198.51.100.0/24\n";
    let taken = list(text.as_bytes()).unwrap();
    assert_eq!(taken.wanted.len(), 3);
    assert_eq!(taken.left["row"], 2);
}

#[test]
fn hostile_lists_are_refused_before_they_are_parsed() {
    assert_eq!(
        list(&vec![b' '; super::LIST_BYTES + 1]).unwrap_err(),
        ListError::Long
    );
    assert_eq!(list(&[0xff, 0xfe]).unwrap_err(), ListError::Text);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(list(deep.as_bytes()), Err(ListError::Json(_))));
    assert_eq!(
        list("1.2.3.4\n".repeat(30_000).as_bytes()).unwrap_err(),
        ListError::Many
    );
    // Quotes without an end, escapes at the end: no harm.
    for pattern in ["[a:b = '", "[a:b = '\\\\", "'''", "= ''"] {
        let text = format!("{{\"type\":\"indicator\",\"pattern\":\"{pattern}\"}}");
        assert!(list(text.as_bytes()).unwrap().wanted.is_empty());
    }
}

#[test]
fn hardware_address_is_found_in_every_form_in_which_devices_show_it() {
    let mut one = machine(1, 1, 10, "00:1b:21:00:00:01");
    let mut own = one.interfaces.interfaces.value().unwrap().clone();
    own[0].mac = Some("AA-BB-CC-00-11-22".to_owned());
    one.interfaces.interfaces = Reading::known(own, "test");
    let all = ledger(vec![one]);
    let found = |kind, text: &str| {
        let hits = looked(&wanted(kind, text), &all, &[]);
        hits.into_iter().map(|it| it.section).collect::<Vec<_>>()
    };
    for text in ["aa:bb:cc:00:11:22", "AA-BB-CC-00-11-22", "aabb.cc00.1122"] {
        assert_eq!(found(Kind::Any, text), ["interface"], "{text}");
        assert_eq!(found(Kind::Mac, text), ["interface"], "{text}");
    }
    assert_eq!(found(Kind::Mac, "aa-bb-cc*"), ["interface"]);
    // The device that was seen, and by whom.
    assert_eq!(
        found(Kind::Mac, "00:1b:21:00:00:01"),
        ["neighbour", "neighbour"]
    );
    // A piece of a name is no piece of an address.
    assert!(found(Kind::Any, "bb").is_empty() && found(Kind::Mac, "bb").is_empty());
    let agent = br#"{"mac":"AA-BB-CC-00-11-22"}"#;
    let typed = wanted(Kind::Mac, "aa:bb:cc:00:11:22");
    assert!(Query::new(&typed).unwrap().may_hold("interface", agent));
}

#[test]
fn what_ended_is_gone_only_where_nothing_of_it_is_left() {
    let one = machine(1, 1, 10, "00:1b:21:00:00:01");
    let at = |day: i64| Time::from_seconds(1_795_000_000 - day * 86_400);
    let ended = |day: i64, last: usize| {
        let mut asset = machine(1, 1, last, "00:1b:21:00:00:01");
        asset.read_at = vec![("interface".to_owned(), at(day + 1))];
        let until = at(day);
        Ended { asset, until }
    };
    let now = ledger(vec![one]);
    let versions = [ended(5, 99), ended(3, 10), ended(2, 99)];
    let range = wanted(Kind::Address, "192.168.1.0/24");
    let hits = looked(&range, &now, &versions);
    let own = |text: &str| {
        let hits = hits.iter().filter(|it| it.section == "interface");
        let mut hits = hits.filter(|it| it.value.contains(text));
        let hit = hits.next().unwrap();
        assert!(hits.next().is_none());
        (hit.first, hit.last, hit.gone)
    };
    assert_eq!(own(".1.99/"), (Some(at(6)), Some(at(2)), true));
    let reported = now.assets[0].presence.last_at;
    assert_eq!(own(".1.10/"), (Some(at(4)), Some(reported), false));
}

/// The JSON of the section that a piece is in, as its agent writes it.
fn json(asset: &AgentAsset, piece: &Piece<'_>) -> Vec<Vec<u8>> {
    fn one<T: SectionBody + Serialize>(body: &T) -> Vec<Vec<u8>> {
        vec![serde_json::to_vec(body).unwrap()]
    }
    fn each<'a, T: Serialize + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<Vec<u8>> {
        items.map(|it| serde_json::to_vec(it).unwrap()).collect()
    }
    match piece.section {
        "flow" => each(asset.flows.iter().map(|it| &it.item)),
        "neighbour" => each(asset.neighbours.iter().map(|it| &it.item)),
        "interface" => one(&asset.interfaces),
        "route" => one(&asset.routes),
        "trace" => one(&asset.traces),
        "patch" => one(&asset.patches),
        "trust" => one(&asset.trust),
        "hardware" => one(&asset.hardware),
        "storage" => one(&asset.storage),
        "printer" => one(&asset.printers),
        "vpn" => one(&asset.vpns),
        "listener" => one(&asset.listeners),
        "service" => one(&asset.services),
        "account" => one(&asset.accounts),
        "software" => one(&asset.software),
        "remote_tool" => one(&asset.remote_tools),
        other => panic!("{other}"),
    }
}

/// What a person would type to find it.
fn typed(piece: &Piece<'_>) -> Vec<Wanted> {
    let address = |it: std::net::IpAddr| {
        let bits = if it.is_ipv4() {
            [32, 24, 13, 5]
        } else {
            [128, 64, 40, 3]
        };
        bits.map(|bits| (Kind::Address, format!("{it}/{bits}")))
            .to_vec()
    };
    let name = |it: &str| {
        let kinds = piece.kinds.iter().filter(|kind| **kind != Kind::Address);
        let mut all: Vec<_> = kinds.map(|kind| (*kind, it.to_uppercase())).collect();
        if piece.kinds != [Kind::Mac] {
            all.push((Kind::Any, it.chars().skip(1).take(4).collect()));
        }
        all
    };
    let texts = match (piece.address, &piece.name) {
        (Some(it), _) => address(it),
        (None, Some(it)) => name(it),
        (None, None) => Vec::new(),
    };
    let texts = texts.into_iter();
    // A software's name with `=` asks for a version; such a name is found by its beginning.
    texts
        .filter(|(kind, text)| *kind != Kind::Software || !text.contains('='))
        .filter_map(|(kind, text)| Wanted::new(kind, &text))
        .collect()
}

#[test]
fn nothing_that_would_be_found_is_passed_over() {
    let case = Case::of(daicho_simulate::Scenario::ForgottenVpn, 60, 4);
    let mut sections = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for asset in &case.ledger.assets {
        for piece in pieces(asset) {
            sections.insert(piece.section);
            if !asked.insert((
                piece.section,
                piece.kinds,
                piece.address,
                piece.name.as_deref().map(str::to_owned),
            )) {
                continue;
            }
            for one in typed(&piece) {
                let one = [one];
                let query = Query::new(&one).unwrap();
                assert!(query.sections().any(|it| it == piece.section), "{one:?}");
                assert_eq!(query.fitting(&piece).len(), 1, "{one:?}");
                let bodies = json(asset, &piece);
                let may = bodies.iter().any(|it| query.may_hold(piece.section, it));
                assert!(may, "{one:?} in {}", piece.section);
            }
        }
    }
    assert!(sections.len() >= 12, "{sections:?}");
    assert!(asked.len() > 400, "{}", asked.len());
}

/// Text with everything that JSON escapes and that has more than one case.
fn text() -> impl Strategy<Value = String> {
    let letters = "abkisABKISßΣςσİıK電ア゛a\u{301}\\\"/.*= \u{1}\u{7f}\u{85}Ａａ💊";
    let letters: Vec<char> = letters.chars().collect();
    prop::collection::vec(prop::sample::select(letters), 0..8)
        .prop_map(|it| it.into_iter().collect())
}

fn kind() -> impl Strategy<Value = Kind> {
    let all = [
        Kind::Domain,
        Kind::Program,
        Kind::Service,
        Kind::Account,
        Kind::Software,
        Kind::Any,
    ];
    prop::sample::select(all.to_vec())
}

proptest! {
    #[test]
    fn many_wanted_things_find_what_each_finds_alone(
        names in prop::collection::vec(text(), 1..6),
        texts in prop::collection::vec((kind(), text()), 1..12),
    ) {
        let wanted: Vec<Wanted> = texts.iter().filter_map(|(kind, it)| Wanted::new(*kind, it)).collect();
        let query = Query::new(&wanted).unwrap();
        for name in &names {
            let piece = Piece {
                section: "software",
                kinds: &[Kind::Software, Kind::Domain, Kind::Account],
                address: None,
                name: Some(name.into()),
                version: Some("1"),
                value: String::new(),
                first: None,
                last: None,
            };
            let lower = name.to_lowercase();
            let alone = wanted.iter().filter(|it| query::fits(it, &lower, piece.kinds, piece.version));
            let alone: Vec<&str> = alone.map(|it| it.text.as_str()).collect();
            let together = query.fitting(&piece);
            let together: Vec<&str> = together.iter().map(|it| it.text.as_str()).collect();
            prop_assert_eq!(&together, &alone);
            let here = wanted.iter().any(|it| {
                matches!(it.kind, Kind::Software | Kind::Any) && alone.contains(&it.text.as_str())
            });
            let plain = serde_json::to_vec(name).unwrap();
            let escaped = name.encode_utf16().map(|it| format!("\\u{it:04x}")).collect::<String>();
            for json in [plain, format!("\"{escaped}\"").into_bytes()] {
                prop_assert!(!here || name.is_empty() || query.may_hold("software", &json));
            }
        }
    }

    #[test]
    fn an_address_is_found_however_it_is_written(groups: [u16; 8], prefix in 1_u8..=128) {
        let address = std::net::Ipv6Addr::from(groups);
        let wanted: Vec<Wanted> = Wanted::new(Kind::Address, &format!("{address}/{prefix}")).into_iter().collect();
        let query = Query::new(&wanted).unwrap();
        let long = groups.map(|it| format!("{it:04X}")).join(":");
        for text in [address.to_string(), long] {
            prop_assert!(query.may_hold("route", text.as_bytes()), "{text}");
        }
    }
}
