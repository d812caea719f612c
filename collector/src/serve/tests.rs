//! The listeners over real sockets and TLS on loopback.

mod world;

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use daicho_report::{EnrolReply, Heartbeat, Limit, path};

use super::*;
use world::{Client, World, status, world, world_with};

fn heartbeat() -> Vec<u8> {
    let heartbeat = Heartbeat {
        boot_id: "boot-1".to_owned(),
        sequence: 0,
    };
    serde_json::to_vec(&heartbeat).unwrap()
}

/// A POST with what the head says and the body, which need not fit each other.
fn post(path: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{head}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn sized(path: &str, body: &[u8]) -> Vec<u8> {
    post(
        path,
        &format!("content-length: {}\r\nconnection: close\r\n", body.len()),
        body,
    )
}

fn report(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "content-length: {}\r\ncontent-encoding: zstd\r\nconnection: close\r\n",
        body.len()
    );
    post(path::REPORT, &head, body)
}

async fn check(world: &World, client: &Client, request: &[u8], expected: (u16, &str)) {
    let answer = world.say(client, request).await.unwrap();
    let shown = String::from_utf8_lossy(request.get(..60).unwrap_or(request)).into_owned();
    assert_eq!(status(&answer), expected.0, "{shown}: {answer}");
    assert!(answer.contains(expected.1), "{shown}: {answer}");
}

#[tokio::test]
async fn agent_enrols_reports_and_says_goodbye() {
    let world = world().await;
    let enrolled = world.enrol().await;
    check(
        &world,
        &enrolled.client,
        &sized(path::HEARTBEAT, &heartbeat()),
        (204, ""),
    )
    .await;
    check(
        &world,
        &enrolled.client,
        &report(&enrolled.report()),
        (200, "\"acknowledged\":1"),
    )
    .await;
    check(
        &world,
        &enrolled.client,
        &sized(path::GOODBYE, &enrolled.goodbye()),
        (204, ""),
    )
    .await;
    world.end().await.unwrap();
}

#[tokio::test]
async fn enrolment_waits_for_a_person_and_works_with_a_certificate_too() {
    let world = world().await;
    let enrolled = world.enrol().await;
    let (request, _) = world.enrol_request(false);
    let body = serde_json::to_vec(&request).unwrap();
    for client in [&world.stranger(), &enrolled.client] {
        let answer = world.say(client, &sized(path::ENROL, &body)).await.unwrap();
        assert_eq!(status(&answer), 200, "{answer}");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let reply: EnrolReply = serde_json::from_str(body).unwrap();
        assert!(matches!(reply, EnrolReply::Pending { .. }));
    }
}

#[tokio::test]
async fn without_certificate_only_enrolment_is_routed() {
    let world = world().await;
    let stranger = world.stranger();
    for request in [
        report(b"x"),
        sized(path::HEARTBEAT, b"{}"),
        sized("/v1/other", b""),
        b"GET /v1/enrol HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(),
    ] {
        check(&world, &stranger, &request, (401, "NET-003")).await;
    }
    check(
        &world,
        &stranger,
        &sized(path::ENROL, b"{}"),
        (400, "ING-003"),
    )
    .await;
    check(
        &world,
        &stranger,
        &sized(path::ENROL, &[b'['; 99]),
        (400, "ING-002"),
    )
    .await;
}

#[tokio::test]
async fn denied_agent_is_refused_at_its_next_request() {
    let world = world().await;
    let enrolled = world.enrol().await;
    world.site.deny(&enrolled.agent, "lost").unwrap();
    check(
        &world,
        &enrolled.client,
        &sized(path::HEARTBEAT, &heartbeat()),
        (403, "ENR-006"),
    )
    .await;
}

#[tokio::test]
async fn certificate_of_ours_for_an_unknown_key_is_refused() {
    let world = world().await;
    let client = world.client_of(&world.authority, world.now());
    check(
        &world,
        &client,
        &sized(path::HEARTBEAT, &heartbeat()),
        (403, "ENR-007"),
    )
    .await;
}

#[tokio::test]
async fn foreign_and_expired_certificates_do_not_pass_the_handshake() {
    let world = world().await;
    let foreign = world.client_of(&World::foreign_authority(), world.now());
    let expired = world.client_of(&world.authority, world.now() - 91 * 86_400);
    let early = world.client_of(&world.authority, world.now() + 86_400);
    for client in [foreign, expired, early] {
        let error = world
            .say(&client, &sized(path::HEARTBEAT, &heartbeat()))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("alert"), "{error}");
    }
    let stranger = world.stranger();
    check(&world, &stranger, &report(b"x"), (401, "NET-003")).await;
}

#[tokio::test]
async fn wrong_paths_methods_and_encodings_are_told_apart() {
    let world = world().await;
    let client = world.enrol().await.client;
    check(
        &world,
        &client,
        &sized("/v1/command", b""),
        (404, "NET-004"),
    )
    .await;
    let get = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        path::REPORT
    );
    check(&world, &client, get.as_bytes(), (405, "NET-005")).await;
    check(
        &world,
        &client,
        &sized(path::REPORT, b"x"),
        (415, "NET-010"),
    )
    .await;
    let gzip = "content-length: 1\r\ncontent-encoding: gzip\r\n";
    check(
        &world,
        &client,
        &post(path::REPORT, gzip, b"x"),
        (415, "NET-010"),
    )
    .await;
    check(
        &world,
        &client,
        &post(path::HEARTBEAT, gzip, b"x"),
        (415, "NET-010"),
    )
    .await;
    check(&world, &client, &report(b"not zstd"), (400, "ING-003")).await;
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_before_they_are_read() {
    let world = world().await;
    let client = world.enrol().await.client;
    let zstd = format!(
        "content-length: {}\r\ncontent-encoding: zstd\r\n",
        Limit::COMPRESSED_BYTES + 1
    );
    check(
        &world,
        &client,
        &post(path::REPORT, &zstd, b""),
        (413, "NET-006"),
    )
    .await;
    let small = format!("content-length: {}\r\n", Limit::SMALL.bytes + 1);
    check(
        &world,
        &world.stranger(),
        &post(path::ENROL, &small, b""),
        (413, "NET-006"),
    )
    .await;
    check(
        &world,
        &client,
        &post(path::HEARTBEAT, &small, b""),
        (413, "NET-006"),
    )
    .await;
    let mut chunk = b"4000\r\n".to_vec();
    chunk.resize(0x4000 + 6, b'x');
    let request = post(path::HEARTBEAT, "transfer-encoding: chunked\r\n", &chunk);
    check(&world, &client, &request, (413, "NET-006")).await;
}

#[tokio::test]
async fn announced_but_missing_bodies_end_at_the_deadline() {
    let limits = Limits {
        body: Duration::from_millis(50),
        ..Limits::default()
    };
    let world = world_with(limits).await;
    let client = world.enrol().await.client;
    let request = post(path::HEARTBEAT, "content-length: 100\r\n", b"{");
    check(&world, &client, &request, (408, "NET-007")).await;
}

#[tokio::test]
async fn slow_heads_and_handshakes_end_at_the_deadline() {
    let short = Duration::from_millis(50);
    let world = world_with(Limits {
        head: short,
        handshake: short,
        ..Limits::default()
    })
    .await;
    // Nothing is answered: the connection ends.
    let _ = world
        .say(&world.stranger(), b"POST /v1/enrol HTTP/1.1\r\nhost:")
        .await;
    assert_eq!(world.say_plain(world.agents(), b"").await, "");
    assert_eq!(
        world.say_plain(world.web(), b"GET / HTTP/1.1\r\n").await,
        ""
    );
}

#[tokio::test]
async fn garbage_instead_of_tls_ends_the_connection_alone() {
    let world = world().await;
    for garbage in [
        b"GET / HTTP/1.1\r\n\r\n".as_slice(),
        &[0; 64],
        &[0x16, 3, 1, 0xff, 0xff],
    ] {
        let answer = world.say_plain_and_close(world.agents(), garbage).await;
        assert!(!answer.contains("HTTP/1.1"), "{answer}");
    }
    check(&world, &world.stranger(), &report(b"x"), (401, "NET-003")).await;
}

#[tokio::test]
async fn requests_that_could_be_read_two_ways_are_refused() {
    let world = world().await;
    let client = world.enrol().await.client;
    for head in [
        "content-length: 2\r\ncontent-length: 3\r\n",
        "content-length: 2, 3\r\n",
        "content-length: +2\r\n",
        "content-length: -1\r\n",
        "content-length: 99999999999999999999\r\n",
        "transfer-encoding: gzip\r\n",
        "no colon\r\n",
        " folded: line\r\n",
    ] {
        let answer = world
            .say(&client, &post(path::HEARTBEAT, head, b"{}x"))
            .await
            .unwrap();
        assert_eq!(status(&answer), 400, "{head}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{head}: {answer}");
    }
    let long = format!("x: {}\r\n", "y".repeat(9000));
    let answer = world
        .say(&client, &post(path::HEARTBEAT, &long, b""))
        .await
        .unwrap();
    assert_eq!(status(&answer), 431, "{answer}");
}

#[tokio::test]
async fn request_with_both_kinds_of_length_is_the_last_one_read() {
    let world = world().await;
    let client = world.enrol().await.client;
    let head = "content-length: 3\r\ntransfer-encoding: chunked\r\n";
    let smuggled = b"0\r\n\r\nPOST /v1/goodbye HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = world
        .say(&client, &post(path::HEARTBEAT, head, smuggled))
        .await
        .unwrap();
    assert_eq!(status(&answer), 400, "{answer}");
    assert_eq!(
        answer.matches("HTTP/1.1").count(),
        1,
        "nothing after it is read: {answer}"
    );
}

#[tokio::test]
async fn too_many_connections_are_turned_away_and_places_come_back() {
    let world = world_with(Limits {
        connections_per_address: 2,
        ..Limits::default()
    })
    .await;
    let stranger = world.stranger();
    let first = world.connect(&stranger).await.unwrap();
    let second = world.connect(&stranger).await.unwrap();
    world.connect(&stranger).await.unwrap_err();
    drop((first, second));
    // The server needs a moment to see it; it is asked until it answers.
    while world.say(&stranger, &report(b"x")).await.is_err() {}
}

#[tokio::test]
async fn enrolments_beyond_the_rate_are_told_to_wait() {
    let world = world_with(Limits {
        enrol_per_address: (0, 2),
        ..Limits::default()
    })
    .await;
    let stranger = world.stranger();
    check(
        &world,
        &stranger,
        &sized(path::ENROL, b"{}"),
        (400, "ING-003"),
    )
    .await;
    check(
        &world,
        &stranger,
        &sized(path::ENROL, b"{}"),
        (400, "ING-003"),
    )
    .await;
    check(
        &world,
        &stranger,
        &sized(path::ENROL, b"{}"),
        (429, "NET-008"),
    )
    .await;
    let answer = world
        .say(&stranger, &sized(path::ENROL, b"{}"))
        .await
        .unwrap();
    assert!(answer.contains("retry-after: 30"), "{answer}");
}

#[tokio::test]
async fn busy_server_sends_reports_away() {
    let limits = Limits {
        work: 0,
        queue: Duration::from_millis(20),
        ..Limits::default()
    };
    let busy = world_with(limits).await;
    let answer = busy
        .say(&busy.stranger(), &sized(path::ENROL, &busy.enrol_body()))
        .await
        .unwrap();
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(
        answer.contains("NET-009") && answer.contains("retry-after"),
        "{answer}"
    );

    let full = world_with(Limits {
        body_budget: 2048,
        ..Limits::default()
    })
    .await;
    let enrolled = full.enrol().await;
    check(
        &full,
        &enrolled.client,
        &report(&[0; 4096]),
        (503, "NET-009"),
    )
    .await;
    check(
        &full,
        &enrolled.client,
        &report(&enrolled.report()),
        (200, "acknowledged"),
    )
    .await;
}

fn page() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

#[tokio::test]
async fn page_answers_this_machine_alone_with_its_headers() {
    let world = world::world_of(page(), Limits::default()).await;
    let port = world.web().port();
    let ask = |head: String| {
        let world = &world;
        async move { world.say_plain(world.web(), head.as_bytes()).await }
    };
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let head = format!("GET / HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
        let answer = ask(head).await;
        assert_eq!(status(&answer), 200, "{host}: {answer}");
        assert!(answer.ends_with("hello"));
        assert!(answer.contains("content-security-policy: default-src 'none'; style-src 'self'"));
        assert!(answer.contains("x-content-type-options: nosniff"));
        assert!(answer.contains("cache-control: no-store"));
    }
    for (head, expected) in [
        (format!("GET / HTTP/1.1\r\nhost: evil.example:{port}"), 421),
        (
            format!("GET / HTTP/1.1\r\nhost: 127.0.0.1.evil.example:{port}"),
            421,
        ),
        ("GET / HTTP/1.1\r\nhost: localhost".to_owned(), 421),
        ("GET / HTTP/1.1".to_owned(), 421),
        (
            format!("GET / HTTP/1.1\r\nhost: localhost:{port}\r\nhost: evil.example"),
            421,
        ),
        (
            format!("GET http://evil.example/ HTTP/1.1\r\nhost: localhost:{port}"),
            421,
        ),
        (
            format!("POST / HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: 0"),
            405,
        ),
        (
            format!("GET / HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: 5"),
            400,
        ),
        (format!("GET /none HTTP/1.1\r\nhost: localhost:{port}"), 404),
    ] {
        let answer = ask(format!("{head}\r\nconnection: close\r\n\r\n")).await;
        assert_eq!(status(&answer), expected, "{head}: {answer}");
        assert!(
            answer.contains("content-security-policy: default-src 'none'"),
            "{head}"
        );
        assert!(!answer.contains("hello"));
    }
    let head = format!("HEAD / HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
    let answer = ask(head).await;
    assert_eq!(status(&answer), 200);
    assert!(answer.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn taken_ports_and_open_page_addresses_are_refused() {
    let world = world().await;
    for (agents, web) in [
        (world.agents(), world::free()),
        (world::free(), world.web()),
    ] {
        let refused = world.start(agents, web).await.unwrap_err();
        assert_eq!(refused.code, "NET-001");
        assert!(refused.detail.starts_with("127.0.0.1:"), "{refused}");
    }
    let everywhere = "0.0.0.0:0".parse().unwrap();
    assert_eq!(
        world
            .start(world::free(), everywhere)
            .await
            .unwrap_err()
            .code,
        "NET-002"
    );
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let world = world().await;
    let enrolled = world.enrol().await;
    let _idle = world.connect(&enrolled.client).await.unwrap();
    tokio::time::timeout(Duration::from_secs(4), world.end())
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn failed_store_ends_the_server_with_an_error() {
    for says_so in [true, false] {
        let world = world::world_on_failing_store(says_so).await;
        let answer = world
            .say(&world.stranger(), &sized(path::ENROL, &world.enrol_body()))
            .await;
        assert!(answer.unwrap().contains("STO-002"));
        let ended = tokio::time::timeout(Duration::from_secs(30), world.ended()).await;
        assert_eq!(ended.unwrap().unwrap_err().code, "STO-002");
    }
}
