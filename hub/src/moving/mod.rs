//! `turumba move --to URL`: a private database goes to the operator's own, whole.
//!
//! The source is marked first, so that nothing can be written to it any more; rows then arrive in one transaction of
//! the target, which also compares them; the target can be used only when the source is sealed for good. Cut short
//! anywhere, the same command goes on.

mod rows;
mod target;

use std::{path::Path, str::FromStr as _, sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use model::{Clock as _, SystemClock};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

pub use self::target::refuse_unfinished;
use self::target::{State, Target};
use crate::{
    boot::{
        lock::{DataDir, Holder},
        mark::MOVED,
        postgres::{PrivatePostgres, has_home},
        secrets,
    },
    config::Config,
    house::{back_up, own_files, shared_files},
};

/// How long others may take to leave the source.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries the private database of the data directory to `url`.
pub async fn carry(config: &Config, url: &str) -> anyhow::Result<Value> {
    ensure!(
        config.database_url.is_none(),
        "DATABASE_URL is set: what turumba move carries is the private database of a data directory; unset it"
    );
    let to = options(url)?;
    let name = named(&to);
    let held = Arc::new(DataDir::hold(&config.data_dir, Holder::Command).await?);
    let data_dir = held.path().to_owned();
    ensure!(has_home(&data_dir), "{} has no private database to move", data_dir.display());
    let marked = MOVED.read(&data_dir);
    if let Some(marked) = &marked
        && marked["to"] != name.as_str()
    {
        bail!(
            "the database of {} is on its way to {}, not to {name}",
            data_dir.display(),
            marked["to"].as_str().unwrap_or("another database")
        );
    }
    if marked.as_ref().is_some_and(|marked| marked["state"] == "moved") {
        // the source is sealed; at most the target's mark is left, and files may have got a place since
        share_files(config, &data_dir).await?;
        Target::connect(&to, &name).await?.release().await?;
        return Ok(report(config, &data_dir, &name, &marked.unwrap_or_default()["moved"]));
    }

    let key =
        secrets::secret_key(config.secret_key.as_ref(), secrets::SealedIn::Private { data_dir: &data_dir })?;
    secrets::keep_proven(&data_dir, &key)?;
    // refused before anything is marked
    let mut target = Target::connect(&to, &name).await?;
    let private = PrivatePostgres::start(Arc::clone(&held), &config.private_postgres()).await?;
    let from = private.connect_options().disable_statement_logging();
    let moved = async {
        bus::Store::migrate(&from, || back_up(config, &from, &data_dir, true)).await?;
        let mut source = from.connect().await?;
        let state = target.claim(&source_id(&mut source).await?).await?;
        MOVED.set(&data_dir, &json!({ "state": "moving", "to": name }))?;
        alone(&mut source).await?;
        if state == State::Empty {
            bus::Store::migrate(&to, || async { Ok::<(), std::io::Error>(()) }).await?;
        }
        let moved = rows::carry(&mut source, target.connection(), state == State::Filled).await?;
        source.close().await?;
        Ok::<_, anyhow::Error>(moved)
    }
    .await;
    private.stop().await;
    let moved = moved?;
    share_files(config, &data_dir).await?;
    MOVED
        .set(&data_dir, &json!({ "state": "moved", "to": name, "at": SystemClock.now(), "moved": moved }))?;
    target.release().await?;
    Ok(report(config, &data_dir, &name, &moved))
}

/// Copies the files to where several hubs reach them, if such a place is given. Once more is no harm.
async fn share_files(config: &Config, data_dir: &Path) -> anyhow::Result<()> {
    if let (Some(shared), Some(own)) = (shared_files(config, data_dir)?, own_files(data_dir)?) {
        shared.take_all(&own).await.map_err(anyhow::Error::msg).context("FILES_URL")?;
    }
    Ok(())
}

/// Calls off a move that has not ended: the source may be used again, the target never.
pub async fn give_up(config: &Config) -> anyhow::Result<Value> {
    let held = DataDir::hold(&config.data_dir, Holder::Command).await?;
    let Some(marked) = MOVED.read(held.path()) else {
        bail!("no move was begun from {}", held.path().display())
    };
    ensure!(
        marked["state"] != "moved",
        "the move to {} has ended; there is nothing to give up",
        marked["to"]
    );
    MOVED.clear(held.path())?;
    Ok(json!({ "given_up": marked["to"], "data_dir": held.path() }))
}

fn report(config: &Config, data_dir: &Path, name: &str, moved: &Value) -> Value {
    let files = match &config.files_url {
        Some(shared) => format!("set FILES_URL as it is now: the files were copied to {shared}"),
        None => format!(
            "keep {} as the data directory: files lie in it. For several hubs run the same command with FILES_URL set \
             before the first of them starts: it copies them there",
            data_dir.display()
        ),
    };
    json!({
        "moved_to": name,
        "moved": moved,
        "sealed": data_dir,
        "next": [
            format!("set DATABASE_URL to {name} (with its user and password)"),
            format!("set TURUMBA_SECRET_KEY to the text of {}", data_dir.join(secrets::FILE).display()),
            files,
        ],
    })
}

fn options(url: &str) -> anyhow::Result<PgConnectOptions> {
    ensure!(
        ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)),
        "--to must begin with postgres://, as in postgres://user:password@host:5432/database"
    );
    Ok(PgConnectOptions::from_str(url).context("--to cannot be used")?.disable_statement_logging())
}

/// Where it goes, without anything secret.
fn named(to: &PgConnectOptions) -> String {
    let host =
        to.get_socket().map_or_else(|| to.get_host().to_owned(), |socket| socket.display().to_string());
    format!("postgres://{host}:{}/{}", to.get_port(), to.get_database().unwrap_or(to.get_username()))
}

/// The source's epoch names it: it is made with the database and stays for its life.
async fn source_id(source: &mut PgConnection) -> anyhow::Result<String> {
    let epoch: Option<String> =
        sqlx::query_scalar("SELECT epoch::text FROM installation").fetch_optional(source).await?;
    epoch.context("this database has never been used by a hub; there is nothing to move")
}

/// Whoever came before the mark was set may still be writing. The server notices only after a moment that somebody was
/// killed.
async fn alone(source: &mut PgConnection) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let others: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        .fetch_one(&mut *source)
        .await?;
        if others == 0 {
            return Ok(());
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "{others} other connections use the database; end them and run this again"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_secret_is_named() {
        let to = super::options("postgres://me:hunter2@db.example:6000/chat?sslmode=require").unwrap();
        assert_eq!(super::named(&to), "postgres://db.example:6000/chat");
        assert!(super::options("mysql://db").is_err());
    }
}
