//! The ledger（台帳）as a value and its rules. Comes in: what the collector had received by a moment
//! ([`Input`]); goes out: assets with a value or a reason in every field ([`Ledger`]). It never
//! reads a file, a socket, a clock or a random number.

#![forbid(unsafe_code)]

pub mod asset;
pub mod cell;
pub mod checklist;
pub mod connection_point;
pub mod contact;
pub mod finding;
pub mod hand;
pub mod input;
pub mod ledger;
pub mod list;
pub mod maker;
pub mod support;
pub mod text;

pub use asset::{AgentAsset, AssetId, NeighbourSight, SeenAsset, WORTHLESS_MACS};
pub use cell::{Cell, State};
pub use connection_point::{Grade, PointKind, ZoneKind};
pub use finding::{Finding, Rules, Severity, findings};
pub use hand::Hand;
pub use input::{Carriage, Input, Interval, Kept, KeptSection, Observed, Presence, Site};
pub use ledger::{
    Coverage, Ledger, build, is_local_mac, is_worthless_mac, machine, normal_mac, of_machines,
};
pub use list::{Column, Layer, List, Row, column, columns, rows, seen_label};
pub use support::Release;
pub use text::Lang;
