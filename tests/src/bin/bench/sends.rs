//! Sends a second: a group message through the whole path, every attempt and every outcome in the store, to the sandbox,
//! to a provider over HTTP, and over SMPP on one bind to a message centre of other people's making. Beside it in the
//! same run: the session layer alone, and Kannel, which stores nothing, each on one bind with the same window to the same
//! message centre.
//!
//! `BENCH_PEOPLE` is the number of recipients (20,000 unless given), `BENCH_SECONDS` the length of the other steps.

use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ::smpp::{Address, Session, SessionOptions, ShortMessage};
use axum::{Router, routing::post};
use serde_json::{Value, json};
use tests::harness::{
    Channel, TestHub, World,
    hub::free_port,
    people::{import, is_over, send},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::machine::{family, processor};

const WINDOW: usize = 50;
const RUNS: usize = 3;

fn seconds() -> Duration {
    let given = std::env::var("BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(given.unwrap_or(5).clamp(1, 60))
}

fn people() -> u64 {
    std::env::var("BENCH_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

/// `tests/js/smsc.js`, which takes everything and writes nothing down.
struct Smsc {
    port: u16,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Smsc {
    async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
        let mut process = Command::new("node")
            .args(["smsc.js", "sink"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed (scripts/install-tools.sh test)");
        let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let first =
            answers.next_line().await.unwrap().expect("npm ci in tests/js (scripts/install-tools.sh test)");
        let first: Value = serde_json::from_str(&first).unwrap();
        let port = first["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        Self { port, questions: process.stdin.take().unwrap(), answers, process }
    }

    /// How many it has taken, and the seconds between the first and the last.
    async fn count(&mut self) -> (u64, f64) {
        self.questions.write_all(b"{\"count\": true}\n").await.unwrap();
        let answer: Value = serde_json::from_str(&self.answers.next_line().await.unwrap().unwrap()).unwrap();
        (answer["count"].as_u64().unwrap(), answer["seconds"].as_f64().unwrap())
    }

    async fn rate(&mut self) -> f64 {
        let (count, seconds) = self.count().await;
        count as f64 / seconds
    }

    /// Microseconds of the processor that it took for each message.
    async fn cost(&mut self) -> f64 {
        let pid = self.process.id().expect("it runs");
        let (count, _) = self.count().await;
        processor(&family(pid)) / count as f64
    }
}

/// As many callers as the window has places, each with the next message as soon as the last is answered.
async fn session_alone() -> (f64, f64) {
    let mut smsc = Smsc::start().await;
    let stream = TcpStream::connect(("127.0.0.1", smsc.port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let options = SessionOptions { window: WINDOW, ..SessionOptions::new("bench", "secret") };
    let (session, _inbound) = Session::bind(stream, options).await.expect("a bind");
    let until = Instant::now() + seconds();
    let callers: Vec<_> = (0..WINDOW)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move {
                while Instant::now() < until {
                    let message = ShortMessage {
                        source: Address::automatic("8400"),
                        destination: Address::automatic("+254700000001"),
                        short_message: "Hello Person 4711 in City 42".into(),
                        ..ShortMessage::default()
                    };
                    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
                    session.submit(message, deadline).await.expect("it is taken");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    (smsc.rate().await, smsc.cost().await)
}

/// Kannel, as Debian has it: `bearerbox` with one bind, `smsbox` before it.
struct Kannel {
    boxes: Vec<Child>,
    url: String,
    _folder: tempfile::TempDir,
}

impl Kannel {
    /// `None` where it is not installed.
    async fn start(smsc: &Smsc) -> Option<Self> {
        let program = |name: &str| {
            ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]
                .map(|dir| Path::new(dir).join(name))
                .into_iter()
                .find(|path| path.exists())
        };
        let (bearerbox, smsbox) = (program("bearerbox")?, program("smsbox")?);
        let folder = tempfile::tempdir().unwrap();
        let (admin, boxes, http) = (free_port(), free_port(), free_port());
        let config = format!(
            "group = core\nadmin-port = {admin}\nadmin-password = bench\nadmin-interface = 127.0.0.1\nsmsbox-port = {boxes}\n\
             smsbox-interface = 127.0.0.1\nlog-level = 3\nbox-allow-ip = 127.0.0.1\n\n\
             group = smsc\nsmsc = smpp\nsmsc-id = bench\nhost = 127.0.0.1\nport = {}\ntransceiver-mode = true\n\
             smsc-username = bench\nsmsc-password = secret\nsystem-type = bench\nmax-pending-submits = {WINDOW}\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {http}\nsendsms-interface = 127.0.0.1\nlog-level = 3\n\n\
             group = sendsms-user\nusername = bench\npassword = bench\nmax-messages = 1\n",
            smsc.port
        );
        let file = folder.path().join("kannel.conf");
        std::fs::write(&file, config).unwrap();
        let run = |program: &Path| {
            Command::new(program)
                .args(["-v", "3"])
                .arg(&file)
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        };
        let mut running = vec![run(&bearerbox)];
        reachable(boxes).await;
        running.push(run(&smsbox));
        reachable(http).await;
        // the bind comes up by itself
        tokio::time::sleep(Duration::from_secs(2)).await;
        let url = format!(
            "http://127.0.0.1:{http}/cgi-bin/sendsms?username=bench&password=bench&from=8400&to=254700000001\
             &text=Hello+Person+4711+in+City+42"
        );
        Some(Self { boxes: running, url, _folder: folder })
    }
}

async fn reachable(port: u16) {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing listens on {port}");
}

/// Messages a second through Kannel, and the microseconds of the processor that both its boxes took for one.
async fn kannel() -> Option<(f64, f64)> {
    let mut smsc = Smsc::start().await;
    let kannel = Kannel::start(&smsc).await?;
    let http = reqwest::Client::new();
    let until = Instant::now() + seconds();
    let refused = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let (http, url, refused) = (http.clone(), kannel.url.clone(), Arc::clone(&refused));
            tokio::spawn(async move {
                while Instant::now() < until {
                    let status = http.get(&url).send().await.map(|answer| answer.status().as_u16());
                    if !matches!(status, Ok(200..=299)) {
                        refused.fetch_add(1, Relaxed);
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    // what it took may still lie in its queue
    let mut before = 0;
    loop {
        let (count, _) = smsc.count().await;
        if count == before {
            break;
        }
        before = count;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(refused.load(Relaxed), 0, "Kannel refused some");
    assert!(before > 0, "Kannel sent nothing");
    let pids: Vec<u32> = kannel.boxes.iter().filter_map(Child::id).collect();
    Some((smsc.rate().await, processor(&pids) / before as f64))
}

/// A provider that takes everything; its address, and how many it has taken.
async fn provider() -> (String, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let app = Router::new().route(
        "/send",
        post(move || {
            let id = counted.fetch_add(1, Relaxed);
            std::future::ready(axum::Json(json!({"status": "ok", "id": format!("out-{id}")})))
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, taken)
}

/// What one group message took, from the hub's own row of it.
struct Sent {
    rate: f64,
    frozen: f64,
    hub: f64,
    store: f64,
}

/// Sends to all of a group and waits for its end: everybody's outcome is in the store then.
async fn to_all(hub: &TestHub, world: &World, channel: &Channel, group: &str, count: u64) -> Sent {
    let postgres = || hub.postmaster().map_or(0.0, |pid| processor(&family(pid)));
    let (hub_before, store_before) = (processor(&[hub.pid()]), postgres());
    let path = send(world, channel, group).await;
    let over = loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Some(over) = is_over(world, &path).await {
            break over;
        }
    };
    assert_eq!(over["status"], "completed", "{over}");
    let at =
        |field: &str| -> chrono::DateTime<chrono::Utc> { over[field].as_str().unwrap().parse().unwrap() };
    let took = |from: &str, to: &str| (at(to) - at(from)).as_seconds_f64();
    Sent {
        rate: count as f64 / took("started_at", "completed_at"),
        frozen: took("started_at", "frozen_at"),
        hub: (processor(&[hub.pid()]) - hub_before) / count as f64,
        store: (postgres() - store_before) / count as f64,
    }
}

fn print(name: &str, all: &[Sent]) {
    let median = |value: fn(&Sent) -> f64| {
        let mut values: Vec<f64> = all.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let each: Vec<String> = all.iter().map(|one| format!("{:.0}", one.rate)).collect();
    println!(
        "{name:<52} {:>8.0}/s   (each {}; audience frozen after {:.1} s; µs a message: hub {:.0}, PostgreSQL {:.0})",
        median(|one| one.rate),
        each.join(", "),
        median(|one| one.frozen),
        median(|one| one.hub),
        median(|one| one.store),
    );
}

/// Measures and prints it.
pub async fn run() {
    let (alone, smsc_alone) = session_alone().await;
    println!(
        "{:<52} {alone:>8.0}/s   (µs a message of the message centre: {smsc_alone:.0})",
        "SMPP session layer alone, window 50"
    );
    match kannel().await {
        Some((rate, cost)) => {
            println!(
                "{:<52} {rate:>8.0}/s   (µs a message of Kannel: {cost:.0})",
                "Kannel, HTTP to SMPP, nothing stored, window 50"
            );
        }
        None => println!("Kannel is not installed (apt-get install kannel)"),
    }
    let env = [("TURUMBA_LOG_LEVEL", "warn"), ("TURUMBA_LIMITS_API_PER_MINUTE", "1000000")];
    let mut hub = TestHub::start_embedded(&env).await;
    let world = World::new(&hub).await;
    let count = people();
    let (group, _) = import(&world, "2519", count).await;
    let rate = 1_000_000;

    let sandbox = world.sandbox("sms", json!({"receipts": []})).await;
    let (url, taken) = provider().await;
    let new = json!({
        "name": "HTTP", "channel_type": "sms", "provider": "http", "rate_limit": rate,
        "credentials": {"api_key": "key-0123456789", "webhook_secret": "secret-0123456789"},
        "settings": {"api_base": url, "path": "/send", "headers": "X-Api-Key: {{api_key}}",
                     "body": r#"{"to": "{{to}}", "text": "{{text}}"}"#, "id_path": "id", "result_path": "status",
                     "result_ok": "ok"},
    });
    let (_, http) = world.channel("sms", new).await;
    let mut smsc = Smsc::start().await;
    let new = json!({
        "name": "Operator", "channel_type": "smpp", "rate_limit": rate,
        "credentials": {"host": "127.0.0.1", "port": smsc.port, "system_id": "acme", "password": "secret", "source_addr": "8400"},
        "settings": {"window": WINDOW},
    });
    let (_, smpp) = world.channel("smpp", new).await;
    let mut figures: [Vec<Sent>; 3] = Default::default();
    // in turn, so that a slow minute is everybody's
    for _ in 0..RUNS {
        for (channel, all) in [&sandbox, &http, &smpp].into_iter().zip(&mut figures) {
            all.push(to_all(&hub, &world, channel, &group, count).await);
            hub.drained().await;
        }
    }
    assert_eq!(taken.load(Relaxed) as u64, count * RUNS as u64, "the provider counts as we do");
    assert_eq!(smsc.count().await.0, count * RUNS as u64, "the message centre counts as we do");
    println!("a group message to {count}, every attempt and outcome stored:");
    for (name, all) in ["  to the sandbox", "  to a provider over HTTP", "  over SMPP, one bind, window 50"]
        .iter()
        .zip(&figures)
    {
        print(name, all);
    }
    hub.discard().await;
}
