use super::*;
use crate::platform::replay::Bundle;

const BOOK_OF_ALL: &str = r"C:\ProgramData\Microsoft\Network\Connections\Pbk\rasphone.pbk";
const TEXT: &str = "[VPN to HQ]\r\nType=2\r\nVpnStrategy=7\r\nUseRasCredentials=1\r\n\
    Device=WAN Miniport (IKEv2)\r\nPhoneNumber=VPN.example.jp\r\nPhoneNumber=b.example.jp\r\n\
    [FLETS]\r\nType=5\r\nPhoneNumber=\r\n\
    [\u{fffd}\u{fffd}]\r\nType=2\r\nVpnStrategy=x\r\nPhoneNumber=taro:himitsu@192.0.2.9\r\n";

fn vpns(bundle: Bundle, mut found: Vec<Vpn>) -> Vec<Vpn> {
    let all = entries(&Source::from_bundle(bundle)).unwrap();
    all.into_iter().for_each(|it| it.put(&mut found));
    found
}

fn machine() -> Bundle {
    Bundle::new("windows").with_nothing_else()
}

#[test]
fn vpns_of_the_machines_phone_book_are_told_with_the_host_they_lead_to() {
    let found = vpns(machine().with_text(BOOK_OF_ALL, TEXT), Vec::new());
    let shown: Vec<_> = found
        .iter()
        .map(|it| (it.product.as_deref().unwrap(), it.server.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Windows VPN (IKEv2)", Some("vpn.example.jp")),
            ("Windows VPN", Some("(other)")),
        ]
    );
    assert!(
        found
            .iter()
            .all(|it| it.grade == VpnGrade::Capable && !it.up)
    );
    let told = format!("{found:?}");
    assert!(!told.contains("himitsu") && !told.contains("HQ"), "{told}");
}

#[test]
fn an_entry_whose_interface_is_up_is_certain() {
    let up = Vpn {
        grade: VpnGrade::Probable,
        product: None,
        interface: Some("VPN to HQ".to_owned()),
        up: true,
        server: None,
        witnesses: Vec::new(),
    };
    let found = vpns(machine().with_text(BOOK_OF_ALL, TEXT), vec![up]);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].grade, VpnGrade::Certain);
    assert_eq!(found[0].product.as_deref(), Some("Windows VPN (IKEv2)"));
    assert_eq!(found[0].server.as_deref(), Some("vpn.example.jp"));
    assert!(found[0].up);
}

#[test]
fn no_phone_book_is_no_vpn_and_one_that_may_not_be_read_is_unknown() {
    assert!(vpns(machine(), Vec::new()).is_empty());
    let denied = machine().with_miss("file", BOOK_OF_ALL, Miss::Unknown(Reason::Denied));
    assert!(matches!(
        entries(&Source::from_bundle(denied)),
        Err(Reason::Denied)
    ));
}

#[test]
fn any_text_is_a_phone_book() {
    for text in ["", "[", "[]", "Type=2", "[a]\nType", "[a]\nType=2\n=\n[b]"] {
        let found = in_book(text);
        assert!(found.iter().all(|it| it.kind == VPN));
    }
    assert!(in_book(&"[a]\nType=2\n".repeat(5_000)).len() <= ENTRIES_MAX);
}
