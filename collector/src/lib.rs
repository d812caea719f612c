//! The collector of Daicho.
pub mod cli;
pub mod clock;
pub mod refusal;
pub mod check;
pub mod enrol;
pub mod export;
pub mod ingest;
pub mod log;
pub mod site;
pub mod snapshot;
pub mod store;
pub mod token;
