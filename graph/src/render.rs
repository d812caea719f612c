//! Writers of a geometry, and what they share. Comes in: a geometry; goes out: text in a format. It never places
//! anything.

pub mod look;
pub mod svg;
