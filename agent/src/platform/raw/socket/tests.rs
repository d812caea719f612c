use proptest::prelude::*;

use super::*;

#[test]
fn rows_of_both_families_are_read() {
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (state, port) in [(2_u32, 445_u16), (5, 3389)] {
        bytes.extend(state.to_le_bytes());
        bytes.extend([10, 0, 0, 5]);
        bytes.extend(port.to_be_bytes());
        // What stands in the rest of the port is no part of it.
        bytes.extend([0xcc, 0xcc]);
        bytes.extend([10, 0, 0, 9]);
        bytes.extend(50_000_u16.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(4_u32.to_le_bytes());
    }
    let table = Table::new(true, false);
    let found = table.sockets(&bytes);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].local, ("10.0.0.5".parse().unwrap(), 445));
    assert_eq!(found[1].peer, ("10.0.0.9".parse().unwrap(), 50_000));
    assert_eq!((found[1].state, found[1].process), (5, 4));

    let mut bytes = 1_u32.to_le_bytes().to_vec();
    bytes.extend(Ipv6Addr::LOCALHOST.octets());
    bytes.extend([0; 4]);
    bytes.extend(5_353_u16.to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(77_u32.to_le_bytes());
    let found = Table::new(false, true).sockets(&bytes);
    assert_eq!(found[0].local, ("::1".parse().unwrap(), 5_353));
    assert_eq!(found[0].process, 77);
}

#[test]
fn a_count_that_is_too_high_adds_no_row() {
    let mut bytes = u32::MAX.to_le_bytes().to_vec();
    bytes.extend([0; 12 + 11]);
    assert_eq!(Table::new(false, false).sockets(&bytes).len(), 1);
    assert_eq!(Table::new(false, false).sockets(&[1, 0]), Vec::new());
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for table in Table::ALL {
            let rows = bytes.len().saturating_sub(4) / table.row_bytes();
            prop_assert!(table.sockets(&bytes).len() <= rows);
        }
    }
}
