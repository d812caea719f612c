//! Impact（影響範囲）: what can be reached from damaged things, where they may have come in, and what
//! to cut. Comes in: a ledger, its network and the damaged things; goes out: a scope whose every step
//! names its evidence, and a cut plan. It never joins two realms without evidence, and never says
//! that a way is blocked: it knows no rules of firewalls.

mod account;
mod backup;
mod cut;
mod entry;
mod flow;
mod model;
mod name;
mod narrow;
mod narrow_sheet;
mod order;
mod overlay;
mod place;
mod plan;
mod quick;
mod scope;
mod snapshot;
mod summary;
mod system_sheet;
mod table;
mod tool;
mod weight;
mod what_if;
mod word;

pub use backup::{Backup, backups};
pub use cut::{Gate, MinCut, min_cut};
pub use entry::{Entry, EntryReason};
pub use model::{Model, Proof, Reason, Step, Thing, ThingKind};
pub use name::{Candidate, Unresolved, resolve};
pub use narrow::{Single, Walk, Ways, singles};
pub use order::{Part, Tier, Turn, parts, turns};
pub use overlay::overlay;
pub(crate) use place::Places;
pub use plan::{Act, Harm, Narrow, Plan, Stage, plan};
pub use quick::{Near, Quick, QuickError, QuickScope, quick_bytes};
pub use scope::{Damage, Reached, Scope, Shown, Silent, SystemHit, scope};
pub use snapshot::{Snapshot, Tree, Window};
pub use summary::{counted, fewest, headline, warnings};
pub use system_sheet::system_sheets;
pub use table::{Sheet, sheets};
pub use weight::{Gates, Means};
pub use what_if::{what_if, what_if_sheet};

use crate::list::Basis;

/// How surely something is reached.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// It is among the damaged things that were named.
    Damaged,
    /// Every step is talk, a mounted share or a host's guest that was observed（観測）.
    Observed,
    /// At least one step is a possibility alone（可能性）.
    Possible,
}

/// The resident graph: the model and the snapshot that queries run on.
#[derive(Debug)]
pub struct Resident {
    /// The model, a petgraph graph.
    pub model: Model,
    /// The same, immutable, for queries.
    pub snapshot: Snapshot,
    /// What can be closed.
    pub gates: Gates,
}

impl Resident {
    /// Built once for a ledger, asked many times.
    #[must_use]
    pub fn of(basis: Basis<'_>) -> Self {
        let model = Model::of(basis);
        let snapshot = Snapshot::of(&model);
        let gates = Gates::of(basis, &model, &snapshot);
        Self {
            model,
            snapshot,
            gates,
        }
    }

    /// The row of a thing's id.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<u32> {
        self.model.find(id).and_then(|it| self.snapshot.row(it))
    }
}

#[cfg(test)]
pub(crate) mod tests;
