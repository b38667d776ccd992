//! Logs: to standard error, for people or for machines.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging. A command logs warnings only: what it has to say it prints.
pub fn start(log: &Log, serves: bool) {
    let filter = if serves { log.level.0.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // a line that cannot be written (a full disk) is lost; to complain of it there would end whoever logged it
    let lines = lines.with_ansi(std::io::stderr().is_terminal()).log_internal_errors(false);
    let started = match log.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if let Err(error) = started {
        eprintln!("logging was started before: {error}");
    }
}
