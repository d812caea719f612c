//! The collector of Daicho.
pub mod cli;
pub mod clock;
pub mod refusal;
