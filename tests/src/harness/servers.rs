//! Everything that several hubs depend on.

use std::path::Path;

use super::{Database, Postgres, Rabbit, Redis, TestHub};

/// A PostgreSQL, a Redis and a RabbitMQ, gone when dropped.
pub struct Servers {
    pub postgres: Postgres,
    pub redis: Redis,
    pub rabbit: Rabbit,
}

impl Servers {
    pub async fn start() -> Self {
        let rabbit = tokio::task::block_in_place(Rabbit::start);
        Self { postgres: Postgres::start().await, redis: Redis::start(), rabbit }
    }

    /// A hub on a new database, not started yet; those beside it have the same settings. `files` is their shared folder.
    pub async fn hub(&self, files: &Path, env: &[(&str, &str)]) -> TestHub {
        let (redis, rabbit) = (self.redis.url(), self.rabbit.url());
        let files = format!("file://{}", files.display());
        let mut all = vec![
            ("REDIS_URL", redis.as_str()),
            ("AMQP_URL", rabbit.as_str()),
            ("FILES_URL", files.as_str()),
            ("TURUMBA_LOG_LEVEL", "warn"),
        ];
        all.extend(env);
        TestHub::prepared_on(Database::empty_on(&self.postgres.url()).await, &all)
    }
}
