//! What the suites and the bench share: a hub as a child process, clients of every kind, providers that are fakes.
//!
//! Everything here goes through the front door: HTTP, sockets, the command line. The database is only looked at
//! afterwards, as an auditor would.

pub mod fakes;
pub mod harness;
