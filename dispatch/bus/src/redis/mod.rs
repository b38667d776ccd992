//! Redis between nodes: [`live`] carries pushes, [`buckets`] counts rates. Nothing in it is the only copy of
//! anything, and nothing waits for it: while it is away nodes read from the store what others wrote, and take
//! their share of every rate.

pub mod buckets;
mod frame;
mod link;
pub mod live;
mod peers;

pub use buckets::RedisBuckets;
pub use link::{BadUrl, Server};
pub use live::RedisLive;
