//! What is known of the other nodes: up to where each was heard, and when. Pure.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use model::NodeId;

use super::frame::Beat;
use crate::live::PARTITIONS;

/// A node that has said nothing for so long is not heard: at their slowest, nodes beat three times in it.
pub(super) const SILENCE: Duration = Duration::from_millis(1200);

#[derive(Debug)]
struct Peer {
    /// The last number heard, by partition; unknown before the first beat.
    heads: Option<Box<[u64]>>,
    heard: Instant,
}

/// The other nodes.
#[derive(Debug, Default)]
pub(super) struct Peers(HashMap<NodeId, Peer>);

impl Peers {
    /// A push numbered `n` came; true when one before it did not.
    pub(super) fn note(&mut self, node: NodeId, partition: usize, n: u64, now: Instant) -> bool {
        let peer = self.peer(node, now);
        peer.heard = now;
        // before its first beat nothing is known, and the first beat is a reason to look into the store
        let Some(head) = peer.heads.as_mut().and_then(|heads| heads.get_mut(partition)) else { return false };
        let lost = n > *head + 1;
        *head = n.max(*head);
        lost
    }

    /// A beat came; the partitions of which something was lost. The first one of a node names all.
    pub(super) fn beat(&mut self, beat: &Beat, now: Instant) -> Vec<usize> {
        let peer = self.peer(beat.node, now);
        peer.heard = now;
        match &mut peer.heads {
            Some(heads) => {
                let behind: Vec<usize> =
                    (0..PARTITIONS).filter(|partition| beat.heads[*partition] > heads[*partition]).collect();
                heads.copy_from_slice(&beat.heads);
                behind
            }
            None => {
                peer.heads = Some(beat.heads.clone().into());
                (0..PARTITIONS).filter(|partition| beat.heads[*partition] > 0).collect()
            }
        }
    }

    /// The store says that these live: whoever is new has a while to be heard, whoever is missing is gone.
    pub(super) fn expect(&mut self, nodes: &[NodeId], now: Instant) -> Vec<NodeId> {
        for node in nodes {
            self.peer(*node, now);
        }
        let gone: Vec<NodeId> = self.0.keys().filter(|node| !nodes.contains(node)).copied().collect();
        // a node that has just started may be heard before its row is read
        let gone: Vec<NodeId> = gone
            .into_iter()
            .filter(|node| self.0.get(node).is_some_and(|peer| now.duration_since(peer.heard) >= SILENCE))
            .collect();
        for node in &gone {
            self.0.remove(node);
        }
        gone
    }

    /// It said that it leaves.
    pub(super) fn leave(&mut self, node: NodeId) -> bool {
        self.0.remove(&node).is_some()
    }

    /// One that should be heard and is not.
    pub(super) fn silent(&self, now: Instant) -> Option<NodeId> {
        let silent = self.0.iter().find(|(_, peer)| now.duration_since(peer.heard) >= SILENCE);
        silent.map(|(node, _)| *node)
    }

    fn peer(&mut self, node: NodeId, now: Instant) -> &mut Peer {
        self.0.entry(node).or_insert(Peer { heads: None, heard: now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(node: NodeId, partition: usize, head: u64) -> Beat {
        let mut heads = vec![0; PARTITIONS];
        heads[partition] = head;
        Beat { node, heads, leaves: false }
    }

    #[test]
    fn gaps_and_heads_beyond_ours_show_what_was_lost() {
        let (mut peers, node, now) = (Peers::default(), NodeId::new(), Instant::now());
        assert!(!peers.note(node, 5, 70, now), "nothing is known before the first beat");
        assert_eq!(peers.beat(&beat(node, 5, 70), now), [5], "what came before it may have been lost");
        assert!(!peers.note(node, 5, 71, now));
        assert!(peers.beat(&beat(node, 5, 71), now).is_empty());
        assert!(peers.note(node, 5, 73, now), "72 did not come");
        assert!(!peers.note(node, 5, 72, now), "late, and known to be missing");
        assert_eq!(peers.beat(&beat(node, 5, 75), now), [5], "the last ones were lost");
        assert!(peers.beat(&beat(node, 5, 75), now).is_empty(), "told once");
        assert!(!peers.note(node, 6, 1, now), "another partition has its own numbers");
    }

    #[test]
    fn who_is_silent_is_named_until_the_store_says_that_it_is_dead() {
        let (mut peers, node, start) = (Peers::default(), NodeId::new(), Instant::now());
        assert!(peers.expect(&[node], start).is_empty());
        assert_eq!(peers.silent(start), None, "it has a while to be heard");
        let later = start + SILENCE;
        assert_eq!(peers.silent(later), Some(node));
        peers.beat(&beat(node, 0, 0), later);
        assert_eq!(peers.silent(later), None);
        assert!(peers.expect(&[], later).is_empty(), "it was heard just now");
        let end = later + SILENCE;
        assert_eq!(peers.expect(&[], end), [node]);
        assert_eq!((peers.silent(end), peers.0.len()), (None, 0));
    }
}
