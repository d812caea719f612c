use proptest::prelude::*;

use super::*;

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_string_needs_no_end_and_ends_at_its_first() {
    let text = |bytes: &[u8]| RawValue::decode(SZ, bytes);
    let plain = RawValue::Text("電子カルテ".to_owned());
    assert_eq!(text(&wide("電子カルテ")), plain);
    assert_eq!(text(&wide("電子カルテ\0")), plain);
    assert_eq!(text(&wide("電子カルテ\0left over")), plain);
    // Half a unit at the end.
    assert_eq!(
        text(&[wide("電子カルテ").as_slice(), &[0x41]].concat()),
        plain
    );
    assert_eq!(text(&[]).text(), None);
}

#[test]
fn half_a_character_is_replaced_and_the_rest_stays() {
    let mut bytes = wide("A");
    bytes.extend(0xd83d_u16.to_le_bytes());
    bytes.extend(wide("B\0"));
    assert_eq!(RawValue::decode(SZ, &bytes).text(), Some("A\u{fffd}B"));
}

#[test]
fn a_number_of_a_wrong_length_is_no_number() {
    assert_eq!(RawValue::decode(DWORD, &[1, 2, 0, 0]).number(), Some(0x201));
    assert_eq!(
        RawValue::decode(DWORD_BIG_ENDIAN, &[0, 0, 2, 1]).number(),
        Some(0x201)
    );
    for (kind, bytes) in [(DWORD, 3), (DWORD, 8), (DWORD, 0), (QWORD, 4), (77, 4)] {
        let value = RawValue::decode(kind, &vec![1; bytes]);
        assert_eq!(value.number(), None);
        assert!(matches!(value, RawValue::Odd { .. }), "{value:?}");
    }
}

#[test]
fn several_strings_end_at_the_first_empty_one() {
    let value = RawValue::decode(MULTI_SZ, &wide("one\0二\0\0behind\0"));
    let two = vec!["one".to_owned(), "二".to_owned()];
    assert_eq!(value, RawValue::Texts(two));
    assert_eq!(
        RawValue::decode(MULTI_SZ, &wide("no end")),
        RawValue::Texts(vec!["no end".to_owned()])
    );
}

proptest! {
    #[test]
    fn no_bytes_of_any_type_break_it(kind in 0_u32..20, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let value = RawValue::decode(kind, &bytes);
        let text = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<RawValue>(&text).unwrap(), value);
    }
}
