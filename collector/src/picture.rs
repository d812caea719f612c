//! A picture of the site at a moment: store → ledger → graph → layout, in that order. Comes in:
//! the store, the moment and the signatures; goes out: the ledger, the network with what was
//! recognised in it, and the diagram drawn from both. It writes nothing.

use std::sync::OnceLock;

use daicho_graph::layout::{Changes, Paper, Pinned, Subject, differ};
use daicho_graph::list::Basis;
use daicho_graph::talk::talks;
use daicho_graph::{Geometry, Knowledge, Network, Options};
use daicho_ledger::{Hand, Ledger, Site};
use daicho_render::About;
use daicho_report::{Hash, Time};

use crate::snapshot;
use crate::store::{Store, StoreError};

/// How far the picture looks back for flows and neighbours that have ended: as long as a declared
/// connection point may be unseen before that is a finding.
pub const LOOK_BACK_S: i64 = 30 * 24 * 60 * 60;

/// The site at a moment.
#[derive(Debug)]
pub struct Picture {
    /// The ledger.
    pub ledger: Ledger,
    /// The network, with everything recognised in it.
    pub network: Network,
    /// The hash of the ledger, once asked for: a ledger of ten thousand machines takes a third of a second.
    hash: OnceLock<Hash>,
}

/// How the diagram is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Language.
    pub lang: daicho_graph::Lang,
    /// Which diagram.
    pub view: Subject,
    /// Paper.
    pub paper: Paper,
    /// The earlier picture of a difference.
    pub since: Option<&'a Picture>,
    /// Whether flows are drawn over it.
    pub flows: bool,
    /// 作成者.
    pub author: String,
    /// 承認.
    pub approver: String,
    /// 版; empty: the day shown.
    pub revision: String,
}

/// Reads what had been received by `as_of` and derives the ledger alone.
pub fn ledger(store: &dyn Store, site: Site, as_of: Time) -> Result<Ledger, StoreError> {
    snapshot::ledger(store, site, as_of, LOOK_BACK_S)
}

/// Where people want things to stand on the diagram.
fn pins(hand: &Hand) -> Vec<Pinned> {
    let pins = hand.pins();
    pins.map(|(entry, pin)| Pinned {
        key: entry.key.clone(),
        pin: pin.clone(),
    })
    .collect()
}

impl Picture {
    /// Reads what had been received by `as_of` and derives ledger and network.
    pub fn at(
        store: &dyn Store,
        site: Site,
        as_of: Time,
        knowledge: &Knowledge,
    ) -> Result<Self, StoreError> {
        let ledger = ledger(store, site, as_of)?;
        let network = daicho_graph::network(&ledger, knowledge);
        Ok(Self {
            ledger,
            network,
            hash: OnceLock::new(),
        })
    }

    /// What the lists are made from.
    #[must_use]
    pub fn basis(&self) -> Basis<'_> {
        Basis {
            ledger: &self.ledger,
            topology: &self.network.topology,
            recognition: &self.network.recognition,
        }
    }

    /// The hash of the facts that the diagram is drawn from.
    #[must_use]
    pub fn data_hash(&self) -> Hash {
        // A ledger always has a JSON form: its keys are texts.
        let hash = || Hash::of(&serde_json::to_vec(&self.ledger).unwrap_or_default());
        *self.hash.get_or_init(hash)
    }

    /// Where everything stands.
    #[must_use]
    pub fn geometry(&self, lang: daicho_graph::Lang) -> Geometry {
        self.drawn(&Wanted {
            lang,
            ..Wanted::default()
        })
    }

    /// Where everything of a view stands; with an earlier picture, what changed since then too.
    #[must_use]
    pub fn drawn(&self, wanted: &Wanted<'_>) -> Geometry {
        let ledger = &self.ledger;
        let topology = &self.network.topology;
        let both = wanted
            .since
            .map(|it| differ(&it.network.topology, topology));
        let (topology, changes) = match &both {
            Some((all, changes)) => (all, changes.clone()),
            None => (topology, Changes::new()),
        };
        let options = Options {
            lang: wanted.lang,
            hospital: ledger.site.name.clone(),
            title: String::new(),
            revision: wanted.revision.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            author: wanted.author.clone(),
            approver: wanted.approver.clone(),
            as_of: Some(ledger.as_of),
            created_at: Some(ledger.as_of),
            period: ledger.period,
            utc_offset_s: ledger.site.utc_offset_s,
            data_hash: self.data_hash().to_string(),
            simulated: ledger.site.simulated,
            paper: wanted.paper,
            view: wanted.view,
            since: wanted.since.map(|it| it.ledger.as_of),
            changes,
            pins: pins(&ledger.hand),
            talks: wanted.flows.then(|| talks(self.basis())),
        };
        daicho_graph::layout(topology, &options)
    }

    /// What a document of the diagram says of itself.
    #[must_use]
    pub fn about(&self, geometry: &Geometry, lang: daicho_graph::Lang) -> About {
        About {
            title: geometry.name.clone(),
            author: String::new(),
            lang,
            created_at: Some(self.ledger.as_of),
            data_hash: self.data_hash().to_string(),
        }
    }

    /// The diagram as SVG.
    #[must_use]
    pub fn svg(&self, lang: daicho_graph::Lang) -> String {
        daicho_graph::svg(&self.geometry(lang))
    }
}
