//! An organisation with its people, channels and customers, made through the front door.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    Api, Memory, PATIENCE, Refused, Reply, Socket, TestHub, hub::PUBLIC_URL, socket::RECONNECT, until,
};
use crate::fakes::{FakeTelegram, FakeTwilio, twilio_signature};

/// Everybody's password. It is hashed as any other.
pub const PASSWORD: &str = "correct horse battery";

/// An account with its owner signed in.
pub struct World {
    pub api: Api,
    pub account_id: String,
    pub owner_id: String,
    name: String,
}

/// Somebody who works there.
#[derive(Clone)]
pub struct Agent {
    pub id: String,
    pub email: String,
    pub account_id: String,
    pub api: Api,
}

/// A channel, and what a provider needs to write to it.
#[derive(Debug, Clone)]
pub struct Channel {
    pub id: String,
    pub kind: String,
    /// Of Telegram the webhook's secret, of Twilio the auth token, of the sandbox the signing secret, of web chat
    /// the public key.
    pub secret: String,
    base: String,
    http: reqwest::Client,
}

/// Numbers that no two messages of a run share.
static NEXT: AtomicI64 = AtomicI64::new(1);

fn next() -> i64 {
    NEXT.fetch_add(1, SeqCst)
}

impl World {
    /// An account made on the command line, its owner signed in.
    pub async fn new(hub: &TestHub) -> Self {
        Self::named(hub, "acme").await
    }

    /// The same, for tests with several.
    pub async fn named(hub: &TestHub, name: &str) -> Self {
        let email = format!("owner@{name}.example");
        let made = hub.cli(&["account", "create", "--name", name, "--email", &email, "--password", PASSWORD]);
        let text = |field: &str| {
            made[field]
                .as_str()
                .unwrap_or_else(|| panic!("account create printed no {field}: {made}"))
                .to_owned()
        };
        let api = hub.api().login(&email, PASSWORD).await;
        Self { api, account_id: text("account_id"), owner_id: text("user_id"), name: name.to_owned() }
    }

    /// The same, as a client of another hub.
    #[must_use]
    pub fn at(&self, hub: &TestHub) -> Self {
        Self {
            api: self.api.at(&hub.url()),
            account_id: self.account_id.clone(),
            owner_id: self.owner_id.clone(),
            name: self.name.clone(),
        }
    }

    /// A member with a built-in role, signed in.
    pub async fn person(&self, name: &str, role: &str) -> Agent {
        let email = format!("{name}@{}.example", self.name);
        let user = json!({"email": email, "password": PASSWORD, "given_name": name, "role": role});
        let user = self.api.post("/v1/users", user).await.created();
        let api = Api { token: None, ..self.api.clone() }.login(&email, PASSWORD).await;
        let id = user["id"].as_str().unwrap().to_owned();
        Agent { id, email, account_id: self.account_id.clone(), api }
    }

    /// An agent who may have so many conversations at a time.
    pub async fn agent(&self, name: &str, capacity: u32) -> Agent {
        let agent = self.person(name, "agent").await;
        let wanted = json!({"max_concurrent_conversations": capacity});
        let _ = agent.api.patch("/v1/agent-preferences/me", wanted).await.ok();
        agent
    }

    /// A bot rule; `priority` sets the order.
    pub async fn rule(
        &self,
        name: &str,
        priority: i32,
        trigger: &str,
        conditions: Value,
        actions: Value,
    ) -> Value {
        let rule = json!({
            "name": name, "priority": priority, "trigger_type": trigger, "conditions": conditions,
            "actions": actions,
        });
        self.api.post("/v1/bot-rules", rule).await.created()
    }

    /// A channel as the body says.
    pub async fn channel(&self, kind: &str, new: Value) -> (Value, Channel) {
        let made = self.api.post("/v1/channels", new).await.created();
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(made["webhook_url"], format!("{PUBLIC_URL}/v1/webhooks/{kind}/{id}"), "{made}");
        let channel = Channel {
            id,
            kind: kind.to_owned(),
            secret: String::new(),
            base: self.api.base.clone(),
            http: self.api.http.clone(),
        };
        (made, channel)
    }

    /// A bot whose webhook the hub has registered with the fake.
    pub async fn telegram(&self, fake: &FakeTelegram) -> Channel {
        let token = format!("{}:AAtest-token_{}", 700_000 + next(), uuid::Uuid::new_v4().simple());
        let new = json!({
            "name": "Bot", "channel_type": "telegram",
            "credentials": {"bot_token": token, "api_base": fake.url()},
        });
        let (made, channel) = self.channel("telegram", new).await;
        assert!(!made.to_string().contains(&token), "the token is shown: {made}");
        let (url, secret) =
            until("the webhook is not registered", async || fake.webhook(&token).ok_or("no webhook")).await;
        assert_eq!(url, format!("{PUBLIC_URL}/v1/webhooks/telegram/{}", channel.id));
        Channel { secret, ..channel }
    }

    /// A number at Twilio.
    pub async fn twilio(&self, fake: &FakeTwilio) -> Channel {
        let secret = format!("token{}", uuid::Uuid::new_v4().simple());
        let new = json!({
            "name": "SMS", "channel_type": "sms", "provider": "twilio",
            "credentials": {
                "account_sid": "ACtest0000000000000000000000000001", "auth_token": secret,
                "sender_number": "+15005550006", "api_base": fake.url(),
            },
        });
        let (made, channel) = self.channel("sms", new).await;
        assert!(!made.to_string().contains(&secret), "the auth token is shown: {made}");
        Channel { secret, ..channel }
    }

    /// A mail address at Postmark, which posts whole mails.
    pub async fn postmark(&self) -> Channel {
        let secret = format!("webhook-token-{}", uuid::Uuid::new_v4().simple());
        let new = json!({
            "name": "Mail", "channel_type": "email", "provider": "postmark",
            "credentials": {
                "server_token": format!("{}", uuid::Uuid::new_v4()), "from_email": "support@shop.example",
                "webhook_token": secret,
            },
        });
        let (made, channel) = self.channel("email", new).await;
        assert!(!made.to_string().contains(&secret), "the webhook's token is shown: {made}");
        Channel { secret, ..channel }
    }

    /// A sandbox of a type, behaving like this.
    pub async fn sandbox(&self, kind: &str, settings: Value) -> Channel {
        let secret = format!("signing-secret-{}", uuid::Uuid::new_v4().simple());
        let new = json!({
            "name": "Sandbox", "channel_type": kind, "provider": "sandbox",
            "credentials": {"signing_secret": secret}, "settings": settings,
        });
        let (_, channel) = self.channel(kind, new).await;
        Channel { secret, ..channel }
    }

    /// A web chat.
    pub async fn webchat(&self, settings: Value) -> Channel {
        let new = json!({"name": "Chat", "channel_type": "webchat", "settings": settings});
        let (made, channel) = self.channel("webchat", new).await;
        let secret = made["settings"]["public_key"].as_str().expect("a public key").to_owned();
        Channel { secret, ..channel }
    }
}

impl Agent {
    /// The same person as a client of another hub.
    #[must_use]
    pub fn at(&self, hub: &TestHub) -> Self {
        Self { api: self.api.at(&hub.url()), ..self.clone() }
    }

    /// What `/agents` asks for.
    #[must_use]
    pub fn auth(&self) -> Value {
        json!({"token": self.api.token, "account_id": self.account_id})
    }

    /// A socket, after its `live`.
    pub async fn socket(&self) -> Socket {
        self.try_resume(Arc::default(), json!({})).await.unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    /// A socket whose agent takes conversations.
    pub async fn online(&self) -> Socket {
        let socket = self.socket().await;
        socket.done("agent:status", json!({"status": "online"})).await;
        socket
    }

    /// Connects with what an earlier connection remembered; `threads` as the contract has them.
    pub async fn try_resume(&self, memory: Arc<Memory>, threads: Value) -> Result<Socket, Refused> {
        let mut auth = self.auth();
        let known = memory.events().len();
        if let (Some(since), Some(epoch)) =
            (memory.last(&format!("account:{}", self.account_id)), memory.epoch())
        {
            auth["since"] = since.into();
            auth["epoch"] = epoch;
        }
        if threads.as_object().is_some_and(|threads| !threads.is_empty()) {
            auth["threads"] = threads;
        }
        let socket = Socket::resume(&self.api.base, "/agents", &auth, Arc::clone(&memory)).await?;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let live = memory.events()[known..].iter().any(|event| event.name == "live");
            if live {
                return Ok(socket);
            }
            if socket.is_closed() {
                return Err(Refused::Transport("closed before it was live".to_owned()));
            }
            assert!(tokio::time::Instant::now() < deadline, "no live: {:?}", memory.events());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// As [`Self::try_resume`], until it works: the hub may be starting.
    pub async fn resume(&self, memory: Arc<Memory>, threads: impl Fn() -> Value) -> Socket {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match self.try_resume(Arc::clone(&memory), threads()).await {
                Ok(socket) => return socket,
                Err(Refused::Namespace(why)) => panic!("{} is refused: {why}", self.email),
                Err(Refused::Transport(why)) => {
                    assert!(tokio::time::Instant::now() < deadline, "no connection: {why}");
                    tokio::time::sleep(RECONNECT).await;
                }
            }
        }
    }
}

/// A webhook, ready to be posted, again and again if need be.
#[derive(Debug, Clone)]
pub struct Hook {
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Channel {
    /// The same channel, whose provider calls another hub.
    #[must_use]
    pub fn at(&self, hub: &TestHub) -> Self {
        Self { base: hub.url(), ..self.clone() }
    }

    /// The same channel, whose provider signs with another secret.
    #[must_use]
    pub fn with_secret(&self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self.clone() }
    }

    #[must_use]
    pub fn path(&self) -> String {
        format!("/v1/webhooks/{}/{}", self.kind, self.id)
    }

    /// What Telegram posts when a customer writes.
    #[must_use]
    pub fn telegram(&self, chat: i64, text: &str) -> Hook {
        self.telegram_update(&crate::fakes::telegram_update(next(), next(), chat, text))
    }

    /// What Telegram posts for an update.
    #[must_use]
    pub fn telegram_update(&self, update: &Value) -> Hook {
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-telegram-bot-api-secret-token", self.secret.clone()),
        ];
        Hook { path: self.path(), headers, body: update.to_string() }
    }

    /// What Twilio posts when a customer writes.
    #[must_use]
    pub fn twilio(&self, from: &str, text: &str) -> Hook {
        let sid = format!("SM{:032x}", 0x1000_0000 + next());
        let form = [
            ("AccountSid", "ACtest0000000000000000000000000001"),
            ("MessageSid", sid.as_str()),
            ("From", from),
            ("To", "+15005550006"),
            ("Body", text),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
        ];
        self.twilio_form(&self.path(), &form)
    }

    /// A form with Twilio's signature.
    #[must_use]
    pub fn twilio_form(&self, path: &str, form: &[(&str, &str)]) -> Hook {
        let signature = twilio_signature(&self.secret, &format!("{PUBLIC_URL}{path}"), form);
        let headers = vec![
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("x-twilio-signature", signature),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Hook { path: path.to_owned(), headers, body }
    }

    /// What Postmark posts when a customer sends a mail with a file.
    #[must_use]
    pub fn postmark(&self, from: &str, text: &str, file: &[u8]) -> Hook {
        let (id, content) = (next(), STANDARD.encode(file));
        let mail = json!({
            "FromName": "Ada", "From": from, "FromFull": {"Email": from, "Name": "Ada"},
            "To": "support@shop.example", "OriginalRecipient": "support@shop.example", "Subject": "Where is it?",
            "MessageID": format!("uuid-{id}"), "Date": "Mon, 2 Nov 2026 10:00:00 +0000", "TextBody": text,
            "Headers": [{"Name": "Message-ID", "Value": format!("<mail-{id}@y.test>")}],
            "Attachments": [{"Name": "order.bin", "Content": content, "ContentType": "application/octet-stream",
                "ContentLength": file.len(), "ContentID": ""}],
        });
        let headers = vec![("content-type", "application/json".to_owned())];
        Hook { path: format!("{}?token={}", self.path(), self.secret), headers, body: mail.to_string() }
    }

    /// What the sandbox posts when its pretend customer writes.
    #[must_use]
    pub fn sandbox(&self, from: &str, text: &str) -> Hook {
        let id = format!("in-{}-{}", std::process::id(), next());
        self.sandbox_events(&json!([{"type": "message", "external_id": id, "from": from, "text": text}]))
    }

    /// Events with the sandbox's signature.
    #[must_use]
    pub fn sandbox_events(&self, events: &Value) -> Hook {
        self.sandbox_raw(&json!({"events": events}).to_string())
    }

    /// Any body with the sandbox's signature.
    #[must_use]
    pub fn sandbox_raw(&self, body: &str) -> Hook {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let headers =
            vec![("content-type", "application/json".to_owned()), ("x-sandbox-signature", signature)];
        Hook { path: self.path(), headers, body: body.to_owned() }
    }

    /// Posts it as the provider would; the status, or why there was no answer.
    pub async fn try_post(&self, hook: &Hook) -> Result<u16, reqwest::Error> {
        self.try_post_within(hook, Duration::from_secs(20)).await
    }

    /// The same of a provider that waits so long.
    pub async fn try_post_within(&self, hook: &Hook, patience: Duration) -> Result<u16, reqwest::Error> {
        let mut request = self.http.post(format!("{}{}", self.base, hook.path)).body(hook.body.clone());
        for (name, value) in &hook.headers {
            request = request.header(*name, value);
        }
        let answer = request.timeout(patience).send().await?;
        let status = answer.status().as_u16();
        answer.bytes().await?;
        Ok(status)
    }

    /// Posts it; it must be accepted.
    pub async fn post(&self, hook: &Hook) {
        let status = self.try_post(hook).await.unwrap_or_else(|error| panic!("{}: {error:?}", hook.path));
        assert_eq!(status, 200, "{} {}", hook.path, hook.body);
    }

    /// Posts it again and again until it is accepted, as providers do.
    pub async fn deliver(&self, hook: &Hook) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match self.try_post(hook).await {
                Ok(200) => return,
                Ok(status) if status < 500 => panic!("{} was refused: {status}", hook.path),
                other => assert!(tokio::time::Instant::now() < deadline, "never accepted: {other:?}"),
            }
            tokio::time::sleep(RECONNECT).await;
        }
    }

    /// A session of a new visitor.
    pub async fn visitor(&self) -> Value {
        self.try_visitor(json!({})).await.ok()
    }

    pub async fn try_visitor(&self, claims: Value) -> Reply {
        let api = Api { base: self.base.clone(), token: None, http: self.http.clone() };
        api.post(&format!("/v1/public/chat/{}/session", self.secret), claims).await
    }
}
