//! A Redis of a test's own, which can be killed, frozen and started again.

use std::{
    fs::Permissions,
    io::{BufRead as _, BufReader},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};
use tempfile::TempDir;

use super::{hub::free_port, wait::PATIENCE};

/// Starts what it is told to and ends it when whoever started it is gone, however that ended.
const GUARD: &str = r#""$@" >/dev/null 2>&1 & echo $!; read -r _; kill -KILL $! 2>/dev/null; wait"#;

/// A server on a port of its own, without anything on disk. Gone when dropped.
pub struct Redis {
    port: u16,
    dir: TempDir,
    guard: Option<Child>,
    pid: Pid,
}

impl Redis {
    #[must_use]
    pub fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("turumba-redis-").tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
        let mut redis = Self { port: free_port(), dir, guard: None, pid: Pid::from_raw(0) };
        redis.start_again();
        redis
    }

    /// For `REDIS_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it after it was killed, with nothing in it.
    pub fn start_again(&mut self) {
        let installed = Command::new("redis-server").arg("--version").output();
        assert!(installed.is_ok(), "redis-server is missing: scripts/install-tools.sh test");
        let port = self.port.to_string();
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARD, "sh", "redis-server", "--bind", "127.0.0.1", "--port", port.as_str()])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.dir.path())
            .current_dir(self.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if geteuid().is_root() {
            let user = ["redis", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
            let user = user.expect("a user that is not root");
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut guard = command.spawn().expect("sh");
        let mut line = String::new();
        BufReader::new(guard.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.pid = Pid::from_raw(line.trim().parse().unwrap());
        self.guard = Some(guard);
        let deadline = std::time::Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(std::time::Instant::now() < deadline, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.end_guard();
    }

    /// It lives and does nothing: connections open, and nobody answers.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        kill(self.pid, signal).expect("the server runs");
    }

    fn end_guard(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // it ends the server when it cannot read any more
            drop(guard.stdin.take());
            let _ended = guard.wait();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.end_guard();
    }
}
