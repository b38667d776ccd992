//! How fast, how large: `make bench`. Everything on this machine, over loopback.
//!
//! ```text
//! bench                    all of it
//! bench path               the path of one message: one hub with its private PostgreSQL
//! bench path distributed   the same: two hubs on a PostgreSQL, a Redis and a RabbitMQ
//! bench assign             decisions of the assignment engine, a thousand agents, two hubs
//! bench sends              sends a second to the sandbox, over HTTP and over SMPP, beside Kannel
//! bench sockets [a b c …]  the sockets beside other servers: all five, or those named
//! ```
//!
//! `BENCH_SECONDS` is the length of a step of the path, `BENCH_RUNS` how often a figure of the sockets is taken.

mod assign;
mod bare;
mod clients;
mod machine;
mod office;
mod open_loop;
mod path;
mod peers;
mod sends;
mod sockets;
mod stack;

use stack::Stack;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => {
            path::run(Stack::Embedded).await;
            path::run(Stack::Distributed).await;
            assign::run().await;
            sockets::run(&[]).await;
        }
        ["path"] => path::run(Stack::Embedded).await,
        ["path", "distributed"] => path::run(Stack::Distributed).await,
        ["assign"] => assign::run().await,
        ["sends"] => sends::run().await,
        ["sockets", which @ ..] => sockets::run(which).await,
        ["serve-bare", port] => bare::serve(port.parse().expect("a port")).await,
        other => panic!("nothing is called {other:?}; see the head of tests/src/bin/bench/main.rs"),
    }
}
