use proptest::prelude::*;

use super::*;

/// Everyone, by its bytes.
const EVERYONE: &[u8] = &[1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
/// A user of a domain.
const USER: &[u8] = &[
    1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x51, 4, 0, 0,
];

fn entry(kind: u8, flags: u8, mask: u32, sid: &[u8]) -> Vec<u8> {
    let size = u16::try_from(ENTRY + sid.len()).unwrap();
    let head = [&[kind, flags][..], &size.to_le_bytes(), &mask.to_le_bytes()].concat();
    [head, sid.to_vec()].concat()
}

fn descriptor(entries: &[Vec<u8>]) -> Vec<u8> {
    let all = entries.concat();
    let size = u16::try_from(LIST + all.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap();
    let mut bytes = vec![1, 0, 0x04, 0x80];
    bytes.extend([0; 12]);
    bytes.extend(20_u32.to_le_bytes());
    bytes.extend([2, 0]);
    bytes.extend(size.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(all);
    bytes
}

#[test]
fn entries_are_told_in_their_order_with_whom_they_are_for() {
    let bytes = descriptor(&[
        entry(1, 0, 2, USER),
        entry(0, 8, 0x001f_01ff, EVERYONE),
        entry(9, 0, 1, &[0xff; 40]),
    ]);
    let Some(RawAccess::Listed(found)) = RawAccess::parse(&bytes) else {
        panic!("a list");
    };
    let shown: Vec<_> = found
        .iter()
        .map(|it| (it.kind, it.flags, it.mask, it.sid.as_str()))
        .collect();
    let user = "S-1-5-21-1-2-3-1105";
    assert_eq!(
        shown,
        [
            (1, 0, 2, user),
            (0, 8, 0x001f_01ff, "S-1-1-0"),
            (9, 0, 1, "")
        ]
    );
}

#[test]
fn no_list_is_told_from_a_list_with_nothing_in_it() {
    let mut bytes = descriptor(&[]);
    assert_eq!(RawAccess::parse(&bytes), Some(RawAccess::Listed(vec![])));
    bytes[2] = 0;
    assert_eq!(RawAccess::parse(&bytes), Some(RawAccess::Unlisted));
    bytes[2] = 4;
    bytes[16] = 0;
    assert_eq!(RawAccess::parse(&bytes), Some(RawAccess::Unlisted));
}

#[test]
fn a_descriptor_that_ends_too_early_is_no_list() {
    let bytes = descriptor(&[entry(0, 0, 1, USER), entry(0, 0, 1, EVERYONE)]);
    for length in 0..bytes.len() {
        assert_eq!(RawAccess::parse(&bytes[..length]), None, "{length}");
    }
    // A list inside the header, and a form that only memory has.
    let mut inside = bytes.clone();
    inside[16] = 4;
    assert_eq!(RawAccess::parse(&inside), None);
    let mut absolute = bytes;
    absolute[3] = 0;
    assert_eq!(RawAccess::parse(&absolute), None);
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_list_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = RawAccess::parse(&bytes);
    }

    #[test]
    fn a_changed_byte_ends_in_a_list_or_none(at in 0_usize..84, to in any::<u8>()) {
        let mut bytes = descriptor(&[entry(0, 0, 1, USER), entry(1, 0, 1, EVERYONE)]);
        let at = at % bytes.len();
        bytes[at] = to;
        let _ = RawAccess::parse(&bytes);
    }
}
