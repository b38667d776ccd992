//! What a delivery and an idle connection cost a Socket.IO server: this engine, or any other program that
//! speaks the same few words, measured from outside.
//!
//! ```sh
//! cargo bench -p engine --bench fanout -- measure engine 4101 target/release/deps/fanout-… serve 4101
//! cargo bench -p engine --bench fanout -- measure node 4102 node hub/engine/benches/node/server.mjs 4102
//! ```
//!
//! `measure NAME PORT COMMAND…` starts the command on the first core and stays on the others, opens idle
//! connections and reads the growth of the server's resident memory; then asks it (`go`, with a count and
//! milliseconds) for events of 200 bytes to everybody in `/agents`, and divides the server's processor time by
//! the deliveries that arrived. `IDLE`, `READERS`, `EVENTS` and `EVERY_MS` change the sizes.
//! `idle PID URL NAMESPACE AUTH COUNT` only opens connections to a server that runs already.

use std::{
    collections::VecDeque,
    process::{Child, Command},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use engine::{Accepted, App, Config, Connect, Event, Frame, Namespace, Next, Refusal, Socket};
use futures::{SinkExt as _, StreamExt as _, future::BoxFuture, task::AtomicWaker};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match arguments.as_slice() {
        ["serve", port] => runtime.block_on(serve(port.parse().unwrap())),
        ["measure", name, port, command @ ..] => {
            runtime.block_on(measure(name, port.parse().unwrap(), command));
        }
        ["idle", pid, url, namespace, auth, count] => {
            let before = resident(pid.parse().unwrap());
            let kept = runtime.block_on(connect_all(url, namespace, auth, count.parse().unwrap()));
            report_idle("idle", pid.parse().unwrap(), before, kept.len());
        }
        // `cargo bench` and `cargo test --benches` without arguments: nothing to compare with
        _ => println!(
            "usage: fanout measure NAME PORT COMMAND… | serve PORT | idle PID URL NAMESPACE AUTH COUNT"
        ),
    }
}

// the server

#[derive(Default)]
struct Feed {
    told: RwLock<Vec<Frame>>,
    readers: RwLock<Vec<Arc<AtomicWaker>>>,
}

struct Feeds(Arc<Feed>);

impl App for Feeds {
    type Kept = ();

    fn keep(&self, _: &http::request::Parts) {}

    fn connect(&self, _: Connect<()>) -> BoxFuture<'static, Result<Accepted, Refusal>> {
        let (feed, waker) = (Arc::clone(&self.0), Arc::new(AtomicWaker::new()));
        feed.readers.write().push(Arc::clone(&waker));
        let cursor = feed.told.read().len();
        Box::pin(async move { Ok(Accepted::new(Reader { feed, waker, cursor, batch: VecDeque::new() })) })
    }
}

struct Reader {
    feed: Arc<Feed>,
    waker: Arc<AtomicWaker>,
    cursor: usize,
    batch: VecDeque<Frame>,
}

impl Socket for Reader {
    #[expect(clippy::disallowed_methods, reason = "ages are measured by the clock of the machine")]
    fn event(&mut self, event: Event) {
        if event.name == "go" {
            let order: Value = serde_json::from_str(event.args.json[0].get()).unwrap();
            let number = |name: &str| order[name].as_u64().unwrap();
            let (count, every) = (number("count"), Duration::from_millis(number("every_ms")));
            let feed = Arc::clone(&self.feed);
            tokio::spawn(async move {
                let mut clock = tokio::time::interval(every);
                let raw = |value: &Value| serde_json::value::to_raw_value(value).unwrap();
                let payload = raw(&order["payload"]);
                let mut meta = order["meta"].clone();
                for _ in 0..count {
                    clock.tick().await;
                    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
                    meta["at"] = format!("{:027}", now.as_micros()).into();
                    let frame = Frame::event("/agents", "channel:status", &[&payload, &raw(&meta)]);
                    feed.told.write().push(frame);
                    feed.readers.read().iter().for_each(|waker| waker.wake());
                }
            });
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        self.waker.register(cx.waker());
        if self.batch.is_empty() {
            let told = self.feed.told.read();
            self.batch.extend(told[self.cursor..].iter().take(64).cloned());
            self.cursor += self.batch.len();
        }
        match self.batch.pop_front() {
            Some(frame) => Poll::Ready(Next::Counted(frame, self.cursor as u64)),
            None => Poll::Pending,
        }
    }
}

async fn serve(port: u16) {
    let namespaces = [Namespace { name: "/agents", attachments: 0 }];
    let server = engine::server(Config::default(), Feeds(Arc::default()), &namespaces);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let server = server.clone();
        let service = service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, std::convert::Infallible>(server.respond(request).await) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades());
    }
}

// the measurement

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The room of everybody, where there are rooms.
const ALL: &str = r#"{"account_id":"all"}"#;

/// Resident memory in KiB, without pages shared with files.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// User and system time so far, in milliseconds.
fn processor(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    // fields 14 and 15 of proc(5), in hundredths of a second
    after.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum()
}

async fn connect(url: &str, namespace: &str, auth: &str) -> Client {
    let url = format!("{url}/socket.io/?EIO=4&transport=websocket");
    let (mut client, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    client.send(format!("40{namespace},{auth}").into()).await.unwrap();
    loop {
        let message = client.next().await.unwrap().unwrap();
        let text = message.to_text().unwrap();
        assert!(!text.starts_with("44"), "{text}");
        if text.starts_with("40") {
            return client;
        }
    }
}

async fn connect_all(url: &str, namespace: &str, auth: &str, count: u64) -> Vec<Client> {
    let mut clients = Vec::new();
    while (clients.len() as u64) < count {
        let batch = (0..50).map(|_| connect(url, namespace, auth));
        clients.extend(futures::future::join_all(batch).await);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    clients
}

fn report_idle(name: &str, pid: u32, before: u64, count: usize) {
    let grown = resident(pid).saturating_sub(before);
    println!("{name}: {:.1} KiB resident for each of {count} idle connections", grown as f64 / count as f64);
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

async fn measure(name: &str, port: u16, command: &[&str]) {
    let server = Command::new("taskset").args(["-c", "0"]).args(command).spawn().unwrap();
    let server = Running(server);
    let pid = server.0.id();
    let pin = Command::new("taskset").args(["-apc", "1", &std::process::id().to_string()]).output();
    assert!(pin.is_ok_and(|pin| pin.status.success()), "taskset works");
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let url = format!("ws://127.0.0.1:{port}");
    // what is needed once is there before the first measurement
    drop(connect_all(&url, "/agents", ALL, 50).await);
    let before = resident(pid);
    let idle = connect_all(&url, "/agents", ALL, setting("IDLE", 2000)).await;
    report_idle(name, pid, before, idle.len());
    drop(idle);
    tokio::time::sleep(Duration::from_secs(2)).await;

    let (events, every) = (setting("EVENTS", 400), setting("EVERY_MS", 10));
    let mut readers = connect_all(&url, "/agents", ALL, setting("READERS", 1000)).await;
    let deliveries = readers.len() as u64 * events;
    let arrived = Arc::new(AtomicU64::new(0));
    let order = json!({
        "count": events, "every_ms": every, "rooms": ["all"], "payload": {"text": "x".repeat(100)}, "meta": {"log": "all"},
    });
    let go = format!("42/agents,[\"go\",{order}]");
    let (before, began) = (processor(pid), Instant::now());
    readers[0].send(go.into()).await.unwrap();
    let mut reading = JoinSet::new();
    for mut reader in readers {
        let arrived = Arc::clone(&arrived);
        reading.spawn(async move {
            let mut left = events;
            while left > 0 {
                match reader.next().await.unwrap().unwrap() {
                    Message::Text(text) if text.starts_with("42") => {
                        left -= 1;
                        arrived.fetch_add(1, Ordering::Relaxed);
                    }
                    Message::Text(text) if text.as_str() == "2" => reader.send("3".into()).await.unwrap(),
                    _ => {}
                }
            }
        });
    }
    while reading.join_next().await.is_some() {}
    let spent = processor(pid) - before;
    assert_eq!(arrived.load(Ordering::Relaxed), deliveries);
    println!(
        "{name}: {:.2} µs of processor time for each of {deliveries} deliveries, in {:.1} s",
        spent as f64 * 1000.0 / deliveries as f64,
        began.elapsed().as_secs_f64(),
    );
}
