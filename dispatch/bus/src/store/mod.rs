//! The store's door. There is no `begin()` in the wild: work happens inside [`Store::write`] or
//! [`Store::read`], under a [`Scope`] that row-level security enforces.

mod begin;
mod connect;
mod replica;
mod tx;

use std::{future::Future, sync::Arc, time::Duration};

use model::{AccountId, Time};
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr as _, postgres::PgListener};

pub use connect::{ConnectError, MIGRATOR, StoreOptions};
use replica::Replica;
pub use tx::Tx;

use crate::{Fault, Nudges, Outcome};

/// On whose behalf a transaction runs. It decides which rows exist for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// These accounts' rows and no others.
    Accounts(Vec<AccountId>),
    /// A named task that works across accounts, on the tables that such tasks need.
    System(Task),
}

impl From<AccountId> for Scope {
    fn from(account: AccountId) -> Self {
        Self::Accounts(vec![account])
    }
}

impl From<&[AccountId]> for Scope {
    fn from(accounts: &[AccountId]) -> Self {
        Self::Accounts(accounts.to_vec())
    }
}

/// The closed list of work that is not on behalf of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Sign-in, tokens, users, sessions, set-up.
    Identity,
    /// Finding a channel or a visitor by what a stranger may know of it.
    Door,
    Relay,
    Queue,
    Mailbox,
    Presence,
    /// Leases, heartbeats, timers, partitions, retention.
    Maintenance,
}

/// How often a transaction is run again after losing against another one.
const CONFLICT_RETRIES: u32 = 5;

/// The one way to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    app: PgPool,
    system: PgPool,
    /// Of the one connection that listens to other nodes' hints.
    hints: PgPool,
    replica: Option<Arc<Replica>>,
    nudges: Nudges,
}

impl Store {
    /// Wake-ups of this process; sent after commits.
    #[must_use]
    pub fn nudges(&self) -> &Nudges {
        &self.nudges
    }

    /// Runs `work` in a transaction and commits it. `work` may run again after a conflict
    /// (`40001`, `40P01`), so it must have no side effect but the transaction's.
    ///
    /// `work` gets the transaction by value and gives it back by dropping it:
    ///
    /// ```ignore
    /// store.write(account, |mut tx| async move { insert(&mut tx, row).await }).await
    /// ```
    pub async fn write<T, F, Fut>(&self, scope: impl Into<Scope>, mut work: F) -> Outcome<T>
    where
        F: FnMut(Tx) -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        let scope = scope.into();
        let mut tries = 0;
        loop {
            match self.run(&scope, "BEGIN", &mut work).await {
                Err(fault) if fault.is_conflict() && tries < CONFLICT_RETRIES => {
                    tries += 1;
                    tracing::debug!(tries, "transaction lost against another; running it again");
                    tokio::time::sleep(Duration::from_millis(u64::from(tries) * 3)).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Runs `work` in a read-only transaction: what it reads belongs together only per statement.
    pub async fn read<T, F, Fut>(&self, scope: impl Into<Scope>, mut work: F) -> Outcome<T>
    where
        F: FnMut(Tx) -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        self.run(&scope.into(), "BEGIN READ ONLY", &mut work).await
    }

    async fn run<T, F, Fut>(&self, scope: &Scope, begin: &'static str, work: &mut F) -> Outcome<T>
    where
        F: FnMut(Tx) -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        let pool = if matches!(scope, Scope::System(_)) { &self.system } else { &self.app };
        self.run_on(pool, scope, begin, work).await
    }

    async fn run_on<T, F, Fut>(
        &self,
        pool: &PgPool,
        scope: &Scope,
        begin: &'static str,
        work: &mut F,
    ) -> Outcome<T>
    where
        F: FnMut(Tx) -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        let transaction = match scope {
            Scope::System(_) => begin::begin(pool, begin.into_sql_str()).await?,
            Scope::Accounts(accounts) => {
                // one round trip for both; the ids are typed, so nothing of a caller's can be in the text
                let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
                let text = format!("{begin}; SET LOCAL app.accounts = '{}'", ids.join(","));
                begin::begin(pool, AssertSqlSafe(text).into_sql_str()).await?
            }
        };
        let home = tx::Home::default();
        let result = work(Tx::new(transaction, Arc::clone(&home))).await;
        let home = tx::take_home(&home);
        let value = match result {
            Ok(value) => value,
            Err(fault) => {
                // a failed rollback closes the connection, which rolls back as well; one that was spoiled is
                // rolled back already
                if let Ok((transaction, _)) = home
                    && let Err(error) = transaction.rollback().await
                {
                    tracing::debug!(%error, "rollback");
                }
                return Err(fault);
            }
        };
        let (transaction, after_commit) = home?;
        transaction.commit().await?;
        for nudge in after_commit {
            self.nudges.send(nudge);
        }
        Ok(value)
    }

    /// A connection that hears what [`Self::notify`] says, at any node.
    pub(crate) async fn listener(&self) -> Result<PgListener, sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.hints).await?;
        // whoever uses it sees that hints were lost
        listener.eager_reconnect(false);
        listener.ignore_pool_close_event(true);
        Ok(listener)
    }

    /// Tells every node that listens, outside of any transaction.
    pub(crate) async fn notify(&self, channel: &str, text: &str) -> Outcome<()> {
        sqlx::query("SELECT pg_notify($1, $2)").bind(channel).bind(text).execute(&self.system).await?;
        Ok(())
    }

    /// Whether the store answers; for readiness.
    pub async fn ping(&self) -> Outcome<()> {
        sqlx::query("SELECT 1").execute(&self.system).await?;
        Ok(())
    }

    /// What time it is there.
    pub(crate) async fn time(&self) -> Outcome<Time> {
        Ok(sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&self.system).await?)
    }

    /// Closes the pools; running transactions finish first.
    pub async fn close(&self) {
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
        self.app.close().await;
        self.system.close().await;
        self.hints.close().await;
    }
}

impl From<tx::Lost> for Fault {
    fn from(lost: tx::Lost) -> Self {
        Self::Refused(model::Error::internal(lost))
    }
}
