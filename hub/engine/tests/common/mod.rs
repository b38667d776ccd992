//! A server that echoes, and a client that speaks raw frames.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use engine::{
    Accepted, App, Args, Config, Connect, Event, Frame, Namespace, Next, Reason, Refusal, Socket,
    eio::{Malformed, Message as Text, Outgoing, Peer, Protocol, Tail},
};
use futures::{SinkExt as _, StreamExt as _, future::BoxFuture, task::AtomicWaker};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

pub const PATIENCE: Duration = Duration::from_secs(10);

/// Times as the official suites ask for them.
pub fn quick() -> Config {
    Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        max_packet: 1_000_000,
        ..Config::default()
    }
}

/// What the server saw.
#[derive(Default)]
pub struct Seen {
    pub closed: Mutex<Vec<Reason>>,
    pub events: Mutex<Vec<String>>,
    pub acks: Mutex<Vec<(u64, usize)>>,
    /// Cuts every client.
    pub kill: AtomicBool,
    /// Takes every client out of its namespace.
    pub leave: AtomicBool,
    /// Sockets take no events meanwhile.
    pub held: AtomicBool,
    /// Frames of `blast` that were pulled.
    pub pulled: AtomicUsize,
    pub wakers: Mutex<Vec<Arc<AtomicWaker>>>,
}

impl Seen {
    pub fn wake(&self) {
        for waker in self.wakers.lock().iter() {
            waker.wake();
        }
    }

    pub async fn closed(&self) -> Reason {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(reason) = self.closed.lock().first() {
                return *reason;
            }
            assert!(tokio::time::Instant::now() < until, "the socket was not closed");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// An application that echoes as the official suite expects, and does a few things on demand.
pub struct Echo(pub Arc<Seen>);

impl App for Echo {
    type Kept = Option<String>;

    fn keep(&self, request: &http::request::Parts) -> Option<String> {
        Some(request.headers.get("origin")?.to_str().ok()?.to_owned())
    }

    fn connect(&self, connect: Connect<Option<String>>) -> BoxFuture<'static, Result<Accepted, Refusal>> {
        let seen = Arc::clone(&self.0);
        Box::pin(async move {
            if connect.auth.get().contains("refuse me") {
                return Err("forbidden".into());
            }
            let waker = Arc::new(AtomicWaker::new());
            seen.wakers.lock().push(Arc::clone(&waker));
            let first = Frame::event(connect.namespace, "auth", &[&connect.auth]);
            let recovered = connect.recovery.as_ref().filter(|recovery| recovery.pid == "p");
            Ok(Accepted {
                pid: connect.auth.get().contains("recover").then(|| "p".to_owned()),
                id: None,
                socket: Box::new(EchoSocket {
                    namespace: connect.namespace,
                    out: VecDeque::from([Next::Frame(first)]),
                    blast: 0,
                    count: recovered.map_or(0, |recovery| recovery.offset),
                    seen,
                    waker,
                }),
            })
        })
    }
}

pub struct EchoSocket {
    namespace: &'static str,
    out: VecDeque<Next>,
    /// Events that are sent as fast as they are taken.
    blast: u64,
    count: u64,
    seen: Arc<Seen>,
    waker: Arc<AtomicWaker>,
}

fn raw(value: &impl serde::Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn refs(args: &Args) -> Vec<&RawValue> {
    args.json.iter().map(|arg| &**arg).collect()
}

impl Socket for EchoSocket {
    fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.waker.register(cx.waker());
        if self.seen.kill.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        let held = self.seen.held.load(Ordering::Relaxed) || self.out.len() >= 64;
        if held { Poll::Pending } else { Poll::Ready(()) }
    }

    fn event(&mut self, event: Event) {
        let args = &event.args;
        let parts = args.attachments.clone();
        match (event.name.as_str(), event.ack) {
            ("message", _) if parts.is_empty() => {
                self.out.push_back(Next::Frame(Frame::event(self.namespace, "message-back", &refs(args))));
            }
            ("message", _) => {
                let frame = Frame::binary_event(self.namespace, "message-back", &refs(args), parts);
                self.out.push_back(Next::Frame(frame));
            }
            ("message-with-ack", Some(id)) if parts.is_empty() => {
                self.out.push_back(Next::Frame(Frame::ack(self.namespace, id, &refs(args))));
            }
            ("message-with-ack", Some(id)) => {
                self.out.push_back(Next::Frame(Frame::binary_ack(self.namespace, id, &refs(args), parts)));
            }
            ("ask", _) => {
                self.out.push_back(Next::Frame(Frame::event_with_ack(self.namespace, 5, "asked", &[])));
            }
            ("blast", _) => {
                self.blast = serde_json::from_str(args.json[0].get()).unwrap();
                self.waker.wake();
            }
            ("counted", _) => {
                self.count += 1;
                let frame = Frame::event(self.namespace, "counted-back", &refs(args));
                self.out.push_back(Next::Counted(frame, self.count));
            }
            _ => {}
        }
        self.seen.events.lock().push(event.name);
    }

    fn acked(&mut self, id: u64, args: Args) {
        self.seen.acks.lock().push((id, args.json.len()));
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        self.waker.register(cx.waker());
        if let Some(next) = self.out.pop_front() {
            return Poll::Ready(next);
        }
        if self.seen.leave.load(Ordering::Relaxed) {
            return Poll::Ready(Next::Leave);
        }
        if self.blast > 0 {
            self.blast -= 1;
            let n = self.seen.pulled.fetch_add(1, Ordering::Relaxed);
            let payload = raw(&(n, "x".repeat(1000)));
            return Poll::Ready(Next::Frame(Frame::event(self.namespace, "blasted", &[&payload])));
        }
        Poll::Pending
    }

    fn closed(&mut self, reason: Reason) {
        self.seen.closed.lock().push(reason);
    }
}

/// Engine.IO without anything above: every message comes back.
pub struct Bare;

#[derive(Default)]
pub struct BarePeer(VecDeque<Text>);

impl Protocol for Bare {
    type Peer = BarePeer;

    fn open(&self, _: &http::request::Parts) -> BarePeer {
        BarePeer::default()
    }
}

impl Peer for BarePeer {
    fn poll_run(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if self.0.len() < 64 { Poll::Ready(()) } else { Poll::Pending }
    }

    fn message(&mut self, message: Text) -> Result<(), Malformed> {
        self.0.push_back(message);
        Ok(())
    }

    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Outgoing> {
        match self.0.pop_front() {
            Some(Text::Text(text)) => {
                Poll::Ready(Outgoing::Text(format!("4{}", text.as_str()).into(), Tail::default()))
            }
            Some(Text::Binary(bytes)) => Poll::Ready(Outgoing::Binary(bytes)),
            None => Poll::Pending,
        }
    }

    fn is_settled(&self) -> bool {
        true
    }

    fn closed(&mut self, _: Reason) {}
}

/// A running server.
pub struct Stage {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    pub server: engine::eio::Server<engine::sio::SocketIo<Echo>>,
}

pub async fn stage(config: Config) -> Stage {
    let seen = Arc::new(Seen::default());
    let namespaces = [Namespace { name: "/", attachments: 4 }, Namespace { name: "/custom", attachments: 0 }];
    let server = engine::server(config.clone(), Echo(Arc::clone(&seen)), &namespaces);
    let bare = engine::eio::Server::new(config, Bare);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = server.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (server, bare) = (serving.clone(), bare.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (server, bare) = (server.clone(), bare.clone());
                async move {
                    Ok::<_, std::convert::Infallible>(match request.uri().path() {
                        "/engine.io/" => bare.respond(request).await,
                        _ => server.respond(request).await,
                    })
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades(),
            );
        }
    });
    Stage { address, seen, server }
}

/// Answers of the polling transport: status and body.
pub type Answered = (u16, String);

impl Stage {
    pub fn url(&self, path: &str, rest: &str) -> String {
        format!("http://{}{path}?EIO=4&transport=polling{rest}", self.address)
    }

    pub async fn request(&self, method: &str, target: &str, body: &str) -> Answered {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut send, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", "hub")
            .body(Full::new(bytes::Bytes::copy_from_slice(body.as_bytes())))
            .unwrap();
        let response = tokio::time::timeout(PATIENCE, send.send_request(request)).await.unwrap().unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        connection.abort();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    pub async fn get(&self, path: &str, sid: &str) -> Answered {
        self.request("GET", &format!("{path}?EIO=4&transport=polling&sid={sid}"), "").await
    }

    pub async fn post(&self, path: &str, sid: &str, body: &str) -> Answered {
        self.request("POST", &format!("{path}?EIO=4&transport=polling&sid={sid}"), body).await
    }

    /// Opens a polling session and returns its id.
    pub async fn poll(&self, path: &str) -> String {
        let (status, body) = self.request("GET", &format!("{path}?EIO=4&transport=polling"), "").await;
        assert_eq!(status, 200);
        let open: serde_json::Value = serde_json::from_str(body.strip_prefix('0').unwrap()).unwrap();
        open["sid"].as_str().unwrap().to_owned()
    }

    /// Opens a WebSocket; the handshake is not read.
    pub async fn websocket(&self, path: &str, rest: &str) -> Client {
        let url = format!("ws://{}{path}?EIO=4&transport=websocket{rest}", self.address);
        Client(tokio_tungstenite::connect_async(url).await.unwrap().0)
    }

    /// Whether a WebSocket is refused.
    pub async fn refuses_websocket(&self, target: &str) -> bool {
        tokio_tungstenite::connect_async(format!("ws://{}{target}", self.address)).await.is_err()
    }

    /// A client that is in the namespace `/`, with its first event read.
    pub async fn joined(&self) -> Client {
        let mut client = self.websocket("/socket.io/", "").await;
        assert!(client.text().await.starts_with('0'));
        client.send("40").await;
        assert!(client.text().await.starts_with("40{\"sid\":"));
        assert_eq!(client.text().await, "42[\"auth\",{}]");
        client
    }
}

/// A WebSocket client.
pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn send_binary(&mut self, bytes: &[u8]) {
        self.0.send(Message::binary(bytes.to_vec())).await.unwrap();
    }

    /// The next message.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing came") {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(message)) => return Some(message),
            }
        }
    }

    pub async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("{other:?} is no text"),
        }
    }

    /// The next text that is no heartbeat; heartbeats are answered.
    pub async fn packet(&mut self) -> String {
        loop {
            let text = self.text().await;
            if text != "2" {
                return text;
            }
            self.send("3").await;
        }
    }

    pub async fn binary(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Message::Binary(bytes)) => bytes.to_vec(),
            other => panic!("{other:?} is not binary"),
        }
    }

    /// Whether the server closes within the time, whatever it sends before.
    pub async fn is_closed_within(&mut self, time: Duration) -> bool {
        let closed = async { while self.next().await.is_some() {} };
        tokio::time::timeout(time, closed).await.is_ok()
    }
}
