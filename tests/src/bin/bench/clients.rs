//! Many clients that say little and count what they hear.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{net::TcpStream, task::JoinSet};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, protocol::WebSocketConfig},
};

const EVENT: &str = "42/agents,[\"channel:status\"";
/// One client in so many measures how old events are.
const SAMPLED: usize = 10;
/// Clients that connect at the same time.
const AT_ONCE: usize = 50;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What they heard.
#[derive(Default)]
pub struct Heard {
    pub events: AtomicU64,
    /// Milliseconds from the time that an event names to its arrival.
    pub ages: Mutex<Vec<f64>>,
    pub sample: Mutex<Option<String>>,
    lost: AtomicU64,
}

/// Connected clients; dropped, they are gone.
pub struct Crowd {
    pub heard: Arc<Heard>,
    _tasks: JoinSet<()>,
}

/// Who connects, and when they are served.
#[derive(Clone)]
pub struct Door {
    pub url: String,
    /// What each says.
    pub auths: Arc<Vec<String>>,
    /// How the packet begins after which it is served.
    pub ready: &'static str,
}

impl Door {
    /// A client that is served, and how many events it was sent before.
    async fn enter(&self, n: usize) -> (Stream, u64) {
        let url = format!("{}/socket.io/?EIO=4&transport=websocket", self.url);
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let (mut stream, _) = tokio_tungstenite::connect_async_with_config(url, Some(config), true)
            .await
            .unwrap_or_else(|error| panic!("client {n}: {error}"));
        stream.send(format!("40/agents,{}", self.auths[n % self.auths.len()]).into()).await.unwrap();
        let mut missed = 0;
        loop {
            let message = stream.next().await.expect("it is let in").unwrap();
            let text = message.to_text().unwrap();
            assert!(!text.starts_with("44"), "{text}");
            if text == "2" {
                stream.send("3".into()).await.unwrap();
            } else if text.starts_with(EVENT) {
                missed += 1;
            } else if text.starts_with(self.ready) {
                return (stream, missed);
            }
        }
    }

    /// So many clients, all served.
    pub async fn crowd(&self, count: usize) -> Crowd {
        self.entered(0..count, AT_ONCE).await
    }

    /// All of them at the same time.
    pub async fn storm(&self, count: usize) -> Crowd {
        self.entered(0..count, count).await
    }

    async fn entered(&self, which: std::ops::Range<usize>, at_once: usize) -> Crowd {
        let heard = Arc::new(Heard::default());
        let mut tasks = JoinSet::new();
        let all: Vec<usize> = which.collect();
        for some in all.chunks(at_once) {
            let streams = futures::future::join_all(some.iter().map(|n| self.enter(*n))).await;
            for (n, (stream, missed)) in some.iter().zip(streams) {
                heard.events.fetch_add(missed, Relaxed);
                tasks.spawn(listen(stream, Arc::clone(&heard), n % SAMPLED == 0));
            }
        }
        Crowd { heard, _tasks: tasks }
    }

    /// Says one thing and leaves it at that.
    pub async fn say(&self, packet: String) -> Stream {
        let (mut stream, _) = self.enter(0).await;
        stream.send(packet.into()).await.unwrap();
        stream
    }

    /// Sends a command so many times a second for a while, from fifty sockets; milliseconds to each answer, and how
    /// many were not answered.
    pub async fn ask(&self, rate: usize, time: Duration) -> (Vec<f64>, usize) {
        const SOCKETS: usize = 50;
        let mut asking = JoinSet::new();
        for n in 0..SOCKETS {
            let (mut stream, _) = self.enter(n).await;
            let every = Duration::from_secs_f64(SOCKETS as f64 / rate as f64);
            asking.spawn(async move {
                let mut clock = tokio::time::interval_at(tokio::time::Instant::now() + every * n as u32 / SOCKETS as u32, every);
                let (mut sent, mut took) = (Vec::new(), Vec::new());
                let end = Instant::now() + time;
                loop {
                    let done = Instant::now() >= end;
                    if done && (took.len() == sent.len() || Instant::now() >= end + Duration::from_secs(5)) {
                        return (sent.len(), took);
                    }
                    tokio::select! {
                        _ = clock.tick() => if !done {
                            let command = format!("42/agents,{}[\"conversation:leave\",{{\"conversations\":[]}}]", sent.len());
                            sent.push(Instant::now());
                            stream.send(command.into()).await.unwrap();
                        },
                        message = stream.next() => {
                            let message = message.expect("it stays").unwrap();
                            let text = message.to_text().unwrap();
                            if text == "2" {
                                stream.send("3".into()).await.unwrap();
                            } else if let Some(answer) = text.strip_prefix("43/agents,") {
                                let (id, answer) = answer.split_once('[').unwrap();
                                assert!(answer.starts_with("{\"ok\":true") || answer.contains("\"ok\":true"), "{text}");
                                took.push(sent[id.parse::<usize>().unwrap()].elapsed().as_secs_f64() * 1000.0);
                            }
                        }
                    }
                }
            });
        }
        let (mut all, mut missing) = (Vec::new(), 0);
        while let Some(asked) = asking.join_next().await {
            let (sent, took) = asked.unwrap();
            missing += sent - took.len();
            all.extend(took);
        }
        (all, missing)
    }
}

async fn listen(mut stream: Stream, heard: Arc<Heard>, is_sampled: bool) {
    while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else { continue };
        if text.as_str() == "2" {
            if stream.send("3".into()).await.is_err() {
                break;
            }
        } else if text.starts_with(EVENT) {
            heard.events.fetch_add(1, Relaxed);
            if is_sampled {
                note(&heard, text.as_str());
            }
        }
    }
    heard.lost.fetch_add(1, Relaxed);
}

#[expect(clippy::disallowed_methods, reason = "ages are measured by the clock of the machine")]
fn note(heard: &Heard, text: &str) {
    let Some((_, at)) = text.rsplit_once("\"at\":\"") else { return };
    let at = at.split('"').next().unwrap_or_default();
    let began = match DateTime::parse_from_rfc3339(at) {
        Ok(at) => at.timestamp_micros(),
        Err(_) => at.parse().unwrap_or(0),
    };
    let now = Utc::now();
    heard.ages.lock().push((now.timestamp_micros() - began) as f64 / 1000.0);
    heard.sample.lock().get_or_insert_with(|| text.to_owned());
}

impl Crowd {
    /// Waits for so many events; how many did not come.
    pub async fn hear(&self, wanted: u64, patience: Duration) -> u64 {
        let end = Instant::now() + patience;
        while self.heard.events.load(Relaxed) < wanted && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(self.heard.lost.load(Relaxed), 0, "clients were cut");
        wanted.saturating_sub(self.heard.events.load(Relaxed))
    }

    /// Payload and meta of an event as it came.
    pub fn sample(&self) -> (Value, Value) {
        let text = self.heard.sample.lock().clone().expect("an event came");
        let args: Vec<Value> = serde_json::from_str(text.strip_prefix("42/agents,").unwrap()).unwrap();
        (args[1].clone(), args[2].clone())
    }
}
