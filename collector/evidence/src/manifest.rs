//! What stands beside the files: the list of their hashes, whose hash is the root of the bundle; the
//! signature of that root; and the proof that the export itself stands in the collector's log.

use daicho_report::{Hash, ReportKeyPublic, Signature, Time, TreeHead};
use serde::{Deserialize, Serialize};

/// The version of this form.
pub const FORMAT: &str = "daicho-evidence/1";
/// Names of the entries that vouch for the others.
pub const MANIFEST: &str = "manifest.json";
/// The signature.
pub const SEAL: &str = "signature.json";
/// The proof.
pub const PROOF: &str = "proof.json";
/// Files stand below this folder.
pub const FILES: &str = "files/";

/// For whom it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// 院内保管用: everything, stays in the hospital.
    Inside,
    /// 提示用: to be shown.
    Present,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileHash {
    /// Its name in the bundle.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
}

/// What the bundle holds and what of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// See [`FORMAT`].
    pub format: String,
    /// For whom.
    pub form: Form,
    /// The hospital, as its staff write it.
    pub hospital: String,
    /// Of a hospital that does not exist（模擬）.
    pub simulated: bool,
    /// Everything that had been received by then.
    pub as_of: Time,
    /// First and last receipt of the data.
    pub period: Option<(Time, Time)>,
    /// When it was made, by the collector's clock.
    pub made_at: Time,
    /// Who made it（作成者）.
    pub by: String,
    /// Who approved it（承認者）; empty: nobody yet.
    pub approver: String,
    /// Version of the collector.
    pub version: String,
    /// Of one to be shown: the root of its original, which stays in the hospital.
    pub original: Option<Hash>,
    /// Of one to be shown: what was masked, with how many values.
    pub masked: Vec<(String, u64)>,
    /// The files, sorted by name.
    pub files: Vec<FileHash>,
}

/// Who vouches for the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// SHA-256 of the manifest's bytes.
    pub root: Hash,
    /// The public half of the collector's log key.
    pub key: ReportKeyPublic,
    /// Over [`Seal::signed_bytes`].
    pub signature: Signature,
}

impl Seal {
    /// What the signature covers.
    #[must_use]
    pub fn signed_bytes(root: &Hash) -> Vec<u8> {
        format!("daicho evidence v1\n{root}\n").into_bytes()
    }
}

/// That the export is an entry of the collector's log（RFC 6962）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The entry's exact text; it names the root.
    pub leaf: String,
    /// Where it stands.
    pub position: u64,
    /// The head of the log that covers it, signed by the same key.
    pub head: TreeHead,
    /// Hashes beside the way from the entry to the head's root.
    pub path: Vec<Hash>,
}

/// The root of a bundle: the hash of its manifest's bytes.
#[must_use]
pub fn root_of(manifest: &[u8]) -> Hash {
    Hash::of(manifest)
}

/// A root as it is printed on paper: 16 groups of four digits.
#[must_use]
pub fn printable(root: &Hash) -> String {
    let digits: Vec<char> = root.to_string().to_uppercase().chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|it| it.iter().collect()).collect();
    groups.join("-")
}

/// Reads a root from paper: groups, blanks and letters of either case.
#[must_use]
pub fn from_paper(text: &str) -> Option<Hash> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '\u{2010}'..='\u{2015}' | '\u{3000}'))
        .collect();
    Hash::parse(&digits)
}
