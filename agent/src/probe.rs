//! Probes: raw values in, sections' bodies out. One file for each kind of fact; all are pure, are
//! built on every system, and never fail: what could not be learnt is a reading with its reason.

pub mod account;
pub mod antivirus;
mod field;
pub mod flow;
pub mod gauge;
pub mod hardware;
pub mod interface;
pub mod neighbour;
pub mod os;
pub mod route;
pub mod software;
