//! Socket.IO 5: namespaces, events and acknowledgements over Engine.IO.

mod client;
mod frame;
mod packet;
mod shelf;

pub use client::Client;
pub use frame::Frame;
pub use packet::{Kind, Packet};
pub use shelf::Shelf;

use std::{
    collections::BTreeMap,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::request::Parts;
use serde_json::value::RawValue;

use crate::{
    Config,
    eio::{self, Protocol, Reason, Transport},
};

/// An application: who may enter which namespace, and who serves them there.
pub trait App: Send + Sync + 'static {
    /// What is kept of the request with which a client shook hands.
    type Kept: Send + Sync + 'static;

    /// Takes from a handshake's request what is needed later; the rest is let go.
    fn keep(&self, request: &Parts) -> Self::Kept;

    /// A client wants to enter a namespace.
    fn connect(&self, connect: Connect<Self::Kept>) -> BoxFuture<'static, Result<Accepted, Refusal>>;
}

/// A client's wish to enter a namespace.
#[derive(Debug)]
pub struct Connect<K> {
    pub namespace: &'static str,
    /// The object that the client sent along; `{}` when there was none.
    pub auth: Box<RawValue>,
    /// What `auth` holds when the client wants its earlier state back: the private id that it was given
    /// then, and the count of the last event that it got.
    pub recovery: Option<Recovery>,
    pub kept: Arc<K>,
}

/// The state that a client wants back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    pub pid: String,
    pub offset: u64,
}

/// A client that may enter.
pub struct Accepted {
    pub socket: Box<dyn Socket>,
    /// The public id; a new one when there is none. It is no secret: the transport has its own.
    pub id: Option<String>,
    /// The private id under which the client may ask for its state after a cut. The same as before tells
    /// a stock client that it got it (`socket.recovered`).
    pub pid: Option<String>,
}

impl Accepted {
    /// A client whose state cannot be got back.
    #[must_use]
    pub fn new(socket: impl Socket + 'static) -> Self {
        Self { socket: Box::new(socket), id: None, pid: None }
    }
}

/// Why a client may not enter: the client's `connect_error`.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub message: String,
    pub data: Option<Box<RawValue>>,
}

impl From<&str> for Refusal {
    fn from(message: &str) -> Self {
        Self { message: message.to_owned(), data: None }
    }
}

/// Our end of one client in one namespace. All of it is called by the connection's one task, so nothing
/// here may block.
pub trait Socket: Send {
    /// Goes on with whatever it does by itself, such as the commands it was given. Ready: the transport
    /// is to be cut at once, even if the client takes nothing; it will come back by itself.
    fn poll_run(&mut self, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// The client is carried by this from now on: called first of all, and when it has changed.
    fn carried(&mut self, _by: Transport) {}

    /// Whether another event is taken. While it is not, the client is not read.
    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Takes an event, in the order sent.
    fn event(&mut self, event: Event);

    /// The client acknowledges an event that was sent under `id`.
    fn acked(&mut self, _id: u64, _args: Args) {}

    /// Gives the next thing to send. Asked only when the client can take it, so that nothing has to be
    /// queued for clients that are slow.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next>;

    /// The client is gone, or was taken out; called once.
    fn closed(&mut self, _reason: Reason) {}
}

/// What a socket sends next.
#[derive(Debug, Clone)]
pub enum Next {
    Frame(Frame),
    /// An event with one more argument, a string: the count of this client's events so far. A stock
    /// client gives the last one back when it asks for its state.
    Counted(Frame, u64),
    /// The client is taken out of the namespace; it will not come back by itself.
    Leave,
}

/// An event from a client.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub args: Args,
    /// The number to answer under, when an answer is asked for: see [`Frame::ack`].
    pub ack: Option<u64>,
}

/// Arguments of an event or of an answer.
#[derive(Debug, Default)]
pub struct Args {
    pub json: Vec<Box<RawValue>>,
    /// Binary parts; `json` has a placeholder `{"_placeholder":true,"num":n}` for each.
    pub attachments: Vec<Bytes>,
}

/// A namespace that clients may enter.
#[derive(Debug, Clone, Copy)]
pub struct Namespace {
    /// With its slash: `/chat`.
    pub name: &'static str,
    /// Binary parts that one packet of a client may have.
    pub attachments: usize,
}

/// Socket.IO as a protocol over Engine.IO.
pub struct SocketIo<A> {
    app: Arc<A>,
    namespaces: Arc<BTreeMap<&'static str, Namespace>>,
    max_packet: usize,
}

/// A Socket.IO server. Must be made within a tokio runtime.
pub fn server<A: App>(config: Config, app: A, namespaces: &[Namespace]) -> eio::Server<SocketIo<A>> {
    let namespaces = namespaces.iter().map(|namespace| (namespace.name, *namespace)).collect();
    let max_packet = config.max_packet;
    eio::Server::new(config, SocketIo { app: Arc::new(app), namespaces: Arc::new(namespaces), max_packet })
}

impl<A: App> Protocol for SocketIo<A> {
    type Peer = Client<A>;

    fn open(&self, request: &Parts) -> Client<A> {
        let kept = Arc::new(self.app.keep(request));
        Client::new(Arc::clone(&self.app), kept, Arc::clone(&self.namespaces), self.max_packet)
    }
}
