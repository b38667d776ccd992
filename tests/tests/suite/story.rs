//! One conversation from the customer's first word to the end, on each kind of channel.

use serde_json::{Value, json};
use tests::{
    fakes::{FakeTelegram, FakeTwilio},
    harness::{Agent, Channel, Hook, Socket, TestHub, World, until},
};

/// A bot that greets new customers and passes them on.
pub(super) async fn greeter(world: &World) {
    let actions =
        json!({"reply_text": "Welcome! Somebody will be with you.", "assign_strategy": "least_busy"});
    world.rule("greet", 10, "new_conversation", json!({"only_first_message": true}), actions).await;
}

/// The conversation that was assigned to the agent of this socket.
pub(super) async fn assigned(socket: &Socket, agent: &Agent) -> String {
    let told = socket.wait("notification:assignment", |payload| payload["assignee_id"] == agent.id).await;
    told.payload["conversation_id"].as_str().unwrap().to_owned()
}

/// Joins and returns the texts of the thread so far, with their senders.
async fn join(socket: &Socket, conversation: &str) -> (Value, Vec<(String, String)>) {
    let page = socket.done("conversation:join", json!({"conversation_id": conversation})).await;
    let said = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            (text("sender_type"), text("content"))
        })
        .collect();
    (page, said)
}

fn said(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(who, what)| ((*who).to_owned(), (*what).to_owned())).collect()
}

pub(super) async fn send(socket: &Socket, conversation: &str, text: &str) -> String {
    let id = uuid::Uuid::new_v4();
    let command = json!({"conversation_id": conversation, "client_message_id": id, "content": text});
    let first = socket.done("message:send", command.clone()).await;
    let again = socket.done("message:send", command).await;
    assert_eq!(
        first["message"]["id"], again["message"]["id"],
        "a repeated client_message_id sends nothing new"
    );
    assert_eq!(first["message"]["seq"], again["message"]["seq"]);
    first["message"]["id"].as_str().unwrap().to_owned()
}

pub(super) async fn status(socket: &Socket, message: &str, status: &str) {
    socket
        .wait("message:status", |payload| payload["message_id"] == message && payload["status"] == status)
        .await;
}

/// The middle of every story: the agent is told, reads, answers; returns conversation and answer.
pub(super) async fn answered(
    socket: &Socket,
    agent: &Agent,
    question: &str,
    answer: &str,
) -> (String, String) {
    let conversation = assigned(socket, agent).await;
    socket.wait("conversation:new", |payload| payload["id"] == conversation.as_str()).await;
    socket
        .wait("conversation:updated", |payload| {
            payload["id"] == conversation.as_str() && payload["assignee_id"] == agent.id
        })
        .await;
    let (page, texts) = join(socket, &conversation).await;
    assert_eq!(
        texts,
        said(&[("contact", question), ("bot", "Welcome! Somebody will be with you.")]),
        "{page}"
    );
    assert_eq!(page["conversation"]["status"], "assigned");
    let message = send(socket, &conversation, answer).await;
    socket.wait("conversation:message", |payload| payload["id"] == message.as_str()).await;
    (conversation, message)
}

#[tokio::test]
async fn telegram_from_the_update_to_the_answer_and_back_again() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(1).await);
    let world = World::new(&hub).await;
    greeter(&world).await;
    let channel = world.telegram(&fake).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;

    let question = channel.telegram(4711, "Where is my parcel?");
    let forged =
        Hook { headers: vec![("x-telegram-bot-api-secret-token", "wrong".into())], ..question.clone() };
    assert_eq!(channel.try_post(&forged).await.unwrap(), 401);
    channel.post(&question).await;
    // Telegram repeats what it is not sure of
    channel.post(&question).await;
    let (conversation, message) = answered(&socket, &agent, "Where is my parcel?", "On its way.").await;
    status(&socket, &message, "sent").await;
    until("the answers did not arrive", async || {
        let sent = fake.journal().by_recipient();
        if sent["4711"].len() == 2 { Ok(()) } else { Err(sent) }
    })
    .await;
    assert_eq!(fake.journal().by_recipient()["4711"], ["Welcome! Somebody will be with you.", "On its way."]);

    // resolved, reopened by the customer, tried with the same agent first
    let resolve = json!({"conversation_id": conversation, "status": "resolved"});
    socket.done("conversation:status", resolve).await;
    socket.wait("conversation:updated", |payload| payload["status"] == "resolved").await;
    channel.post(&channel.telegram(4711, "It has not come.")).await;
    socket
        .wait("conversation:message", |payload| {
            payload["conversation_id"] == conversation.as_str() && payload["content"] == "It has not come."
        })
        .await;
    until("it is not assigned again", async || {
        let now = agent.api.get(&format!("/v1/conversations/{conversation}")).await.ok();
        let same = now["status"] == "assigned" && now["assignee_id"] == agent.id;
        if same { Ok(()) } else { Err(now["status"].clone()) }
    })
    .await;
    let routing = agent.api.get(&format!("/v1/conversations/{conversation}/routing")).await.ok();
    assert!(routing.to_string().contains(&agent.id), "the decision names its candidates: {routing}");
    socket.memory().assert_rising();
    hub.end().await;
}

#[tokio::test]
async fn twilio_from_the_signed_form_to_the_receipt() {
    let (hub, fake) = (TestHub::start().await, FakeTwilio::run(2).await);
    let world = World::new(&hub).await;
    greeter(&world).await;
    let channel = world.twilio(&fake).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;

    let question = channel.twilio("+15550001111", "Do you deliver on Sundays?");
    let mut forged = question.clone();
    forged.body = forged.body.replace("Sundays", "Mondays");
    assert_eq!(channel.try_post(&forged).await.unwrap(), 401);
    channel.post(&question).await;
    let (_, message) = answered(&socket, &agent, "Do you deliver on Sundays?", "We do.").await;
    status(&socket, &message, "sent").await;
    let answer = until("the answer did not arrive", async || {
        let taken = fake.journal().taken();
        taken.into_iter().find(|entry| entry.text == "We do.").ok_or("nothing yet")
    })
    .await;
    assert_eq!(answer.to, "+15550001111");
    receipt(&channel, &answer.body, &answer.id, "delivered").await;
    status(&socket, &message, "delivered").await;
    assert_eq!(fake.journal().taken().len(), 2, "the greeting and the answer, once each");
    socket.memory().assert_rising();
    hub.end().await;
}

/// Twilio calls the address that came with the message.
async fn receipt(channel: &Channel, sent: &Value, sid: &str, status: &str) {
    let callback = sent["StatusCallback"].as_str().expect("a status callback");
    let path = callback.strip_prefix(tests::harness::hub::PUBLIC_URL).expect("at the public address");
    let form = [("AccountSid", "ACtest"), ("MessageSid", sid), ("MessageStatus", status), ("To", "+1")];
    channel.post(&channel.twilio_form(path, &form)).await;
}

#[tokio::test]
async fn web_chat_from_the_visitor_to_the_rating() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    greeter(&world).await;
    let channel = world.webchat(json!({})).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;

    let session = channel.visitor().await;
    let auth = json!({"token": session["token"]});
    let visitor = Socket::connect(&hub.url(), "/customers", &auth).await.unwrap();
    visitor.wait("hello", |_| true).await;
    let opened = visitor
        .done("message:send", json!({"client_message_id": uuid::Uuid::new_v4(), "content": "Hello?"}))
        .await;
    let conversation = opened["conversation"]["id"].as_str().unwrap().to_owned();
    let (told, message) = answered(&socket, &agent, "Hello?", "Good morning.").await;
    assert_eq!(told, conversation);
    let read = visitor.wait("conversation:message", |payload| payload["content"] == "Good morning.").await;
    assert!(read.payload.get("is_private").is_none(), "visitors get no private fields: {}", read.payload);
    visitor.done("conversation:read", json!({"seq": read.log().unwrap().1})).await;
    status(&socket, &message, "read").await;

    // notes stay inside
    let note = json!({
        "conversation_id": conversation, "client_message_id": uuid::Uuid::new_v4(), "content": "A regular.",
        "is_private": true,
    });
    socket.done("message:send", note).await;
    let resolve = json!({"conversation_id": conversation, "status": "resolved"});
    socket.done("conversation:status", resolve).await;
    visitor.wait("csat:request", |_| true).await;
    visitor.done("csat:submit", json!({"rating": 5, "comment": "Quick."})).await;
    let names: Vec<String> =
        visitor.memory().events().into_iter().map(|event| event.payload.to_string()).collect();
    assert!(!names.iter().any(|payload| payload.contains("A regular.")), "a visitor saw a note");
    assert_eq!(
        visitor.refused("conversation:join", json!({"conversation_id": conversation})).await,
        "forbidden"
    );
    visitor.memory().assert_rising();
    socket.memory().assert_rising();
    hub.end().await;
}

/// Without an address that providers can call, the hub asks.
#[tokio::test]
async fn telegram_by_long_polling() {
    let (hub, fake) = (
        TestHub::start_with(&[("TURUMBA_PUBLIC_URL", "http://127.0.0.1:8080")]).await,
        FakeTelegram::run(3).await,
    );
    let world = World::new(&hub).await;
    let token = "42:AApolling-token";
    let new = json!({
        "name": "Laptop", "channel_type": "telegram",
        "credentials": {"bot_token": token, "api_base": fake.url()},
    });
    world.api.post("/v1/channels", new).await.created();
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;
    for n in 0..3 {
        fake.push_update(token, 99, &format!("update {n}"));
    }
    let conversation = assigned(&socket, &agent).await;
    until("three messages, once each and in order", async || {
        let page = agent.api.get(&format!("/v1/conversations/{conversation}/messages")).await.ok();
        let texts: Vec<_> = page.as_array().unwrap().iter().map(|m| m["content"].clone()).collect();
        if texts == ["update 0", "update 1", "update 2"] { Ok(()) } else { Err(texts) }
    })
    .await;
    assert!(fake.webhook(token).is_none());
    drop(socket);
    hub.end().await;
}
