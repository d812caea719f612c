//! What is printed. A closed pipe ends quietly, and nothing hidden reaches a terminal.

use std::io::Write;

pub(super) use crate::lang::Lang;
use crate::refusal::visible;

/// Prints a line on standard output.
pub(super) fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", shown(text)).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Prints a line on standard error; there is nowhere to complain if that fails.
pub(super) fn say_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", shown(text));
}

/// Line breaks are ours; everything else that hides is shown.
fn shown(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
