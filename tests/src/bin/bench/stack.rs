//! On what is measured: one hub with its private PostgreSQL, or two on servers that were started for them.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use tests::harness::{Servers, TestHub, World, database, until};

use crate::machine::memory;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    Embedded,
    Distributed,
}

impl Stack {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "one hub with its private PostgreSQL",
            Self::Distributed => "two hubs on PostgreSQL, Redis and RabbitMQ",
        }
    }

    /// At what rate times are taken.
    pub const fn rate(self) -> u32 {
        match self {
            Self::Embedded => 200,
            Self::Distributed => 150,
        }
    }
}

/// Hubs with an account.
pub struct Stage {
    pub hubs: Vec<TestHub>,
    pub world: World,
    /// How long the first one took to be ready, started on what was there.
    pub warm: Duration,
    servers: Option<(Servers, TempDir)>,
}

impl Stage {
    pub async fn start(stack: Stack) -> Self {
        let env = [("TURUMBA_LOG_LEVEL", "warn")];
        let (mut hub, servers) = match stack {
            Stack::Embedded => (TestHub::embedded(&env), None),
            Stack::Distributed => {
                let (servers, files) = (Servers::start().await, tempfile::tempdir().unwrap());
                (servers.hub(files.path(), &env).await, Some((servers, files)))
            }
        };
        hub.spawn().await;
        let world = World::new(&hub).await;
        hub.stop();
        let began = Instant::now();
        hub.spawn().await;
        let warm = began.elapsed();
        let mut hubs = vec![hub];
        if stack == Stack::Distributed {
            let other = hubs[0].start_beside().await;
            hubs.push(other);
            for hub in &hubs {
                until("the hubs hear each other", async || {
                    let ready = hub.api().get("/readyz").await.body;
                    if ready["degraded"] == false { Ok(()) } else { Err(ready) }
                })
                .await;
            }
        }
        Self { hubs, world, warm, servers }
    }

    /// The hubs' database, for a floor beside them.
    pub fn database(&self) -> PgConnectOptions {
        match &self.servers {
            Some(_) => self.hubs[0].database_url().parse().expect("the address of a database"),
            None => database::private(&self.hubs[0].data_dir()).expect("the private database"),
        }
    }

    /// The process id of its PostgreSQL.
    pub fn postgres(&self) -> u32 {
        match &self.servers {
            Some((servers, _)) => servers.postgres.pid(),
            None => self.hubs[0].postmaster().expect("the private database"),
        }
    }

    pub fn memory_of_hubs(&self) -> f64 {
        self.hubs.iter().map(|hub| memory(hub.pid(), false)).sum()
    }

    pub async fn end(mut self) {
        while let Some(hub) = self.hubs.pop() {
            hub.end().await;
        }
    }
}
