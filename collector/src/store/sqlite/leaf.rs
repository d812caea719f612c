//! The log and its heads on a connection. Comes in: entries with their exact bytes; goes out: the same
//! bytes, unpacked against the entry they were packed against. Of an entry's hash its beginning is
//! kept, which tells which entry was damaged; that none was is told by the signed heads.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use daicho_report::{Signature, Time, TreeHead};
use rusqlite::{Row, params};

use super::pack::{packed_leaf, unpacked_leaf};
use super::rows::{SITE, SqliteRows, bytes, hash, number, text};
use crate::store::{LeafRow, StoreError};

/// Bytes kept of an entry's hash.
const MARK: usize = 8;
/// Kinds by number.
const KINDS: [&str; 5] = ["act", "report", "daily", "goodbye", "carried"];
const REPORT: &str = "report";

const LEAF: &str = "SELECT position, kind, received_at, coalesce(name.text, '?'), sequence, base, prior, leaf, mark
    FROM log LEFT JOIN name ON name.id = agent WHERE log.site_id = ?1";

/// An entry before it is unpacked.
struct Packed {
    row: LeafRow,
    bytes: Vec<u8>,
}

fn leaf(row: &Row<'_>) -> rusqlite::Result<Packed> {
    let position = number(row, 0)?;
    let kind: i64 = row.get(1)?;
    let kind = usize::try_from(kind).ok().and_then(|it| KINDS.get(it));
    let back =
        |distance: i64| (distance != 0).then(|| position.wrapping_sub(distance.cast_unsigned()));
    Ok(Packed {
        row: LeafRow {
            position,
            kind: kind.copied().unwrap_or("?").to_owned(),
            received_at: Time::from_seconds(row.get(2)?),
            agent: text(row, 3)?,
            sequence: number(row, 4)?,
            base: back(row.get(5)?),
            prior: back(row.get(6)?),
            leaf: None,
            leaf_hash: bytes(row, 8)?,
        },
        bytes: bytes(row, 7)?,
    })
}

fn head(row: &Row<'_>) -> rusqlite::Result<TreeHead> {
    Ok(TreeHead {
        size: number(row, 0)?,
        root: hash(row, 1)?,
        at: Time::from_seconds(row.get(2)?),
        signature: Signature::from_bytes(&bytes(row, 3)?),
    })
}

/// Entries against which others are packed: the next one of the same agent needs it too.
#[derive(Default)]
struct Bases(BTreeMap<u64, Option<Vec<u8>>>);

impl SqliteRows<'_> {
    pub(super) fn insert_leaf(&mut self, row: &LeafRow) -> Result<(), StoreError> {
        let base = row.base.map(|base| self.base(base)).transpose()?.flatten();
        let leaf = packed_leaf(row.leaf.as_deref().unwrap_or_default(), base.as_deref())?;
        let kind = KINDS.iter().position(|it| *it == row.kind);
        let kind = kind.and_then(|it| i64::try_from(it).ok());
        let kind = kind.ok_or_else(|| StoreError::Corrupt(format!("kind {}", row.kind)))?;
        let distance = |to: Option<u64>| {
            to.map_or(0, |to| row.position.wrapping_sub(to))
                .cast_signed()
        };
        let agent = self.agent_numbered(&row.agent)?;
        self.put(
            "INSERT INTO log (position, site_id, kind, received_at, agent, sequence, base, prior, leaf, mark)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                row.position.cast_signed(),
                SITE,
                kind,
                row.received_at.seconds(),
                agent,
                row.sequence.cast_signed(),
                base.as_ref().map_or(0, |_| distance(row.base)),
                distance(row.prior),
                leaf,
                row.leaf_hash.get(..MARK)
            ],
        )
    }

    fn packed_at(&self, position: u64) -> Result<Option<Packed>, StoreError> {
        let sql = format!("{LEAF} AND position = ?2");
        self.one(&sql, params![SITE, position.cast_signed()], leaf)
    }

    /// An entry that is packed against none.
    fn base(&self, position: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.packed_at(position)?;
        let alone = found.filter(|found| found.row.base.is_none());
        Ok(alone.and_then(|found| unpacked_leaf(&found.bytes, None)))
    }

    fn unpack_leaf(&self, packed: Packed, bases: &mut Bases) -> Result<LeafRow, StoreError> {
        let Packed { mut row, bytes } = packed;
        row.leaf = match row.base {
            None => unpacked_leaf(&bytes, None),
            Some(position) => {
                let base = match bases.0.entry(position) {
                    Entry::Occupied(found) => found.into_mut(),
                    Entry::Vacant(room) => room.insert(self.base(position)?),
                };
                let base = base.as_deref();
                base.and_then(|base| unpacked_leaf(&bytes, Some(base)))
            }
        };
        Ok(row)
    }

    pub(super) fn leaf_at(&self, position: u64) -> Result<Option<LeafRow>, StoreError> {
        let found = self.packed_at(position)?;
        found
            .map(|found| self.unpack_leaf(found, &mut Bases::default()))
            .transpose()
    }

    pub(super) fn leaves_from(&self, from: u64, count: u32) -> Result<Vec<LeafRow>, StoreError> {
        let sql = format!("{LEAF} AND position >= ?2 ORDER BY position LIMIT ?3");
        let found = self.many(&sql, params![SITE, from.cast_signed(), count], leaf)?;
        let mut bases = Bases::default();
        let rows = found.into_iter();
        rows.map(|found| self.unpack_leaf(found, &mut bases))
            .collect()
    }

    /// The newest entry of a kind by a time, among those that are packed against none.
    pub(super) fn leaf_alone(
        &self,
        agent: &str,
        kind: &str,
        at: Time,
    ) -> Result<Option<LeafRow>, StoreError> {
        let kind = KINDS.iter().position(|it| *it == kind).unwrap_or_default();
        let kind = i64::try_from(kind).unwrap_or_default();
        let sql = format!(
            "{LEAF} AND agent = ?2 AND kind = ?3 AND base = 0 AND received_at <= ?4
             ORDER BY received_at DESC, position DESC LIMIT 1"
        );
        let params = params![SITE, self.agent(agent)?, kind, at.seconds()];
        let found = self.one(&sql, params, leaf)?;
        found
            .map(|found| self.unpack_leaf(found, &mut Bases::default()))
            .transpose()
    }

    /// The newest report in the log by a time: back from the next one that is packed against none,
    /// or from the agent's newest.
    pub(super) fn report_leaf(
        &self,
        agent: &str,
        at: Time,
        newest: u64,
    ) -> Result<Option<LeafRow>, StoreError> {
        let sql = format!(
            "{LEAF} AND agent = ?2 AND kind = 1 AND base = 0 AND received_at > ?3
             ORDER BY received_at, position LIMIT 1"
        );
        let params = params![SITE, self.agent(agent)?, at.seconds()];
        let mut found = match self.one(&sql, params, leaf)? {
            Some(later) => Some(later),
            None => self.packed_at(newest)?,
        };
        while let Some(next) = found {
            if next.row.received_at <= at {
                let ours = next.row.agent == agent && next.row.kind == REPORT;
                return if ours {
                    self.unpack_leaf(next, &mut Bases::default()).map(Some)
                } else {
                    Err(StoreError::Corrupt(format!(
                        "log entry {}",
                        next.row.position
                    )))
                };
            }
            // Always backwards, whatever was damaged.
            let prior = next.row.prior.filter(|prior| *prior < next.row.position);
            found = match prior {
                Some(prior) => self.packed_at(prior)?,
                None => None,
            };
        }
        Ok(None)
    }

    pub(super) fn insert_head(&mut self, head: &TreeHead) -> Result<(), StoreError> {
        self.put(
            "INSERT INTO head (size, site_id, root, at, signature) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                head.size.cast_signed(),
                SITE,
                head.root.bytes(),
                head.at.seconds(),
                head.signature.bytes()
            ],
        )
    }

    pub(super) fn all_heads(&self) -> Result<Vec<TreeHead>, StoreError> {
        let sql = "SELECT size, root, at, signature FROM head WHERE site_id = ?1 ORDER BY size";
        self.many(sql, params![SITE], head)
    }
}
