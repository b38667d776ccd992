//! An account with agents, rules and customers in a database of its own.

use std::{str::FromStr, sync::Arc, time::Duration};

use bus::{DbQueue, LocalLive, Nudges, Store, queue::Workers, relay::Relay, store::StoreOptions};
use inbox::{Inbox, Member, Profiles, SecretBox, Settings, inbound::InboundItem, inbound::InboundKind};
use model::{
    AccountId, ChannelId, ChannelType, Clock, ConversationId, SystemClock, UserId, permission::BuiltInRole,
};
use router::{bot::Bot, rulebook::Rulebook};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tokio_util::sync::CancellationToken;

pub struct Fixture {
    pub inbox: Inbox,
    pub account: AccountId,
    pub channel: ChannelId,
    options: PgConnectOptions,
    server: PgConnectOptions,
    name: String,
    stop: CancellationToken,
}

impl Fixture {
    pub async fn new() -> Self {
        let url = std::env::var("TEST_DATABASE_URL")
            .or_else(|_| std::env::var("DATABASE_URL"))
            .expect("TEST_DATABASE_URL or DATABASE_URL names a PostgreSQL server for tests");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let name = format!("router_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let options = server.clone().database(&name);
        Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
        let limits = StoreOptions { app_connections: 12, system_connections: 4, ..StoreOptions::default() };
        let store = Store::open(options.clone(), &limits, Nudges::default()).await.unwrap();
        let inbox = Inbox::new(
            store,
            Arc::new(SystemClock),
            SecretBox::new([7; 32]).unwrap(),
            Settings {
                public_url: "http://localhost:8080".into(),
                upload_max: 10_000_000,
                reply_max_age: Duration::from_secs(900),
                offline_requeue: Duration::from_secs(60),
                access_token: Duration::from_secs(900),
                refresh_token: Duration::from_secs(86_400),
                visitor_token: Duration::from_hours(1),
                upload_expires: Duration::from_hours(1),
                link_life: Duration::from_hours(24),
            },
            Profiles::new(),
        );
        let (account, channel) = (AccountId::new(), ChannelId::new());
        let fixture = Self { inbox, account, channel, options, server, name, stop: CancellationToken::new() };
        fixture
            .sql(&format!(
                "INSERT INTO accounts (id, name, slug, created_at, updated_at) VALUES ('{account}', 'A', '{account}', now(), now());
                 INSERT INTO routing_pools (account_id) VALUES ('{account}');
                 INSERT INTO feeds (account_id) VALUES ('{account}');
                 INSERT INTO channels (id, account_id, name, channel_type, provider, credentials_sealed, created_at, updated_at)
                 VALUES ('{channel}', '{account}', 'T', 'telegram', 'default', '', now(), now());"
            ))
            .await;
        fixture
    }

    /// Runs the relay, the bot and the assigner until the end.
    pub fn run_everything(&self) {
        let store = self.inbox.store().clone();
        let queue = Arc::new(DbQueue::new(store.clone()));
        let relay = Relay::new(store.clone(), queue.clone(), Arc::new(LocalLive::default()));
        let bot = Arc::new(Bot::new(self.inbox.clone(), Rulebook::new(store.clone())));
        let workers =
            Workers { store, queue, at_once: 4, time_limit: Duration::from_secs(10), most_attempts: 5 };
        let (stop, inbox) = (self.stop.clone(), self.inbox.clone());
        tokio::spawn({
            let stop = stop.clone();
            async move { relay.run(stop).await }
        });
        tokio::spawn({
            let stop = stop.clone();
            async move { workers.run(bot, stop).await }
        });
        tokio::spawn(async move { router::assigner::run(inbox, stop).await });
    }

    pub async fn sql(&self, sql: &str) {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        let number =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        number
    }

    /// Someone who may do everything in the account, and is no agent of the router's.
    pub async fn operator(&self) -> Member {
        let (user, account) = (UserId::new(), self.account);
        self.sql(&format!(
            "INSERT INTO users (id, email, created_at, updated_at) VALUES ('{user}', '{user}@example.com', now(), now());
             INSERT INTO roles (id, account_id, name, permissions, created_at, updated_at)
             VALUES ('{user}', '{account}', '{user}', '[\"account.manage\"]', now(), now());
             INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
             VALUES ('{user}', '{account}', '{user}', '{user}', now(), now())"
        ))
        .await;
        let context = inbox::identity::operator(&self.inbox, Some(self.account)).await.unwrap();
        context.member(self.account).unwrap().clone()
    }

    /// An agent who is connected and online.
    pub async fn agent(&self, capacity: i32) -> UserId {
        let user = UserId::new();
        let permissions = json!(BuiltInRole::Agent.permissions());
        let account = self.account;
        self.sql(&format!(
            "INSERT INTO users (id, email, given_name, created_at, updated_at)
             VALUES ('{user}', '{user}@example.com', 'Agent', now(), now());
             INSERT INTO roles (id, account_id, name, permissions, created_at, updated_at)
             VALUES ('{user}', '{account}', '{user}', '{permissions}', now(), now());
             INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
             VALUES ('{user}', '{account}', '{user}', '{user}', now(), now());
             INSERT INTO agent_state (account_id, user_id, status, connected, capacity)
             VALUES ('{account}', '{user}', 'online', true, {capacity})"
        ))
        .await;
        user
    }

    pub async fn rule(&self, priority: i32, trigger: &str, conditions: Value, actions: Value) {
        let id = uuid::Uuid::now_v7();
        let account = self.account;
        self.sql(&format!(
            "INSERT INTO bot_rules (id, account_id, name, priority, trigger_type, conditions, actions, created_at, updated_at)
             VALUES ('{id}', '{account}', '{trigger} {priority}', {priority}, '{trigger}', '{conditions}', '{actions}', now(), now())"
        ))
        .await;
    }

    /// A customer's message, received as the inbound worker does.
    pub async fn write(&self, sender: &str, text: &str) -> ConversationId {
        self.receive(ChannelType::Telegram, sender, text, Value::Null).await
    }

    /// A message that came over a channel of this type, with what its adapter says of it.
    pub async fn receive(
        &self,
        channel_type: ChannelType,
        sender: &str,
        text: &str,
        metadata: Value,
    ) -> ConversationId {
        let item = InboundItem {
            kind: InboundKind::Message,
            channel_id: self.channel,
            channel_type,
            external_id: uuid::Uuid::new_v4().to_string(),
            sender: sender.to_owned(),
            aliases: Vec::new(),
            thread_key: sender.to_owned(),
            references: Vec::new(),
            display_name: Some(format!("Customer {sender}")),
            text: text.to_owned(),
            attachments: Vec::new(),
            reply_to_external_id: None,
            at: SystemClock.now(),
            metadata,
            language_hint: None,
            trace_id: None,
        };
        let item = &item;
        let received = self
            .inbox
            .write(self.account, |mut unit| async move {
                let done = inbox::inbound::receive(&mut unit, vec![(self.account, item.clone())]).await?;
                unit.commit(done).await
            })
            .await
            .unwrap();
        received[0].1.id
    }

    /// Waits until `holds` says so; fails after 20 s.
    pub async fn eventually(&self, what: &str, sql: &str, wanted: i64) {
        let mut last = 0;
        for _ in 0..400 {
            last = self.number(sql).await;
            if last == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {last} instead of {wanted}");
    }

    pub async fn end(self) {
        self.stop.cancel();
        self.inbox.store().close().await;
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}
