use std::net::IpAddr;

use daicho_report::Time;
use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Time {
    Time::from_seconds(1_764_000_000 + seconds)
}

fn tlv(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap();
    let header = (kind << 9) | length;
    [header.to_be_bytes().as_slice(), value].concat()
}

const MAC: [u8; 6] = [2, 0xfc, 0, 0, 0, 0x0a];

/// Chassis (MAC), port (interface name) and time to live.
fn mandatory() -> Vec<u8> {
    let chassis = [[4].as_slice(), &MAC].concat();
    [tlv(1, &chassis), tlv(2, b"\x05ge-0/0/1"), tlv(3, &[0, 120])].concat()
}

fn unit(more: &[Vec<u8>]) -> Vec<u8> {
    [mandatory(), more.concat(), tlv(0, b"")].concat()
}

fn framed(ethertype: u16, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend(MAC);
    frame.extend(ethertype.to_be_bytes());
    frame.extend(body);
    frame
}

fn arp(address: [u8; 4]) -> Vec<u8> {
    let mut body = vec![0, 1, 8, 0, 6, 4, 0, 1];
    body.extend(MAC);
    body.extend(address);
    body.extend([0; 10]);
    framed(0x0806, &body)
}

#[test]
fn lldp_says_who_and_where() {
    let frame = parse_lldp(&unit(&[
        tlv(4, b"uplink"),
        tlv(5, "核スイッチ".as_bytes()),
        tlv(6, b"Product 1.2\0"),
        tlv(7, &[0, 0x14, 0, 0x04]),
        tlv(8, &[5, 1, 192, 168, 1, 254, 2, 0, 0, 0, 1, 0]),
        tlv(127, &[0, 0x80, 0xc2, 1, 0, 1]),
    ]))
    .unwrap();
    assert_eq!(frame.chassis, "02:fc:00:00:00:0a");
    assert_eq!((frame.port.as_str(), frame.ttl_s), ("ge-0/0/1", 120));
    assert_eq!(frame.system_name.as_deref(), Some("核スイッチ"));
    assert_eq!(frame.system_description.as_deref(), Some("Product 1.2"));
    assert_eq!(frame.capabilities, Some(4));
    let address: IpAddr = "192.168.1.254".parse().unwrap();
    assert_eq!(frame.management, [address]);
}

#[test]
fn lldp_out_of_order_cut_off_or_endless_is_refused() {
    assert_eq!(parse_lldp(b""), Err(LldpError::Short));
    assert_eq!(parse_lldp(&tlv(0, b"")), Err(LldpError::Order));
    assert_eq!(parse_lldp(&tlv(2, b"\x05x")), Err(LldpError::Order));
    let twice = unit(&[tlv(1, b"\x07x")]);
    assert_eq!(parse_lldp(&twice), Err(LldpError::Order));
    let many: Vec<Vec<u8>> = (0..100).map(|_| tlv(127, b"")).collect();
    assert_eq!(parse_lldp(&unit(&many)), Err(LldpError::Many));
    let whole = mandatory();
    for length in 1..whole.len() {
        let (cut, _) = whole.split_at(length);
        assert_eq!(parse_lldp(cut), Err(LldpError::Short), "{length}");
    }
}

#[test]
fn lldp_without_its_end_marker_is_read() {
    assert!(parse_lldp(&mandatory()).is_ok());
}

#[test]
fn control_characters_of_a_neighbour_are_made_visible() {
    let frame = parse_lldp(&unit(&[tlv(5, "a\u{1b}[2J\u{202e}b".as_bytes())])).unwrap();
    assert_eq!(
        frame.system_name.as_deref(),
        Some("a〈U+001B〉[2J〈U+202E〉b")
    );
    let binary = parse_lldp(&unit(&[tlv(5, &[0xff, 0x00])])).unwrap();
    assert_eq!(binary.system_name.as_deref(), Some("ff00"));
}

#[test]
fn too_many_management_addresses_are_cut() {
    let addresses: Vec<Vec<u8>> = (0..20)
        .map(|last| tlv(8, &[5, 1, 10, 0, 0, last]))
        .collect();
    assert_eq!(parse_lldp(&unit(&addresses)).unwrap().management.len(), 8);
}

#[test]
fn sightings_count_and_keep_first_and_last() {
    let mut sightings = Sightings::new("eth0", at(0));
    sightings.hear(&framed(0x88cc, &unit(&[])), at(1));
    sightings.hear(&framed(0x88cc, &unit(&[])), at(31));
    sightings.hear(&framed(0x0800, b"not asked for"), at(32));
    sightings.hear(&framed(0x88cc, b""), at(33));
    sightings.hear(b"short", at(34));
    sightings.end(at(60));
    let heard = sightings.lldp();
    let [one] = heard.as_slice() else {
        panic!("one sighting, not {}", heard.len());
    };
    assert_eq!((one.first, one.last, one.count), (at(1), at(31), 2));
    let json = serde_json::to_string(&sightings.json()).unwrap();
    assert!(json.contains("\"unreadable\":2"));
}

#[test]
fn arp_names_the_sender_where_this_system_reads_it() {
    let mut sightings = Sightings::new("eth0", at(0));
    sightings.hear(&arp([192, 168, 1, 7]), at(1));
    sightings.hear(&arp([0, 0, 0, 0]), at(2));
    // Not for IPv4 over Ethernet, and cut off.
    sightings.hear(&framed(0x0806, &[0; 28]), at(3));
    sightings.hear(&framed(0x0806, &[0, 1, 8, 0, 6]), at(4));
    let heard: Vec<Option<std::net::Ipv4Addr>> =
        sightings.arp().iter().map(|it| it.address).collect();
    if capture::arp(
        &[0, 1, 8, 0, 6, 4]
            .into_iter()
            .chain([0; 22])
            .collect::<Vec<_>>(),
    )
    .is_some()
    {
        assert_eq!(heard, [None, Some([192, 168, 1, 7].into())]);
    } else {
        assert!(heard.is_empty());
    }
}

#[test]
fn flood_of_forged_senders_is_bounded_and_counted() {
    let mut sightings = Sightings::new("eth0", at(0));
    let name = |number: u32| tlv(5, format!("forged-{number}").as_bytes());
    for number in 0..17_000 {
        sightings.hear(&framed(0x88cc, &unit(&[name(number)])), at(1));
    }
    assert_eq!(sightings.lldp().len(), 16_384);
    assert_eq!(sightings.not_listed(), 17_000 - 16_384);
}

#[test]
fn unknown_interface_names_those_that_are_there_or_says_unsupported() {
    let error = sense("no-such-0", 1).unwrap_err();
    match &error {
        SenseError::Capture(CaptureError::NoInterface { there, .. }) => {
            assert!(error.detail(Lang::Ja).contains("no-such-0"));
            assert!(there.iter().all(|it| error.detail(Lang::En).contains(it)));
        }
        SenseError::Capture(CaptureError::Unsupported) => {}
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..1_600)) {
        let _ = parse_lldp(&bytes);
        let mut sightings = Sightings::new("eth0", at(0));
        sightings.hear(&bytes, at(1));
        sightings.hear(&framed(0x88cc, &bytes), at(1));
        sightings.hear(&framed(0x0806, &bytes), at(1));
    }

    #[test]
    fn parts_of_any_kind_and_content_leave_bounded_printable_text(
        parts in proptest::collection::vec((4_u16..128, proptest::collection::vec(any::<u8>(), 0..512)), 0..20)
    ) {
        let parts: Vec<Vec<u8>> = parts
            .iter()
            .map(|(kind, value)| tlv(*kind, value.get(..value.len().min(511)).unwrap()))
            .collect();
        if let Ok(frame) = parse_lldp(&unit(&parts)) {
            prop_assert!(frame.management.len() <= 8);
            let texts = [frame.system_name, frame.system_description, frame.port_description];
            for text in texts.into_iter().flatten() {
                prop_assert!(!text.contains(char::is_control));
                prop_assert!(text.len() <= 511 * 12);
            }
        }
    }
}
