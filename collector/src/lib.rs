//! The collector of Daicho: what agents report comes in, the ledger and the diagram go out. It
//! depends on no agent code, runs nothing that it is sent, and asks no network.

pub mod as_of;
pub mod authority;
mod bounded;
pub mod carried;
pub mod check;
pub mod checklist;
pub mod cli;
pub mod clock;
pub mod config;
pub mod data_folder;
pub mod diff;
pub mod drawing;
pub mod enrol;
pub mod evidence;
pub mod export;
pub mod first_answer;
pub mod fonts;
pub mod hand;
pub mod ingest;
pub mod lang;
pub mod listen;
pub mod log;
pub mod out;
pub mod picture;
pub mod platform;
pub mod refusal;
pub mod search;
pub mod serve;
pub mod signatures;
pub mod simulated;
pub mod site;
pub mod snapshot;
pub mod store;
pub mod token;
pub mod web;
