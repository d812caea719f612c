use daicho_ledger::hand::{
    Decision, DeclaredPoint, DeviceKind, Entry, HandDevice, HandInterface, HandSystem, Match,
    Person, SiteRule, Vendor, Verdict,
};
use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::Protocol;
use proptest::prelude::*;

use super::*;
use crate::check::{rebuild_compare, verify};
use crate::site::tests::{Fixture, START, fixture};

pub(crate) fn device(key: &str, name: &str) -> Draft {
    Draft {
        key: key.to_owned(),
        body: EntryBody::Device(HandDevice {
            name: name.to_owned(),
            kind: DeviceKind::Firewall,
            interfaces: vec![
                HandInterface {
                    name: "WAN".to_owned(),
                    mac: Some("00:11:22:33:44:55".to_owned()),
                    address: address("192.168.1.1/24"),
                    ..HandInterface::default()
                },
                HandInterface::default(),
            ],
            maker: "製造元\n二行目\t\"引用\" \\ \u{202e}逆".to_owned(),
            model: String::new(),
            serial: String::new(),
            firmware: "1.2".to_owned(),
            place: "サーバ室".to_owned(),
            purpose: String::new(),
            department: String::new(),
            owner: String::new(),
            vendor: Some("v-1".to_owned()),
            system: None,
            zone: Some(ZoneKind::Dmz),
            pair: None,
            note: String::new(),
        }),
    }
}

fn draft(key: &str, body: EntryBody) -> Draft {
    Draft {
        key: key.to_owned(),
        body,
    }
}

fn drafts() -> Vec<Draft> {
    let mut drafts = vec![
        draft(
            "p-1",
            EntryBody::Person(Person {
                name: "架空 太郎".to_owned(),
                role: "システム管理者".to_owned(),
                ..Person::default()
            }),
        ),
        draft(
            "v-1",
            EntryBody::Vendor(Vendor {
                name: "架空保守".to_owned(),
                phone: "00-0000-0000".to_owned(),
                ..Vendor::default()
            }),
        ),
        draft(
            "ehr",
            EntryBody::System(HandSystem {
                name: "電子カルテ".to_owned(),
                person: Some("p-1".to_owned()),
                restore_order: Some(1),
                ..HandSystem::default()
            }),
        ),
        device("fw-main", "ファイアウォール"),
    ];
    drafts.push(fields(
        "a-0001",
        &[("location", "二階\n受付"), ("stocktaking", "2026-11-20")],
    ));
    drafts.extend(judgements());
    drafts
}

fn fields(key: &str, values: &[(&str, &str)]) -> Draft {
    let value = |(name, text): &(&str, &str)| {
        let value = HandValue {
            text: (*text).to_owned(),
            by: String::new(),
            at: Time::EPOCH,
        };
        ((*name).to_owned(), value)
    };
    let values = values.iter().map(value).collect();
    draft(key, EntryBody::Fields(HandFields { values }))
}

/// A point, a rule and a decision.
fn judgements() -> [Draft; 3] {
    [
        draft(
            "line-1",
            EntryBody::Point(DeclaredPoint {
                name: "保守回線".to_owned(),
                kind: PointKind::VendorVpn,
                device: Some("fw-main".to_owned()),
                asset: None,
                address: Some("192.168.1.1".parse().unwrap()),
                line: "回線".to_owned(),
                peer: String::new(),
                peer_networks: vec![
                    address("10.9.0.0/16").unwrap(),
                    address("fd00::/48").unwrap(),
                ],
                vendor: Some("v-1".to_owned()),
                always_on: Some(true),
                switch_off: "電源を切る".to_owned(),
                demarcation: String::new(),
                system: None,
                note: String::new(),
            }),
        ),
        draft(
            "r-1",
            EntryBody::Rule(SiteRule {
                when: Match {
                    publisher: Some("Example*".to_owned()),
                    port: Some(104),
                    protocol: Some(Protocol::Tcp),
                    range: address("10.1.0.0/16"),
                    ..Match::default()
                },
                system: Some("画像".to_owned()),
                zone: None,
                point: None,
                note: String::new(),
            }),
        ),
        draft(
            "point:x/1",
            EntryBody::Decision(Decision {
                verdict: Verdict::Confirmed,
                on: "2026-11-20".to_owned(),
                why: "現地で確認".to_owned(),
                name: None,
            }),
        ),
    ]
}

fn hand_at(it: &Fixture, seconds: i64) -> Hand {
    store::read(it.site.store.as_ref(), |rows| {
        at(rows, Time::from_seconds(seconds))
    })
    .unwrap()
}

fn names(hand: &Hand) -> Vec<(String, String)> {
    let devices = hand.devices();
    devices
        .map(|(entry, device)| (entry.by.clone(), device.name.clone()))
        .collect()
}

#[test]
fn entries_stand_as_of_a_moment() {
    let it = fixture();
    assert_eq!(
        enter(&it.site, "甲", &[device("a", "古い")]).unwrap(),
        [Change::New]
    );
    it.pass(60);
    assert_eq!(
        enter(&it.site, "乙", &[device("a", "新しい")]).unwrap(),
        [Change::Changed]
    );
    it.pass(60);
    withdraw(&it.site, "丙", "device", "a", "撤去").unwrap();
    let one = |by: &str, name: &str| vec![(by.to_owned(), name.to_owned())];
    assert_eq!(names(&hand_at(&it, START - 1)), []);
    assert_eq!(names(&hand_at(&it, START)), one("甲", "古い"));
    assert_eq!(names(&hand_at(&it, START + 59)), one("甲", "古い"));
    assert_eq!(names(&hand_at(&it, START + 60)), one("乙", "新しい"));
    assert_eq!(names(&hand_at(&it, START + 120)), []);
    it.assert_sound();
    it.pass(60);
    assert_eq!(
        enter(&it.site, "丁", &[device("a", "再び")]).unwrap(),
        [Change::New]
    );
    it.assert_sound();
}

#[test]
fn what_says_the_same_is_left_as_it_is() {
    let it = fixture();
    enter(&it.site, "甲", &drafts()).unwrap();
    let leaves = it.site.head().unwrap().size;
    it.pass(60);
    let changes = enter(&it.site, "乙", &drafts()).unwrap();
    assert!(
        changes.iter().all(|it| *it == Change::Unchanged),
        "{changes:?}"
    );
    assert_eq!(it.site.head().unwrap().size, leaves);
    assert!(
        now(it.site.store.as_ref())
            .unwrap()
            .entries
            .iter()
            .all(|it| it.by == "甲")
    );
}

#[test]
fn all_or_nothing_is_entered() {
    let it = fixture();
    let mut many = drafts();
    many.push(device("bad key", "x"));
    let refused = enter(&it.site, "甲", &many).unwrap_err();
    assert_eq!(refused.code, "SIT-002");
    assert!(refused.detail.contains("bad key"), "{refused}");
    assert_eq!(now(it.site.store.as_ref()).unwrap().entries, Vec::new());
    assert_eq!(it.site.head().unwrap().size, 0);
}

#[test]
fn a_withdrawal_of_what_is_not_there_names_what_comes_nearest() {
    let it = fixture();
    enter(
        &it.site,
        "甲",
        &[device("fw-main", "x"), device("sw-1", "y")],
    )
    .unwrap();
    let refused = withdraw(&it.site, "甲", "device", "fw-mian", "誤り").unwrap_err();
    assert_eq!(refused.code, "SIT-004");
    assert!(refused.detail.contains("near: fw-main"), "{refused}");
    assert_eq!(
        withdraw(&it.site, "甲", "device", "fw-main", " ")
            .unwrap_err()
            .code,
        "SIT-007"
    );
    assert_eq!(
        withdraw(&it.site, "", "device", "fw-main", "x")
            .unwrap_err()
            .code,
        "SIT-006"
    );
}

#[test]
fn a_changed_row_is_named_by_both_checks() {
    let changes = [
        "UPDATE entry SET author = '別人'",
        "UPDATE entry SET t1 = 5 WHERE key = 'fw-main'",
        "UPDATE entry SET digest = (SELECT digest FROM entry WHERE key = 'ehr') WHERE key = 'fw-main'",
        "DELETE FROM entry WHERE key = 'fw-main'",
        "INSERT INTO entry SELECT site_id, kind, 'other', position, t0, t1, digest, author FROM entry WHERE key = 'fw-main'",
    ];
    for change in changes {
        let it = fixture();
        enter(&it.site, "甲", &drafts()).unwrap();
        it.assert_sound();
        let raw = rusqlite::Connection::open(&it.path).unwrap();
        if !change.starts_with("INSERT") && !change.contains("SET t1") {
            assert!(
                raw.execute(change, []).is_err(),
                "the engine forbids {change}"
            );
        }
        raw.execute_batch(
            "DROP TRIGGER entry_keeps; DROP TRIGGER entry_no_delete; DROP TRIGGER entry_closes_once;",
        )
        .unwrap();
        assert!(raw.execute(change, []).unwrap() > 0, "{change}");
        let outcome = verify(it.site.store.as_ref(), &it.site.log_key.public()).unwrap();
        assert!(
            outcome
                .problems
                .iter()
                .any(|it| it.place.starts_with("entry ")),
            "{change}: {:?}",
            outcome.problems
        );
        assert!(!rebuild_compare(it.site.store.as_ref()).unwrap().is_empty());
    }
}

#[test]
fn a_file_gives_back_what_was_written() {
    let it = fixture();
    enter(&it.site, "甲", &drafts()).unwrap();
    let hand = now(it.site.store.as_ref()).unwrap();
    let text = file::text("見出し\n二行目", &hand.entries);
    assert!(text.starts_with("# 見出し\n# 二行目\n"), "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
    assert!(text.contains("address = \"192.168.1.1/24\""), "{text}");
    let read = file::parse(&text).unwrap();
    let read: Vec<Draft> = read.into_iter().map(|it| it.draft).collect();
    assert_eq!(read.len(), drafts().len());
    assert!(
        changes(&hand, &read)
            .iter()
            .all(|it| *it == Change::Unchanged)
    );
    assert_eq!(text, file::text("見出し\n二行目", &hand.entries));
}

fn fault(text: &str, line: usize, what: &str) {
    let fault = file::parse(text).unwrap_err();
    assert_eq!(fault.line, line, "{fault} in\n{text}");
    assert!(fault.what.contains(what), "{fault} in\n{text}");
}

#[test]
fn a_wrong_line_is_named() {
    fault(
        "[[device]]\nkey = \"a\"\nname = \"x\"\nkind = \"router\"\ncolour = \"red\"\n",
        5,
        "colour",
    );
    fault(
        "[[device]]\nkey = \"a\"\nname = \"x\"\nkind = \"toaster\"\n",
        4,
        "toaster",
    );
    fault("[[device]]\nkey = \"a\"\nkind = \"router\"\n", 1, "name");
    fault("[[device]]\nname = \"x\"\nkind = \"router\"\n", 1, "key");
    fault("[[vendor]]\nkey = \"a b\"\nname = \"x\"\n", 2, "key");
    fault(
        "[[vendor]]\nkey = \"a\"\nname = \"x\"\n\n[[vendor]]\nkey = \"a\"\nname = \"y\"\n",
        5,
        "line 1",
    );
    fault("[[machine]]\nkey = \"a\"\n", 1, "machine");
    fault("device = 1\n", 1, "[[device]]");
    fault("[[vendor]]\nkey = \"a\"\nname = \n", 3, "");
}

#[test]
fn a_wrong_address_is_named() {
    let device =
        "[[device]]\nkey = \"a\"\nname = \"x\"\nkind = \"router\"\n\n[[device.interfaces]]\n";
    fault(
        &format!("{device}address = \"10.0.0.300/24\"\n"),
        7,
        "10.0.0.300/24",
    );
    fault(
        &format!("{device}address = \"10.0.0.3\"\n"),
        7,
        "no address",
    );
    fault(
        &format!("{device}address = \"10.0.0.3/33\"\n"),
        7,
        "no address",
    );
    fault(&format!("{device}mac = \"00:11\"\n"), 7, "six pairs");
    fault(
        "[[point]]\nkey = \"a\"\nname = \"x\"\nkind = \"internet\"\npeer_networks = [\"10.0.0.0/8\", \"x\"]\n",
        5,
        "peer_networks",
    );
}

#[test]
fn what_says_nothing_or_too_much_is_named() {
    let rule = "[[rule]]\nkey = \"a\"\nzone = \"his\"\n";
    for (when, what) in [
        ("program = \"x\", protocol = \"udp\"", "needs a port"),
        ("program = \"a*b*c*d*e*f\"", "at most 4"),
        ("range = \"0.0.0.0/0\"", "everything"),
        ("host_name = \"a\\tb\"", "control"),
    ] {
        fault(&format!("{rule}when = {{ {when} }}\n"), 4, what);
    }
    fault(
        "[[rule]]\nkey = \"a\"\nzone = \"his\"\nwhen = { }\n",
        4,
        "look at something",
    );
    fault(
        "[[rule]]\nkey = \"a\"\nzone = \"his\"\nwhen = { program = \"**\" }\n",
        4,
        "everything",
    );
    fault(
        "[[rule]]\nkey = \"a\"\nwhen = { program = \"x\" }\n",
        1,
        "must name",
    );
    fault(
        "[[decision]]\nkey = \"a\"\nverdict = \"confirmed\"\non = \"昨日\"\n",
        4,
        "2026-11-20",
    );
    fault(
        "[[vendor]]\nkey = \"a\"\nname = \"x\"\nat = \"never\"\n",
        4,
        "at",
    );
    for (pin, line, what) in [
        ("zones = [\"his\"]\nthing = \"x\"", 4, "not with zones"),
        ("thing = \"x\"", 1, "one of zones"),
        ("place = 1", 1, "with place"),
        ("thing = \"x\"\nplace = 0", 4, "1 or more"),
        ("zones = [\"his\", \"his\"]", 3, "twice"),
    ] {
        fault(&format!("[[pin]]\nkey = \"a\"\n{pin}\n"), line, what);
    }
    let long = "長".repeat(201);
    fault(
        &format!("[[vendor]]\nkey = \"a\"\nname = \"{long}\"\n"),
        3,
        "200",
    );
    fault(
        "[[vendor]]\nkey = \"a\"\nname = \"x\\u0007\"\n",
        3,
        "control",
    );
}

#[test]
fn the_sample_file_is_read() {
    let sample = include_str!("../../../docs/operations/site-sample.toml");
    let read = file::parse(sample).unwrap();
    let kinds: BTreeSet<&str> = read.iter().map(|it| it.draft.body.kind()).collect();
    assert_eq!(kinds.len(), file::KINDS.len(), "{kinds:?}");
}

#[test]
fn nearest_names_come_first() {
    let known: BTreeSet<String> = ["fw-main", "fw-sub", "zz"].map(str::to_owned).into();
    assert_eq!(nearest("fw-mian", &known)[0], "fw-main");
    assert_eq!(nearest("", &BTreeSet::new()), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_survives_the_file(name in "\\PC{1,40}", note in "[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]{0,60}") {
        let body = EntryBody::Vendor(Vendor {
            name: format!("x{name}"),
            note,
            ..Vendor::default()
        });
        let entry = Entry { key: "k".to_owned(), by: "甲".to_owned(), at: Time::EPOCH, body };
        let text = file::text("", std::slice::from_ref(&entry));
        let read = file::parse(&text).unwrap();
        prop_assert_eq!(&read[0].draft.body, &entry.body);
        prop_assert_eq!(read[0].by.as_deref(), Some("甲"));
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        let _ = file::parse(&text);
        let _ = file::parse(&format!("[[device]]\nkey = \"a\"\n{text}"));
    }
}

#[test]
fn each_value_of_a_row_keeps_who_wrote_it_and_when() {
    let fixture = fixture();
    let site = &fixture.site;
    let first = fields("a-0001", &[("location", "一階"), ("rack", "R1")]);
    enter(site, "架空一郎", std::slice::from_ref(&first)).unwrap();
    assert_eq!(enter(site, "別人", &[first]).unwrap(), [Change::Unchanged]);
    fixture
        .time
        .store(START + 60, std::sync::atomic::Ordering::SeqCst);
    let then = fields("a-0001", &[("location", "二階"), ("rack", "R1")]);
    assert_eq!(enter(site, "架空花子", &[then]).unwrap(), [Change::Changed]);
    let hand = now(site.store.as_ref()).unwrap();
    let values = &hand.fields()["a-0001"].values;
    let said = |name: &str| (values[name].by.as_str(), values[name].at.seconds());
    assert_eq!(said("rack"), ("架空一郎", START));
    assert_eq!(said("location"), ("架空花子", START + 60));
}

#[test]
fn value_of_a_field_that_there_is_not_or_in_no_form_is_refused_by_name() {
    let fixture = fixture();
    for (name, text) in [
        ("nothing", "x"),
        ("status", "こわれた"),
        ("stocktaking", "先月"),
        ("location", ""),
        ("location", "a\u{7}"),
    ] {
        let refused = enter(&fixture.site, "架空花子", &[fields("a-1", &[(name, text)])]);
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, "SIT-002");
        assert!(refused.detail.contains("a-1"), "{}", refused.detail);
    }
}
