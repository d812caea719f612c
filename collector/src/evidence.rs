//! Evidence bundles（証跡）of the site. Comes in: the site at a moment and who asks; goes out: a bundle
//! whose export is an entry of the log that the bundle proves. The one to be shown（提示用）has addresses,
//! hardware addresses and serial numbers masked and names its original.

pub mod content;
mod mask;
mod readme;

use std::collections::BTreeMap;

use daicho_evidence::manifest::FORMAT;
use daicho_evidence::{Bundle, Form, Manifest, Proof, tree};
use daicho_ledger::Lang;
use daicho_report::Hash;

use crate::export::{self, Signed};
use crate::hand::bounds;
use crate::log::{self, Act};
use crate::picture::Picture;
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{self, StoreError};
use content::Sources;
use mask::Mask;

/// Leaves read at once.
const CHUNK: u32 = 500;

/// Files by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Who asks for what.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// 作成者.
    pub by: &'a str,
    /// 承認者; empty: nobody yet.
    pub approver: &'a str,
    /// Language of the lists.
    pub lang: Lang,
}

/// A bundle and its root.
#[derive(Debug)]
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// To be printed on paper.
    pub root: Hash,
}

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A list could not be written.
    #[error(transparent)]
    Export(#[from] export::ExportError),
    /// A diagram could not be drawn.
    #[error(transparent)]
    Drawing(#[from] crate::drawing::DrawingError),
    /// There are too many serial numbers to look for.
    #[error("mask serial numbers")]
    Mask(#[from] aho_corasick::BuildError),
    /// The files make no bundle.
    #[error(transparent)]
    Bundle(#[from] daicho_evidence::bundle::BundleError),
}

/// 院内保管用: everything.
pub fn inside(
    site: &SiteCollector,
    sources: Sources<'_>,
    ask: Ask<'_>,
    lists: &Files,
) -> Result<Made, EvidenceError> {
    let mut files = lists.clone();
    files.extend(content::documents(site, sources.picture)?);
    files.extend(content::ledger(sources, &signed(site, ask)?, ask.lang)?);
    files.extend(content::drawings(sources, ask, None)?);
    make(site, sources, ask, (files, Form::Inside, None, Vec::new()))
}

/// 提示用: lists and diagrams with what locates and identifies machines masked.
pub fn present(
    site: &SiteCollector,
    sources: Sources<'_>,
    ask: Ask<'_>,
    (lists, original): (&Files, Hash),
) -> Result<Made, EvidenceError> {
    let mut mask = Mask::of(&sources.picture.ledger)?;
    let mut files = BTreeMap::new();
    for (name, bytes) in lists {
        let text = String::from_utf8_lossy(bytes);
        files.insert(name.clone(), mask.masked(&text).into_bytes());
    }
    files.extend(content::drawings(sources, ask, Some(&mut mask))?);
    let masked = mask.counts(ask.lang);
    let content = (files, Form::Present, Some(original), masked);
    make(site, sources, ask, content)
}

/// What every page says: who, and the log as it stands before the export.
fn signed(site: &SiteCollector, ask: Ask<'_>) -> Result<Signed, EvidenceError> {
    let head = store::read(site.store.as_ref(), |rows| log::newest_head(rows));
    let head = head.map_err(StoreError::refused)?;
    let root = head.map(|it| daicho_evidence::printable(&it.root));
    Ok(Signed {
        by: ask.by.to_owned(),
        approver: ask.approver.to_owned(),
        root: root.unwrap_or_default(),
    })
}

type Content = (Files, Form, Option<Hash>, Vec<(String, u64)>);

fn make(
    site: &SiteCollector,
    sources: Sources<'_>,
    ask: Ask<'_>,
    (mut files, form, original, masked): Content,
) -> Result<Made, EvidenceError> {
    bounds::person(ask.by)?;
    if !ask.approver.is_empty() {
        bounds::person(ask.approver)?;
    }
    let picture = sources.picture;
    let ledger = &picture.ledger;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        form,
        hospital: ledger.site.name.clone(),
        simulated: ledger.site.simulated,
        as_of: ledger.as_of,
        period: ledger.period,
        made_at: site.clock.now(),
        by: ask.by.to_owned(),
        approver: ask.approver.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        original,
        masked,
        files: Vec::new(),
    };
    files.insert(
        "README.txt".to_owned(),
        readme::text(&manifest, ledger, &sources.lacking()).into_bytes(),
    );
    let bundle = Bundle::new(files, manifest)?;
    let root = bundle.root;
    let position = record(site, ask.by, picture, (root, original))?;
    let proof = proof(site, position)?;
    let bytes = daicho_evidence::seal(bundle, &proof, &site.log_key)?;
    Ok(Made { bytes, root })
}

/// Writes the export into the log; where it stands.
fn record(
    site: &SiteCollector,
    by: &str,
    picture: &Picture,
    (root, original): (Hash, Option<Hash>),
) -> Result<u64, Refused> {
    let act = Act::Exported {
        root,
        by: by.to_owned(),
        as_of: picture.ledger.as_of,
        original,
    };
    site.write(|rows, now| {
        let position = log::stored_frontier(rows)?.size();
        site.log_act(rows, now, act)?;
        Ok(position)
    })
}

/// That an entry is in the log, under its newest head.
fn proof(site: &SiteCollector, position: u64) -> Result<Proof, Refused> {
    let corrupt = |at: u64| StoreError::Corrupt(format!("log entry {at}"));
    store::read(site.store.as_ref(), |rows| {
        let head = log::newest_head(rows)?.ok_or_else(|| corrupt(position))?;
        let (mut hashes, mut leaf, mut next) = (Vec::new(), None, 0);
        while next < head.size {
            let chunk = rows.leaves(next, CHUNK)?;
            let Some(last) = chunk.last() else { break };
            next = last.position + 1;
            for row in chunk {
                let bytes = row.leaf.ok_or_else(|| corrupt(row.position))?;
                hashes.push(tree::leaf_hash(&bytes));
                if row.position == position {
                    leaf = Some(bytes);
                }
            }
        }
        let index = usize::try_from(position).map_err(|_| corrupt(position))?;
        let path = tree::prove_inclusion(&hashes, index).ok_or_else(|| corrupt(position))?;
        let leaf = leaf.and_then(|it| String::from_utf8(it).ok());
        Ok(Proof {
            leaf: leaf.ok_or_else(|| corrupt(position))?,
            position,
            head,
            path,
        })
    })
    .map_err(StoreError::refused)
}

#[cfg(test)]
mod tests;
