use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use daicho_ledger::Site;
use daicho_report::{
    Base64Bytes, Closed, Cost, Direction, Envelope, Flow, FlowBody, Gauges, Goodbye, GoodbyeCause,
    Heartbeat, IntervalBody, Opened, Os, Protocol, Reading, Reason, Report, Section, SectionBody,
    SignedGoodbye, WIRE_MAJOR,
};

use super::*;
use crate::check::{rebuild_compare, verify};
use crate::store::sqlite::SqliteStore;
use crate::token::TokenKind;

pub(crate) const START: i64 = 1_764_000_000;

/// A site over a store in a folder of its own, deleted at the end.
pub(crate) struct Fixture {
    pub(crate) site: SiteCollector,
    pub(crate) path: PathBuf,
    pub(crate) time: Arc<AtomicI64>,
    folder: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn site_over(path: &std::path::Path, time: &Arc<AtomicI64>) -> SiteCollector {
    let store = Arc::new(SqliteStore::open(path).unwrap());
    let key = ReportKey::from_secret(&[7; 32]);
    let mut site = SiteCollector::new(store, key, Clock::Fixed(Arc::clone(time)));
    let counter = AtomicU64::new(1);
    site.random = Box::new(move |bytes| {
        bytes.fill(counter.fetch_add(1, Ordering::SeqCst).to_le_bytes()[0]);
        Ok(())
    });
    site
}

pub(crate) fn fixture() -> Fixture {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("daicho-site-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("store.sqlite");
    let time = Arc::new(AtomicI64::new(START));
    Fixture {
        site: site_over(&path, &time),
        path,
        time,
        folder,
    }
}

/// An agent as a test drives it.
pub(crate) struct Machine {
    pub(crate) id: AgentId,
    key: ReportKey,
    pub(crate) sequence: u64,
    previous: Hash,
}

fn options(auto_approve: bool) -> TokenOptions {
    TokenOptions {
        kind: TokenKind::Single,
        ttl_s: 3600,
        cidr: Some("10.0.0.0/8".to_owned()),
        count: 1,
        auto_approve,
        note: "test".to_owned(),
    }
}

fn request(token: &str, number: u8) -> (EnrolRequest, ReportKey) {
    let key = ReportKey::from_secret(&[number; 32]);
    let pair = rcgen::KeyPair::generate().unwrap();
    let csr = rcgen::CertificateParams::default()
        .serialize_request(&pair)
        .unwrap();
    let csr = csr.der().to_vec();
    let proof = key.sign(&csr);
    let request = EnrolRequest {
        wire: WIRE_MAJOR,
        token: token.to_owned(),
        csr: Base64Bytes(csr),
        report_key: key.public(),
        proof,
        host_name: format!("host{number}"),
        agent_version: "0.1.0".to_owned(),
    };
    (request, key)
}

fn sign(csr: &[u8], _: &AgentId, now: Time) -> Result<IssuedCertificate, Refused> {
    use x509_parser::prelude::FromDer;
    let parsed = x509_parser::certification_request::X509CertificationRequest::from_der(csr);
    let spki = Hash::of(parsed.unwrap().1.certification_request_info.subject_pki.raw);
    let not_after = Time::from_seconds(now.seconds() + 20 * 86_400);
    Ok(IssuedCertificate {
        der: csr.to_vec(),
        ca: b"ca".to_vec(),
        not_after,
        spki_sha256: spki,
    })
}

fn peer() -> IpAddr {
    "10.1.2.3".parse().unwrap()
}

impl Fixture {
    pub(crate) fn machine(&self, number: u8) -> Machine {
        let token = self.site.token_create(&options(true)).unwrap();
        let (request, key) = request(&token, number);
        let reply = self.site.enrol(&request, peer(), &sign).unwrap();
        let EnrolReply::Issued { agent, .. } = reply else {
            panic!("not issued")
        };
        Machine {
            id: agent,
            key,
            sequence: 0,
            previous: Hash::ZERO,
        }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn input(&self, at: i64) -> daicho_ledger::Input {
        let site = Site {
            name: String::new(),
            time_zone: "Asia/Tokyo".to_owned(),
            utc_offset_s: 32_400,
            simulated: false,
        };
        let at = Time::from_seconds(at);
        crate::snapshot::input(self.site.store.as_ref(), site, at, 86_400).unwrap()
    }

    pub(crate) fn assert_sound(&self) {
        let outcome = verify(self.site.store.as_ref(), &self.site.log_key.public()).unwrap();
        assert_eq!(outcome.problems, Vec::new());
        assert_eq!(
            rebuild_compare(self.site.store.as_ref()).unwrap(),
            Vec::<String>::new()
        );
    }
}

pub(crate) fn compressed<T: serde::Serialize>(value: &T) -> Vec<u8> {
    zstd::bulk::compress(&serde_json::to_vec(value).unwrap(), 3).unwrap()
}

pub(crate) fn os(name: &str) -> Section {
    let body = Os {
        name: Reading::known(name.to_owned(), "/etc/os-release"),
        ..Os::default()
    };
    Section::new(&body, "linux", Time::from_seconds(START - 5)).unwrap()
}

fn os_unknown() -> Section {
    let body = Os {
        name: Reading::unknown(Reason::Denied, "/etc/os-release"),
        ..Os::default()
    };
    Section::new(&body, "linux", Time::from_seconds(START - 4)).unwrap()
}

fn flow(port: u16) -> Flow {
    Flow {
        direction: Direction::Outbound,
        protocol: Protocol::Tcp,
        local: "10.0.0.1".parse().unwrap(),
        peer: "10.0.0.2".parse().unwrap(),
        port,
        program: None,
    }
}

pub(crate) fn flows(whole: bool, opened: &[u16], closed: &[u16]) -> Section {
    let at = Time::from_seconds(START - 3);
    let body: FlowBody = IntervalBody {
        whole,
        asked: Reading::known((), "sock_diag"),
        opened: opened
            .iter()
            .map(|port| Opened {
                item: flow(*port),
                since: at,
            })
            .collect(),
        closed: closed
            .iter()
            .map(|port| Closed {
                item: flow(*port),
                until: at,
            })
            .collect(),
    };
    Section::new(&body, "linux", at).unwrap()
}

impl Machine {
    pub(crate) fn report(&mut self, sections: Vec<Section>) -> Report {
        self.sequence += 1;
        let mut references: Vec<_> = sections.iter().map(Section::reference).collect();
        references.sort_by(|one, other| one.kind.cmp(&other.kind));
        let envelope = Envelope {
            wire: WIRE_MAJOR,
            agent_version: "0.1.0".to_owned(),
            boot_id: "boot-1".to_owned(),
            sequence: self.sequence,
            previous: self.previous,
            collected_at: Time::from_seconds(START - 1),
            cost: Cost::default(),
            sections: references,
        };
        let report = envelope.seal(&self.key, sections).unwrap();
        self.previous = report.envelope_hash();
        report
    }

    pub(crate) fn send(&mut self, site: &SiteCollector, sections: Vec<Section>) -> Reply {
        let report = self.report(sections);
        site.ingest(&self.id, &compressed(&report)).unwrap()
    }

    pub(crate) fn goodbye(&self, site: &SiteCollector) {
        let goodbye = Goodbye {
            agent: self.id.clone(),
            boot_id: "boot-1".to_owned(),
            sequence: self.sequence,
            cause: GoodbyeCause::Shutdown,
            at: Time::from_seconds(START),
        };
        let goodbye = serde_json::value::to_raw_value(&goodbye).unwrap();
        let signature = self.key.sign(goodbye.get().as_bytes());
        let signed = SignedGoodbye { goodbye, signature };
        site.goodbye(&self.id, &serde_json::to_vec(&signed).unwrap())
            .unwrap();
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Refused>) -> &'static str {
    result.unwrap_err().code
}

#[test]
fn a_report_is_stored_and_acknowledged() {
    let it = fixture();
    let mut machine = it.machine(1);
    let reply = machine.send(&it.site, vec![os("Debian"), flows(true, &[443], &[])]);
    assert_eq!(reply.acknowledged, 1);
    assert!(reply.send_whole.is_empty());
    let input = it.input(START);
    assert_eq!(input.agents.len(), 1);
    assert_eq!(input.agents[0].sections.len(), 1);
    assert_eq!(input.agents[0].flows.len(), 1);
    assert_eq!(
        it.site.store.newest_receipt().unwrap(),
        Some(Time::from_seconds(START))
    );
    it.assert_sound();
}

#[test]
fn as_of_before_a_change_shows_what_was_there() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian"), flows(true, &[443], &[])]);
    it.pass(600);
    machine.send(&it.site, vec![os("Ubuntu"), flows(false, &[80], &[443])]);
    let (before, after) = (it.input(START + 599), it.input(START + 600));
    assert!(before.agents[0].sections[0].body.get().contains("Debian"));
    assert!(after.agents[0].sections[0].body.get().contains("Ubuntu"));
    assert_eq!(before.agents[0].flows.len(), 1);
    let ended: Vec<bool> = after.agents[0]
        .flows
        .iter()
        .map(|it| it.until.is_some())
        .collect();
    assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
    assert!(it.input(START - 1).agents.is_empty());
    it.assert_sound();
}

#[test]
fn unchanged_reports_extend_a_run_and_add_no_leaf() {
    let it = fixture();
    let mut machine = it.machine(1);
    let first = machine.send(&it.site, vec![os("Debian")]).head.size;
    for _ in 0..5 {
        it.pass(3600);
        let gauges = Section::new(&Gauges::default(), "linux", Time::EPOCH).unwrap();
        assert_eq!(
            machine.send(&it.site, vec![os("Debian"), gauges]).head.size,
            first
        );
    }
    let presence = it.input(START + 6 * 3600).agents[0].presence.clone();
    assert_eq!((presence.sequence, presence.missing), (6, 0));
    it.pass(24 * 3600);
    // A day began: the summary of the day before and the report.
    assert_eq!(
        machine.send(&it.site, vec![os("Debian")]).head.size,
        first + 2
    );
    it.assert_sound();
}

#[test]
fn a_gap_is_accepted_and_counted() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian"), flows(true, &[1], &[])]);
    machine.report(vec![os("lost")]);
    machine.report(vec![os("lost")]);
    let reply = machine.send(&it.site, vec![os("Debian"), flows(false, &[2], &[])]);
    assert_eq!(reply.acknowledged, 4);
    assert_eq!(reply.send_whole.len(), 1);
    assert_eq!(it.input(START).agents[0].presence.missing, 2);
    it.assert_sound();
}

#[test]
fn a_value_that_cannot_be_read_any_more_is_kept() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian")]);
    machine.send(&it.site, vec![os_unknown()]);
    let kept = it.input(START).agents[0].sections[0].kept.clone();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].field, "name");
    machine.send(&it.site, vec![]);
    let section = it.input(START).agents[0].sections[0].clone();
    assert_eq!(section.body.get(), "{}");
    assert_eq!(section.kept.len(), 1);
    machine.send(&it.site, vec![os("Debian 13")]);
    assert!(it.input(START).agents[0].sections[0].kept.is_empty());
    it.assert_sound();
}

#[test]
fn a_body_that_is_nowhere_is_asked_for() {
    let it = fixture();
    let mut machine = it.machine(1);
    let mut report = machine.report(vec![os("Debian")]);
    let bodies = std::mem::take(&mut report.bodies);
    let reply = it.site.ingest(&machine.id, &compressed(&report)).unwrap();
    assert_eq!((reply.acknowledged, reply.send_whole.len()), (0, 1));
    report.bodies = bodies;
    assert_eq!(
        it.site
            .ingest(&machine.id, &compressed(&report))
            .unwrap()
            .acknowledged,
        1
    );
    // Again, and nothing is counted twice.
    assert_eq!(
        it.site
            .ingest(&machine.id, &compressed(&report))
            .unwrap()
            .acknowledged,
        1
    );
    it.assert_sound();
}

#[test]
fn bad_reports_are_refused_and_change_nothing() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian")]);
    let size = it.site.head().unwrap().size;
    let good = machine.report(vec![os("Ubuntu")]);
    let text = serde_json::to_string(&good).unwrap();
    let zip = |text: &str| zstd::bulk::compress(text.as_bytes(), 3).unwrap();
    let ingest = |body: &[u8]| code(it.site.ingest(&machine.id, body));
    assert_eq!(ingest(b"not zstd"), "ING-003");
    assert_eq!(ingest(&vec![0; (4 << 20) + 1]), "ING-001");
    assert_eq!(ingest(&compressed(&" ".repeat(20 << 20))), "ING-001");
    assert_eq!(ingest(&zip(&"[".repeat(100))), "ING-002");
    assert_eq!(ingest(&zip("nonsense")), "ING-003");
    assert_eq!(
        ingest(&zip(&text.replace("\"wire\":1", "\"wire\":2"))),
        "ING-005"
    );
    assert_eq!(
        ingest(&zip(&text.replace("\"wire\":1", "\"wire\":1,\"new\":1"))),
        "ING-004"
    );
    assert_eq!(ingest(&zip(&text.replace("boot-1", "boot-2"))), "ING-006");
    assert_eq!(ingest(&zip(&text.replace("Ubuntu", "Xbuntu"))), "ING-009");
    machine.sequence -= 1;
    machine.previous = Hash::ZERO;
    let broken = machine.report(vec![os("Ubuntu")]);
    assert_eq!(
        code(it.site.ingest(&machine.id, &compressed(&broken))),
        "ING-008"
    );
    assert_eq!(it.site.head().unwrap().size, size);
    assert_eq!(
        it.site
            .ingest(&machine.id, &compressed(&good))
            .unwrap()
            .acknowledged,
        2
    );
    it.assert_sound();
}

#[test]
fn another_report_of_the_same_number_is_a_fork_recorded_once() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian")]);
    let size = it.site.head().unwrap().size;
    for name in ["Ubuntu", "Fedora"] {
        machine.sequence = 0;
        machine.previous = Hash::ZERO;
        let copy = machine.report(vec![os(name)]);
        assert_eq!(
            code(it.site.ingest(&machine.id, &compressed(&copy))),
            "ING-007"
        );
        assert_eq!(it.site.head().unwrap().size, size + 1);
    }
    assert!(it.site.agents().unwrap()[0].fork_at.is_some());
    assert!(
        it.input(START).agents[0].sections[0]
            .body
            .get()
            .contains("Debian")
    );
    it.assert_sound();
}

#[test]
fn wrong_and_used_tokens_are_refused() {
    let it = fixture();
    let token = it.site.token_create(&options(false)).unwrap();
    let (first, _) = request(&token, 1);
    let (second, _) = request(&token, 2);
    let enrol = |request: &EnrolRequest, peer| it.site.enrol(request, peer, &sign);
    assert_eq!(code(enrol(&request("wrong", 3).0, peer())), "ENR-001");
    assert_eq!(
        code(enrol(&first, "192.168.0.1".parse().unwrap())),
        "ENR-004"
    );
    let mut foreign = first.clone();
    foreign.report_key = ReportKey::from_secret(&[9; 32]).public();
    assert_eq!(code(enrol(&foreign, peer())), "ENR-005");
    assert!(matches!(
        enrol(&first, peer()),
        Ok(EnrolReply::Pending { .. })
    ));
    assert!(matches!(
        enrol(&first, peer()),
        Ok(EnrolReply::Pending { .. })
    ));
    assert_eq!(code(enrol(&second, peer())), "ENR-002");
    let row = it.site.agents().unwrap().remove(0);
    assert_eq!(code(it.site.authenticate(&row.tls_key)), "ENR-008");
    it.site.approve(&row.agent).unwrap();
    assert!(matches!(
        enrol(&first, peer()),
        Ok(EnrolReply::Issued { .. })
    ));
    assert_eq!(it.site.authenticate(&row.tls_key).unwrap(), row.agent);
    assert!(
        it.site.renew(&row.agent, &sign).unwrap().is_some(),
        "20 days are left"
    );
    it.site.deny(&row.agent, "廃棄").unwrap();
    assert_eq!(code(it.site.authenticate(&row.tls_key)), "ENR-006");
    assert_eq!(code(enrol(&first, peer())), "ENR-006");
    let late = it.site.token_create(&options(true)).unwrap();
    it.pass(3600);
    assert_eq!(code(enrol(&request(&late, 4).0, peer())), "ENR-003");
    it.assert_sound();
}

#[test]
fn a_goodbye_is_in_the_log_and_a_heartbeat_is_not() {
    let it = fixture();
    let mut machine = it.machine(1);
    let size = machine.send(&it.site, vec![os("Debian")]).head.size;
    let heartbeat = Heartbeat {
        boot_id: "boot-1".to_owned(),
        sequence: 1,
    };
    it.site
        .heartbeat(&machine.id, &serde_json::to_vec(&heartbeat).unwrap())
        .unwrap();
    assert_eq!(it.site.head().unwrap().size, size);
    machine.goodbye(&it.site);
    machine.goodbye(&it.site);
    assert_eq!(it.site.head().unwrap().size, size + 1);
    assert!(it.input(START).agents[0].presence.goodbye.is_some());
    machine.send(&it.site, vec![os("Debian")]);
    assert!(it.input(START).agents[0].presence.goodbye.is_none());
    it.assert_sound();
}

#[test]
fn a_restart_continues_the_log_and_time_never_runs_backwards() {
    let it = fixture();
    let mut machine = it.machine(1);
    let size = machine.send(&it.site, vec![os("Debian")]).head.size;
    it.pass(-1000);
    let again = site_over(&it.path, &it.time);
    let reply = machine.send(&again, vec![os("Ubuntu")]);
    assert_eq!((reply.acknowledged, reply.head.size), (2, size + 1));
    assert_eq!(reply.head.at, Time::from_seconds(START));
    let read_only = SqliteStore::open_read_only(&it.path).unwrap();
    assert!(
        verify(&read_only, &it.site.log_key.public())
            .unwrap()
            .problems
            .is_empty()
    );
    it.assert_sound();
}

#[test]
fn eight_threads_share_the_store() {
    let it = fixture();
    let machines: Vec<Machine> = (1..=8).map(|number| it.machine(number)).collect();
    std::thread::scope(|scope| {
        for mut machine in machines {
            let site = &it.site;
            scope.spawn(move || {
                for number in 0..20_u64 {
                    let reply = machine.send(site, vec![os(&format!("Debian {number}"))]);
                    assert_eq!(reply.acknowledged, number + 1);
                }
            });
        }
    });
    // Token, enrolment, approval and certificate of each, and its reports.
    assert_eq!(it.site.head().unwrap().size, 8 * (4 + 20));
    it.assert_sound();
}

#[test]
fn unknown_sections_are_kept() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Future {
        moon: u8,
    }
    impl SectionBody for Future {
        const KIND: &'static str = "future";
    }
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(
        &it.site,
        vec![Section::new(&Future { moon: 1 }, "x", Time::EPOCH).unwrap()],
    );
    assert_eq!(
        it.input(START).agents[0].sections[0].body.get(),
        "{\"moon\":1}"
    );
}
