//! What the official protocol suites ask of a server, on the layers that the hub serves: `/` and
//! `/custom` echo, and `/engine.io/` echoes below Socket.IO. No part of the hub's own router.

use std::{
    collections::VecDeque,
    task::{Context, Poll},
    time::Duration,
};

use ::http::request::Parts;
use axum::{Router, body::Body, extract::Request, routing::any};
use engine::{
    Accepted, App, Connect, Event, Frame, Namespace, Next, Reason, Refusal, Socket,
    eio::{Malformed, Message, Outgoing, Peer, Protocol, Server, Tail},
};
use futures::future::BoxFuture;
use serde_json::value::RawValue;

use super::{config::Config, gate, http};

/// Answers that wait before a client is read again.
const MOST: usize = 64;

/// The echo servers, with the limit and so many times the times that the suites ask for.
pub fn router(slower: u32) -> Router {
    let config = Config {
        ping_interval: Duration::from_millis(300) * slower,
        ping_timeout: Duration::from_millis(200) * slower,
        connect_timeout: Duration::from_secs(1) * slower,
        max_packet: 1_000_000,
        ..Config::default()
    };
    let limits = gate::limits(&config);
    let namespaces =
        [Namespace { name: "/", attachments: 10 }, Namespace { name: "/custom", attachments: 10 }];
    let sockets = engine::server(limits.clone(), Echo, &namespaces);
    let bare = Server::new(limits, Bare);
    let router = Router::new().route(
        "/engine.io/",
        any(move |request: Request| {
            let bare = bare.clone();
            async move { bare.respond(request).await.map(Body::new) }
        }),
    );
    http::attach(router, http::Edge::open(config), sockets)
}

/// Namespaces that echo.
struct Echo;

impl App for Echo {
    type Kept = ();

    fn keep(&self, _: &Parts) {}

    fn connect(&self, connect: Connect<()>) -> BoxFuture<'static, Result<Accepted, Refusal>> {
        let hello = Frame::event(connect.namespace, "auth", &[&connect.auth]);
        let socket = EchoSocket { namespace: connect.namespace, out: VecDeque::from([hello]) };
        Box::pin(async move { Ok(Accepted::new(socket)) })
    }
}

struct EchoSocket {
    namespace: &'static str,
    out: VecDeque<Frame>,
}

impl Socket for EchoSocket {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if self.out.len() < MOST { Poll::Ready(()) } else { Poll::Pending }
    }

    fn event(&mut self, event: Event) {
        let (namespace, parts) = (self.namespace, event.args.attachments);
        let args: Vec<&RawValue> = event.args.json.iter().map(AsRef::as_ref).collect();
        self.out.extend(match (event.name.as_str(), event.ack) {
            ("message", _) if parts.is_empty() => Some(Frame::event(namespace, "message-back", &args)),
            ("message", _) => Some(Frame::binary_event(namespace, "message-back", &args, parts)),
            ("message-with-ack", Some(id)) if parts.is_empty() => Some(Frame::ack(namespace, id, &args)),
            ("message-with-ack", Some(id)) => Some(Frame::binary_ack(namespace, id, &args, parts)),
            _ => None,
        });
    }

    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Next> {
        self.out.pop_front().map_or(Poll::Pending, |frame| Poll::Ready(Next::Frame(frame)))
    }
}

/// Engine.IO that echoes.
struct Bare;

#[derive(Default)]
struct BarePeer(VecDeque<Message>);

impl Protocol for Bare {
    type Peer = BarePeer;

    fn open(&self, _: &Parts) -> BarePeer {
        BarePeer::default()
    }
}

impl Peer for BarePeer {
    fn poll_run(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if self.0.len() < MOST { Poll::Ready(()) } else { Poll::Pending }
    }

    fn message(&mut self, message: Message) -> Result<(), Malformed> {
        self.0.push_back(message);
        Ok(())
    }

    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Outgoing> {
        match self.0.pop_front() {
            Some(Message::Text(text)) => {
                Poll::Ready(Outgoing::Text(format!("4{text}").into(), Tail::default()))
            }
            Some(Message::Binary(bytes)) => Poll::Ready(Outgoing::Binary(bytes)),
            None => Poll::Pending,
        }
    }

    fn is_settled(&self) -> bool {
        true
    }

    fn closed(&mut self, _: Reason) {}
}
