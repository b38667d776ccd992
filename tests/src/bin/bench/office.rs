//! The hub that is measured: an account with many agents, and a thousand small ones.

use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tests::harness::{Api, Channel, TestHub, World, world::PASSWORD};

use crate::{clients::Door, machine};

/// People of the large account; each may have twenty sockets.
pub const PEOPLE: usize = 250;
/// Small accounts.
pub const OFFICES: usize = 1000;

pub struct Office {
    pub hub: TestHub,
    world: World,
    channel: Channel,
    tokens: Vec<String>,
    is_on: bool,
}

const SETTINGS: [(&str, &str); 4] = [
    ("TURUMBA_LOG_LEVEL", "warn"),
    // a restart cuts everybody at once
    ("TURUMBA_DRAIN_WINDOW", "0ms"),
    ("TURUMBA_SOCKETS_COMMANDS_PER_SECOND", "100000"),
    ("TURUMBA_SOCKETS_COMMANDS_BURST", "100000"),
];

/// Colleagues of the first agent; their passwords are his.
const COLLEAGUES: &str = "
    WITH first AS (
        SELECT u.*, m.account_id, m.role_id FROM users u JOIN account_users m ON m.user_id = u.id
        WHERE u.email = 'agent0@acme.example'
    ), made AS (
        INSERT INTO users (id, email, given_name, password_hash, email_verified_at, created_at, updated_at)
        SELECT gen_random_uuid(), format('agent%s@acme.example', n), format('agent%s', n), password_hash,
               email_verified_at, now(), now()
        FROM first, generate_series(1, $1 - 1) n RETURNING id
    )
    INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
    SELECT gen_random_uuid(), account_id, made.id, role_id, now(), now() FROM made, first";

/// Small accounts, each with one member and a key of theirs.
const SMALL: &str = "
    INSERT INTO accounts (id, name, slug, created_at, updated_at)
    SELECT gen_random_uuid(), 'office', format('office-%s', n), now(), now() FROM generate_series(1, 1000) n;
    INSERT INTO feeds (account_id) SELECT id FROM accounts WHERE slug LIKE 'office-%' ON CONFLICT DO NOTHING;
    INSERT INTO users (id, email, created_at, updated_at)
    SELECT id, slug || '@acme.example', now(), now() FROM accounts WHERE slug LIKE 'office-%';
    INSERT INTO roles (id, account_id, name, permissions, is_built_in, created_at, updated_at)
    SELECT DISTINCT ON (a.id) a.id, a.id, r.name, r.permissions, true, now(), now()
    FROM accounts a, roles r WHERE a.slug LIKE 'office-%' AND r.name = 'agent' AND r.is_built_in;
    INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
    SELECT id, id, id, id, now(), now() FROM accounts WHERE slug LIKE 'office-%';
    INSERT INTO api_keys (id, account_id, name, prefix, hash, permissions, created_by, created_at)
    SELECT a.id, a.id, 'bench', 'tk_bench', sha256(convert_to('tk_bench_' || a.slug, 'UTF8')), r.permissions, a.id, now()
    FROM accounts a JOIN roles r ON r.id = a.id WHERE a.slug LIKE 'office-%'";

/// One event in the log of each small account, as like as can be to the last one that a command made.
const ROUND: &str = "
    WITH like_this AS (
        SELECT * FROM events WHERE kind = 'channel_status_changed' AND account_id NOT IN
            (SELECT id FROM accounts WHERE slug LIKE 'office-%') ORDER BY position DESC LIMIT 1
    )
    INSERT INTO events (id, account_id, position, kind, payload, audience, in_feed, created_at)
    SELECT (left(l.id::text, 13) || substr(gen_random_uuid()::text, 14))::uuid, a.id, nextval('event_position'), l.kind,
           replace(l.payload::text, l.account_id::text, a.id::text)::json, l.audience, true, clock_timestamp()
    FROM accounts a, like_this l WHERE a.slug LIKE 'office-%'";

impl Office {
    pub async fn open() -> Self {
        let mut hub = TestHub::embedded(&SETTINGS);
        hub.pin("0");
        hub.spawn().await;
        let world = World::new(&hub).await;
        let channel = world.sandbox("sms", json!({})).await;
        world.person("agent0", "agent").await;
        let mut db = hub.db().await;
        sqlx::query(COLLEAGUES).bind(PEOPLE as i32).execute(&mut db).await.unwrap();
        sqlx::raw_sql(SMALL).execute(&mut db).await.unwrap();
        let mut tokens = Vec::new();
        for n in 0..PEOPLE {
            let api: Api = hub.api().login(&format!("agent{n}@acme.example"), PASSWORD).await;
            tokens.push(api.token.unwrap());
        }
        let office = Self { hub, world, channel, tokens, is_on: true };
        office.settle().await;
        office
    }

    /// The store may run anywhere, whatever core its parent has.
    async fn settle(&self) {
        for pid in self.postgres() {
            machine::pin(pid, "0,1");
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }

    pub async fn restart(&mut self) {
        self.hub.stop();
        self.hub.spawn().await;
        self.settle().await;
    }

    pub fn postgres(&self) -> Vec<u32> {
        self.hub.postmaster().map(machine::family).unwrap_or_default()
    }

    /// The large account's agents; `since`: they go on behind that number.
    pub fn agents(&self, since: Option<i64>) -> Door {
        let auth = |token: &String| {
            let mut auth = json!({"token": token, "account_id": self.world.account_id});
            if let Some(since) = since {
                auth["since"] = since.into();
            }
            auth.to_string()
        };
        self.door(self.tokens.iter().map(auth).collect())
    }

    /// The small accounts' members.
    pub async fn offices(&self) -> Door {
        let ids = self.offices_ids().await;
        let auth = |(slug, id): &(String, uuid::Uuid)| {
            json!({"token": format!("tk_bench_{slug}"), "account_id": id}).to_string()
        };
        self.door(ids.iter().map(auth).collect())
    }

    async fn offices_ids(&self) -> Vec<(String, uuid::Uuid)> {
        sqlx::query_as("SELECT slug, id FROM accounts WHERE slug LIKE 'office-%' ORDER BY slug")
            .fetch_all(&mut self.hub.db().await)
            .await
            .unwrap()
    }

    fn door(&self, auths: Vec<String>) -> Door {
        Door {
            url: self.hub.url().replacen("http", "ws", 1),
            auths: Arc::new(auths),
            ready: "42/agents,[\"live\"",
        }
    }

    /// The last number of the large account's feed.
    pub async fn head(&self) -> i64 {
        let account: uuid::Uuid = self.world.account_id.parse().unwrap();
        sqlx::query_scalar("SELECT head FROM feeds WHERE account_id = $1")
            .bind(account)
            .fetch_one(&mut self.hub.db().await)
            .await
            .unwrap()
    }

    /// Switches the channel on or off: the feed says so.
    pub async fn switch(&mut self) {
        self.is_on = !self.is_on;
        let path = format!("/v1/channels/{}", self.channel.id);
        let _: Value = self.world.api.patch(&path, json!({"is_enabled": self.is_on})).await.ok();
    }

    /// An event in each small account, put into the log past the commands.
    pub async fn round(&self, db: &mut PgConnection) {
        sqlx::query(ROUND).execute(db).await.unwrap();
    }

    /// Statements of transactions so far.
    pub async fn transactions(&self) -> i64 {
        let mut db = self.hub.db().await;
        let count = sqlx::query_scalar(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
        )
        .fetch_one(&mut db)
        .await
        .unwrap();
        db.close().await.unwrap();
        count
    }

    pub async fn close(mut self) {
        self.hub.discard().await;
    }
}
