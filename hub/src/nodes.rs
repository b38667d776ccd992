//! What joins this hub with the others on its database: pushes between sockets and rates by Redis, hints by the
//! database. Alone, it is all within the process.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use bus::{Buckets, Hearing, Live, LocalBuckets, LocalLive, RedisBuckets, RedisLive, hints, redis::Server};
use inbox::Inbox;
use model::NodeId;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::ServiceUrl;

/// How often the store is asked which nodes live.
const LOOK: Duration = Duration::from_secs(2);

/// What joins this node with others. Cheap to clone.
#[derive(Clone)]
pub struct Nodes {
    pub live: Arc<dyn Live>,
    pub buckets: Arc<dyn Buckets>,
    redis: Option<(Arc<RedisLive>, Arc<RedisBuckets>)>,
    node: NodeId,
}

impl Nodes {
    /// `installation` names the database: nodes of another one on the same Redis are not heard.
    pub fn new(redis: Option<&ServiceUrl>, installation: Uuid, node: NodeId) -> anyhow::Result<Self> {
        let Some(url) = redis else {
            let (live, buckets) = (Arc::new(LocalLive::default()), Arc::new(LocalBuckets::default()));
            return Ok(Self { live, buckets, redis: None, node });
        };
        let server = Server::from_url(url.reveal()).context("REDIS_URL cannot be used")?;
        let live = RedisLive::new(server.clone(), installation, node);
        let buckets = RedisBuckets::new(server, installation, node);
        Ok(Self { live: live.clone(), buckets: buckets.clone(), redis: Some((live, buckets)), node })
    }

    /// How well the others are heard; nothing when this hub is alone by its settings.
    #[must_use]
    pub fn hearing(&self) -> Option<Hearing> {
        self.redis.as_ref().map(|(live, _)| live.hearing())
    }

    /// Rates that other nodes count, too; nothing when this hub is alone by its settings.
    #[must_use]
    pub fn shared_buckets(&self) -> Option<Arc<dyn Buckets>> {
        self.redis.as_ref().map(|_| Arc::clone(&self.buckets))
    }

    /// Whether what others write may come later than usual.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.live.hearing() != Hearing::Whole
    }

    /// Keeps joined until stopped.
    pub async fn run(self, inbox: Inbox, stop: CancellationToken) {
        let Some((live, buckets)) = &self.redis else {
            stop.cancelled().await;
            return;
        };
        tokio::join!(
            live.run(stop.clone()),
            buckets.run(stop.clone()),
            hints::run(inbox.store().clone(), self.node, stop.clone()),
            self.look(&inbox, live, buckets, &stop),
        );
    }

    async fn look(&self, inbox: &Inbox, live: &RedisLive, buckets: &RedisBuckets, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match inbox::agents::nodes(inbox).await {
                Ok(nodes) => {
                    live.expect(&nodes);
                    buckets.expect(&nodes);
                }
                Err(fault) => tracing::debug!(%fault, "which nodes live cannot be read"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

/// A name for the data directory that is the same over restarts and of no other directory: what an earlier run left
/// behind in the store is told by it.
pub fn place(data_dir: &Path) -> anyhow::Result<String> {
    let file = data_dir.join("node");
    let failed = || format!("the node's name {} cannot be kept", file.display());
    match std::fs::read_to_string(&file) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(failed),
    }
    let name = Uuid::new_v4().to_string();
    let beside = data_dir.join("node.new");
    std::fs::write(&beside, format!("{name}\n")).with_context(failed)?;
    std::fs::rename(&beside, &file).with_context(failed)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_name_and_shares_it_with_no_other() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = place(one.path()).unwrap();
        assert_eq!(place(one.path()).unwrap(), name);
        assert_ne!(place(other.path()).unwrap(), name);
        std::fs::write(one.path().join("node"), "").unwrap();
        assert!(!place(one.path()).unwrap().is_empty(), "a file that was cut short is written anew");
    }
}
