//! A channel on an operator's message centre, from the customer's text to the receipt of the answer, with the message
//! centre going away in the middle.

use std::time::Duration;

use ::smpp::{
    Status,
    fake::{FakeSmsc, Manner, Receipts},
};
use serde_json::{Value, json};
use tests::harness::{Agent, Socket, TestHub, World, until};
use tokio::process::Command;

use crate::{javascript, peers::Peers};

fn manner() -> Manner {
    Manner { password: "secret".into(), receipts: Receipts::Before, ids_in_hex: true, ..Manner::default() }
}

/// A channel there; its id.
async fn channel(world: &World, smsc: &FakeSmsc) -> String {
    let new = json!({
        "name": "Operator", "channel_type": "smpp",
        "credentials": {
            "host": "127.0.0.1", "port": smsc.address().port(), "system_id": "acme", "password": "secret",
            "source_addr": "8400",
        },
        "settings": {"response_id": "hex", "receipt_id": "decimal"},
    });
    let wrong = json!({"name": "Operator", "channel_type": "smpp", "credentials": {"host": "smsc"}, "settings": {"window": 0}});
    let refused = world.api.post("/v1/channels", wrong).await.fails(422, "validation_error");
    for field in ["credentials.system_id", "credentials.password", "settings.window"] {
        assert!(refused.to_string().contains(field), "{field}: {refused}");
    }
    let made = world.api.post("/v1/channels", new).await.created();
    assert!(!made.to_string().contains("secret"), "the password is shown: {made}");
    let id = made["id"].as_str().unwrap().to_owned();
    let verified = world.api.post(&format!("/v1/channels/{id}/verify"), json!({})).await.ok();
    assert_eq!(verified["status"], "connected", "{verified}");
    until("no bind receives", async || if smsc.bound().is_empty() { Err("none") } else { Ok(()) }).await;
    id
}

/// A customer's text, again until the message centre is told that it is taken.
async fn write(smsc: &FakeSmsc, text: &str) {
    until("the text is not taken", async || match smsc.write("254700000001", "8400", text).await {
        Some(Status::OK) => Ok(()),
        other => Err(other),
    })
    .await;
}

async fn arrives(socket: &Socket, text: &str) -> String {
    let message = socket.wait("conversation:message", |payload| payload["content"] == text).await;
    message.payload["conversation_id"].as_str().expect("a conversation").to_owned()
}

async fn reply(socket: &Socket, conversation: &str, text: &str) -> String {
    let id = uuid::Uuid::new_v4();
    let send = json!({"conversation_id": conversation, "client_message_id": id, "content": text});
    let sent = socket.done("message:send", send).await;
    sent["message"]["id"].as_str().expect("a message").to_owned()
}

async fn status(agent: &Agent, conversation: &str, message: &str, wanted: &str) -> Value {
    until(&format!("the answer is not {wanted}"), async || {
        let thread = agent.api.get(&format!("/v1/conversations/{conversation}/messages")).await.ok();
        let all = thread.as_array().cloned().unwrap_or_default();
        match all.into_iter().find(|one| one["id"] == message) {
            Some(one) if one["status"] == wanted => Ok(one),
            other => Err(other),
        }
    })
    .await
}

#[tokio::test]
async fn from_the_customers_text_to_the_receipt_with_an_outage_in_between() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let smsc = FakeSmsc::start(manner()).await.unwrap();
    let port = smsc.address().port();
    let id = channel(&world, &smsc).await;
    let actions = json!({"assign_strategy": "least_busy"});
    world.rule("assign", 10, "new_conversation", json!({"only_first_message": true}), actions).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;

    write(&smsc, "Habari, iko wapi? 😀").await;
    let told = socket.wait("notification:assignment", |payload| payload["assignee_id"] == agent.id).await;
    let conversation = told.payload["conversation_id"].as_str().unwrap().to_owned();
    let page = socket.done("conversation:join", json!({"conversation_id": conversation})).await;
    assert!(page["entries"].to_string().contains("Habari, iko wapi? 😀"), "{page}");
    let long = "It is on its way and will be with you by tomorrow morning. ".repeat(5);
    let message = reply(&socket, &conversation, &long).await;
    // two segments, each with a receipt that overtakes its answer
    status(&agent, &conversation, &message, "delivered").await;
    let taken = smsc.taken();
    assert_eq!(taken.len(), 2, "two segments");
    assert!(taken.iter().all(|one| one.message.destination.address == "254700000001"));
    assert!(
        taken.iter().all(|one| one.message.source.address == "8400" && one.message.esm_class & 0x40 != 0)
    );

    // the message centre goes away, an answer is written, and it comes back
    drop(smsc);
    let waiting = reply(&socket, &conversation, "Anything else?").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let restarted = || Manner { last_id: 100, ..manner() };
    let smsc = FakeSmsc::start_on(port, restarted()).await.unwrap();
    status(&agent, &conversation, &waiting, "delivered").await;
    let texts: Vec<String> = smsc
        .taken()
        .iter()
        .map(|one| String::from_utf8_lossy(&one.message.short_message).into_owned())
        .collect();
    assert_eq!(texts, ["Anything else?"], "once");
    write(&smsc, "No, thank you").await;
    assert_eq!(arrives(&socket, "No, thank you").await, conversation);

    // cut off before the answer: it may have been sent, and is not sent again
    smsc.behave(Manner { cut_after: 1, ..restarted() });
    let unsure = reply(&socket, &conversation, "Goodbye!").await;
    status(&agent, &conversation, &unsure, "unknown").await;
    smsc.behave(restarted());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(smsc.count(), 2, "it was sent once");
    let health = until("it is not bound again", async || {
        let health = world.api.get(&format!("/v1/channels/{id}/health")).await.ok();
        if health.to_string().contains("\"bound\":1") { Ok(health) } else { Err(health) }
    })
    .await;
    assert!(!health.to_string().contains("secret"));
    hub.end().await;
}

/// The part that a text is, and the texts in the order of their parts.
fn joined(taken: &[Value]) -> String {
    let mut parts: Vec<(u64, &str)> = taken
        .iter()
        .map(|one| (one["part"][1].as_u64().unwrap_or(1), one["text"].as_str().unwrap_or_default()))
        .collect();
    parts.sort_unstable();
    parts.into_iter().map(|(_, text)| text).collect()
}

#[tokio::test]
async fn a_talk_with_a_message_centre_that_is_not_ours() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let mut node = Command::new("node");
    node.arg("smsc.js").current_dir(javascript::folder());
    let mut smsc = Peers::of(node);
    let port = smsc.next().await.expect("it listens")["port"].clone();
    let credentials = |password: &str| json!({"host": "127.0.0.1", "port": port, "system_id": "acme", "password": password, "source_addr": "8400"});
    let new = json!({"name": "Operator", "channel_type": "smpp", "credentials": credentials("wrong")});
    let made = world.api.post("/v1/channels", new).await.created();
    assert_eq!(made["status"], "error", "{made}");
    let path = format!("/v1/channels/{}", made["id"].as_str().unwrap());
    world.api.patch(&path, json!({"credentials": credentials("secret")})).await.ok();
    let verified = world.api.post(&format!("{path}/verify"), json!({})).await.ok();
    assert_eq!(verified["status"], "connected", "{verified}");
    until("the text is not taken", async || {
        let write = json!({"write": {"from": "254700000001", "to": "8400", "text": "Habari, iko wapi?"}});
        let answer = smsc.ask(write).await;
        if answer["status"] == 0 { Ok(()) } else { Err(answer) }
    })
    .await;
    let question = until("the text is not there", async || {
        let all = world.api.get("/v1/messages?filter=sender_type:eq:contact").await.ok();
        all[0]["conversation_id"].is_string().then(|| all[0].clone()).ok_or(all)
    })
    .await;
    assert_eq!(question["content"], "Habari, iko wapi?");
    let path = format!("/v1/conversations/{}/messages", question["conversation_id"].as_str().unwrap());
    let long = "It is on its way and will be with you by tomorrow morning. ".repeat(5);
    for (text, coding) in [("Njiani {tayari} €", 0), (long.trim_end(), 0), ("በመንገድ ላይ ነው 😀", 8)]
    {
        let made = world.api.post(&path, json!({"content": text})).await.created();
        until("it is not delivered", async || {
            let one = world.api.get(&format!("/v1/messages/{}", made["id"].as_str().unwrap())).await.ok();
            if one["status"] == "delivered" { Ok(()) } else { Err(one) }
        })
        .await;
        let taken = smsc.ask(json!({"taken": true})).await["taken"].as_array().unwrap().clone();
        assert_eq!(joined(&taken), text, "{taken:?}");
        for one in &taken {
            assert_eq!((&one["to"], &one["from"]), (&json!("254700000001"), &json!("8400")), "{one}");
            assert_eq!(one["coding"], coding, "{one}");
        }
        assert_eq!(taken.len(), if text.len() > 200 { 2 } else { 1 }, "{taken:?}");
    }
    hub.end().await;
}
