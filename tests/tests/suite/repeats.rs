//! Every POST of the API is sent again with its `Idempotency-Key`: the first answer comes again and nothing is done twice;
//! the key with another body is refused. A new POST without a line here fails the test.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    fakes::FakeTelegram,
    harness::{Agent, Api, PASSWORD, Reply, TestHub, World, until},
};

use crate::tenants::{Belongings, rows, with_ids};

/// A request that does something: the ids in its path, and its body. `None`: why it cannot be repeated.
fn request(path: &str, mine: &Belongings) -> Option<Result<(Vec<String>, Value), &'static str>> {
    let id = |kind: &str| mine.get(kind).to_owned();
    let of = |kinds: &[&str], body: Value| Some(Ok((kinds.iter().map(|kind| id(kind)).collect(), body)));
    let audience = || json!({"message_body": "x", "contact_group_ids": [id("group")]});
    match path {
        "/v1/auth/logout" => Some(Err("the token that names the caller ends with it")),
        "/v1/auth/password" => {
            of(&[], json!({"current_password": PASSWORD, "new_password": "another long one 7"}))
        }
        "/v1/accounts" => of(&[], json!({"name": "Sub", "parent_account_id": id("account")})),
        "/v1/accounts/{id}/users" => of(&["account"], json!({"user_id": id("user"), "role_id": id("role")})),
        "/v1/users" => of(
            &[],
            json!({"email": "new@mine.example", "password": "long enough words 7", "role_id": id("role")}),
        ),
        "/v1/roles" => of(&[], json!({"name": "new", "permissions": ["contacts.view"]})),
        "/v1/api-keys" => of(&[], json!({"name": "new", "permissions": ["contacts.view"]})),
        "/v1/contacts" => of(&[], json!({"name": "New"})),
        "/v1/contacts/bulk" => of(&[], json!({"create": [{"name": "One"}, {"name": "Two"}]})),
        "/v1/contacts/{id}/merge" => of(&["contact"], json!({"merged_id": id("second")})),
        "/v1/contacts/{id}/merge/preview" => of(&["contact"], json!({"merged_id": id("third")})),
        "/v1/contact-merges/{id}/undo" => of(&["merge"], json!({})),
        "/v1/contact-imports" => of(&[], json!({"upload_id": id("csv")})),
        "/v1/contact-imports/preview" => of(&[], json!({"upload_id": id("csv")})),
        "/v1/contact-imports/{id}/cancel" => of(&["import"], json!({})),
        "/v1/contact-identifiers" => {
            of(&[], json!({"contact_id": id("contact"), "channel_type": "telegram", "identifier": "7700"}))
        }
        "/v1/group-messages" => of(&[], audience()),
        "/v1/group-messages/estimate" => of(&[], audience()),
        "/v1/group-messages/{id}/retry" => of(&["group_message"], json!({})),
        "/v1/group-messages/{id}/test" => {
            of(&["group_message"], json!({"channel_id": id("sandbox"), "delivery_address": "+15550009"}))
        }
        "/v1/scheduled-messages" => of(
            &[],
            json!({"send_type": "single", "message_body": "x", "channel_id": id("sandbox"),
                "delivery_address": "+15551", "scheduled_at": "2099-01-01T09:00:00Z"}),
        ),
        "/v1/scheduled-messages/runs" => {
            of(&[], json!({"scheduled_at": "2099-01-01T09:00:00Z", "recurrence_rule": "daily"}))
        }
        "/v1/groups" => of(&[], json!({"name": "New"})),
        "/v1/groups/{id}/contacts" | "/v1/groups/{id}/contacts/remove" => {
            of(&["group"], json!({"contact_ids": [id("contact")]}))
        }
        "/v1/groups/{id}/persons" | "/v1/groups/{id}/persons/remove" => {
            of(&["group"], json!({"person_ids": [id("person")]}))
        }
        "/v1/persons" => of(&[], json!({"name": "New"})),
        "/v1/segments" => of(&[], json!({"name": "New", "filters": ["tags:contains:new"]})),
        "/v1/suppressions" => of(&[], json!({"channel_type": "sms", "address": "+15557650000"})),
        "/v1/labels" => of(&[], json!({"name": "new", "color": "#112233"})),
        "/v1/teams" => of(&[], json!({"name": "New"})),
        "/v1/teams/{id}/members" => of(&["team"], json!({"user_id": mine.get("owner"), "role": "member"})),
        "/v1/agent-preferences" => of(&[], json!({"user_id": mine.get("owner"), "languages": ["en"]})),
        "/v1/channels" => of(&[], json!({"name": "New", "channel_type": "webchat"})),
        "/v1/channels/{id}/verify" | "/v1/channels/{id}/webhook" | "/v1/channels/{id}/templates/sync" => {
            of(&["channel"], json!({}))
        }
        "/v1/channels/{id}/test-message" => of(&["sandbox"], json!({"to": "+15550007777", "text": "a test"})),
        "/v1/channels/{id}/sandbox/inbound" => {
            of(&["sandbox"], json!({"from": "+15559999", "text": "hello"}))
        }
        "/v1/templates" => of(&[], json!({"name": "New", "body": "Hello {NAME}"})),
        "/v1/templates/preview" => of(&[], json!({"body": "Hello {NAME}"})),
        "/v1/templates/{id}/preview" => of(&["template"], json!({})),
        "/v1/templates/{id}/submit" => of(&["template"], json!({"channel_id": id("channel")})),
        "/v1/templates/{id}/dry-run" => of(&["template"], json!({"contact_group_ids": [id("group")]})),
        "/v1/canned-responses" => {
            of(&[], json!({"short_code": "/new", "title": "New", "content": "Hi there"}))
        }
        "/v1/bot-rules" => of(
            &[],
            json!({"name": "new", "trigger_type": "keyword", "conditions": {"keywords": ["never said"]},
                "actions": {"set_labels": ["x"]}, "is_active": false}),
        ),
        "/v1/bot-rules/reorder" => of(&[], json!({"ids": [id("rule")]})),
        "/v1/bot-rules/test" => of(&[], json!({"text": "hello"})),
        "/v1/conversations" => of(
            &[],
            json!({"channel_id": id("sandbox"), "contact_id": id("contact"), "contact_identifier": "+15553"}),
        ),
        "/v1/conversations/{id}/assign" => of(&["conversation"], json!({"assignee_id": id("user")})),
        "/v1/conversations/{id}/status" => of(&["conversation"], json!({"status": "resolved"})),
        "/v1/conversations/{id}/messages" => of(&["conversation"], json!({"content": "one"})),
        "/v1/messages" => {
            of(&[], json!({"channel_id": id("sandbox"), "delivery_address": "+15551", "message_body": "x"}))
        }
        "/v1/messages/render" => of(&[], json!({"template_id": id("template")})),
        "/v1/messages/{id}/retry" | "/v1/messages/{id}/cancel" => of(&["message"], json!({})),
        "/v1/uploads" => of(&[], json!({"filename": "b.txt", "mime_type": "text/plain", "size": 5})),
        _ => None,
    }
}

async fn post(api: &Api, path: &str, key: &str, body: &Value) -> Reply {
    api.send(api.request(Method::POST, path).header("idempotency-key", key).json(body)).await
}

/// The account's rows, once nothing moves them any more.
async fn at_rest(hub: &TestHub, account: &str) -> BTreeMap<String, String> {
    hub.drained().await;
    let mut db = hub.db().await;
    // these find their work by looking for it, now and then
    until("imports and group messages are at work", async || {
        let left: (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM contact_imports WHERE status IN ('queued', 'processing')),
                    (SELECT count(*) FROM group_messages WHERE status IN ('queued', 'processing'))",
        )
        .fetch_one(&mut db)
        .await
        .map_err(|error| error.to_string())?;
        if left == (0, 0) { Ok(()) } else { Err(format!("imports, group messages: {left:?}")) }
    })
    .await;
    let mut last = rows(hub, account).await;
    until("the account is at rest", async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = rows(hub, account).await;
        let changed: Vec<&String> =
            now.iter().filter(|(table, is)| last.get(*table) != Some(is)).map(|(t, _)| t).collect();
        let changed = format!("{changed:?}");
        if now == last {
            Ok(now)
        } else {
            last = now;
            Err(changed)
        }
    })
    .await
}

#[tokio::test]
async fn every_post_is_done_once_for_its_key() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(3).await);
    let world = World::named(&hub, "mine").await;
    let ada: Agent = world.agent("ada", 5).await;
    let mut mine = Belongings::of(&world, &ada, &fake).await;
    for name in ["second", "third"] {
        let made = world.api.post("/v1/contacts", json!({"name": name})).await.created();
        mine.add(name, made["id"].as_str().unwrap());
    }
    mine.add("owner", &world.owner_id);
    // who changes the password ends all other sign-ins of theirs
    let changing = world.person("pat", "agent").await.api;
    let document = hub.api().get("/openapi.json").await.body;
    let (mut missing, mut wrong, mut done, mut worked) = (Vec::new(), Vec::new(), 0, 0);
    // who has made another account has to say which one is meant from then on
    let mut paths: Vec<_> = document["paths"].as_object().unwrap().iter().collect();
    paths.sort_by_key(|(path, _)| path.as_str() == "/v1/accounts");
    for (path, operations) in paths {
        let Some(operation) = operations.get("post") else { continue };
        if operation["security"].as_array().is_none_or(Vec::is_empty) {
            println!("{path}: nobody is signed in");
            continue;
        }
        let (ids, body) = match request(path, &mine) {
            Some(Ok(found)) => found,
            Some(Err(why)) => {
                println!("{path}: {why}");
                continue;
            }
            None => {
                missing.push(path.clone());
                continue;
            }
        };
        let api = if path == "/v1/auth/password" { &changing } else { &world.api };
        let url = with_ids(path, ids.iter().map(String::as_str));
        let first = post(api, &url, path, &body).await;
        // a few cannot be done with what there is: what is refused is refused again
        match first.status {
            200..300 => worked += 1,
            400..500 => println!("{path}: {} {}", first.status, first.body["message"]),
            _ => wrong.push(format!("{url} {body}: {} {}", first.status, first.body)),
        }
        let before = at_rest(&hub, &world.account_id).await;
        let again = post(api, &url, path, &body).await;
        if (again.status, &again.body) != (first.status, &first.body) {
            wrong.push(format!(
                "{url}: answered {} {}, then {} {}",
                first.status, first.body, again.status, again.body
            ));
        }
        if again.headers.get("idempotent-replayed").is_none_or(|it| it != "true") {
            wrong.push(format!("{url}: what came again does not say so"));
        }
        let mut other = body.clone();
        other["another"] = json!(true);
        let refused = post(api, &url, path, &other).await;
        if (refused.status, &refused.body["details"]["reason"]) != (409, &json!("key_reused")) {
            wrong.push(format!("{url}: the key with another body: {} {}", refused.status, refused.body));
        }
        let after = at_rest(&hub, &world.account_id).await;
        let changed: Vec<&String> =
            after.iter().filter(|(table, is)| before.get(*table) != Some(is)).map(|(t, _)| t).collect();
        if !changed.is_empty() {
            wrong.push(format!("{url}: done again, as {changed:?} show"));
        }
        done += 1;
    }
    println!("{done} operations, of which {worked} did something");
    assert!(missing.is_empty(), "without a line: {missing:#?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(worked > 40, "{worked} of {done} did something");
    let mut hub = hub;
    hub.discard().await;
}
