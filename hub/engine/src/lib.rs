//! A Socket.IO 5 server over Engine.IO 4 that **pulls** what it writes.
//!
//! Most servers keep a queue for each client: whoever sends pushes into it, and when a client is slow the
//! queue grows, or something is dropped. Here a client is a [`Socket`] of yours with a place in whatever
//! you send, a cursor, and the connection asks it for the next [`Frame`] when the client can take one.
//! A slow client costs its cursor, loses nothing and holds nobody up. A frame is encoded once and shared
//! by all who get it.
//!
//! What you get besides:
//!
//! - HTTP long polling, WebSocket and the change between them; any number of namespaces, given at start;
//!   acknowledgements in both directions; binary parts; connection state recovery for stock clients
//!   ([`Next::Counted`], [`Recovery`], [`Shelf`]).
//! - One task a connection, which reads, writes and runs your socket; events come in the order sent, one
//!   after the other, and a client is not read while you take none ([`Socket::poll_ready`]).
//! - An idle WebSocket holds no buffers and no timers: about 2 KiB besides what your socket needs.
//! - Everything that a client can make large is bounded: packets and bodies, pieces of a message, frames
//!   and packets that bring nothing, binary parts, names, refusals, the time until it has entered a
//!   namespace, the time for which it takes nothing.
//! - The public id of a client is not the secret one of its transport.
//!
//! What you do not get: rooms and broadcasts (whoever has a log needs no rooms), other protocol versions
//! and encodings, WebTransport, and any opinion on origins, tokens and rates: those are for
//! [`App::connect`] and for whatever stands before [`Server::respond`](eio::Server::respond).
//!
//! # Example
//!
//! A clock that tells every client the same seconds, each at its own pace:
//!
//! ```
//! use std::{convert::Infallible, sync::Arc, task::{Context, Poll}};
//!
//! use engine::{Accepted, App, Config, Connect, Event, Frame, Namespace, Next, Refusal, Socket};
//! use futures::{future::BoxFuture, task::AtomicWaker};
//! use hyper::{server::conn::http1, service::service_fn};
//! use hyper_util::rt::TokioIo;
//! use parking_lot::RwLock;
//! use tokio::net::TcpListener;
//!
//! /// What was told so far, and who waits for more.
//! #[derive(Default)]
//! struct Clock {
//!     told: RwLock<Vec<Frame>>,
//!     waiting: RwLock<Vec<Arc<AtomicWaker>>>,
//! }
//!
//! impl Clock {
//!     fn tell(&self, second: u64) {
//!         let second = serde_json::value::to_raw_value(&second).unwrap();
//!         self.told.write().push(Frame::event("/clock", "second", &[&second]));
//!         self.waiting.read().iter().for_each(|waker| waker.wake());
//!     }
//! }
//!
//! struct Reader {
//!     clock: Arc<Clock>,
//!     waker: Arc<AtomicWaker>,
//!     cursor: usize,
//! }
//!
//! impl Socket for Reader {
//!     fn event(&mut self, _: Event) {}
//!
//!     fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
//!         self.waker.register(cx.waker());
//!         let Some(frame) = self.clock.told.read().get(self.cursor).cloned() else { return Poll::Pending };
//!         self.cursor += 1;
//!         Poll::Ready(Next::Frame(frame))
//!     }
//! }
//!
//! struct Clocks(Arc<Clock>);
//!
//! impl App for Clocks {
//!     type Kept = ();
//!
//!     fn keep(&self, _: &http::request::Parts) {}
//!
//!     fn connect(&self, _: Connect<()>) -> BoxFuture<'static, Result<Accepted, Refusal>> {
//!         let (clock, waker) = (Arc::clone(&self.0), Arc::new(AtomicWaker::new()));
//!         clock.waiting.write().push(Arc::clone(&waker));
//!         Box::pin(async move { Ok(Accepted::new(Reader { clock, waker, cursor: 0 })) })
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! let clock = Arc::new(Clock::default());
//! let namespaces = [Namespace { name: "/clock", attachments: 0 }];
//! let server = engine::server(Config::default(), Clocks(Arc::clone(&clock)), &namespaces);
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! # let address = listener.local_addr()?;
//! let serving = tokio::spawn(async move {
//!     loop {
//!         let (stream, _) = listener.accept().await.unwrap();
//!         stream.set_nodelay(true).unwrap();
//!         let server = server.clone();
//!         let service = service_fn(move |request| {
//!             let server = server.clone();
//!             async move { Ok::<_, Infallible>(server.respond(request).await) }
//!         });
//!         tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades());
//!     }
//! });
//! clock.tell(1);
//! # use futures::{SinkExt, StreamExt};
//! # let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
//! # let (mut client, _) = tokio_tungstenite::connect_async(url).await.unwrap();
//! # client.next().await.unwrap().unwrap();
//! # client.send("40/clock,".into()).await.unwrap();
//! # client.next().await.unwrap().unwrap();
//! # let told = client.next().await.unwrap().unwrap();
//! # assert_eq!(told.to_text().unwrap(), "42/clock,[\"second\",1]");
//! # serving.abort();
//! # Ok(())
//! # }
//! ```
//!
//! A stock client reads it with `io(url + "/clock").on("second", console.log)`.
//!
//! # Layers
//!
//! [`ws`] makes messages of bytes, [`eio`] sessions of requests and WebSockets, [`sio`] namespaces of
//! sessions. Each can be used without the one above it: [`eio::Server`] serves any [`eio::Protocol`].
#![forbid(unsafe_code)]

mod config;
pub mod eio;
pub mod sio;
mod wheel;
pub mod ws;

pub use config::Config;
pub use eio::{Reason, Transport};
pub use sio::{
    Accepted, App, Args, Connect, Event, Frame, Namespace, Next, Recovery, Refusal, Shelf, Socket, server,
};

/// An id that cannot be guessed: 120 random bits.
pub(crate) fn random_id() -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 15]>())
}
