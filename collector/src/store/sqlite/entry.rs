//! Entries on a connection. Comes in: rows; goes out: statements that insert, and that end what
//! stands; nothing else is ever changed.

use rusqlite::{Row, params};

use super::rows::{SITE, SqliteRows, hash, number, text};
use crate::store::{Entries, EntryRow, OPEN, StoreError};
use daicho_report::Time;

const ENTRY: &str =
    "SELECT kind, key, position, t0, t1, digest, author FROM entry WHERE site_id = ?1";

/// The table and what the engine itself forbids on it.
pub(super) fn script() -> String {
    format!(
        "CREATE TABLE entry (site_id INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
  position INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, digest BLOB NOT NULL,
  author TEXT NOT NULL, PRIMARY KEY (site_id, kind, key, position)) WITHOUT ROWID;
CREATE UNIQUE INDEX entry_open ON entry (site_id, kind, key) WHERE t1 = {OPEN};
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER entry_closes_once BEFORE UPDATE ON entry
  WHEN OLD.t1 <> {OPEN} BEGIN SELECT RAISE(ABORT, 'closed already'); END;
CREATE TRIGGER entry_keeps BEFORE UPDATE OF site_id, kind, key, position, t0, digest, author ON entry
  BEGIN SELECT RAISE(ABORT, 'only the end may change'); END;
"
    )
}

fn entry(row: &Row<'_>) -> rusqlite::Result<EntryRow> {
    Ok(EntryRow {
        kind: text(row, 0)?,
        key: text(row, 1)?,
        position: number(row, 2)?,
        t0: row.get(3)?,
        t1: row.get(4)?,
        digest: hash(row, 5)?,
        by: text(row, 6)?,
    })
}

impl Entries for SqliteRows<'_> {
    fn open_entry(&self, kind: &str, key: &str) -> Result<Option<EntryRow>, StoreError> {
        let sql = format!("{ENTRY} AND kind = ?2 AND key = ?3 AND t1 = {OPEN}");
        self.one(&sql, params![SITE, kind, key], entry)
    }

    fn insert_entry(&mut self, row: &EntryRow) -> Result<(), StoreError> {
        self.put(
            "INSERT INTO entry (site_id, kind, key, position, t0, t1, digest, author)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                SITE,
                row.kind,
                row.key,
                row.position.cast_signed(),
                row.t0,
                row.t1,
                row.digest.bytes(),
                row.by
            ],
        )
    }

    fn close_entry(&mut self, kind: &str, key: &str, t1: i64) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE entry SET t1 = ?4
             WHERE site_id = ?1 AND kind = ?2 AND key = ?3 AND t1 = {OPEN}"
        );
        self.put(&sql, params![SITE, kind, key, t1])
    }

    fn entries_at(&self, at: Time) -> Result<Vec<EntryRow>, StoreError> {
        let sql = format!("{ENTRY} AND t0 <= ?2 AND t1 > ?2 ORDER BY kind, key, position");
        self.many(&sql, params![SITE, at.seconds()], entry)
    }

    fn all_entries(&self) -> Result<Vec<EntryRow>, StoreError> {
        let sql = format!("{ENTRY} ORDER BY kind, key, position");
        self.many(&sql, params![SITE], entry)
    }
}
