//! What is done to the hubs and to what they depend on.

use std::time::Duration;

use tests::harness::{FalseClock, Servers, TestHub};
use tokio::time::Instant;

use crate::provider::Provider;

/// How long what was killed is away.
const AWAY: Duration = Duration::from_secs(5);
/// By so much a clock jumps, in seconds.
const JUMP: i64 = 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    KillHub,
    KillPostgres,
    KillRedis,
    KillRabbit,
    FreezeHub,
    FreezePostgres,
    FreezeRedis,
    FreezeRabbit,
    FullDisk,
    Clock,
}

impl Fault {
    pub const ALL: [Self; 10] = [
        Self::KillHub,
        Self::KillPostgres,
        Self::KillRedis,
        Self::KillRabbit,
        Self::FreezeHub,
        Self::FreezePostgres,
        Self::FreezeRedis,
        Self::FreezeRabbit,
        Self::FullDisk,
        Self::Clock,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::KillHub => "kill-hub",
            Self::KillPostgres => "kill-postgres",
            Self::KillRedis => "kill-redis",
            Self::KillRabbit => "kill-rabbit",
            Self::FreezeHub => "freeze-hub",
            Self::FreezePostgres => "freeze-postgres",
            Self::FreezeRedis => "freeze-redis",
            Self::FreezeRabbit => "freeze-rabbit",
            Self::FullDisk => "full-disk",
            Self::Clock => "clock",
        }
    }

    /// The pretend provider lives in the hubs: with one of them a part of what it remembers is gone.
    pub const fn provider_forgets(self) -> bool {
        matches!(self, Self::KillHub)
    }

    /// Does it; returns the moment at which all is there again.
    pub async fn happen(
        self,
        servers: &mut Servers,
        hubs: &mut [TestHub; 2],
        clock: &FalseClock,
        provider: &Provider,
        hold: Duration,
    ) -> Instant {
        match self {
            Self::KillHub => {
                // what it remembers is asked for as late as can be
                provider.ask(1).await;
                hubs[1].kill();
                tokio::time::sleep(AWAY).await;
                hubs[1].launch();
                hubs[1].ready().await;
            }
            Self::KillPostgres => {
                servers.postgres.kill();
                tokio::time::sleep(AWAY).await;
                servers.postgres.start_again().await;
            }
            Self::KillRedis => {
                servers.redis.kill();
                tokio::time::sleep(AWAY).await;
                servers.redis.start_again();
            }
            Self::KillRabbit => {
                servers.rabbit.kill();
                tokio::time::sleep(AWAY).await;
                tokio::task::block_in_place(|| servers.rabbit.launch());
            }
            Self::FreezeHub => {
                hubs[1].freeze();
                tokio::time::sleep(hold).await;
                hubs[1].thaw();
            }
            Self::FreezePostgres => {
                servers.postgres.freeze();
                tokio::time::sleep(hold).await;
                servers.postgres.thaw();
            }
            Self::FreezeRedis => {
                servers.redis.freeze();
                tokio::time::sleep(hold).await;
                servers.redis.thaw();
            }
            Self::FreezeRabbit => {
                servers.rabbit.freeze();
                tokio::time::sleep(hold).await;
                servers.rabbit.thaw();
            }
            Self::FullDisk => {
                // bodies are spooled for a while, and then there is no room for more
                servers.postgres.kill();
                tokio::time::sleep(AWAY).await;
                for hub in hubs.iter() {
                    hub.fill_disk();
                }
                tokio::time::sleep(hold / 2).await;
                // first the database comes back, and the spool has to be emptied on a disk that is still full
                servers.postgres.start_again().await;
                let returned = Instant::now();
                tokio::time::sleep(Duration::from_secs(2)).await;
                for hub in hubs.iter() {
                    hub.empty_disk();
                }
                return returned;
            }
            Self::Clock => {
                clock.set_ahead(JUMP);
                tokio::time::sleep(hold).await;
                clock.set_ahead(0);
            }
        }
        Instant::now()
    }
}
