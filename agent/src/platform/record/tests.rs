use super::*;

fn record(size: usize, kind: u16, name: &[u8]) -> Vec<u8> {
    let mut record = vec![0; size];
    record[..2].copy_from_slice(&kind.to_le_bytes());
    record[4..8].copy_from_slice(&4711_u32.to_le_bytes());
    record[8..13].copy_from_slice(b"pts/0");
    record[44..44 + name.len()].copy_from_slice(name);
    record[76..84].copy_from_slice(b"10.0.0.9");
    record
}

#[test]
fn both_layouts_give_the_names_in_their_order() {
    for size in SIZES {
        for times in [1, 5, 24, 25, 100] {
            let one = [
                record(size, 2, b"reboot"),
                record(size, 7, b"sato"),
                record(size, 8, b""),
                record(size, 7, b"suzuki"),
            ];
            let names = people(&one.concat().repeat(times)).unwrap();
            assert_eq!(names.len(), 2 * times, "{size} {times}");
            assert!(names.iter().step_by(2).all(|it| it == "sato"));
        }
    }
}

#[test]
fn half_a_record_at_the_end_is_left_out() {
    let mut bytes = [record(384, 7, b"sato"), record(384, 7, b"suzuki")].concat();
    bytes.truncate(700);
    assert_eq!(people(&bytes), Some(vec!["sato".to_owned()]));
}

#[test]
fn other_bytes_are_no_records_and_nothing_is_nobody() {
    assert_eq!(people(b""), Some(Vec::new()));
    assert_eq!(people(b"yamada"), None);
    assert_eq!(people(&[0xff; 4_000]), None);
    assert_eq!(people(&[0; 9_600]), Some(Vec::new()));
}

#[test]
fn names_in_any_encoding_and_of_any_length_are_read() {
    let name = b"\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5\xbf\xc7\xce\xc5";
    assert_eq!(people(&record(384, 7, name)).unwrap().len(), 1);
}

#[test]
fn renamed_records_keep_nothing_but_the_kind() {
    for size in SIZES {
        let bytes = [record(size, 7, b"sato"), record(size, 2, b"reboot")].concat();
        let out = renamed(&bytes, |name| format!("{name}-2")).unwrap();
        assert_eq!(out.len(), bytes.len());
        assert_eq!(people(&out).unwrap(), ["sato-2"]);
        let text = String::from_utf8_lossy(&out);
        assert!(
            !text.contains("10.0.0.9") && !text.contains("pts"),
            "{text}"
        );
    }
    assert_eq!(renamed(b"x", str::to_owned), None);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_taken_without_a_panic(bytes in proptest::collection::vec(0_u8..12, 0..1300)) {
        let _ = people(&bytes);
        let _ = renamed(&bytes, |name| name.repeat(9));
    }
}
