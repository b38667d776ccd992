//! A hub under test and everyone who talks with it.

pub mod answering;
pub mod api;
pub mod clock;
pub mod database;
pub mod hub;
pub mod people;
pub mod postgres;
pub mod rabbit;
pub mod redis;
pub mod servers;
pub mod socket;
pub mod stored;
pub mod wait;
pub mod world;

pub use self::{
    answering::{Acknowledged, AutoAgent, Seen},
    api::{Api, Reply},
    clock::FalseClock,
    database::Database,
    hub::TestHub,
    postgres::Postgres,
    rabbit::Rabbit,
    redis::Redis,
    servers::Servers,
    socket::{CommandError, Memory, Received, Refused, Socket},
    wait::{PATIENCE, until},
    world::{Agent, Channel, Hook, PASSWORD, World},
};
