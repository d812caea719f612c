//! Versions and intervals on a connection. Comes in: rows; goes out: statements that insert, and
//! that end what is open; nothing else is ever changed. What is open stands in the statement itself:
//! SQLite plans one anew whose plan may depend on a value that is bound.

use daicho_report::Hash;
use rusqlite::params;

use super::rows::{
    CODEC_ZSTD, SECTION, SITE, SqliteRows, bytes, interval, interval_select, packed, section,
    unpacked,
};
use crate::store::{History, IntervalRow, IntervalTable, OPEN, SectionRow, StoreError};

impl History for SqliteRows<'_> {
    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT body FROM blob WHERE site_id = ?1 AND digest = ?2";
        let found = self.one(sql, params![SITE, digest.bytes()], |row| bytes(row, 0))?;
        let corrupt = || StoreError::Corrupt(format!("body {digest}"));
        found
            .map(|packed| unpacked(&packed).ok_or_else(corrupt))
            .transpose()
    }

    fn put_blob(&mut self, body: &[u8]) -> Result<Hash, StoreError> {
        let digest = Hash::of(body);
        let sql = "SELECT 1 FROM blob WHERE site_id = ?1 AND digest = ?2";
        let there = self.one(sql, params![SITE, digest.bytes()], |row| {
            row.get::<_, i64>(0)
        })?;
        if there.is_none() {
            self.put(
                "INSERT INTO blob (site_id, digest, codec, body) VALUES (?1, ?2, ?3, ?4)",
                params![SITE, digest.bytes(), CODEC_ZSTD, packed(body)?],
            )?;
        }
        Ok(digest)
    }

    fn open_sections(&self, agent: &str) -> Result<Vec<SectionRow>, StoreError> {
        let sql = format!("{SECTION} AND agent = ?2 AND t1 = {OPEN} ORDER BY kind");
        self.many(&sql, params![SITE, agent], section)
    }

    fn insert_section(&mut self, row: &SectionRow) -> Result<(), StoreError> {
        self.put(
            "INSERT INTO section (site_id, agent, kind, sequence, t0, t1, digest, kept, at, source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                SITE,
                row.agent,
                row.kind,
                row.sequence.cast_signed(),
                row.t0,
                row.t1,
                row.digest.bytes(),
                row.kept.as_ref().map(Hash::bytes),
                row.at,
                row.source
            ],
        )
    }

    fn close_section(&mut self, agent: &str, kind: &str, t1: i64) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE section SET t1 = ?4
             WHERE site_id = ?1 AND agent = ?2 AND kind = ?3 AND t1 = {OPEN}"
        );
        self.put(&sql, params![SITE, agent, kind, t1])
    }

    fn open_intervals(
        &self,
        table: IntervalTable,
        agent: &str,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        let sql = format!(
            "{} AND agent = ?2 AND t1 = {OPEN} ORDER BY item",
            interval_select(table)
        );
        self.many(&sql, params![SITE, agent], interval)
    }

    fn is_open(&self, table: IntervalTable, agent: &str, item: &str) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT 1 FROM {} WHERE site_id = ?1 AND agent = ?2 AND item = ?3 AND t1 = {OPEN}",
            table.name()
        );
        let found = self.one(&sql, params![SITE, agent, item], |row| row.get::<_, i64>(0))?;
        Ok(found.is_some())
    }

    fn insert_interval(
        &mut self,
        table: IntervalTable,
        row: &IntervalRow,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (site_id, agent, item, sequence, t0, t1, since, until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            table.name()
        );
        let sequence = row.sequence.cast_signed();
        self.put(
            &sql,
            params![
                SITE, row.agent, row.item, sequence, row.t0, row.t1, row.since, row.until
            ],
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
        let sql = format!(
            "UPDATE {} SET t1 = ?4, until = ?5
             WHERE site_id = ?1 AND agent = ?2 AND item = ?3 AND t1 = {OPEN}",
            table.name()
        );
        self.put(&sql, params![SITE, agent, item, t1, until])
    }

    fn all_sections(&self) -> Result<Vec<SectionRow>, StoreError> {
        self.many(
            &format!("{SECTION} ORDER BY agent, kind, sequence"),
            params![SITE],
            section,
        )
    }

    fn all_intervals(&self, table: IntervalTable) -> Result<Vec<IntervalRow>, StoreError> {
        let sql = format!("{} ORDER BY agent, item, sequence", interval_select(table));
        self.many(&sql, params![SITE], interval)
    }
}
