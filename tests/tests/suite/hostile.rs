//! Clients that are slow, silent or hostile, all at once, beside one who works. For a short while, or for as long as
//! `TURUMBA_HOSTILE_SECONDS` says: from five minutes on the limits are those of production, and times are judged too.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use serde_json::json;
use tests::harness::{Channel, TestHub, World, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Messages a second that the bystander is to see.
const RATE: u32 = 20;

/// Whom they attack, and how it went.
#[derive(Clone)]
struct Target {
    port: u16,
    token: String,
    account: String,
    conversation: String,
    /// How long a client may take nothing.
    stall: Duration,
    /// What is malformed is answered with an end within this time.
    soon: Duration,
    until: Instant,
    /// Longest time to the end of an offender, and how often, by offence.
    ends: Arc<Mutex<BTreeMap<&'static str, (Duration, usize)>>>,
}

/// A client that speaks WebSocket byte by byte.
struct Raw(TcpStream);

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        medium @ 126..65536 => {
            bytes.push(0x80 | 0x7e);
            bytes.extend((medium as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    // the mask is zero
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

impl Raw {
    async fn open(port: u16, query: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        Self(stream)
    }

    /// In the agents' namespace.
    async fn agent(target: &Target) -> Self {
        let mut raw = Self::open(target.port, "").await;
        let auth = json!({"token": target.token, "account_id": target.account});
        raw.say(&format!("40/agents,{auth}")).await;
        let mut seen = String::new();
        let mut buffer = [0; 2048];
        while !seen.contains("[\"live\"") {
            let count = timeout(Duration::from_secs(20), raw.0.read(&mut buffer)).await.unwrap().unwrap();
            assert!(count > 0, "it is let in: {seen}");
            seen += &String::from_utf8_lossy(&buffer[..count]);
        }
        raw
    }

    async fn say(&mut self, text: &str) {
        // it may be cut while we write
        let _cut = self.0.write_all(&frame(0x81, text.as_bytes())).await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        let _cut = self.0.write_all(bytes).await;
    }

    /// How long it takes until the other end has closed, reading whatever comes.
    async fn ends(mut self, within: Duration) -> Option<Duration> {
        let began = Instant::now();
        let mut rest = vec![0; 65536];
        let read = async { while self.0.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
        timeout(within, read).await.ok().map(|()| began.elapsed())
    }
}

impl Target {
    /// The offender is to be gone within the time.
    async fn gone(&self, offence: &'static str, raw: Raw, within: Duration) {
        let Some(took) = raw.ends(within).await else { panic!("{offence}: not closed within {within:?}") };
        let mut ends = self.ends.lock();
        let (longest, count) = ends.entry(offence).or_default();
        *longest = took.max(*longest);
        *count += 1;
    }

    async fn malformed(self) {
        let deep = format!("42/agents,[\"message:send\",{}", "[".repeat(50_000));
        let mut continued = frame(0x01, b"42/agents,[");
        continued.extend(frame(0x00, b"").repeat(10_000));
        let offences: [(&'static str, Vec<u8>); 6] = [
            ("oversized frame", vec![0x81, 0xff, 0, 0, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0]),
            ("empty continuations", continued),
            ("deep JSON", frame(0x81, deep.as_bytes())),
            ("invalid UTF-8", frame(0x81, &[b'4', b'2', 0xff, 0xfe])),
            ("no array", frame(0x81, b"42/agents,{}")),
            (
                "an attachment that is none",
                frame(0x81, br#"459-/agents,["e",{"_placeholder":true,"num":0}]"#),
            ),
        ];
        while Instant::now() < self.until {
            for (offence, bytes) in &offences {
                let mut raw = Raw::agent(&self).await;
                raw.write(bytes).await;
                self.gone(offence, raw, self.soon).await;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn namespaces(self) {
        while Instant::now() < self.until {
            let mut raw = Raw::open(self.port, "").await;
            for n in 0..1000 {
                raw.say(&format!("40/n{n},")).await;
            }
            self.gone("namespace flood", raw, self.soon).await;
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn joins(self) {
        while Instant::now() < self.until {
            let raw = Raw::agent(&self).await;
            let mut joins = Vec::new();
            for n in 0..10_000 {
                let id = uuid::Uuid::new_v4();
                let join = format!("42/agents,{n}[\"conversation:join\",{{\"conversation_id\":\"{id}\"}}]");
                joins.extend(frame(0x81, join.as_bytes()));
            }
            // answers are read meanwhile, or it would be a stall
            let (mut read, mut write) = raw.0.into_split();
            let writing = tokio::spawn(async move {
                let _cut = write.write_all(&joins).await;
                write
            });
            let began = Instant::now();
            let mut rest = vec![0; 65536];
            let reading = async { while read.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
            assert!(timeout(Duration::from_secs(20), reading).await.is_ok(), "a join flood goes on");
            drop(writing.await.unwrap());
            let mut ends = self.ends.lock();
            let (longest, count) = ends.entry("join flood").or_default();
            *longest = began.elapsed().max(*longest);
            *count += 1;
        }
    }

    /// Asks and does not read the answers, or reads nothing at all.
    async fn stalled(self, asks: bool) {
        let offence = if asks { "questions whose answers are not read" } else { "zero window" };
        while Instant::now() + self.stall < self.until {
            let mut raw = Raw::agent(&self).await;
            raw.say(&format!(
                "42/agents,0[\"conversation:join\",{{\"conversation_id\":\"{}\"}}]",
                self.conversation
            ))
            .await;
            let began = Instant::now();
            let mut n = 1;
            // gone when the kernel says so: nothing is read
            let end = loop {
                sleep(Duration::from_millis(if asks { 170 } else { 250 })).await;
                let packet = if asks {
                    format!(
                        "42/agents,{n}[\"conversation:history\",{{\"conversation_id\":\"{}\",\"before\":1000000,\"limit\":50}}]",
                        self.conversation
                    )
                } else {
                    "3".to_owned()
                };
                n += 1;
                if raw
                    .0
                    .try_write(&frame(0x81, packet.as_bytes()))
                    .is_err_and(|it| it.kind() != std::io::ErrorKind::WouldBlock)
                {
                    break began.elapsed();
                }
                if Instant::now() > self.until {
                    return;
                }
            };
            let mut ends = self.ends.lock();
            let (longest, count) = ends.entry(offence).or_default();
            *longest = end.max(*longest);
            *count += 1;
        }
    }

    /// Its CONNECT never ends.
    async fn one_byte(self) {
        while Instant::now() < self.until {
            let mut raw = Raw::open(self.port, "").await;
            let auth = json!({"token": self.token, "account_id": self.account});
            let bytes = frame(0x81, format!("40/agents,{auth}").as_bytes());
            for byte in bytes.iter().cycle().take(100_000) {
                raw.write(&[*byte]).await;
                sleep(Duration::from_millis(50)).await;
                let mut buffer = [0; 256];
                if raw.0.try_read(&mut buffer).is_ok_and(|count| count == 0) || Instant::now() > self.until {
                    break;
                }
            }
        }
    }

    /// Is there and says nothing more, not even to heartbeats.
    async fn half_open(self) {
        while Instant::now() < self.until {
            let raw = Raw::agent(&self).await;
            sleep(Duration::from_secs(10).min(self.until.saturating_duration_since(Instant::now()))).await;
            drop(raw);
        }
    }

    /// Sessions that poll, begin to change, and break off in every way.
    async fn upgrades(self) {
        let http = reqwest::Client::new();
        let base = format!("http://127.0.0.1:{}/socket.io/?EIO=4&transport=polling", self.port);
        for n in 0usize.. {
            if Instant::now() > self.until {
                return;
            }
            let open = http.get(&base).send().await.unwrap().text().await.unwrap();
            let Some(sid) = open.split('"').nth(3).map(str::to_owned) else { continue };
            let mut raw = Raw::open(self.port, &format!("&sid={sid}")).await;
            let other = Raw::open(self.port, &format!("&sid={sid}")).await;
            let url = format!("{base}&sid={sid}");
            let polled = tokio::spawn(http.get(&url).timeout(Duration::from_secs(5)).send());
            match n % 4 {
                0 => raw.say("2probe").await,
                1 => {
                    raw.say("2probe").await;
                    raw.say("5").await;
                    raw.say("40/agents,{}").await;
                }
                2 => raw.say("5").await,
                _ => raw.0.set_zero_linger().unwrap(),
            }
            // refused or not, it is answered
            let _answered = http.post(&url).body("40/agents,{}").timeout(Duration::from_secs(5)).send().await;
            drop((raw, other));
            // the poll ends with its session at the latest
            let _ended = timeout(Duration::from_secs(6), polled).await;
        }
    }
}

/// Messages at an even pace, as far as the store follows; when each was posted.
async fn write(channel: &Channel, round: &'static str, time: Duration) -> BTreeMap<String, Instant> {
    let (mut posted, began) = (BTreeMap::new(), Instant::now());
    let mut clock = tokio::time::interval(Duration::from_secs(1) / RATE);
    let padding = "lorem ipsum ".repeat(250);
    for n in 0..(time.as_secs_f64() * f64::from(RATE)) as usize {
        clock.tick().await;
        if began.elapsed() >= time {
            break;
        }
        let text = format!("{round} {n} {padding}").trim_end().to_owned();
        posted.insert(text.clone(), Instant::now());
        channel.deliver(&channel.sandbox("+15550000001", &text)).await;
    }
    posted
}

/// How long the bystander waited for each of them: none is missing, none came twice.
async fn waited(bystander: &tests::harness::Socket, posted: &BTreeMap<String, Instant>) -> Vec<Duration> {
    let seen = || {
        let mut seen: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
        for event in bystander.memory().events().iter().filter(|event| event.name == "conversation:message") {
            let text = event.payload["content"].as_str().unwrap_or_default().to_owned();
            seen.entry(text).or_default().push(event.at);
        }
        seen
    };
    until("the bystander has everything", async || {
        let seen = seen();
        let missing = posted.keys().filter(|text| !seen.contains_key(*text)).count();
        if missing == 0 { Ok(()) } else { Err(format!("{missing} of {} are missing", posted.len())) }
    })
    .await;
    let seen = seen();
    let mut all: Vec<Duration> = posted
        .iter()
        .map(|(text, at)| {
            assert_eq!(seen[text].len(), 1, "it came more than once");
            seen[text][0].saturating_duration_since(*at)
        })
        .collect();
    all.sort_unstable();
    all
}

fn share(all: &[Duration], share: f64) -> Duration {
    all[((all.len() as f64 * share) as usize).min(all.len() - 1)]
}

/// Resident memory in KiB.
fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// This process, with all its threads.
fn pin_to_the_second_core() {
    let arguments = ["-apc", "1", &std::process::id().to_string()];
    let output =
        std::process::Command::new("taskset").args(arguments).output().expect("taskset of util-linux");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_harm_nobody_else() {
    let seconds =
        std::env::var("TURUMBA_HOSTILE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let (time, is_long) = (Duration::from_secs(seconds), seconds >= 300);
    let stall = Duration::from_secs(if is_long { 30 } else { 4 });
    let stalled = format!("{}s", stall.as_secs());
    let mut hub = TestHub::prepared(&[
        ("TURUMBA_SOCKETS_STALLED", stalled.as_str()),
        ("TURUMBA_SOCKETS_PER_USER", "1000"),
        // as in production, where the harness raises them
        ("TURUMBA_SOCKETS_COMMANDS_PER_SECOND", "6"),
        ("TURUMBA_SOCKETS_COMMANDS_BURST", "30"),
    ])
    .await;
    if is_long {
        // the attackers have a core of their own: what they spend is not to be taken for what the hub spends
        hub.pin("0");
        pin_to_the_second_core();
    }
    hub.spawn().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"receipts": []})).await;
    let (ada, eve) = (world.agent("ada", 50).await, world.person("eve", "agent").await);
    let bystander = ada.online().await;
    channel.post(&channel.sandbox("+15550000001", "hello")).await;
    let new = bystander.wait("conversation:new", |_| true).await;
    let conversation = new.payload["id"].as_str().unwrap().to_owned();
    bystander.done("conversation:join", json!({"conversation_id": conversation})).await;

    let control =
        write(&channel, "control", if is_long { Duration::from_secs(60) } else { Duration::from_secs(6) })
            .await;
    let control = waited(&bystander, &control).await;

    let target = Target {
        port: hub.port(),
        token: eve.api.token.clone().unwrap(),
        account: world.account_id.clone(),
        conversation,
        stall,
        // a short run shares its cores with other tests
        soon: Duration::from_secs(if is_long { 1 } else { 10 }),
        until: Instant::now() + time,
        ends: Arc::default(),
    };
    let mut attacks = JoinSet::new();
    attacks.spawn(target.clone().malformed());
    attacks.spawn(target.clone().namespaces());
    attacks.spawn(target.clone().joins());
    attacks.spawn(target.clone().stalled(true));
    attacks.spawn(target.clone().stalled(false));
    attacks.spawn(target.clone().one_byte());
    attacks.spawn(target.clone().half_open());
    attacks.spawn(target.clone().upgrades());
    let pid = hub.pid();
    let memory = tokio::spawn(async move {
        // what is needed once for each kind of client is there by then
        sleep(time / 4).await;
        resident(pid)
    });
    let posted = write(&channel, "attacked", time).await;
    let attacked = waited(&bystander, &posted).await;
    while let Some(attack) = attacks.join_next().await {
        if let Err(error) = attack {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    let (before, after) = (memory.await.unwrap(), resident(pid));
    bystander.memory().assert_rising();
    assert!(!bystander.is_closed(), "the bystander stays");

    println!("memory: {before:.0} KiB, then {after:.0} KiB");
    println!("bystander: p99 {:?} alone, {:?} beside them", share(&control, 0.99), share(&attacked, 0.99));
    let ends = target.ends.lock().clone();
    for (offence, (longest, count)) in &ends {
        println!("{offence}: {count} times, gone within {longest:?}");
    }
    for offence in ["zero window", "questions whose answers are not read"] {
        let (longest, _) = ends.get(offence).unwrap_or_else(|| panic!("{offence}: none was cut"));
        let most = stall + Duration::from_secs(if is_long { 5 } else { 12 });
        assert!(*longest < most, "{offence}: cut only after {longest:?}");
    }
    let allowed = if is_long { before * 1.1 } else { (before * 1.1).max(before + 16_384.0) };
    assert!(after <= allowed, "{before} KiB grew to {after} KiB");
    if is_long {
        assert!(share(&attacked, 0.99) <= 2 * share(&control, 0.99), "the bystander is held up");
    }
    hub.end().await;
}
