//! The server that the official suites of Engine.IO and Socket.IO are run against: the hub's own layers with
//! namespaces that echo, on 127.0.0.1:3000 or the address that is named. `CONFORMANCE_SLOWER=3` makes heartbeats three times
//! as slow as the suites have them.

use std::time::Duration;

use anyhow::Context as _;
use hub::realtime::{echo, guard::GuardedListener};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const ADDRESS: &str = "127.0.0.1:3000";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    let slower = std::env::var("CONFORMANCE_SLOWER").ok().map_or(Ok(1), |times| times.parse())?;
    let listener = TcpListener::bind(&address).await.with_context(|| format!("{address} is not free"))?;
    println!("listening on {address}");
    let told = CancellationToken::new();
    let stop = told.clone();
    tokio::spawn(async move {
        // without a handler for it the process is ended by the signal itself
        let _interrupted = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    hub::server::serve(GuardedListener::new(listener, Duration::from_secs(30)), echo::router(slower), told)
        .await;
    Ok(())
}
