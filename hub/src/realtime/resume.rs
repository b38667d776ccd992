//! Where a reader goes on: from the number it remembers, or from the head.

use std::sync::Arc;

use bus::Outcome;
use uuid::Uuid;

use super::{entry::LogKey, events::Reset, hub::Hub, logs::Log, metrics, ring::Found};

/// What a client remembers of a log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Remembered {
    pub since: Option<i64>,
    /// The epoch in which `since` was given; absent: this one.
    pub epoch: Option<Uuid>,
}

/// Where the reading begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub key: LogKey,
    /// The last number there is.
    pub head: i64,
    /// Entries above it are sent.
    pub cursor: i64,
    pub resumed: bool,
    /// The numbers it remembers are of no use: it must fetch afresh.
    pub reset: Option<&'static str>,
}

impl Start {
    /// The `reset` event's payload, when the client has to be told.
    #[must_use]
    pub fn told_reset(&self) -> Option<Reset> {
        let reason = self.reset?.to_owned();
        Some(Reset { log: self.key.to_string(), reason, head: Some(self.head) })
    }
}

/// Whether a reader at `since` can be served, by numbers alone. `Err`: why not.
pub fn decide(
    remembered: Remembered,
    epoch: Uuid,
    head: i64,
    most: i64,
) -> Result<Option<i64>, &'static str> {
    let Some(since) = remembered.since else { return Ok(None) };
    if remembered.epoch.is_some_and(|known| known != epoch) {
        return Err("epoch");
    }
    if since > head {
        return Err("ahead");
    }
    if since < 0 || head - since > most {
        return Err("too_old");
    }
    Ok(Some(since))
}

/// Finds the start. The log must be listened to, so that nothing falls between the head and what is pushed.
pub async fn start(hub: &Hub, log: &Arc<Log>, remembered: Remembered) -> Outcome<Start> {
    let start = find(hub, log, remembered).await?;
    let in_memory = || !matches!(log.after(start.cursor, 1), Found::Behind);
    let source = match (start.resumed, start.reset) {
        (_, Some(_)) => "reset",
        (false, None) => "fresh",
        (true, None) if start.cursor >= start.head || in_memory() => "ring",
        (true, None) => "store",
    };
    metrics::resumed(start.key, source);
    Ok(start)
}

async fn find(hub: &Hub, log: &Arc<Log>, remembered: Remembered) -> Outcome<Start> {
    let (key, config) = (log.key, &hub.config);
    let head = hub.logs.head(log, remembered.since).await?;
    let fresh = |reset| Start { key, head, cursor: head, resumed: false, reset };
    let since = match decide(remembered, hub.epoch, head, config.replay_entries) {
        Ok(Some(since)) => since,
        Ok(None) => return Ok(fresh(None)),
        Err(reason) => {
            if reason == "ahead" {
                tracing::warn!(log = %key, since = remembered.since, head, "a client remembers more than there is");
            }
            return Ok(fresh(Some(reason)));
        }
    };
    // a thread is short: it is replayed whatever its age
    if since < head && matches!(key, LogKey::Feed(_)) {
        let oldest = hub.logs.time_after(log, since).await?;
        let limit = chrono::Duration::from_std(config.replay_age).unwrap_or(chrono::Duration::MAX);
        if oldest.is_some_and(|oldest| hub.inbox.now() - oldest > limit) {
            return Ok(fresh(Some("too_old")));
        }
    }
    Ok(Start { key, head, cursor: since, resumed: true, reset: None })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Remembered, decide};

    #[test]
    fn numbers_of_this_epoch_and_in_reach_are_resumed() {
        let (epoch, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let at = |since, epoch| Remembered { since: Some(since), epoch };
        assert_eq!(decide(Remembered::default(), epoch, 10, 100), Ok(None));
        assert_eq!(decide(at(10, None), epoch, 10, 100), Ok(Some(10)));
        assert_eq!(decide(at(0, Some(epoch)), epoch, 10, 100), Ok(Some(0)));
        assert_eq!(decide(at(5, Some(other)), epoch, 10, 100), Err("epoch"));
        assert_eq!(decide(at(11, Some(epoch)), epoch, 10, 100), Err("ahead"));
        assert_eq!(decide(at(0, None), epoch, 101, 100), Err("too_old"));
        assert_eq!(decide(at(-1, None), epoch, 10, 100), Err("too_old"));
    }
}
