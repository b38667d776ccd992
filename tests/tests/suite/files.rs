//! Files in a bucket. The S3 that is spoken to is moto's, which is nobody's mirror of ours.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::Method;
use serde_json::{Value, json};
use tests::harness::{
    Api, Redis, TestHub, World, database::Database, hub::free_port, until, world::PASSWORD,
};

use crate::{
    backups::upload,
    clients::python,
    doctor::{examine, finding},
};

/// A service with one bucket, `files`. Gone when dropped.
struct Moto {
    port: u16,
    child: Child,
}

impl Moto {
    async fn start() -> Self {
        let port = free_port();
        let python = tokio::task::spawn_blocking(python).await.unwrap();
        let child = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { port, child };
        until("moto takes no bucket", async || {
            let made = reqwest::Client::new().put(format!("http://127.0.0.1:{port}/files")).send().await;
            made.and_then(reqwest::Response::error_for_status).map(drop).map_err(|error| error.to_string())
        })
        .await;
        moto
    }

    /// For `FILES_URL`.
    fn url(&self) -> String {
        format!(
            "s3://id:a%2Fsecret@files/of/turumba?endpoint=http://127.0.0.1:{}&region=us-east-1",
            self.port
        )
    }

    /// What lies in the bucket, as it says itself.
    async fn listed(&self) -> String {
        let url = format!("http://127.0.0.1:{}/files?list-type=2", self.port);
        reqwest::get(url).await.unwrap().text().await.unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n % 249) as u8).collect()
}

/// The path at which the bytes of a new upload are taken.
async fn ticket(api: &Api, size: usize) -> (String, String) {
    let new = json!({"filename": "film.mp4", "mime_type": "video/mp4", "size": size});
    let ticket = api.post("/v1/uploads", new).await.created();
    let (_, place) = ticket["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
    (format!("/v1/{place}"), ticket["upload_id"].as_str().unwrap().to_owned())
}

/// Sends the bytes from `from` on; how it was answered.
async fn send(api: &Api, place: &str, bytes: &[u8], from: usize) -> (u16, Value) {
    let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
    let request = api.request(Method::PUT, place).header("content-range", range);
    let reply = api.send(request.body(bytes[from..].to_vec())).await;
    (reply.status, reply.body)
}

async fn read(api: &Api, id: &str) -> Vec<u8> {
    let request = api.request(Method::GET, &format!("/v1/files/{id}"));
    request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubs_share_a_bucket() {
    let (moto, redis) = (Moto::start().await, Redis::start());
    let (files, redis_url) = (moto.url(), redis.url());
    let a = TestHub::start_with(&[("REDIS_URL", &redis_url), ("FILES_URL", &files)]).await;
    let world = World::new(&a).await;
    let b = a.start_beside().await;
    let at_b = world.api.at(&b.url());
    // what was begun at one goes on at the other, and can be read at both
    let bytes = content(7_500_000);
    let (place, id) = ticket(&world.api, bytes.len()).await;
    let first = &bytes[..3_000_000];
    let range = format!("bytes 0-{}/{}", first.len() - 1, bytes.len());
    let request = world.api.request(Method::PUT, &place).header("content-range", range);
    let begun = world.api.send(request.body(first.to_vec())).await;
    assert_eq!((begun.status, &begun.body["data"]["received"]), (308, &json!(first.len())));
    let (status, done) = send(&at_b, &place, &bytes, first.len()).await;
    assert_eq!((status, &done["data"]["is_complete"]), (200, &json!(true)), "{done}");
    for api in [&world.api, &at_b] {
        assert!(read(api, &id).await == bytes, "the file is another");
    }
    let request =
        at_b.request(Method::GET, &format!("/v1/files/{id}")).header("range", "bytes=5242879-5242882");
    let part = request.send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), bytes[5_242_879..5_242_883]);
    // nothing but the file and the marker is left there, under the prefix
    until("pieces stay", async || {
        let listed = moto.listed().await;
        let keys = listed.matches("<Key>").count();
        let ours = listed.matches("<Key>of/turumba/").count();
        if (keys, ours) == (2, 2) && listed.contains(&id) { Ok(()) } else { Err(listed) }
    })
    .await;
    // the secret is in no log and no list of settings
    let shown = a.cli(&["config"]).to_string();
    assert!(!shown.contains("secret@") && shown.contains("id:***@files"), "{shown}");
    assert!(!a.log().contains("a%2Fsecret") && !a.log().contains("a/secret"));
    b.end().await;
    a.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_hangs_holds_up_files_alone() {
    let moto = Moto::start().await;
    let mut hub = TestHub::start_with(&[("FILES_URL", &moto.url())]).await;
    let world = World::new(&hub).await;
    let bytes = content(1_500_000);
    let mut tickets = Vec::new();
    // more than there are connections to the database
    for _ in 0..40 {
        tickets.push(ticket(&world.api, bytes.len()).await);
    }
    moto.signal(Signal::SIGSTOP);
    let sent: Vec<_> = tickets
        .iter()
        .map(|(place, _)| {
            let (api, place, bytes) = (world.api.clone(), place.clone(), bytes.clone());
            tokio::spawn(async move { send(&api, &place, &bytes, 0).await })
        })
        .collect();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let asked = tokio::time::timeout(Duration::from_secs(5), world.api.get("/v1/conversations")).await;
        asked.expect("a list waits for the bucket").ok();
    }
    for answer in sent {
        let (status, body) = answer.await.unwrap();
        assert_eq!((status, body["error"].as_str()), (503, Some("service_unavailable")), "{body}");
    }
    // a hub starts without it, and what was not taken can be sent when it is back
    hub.stop();
    hub.spawn().await;
    moto.signal(Signal::SIGCONT);
    let api = hub.api().login("owner@acme.example", PASSWORD).await;
    for (place, id) in tickets.iter().take(5) {
        until("it is not taken again", async || match send(&api, place, &bytes, 0).await {
            (200, done) if done["data"]["is_complete"] == true => Ok(()),
            other => Err(other),
        })
        .await;
        assert!(read(&api, id).await == bytes);
    }
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_and_moves_know_a_bucket() {
    let moto = Moto::start().await;
    let url = moto.url();
    // a folder's files go into the bucket with a move
    let mut hub = TestHub::start_embedded(&[("TURUMBA_SECRET_KEY", "")]).await;
    let world = World::new(&hub).await;
    let place = upload(&world, "a file of words").await;
    hub.stop();
    let target = Database::empty().await;
    hub.set("FILES_URL", &url);
    let moved = tokio::task::block_in_place(|| hub.cli(&["move", "--to", &target.url()]));
    assert!(moved["next"].to_string().contains("id:***@files"), "{moved}");
    let key = std::fs::read_to_string(hub.data_dir().join("secret.key")).unwrap();
    let mut own = TestHub::embedded(&[("FILES_URL", url.as_str()), ("TURUMBA_SECRET_KEY", key.trim())]);
    own.set("DATABASE_URL", &target.url());
    own.spawn().await;
    let api = own.api().login("owner@acme.example", PASSWORD).await;
    assert_eq!(api.get(&place).await.body, "a file of words");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.backup");
    let path = file.to_str().unwrap();
    let made = tokio::task::block_in_place(|| own.cli(&["backup", "--to", path]));
    assert_eq!(made["files"], 2, "the file and the marker: {made}");
    own.stop();
    // a place with something in it is refused; another bucket takes the files
    let mut new = TestHub::embedded(&[("TURUMBA_SECRET_KEY", key.trim()), ("FILES_URL", &url)]);
    let refused = tokio::task::block_in_place(|| new.run(&["restore", path]));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("there are files already"), "{refused:?}");
    new.set("FILES_URL", &url.replace("/of/turumba", "/restored"));
    tokio::task::block_in_place(|| new.cli(&["restore", path]));
    assert!(!new.data_dir().join("files").exists(), "they lie in the bucket alone");
    new.spawn().await;
    let api = new.api().login("owner@acme.example", PASSWORD).await;
    assert_eq!(api.get(&place).await.body, "a file of words");
    new.end().await;
    hub.discard().await;
    own.discard().await;
    target.drop_it().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_tries_the_bucket() {
    let moto = Moto::start().await;
    let found = |url: &str| {
        let (_, checks) = examine(&TestHub::embedded(&[("FILES_URL", url)]));
        finding(&checks, "files").clone()
    };
    let well = found(&moto.url());
    assert_eq!(well["finding"], "ok", "{well}");
    assert_eq!(moto.listed().await.matches("<Key>").count(), 0, "nothing is left");
    let missing = found(&moto.url().replace("@files", "@nowhere"));
    assert_eq!(missing["finding"], "failed", "{missing}");
    assert!(!missing.to_string().contains("a%2Fsecret"), "{missing}");
}
