//! People by the thousand, and messages to all of them.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Channel, World};

/// An uploaded file with so many people.
async fn upload(world: &World, prefix: &str, count: u64) -> String {
    use std::fmt::Write as _;
    let mut file = String::from("name,phone,city,plan\n");
    for n in 0..count {
        let _ = writeln!(
            file,
            "Person {n},+{prefix}{n:08},City {},{}",
            n % 50,
            if n % 3 == 0 { "pro" } else { "free" }
        );
    }
    let announced = json!({"filename": "people.csv", "mime_type": "text/csv", "size": file.len()});
    let upload = world.api.post("/v1/uploads", announced).await.created();
    let (_, place) = upload["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let put =
        world.api.request(Method::PUT, &format!("/v1/{place}")).header("content-type", "text/csv").body(file);
    let _ = world.api.send(put).await.ok();
    upload["upload_id"].as_str().unwrap().to_owned()
}

/// Imports people into a new group; returns the group and how long it took.
pub async fn import(world: &World, prefix: &str, count: u64) -> (String, Duration) {
    let group = world.api.post("/v1/groups", json!({"name": format!("people {prefix}")})).await.created();
    let group = group["id"].as_str().unwrap().to_owned();
    let upload = upload(world, prefix, count).await;
    let started = Instant::now();
    let made = world
        .api
        .post("/v1/contact-imports", json!({"upload_id": upload, "group_id": group}))
        .await
        .created();
    let path = format!("/v1/contact-imports/{}", made["id"].as_str().unwrap());
    loop {
        let now = world.api.get(&path).await.ok();
        match now["status"].as_str().unwrap() {
            "completed" => {
                assert_eq!(now["created_count"].as_u64(), Some(count), "{now}");
                return (group, started.elapsed());
            }
            "failed" => panic!("{now}"),
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Sends a greeting to a group; where the group message is found.
pub async fn send(world: &World, channel: &Channel, group: &str) -> String {
    let body = json!({"message_body": "Hello {{ contact.name | default: \"there\" }} in {CITY}", "status": "queued",
        "channel_id": channel.id, "contact_group_ids": [group]});
    let made = world.api.post("/v1/group-messages", body).await.created();
    format!("/v1/group-messages/{}", made["id"].as_str().unwrap())
}

/// A group message that is over.
pub async fn is_over(world: &World, path: &str) -> Option<Value> {
    let now = world.api.get(path).await.ok();
    ["completed", "partially_failed", "failed"].contains(&now["status"].as_str().unwrap()).then_some(now)
}
