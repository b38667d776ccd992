//! What the store, the queue, the mailboxes, the relay and the leases promise, asked of a real
//! PostgreSQL. `queue::suite` is shared: every implementation of `Queue` has to pass it.

mod fixture;
mod lease;
mod mailbox;
mod queue;
mod relay;
mod store;
