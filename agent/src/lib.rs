//! The agent of Daicho.

pub mod interval;
