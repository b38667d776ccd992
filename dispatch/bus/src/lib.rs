//! The store's door and everything that moves between transactions: the event log and its relay, the
//! queue, mailboxes, leases, live push and presence.
//!
//! Guarantees are written at each trait and type. The two rules that hold all of it together:
//! nothing leaves a transaction that did not commit, and every consumer may be called twice.

pub mod fault;
pub mod lease;
pub mod live;
pub mod log;
pub mod mailbox;
pub mod nudge;
pub mod once;
pub mod presence;
pub mod queue;
pub mod relay;
pub mod store;

pub use fault::{Fault, Outcome, is_of_store};
pub use live::{Live, LocalLive};
pub use log::LogEntry;
pub use nudge::Nudges;
pub use presence::{LocalPresence, Presence};
pub use queue::{Claimed, DbQueue, Job, Queue};
pub use store::{Scope, Store, Task, Tx};
