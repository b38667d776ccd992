//! `turumba restore`: a backup into an empty data directory, with a private database.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, postgres::PgConnectOptions};

use super::{BODIES, FILES, KEY, Manifest, ROWS, SPOOL, archive::Verified, blocking};
use crate::{
    boot::{
        lock::{DataDir, Holder},
        mark,
        postgres::{self, PrivatePostgres},
        secrets,
    },
    config::Config,
    house::{House, own_files, shared_files},
};

/// What an empty data directory may hold.
const NOT_COUNTED: &[&str] = &["hub.lock", "users.lock", "turumba.toml", "backups", "lost+found"];

/// Restores `file`. Cut short, it is begun again by the same command.
pub async fn restore(config: &Config, file: PathBuf) -> anyhow::Result<Value> {
    ensure!(
        config.database_url.is_none(),
        "a backup is restored into a private database: unset DATABASE_URL (turumba move carries it on from there)"
    );
    let opened = {
        let file = file.clone();
        Arc::new(blocking(move || Verified::<Manifest>::open(&file)).await?)
    };
    let manifest = opened.manifest.clone();
    let options = config.private_postgres();
    let here = postgres::newest_major(&options)?;
    ensure!(
        here >= manifest.postgres,
        "{} was written by PostgreSQL {}, and the newest here is {here}; install PostgreSQL {} or newer",
        file.display(),
        manifest.postgres,
        manifest.postgres,
    );
    ensure!(
        manifest.has_key || config.secret_key.is_some(),
        "{} does not hold the secret key that its secrets are sealed with; give it as TURUMBA_SECRET_KEY",
        file.display()
    );

    let held = Arc::new(DataDir::hold(&config.data_dir, Holder::Command).await?);
    let data_dir = held.path().to_owned();
    let is_begun = mark::RESTORING.is_set(&data_dir);
    if !is_begun {
        is_empty(&data_dir)?;
    }
    let shared = shared_files(config, &data_dir)?;
    if !is_begun {
        if let Some(shared) = &shared {
            let is_empty = shared.is_empty().await.map_err(anyhow::Error::msg).context("FILES_URL")?;
            ensure!(is_empty, "there are files already where FILES_URL points to; give an empty place");
        }
        mark::RESTORING.set(&data_dir, &json!({ "from": file }))?;
    }
    let place = {
        let data_dir = data_dir.clone();
        move |name: &str| {
            let known = [ROWS, KEY].contains(&name)
                || [SPOOL, BODIES, FILES].iter().any(|folder| name.starts_with(&format!("{folder}/")));
            known.then(|| data_dir.join(name))
        }
    };
    let extracted = Arc::clone(&opened);
    blocking(move || extracted.extract(place)).await?;
    if let (Some(shared), Some(own)) = (&shared, own_files(&data_dir)?) {
        shared.take_all(&own).await.map_err(anyhow::Error::msg).context("FILES_URL")?;
        std::fs::remove_dir_all(data_dir.join(FILES))?;
    }
    if !manifest.has_key {
        secrets::secret_key(config.secret_key.as_ref(), secrets::SealedIn::Private { data_dir: &data_dir })?;
    }

    let rows = data_dir.join(ROWS);
    let private = PrivatePostgres::start(Arc::clone(&held), &options).await?;
    let loaded = load(&private.connect_options(), &options, &rows).await;
    private.stop().await;
    loaded?;
    std::fs::remove_file(&rows).with_context(|| format!("removing {}", rows.display()))?;
    File::open(&data_dir)?.sync_all()?;
    mark::RESTORING.clear(&data_dir)?;
    drop(held);

    // the schema is brought up to this program's, and the key is proven
    let house = House::of_command(config).await?;
    let found = counts(&house).await;
    house.close().await;
    let (accounts, messages, waiting) = found?;
    Ok(json!({
        "restored": file,
        "made_at": manifest.made_at,
        "data_dir": data_dir,
        "accounts": accounts,
        "messages": messages,
        // they leave when the hub starts; some may have left after the backup was made
        "waiting_to_be_sent": waiting,
    }))
}

fn is_empty(data_dir: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(data_dir)? {
        let name = entry?.file_name();
        ensure!(
            NOT_COUNTED.iter().any(|known| name == *known),
            "the data directory {} is not empty (there is {}); a backup is restored into an empty one, choose it with \
             --data-dir",
            data_dir.display(),
            name.to_string_lossy(),
        );
    }
    Ok(())
}

/// Fills the database with the rows of a dump, from nothing.
async fn load(connect: &PgConnectOptions, options: &postgres::Options, rows: &Path) -> anyhow::Result<()> {
    let mut server = connect.clone().database("postgres").connect().await?;
    server.execute("DROP DATABASE IF EXISTS turumba WITH (FORCE)").await?;
    server.execute("CREATE DATABASE turumba").await?;
    server.close().await?;
    bus::Store::make_roles(connect).await?;
    postgres::restore(connect, options, rows).await?;
    let mut connection = connect.connect().await?;
    // numbers of the life that the backup was made in mean nothing from here on
    connection.execute("UPDATE installation SET identity = 'restored'").await?;
    connection.close().await?;
    Ok(())
}

async fn counts(house: &House) -> anyhow::Result<(i64, i64, i64)> {
    let mut connection = house.connect.connect().await?;
    let found = sqlx::query_as(
        "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM messages),
                (SELECT count(*) FROM messages WHERE status IN ('queued', 'sending'))",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(found)
}
