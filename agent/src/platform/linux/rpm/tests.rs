use std::path::PathBuf;

use super::*;

/// A folder of this test with database files in it, taken away at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("daicho-rpm-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, file: &str, bytes: &[u8]) -> Self {
        std::fs::write(self.0.join(file), bytes).unwrap();
        self
    }

    fn read(&self, file: &str) -> Answer<Vec<RawPackage>> {
        rpm_packages(self.0.join(file).to_str().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

macro_rules! fixture {
    ($name:literal) => {
        zstd::decode_all(include_bytes!(concat!("fixtures/", $name, ".zst")).as_slice()).unwrap()
    };
}

fn expected() -> Vec<RawPackage> {
    let text = |it: &str| (it != "(none)").then(|| it.to_owned());
    let line = |line: &str| {
        let parts: Vec<&str> = line.split('|').collect();
        RawPackage {
            name: parts[0].to_owned(),
            epoch: parts[1].parse().ok(),
            version: parts[2].to_owned(),
            release: parts[3].to_owned(),
            architecture: text(parts[4]),
            vendor: text(parts[5]),
            installed_at: parts[6].parse().ok(),
        }
    };
    let lines = include_str!("fixtures/expected.txt").lines();
    let mut packages: Vec<_> = lines.map(line).filter(|it| it.name != KEY).collect();
    packages.sort();
    assert_eq!(packages.len(), 9);
    packages
}

fn check(name: &str, bytes: &[u8]) {
    let folder = Folder::new(name).with("database", bytes);
    assert_eq!(folder.read("database"), Ok(expected()), "{name}");
    let names: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing is made beside the database");
}

#[test]
fn every_form_of_database_gives_what_rpm_says() {
    check("sqlite", &fixture!("rpmdb.sqlite"));
    check("ndb", &fixture!("Packages.db"));
    check("bdb", &fixture!("Packages"));
    check("bdb-big-endian", &fixture!("Packages-big-endian"));
}

#[test]
fn many_packages_are_read_from_every_form() {
    for (name, bytes) in [
        ("many-sqlite", fixture!("many.sqlite")),
        ("many-ndb", fixture!("many-Packages.db")),
        ("many-bdb", fixture!("many-Packages")),
    ] {
        let folder = Folder::new(name).with("database", &bytes);
        let found = folder.read("database").unwrap();
        assert_eq!(found.len(), 600, "{name}");
        assert!(
            found.iter().all(|it| it.name == "japanese-vendor"),
            "{name}"
        );
    }
}

#[test]
fn what_is_committed_in_the_log_is_seen_and_what_is_not_is_not() {
    let (main, wal) = (fixture!("live.sqlite"), fixture!("live.sqlite-wal"));
    let names = |folder: &Folder| -> Vec<String> {
        let found = folder.read("db").unwrap();
        found
            .into_iter()
            .map(|it| format!("{}.{}", it.name, it.architecture.unwrap()))
            .collect()
    };
    let alone = Folder::new("wal-none")
        .with("db", &main)
        .with("db-wal", b"");
    let alone = names(&alone);
    assert!(
        alone.contains(&"many-files.x86_64".to_owned()) && alone.len() == 7,
        "{alone:?}"
    );
    let both = Folder::new("wal").with("db", &main).with("db-wal", &wal);
    let both = names(&both);
    assert!(
        !both.contains(&"many-files.x86_64".to_owned()) && both.len() == 8,
        "{both:?}"
    );
    // The last frame is that of a commit: without it, the transaction before it is the last.
    let cut = Folder::new("wal-cut")
        .with("db", &main)
        .with("db-wal", &wal[..wal.len() - 1]);
    let cut = names(&cut);
    assert!(
        cut.contains(&"many-files.x86_64".to_owned()) && cut.len() == 9,
        "{cut:?}"
    );
    let mut flipped = wal.clone();
    flipped[60] ^= 1;
    let flipped = Folder::new("wal-flipped")
        .with("db", &main)
        .with("db-wal", &flipped);
    assert_eq!(names(&flipped), alone);
}

#[test]
fn an_interrupted_transaction_is_no_list() {
    let journal = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0];
    let main = fixture!("rpmdb.sqlite");
    let folder = Folder::new("hot")
        .with("db", &main)
        .with("db-journal", &journal);
    assert_eq!(folder.read("db"), Err(failed("interrupted transaction")));
    let folder = Folder::new("cold")
        .with("db", &main)
        .with("db-journal", &[0; 512]);
    assert_eq!(folder.read("db"), Ok(expected()));
}

#[test]
fn no_file_is_no_database_and_another_file_is_no_list() {
    let folder = Folder::new("none")
        .with("text", b"Package: not an RPM database\n")
        .with("empty", b"");
    assert_eq!(folder.read("absent"), Err(Miss::Absent));
    assert_eq!(folder.read("text"), Err(failed("unknown form of database")));
    assert_eq!(folder.read("empty"), Err(damaged("file: too short")));
}

#[test]
fn a_database_that_is_cut_short_is_no_list() {
    for (name, bytes) in [
        ("cut-sqlite", fixture!("rpmdb.sqlite")),
        ("cut-ndb", fixture!("Packages.db")),
        ("cut-bdb", fixture!("Packages")),
    ] {
        for keep in [17, 100, 600, 4_096, 8_192, 20_000] {
            let folder = Folder::new(name).with("db", &bytes[..keep]);
            let found = folder.read("db");
            assert!(
                matches!(found, Err(Miss::Unknown(_))),
                "{name} {keep}: {found:?}"
            );
        }
    }
}

#[test]
fn one_changed_byte_in_a_package_of_packages_db_is_noticed() {
    let mut bytes = fixture!("Packages.db");
    let at = bytes.windows(4).position(|it| it == b"BlbS").unwrap();
    bytes[at + 700] ^= 1;
    let folder = Folder::new("flip").with("db", &bytes);
    assert_eq!(folder.read("db"), Err(damaged("package")));
}

#[test]
fn a_tree_in_a_circle_ends() {
    let mut bytes = fixture!("many.sqlite");
    // Every page that has children gets the first page of the table as each of them.
    let root = bytes
        .chunks(512)
        .position(|page| page[0] == 5 && page[3..5] != [0, 0])
        .unwrap();
    let number = u32::try_from(root + 1).unwrap().to_be_bytes();
    for page in bytes.chunks_mut(512).skip(1).filter(|page| page[0] == 5) {
        page[8..12].copy_from_slice(&number);
    }
    let folder = Folder::new("circle").with("db", &bytes);
    assert!(matches!(folder.read("db"), Err(Miss::Unknown(_))));
}

#[test]
fn no_more_is_read_than_allowed() {
    let folder = Folder::new("budget").with("db", &fixture!("many.sqlite"));
    let path = folder.0.join("db");
    let mut file = Pages::open(path.to_str().unwrap(), 100_000).unwrap();
    assert_eq!(read(&mut file), Err(failed("EFBIG")));
}

#[test]
fn a_header_that_is_too_long_is_read_as_far_as_it_is_wanted() {
    let text = b"name\x001\x002\0";
    let mut bytes = Vec::new();
    let data = 100 << 20;
    for number in [4, data] {
        bytes.extend(u32::to_be_bytes(number));
    }
    for entry in [
        [1000, 6, 0, 1],
        [1001, 6, 5, 1],
        [1002, 6, 7, 1],
        [1008, 4, data - 4, 1],
    ] {
        bytes.extend(entry.into_iter().flat_map(u32::to_be_bytes));
    }
    bytes.extend(text);
    let package = header::package(&bytes, 8 + 64 + u64::from(data)).unwrap();
    assert_eq!(
        (package.name.as_str(), package.installed_at),
        ("name", None)
    );
    assert_eq!(header::package(&bytes, 8 + 64 + u64::from(data) - 1), None);
}

proptest::proptest! {
    #[test]
    fn any_header_is_read_without_failing(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
        entries in 0_u8..12,
        len in 0_u64..400,
    ) {
        let _ = header::package(&bytes, len);
        let mut bytes = bytes;
        bytes.splice(..bytes.len().min(8), [0, 0, 0, entries, 0, 0, 0, 100]);
        let _ = header::package(&bytes, 108 + 16 * u64::from(entries));
    }

    #[test]
    fn any_row_is_read_without_failing(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
        if let Some(row) = row::Row::new(&bytes) {
            let _ = (row.value(0), row.value(3), row.start_of(1));
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_damage_gives_a_list_or_a_reason(
        which in 0_usize..3,
        changes in proptest::collection::vec((proptest::num::u32::ANY, proptest::num::u8::ANY), 1..40),
    ) {
        let mut bytes = [fixture!("rpmdb.sqlite"), fixture!("Packages.db"), fixture!("Packages")][which].clone();
        let near = [4_096, 400, 4_096][which];
        for (at, byte) in changes {
            let at = usize::try_from(at).unwrap();
            // Half of the changes hit what leads to all the rest.
            let at = if at % 2 == 0 { at % bytes.len() } else { at % near };
            bytes[at] = byte;
        }
        let folder = Folder::new("damage").with("db", &bytes);
        if let Err(miss) = folder.read("db") {
            proptest::prop_assert!(matches!(miss, Miss::Unknown(_)));
        }
    }
}
