//! Looks for traces of the patient in every byte of a folder. Comes in: files; goes out: what was found
//! and where, in each form that text can take; files that hold others (zstd, zip, SQLite) are opened.

use std::io::{Cursor, Read};
use std::path::Path;

use daicho_collector::store::{self, sqlite::SqliteStore};
use memchr::memmem;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Parts of what is planted; none of them is in any product text.
const TRACES: &[&str] = &[
    "山田",
    "太郎",
    "ヤマダ",
    "タロウ",
    "カルテ番号",
    "保険者番号",
    "1950-01-01",
    "0123456-",
    "06139876",
    "yamada",
];
/// The name in Shift_JIS and EUC-JP, as files of older machines have it.
const BYTES: &[&[u8]] = &[
    b"\x8e\x52\x93\x63",
    b"\x91\xbe\x98\x59",
    b"\x83\x84\x83\x7d\x83\x5f",
    b"\xbb\xb3\xc5\xc4\xc2\xc0\xcf\xba",
];
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const ZIP: &[u8] = b"PK\x03\x04";
const SQLITE: &[u8] = b"SQLite format 3\0";
/// Bytes that are shown around what was found.
const AROUND: usize = 60;
/// The most that is shown of one form in one place.
const PLACES_MAX: usize = 100;

/// A trace, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// File below the folder, and the part of it.
    pub(super) place: String,
    /// What stands around it.
    pub(super) around: String,
}

/// What was looked at and what was found.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) files: usize,
    pub(super) bytes: usize,
    pub(super) found: Vec<Found>,
}

/// Everything in a folder.
pub(super) fn folder(root: &Path) -> Looked {
    let mut looked = Looked::default();
    let forms = forms();
    let mut waiting = vec![root.to_owned()];
    let mut databases = Vec::new();
    while let Some(path) = waiting.pop() {
        let place = path
            .strip_prefix(root)
            .expect("it is below")
            .to_string_lossy();
        looked.text(&format!("{place} (name)"), place.as_bytes(), &forms);
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            waiting.extend(entries.map(|it| it.expect("an entry").path()));
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        looked.files += 1;
        if bytes.starts_with(SQLITE) {
            databases.push((place.to_string(), path.clone()));
        }
        looked.any(&place, &bytes, &forms);
    }
    // Opening one takes in and removes the log beside it, which was searched above.
    for (place, path) in databases {
        looked.database(&place, &path, &forms);
        if place.ends_with("store.sqlite") {
            looked.store(&place, &path, &forms);
        }
    }
    looked.found.sort();
    looked.found.dedup();
    looked
}

impl Looked {
    /// Bytes as they are, and what they hold.
    fn any(&mut self, place: &str, bytes: &[u8], forms: &[Vec<u8>]) {
        self.bytes += bytes.len();
        self.text(place, bytes, forms);
        if bytes.starts_with(ZSTD) {
            let mut decoder =
                zstd::stream::read::Decoder::with_dictionary(bytes, daicho_report::DICTIONARY)
                    .expect("a decoder");
            let mut inner = Vec::new();
            decoder.read_to_end(&mut inner).expect("a whole frame");
            self.any(place, &inner, forms);
        }
        if bytes.starts_with(ZIP) {
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a whole archive");
            for number in 0..zip.len() {
                let mut part = zip.by_index(number).expect("a part");
                let mut inner = Vec::new();
                part.read_to_end(&mut inner).expect("a part");
                let name = part.name().expect("a name").into_owned();
                let place = format!("{place}: {name}");
                self.any(&place, &inner, forms);
            }
        }
    }

    fn database(&mut self, place: &str, path: &Path, forms: &[Vec<u8>]) {
        let store = Connection::open(path).expect("a database");
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
        let mut tables = store.prepare(tables).expect("a query");
        let names = tables.query_map([], |row| row.get(0)).expect("names");
        let names: Vec<String> = names.map(|it| it.expect("a name")).collect();
        for table in names {
            let rows = format!("SELECT * FROM {table}");
            let mut rows = store.prepare(&rows).expect("a query");
            let columns: Vec<String> = rows.column_names().map(str::to_owned).collect();
            let mut rows = rows.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                for (number, column) in columns.iter().enumerate() {
                    let value = row.get_ref(number).expect("a value");
                    if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = value {
                        self.any(&format!("{place}: {table}.{column}"), bytes, forms);
                    }
                }
            }
        }
    }

    /// Entries and bodies as the product gives them back: on the disk they are packed against others,
    /// which no search of bytes can undo.
    fn store(&mut self, place: &str, path: &Path, forms: &[Vec<u8>]) {
        let store = SqliteStore::open_read_only(path).expect("a store");
        let read = store::read(&store, |rows| {
            let mut position = 0;
            loop {
                let leaves = rows.leaves(position, 500)?;
                let Some(last) = leaves.last() else { break };
                position = last.position + 1;
                for leaf in &leaves {
                    let bytes = leaf.leaf.as_deref().expect("an entry can be unpacked");
                    self.any(&format!("{place}: log.leaf"), bytes, forms);
                }
            }
            rows.blobs(&mut |_, body| {
                let bytes = body.expect("a body can be unpacked");
                self.any(&format!("{place}: blob.body"), bytes, forms);
            })
        });
        read.expect("the store can be read");
    }

    fn text(&mut self, place: &str, bytes: &[u8], forms: &[Vec<u8>]) {
        let lower = bytes.to_ascii_lowercase();
        for form in forms {
            for at in memmem::find_iter(&lower, form).take(PLACES_MAX) {
                let from = at.saturating_sub(AROUND);
                let to = (at + form.len() + AROUND).min(bytes.len());
                self.found.push(Found {
                    place: place.to_owned(),
                    around: String::from_utf8_lossy(&bytes[from..to]).into_owned(),
                });
            }
        }
    }
}

/// Each trace in every form, in lower-case letters.
fn forms() -> Vec<Vec<u8>> {
    let mut forms: Vec<Vec<u8>> = BYTES.iter().map(|it| it.to_vec()).collect();
    for trace in TRACES {
        let units: Vec<u16> = trace.encode_utf16().collect();
        let escaped = |start: &str, end: &str| -> Vec<u8> {
            let each = trace.chars().map(|c| match c.is_ascii() {
                true => c.to_string(),
                false => format!("{start}{:04x}{end}", u32::from(c)),
            });
            each.collect::<String>().into_bytes()
        };
        let by_byte = |start: &str| -> Vec<u8> {
            let each = trace.bytes().map(|b| match b.is_ascii() {
                true => char::from(b).to_string(),
                false => format!("{start}{b:02x}"),
            });
            each.collect::<String>().into_bytes()
        };
        forms.extend([
            trace.as_bytes().to_vec(),
            units.iter().flat_map(|it| it.to_le_bytes()).collect(),
            units.iter().flat_map(|it| it.to_be_bytes()).collect(),
            escaped("\\u", ""),
            escaped("\\u{", "}"),
            escaped("&#x", ";"),
            by_byte("%"),
            by_byte("\\x"),
        ]);
    }
    for form in &mut forms {
        form.make_ascii_lowercase();
    }
    forms.sort();
    forms.dedup();
    forms
}

#[test]
fn trace_is_found_in_each_form_and_in_files_within_files() {
    let hit = |bytes: &[u8]| {
        let mut looked = Looked::default();
        looked.any("x", bytes, &forms());
        !looked.found.is_empty()
    };
    for text in [
        "x山田x",
        "YAMADA",
        r"\u5C71\u7530",
        "&#x5c71;&#x7530;",
        "%E5%B1%B1%E7%94%B0",
        "no 0123456-07",
    ] {
        assert!(hit(text.as_bytes()), "{text}");
        let packed = zstd::bulk::compress(text.as_bytes(), 3).unwrap();
        assert!(hit(&packed), "{text} in zstd");
    }
    assert!(hit(b"\x8e\x52\x93\x63\x91\xbe"), "Shift_JIS");
    assert!(hit(b"y\0a\0m\0a\0d\0a\0"), "UTF-16");
    assert!(!hit(
        "患者情報を読みません。電子カルテ 2026-11-25".as_bytes()
    ));
}
