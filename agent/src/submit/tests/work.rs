//! Reports over several answers, starts and mishaps.

use std::sync::Arc;

use daicho_report::{GoodbyeCause, Renewal, SectionKind, SignedGoodbye, Time};

use super::collector::{Ca, Collector, Heard, head, json, raw, stored};
use super::{Bed, identity, keep};
use crate::enrol::{keys, new_identity};
use crate::spool::SpoolLimit;
use crate::submit::Enrolled;

fn has_note(heard: &Heard) -> bool {
    heard
        .report()
        .bodies
        .iter()
        .any(|it| it.kind.as_str() == "note")
}

fn note() -> SectionKind {
    SectionKind::try_from("note".to_owned()).unwrap()
}

#[tokio::test]
async fn stored_reports_leave_the_spool_and_their_bodies_travel_no_more() {
    let bed = Bed::new(|heard| json(200, &stored(heard.sequence())));
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    let sent = agent.send().await.unwrap();
    assert_eq!((sent.acknowledged, sent.next_report_s), (1, Some(900)));
    assert!(bed.spooled().is_empty());
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    keep(&mut agent, "b");
    agent.send().await.unwrap();
    let notes: Vec<bool> = bed.collector.heard().iter().map(has_note).collect();
    assert_eq!(notes, [true, false, true]);
}

#[tokio::test]
async fn progress_outlives_a_restart() {
    let bed = Bed::new(|heard| json(200, &stored(heard.sequence())));
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    drop(agent);
    let mut agent = bed.agent();
    assert_eq!(agent.progress().acknowledged, 1);
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    let heard = bed.collector.heard();
    let [first, second] = heard.as_slice() else {
        panic!("two reports, not {}", heard.len());
    };
    assert!(!has_note(second));
    let second = second.report().open().unwrap();
    assert_eq!(second.previous, first.report().envelope_hash());
}

#[tokio::test]
async fn lost_answer_sends_the_same_bytes_again() {
    let mut count = 0;
    let bed = Bed::new(move |heard| {
        count += 1;
        if count == 1 {
            None
        } else {
            json(200, &stored(heard.sequence()))
        }
    });
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    assert!(agent.send().await.is_err());
    assert_eq!(bed.spooled(), [1]);
    agent.send().await.unwrap();
    let heard = bed.collector.heard();
    let [first, second] = heard.as_slice() else {
        panic!("two requests, not {}", heard.len());
    };
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn acknowledgement_of_later_reports_saves_sending_them() {
    let bed = Bed::new(|_| json(200, &stored(3)));
    let mut agent = bed.agent();
    for _ in 0..3 {
        keep(&mut agent, "a");
    }
    agent.send().await.unwrap();
    assert_eq!(bed.collector.heard().len(), 1);
    assert!(bed.spooled().is_empty());
}

#[tokio::test]
async fn body_that_the_collector_lacks_is_sent_with_the_same_report() {
    let mut calls = 0;
    let bed = Bed::new(move |heard| {
        calls += 1;
        let mut reply = stored(heard.sequence());
        if calls == 2 {
            reply.acknowledged = 1;
            reply.send_whole = vec![note()];
        }
        json(200, &reply)
    });
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    let heard = bed.collector.heard();
    let said: Vec<(u64, bool)> = heard
        .iter()
        .map(|it| (it.sequence(), has_note(it)))
        .collect();
    assert_eq!(said, [(1, true), (2, false), (2, true)]);
}

#[tokio::test]
async fn section_asked_for_whole_travels_in_the_next_report() {
    let bed = Bed::new(|heard| {
        let mut reply = stored(heard.sequence());
        let neighbour = SectionKind::of::<daicho_report::NeighbourBody>();
        reply.send_whole = vec![note(), neighbour];
        json(200, &reply)
    });
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    let second = bed.collector.heard().remove(1);
    assert!(has_note(&second));
    let report = second.report();
    let whole = report
        .bodies
        .iter()
        .find(|it| it.kind.as_str() == "neighbour");
    let body: daicho_report::NeighbourBody = whole.unwrap().decode().unwrap();
    assert!(body.whole);
}

#[tokio::test]
async fn damaged_report_is_set_aside_and_the_next_one_goes() {
    let bed = Bed::new(|heard| json(200, &stored(heard.sequence())));
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    keep(&mut agent, "a");
    let first = bed
        .scratch
        .join("state/spool/00000000000000000001.json.zst");
    std::fs::write(first, "rubbish").unwrap();
    agent.send().await.unwrap();
    let heard = bed.collector.heard();
    assert_eq!(heard.iter().map(Heard::sequence).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn full_spool_drops_the_oldest_and_makes_intervals_whole() {
    let bed = Bed::new(|heard| json(200, &stored(heard.sequence())));
    let limit = SpoolLimit {
        reports: 2,
        ..SpoolLimit::default()
    };
    let mut agent = Enrolled::open(bed.folder(), limit, None).unwrap();
    for _ in 0..3 {
        keep(&mut agent, "a");
    }
    assert_eq!(bed.spooled(), [2, 3]);
    assert_eq!(agent.progress().whole.len(), 2);
}

#[tokio::test]
async fn report_that_never_counted_is_forgotten_at_the_next_start() {
    let bed = Bed::new(|heard| json(200, &stored(heard.sequence())));
    let mut agent = bed.agent();
    let before = agent.progress().clone();
    keep(&mut agent, "a");
    drop(agent);
    // The power went after the report was written and before the progress was.
    bed.folder().save_progress(&before).unwrap();
    let agent = bed.agent();
    assert!(bed.spooled().is_empty());
    assert_eq!(agent.progress().sequence, 0);
}

#[tokio::test]
async fn collector_at_another_address_is_used_and_not_remembered() {
    let bed = Bed::new(|_| None);
    let ca = bed.ca.clone();
    let moved = Collector::start(&ca, &ca.leaf(), |heard| {
        json(200, &stored(heard.sequence()))
    });
    let server = crate::submit::Server::parse(&moved.url).unwrap();
    let limit = SpoolLimit::default();
    let mut agent = Enrolled::open(bed.folder(), limit, Some(&server)).unwrap();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    drop(agent);
    assert_eq!(moved.heard().len(), 1);
    assert!(bed.collector.heard().is_empty());
    let saved = bed.folder().identity().unwrap().unwrap();
    assert_eq!(saved.server, bed.collector.url);
}

#[tokio::test]
async fn log_that_goes_backwards_is_noticed_and_the_newest_head_kept() {
    let bed = Bed::new(|heard| {
        let mut reply = stored(heard.sequence());
        if heard.sequence() == 2 {
            reply.head = head(0, 0, Time::EPOCH);
        }
        json(200, &reply)
    });
    let mut agent = bed.agent();
    for _ in 0..2 {
        keep(&mut agent, "a");
        agent.send().await.unwrap();
    }
    let kept = agent.progress().head.as_ref().map(|head| head.size);
    assert_eq!(kept, Some(1));
}

/// A collector that renews with a certificate made from this request, until this year.
fn renewing(ca: &Arc<Ca>, csr: Vec<u8>, to_year: i32) -> Bed {
    let signer = ca.clone();
    Bed::with_ca(ca.clone(), move |heard| {
        let mut reply = stored(heard.sequence());
        let certificate = daicho_report::Base64Bytes(signer.sign(&csr, to_year));
        reply.renewal = Some(Renewal { certificate });
        json(200, &reply)
    })
}

async fn certificate_after(bed: &Bed) -> Vec<u8> {
    let mut agent = bed.agent();
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    drop(agent);
    let identity = bed.folder().identity().unwrap().unwrap();
    identity.issued.unwrap().certificate.0
}

#[tokio::test]
async fn renewed_certificate_is_taken_only_if_it_is_ours_and_ends_later() {
    let ca = Arc::new(Ca::new());
    let own = identity(&ca, "");
    let csr = keys::signing_request(&own.tls_key.0).unwrap();
    let other = keys::signing_request(&new_identity().unwrap().tls_key.0).unwrap();
    for (csr, to_year, taken) in [
        (&csr, 2115, true),
        (&csr, 2100, false),
        (&other, 2115, false),
    ] {
        let bed = renewing(&ca, csr.clone(), to_year);
        let mut mine = own.clone();
        mine.server.clone_from(&bed.collector.url);
        bed.folder().save_identity(&mine).unwrap();
        let before = mine.issued.unwrap().certificate.0;
        assert_eq!(certificate_after(&bed).await != before, taken, "{to_year}");
    }
}

#[tokio::test]
async fn goodbye_is_signed_and_heartbeats_carry_no_facts() {
    let bed = Bed::new(|heard| match heard.path.as_str() {
        "/v1/report" => json(200, &stored(1)),
        _ => raw(204, "", b""),
    });
    let mut agent = bed.agent();
    // Before the first report there is nothing to say.
    agent.heartbeat().await.unwrap();
    agent.goodbye(GoodbyeCause::Stop).await.unwrap();
    assert!(bed.collector.heard().is_empty());
    keep(&mut agent, "a");
    agent.send().await.unwrap();
    agent.heartbeat().await.unwrap();
    agent.goodbye(GoodbyeCause::Stop).await.unwrap();
    drop(agent);
    let heard = bed.collector.heard();
    let [_, beat, bye] = heard.as_slice() else {
        panic!("three requests, not {}", heard.len());
    };
    assert_eq!(beat.body, br#"{"boot_id":"boot","sequence":1}"#);
    let bye: SignedGoodbye = serde_json::from_slice(&bye.body).unwrap();
    let key = bed.folder().identity().unwrap().unwrap().report_key();
    let signed = bye.goodbye.get().as_bytes();
    key.unwrap()
        .public()
        .verify(signed, &bye.signature)
        .unwrap();
}
