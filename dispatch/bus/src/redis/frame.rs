//! What nodes say to each other, as it goes over the wire.

use std::sync::Arc;

use model::NodeId;
use serde::{Deserialize, Serialize};

use crate::{
    LogEntry,
    live::{PARTITIONS, Pushed, Volatile, Watching, partition_of},
};

/// Entries of one message: what is larger holds up what comes behind it.
const ENTRIES: usize = 100;

/// A push, with its number among those of its node and partition.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Frame {
    pub node: NodeId,
    pub partition: usize,
    pub n: u64,
    #[serde(flatten)]
    pub body: Body,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    Entries(Vec<LogEntry>),
    Volatile(Arc<Volatile>),
    Watching(Arc<Watching>),
}

impl Body {
    /// What other nodes are told of a push, by partition; nothing of what concerns this node alone.
    pub(super) fn of(pushed: &Pushed) -> Vec<(usize, Self)> {
        match pushed {
            Pushed::Entries(entries) => {
                let mut parts: Vec<(usize, Vec<LogEntry>)> = Vec::new();
                for entry in entries.iter() {
                    let partition = partition_of(entry.account_id);
                    let part = parts.iter_mut().rev().find(|(known, _)| *known == partition);
                    match part {
                        Some((_, part)) if part.len() < ENTRIES => part.push(entry.clone()),
                        _ => parts.push((partition, vec![entry.clone()])),
                    }
                }
                parts.into_iter().map(|(partition, part)| (partition, Self::Entries(part))).collect()
            }
            Pushed::Volatile(volatile) => {
                vec![(partition_of(volatile.account_id), Self::Volatile(Arc::clone(volatile)))]
            }
            Pushed::Watching(watching) => {
                vec![(partition_of(watching.account_id), Self::Watching(Arc::clone(watching)))]
            }
            Pushed::Missed(_) | Pushed::Gone(_) => Vec::new(),
        }
    }

    /// As this node's subscribers get it.
    pub(super) fn arrived(self) -> Pushed {
        match self {
            Self::Entries(entries) => Pushed::Entries(entries.into()),
            Self::Volatile(volatile) => {
                let mut volatile = Arc::unwrap_or_clone(volatile);
                volatile.is_from_elsewhere = true;
                Pushed::Volatile(Arc::new(volatile))
            }
            Self::Watching(watching) => Pushed::Watching(watching),
        }
    }
}

/// Said by every node several times a second: up to where it has numbered. Whoever knows less has lost something.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Beat {
    pub node: NodeId,
    /// By partition.
    pub heads: Vec<u64>,
    /// The last words of a node that stops in an orderly way.
    pub leaves: bool,
}

impl Beat {
    /// Nodes of other versions may divide otherwise.
    pub(super) fn is_whole(&self) -> bool {
        self.heads.len() == PARTITIONS
    }
}

#[cfg(test)]
mod tests {
    use model::{AccountId, Audience, ChannelId, ChannelStatus, Clock as _, Event, EventId, SystemClock};

    use super::*;

    fn entry(account_id: AccountId, position: i64) -> LogEntry {
        LogEntry {
            id: EventId::new(),
            account_id,
            position,
            feed_seq: Some(position),
            conversation_id: None,
            thread_seq: None,
            event: Arc::new(Event::ChannelStatusChanged {
                account_id,
                channel_id: ChannelId::new(),
                status: ChannelStatus::Connected,
                error_message: None,
            }),
            audience: Arc::new(Audience::Account),
            at: SystemClock.now(),
            trace_id: Some("trace".to_owned()),
        }
    }

    #[test]
    fn a_push_is_divided_by_partition_and_kept_in_order() {
        let (one, other) = (AccountId::new(), AccountId::new());
        let entries: Vec<LogEntry> =
            (0..250).map(|n| entry(if n % 2 == 0 { one } else { other }, n)).collect();
        let parts = Body::of(&Pushed::Entries(entries.into()));
        let of = |account: AccountId| -> Vec<i64> {
            let parts = parts.iter().filter(|(partition, _)| *partition == partition_of(account));
            parts
                .flat_map(|(_, body)| match body {
                    Body::Entries(entries) => entries.clone(),
                    other => panic!("{other:?}"),
                })
                .filter(|entry| entry.account_id == account)
                .map(|entry| entry.position)
                .collect()
        };
        assert_eq!(of(one), (0..250).step_by(2).collect::<Vec<i64>>());
        assert_eq!(of(other), (1..250).step_by(2).collect::<Vec<i64>>());
    }

    #[test]
    fn what_is_sent_arrives_as_it_was() {
        let sent = entry(AccountId::new(), 7);
        let frame =
            Frame { node: NodeId::new(), partition: 3, n: 9, body: Body::Entries(vec![sent.clone()]) };
        let text = serde_json::to_string(&frame).unwrap();
        let back: Frame = serde_json::from_str(&text).unwrap();
        assert_eq!((back.node, back.partition, back.n), (frame.node, 3, 9));
        let Pushed::Entries(entries) = back.body.arrived() else { panic!("{text}") };
        assert_eq!(serde_json::to_value(&entries[0]).unwrap(), serde_json::to_value(&sent).unwrap());
    }
}
