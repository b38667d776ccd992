//! A Socket.IO client (Engine.IO 4, websocket) that remembers everything it was told and checks the promise of the
//! logs: the numbers of each log rise.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use futures::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use super::wait::PATIENCE;

/// An event as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub name: String,
    pub payload: Value,
    /// `log`, `seq`, `id`, `at` of durable events; null of volatile ones.
    pub meta: Value,
    pub at: std::time::Instant,
}

impl Received {
    #[must_use]
    pub fn log(&self) -> Option<(&str, i64)> {
        Some((self.meta["log"].as_str()?, self.meta["seq"].as_i64()?))
    }
}

/// What a client remembers across connections, as the contract asks of every client.
#[derive(Debug, Default)]
pub struct Memory {
    events: Mutex<Vec<Received>>,
    /// The last number of each log.
    last: Mutex<BTreeMap<String, i64>>,
    epoch: Mutex<Option<Value>>,
    /// Entries that came although their number was not greater: a broken promise.
    broken: Mutex<Vec<String>>,
    news: Notify,
}

impl Memory {
    fn take(&self, event: Received) {
        if let Some((log, seq)) = event.log() {
            let mut last = self.last.lock();
            let known = last.entry(log.to_owned()).or_insert(0);
            if seq <= *known {
                self.broken.lock().push(format!("{log}: {} {seq} after {known}", event.name));
            }
            *known = seq.max(*known);
        }
        match event.name.as_str() {
            "hello" => *self.epoch.lock() = Some(event.payload["epoch"].clone()),
            "feed:position" => {
                let log = format!("account:{}", event.payload["account_id"].as_str().unwrap_or_default());
                let seq = event.payload["seq"].as_i64().unwrap_or(0);
                let mut last = self.last.lock();
                let known = last.entry(log).or_insert(0);
                *known = seq.max(*known);
            }
            _ => {}
        }
        self.events.lock().push(event);
        self.news.notify_waiters();
    }

    /// Everything received, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Received> {
        self.events.lock().clone()
    }

    /// How much was received.
    #[must_use]
    pub fn count(&self) -> usize {
        self.events.lock().len()
    }

    /// What was received after the first `from`.
    #[must_use]
    pub fn events_from(&self, from: usize) -> Vec<Received> {
        self.events.lock()[from..].to_vec()
    }

    /// Resolves when something arrives after this call.
    pub fn arrived(&self) -> impl Future<Output = ()> + '_ {
        self.news.notified()
    }

    /// The last number of a log.
    #[must_use]
    pub fn last(&self, log: &str) -> Option<i64> {
        self.last.lock().get(log).copied()
    }

    /// Remembers the head of a page, from which a thread goes on.
    pub fn remember(&self, log: &str, seq: i64) {
        let mut last = self.last.lock();
        let known = last.entry(log.to_owned()).or_insert(0);
        *known = seq.max(*known);
    }

    #[must_use]
    pub fn epoch(&self) -> Option<Value> {
        self.epoch.lock().clone()
    }

    /// Fails if a number of a log did not rise.
    pub fn assert_rising(&self) {
        let broken = self.broken.lock();
        assert!(broken.is_empty(), "numbers of a log did not rise: {broken:#?}");
    }

    /// The first event that fits, past or to come.
    pub async fn wait(&self, what: &str, fits: impl Fn(&Received) -> bool) -> Received {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let news = self.news.notified();
            if let Some(found) = self.events.lock().iter().find(|event| fits(event)).cloned() {
                return found;
            }
            if tokio::time::timeout_at(deadline, news).await.is_err() {
                let names: Vec<_> = self.events.lock().iter().map(|event| event.name.clone()).collect();
                panic!("{what} did not come; received: {names:?}");
            }
        }
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub enum Refused {
    /// The namespace said no.
    Namespace(Value),
    /// There is no transport.
    Transport(String),
}

/// A command that was not done.
#[derive(Debug, Clone)]
pub enum CommandError {
    /// The hub said no: code and the whole error.
    Refused(String, Value),
    /// The connection ended before the answer: it may have been done.
    Cut,
}

struct Shared {
    memory: Arc<Memory>,
    acks: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    closed: AtomicBool,
    close_news: Notify,
}

/// One connection to one namespace.
pub struct Socket {
    namespace: String,
    shared: Arc<Shared>,
    out: mpsc::UnboundedSender<Message>,
    next_ack: AtomicU64,
    tasks: Vec<JoinHandle<()>>,
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Socket {
    /// Connects; `auth` is what the namespace asks for.
    pub async fn connect(base: &str, namespace: &str, auth: &Value) -> Result<Self, Refused> {
        Self::resume(base, namespace, auth, Arc::default()).await
    }

    /// Connects with the memory of earlier connections; what it holds goes on growing.
    pub async fn resume(
        base: &str,
        namespace: &str,
        auth: &Value,
        memory: Arc<Memory>,
    ) -> Result<Self, Refused> {
        let transport = |error: &dyn std::fmt::Display| Refused::Transport(error.to_string());
        let url = format!("{}/socket.io/?EIO=4&transport=websocket", base.replacen("http", "ws", 1));
        let opening = tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(url)).await;
        let (mut stream, _) = match opening {
            Ok(opened) => opened.map_err(|error| transport(&error))?,
            Err(late) => return Err(transport(&late)),
        };
        let first = text(&mut stream).await.ok_or_else(|| transport(&"closed before it opened"))?;
        assert!(first.starts_with('0'), "an engine opens with 0, not {first}");
        let connect = format!("40{namespace},{auth}");
        stream.send(Message::text(connect)).await.map_err(|error| transport(&error))?;
        loop {
            let answer = text(&mut stream).await.ok_or_else(|| transport(&"closed before it connected"))?;
            let body = answer.get(2..).unwrap_or_default();
            let body = body.strip_prefix(&format!("{namespace},")).unwrap_or(body);
            let body: Value = serde_json::from_str(body).unwrap_or_default();
            match answer.get(..2) {
                Some("40") => break,
                Some("44") => return Err(Refused::Namespace(body)),
                _ if answer == "2" => {
                    stream.send(Message::text("3")).await.map_err(|error| transport(&error))?;
                }
                _ => panic!("unexpected while connecting: {answer}"),
            }
        }
        let shared = Arc::new(Shared {
            memory,
            acks: Mutex::default(),
            closed: AtomicBool::new(false),
            close_news: Notify::new(),
        });
        let (out, outgoing) = mpsc::unbounded_channel();
        let (write, read) = stream.split();
        let tasks = vec![
            tokio::spawn(write_all(write, outgoing)),
            tokio::spawn(read_all(read, Arc::clone(&shared), out.clone(), namespace.to_owned())),
        ];
        Ok(Self { namespace: namespace.to_owned(), shared, out, next_ack: AtomicU64::new(0), tasks })
    }

    #[must_use]
    pub fn memory(&self) -> &Arc<Memory> {
        &self.shared.memory
    }

    /// The first event of this name, past or to come, whose payload fits.
    pub async fn wait(&self, name: &str, fits: impl Fn(&Value) -> bool) -> Received {
        self.shared.memory.wait(name, |event| event.name == name && fits(&event.payload)).await
    }

    /// Sends a command and waits for its answer's `data`.
    pub async fn command(&self, name: &str, payload: Value) -> Result<Value, CommandError> {
        let id = self.next_ack.fetch_add(1, SeqCst);
        let (tell, told) = oneshot::channel();
        self.shared.acks.lock().insert(id, tell);
        let packet = format!("42{},{id}{}", self.namespace, json!([name, payload]));
        if self.is_closed() || self.out.send(Message::text(packet)).is_err() {
            return Err(CommandError::Cut);
        }
        let answer = match tokio::time::timeout(PATIENCE, told).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => return Err(CommandError::Cut),
            Err(late) => panic!("{name} was not answered: {late}"),
        };
        if answer["ok"] == true {
            return Ok(answer["data"].clone());
        }
        assert_eq!(answer["ok"], false, "an answer says ok: {answer}");
        let error = &answer["error"];
        let code = error["code"].as_str().unwrap_or_else(|| panic!("an error has a code: {answer}"));
        assert!(error["message"].is_string(), "an error has a message: {answer}");
        Err(CommandError::Refused(code.to_owned(), error.clone()))
    }

    /// Sends a command that must be done.
    pub async fn done(&self, name: &str, payload: Value) -> Value {
        let shown = payload.clone();
        match self.command(name, payload).await {
            Ok(data) => data,
            Err(error) => panic!("{name} {shown}: {error:?}"),
        }
    }

    /// Sends a command that must be refused; returns the code.
    pub async fn refused(&self, name: &str, payload: Value) -> String {
        let shown = payload.clone();
        match self.command(name, payload).await {
            Err(CommandError::Refused(code, _)) => code,
            other => panic!("{name} {shown} was not refused: {other:?}"),
        }
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.closed.load(SeqCst)
    }

    /// Returns when the connection has ended.
    pub async fn closed(&self) {
        loop {
            let news = self.shared.close_news.notified();
            if self.is_closed() {
                return;
            }
            news.await;
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn text(stream: &mut Stream) -> Option<String> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match tokio::time::timeout_at(deadline, stream.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => return Some(text.as_str().to_owned()),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            _ => return None,
        }
    }
}

async fn write_all(
    mut write: futures::stream::SplitSink<Stream, Message>,
    mut outgoing: mpsc::UnboundedReceiver<Message>,
) {
    while let Some(message) = outgoing.recv().await {
        if write.send(message).await.is_err() {
            return;
        }
    }
}

async fn read_all(
    mut read: futures::stream::SplitStream<Stream>,
    shared: Arc<Shared>,
    out: mpsc::UnboundedSender<Message>,
    namespace: String,
) {
    while let Some(Ok(message)) = read.next().await {
        let Message::Text(packet) = message else { continue };
        let packet = packet.as_str();
        if packet == "2" {
            // a closed writer ends the reader too
            let _gone = out.send(Message::text("3"));
            continue;
        }
        let Some(body) = packet.get(2..).and_then(|rest| rest.strip_prefix(&format!("{namespace},"))) else {
            continue;
        };
        let at = body.find('[').unwrap_or(body.len());
        let (id, args) = body.split_at(at);
        let mut args: Vec<Value> = serde_json::from_str(args).unwrap_or_default();
        match &packet[..2] {
            "42" if !args.is_empty() => {
                args.resize(3.max(args.len()), Value::Null);
                let name = args[0].as_str().unwrap_or_default().to_owned();
                let at = std::time::Instant::now();
                shared.memory.take(Received { name, payload: args[1].take(), meta: args[2].take(), at });
            }
            "43" => {
                let waiting = id.parse().ok().and_then(|id: u64| shared.acks.lock().remove(&id));
                if let (Some(waiting), Some(answer)) = (waiting, args.into_iter().next()) {
                    // nobody waits for it any more
                    let _gone = waiting.send(answer);
                }
            }
            "41" => break,
            _ => {}
        }
    }
    shared.closed.store(true, SeqCst);
    shared.acks.lock().clear();
    shared.close_news.notify_waiters();
}

/// How long a pause between attempts to connect is.
pub const RECONNECT: Duration = Duration::from_millis(100);
