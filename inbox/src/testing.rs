//! A stage for tests of this crate: a database of its own, an account, and people in it. The server is
//! the one of `TEST_DATABASE_URL`, or of `DATABASE_URL`.

use std::{str::FromStr, sync::Arc, time::Duration};

use bus::{Nudges, Store, store::StoreOptions};
use model::{AccountId, Clock, RoleId, SystemClock, UserId, permission::BuiltInRole};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use crate::{Context, Inbox, Member, Profiles, Proof, SecretBox, Settings};

/// A database that goes away with [`Stage::end`].
pub(crate) struct Stage {
    pub inbox: Inbox,
    server: PgConnectOptions,
    name: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with_profiles(Profiles::new()).await
    }

    pub(crate) async fn with_profiles(profiles: Profiles) -> Self {
        let url = std::env::var("TEST_DATABASE_URL")
            .or_else(|_| std::env::var("DATABASE_URL"))
            .expect("TEST_DATABASE_URL or DATABASE_URL names a PostgreSQL server for tests");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let name = format!("inbox_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let options = server.clone().database(&name);
        Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
        let limits = StoreOptions { app_connections: 4, system_connections: 2, ..StoreOptions::default() };
        let store = Store::open(options, &limits, Nudges::default()).await.unwrap();
        let inbox = Self::on(store, Arc::new(SystemClock), profiles);
        Self { inbox, server, name }
    }

    /// The same database for a hub that goes by another clock.
    pub(crate) fn at(&self, clock: Arc<dyn Clock>) -> Inbox {
        let profiles =
            self.inbox.profiles().map(|one| ((one.channel_type, one.provider.clone()), one.clone()));
        Self::on(self.inbox.store().clone(), clock, profiles.collect())
    }

    fn on(store: Store, clock: Arc<dyn Clock>, profiles: Profiles) -> Inbox {
        Inbox::new(
            store,
            clock,
            SecretBox::new([7; 32]).unwrap(),
            Settings {
                public_url: "http://localhost:8080".into(),
                upload_max: 10_000_000,
                reply_max_age: Duration::from_secs(900),
                offline_requeue: Duration::from_secs(60),
                access_token: Duration::from_secs(900),
                refresh_token: Duration::from_secs(30 * 86_400),
                visitor_token: Duration::from_hours(1),
                upload_expires: Duration::from_hours(1),
                link_life: Duration::from_hours(24),
            },
            profiles,
        )
    }

    /// A connection as the database's owner, past every fence.
    pub(crate) async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.server.clone().database(&self.name)).await.unwrap()
    }

    /// Runs statements as the database's owner.
    pub(crate) async fn as_owner(&self, sql: String) {
        let mut connection = self.owner().await;
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
    }

    /// A new account with one member of that role.
    pub(crate) async fn member(&self, role: BuiltInRole) -> Member {
        let account = AccountId::new();
        self.as_owner(format!(
            "INSERT INTO accounts (id, name, slug, created_at, updated_at) VALUES ('{account}', 'A', '{account}', now(), now());
             INSERT INTO routing_pools (account_id) VALUES ('{account}');
             INSERT INTO feeds (account_id) VALUES ('{account}');"
        ))
        .await;
        self.colleague(account, role).await
    }

    /// One member more.
    pub(crate) async fn colleague(&self, account: AccountId, role: BuiltInRole) -> Member {
        let (user, role_id) = (UserId::new(), RoleId::new());
        self.as_owner(format!(
            "INSERT INTO users (id, email, given_name, created_at, updated_at) VALUES ('{user}', '{user}@example.com', 'U', now(), now());
             INSERT INTO roles (id, account_id, name, created_at, updated_at) VALUES ('{role_id}', '{account}', '{role_id}', now(), now());
             INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
             VALUES (gen_random_uuid(), '{account}', '{user}', '{role_id}', now(), now());"
        ))
        .await;
        Member {
            account_id: account,
            user_id: user,
            name: "U".into(),
            email: format!("{user}@example.com"),
            avatar_url: None,
            proof: Proof::Operator,
            role_id,
            role_name: role.to_string(),
            permissions: role.permissions(),
            teams: Vec::new(),
            team_visibility: false,
        }
    }

    pub(crate) async fn end(self) {
        self.inbox.store().close().await;
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

/// The context of someone with these memberships.
pub(crate) fn context(members: Vec<Member>) -> Context {
    let first = members[0].clone();
    Context {
        user_id: first.user_id,
        name: first.name,
        email: first.email,
        proof: Proof::Operator,
        expires_at: Some(SystemClock.now()),
        members,
    }
}
