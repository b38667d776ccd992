//! The protocol engine: the one module that knows socketioxide.
//!
//! What is asked of it is little: packets in, packets out. Its rooms, broadcasts and acknowledgements
//! of its own are not used; every handler is registered in the middleware, before the CONNECT is
//! answered, so that no event of a fast client is lost; and events are handed over while they are
//! extracted, which is the only place where their order is known.

use std::{
    convert::Infallible,
    sync::{Arc, Weak},
};

use axum::{Router, extract::ConnectInfo, http::request::Parts};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use socketioxide::{
    ParserConfig, SendError, SocketError, SocketIo, TransportType,
    adapter::LocalAdapter,
    extract::{AckSender, SocketRef},
    handler::{ConnectHandler, FromConnectParts, FromMessage, FromMessageParts, Value},
    socket::Socket,
};
use tokio::time::Instant;

use super::{
    agents::{self, AgentSession},
    connection::{Connection, Sent, Wire},
    customers::{self, CustomerSession},
    entry::raw,
    guard::Peer,
    http::{Handshake, PATH, Peers},
    hub::Hub,
    origin::Origins,
    refusal::Refusal,
    turns,
    waiting::{Arrived, Command, Waiting},
};

/// Binary attachments that one packet of `/agents` may carry.
const BINARIES: usize = 4;

/// Puts the engine's layer around the router and registers both namespaces.
pub fn attach(router: Router, hub: &Arc<Hub>, peers: &Peers) -> Router {
    let config = &hub.config;
    let builder = SocketIo::builder()
        .req_path(PATH)
        .with_parser(
            ParserConfig::common()
                .max_incoming_binaries(BINARIES)
                .max_incoming_binary_buf_size(config.max_packet)
                .packet_completion_timeout(config.connect_timeout),
        )
        .max_payload(config.max_packet as u64)
        .ws_max_message_size(config.max_packet)
        .ws_max_frame_size(config.max_packet)
        .ws_read_buffer_size(4096)
        .max_buffer_size(config.outgoing)
        .ping_interval(config.ping_interval)
        .ping_timeout(config.ping_timeout)
        .connect_timeout(config.connect_timeout);
    let builder = if config.polling { builder } else { builder.transports([TransportType::Websocket]) };
    let (layer, io) = builder.build_layer();

    let gate = Gate { hub: Arc::clone(hub), peers: peers.clone() };
    let inner = gate.clone();
    let admit = move |socket: Handle, auth: Claims<agents::Auth>| {
        let gate = gate.clone();
        async move { gate.admit_agent(socket, auth.0).await }
    };
    io.ns("/agents", (|socket: SocketRef| async move { connected(&socket).await }).with(admit));
    let admit = move |socket: Handle, auth: Claims<customers::Auth>| {
        let gate = inner.clone();
        async move { gate.admit_customer(socket, auth.0).await }
    };
    io.ns("/customers", (|socket: SocketRef| async move { connected(&socket).await }).with(admit));
    router.layer(layer)
}

/// A namespace's socket, not kept alive by us.
struct Handle(Weak<Socket<LocalAdapter>>);

impl FromConnectParts<LocalAdapter> for Handle {
    type Error = Infallible;

    fn from_connect_parts(socket: &Arc<Socket<LocalAdapter>>, _: &Option<Value>) -> Result<Self, Infallible> {
        Ok(Self(Arc::downgrade(socket)))
    }
}

/// The `auth` of a CONNECT; `None` when it is not what it should be.
struct Claims<T>(Option<T>);

impl<T: DeserializeOwned + Default> FromConnectParts<LocalAdapter> for Claims<T> {
    type Error = Infallible;

    fn from_connect_parts(_: &Arc<Socket<LocalAdapter>>, auth: &Option<Value>) -> Result<Self, Infallible> {
        let text = auth.as_ref().and_then(Value::as_str);
        Ok(Self(match text {
            None => Some(T::default()),
            Some(text) => serde_json::from_str(text).ok(),
        }))
    }
}

/// The session behind a socket, kept with it.
#[derive(Clone)]
struct Port {
    waiting: Arc<Waiting>,
    connection: Arc<Connection>,
    start: Arc<parking_lot::Mutex<Option<Start>>>,
    hub: Arc<Hub>,
    binaries: bool,
}

/// What is run once the CONNECT is answered.
enum Start {
    Agent(Arc<AgentSession>, agents::Auth),
    Customer(Arc<CustomerSession>, customers::Auth),
}

#[derive(Clone)]
struct Gate {
    hub: Arc<Hub>,
    peers: Peers,
}

impl Gate {
    async fn admit_agent(self, socket: Handle, auth: Option<agents::Auth>) -> Result<(), Refusal> {
        let (Some(socket_ref), Some(auth)) = (socket.0.upgrade(), auth) else {
            return Err(Refusal::Unauthorized);
        };
        let parts = socket_ref.req_parts();
        let config = &self.hub.config;
        judge(parts, &config.public_url, &config.allowed_origins, false)?;
        let admitted = AgentSession::admit(&self.hub, &auth, bearer(parts)).await?;
        let session = AgentSession::new(&self.hub, admitted, self.wire(&socket_ref, socket.0));
        let connection = Arc::clone(&session.connection);
        self.open(&socket_ref, connection, Start::Agent(session, auth), true);
        Ok(())
    }

    async fn admit_customer(self, socket: Handle, auth: Option<customers::Auth>) -> Result<(), Refusal> {
        let (Some(socket_ref), Some(auth)) = (socket.0.upgrade(), auth) else {
            return Err(Refusal::Unauthorized);
        };
        let parts = socket_ref.req_parts();
        let admitted = CustomerSession::admit(&self.hub, &auth, bearer(parts)).await?;
        judge(parts, &self.hub.config.public_url, &admitted.1.allowed_origins, true)?;
        let session = CustomerSession::new(&self.hub, admitted, self.wire(&socket_ref, socket.0));
        let connection = Arc::clone(&session.connection);
        self.open(&socket_ref, connection, Start::Customer(session, auth), false);
        Ok(())
    }

    fn wire(&self, socket_ref: &Socket<LocalAdapter>, socket: Weak<Socket<LocalAdapter>>) -> Box<dyn Wire> {
        let peer = socket_ref.req_parts().extensions.get::<ConnectInfo<Peer>>();
        Box::new(SocketWire {
            socket,
            session: socket_ref.id.to_string(),
            peers: self.peers.clone(),
            first: peer.map(|ConnectInfo(peer)| peer.weak()),
        })
    }

    fn open(self, socket: &Socket<LocalAdapter>, connection: Arc<Connection>, start: Start, binaries: bool) {
        let port = Port {
            waiting: Arc::new(Waiting::new(&self.hub.config)),
            connection,
            start: Arc::new(parking_lot::Mutex::new(Some(start))),
            hub: self.hub,
            binaries,
        };
        if let Some(handshake) = socket.req_parts().extensions.get::<Handshake>() {
            handshake.succeed();
        }
        socket.extensions.insert(port);
        socket.on_fallback(|_: Taken| async {});
        let peers = self.peers;
        socket.on_disconnect(move |socket: SocketRef| {
            if let Some(port) = socket.extensions.remove::<Port>() {
                port.connection.hang_up();
            }
            peers.forget(&socket.id.to_string());
            async {}
        });
    }
}

async fn connected(socket: &SocketRef) {
    let Some(port) = socket.extensions.get::<Port>() else { return };
    let Some(start) = port.start.lock().take() else { return };
    match start {
        Start::Agent(session, auth) => session.run(&port.hub, auth, &port.waiting).await,
        Start::Customer(session, auth) => session.run(&port.hub, auth, &port.waiting).await,
    }
}

/// The address and the host of a request decide whether its page may connect.
fn judge(parts: &Parts, public_url: &str, listed: &[String], any_if_unlisted: bool) -> Result<(), Refusal> {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let origins = Origins { host: header("host"), public_url, listed, any_if_unlisted };
    let has_origin = parts.headers.contains_key("origin");
    let accepted = origins.accept(header("origin")) && (!has_origin || header("origin").is_some());
    if accepted { Ok(()) } else { Err(Refusal::OriginNotAllowed) }
}

fn bearer(parts: &Parts) -> Option<&str> {
    parts.headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

/// An event, taken over while it is extracted: synchronously, in the order of the wire.
struct Taken;

impl FromMessage<LocalAdapter> for Taken {
    type Error = Infallible;

    fn from_message(
        socket: Arc<Socket<LocalAdapter>>,
        value: Value,
        ack: Option<i64>,
    ) -> Result<Self, Infallible> {
        if let Some(port) = socket.extensions.get::<Port>() {
            take(&port, value, ack);
        }
        Ok(Self)
    }
}

fn take(port: &Port, value: Value, ack: Option<i64>) {
    let wire = port.connection.wire();
    let refuse = |error: &model::Error| {
        if let Some(id) = ack {
            // an answer that finds no room is one that the client did not wait for
            let _no_room = wire.ack(id, &raw(&turns::refused(error)));
        }
    };
    let Value::Str(text, binaries) = value else {
        wire.kill();
        return;
    };
    if !port.binaries && binaries.is_some_and(|binaries| !binaries.is_empty()) {
        wire.kill();
        return;
    }
    let Some((name, payload)) = first_two(text.as_str()) else {
        refuse(&model::Error::bad_request("an event has a name and at most one payload"));
        return;
    };
    match port.waiting.push(Command { name, payload, ack }, Instant::now()) {
        Arrived::Waits => {}
        Arrived::Full => wire.pause(true),
        Arrived::Refused(error) => refuse(&error),
        Arrived::Flood => {
            tracing::info!(connection = %port.connection.id, "a client floods; its transport is cut");
            wire.kill();
        }
    }
}

/// Name and first argument of `["name", payload, …]`.
fn first_two(text: &str) -> Option<(String, Box<RawValue>)> {
    let parts: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let name = serde_json::from_str(parts.first()?.get()).ok()?;
    let payload = parts.get(1).map_or_else(|| RawValue::NULL.to_owned(), |payload| (*payload).to_owned());
    Some((name, payload))
}

/// One socket of the engine, as a wire.
struct SocketWire {
    socket: Weak<Socket<LocalAdapter>>,
    /// The engine's session id; secret, because whoever knows it may speak as the client.
    session: String,
    peers: Peers,
    /// The TCP connection of the handshake.
    first: Option<Weak<super::guard::Control>>,
}

impl SocketWire {
    fn peer(&self) -> Option<Peer> {
        self.peers.find(&self.session).or_else(|| Peer::from_weak(self.first.as_ref()?))
    }
}

fn sent(result: Result<(), SendError>) -> Sent {
    match result {
        Ok(()) => Sent::Done,
        Err(SendError::Socket(SocketError::InternalChannelFull)) => Sent::Full,
        Err(SendError::Socket(SocketError::Closed)) => Sent::Closed,
        Err(SendError::Serialize(error)) => {
            // offering it again would not help
            tracing::error!(%error, "a packet could not be encoded");
            Sent::Done
        }
    }
}

impl Wire for SocketWire {
    fn send(&self, name: &str, payload: &RawValue, meta: Option<&RawValue>) -> Sent {
        let Some(socket) = self.socket.upgrade() else { return Sent::Closed };
        sent(match meta {
            Some(meta) => socket.emit(name, &(payload, meta)),
            None => socket.emit(name, payload),
        })
    }

    fn ack(&self, id: i64, answer: &RawValue) -> Sent {
        let Some(socket) = self.socket.upgrade() else { return Sent::Closed };
        let mut nothing = Value::Str("[]".into(), None);
        let Ok(sender) = AckSender::from_message_parts(&socket, &mut nothing, &Some(id));
        sent(sender.send(answer))
    }

    fn transport(&self) -> &'static str {
        match self.socket.upgrade().map(|socket| socket.transport_type()) {
            Some(TransportType::Polling) => "polling",
            _ => "websocket",
        }
    }

    fn pause(&self, paused: bool) {
        if let Some(peer) = self.peer() {
            peer.pause(paused);
        }
    }

    fn close(&self) {
        let Some(socket) = self.socket.upgrade() else { return };
        if socket.disconnect().is_err() {
            self.kill();
        }
    }

    fn kill(&self) {
        if let Some(peer) = self.peer() {
            peer.kill();
            return;
        }
        // not behind the guard: all that is left is to ask
        if let Some(socket) = self.socket.upgrade()
            && socket.disconnect().is_err()
        {
            tracing::debug!("a client's transport could not be cut");
        }
    }
}
