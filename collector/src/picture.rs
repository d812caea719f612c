//! A picture of the site at a moment: store → ledger → graph → layout, in that order. Comes in:
//! the store and the moment; goes out: the ledger, and the diagram drawn from it.

use daicho_graph::{Geometry, Options};
use daicho_ledger::{Ledger, Site};
use daicho_report::{Hash, Time};

use crate::snapshot;
use crate::store::{Store, StoreError};

/// How far the picture looks back for flows and neighbours that have ended.
pub const LOOK_BACK_S: i64 = 7 * 24 * 60 * 60;

/// The site at a moment.
#[derive(Debug)]
pub struct Picture {
    /// The ledger.
    pub ledger: Ledger,
}

impl Picture {
    /// Reads what had been received by `as_of` and derives the ledger.
    pub fn at(store: &dyn Store, site: Site, as_of: Time) -> Result<Self, StoreError> {
        let input = snapshot::input(store, site, as_of, LOOK_BACK_S)?;
        Ok(Self {
            ledger: daicho_ledger::build(&input),
        })
    }

    /// The hash of the facts that the diagram is drawn from.
    #[must_use]
    pub fn data_hash(&self) -> Hash {
        // A ledger always has a JSON form: its keys are texts.
        Hash::of(&serde_json::to_vec(&self.ledger).unwrap_or_default())
    }

    /// Where everything stands.
    #[must_use]
    pub fn geometry(&self, lang: daicho_graph::Lang) -> Geometry {
        let ledger = &self.ledger;
        let options = Options {
            lang,
            hospital: ledger.site.name.clone(),
            title: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            author: String::new(),
            as_of: Some(ledger.as_of),
            created_at: Some(ledger.as_of),
            period: ledger.period,
            utc_offset_s: ledger.site.utc_offset_s,
            data_hash: self.data_hash().to_string(),
            simulated: ledger.site.simulated,
        };
        daicho_graph::layout(&daicho_graph::topology(ledger), &options)
    }

    /// The diagram as SVG.
    #[must_use]
    pub fn svg(&self, lang: daicho_graph::Lang) -> String {
        daicho_graph::svg(&self.geometry(lang))
    }
}
