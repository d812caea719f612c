//! The stored graph of the first answer（速報）: a file beside the store, made anew from it. Comes in: a
//! picture, or the file; goes out: the file, or its bytes once their sum agrees. It is no evidence: what
//! it holds can be made from the store at any time.

use std::path::{Path, PathBuf};

use daicho_graph::impact::{self, Quick, Resident};

use crate::bounded;
use crate::data_folder::DataFolder;
use crate::out;
use crate::picture::Picture;
use crate::refusal::Refused;

/// Begins the file.
const MAGIC: &[u8; 8] = b"DAICHOQ1";
/// Largest such file: thirty times that of ten thousand machines.
const MOST: u64 = 512 * 1024 * 1024;
const SUM: usize = 4;

/// Where it is.
#[must_use]
pub fn path(folder: &DataFolder) -> PathBuf {
    folder.path().join("impact.quick")
}

/// Makes it anew; how many things and steps, and the file's bytes.
pub fn write(path: &Path, picture: &Picture) -> anyhow::Result<(usize, usize, usize)> {
    let resident = Resident::of(picture.basis());
    let (things, steps) = resident.snapshot.size();
    let body = impact::quick_bytes(picture.basis(), &resident)?;
    let mut bytes = Vec::with_capacity(MAGIC.len() + SUM + body.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    out::write(path, &bytes)?;
    Ok((things, steps, bytes.len()))
}

/// The file as it was read.
#[derive(Debug)]
pub struct Stored {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Stored {
    /// Reads it.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let shown = || path.display().to_string();
        let bytes = bounded::read(path, MOST).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Refused::new("IMP-006", shown()),
            _ => Refused::new("IMP-007", format!("{} ({error})", shown())),
        })?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
        })
    }

    /// The graph in it, once its sum agrees.
    pub fn graph(&self) -> Result<Quick<'_>, Refused> {
        let refused =
            |why: String| Refused::new("IMP-007", format!("{}{why}", self.path.display()));
        let body = self.bytes.strip_prefix(MAGIC);
        let parts = body.and_then(|it| it.split_first_chunk::<SUM>());
        let (sum, body) = parts.ok_or_else(|| refused(String::new()))?;
        if u32::from_le_bytes(*sum) != crc32fast::hash(body) {
            return Err(refused(String::new()));
        }
        Quick::of(body).map_err(|error| refused(format!(" ({error})")))
    }
}
