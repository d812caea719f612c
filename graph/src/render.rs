//! Writers of a geometry. Comes in: a geometry; goes out: text in a format. It never places
//! anything.

pub mod svg;
