//! The private PostgreSQL: found, made, started, adopted, restarted and stopped by the hub itself.
//!
//! One cluster per data directory, reached only through a Unix socket in a folder that only its owner may enter. Its
//! server outlives a hub that is killed and is adopted by the next one; it is started again when it dies. Data is
//! flushed at every commit. A cluster is opened by programs of its own major version or not at all: an empty cluster
//! is never made beside one that is there.

mod binaries;
mod cluster;
mod dump;
mod home;
mod process;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};

pub use self::dump::{dump, newest_major, restore};
use self::{
    binaries::Binaries,
    cluster::Cluster,
    home::Home,
    process::{PidFile, Postmaster, lives, works_in},
};
use super::lock::{DataDir, DataDirError, Holder, join_users};

/// How long a fast shutdown may take before a harder one, for each step.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// How long a stopping hub lets commands that use its database finish.
const USERS_PATIENCE_HUB: Duration = Duration::from_secs(2);
/// How long a command that started the database lets others that use it finish.
const USERS_PATIENCE_COMMAND: Duration = Duration::from_mins(1);
/// How long a command waits for a database that another process is starting or stopping.
const ATTACH_PATIENCE: Duration = Duration::from_mins(1);
/// The first and the longest pause between restarts.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Why there is no private database.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    #[error(
        "no PostgreSQL is installed; install it with: {install} (or set DATABASE_URL to use one elsewhere)"
    )]
    NotInstalled { install: String },
    #[error("TURUMBA_POSTGRES_BIN names {dir}, where there is no postgres and initdb that run")]
    NamedBinariesMissing { dir: PathBuf },
    #[error(
        "PostgreSQL {major} in {dir} is too old (15 is the oldest that works); install a newer one with: {install}"
    )]
    TooOld { dir: PathBuf, major: u32, install: String },
    #[error(
        "the database in {cluster} was made by PostgreSQL {major}, whose programs are not here (found: {found}); \
         install them with: {install}, or name their folder in TURUMBA_POSTGRES_BIN"
    )]
    ClusterOfAnotherMajor { cluster: PathBuf, major: u32, found: String, install: String },
    #[error(
        "{home} holds clusters of several versions ({majors}): an upgrade was cut; move all but the right one away"
    )]
    SeveralClusters { home: PathBuf, majors: String },
    #[error("{cluster} is not a PostgreSQL cluster (it has no PG_VERSION); move it away or restore it")]
    NotACluster { cluster: PathBuf },
    #[error("making the database in {home} failed: {output}")]
    Init { home: PathBuf, output: String },
    #[error("the database in {cluster} did not start: {error}; its log ends: {log}")]
    NotReady { cluster: PathBuf, error: String, log: String },
    #[error("the server that answered has its data in {found}, not in {expected}")]
    Foreign { expected: PathBuf, found: String },
    #[error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as")]
    NoUnprivilegedUser,
    #[error("{dir} belongs to somebody else; remove it, it is the place of the database's socket")]
    SocketDirTaken { dir: PathBuf },
    #[error("no folder with a path short enough for the database's socket can be made")]
    NoSocketDir,
    #[error("copying the database to {file} failed: {error}; nothing was changed")]
    Dump { file: PathBuf, error: String },
    #[error("filling the database from {file} failed: {error}")]
    Restore { file: PathBuf, error: String },
    #[error("the database of {data_dir} is held by another process but does not answer")]
    Deaf { data_dir: PathBuf },
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error("{doing} {path} failed: {source}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PostgresError {
    let path = path.to_owned();
    move |source| PostgresError::Io { doing, path, source }
}

/// What a power cut may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Full,
    /// Everything: for databases that a test throws away.
    None,
}

/// How the private database is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder with PostgreSQL's programs; `None`: searched for (`TURUMBA_POSTGRES_BIN`).
    pub postgres_bin: Option<PathBuf>,
    pub durability: Durability,
    /// Connections that the server accepts.
    pub max_connections: u16,
    /// Where clusters lie whose data directory the server's user cannot reach (as root only).
    pub elsewhere: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            postgres_bin: None,
            durability: Durability::Full,
            max_connections: 40,
            elsewhere: PathBuf::from(home::ELSEWHERE),
        }
    }
}

impl Options {
    /// For a database that a test throws away: nothing is flushed, many may connect.
    pub fn throwaway() -> Self {
        Self { durability: Durability::None, max_connections: 300, ..Self::default() }
    }
}

/// What readiness reports about the private database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostgresState {
    /// The server with this process id answers.
    Ready { pid: u32 },
    /// It died and is being started again.
    Restarting { attempts: u32 },
    /// It was told to stop.
    Stopped,
}

/// A running private database and the task that keeps it running.
///
/// `stop` ends it. Dropped without that, the server goes on by itself, as after a kill, and is adopted next time.
#[derive(Debug)]
pub struct PrivatePostgres {
    socket_dir: PathBuf,
    adopted: bool,
    started_in: Duration,
    state: watch::Receiver<PostgresState>,
    stop: Option<oneshot::Sender<()>>,
    supervisor: JoinHandle<()>,
    data_dir: Arc<DataDir>,
}

impl PrivatePostgres {
    /// Starts the database of a held data directory, or adopts its running one; it answers when this returns.
    pub async fn start(data_dir: Arc<DataDir>, options: &Options) -> Result<Self, PostgresError> {
        let began = Instant::now();
        let home = Home::of(&data_dir, &options.elsewhere)?;
        let (binaries, exists) = programs(&home, options)?;
        let cluster = Cluster::open(home, binaries, exists, options).await?;
        let (postmaster, adopted) = cluster.launch().await?;
        let started_in = began.elapsed();
        let pid = postmaster.pid();
        tracing::info!(pid, adopted, ms = started_in.as_millis() as u64, "private database ready");
        let (tell_state, state) = watch::channel(PostgresState::Ready { pid });
        let (stop, told_to_stop) = oneshot::channel();
        let socket_dir = cluster.socket_dir.clone();
        let supervisor = tokio::spawn(supervise(cluster, postmaster, tell_state, told_to_stop));
        Ok(Self { socket_dir, adopted, started_in, state, stop: Some(stop), supervisor, data_dir })
    }

    /// How to connect, as the cluster's owner; valid across restarts.
    pub fn connect_options(&self) -> PgConnectOptions {
        cluster::connect_options(&self.socket_dir)
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        cluster::url(&self.socket_dir)
    }

    /// Whether the server ran already, left by a hub that was killed.
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// From the call of `start` until the server answered.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Follows the server's state.
    pub fn state(&self) -> watch::Receiver<PostgresState> {
        self.state.clone()
    }

    /// Stops the server by a fast shutdown, after letting commands that use it finish for 2 s. Close the pools first.
    pub async fn stop(self) {
        self.stop_after(USERS_PATIENCE_HUB).await;
    }

    async fn stop_after(mut self, patience: Duration) {
        let users = self.data_dir.wait_for_users(patience).await;
        if let Err(error) = &users {
            tracing::warn!(%error, "whether commands use the database is unknown; it is stopped all the same");
        }
        if let Some(stop) = self.stop.take() {
            // the supervisor listens until it has stopped the server
            let _gone = stop.send(());
        }
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the database's supervisor failed");
        }
        drop(users);
    }
}

/// The database of a data directory as a command uses it.
#[derive(Debug)]
pub enum Attached {
    /// A hub (or another command) runs it; it is not stopped before this is dropped, or 2 s after its hub was told to.
    Running { options: Box<PgConnectOptions>, users: File },
    /// This command started it and has to stop it.
    Started(Box<PrivatePostgres>),
}

impl Attached {
    pub fn connect_options(&self) -> PgConnectOptions {
        match self {
            Self::Running { options, .. } => options.as_ref().clone(),
            Self::Started(postgres) => postgres.connect_options(),
        }
    }

    /// Stops what this command started; leaves what runs.
    pub async fn release(self) {
        if let Self::Started(postgres) = self {
            postgres.stop_after(USERS_PATIENCE_COMMAND).await;
        }
    }
}

/// Whether a data directory has, or had, a database of its own.
pub fn has_home(data_dir: &Path) -> bool {
    Home::existing(data_dir).is_ok_and(|home| home.is_some())
}

/// For commands: the running database of a data directory, else it is started under the same lock.
pub async fn attach_or_start(data_dir: &Path, options: &Options) -> Result<Attached, PostgresError> {
    let began = Instant::now();
    loop {
        match DataDir::try_hold(data_dir, Holder::Command)? {
            Ok(held) => {
                let postgres = PrivatePostgres::start(Arc::new(held), options).await?;
                return Ok(Attached::Started(Box::new(postgres)));
            }
            Err(_held_by_another) => {
                if let Some(attached) = attach(data_dir).await? {
                    return Ok(attached);
                }
            }
        }
        if began.elapsed() > ATTACH_PATIENCE {
            return Err(PostgresError::Deaf { data_dir: data_dir.to_owned() });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The database that the holder of the data directory runs; `None` while it is not up (yet, or any more).
async fn attach(data_dir: &Path) -> Result<Option<Attached>, PostgresError> {
    let data_dir = data_dir.canonicalize().map_err(failed("finding", data_dir))?;
    let Some(users) = join_users(&data_dir).map_err(failed("locking", &data_dir))? else { return Ok(None) };
    let Some(home) = Home::existing(&data_dir)? else { return Ok(None) };
    let [major] = home.majors()?[..] else { return Ok(None) };
    let dir = home.dir.join(major.to_string());
    let dir = dir.canonicalize().map_err(failed("finding", &dir))?;
    let running = PidFile::read(&dir).map_err(failed("reading", &dir))?;
    let Some(running) = running.filter(|file| lives(file.pid) && works_in(file.pid, &dir)) else {
        return Ok(None);
    };
    let options = cluster::connect_options(&running.socket_dir);
    let Ok(connection) = options.connect().await else { return Ok(None) };
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the probing connection did not close cleanly");
    }
    Ok(Some(Attached::Running { options: Box::new(options), users }))
}

/// The programs for the home's cluster, and whether there is one already.
fn programs(home: &Home, options: &Options) -> Result<(Binaries, bool), PostgresError> {
    let named = options.postgres_bin.as_deref();
    match home.majors()?.as_slice() {
        [] => Ok((binaries::newest(named)?, false)),
        [major] => {
            let cluster = home.dir.join(major.to_string());
            if !cluster.join("PG_VERSION").exists() {
                return Err(PostgresError::NotACluster { cluster });
            }
            Ok((binaries::of_major(*major, &cluster, named)?, true))
        }
        majors => Err(PostgresError::SeveralClusters {
            home: home.dir.clone(),
            majors: majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// Starts the server again whenever it dies, with a growing pause, until told to stop; then stops it. When the one who
/// would tell is gone without a word, the server is left running.
async fn supervise(
    cluster: Cluster,
    mut postmaster: Postmaster,
    state: watch::Sender<PostgresState>,
    mut told_to_stop: oneshot::Receiver<()>,
) {
    loop {
        tokio::select! {
            told = &mut told_to_stop => {
                if told.is_ok() {
                    postmaster.stop(STOP_PATIENCE).await;
                    state.send_replace(PostgresState::Stopped);
                }
                return;
            }
            () = postmaster.ended() => {}
        }
        tracing::error!(pid = postmaster.pid(), "the private database died; it is started again");
        let mut attempts = 0;
        let mut pause = BACKOFF.0;
        postmaster = loop {
            attempts += 1;
            state.send_replace(PostgresState::Restarting { attempts });
            let launched = tokio::select! {
                launched = cluster.launch() => launched,
                told = &mut told_to_stop => {
                    if told.is_ok() {
                        stop_what_was_launched(&cluster).await;
                        state.send_replace(PostgresState::Stopped);
                    }
                    return;
                }
            };
            match launched {
                Ok((started, _)) => break started,
                Err(error) => tracing::error!(%error, attempts, "the private database did not start again"),
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(BACKOFF.1),
                told = &mut told_to_stop => {
                    if told.is_ok() {
                        state.send_replace(PostgresState::Stopped);
                    }
                    return;
                }
            }
        };
        let pid = postmaster.pid();
        tracing::info!(pid, attempts, "private database ready again");
        state.send_replace(PostgresState::Ready { pid });
    }
}

/// A launch that was cut short may have left a server that is starting.
async fn stop_what_was_launched(cluster: &Cluster) {
    if let Ok(Some(file)) = PidFile::read(&cluster.dir)
        && lives(file.pid)
        && works_in(file.pid, &cluster.dir)
    {
        Postmaster::Adopted(file.pid).stop(STOP_PATIENCE).await;
    }
}
