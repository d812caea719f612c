use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use daicho_ledger::hand::Entry;
use daicho_report::{
    AgentId, Cost, Envelope, Gauges, Goodbye, GoodbyeCause, Report, ReportKey, Section,
    SignedGoodbye, TreeHead, WIRE_MAJOR,
};
use daicho_simulate::{Farewell, Options, Sent, SimulatedAgent, Truth};

use super::folder::Folder;
use super::import::{Summary, import};
use super::write::{Parts, write};
use super::*;
use crate::check::verify;
use crate::hand::tests::device;
use crate::site::tests::{Fixture, START, fixture, flows, os};
use crate::{snapshot, store};

/// A place of its own, deleted at the end.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn place() -> Place {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("daicho-simulated-{}-{number}", std::process::id());
    Place(std::env::temp_dir().join(name))
}

/// A tiny hospital of the test's own.
struct Tiny {
    options: Options,
    truth: Truth,
    agents: Vec<SimulatedAgent>,
    hand: Vec<Entry>,
}

fn key(number: u8) -> ReportKey {
    ReportKey::from_secret(&[number; 32])
}

fn id(number: u8) -> AgentId {
    AgentId::from_random(&[number; 16])
}

fn tiny(name: &str) -> Tiny {
    let entry = |draft: crate::hand::Draft, at| Entry {
        key: draft.key,
        by: "架空 太郎".to_owned(),
        at: Time::from_seconds(at),
        body: draft.body,
    };
    let agent = |number: u8| SimulatedAgent {
        agent: id(number),
        key: key(number),
        host_name: format!("pc-{number}"),
        agent_version: "0.1.0".to_owned(),
        enrolled_at: Time::from_seconds(START - 100),
    };
    Tiny {
        options: Options {
            assets: 3,
            seed: 1,
            days: 1,
            reports_per_day: 4,
            end: Time::from_seconds(START + 86_400),
            scenario: None,
        },
        truth: Truth {
            name: name.to_owned(),
            ..Truth::default()
        },
        agents: vec![agent(1), agent(2)],
        hand: vec![
            entry(device("fw", "前"), START - 50),
            entry(device("sw", "後"), START + 3 * 3600),
        ],
    }
}

/// Reports of both agents, hour by hour.
fn sent(count: u8) -> Vec<Sent> {
    let mut previous = [Hash::ZERO, Hash::ZERO];
    let mut out = Vec::new();
    for hour in 0..count {
        for number in 1..=2_u8 {
            let at = Time::from_seconds(START + i64::from(hour) * 3600 + i64::from(number));
            let gauges = Section::new(&Gauges::default(), "linux", at).unwrap();
            let ports: &[u16] = if hour == 0 { &[443] } else { &[] };
            let sections = vec![
                flows(hour == 0, ports, &[]),
                gauges,
                os(if hour < 2 { "Debian" } else { "Ubuntu" }),
            ];
            let slot = &mut previous[usize::from(number) - 1];
            let envelope = Envelope {
                wire: WIRE_MAJOR,
                agent_version: "0.1.0".to_owned(),
                boot_id: "boot".to_owned(),
                sequence: u64::from(hour) + 1,
                previous: *slot,
                collected_at: at,
                cost: Cost::default(),
                sections: sections.iter().map(Section::reference).collect(),
            };
            let report: Report = envelope.seal(&key(number), sections).unwrap();
            *slot = report.envelope_hash();
            out.push(Sent {
                agent: id(number),
                received_at: at,
                report,
            });
        }
    }
    out
}

/// A goodbye after the report of an hour.
fn farewell(number: u8, hour: u8) -> Farewell {
    let at = Time::from_seconds(START + i64::from(hour) * 3600 + i64::from(number));
    let goodbye = Goodbye {
        agent: id(number),
        boot_id: "boot".to_owned(),
        sequence: u64::from(hour) + 1,
        cause: GoodbyeCause::Shutdown,
        at,
    };
    let bytes = serde_json::value::to_raw_value(&goodbye).unwrap();
    let signature = key(number).sign(bytes.get().as_bytes());
    Farewell {
        agent: id(number),
        received_at: at,
        goodbye,
        signed: SignedGoodbye {
            goodbye: bytes,
            signature,
        },
    }
}

impl Tiny {
    fn write(&self, reports: Vec<Sent>, out: &Place) {
        let parts = Parts {
            options: &self.options,
            truth: &self.truth,
            agents: &self.agents,
            hand: &self.hand,
            farewells: vec![farewell(1, 2)],
        };
        write(&parts, reports.into_iter(), &out.0, &mut |_| {}).unwrap();
    }
}

fn made(reports: Vec<Sent>) -> Place {
    let out = place();
    tiny("模擬病院").write(reports, &out);
    out
}

fn take(it: &Fixture, from: &Place) -> Result<Summary, Refused> {
    import(&it.site, &Folder::open(&from.0)?, &mut |_| {})
}

/// A store with a simulated hospital in it.
pub(crate) fn hospital(options: &Options) -> Fixture {
    let (it, out) = (fixture(), place());
    let hospital = daicho_simulate::hospital(options);
    let parts = Parts::from(&hospital);
    write(&parts, hospital.reports(), &out.0, &mut |_| {}).unwrap();
    take(&it, &out).unwrap();
    it
}

fn head(it: &Fixture) -> TreeHead {
    it.site.head().unwrap()
}

fn input(it: &Fixture, seconds: i64) -> daicho_ledger::Input {
    let site = crate::config::Site::default().at(Time::from_seconds(seconds));
    let at = Time::from_seconds(seconds);
    snapshot::input(it.site.store.as_ref(), site, at, 86_400).unwrap()
}

#[test]
fn a_hospital_is_taken_in_like_real_data_and_stays_marked() {
    let (it, from) = (fixture(), made(sent(4)));
    let summary = take(&it, &from).unwrap();
    let expected = Summary {
        agents: 2,
        entries: 2,
        reports: 8,
        goodbyes: 1,
        ..Summary::default()
    };
    assert_eq!(summary, expected);
    it.assert_sound();
    let end = START + 86_400;
    let whole = input(&it, end);
    assert!(whole.site.simulated);
    assert_eq!(whole.site.name, "模擬病院");
    assert_eq!(whole.agents.len(), 2);
    assert_eq!(whole.agents[0].presence.sequence, 4);
    assert_eq!(whole.agents[0].enrolled_at, Time::from_seconds(START - 100));
    assert_eq!(whole.hand.entries.len(), 2);
    // The times of receipt are those of the files.
    let early = input(&it, START + 3600);
    assert!(early.agents[0].sections[0].body.get().contains("Debian"));
    assert!(whole.agents[0].sections[0].body.get().contains("Ubuntu"));
    assert_eq!(early.hand.entries.len(), 1);
    // It stands after the report of the same moment, and ends with the next one.
    let said = input(&it, START + 2 * 3600 + 1);
    assert!(said.agents[0].presence.goodbye.is_some());
    assert_eq!(whole.agents[0].presence.goodbye, None);
    assert_eq!(early.hand.entries[0].by, "架空 太郎");
    let newest = it.site.store.newest_receipt().unwrap();
    assert_eq!(newest, Some(Time::from_seconds(START + 3 * 3600 + 2)));
}

#[test]
fn a_second_import_changes_nothing() {
    let (it, from) = (fixture(), made(sent(4)));
    take(&it, &from).unwrap();
    let before = head(&it);
    let summary = take(&it, &from).unwrap();
    let expected = Summary {
        skipped: 13,
        ..Summary::default()
    };
    assert_eq!(summary, expected);
    assert_eq!(head(&it), before);
    it.assert_sound();
}

#[test]
fn no_real_machine_comes_into_a_simulated_folder() {
    let (it, from) = (fixture(), made(sent(1)));
    take(&it, &from).unwrap();
    let options = crate::token::TokenOptions {
        kind: crate::token::TokenKind::Single,
        ttl_s: 3600,
        cidr: None,
        count: 1,
        auto_approve: true,
        note: String::new(),
    };
    assert_eq!(it.site.token_create(&options).unwrap_err().code, "SIM-001");
    let stranger = it.site.authenticate(&Hash::ZERO).unwrap_err();
    assert_eq!(stranger.code, "ENR-007");
}

#[test]
fn simulated_data_never_comes_into_a_real_folder() {
    let from = made(sent(1));
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian")]);
    let before = head(&it);
    assert_eq!(take(&it, &from).unwrap_err().code, "SIM-002");
    assert_eq!(head(&it), before);
    assert!(!input(&it, START + 1).site.simulated);
    // One entry by hand is a beginning too.
    let it = fixture();
    crate::hand::enter(&it.site, "甲", &[device("fw", "x")]).unwrap();
    assert_eq!(take(&it, &from).unwrap_err().code, "SIM-002");
}

#[test]
fn another_hospital_is_refused() {
    let it = fixture();
    take(&it, &made(sent(1))).unwrap();
    let other = place();
    tiny("模擬病院 その二").write(sent(1), &other);
    assert_eq!(take(&it, &other).unwrap_err().code, "SIM-003");
}

#[test]
fn a_folder_that_does_not_say_that_it_is_simulated_is_refused() {
    let from = made(sent(1));
    let path = from.0.join("hospital.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (old, new) in [
        ("模擬データ", "データ"),
        ("\"format\": 1", "\"format\": 2"),
        ("daicho-simulate", "other"),
        ("\"files\"", "\"flies\""),
    ] {
        std::fs::write(&path, text.replace(old, new)).unwrap();
        assert_eq!(Folder::open(&from.0).unwrap_err().code, "SIM-004", "{new}");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(Folder::open(&from.0).unwrap_err().code, "SIM-004");
}

/// Writes the lines of the first file anew.
fn rewrite(from: &Place, change: impl FnOnce(&mut Vec<String>)) {
    let path = from.0.join("reports/000001.jsonl.zst");
    let bytes = zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    let text = lines.join("\n") + "\n";
    std::fs::write(&path, zstd::bulk::compress(text.as_bytes(), 3).unwrap()).unwrap();
}

#[test]
fn a_broken_line_is_named_and_a_second_import_finishes() {
    type Break = fn(&mut String);
    let breaks: [(&str, Break); 5] = [
        ("EOF", |line| line.truncate(50)),
        ("ING-006", |line| {
            *line = line.replacen("\"boot\"", "\"toob\"", 1)
        }),
        ("unknown field", |line| line.insert_str(1, "\"x\":1,")),
        ("ENR-011", |line| {
            *line = line.replace(id(1).as_str(), id(9).as_str());
        }),
        ("want a report", |line| {
            *line = format!(
                "{{\"agent\":\"{}\",\"received_at\":\"2030-01-01T00:00:00Z\"}}",
                id(1)
            );
        }),
    ];
    for (what, broken) in breaks {
        let (it, from) = (fixture(), made(sent(4)));
        let mut good = String::new();
        rewrite(&from, |lines| {
            good.clone_from(&lines[4]);
            broken(&mut lines[4]);
        });
        let refused = take(&it, &from).unwrap_err();
        assert_eq!(refused.code, "SIM-005", "{refused}");
        assert!(
            refused.detail.starts_with("reports/000001.jsonl.zst:5: "),
            "{refused}"
        );
        assert!(refused.detail.contains(what), "{refused}, want {what}");
        it.assert_sound();
        rewrite(&from, |lines| lines[4] = good);
        let summary = take(&it, &from).unwrap();
        assert_eq!((summary.reports, summary.skipped), (4, 7), "{what}");
        assert_eq!(input(&it, START + 86_400).agents[0].presence.sequence, 4);
        it.assert_sound();
    }
}

#[test]
fn what_is_missing_or_out_of_order_is_refused() {
    let (it, from) = (fixture(), made(sent(4)));
    rewrite(&from, |lines| {
        lines.pop();
    });
    let refused = take(&it, &from).unwrap_err();
    assert!(refused.detail.contains("9 reports, found 8"), "{refused}");

    let (it, from) = (fixture(), made(sent(4)));
    rewrite(&from, |lines| lines.swap(2, 5));
    let refused = take(&it, &from).unwrap_err();
    assert!(refused.detail.contains("jsonl.zst:"), "{refused}");
    it.assert_sound();

    let (it, from) = (fixture(), made(sent(4)));
    std::fs::remove_file(from.0.join("reports/000001.jsonl.zst")).unwrap();
    let refused = take(&it, &from).unwrap_err();
    assert!(refused.detail.contains("reports/000001"), "{refused}");

    let (it, from) = (fixture(), made(sent(4)));
    std::fs::write(from.0.join("hand.toml"), "[[device]]\nkey = 1\n").unwrap();
    let refused = take(&it, &from).unwrap_err();
    assert!(refused.detail.starts_with("hand.toml:2"), "{refused}");

    let (it, from) = (fixture(), made(sent(4)));
    std::fs::write(from.0.join("agents.json"), "[\n{}\n]").unwrap();
    let refused = take(&it, &from).unwrap_err();
    assert!(refused.detail.starts_with("agents.json:2"), "{refused}");
    assert_eq!(head(&it).size, 0);
}

#[test]
fn a_line_without_end_is_not_held_in_memory() {
    let (it, from) = (fixture(), made(sent(4)));
    let path = from.0.join("reports/000001.jsonl.zst");
    let huge = vec![b' '; 40 << 20];
    std::fs::write(&path, zstd::bulk::compress(&huge, 3).unwrap()).unwrap();
    let refused = take(&it, &from).unwrap_err();
    assert!(refused.detail.contains("longer than"), "{refused}");
}

#[test]
fn the_same_parts_give_the_same_bytes_and_a_full_folder_is_refused() {
    let (one, other) = (made(sent(4)), made(sent(4)));
    for name in [
        "hospital.json",
        "truth.json",
        "agents.json",
        "hand.toml",
        "README.txt",
        "reports/000001.jsonl.zst",
    ] {
        let read = |from: &Place| std::fs::read(from.0.join(name)).unwrap();
        assert_eq!(read(&one), read(&other), "{name}");
    }
    assert_eq!(super::write::free(&one.0).unwrap_err().code, "SIM-006");
}

#[test]
fn a_removed_mark_is_found() {
    let (it, from) = (fixture(), made(sent(1)));
    take(&it, &from).unwrap();
    let raw = rusqlite::Connection::open(&it.path).unwrap();
    raw.execute("DELETE FROM meta WHERE key = 'simulated'", [])
        .unwrap();
    let outcome = verify(it.site.store.as_ref(), &it.site.log_key.public()).unwrap();
    let places: Vec<&str> = outcome
        .problems
        .iter()
        .map(|it| it.place.as_str())
        .collect();
    assert_eq!(places, ["meta simulated"]);
    let read = store::read(it.site.store.as_ref(), |rows| mark(rows));
    assert_eq!(read.unwrap(), None);
}

#[test]
fn the_page_says_that_it_is_simulated() {
    use tower::ServiceExt;

    let page = |it: &Fixture| {
        let page = crate::web::Page {
            store: std::sync::Arc::clone(&it.site.store),
            site: crate::config::Site::default(),
            knowledge: std::sync::Arc::new(daicho_graph::Knowledge::shipped()),
            lang: crate::lang::Lang::Ja,
        };
        let request = axum::http::Request::get("/").body(axum::body::Body::empty());
        let answer = crate::web::router(page).oneshot(request.unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let bytes = runtime.unwrap().block_on(async {
            let body = answer.await.unwrap().into_body();
            axum::body::to_bytes(body, 1 << 20).await.unwrap()
        });
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let (it, from) = (fixture(), made(sent(1)));
    take(&it, &from).unwrap();
    assert!(page(&it).contains("模擬データ（実在の病院ではありません）"));
    let real = fixture();
    real.machine(1).send(&real.site, vec![os("Debian")]);
    assert!(!page(&real).contains("模擬"));
}
