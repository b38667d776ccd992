//! One cluster: made once, started with the hub's settings, reached through its socket.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::process::Command;

use super::{
    Durability, Options, PostgresError,
    binaries::Binaries,
    failed,
    home::{Home, RunAs, make_dir},
    process::{PidFile, Postmaster, clear_remains, lives, works_in},
};

/// The role that owns the cluster, and the name of its database.
pub(super) const NAME: &str = "turumba";
/// The socket's file name is made from this; there is no TCP port.
const PORT: u16 = 5432;
/// The longest path of a socket that every system takes, in bytes (Linux 107, macOS 103).
const LONGEST_SOCKET: usize = 103;
/// The log is begun anew at a start when it is longer than this, in bytes.
const LONGEST_LOG: u64 = 4 << 20;
/// How long a server that is alive may take until it answers (recovery after a crash).
const READY_PATIENCE: Duration = Duration::from_mins(10);
/// How long an adopted server that is alive may be deaf before it is replaced.
const ADOPT_PATIENCE: Duration = Duration::from_secs(10);

/// What is needed to start one cluster, again and again.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub dir: PathBuf,
    pub socket_dir: PathBuf,
    home: Home,
    binaries: Binaries,
    options: Options,
}

impl Cluster {
    /// The cluster of a home, made by `initdb` if there is none.
    pub async fn open(
        home: Home,
        binaries: Binaries,
        major_exists: bool,
        options: &Options,
    ) -> Result<Self, PostgresError> {
        let dir = home.dir.join(binaries.major.to_string());
        if !major_exists {
            init(&home, &binaries, &dir, options).await?;
        }
        let dir = dir.canonicalize().map_err(failed("finding", &dir))?;
        let running = PidFile::read(&dir).map_err(failed("reading", &dir))?;
        // a running server keeps the place it has
        let socket_dir = match running {
            Some(file) if lives(file.pid) && works_in(file.pid, &dir) => file.socket_dir,
            _ => socket_dir(&home)?,
        };
        Ok(Self { dir, socket_dir, home, binaries, options: options.clone() })
    }

    /// A running server of this cluster, or a new one, answering. The flag says that it was adopted.
    pub async fn launch(&self) -> Result<(Postmaster, bool), PostgresError> {
        if let Some(adopted) = self.adopt().await? {
            return Ok((adopted, true));
        }
        let socket_lock = self.socket_dir.join(format!(".s.PGSQL.{PORT}.lock"));
        clear_remains(&self.dir, &socket_lock).await.map_err(failed("clearing", &self.dir))?;
        make_dir(&self.socket_dir, self.home.run_as)?;
        let mut postmaster = self.spawn()?;
        self.wait_ready(&mut postmaster, READY_PATIENCE).await?;
        Ok((postmaster, false))
    }

    /// The server that outlived the hub that started it, if it answers as this cluster's.
    async fn adopt(&self) -> Result<Option<Postmaster>, PostgresError> {
        let Some(file) = PidFile::read(&self.dir).map_err(failed("reading", &self.dir))? else {
            return Ok(None);
        };
        if !lives(file.pid) || !works_in(file.pid, &self.dir) {
            return Ok(None);
        }
        let mut postmaster = Postmaster::Adopted(file.pid);
        if file.socket_dir == self.socket_dir {
            match self.wait_ready(&mut postmaster, ADOPT_PATIENCE).await {
                Ok(()) => return Ok(Some(postmaster)),
                Err(error) => tracing::warn!(%error, pid = file.pid, "a running database is replaced"),
            }
        }
        postmaster.stop(Duration::from_secs(20)).await;
        Ok(None)
    }

    fn spawn(&self) -> Result<Postmaster, PostgresError> {
        let log = self.open_log()?;
        let errors = log.try_clone().map_err(failed("opening", &self.log_path()))?;
        let program = self.binaries.program("postgres");
        let mut command = command(&program, self.home.run_as, &self.dir);
        command.arg("-D").arg(&self.dir).arg("-k").arg(&self.socket_dir);
        for setting in settings(&self.options) {
            command.arg("-c").arg(setting);
        }
        // its own group: an interrupt typed at the hub's terminal is the hub's to handle, in order
        command.process_group(0).stdin(Stdio::null()).stdout(log).stderr(errors);
        let child = command.spawn().map_err(failed("starting", &program))?;
        let pid = child.id().unwrap_or_default();
        Ok(Postmaster::Child(child, pid))
    }

    /// Polls until the server answers as this cluster's own. The server must live; a deaf one is an error after
    /// `patience`.
    async fn wait_ready(&self, postmaster: &mut Postmaster, patience: Duration) -> Result<(), PostgresError> {
        let started = Instant::now();
        let mut told = Duration::ZERO;
        loop {
            // the order matters: one that ended before it was asked cannot have answered
            let ended = postmaster.has_ended();
            match self.ask().await {
                Ok(()) => return Ok(()),
                Err(Asked::Foreign(found)) => {
                    return Err(PostgresError::Foreign { expected: self.dir.clone(), found });
                }
                Err(Asked::Failed(error)) if ended || started.elapsed() > patience => {
                    return Err(PostgresError::NotReady {
                        cluster: self.dir.clone(),
                        error: error.to_string(),
                        log: self.log_tail(),
                    });
                }
                Err(Asked::Failed(_)) => {}
            }
            if started.elapsed() > told + Duration::from_secs(10) {
                told = started.elapsed();
                tracing::info!(seconds = told.as_secs(), "waiting for the database to recover");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Connects, makes the database at the first start, and checks whose cluster answered.
    async fn ask(&self) -> Result<(), Asked> {
        let mut connection = match self.connect_options().connect().await {
            Err(error) if is_missing_database(&error) => {
                create_database(self.connect_options().database("postgres")).await?;
                self.connect_options().connect().await?
            }
            other => other?,
        };
        let found: String =
            sqlx::query_scalar("SELECT current_setting('data_directory')").fetch_one(&mut connection).await?;
        connection.close().await?;
        if Path::new(&found).canonicalize().is_ok_and(|found| found == self.dir) {
            Ok(())
        } else {
            Err(Asked::Foreign(found))
        }
    }

    pub fn connect_options(&self) -> PgConnectOptions {
        connect_options(&self.socket_dir)
    }

    fn log_path(&self) -> PathBuf {
        self.home.dir.join("postgres.log")
    }

    fn open_log(&self) -> Result<File, PostgresError> {
        let path = self.log_path();
        let too_long = std::fs::metadata(&path).is_ok_and(|log| log.len() > LONGEST_LOG);
        if too_long {
            std::fs::remove_file(&path).map_err(failed("removing", &path))?;
        }
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(failed("opening", &path))
    }

    /// The last lines that the server wrote, for the error that says it did not start.
    fn log_tail(&self) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(self.log_path())?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(2000)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            Ok(lines[lines.len().saturating_sub(6)..].join(" | "))
        };
        read().unwrap_or_else(|error| format!("no log: {error}"))
    }
}

enum Asked {
    Failed(sqlx::Error),
    Foreign(String),
}

impl From<sqlx::Error> for Asked {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

/// How to reach a private server by its socket.
pub(super) fn connect_options(socket_dir: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(PORT)
        .username(NAME)
        .database(NAME)
        .ssl_mode(PgSslMode::Disable)
}

/// The same as a URL, for child processes and tests.
pub(super) fn url(socket_dir: &Path) -> String {
    let host: String =
        url::form_urlencoded::byte_serialize(socket_dir.as_os_str().as_encoded_bytes()).collect();
    format!("postgres://{NAME}@localhost:{PORT}/{NAME}?host={host}&sslmode=disable")
}

fn is_missing_database(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("3D000"))
}

async fn create_database(options: PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection: PgConnection = options.connect().await?;
    sqlx::raw_sql("CREATE DATABASE turumba").execute(&mut connection).await?;
    connection.close().await
}

/// `initdb` into a folder beside, then a rename: a kill in between leaves nothing that looks like a cluster.
async fn init(home: &Home, binaries: &Binaries, dir: &Path, options: &Options) -> Result<(), PostgresError> {
    for entry in std::fs::read_dir(&home.dir).map_err(failed("reading", &home.dir))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("making-") {
            std::fs::remove_dir_all(entry.path()).map_err(failed("removing", &entry.path()))?;
        }
    }
    let beside = home.dir.join(format!("making-{:08x}", rand::rng().next_u32()));
    make_dir(&beside, home.run_as)?;
    let program = binaries.program("initdb");
    let mut command = command(&program, home.run_as, &home.dir);
    command.arg("-D").arg(&beside).args([
        "--username=turumba",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        // the socket's folder admits its owner (and root) only: that is the authentication
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]);
    if options.durability == Durability::None {
        command.arg("--no-sync");
    }
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(failed("running", &program))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        return Err(PostgresError::Init {
            home: home.dir.clone(),
            output: String::from_utf8_lossy(&said).trim().replace('\n', " | "),
        });
    }
    std::fs::rename(&beside, dir).map_err(failed("renaming", &beside))?;
    File::open(&home.dir).and_then(|home| home.sync_all()).map_err(failed("flushing", &home.dir))
}

/// A program of PostgreSQL as the right user, with an environment in which no `PG*` variable can surprise it.
fn command(program: &Path, run_as: Option<RunAs>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").current_dir(dir);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if let Some(RunAs { uid, gid }) = run_as {
        command.uid(uid).gid(gid);
    }
    command
}

/// Settings in force at every start; small, because the database shares the machine with the hub.
fn settings(options: &Options) -> Vec<String> {
    let mut settings: Vec<String> = [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "cluster_name=turumba",
        "shared_buffers=32MB",
        "work_mem=4MB",
        "maintenance_work_mem=32MB",
        "effective_cache_size=256MB",
        "random_page_cost=1.1",
        "jit=off",
        "max_parallel_workers_per_gather=0",
        "max_worker_processes=2",
        "autovacuum_max_workers=1",
        "max_locks_per_transaction=128",
        // no replication: a backup is a dump
        "wal_level=minimal",
        "max_wal_senders=0",
        "wal_buffers=1MB",
        "min_wal_size=64MB",
        "max_wal_size=512MB",
        "checkpoint_timeout=10min",
        "timezone=UTC",
        "log_timezone=UTC",
        // statements and key values may be customers' words or secrets: neither reaches the log
        "log_min_messages=warning",
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
        "log_checkpoints=off",
    ]
    .map(str::to_owned)
    .into();
    settings.push(format!("max_connections={}", options.max_connections));
    if options.durability == Durability::None {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings
}

/// A folder for the socket that only the server's user may enter and whose path leaves room for the socket's name.
fn socket_dir(home: &Home) -> Result<PathBuf, PostgresError> {
    let name =
        format!("turumba-{}", &hex::encode(Sha256::digest(home.dir.as_os_str().as_encoded_bytes()))[..12]);
    let runtime = match home.run_as {
        Some(_) => Some(PathBuf::from("/run")),
        None => std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
    };
    let places =
        [Some(home.dir.join("run")), runtime.map(|dir| dir.join(&name)), Some(Path::new("/tmp").join(&name))];
    let mut last = None;
    for place in places.into_iter().flatten() {
        let socket = place.join(format!(".s.PGSQL.{PORT}"));
        if socket.as_os_str().len() > LONGEST_SOCKET {
            continue;
        }
        match take_socket_dir(&place, home.run_as) {
            Ok(()) => return Ok(place),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or(PostgresError::NoSocketDir))
}

/// Makes the folder, or takes one that is already the server's; anything else at that name is somebody's trap.
fn take_socket_dir(place: &Path, run_as: Option<RunAs>) -> Result<(), PostgresError> {
    if let Ok(there) = std::fs::symlink_metadata(place) {
        let owner = run_as.map_or_else(|| nix::unistd::geteuid().as_raw(), |user| user.uid);
        if !there.is_dir() || there.uid() != owner {
            return Err(PostgresError::SocketDirTaken { dir: place.to_owned() });
        }
    }
    make_dir(place, run_as)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_the_socket() {
        let options: PgConnectOptions = url(Path::new("/tmp/a b")).parse().unwrap();
        assert_eq!(options.get_socket().map(PathBuf::as_path), Some(Path::new("/tmp/a b")));
        assert_eq!(options.get_username(), NAME);
    }

    #[test]
    fn only_tests_may_lose_data() {
        assert!(!settings(&Options::default()).iter().any(|setting| setting.contains("fsync")));
        assert!(settings(&Options::throwaway()).contains(&"fsync=off".to_owned()));
    }
}
