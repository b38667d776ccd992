//! What is written in JavaScript, against the hub: the stock client, and the cases of both protocols' official suites.
//! Its tests lie in `tests/js`.

use std::{
    fs::File,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::json;
use tests::harness::{TestHub, World, hub::free_port};
use tokio::process::Command as Running;

/// The folder, with the packages of its lock file.
#[expect(clippy::disallowed_methods, reason = "files have the time of the machine")]
pub fn folder() -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
    // tests are processes of their own: one of them fetches, the others wait
    let lock = File::create(std::env::temp_dir().join("turumba-tests-js.lock")).unwrap();
    lock.lock().unwrap();
    let changed = |file: &str| dir.join(file).metadata().and_then(|it| it.modified()).ok();
    if changed("node_modules/.package-lock.json") < changed("package-lock.json") {
        let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&dir).output();
        let output = npm.expect("npm is installed (scripts/install-tools.sh test)");
        assert!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
        // npm keeps the time of unchanged files
        let done = File::options().write(true).open(dir.join("node_modules/.package-lock.json")).unwrap();
        done.set_modified(SystemTime::now()).unwrap();
    }
    dir
}

fn node(file: &str) -> Running {
    let mut node = Running::new("node");
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1", file])
        .current_dir(folder())
        .kill_on_drop(true);
    node
}

async fn passes(mut node: Running) {
    let output = node.output().await.expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{said}");
}

#[tokio::test]
async fn the_stock_client_over_both_transports() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.webchat(json!({})).await;
    let agent = world.agent("ada", 50).await;
    let mut story = node("story.test.js");
    story
        .env("HUB_URL", hub.url())
        .env("AGENT_TOKEN", agent.api.token.as_deref().unwrap())
        .env("AGENT_ID", &agent.id)
        .env("ACCOUNT_ID", &world.account_id)
        .env("PUBLIC_KEY", &channel.secret);
    passes(story).await;
    hub.end().await;
}

/// The official suites give 200 ms to answer a heartbeat, which a machine that compiles or tests beside does not always keep.
const SLOWER: &str = "3";

/// The server that the official suites ask for, on a port of its own.
struct Conformance(Child, u16);

impl Conformance {
    fn start() -> Self {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let server = Command::new(env!("CARGO_BIN_EXE_conformance"))
            .arg(&address)
            .env("CONFORMANCE_SLOWER", SLOWER)
            .stdout(Stdio::null())
            .spawn()
            .expect("the conformance server starts");
        let server = Self(server, port);
        while TcpStream::connect(&address).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Conformance {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[tokio::test]
async fn the_cases_of_the_official_suites() {
    let server = Conformance::start();
    for file in ["engine-io.protocol.js", "socket-io.protocol.js"] {
        let mut cases = node(file);
        cases
            .env("CONFORMANCE_URL", format!("http://127.0.0.1:{}", server.1))
            .env("CONFORMANCE_SLOWER", SLOWER);
        passes(cases).await;
    }
}
