//! Stock clients in other languages than JavaScript. What they do lies in `tests/python` and `tests/rust`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use tests::harness::{TestHub, World};
use tokio::process::Command as Running;

pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn must(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A Python with the packages of `requirements.txt`, made once.
pub fn python() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = home.join("bin/python");
    // tests are processes of their own: one of them makes it, the others wait
    let lock = File::create(std::env::temp_dir().join("turumba-tests-python.lock")).unwrap();
    lock.lock().unwrap();
    let (wanted, had) = (folder("python").join("requirements.txt"), home.join("requirements.txt"));
    if std::fs::read(&had).ok() != std::fs::read(&wanted).ok() {
        must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        must(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&wanted));
        std::fs::copy(&wanted, &had).unwrap();
    }
    python
}

/// Has a client tell its story over each transport.
async fn told(client: impl Fn(&str) -> Running) {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.webchat(json!({})).await;
    let agent = world.agent("ada", 50).await;
    for transport in ["websocket", "polling"] {
        let visitor = channel.visitor().await;
        let output = client(transport)
            .env("HUB_URL", hub.url())
            .env("ACCOUNT_ID", &world.account_id)
            .env("AGENT_TOKEN", agent.api.token.as_deref().unwrap())
            .env("VISITOR_TOKEN", visitor["token"].as_str().unwrap())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{transport}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    hub.end().await;
}

#[tokio::test]
async fn python_socketio_over_both_transports() {
    let python = python();
    told(|transport| {
        let mut client = Running::new(&python);
        client.arg(folder("python").join("story.py")).arg(transport);
        client
    })
    .await;
}

/// The program of `tests/rust`, built apart: what it stands on is no part of the product's dependencies.
fn rust() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rust");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--manifest-path"]).arg(folder("rust/Cargo.toml"));
    must(cargo.arg("--target-dir").arg(&target));
    target.join("debug/story")
}

#[tokio::test]
async fn rust_socketio_over_both_transports() {
    let story = rust();
    told(|transport| {
        let mut client = Running::new(&story);
        client.arg(transport);
        client
    })
    .await;
}
