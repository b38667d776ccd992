//! One session: one task, whatever the transport.

use std::{
    future::poll_fn,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    Message, Outgoing, Peer, Reason, Transport,
    beat::{Beat, earlier, while_lasting},
    packet::{Incoming, decode},
    polling::Polling,
    server::Common,
};
use crate::{
    wheel::Handle,
    ws::{Broken, Ended, Kind, Link, Read, Scratch},
};

/// Messages read before others get their turn.
const READS: usize = 64;
/// Packets a second that bring nothing.
const STRAYS: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);

/// What a session is carried by.
pub(super) enum Carrier {
    WebSocket(Link),
    Polling(Box<Polling>),
    /// Nothing: it is over.
    Over,
}

/// How a session ends: why, and the code of the close frame; without one the connection is just cut.
pub(super) struct End(pub Reason, pub Option<u16>);

impl End {
    fn of(ended: &Ended) -> Self {
        match ended {
            Ended::Gone => Self(Reason::TransportClosed, None),
            Ended::TimedOut => Self(Reason::Stalled, None),
            Ended::Broken(Broken::Flood) => Self(Reason::Flood, Some(Broken::Flood.code())),
            Ended::Broken(broken) => Self(Reason::Malformed, Some(broken.code())),
        }
    }

    pub fn malformed() -> Self {
        Self(Reason::Malformed, Some(Broken::Protocol.code()))
    }
}

pub(super) struct Session<P: Peer> {
    pub common: Arc<Common>,
    pub peer: P,
    pub carrier: Carrier,
    pub beat: Beat,
    handle: Arc<Handle>,
    /// The packet that opens the session.
    first: Option<Box<str>>,
    /// What the pong to a WebSocket ping holds.
    pong: Option<Bytes>,
    settle_by: Option<Instant>,
    /// What the wheel was told last.
    alarm: Option<Instant>,
    calm: Instant,
    strays: u32,
    /// Nothing is read because the peer takes nothing.
    held: bool,
    /// The peer wants to end when all is written.
    closing: bool,
    reason: Reason,
}

impl<P: Peer> Session<P> {
    pub fn new(common: &Arc<Common>, mut peer: P, carrier: Carrier) -> Self {
        if let Carrier::WebSocket(_) = carrier {
            peer.carried(Transport::WebSocket);
        } else {
            peer.carried(Transport::Polling);
        }
        common.sessions.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        Self {
            common: Arc::clone(common),
            peer,
            carrier,
            beat: Beat::new(now, &common.config),
            handle: Handle::new(),
            first: None,
            pong: None,
            settle_by: None,
            alarm: None,
            calm: now,
            strays: 0,
            held: false,
            closing: false,
            reason: Reason::TransportClosed,
        }
    }

    /// Sends a text before everything else.
    pub fn say(&mut self, text: String) {
        self.first = Some(text.into());
    }

    /// Lives until the session is over.
    pub async fn run(mut self) {
        let End(reason, code) = poll_fn(|cx| self.poll(cx)).await;
        tracing::debug!(reason = reason.as_str(), "a session is over");
        self.reason = reason;
        if let Carrier::Polling(polling) = &self.carrier {
            self.common.polling.remove(polling.sid());
        }
        let carrier = std::mem::replace(&mut self.carrier, Carrier::Over);
        // whoever is above learns of it before the farewell, which may take a while
        drop(self);
        if let (Carrier::WebSocket(link), Some(code)) = (carrier, code) {
            Box::pin(link.close(code)).await;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.handle.waker.register(cx.waker());
        let now = Instant::now();
        if self.alarm.is_some_and(|alarm| alarm <= now) {
            self.alarm = None;
        }
        if now.duration_since(self.calm) >= SECOND {
            (self.calm, self.strays) = (now, 0);
            if let Carrier::WebSocket(link) = &mut self.carrier {
                link.calm();
            }
        }
        if self.peer.poll_run(cx).is_ready() {
            return Poll::Ready(End(Reason::Killed, None));
        }
        if let Some(end) = self.overdue(now) {
            return Poll::Ready(end);
        }
        let ended = match &self.carrier {
            Carrier::WebSocket(_) => self.poll_websocket(cx, now),
            Carrier::Polling(_) => self.poll_polling(cx, now),
            Carrier::Over => Err(End(Reason::TransportClosed, None)),
        };
        if let Err(end) = ended {
            return Poll::Ready(end);
        }
        self.set_alarm(now);
        Poll::Pending
    }

    /// Whatever should have happened by now.
    fn overdue(&mut self, now: Instant) -> Option<End> {
        let config = &self.common.config;
        let waits_to_write = matches!(self.carrier, Carrier::WebSocket(_)) && self.beat.is_unsent();
        if !self.beat.check(now, config, self.held || waits_to_write) {
            return Some(End(Reason::HeartbeatTimeout, None));
        }
        if self.settle_by.is_some_and(|by| now >= by) {
            return Some(End(Reason::Unsettled, Some(Broken::Flood.code())));
        }
        match &self.carrier {
            Carrier::WebSocket(link) if link.stalled().is_some_and(|since| now >= since + config.stall) => {
                Some(End(Reason::Stalled, None))
            }
            _ => None,
        }
    }

    fn set_alarm(&mut self, now: Instant) {
        let config = &self.common.config;
        while_lasting(&mut self.settle_by, !self.peer.is_settled(), now, config.connect_timeout);
        let of_carrier = match &self.carrier {
            Carrier::WebSocket(link) => link.stalled().map(|since| since + config.stall),
            Carrier::Polling(polling) => polling.probe_by(),
            Carrier::Over => None,
        };
        let next = earlier(earlier(Some(self.beat.next()), self.settle_by), of_carrier);
        if let Some(at) = next
            && self.alarm != next
        {
            self.common.wheel.set(&self.handle, at);
            self.alarm = next;
        }
    }

    fn poll_websocket(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        loop {
            self.write(cx, now)?;
            if !self.read(cx, now)? {
                return Ok(());
            }
            if self.peer.poll_run(cx).is_ready() {
                return Err(End(Reason::Killed, None));
            }
        }
    }

    /// Writes as much as there is and the socket takes.
    fn write(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        let Self { common, peer, carrier, beat, first, pong, closing, .. } = self;
        let Carrier::WebSocket(link) = carrier else { return Ok(()) };
        let written = link.poll_write(cx, |cx, batch| {
            if let Some(first) = first.take() {
                batch.put(Kind::Text, &[first.as_bytes()]);
            }
            if let Some(pong) = pong.take() {
                batch.put(Kind::Pong, &[&pong]);
            }
            if beat.take() {
                beat.sent(now, &common.config);
                batch.put(Kind::Text, &[b"2"]);
            }
            pull(peer, closing, cx, batch);
        });
        match written {
            Poll::Ready(Err(error)) => Err(End::of(&Ended::of(&error))),
            Poll::Ready(Ok(())) if *closing => Err(End(Reason::Closed, Some(1000))),
            _ => Ok(()),
        }
    }

    /// Reads as much as there is and the peer takes; true when there was something.
    fn read(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<bool, End> {
        for count in 0..READS {
            let Carrier::WebSocket(link) = &mut self.carrier else { return Ok(false) };
            self.held = self.peer.poll_ready(cx).is_pending();
            if self.held {
                return Ok(count > 0);
            }
            let read = match link.poll_read(cx) {
                Poll::Pending => return Ok(count > 0),
                Poll::Ready(Ok(read)) => read,
                Poll::Ready(Err(ended)) => return Err(End::of(&ended)),
            };
            match read {
                Read::Text(text) => self.take(decode(&text).map_err(|_| End::malformed())?, now)?,
                Read::Binary(bytes) => self.take(Incoming::Message(Message::Binary(bytes)), now)?,
                Read::Ping(data) => self.pong = Some(data),
                Read::Pong => {}
                Read::Close => return Err(End(Reason::TransportClosed, Some(1000))),
            }
        }
        Ok(true)
    }

    /// Takes a packet, from whichever transport.
    pub fn take(&mut self, packet: Incoming, now: Instant) -> Result<(), End> {
        match packet {
            Incoming::Message(message) => self.peer.message(message).map_err(|_| End::malformed()),
            Incoming::Close => Err(End(Reason::TransportClosed, None)),
            Incoming::Pong => {
                if !self.beat.answered(now, &self.common.config) {
                    self.strays += 1;
                    if self.strays > STRAYS {
                        return Err(End(Reason::Flood, Some(Broken::Flood.code())));
                    }
                }
                Ok(())
            }
        }
    }

    /// Notes whether packets are left unread because the peer takes none.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }
}

fn pull(peer: &mut impl Peer, closing: &mut bool, cx: &mut Context<'_>, batch: &mut Scratch<'_>) {
    while !*closing && !batch.is_full() {
        match peer.poll_next(cx) {
            Poll::Pending => return,
            Poll::Ready(Outgoing::Text(text, tail)) => batch.put(Kind::Text, &tail.of(&text)),
            Poll::Ready(Outgoing::Binary(bytes)) => batch.put(Kind::Binary, &[&bytes]),
            Poll::Ready(Outgoing::Close) => *closing = true,
        }
    }
}

impl<P: Peer> Drop for Session<P> {
    fn drop(&mut self) {
        // still there when the task was dropped or broke
        if let Carrier::Polling(polling) = &self.carrier {
            self.common.polling.remove(polling.sid());
        }
        self.common.sessions.fetch_sub(1, Ordering::Relaxed);
        self.peer.closed(self.reason);
    }
}
