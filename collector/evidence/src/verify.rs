//! The check of a bundle. Comes in: its bytes, and what is known of its maker; goes out: a verdict and
//! every file that was touched, by name. Whatever bit is changed, it is never found to be whole.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{Hash, ReportKeyPublic, TreeHead};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::container::{self, ContainerError};
use crate::manifest::{FILES, FORMAT, MANIFEST, Manifest, PROOF, Proof, SEAL, Seal, root_of};
use crate::tree;

/// What the one who checks knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The collector's public key.
    pub key: Option<ReportKeyPublic>,
    /// The root, from paper.
    pub root: Option<Hash>,
}

/// How a bundle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 改ざんなし（発行者を確認）.
    Whole,
    /// 改ざんなし（発行者は未確認）: nothing tells who made it.
    WholeUnknownIssuer,
    /// 改ざんあり, or not the bundle that was expected.
    Changed,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Which file; empty: the whole.
    pub file: String,
    /// What was found.
    pub what: Fault,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Its bytes are not those that were signed.
    Changed,
    /// It is not there.
    Missing,
    /// It was put in.
    Added,
    /// It cannot be read.
    Unreadable,
    /// Order, times or bytes between the files are not those of a bundle.
    Container,
    /// The signature is not of this key over this root.
    Signature,
    /// The entry of the log does not lead to the signed head, or is about another bundle.
    Proof,
    /// Another key than the one that was given.
    OtherKey,
    /// Another root than the one that was given.
    OtherRoot,
}

/// The result of a check.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// How it stands.
    pub verdict: Verdict,
    /// Its root, from the manifest that is in it.
    pub root: Hash,
    /// Whose key signed it.
    pub key: Option<ReportKeyPublic>,
    /// What it holds, where that can be read.
    pub manifest: Option<Manifest>,
    /// What is wrong, sorted.
    pub problems: Vec<Problem>,
}

/// Checks a bundle.
pub fn verify(bytes: &[u8], expected: &Expected) -> Result<Outcome, ContainerError> {
    let entries = container::read(bytes)?;
    let mut problems = BTreeSet::new();
    let mut found = |file: &str, what: Fault| {
        problems.insert(Problem {
            file: file.to_owned(),
            what,
        });
    };
    let manifest: Option<Manifest> = part(&entries, MANIFEST, &mut found);
    let seal: Option<Seal> = part(&entries, SEAL, &mut found);
    let proof: Option<Proof> = part(&entries, PROOF, &mut found);
    let root = entries.get(MANIFEST).map_or(Hash::ZERO, |it| root_of(it));
    if let Some(manifest) = &manifest {
        files(&entries, manifest, &mut found);
    }
    if let Some(seal) = &seal {
        signature(seal, &root, expected, &mut found);
        if let Some(proof) = &proof
            && !holds(proof, &root, &seal.key)
        {
            found(PROOF, Fault::Proof);
        }
    }
    if expected.root.is_some_and(|it| it != root) {
        found("", Fault::OtherRoot);
    }
    if !container::is_canonical(bytes, &entries) {
        found("", Fault::Container);
    }
    let known = expected.key.is_some() || expected.root.is_some();
    let verdict = match (problems.is_empty(), known) {
        (false, _) => Verdict::Changed,
        (true, true) => Verdict::Whole,
        (true, false) => Verdict::WholeUnknownIssuer,
    };
    Ok(Outcome {
        verdict,
        root,
        key: seal.map(|it| it.key),
        manifest,
        problems: problems.into_iter().collect(),
    })
}

/// An entry of ours: its bytes must be those that its value gives, so that no other spelling passes.
fn part<T: Serialize + DeserializeOwned>(
    entries: &BTreeMap<String, &[u8]>,
    name: &str,
    found: &mut impl FnMut(&str, Fault),
) -> Option<T> {
    let Some(bytes) = entries.get(name) else {
        found(name, Fault::Missing);
        return None;
    };
    let value: Option<T> = serde_json::from_slice(bytes).ok();
    let same = |it: &T| serde_json::to_vec(it).is_ok_and(|written| written == *bytes);
    let value = value.filter(same);
    if value.is_none() {
        found(name, Fault::Unreadable);
    }
    value
}

fn files(
    entries: &BTreeMap<String, &[u8]>,
    manifest: &Manifest,
    found: &mut impl FnMut(&str, Fault),
) {
    if manifest.format != FORMAT || !manifest.files.is_sorted_by(|a, b| a.name < b.name) {
        found(MANIFEST, Fault::Unreadable);
    }
    let mut listed = BTreeSet::new();
    for file in &manifest.files {
        listed.insert(file.name.as_str());
        match entries.get(&file.name) {
            None => found(&file.name, Fault::Missing),
            Some(bytes) => {
                let length = u64::try_from(bytes.len()) == Ok(file.bytes);
                if !length || Hash::of(bytes) != file.sha256 || !file.name.starts_with(FILES) {
                    found(&file.name, Fault::Changed);
                }
            }
        }
    }
    let ours = [MANIFEST, SEAL, PROOF];
    let others = entries.keys().filter(|it| !ours.contains(&it.as_str()));
    for name in others.filter(|it| !listed.contains(it.as_str())) {
        found(name, Fault::Added);
    }
}

fn signature(seal: &Seal, root: &Hash, expected: &Expected, found: &mut impl FnMut(&str, Fault)) {
    if seal.root != *root {
        // The signed root is another one: the list of hashes was changed.
        found(MANIFEST, Fault::Changed);
    }
    let signed = Seal::signed_bytes(&seal.root);
    if seal.key.verify(&signed, &seal.signature).is_err() {
        found(SEAL, Fault::Signature);
    }
    if expected.key.as_ref().is_some_and(|it| *it != seal.key) {
        found(SEAL, Fault::OtherKey);
    }
}

/// Whether the entry is about this root, leads to the head, and the head is signed by the same key.
fn holds(proof: &Proof, root: &Hash, key: &ReportKeyPublic) -> bool {
    let head = &proof.head;
    let leaf = tree::leaf_hash(proof.leaf.as_bytes());
    let signed = TreeHead::signed_bytes(head.size, &head.root, head.at);
    proof.leaf.contains(&root.to_string())
        && tree::includes(&head.root, head.size, proof.position, &leaf, &proof.path)
        && key.verify(&signed, &head.signature).is_ok()
}
