//! Rows on a connection. Comes in: rows; goes out: statements. Bytes that were damaged come back as
//! they are, so that the check can name the row instead of failing on it.

use std::cell::RefCell;

use daicho_report::{Hash, Time, TreeHead};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::engine;
use super::pack::{packed, unpacked};
use super::schema::{KEPT, OPENED};
use crate::store::{
    BlobVisit, Fits, Held, IntervalRow, IntervalTable, LeafRow, Rows, RunRow, SealedValue,
    SectionRow, StoreError, Table,
};

pub(super) const SITE: i64 = 1;

/// The rows of one job.
pub(super) struct SqliteRows<'a> {
    connection: &'a Connection,
    /// Number of the agent that the job is about.
    agent: RefCell<Option<(String, i64)>>,
}

pub(super) type Read<T> = fn(&Row<'_>) -> rusqlite::Result<T>;

pub(super) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}

pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    let text = String::from_utf8(bytes(row, column)?);
    Ok(text.unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()))
}

pub(super) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    let bytes = bytes(row, column)?;
    let bytes: Result<[u8; 32], _> = bytes.try_into();
    Ok(bytes.map_or(Hash::ZERO, Hash::from))
}

pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn sealed(row: &Row<'_>, column: usize) -> rusqlite::Result<SealedValue> {
    Ok(SealedValue {
        value: bytes(row, column)?,
        seal: bytes(row, column + 1)?,
    })
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        agent: text(row, 0)?,
        first_seq: number(row, 1)?,
        t0: row.get(2)?,
        t1: row.get(3)?,
        // What was damaged stays as it is.
        sealed: SealedValue {
            value: unpacked(&bytes(row, 4)?, None).unwrap_or(bytes(row, 4)?),
            seal: bytes(row, 5)?,
        },
    })
}

const RUN: &str = "SELECT name.text, first_seq, t0, t1, value, seal
    FROM run JOIN name ON name.id = agent WHERE run.site_id = ?1";

impl<'a> SqliteRows<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            agent: RefCell::new(None),
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    /// The number that stands for a text in rows, if there is one.
    pub(super) fn number_of(&self, text: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM name WHERE site_id = ?1 AND text = ?2";
        self.one(sql, params![SITE, text], |row| row.get(0))
    }

    /// The number that stands for a text in rows.
    pub(super) fn numbered(&self, text: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.number_of(text)? {
            return Ok(id);
        }
        let sql = "INSERT INTO name (site_id, text) VALUES (?1, ?2)";
        self.put(sql, params![SITE, text])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The number of an agent; one that no row has where there is no such agent.
    pub(super) fn agent(&self, agent: &str) -> Result<i64, StoreError> {
        if let Some((known, id)) = &*self.agent.borrow()
            && known == agent
        {
            return Ok(*id);
        }
        let Some(id) = self.number_of(agent)? else {
            return Ok(-1);
        };
        self.agent.replace(Some((agent.to_owned(), id)));
        Ok(id)
    }

    /// The number of an agent of whom there will be rows.
    pub(super) fn agent_numbered(&self, agent: &str) -> Result<i64, StoreError> {
        match self.agent(agent)? {
            -1 => self.numbered(agent),
            id => Ok(id),
        }
    }

    pub(super) fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: Read<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine)?;
        let rows = statement.query_map(params, read).map_err(engine)?;
        rows.collect::<Result<_, _>>().map_err(engine)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: Read<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine)?;
        statement.query_row(params, read).optional().map_err(engine)
    }

    pub(super) fn put(&self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine)?;
        statement.execute(params).map(drop).map_err(engine)
    }
}

impl Rows for SqliteRows<'_> {
    fn sealed(&self, table: Table, key: &str) -> Result<Option<SealedValue>, StoreError> {
        let name = table.name();
        let sql = format!("SELECT value, seal FROM {name} WHERE site_id = ?1 AND key = ?2");
        self.one(&sql, params![SITE, key], |row| sealed(row, 0))
    }

    fn all_sealed(&self, table: Table) -> Result<Vec<(String, SealedValue)>, StoreError> {
        let name = table.name();
        let sql = format!("SELECT key, value, seal FROM {name} WHERE site_id = ?1 ORDER BY key");
        self.many(&sql, params![SITE], |row| {
            Ok((text(row, 0)?, sealed(row, 1)?))
        })
    }

    fn put_sealed(
        &mut self,
        table: Table,
        key: &str,
        value: &SealedValue,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (site_id, key, value, seal) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (site_id, key) DO UPDATE SET value = excluded.value, seal = excluded.seal",
            table.name()
        );
        self.put(&sql, params![SITE, key, value.value, value.seal])
    }

    fn has_blob(&self, digest: &Hash) -> Result<bool, StoreError> {
        Ok(self.blob_id(digest)?.is_some())
    }

    fn append_leaf(&mut self, row: &LeafRow) -> Result<(), StoreError> {
        self.insert_leaf(row)
    }

    fn leaves(&self, from: u64, count: u32) -> Result<Vec<LeafRow>, StoreError> {
        self.leaves_from(from, count)
    }

    fn put_head(&mut self, head: &TreeHead) -> Result<(), StoreError> {
        self.insert_head(head)
    }

    fn heads(&self) -> Result<Vec<TreeHead>, StoreError> {
        self.all_heads()
    }

    fn blobs(&self, visit: &mut BlobVisit<'_>) -> Result<(), StoreError> {
        self.visit_blobs(visit)
    }

    fn put_run(&mut self, row: &RunRow) -> Result<(), StoreError> {
        let agent = self.agent_numbered(&row.agent)?;
        self.put(
            "INSERT INTO run (site_id, agent, first_seq, t0, t1, value, seal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                SITE,
                agent,
                row.first_seq.cast_signed(),
                row.t0,
                row.t1,
                packed(&row.sealed.value, None)?,
                row.sealed.seal
            ],
        )
    }

    fn run_from(&self, agent: &str, first_seq: u64) -> Result<Option<RunRow>, StoreError> {
        let sql = format!("{RUN} AND agent = ?2 AND first_seq = ?3");
        let params = params![SITE, self.agent(agent)?, first_seq.cast_signed()];
        self.one(&sql, params, run)
    }

    fn runs_since(&self, agent: &str, from: i64) -> Result<Vec<RunRow>, StoreError> {
        // The newest stand last: nothing older is read.
        let sql = format!("{RUN} AND agent = ?2 ORDER BY first_seq DESC");
        let mut statement = self.connection.prepare_cached(&sql).map_err(engine)?;
        let params = params![SITE, self.agent(agent)?];
        let mut rows = statement.query(params).map_err(engine)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().map_err(engine)? {
            let row = run(row).map_err(engine)?;
            if row.t0 < from {
                break;
            }
            out.push(row);
        }
        out.reverse();
        Ok(out)
    }

    fn all_runs(&self) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{RUN} ORDER BY name.text, first_seq");
        self.many(&sql, params![SITE], run)
    }

    fn sections_at(&self, agent: &str, at: Time) -> Result<Vec<SectionRow>, StoreError> {
        self.sections_standing(agent, at.seconds())
    }

    fn intervals_between(
        &self,
        table: IntervalTable,
        agent: &str,
        from: Time,
        to: Time,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        self.intervals_known(table, agent, from.seconds(), to.seconds())
    }

    fn versions_holding(
        &self,
        kinds: &[&str],
        from: Time,
        to: Time,
        fits: &mut Fits<'_>,
    ) -> Result<Held, StoreError> {
        self.sections_holding(kinds, (from.seconds(), to.seconds()), fits)
    }

    fn agents_holding(
        &self,
        table: IntervalTable,
        from: Time,
        to: Time,
        fits: &mut Fits<'_>,
    ) -> Result<Vec<String>, StoreError> {
        self.intervals_holding(table, (from.seconds(), to.seconds()), fits)
    }

    fn alone_at(&self, agent: &str, kind: &str, at: Time) -> Result<Option<LeafRow>, StoreError> {
        self.leaf_alone(agent, kind, at)
    }

    fn report_at(&self, agent: &str, at: Time, newest: u64) -> Result<Option<LeafRow>, StoreError> {
        self.report_leaf(agent, at, newest)
    }

    fn leaf(&self, position: u64) -> Result<Option<LeafRow>, StoreError> {
        self.leaf_at(position)
    }

    fn gaps(&self) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        for name in ["name", "blob"] {
            let sql = format!("SELECT count(*) = coalesce(max(id), 0) FROM {name}");
            if !self
                .one(&sql, [], |row| row.get::<_, bool>(0))?
                .unwrap_or(false)
            {
                out.push(name.to_owned());
            }
        }
        Ok(out)
    }

    fn elsewhere(&self) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        let every = KEPT.into_iter().chain(OPENED).chain(["entry"]);
        for name in every.chain(Table::ALL.map(Table::name)) {
            let sql = format!("SELECT count(*) FROM {name} WHERE site_id <> ?1");
            let count = self.one(&sql, params![SITE], |row| row.get::<_, i64>(0))?;
            if count.unwrap_or(0) > 0 {
                out.push(name.to_owned());
            }
        }
        Ok(out)
    }
}
