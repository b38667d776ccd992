//! The `turumba` program.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    hub::cli::run(hub::cli::args::Cli::parse())
}
