//! The store on SQLite: one file, write-ahead log, durable commits shared by the jobs that wait.
//! Comes in: jobs; goes out: their results after the commit. It never acknowledges before that, and
//! after a failed commit it does nothing any more.

mod blob;
mod entry;
mod history;
mod leaf;
mod pack;
mod rows;
mod schema;
mod search;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{Job, Store, StoreError};
use rows::SqliteRows;

/// Most jobs that share one commit.
const BATCH_MAX: usize = 100;
/// More than there are different statements: none is parsed twice.
const STATEMENTS: usize = 128;
const BUSY: Duration = Duration::from_secs(10);

pub(super) fn engine(error: rusqlite::Error) -> StoreError {
    StoreError::Engine(Box::new(error))
}

/// An open store.
pub struct SqliteStore {
    writer: Mutex<Writer>,
    reader: Mutex<Connection>,
    /// Jobs that wait for the writer.
    waiting: AtomicUsize,
    failed: AtomicBool,
}

struct Writer {
    connection: Connection,
    batch: Option<Arc<Batch>>,
    jobs: usize,
}

/// One transaction that several jobs share.
#[derive(Default)]
struct Batch {
    /// `None` while it runs; then whether the commit succeeded.
    done: Mutex<Option<bool>>,
    ended: Condvar,
}

impl Batch {
    fn end(&self, committed: bool) {
        if let Ok(mut done) = self.done.lock() {
            *done = Some(committed);
        }
        self.ended.notify_all();
    }

    fn wait(&self) -> bool {
        let Ok(mut done) = self.done.lock() else {
            return false;
        };
        loop {
            if let Some(committed) = *done {
                return committed;
            }
            match self.ended.wait(done) {
                Ok(guard) => done = guard,
                Err(_) => return false,
            }
        }
    }
}

/// Ends the batch as failed when a job panics, so that nobody waits for ever.
struct Unwound<'a>(&'a SqliteStore, Arc<Batch>, bool);

impl Drop for Unwound<'_> {
    fn drop(&mut self) {
        if self.2 {
            self.0.failed.store(true, Ordering::SeqCst);
            self.1.end(false);
        }
    }
}

/// Runs a statement without values that comes with every job: it is parsed once.
fn plain(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

fn fatal(what: &str) -> StoreError {
    StoreError::Fatal(what.to_owned().into())
}

impl SqliteStore {
    /// Opens or creates the store for writing.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let writer = Connection::open(path).map_err(engine)?;
        writer.busy_timeout(BUSY).map_err(engine)?;
        schema::prepare(&writer, path)?;
        Self::with(writer, Self::reader(path)?)
    }

    /// Opens an existing store; a server may go on writing.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let writer = Self::reader(path)?;
        schema::check(&writer, path)?;
        Self::with(writer, Self::reader(path)?)
    }

    fn reader(path: &Path) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(path, flags).map_err(engine)?;
        reader.busy_timeout(BUSY).map_err(engine)?;
        Ok(reader)
    }

    fn with(writer: Connection, reader: Connection) -> Result<Self, StoreError> {
        for connection in [&writer, &reader] {
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            // A plan never depends on a value that is bound; otherwise statements are planned anew.
            connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
                .map_err(engine)?;
        }
        Ok(Self {
            writer: Mutex::new(Writer {
                connection: writer,
                batch: None,
                jobs: 0,
            }),
            reader: Mutex::new(reader),
            waiting: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
        })
    }

    fn lock(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let guard = self.writer.lock();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let guard = guard.map_err(|_| fatal("a job ended half-way"))?;
        if self.has_failed() {
            Err(fatal("an earlier commit failed"))
        } else {
            Ok(guard)
        }
    }

    fn commit(&self, writer: &mut Writer, batch: &Batch) {
        writer.batch = None;
        writer.jobs = 0;
        let committed = plain(&writer.connection, "COMMIT");
        if let Err(error) = &committed {
            tracing::error!(stage = "store", code = "STO-002", %error, "commit failed");
            self.failed.store(true, Ordering::SeqCst);
            // What was not committed must not stay visible to later jobs; there will be none.
            let _ = writer.connection.execute_batch("ROLLBACK");
        }
        batch.end(committed.is_ok());
    }
}

impl Writer {
    fn join(&mut self) -> Result<Arc<Batch>, StoreError> {
        if let Some(batch) = &self.batch {
            return Ok(Arc::clone(batch));
        }
        plain(&self.connection, "BEGIN IMMEDIATE").map_err(engine)?;
        let batch = Arc::new(Batch::default());
        self.batch = Some(Arc::clone(&batch));
        Ok(batch)
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<(), StoreError> {
        plain(&self.connection, "SAVEPOINT job").map_err(engine)?;
        let result = job(&mut SqliteRows::new(&self.connection));
        if result.is_err() {
            plain(&self.connection, "ROLLBACK TO job").map_err(engine)?;
        }
        plain(&self.connection, "RELEASE job").map_err(engine)?;
        self.jobs += 1;
        result
    }
}

impl Store for SqliteStore {
    fn write(&self, job: &mut Job<'_>) -> Result<(), StoreError> {
        let (batch, result) = {
            let mut writer = self.lock()?;
            let batch = writer.join()?;
            let mut unwound = Unwound(self, Arc::clone(&batch), true);
            let result = writer.run(job);
            unwound.2 = false;
            // Whoever waits for the writer commits for us; the last one commits for all.
            if self.waiting.load(Ordering::SeqCst) == 0 || writer.jobs >= BATCH_MAX {
                self.commit(&mut writer, &batch);
            }
            (batch, result)
        };
        if batch.wait() {
            result
        } else {
            Err(fatal("the commit failed"))
        }
    }

    fn read(&self, job: &mut Job<'_>) -> Result<(), StoreError> {
        let reader = self
            .reader
            .lock()
            .map_err(|_| fatal("a reader ended half-way"))?;
        reader.execute_batch("BEGIN").map_err(engine)?;
        let result = job(&mut SqliteRows::new(&reader));
        reader.execute_batch("ROLLBACK").map_err(engine)?;
        result
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }
}
