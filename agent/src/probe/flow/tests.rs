use super::*;
use crate::platform::replay::Bundle;

const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

fn line(local: &str, peer: &str, state: &str, inode: u64) -> String {
    format!(
        "   0: {local} {peer} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0 0 10 0\n"
    )
}

fn source(tcp: &[String], sockets: Option<Vec<u64>>) -> Source {
    let process = RawProcess {
        name: "sshd".to_owned(),
        sockets,
        ..RawProcess::default()
    };
    Source::from_bundle(
        Bundle::new("linux")
            .with_text("/proc/net/tcp", &format!("{HEAD}{}", tcp.concat()))
            .with_text("/proc/net/udp", HEAD)
            .with_miss("file", "/proc/net/tcp6", Miss::Absent)
            .with_miss("file", "/proc/net/udp6", Miss::Absent)
            .with("exists", "/proc/1", &true)
            .with("processes", "", &vec![process]),
    )
}

#[test]
fn direction_follows_the_listening_port() {
    let tcp = [
        line("00000000:0016", "00000000:0000", "0A", 7),
        line("0200000A:0016", "0900000A:C350", "01", 8),
        line("0200000A:C351", "0900000A:01BB", "01", 9),
    ];
    let found = read(&source(&tcp, Some(vec![7, 8])));
    let flows: Vec<Flow> = found.flows.value().unwrap().iter().cloned().collect();
    assert_eq!(flows.len(), 2);
    let inbound = flows
        .iter()
        .find(|it| it.direction == Direction::Inbound)
        .unwrap();
    assert_eq!(
        (inbound.port, inbound.program.as_deref()),
        (22, Some("sshd"))
    );
    assert_eq!(inbound.peer, "10.0.0.9".parse::<IpAddr>().unwrap());
    let outbound = flows
        .iter()
        .find(|it| it.direction == Direction::Outbound)
        .unwrap();
    assert_eq!((outbound.port, &outbound.program), (443, &None));
    assert_eq!(found.listeners.listeners.value().unwrap().len(), 1);
    assert!(found.listeners.owners.value().is_some());
}

#[test]
fn talk_within_the_machine_and_what_is_closing_is_left_out() {
    let tcp = [
        line("0100007F:0016", "0100007F:C350", "01", 8),
        line("0200000A:C351", "0900000A:01BB", "06", 0),
    ];
    assert!(
        read(&source(&tcp, Some(vec![])))
            .flows
            .value()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn owners_that_could_not_be_read_are_denied_not_none() {
    let tcp = [line("00000000:0016", "00000000:0000", "0A", 7)];
    let found = read(&source(&tcp, None));
    assert_eq!(found.listeners.owners.reason(), Some(&Reason::Denied));
    assert_eq!(found.listeners.listeners.value().unwrap()[0].program, None);
}

#[test]
fn nonsense_lines_are_skipped_and_a_missing_table_is_unknown() {
    let tcp = [
        "\u{fffd}\u{0} x".to_owned(),
        line("GG:1", "1:2", "01", 1),
        "0: 1".to_owned(),
    ];
    assert!(read(&source(&tcp, None)).flows.value().unwrap().is_empty());
    let none = read(&Source::from_bundle(Bundle::new("linux")));
    assert_eq!(none.flows.reason(), Some(&Reason::NotAsked));
}

#[test]
fn mapped_addresses_are_the_ipv4_ones() {
    let (address, port) = endpoint("0000000000000000FFFF00000200000A:0050").unwrap();
    assert_eq!((address, port), ("10.0.0.2".parse::<IpAddr>().unwrap(), 80));
    let (address, _) = endpoint("B80D01200000000067452301EFCDAB89:0050").unwrap();
    assert_eq!(
        address,
        "2001:db8::123:4567:89ab:cdef".parse::<IpAddr>().unwrap()
    );
}

#[test]
fn hidden_processes_leave_the_owners_unknown() {
    let bundle = |first: bool| {
        Bundle::new("linux")
            .with_text("/proc/net/tcp", HEAD)
            .with_text("/proc/net/udp", HEAD)
            .with_miss("file", "/proc/net/tcp6", Miss::Absent)
            .with_miss("file", "/proc/net/udp6", Miss::Absent)
            .with("processes", "", &Vec::<RawProcess>::new())
            .with("exists", "/proc/1", &first)
    };
    let owners = |first| read(&Source::from_bundle(bundle(first))).listeners.owners;
    assert_eq!(owners(false).reason(), Some(&Reason::Denied));
    assert_eq!(owners(true).value(), Some(&()));
}

/// A machine with these UDP sockets and this range of ports for anybody.
fn listening(udp: &[String], range: Option<&str>) -> Vec<u16> {
    let mut bundle = Bundle::new("linux")
        .with_text("/proc/net/tcp", HEAD)
        .with_text("/proc/net/udp", &format!("{HEAD}{}", udp.concat()))
        .with_miss("file", "/proc/net/tcp6", Miss::Absent)
        .with_miss("file", "/proc/net/udp6", Miss::Absent)
        .with("exists", "/proc/1", &true)
        .with("processes", "", &Vec::<RawProcess>::new());
    if let Some(range) = range {
        bundle = bundle.with_text(ANY_PORTS, range);
    }
    let found = read(&Source::from_bundle(bundle)).listeners.listeners;
    found.value().unwrap().iter().map(|it| it.port).collect()
}

#[test]
fn udp_socket_that_waits_for_one_answer_is_no_listener() {
    let any = "00000000:0000";
    let udp = [
        line("00000000:0044", any, "07", 1),
        line("00000000:14E9", any, "07", 2),
        // 40001 for anybody, BACnet, the kernel's own, 61001 above the range.
        line("00000000:9C41", any, "07", 3),
        line("00000000:BAC0", any, "07", 4),
        line("00000000:9C42", any, "07", 0),
        line("00000000:EE49", any, "07", 5),
        // Connected.
        line("00000000:9C43", "0900000A:0035", "01", 6),
    ];
    let kept = [68, 5353, 40_002, 47_808, 61_001];
    assert_eq!(listening(&udp, Some("32768\t60999\n")), kept);
    // Where the range is not told, none is left out.
    let all = [68, 5353, 40_001, 40_002, 47_808, 61_001];
    for nothing in [None, Some("x"), Some("40000"), Some("9 99999999")] {
        assert_eq!(listening(&udp, nothing), all, "{nothing:?}");
    }
}

/// Established sockets to as many peers.
fn talk(count: u32) -> Vec<String> {
    (0..count)
        .map(|n| {
            line(
                "0200000A:C350",
                &format!("{:08X}:01BB", 0x0b + (n << 8)),
                "01",
                9,
            )
        })
        .collect()
}

#[test]
fn more_flows_than_a_report_holds_are_unknown_and_the_listeners_are_not() {
    let listener = line("00000000:0016", "00000000:0000", "0A", 7);
    let mut few = talk(1_000);
    few.push(listener.clone());
    let found = read(&source(&few, Some(vec![7])));
    assert_eq!(found.flows.value().unwrap().len(), 1_000);
    // Many sockets of one flow are one flow.
    let mut same = vec![listener.clone()];
    same.extend(vec![
        line("0200000A:C350", "0900000A:01BB", "01", 9);
        90_000
    ]);
    let found = read(&source(&same, Some(vec![7])));
    assert_eq!(found.flows.value().unwrap().len(), 1);

    let mut many = talk(100_000);
    many.push(listener.clone());
    let found = read(&source(&many, Some(vec![7])));
    assert_eq!(found.flows.reason(), Some(&too_many()));
    assert_eq!(found.listeners.listeners.value().unwrap().len(), 1);

    let mut sockets = vec![listener];
    sockets.extend(vec![
        line("0200000A:C350", "0900000A:01BB", "01", 9);
        100_001
    ]);
    let found = read(&source(&sockets, Some(vec![7])));
    assert_eq!(found.flows.reason(), Some(&too_many()));
    assert_eq!(found.listeners.listeners.value().unwrap().len(), 1);
}

#[test]
fn table_that_is_too_large_still_tells_who_listens_when_its_head_does() {
    let too_large = Miss::Unknown(Reason::failed("EFBIG"));
    let bundle = |lines: &[String]| {
        Bundle::new("linux")
            .with_miss("file", "/proc/net/tcp", too_large.clone())
            .with_bytes(
                "head",
                "/proc/net/tcp",
                format!("{HEAD}{}", lines.concat()).as_bytes(),
            )
            .with_text("/proc/net/udp", HEAD)
            .with_miss("file", "/proc/net/tcp6", Miss::Absent)
            .with_miss("file", "/proc/net/udp6", Miss::Absent)
            .with("exists", "/proc/1", &true)
            .with("processes", "", &Vec::<RawProcess>::new())
    };
    let listens = line("00000000:0016", "00000000:0000", "0A", 7);
    let found = read(&Source::from_bundle(bundle(&[
        listens.clone(),
        talk(1).remove(0),
    ])));
    assert_eq!(found.listeners.listeners.value().unwrap().len(), 1);
    assert_eq!(found.flows.reason(), Some(&too_many()));
    // The head ends among those that listen: there may be more of them.
    let found = read(&Source::from_bundle(bundle(&[listens])));
    assert_eq!(found.listeners.listeners.reason(), Some(&too_many()));
}

#[test]
fn descriptors_cut_at_the_bound_leave_the_owners_unknown_with_that_reason() {
    let cut = RawProcess {
        name: "x".to_owned(),
        sockets: None,
        unread: Some(too_many()),
    };
    let (_, owners) = owners(Ok(vec![cut]), Ok(true));
    assert_eq!(owners.reason(), Some(&too_many()));
}
