//! Power cuts under load: the hub, and then its PostgreSQL, are killed at random moments. Afterwards the store, what
//! agents saw and what the provider got agree with what was acknowledged.
//!
//! `TURUMBA_KILLS` sets how often each seed's hub is killed, `TURUMBA_SEED` the seed.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use tests::{
    fakes::{FakeTelegram, Faults},
    harness::{AutoAgent, Channel, TestHub, World, until},
};
use tokio::task::JoinHandle;

use crate::audit;

const AGENTS: usize = 5;
const CUSTOMERS: i64 = 25;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Customers who write one message after the other until told to stop; what the hub answered 200 to, they remember.
pub struct Customers {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<(String, Vec<String>)>>,
}

impl Customers {
    pub fn start(channel: &Channel, count: i64, seed: u64) -> Self {
        Self::numbered(channel, 1000..1000 + count, seed)
    }

    /// Others than those of [`Self::start`].
    pub fn others(channel: &Channel, count: i64, seed: u64) -> Self {
        Self::numbered(channel, 5000..5000 + count, seed)
    }

    fn numbered(channel: &Channel, customers: std::ops::Range<i64>, seed: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = customers
            .map(|customer| {
                let (channel, stop) = (channel.clone(), Arc::clone(&stop));
                let mut dice = StdRng::seed_from_u64(seed ^ (customer as u64) << 32);
                tokio::spawn(async move {
                    let mut sent = Vec::new();
                    // a thread's first page, and what an agent joins, is whole: at most 50 entries
                    while !stop.load(SeqCst) && sent.len() < 20 {
                        tokio::time::sleep(Duration::from_millis(dice.random_range(50..2500))).await;
                        let text = format!("{customer} says {}", sent.len());
                        let hook = channel.telegram(customer, &text);
                        channel.deliver(&hook).await;
                        if dice.random_bool(0.1) {
                            // providers repeat themselves
                            channel.deliver(&hook).await;
                        }
                        sent.push(text);
                    }
                    (customer.to_string(), sent)
                })
            })
            .collect();
        Self { stop, tasks }
    }

    pub async fn end(self) -> audit::Sent {
        self.stop.store(true, SeqCst);
        let mut sent = audit::Sent::new();
        for task in self.tasks {
            let (customer, texts) = task.await.unwrap();
            if !texts.is_empty() {
                sent.insert(customer, texts);
            }
        }
        sent
    }
}

/// A running hub with its own PostgreSQL, agents who answer, and customers who write.
pub struct Stage {
    pub hub: TestHub,
    pub fake: FakeTelegram,
    pub agents: Vec<AutoAgent>,
    pub customers: Customers,
}

impl Stage {
    pub async fn set(seed: u64, env: &[(&str, &str)]) -> Self {
        println!("seed {seed}");
        let (hub, fake) = (TestHub::start_embedded(env).await, FakeTelegram::run(seed).await);
        let world = World::new(&hub).await;
        let actions = json!({"reply_text": "Welcome!", "assign_strategy": "least_busy"});
        world.rule("greet", 10, "new_conversation", json!({"only_first_message": true}), actions).await;
        let channel = world.telegram(&fake).await;
        // failing replies are tried again each second, so that none is held back for a minute
        let often = json!({"retry_interval": 1, "retry_count": 100});
        let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), often).await.ok();
        fake.fail(Faults { delay_ms: 30, ..Faults::default() });
        let mut agents = Vec::new();
        for n in 0..AGENTS {
            agents.push(AutoAgent::start(world.agent(&format!("agent{n}"), 50).await, true));
        }
        let customers = Customers::start(&channel, CUSTOMERS, seed);
        Self { hub, fake, agents, customers }
    }

    /// Waits until everything is done and compares every side. `cut` calls may have been lost on the way.
    pub async fn audit(self, cut: impl FnOnce(&FakeTelegram) -> usize) {
        let Self { hub, fake, agents, customers } = self;
        let sent = customers.end().await;
        let all: usize = sent.values().map(Vec::len).sum();
        until("everybody has an answer", async || {
            let answers = hub.count("SELECT count(*) FROM messages WHERE sender_type = 'agent'").await;
            if answers as usize == all { Ok(()) } else { Err(format!("{answers} of {all}")) }
        })
        .await;
        until("replies are on their way", async || {
            let open = hub
                .count("SELECT count(*) FROM messages WHERE status IN ('queued', 'sending') AND direction = 'outbound'")
                .await;
            if open == 0 { Ok(()) } else { Err(open) }
        })
        .await;
        hub.drained().await;
        let stored = audit::stored(&hub).await;
        let whole = stored.len();
        until("agents saw it all", async || {
            let seen: usize = agents
                .iter()
                .map(|agent| agent.threads().values().map(std::collections::BTreeMap::len).sum::<usize>())
                .sum();
            let owed: usize = agents.iter().map(AutoAgent::owed).sum();
            // a conversation may have moved between agents: both saw it
            if seen >= whole && owed == 0 { Ok(()) } else { Err(format!("{seen} of {whole}, {owed} owed")) }
        })
        .await;
        println!("{all} messages of customers, {whole} in all");
        audit::nothing_lost_or_doubled(&stored, &sent);
        audit::agents_agree(&stored, &agents);
        audit::each_answered_once(&stored);
        let welcomes = stored.iter().filter(|message| message.sender == "bot").count();
        assert_eq!(welcomes, sent.len(), "each customer is welcomed once");
        audit::provider_agrees(&stored, fake.journal(), cut(&fake));
        for agent in agents {
            agent.end().await;
        }
        hub.end().await;
    }
}

async fn killed_at_random(seed: u64) {
    let kills = setting("TURUMBA_KILLS").unwrap_or(20);
    let seed = setting("TURUMBA_SEED").unwrap_or(seed);
    let mut stage = Stage::set(seed, &[]).await;
    let mut dice = StdRng::seed_from_u64(seed);
    let mut open = BTreeSet::new();
    for _ in 0..kills {
        // early ones meet a hub that is still starting
        let pause = Duration::from_millis(dice.random_range(0..2000));
        tokio::time::sleep(pause).await;
        stage.hub.kill();
        // its PostgreSQL lives on: attempts that nobody will ever record an outcome of
        let unrecorded: Vec<String> =
            sqlx::query_scalar("SELECT id::text FROM attempts WHERE ended_at IS NULL")
                .fetch_all(&mut stage.hub.db().await)
                .await
                .unwrap();
        open.extend(unrecorded);
        stage.hub.launch();
        if dice.random_bool(0.8) {
            stage.hub.ready().await;
        }
    }
    stage.hub.ready().await;
    println!("{kills} kills; {} attempts without an outcome", open.len());
    stage.audit(|_| open.len()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_seed_1() {
    killed_at_random(0xC0FF_EE01).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_seed_2() {
    killed_at_random(0xBADC_AB02).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_seed_3() {
    killed_at_random(0x5EED_0003).await;
}

/// The hub notices, starts it again, and nobody has to do anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_private_postgresql_is_killed_under_load() {
    let stage = Stage::set(7, &[]).await;
    let hub_pid = stage.hub.pid();
    let mut killed = Vec::new();
    while killed.len() < 4 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let pid = stage.hub.postmaster().filter(|pid| !killed.contains(pid));
        let Some(pid) = pid else { continue };
        kill(Pid::from_raw(pid as i32), Signal::SIGKILL).unwrap();
        killed.push(pid);
        until("a new server answers", async || match stage.hub.postmaster() {
            Some(new) if new != pid => Ok(()),
            other => Err(other),
        })
        .await;
    }
    assert_eq!(stage.hub.pid(), hub_pid, "the hub itself went on");
    // what was being sent when the store went away may have lost its outcome
    stage.audit(|fake| fake.journal().all().len()).await;
}
