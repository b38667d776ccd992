//! HTTP long polling: a session between requests, and its change to WebSocket.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    Outgoing, Peer, Reason, Tail, Transport,
    packet::{Incoming, Malformed, encode},
    session::{Carrier, End, Session},
};
use crate::ws::{Kind, Link, Read};

/// Bytes after which an answer is long enough.
const ENOUGH: usize = 64 * 1024;
/// Packets of one answer: python-engineio reads no more of them.
const PACKETS: usize = 16;
const NOOP: &[u8] = b"6";
const CLOSE: &[u8] = b"1";
const OK: &[u8] = b"ok";

/// A request for a session.
pub(super) enum Ask {
    Get(oneshot::Sender<Answer>),
    Post(Result<Vec<Incoming>, Malformed>, oneshot::Sender<Answer>),
    /// A WebSocket that wants to take over comes as soon as the request's connection has become one.
    Upgrade(oneshot::Receiver<Link>),
}

/// What a request is answered.
pub(super) enum Answer {
    Payload(Bytes),
    Refused,
}

impl Answer {
    fn of(body: &'static [u8]) -> Self {
        Self::Payload(Bytes::from_static(body))
    }
}

/// A session that is carried by requests.
pub(super) struct Polling {
    sid: String,
    asks: mpsc::Receiver<Ask>,
    get: Option<oneshot::Sender<Answer>>,
    post: Option<Post>,
    probe: Option<Probe>,
}

struct Post {
    packets: VecDeque<Incoming>,
    tell: oneshot::Sender<Answer>,
}

/// A WebSocket that may take over.
struct Probe {
    coming: Option<oneshot::Receiver<Link>>,
    link: Option<Link>,
    by: Instant,
    asked: bool,
    unsaid: bool,
}

impl Polling {
    pub fn new(sid: String, asks: mpsc::Receiver<Ask>) -> Self {
        Self { sid, asks, get: None, post: None, probe: None }
    }

    pub fn sid(&self) -> &str {
        &self.sid
    }

    pub fn probe_by(&self) -> Option<Instant> {
        self.probe.as_ref().map(|probe| probe.by)
    }

    /// Answers the poll that waits, if one does.
    fn answer(&mut self, answer: Answer) {
        if let Some(get) = self.get.take() {
            // whoever is gone needs no answer
            let _gone = get.send(answer);
        }
    }

    fn is_probed(&self) -> bool {
        self.probe.as_ref().is_some_and(|probe| probe.asked)
    }

    /// Goes on with the probe; true when the WebSocket takes over.
    fn poll_probe(&mut self, cx: &mut Context<'_>, now: Instant) -> bool {
        let Some(probe) = &mut self.probe else { return false };
        let is_over = loop {
            if let Some(coming) = &mut probe.coming {
                match Pin::new(coming).poll(cx) {
                    Poll::Pending => break now >= probe.by,
                    Poll::Ready(link) => (probe.link, probe.coming) = (link.ok(), None),
                }
            }
            let Some(link) = &mut probe.link else { break true };
            let unsaid = &mut probe.unsaid;
            let written = link.poll_write(cx, |_, batch| {
                if std::mem::take(unsaid) {
                    batch.put(Kind::Text, &[b"3probe"]);
                }
            });
            if now >= probe.by || matches!(written, Poll::Ready(Err(_))) {
                break true;
            }
            match link.poll_read(cx) {
                Poll::Pending => break false,
                Poll::Ready(Ok(Read::Text(text))) if text.as_str() == "2probe" && !probe.asked => {
                    (probe.asked, probe.unsaid) = (true, true);
                }
                Poll::Ready(Ok(Read::Text(text))) if text.as_str() == "5" && probe.asked => return true,
                Poll::Ready(_) => break true,
            }
        };
        if is_over {
            self.probe = None;
        } else if probe.asked {
            // the client stops polling when its poll is answered
            self.answer(Answer::of(NOOP));
        }
        false
    }
}

impl<P: Peer> Session<P> {
    pub(super) fn poll_polling(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        loop {
            // before the requests, so that what was sent before them counts before them
            if self.post_is_done() && self.polling()?.poll_probe(cx, now) {
                self.take_over(cx);
                return Ok(());
            }
            let asked = self.polling()?.asks.poll_recv(cx);
            let is_idle = asked.is_pending();
            if let Poll::Ready(ask) = asked {
                self.hear(ask.ok_or(End(Reason::TransportClosed, None))?, now)?;
            }
            self.take_posted(cx, now)?;
            if self.peer.poll_run(cx).is_ready() {
                return Err(End(Reason::Killed, None));
            }
            self.give(cx)?;
            if is_idle {
                return Ok(());
            }
        }
    }

    fn polling(&mut self) -> Result<&mut Polling, End> {
        match &mut self.carrier {
            Carrier::Polling(polling) => Ok(polling),
            _ => Err(End(Reason::TransportClosed, None)),
        }
    }

    fn post_is_done(&self) -> bool {
        matches!(&self.carrier, Carrier::Polling(polling) if polling.post.is_none())
    }

    fn hear(&mut self, ask: Ask, now: Instant) -> Result<(), End> {
        let by = now + self.common.config.upgrade_timeout;
        let polling = self.polling()?;
        match ask {
            Ask::Get(tell) if polling.is_probed() => {
                let _gone = tell.send(Answer::of(NOOP));
            }
            Ask::Get(tell) if polling.get.is_some() => {
                let _gone = tell.send(Answer::Refused);
                polling.answer(Answer::of(CLOSE));
                return Err(End::malformed());
            }
            Ask::Get(tell) => polling.get = Some(tell),
            Ask::Post(Ok(packets), tell) if polling.post.is_none() => {
                polling.post = Some(Post { packets: packets.into(), tell });
            }
            Ask::Post(_, tell) => {
                let _gone = tell.send(Answer::Refused);
                return Err(End::malformed());
            }
            // a second one is dropped, the first goes on
            Ask::Upgrade(coming) if polling.probe.is_none() => {
                polling.probe =
                    Some(Probe { coming: Some(coming), link: None, by, asked: false, unsaid: false });
            }
            Ask::Upgrade(_) => {}
        }
        Ok(())
    }

    /// Takes the posted packets as far as the peer does; the post is answered when all are taken.
    fn take_posted(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        while self.polling()?.post.is_some() {
            if self.peer.poll_ready(cx).is_pending() {
                self.hold(true);
                return Ok(());
            }
            self.hold(false);
            let Some(post) = &mut self.polling()?.post else { return Ok(()) };
            let taken = match post.packets.pop_front() {
                Some(packet) => self.take(packet, now),
                None => Ok(()),
            };
            let polling = self.polling()?;
            let is_done = polling.post.as_ref().is_none_or(|post| post.packets.is_empty());
            if let Err(End(reason, code)) = taken {
                let is_close = reason == Reason::TransportClosed;
                if let Some(post) = polling.post.take() {
                    let _gone = post.tell.send(if is_close { Answer::of(OK) } else { Answer::Refused });
                }
                if is_close {
                    polling.answer(Answer::of(NOOP));
                }
                return Err(End(reason, code));
            }
            if is_done && let Some(post) = polling.post.take() {
                let _gone = post.tell.send(Answer::of(OK));
            }
        }
        Ok(())
    }

    /// Answers the poll that waits when there is something for it.
    fn give(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let Carrier::Polling(polling) = &mut self.carrier else { return Ok(()) };
        let Some(get) = &mut polling.get else { return Ok(()) };
        if get.poll_closed(cx).is_ready() {
            return Err(End(Reason::TransportClosed, None));
        }
        let mut body = Vec::new();
        if self.beat.take() {
            encode(&mut body, &Outgoing::Text(Bytes::from_static(b"2"), Tail::default()));
        }
        let (mut ends, mut packets) = (false, usize::from(!body.is_empty()));
        while body.len() < ENOUGH && packets < PACKETS && !ends {
            let Poll::Ready(packet) = self.peer.poll_next(cx) else { break };
            ends = matches!(packet, Outgoing::Close);
            encode(&mut body, &packet);
            packets += 1;
        }
        if body.is_empty() {
            return Ok(());
        }
        let is_given = polling.get.take().is_some_and(|get| get.send(Answer::Payload(body.into())).is_ok());
        match (is_given, ends) {
            (true, false) => Ok(()),
            (true, true) => Err(End(Reason::Closed, None)),
            // it went away with its request: what it held is lost, and the client has to come back
            (false, _) => Err(End(Reason::TransportClosed, None)),
        }
    }

    /// The WebSocket carries the session from now on.
    fn take_over(&mut self, cx: &mut Context<'_>) {
        let Carrier::Polling(mut polling) = std::mem::replace(&mut self.carrier, Carrier::Over) else {
            return;
        };
        // a client stops polling before it ends the upgrade: this poll came after
        polling.answer(Answer::Refused);
        self.common.polling.remove(&*polling.sid);
        if let Some(link) = polling.probe.take().and_then(|probe| probe.link) {
            self.carrier = Carrier::WebSocket(link);
            self.peer.carried(Transport::WebSocket);
        }
        cx.waker().wake_by_ref();
    }
}
