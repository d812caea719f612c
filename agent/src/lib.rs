//! The agent of Daicho.
