//! The program `daicho-agent`: reads the command line, runs one command, ends with its exit code.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    ExitCode::from(cli::main(&cli::Cli::parse()).code())
}
