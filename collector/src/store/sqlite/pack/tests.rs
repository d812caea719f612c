use super::*;

fn entry(number: u8, body: &str) -> Vec<u8> {
    let signature = daicho_report::Signature::from_bytes(&[number; 64]);
    let signature = serde_json::to_string(&signature).unwrap();
    let (hash, other) = (Hash::of(body.as_bytes()), Hash::of(&[number]));
    format!(
        r#"{{"report":{{"envelope":{{"sequence":{number},"previous":"{other}","sections":[{{"kind":"flow","hash":"{hash}"}}]}},"signature":{signature},"intervals":[{{"kind":"flow","hash":"{hash}","body":{body}}}]}}}}"#
    )
    .into_bytes()
}

#[test]
fn an_entry_comes_back_byte_for_byte() {
    let older = entry(1, r#"{"opened":[]}"#);
    let hash = Hash::of(b"x");
    for body in [
        r#"{"opened":[]}"#.to_owned(),
        r#"{"opened":["}{\"","ab\\"]}"#.to_owned(),
        format!(r#"{{"opened":["{hash}"]}}"#),
    ] {
        let leaf = entry(2, &body);
        for older in [None, Some(older.as_slice())] {
            let packed = packed_leaf(&leaf, older).unwrap();
            assert_eq!(unpacked_leaf(&packed, older).as_deref(), Some(&leaf[..]));
        }
    }
}

#[test]
fn what_is_no_text_of_ours_comes_back_too() {
    for odd in [
        &b""[..],
        b"\x01\x02\x03",
        b"\"",
        "\"body\":{ \u{3042}".as_bytes(),
        b"{\"a\":\"ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789\"}",
    ] {
        let packed = packed_leaf(odd, None).unwrap();
        assert_eq!(unpacked_leaf(&packed, None).as_deref(), Some(odd));
    }
}

#[test]
fn a_report_that_changed_little_needs_few_bytes_beside_what_cannot_be_guessed() {
    let (older, leaf) = (entry(1, r#"{"opened":[]}"#), entry(2, r#"{"opened":[1]}"#));
    let packed = packed_leaf(&leaf, Some(&older)).unwrap();
    // A signature and one hash; the hash of the body stands twice and is kept not once.
    assert!(packed.len() < 64 + 32 + 40, "{}", packed.len());
}

#[test]
fn damaged_bytes_give_nothing_or_something_else() {
    let (older, leaf) = (entry(1, r#"{"opened":[]}"#), entry(2, r#"{"opened":[1]}"#));
    let packed = packed_leaf(&leaf, Some(&older)).unwrap();
    for at in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[at] ^= 1;
        assert_ne!(
            unpacked_leaf(&damaged, Some(&older)).as_deref(),
            Some(&leaf[..]),
            "{at}"
        );
    }
}
