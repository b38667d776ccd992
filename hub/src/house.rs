//! What every command and the hub itself stand on: the database, its schema, and the inbox over it.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use anyhow::Context as _;
use bus::{Nudges, Store, StoreClock, store::StoreOptions};
use inbox::{Inbox, Profiles, SecretBox, Settings, uploads::Files};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

use crate::{
    boot::{
        hubs::Admitted,
        lock::{DataDir, Holder},
        mark::refuse_marked,
        postgres::{Attached, PostgresError, PrivatePostgres, attach_or_start, dump},
        secrets::{SealedIn, keep_proven, secret_key},
    },
    config::{Config, FilesUrl, ServiceUrl},
    moving::refuse_unfinished,
};

/// Whose database it is, and what has to be done when it is no longer needed.
enum Database {
    /// This hub's own.
    Private(Box<PrivatePostgres>),
    /// A running hub's, or one that this command started.
    Attached(Box<Attached>),
    /// The operator's, by `DATABASE_URL`.
    Operators,
}

/// An open installation.
pub struct House {
    pub inbox: Inbox,
    /// The one that `inbox` goes by; a hub has it follow the database's.
    pub clock: Arc<StoreClock>,
    /// How to reach the database as its owner.
    pub connect: PgConnectOptions,
    /// The data directory, held by this process if it is a hub.
    pub data_dir: PathBuf,
    held: Option<Arc<DataDir>>,
    database: Database,
    /// Kept until the end; see there.
    _admitted: Option<Admitted>,
}

impl House {
    /// Opens it for a hub: holds the data directory and runs the private database, or uses the
    /// operator's; brings the schema up to date.
    pub async fn of_hub(config: &Config) -> anyhow::Result<Self> {
        let held = Arc::new(DataDir::hold(&config.data_dir, Holder::Hub).await?);
        let data_dir = held.path().to_owned();
        let (database, options) = if let Some(options) = operators(config)? {
            (Database::Operators, options)
        } else {
            refuse_marked(&data_dir)?;
            // before the database answers: a command that finds it running must find its key, too
            secret_key(config.secret_key.as_ref(), SealedIn::Private { data_dir: &data_dir })?;
            let private = PrivatePostgres::start(Arc::clone(&held), &config.private_postgres()).await?;
            let options = private.connect_options();
            (Database::Private(Box::new(private)), options)
        };
        Self::open(config, database, options, data_dir, Some(held)).await
    }

    /// Opens it for a command, beside a running hub or alone.
    pub async fn of_command(config: &Config) -> anyhow::Result<Self> {
        let (database, options) = if let Some(options) = operators(config)? {
            (Database::Operators, options)
        } else {
            refuse_marked(&config.data_dir)?;
            let attached = attach_or_start(&config.data_dir, &config.private_postgres()).await?;
            let options = attached.connect_options();
            (Database::Attached(Box::new(attached)), options)
        };
        let data_dir = config.data_dir.canonicalize().unwrap_or_else(|_| config.data_dir.clone());
        Self::open(config, database, options, data_dir, None).await
    }

    async fn open(
        config: &Config,
        database: Database,
        options: PgConnectOptions,
        data_dir: PathBuf,
        held: Option<Arc<DataDir>>,
    ) -> anyhow::Result<Self> {
        let is_hub = held.is_some();
        let connect = options.clone().disable_statement_logging();
        let (inbox, clock, admitted) = match Self::inbox(config, &database, options, &data_dir, is_hub).await
        {
            Ok(opened) => opened,
            Err(error) => {
                // what was started for this is not left behind
                database.leave().await;
                return match &config.database_url {
                    Some(url) => Err(error.context(format!("DATABASE_URL ({url:?})"))),
                    None => Err(error),
                };
            }
        };
        Ok(Self { inbox, clock, connect, data_dir, held, database, _admitted: admitted })
    }

    async fn inbox(
        config: &Config,
        database: &Database,
        options: PgConnectOptions,
        data_dir: &std::path::Path,
        is_hub: bool,
    ) -> anyhow::Result<(Inbox, Arc<StoreClock>, Option<Admitted>)> {
        let sealed_in = match database {
            Database::Operators => SealedIn::Operators,
            Database::Private(_) | Database::Attached(_) => SealedIn::Private { data_dir },
        };
        let key = secret_key(config.secret_key.as_ref(), sealed_in)?;
        let options = options.disable_statement_logging();
        let is_private = !matches!(database, Database::Operators);
        if !is_private {
            refuse_unfinished(&options).await?;
        }
        let admitted = if is_hub && !is_private {
            Some(Admitted::to(&options, config.redis_url.is_some()).await?)
        } else {
            None
        };
        Store::migrate(&options, || back_up(config, &options, data_dir, is_private)).await?;
        let limits = StoreOptions {
            app_connections: if is_hub { config.database.app_connections } else { 3 },
            system_connections: if is_hub { config.database.system_connections } else { 3 },
            acquire_timeout: config.database.acquire_timeout,
            statement_timeout: config.database.statement_timeout,
        };
        let mut store = Store::open(options, &limits, Nudges::default()).await?;
        if let Some(replica) = replica(config)?.filter(|_| is_hub) {
            store = store.with_replica(&replica, &limits, config.database.replica_max_lag);
        }
        let clock = StoreClock::start(store.clone()).await.map_err(model::Error::from)?;
        let profiles: Profiles = channels::registry()
            .profiles()
            .map(|profile| ((profile.channel_type, profile.provider.to_ascii_lowercase()), profile.clone()))
            .collect();
        let inbox =
            Inbox::new(store, clock.clone(), SecretBox::new(*key.bytes())?, settings(config), profiles);
        inbox::identity::keys::check(&inbox).await.context(match database {
            Database::Operators => "TURUMBA_SECRET_KEY is not the key that this database's secrets are sealed with",
            Database::Private(_) | Database::Attached(_) => {
                "the secret key is not the one that this database's secrets are sealed with; put secret.key of the \
                 data directory back from your backup, or give the key as TURUMBA_SECRET_KEY"
            }
        })?;
        if is_private {
            keep_proven(data_dir, &key)?;
        }
        // numbers mean something only within one life of the database
        inbox::agents::epoch(&inbox).await?;
        Ok((inbox, clock, admitted))
    }

    /// Whether this hub is the only one that can use its database.
    pub fn is_private(&self) -> bool {
        matches!(self.database, Database::Private(_))
    }

    /// Where bodies of webhooks are kept that could not be stored at once.
    pub fn journal_dir(&self) -> PathBuf {
        self.data_dir.join("journal")
    }

    /// Closes the pools, then leaves or stops the database.
    pub async fn close(self) {
        self.inbox.store().close().await;
        self.database.leave().await;
        drop(self.held);
    }
}

/// Before the schema of a private database changes, a copy of it is kept beside it. Whoever brought their
/// own database keeps their own copies.
pub(crate) async fn back_up(
    config: &Config,
    options: &PgConnectOptions,
    data_dir: &Path,
    is_private: bool,
) -> Result<(), PostgresError> {
    tracing::info!("the schema is older than this program and is brought up to date");
    if !is_private {
        return Ok(());
    }
    let file = data_dir.join(format!("before-{}-{}.dump", env!("CARGO_PKG_VERSION"), uuid::Uuid::now_v7()));
    dump(options, &config.private_postgres(), &file).await?;
    tracing::info!(file = %file.display(), "a copy of the database was made before the change");
    Ok(())
}

impl Database {
    async fn leave(self) {
        match self {
            Self::Private(private) => private.stop().await,
            Self::Attached(attached) => attached.release().await,
            Self::Operators => {}
        }
    }
}

/// Where files lie that belong to no other hub.
const OWN_FILES: &str = "files";

/// Where files lie: where several hubs share them, else in the data directory.
pub fn files_place(config: &Config, data_dir: &Path) -> FilesUrl {
    config.files_url.clone().unwrap_or_else(|| FilesUrl::Folder(data_dir.join(OWN_FILES)))
}

/// The data directory's own files, if it has any.
pub fn own_files(data_dir: &Path) -> anyhow::Result<Option<Files>> {
    let folder = data_dir.join(OWN_FILES);
    folder.is_dir().then(|| open_files(&FilesUrl::Folder(folder))).transpose()
}

/// Where `FILES_URL` points to, if that is not the data directory's own folder.
pub fn shared_files(config: &Config, data_dir: &Path) -> anyhow::Result<Option<Files>> {
    let Some(place) = &config.files_url else { return Ok(None) };
    let files = open_files(place)?;
    let own = data_dir.join(OWN_FILES).canonicalize().ok();
    let is_own =
        matches!(place, FilesUrl::Folder(folder) if own.is_some() && folder.canonicalize().ok() == own);
    Ok((!is_own).then_some(files))
}

pub fn open_files(place: &FilesUrl) -> anyhow::Result<Files> {
    match place {
        FilesUrl::Folder(folder) => Files::folder(folder),
        FilesUrl::Bucket(bucket) => Files::bucket(bucket),
    }
    .with_context(|| format!("{place} cannot be used for files"))
}

fn operators(config: &Config) -> anyhow::Result<Option<PgConnectOptions>> {
    config.database_url.as_ref().map(|url| named("DATABASE_URL", url)).transpose()
}

fn replica(config: &Config) -> anyhow::Result<Option<PgConnectOptions>> {
    let Some(url) = &config.database_replica_url else { return Ok(None) };
    Ok(Some(named("DATABASE_REPLICA_URL", url)?.disable_statement_logging()))
}

/// The database that a setting names.
fn named(setting: &'static str, url: &ServiceUrl) -> anyhow::Result<PgConnectOptions> {
    anyhow::ensure!(
        ["postgres://", "postgresql://"].iter().any(|scheme| url.reveal().starts_with(scheme)),
        "{setting} must begin with postgres://, as in postgres://user:password@host:5432/database"
    );
    PgConnectOptions::from_str(url.reveal()).with_context(|| format!("{setting} cannot be used"))
}

fn settings(config: &Config) -> Settings {
    Settings {
        public_url: config.public_url.as_str().trim_end_matches('/').to_owned(),
        upload_max: config.uploads.max.0,
        reply_max_age: config.dispatch.reply_max_age,
        offline_requeue: config.presence.offline_after,
        access_token: config.auth.access_token,
        refresh_token: config.auth.refresh_token,
        visitor_token: config.auth.visitor_token,
        upload_expires: config.uploads.expires,
        link_life: config.uploads.link_life,
    }
}
