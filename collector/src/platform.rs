//! What differs between systems: private files and the wish to end. The only place with system
//! `cfg` in the collector.

mod private;
mod stop;

pub use private::{open_to_others, private_file, private_folder, sync_folder};
pub use stop::{ask_to_stop, stop_requested};

#[cfg(all(test, unix))]
mod tests;
