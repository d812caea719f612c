//! Hand-kept entries derived from the log once more, and compared with their table. Comes in: the
//! acts of the log, then the store; goes out: every row that differs. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::EntryBody;
use daicho_report::Time;

use crate::log::Act;
use crate::store::{EntryRow, OPEN, Rows, StoreError};

/// Entries as the log tells them.
#[derive(Default)]
pub(super) struct Replayed {
    rows: Vec<EntryRow>,
    /// Where in `rows` what stands is, by kind and key.
    standing: BTreeMap<(String, String), usize>,
}

impl Replayed {
    /// Takes the next act of the log.
    pub(super) fn act(&mut self, position: u64, at: Time, act: &Act) -> Result<(), String> {
        match act {
            Act::Entered {
                kind,
                key,
                by,
                body,
            } => {
                // A first version ends nothing.
                let _ = self.close(kind, key, at);
                self.standing
                    .insert((kind.clone(), key.clone()), self.rows.len());
                self.rows.push(EntryRow {
                    kind: kind.clone(),
                    key: key.clone(),
                    position,
                    t0: at.seconds(),
                    t1: OPEN,
                    digest: *body,
                    by: by.clone(),
                });
                Ok(())
            }
            Act::Withdrawn { kind, key, .. } => self
                .close(kind, key, at)
                .ok_or_else(|| format!("withdraws {kind} `{key}`, which does not stand")),
            _ => Ok(()),
        }
    }

    fn close(&mut self, kind: &str, key: &str, at: Time) -> Option<()> {
        let index = self.standing.remove(&(kind.to_owned(), key.to_owned()))?;
        self.rows.get_mut(index)?.t1 = at.seconds();
        Some(())
    }

    /// Names every row that differs, with what is wrong with it.
    pub(super) fn differences(&self, rows: &dyn Rows) -> Result<Vec<(String, String)>, StoreError> {
        let derived: BTreeSet<EntryRow> = self.rows.iter().cloned().collect();
        let stored: BTreeSet<EntryRow> = rows.all_entries()?.into_iter().collect();
        let mut out = Vec::new();
        for row in stored.difference(&derived) {
            out.push((place(row), "not what the log says".to_owned()));
        }
        for row in derived.difference(&stored) {
            out.push((place(row), "not in the table as the log says".to_owned()));
        }
        for row in &stored {
            // A body that cannot be read is named elsewhere.
            let body = rows.blob(&row.digest);
            if matches!(body, Ok(None)) {
                out.push((place(row), format!("body {} is not there", row.digest)));
            }
            let body = body.ok().flatten();
            let body = body.and_then(|it| serde_json::from_slice::<EntryBody>(&it).ok());
            let file = body.as_ref().and_then(EntryBody::file);
            if let Some(file) = file
                && matches!(rows.blob(&file.digest), Ok(None))
            {
                out.push((place(row), format!("file {} is not there", file.digest)));
            }
        }
        Ok(out)
    }
}

fn place(row: &EntryRow) -> String {
    format!("entry {} {} ({})", row.kind, row.key, row.position)
}
