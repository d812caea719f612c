//! Making a bundle in two steps, because the export is itself an entry of the log that the bundle then
//! proves. Comes in: files, then the entry's proof; goes out: the bytes.

use std::collections::BTreeMap;

use daicho_report::{Hash, ReportKey};

use crate::container::{self, ContainerError};
use crate::manifest::{FILES, FileHash, MANIFEST, Manifest, PROOF, Proof, SEAL, Seal, root_of};

/// Files with their manifest, before the export is recorded.
#[derive(Debug, Clone)]
pub struct Bundle {
    entries: BTreeMap<String, Vec<u8>>,
    /// The root, to be recorded.
    pub root: Hash,
}

/// Why a bundle was not made.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The files make no container.
    #[error("put the files together")]
    Container(#[from] ContainerError),
    /// A value has no JSON form.
    #[error("write the manifest")]
    Json(#[from] serde_json::Error),
}

impl Bundle {
    /// From files by their names; `manifest` without its list.
    pub fn new(
        files: BTreeMap<String, Vec<u8>>,
        mut manifest: Manifest,
    ) -> Result<Self, BundleError> {
        let mut entries: BTreeMap<String, Vec<u8>> = files
            .into_iter()
            .map(|(name, bytes)| (format!("{FILES}{name}"), bytes))
            .collect();
        manifest.files = entries
            .iter()
            .map(|(name, bytes)| FileHash {
                name: name.clone(),
                bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                sha256: Hash::of(bytes),
            })
            .collect();
        let manifest = serde_json::to_vec(&manifest)?;
        let root = root_of(&manifest);
        entries.insert(MANIFEST.to_owned(), manifest);
        // A name that no container takes is found before anything is recorded.
        container::write(&entries)?;
        Ok(Self { entries, root })
    }
}

/// The whole bundle, signed, with the proof of its entry in the log.
pub fn seal(bundle: Bundle, proof: &Proof, key: &ReportKey) -> Result<Vec<u8>, BundleError> {
    let Bundle { mut entries, root } = bundle;
    let seal = Seal {
        root,
        key: key.public(),
        signature: key.sign(&Seal::signed_bytes(&root)),
    };
    entries.insert(SEAL.to_owned(), serde_json::to_vec(&seal)?);
    entries.insert(PROOF.to_owned(), serde_json::to_vec(proof)?);
    Ok(container::write(&entries)?)
}
