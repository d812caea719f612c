//! What the agent believes of a collector, and what not.

use std::time::Duration;

use daicho_report::Refusal;

use super::collector::{Answer, Ca, Collector, Heard, json, raw, stored};
use super::{Bed, identity, keep};
use crate::message::{Exit, Told};
use crate::spool::compress;
use crate::submit::link::Deadlines;
use crate::submit::tls::Floor;
use crate::submit::{CollectError, Link, Server, SubmitError};

/// One report to a collector with this certificate, by an agent of this CA.
async fn sent(ca: &Ca, collector: &Collector, floor: Floor) -> Result<(), SubmitError> {
    let identity = identity(ca, &collector.url);
    let issued = identity.issued.clone().unwrap();
    let server = Server::parse(&collector.url).unwrap();
    let link = Link::open(&server, &identity, &issued, floor)?;
    link.report(b"zstd".to_vec()).await.map(drop)
}

fn taken(_: &Heard) -> Answer {
    json(200, &stored(1))
}

fn no_floor() -> Floor {
    Floor::new(None, None)
}

#[tokio::test]
async fn agent_shows_its_certificate_and_says_how_the_body_is_packed() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), taken);
    sent(&ca, &collector, no_floor()).await.unwrap();
    let heard = collector.heard().remove(0);
    assert!(heard.by_certificate);
    assert_eq!(heard.path, "/v1/report");
    assert!(heard.head.contains("content-encoding: zstd\r\n"));
    assert!(heard.head.contains("content-type: application/json\r\n"));
}

/// Refused in the handshake: nothing was said.
async fn is_distrusted(ca: &Ca, collector: &Collector, floor: Floor, expected: &str) {
    let error = sent(ca, collector, floor).await.unwrap_err();
    assert_eq!(error.code(), expected, "{}", crate::message::chain(&error));
    assert!(collector.heard().is_empty());
}

#[tokio::test]
async fn collector_of_another_ca_is_an_alarm() {
    let (ca, other) = (Ca::new(), Ca::new());
    let collector = Collector::start(&other, &other.leaf(), taken);
    is_distrusted(&ca, &collector, no_floor(), "AGT-011").await;
    let error = sent(&ca, &collector, no_floor()).await.unwrap_err();
    assert_eq!(error.exit(), Exit::Alarm);
}

#[tokio::test]
async fn expired_or_misnamed_collector_is_refused() {
    let ca = Ca::new();
    let expired = Collector::start(&ca, &ca.leaf_for("127.0.0.1", 2020, 2021), taken);
    is_distrusted(&ca, &expired, no_floor(), "AGT-009").await;
    let misnamed = Collector::start(&ca, &ca.leaf_for("127.0.0.2", 2020, 2120), taken);
    is_distrusted(&ca, &misnamed, no_floor(), "AGT-010").await;
}

#[tokio::test]
async fn nobody_there_is_told_with_the_address() {
    let ca = Ca::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", free.local_addr().unwrap());
    drop(free);
    let identity = identity(&ca, &url);
    let issued = identity.issued.clone().unwrap();
    let server = Server::parse(&url).unwrap();
    let link = Link::open(&server, &identity, &issued, no_floor()).unwrap();
    let error = link.report(Vec::new()).await.unwrap_err();
    assert_eq!(error.code(), "AGT-007");
    assert_eq!(error.detail(crate::message::Lang::Ja), url);
}

/// Answers that are none, each with the code that tells a person.
#[tokio::test]
async fn hostile_answers_are_bounded_and_refused() {
    let ca = Ca::new();
    let large = format!("{{\"acknowledged\":1{}}}", " ".repeat(70 << 10));
    let deep = "[".repeat(60_000);
    let long = format!("\"{}\"", "x".repeat(40 << 10));
    for body in [
        large.as_str(),
        &deep,
        &long,
        "",
        "{}",
        "null",
        "<html>",
        "\u{0}",
    ] {
        let answer = body.to_owned();
        let collector = Collector::start(&ca, &ca.leaf(), move |_| raw(200, "", answer.as_bytes()));
        let error = sent(&ca, &collector, no_floor()).await.unwrap_err();
        let begin: String = body.chars().take(20).collect();
        assert_eq!(error.code(), "AGT-014", "{begin}");
    }
}

#[tokio::test]
async fn answer_without_an_end_is_cut_off() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), |_| {
        let head = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
        Some([head, chunk.repeat(64)].concat())
    });
    let error = sent(&ca, &collector, no_floor()).await.unwrap_err();
    assert_eq!(error.code(), "AGT-014");
}

#[tokio::test]
async fn answer_that_is_cut_short_counts_as_none() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), |_| {
        Some(b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n{\"ack".to_vec())
    });
    let error = sent(&ca, &collector, no_floor()).await.unwrap_err();
    assert_eq!(error.code(), "AGT-007");
}

#[tokio::test]
async fn collector_that_never_answers_is_given_up() {
    let ca = Ca::new();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let collector = Collector::start(&ca, &ca.leaf(), move |_| {
        // Until the test has ended.
        let _ = held.recv();
        None
    });
    let identity = identity(&ca, &collector.url);
    let issued = identity.issued.clone().unwrap();
    let server = Server::parse(&collector.url).unwrap();
    let deadlines = Deadlines {
        connect: Duration::from_secs(10),
        read: Duration::from_secs(10),
        whole: Duration::from_millis(300),
    };
    let link = Link::open_within(&server, &identity, &issued, no_floor(), deadlines).unwrap();
    let error = link.report(Vec::new()).await.unwrap_err();
    assert_eq!(error.code(), "AGT-007");
    drop(release);
}

fn refusal() -> Refusal {
    Refusal {
        code: "ING-001".into(),
        ja: "理由".into(),
        en: "reason".into(),
    }
}

/// What a refusal does to the agent and to the report that waits.
async fn refused(status: u16, code: &str, is_final: bool) {
    let bed = Bed::new(move |_| json(status, &refusal()));
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    let error = agent.send().await.unwrap_err();
    assert_eq!(error.code(), code);
    assert_eq!(error.is_final(), is_final, "{status}");
    assert!(
        error
            .detail(crate::message::Lang::Ja)
            .contains("[ING-001] 理由")
    );
    assert_eq!(bed.spooled(), [1], "{status}");
}

#[tokio::test]
async fn refusals_keep_the_report_and_stop_only_where_trying_again_does_harm() {
    refused(426, "AGT-018", false).await;
    refused(403, "AGT-016", true).await;
    refused(409, "AGT-017", true).await;
    refused(429, "AGT-013", false).await;
    refused(503, "AGT-013", false).await;
}

#[tokio::test]
async fn report_that_will_never_be_taken_makes_way_for_the_next() {
    let bed = Bed::new(|heard| match heard.sequence() {
        1 => json(422, &refusal()),
        sequence => json(200, &stored(sequence)),
    });
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    keep(&mut agent, "a");
    assert_eq!(agent.send().await.unwrap().acknowledged, 2);
    assert!(bed.spooled().is_empty());
    assert!(!agent.progress().whole.is_empty());
    let aside = std::fs::read_dir(bed.scratch.join("state/quarantine")).unwrap();
    assert_eq!(aside.count(), 1);
}

#[tokio::test]
async fn collector_that_has_more_than_was_made_is_an_alarm() {
    let bed = Bed::new(|_| json(200, &stored(9)));
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    let error = agent.send().await.unwrap_err();
    assert!(matches!(error, CollectError::Reply(_)) && error.is_final());
    assert_eq!(error.exit(), Exit::Alarm);
    assert_eq!(bed.spooled(), [1]);
}

#[tokio::test]
async fn collector_that_stores_nothing_without_a_word_loses_nothing() {
    let bed = Bed::new(|_| json(200, &stored(0)));
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    let error = agent.send().await.unwrap_err();
    assert!(matches!(error, CollectError::NotStored(1)) && !error.is_final());
    assert_eq!(bed.spooled(), [1]);
}

#[tokio::test]
async fn next_report_time_is_clamped() {
    for (said, expected) in [(0, 60), (59, 60), (900, 900), (u32::MAX, 86_400)] {
        let bed = Bed::new(move |_| {
            let mut reply = stored(1);
            reply.next_report_s = said;
            json(200, &reply)
        });
        let mut agent = bed.agent();
        keep(&mut agent, "a");
        assert_eq!(agent.send().await.unwrap().next_report_s, Some(expected));
    }
}

#[tokio::test]
async fn unknown_part_of_an_answer_is_ignored() {
    let bed = Bed::new(|_| {
        let text = serde_json::to_string(&stored(1)).unwrap();
        let text = text.replacen('{', "{\"run\":\"/bin/sh\",", 1);
        raw(200, "", text.as_bytes())
    });
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    assert_eq!(agent.send().await.unwrap().acknowledged, 1);
}

#[tokio::test]
async fn same_report_is_packed_into_the_same_bytes() {
    let bed = Bed::new(|_| None);
    let mut agent = bed.agent();
    let report = agent
        .keep(crate::report::tests::collected("a", &[1]), "linux")
        .unwrap();
    assert!(agent.send().await.is_err());
    let heard = bed.collector.heard().remove(0);
    assert_eq!(heard.body, compress(&report).unwrap());
}
