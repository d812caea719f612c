use proptest::prelude::*;

use super::*;
use crate::state::tests::Scratch;

fn mark(sequence: u64) -> Mark {
    Mark {
        sequence,
        previous: Hash::of(&sequence.to_be_bytes()),
        acknowledged: sequence.saturating_sub(1),
    }
}

#[test]
fn newest_mark_is_read_back_and_the_file_never_grows() {
    let scratch = Scratch::new();
    let path = scratch.join("mark");
    assert_eq!(read(&path), None);
    for sequence in [1, 2, 2, 3, u64::MAX] {
        write(&path, mark(sequence)).unwrap();
        assert_eq!(read(&path).unwrap().mark, mark(sequence));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 8_192);
    }
    assert!(read(&path).unwrap().certain);
}

#[test]
fn torn_place_leaves_the_other_one_and_says_that_something_was_lost() {
    let scratch = Scratch::new();
    let path = scratch.join("mark");
    for sequence in 1..=4 {
        write(&path, mark(sequence)).unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    for (place, left) in [(PLACE_BYTES, 3), (0, 4)] {
        let mut torn = whole.clone();
        torn[place + 40] ^= 1;
        std::fs::write(&path, &torn).unwrap();
        let read = read(&path).unwrap();
        assert_eq!((read.mark.sequence, read.certain), (left, false));
        write(&path, mark(9)).unwrap();
        assert_eq!(super::read(&path).unwrap().mark, mark(9));
        assert!(super::read(&path).unwrap().certain);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_mark_or_none_and_can_be_written_over(
        bytes in proptest::collection::vec(any::<u8>(), 0..9_000)
    ) {
        let scratch = Scratch::new();
        let path = scratch.join("mark");
        std::fs::write(&path, &bytes).unwrap();
        prop_assert_eq!(read(&path), None);
        write(&path, mark(5)).unwrap();
        prop_assert_eq!(read(&path).unwrap().mark, mark(5));
    }
}
