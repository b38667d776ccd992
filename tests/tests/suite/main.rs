//! The product through its front door: the real binary, real signatures, real sockets, and providers that are fakes.

mod audit;
mod basics;
mod crash;
mod cuts;
mod drain;
mod edge;
mod failing;
mod inbox;
mod javascript;
mod sandbox;
mod sockets;
mod start;
mod statements;
mod storm;
mod story;
mod tenants;
