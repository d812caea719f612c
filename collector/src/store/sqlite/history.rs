//! Versions and intervals on a connection. Comes in: rows; goes out: statements that insert, and that
//! move what ends to the table of what has ended; nothing else is ever changed.

use daicho_report::Hash;
use rusqlite::{Row, params};

use super::rows::{SITE, SqliteRows, hash, number, text};
use crate::store::{History, IntervalRow, IntervalTable, OPEN, SectionRow, StoreError};

pub(super) const STANDING: &str = "SELECT name.text, kind, sequence, t0, digest, kept, at, source
    FROM section_open JOIN name ON name.id = agent WHERE section_open.site_id = ?1";
pub(super) const ENDED: &str = "SELECT agents.text, kinds.text, sequence, t1, lasted, blobs.digest,
      keeps.digest, lead, sources.text
    FROM section JOIN name agents ON agents.id = agent JOIN name kinds ON kinds.id = kind
      JOIN name sources ON sources.id = source LEFT JOIN blob blobs ON blobs.id = blob
      LEFT JOIN blob keeps ON keeps.id = kept
    WHERE section.site_id = ?1";

pub(super) fn optional_hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Hash>> {
    let there = row.get_ref(column)? != rusqlite::types::ValueRef::Null;
    there.then(|| hash(row, column)).transpose()
}

pub(super) fn standing(row: &Row<'_>) -> rusqlite::Result<SectionRow> {
    Ok(SectionRow {
        agent: text(row, 0)?,
        kind: text(row, 1)?,
        sequence: number(row, 2)?,
        t0: row.get(3)?,
        t1: OPEN,
        digest: hash(row, 4)?,
        kept: optional_hash(row, 5)?,
        at: row.get(6)?,
        source: text(row, 7)?,
    })
}

pub(super) fn ended(row: &Row<'_>) -> rusqlite::Result<SectionRow> {
    let (t1, lasted, lead): (i64, i64, i64) = (row.get(3)?, row.get(4)?, row.get(7)?);
    let t0 = t1.wrapping_sub(lasted);
    Ok(SectionRow {
        agent: text(row, 0)?,
        kind: text(row, 1)?,
        sequence: number(row, 2)?,
        t0,
        t1,
        digest: hash(row, 5)?,
        kept: optional_hash(row, 6)?,
        at: t0.wrapping_sub(lead),
        source: text(row, 8)?,
    })
}

fn open_interval(row: &Row<'_>) -> rusqlite::Result<IntervalRow> {
    Ok(IntervalRow {
        agent: text(row, 0)?,
        item: text(row, 1)?,
        sequence: number(row, 2)?,
        t0: row.get(3)?,
        t1: OPEN,
        since: row.get(4)?,
        until: OPEN,
    })
}

fn ended_interval(row: &Row<'_>) -> rusqlite::Result<IntervalRow> {
    let (t1, lasted, lead, lag): (i64, i64, i64, i64) =
        (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
    let t0 = t1.wrapping_sub(lasted);
    Ok(IntervalRow {
        agent: text(row, 0)?,
        item: text(row, 1)?,
        sequence: number(row, 2)?,
        t0,
        t1,
        since: t0.wrapping_sub(lead),
        until: t1.wrapping_sub(lag),
    })
}

fn open_select(table: IntervalTable) -> String {
    let name = table.name();
    format!(
        "SELECT agents.text, items.text, sequence, t0, since FROM {name}_open
         JOIN name agents ON agents.id = agent JOIN name items ON items.id = item
         WHERE {name}_open.site_id = ?1"
    )
}

fn ended_select(table: IntervalTable) -> String {
    let name = table.name();
    format!(
        "SELECT agents.text, items.text, sequence, t1, lasted, lead, lag FROM {name}
         JOIN name agents ON agents.id = agent JOIN name items ON items.id = item
         WHERE {name}.site_id = ?1"
    )
}

impl SqliteRows<'_> {
    /// The versions that were newest at a time.
    pub(super) fn sections_standing(
        &self,
        agent: &str,
        at: i64,
    ) -> Result<Vec<SectionRow>, StoreError> {
        let params = params![SITE, self.agent(agent)?, at];
        let open = format!("{STANDING} AND agent = ?2 AND t0 <= ?3");
        let mut rows = self.many(&open, params, standing)?;
        let older = format!("{ENDED} AND agent = ?2 AND t1 > ?3 AND t1 - lasted <= ?3");
        rows.extend(self.many(&older, params, ended)?);
        rows.sort_by(|one, other| one.kind.cmp(&other.kind));
        Ok(rows)
    }

    /// Intervals known at `to` that had not ended before `from`.
    pub(super) fn intervals_known(
        &self,
        table: IntervalTable,
        agent: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        let agent = self.agent(agent)?;
        let open = format!("{} AND agent = ?2 AND t0 <= ?3", open_select(table));
        let mut rows = self.many(&open, params![SITE, agent, to], open_interval)?;
        let ended = format!(
            "{} AND agent = ?2 AND t1 >= ?3 AND t1 - lasted <= ?4",
            ended_select(table)
        );
        rows.extend(self.many(&ended, params![SITE, agent, from, to], ended_interval)?);
        rows.sort_by(|one, other| (&one.item, one.sequence).cmp(&(&other.item, other.sequence)));
        Ok(rows)
    }

    fn move_section(&self, row: &SectionRow, t1: i64) -> Result<(), StoreError> {
        let agent = self.agent(&row.agent)?;
        let kept = row.kept.as_ref().map(|kept| self.blob_number(kept));
        self.put(
            "INSERT INTO section (site_id, agent, t1, kind, sequence, lasted, blob, kept, lead, source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                SITE,
                agent,
                t1,
                self.numbered(&row.kind)?,
                row.sequence.cast_signed(),
                t1.wrapping_sub(row.t0),
                self.blob_number(&row.digest)?,
                kept.transpose()?,
                row.t0.wrapping_sub(row.at),
                self.numbered(&row.source)?
            ],
        )?;
        self.put(
            "DELETE FROM section_open WHERE site_id = ?1 AND agent = ?2 AND kind = ?3",
            params![SITE, agent, row.kind],
        )
    }
}

impl History for SqliteRows<'_> {
    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        self.body(digest)
    }

    fn put_blob(&mut self, body: &[u8]) -> Result<Hash, StoreError> {
        self.insert_blob(body, None)
    }

    fn put_version(&mut self, body: &[u8], older: Option<&Hash>) -> Result<Hash, StoreError> {
        self.insert_blob(body, older)
    }

    fn open_sections(&self, agent: &str) -> Result<Vec<SectionRow>, StoreError> {
        let sql = format!("{STANDING} AND agent = ?2 ORDER BY kind");
        self.many(&sql, params![SITE, self.agent(agent)?], standing)
    }

    fn insert_section(&mut self, row: &SectionRow) -> Result<(), StoreError> {
        let agent = self.agent_numbered(&row.agent)?;
        self.put(
            "INSERT INTO section_open (site_id, agent, kind, sequence, t0, digest, kept, at, source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                SITE,
                agent,
                row.kind,
                row.sequence.cast_signed(),
                row.t0,
                row.digest.bytes(),
                row.kept.as_ref().map(Hash::bytes),
                row.at,
                row.source
            ],
        )
    }

    fn close_section(&mut self, agent: &str, kind: &str, t1: i64) -> Result<(), StoreError> {
        let sql = format!("{STANDING} AND agent = ?2 AND kind = ?3");
        let open = self.one(&sql, params![SITE, self.agent(agent)?, kind], standing)?;
        open.map_or(Ok(()), |row| self.move_section(&row, t1))
    }

    fn open_intervals(
        &self,
        table: IntervalTable,
        agent: &str,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        let sql = format!("{} AND agent = ?2 ORDER BY items.text", open_select(table));
        self.many(&sql, params![SITE, self.agent(agent)?], open_interval)
    }

    fn is_open(&self, table: IntervalTable, agent: &str, item: &str) -> Result<bool, StoreError> {
        let Some(item) = self.number_of(item)? else {
            return Ok(false);
        };
        let sql = format!(
            "SELECT 1 FROM {}_open WHERE site_id = ?1 AND agent = ?2 AND item = ?3",
            table.name()
        );
        let found = self.one(&sql, params![SITE, self.agent(agent)?, item], |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(found.is_some())
    }

    fn insert_interval(
        &mut self,
        table: IntervalTable,
        row: &IntervalRow,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {}_open (site_id, agent, item, sequence, t0, since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            table.name()
        );
        let (agent, item) = (self.agent_numbered(&row.agent)?, self.numbered(&row.item)?);
        let sequence = row.sequence.cast_signed();
        self.put(
            &sql,
            params![SITE, agent, item, sequence, row.t0, row.since],
        )
    }

    fn close_interval(
        &mut self,
        table: IntervalTable,
        agent: &str,
        item: &str,
        t1: i64,
        until: i64,
    ) -> Result<(), StoreError> {
        let name = table.name();
        let (agent, item) = (self.agent(agent)?, self.numbered(item)?);
        let sql = format!(
            "INSERT INTO {name} (site_id, agent, t1, item, sequence, lasted, lead, lag)
             SELECT site_id, agent, ?4, item, sequence, ?4 - t0, t0 - since, ?5 FROM {name}_open
             WHERE site_id = ?1 AND agent = ?2 AND item = ?3"
        );
        self.put(&sql, params![SITE, agent, item, t1, t1.wrapping_sub(until)])?;
        let sql =
            format!("DELETE FROM {name}_open WHERE site_id = ?1 AND agent = ?2 AND item = ?3");
        self.put(&sql, params![SITE, agent, item])
    }

    fn all_sections(&self) -> Result<Vec<SectionRow>, StoreError> {
        let mut rows = self.many(STANDING, params![SITE], standing)?;
        rows.extend(self.many(ENDED, params![SITE], ended)?);
        rows.sort();
        Ok(rows)
    }

    fn all_intervals(&self, table: IntervalTable) -> Result<Vec<IntervalRow>, StoreError> {
        let mut rows = self.many(&open_select(table), params![SITE], open_interval)?;
        rows.extend(self.many(&ended_select(table), params![SITE], ended_interval)?);
        rows.sort();
        Ok(rows)
    }
}
