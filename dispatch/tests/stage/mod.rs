//! A stage for tests of dispatch: a database of its own, an account with a sandbox channel, the engine.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{str::FromStr, sync::Arc, time::Duration};

use bus::{
    Nudges, Store,
    mailbox::{self, BoxName, KeyRef, NewItem},
    store::StoreOptions,
};
use channels::{Behaviour, SandboxSwitch};
use dispatch::{Dispatch, DispatchOptions};
use inbox::{Inbox, SecretBox, Settings};
use model::{AccountId, ChannelId, ContactId, ConversationId, MessageId, SystemClock};
use outbound::{AllowList, Client, Timeouts};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, postgres::PgConnectOptions,
};
use tokio_util::sync::CancellationToken;

pub struct Stage {
    pub inbox: Inbox,
    pub sandbox: SandboxSwitch,
    pub account: AccountId,
    pub channel: ChannelId,
    server: PgConnectOptions,
    name: String,
    pub stop: CancellationToken,
}

impl Stage {
    pub async fn new(behaviour: Behaviour) -> Self {
        let url = std::env::var("TEST_DATABASE_URL").or_else(|_| std::env::var("DATABASE_URL"));
        let url = url.expect("TEST_DATABASE_URL or DATABASE_URL names a PostgreSQL server for tests");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let name = format!("dispatch_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let options = server.clone().database(&name);
        Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
        let limits = StoreOptions { app_connections: 6, system_connections: 3, ..StoreOptions::default() };
        let store = Store::open(options, &limits, Nudges::default()).await.unwrap();
        let clock = Arc::new(SystemClock);
        let inbox = Inbox::new(
            store,
            clock.clone(),
            SecretBox::new([7; 32]).unwrap(),
            Settings {
                public_url: "http://localhost:8080".into(),
                upload_max: 10_000_000,
                reply_max_age: Duration::from_mins(15),
                offline_requeue: Duration::from_mins(1),
                access_token: Duration::from_mins(15),
                refresh_token: Duration::from_mins(15),
                visitor_token: Duration::from_hours(1),
                upload_expires: Duration::from_hours(1),
                link_life: Duration::from_hours(24),
            },
            channels::registry()
                .profiles()
                .map(|profile| ((profile.channel_type, profile.provider.clone()), profile.clone()))
                .collect(),
        );
        let sandbox = SandboxSwitch::new(clock);
        let (account, channel) = (AccountId::new(), ChannelId::new());
        sandbox.tell(channel, Some(behaviour));
        let stage = Self { inbox, sandbox, account, channel, server, name, stop: CancellationToken::new() };
        let sealed = stage
            .inbox
            .secrets()
            .seal(&format!("channel:{channel}"), br#"{"signing_secret":"sandbox-signing-secret-0001"}"#)
            .unwrap();
        stage
            .owner(format!(
                "INSERT INTO accounts (id, name, slug, created_at, updated_at)
                 VALUES ('{account}', 'A', '{account}', now(), now());
                 INSERT INTO feeds (account_id) VALUES ('{account}');
                 INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                       created_at, updated_at)
                 VALUES ('{channel}', '{account}', 'C', 'sms', 'sandbox', 'connected', '\\x{}', now(), now())",
                hex(&sealed)
            ))
            .await;
        stage
    }

    pub async fn owner(&self, sql: String) {
        self.connect().await.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect_with(&self.server.clone().database(&self.name)).await.unwrap()
    }

    pub fn start(&self, options: DispatchOptions) -> tokio::task::JoinHandle<()> {
        let http = Client::new(AllowList::default(), Timeouts::default()).unwrap();
        let engine = Dispatch::new(self.inbox.clone(), http, self.sandbox.clone(), None, options);
        tokio::spawn(engine.run(self.stop.clone()))
    }

    pub async fn conversation(&self) -> ConversationId {
        let (account, channel, id, contact) =
            (self.account, self.channel, ConversationId::new(), ContactId::new());
        self.owner(format!(
            "INSERT INTO contacts (id, account_id, created_at, updated_at) VALUES ('{contact}', '{account}', now(), now());
             INSERT INTO conversations (id, account_id, channel_id, channel_type, contact_id, contact_identifier,
                                        thread_key, created_at, updated_at)
             VALUES ('{id}', '{account}', '{channel}', 'sms', '{contact}', '+251911', '{id}', now(), now())"
        ))
        .await;
        id
    }

    pub async fn say(&self, conversation: ConversationId, text: &str) -> MessageId {
        let (account, channel, id) = (self.account, self.channel, MessageId::new());
        self.owner(format!(
            "INSERT INTO messages (id, account_id, channel_id, conversation_id, direction, status, sender_type,
                                   delivery_address, message_body, created_at, updated_at)
             VALUES ('{id}', '{account}', '{channel}', '{conversation}', 'outbound', 'queued', 'agent',
                     '+251911', '{text}', now(), now())"
        ))
        .await;
        let item = NewItem {
            key: KeyRef { account_id: account, key: conversation.to_string() },
            ref_id: id.uuid(),
            payload: None,
            since: None,
            not_before: None,
        };
        let item = &item;
        self.inbox
            .store()
            .write(account, |mut tx| async move {
                mailbox::put(&mut tx, BoxName::Reply, std::slice::from_ref(item)).await
            })
            .await
            .unwrap();
        id
    }

    pub async fn status(&self, id: MessageId) -> String {
        let sql = format!("SELECT status FROM messages WHERE id = '{id}'");
        self.connect().await.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
    }

    pub async fn count(&self, what: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {what}");
        self.connect().await.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
    }

    pub async fn until(&self, what: &str, count: i64) {
        for _ in 0..400 {
            if self.count(what).await == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {} instead of {count}", self.count(what).await);
    }

    pub async fn end(self, engine: tokio::task::JoinHandle<()>) {
        self.stop.cancel();
        engine.await.unwrap();
        self.inbox.store().close().await;
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name))).await.unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub fn quiet() -> Behaviour {
    Behaviour { receipts: vec![], ..Behaviour::default() }
}
