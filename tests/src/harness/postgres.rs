//! A PostgreSQL of a program's own, which can be killed, frozen and started again on its data.

use std::{
    fs::Permissions,
    io::{BufRead as _, BufReader},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    str::FromStr as _,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};
use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
use tempfile::TempDir;

use super::{hub::free_port, wait::PATIENCE};

/// Starts what it is told to and ends it when whoever started it is gone, however that ended.
const GUARD: &str =
    r#"log=$1; shift; "$@" >"$log" 2>&1 & echo $!; read -r _; kill -QUIT $! 2>/dev/null; wait"#;

/// A server on a port of its own, flushing what is committed. Gone when dropped.
pub struct Postgres {
    port: u16,
    dir: TempDir,
    programs: PathBuf,
    guard: Option<Child>,
    pid: u32,
}

impl Postgres {
    /// A new cluster; it answers when this returns.
    pub async fn start() -> Self {
        let mut postgres = Self::prepared();
        let made = postgres
            .command("initdb")
            .args([
                "--username",
                "turumba",
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--pgdata",
            ])
            .arg(postgres.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        postgres.start_again().await;
        postgres
    }

    /// A streaming replica of another one.
    pub async fn standby_of(primary: &Self) -> Self {
        let mut standby = Self::prepared();
        let copied = standby
            .command("pg_basebackup")
            .args(["--username", "turumba", "--host", "127.0.0.1", "--port", &primary.port.to_string()])
            .args(["--checkpoint", "fast", "--wal-method", "stream", "--write-recovery-conf", "--pgdata"])
            .arg(standby.data())
            .output()
            .unwrap();
        assert!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        standby.start_again().await;
        standby
    }

    fn prepared() -> Self {
        let dir = tempfile::Builder::new().prefix("turumba-postgres-").tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let postgres = Self { port: free_port(), dir, programs: programs(), guard: None, pid: 0 };
        if let Some(user) = run_as() {
            chown(postgres.dir.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
        postgres
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// For `DATABASE_URL`, of the server's first database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://turumba@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it after it was killed, with what it had on its disk.
    pub async fn start_again(&mut self) {
        let mut command = self.command("sh");
        let mut guard = command
            .args(["-c", GUARD, "sh"])
            .arg(self.dir.path().join("log"))
            .arg(self.programs.join("postgres"))
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-h", "127.0.0.1", "-k", ""])
            .args(["-c", "max_connections=200"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let mut line = String::new();
        BufReader::new(guard.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.pid = line.trim().parse().unwrap();
        self.guard = Some(guard);
        let options = PgConnectOptions::from_str(&self.url()).unwrap().disable_statement_logging();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match options.connect().await {
                Ok(connection) => return connection.close().await.unwrap(),
                Err(error) => {
                    let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                    assert!(Instant::now() < deadline, "PostgreSQL does not start: {error}\n{log}");
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `kill -9` of all of it, as when its machine goes.
    pub fn kill(&mut self) {
        let family = self.signal(Signal::SIGKILL);
        self.end_guard();
        // its shared memory belongs to them until the last has gone
        while family.iter().any(|pid| lives(*pid)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// It lives and does nothing: connections open, and nobody answers.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// To the server and to each process that it has begun, since each leads a group of its own.
    fn signal(&self, signal: Signal) -> Vec<u32> {
        let mut all = vec![self.pid];
        kill(Pid::from_raw(self.pid as i32), signal).expect("the server runs");
        for child in children(self.pid) {
            // it may have ended just now
            let _gone = kill(Pid::from_raw(child as i32), signal);
            all.push(child);
        }
        all
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let beside = self.programs.join(program);
        let mut command = Command::new(if beside.exists() { beside } else { program.into() });
        command.current_dir(self.dir.path()).env("LC_ALL", "C").stdin(Stdio::null());
        if let Some(user) = run_as() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    fn end_guard(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // it ends the server when it cannot read any more
            drop(guard.stdin.take());
            let _ended = guard.wait();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.guard.is_some() {
            // one that is frozen would not hear that it is to end
            self.thaw();
        }
        self.end_guard();
    }
}

/// Whether it is more than an entry that nobody has asked for yet.
fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Processes that this one has begun.
fn children(pid: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    all.filter(|this| {
        let stat = std::fs::read_to_string(format!("/proc/{this}/stat")).unwrap_or_default();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parent == Some(pid)
    })
    .collect()
}

/// The folder of the newest PostgreSQL that is installed.
fn programs() -> PathBuf {
    let majors = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = majors
        .filter_map(|folder| {
            Some((folder.file_name().to_str()?.parse::<u32>().ok()?, folder.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max();
    if let Some((_, bin)) = newest {
        return bin;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).find(|dir| dir.join("initdb").exists());
    found.expect("PostgreSQL is missing: scripts/install-tools.sh run")
}

/// It refuses to run as root.
fn run_as() -> Option<User> {
    geteuid().is_root().then(|| {
        let found = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
        found.expect("a user without rights")
    })
}
