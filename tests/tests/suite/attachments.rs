//! Files that a channel does not carry: the customer gets a link, the agent sees that it was one, and what leads nowhere
//! is refused before it waits.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    fakes::{FakeProviders, FakeTwilio},
    harness::{Channel, TestHub, World, hub::PUBLIC_URL, until},
};

const MB: usize = 1 << 20;

/// A finished upload of that type and size; its id.
pub async fn upload(world: &World, (name, mime): (&str, &str), size: usize) -> String {
    let new = json!({"filename": name, "mime_type": mime, "size": size});
    let ticket = world.api.post("/v1/uploads", new).await.created();
    let (_, place) = ticket["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let put = world.api.request(Method::PUT, &format!("/v1/{place}"));
    let _ = world.api.send(put.body(content(size))).await.ok();
    ticket["upload_id"].as_str().unwrap().to_owned()
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n % 251) as u8).collect()
}

/// A message with a file to a number, and how it was answered.
fn message(channel: &Channel, to: &str, upload: &str) -> Value {
    json!({"channel_id": channel.id, "delivery_address": to, "message_body": "Your bill",
           "attachments": [{"upload_id": upload}]})
}

async fn send(world: &World, channel: &Channel, to: &str, upload: &str) -> Value {
    world.api.post("/v1/messages", message(channel, to, upload)).await.created()
}

/// The link in a text.
fn link_in(text: &str) -> String {
    let link = text.lines().find(|line| line.starts_with(PUBLIC_URL));
    link.unwrap_or_else(|| panic!("no link: {text}")).to_owned()
}

/// Opens it as a customer does, who has nothing but the link.
async fn open(hub: &TestHub, link: &str) -> reqwest::Response {
    let path = link.strip_prefix(PUBLIC_URL).expect("a link of ours");
    reqwest::get(format!("{}{path}", hub.url())).await.unwrap()
}

#[tokio::test]
async fn what_twilio_does_not_carry_goes_as_a_link_that_saves_the_file() {
    let hub = TestHub::start_with(&[("TURUMBA_LIMITS_FILE_LINKS_PER_MINUTE", "20")]).await;
    let fake = FakeTwilio::run(1).await;
    let world = World::new(&hub).await;
    let channel = world.twilio(&fake).await;
    let small = async |name, mime| upload(&world, (name, mime), 1000).await;
    // as MMS: a picture within the limit, to a number that takes one
    let picture = small("a.png", "image/png").await;
    let made = send(&world, &channel, "+15551230001", &picture).await;
    assert!(made["attachments"][0]["as_link"].is_null(), "{made}");
    let large = upload(&world, ("large.jpg", "image/jpeg"), 6 * MB).await;
    let (webp, zip) = (small("b.webp", "image/webp").await, small("c.zip", "application/zip").await);
    let abroad = small("Résumé.pdf", "application/pdf").await;
    let cases = [
        ("+15551230002", &large, "size"),
        ("+15551230003", &webp, "type"),
        ("+15551230004", &zip, "type"),
        ("+447700900001", &abroad, "channel"),
    ];
    for (to, file, reason) in cases {
        let made = send(&world, &channel, to, file).await;
        let told = &made["attachments"][0]["as_link"];
        assert_eq!(told["reason"], reason, "{made}");
        assert!(told["until"].as_str() > made["created_at"].as_str(), "{made}");
        // whoever looks later sees it as well
        let id = made["id"].as_str().unwrap();
        let seen = world.api.get(&format!("/v1/messages/{id}")).await.ok();
        assert_eq!(seen["attachments"][0]["as_link"], *told);
    }
    let taken = until("five messages", async || {
        let taken = fake.journal().taken();
        if taken.len() == 5 { Ok(taken) } else { Err(taken) }
    })
    .await;
    let of = |to: &str| taken.iter().find(|entry| entry.to == to).unwrap();
    let mms = of("+15551230001");
    assert_eq!(mms.text, "Your bill");
    let media = mms.body["MediaUrl"].as_str().unwrap();
    let fetched = open(&hub, media).await;
    assert_eq!(
        (fetched.status().as_u16(), fetched.headers()["content-type"].as_bytes()),
        (200, &b"image/png"[..])
    );
    for (to, file, _) in cases {
        let entry = of(to);
        assert!(entry.body["MediaUrl"].is_null(), "{}", entry.body);
        assert!(entry.text.starts_with("Your bill\n"), "{}", entry.text);
        assert!(!entry.text.contains(file.as_str()), "the upload's id is not for strangers: {}", entry.text);
        let link = link_in(&entry.text);
        assert!(link.len() <= PUBLIC_URL.len() + 51, "a character of an SMS costs: {link}");
    }

    // what a customer gets: a file to save, never a page
    let link = link_in(&of("+447700900001").text);
    let opened = open(&hub, &link).await;
    assert_eq!(opened.status(), 200);
    let header =
        |name: &str| opened.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''R%C3%A9sum%C3%A9.pdf");
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert!(header("content-security-policy").contains("sandbox"));
    assert!(header("cache-control").contains("no-store") && header("x-robots-tag").contains("noindex"));
    assert_eq!(opened.bytes().await.unwrap(), content(1000));
    let picture = open(&hub, &link_in(&of("+15551230002").text)).await;
    assert!(picture.headers()["content-disposition"].to_str().unwrap().starts_with("attachment;"));
    // nothing else is
    let forged = format!("{}{}", &link[..link.len() - 1], if link.ends_with('A') { "Q" } else { "A" });
    for wrong in [forged.as_str(), &link[..link.len() - 4], &format!("{PUBLIC_URL}/f/x")] {
        let refused = open(&hub, wrong).await;
        assert_eq!(refused.status(), 404, "{wrong}");
        assert_eq!(refused.json::<Value>().await.unwrap()["error"], "not_found");
    }
    // and not as often as anybody likes
    let mut refused = None;
    for _ in 0..20 {
        let again = open(&hub, &link).await;
        if again.status() == 429 {
            refused = Some(again);
            break;
        }
    }
    let refused = refused.expect("twenty a minute");
    assert!(refused.headers().contains_key("retry-after"));
    hub.end().await;
}

#[tokio::test]
async fn whatsapp_gets_the_types_that_it_takes_and_links_to_the_others() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(2).await);
    let world = World::new(&hub).await;
    let new = json!({
        "name": "WA", "channel_type": "whatsapp", "settings": {"api_base": fake.url()},
        "credentials": {"access_token": "EAAtoken-000", "app_secret": "0123456789abcdef0123456789abcdef",
                        "phone_number_id": "100000000000001", "waba_id": "200000000000002"},
    });
    let (_, channel) = world.channel("whatsapp", new).await;
    for (n, (name, mime)) in
        [("sticker.webp", "image/webp"), ("clip.webm", "video/webm"), ("all.zip", "application/zip")]
            .into_iter()
            .enumerate()
    {
        let file = upload(&world, (name, mime), 2000).await;
        let to = format!("+1555123000{n}");
        let made = send(&world, &channel, &to, &file).await;
        assert_eq!(made["attachments"][0]["as_link"]["reason"], "type", "{made}");
        let sent = until("it is sent", async || fake.journal().taken_by(&to).pop().ok_or("nothing")).await;
        assert_eq!(sent.body["type"], "text", "{}", sent.body);
        let opened = open(&hub, &link_in(&sent.text)).await;
        assert_eq!(opened.bytes().await.unwrap(), content(2000), "{name}");
    }
    hub.end().await;
}

#[tokio::test]
async fn a_sandbox_carries_what_is_within_its_size() {
    let hub = TestHub::start_with(&[("TURUMBA_UPLOADS_MAX", "20MiB")]).await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    let (small, large) = (
        upload(&world, ("a.png", "image/png"), 1000).await,
        upload(&world, ("film.mp4", "video/mp4"), 11 * MB).await,
    );
    send(&world, &channel, "+15550001", &small).await;
    // an agent's answer decides as a single message does; a note goes nowhere
    let question = json!({"from": "+15550002", "text": "The film?"});
    world.api.post(&format!("/v1/channels/{}/sandbox/inbound", channel.id), question).await.created();
    let conversation = until("the question", async || {
        let all = world.api.get("/v1/messages?filter=sender_type:eq:contact").await.ok();
        all[0]["conversation_id"].as_str().map(str::to_owned).ok_or(all)
    })
    .await;
    let path = format!("/v1/conversations/{conversation}/messages");
    let answer = json!({"content": "Here", "attachments": [{"upload_id": large}]});
    let made = world.api.post(&path, answer).await.created();
    assert_eq!(made["attachments"][0]["as_link"]["reason"], "size", "{made}");
    let note = upload(&world, ("film.mp4", "video/mp4"), 11 * MB).await;
    let note = json!({"content": "For us", "is_private": true, "attachments": [{"upload_id": note}]});
    let made = world.api.post(&path, note).await.created();
    assert!(made["attachments"][0]["as_link"].is_null(), "{made}");
    let shown = until("both are sent", async || {
        let shown = world.api.get(&format!("/v1/channels/{}/sandbox/messages", channel.id)).await.ok();
        let all = shown["messages"].as_array().cloned().unwrap_or_default();
        if all.len() == 2 { Ok(all) } else { Err(shown) }
    })
    .await;
    let link = shown.iter().find_map(|one| one["text"].as_str().filter(|text| text.starts_with("Here\n")));
    let opened = open(&hub, &link_in(link.expect("the answer"))).await;
    assert_eq!(opened.content_length(), Some(11 * MB as u64));
    hub.end().await;
}

#[tokio::test]
async fn a_link_that_would_lead_nowhere_is_refused_before_anything_waits() {
    let (hub, fake) = (
        TestHub::start_with(&[("TURUMBA_PUBLIC_URL", "http://localhost:8080")]).await,
        FakeTwilio::run(3).await,
    );
    let world = World::new(&hub).await;
    let new = json!({
        "name": "SMS", "channel_type": "sms", "provider": "twilio",
        "credentials": {"account_sid": "ACtest0000000000000000000000000001", "auth_token": "token-0123456789",
                        "sender_number": "+15005550006", "api_base": fake.url()},
    });
    let made = world.api.post("/v1/channels", new).await.created();
    let channel = made["id"].as_str().unwrap();
    let file = upload(&world, ("a.pdf", "application/pdf"), 1000).await;
    let body = json!({"channel_id": channel, "delivery_address": "+447700900001", "message_body": "Your bill",
                      "attachments": [{"upload_id": file}]});
    let refused = world.api.post("/v1/messages", body.clone()).await.fails(422, "validation_error");
    assert_eq!(refused["details"]["reason"], "no_public_url", "{refused}");
    assert_eq!(refused["details"]["errors"][0]["field"], "attachments.0", "{refused}");
    assert_eq!(hub.count("SELECT count(*) FROM messages").await, 0);
    // somebody else's address leads where it says, and the file can still be used
    let mut elsewhere = body.clone();
    elsewhere["attachments"] = json!([{"url": "https://files.example/a.pdf", "type": "document"}]);
    let made = world.api.post("/v1/messages", elsewhere).await.created();
    assert_eq!(made["attachments"][0]["as_link"], json!({"reason": "channel"}));
    let sent = until("it is sent", async || fake.journal().taken().pop().ok_or("nothing")).await;
    assert_eq!(sent.text, "Your bill\nhttps://files.example/a.pdf");
    world.api.post("/v1/messages", body).await.fails(422, "validation_error");
    assert_eq!(hub.count("SELECT count(*) FROM messages").await, 1);
    hub.end().await;
}
