//! The collector of Daicho.
pub mod cli;
