//! How fast a channel, or a group message, may send, counted together by all nodes. Asked after this node's own
//! [governor](crate::governor) has let something go; one question for all messages that go at once.

use std::{sync::Arc, time::Duration};

use bus::{
    Buckets,
    rates::{Ask, Rate},
};
use model::{ChannelId, GroupMessageId};

/// What has a rate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paced {
    Channel(ChannelId),
    GroupMessage(GroupMessageId),
}

impl Paced {
    fn key(self) -> String {
        match self {
            Self::Channel(id) => format!("channel:{id}"),
            Self::GroupMessage(id) => format!("group_message:{id}"),
        }
    }
}

/// The rates of all nodes; of one that is alone the governor is enough.
#[derive(Clone, Default)]
pub(crate) struct Together(Option<Arc<dyn Buckets>>);

impl Together {
    pub(crate) fn new(buckets: Option<Arc<dyn Buckets>>) -> Self {
        Self(buckets)
    }

    /// How many of `wanted` may go, and how long the others wait.
    pub(crate) async fn take(
        &self,
        what: Paced,
        per_minute: Option<u32>,
        wanted: usize,
    ) -> (usize, Duration) {
        let (Some(buckets), Some(per_minute)) = (&self.0, per_minute) else {
            return (wanted, Duration::ZERO);
        };
        if wanted == 0 {
            return (0, Duration::ZERO);
        }
        let ask = Ask::UpTo(u32::try_from(wanted).unwrap_or(u32::MAX));
        let told = buckets.take(&what.key(), rate(per_minute), ask).await;
        (told.granted as usize, told.wait.unwrap_or_default())
    }

    /// Puts back what was not used.
    pub(crate) async fn give_back(&self, what: Paced, per_minute: Option<u32>, count: usize) {
        if let (Some(buckets), Some(per_minute)) = (&self.0, per_minute)
            && count > 0
        {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            buckets.give_back(&what.key(), rate(per_minute), count).await;
        }
    }
}

/// At once no more than a second's worth, at least one message, as the governor has it.
fn rate(per_minute: u32) -> Rate {
    let per_minute = per_minute.max(1);
    let count = (per_minute / 60).max(1);
    Rate { count, period: Duration::from_mins(1) * count / per_minute }
}

#[cfg(test)]
mod tests {
    use bus::LocalBuckets;

    use super::*;

    #[tokio::test]
    async fn nodes_share_a_channels_rate() {
        let buckets: Arc<dyn Buckets> = Arc::new(LocalBuckets::default());
        let (one, other) = (Together::new(Some(Arc::clone(&buckets))), Together::new(Some(buckets)));
        let channel = Paced::Channel(ChannelId::new());
        assert_eq!(one.take(channel, Some(600), 7).await.0, 7);
        let (granted, wait) = other.take(channel, Some(600), 7).await;
        assert_eq!(granted, 3, "ten at once, for both");
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
        one.give_back(channel, Some(600), 2).await;
        assert_eq!(other.take(channel, Some(600), 7).await.0, 2);
        assert_eq!(one.take(channel, None, 50).await.0, 50, "no limit");
        assert_eq!(Together::default().take(channel, Some(600), 50).await.0, 50, "alone");
        let slow = Paced::GroupMessage(GroupMessageId::new());
        assert_eq!(one.take(slow, Some(30), 5).await.0, 1);
        let (granted, wait) = other.take(slow, Some(30), 1).await;
        assert!(granted == 0 && wait > Duration::from_secs(1) && wait <= Duration::from_secs(2), "{wait:?}");
    }
}
