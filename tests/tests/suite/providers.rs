//! Every provider through the front door: its signed webhook, the answer of an agent, its receipt.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::{
    fakes::FakeProviders,
    harness::{Agent, Channel, Hook, Socket, TestHub, World, hub::PUBLIC_URL, until},
};

use super::story::{answered, greeter, status};

pub const SECRET: &str = "provider-secret-0123456789";
const TOKEN: &str = "webhook-token-0123456789";

/// A provider as the test plays it.
struct Case {
    kind: &'static str,
    provider: &'static str,
    credentials: fn() -> Value,
    settings: fn() -> Value,
    customer: &'static str,
    /// A customer's message with this id and text.
    inbound: fn(&Channel, &str, &str) -> Hook,
    /// That the message of this id was delivered.
    receipt: fn(&Channel, &str) -> Hook,
}

fn mac(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn meta(channel: &Channel, body: &Value) -> Hook {
    let body = body.to_string();
    let headers = vec![("x-hub-signature-256", format!("sha256={}", mac(&body)))];
    Hook { path: channel.path(), headers, body }
}

pub fn whatsapp(channel: &Channel, mut value: Value) -> Hook {
    value["metadata"] = json!({"phone_number_id": "100000000000001", "display_phone_number": "15550001111"});
    let entry = json!([{"id": "2", "changes": [{"field": "messages", "value": value}]}]);
    meta(channel, &json!({"object": "whatsapp_business_account", "entry": entry}))
}

fn messenger(channel: &Channel, mut event: Value) -> Hook {
    event["sender"] = json!({"id": "400000000000004"});
    event["recipient"] = json!({"id": "300000000000003"});
    event["timestamp"] = json!(1_780_000_000_100_i64);
    meta(channel, &json!({"object": "page", "entry": [{"id": "300000000000003", "messaging": [event]}]}))
}

fn form(channel: &Channel, fields: &[(&str, &str)]) -> Hook {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Hook { path: format!("{}?token={TOKEN}", channel.path()), headers: Vec::new(), body }
}

/// MessageBird's token over the address and the body.
fn jwt(channel: &Channel, fields: &[(&str, &str)]) -> Hook {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let url = format!("{PUBLIC_URL}{}", channel.path());
    let claims = json!({
        "iss": "MessageBird", "url_hash": hex::encode(Sha256::digest(&url)),
        "payload_hash": hex::encode(Sha256::digest(&body)),
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    Hook { path: channel.path(), headers: vec![("messagebird-signature-jwt", token)], body }
}

fn described(channel: &Channel, body: &Value) -> Hook {
    let body = body.to_string();
    Hook { path: channel.path(), headers: vec![("x-signature", mac(&body))], body }
}

const CASES: [Case; 6] = [
    Case {
        kind: "whatsapp",
        provider: "default",
        credentials: || {
            json!({"access_token": "EAAtoken-000", "app_secret": SECRET, "phone_number_id": "100000000000001",
                   "waba_id": "200000000000002"})
        },
        settings: || json!({}),
        customer: "+15551230000",
        inbound: |channel, id, text| {
            let message = json!({"from": "15551230000", "from_user_id": "US.9", "id": id, "type": "text", "text": {"body": text}});
            whatsapp(
                channel,
                json!({"contacts": [{"wa_id": "15551230000", "profile": {"name": "Ada"}}], "messages": [message]}),
            )
        },
        receipt: |channel, id| {
            let pricing = json!({"category": "service", "billable": true});
            whatsapp(channel, json!({"statuses": [{"id": id, "status": "delivered", "pricing": pricing}]}))
        },
    },
    Case {
        kind: "messenger",
        provider: "default",
        credentials: || json!({"access_token": "EAAtoken-000", "app_secret": SECRET, "page_id": "300000000000003"}),
        settings: || json!({}),
        customer: "400000000000004",
        inbound: |channel, id, text| messenger(channel, json!({"message": {"mid": id, "text": text}})),
        receipt: |channel, id| {
            messenger(channel, json!({"delivery": {"mids": [id], "watermark": 1_780_000_001_000_i64}}))
        },
    },
    Case {
        kind: "sms",
        provider: "africastalking",
        credentials: || json!({"username": "acme", "api_key": "atsk_0123456789", "webhook_token": TOKEN}),
        settings: || json!({"sender_id": "ACME"}),
        customer: "+254700000001",
        inbound: |channel, id, text| {
            form(channel, &[("from", "+254700000001"), ("to", "22384"), ("id", id), ("text", text)])
        },
        receipt: |channel, id| {
            form(channel, &[("id", id), ("status", "Success"), ("phoneNumber", "+254700000001")])
        },
    },
    Case {
        kind: "sms",
        provider: "vonage",
        credentials: || json!({"api_key": "abcd1234", "api_secret": "example-secret-1", "webhook_token": TOKEN}),
        settings: || json!({"sender": "ACME"}),
        customer: "+254700000001",
        inbound: |channel, id, text| {
            form(channel, &[("msisdn", "254700000001"), ("to", "1201"), ("messageId", id), ("text", text)])
        },
        receipt: |channel, id| {
            form(channel, &[("messageId", id), ("status", "delivered"), ("err-code", "0")])
        },
    },
    Case {
        kind: "sms",
        provider: "messagebird",
        credentials: || json!({"access_key": "live_0123456789", "signing_key": SECRET}),
        settings: || json!({"originator": "ACME"}),
        customer: "+254700000001",
        inbound: |channel, id, text| {
            jwt(channel, &[("id", id), ("originator", "254700000001"), ("recipient", "1201"), ("body", text)])
        },
        receipt: |channel, id| jwt(channel, &[("id", id), ("status", "delivered")]),
    },
    Case {
        kind: "sms",
        provider: "http",
        credentials: || json!({"api_key": "key-0123456789", "webhook_secret": SECRET}),
        settings: || {
            json!({"path": "/send", "headers": "X-Api-Key: {{api_key}}", "body": r#"{"to": "{{to}}", "text": "{{text}}"}"#,
                   "id_path": "id", "result_path": "status", "result_ok": "ok", "check": "hmac_sha256",
                   "check_header": "X-Signature", "message_id_path": "id", "message_from_path": "from",
                   "message_text_path": "text", "receipt_id_path": "id", "receipt_status_path": "status",
                   "delivered_words": "DELIVRD"})
        },
        customer: "+254700000001",
        inbound: |channel, id, text| {
            described(channel, &json!({"id": id, "from": "254700000001", "text": text}))
        },
        receipt: |channel, id| described(channel, &json!({"id": id, "status": "DELIVRD"})),
    },
];

impl Case {
    async fn channel(&self, world: &World, fake: &FakeProviders, more: Value) -> Channel {
        let mut settings = (self.settings)();
        settings["api_base"] = fake.url().into();
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let credentials = (self.credentials)();
        let new = json!({
            "name": self.provider, "channel_type": self.kind, "provider": self.provider, "credentials": credentials,
            "settings": settings,
        });
        let (made, channel) = world.channel(self.kind, new).await;
        assert_eq!(made["status"], "connected", "{made}");
        for secret in credentials.as_object().unwrap().values().filter_map(Value::as_str) {
            let is_secret = [SECRET, TOKEN].contains(&secret);
            assert!(!is_secret || !made.to_string().contains(secret), "a secret is shown: {made}");
        }
        channel
    }
}

/// A forged webhook is refused; the genuine one, twice, is one message; the answer leaves; its receipt counts.
async fn story(case: &Case, hub: &TestHub, fake: &FakeProviders) {
    let world = World::named(hub, &format!("{}-{}", case.kind, case.provider)).await;
    greeter(&world).await;
    let channel = case.channel(&world, fake, json!({})).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;

    let question = (case.inbound)(&channel, "in-1", "Where is my parcel?");
    let headers = question
        .headers
        .iter()
        .map(|(name, value)| (*name, value.replace(|c: char| c.is_ascii_digit(), "f")))
        .collect();
    let forged = Hook { headers, path: question.path.replace(TOKEN, "wrong"), ..question.clone() };
    assert_eq!(channel.try_post(&forged).await.unwrap(), 401, "{}", case.provider);
    channel.post(&question).await;
    channel.post(&question).await;
    let before = fake.journal().taken().len();
    let (_, message) = answered(&socket, &agent, "Where is my parcel?", "On its way.").await;
    status(&socket, &message, "sent").await;
    let answer = until("the answer did not arrive", async || {
        let taken = fake.journal().taken();
        taken
            .into_iter()
            .skip(before.saturating_sub(1))
            .find(|entry| entry.text == "On its way.")
            .ok_or("nothing yet")
    })
    .await;
    assert_eq!(answer.to, case.customer, "{}", case.provider);
    channel.post(&(case.receipt)(&channel, &answer.id)).await;
    status(&socket, &message, "delivered").await;
    drop(socket);
}

#[tokio::test]
async fn each_provider_from_the_signed_webhook_to_the_receipt() {
    let hub = TestHub::start().await;
    for (n, case) in CASES.iter().enumerate() {
        let fake = FakeProviders::run(n as u64).await;
        story(case, &hub, &fake).await;
        assert_eq!(
            fake.journal().taken().len(),
            2,
            "{}: the greeting and the answer, once each",
            case.provider
        );
    }
    hub.end().await;
}

/// The messages of a conversation as its agent sees them.
async fn thread(agent: &Agent, conversation: &str) -> Vec<Value> {
    let page = agent.api.get(&format!("/v1/conversations/{conversation}/messages")).await.ok();
    page.as_array().unwrap().clone()
}

#[tokio::test]
async fn who_writes_stop_gets_nothing_more_until_start() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(9).await);
    let world = World::new(&hub).await;
    let case = CASES.iter().find(|case| case.provider == "africastalking").unwrap();
    let answers = json!({"stop_answer": "You get no more messages.", "start_answer": "Welcome back.", "help_answer": "Call 100."});
    let channel = case.channel(&world, &fake, answers).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;
    channel.post(&(case.inbound)(&channel, "in-1", "Hello")).await;
    let conversation = super::story::assigned(&socket, &agent).await;
    let sent = |text: &'static str| {
        let fake = &fake;
        async move {
            until(text, async || {
                let taken = fake.journal().taken();
                if taken.iter().any(|entry| entry.text == text) { Ok(()) } else { Err(taken.len()) }
            })
            .await;
        }
    };
    channel.post(&(case.inbound)(&channel, "in-2", "help!")).await;
    sent("Call 100.").await;
    channel.post(&(case.inbound)(&channel, "in-3", "አቁም።")).await;
    sent("You get no more messages.").await;
    // once
    channel.post(&(case.inbound)(&channel, "in-4", "STOP")).await;
    let refused = super::story::send(&socket, &conversation, "Our new offers").await;
    until("the offer is refused", async || {
        let messages = thread(&agent, &conversation).await;
        let offer =
            messages.iter().find(|message| message["id"] == refused.as_str()).cloned().unwrap_or_default();
        if offer["error"]["code"] == "opted_out" { Ok(()) } else { Err(offer) }
    })
    .await;
    channel.post(&(case.inbound)(&channel, "in-5", "Start")).await;
    sent("Welcome back.").await;
    super::story::send(&socket, &conversation, "Here again").await;
    sent("Here again").await;
    let texts: Vec<String> = fake.journal().taken().into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["Call 100.", "You get no more messages.", "Welcome back.", "Here again"]);
    drop(socket);
    hub.end().await;
}

#[tokio::test]
async fn a_whatsapp_customer_keeps_one_conversation_under_all_identifiers() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(10).await);
    let world = World::new(&hub).await;
    let channel = CASES[0].channel(&world, &fake, json!({})).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;
    channel.post(&(CASES[0].inbound)(&channel, "in-1", "With a number")).await;
    let conversation = super::story::assigned(&socket, &agent).await;
    // the number is hidden from now on
    let hidden =
        json!({"from_user_id": "US.9", "id": "in-2", "type": "text", "text": {"body": "With a user name"}});
    channel.post(&whatsapp(&channel, json!({"messages": [hidden]}))).await;
    let reaction = json!({"from_user_id": "US.9", "id": "in-3", "type": "reaction", "reaction": {"message_id": "in-1", "emoji": "👍"}});
    channel.post(&whatsapp(&channel, json!({"messages": [reaction]}))).await;
    until("both messages and the reaction are in one thread", async || {
        let messages = thread(&agent, &conversation).await;
        let texts: Vec<_> = messages.iter().map(|message| message["content"].clone()).collect();
        let reacted = messages.iter().any(|message| message["metadata"]["reactions"]["US.9"] == "👍");
        if texts == ["With a number", "With a user name"] && reacted { Ok(()) } else { Err(messages) }
    })
    .await;
    // templates of the account are taken over, and may be sent
    let synced = world.api.post(&format!("/v1/channels/{}/templates/sync", channel.id), json!({})).await.ok();
    assert_eq!(synced, json!({"made": 1, "updated": 0}));
    let templates = world.api.get("/v1/templates").await.ok();
    assert_eq!(templates[0]["body"], "Hello {FIRST_NAME}");
    assert_eq!(templates[0]["approval_status"], "approved");
    drop::<Socket>(socket);
    hub.end().await;
}

#[tokio::test]
async fn metas_question_is_answered_at_the_channels_address() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(11).await);
    let world = World::new(&hub).await;
    let case = &CASES[0];
    let mut credentials = (case.credentials)();
    credentials["verify_token"] = "words-of-ours".into();
    let new = json!({"name": "WA", "channel_type": "whatsapp", "credentials": credentials, "settings": {"api_base": fake.url()}});
    let (_, channel) = world.channel("whatsapp", new).await;
    let ask = |token: &str| {
        let query = format!("?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444");
        reqwest::get(format!("{}{}{query}", hub.url(), channel.path()))
    };
    let good = ask("words-of-ours").await.unwrap();
    assert_eq!((good.status().as_u16(), good.text().await.unwrap()), (200, "1158201444".to_owned()));
    assert_eq!(ask("others").await.unwrap().status().as_u16(), 401);
    hub.end().await;
}

/// What the provider was told besides messages, once there is so much of it.
async fn signalled(fake: &FakeProviders, count: usize) -> Vec<Value> {
    until("the provider was not told", async || {
        let signals = fake.signals();
        if signals.len() >= count { Ok(signals) } else { Err(signals) }
    })
    .await
}

/// An agent at one case's channel who has its customer's message open: the socket, the conversation, its head.
async fn opened(
    case: &Case,
    hub: &TestHub,
    fake: &FakeProviders,
    more: Value,
) -> (World, Channel, Socket, String, i64) {
    let world = World::named(hub, &format!("{}-{}", case.kind, fake.address.port())).await;
    let channel = case.channel(&world, fake, more).await;
    let agent = world.person("ada", "supervisor").await;
    let socket = agent.socket().await;
    channel.post(&(case.inbound)(&channel, "in-1", "Is anybody there?")).await;
    let new = socket.wait("conversation:new", |_| true).await;
    let id = new.payload["id"].as_str().unwrap().to_owned();
    let joined = socket.done("conversation:join", json!({"conversation_id": id})).await;
    let head = joined["head"].as_i64().unwrap_or_else(|| panic!("no head: {joined}"));
    (world, channel, socket, id, head)
}

#[tokio::test]
async fn whatsapp_is_told_that_an_agent_reads_and_types() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(12).await);
    let (_world, channel, socket, id, head) = opened(&CASES[0], &hub, &fake, json!({})).await;
    assert_eq!(fake.signals(), [] as [Value; 0], "to have it in the list is not to read it");
    let read = json!({"conversation_id": id, "seq": head});
    socket.done("conversation:read", read.clone()).await;
    let mark = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "in-1"});
    assert_eq!(signalled(&fake, 1).await, std::slice::from_ref(&mark));
    // the same mark again says nothing new; typing does, once for as long as it is shown
    socket.done("conversation:read", read).await;
    for _ in 0..3 {
        socket.done("conversation:typing:start", json!({"conversation_id": id})).await;
        socket.done("conversation:typing:stop", json!({"conversation_id": id})).await;
    }
    let mut typing = mark;
    typing["typing_indicator"] = json!({"type": "text"});
    assert_eq!(signalled(&fake, 2).await[1], typing);

    // who refuses a signal gets the answers all the same, and no signal for a while
    fake.refuse_signals(Some(400));
    channel.post(&(CASES[0].inbound)(&channel, "in-2", "Hello?")).await;
    let said = socket.wait("conversation:message", |it| it["content"] == "Hello?").await;
    let seq = said.log().unwrap().1;
    socket.done("conversation:read", json!({"conversation_id": id, "seq": seq})).await;
    assert_eq!(signalled(&fake, 3).await[2]["message_id"], "in-2");
    channel.post(&(CASES[0].inbound)(&channel, "in-3", "Well?")).await;
    let said = socket.wait("conversation:message", |it| it["content"] == "Well?").await;
    let seq = said.log().unwrap().1;
    socket.done("conversation:read", json!({"conversation_id": id, "seq": seq})).await;
    let send = json!({"conversation_id": id, "client_message_id": uuid::Uuid::new_v4(), "content": "Yes."});
    let sent = socket.done("message:send", send).await;
    status(&socket, sent["message"]["id"].as_str().unwrap(), "sent").await;
    assert_eq!(fake.signals().len(), 3, "one call each, none repeated, none while the channel rests");
    drop(socket);
    hub.end().await;
}

#[tokio::test]
async fn messenger_is_told_that_an_agent_reads_types_and_stops() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(13).await);
    let (_world, _channel, socket, id, head) = opened(&CASES[1], &hub, &fake, json!({})).await;
    let action = |action| json!({"recipient": {"id": CASES[1].customer}, "sender_action": action});
    socket.done("conversation:read", json!({"conversation_id": id, "seq": head})).await;
    signalled(&fake, 1).await;
    socket.done("conversation:typing:start", json!({"conversation_id": id})).await;
    signalled(&fake, 2).await;
    socket.done("conversation:typing:stop", json!({"conversation_id": id})).await;
    let told = signalled(&fake, 3).await;
    assert_eq!(told, [action("mark_seen"), action("typing_on"), action("typing_off")]);
    drop(socket);
    hub.end().await;
}

#[tokio::test]
async fn a_channel_may_keep_to_itself_what_was_read() {
    let hub = TestHub::start().await;
    let off = json!({"send_read_marks": false});
    let (whatsapp, messenger) = (FakeProviders::run(14).await, FakeProviders::run(15).await);
    for (case, fake) in [(&CASES[0], &whatsapp), (&CASES[1], &messenger)] {
        let (_world, _channel, socket, id, head) = opened(case, &hub, fake, off.clone()).await;
        socket.done("conversation:read", json!({"conversation_id": id, "seq": head})).await;
        socket.done("conversation:typing:start", json!({"conversation_id": id})).await;
    }
    let told = signalled(&messenger, 1).await;
    assert_eq!(told[0]["sender_action"], "typing_on", "the read would have come before it");
    assert_eq!(whatsapp.signals(), [] as [Value; 0], "its typing would mark as read");
    hub.end().await;
}
