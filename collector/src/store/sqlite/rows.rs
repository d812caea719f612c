//! Rows on a connection. Comes in: rows; goes out: statements. Bytes that were damaged come back as
//! they are, so that the check can name the row instead of failing on it.

use std::cell::RefCell;

use daicho_report::{DICTIONARY, Hash, Signature, Time, TreeHead};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use zstd::bulk::{Compressor, Decompressor};

use super::engine;
use crate::store::{
    BlobVisit, IntervalRow, IntervalTable, LeafRow, Rows, RunRow, SealedValue, SectionRow,
    StoreError, Table,
};

pub(super) const SITE: i64 = 1;
/// Largest leaf or body, decompressed: a report's limit with room.
const BODY_MAX: usize = 32 << 20;
pub(super) const CODEC_ZSTD: i64 = 1;
const LEVEL: i32 = 3;

pub(super) struct SqliteRows<'a>(pub(super) &'a Connection);

pub(super) type Read<T> = fn(&Row<'_>) -> rusqlite::Result<T>;

pub(super) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}

pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(&bytes(row, column)?).into_owned())
}

pub(super) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    let bytes = bytes(row, column)?;
    let bytes: Result<[u8; 32], _> = bytes.try_into();
    Ok(bytes.map_or(Hash::ZERO, Hash::from))
}

pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Time> {
    row.get(column).map(Time::from_seconds)
}

thread_local! {
    // Making these anew costs more than packing or unpacking a small body.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

pub(super) fn packed(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let packed = PACKER.with_borrow_mut(|kept| {
        let packer = match kept {
            Some(packer) => packer,
            // Entries of the log are envelopes: they are short beside what the dictionary knows.
            None => kept.insert(Compressor::with_dictionary(LEVEL, DICTIONARY)?),
        };
        packer.compress(bytes)
    });
    packed.map_err(|error| StoreError::Engine(error.into()))
}

pub(super) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    UNPACKER.with_borrow_mut(|kept| {
        let unpacker = match kept {
            Some(unpacker) => unpacker,
            None => kept.insert(Decompressor::with_dictionary(DICTIONARY).ok()?),
        };
        unpacker.decompress(bytes, BODY_MAX).ok()
    })
}

fn sealed(row: &Row<'_>, column: usize) -> rusqlite::Result<SealedValue> {
    Ok(SealedValue {
        value: bytes(row, column)?,
        seal: bytes(row, column + 1)?,
    })
}

fn leaf(row: &Row<'_>) -> rusqlite::Result<LeafRow> {
    Ok(LeafRow {
        position: number(row, 0)?,
        kind: text(row, 1)?,
        received_at: time(row, 2)?,
        agent: text(row, 3)?,
        sequence: number(row, 4)?,
        leaf: unpacked(&bytes(row, 5)?),
        leaf_hash: bytes(row, 6)?,
    })
}

fn head(row: &Row<'_>) -> rusqlite::Result<TreeHead> {
    Ok(TreeHead {
        size: number(row, 0)?,
        root: hash(row, 1)?,
        at: time(row, 2)?,
        signature: Signature::from_bytes(&bytes(row, 3)?),
    })
}

pub(super) fn section(row: &Row<'_>) -> rusqlite::Result<SectionRow> {
    let kept = row.get_ref(6)? != ValueRef::Null;
    Ok(SectionRow {
        agent: text(row, 0)?,
        kind: text(row, 1)?,
        sequence: number(row, 2)?,
        t0: row.get(3)?,
        t1: row.get(4)?,
        digest: hash(row, 5)?,
        kept: if kept { Some(hash(row, 6)?) } else { None },
        at: row.get(7)?,
        source: text(row, 8)?,
    })
}

pub(super) fn interval(row: &Row<'_>) -> rusqlite::Result<IntervalRow> {
    Ok(IntervalRow {
        agent: text(row, 0)?,
        item: text(row, 1)?,
        sequence: number(row, 2)?,
        t0: row.get(3)?,
        t1: row.get(4)?,
        since: row.get(5)?,
        until: row.get(6)?,
    })
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        agent: text(row, 0)?,
        first_seq: number(row, 1)?,
        t0: row.get(2)?,
        t1: row.get(3)?,
        // Every change begins a run: of all rows these are the most. What was damaged stays as it is.
        sealed: SealedValue {
            value: unpacked(&bytes(row, 4)?).unwrap_or(bytes(row, 4)?),
            seal: bytes(row, 5)?,
        },
    })
}

const LEAF: &str = "SELECT position, kind, received_at, agent, sequence, leaf, leaf_hash FROM log";
const HEAD: &str = "SELECT size, root, at, signature FROM head WHERE site_id = ?1";
pub(super) const SECTION: &str = "SELECT agent, kind, sequence, t0, t1, digest, kept, at, source FROM section WHERE site_id = ?1";
const RUN: &str = "SELECT agent, first_seq, t0, t1, value, seal FROM run WHERE site_id = ?1";

pub(super) fn interval_select(table: IntervalTable) -> String {
    let name = table.name();
    format!("SELECT agent, item, sequence, t0, t1, since, until FROM {name} WHERE site_id = ?1")
}

impl SqliteRows<'_> {
    pub(super) fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: Read<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(engine)?;
        let rows = statement.query_map(params, read).map_err(engine)?;
        rows.collect::<Result<_, _>>().map_err(engine)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: Read<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(engine)?;
        statement.query_row(params, read).optional().map_err(engine)
    }

    pub(super) fn put(&self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(engine)?;
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
        let sql = "SELECT 1 FROM blob WHERE site_id = ?1 AND digest = ?2";
        let found = self.one(sql, params![SITE, digest.bytes()], |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(found.is_some())
    }

    fn append_leaf(&mut self, row: &LeafRow) -> Result<(), StoreError> {
        let leaf = packed(row.leaf.as_deref().unwrap_or_default())?;
        let (position, sequence) = (row.position.cast_signed(), row.sequence.cast_signed());
        let at = row.received_at.seconds();
        self.put(
            "INSERT INTO log (site_id, position, kind, received_at, agent, sequence, leaf, leaf_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![SITE, position, row.kind, at, row.agent, sequence, leaf, row.leaf_hash],
        )
    }

    fn leaves(&self, from: u64, count: u32) -> Result<Vec<LeafRow>, StoreError> {
        let sql =
            format!("{LEAF} WHERE site_id = ?1 AND position >= ?2 ORDER BY position LIMIT ?3");
        self.many(&sql, params![SITE, from.cast_signed(), count], leaf)
    }

    fn put_head(&mut self, head: &TreeHead) -> Result<(), StoreError> {
        self.put(
            "INSERT INTO head (site_id, size, root, at, signature) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                SITE,
                head.size.cast_signed(),
                head.root.bytes(),
                head.at.seconds(),
                head.signature.bytes()
            ],
        )
    }

    fn newest_head(&self) -> Result<Option<TreeHead>, StoreError> {
        self.one(
            &format!("{HEAD} ORDER BY size DESC LIMIT 1"),
            params![SITE],
            head,
        )
    }

    fn heads(&self) -> Result<Vec<TreeHead>, StoreError> {
        self.many(&format!("{HEAD} ORDER BY size"), params![SITE], head)
    }

    fn blobs(&self, visit: &mut BlobVisit<'_>) -> Result<(), StoreError> {
        let sql = "SELECT digest, body, codec FROM blob WHERE site_id = ?1 ORDER BY digest";
        let mut statement = self.0.prepare_cached(sql).map_err(engine)?;
        let mut rows = statement.query(params![SITE]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            let digest = bytes(row, 0).map_err(engine)?;
            let codec: i64 = row.get(2).map_err(engine)?;
            let body = unpacked(&bytes(row, 1).map_err(engine)?);
            visit(&digest, body.as_deref().filter(|_| codec == CODEC_ZSTD));
        }
        Ok(())
    }

    fn put_run(&mut self, row: &RunRow) -> Result<(), StoreError> {
        self.put(
            "INSERT INTO run (site_id, agent, first_seq, t0, t1, value, seal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (site_id, agent, first_seq)
             DO UPDATE SET t1 = excluded.t1, value = excluded.value, seal = excluded.seal",
            params![
                SITE,
                row.agent,
                row.first_seq.cast_signed(),
                row.t0,
                row.t1,
                packed(&row.sealed.value)?,
                row.sealed.seal
            ],
        )
    }

    fn run_at(&self, agent: &str, at: Time) -> Result<Option<RunRow>, StoreError> {
        let sql = format!("{RUN} AND agent = ?2 AND t0 <= ?3 ORDER BY first_seq DESC LIMIT 1");
        self.one(&sql, params![SITE, agent, at.seconds()], run)
    }

    fn first_run(&self, agent: &str) -> Result<Option<RunRow>, StoreError> {
        let sql = format!("{RUN} AND agent = ?2 ORDER BY first_seq LIMIT 1");
        self.one(&sql, params![SITE, agent], run)
    }

    fn runs_from(&self, agent: &str, from: i64) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{RUN} AND agent = ?2 AND t0 >= ?3 ORDER BY first_seq");
        self.many(&sql, params![SITE, agent, from], run)
    }

    fn all_runs(&self) -> Result<Vec<RunRow>, StoreError> {
        self.many(
            &format!("{RUN} ORDER BY agent, first_seq"),
            params![SITE],
            run,
        )
    }

    fn sections_at(&self, agent: &str, at: Time) -> Result<Vec<SectionRow>, StoreError> {
        let sql = format!("{SECTION} AND agent = ?2 AND t0 <= ?3 AND t1 > ?3 ORDER BY kind");
        self.many(&sql, params![SITE, agent, at.seconds()], section)
    }

    fn intervals_between(
        &self,
        table: IntervalTable,
        agent: &str,
        from: Time,
        to: Time,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        let sql = format!(
            "{} AND agent = ?2 AND t1 >= ?3 AND t0 <= ?4 ORDER BY item, sequence",
            interval_select(table)
        );
        self.many(
            &sql,
            params![SITE, agent, from.seconds(), to.seconds()],
            interval,
        )
    }

    fn goodbye_at(&self, agent: &str, at: Time) -> Result<Option<LeafRow>, StoreError> {
        let sql = format!(
            "{LEAF} WHERE site_id = ?1 AND agent = ?2 AND kind = 'goodbye' AND received_at <= ?3
             ORDER BY received_at DESC, position DESC LIMIT 1"
        );
        self.one(&sql, params![SITE, agent, at.seconds()], leaf)
    }

    fn elsewhere(&self) -> Result<Vec<String>, StoreError> {
        let fixed = [
            "log",
            "head",
            "blob",
            "section",
            "flow",
            "neighbour",
            "run",
            "entry",
        ];
        let mut out = Vec::new();
        for name in fixed.into_iter().chain(Table::ALL.map(Table::name)) {
            let sql = format!("SELECT count(*) FROM {name} WHERE site_id <> ?1");
            let count = self.one(&sql, params![SITE], |row| row.get::<_, i64>(0))?;
            if count.unwrap_or(0) > 0 {
                out.push(name.to_owned());
            }
        }
        Ok(out)
    }
}
