//! Lists may be read from a replica of the database, as long as it is known how far it has come.
//!
//! A replica serves a list when it has everything that was committed a moment ago (the bound), and everything that the
//! caller has written by itself, however short ago. Otherwise, and whenever it fails or hangs, the database itself answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;
use parking_lot::RwLock;
use sqlx::{PgPool, postgres::PgConnectOptions};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Scope, Store, StoreOptions, Tx, connect::lazy_pool};
use crate::Outcome;

/// How long a list waits for a replica before the database is asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// A replica, and what is known of it.
pub(super) struct Replica {
    pool: PgPool,
    /// Of the one connection that asks how far it has come.
    watch: PgPool,
    /// The oldest state that may be shown.
    bound: Duration,
    /// It has everything that was committed before this moment; `None`: it cannot be used.
    fresh_at: RwLock<Option<Instant>>,
    /// When callers last changed something at this hub, if the replica may not have it yet.
    wrote: DashMap<Uuid, Instant>,
    /// Whether it was in use, to tell the operator when that changes.
    was_used: AtomicBool,
}

impl Replica {
    fn new(options: &PgConnectOptions, limits: &StoreOptions, bound: Duration) -> Self {
        Self {
            pool: lazy_pool(options, limits, limits.app_connections, "SET ROLE turumba_app"),
            watch: lazy_pool(options, limits, 1, "SET ROLE turumba_system"),
            bound,
            fresh_at: RwLock::new(None),
            wrote: DashMap::new(),
            was_used: AtomicBool::new(true),
        }
    }

    fn serves(&self, who: Uuid) -> bool {
        let Some(fresh_at) = *self.fresh_at.read() else { return false };
        let wrote = self.wrote.get(&who).map(|wrote| *wrote);
        fresh_at.elapsed() <= self.bound && wrote.is_none_or(|wrote| wrote < fresh_at)
    }

    fn is_at(&self, moment: Instant) {
        *self.fresh_at.write() = Some(moment);
        self.wrote.retain(|_, wrote| *wrote >= moment);
        if !self.was_used.swap(true, Ordering::Relaxed) {
            tracing::info!("the replica is up to date; lists are read from it");
        }
    }

    fn lost(&self, why: &str) {
        let is_late = self.fresh_at.read().is_none_or(|fresh_at| fresh_at.elapsed() > self.bound);
        if is_late && self.was_used.swap(false, Ordering::Relaxed) {
            tracing::warn!(why, "lists are read from the database itself, not from the replica");
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
        self.watch.close().await;
    }
}

impl Store {
    /// Lets lists be read from a replica, as soon as [`Self::follow_replica`] finds it up to date.
    #[must_use]
    pub fn with_replica(
        mut self,
        options: &PgConnectOptions,
        limits: &StoreOptions,
        bound: Duration,
    ) -> Self {
        self.replica = Some(Arc::new(Replica::new(options, limits, bound)));
        self
    }

    /// The caller has changed something: what it lists next has it.
    pub fn wrote(&self, who: Uuid) {
        if let Some(replica) = &self.replica {
            replica.wrote.insert(who, Instant::now());
        }
    }

    /// As [`Self::read`], for lists: what the caller's own requests did not write may be older by the bound.
    pub async fn read_list<T, F, Fut>(&self, scope: impl Into<Scope>, who: Uuid, mut work: F) -> Outcome<T>
    where
        F: FnMut(Tx) -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        let scope = scope.into();
        if let Some(replica) = self.replica.as_ref().filter(|replica| replica.serves(who)) {
            let asked = self.run_on(&replica.pool, &scope, "BEGIN READ ONLY", &mut work);
            match timeout(PATIENCE, asked).await {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(fault)) if !fault.is_conflict() && !fault.is_unavailable() => return Err(fault),
                // a query that stood in the way of what the replica had to apply: no sign of anything
                Ok(Err(fault)) if fault.is_conflict() => {}
                Ok(Err(_)) | Err(_) => *replica.fresh_at.write() = None,
            }
        }
        self.read(scope, work).await
    }

    /// Asks, several times within the bound, how far the replica has come. Until stopped.
    pub async fn follow_replica(self, stop: CancellationToken) {
        let Some(replica) = self.replica.clone() else { return };
        let every = (replica.bound / 4).clamp(Duration::from_millis(50), Duration::from_secs(1));
        loop {
            let began = Instant::now();
            match timeout(PATIENCE, self.has_all(&replica)).await {
                Ok(Ok(true)) => replica.is_at(began),
                Ok(Ok(false)) => replica.lost("it is too far behind, or is no replica of this database"),
                Ok(Err(error)) => replica.lost(&error.to_string()),
                Err(_) => replica.lost("it does not answer"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(every.saturating_sub(began.elapsed())) => {}
            }
        }
    }

    /// Waits, no longer than the bound, until the replica has what is committed by now.
    async fn has_all(&self, replica: &Replica) -> Result<bool, sqlx::Error> {
        let began = Instant::now();
        let (position, epoch): (String, Option<String>) =
            sqlx::query_as("SELECT pg_current_wal_flush_lsn()::text, (SELECT epoch::text FROM installation)")
                .fetch_one(&self.system)
                .await?;
        loop {
            // one that was promoted, or never was a replica, replays nothing
            let (has_it, theirs): (Option<bool>, Option<String>) = sqlx::query_as(
                "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::pg_lsn,
                        (SELECT epoch::text FROM installation)",
            )
            .bind(&position)
            .fetch_one(&replica.watch)
            .await?;
            if theirs != epoch {
                return Ok(false);
            }
            if has_it == Some(true) {
                return Ok(true);
            }
            if began.elapsed() > replica.bound {
                return Ok(false);
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
}
