//! The evidence bundle（証跡）: files, what vouches for them, and their check. Comes in: files and who
//! exports them, or the bytes of a bundle; goes out: the bytes, or a verdict that names what was
//! touched. It reads no file, no clock and no network.

pub mod bundle;
pub mod container;
pub mod manifest;
pub mod text;
pub mod tree;
pub mod verify;

pub use bundle::{Bundle, seal};
pub use container::ContainerError;
pub use manifest::{FileHash, Form, Manifest, Proof, Seal, printable, root_of};
pub use verify::{Expected, Outcome, Problem, Verdict, verify};

#[cfg(test)]
mod tests;
