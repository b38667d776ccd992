//! A RabbitMQ of the tests' own: free ports, dropped privileges, gone afterwards.

use std::{
    fs::Permissions,
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};
use tempfile::TempDir;

/// A cold start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where distributions put the program that needs no service manager.
const PROGRAMS: [&str; 3] = [
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/homebrew/sbin/rabbitmq-server",
    "/usr/local/sbin/rabbitmq-server",
];

/// A broker that runs until this is dropped.
pub struct Rabbit {
    dir: TempDir,
    port: u16,
    distribution: u16,
    /// Erlang's own name server, one for each broker, so that none outlives its test.
    names: u16,
    child: Option<Child>,
}

impl Rabbit {
    /// Starts one and returns when it answers.
    #[must_use]
    pub fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("turumba-rabbit-").tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        if let Some(user) = run_as() {
            chown(dir.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
        let [port, distribution, names] = free_ports();
        let mut rabbit = Self { dir, port, distribution, names, child: None };
        rabbit.launch();
        rabbit
    }

    /// Starts it again after [`Rabbit::kill`], with what it had on its disk.
    pub fn launch(&mut self) {
        let dir = self.dir.path();
        let program = PROGRAMS.iter().find(|path| Path::new(path).exists());
        let program = program.expect("rabbitmq-server is missing: scripts/install-tools.sh test");
        let log = std::fs::OpenOptions::new().append(true).create(true).open(dir.join("out")).unwrap();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", dir)
            .env("LC_ALL", "C.UTF-8")
            .env("RABBITMQ_NODENAME", format!("turumba{}@localhost", self.port))
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", self.port.to_string())
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            .env("ERL_EPMD_PORT", self.names.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_MNESIA_BASE", dir.join("mnesia"))
            .env("RABBITMQ_LOG_BASE", dir.join("log"))
            .env("RABBITMQ_CONFIG_FILE", dir.join("none"))
            .env("RABBITMQ_CONF_ENV_FILE", dir.join("none.env"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("plugins"))
            .env("RABBITMQ_PID_FILE", dir.join("pid"))
            // it shares the machine with everything else
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none")
            .current_dir(dir)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        if let Some(user) = run_as() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        self.child = Some(command.spawn().unwrap());
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || !self.said("completed with") {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "RabbitMQ does not start:\n{}",
                self.output()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// For `AMQP_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// What `rabbitmqctl` says.
    #[must_use]
    pub fn ctl(&self, arguments: &[&str]) -> String {
        let program = PathBuf::from(PROGRAMS[0]).with_file_name("rabbitmqctl");
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("LC_ALL", "C.UTF-8")
            .env("ERL_EPMD_PORT", self.names.to_string())
            .env("RABBITMQ_CONF_ENV_FILE", self.dir.path().join("none.env"))
            .args(["--node", &format!("turumba{}@localhost", self.port), "--quiet"])
            .args(arguments)
            .current_dir(self.dir.path());
        if let Some(user) = run_as() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            Self::signal_group(&child, Signal::SIGKILL);
            let _ended = child.wait();
            std::fs::remove_file(self.dir.path().join("out")).unwrap();
        }
    }

    /// It neither answers nor ends until [`Rabbit::thaw`].
    pub fn freeze(&self) {
        Self::signal_group(self.child.as_ref().unwrap(), Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        Self::signal_group(self.child.as_ref().unwrap(), Signal::SIGCONT);
    }

    /// The script and the virtual machine that it started.
    fn signal_group(child: &Child, signal: Signal) {
        kill(Pid::from_raw(-(child.id() as i32)), signal).unwrap();
    }

    fn output(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("out")).unwrap_or_default()
    }

    fn said(&self, words: &str) -> bool {
        self.output().contains(words)
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone = kill(Pid::from_raw(-(child.id() as i32)), Signal::SIGKILL);
            let _ended = child.wait();
        }
        // it went into the background by itself; it ends when asked, once no node is known to it
        for _ in 0..50 {
            let asked = Command::new("epmd").args(["-port", &self.names.to_string(), "-kill"]).output();
            if asked.is_err() || TcpStream::connect(("127.0.0.1", self.names)).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The user that its package made for it, when the tests run as root.
fn run_as() -> Option<User> {
    geteuid().is_root().then(|| {
        let found = ["rabbitmq", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
        found.expect("a user without rights")
    })
}

fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
