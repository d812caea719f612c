//! The tables, and what the engine itself forbids: nothing of the log or a body is ever changed or
//! deleted, and of history only the end of what is open. Comes in: an open file; goes out: the
//! schema, or a refusal of a file that is not ours.

use std::path::Path;

use rusqlite::Connection;

use super::engine;
use crate::store::{OPEN, StoreError, Table};

/// `Daic`.
const APPLICATION: i64 = 0x4461_6963;
const VERSION: i64 = 2;

const TABLES: &str = "
CREATE TABLE log (site_id INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,
  received_at INTEGER NOT NULL, agent TEXT NOT NULL, sequence INTEGER NOT NULL,
  leaf BLOB NOT NULL, leaf_hash BLOB NOT NULL, PRIMARY KEY (site_id, position));
CREATE INDEX log_by_agent ON log (site_id, agent, kind, received_at);
CREATE TABLE head (site_id INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
  at INTEGER NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (site_id, size));
CREATE TABLE blob (site_id INTEGER NOT NULL, digest BLOB NOT NULL, codec INTEGER NOT NULL,
  body BLOB NOT NULL, PRIMARY KEY (site_id, digest));
CREATE TABLE section (site_id INTEGER NOT NULL, agent TEXT NOT NULL, kind TEXT NOT NULL,
  sequence INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, digest BLOB NOT NULL,
  kept BLOB, at INTEGER NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY (site_id, agent, kind, sequence)) WITHOUT ROWID;
CREATE TABLE run (site_id INTEGER NOT NULL, agent TEXT NOT NULL, first_seq INTEGER NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, value BLOB NOT NULL, seal BLOB NOT NULL,
  PRIMARY KEY (site_id, agent, first_seq)) WITHOUT ROWID;
";

fn interval_table(name: &str) -> String {
    format!(
        "CREATE TABLE {name} (site_id INTEGER NOT NULL, agent TEXT NOT NULL, item TEXT NOT NULL,
  sequence INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, since INTEGER NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY (site_id, agent, item, sequence)) WITHOUT ROWID;
CREATE INDEX {name}_by_end ON {name} (site_id, agent, t1);
CREATE TRIGGER {name}_keeps BEFORE UPDATE OF site_id, agent, item, sequence, t0, since ON {name}
  BEGIN SELECT RAISE(ABORT, 'only the end may change'); END;
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

fn closes_once(name: &str) -> String {
    format!(
        "CREATE TRIGGER {name}_closes_once BEFORE UPDATE ON {name}
  WHEN OLD.t1 <> {open} BEGIN SELECT RAISE(ABORT, 'closed already'); END;
",
        open = OPEN
    )
}

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
    for name in ["log", "head", "blob"] {
        script.push_str(&insert_only(name));
    }
    for name in ["log", "head", "blob", "section", "flow", "neighbour", "run"] {
        script.push_str(&no_delete(name));
    }
    for name in ["section", "flow", "neighbour"] {
        script.push_str(&closes_once(name));
    }
    script.push_str(&super::entry::script());
    script.push_str(
        "CREATE TRIGGER section_keeps BEFORE UPDATE OF site_id, agent, kind, sequence, t0, digest,
  kept, at, source ON section BEGIN SELECT RAISE(ABORT, 'only the end may change'); END;\n",
    );
    script.push_str(&format!(
        "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
    ));
    script
}

/// Every report asks for the newest versions of an agent: how many older ones there are must not
/// matter. Stores that were made before it existed get it too.
fn open_sections() -> String {
    format!(
        "CREATE INDEX IF NOT EXISTS section_open ON section (site_id, agent, kind) WHERE t1 = {OPEN};"
    )
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
    if version == VERSION {
        Ok(())
    } else {
        Err(foreign())
    }
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
    connection.execute_batch(&open_sections()).map_err(engine)
}
