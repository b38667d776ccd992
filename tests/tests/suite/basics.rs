//! What every operation of the API has in common.

use reqwest::Method;
use serde_json::json;
use tests::harness::{Api, TestHub, World, until};

#[tokio::test]
async fn errors_have_one_envelope() {
    let hub = TestHub::start_with(&[("TURUMBA_HTTP_BODY_MAX", "16KiB")]).await;
    let world = World::new(&hub).await;
    let (api, nobody) = (&world.api, hub.api());
    nobody.get("/v1/contacts").await.fails(401, "unauthorized");
    nobody.with_token("nonsense").get("/v1/contacts").await.fails(401, "unauthorized");
    let viewer = world.person("vic", "viewer").await;
    viewer.api.post("/v1/contacts", json!({"name": "X"})).await.fails(403, "forbidden");
    api.get("/v1/contacts/00000000-0000-7000-8000-000000000000").await.fails(404, "not_found");
    api.get("/v1/nothing/here").await.fails(404, "not_found");
    api.get("/nothing/here.txt").await.fails(404, "not_found");
    let wrong = api.send(api.request(Method::DELETE, "/v1/contacts")).await;
    assert_eq!(wrong.status, 405);
    wrong.is_error();
    api.post("/v1/contacts", json!({"name": "Ann", "phone": "+15550001"})).await.created();
    api.post("/v1/contacts", json!({"name": "Bob", "phone": "+15550001"})).await.fails(409, "conflict");
    let large = json!({"name": "x".repeat(20 << 10)});
    let large = api.post("/v1/contacts", large).await;
    assert_eq!(large.status, 413, "{}", large.body);
    large.is_error();
    let text = api.send(api.request(Method::POST, "/v1/contacts").body("name=Ann")).await;
    assert_eq!(text.status, 415, "{}", text.body);
    text.is_error();
    let broken =
        api.request(Method::POST, "/v1/contacts").header("content-type", "application/json").body("{");
    let broken = api.send(broken).await;
    assert!(matches!(broken.status, 400 | 422), "{} {}", broken.status, broken.body);
    broken.is_error();
    let invalid = api.post("/v1/contacts", json!({"name": 5})).await.fails(422, "validation_error");
    assert!(invalid["details"]["errors"][0]["message"].is_string(), "{invalid}");
    let invalid =
        api.post("/v1/templates", json!({"name": "", "body": ""})).await.fails(422, "validation_error");
    assert!(invalid["details"]["errors"][0]["field"].is_string(), "{invalid}");
    hub.end().await;
}

#[tokio::test]
async fn an_address_that_is_too_long_is_refused_in_the_same_shape() {
    let hub = TestHub::start().await;
    let api = hub.api();
    let long = |bytes: usize| format!("/v1/public/chat/{}", "x".repeat(bytes));
    let told = api.get(&long(8192)).await.fails(414, "bad_request");
    assert!(told["message"].as_str().unwrap().contains("8192"), "{told}");
    api.get(&long(60_000)).await.fails(414, "bad_request");
    api.get(&long(8000)).await.fails(404, "not_found");
    hub.end().await;
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let hub = TestHub::start_with(&[("TURUMBA_LIMITS_AUTH_PER_MINUTE", "5")]).await;
    let world = World::new(&hub).await;
    let api = hub.api();
    let body = json!({"email": "nobody@acme.example", "password": "wrong"});
    let mut last = api.post("/v1/auth/login", body.clone()).await;
    for _ in 0..10 {
        if last.status == 429 {
            break;
        }
        last = api.post("/v1/auth/login", body.clone()).await;
    }
    let after = last.headers.get("retry-after").and_then(|after| after.to_str().ok()).map(str::to_owned);
    last.fails(429, "rate_limited");
    assert!(after.is_some_and(|after| after.parse::<u64>().is_ok_and(|seconds| seconds >= 1)));
    let reply = world.api.get("/v1/users/me").await;
    let rates: Vec<_> = reply
        .headers
        .keys()
        .filter(|name| name.as_str().contains("ratelimit"))
        .map(ToString::to_string)
        .collect();
    assert!(!rates.is_empty(), "rate headers: {:?}", reply.headers);
    hub.end().await;
}

#[tokio::test]
async fn a_repeated_post_with_its_key_is_done_once() {
    let hub = TestHub::start().await;
    let api = World::new(&hub).await.api;
    let post = |key: &'static str, body: serde_json::Value| {
        api.send(api.request(Method::POST, "/v1/contacts").header("idempotency-key", key).json(&body))
    };
    let ann = json!({"name": "Ann"});
    let first = post("k1", ann.clone()).await.created();
    let again = post("k1", ann.clone()).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.ok(), first);
    let other = post("k1", json!({"name": "Bob"})).await;
    assert!(matches!(other.status, 409 | 422), "{} {}", other.status, other.body);
    other.is_error();
    assert_ne!(post("k2", ann).await.created()["id"], first["id"]);
    let all = api.get("/v1/contacts").await;
    assert_eq!(all.body["meta"]["total"], 2);
    // all at once
    let at_once = futures::future::join_all((0..10).map(|_| post("k3", json!({"name": "Cy"})))).await;
    let made: std::collections::BTreeSet<String> = at_once
        .iter()
        .filter(|reply| reply.status == 201)
        .map(|reply| reply.body["data"]["id"].to_string())
        .collect();
    assert_eq!(made.len(), 1, "{at_once:?}");
    assert_eq!(api.get("/v1/contacts").await.body["meta"]["total"], 3);
    hub.end().await;
}

#[tokio::test]
async fn a_message_whose_request_was_cut_is_sent_once() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    channel.deliver(&channel.sandbox("+15550001", "hello")).await;
    hub.drained().await;
    let conversation = world.api.get("/v1/conversations").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let of_channel =
        json!({"channel_id": channel.id, "delivery_address": "+15550002", "message_body": "One"});
    for (path, body) in [
        (format!("/v1/conversations/{conversation}/messages"), json!({"content": "One"})),
        ("/v1/messages".to_owned(), of_channel),
    ] {
        let api = &world.api;
        let post = || api.send(api.request(Method::POST, &path).header("idempotency-key", &path).json(&body));
        let first = post().await.created();
        // as a kill leaves it: the message is stored, the answer is not, and a minute has passed
        sqlx::query(
            "UPDATE idempotency_keys SET status = NULL, body = NULL, created_at = created_at - interval '2 minutes'",
        )
        .execute(&mut hub.db().await)
        .await
        .unwrap();
        assert_eq!(post().await.created()["id"], first["id"], "{path}");
    }
    assert_eq!(hub.count("SELECT count(*) FROM messages WHERE direction = 'outbound'").await, 2);
    hub.end().await;
}

#[tokio::test]
async fn requests_keep_their_id_and_trust_headers_mean_nothing() {
    let hub = TestHub::start().await;
    let (mine, theirs) = (World::named(&hub, "mine").await, World::named(&hub, "theirs").await);
    theirs.api.post("/v1/contacts", json!({"name": "Secret"})).await.created();
    let asked = mine.api.request(Method::GET, "/v1/contacts").header("x-request-id", "trace-me-1234");
    let reply = mine.api.send(asked).await;
    assert_eq!(reply.headers["x-request-id"], "trace-me-1234");
    let spoof = |api: &Api| {
        api.request(Method::GET, "/v1/contacts")
            .header("x-account-ids", &theirs.account_id)
            .header("x-user-id", &theirs.owner_id)
            .header("x-role-ids", "owner")
    };
    let reply = mine.api.send(spoof(&mine.api)).await;
    assert_eq!(reply.body["meta"]["total"], 0, "{}", reply.body);
    hub.api().send(spoof(&hub.api())).await.fails(401, "unauthorized");
    hub.end().await;
}

#[tokio::test]
async fn lists_page_sort_and_refuse_what_they_do_not_know() {
    let hub = TestHub::start().await;
    let api = World::new(&hub).await.api;
    for n in 0..25 {
        api.post("/v1/contacts", json!({"name": format!("Contact {n:02}")})).await.created();
    }
    let page = api.get("/v1/contacts?sort=name:asc&skip=5&limit=10").await;
    assert_eq!(page.body["meta"]["total"], 25);
    assert_eq!(
        (page.body["meta"]["skip"].as_i64(), page.body["meta"]["limit"].as_i64()),
        (Some(5), Some(10))
    );
    let names: Vec<_> =
        page.ok().as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.first().map(String::as_str), Some("Contact 05"));
    assert_eq!(names.len(), 10);
    // by cursor: every one of them, once
    let mut met = std::collections::BTreeSet::new();
    let mut path = "/v1/contacts?limit=10".to_owned();
    loop {
        let page = api.get(&path).await;
        for contact in page.body["data"].as_array().unwrap() {
            assert!(met.insert(contact["id"].to_string()), "twice: {contact}");
        }
        match page.body["meta"]["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/contacts?limit=10&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(met.len(), 25);
    let one = api.get("/v1/contacts?filter=name:contains:07").await;
    assert_eq!(one.body["meta"]["total"], 1);
    for unknown in [
        "filter=shoe_size:eq:43",
        "filter=name:resembles:Ann",
        "filter=name",
        "sort=shoe_size:asc",
        "sort=name:sideways",
        "limit=0",
        "limit=100000",
        "skip=-1",
        "cursor=nonsense",
        "filter=created_at:ge:yesterday",
    ] {
        let reply = api.get(&format!("/v1/contacts?{unknown}")).await;
        assert!(matches!(reply.status, 400 | 422), "{unknown}: {} {}", reply.status, reply.body);
        reply.is_error();
    }
    // beyond what can be skipped the answer names the cursor
    let far = api.get("/v1/contacts?skip=10001").await.fails(400, "bad_request");
    assert!(far.to_string().contains("cursor"), "{far}");
    // both spellings of a collection
    assert_eq!(api.get("/v1/contacts/").await.status, 200);
    hub.end().await;
}

#[tokio::test]
async fn tokens_rotate_and_a_stolen_one_ends_the_session() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let api = hub.api();
    let signed_in = json!({"email": "owner@acme.example", "password": tests::harness::world::PASSWORD});
    let first = api.post("/v1/auth/login", signed_in).await.ok();
    let refresh = |token: &serde_json::Value| api.post("/v1/auth/refresh", json!({"refresh_token": token}));
    let second = refresh(&first["refresh_token"]).await.ok();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let third = refresh(&second["refresh_token"]).await.ok();
    // the used one comes back: somebody has a copy
    refresh(&first["refresh_token"]).await.fails(401, "unauthorized");
    refresh(&third["refresh_token"]).await.fails(401, "unauthorized");
    let jwks = api.get("/.well-known/jwks.json").await;
    assert_eq!(jwks.body["keys"][0]["kty"], "RSA");
    assert_eq!(world.api.get("/v1/context/basic").await.body["account_ids"], world.account_id);
    let me = world.api.get("/v1/users/me").await.ok();
    assert_eq!(me["email"], "owner@acme.example");
    // keys of programs: shown once, scoped, revocable
    let key = json!({"name": "Sync", "permissions": ["contacts.view"]});
    let key = world.api.post("/v1/api-keys", key).await.created();
    let program = api.with_token(key["key"].as_str().unwrap_or_else(|| panic!("no key: {key}")));
    let _ = program.get("/v1/contacts").await.ok();
    program.post("/v1/contacts", json!({"name": "X"})).await.fails(403, "forbidden");
    let shown = world.api.get("/v1/api-keys").await;
    assert!(!shown.body.to_string().contains(key["key"].as_str().unwrap()));
    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    assert_eq!(world.api.delete(&path).await.status, 204);
    program.get("/v1/contacts").await.fails(401, "unauthorized");
    hub.end().await;
}

#[tokio::test]
async fn webhooks_answer_as_providers_expect() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    let good = channel.sandbox("+15550001", "Hi");
    let to = |path: &str| tests::harness::Hook { path: path.to_owned(), ..good.clone() };
    assert_eq!(
        channel.try_post(&to("/v1/webhooks/sms/00000000-0000-7000-8000-000000000000")).await.unwrap(),
        404
    );
    assert_eq!(channel.try_post(&to(&format!("/v1/webhooks/telegram/{}", channel.id))).await.unwrap(), 404);
    assert_eq!(channel.try_post(&to("/v1/webhooks/sms/nonsense")).await.unwrap(), 404);
    let mut forged = good.clone();
    forged.body.push(' ');
    assert_eq!(channel.try_post(&forged).await.unwrap(), 401);
    // without the version too
    channel.post(&to(&format!("/webhooks/sms/{}", channel.id))).await;
    // a batch is taken whole, and a part that means nothing does not spoil it
    let batch = json!([
        {"type": "message", "external_id": "b1", "from": "+15550002", "text": "one"},
        {"type": "surprise"},
        {"type": "message", "external_id": "b2", "from": "+15550002", "text": "two"},
        {"type": "message", "external_id": "b1", "from": "+15550002", "text": "one"},
    ]);
    channel.post(&channel.sandbox_events(&batch)).await;
    hub.drained().await;
    let texts: Vec<String> =
        crate::audit::stored(&hub).await.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["Hi", "one", "two"]);
    // nobody can read it, so it is kept for somebody who can
    channel.post(&channel.sandbox_raw("no JSON")).await;
    let parked = hub.count("SELECT count(*) FROM webhook_journal WHERE state = 'parked'").await;
    assert_eq!(parked, 1);
    // switched off: kept, and nothing follows
    let path = format!("/v1/channels/{}", channel.id);
    let _ = world.api.patch(&path, json!({"is_enabled": false})).await.ok();
    channel.post(&channel.sandbox("+15550003", "Anybody?")).await;
    let ignored = hub.count("SELECT count(*) FROM webhook_journal WHERE state = 'ignored'").await;
    assert_eq!(ignored, 1);
    assert_eq!(crate::audit::stored(&hub).await.len(), 3);
    let unheard = world.api.get(&format!("{path}/unheard")).await.ok();
    assert_eq!((&unheard["ignored"], &unheard["unreadable"]), (&json!(1), &json!(1)), "{unheard}");
    // both wait for a person, who sees them and has them read again
    let waiting = hub.cli(&["queue", "parked", "--queue", "webhooks"]);
    let states: Vec<&str> =
        waiting.as_array().unwrap().iter().filter_map(|one| one["state"].as_str()).collect();
    assert_eq!(states, ["ignored", "parked"]);
    let left = hub.cli(&["queue", "requeue", "--queue", "webhooks"]);
    assert_eq!(left["requeued"], 0, "switched off still: {left}");
    let _ = world.api.patch(&path, json!({"is_enabled": true})).await.ok();
    let put_back = hub.cli(&["queue", "requeue", "--queue", "webhooks"]);
    assert_eq!(
        (&put_back["requeued"], put_back["left"].as_array().unwrap().len()),
        (&json!(1), 1),
        "{put_back}"
    );
    until("the message of the channel that was off", async || {
        let texts: Vec<String> =
            crate::audit::stored(&hub).await.into_iter().map(|message| message.text).collect();
        if texts == ["Hi", "one", "two", "Anybody?"] { Ok(()) } else { Err(texts) }
    })
    .await;
    let mut hub = hub;
    hub.discard().await;
}

#[tokio::test]
async fn a_message_that_failed_by_receipt_and_is_tried_again_is_sent_again() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"receipts": ["failed"]})).await;
    channel.post(&channel.sandbox("+15550009", "Hello")).await;
    hub.drained().await;
    let all = world.api.get("/v1/conversations").await.ok();
    let conversation = all[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/conversations/{conversation}/messages");
    let sent = world.api.post(&path, json!({"content": "An answer"})).await.created();
    let message = format!("/v1/messages/{}", sent["id"].as_str().unwrap());
    let comes_to = async |wanted: &str| {
        until("its status", async || {
            let now = world.api.get(&message).await.ok();
            if now["status"] == wanted { Ok(()) } else { Err(now["status"].clone()) }
        })
        .await;
    };
    comes_to("failed").await;
    let settings = json!({"settings": {"receipts": ["delivered"]}});
    let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), settings).await.ok();
    let _ = world.api.post(&format!("{message}/retry"), json!({})).await;
    comes_to("delivered").await;
    hub.end().await;
}
