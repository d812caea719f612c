//! Bodies on a connection. Comes in: a body and, where there is one, the version before it; goes out:
//! the same bytes. A version is packed against one that stands alone, never against one that is
//! packed itself: reading needs at most two.

use daicho_report::Hash;
use rusqlite::{Row, params};

use super::pack::{packed_body, unpacked_body};
use super::rows::{SITE, SqliteRows, bytes};
use crate::store::{BlobVisit, StoreError};

/// A version that needs more than this part of what it is packed against stands alone.
const SHARE: usize = 3;

struct Packed {
    id: i64,
    base: i64,
    bytes: Vec<u8>,
}

fn blob(row: &Row<'_>) -> rusqlite::Result<Packed> {
    Ok(Packed {
        id: row.get(0)?,
        base: row.get(1)?,
        bytes: bytes(row, 2)?,
    })
}

const BY_DIGEST: &str =
    "WHERE site_id = ?1 AND substr(digest, 1, 8) = substr(?2, 1, 8) AND digest = ?2";

impl SqliteRows<'_> {
    pub(super) fn blob_id(&self, digest: &Hash) -> Result<Option<i64>, StoreError> {
        let sql = format!("SELECT id FROM blob {BY_DIGEST}");
        self.one(&sql, params![SITE, digest.bytes()], |row| row.get(0))
    }

    fn blob_row(&self, digest: &Hash) -> Result<Option<Packed>, StoreError> {
        let sql = format!("SELECT id, base, body FROM blob {BY_DIGEST}");
        self.one(&sql, params![SITE, digest.bytes()], blob)
    }

    fn blob_by_id(&self, id: i64) -> Result<Option<Packed>, StoreError> {
        let sql = "SELECT id, base, body FROM blob WHERE id = ?1";
        self.one(sql, params![id], blob)
    }

    /// `None`: it is not there, or cannot be unpacked.
    fn unpack_body(&self, found: &Packed) -> Result<Option<Vec<u8>>, StoreError> {
        if found.base == 0 {
            return Ok(unpacked_body(&found.bytes, None));
        }
        let base = self.blob_by_id(found.base)?.filter(|base| base.base == 0);
        let base = base.and_then(|base| unpacked_body(&base.bytes, None));
        Ok(base.and_then(|base| unpacked_body(&found.bytes, Some(&base))))
    }

    pub(super) fn body(&self, digest: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(found) = self.blob_row(digest)? else {
            return Ok(None);
        };
        let body = self.unpack_body(&found)?;
        body.map(Some)
            .ok_or_else(|| StoreError::Corrupt(format!("body {digest}")))
    }

    /// A body by its number.
    pub(super) fn body_numbered(&self, id: i64) -> Result<Vec<u8>, StoreError> {
        let found = self.blob_by_id(id)?;
        let body = found.map(|found| self.unpack_body(&found)).transpose()?;
        body.flatten()
            .ok_or_else(|| StoreError::Corrupt(format!("body {id}")))
    }

    pub(super) fn insert_blob(
        &mut self,
        body: &[u8],
        older: Option<&Hash>,
    ) -> Result<Hash, StoreError> {
        let digest = Hash::of(body);
        if self.blob_id(&digest)?.is_some() {
            return Ok(digest);
        }
        let (base, bytes) = match self.against(body, older)? {
            Some(found) => found,
            None => (0, packed_body(body, None)?),
        };
        self.put(
            "INSERT INTO blob (site_id, digest, base, body) VALUES (?1, ?2, ?3, ?4)",
            params![SITE, digest.bytes(), base, bytes],
        )?;
        Ok(digest)
    }

    /// Packed against what the older version stands on, where that is far smaller.
    fn against(
        &self,
        body: &[u8],
        older: Option<&Hash>,
    ) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let older = older
            .map(|older| self.blob_row(older))
            .transpose()?
            .flatten();
        let base = match older {
            Some(older) if older.base != 0 => self.blob_by_id(older.base)?,
            other => other,
        };
        let Some(base) = base else { return Ok(None) };
        let Some(text) = self.unpack_body(&base)? else {
            return Ok(None);
        };
        let bytes = packed_body(body, Some(&text))?;
        let small = bytes.len().saturating_mul(SHARE) <= base.bytes.len();
        Ok(small.then_some((base.id, bytes)))
    }

    pub(super) fn visit_blobs(&self, visit: &mut BlobVisit<'_>) -> Result<(), StoreError> {
        let ids = "SELECT id, digest FROM blob WHERE site_id = ?1 ORDER BY digest";
        let ids = self.many(ids, params![SITE], |row| {
            Ok((row.get::<_, i64>(0)?, bytes(row, 1)?))
        })?;
        for (id, digest) in ids {
            let found = self.blob_by_id(id)?;
            let body = found
                .map(|found| self.unpack_body(&found))
                .transpose()?
                .flatten();
            visit(&digest, body.as_deref());
        }
        Ok(())
    }

    /// The digest of a body by its number.
    pub(super) fn blob_number(&self, digest: &Hash) -> Result<i64, StoreError> {
        let missing = || StoreError::Corrupt(format!("body {digest}: not there"));
        self.blob_id(digest)?.ok_or_else(missing)
    }
}
