//! The wire value of Daicho: what an agent says about its machine, and the short answers it gets.
//! Comes in: facts from the agent's probes, or bytes from the network; goes out: typed, checked,
//! signed values. It never reads a file, a socket, a clock or a random number.
//!
//! Each released wire version is a module; the newest is re-exported here.

#![forbid(unsafe_code)]

pub mod v1;

pub use v1::*;
