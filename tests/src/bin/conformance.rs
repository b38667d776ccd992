//! The server that the official suites of Engine.IO and Socket.IO are run against: the hub's own layers with
//! namespaces that echo, on 127.0.0.1:3000.

use std::time::Duration;

use anyhow::Context as _;
use hub::realtime::{echo, guard::GuardedListener};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const ADDRESS: &str = "127.0.0.1:3000";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind(ADDRESS).await.with_context(|| format!("{ADDRESS} is not free"))?;
    println!("listening on {ADDRESS}");
    let told = CancellationToken::new();
    let stop = told.clone();
    tokio::spawn(async move {
        // without a handler for it the process is ended by the signal itself
        let _interrupted = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    hub::server::serve(GuardedListener::new(listener, Duration::from_secs(30)), echo::router(), told).await;
    Ok(())
}
