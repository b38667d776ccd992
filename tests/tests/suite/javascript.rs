//! The stock JavaScript client against the hub; its tests lie in `tests/js`.

use std::{path::Path, process::Command};

use serde_json::json;
use tests::harness::{TestHub, World};

/// The packages of the lock file, fetched once.
fn packages(dir: &Path) {
    if dir.join("node_modules/socket.io-client").is_dir() {
        return;
    }
    let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(dir).output();
    let output = npm.expect("npm is installed (scripts/install-tools.sh test)");
    assert!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn the_stock_client_over_both_transports() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
    packages(&dir);
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.webchat(json!({})).await;
    let agent = world.agent("ada", 50).await;
    let output = tokio::process::Command::new("node")
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1", "story.test.js"])
        .current_dir(&dir)
        .env("HUB_URL", hub.url())
        .env("AGENT_TOKEN", agent.api.token.as_deref().unwrap())
        .env("AGENT_ID", &agent.id)
        .env("ACCOUNT_ID", &world.account_id)
        .env("PUBLIC_KEY", &channel.secret)
        .kill_on_drop(true)
        .output()
        .await
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    hub.end().await;
}
