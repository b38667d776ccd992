//! The real binary as a child process: started, killed, started again on the same data.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{Read as _, Seek as _, SeekFrom},
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

use super::{
    api::Api,
    database::{self, Database},
    wait::{PATIENCE, until},
};

/// Where providers would reach it. Webhooks are registered and signed with this address.
pub const PUBLIC_URL: &str = "https://hub.test.example";

/// Lines of the log that a failing test shows.
const SHOWN: usize = 80;

/// What tests raise: nobody is fast enough to be a client, so one client is many.
const RAISED: &[(&str, &str)] = &[
    ("TURUMBA_OUTBOUND_ALLOW", "127.0.0.0/8"),
    ("TURUMBA_SECRET_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    ("TURUMBA_AUTH_ACCESS_TOKEN", "24h"),
    ("TURUMBA_LIMITS_AUTH_PER_MINUTE", "100000"),
    ("TURUMBA_LIMITS_API_PER_MINUTE", "1000000"),
    ("TURUMBA_LIMITS_WEBHOOKS_PER_SECOND", "100000"),
    ("TURUMBA_LIMITS_VISITOR_SESSIONS_PER_MINUTE", "100000"),
    ("TURUMBA_LIMITS_CHAT_CONFIG_PER_MINUTE", "100000"),
    ("TURUMBA_SOCKETS_COMMANDS_PER_SECOND", "100000"),
    ("TURUMBA_SOCKETS_COMMANDS_BURST", "100000"),
    ("TURUMBA_SOCKETS_UNAUTHENTICATED_PER_ADDRESS", "10000"),
    ("TURUMBA_DRAIN_WINDOW", "100ms"),
];

/// Whose database it uses.
enum Backing {
    /// One of the test server, possibly other hubs' too.
    Shared(Arc<Database>),
    /// The private one in its data directory.
    Private,
}

/// A hub under test.
pub struct TestHub {
    backing: Option<Backing>,
    child: Option<Child>,
    port: u16,
    dir: Option<TempDir>,
    env: Vec<(String, String)>,
    binary: PathBuf,
    /// The cores on which it may run.
    cores: Option<String>,
}

impl TestHub {
    /// Runs on a new database of the test server.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with other settings.
    pub async fn start_with(env: &[(&str, &str)]) -> Self {
        let mut hub = Self::prepared(env).await;
        hub.spawn().await;
        hub
    }

    /// A second hub on the same database, with the same settings.
    pub async fn start_beside(&self) -> Self {
        let mut hub = self.beside(&[]);
        hub.spawn().await;
        hub
    }

    /// The same with other settings, not started yet.
    #[must_use]
    pub fn beside(&self, env: &[(&str, &str)]) -> Self {
        let Some(Backing::Shared(database)) = &self.backing else { panic!("its database is its own") };
        let own: Vec<(&str, &str)> = self
            .env
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .chain(env.iter().copied())
            .collect();
        Self::prepare(Backing::Shared(Arc::clone(database)), &own)
    }

    /// The same, not yet started.
    pub async fn prepared(env: &[(&str, &str)]) -> Self {
        Self::prepare(Backing::Shared(Arc::new(Database::make().await)), env)
    }

    /// The same on that database.
    #[must_use]
    pub fn prepared_on(database: Database, env: &[(&str, &str)]) -> Self {
        Self::prepare(Backing::Shared(Arc::new(database)), env)
    }

    /// Runs with its private PostgreSQL in a data directory of its own.
    pub async fn start_embedded(env: &[(&str, &str)]) -> Self {
        let mut hub = Self::embedded(env);
        hub.spawn().await;
        hub
    }

    /// The same, not started yet.
    #[must_use]
    pub fn embedded(env: &[(&str, &str)]) -> Self {
        Self::prepare(Backing::Private, env)
    }

    fn prepare(backing: Backing, env: &[(&str, &str)]) -> Self {
        let dir = tempfile::Builder::new().prefix("turumba-suite-").tempdir().unwrap();
        // the private server's user passes through when the tests run as root
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
        let mut all: Vec<(String, String)> =
            RAISED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        all.push(("TURUMBA_PUBLIC_URL".into(), PUBLIC_URL.into()));
        if let Backing::Shared(database) = &backing {
            all.push(("DATABASE_URL".into(), database.url()));
        }
        if std::env::var("TURUMBA_TEST_STACK").is_ok_and(|stack| stack == "distributed") {
            let redis = std::env::var("TEST_REDIS_URL").expect("with-servers starts a Redis");
            all.push(("REDIS_URL".into(), redis));
        }
        for (name, text) in env {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*text).to_owned()));
        }
        let backing = Some(backing);
        Self {
            backing,
            child: None,
            port: free_port(),
            dir: Some(dir),
            env: all,
            binary: binary(),
            cores: None,
        }
    }

    /// Has it run on these cores alone from its next start on, as taskset(1) names them.
    pub fn pin(&mut self, cores: &str) {
        self.cores = Some(cores.to_owned());
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    #[must_use]
    pub fn api(&self) -> Api {
        Api::new(&self.url())
    }

    /// The hub's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.dir().join("data")
    }

    fn dir(&self) -> &Path {
        self.dir.as_ref().unwrap().path()
    }

    fn log_path(&self) -> PathBuf {
        self.dir().join("hub.log")
    }

    /// Everything it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let mut command = match &self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.arg("-c").arg(cores).arg(&self.binary);
                command
            }
            None => Command::new(&self.binary),
        };
        let ours = |name: &str| {
            name.starts_with("TURUMBA_") || name.ends_with("DATABASE_URL") || name.ends_with("REDIS_URL")
        };
        for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command
            .envs(self.env.iter().map(|(name, text)| (name, text)))
            .env("TURUMBA_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("TURUMBA_DATA_DIR", self.data_dir())
            .current_dir(self.dir())
            .stdin(Stdio::null());
        command
    }

    /// Starts it and returns when it is ready.
    pub async fn spawn(&mut self) {
        self.launch();
        self.ready().await;
    }

    /// Starts it and does not wait.
    pub fn launch(&mut self) {
        let log = OpenOptions::new().append(true).create(true).open(self.log_path()).unwrap();
        let child = self.command().arg("serve").stdout(log.try_clone().unwrap()).stderr(log).spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{}: {error}", self.binary.display())));
    }

    /// Waits until `/readyz` says so.
    pub async fn ready(&mut self) {
        let http = reqwest::Client::new();
        let url = format!("{}/readyz", self.url());
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the hub ended by itself ({status}):\n{}", self.tail());
            }
            let answer = http.get(&url).timeout(Duration::from_secs(5)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "the hub is not ready:\n{}", self.tail());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// `kill -9`. What it had not committed is gone.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // it may have ended by itself
        let _gone = child.kill();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "the hub ended by itself: {status}\n{}", self.tail());
    }

    /// It lives and does nothing until [`Self::thaw`].
    pub fn freeze(&self) {
        kill(Pid::from_raw(self.pid() as i32), Signal::SIGSTOP).expect("the hub runs");
    }

    pub fn thaw(&self) {
        kill(Pid::from_raw(self.pid() as i32), Signal::SIGCONT).expect("the hub runs");
    }

    /// From now on every write of it to a file fails, as on a disk that is full, until [`Self::empty_disk`].
    pub fn fill_disk(&self) {
        self.limit_files("0");
    }

    pub fn empty_disk(&self) {
        self.limit_files("unlimited");
    }

    fn limit_files(&self, soft: &str) {
        let limited = Command::new("prlimit")
            .args(["--pid", &self.pid().to_string(), &format!("--fsize={soft}:")])
            .output();
        let limited = limited.expect("prlimit of util-linux is installed");
        assert!(limited.status.success(), "{}", String::from_utf8_lossy(&limited.stderr));
    }

    /// Asks it to stop and waits.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return Some(status);
            }
            if std::time::Instant::now() > deadline {
                let _gone = child.kill();
                panic!("the hub does not stop:\n{}", self.tail());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A setting of its next start; an empty text takes it away.
    pub fn set(&mut self, name: &str, text: &str) {
        self.env.retain(|(known, _)| known != name);
        if !text.is_empty() {
            self.env.push((name.to_owned(), text.to_owned()));
        }
    }

    /// Starts a command of the binary and does not wait for its end.
    #[must_use]
    pub fn begin(&self, arguments: &[&str]) -> Child {
        let log = OpenOptions::new().append(true).create(true).open(self.log_path()).unwrap();
        self.command().args(arguments).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }

    /// Waits for it to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.take().expect("it was started").wait().unwrap()
    }

    /// Runs a command of the binary beside the hub.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs a command that must work; returns what it printed.
    #[must_use]
    pub fn cli(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "turumba {arguments:?}: {}\n{out}\n{err}", output.status);
        serde_json::from_str(&out)
            .unwrap_or_else(|error| panic!("turumba {arguments:?} printed no JSON ({error}): {out}"))
    }

    /// The database's server, if it is the private one.
    #[must_use]
    pub fn postmaster(&self) -> Option<u32> {
        database::postmaster(&self.data_dir())
    }

    /// The address of the test server's database that it uses.
    pub fn database_url(&self) -> String {
        match &self.backing {
            Some(Backing::Shared(database)) => database.url(),
            _ => panic!("its database is its own"),
        }
    }

    fn database(&self) -> Option<PgConnectOptions> {
        match self.backing.as_ref()? {
            Backing::Shared(database) => Some(database.options()),
            Backing::Private => database::private(&self.data_dir()),
        }
    }

    /// A connection to its database as the owner, past every fence: for looking, afterwards.
    pub async fn db(&self) -> PgConnection {
        until("connecting to the hub's database", async || {
            let options = self.database().ok_or_else(|| "there is none".to_owned())?;
            options.connect().await.map_err(|error| error.to_string())
        })
        .await
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.db().await).await.unwrap()
    }

    /// Waits until nothing is left to do and asserts that nothing was given up.
    pub async fn drained(&self) {
        let mut db = self.db().await;
        until("work is left", async || {
            let left: (i64, i64, i64) = sqlx::query_as(
                "SELECT (SELECT count(*) FROM events WHERE is_pending),
                        (SELECT count(*) FROM jobs WHERE parked_at IS NULL),
                        (SELECT count(*) FROM mailbox_items WHERE parked_at IS NULL AND attempts = 0)",
            )
            .fetch_one(&mut db)
            .await
            .map_err(|error| error.to_string())?;
            if left == (0, 0, 0) { Ok(()) } else { Err(format!("events, jobs, mailbox items: {left:?}")) }
        })
        .await;
        let parked: Vec<(String, Option<String>)> = sqlx::query_as(
            "SELECT box, reason FROM mailbox_items WHERE parked_at IS NOT NULL
             UNION ALL SELECT topic, reason FROM jobs WHERE parked_at IS NOT NULL
             UNION ALL SELECT 'journal', reason FROM webhook_journal WHERE state = 'parked'",
        )
        .fetch_all(&mut db)
        .await
        .unwrap();
        assert!(parked.is_empty(), "given up: {parked:#?}");
    }

    /// Waits until nothing is left, stops the hub in an orderly way and removes what it had.
    pub async fn end(mut self) {
        self.drained().await;
        self.discard().await;
    }

    /// Stops the hub and removes what it had, whatever was left to do.
    pub async fn discard(&mut self) {
        if let Some(status) = self.stop() {
            assert!(status.success(), "the hub stopped with {status}:\n{}", self.tail());
        }
        if let Some(Backing::Shared(database)) = self.backing.take() {
            // the last of several hubs has it alone
            if let Some(database) = Arc::into_inner(database) {
                database.drop_it().await;
            }
        }
    }

    /// The end of its log.
    #[must_use]
    pub fn tail(&self) -> String {
        let Ok(mut file) = File::open(self.log_path()) else { return String::new() };
        let length = file.metadata().map_or(0, |log| log.len());
        // the last part is enough
        let _sought = file.seek(SeekFrom::Start(length.saturating_sub(32 << 10)));
        let mut text = Vec::new();
        let _read = file.read_to_end(&mut text);
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        let running = self.child.take();
        let leaked = running.is_some();
        if let Some(mut child) = running {
            let _gone = child.kill();
            let _ended = child.wait();
        }
        if matches!(self.backing, Some(Backing::Private))
            && let Some(pid) = database::postmaster(&self.data_dir())
        {
            // the immediate shutdown of a server whose data goes away now
            let _gone = kill(Pid::from_raw(pid as i32), Signal::SIGQUIT);
            std::thread::sleep(Duration::from_millis(100));
        }
        if std::thread::panicking() {
            eprintln!("---- the hub's log, last {SHOWN} lines\n{}\n----", self.tail());
            if std::env::var_os("TURUMBA_KEEP").is_some() {
                let kept = self.dir.take().map(TempDir::keep);
                eprintln!("kept: {kept:?}");
            }
        } else {
            assert!(!leaked, "a test ends its hub with `end` or `discard`");
        }
    }
}

/// A port that nobody has, outside the range from which connections get theirs.
#[must_use]
pub fn free_port() -> u16 {
    /// Ports that this process has given away.
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let start = 10_000 + (std::process::id() % 2000) as u16 * 10;
    let mut ports =
        std::iter::repeat_with(|| 10_000 + (start - 10_000 + GIVEN.fetch_add(1, SeqCst)) % 20_500);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// `TURUMBA_BIN`, else the binary beside this one.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("TURUMBA_BIN") {
        return named.into();
    }
    let this = std::env::current_exe().unwrap();
    let dir = this.parent().unwrap();
    let dir = if dir.ends_with("deps") { dir.parent().unwrap() } else { dir };
    let binary = dir.join("turumba");
    assert!(binary.is_file(), "{} is missing: cargo build --package hub", binary.display());
    binary
}
