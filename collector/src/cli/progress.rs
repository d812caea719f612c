//! A progress bar on standard error; nothing where that is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `length` steps.
pub(super) fn bar(length: u64, text: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(text.to_owned());
    bar
}
