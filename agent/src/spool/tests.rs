use super::*;
use crate::report::next;
use crate::report::tests::collected;
use crate::state::Progress;
use crate::state::tests::Scratch;

use daicho_report::{ReportKey, Time};

/// Reports 1 to `count` of one chain.
fn reports(count: u64) -> Vec<Report> {
    let key = ReportKey::from_secret(&[5; 32]);
    let mut progress = Progress::default();
    (0..count)
        .map(|_| {
            let collected = collected("a", &[1]);
            let made = next(collected, &progress, &key, "linux", Time::EPOCH).unwrap();
            progress = made.progress;
            made.report
        })
        .collect()
}

fn filled(scratch: &Scratch, limit: SpoolLimit, count: u64) -> (Spool, Vec<usize>) {
    let spool = Spool::new(&scratch.join(""), limit);
    let put = |(report, sequence): (&Report, u64)| spool.put(sequence, report).unwrap();
    let dropped = reports(count).iter().zip(1..).map(put).collect();
    (spool, dropped)
}

fn path(scratch: &Scratch, sequence: u64) -> PathBuf {
    scratch.join("spool").join(file_name(sequence))
}

#[test]
fn what_was_put_is_read_back_oldest_first() {
    let scratch = Scratch::new();
    let (spool, _) = filled(&scratch, SpoolLimit::default(), 12);
    assert_eq!(spool.sequences().unwrap(), (1..=12).collect::<Vec<_>>());
    let spooled = spool.read(7).unwrap();
    assert_eq!(spooled.report.open().unwrap().sequence, 7);
    assert_eq!(
        spooled.compressed,
        std::fs::read(path(&scratch, 7)).unwrap()
    );
    let waiting = spool.waiting().unwrap();
    assert_eq!(waiting.reports, 12);
    assert!(waiting.bytes > 0);
}

#[test]
fn no_spool_folder_is_an_empty_spool() {
    let scratch = Scratch::new();
    let spool = Spool::new(&scratch.join("none"), SpoolLimit::default());
    assert_eq!(spool.waiting().unwrap(), Waiting::default());
}

#[test]
fn too_many_reports_drop_the_oldest() {
    let scratch = Scratch::new();
    let limit = SpoolLimit {
        reports: 3,
        ..SpoolLimit::default()
    };
    let (spool, dropped) = filled(&scratch, limit, 5);
    assert_eq!(dropped, [0, 0, 0, 1, 1]);
    assert_eq!(spool.sequences().unwrap(), [3, 4, 5]);
}

#[test]
fn too_many_bytes_drop_the_oldest_but_never_the_newest() {
    let scratch = Scratch::new();
    let limit = SpoolLimit {
        bytes: 1,
        ..SpoolLimit::default()
    };
    let (spool, _) = filled(&scratch, limit, 3);
    assert_eq!(spool.sequences().unwrap(), [3]);
}

#[test]
fn damaged_files_are_told_and_set_aside_while_the_others_stay() {
    let scratch = Scratch::new();
    let (spool, _) = filled(&scratch, SpoolLimit::default(), 6);
    let whole = std::fs::read(path(&scratch, 1)).unwrap();
    let (half, _) = whole.split_at(whole.len() / 2);
    std::fs::write(path(&scratch, 1), "").unwrap();
    std::fs::write(path(&scratch, 2), half).unwrap();
    std::fs::write(path(&scratch, 3), zstd::bulk::compress(b"{}", 3).unwrap()).unwrap();
    let deep = "[".repeat(100_000);
    let deep = zstd::bulk::compress(deep.as_bytes(), 3).unwrap();
    std::fs::write(path(&scratch, 4), deep).unwrap();
    // The name of one report, the content of another.
    std::fs::copy(path(&scratch, 6), path(&scratch, 5)).unwrap();
    for sequence in 1..=5 {
        let read = spool.read(sequence);
        assert!(
            matches!(read, Err(SpoolError::Damaged { .. })),
            "{sequence}: {read:?}"
        );
        spool.set_aside(sequence).unwrap();
    }
    assert_eq!(spool.sequences().unwrap(), [6]);
    assert_eq!(list(&spool.quarantine).unwrap().len(), 5);
}

#[test]
fn file_that_unpacks_beyond_the_limit_is_damaged_and_fills_no_memory() {
    let scratch = Scratch::new();
    let (spool, _) = filled(&scratch, SpoolLimit::default(), 1);
    let bomb = zstd::bulk::compress(&vec![b' '; Limit::REPORT.bytes + 1], 3).unwrap();
    std::fs::write(path(&scratch, 1), bomb).unwrap();
    assert!(matches!(spool.read(1), Err(SpoolError::Damaged { .. })));
}

#[test]
fn quarantine_is_bounded_and_keeps_the_newest() {
    let scratch = Scratch::new();
    let (spool, _) = filled(&scratch, SpoolLimit::default(), 20);
    for sequence in 1..=20 {
        spool.set_aside(sequence).unwrap();
    }
    let aside = list(&spool.quarantine).unwrap();
    assert_eq!(aside.len(), QUARANTINE_MAX);
    assert_eq!(aside.first().unwrap().sequence, 5);
}

#[test]
fn names_that_are_none_of_ours_are_left_alone() {
    let scratch = Scratch::new();
    let (spool, _) = filled(&scratch, SpoolLimit::default(), 1);
    let other = scratch.join("spool/1.json.zst");
    std::fs::write(&other, "x").unwrap();
    std::fs::write(
        scratch.join("spool/.00000000000000000009.json.zst.new"),
        "x",
    )
    .unwrap();
    assert_eq!(spool.sequences().unwrap(), [1]);
    spool.remove_after(0).unwrap();
    assert!(other.exists());
}

#[test]
fn both_ends_can_be_forgotten() {
    let scratch = Scratch::new();
    let (spool, _) = filled(&scratch, SpoolLimit::default(), 6);
    spool.remove_through(2).unwrap();
    spool.remove_after(4).unwrap();
    assert_eq!(spool.sequences().unwrap(), [3, 4]);
}

fn space(total_mib: u64, available_mib: u64) -> space::Space {
    space::Space {
        total: total_mib << 20,
        available: available_mib << 20,
    }
}

#[test]
fn last_part_of_a_volume_is_left_to_others() {
    let check = |total, available, expected: u64| {
        assert_eq!(room::growth(space(total, available)), expected << 20);
    };
    check(100_000, 50_000, 50_000 - 64);
    check(100_000, 64, 0);
    check(100_000, 3, 0);
    // Of a small volume a twentieth, not all of it.
    check(100, 50, 45);
    check(100, 5, 0);
}

#[test]
fn spool_does_not_grow_into_the_part_that_is_left_to_others() {
    let files: Vec<File> = (1..=4)
        .map(|sequence| File {
            sequence,
            bytes: 10,
        })
        .collect();
    let check = |reports, bytes, new, expected| {
        let surplus = room::surplus(&files, reports, bytes, new);
        assert_eq!(surplus, expected, "{reports} {bytes} {new}");
    };
    check(10, 1_000, 10, 0);
    // Nothing may be added: as much goes as comes.
    check(10, 40, 10, 1);
    check(10, 40, 11, 2);
    check(4, 1_000, 10, 1);
    check(1, 1_000, 10, 4);
    // The newest report has its try even where there is no room at all.
    check(10, 0, 10, 4);
}

#[test]
fn backlog_is_not_given_up_for_a_trouble_that_dropping_cannot_mend() {
    let full = io::Error::from(io::ErrorKind::StorageFull);
    assert!(room::may_help(&full, 0, 1_000));
    assert!(room::may_help(&full, 255 << 10, 1_000));
    assert!(!room::may_help(&full, 256 << 10, 1_000));
    assert!(!room::may_help(&io::Error::other("x"), 0, 1_000));
}
