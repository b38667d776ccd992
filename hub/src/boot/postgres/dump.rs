//! A copy of a database in one file, by `pg_dump`, and back by `pg_restore`.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use tokio::process::Command;

use super::{Options, PostgresError, binaries};

/// Longest that a copy may take.
const TIME_LIMIT: Duration = Duration::from_secs(6 * 3600);

/// The major version of the programs that copy.
pub fn newest_major(options: &Options) -> Result<u32, PostgresError> {
    Ok(binaries::newest(options.postgres_bin.as_deref())?.major)
}

/// Writes the database to `file` in the custom format of `pg_dump`, readable by `pg_restore` of this or
/// a newer major version. The file appears whole or not at all.
pub async fn dump(connect: &PgConnectOptions, options: &Options, file: &Path) -> Result<(), PostgresError> {
    let failed = |error: String| PostgresError::Dump { file: file.to_owned(), error };
    let partial = file.with_extension("partial");
    let (program, mut command) = program("pg_dump", connect, options)?;
    // everybody's rows are nobody else's on this machine, from the first byte; the program keeps the mode of what is there
    let _gone = std::fs::remove_file(&partial);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
    made.map_err(|error| failed(error.to_string()))?;
    command.arg("--format=custom").arg("--file").arg(&partial);
    let done = run(&program, command).await.map_err(failed);
    if done.is_err() {
        // half a copy is of no use
        let _gone = std::fs::remove_file(&partial);
    }
    done?;
    std::fs::rename(&partial, file).map_err(|error| failed(error.to_string()))
}

/// Fills an empty database from such a file, whole or not at all.
pub async fn restore(
    connect: &PgConnectOptions,
    options: &Options,
    file: &Path,
) -> Result<(), PostgresError> {
    let (program, mut command) = program("pg_restore", connect, options)?;
    command.args(["--exit-on-error", "--single-transaction", "--no-owner"]).arg(file);
    let failed = |error: String| PostgresError::Restore { file: file.to_owned(), error };
    run(&program, command).await.map(drop).map_err(failed)
}

/// A program of PostgreSQL's that connects as we do. Its password is not among its arguments, which others can read.
fn program(
    name: &str,
    connect: &PgConnectOptions,
    options: &Options,
) -> Result<(PathBuf, Command), PostgresError> {
    let program = binaries::newest(options.postgres_bin.as_deref())?.program(name);
    let mut command = Command::new(&program);
    match connect.get_socket() {
        Some(socket) => command.arg("--host").arg(socket),
        None => command.arg("--host").arg(connect.get_host()),
    };
    command
        .arg("--port")
        .arg(connect.get_port().to_string())
        .arg("--username")
        .arg(connect.get_username())
        .arg("--dbname")
        .arg(connect.get_database().unwrap_or("postgres"))
        .arg("--no-password")
        .kill_on_drop(true);
    let url = connect.to_url_lossy();
    if let Some(password) = url.password() {
        let password = percent_decoded(password);
        command.env("PGPASSWORD", password);
    }
    // the same words in both
    let mode = url.query_pairs().find(|(name, _)| name == "sslmode").map(|(_, mode)| mode.to_lowercase());
    if let Some(mode) = mode {
        command.env("PGSSLMODE", mode);
    }
    Ok((program, command))
}

fn percent_decoded(text: &str) -> String {
    // form decoding would take + for a space
    let pair = format!("p={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

async fn run(program: &Path, mut command: Command) -> Result<Output, String> {
    let output = tokio::time::timeout(TIME_LIMIT, command.output())
        .await
        .map_err(|_| format!("it took longer than {} s", TIME_LIMIT.as_secs()))?
        .map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_password_survives_its_url() {
        assert_eq!(super::percent_decoded("a%2Bb+c%20%25"), "a+b+c %");
    }
}
