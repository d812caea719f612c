use daicho_report::Section;
use rusqlite::Connection;
use rusqlite::types::Value;

use super::*;
use crate::hand::tests::device;
use crate::site::tests::{Fixture, fixture, flows, os};
use crate::store::sqlite::SqliteStore;

fn small_store() -> Fixture {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian"), flows(true, &[443], &[])]);
    it.pass(86_400);
    let gauges = Section::new(
        &daicho_report::Gauges::default(),
        "linux",
        daicho_report::Time::EPOCH,
    );
    machine.send(&it.site, vec![flows(false, &[80], &[443]), gauges.unwrap()]);
    it.pass(600);
    machine.send(&it.site, vec![flows(false, &[], &[])]);
    it.pass(600);
    machine.send(&it.site, vec![os("Debian 12"), flows(false, &[443], &[80])]);
    machine.goodbye(&it.site);
    crate::hand::enter(&it.site, "甲", &[device("fw", "前")]).unwrap();
    crate::hand::enter(&it.site, "甲", &[device("fw", "後"), device("sw", "x")]).unwrap();
    crate::hand::withdraw(&it.site, "乙", "device", "sw", "撤去").unwrap();
    it.assert_sound();
    it
}

fn strings(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn flipped(value: Value) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::Integer(number) => Value::Integer(number ^ 1),
        Value::Real(number) => Value::Real(number + 1.0),
        Value::Text(text) => {
            let mut bytes = text.into_bytes();
            let middle = bytes.len() / 2;
            if bytes.is_empty() {
                return Some(Value::Text("x".to_owned()));
            }
            bytes[middle] ^= 1;
            Value::Text(String::from_utf8(bytes).ok()?)
        }
        Value::Blob(mut bytes) => {
            let middle = bytes.len() / 2;
            *bytes.get_mut(middle)? ^= 1;
            Value::Blob(bytes)
        }
    })
}

/// The key of a row: columns, and their values as SQL writes them.
type Key = Vec<(String, String)>;

fn keys(raw: &Connection, table: &str) -> Vec<Key> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");
    let names = strings(raw, &sql);
    let columns: Vec<String> = names.iter().map(|name| format!("quote({name})")).collect();
    let sql = format!("SELECT {} FROM {table}", columns.join(", "));
    let mut statement = raw.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| {
        let values = names.iter().enumerate();
        values
            .map(|(at, name)| Ok((name.clone(), row.get(at)?)))
            .collect()
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn quoted(raw: &Connection, value: &Value) -> String {
    raw.query_row("SELECT quote(?1)", [value], |row| row.get(0))
        .unwrap()
}

fn place(key: &Key) -> String {
    let parts: Vec<String> = key
        .iter()
        .map(|(name, value)| format!("{name} IS {value}"))
        .collect();
    parts.join(" AND ")
}

fn is_found(it: &Fixture) -> bool {
    let store = SqliteStore::open_read_only(&it.path).unwrap();
    let verified = verify(&store, &it.site.log_key.public());
    if verified.map_or(true, |outcome| !outcome.problems.is_empty()) {
        return true;
    }
    rebuild_compare(&store).map_or(true, |differences| !differences.is_empty())
}

#[test]
fn a_flipped_bit_in_any_column_of_any_row_is_found() {
    let it = small_store();
    let raw = Connection::open(&it.path).unwrap();
    for trigger in strings(
        &raw,
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    ) {
        raw.execute_batch(&format!("DROP TRIGGER {trigger}"))
            .unwrap();
    }
    let mut tried = 0;
    for table in strings(&raw, "SELECT name FROM sqlite_master WHERE type = 'table'") {
        let columns = strings(
            &raw,
            &format!("SELECT name FROM pragma_table_info('{table}')"),
        );
        let rows = keys(&raw, &table);
        assert!(
            !rows.is_empty() || table.starts_with("neighbour") || table == "entry",
            "{table} has no row to try"
        );
        for row in &rows {
            for column in &columns {
                let select = format!("SELECT {column} FROM {table} WHERE {}", place(row));
                let old: Value = raw.query_row(&select, [], |row| row.get(0)).unwrap();
                let Some(new) = flipped(old.clone()) else {
                    continue;
                };
                let update =
                    |row: &Key| format!("UPDATE {table} SET {column} = ?1 WHERE {}", place(row));
                if raw.execute(&update(row), [&new]).is_err() {
                    continue;
                }
                assert!(is_found(&it), "{table}.{column} of row {row:?}");
                let mut moved = row.clone();
                for (_, value) in moved.iter_mut().filter(|(name, _)| name == column) {
                    *value = quoted(&raw, &new);
                }
                assert_eq!(raw.execute(&update(&moved), [&old]).unwrap(), 1);
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
    it.assert_sound();
}

#[test]
fn a_missing_last_entry_is_found() {
    let it = small_store();
    let raw = Connection::open(&it.path).unwrap();
    raw.execute_batch(
        "DROP TRIGGER log_no_delete; DELETE FROM log WHERE position = (SELECT max(position) FROM log)",
    )
    .unwrap();
    let outcome = verify(it.site.store.as_ref(), &it.site.log_key.public()).unwrap();
    assert!(!outcome.problems.is_empty());
}

#[test]
fn the_engine_refuses_to_change_the_log() {
    let it = small_store();
    let raw = Connection::open(&it.path).unwrap();
    for statement in [
        "UPDATE log SET sequence = 9",
        "DELETE FROM log",
        "UPDATE blob SET base = 2",
        "DELETE FROM blob",
        "UPDATE section SET lead = 1",
        "UPDATE section_open SET at = 1",
        "UPDATE flow_open SET since = 1",
        "UPDATE flow SET lag = 1",
        "DELETE FROM flow",
        "UPDATE run SET t1 = 1",
        "DELETE FROM run",
        "UPDATE name SET text = 'x'",
    ] {
        let refused = raw.execute_batch(statement).unwrap_err().to_string();
        let by_rule = refused.contains("insert-only") || refused.contains("nothing is deleted");
        assert!(by_rule, "{statement}: {refused}");
    }
}

#[test]
fn an_older_row_put_back_is_found() {
    let it = small_store();
    let raw = Connection::open(&it.path).unwrap();
    let agent = it.site.agents().unwrap().remove(0).agent;
    raw.execute_batch("CREATE TEMP TABLE older AS SELECT * FROM agent")
        .unwrap();
    it.site.deny(&agent, "廃棄").unwrap();
    it.assert_sound();
    raw.execute_batch("INSERT OR REPLACE INTO main.agent SELECT * FROM older")
        .unwrap();
    assert!(
        it.site.agents().unwrap()[0].why.is_empty(),
        "the older row is back"
    );
    let outcome = verify(it.site.store.as_ref(), &it.site.log_key.public()).unwrap();
    assert_eq!(outcome.problems.len(), 1);
}

#[test]
fn a_foreign_older_or_newer_file_is_refused() {
    let it = fixture();
    let folder = it.path.parent().unwrap();
    let text = folder.join("text");
    std::fs::write(
        &text,
        "some other file, long enough to be no database at all".repeat(40),
    )
    .unwrap();
    assert!(matches!(
        SqliteStore::open(&text),
        Err(StoreError::Foreign(_))
    ));
    let other = folder.join("other");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();
    assert!(matches!(
        SqliteStore::open(&other),
        Err(StoreError::Foreign(_))
    ));
    let raw = Connection::open(&it.path).unwrap();
    raw.execute_batch("PRAGMA user_version = 1").unwrap();
    assert!(matches!(
        SqliteStore::open(&it.path),
        Err(StoreError::Older(_, 1))
    ));
    raw.execute_batch("PRAGMA user_version = 99").unwrap();
    assert!(matches!(
        SqliteStore::open(&it.path),
        Err(StoreError::Newer(_, 99))
    ));
    assert!(matches!(
        SqliteStore::open_read_only(&it.path),
        Err(StoreError::Newer(_, 99))
    ));
}
