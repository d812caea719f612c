//! What there is in the hospital, as the rules of a checklist count it. Comes in: rows that the lists
//! already made; goes out: the same by scope and by vendor. It joins nothing that the lists kept apart.

use std::collections::{BTreeMap, BTreeSet};

use super::form::Scope;
use crate::asset::{AgentAsset, AssetId};
use crate::ledger::Ledger;

/// A row of the lists of devices.
#[derive(Debug, Clone, Default)]
pub struct Thing {
    /// What it is called; nothing in it is hidden.
    pub name: String,
    /// The asset that it is.
    pub asset: Option<AssetId>,
    /// What people know it as; `None`: nobody has said what it is.
    pub scope: Option<Scope>,
    /// Whether people wrote it down（台帳への記入）; one with an agent stands there by itself.
    pub written: bool,
    /// What people keep for it, by field, as it is kept.
    pub fields: BTreeMap<String, String>,
    /// Keys or names of the vendors that maintain it.
    pub vendors: BTreeSet<String>,
}

/// A connection point.
#[derive(Debug, Clone, Default)]
pub struct PointRow {
    /// What it is called.
    pub name: String,
    /// Keys or names of its vendors.
    pub vendors: BTreeSet<String>,
    /// Whether it is written where the responsibilities meet.
    pub demarcation: bool,
    /// Whether it is written how to switch it off.
    pub switch_off: bool,
}

/// A system.
#[derive(Debug, Clone, Default)]
pub struct SystemRow {
    /// What it is called.
    pub name: String,
    /// Keys or names of its vendors.
    pub vendors: BTreeSet<String>,
    /// Whether it is written what stops in care without it.
    pub care: bool,
    /// Whether it is written in which order it is brought back.
    pub order: bool,
}

/// Everything that the rules count.
#[derive(Debug, Clone)]
pub struct Census<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Devices.
    pub things: Vec<Thing>,
    /// Connection points.
    pub points: Vec<PointRow>,
    /// Systems.
    pub systems: Vec<SystemRow>,
    /// Segments that the diagram shows.
    pub segments: usize,
    /// Vendors: key (or the name, where no entry has it) and name, sorted.
    pub vendors: BTreeMap<String, String>,
}

impl<'a> Census<'a> {
    /// What belongs to one vendor alone.
    #[must_use]
    pub fn of_vendor(&self, vendor: &str) -> Self {
        Self {
            ledger: self.ledger,
            things: kept(&self.things, |it| it.vendors.contains(vendor)),
            points: kept(&self.points, |it| it.vendors.contains(vendor)),
            systems: kept(&self.systems, |it| it.vendors.contains(vendor)),
            segments: self.segments,
            vendors: self
                .vendors
                .iter()
                .filter(|(key, _)| key.as_str() == vendor)
                .map(|(key, name)| (key.clone(), name.clone()))
                .collect(),
        }
    }

    /// Devices of a scope; those of which nobody has said what they are belong to every one.
    pub(super) fn within(&self, scope: &[Scope]) -> impl Iterator<Item = &Thing> {
        let scope = scope.to_vec();
        self.things
            .iter()
            .filter(move |it| scope.is_empty() || it.scope.is_none_or(|own| scope.contains(&own)))
    }

    /// Machines by their ids.
    pub(super) fn agents(&self) -> BTreeMap<&'a AssetId, &'a AgentAsset> {
        self.ledger.assets.iter().map(|it| (&it.id, it)).collect()
    }
}

impl Thing {
    /// What people keep in a field.
    pub(super) fn field(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    /// Whether it is still there: neither given back nor disposed of.
    pub(super) fn is_kept(&self) -> bool {
        !matches!(self.field("status"), Some("returned" | "disposed"))
    }
}

fn kept<T: Clone>(all: &[T], is: impl Fn(&T) -> bool) -> Vec<T> {
    all.iter().filter(|it| is(it)).cloned().collect()
}
