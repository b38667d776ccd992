//! Hints to other nodes, by the database's `LISTEN` and `NOTIFY`.
//!
//! Sent after commits, outside of them (a `NOTIFY` inside would make all committing transactions take turns), gathered
//! for a moment so that many changes are one. A hint spares the poll behind it its wait, nothing more: what is lost is
//! found by the poll.

use std::time::Duration;

use model::NodeId;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;

use crate::{Nudges, Outcome, Store, nudge::Nudge};

const CHANNEL: &str = "turumba_hints";
/// Hints are gathered for so long.
const GATHERED: Duration = Duration::from_millis(10);
/// Hints in one notification; it may hold 8,000 bytes.
const MOST: usize = 20;
/// The longest that a hint's key may be; what is longer is found by the poll.
const KEY: usize = 150;
/// Before a lost connection is taken up again.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
struct Said {
    node: NodeId,
    nudges: Vec<Nudge>,
}

/// Tells other nodes, and hears them, until stopped.
pub async fn run(store: Store, node: NodeId, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = speak(&store, node) => {}
        () = listen(&store, node) => {}
    }
}

async fn speak(store: &Store, node: NodeId) {
    loop {
        // whatever comes meanwhile goes with it
        let mut nudges = store.nudges().for_others().take(MOST, Duration::from_mins(1)).await;
        if nudges.is_empty() {
            continue;
        }
        tokio::time::sleep(GATHERED).await;
        nudges.retain(|nudge| !matches!(nudge, Nudge::Mailbox(_, key) if key.key.len() > KEY));
        if let Err(fault) = say(store, Said { node, nudges }).await {
            tracing::debug!(%fault, "other nodes were not told; they find it themselves");
        }
    }
}

async fn say(store: &Store, said: Said) -> Outcome<()> {
    let text =
        serde_json::to_string(&said).map_err(|error| crate::Fault::Refused(model::Error::internal(error)))?;
    store.notify(CHANNEL, &text).await
}

async fn listen(store: &Store, node: NodeId) {
    loop {
        if let Err(error) = hear(store, node).await {
            tracing::debug!(%error, "other nodes' hints are not heard; trying again");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn hear(store: &Store, node: NodeId) -> Result<(), sqlx::Error> {
    let mut listener: PgListener = store.listener().await?;
    listener.listen(CHANNEL).await?;
    // what was said before is lost
    store.nudges().doubt();
    loop {
        match listener.try_recv().await? {
            Some(notification) => wake(store.nudges(), node, notification.payload()),
            // the connection is lost; what is said until it is heard again is doubted then
            None => return Ok(()),
        }
    }
}

fn wake(nudges: &Nudges, node: NodeId, text: &str) {
    match serde_json::from_str::<Said>(text) {
        Ok(said) if said.node == node => {}
        Ok(said) => said.nudges.into_iter().for_each(|nudge| nudges.wake(nudge)),
        Err(error) => tracing::warn!(%error, "a hint cannot be read"),
    }
}
