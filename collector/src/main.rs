//! `daicho-collector`: the server and its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    daicho_collector::cli::run()
}
