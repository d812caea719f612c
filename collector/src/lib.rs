//! The collector of Daicho.
