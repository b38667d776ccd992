//! What breaks when something breaks: `make chaos`. Two hubs on a PostgreSQL, a Redis and a RabbitMQ of its own; customers
//! write, agents answer, the provider fails five times in a hundred, and one thing after the other is killed, frozen, filled
//! or set wrong. Afterwards the store, the clients and the provider must tell one story.
//!
//! ```text
//! chaos            every fault
//! chaos NAME …     those named
//! chaos list       their names
//! ```
//!
//! `CHAOS_RATE` is how many messages a second customers write (300), `CHAOS_HOLD` for how many seconds what is frozen,
//! filled or wrong stays so (20). It ends with 1 when a promise was broken; times are shown and judged by nobody.

mod audit;
mod fault;
mod load;
mod provider;
mod stage;
mod table;

use std::{panic::AssertUnwindSafe, process::ExitCode};

use fault::Fault;
use futures::FutureExt as _;
use tests::harness::Servers;

#[tokio::main]
async fn main() -> ExitCode {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if named == ["list"] {
        for fault in Fault::ALL {
            println!("{}", fault.name());
        }
        return ExitCode::SUCCESS;
    }
    let mut faults = Vec::new();
    for name in &named {
        let Some(fault) = Fault::ALL.into_iter().find(|fault| fault.name() == name) else {
            eprintln!("no fault is called {name}; chaos list names them");
            return ExitCode::from(2);
        };
        faults.push(fault);
    }
    if faults.is_empty() {
        faults.extend(Fault::ALL);
    }
    let settings = load::Settings::read();
    println!(
        "{} messages a second, every tenth a question that an agent answers; frozen, full or wrong for {} s",
        settings.rate,
        settings.hold.as_secs()
    );
    let mut servers = Some(Servers::start().await);
    let mut all_kept = true;
    println!("{}", table::HEAD);
    for fault in faults {
        let taken = match servers.take() {
            Some(servers) => servers,
            None => Servers::start().await,
        };
        // what panics takes its servers with it: the next fault gets new ones
        let run = AssertUnwindSafe(Box::pin(stage::run(taken, fault, settings))).catch_unwind();
        match run.await {
            Ok((left, report)) => {
                servers = Some(left);
                all_kept &= report.broken.is_empty();
                println!("{}", table::row(fault, &report));
                for what in &report.broken {
                    println!("    BROKEN: {what}");
                }
            }
            // why was said when it happened
            Err(_) => {
                all_kept = false;
                println!("| {} | did not come to its end |", fault.name());
            }
        }
    }
    if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
