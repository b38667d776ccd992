//! The doors through which providers reach the hub: webhooks by HTTP, and sessions that we hold open
//! ([`sessions`]). Both end in the journal: nothing is acknowledged to a provider before it is durable.

mod again;
mod door;
mod limit;
mod read;
mod router;
pub mod sessions;

pub use again::read_again;
pub use door::{Answer, Door, DoorOptions};
pub use router::router;
