//! The tables, and what the engine itself forbids: nothing of the log, of a body or of what has ended
//! is ever changed or deleted, and what is open is changed by nobody. Comes in: an open file; goes
//! out: the schema, or a refusal of a file that is not ours.

use std::path::Path;

use rusqlite::Connection;

use super::engine;
use crate::store::{StoreError, Table};

/// `Daic`.
const APPLICATION: i64 = 0x4461_6963;
const VERSION: i64 = 3;

const TABLES: &str = "
CREATE TABLE name (id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL, text TEXT NOT NULL,
  UNIQUE (site_id, text));
CREATE TABLE log (position INTEGER PRIMARY KEY, site_id INTEGER NOT NULL, kind INTEGER NOT NULL,
  received_at INTEGER NOT NULL, agent INTEGER NOT NULL, sequence INTEGER NOT NULL,
  base INTEGER NOT NULL, prior INTEGER NOT NULL, leaf BLOB NOT NULL, mark BLOB NOT NULL);
CREATE INDEX log_alone ON log (site_id, agent, kind, received_at) WHERE base = 0;
CREATE TABLE head (size INTEGER PRIMARY KEY, site_id INTEGER NOT NULL, root BLOB NOT NULL,
  at INTEGER NOT NULL, signature BLOB NOT NULL);
CREATE TABLE blob (id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL, digest BLOB NOT NULL,
  base INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX blob_by_digest ON blob (substr(digest, 1, 8));
CREATE TABLE section_open (site_id INTEGER NOT NULL, agent INTEGER NOT NULL, kind TEXT NOT NULL,
  sequence INTEGER NOT NULL, t0 INTEGER NOT NULL, digest BLOB NOT NULL, kept BLOB,
  at INTEGER NOT NULL, source TEXT NOT NULL, PRIMARY KEY (site_id, agent, kind)) WITHOUT ROWID;
CREATE TABLE section (site_id INTEGER NOT NULL, agent INTEGER NOT NULL, t1 INTEGER NOT NULL,
  kind INTEGER NOT NULL, sequence INTEGER NOT NULL, lasted INTEGER NOT NULL, blob INTEGER NOT NULL,
  kept INTEGER, lead INTEGER NOT NULL, source INTEGER NOT NULL,
  PRIMARY KEY (site_id, agent, t1, kind, sequence)) WITHOUT ROWID;
CREATE TABLE run (site_id INTEGER NOT NULL, agent INTEGER NOT NULL, first_seq INTEGER NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, value BLOB NOT NULL, seal BLOB NOT NULL,
  PRIMARY KEY (site_id, agent, first_seq)) WITHOUT ROWID;
";

/// Of what is open there is as much as a machine has; what has ended grows for ever. So they are
/// two tables, each with the key by which it is asked and without a second index. Times of what has
/// ended stand as distances: how long it lasted, how long before its opening it was seen first and
/// before its closing last.
fn interval_table(name: &str) -> String {
    format!(
        "CREATE TABLE {name}_open (site_id INTEGER NOT NULL, agent INTEGER NOT NULL,
  item INTEGER NOT NULL, sequence INTEGER NOT NULL, t0 INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (site_id, agent, item)) WITHOUT ROWID;
CREATE TABLE {name} (site_id INTEGER NOT NULL, agent INTEGER NOT NULL, t1 INTEGER NOT NULL,
  item INTEGER NOT NULL, sequence INTEGER NOT NULL, lasted INTEGER NOT NULL, lead INTEGER NOT NULL,
  lag INTEGER NOT NULL, PRIMARY KEY (site_id, agent, t1, item, sequence)) WITHOUT ROWID;
"
    )
}

fn insert_only(name: &str) -> String {
    format!(
        "CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name}
  BEGIN SELECT RAISE(ABORT, 'insert-only'); END;
"
    )
}

fn no_delete(name: &str) -> String {
    format!(
        "CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}
  BEGIN SELECT RAISE(ABORT, 'nothing is deleted'); END;
"
    )
}

/// Tables whose rows are never changed or deleted.
pub(super) const KEPT: [&str; 8] = [
    "name",
    "log",
    "head",
    "blob",
    "section",
    "flow",
    "neighbour",
    "run",
];
/// Tables whose rows move to the table of what has ended, unchanged.
pub(super) const OPENED: [&str; 3] = ["section_open", "flow_open", "neighbour_open"];

fn script() -> String {
    let mut script = format!("BEGIN IMMEDIATE;{TABLES}");
    for name in ["flow", "neighbour"] {
        script.push_str(&interval_table(name));
    }
    for table in Table::ALL {
        script.push_str(&format!(
            "CREATE TABLE {} (site_id INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
  seal BLOB NOT NULL, PRIMARY KEY (site_id, key)) WITHOUT ROWID;\n",
            table.name()
        ));
    }
    for name in KEPT.iter().chain(&OPENED) {
        script.push_str(&insert_only(name));
    }
    for name in KEPT {
        script.push_str(&no_delete(name));
    }
    script.push_str(&super::entry::script());
    script.push_str(&format!(
        "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
    ));
    script
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, rusqlite::Error> {
    connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
}

/// Refuses what is not ours or newer.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign(path.to_owned());
    // Any failure to read the header means that it is no database.
    let application =
        pragma(connection, "application_id").map_err(|error| not_ours(error, path))?;
    if application != APPLICATION {
        return Err(foreign());
    }
    let version = pragma(connection, "user_version").map_err(engine)?;
    if version > VERSION {
        return Err(StoreError::Newer(path.to_owned(), version));
    }
    if version < VERSION {
        return Err(StoreError::Older(path.to_owned(), version));
    }
    Ok(())
}

fn not_ours(error: rusqlite::Error, path: &Path) -> StoreError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) {
        StoreError::Foreign(path.to_owned())
    } else {
        engine(error)
    }
}

/// Creates the schema in an empty file; checks any other.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .map_err(|error| not_ours(error, path))?;
    let application = pragma(connection, "application_id").map_err(engine)?;
    let empty = tables == 0 && application == 0;
    if !empty {
        check(connection, path)?;
    }
    // The writer keeps 64 MiB of pages, and what it wrote is moved into the file in larger parts: the
    // pages that a report touches lie far apart.
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;";
    connection.execute_batch(settings).map_err(engine)?;
    if empty {
        connection.execute_batch(&script()).map_err(engine)?;
    }
    Ok(())
}
