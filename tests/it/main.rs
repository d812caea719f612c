//! End to end: the built programs, as a person runs them.
