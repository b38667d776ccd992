//! One client and the namespaces that it is in.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::value::RawValue;
use tungstenite::Utf8Bytes;

use super::{
    Accepted, App, Args, Connect, Event, Frame, Namespace, Next, Recovery, Refusal, Socket,
    packet::{Data, Kind, Packet, places_fit},
};
use crate::{
    eio::{Malformed, Message, Outgoing, Peer, Reason, Tail, Transport},
    random_id,
};

/// Refusals after which a client is not worth answering.
const REFUSALS: u32 = 16;

/// A client's end of a session, as Socket.IO sees it.
pub struct Client<A: App> {
    app: Arc<A>,
    kept: Arc<A::Kept>,
    namespaces: Arc<BTreeMap<&'static str, Namespace>>,
    max_packet: usize,
    joined: Vec<Joined>,
    connecting: Vec<(&'static str, BoxFuture<'static, Result<Accepted, Refusal>>)>,
    /// Answers to CONNECTs; at most one for each namespace and refusal.
    answers: VecDeque<Frame>,
    /// Binary parts of the last packet that was sent; they follow it before anything else.
    following: VecDeque<Bytes>,
    partial: Option<Box<Partial>>,
    refusals: u32,
    /// Whose turn it is to send.
    turn: usize,
    transport: Transport,
}

struct Joined {
    namespace: &'static str,
    socket: Box<dyn Socket>,
}

/// A packet whose binary parts have not all come.
struct Partial {
    text: Utf8Bytes,
    parts: Vec<Bytes>,
    missing: usize,
    bytes: usize,
}

/// What a client says of itself to get its state back.
#[derive(Deserialize)]
struct Asked {
    pid: Option<String>,
    offset: Option<String>,
}

impl<A: App> Client<A> {
    pub(super) fn new(
        app: Arc<A>,
        kept: Arc<A::Kept>,
        namespaces: Arc<BTreeMap<&'static str, Namespace>>,
        max_packet: usize,
    ) -> Self {
        Self {
            app,
            kept,
            namespaces,
            max_packet,
            joined: Vec::new(),
            connecting: Vec::new(),
            answers: VecDeque::new(),
            following: VecDeque::new(),
            partial: None,
            refusals: 0,
            turn: 0,
            transport: Transport::Polling,
        }
    }

    fn joined(&mut self, namespace: &str) -> Option<&mut Joined> {
        self.joined.iter_mut().find(|joined| joined.namespace == namespace)
    }

    fn text(&mut self, text: Utf8Bytes) -> Result<(), Malformed> {
        if self.partial.is_some() {
            return Err(Malformed);
        }
        let packet = Packet::decode(text.as_str())?;
        match packet.kind {
            Kind::Connect => return self.connect(&packet),
            Kind::Disconnect => {
                if let Some(at) = self.joined.iter().position(|joined| joined.namespace == packet.namespace) {
                    self.joined.remove(at).socket.closed(Reason::ClientLeft);
                }
                return Ok(());
            }
            Kind::Event | Kind::Ack => {}
        }
        let missing = packet.attachments.unwrap_or(0);
        if missing > 0 {
            let most = self.namespaces.get(packet.namespace).map_or(0, |namespace| namespace.attachments);
            let Some(Data::Array(args)) = &packet.data else { return Err(Malformed) };
            if missing > most || !places_fit(args, missing) {
                return Err(Malformed);
            }
            self.partial = Some(Box::new(Partial { text, parts: Vec::new(), missing, bytes: 0 }));
            return Ok(());
        }
        self.deliver(packet, Vec::new())
    }

    fn binary(&mut self, bytes: Bytes) -> Result<(), Malformed> {
        let partial = self.partial.as_mut().ok_or(Malformed)?;
        partial.bytes += bytes.len();
        if partial.bytes > self.max_packet {
            return Err(Malformed);
        }
        partial.parts.push(bytes);
        if partial.parts.len() < partial.missing {
            return Ok(());
        }
        let Some(partial) = self.partial.take() else { return Ok(()) };
        self.deliver(Packet::decode(partial.text.as_str())?, partial.parts)
    }

    fn deliver(&mut self, packet: Packet<'_>, attachments: Vec<Bytes>) -> Result<(), Malformed> {
        let Some(Data::Array(args)) = packet.data else { return Err(Malformed) };
        // whatever is sent to where the client is not, nobody hears
        let Some(joined) = self.joined(packet.namespace) else { return Ok(()) };
        let json = |args: &[&RawValue]| args.iter().map(|arg| (*arg).to_owned()).collect();
        match (packet.kind, args.as_slice(), packet.id) {
            (Kind::Event, [name, rest @ ..], ack) => {
                let name = serde_json::from_str(name.get()).map_err(|_| Malformed)?;
                joined.socket.event(Event { name, args: Args { json: json(rest), attachments }, ack });
            }
            (Kind::Ack, args, Some(id)) => joined.socket.acked(id, Args { json: json(args), attachments }),
            _ => return Err(Malformed),
        }
        Ok(())
    }

    fn connect(&mut self, packet: &Packet<'_>) -> Result<(), Malformed> {
        let Some(namespace) = self.namespaces.get(packet.namespace).map(|namespace| namespace.name) else {
            return self.refuse(packet.namespace, &"Invalid namespace".into());
        };
        let is_known = self.joined(namespace).is_some()
            || self.connecting.iter().any(|(connecting, _)| *connecting == namespace);
        if is_known {
            return Ok(());
        }
        let auth = match packet.data {
            Some(Data::Object(auth)) => auth.to_owned(),
            _ => RawValue::from_string("{}".to_owned()).map_err(|_| Malformed)?,
        };
        let connect = Connect { namespace, recovery: recovery(&auth), auth, kept: Arc::clone(&self.kept) };
        self.connecting.push((namespace, self.app.connect(connect)));
        Ok(())
    }

    fn refuse(&mut self, namespace: &str, refusal: &Refusal) -> Result<(), Malformed> {
        self.refusals += 1;
        if self.refusals > REFUSALS {
            return Err(Malformed);
        }
        self.answers.push_back(Frame::refused(namespace, refusal));
        Ok(())
    }

    fn send(&mut self, frame: Frame, tail: Tail) -> Poll<Outgoing> {
        let (text, attachments) = frame.into_parts();
        if let Some(attachments) = attachments {
            self.following.extend(attachments.iter().cloned());
        }
        Poll::Ready(Outgoing::Text(text, tail))
    }
}

/// What a CONNECT's object says of an earlier state; anything else in it is the application's.
fn recovery(auth: &RawValue) -> Option<Recovery> {
    let asked: Asked = serde_json::from_str(auth.get()).ok()?;
    let offset = match asked.offset {
        Some(offset) => offset.parse().ok()?,
        None => 0,
    };
    Some(Recovery { pid: asked.pid?, offset })
}

impl<A: App> Peer for Client<A> {
    fn carried(&mut self, by: Transport) {
        self.transport = by;
        for joined in &mut self.joined {
            joined.socket.carried(by);
        }
    }

    fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut at = 0;
        while let Some((namespace, connecting)) = self.connecting.get_mut(at) {
            let namespace = *namespace;
            let Poll::Ready(answer) = connecting.as_mut().poll(cx) else {
                at += 1;
                continue;
            };
            drop(self.connecting.remove(at));
            match answer {
                Ok(Accepted { mut socket, id, pid }) => {
                    socket.carried(self.transport);
                    let id = id.unwrap_or_else(random_id);
                    self.answers.push_back(Frame::connected(namespace, &id, pid.as_deref()));
                    self.joined.push(Joined { namespace, socket });
                }
                Err(refusal) => {
                    if self.refuse(namespace, &refusal).is_err() {
                        return Poll::Ready(());
                    }
                }
            }
        }
        let mut cut = false;
        for joined in &mut self.joined {
            cut |= joined.socket.poll_run(cx).is_ready();
        }
        if cut { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // what follows a CONNECT is for the socket that it makes
        if !self.connecting.is_empty() {
            return Poll::Pending;
        }
        for joined in &mut self.joined {
            if joined.socket.poll_ready(cx).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    fn message(&mut self, message: Message) -> Result<(), Malformed> {
        match message {
            Message::Text(text) => self.text(text),
            Message::Binary(bytes) => self.binary(bytes),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Outgoing> {
        if let Some(part) = self.following.pop_front() {
            return Poll::Ready(Outgoing::Binary(part));
        }
        if let Some(answer) = self.answers.pop_front() {
            return self.send(answer, Tail::default());
        }
        for _ in 0..self.joined.len() {
            self.turn = (self.turn + 1) % self.joined.len();
            match self.joined[self.turn].socket.poll_next(cx) {
                Poll::Pending => {}
                Poll::Ready(Next::Frame(frame)) => return self.send(frame, Tail::default()),
                Poll::Ready(Next::Counted(frame, count)) => return self.send(frame, Tail::counted(count)),
                Poll::Ready(Next::Leave) => {
                    let mut left = self.joined.remove(self.turn);
                    left.socket.closed(Reason::ServerLeft);
                    return self.send(Frame::disconnect(left.namespace), Tail::default());
                }
            }
        }
        Poll::Pending
    }

    fn is_settled(&self) -> bool {
        !self.joined.is_empty() && self.partial.is_none()
    }

    fn closed(&mut self, reason: Reason) {
        for joined in &mut self.joined {
            joined.socket.closed(reason);
        }
    }
}
