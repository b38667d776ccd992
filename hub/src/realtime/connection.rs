//! One client as the hub sees it: cursors on logs, and what waits for it.
//!
//! Nothing is pushed into a transport. Commands and pushes leave here what they have, wake the
//! connection's task, and the [`Source`](super::source::Source) is asked for it when the client can take
//! more.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use engine::{Frame, Transport};
use futures::task::AtomicWaker;
use inbox::Member;
use model::{AccountId, Audience, ConversationId, Permission, Time, UserId, VisitorId, wire::ServerEvent};
use parking_lot::{Mutex, RwLock};
use serde_json::value::RawValue;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    AGENTS, CUSTOMERS,
    deliveries::{Deliveries, Place},
    entry::{Entry, LogKey, raw},
    events::FeedPosition,
    logs::Log,
    metrics,
    recovery::Recovered,
    ring::Found,
};

/// Something volatile that waits to be written.
#[derive(Debug, Clone)]
pub struct Fleeting {
    pub name: &'static str,
    pub frame: Frame,
    /// A newer one of the same name and key replaces one that still waits.
    pub key: Option<Uuid>,
}

impl Fleeting {
    /// Encoded once, for all clients of the namespace that get it.
    #[must_use]
    pub fn new(namespace: &str, name: &'static str, payload: &RawValue, key: Option<Uuid>) -> Self {
        Self { name, frame: Frame::event(namespace, name, &[payload]), key }
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
    number: u32,
}

#[derive(Default)]
struct Reading {
    readers: Vec<Reader>,
    next_number: u32,
    deliveries: Deliveries,
}

impl Reading {
    fn of(&mut self, key: LogKey) -> Option<&mut Reader> {
        self.readers.iter_mut().find(|reader| reader.log.key == key)
    }
}

/// What waits to be written.
#[derive(Default)]
struct Waits {
    /// Answers and greetings, in order; none of them is lost.
    direct: VecDeque<Frame>,
    fleeting: VecDeque<Fleeting>,
    plan: Option<Plan>,
    leaves: bool,
}

/// What comes first: the logs named, each up to its number, then the frame, then whatever comes.
#[derive(Debug)]
pub struct Plan {
    pub first: Vec<(LogKey, i64)>,
    pub live: Option<Frame>,
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
const FLEETING: usize = 128;
/// Answers that wait before the next command has to.
const DIRECT: usize = 16;
/// How long the last answers have to leave when the transport is to be cut.
const LAST_WORDS: Duration = Duration::from_millis(300);

pub struct Connection {
    pub id: Uuid,
    /// The private id with which the client may ask to go on after a cut.
    pub pid: Uuid,
    pub who: Who,
    reading: Mutex<Reading>,
    waits: Mutex<Waits>,
    waker: AtomicWaker,
    /// An answer was taken.
    room: Notify,
    ended: CancellationToken,
    parting: CancellationToken,
    killed: AtomicBool,
    /// A WebSocket carries it; else polling.
    is_websocket: AtomicBool,
    /// Entries of logs that were written.
    entries: AtomicU64,
    /// The client is to be told of positions that moved.
    positions: AtomicBool,
    /// The highest number under which a customer was sent a message of ours.
    delivered: AtomicI64,
}

/// What became of an entry.
#[derive(Debug)]
pub enum Given {
    /// To be sent, with the count of this delivery.
    Frame(Frame, u64),
    /// Not for this reader.
    Hidden,
    /// The log was left meanwhile.
    Left,
}

/// Entries that a reader has not had.
pub struct Unread {
    pub log: Arc<Log>,
    pub cursor: i64,
    pub found: Found<Arc<Entry>>,
}

impl Connection {
    /// A new connection, or the continuation of one that was cut.
    #[must_use]
    pub fn new(who: Who, recovered: Option<&Recovered>) -> Arc<Self> {
        let deliveries = recovered.map_or_else(Deliveries::default, |it| Deliveries::after(it.count));
        Arc::new(Self {
            id: Uuid::now_v7(),
            pid: recovered.map_or_else(Uuid::new_v4, |it| it.pid),
            who,
            reading: Mutex::new(Reading { deliveries, ..Reading::default() }),
            waits: Mutex::default(),
            waker: AtomicWaker::new(),
            room: Notify::new(),
            ended: CancellationToken::new(),
            parting: CancellationToken::new(),
            killed: AtomicBool::new(false),
            is_websocket: AtomicBool::new(false),
            entries: AtomicU64::new(0),
            positions: AtomicBool::new(false),
            delivered: AtomicI64::new(0),
        })
    }

    #[must_use]
    pub fn namespace(&self) -> &'static str {
        match self.who {
            Who::Agent { .. } => AGENTS,
            Who::Customer { .. } => CUSTOMERS,
        }
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

    /// `websocket` or `polling`, as it is now.
    #[must_use]
    pub fn transport(&self) -> &'static str {
        if self.is_websocket.load(Ordering::Relaxed) { "websocket" } else { "polling" }
    }

    pub fn carried_by(&self, transport: Transport) {
        self.is_websocket.store(transport == Transport::WebSocket, Ordering::Relaxed);
    }

    /// Cancelled when the node goes and the client is to come back elsewhere.
    #[must_use]
    pub fn parting(&self) -> &CancellationToken {
        &self.parting
    }

    /// Cuts the transport once what was written has had a moment to leave. No DISCONNECT: after one a client
    /// would not come back by itself.
    pub async fn part(&self) {
        tokio::select! {
            () = self.ended.cancelled() => return,
            () = tokio::time::sleep(LAST_WORDS) => {}
        }
        metrics::killed("drain");
        self.kill();
    }

    /// Entries of logs that were written so far.
    #[must_use]
    pub fn delivered_entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Entries of its logs that it has yet to be offered.
    #[must_use]
    pub fn behind(&self) -> i64 {
        let readers = &self.reading.lock().readers;
        readers.iter().map(|reader| (reader.log.head() - reader.cursor.at).max(0)).sum()
    }

    /// Forgets all cursors: nothing is written any more.
    pub fn end(&self) {
        self.ended.cancel();
        for reader in self.reading.lock().readers.drain(..) {
            reader.log.unlisten(self.id);
        }
    }

    /// Takes the client out of the namespace in an orderly way, after what waits for it.
    pub fn close(&self) {
        self.waits.lock().leaves = true;
        self.wake();
    }

    /// Cuts the transport now; the client sees a lost connection and comes back by itself.
    pub fn kill(&self) {
        self.killed.store(true, Ordering::Release);
        self.wake();
    }

    #[must_use]
    pub fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Acquire)
    }

    /// There may be something to write.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// Whom to wake.
    pub fn register(&self, waker: &Waker) {
        self.waker.register(waker);
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
            let mut reading = self.reading.lock();
            let number = reading.next_number;
            if let Some(reader) = reading.of(log.key) {
                reader.cursor = cursor;
            } else {
                reading.readers.push(Reader { log, cursor, number });
                reading.next_number += 1;
            }
        }
        if self.ended.is_cancelled() {
            self.end();
        }
        self.wake();
    }

    /// Stops reading a log; true when it was read.
    pub fn leave(&self, key: LogKey) -> bool {
        let readers = &mut self.reading.lock().readers;
        let Some(index) = readers.iter().position(|reader| reader.log.key == key) else { return false };
        readers.remove(index).log.unlisten(self.id);
        true
    }

    /// The logs read at present, and how far.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let reading = self.reading.lock();
        let place = |reader: &Reader| Place {
            key: reader.log.key,
            account_id: reader.log.account_id,
            at: reader.cursor.at,
            reader: reader.number,
        };
        reading.readers.iter().map(place).collect()
    }

    /// The deliveries so far; the connection forgets them.
    #[must_use]
    pub fn take_deliveries(&self) -> Deliveries {
        std::mem::take(&mut self.reading.lock().deliveries)
    }

    #[must_use]
    pub fn reads(&self, key: LogKey) -> bool {
        self.reading.lock().readers.iter().any(|reader| reader.log.key == key)
    }

    #[must_use]
    pub fn threads(&self) -> Vec<(ConversationId, AccountId)> {
        self.reading
            .lock()
            .readers
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
        self.reading
            .lock()
            .readers
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
        if let Some(reader) = self.reading.lock().of(key) {
            reader.cursor = Cursor { at: seq.max(reader.cursor.at), told: seq, hidden: 0 };
        }
    }

    /// What is unread of one log, if it is still read.
    #[must_use]
    pub fn unread(&self, key: LogKey, limit: usize) -> Option<Unread> {
        let mut reading = self.reading.lock();
        let reader = reading.of(key)?;
        let (log, cursor) = (Arc::clone(&reader.log), reader.cursor.at);
        Some(Unread { found: log.after(cursor, limit), log, cursor })
    }

    /// What is unread of the next log that has something, `turn` after the last one.
    #[must_use]
    pub fn next_unread(&self, turn: &mut usize, limit: usize) -> Option<Unread> {
        let readers = &self.reading.lock().readers;
        for _ in 0..readers.len() {
            *turn = (*turn + 1) % readers.len();
            let reader = &readers[*turn];
            let found = reader.log.after(reader.cursor.at, limit);
            if !matches!(found, Found::Nothing) {
                return Some(Unread { log: Arc::clone(&reader.log), cursor: reader.cursor.at, found });
            }
        }
        None
    }

    /// Moves the cursor of a log over an entry.
    pub fn give(&self, key: LogKey, seq: i64, entry: &Entry) -> Given {
        let given = {
            let mut reading = self.reading.lock();
            let Some(reader) = reading.of(key) else { return Given::Left };
            if seq <= reader.cursor.at {
                return Given::Hidden;
            }
            let Some(shown) = self.sees(key, entry) else {
                reader.cursor.at = seq;
                reader.cursor.hidden += 1;
                return Given::Hidden;
            };
            reader.cursor = Cursor { at: seq, told: seq, hidden: 0 };
            let number = reader.number;
            self.entries.fetch_add(1, Ordering::Relaxed);
            Given::Frame(shown.clone(), reading.deliveries.note(number, seq))
        };
        match &self.who {
            Who::Agent { user_id, .. } => {
                if let Some(conversation) = entry.hides_from(*user_id) {
                    self.leave(LogKey::Thread(conversation));
                }
            }
            Who::Customer { .. } if entry.is_answer() => self.delivered.store(seq, Ordering::Relaxed),
            Who::Customer { .. } => {}
        }
        given
    }

    /// The face of an entry that this reader may see, if any.
    fn sees<'e>(&self, key: LogKey, entry: &'e Entry) -> Option<&'e Frame> {
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

    /// The client is to be told how far its feeds are, when it saw little of them.
    pub fn tell_positions(&self) {
        let moved = |reader: &Reader| {
            matches!(reader.log.key, LogKey::Feed(_)) && reader.cursor.told != reader.cursor.at
        };
        if self.reading.lock().readers.iter().any(moved) {
            self.positions.store(true, Ordering::Relaxed);
            self.wake();
        }
    }

    /// The position of a feed of which `most` entries were hidden since the client was told, or that
    /// moved at all when [`Self::tell_positions`] was called.
    #[must_use]
    pub fn take_position(&self, most: u32) -> Option<Frame> {
        let all = self.positions.swap(false, Ordering::Relaxed);
        for reader in &mut self.reading.lock().readers {
            let LogKey::Feed(account) = reader.log.key else { continue };
            let cursor = &mut reader.cursor;
            if cursor.told != cursor.at && (all || cursor.hidden >= most) {
                (cursor.told, cursor.hidden) = (cursor.at, 0);
                // there may be another one
                self.positions.fetch_or(all, Ordering::Relaxed);
                let seq = cursor.at;
                return Some(self.frame(&FeedPosition { account_id: account, seq }));
            }
        }
        None
    }

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

    /// The volatile frame whose turn it is.
    #[must_use]
    pub fn take_fleeting(&self) -> Option<Frame> {
        let fleeting = self.waits.lock().fleeting.pop_front()?;
        metrics::told();
        Some(fleeting.frame)
    }

    /// The answer or greeting whose turn it is.
    #[must_use]
    pub fn take_direct(&self) -> Option<Frame> {
        let frame = self.waits.lock().direct.pop_front()?;
        self.room.notify_one();
        Some(frame)
    }

    /// Whether the client is to be taken out of the namespace.
    #[must_use]
    pub fn leaves(&self) -> bool {
        self.waits.lock().leaves
    }

    /// Lets the logs be read; nothing of them is sent before.
    pub fn begin(&self, plan: Plan) {
        self.waits.lock().plan = Some(plan);
        self.wake();
    }

    #[must_use]
    pub fn take_plan(&self) -> Option<Plan> {
        self.waits.lock().plan.take()
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
