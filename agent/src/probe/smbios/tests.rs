use proptest::prelude::*;

use super::*;

fn structure(kind: u8, formatted: &[u8], strings: &[&str]) -> Vec<u8> {
    let mut bytes = vec![kind, u8::try_from(formatted.len() + 4).unwrap(), 0, 0];
    bytes.extend(formatted);
    for string in strings {
        bytes.extend(string.as_bytes());
        bytes.push(0);
    }
    if strings.is_empty() {
        bytes.push(0);
    }
    bytes.push(0);
    bytes
}

fn table(version: (u8, u8), structures: &[Vec<u8>]) -> Vec<u8> {
    let all = structures.concat();
    let mut bytes = vec![0, version.0, version.1, 0];
    bytes.extend(u32::try_from(all.len()).unwrap().to_le_bytes());
    bytes.extend(all);
    bytes
}

const ID: [u8; 16] = [
    0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
];

fn machine(version: (u8, u8)) -> Vec<u8> {
    let mut system = vec![1, 2, 0, 3];
    system.extend(ID);
    system.extend([6, 0, 0]);
    table(
        version,
        &[
            structure(0, &[1, 2, 0, 0, 3], &["FUJITSU", "V1.2", "01/01/2020"]),
            structure(1, &system, &["FUJITSU", "ESPRIMO D7010", "YLXX000001"]),
            // No strings at all.
            structure(2, &[0, 0, 0, 0], &[]),
            structure(3, &[1, 0x83, 0, 2], &["FUJITSU", "CH-1"]),
            structure(1, &[1, 1, 1, 1], &["Second"]),
            structure(END, &[], &[]),
            structure(0, &[1], &["behind the end"]),
        ],
    )
}

#[test]
fn the_first_structure_of_each_kind_tells_the_machine() {
    let found = texts(&machine((3, 3))).unwrap();
    let text = |name: &str| found.get(name).map(String::as_str);
    assert_eq!(text("sys_vendor"), Some("FUJITSU"));
    assert_eq!(text("product_name"), Some("ESPRIMO D7010"));
    assert_eq!(text("product_serial"), Some("YLXX000001"));
    // Number 0: there is none.
    assert_eq!(text("product_version"), None);
    assert_eq!(text("board_vendor"), None);
    assert_eq!(text("chassis_serial"), Some("CH-1"));
    assert_eq!(text("chassis_type"), Some("131"));
    assert_eq!(text("bios_date"), Some("01/01/2020"));
}

#[test]
fn the_order_of_the_uuids_bytes_depends_on_the_version() {
    let id = |version| texts(&machine(version)).unwrap()["product_uuid"].clone();
    let little = "00112233-4455-6677-8899-aabbccddeeff";
    assert_eq!(id((2, 6)), little);
    assert_eq!(id((3, 0)), little);
    assert_eq!(id((2, 5)), "33221100-5544-7766-8899-aabbccddeeff");
}

#[test]
fn a_string_number_that_is_too_high_is_no_text() {
    let bytes = table((3, 0), &[structure(1, &[9, 1, 0, 0], &["Maker"])]);
    let found = texts(&bytes).unwrap();
    assert_eq!(found.get("sys_vendor"), None);
    assert_eq!(found["product_name"], "Maker");
}

#[test]
fn bytes_that_hold_no_structure_are_no_table() {
    assert_eq!(texts(&[]), None);
    assert_eq!(texts(&[0; 8]), None);
    // A length below the four bytes that every structure has.
    assert_eq!(texts(&[0, 3, 0, 0, 9, 0, 0, 0, 1, 3, 0, 0, 0, 0]), None);
    // Cut off inside the strings.
    let mut bytes = table((3, 0), &[structure(1, &[1], &["Maker"])]);
    bytes.truncate(bytes.len() - 2);
    assert_eq!(texts(&bytes), None);
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = texts(&bytes);
    }

    #[test]
    fn a_table_with_any_byte_changed_or_cut_breaks_nothing(
        at in 0_usize..150,
        byte: u8,
        length in 0_usize..200,
    ) {
        let mut bytes = machine((3, 0));
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(length);
        if let Some(found) = texts(&bytes) {
            prop_assert!(found.len() <= TEXTS.len() + 2);
        }
    }
}
