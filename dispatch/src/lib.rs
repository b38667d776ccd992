//! Delivery of answers: claims them from the reply mailbox, sends them through the channel's provider, and
//! settles what became of them.
//!
//! Guarantees: an attempt and the status `sending` are committed before its request is written; no
//! request is made inside a transaction; a message whose outcome is not known is looked up, or shown as
//! `unknown`, and never sent again by itself; answers of one conversation leave in their order, except
//! that one which keeps failing for a minute lets the later ones pass.

mod bulk;
mod claim;
mod deliver;
mod engine;
mod files;
mod governor;
mod ladder;
mod media;
mod recorder;
mod together;
mod verdict;

pub use engine::{Dispatch, DispatchOptions};
pub use media::MediaFetcher;
pub use verdict::shown;
