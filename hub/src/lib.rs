//! The hub: boot, configuration, REST API, sockets and command line, as a library with a thin binary.

pub mod app;
pub mod backup;
pub mod boot;
pub mod channel_setup;
pub mod channel_signals;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
mod fields;
pub mod house;
pub mod maintenance;
pub mod metrics;
pub mod moving;
pub mod nodes;
mod nul;
pub mod pages;
pub mod realtime;
pub mod rest;
pub mod sandbox;
pub mod serve;
pub mod server;
mod shapes;
