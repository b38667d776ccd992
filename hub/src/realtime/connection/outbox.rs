//! What waits to be written to a client besides its logs: answers, greetings, and what is volatile.

use std::{borrow::Cow, collections::VecDeque};

use engine::Frame;
use model::wire::ServerEvent;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Connection;
use crate::realtime::{
    entry::{LogKey, raw},
    metrics,
};

/// Something volatile that waits to be written.
#[derive(Debug, Clone)]
pub struct Fleeting {
    pub name: Cow<'static, str>,
    pub frame: Frame,
    /// A newer one of the same name and key replaces one that still waits.
    pub key: Option<Uuid>,
}

impl Fleeting {
    /// Encoded once, for all clients of the namespace that get it.
    #[must_use]
    pub fn new(
        namespace: &str,
        name: impl Into<Cow<'static, str>>,
        payload: &RawValue,
        key: Option<Uuid>,
    ) -> Self {
        let name = name.into();
        let frame = Frame::event(namespace, &name, &[payload]);
        Self { name, frame, key }
    }
}

/// What waits to be written.
#[derive(Default)]
pub(super) struct Waits {
    /// Answers and greetings, in order; none of them is lost.
    direct: VecDeque<Frame>,
    fleeting: VecDeque<Fleeting>,
    plan: Option<Plan>,
    pub(super) leaves: bool,
}

/// What comes first: the logs named, each up to its number, then the frame, then whatever comes.
#[derive(Debug)]
pub struct Plan {
    pub first: Vec<(LogKey, i64)>,
    pub live: Option<Frame>,
}

/// How far a client is served.
#[derive(Debug, Clone, Copy)]
pub enum Phase {
    /// Nothing but answers and greetings.
    Greeting,
    /// What it missed; nothing volatile yet.
    Resuming,
    Live,
}

/// Something whose turn it is.
#[derive(Debug)]
pub enum Ready {
    Frame(Frame),
    /// The client is to be taken out of the namespace.
    Leave,
    /// The logs may be read from now on.
    Plan(Plan),
}

/// At most so many volatile frames wait; then the oldest goes.
const FLEETING: usize = 128;
/// Answers that wait before the next command has to.
const DIRECT: usize = 16;
impl Connection {
    /// Queues something volatile; it may be replaced or dropped before it is written.
    pub fn push(&self, fleeting: Fleeting) {
        {
            let fleetings = &mut self.waits.lock().fleeting;
            if let Some(key) = fleeting.key
                && let Some(waiting) = fleetings
                    .iter_mut()
                    .find(|waiting| waiting.key == Some(key) && waiting.name == fleeting.name)
            {
                *waiting = fleeting;
                return;
            }
            if fleetings.len() == FLEETING {
                fleetings.pop_front();
                metrics::dropped();
            }
            fleetings.push_back(fleeting);
        }
        self.wake();
    }

    /// As [`Self::push`], for this client alone.
    pub fn hint<E: ServerEvent>(&self, event: &E, key: Option<Uuid>) {
        self.push(Fleeting::new(self.namespace(), E::NAME, &raw(event), key));
    }

    /// An event for this client alone, encoded.
    #[must_use]
    pub fn frame<E: ServerEvent>(&self, event: &E) -> Frame {
        Frame::event(self.namespace(), E::NAME, &[&raw(event)])
    }

    /// What is to be written before anything of a log.
    #[must_use]
    pub fn take_waiting(&self, phase: Phase) -> Option<Ready> {
        let mut waits = self.waits.lock();
        if let Some(frame) = waits.direct.pop_front() {
            drop(waits);
            self.room.notify_one();
            return Some(Ready::Frame(frame));
        }
        if waits.leaves {
            return Some(Ready::Leave);
        }
        match phase {
            Phase::Greeting => waits.plan.take().map(Ready::Plan),
            Phase::Resuming => None,
            Phase::Live => {
                let fleeting = waits.fleeting.pop_front()?;
                metrics::told();
                Some(Ready::Frame(fleeting.frame))
            }
        }
    }

    /// Lets the logs be read; nothing of them is sent before.
    pub fn begin(&self, plan: Plan) {
        self.waits.lock().plan = Some(plan);
        self.wake();
    }

    /// Sends something that must not be lost while the client is there. False: it is gone.
    pub async fn tell<E: ServerEvent>(&self, event: &E) -> bool {
        self.queue(self.frame(event)).await
    }

    /// Answers a command; as [`Self::tell`].
    pub async fn answer(&self, id: u64, answer: &RawValue) -> bool {
        self.queue(Frame::ack(self.namespace(), id, &[answer])).await
    }

    /// Answers a command that is not done, at once. Nothing more is read of the client while many
    /// answers wait.
    pub fn refuse(&self, id: u64, answer: &RawValue) {
        self.waits.lock().direct.push_back(Frame::ack(self.namespace(), id, &[answer]));
        self.wake();
    }

    /// Whether the answers to further commands have room.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.waits.lock().direct.len() < DIRECT
    }

    async fn queue(&self, frame: Frame) -> bool {
        loop {
            let room = self.room.notified();
            if self.has_room() {
                break;
            }
            tokio::select! {
                () = self.ended.cancelled() => return false,
                () = room => {}
            }
        }
        if self.ended.is_cancelled() {
            return false;
        }
        self.waits.lock().direct.push_back(frame);
        self.wake();
        true
    }
}
