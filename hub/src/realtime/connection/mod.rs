//! One client as the hub sees it: cursors on logs, and what waits for it.
//!
//! Nothing is pushed into a transport. Commands and pushes leave here what they have, wake the
//! connection's task, and the [`Source`](super::source::Source) is asked for it when the client can take
//! more.

mod outbox;
mod reading;

pub use outbox::{Fleeting, Phase, Plan, Ready};
pub use reading::{Given, Unread};

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    task::{Wake, Waker},
    time::Duration,
};

use engine::Transport;
use futures::task::AtomicWaker;
use inbox::Member;
use model::{AccountId, Time, UserId, VisitorId};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::{outbox::Waits, reading::Reading};
use super::{AGENTS, CUSTOMERS, deliveries::Deliveries, metrics, recovery::Recovered};

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
    /// The commands may go on: they are not looked at for each entry that is written.
    runs: AtomicBool,
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

impl Connection {
    /// A new connection, or the continuation of one that was cut.
    #[must_use]
    pub fn new(who: Who, recovered: Option<&Recovered>) -> Arc<Self> {
        let deliveries = recovered.map_or_else(Deliveries::default, |it| Deliveries::after(it.count));
        Arc::new(Self {
            id: Uuid::now_v7(),
            pid: recovered.map_or_else(Uuid::new_v4, |it| it.pid),
            who,
            reading: Mutex::new(Reading::after(deliveries)),
            waits: Mutex::default(),
            waker: AtomicWaker::new(),
            runs: AtomicBool::new(true),
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

    /// Whether the commands have something to do since the last call.
    pub fn take_run(&self) -> bool {
        self.runs.swap(false, Ordering::AcqRel)
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
}

/// The waker of the connection's commands.
impl Wake for Connection {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.runs.store(true, Ordering::Release);
        self.waker.wake();
    }
}
