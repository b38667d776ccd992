//! A copy of the private database in one file, by `pg_dump`.

use std::{path::Path, time::Duration};

use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

use super::{Options, PostgresError, binaries};

/// Longest that a copy may take.
const TIME_LIMIT: Duration = Duration::from_secs(1800);

/// Writes the database to `file` in the custom format of `pg_dump`, readable by `pg_restore` of this or
/// a newer major version. The file appears whole or not at all.
pub async fn dump(connect: &PgConnectOptions, options: &Options, file: &Path) -> Result<(), PostgresError> {
    let program = binaries::newest(options.postgres_bin.as_deref())?.program("pg_dump");
    let failed = |error: String| PostgresError::Dump { file: file.to_owned(), error };
    let partial = file.with_extension("partial");
    let mut command = Command::new(&program);
    command
        .arg("--format=custom")
        .arg("--no-password")
        .arg("--username")
        .arg(connect.get_username())
        .arg("--file")
        .arg(&partial)
        .kill_on_drop(true);
    match connect.get_socket() {
        Some(socket) => command.arg("--host").arg(socket),
        None => command.arg("--host").arg(connect.get_host()),
    };
    command.arg("--port").arg(connect.get_port().to_string());
    command.arg(connect.get_database().unwrap_or("postgres"));
    let output = tokio::time::timeout(TIME_LIMIT, command.output())
        .await
        .map_err(|_| failed(format!("it took longer than {} s", TIME_LIMIT.as_secs())))?
        .map_err(|error| failed(format!("{} cannot be run: {error}", program.display())))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    std::fs::rename(&partial, file).map_err(|error| failed(error.to_string()))
}
