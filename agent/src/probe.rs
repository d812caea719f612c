//! Probes: raw values in, sections' bodies out. One file for each kind of fact; all are pure, are
//! built on every system, and never fail: what could not be learnt is a reading with its reason.

pub mod account;
pub(crate) mod antivirus;
mod drive;
mod field;
pub mod firewall;
pub mod flow;
pub mod gauge;
pub mod guest;
pub mod hardware;
pub mod interface;
pub mod neighbour;
pub mod os;
pub mod patch;
pub mod policy;
pub mod printer;
pub(crate) mod product;
mod registry;
pub mod route;
pub mod service;
mod setting;
mod smbios;
pub mod software;
pub mod storage;
pub(crate) mod tool;
pub mod trace;
pub mod trust;
pub mod unit;
