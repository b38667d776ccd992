//! A database of its own for every test.

use std::str::FromStr;

use bus::{Nudges, Store, store::StoreOptions};
use model::{AccountId, Audience, ChannelId, ChannelStatus, Clock, Event, EventId, SystemClock};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

pub struct Fixture {
    pub store: Store,
    options: PgConnectOptions,
    server: PgConnectOptions,
    name: String,
}

impl Fixture {
    pub async fn new() -> Self {
        let url = std::env::var("TEST_DATABASE_URL")
            .or_else(|_| std::env::var("DATABASE_URL"))
            .expect("TEST_DATABASE_URL or DATABASE_URL names a PostgreSQL server for tests");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let name = format!("bus_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let options = server.clone().database(&name);
        Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
        let store = Self::open(&options).await;
        Self { store, options, server, name }
    }

    async fn open(options: &PgConnectOptions) -> Store {
        let limits = StoreOptions { app_connections: 8, system_connections: 4, ..StoreOptions::default() };
        Store::open(options.clone(), &limits, Nudges::default()).await.unwrap()
    }

    /// A second node on the same database.
    pub async fn other_node(&self) -> Store {
        Self::open(&self.options).await
    }

    pub async fn as_owner(&self, sql: String) {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
    }

    pub async fn account(&self) -> AccountId {
        let id = AccountId::new();
        self.as_owner(format!(
            "INSERT INTO accounts (id, name, slug, created_at, updated_at) VALUES ('{id}', 'A', '{id}', now(), now());
             INSERT INTO feeds (account_id) VALUES ('{id}')"
        ))
        .await;
        id
    }

    pub async fn end(self) {
        self.store.close().await;
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

/// An event that stands in the feed only.
pub fn draft(account: AccountId) -> bus::log::Draft {
    bus::log::Draft {
        id: EventId::new(),
        event: Event::ChannelStatusChanged {
            account_id: account,
            channel_id: ChannelId::new(),
            status: ChannelStatus::Connected,
            error_message: None,
        },
        audience: Audience::Account,
        thread_seq: None,
        at: SystemClock.now(),
        trace_id: None,
    }
}
