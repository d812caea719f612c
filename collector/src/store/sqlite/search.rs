//! Searching on a connection. Comes in: a period, sections or a table of intervals, and who says whether
//! bytes fit; goes out: the rows that fit. Tables are read once from end to end, every body and every
//! item is asked once, and names are looked up only of what fits.

use std::collections::{BTreeSet, HashMap, HashSet};

use daicho_report::Hash;
use rusqlite::params;

use super::engine;
use super::history::{ENDED, STANDING, ended, optional_hash, standing};
use super::rows::{SITE, SqliteRows, hash, text};
use crate::store::{Fits, Held, IntervalTable, StoreError};

/// What was said of bodies.
struct Asked<'a, 'f> {
    rows: &'a SqliteRows<'a>,
    fits: &'a mut Fits<'f>,
    /// By section and number of the body.
    said: HashMap<(&'a str, i64), bool>,
    numbers: HashMap<Hash, i64>,
}

impl<'a> Asked<'a, '_> {
    fn digest(&mut self, kind: &'a str, digest: Hash) -> Result<bool, StoreError> {
        let id = match self.numbers.get(&digest) {
            Some(id) => *id,
            None => {
                let id = self.rows.blob_number(&digest)?;
                self.numbers.insert(digest, id);
                id
            }
        };
        self.number(kind, id)
    }

    fn number(&mut self, kind: &'a str, id: i64) -> Result<bool, StoreError> {
        if let Some(said) = self.said.get(&(kind, id)) {
            return Ok(*said);
        }
        let body = self.rows.body_numbered(id)?;
        let said = (self.fits)(kind, &body);
        self.said.insert((kind, id), said);
        Ok(said)
    }
}

impl SqliteRows<'_> {
    pub(super) fn sections_holding(
        &self,
        kinds: &[&str],
        (from, to): (i64, i64),
        fits: &mut Fits<'_>,
    ) -> Result<Held, StoreError> {
        let mut asked = Asked {
            rows: self,
            fits,
            said: HashMap::new(),
            numbers: HashMap::new(),
        };
        let mut held = Held {
            rows: Vec::new(),
            of: 0,
        };
        self.standing_holding(kinds, to, &mut asked, &mut held)?;
        self.ended_holding(kinds, (from, to), &mut asked, &mut held)?;
        held.rows.sort();
        Ok(held)
    }

    fn standing_holding<'a>(
        &'a self,
        kinds: &[&'a str],
        to: i64,
        asked: &mut Asked<'a, '_>,
        held: &mut Held,
    ) -> Result<(), StoreError> {
        let sql =
            "SELECT agent, kind, digest, kept FROM section_open WHERE site_id = ?1 AND t0 <= ?2";
        let one = format!("{STANDING} AND agent = ?2 AND kind = ?3");
        let mut statement = self.connection().prepare_cached(sql).map_err(engine)?;
        let mut rows = statement.query(params![SITE, to]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            let name = row.get_ref(1).map_err(engine)?;
            let name = name.as_bytes().unwrap_or_default();
            let Some(kind) = kinds.iter().find(|it| it.as_bytes() == name) else {
                continue;
            };
            held.of += 1;
            let digest = hash(row, 2).map_err(engine)?;
            let kept = optional_hash(row, 3).map_err(engine)?;
            let fits = asked.digest(kind, digest)?
                || kept.map_or(Ok(false), |kept| asked.digest(kind, kept))?;
            if fits {
                let agent: i64 = row.get(0).map_err(engine)?;
                held.rows
                    .extend(self.one(&one, params![SITE, agent, kind], standing)?);
            }
        }
        Ok(())
    }

    fn ended_holding<'a>(
        &'a self,
        kinds: &[&'a str],
        (from, to): (i64, i64),
        asked: &mut Asked<'a, '_>,
        held: &mut Held,
    ) -> Result<(), StoreError> {
        let mut numbers: HashMap<i64, &'a str> = HashMap::new();
        for kind in kinds {
            numbers.extend(self.number_of(kind)?.map(|id| (id, *kind)));
        }
        let sql = "SELECT agent, t1, kind, sequence, blob, kept FROM section
            WHERE site_id = ?1 AND t1 > ?2 AND t1 - lasted <= ?3";
        let one = format!("{ENDED} AND agent = ?2 AND t1 = ?3 AND kind = ?4 AND sequence = ?5");
        let mut statement = self.connection().prepare_cached(sql).map_err(engine)?;
        let mut rows = statement.query(params![SITE, from, to]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            let number: i64 = row.get(2).map_err(engine)?;
            let Some(kind) = numbers.get(&number) else {
                continue;
            };
            held.of += 1;
            let kept: Option<i64> = row.get(5).map_err(engine)?;
            let fits = asked.number(kind, row.get(4).map_err(engine)?)?
                || kept.map_or(Ok(false), |kept| asked.number(kind, kept))?;
            if fits {
                let key: (i64, i64, i64) = (
                    row.get(0).map_err(engine)?,
                    row.get(1).map_err(engine)?,
                    row.get(3).map_err(engine)?,
                );
                let params = params![SITE, key.0, key.1, number, key.2];
                held.rows.extend(self.one(&one, params, ended)?);
            }
        }
        Ok(())
    }

    pub(super) fn intervals_holding(
        &self,
        table: IntervalTable,
        (from, to): (i64, i64),
        fits: &mut Fits<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let items = self.items_holding(table.name(), fits)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let name = table.name();
        let mut agents: BTreeSet<i64> = BTreeSet::new();
        let open = format!("SELECT agent, item FROM {name}_open WHERE site_id = ?1 AND t0 <= ?3");
        let ended = format!(
            "SELECT agent, item FROM {name} WHERE site_id = ?1 AND t1 >= ?2 AND t1 - lasted <= ?3"
        );
        for sql in [open, ended] {
            let mut statement = self.connection().prepare_cached(&sql).map_err(engine)?;
            // The first table asks for the end of the period alone.
            let mut rows = statement.query(params![SITE, from, to]).map_err(engine)?;
            while let Some(row) = rows.next().map_err(engine)? {
                if items.contains(&row.get(1).map_err(engine)?) {
                    agents.insert(row.get(0).map_err(engine)?);
                }
            }
        }
        let mut names = Vec::new();
        for agent in agents {
            let sql = "SELECT text FROM name WHERE id = ?1";
            names.extend(self.one(sql, params![agent], |row| text(row, 0))?);
        }
        names.sort();
        Ok(names)
    }

    /// Items are written once, whoever has them.
    fn items_holding(&self, kind: &str, fits: &mut Fits<'_>) -> Result<HashSet<i64>, StoreError> {
        let sql = "SELECT id, text FROM name WHERE site_id = ?1";
        let mut statement = self.connection().prepare_cached(sql).map_err(engine)?;
        let mut rows = statement.query(params![SITE]).map_err(engine)?;
        let mut items = HashSet::new();
        while let Some(row) = rows.next().map_err(engine)? {
            let item = row.get_ref(1).map_err(engine)?;
            if fits(kind, item.as_bytes().unwrap_or_default()) {
                items.insert(row.get(0).map_err(engine)?);
            }
        }
        Ok(items)
    }
}
