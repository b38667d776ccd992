//! The store's door and everything that moves between transactions: the event log and its relay, the
//! queue, mailboxes, leases, the store's time, hints to other nodes, live push, presence and rates.
//!
//! Guarantees are written at each trait and type. The two rules that hold all of it together:
//! nothing leaves a transaction that did not commit, and every consumer may be called twice.

pub mod clock;
pub mod fault;
pub mod hints;
pub mod lease;
pub mod live;
pub mod log;
pub mod mailbox;
pub mod nudge;
pub mod once;
pub mod presence;
pub mod queue;
pub mod rates;
pub mod redis;
pub mod relay;
pub mod store;

pub use clock::StoreClock;
pub use fault::{Fault, Outcome, is_of_store};
pub use live::{Hearing, Live, LocalLive};
pub use log::LogEntry;
pub use nudge::Nudges;
pub use presence::Presence;
pub use queue::{Claimed, DbQueue, Job, Queue};
pub use rates::{Buckets, LocalBuckets};
pub use redis::{RedisBuckets, RedisLive};
pub use store::{Scope, Store, Task, Tx};
