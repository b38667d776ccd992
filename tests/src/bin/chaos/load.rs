//! Customers who write at a fixed rate, whatever becomes of what they wrote before.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tests::harness::Channel;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior},
};

/// How long a provider waits for the answer to a webhook before it tries elsewhere.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// What the environment asks for.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub rate: u32,
    pub hold: Duration,
}

impl Settings {
    pub fn read() -> Self {
        let number = |name: &str, usual: u64| {
            let text = std::env::var(name).ok();
            text.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
        };
        Self {
            rate: u32::try_from(number("CHAOS_RATE", 300)).unwrap().clamp(1, 100_000),
            hold: Duration::from_secs(number("CHAOS_HOLD", 20)),
        }
    }

    /// So few that the messages of one wait for each other, so many that each hub has work for all its lanes.
    pub fn customers(self) -> usize {
        (self.rate as usize * 2 / 5).clamp(12, 120)
    }
}

pub fn name(n: usize) -> String {
    format!("+1555{n:07}")
}

/// Whether an agent answers it.
pub fn is_question(text: &str) -> bool {
    text.ends_with('?')
}

/// Texts of each customer, in the order in which they were accepted.
pub type Accepted = BTreeMap<String, Vec<String>>;

/// The customers, and the clock by which they write.
pub struct Load {
    stop: Arc<AtomicBool>,
    ticker: JoinHandle<()>,
    customers: Vec<JoinHandle<(String, Vec<String>)>>,
}

impl Load {
    /// `at`: the channel at each hub. Each customer has one that its provider prefers.
    pub fn start(at: [Channel; 2], settings: Settings) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut lines = Vec::new();
        let mut customers = Vec::new();
        for n in 0..settings.customers() {
            let (line, texts) = mpsc::unbounded_channel();
            lines.push(line);
            customers.push(tokio::spawn(customer(n, at.clone(), texts)));
        }
        let ticker = tokio::spawn(tick(lines, settings.rate, Arc::clone(&stop)));
        Self { stop, ticker, customers }
    }

    /// Nobody writes any more; what was written is delivered.
    pub async fn end(self) -> Accepted {
        self.stop.store(true, SeqCst);
        self.ticker.await.unwrap();
        let mut accepted = Accepted::new();
        for customer in self.customers {
            let (name, texts) = customer.await.unwrap();
            if !texts.is_empty() {
                accepted.insert(name, texts);
            }
        }
        accepted
    }
}

async fn tick(lines: Vec<mpsc::UnboundedSender<String>>, rate: u32, stop: Arc<AtomicBool>) {
    let mut clock = tokio::time::interval(Duration::from_millis(10));
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (began, mut next) = (Instant::now(), 0usize);
    while !stop.load(SeqCst) {
        clock.tick().await;
        let due = (began.elapsed().as_secs_f64() * f64::from(rate)) as usize;
        while next < due {
            let (round, customer) = (next / lines.len(), next % lines.len());
            let mark = if (round + customer) % 10 == 9 { "?" } else { "" };
            lines[customer].send(format!("number {next}{mark}")).expect("a customer ended early");
            next += 1;
        }
    }
}

async fn customer(
    n: usize,
    at: [Channel; 2],
    mut texts: mpsc::UnboundedReceiver<String>,
) -> (String, Vec<String>) {
    let (name, mut hub, mut accepted) = (name(n), n % 2, Vec::new());
    while let Some(text) = texts.recv().await {
        deliver(&at, &mut hub, &name, &text).await;
        accepted.push(text);
    }
    (name, accepted)
}

/// As a provider does it: the same webhook again, here or there, until somebody says 200.
pub async fn deliver(at: &[Channel; 2], hub: &mut usize, name: &str, text: &str) {
    let hook = at[*hub].sandbox(name, text);
    loop {
        match at[*hub].try_post_within(&hook, PATIENCE).await {
            Ok(200) => return,
            Ok(status) if status < 500 && status != 429 => panic!("{text} was refused: {status}"),
            Ok(_) | Err(_) => {}
        }
        *hub = 1 - *hub;
        tokio::time::sleep(PAUSE).await;
    }
}
