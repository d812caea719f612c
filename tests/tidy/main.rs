//! Rules of the repository, read from `git ls-files` and `cargo metadata`.

mod crates;
mod tree;
