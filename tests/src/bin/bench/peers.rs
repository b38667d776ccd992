//! The servers that the hub is measured beside, each a process on the first core.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use tests::harness::hub::free_port;

use crate::clients::Door;

/// Another server.
pub struct Peer {
    pub name: &'static str,
    child: Child,
    port: u16,
}

impl Peer {
    /// `socket.io` 4 in Node.
    pub fn node() -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hub/engine/benches/node");
        if !dir.join("node_modules").is_dir() {
            let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&dir).output();
            let output = npm.expect("npm is installed (scripts/install-tools.sh test)");
            assert!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
        }
        Self::start("node", Path::new("node"), &[dir.join("server.mjs").to_string_lossy().into_owned()])
    }

    /// `tokio-tungstenite` and nothing else.
    pub fn bare() -> Self {
        Self::start("bare", &std::env::current_exe().unwrap(), &["serve-bare".to_owned()])
    }

    /// The hub's engine without the hub, when its own bench was built (`cargo bench -p engine --no-run`).
    pub fn engine() -> Option<Self> {
        let deps = std::env::current_exe().unwrap().parent()?.join("deps");
        let built = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("fanout-"))
                && path.extension().is_none()
        };
        let all = deps.read_dir().ok()?.flatten().map(|entry| entry.path()).filter(built);
        let newest = all.max_by_key(|path| path.metadata().and_then(|it| it.modified()).ok())?;
        Some(Self::start("engine", &newest, &["serve".to_owned()]))
    }

    fn start(name: &'static str, program: &Path, arguments: &[String]) -> Self {
        let port = free_port();
        let child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .args(arguments)
            .arg(port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { name, child, port }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Clients in so many rooms, one after the other.
    pub fn door(&self, rooms: &[String]) -> Door {
        let auth = |room: &String| serde_json::json!({"account_id": room}).to_string();
        Door {
            url: format!("ws://127.0.0.1:{}", self.port),
            auths: Arc::new(rooms.iter().map(auth).collect()),
            ready: "40/agents,",
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}
