//! Against a message centre that is not ours: the `smpp` package of npm, in `tests/js`. It is cut off at random
//! moments; nothing may be lost or arrive twice, and what is unsure must be counted so.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use smpp::{
    Address, Assembled, Backoff, BindKind, Connect, DeliveryReport, Fragment, IdForm, MessageState, Pool,
    PoolError, PoolOptions, Reassembler, SessionOptions, ShortMessage, Stream, SubmitError, canonical_id,
    coding::{self, Alphabet},
    split::{LongMessages, Writing},
    udh::Concat,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStdin, Command},
    time::Instant,
};

struct Centre {
    port: u16,
    said: Arc<Mutex<Vec<String>>>,
    input: ChildStdin,
    _child: Child,
}

impl Centre {
    async fn start() -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js");
        if !dir.join("node_modules/smpp").is_dir() {
            let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&dir).output();
            let output = npm.await.expect("npm is installed (scripts/install-tools.sh test)");
            assert!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
        }
        let mut child = Command::new("node")
            .arg("centre.js")
            .current_dir(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed (scripts/install-tools.sh test)");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().expect("a port");
        let port = first.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a port");
        let said = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                all.lock().unwrap().push(line);
            }
        });
        Self { port, said, input: child.stdin.take().unwrap(), _child: child }
    }

    async fn tell(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Lines that hold this.
    fn lines(&self, what: &str) -> Vec<String> {
        self.said.lock().unwrap().iter().filter(|line| line.contains(what)).cloned().collect()
    }

    fn pool(&self, kind: BindKind, binds: usize) -> (Arc<Pool>, smpp::Inbound) {
        let port = self.port;
        let connect: Connect = Arc::new(move || {
            Box::pin(async move {
                let stream = TcpStream::connect(("127.0.0.1", port)).await;
                let stream =
                    stream.map_err(|error| Arc::new(error) as Arc<dyn std::error::Error + Send + Sync>)?;
                Ok(Box::new(stream) as Box<dyn Stream>)
            })
        });
        let short = Duration::from_millis(20);
        let backoff = Backoff { first: short, longest: short * 5, steady: short, ..Backoff::default() };
        let session = SessionOptions { kind, ..SessionOptions::new("esme", "secret") };
        let (pool, inbound) = Pool::start(PoolOptions { session, binds, backoff }, connect);
        (Arc::new(pool), inbound)
    }
}

fn until() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn plain() -> ShortMessage {
    ShortMessage {
        source: Address::automatic("BRAND"),
        destination: Address::automatic("+254700000001"),
        registered_delivery: 1,
        ..ShortMessage::default()
    }
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = until();
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Accepts everything; receipts by the canonical id that they name.
fn receipts(mut inbound: smpp::Inbound) -> Arc<Mutex<HashMap<String, MessageState>>> {
    let all = Arc::new(Mutex::new(HashMap::new()));
    let found = Arc::clone(&all);
    tokio::spawn(async move {
        while let Some(delivery) = inbound.recv().await {
            let report = DeliveryReport::of(&delivery.message, Alphabet::Gsm7).expect("a receipt");
            let by_parameter = canonical_id(report.tlv_id.as_deref().unwrap(), IdForm::Hex);
            let by_text = canonical_id(report.text_id.as_deref().unwrap(), IdForm::Decimal);
            assert_eq!(by_parameter, by_text);
            found.lock().unwrap().insert(by_text, report.state);
            delivery.accept();
        }
    });
    all
}

#[tokio::test]
async fn texts_of_every_kind_arrive_as_they_were_written() {
    let centre = Centre::start().await;
    let (pool, inbound) = centre.pool(BindKind::Transceiver, 1);
    let receipts = receipts(inbound);
    let long = "Habari! ".repeat(30);
    let wide = "Привет! ".repeat(20);
    let mut sent: Vec<String> = Vec::new();
    for how in [LongMessages::Udh, LongMessages::UdhWide, LongMessages::Sar, LongMessages::Payload] {
        for text in ["hello", "a@b€{Ç}", "Жa😀", &long, &wide] {
            let writing = Writing::of(text, Alphabet::Gsm7);
            let pieces = writing.pieces(text, how);
            let total = u8::try_from(pieces.len()).unwrap();
            let before = centre.lines("\"taken\"").len();
            for (at, piece) in pieces.iter().enumerate() {
                let concat = Concat::new(0x42, total, at as u8 + 1, how == LongMessages::UdhWide);
                let mut message = plain();
                assert!(writing.fill(&mut message, piece, how, concat.filter(|concat| concat.total > 1)));
                let taken = pool.submit(&message, until()).await.unwrap();
                sent.push(canonical_id(&taken.message_id, IdForm::Hex));
            }
            eventually("all parts are said", || centre.lines("\"taken\"").len() == before + pieces.len())
                .await;
            let lines = &centre.lines("\"taken\"")[before..];
            for (line, piece) in lines.iter().zip(&pieces) {
                let shown = piece.replace('\\', "\\\\");
                assert!(line.contains(&format!("\"text\":\"{shown}\"")), "{how:?} {line} {piece}");
                if pieces.len() > 1 {
                    let header = if how == LongMessages::Sar { "\"sar\":[66," } else { "\"udh\":[\"0" };
                    assert!(line.contains(header), "{how:?} {line}");
                }
            }
        }
    }
    eventually("every message has its receipt", || receipts.lock().unwrap().len() == sent.len()).await;
    assert!(sent.iter().all(|id| receipts.lock().unwrap()[id] == MessageState::Delivered));
    pool.unbind().await;
}

#[tokio::test]
async fn customers_write_long_texts_and_each_part_is_acknowledged() {
    let mut centre = Centre::start().await;
    let (_pool, mut inbound) = centre.pool(BindKind::Receiver, 1);
    // what is delivered before that goes to nobody
    eventually("the receiver is bound", || centre.lines(r#""bound":"bind_receiver""#).len() == 1).await;
    for (number, text) in [(2, "world"), (1, "hello ")] {
        let deliver = format!(
            r#"{{"deliver": {{"source_addr": "254700000002", "destination_addr": "100", "source_addr_ton": 1, "sar_msg_ref_num": 7,
               "sar_total_segments": 2, "sar_segment_seqnum": {number}, "short_message": "{text}"}}}}"#
        );
        centre.tell(&deliver.replace('\n', " ")).await;
    }
    let mut waiting = Reassembler::new(Duration::from_mins(1), 10);
    let whole: Assembled<String> = loop {
        let delivery = inbound.recv().await.expect("a delivery");
        let fragment = Fragment::of(&delivery.message).expect("a part");
        let (udh, octets) = delivery.message.user_data();
        let header = udh.map_or(0, |udh| udh.length);
        let text = coding::decode(delivery.message.data_coding, &octets, Alphabet::Gsm7, header);
        delivery.accept();
        if let (Some(whole), _) = waiting.add(&fragment, text, std::time::Instant::now()) {
            break whole;
        }
    };
    assert_eq!((whole.parts.concat().as_str(), whole.partial), ("hello world", false));
    eventually("both were acknowledged", || centre.lines(r#""answered":0"#).len() == 2).await;
}

#[tokio::test]
async fn cut_off_at_random_moments_nothing_is_lost_or_sent_twice() {
    const MESSAGES: usize = 1500;
    let mut centre = Centre::start().await;
    let (pool, inbound) = centre.pool(BindKind::Transceiver, 2);
    let receipts = receipts(inbound);
    let sends: Vec<_> = (0..MESSAGES)
        .map(|n| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..1500))).await;
                let text = format!("message {n}");
                let message = ShortMessage { short_message: text.clone().into(), ..plain() };
                loop {
                    match pool.submit(&message, until()).await {
                        Ok(taken) => return (text, Some(canonical_id(&taken.message_id, IdForm::Hex))),
                        Err(PoolError::Submit(SubmitError::Unknown(_))) => return (text, None),
                        Err(PoolError::Submit(SubmitError::NotSent(_)) | PoolError::Down(_)) => {
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    // a slow machine takes longer over them than ten cuts do
    let mut cuts = 0;
    while cuts < 10 || sends.iter().any(|send| !send.is_finished()) && cuts < 40 {
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..150))).await;
        centre.tell(r#"{"cut": true}"#).await;
        cuts += 1;
    }
    let (mut known, mut unknown) = (HashMap::new(), HashSet::new());
    for send in sends {
        match send.await.unwrap() {
            (text, Some(id)) => drop(known.insert(text, id)),
            (text, None) => drop(unknown.insert(text)),
        }
    }
    let seen = || {
        let mut times: HashMap<String, usize> = HashMap::new();
        for line in centre.lines("\"taken\"") {
            let text =
                line.split("\"text\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
            *times.entry(text).or_default() += 1;
        }
        times
    };
    eventually("all that was acknowledged is said", || known.keys().all(|text| seen().contains_key(text)))
        .await;
    let times = seen();
    assert!(times.values().all(|count| *count == 1), "something was sent twice");
    assert!(times.keys().all(|text| known.contains_key(text) || unknown.contains(text)));
    assert_eq!(known.len() + unknown.len(), MESSAGES);
    assert!(!unknown.is_empty(), "the cuts hit nothing: the test shows nothing");
    let with_receipt = || known.values().filter(|id| receipts.lock().unwrap().contains_key(*id)).count();
    eventually("most have a receipt", || with_receipt() > MESSAGES / 2).await;
    println!("{} known, {} unknown, {} with a receipt", known.len(), unknown.len(), with_receipt());
}
