//! Requests at a rate, whether or not earlier ones were answered, and the floor that figures stand beside: an axum handler
//! that does one INSERT and commits.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::task::JoinSet;

/// When things began and ended, by a name of their own.
#[derive(Default)]
pub struct Times {
    pub sent: HashMap<String, Instant>,
    pub accepted: HashMap<String, Instant>,
    /// What was answered instead, and how often.
    refused: std::collections::BTreeMap<String, usize>,
}

impl Times {
    pub fn refuse(&mut self, why: impl Into<String>) {
        *self.refused.entry(why.into()).or_default() += 1;
    }

    /// Says what was refused; true when nothing was.
    pub fn all_taken(&self) -> bool {
        for (why, count) in &self.refused {
            println!("    refused {count} times: {why}");
        }
        self.refused.is_empty()
    }
}

/// Milliseconds.
#[derive(Clone, Copy)]
pub struct Figures {
    pub rate: u32,
    pub count: usize,
    pub missing: usize,
    pub p50: f64,
    pub p99: f64,
    pub sustained: bool,
}

impl Figures {
    pub fn of(rate: u32, mut ms: Vec<f64>, missing: usize, on_time: bool) -> Self {
        ms.sort_by(f64::total_cmp);
        let at = |share: f64| ms.get(((ms.len() as f64 * share) as usize).min(ms.len().saturating_sub(1)));
        let (p50, p99) = (at(0.5).copied().unwrap_or(f64::NAN), at(0.99).copied().unwrap_or(f64::NAN));
        let sustained = on_time && missing == 0 && p99 < 1000.0;
        Self { rate, count: ms.len(), missing, p50, p99, sustained }
    }

    /// What stands behind the figures of a step that was too much.
    pub fn remark(&self) -> String {
        if self.sustained {
            String::new()
        } else {
            format!("  not sustained: {} of {} missing", self.missing, self.count + self.missing)
        }
    }
}

fn step() -> Duration {
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5).clamp(1, 60))
}

/// Calls `one` with 0, 1, 2 … on time for the length of a step; true if the last began on time and all ended soon.
pub async fn open_loop<F, Fut>(rate: u32, one: F) -> bool
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let mut clock = tokio::time::interval(Duration::from_millis(5));
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let began = Instant::now();
    let mut running = JoinSet::new();
    let mut next = 0;
    let all = (step().as_secs_f64() * f64::from(rate)) as usize;
    while next < all {
        clock.tick().await;
        let due = ((began.elapsed().as_secs_f64() * f64::from(rate)) as usize).min(all);
        while next < due {
            running.spawn(one(next));
            next += 1;
        }
        while running.try_join_next().is_some() {}
    }
    let behind =
        tokio::time::timeout(Duration::from_secs(2), async { while running.join_next().await.is_some() {} });
    behind.await.is_ok() && began.elapsed() < step() + Duration::from_secs(2)
}

/// Waits until everything that is to come has come, for at most 3 s.
pub async fn settled(arrived: impl Fn() -> usize, wanted: usize) {
    let deadline = Instant::now() + Duration::from_secs(3);
    while arrived() < wanted && Instant::now() < deadline {
        // counting takes the processor that is measured
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

pub fn between(from: &HashMap<String, Instant>, to: &HashMap<String, Instant>) -> (Vec<f64>, usize) {
    let mut missing = 0;
    let mut all = Vec::with_capacity(from.len());
    for (name, began) in from {
        match to.get(name) {
            Some(ended) => all.push(ended.saturating_duration_since(*began).as_secs_f64() * 1000.0),
            None => missing += 1,
        }
    }
    (all, missing)
}

/// A bare handler: one INSERT, one commit, by a pool on the same server.
pub async fn floor_server(options: sqlx::postgres::PgConnectOptions) -> String {
    use axum::{Router, extract::State, routing::post};
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, body text)")
        .execute(&pool)
        .await
        .unwrap();
    async fn insert(State(pool): State<sqlx::PgPool>, body: String) {
        sqlx::query("INSERT INTO bench_floor (body) VALUES ($1)").bind(body).execute(&pool).await.unwrap();
    }
    let app = Router::new().route("/", post(insert)).with_state(pool);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

pub async fn floor(http: &reqwest::Client, url: &str, rate: u32) -> Figures {
    let times = Arc::new(Mutex::new(Times::default()));
    let on_time = open_loop(rate, |n| {
        let (request, times) = (http.post(url).body(format!("message {n}")), Arc::clone(&times));
        async move {
            let name = n.to_string();
            times.lock().sent.insert(name.clone(), Instant::now());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    times.lock().accepted.insert(name, Instant::now());
                }
                Ok(answer) => times.lock().refuse(answer.status().to_string()),
                Err(error) => times.lock().refuse(format!("{error:?}")),
            }
        }
    })
    .await;
    let times = times.lock();
    let (all, missing) = between(&times.sent, &times.accepted);
    Figures::of(rate, all, missing, on_time)
}
