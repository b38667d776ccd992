//! Which hubs may use a database together: those that tell each other what happens. One without `REDIS_URL` would serve
//! sockets that miss what comes in at another, so it runs alone.

use std::time::Duration;

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

/// Any number, the same in all hubs; locks are of one database.
const LOCK: i64 = 0x7475_7275_6d62_6131;
/// The server notices only after a moment that a hub was killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The right to be a hub of this database: a lock that lives as long as the connection, shared by hubs that have Redis,
/// exclusive without.
pub struct Admitted(
    #[expect(dead_code, reason = "dropping it closes it, and gives the lock back")] PgConnection,
);

impl Admitted {
    pub async fn to(options: &PgConnectOptions, has_redis: bool) -> anyhow::Result<Self> {
        let mut connection =
            PgConnection::connect_with(options).await.context("the database cannot be used")?;
        let lock = if has_redis {
            "SELECT pg_try_advisory_lock_shared($1)"
        } else {
            "SELECT pg_try_advisory_lock($1)"
        };
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let mine: bool = sqlx::query_scalar(lock).bind(LOCK).fetch_one(&mut connection).await?;
            if mine {
                return Ok(Self(connection));
            }
            anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "another hub runs on this database{}; several need the same REDIS_URL, each of them: set it \
                 everywhere, stop the other hub, or give this one another database",
                if has_redis { " without REDIS_URL" } else { ", and this one has no REDIS_URL" },
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
