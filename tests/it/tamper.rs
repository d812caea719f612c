//! A changed store is found, and the exact entry is named.

use daicho_tests::Folder;
use rusqlite::Connection;

use super::{collector, quickstarted};

fn tables(store: &Connection) -> Vec<String> {
    let mut statement = store
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

/// Flips one bit of the first blob of a table; `false` where it has none.
fn flip(store: &Connection, table: &str) -> bool {
    let columns: Vec<String> = {
        let mut statement = store
            .prepare(&format!("PRAGMA table_info({table})"))
            .unwrap();
        let names = statement.query_map([], |row| row.get(1)).unwrap();
        names.map(Result::unwrap).collect()
    };
    for column in columns {
        let found: Result<Vec<u8>, _> = store.query_row(
            &format!("SELECT {column} FROM {table} WHERE typeof({column}) = 'blob' AND length({column}) > 20 LIMIT 1"),
            [],
            |row| row.get(0),
        );
        if let Ok(old) = found {
            let mut new = old.clone();
            let middle = new.len() / 2;
            new[middle] ^= 1;
            let changed = store.execute(
                &format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2"),
                [&new, &old],
            );
            return changed.unwrap() > 0;
        }
    }
    false
}

#[test]
fn flipped_bit_in_the_log_and_in_a_body_is_found() {
    let (folder, _) = quickstarted("tamper");
    let data = folder.join("data");
    let clean = collector(&data, &["log", "verify"]);
    assert_eq!(clean.code, 0, "{}{}", clean.out, clean.err);
    let doctor = collector(&data, &["doctor", "--rebuild"]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.out, doctor.err);
    let mut tried = 0;
    for table in ["log", "blob"] {
        let copy = Folder::new(&format!("tamper-{table}"));
        copy_folder(&data, &copy.join("data"));
        let store = Connection::open(copy.join("data/store.sqlite")).unwrap();
        assert!(
            tables(&store).iter().any(|name| name == table),
            "{:?}",
            tables(&store)
        );
        let triggers: Vec<String> = {
            let mut statement = store
                .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .unwrap();
            let names = statement.query_map([], |row| row.get(0)).unwrap();
            names.map(Result::unwrap).collect()
        };
        assert!(
            store.execute(&format!("DELETE FROM {table}"), []).is_err(),
            "{table} is insert-only"
        );
        for trigger in triggers {
            store
                .execute(&format!("DROP TRIGGER {trigger}"), [])
                .unwrap();
        }
        assert!(flip(&store, table), "{table} has something to flip");
        drop(store);
        tried += 1;
        let found = collector(&copy.join("data"), &["log", "verify"]);
        assert_eq!(found.code, 5, "{table}: {}{}", found.out, found.err);
    }
    println!("tables changed: {tried}");
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
