//! `turumba backup` and `turumba restore`: everything of an installation in one file, and back.
//!
//! Rows come from `pg_dump`, which reads one snapshot while the hub works. What was acknowledged before is in the file:
//! webhooks on the disk (the spool) are read before the rows, because they move from there to the store; files
//! after them, because a row is written when its file lies there.

mod archive;
mod restore;
pub mod schedule;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bus::store::MIGRATOR;
use futures::TryStreamExt as _;
use inbox::Inbox;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use self::archive::Writer;
pub use self::{archive::ArchiveError, restore::restore};
use crate::{
    boot::{postgres, secrets},
    config::Config,
    house::{House, files_place, open_files},
};

/// The rows, in the custom format of `pg_dump`.
const ROWS: &str = "database.dump";
/// The key, as the data directory has it.
const KEY: &str = secrets::FILE;
/// Folders below the data directory whose files are carried.
const SPOOL: &str = "journal/spool";
/// Where an earlier version kept large bodies, until a hub has carried them to their rows.
const BODIES: &str = "journal/bodies";
const FILES: &str = "files";

/// What a backup says about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Manifest {
    /// The program that made it.
    version: String,
    made_at: chrono::DateTime<chrono::Utc>,
    /// The newest migration of its rows.
    schema: i64,
    /// The major version of the `pg_dump` that wrote its rows; an older `pg_restore` cannot read them.
    postgres: u32,
    /// Whether the secret key is in it.
    has_key: bool,
}

/// What is backed up.
#[derive(Clone)]
pub struct Source {
    inbox: Inbox,
    connect: PgConnectOptions,
    data_dir: PathBuf,
    config: Config,
}

impl Source {
    pub fn of(house: &House, config: &Config) -> Self {
        Self {
            inbox: house.inbox.clone(),
            connect: house.connect.clone(),
            data_dir: house.data_dir.clone(),
            config: config.clone(),
        }
    }
}

/// Where backups go that are not told where.
fn folder(config: &Config) -> PathBuf {
    config.backup.folder.clone().unwrap_or_else(|| config.data_dir.join("backups"))
}

/// Names sort as times do.
fn file_name(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("turumba-%Y%m%dT%H%M%SZ.backup").to_string()
}

/// `turumba backup`.
pub async fn command(source: &Source, to: Option<PathBuf>, with_key: bool) -> anyhow::Result<Value> {
    let file = match to {
        Some(file) => file,
        None => {
            let folder = folder(&source.config);
            crate::boot::lock::make_private_dir(&folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
            folder.join(file_name(source.inbox.now()))
        }
    };
    make(source, &file, with_key).await
}

/// Writes a backup to `file`, which appears whole or not at all; returns what is in it.
async fn make(source: &Source, file: &Path, with_key: bool) -> anyhow::Result<Value> {
    let Source { inbox, connect, data_dir, config } = source;
    if config.database_url.is_some() {
        may_read_everything(connect).await?;
    }
    let options = config.private_postgres();
    let key = secrets::kept_file(data_dir).filter(|_| with_key && config.database_url.is_none());
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: inbox.now(),
        schema: MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0),
        postgres: postgres::newest_major(&options)?,
        has_key: key.is_some(),
    };
    let (folder, to, said) = (data_dir.clone(), file.to_owned(), manifest.clone());
    let mut writer = blocking(move || {
        let mut writer = Writer::create(&to, &said)?;
        if let Some(key) = key {
            writer.file(KEY, &key)?;
        }
        // a segment is appended to while it is read: what is in it now is what was acknowledged before
        for (name, path) in walk(&folder.join(SPOOL), SPOOL)? {
            match std::fs::read(&path) {
                Ok(bytes) => writer.bytes(&name, &bytes)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(archive::failed("reading", &path)(error)),
            }
        }
        Ok(writer)
    })
    .await?;
    let rows = file.with_extension("rows");
    let dumped = postgres::dump(connect, &options, &rows).await;
    let (files, bodies) = (open_files(&files_place(config, data_dir))?, data_dir.join(BODIES));
    let remove = rows.clone();
    let written = async {
        dumped?;
        let mut writer = blocking(move || {
            writer.file(ROWS, &rows)?;
            Ok(writer)
        })
        .await?;
        let (mut count, mut contents) = (0, files.contents());
        while let Some((name, bytes)) = contents.try_next().await.map_err(anyhow::Error::msg)? {
            writer = blocking(move || {
                writer.bytes(&format!("{FILES}/{name}"), &bytes)?;
                Ok(writer)
            })
            .await?;
            count += 1;
        }
        let written = blocking(move || {
            for (name, path) in walk(&bodies, BODIES)? {
                count += u64::from(writer.file(&name, &path)?);
            }
            Ok((count, writer.finish()?))
        });
        anyhow::Ok(written.await?)
    }
    .await;
    // a part of the file by now, or of no use
    let _gone = std::fs::remove_file(&remove);
    let (count, bytes) = written?;
    Ok(
        json!({ "file": file, "bytes": bytes, "files": count, "has_key": manifest.has_key, "made_at": manifest.made_at }),
    )
}

/// Row-level security is forced, on the owner of the tables, too.
async fn may_read_everything(connect: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(connect).await.context("DATABASE_URL")?;
    let (login, may): (String, bool) = sqlx::query_as(
        "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    anyhow::ensure!(
        may,
        "the login {login} of DATABASE_URL may not read past row-level security, as a backup has to; let an \
         administrator run: ALTER ROLE {login} BYPASSRLS; (or back the database up with its own tools)"
    );
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(archive::failed("writing", Path::new("the backup"))(error.into())))
}

/// The files below a folder, with the names that they get; none where the folder is missing.
fn walk(folder: &Path, name: &str) -> Result<Vec<(String, PathBuf)>, ArchiveError> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(archive::failed("reading", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(archive::failed("reading", folder))?;
        let part = entry.file_name().to_string_lossy().into_owned();
        // a file with # is being written
        if part.contains('#') {
            continue;
        }
        let (name, path) = (format!("{name}/{part}"), entry.path());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(walk(&path, &name)?),
            Ok(kind) if kind.is_file() => found.push((name, path)),
            _ => {}
        }
    }
    found.sort();
    Ok(found)
}
