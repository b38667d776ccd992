//! What the store, the queue, the mailboxes, the relay and the leases promise, asked of a real
//! PostgreSQL, and what live push and rates promise, asked of a real Redis. `queue::suite`, `live::suite` and
//! `rates::suite` are shared: every implementation has to pass them.

mod fixture;
mod hints;
mod lease;
mod live;
mod mailbox;
mod queue;
mod rabbit;
mod rates;
mod relay;
mod store;
