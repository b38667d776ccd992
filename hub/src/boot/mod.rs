//! What has to stand before the hub can serve: the data directory and its lock, the secret key, the database.

pub mod hubs;
pub mod lock;
pub mod mark;
pub mod postgres;
pub mod secrets;
