//! One client as the hub sees it: a wire to write to, cursors on logs, and what waits for it.
//!
//! This is the seam to the protocol engine: the engine implements [`Wire`] and pushes commands into an
//! [`Waiting`](super::waiting::Waiting); nothing else of it is visible here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use inbox::Member;
use model::{AccountId, Audience, ConversationId, Permission, Time, UserId, VisitorId, wire::ServerEvent};
use parking_lot::{Mutex, RwLock};
use serde_json::value::RawValue;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    entry::{Entry, LogKey, Shown, raw},
    events::FeedPosition,
    logs::Log,
    metrics,
};

/// What became of a packet that was offered to the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Done,
    /// The transport's buffer is full: offer it again later.
    Full,
    /// The client is gone.
    Closed,
}

/// The protocol engine's end of a connection. Calls never block.
pub trait Wire: Send + Sync + 'static {
    /// Offers an event: name, payload and, for entries of a log, their meta.
    fn send(&self, name: &str, payload: &RawValue, meta: Option<&RawValue>) -> Sent;
    /// Answers the command with this number.
    fn ack(&self, id: i64, answer: &RawValue) -> Sent;
    /// `websocket` or `polling`, as it is now.
    fn transport(&self) -> &'static str;
    /// Stops or resumes reading from the transport; best effort.
    fn pause(&self, paused: bool);
    /// Leaves the namespace in an orderly way.
    fn close(&self);
    /// Cuts the transport now; the client sees a lost connection and comes back by itself.
    fn kill(&self);
}

/// Something volatile that waits to be written.
#[derive(Debug, Clone)]
pub struct Frame {
    pub name: &'static str,
    pub payload: Arc<RawValue>,
    /// A newer frame with the same key replaces one that still waits.
    pub key: Option<Uuid>,
}

impl Frame {
    /// `key`: it replaces an older one of the same name and key that still waits.
    #[must_use]
    pub fn new<E: ServerEvent>(event: &E, key: Option<Uuid>) -> Self {
        Self { name: E::NAME, payload: raw(event).into(), key }
    }
}

/// A place in one log.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    at: i64,
    /// The highest number that the client was told.
    told: i64,
    hidden: u32,
}

struct Reader {
    log: Arc<Log>,
    cursor: Cursor,
}

/// Who reads.
pub enum Who {
    Agent {
        user_id: UserId,
        /// The reader's present rights in each account whose feed or threads are joined.
        members: RwLock<HashMap<AccountId, Arc<Member>>>,
    },
    Customer {
        visitor_id: VisitorId,
    },
}

/// At most so many volatile frames wait; then the oldest goes.
const FRAMES: usize = 128;
/// How long the last answers have to leave when the transport is to be cut.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How long to leave a full transport alone.
const FULL: Duration = Duration::from_millis(20);

pub struct Connection {
    pub id: Uuid,
    pub who: Who,
    wire: Box<dyn Wire>,
    readers: Mutex<Vec<Reader>>,
    frames: Mutex<VecDeque<Frame>>,
    wake: Notify,
    ended: CancellationToken,
    parting: CancellationToken,
    stall: Duration,
    /// Entries of logs that were written.
    entries: AtomicU64,
    /// The highest number under which a customer was sent a message of ours.
    delivered: AtomicI64,
}

/// How far a batch got.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivered {
    All,
    /// The transport is full; `moved` when it took some of it.
    Full {
        moved: bool,
    },
    Closed,
    /// The log was left meanwhile.
    Left,
}

impl Connection {
    #[must_use]
    pub fn new(who: Who, wire: Box<dyn Wire>, stall: Duration) -> Arc<Self> {
        Arc::new(Self {
            id: Uuid::now_v7(),
            who,
            wire,
            readers: Mutex::default(),
            frames: Mutex::default(),
            wake: Notify::new(),
            ended: CancellationToken::new(),
            parting: CancellationToken::new(),
            stall,
            entries: AtomicU64::new(0),
            delivered: AtomicI64::new(0),
        })
    }

    #[must_use]
    pub fn wire(&self) -> &dyn Wire {
        &*self.wire
    }

    /// Ends with the connection.
    #[must_use]
    pub fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// The client is gone, or is to be: whatever runs for it stops.
    pub fn hang_up(&self) {
        self.ended.cancel();
    }

    /// When it was admitted: its id knows.
    #[must_use]
    pub fn opened(&self) -> Option<Time> {
        let (seconds, nanos) = self.id.get_timestamp()?.to_unix();
        Time::from_timestamp(i64::try_from(seconds).ok()?, nanos)
    }

    /// Cancelled when the node goes and the client is to come back elsewhere.
    #[must_use]
    pub fn parting(&self) -> &CancellationToken {
        &self.parting
    }

    /// Cuts the transport once what was written has had a moment to leave. No DISCONNECT: after one a client
    /// would not come back by itself.
    pub async fn part(&self) {
        self.wire.pause(true);
        tokio::select! {
            () = self.ended.cancelled() => return,
            () = tokio::time::sleep(LAST_WORDS) => {}
        }
        metrics::killed("drain");
        self.wire.kill();
        self.hang_up();
    }

    /// Entries of logs that were written so far.
    #[must_use]
    pub fn delivered_entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Forgets all cursors: nothing is written any more.
    pub fn end(&self) {
        self.ended.cancel();
        for reader in self.readers.lock().drain(..) {
            reader.log.unlisten(self.id);
        }
    }

    pub fn wake(&self) {
        self.wake.notify_one();
    }

    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    #[must_use]
    pub fn member(&self, account: AccountId) -> Option<Arc<Member>> {
        match &self.who {
            Who::Agent { members, .. } => members.read().get(&account).cloned(),
            Who::Customer { .. } => None,
        }
    }

    /// The user or visitor, for "to the others" of typing.
    #[must_use]
    pub fn person(&self) -> Uuid {
        match &self.who {
            Who::Agent { user_id, .. } => user_id.uuid(),
            Who::Customer { visitor_id } => visitor_id.uuid(),
        }
    }

    /// Begins (or moves) the reading of a log after `cursor`.
    pub fn read_from(self: &Arc<Self>, log: Arc<Log>, cursor: i64) {
        log.listen(self);
        let cursor = Cursor { at: cursor, told: cursor, hidden: 0 };
        {
            let mut readers = self.readers.lock();
            match readers.iter_mut().find(|reader| reader.log.key == log.key) {
                Some(reader) => reader.cursor = cursor,
                None => readers.push(Reader { log, cursor }),
            }
        }
        if self.ended.is_cancelled() {
            self.end();
        }
        self.wake();
    }

    /// Stops reading a log; true when it was read.
    pub fn leave(&self, key: LogKey) -> bool {
        let mut readers = self.readers.lock();
        let Some(index) = readers.iter().position(|reader| reader.log.key == key) else { return false };
        readers.remove(index).log.unlisten(self.id);
        true
    }

    /// The logs read at present with their places, feeds first.
    #[must_use]
    pub fn places(&self) -> Vec<(Arc<Log>, i64)> {
        self.readers.lock().iter().map(|reader| (Arc::clone(&reader.log), reader.cursor.at)).collect()
    }

    #[must_use]
    pub fn reads(&self, key: LogKey) -> bool {
        self.readers.lock().iter().any(|reader| reader.log.key == key)
    }

    #[must_use]
    pub fn threads(&self) -> Vec<(ConversationId, AccountId)> {
        self.readers
            .lock()
            .iter()
            .filter_map(|reader| match reader.log.key {
                LogKey::Thread(conversation) => Some((conversation, reader.log.account_id)),
                LogKey::Feed(_) => None,
            })
            .collect()
    }

    /// Accounts whose feed is read.
    #[must_use]
    pub fn feeds(&self) -> Vec<AccountId> {
        self.readers
            .lock()
            .iter()
            .filter_map(|reader| match reader.log.key {
                LogKey::Feed(account) => Some(account),
                LogKey::Thread(_) => None,
            })
            .collect()
    }

    /// Up to where our messages have reached the customer.
    #[must_use]
    pub fn delivered(&self) -> i64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Moves a cursor without sending: what lies between is not for this reader any more.
    pub fn skip_to(&self, key: LogKey, seq: i64) {
        if let Some(reader) = self.readers.lock().iter_mut().find(|reader| reader.log.key == key) {
            reader.cursor = Cursor { at: seq.max(reader.cursor.at), told: seq, hidden: 0 };
        }
    }

    /// Offers numbered entries of a log, in order, as far as the transport takes them.
    pub fn deliver(&self, key: LogKey, items: &[(i64, Arc<Entry>)]) -> Delivered {
        let mut gone = Vec::new();
        let mut written = 0;
        let delivered = self.deliver_to(key, items, &mut gone, &mut written);
        if written > 0 {
            self.entries.fetch_add(written, Ordering::Relaxed);
            metrics::delivered(key, written);
            if let Some((_, entry)) = items.first() {
                metrics::delivery_lag(entry.arrived.elapsed());
            }
        }
        for conversation in gone {
            self.leave(LogKey::Thread(conversation));
        }
        delivered
    }

    fn deliver_to(
        &self,
        key: LogKey,
        items: &[(i64, Arc<Entry>)],
        gone: &mut Vec<ConversationId>,
        written: &mut u64,
    ) -> Delivered {
        let mut readers = self.readers.lock();
        let Some(reader) = readers.iter_mut().find(|reader| reader.log.key == key) else {
            return Delivered::Left;
        };
        let before = reader.cursor.at;
        for (seq, entry) in items {
            if *seq <= reader.cursor.at {
                continue;
            }
            let Some(shown) = self.sees(key, entry) else {
                reader.cursor.at = *seq;
                reader.cursor.hidden += 1;
                continue;
            };
            match self.wire.send(shown.name, &shown.payload, Some(&shown.meta)) {
                Sent::Done => {
                    reader.cursor = Cursor { at: *seq, told: *seq, hidden: 0 };
                    *written += 1;
                }
                Sent::Full => return Delivered::Full { moved: reader.cursor.at > before },
                Sent::Closed => return Delivered::Closed,
            }
            match &self.who {
                Who::Agent { user_id, .. } => gone.extend(entry.hides_from(*user_id)),
                Who::Customer { .. } if entry.is_answer() => self.delivered.store(*seq, Ordering::Relaxed),
                Who::Customer { .. } => {}
            }
        }
        Delivered::All
    }

    /// The face of an entry that this reader may see, if any.
    fn sees<'e>(&self, key: LogKey, entry: &'e Entry) -> Option<&'e Shown> {
        match &self.who {
            Who::Customer { .. } => entry.for_customer(),
            Who::Agent { members, .. } => {
                let members = members.read();
                let member = members.get(&entry.account_id())?;
                if entry.is_private() && !member.can(Permission::NotesView) {
                    return None;
                }
                match key {
                    LogKey::Feed(_) => entry.in_feed().filter(|_| member.sees(entry.audience())),
                    // joining was checked; what only the thread holds is for all who joined
                    LogKey::Thread(_) => entry
                        .in_thread()
                        .filter(|_| *entry.audience() == Audience::Thread || member.sees(entry.audience())),
                }
            }
        }
    }

    /// Tells the positions of feeds whose reader saw little lately: with `all`, each that moved; else
    /// those with `most` hidden entries since.
    pub fn tell_positions(&self, most: u32, all: bool) -> Sent {
        for reader in self.readers.lock().iter_mut() {
            let LogKey::Feed(account) = reader.log.key else { continue };
            let cursor = &mut reader.cursor;
            if cursor.told == cursor.at || !(all || cursor.hidden >= most) {
                continue;
            }
            let position = raw(&FeedPosition { account_id: account, seq: cursor.at });
            match self.wire.send(FeedPosition::NAME, &position, None) {
                Sent::Done => (cursor.told, cursor.hidden) = (cursor.at, 0),
                other => return other,
            }
        }
        Sent::Done
    }

    /// Queues something volatile; it may be replaced or dropped before it is written.
    pub fn push(&self, frame: Frame) {
        {
            let mut frames = self.frames.lock();
            if let Some(key) = frame.key
                && let Some(waiting) =
                    frames.iter_mut().find(|waiting| waiting.key == Some(key) && waiting.name == frame.name)
            {
                *waiting = frame;
                return;
            }
            if frames.len() == FRAMES {
                frames.pop_front();
                metrics::dropped();
            }
            frames.push_back(frame);
        }
        self.wake();
    }

    /// Offers what is volatile, in order.
    pub fn flush(&self) -> Sent {
        let mut frames = self.frames.lock();
        while let Some(frame) = frames.front() {
            match self.wire.send(frame.name, &frame.payload, None) {
                Sent::Done => {
                    frames.pop_front();
                    metrics::told();
                }
                other => return other,
            }
        }
        Sent::Done
    }

    /// Sends something that must not be lost while the client is there. A client that takes nothing
    /// for the stall time loses its transport. False: it is gone.
    pub async fn tell<E: ServerEvent>(&self, event: &E) -> bool {
        let payload = raw(event);
        self.insist(|| self.wire.send(E::NAME, &payload, None)).await
    }

    /// Answers a command; as [`Self::send`].
    pub async fn answer(&self, id: i64, answer: &RawValue) -> bool {
        self.insist(|| self.wire.ack(id, answer)).await
    }

    async fn insist(&self, offer: impl Fn() -> Sent) -> bool {
        let deadline = tokio::time::Instant::now() + self.stall;
        loop {
            match offer() {
                Sent::Done => return true,
                Sent::Closed => return false,
                Sent::Full if tokio::time::Instant::now() >= deadline => {
                    metrics::killed("stall");
                    self.wire.kill();
                    return false;
                }
                Sent::Full => {
                    tokio::select! {
                        () = self.ended.cancelled() => return false,
                        () = tokio::time::sleep(FULL) => {}
                    }
                }
            }
        }
    }
}
