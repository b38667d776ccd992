//! Backups under load, and installations that come out of them.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde_json::json;
use tests::harness::{Channel, TestHub, World, until};
use tokio::{task::JoinHandle, time::sleep};

/// Customers who write without a pause; what was answered 200, they remember.
struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<String>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(channel: &Channel) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let tasks = (0..4)
            .map(|customer| {
                let (channel, stop, acknowledged) =
                    (channel.clone(), Arc::clone(&stop), Arc::clone(&acknowledged));
                tokio::spawn(async move {
                    let mut n = 0;
                    while !stop.load(SeqCst) {
                        let text = format!("{customer} says {n}");
                        channel.post(&channel.sandbox(&format!("+25191100000{customer}"), &text)).await;
                        acknowledged.lock().push(text);
                        n += 1;
                        sleep(Duration::from_millis(10)).await;
                    }
                })
            })
            .collect();
        Self { stop, acknowledged, tasks }
    }

    async fn at_least(&self, count: usize) -> Vec<String> {
        until("nobody writes", async || {
            let now = self.acknowledged.lock().clone();
            if now.len() >= count { Ok(now) } else { Err(now.len()) }
        })
        .await
    }

    async fn end(self) {
        self.stop.store(true, SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// A file that is sent and finished; its address without the host.
pub async fn upload(world: &World, content: &str) -> String {
    let new = json!({"filename": "n.txt", "mime_type": "text/plain", "size": content.len()});
    let upload = world.api.post("/v1/uploads", new).await.created();
    let (_, place) = upload["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let put =
        world.api.request(reqwest::Method::PUT, &format!("/v1/{place}")).header("content-type", "text/plain");
    let _ = world.api.send(put.body(content.to_owned())).await.ok();
    let done = world.api.get(&format!("/v1/uploads/{}", upload["upload_id"].as_str().unwrap())).await.ok();
    let (_, place) = done["url"].as_str().unwrap().split_once("/v1/").unwrap();
    format!("/v1/{place}")
}

async fn texts(hub: &TestHub) -> Vec<String> {
    sqlx::query_scalar("SELECT message_body FROM messages WHERE direction = 'inbound'")
        .fetch_all(&mut hub.db().await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_backup_is_in_it() {
    // the key of the data directory, and of nobody else
    let mut hub = TestHub::start_embedded(&[("TURUMBA_SECRET_KEY", "")]).await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    let place = upload(&world, "a file of words").await;
    let agent = world.person("ann", "agent").await;
    let remembered = agent.socket().await;
    let load = Load::start(&channel);
    let before = load.at_least(100).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.backup");
    let path = file.to_str().unwrap();
    let made = tokio::task::block_in_place(|| hub.cli(&["backup", "--to", path]));
    assert!(made["has_key"] == true && made["files"].as_i64() > Some(0), "{made}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    // nothing is overwritten
    let again = tokio::task::block_in_place(|| hub.run(&["backup", "--to", path]));
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("is there already"));
    load.end().await;
    let memory = std::sync::Arc::clone(remembered.memory());
    drop(remembered);
    hub.discard().await;

    // damaged ones are refused by name, and leave nothing
    let mut other = TestHub::embedded(&[("TURUMBA_SECRET_KEY", "")]);
    let whole = std::fs::read(&file).unwrap();
    let damaged = folder.path().join("damaged.backup");
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    for (bytes, why) in
        [(&altered[..], "is damaged"), (&whole[..whole.len() - 1000], "cut off"), (b"", "cut off")]
    {
        std::fs::write(&damaged, bytes).unwrap();
        let refused = other.run(&["restore", damaged.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("damaged.backup") && said.contains(why), "{said}");
    }
    assert!(!other.data_dir().join("secret.key").exists());

    // one that is cut short keeps a hub from starting, and is begun again
    let mut cut = other.begin(&["restore", path]);
    until("the restore has begun", async || {
        let begun = other.data_dir().join("restoring.json").exists();
        if begun { Ok(()) } else { Err(cut.try_wait().unwrap()) }
    })
    .await;
    cut.kill().unwrap();
    cut.wait().unwrap();
    let refused = other.run(&["serve"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("turumba restore"), "{said}");
    let restored = tokio::task::block_in_place(|| other.cli(&["restore", path]));
    assert_eq!(restored["accounts"], 1, "{restored}");
    assert!(!other.data_dir().join("restoring.json").exists());
    // a second time it is not empty
    let refused = other.run(&["restore", path]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not empty"));

    other.spawn().await;
    until("what was acknowledged is missing", async || {
        let there = texts(&other).await;
        let missing: Vec<&String> = before.iter().filter(|text| !there.contains(text)).collect();
        if missing.is_empty() { Ok(()) } else { Err(missing.len()) }
    })
    .await;
    let there = texts(&other).await;
    let distinct: std::collections::BTreeSet<&String> = there.iter().collect();
    assert_eq!(distinct.len(), there.len(), "nothing is there twice");
    let api = other.api().login("owner@acme.example", tests::harness::world::PASSWORD).await;
    let served = api.get(&place).await;
    assert_eq!(served.body, "a file of words", "{served:?}");
    // numbers of before mean nothing here
    let agent = tests::harness::Agent {
        api: other.api().login(&agent.email, tests::harness::world::PASSWORD).await,
        ..agent
    };
    let resumed = agent.resume(memory, || json!({})).await;
    resumed.wait("reset", |payload| payload["reason"] == "epoch").await;
    drop(resumed);
    other.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_are_made_by_the_clock_and_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for day in 1..=3 {
        std::fs::write(path(&format!("turumba-2026010{day}T000000Z.backup")), "old").unwrap();
    }
    std::fs::write(path("mine.backup"), "of another kind").unwrap();
    let env = [
        ("TURUMBA_BACKUP_EVERY", "1d"),
        ("TURUMBA_BACKUP_FOLDER", folder.path().to_str().unwrap()),
        ("TURUMBA_BACKUP_KEEP", "2"),
    ];
    let mut hub = TestHub::start_embedded(&env).await;
    let names = |folder: &Path| {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let found = until("no backup is made", async || {
        let found = names(folder.path());
        if found.len() == 3 && !found.iter().any(|name| name.contains(".partial") || name.contains(".rows")) {
            Ok(found)
        } else {
            Err(found)
        }
    })
    .await;
    assert_eq!(found[0], "mine.backup");
    assert_eq!(found[1], "turumba-20260103T000000Z.backup", "the newest of the old ones");
    assert!(std::fs::metadata(path(&found[2])).unwrap().len() > 10_000, "{found:?}");
    hub.discard().await;
}
