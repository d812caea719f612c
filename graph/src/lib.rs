//! The network as a graph and its picture. Comes in: a ledger; goes out: a topology with evidence,
//! a geometry, and SVG text that is the same bytes for the same ledger. It never reads a file, a
//! socket, a clock or a random number.

#![forbid(unsafe_code)]

pub mod find;
pub mod finding;
pub mod impact;
pub mod layout;
pub mod list;
pub mod network;
pub mod recognise;
pub mod render;
pub mod talk;
pub mod text;
pub mod topology;

pub use layout::{Geometry, Lang, Options, layout};
pub use network::{Network, network};
pub use recognise::{Knowledge, Recognition, recognise};
pub use render::svg::svg;
pub use topology::{Topology, topology};

#[cfg(test)]
mod tests;
