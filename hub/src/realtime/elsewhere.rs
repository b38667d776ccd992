//! Who looks at threads at other nodes. Each node tells of its own; what a node told is
//! forgotten with it.

use std::{collections::BTreeMap, sync::Arc};

use bus::live::{Pushed, Watching};
use dashmap::DashMap;
use model::{AccountId, ConversationId, NodeId, UserId};

use super::{agents::threads, entry::LogKey, hub::Hub};

/// What other nodes told.
#[derive(Default)]
pub struct Elsewhere(DashMap<ConversationId, BTreeMap<NodeId, Arc<Watching>>>);

impl Elsewhere {
    /// The agents who look at it at other nodes.
    #[must_use]
    pub fn agents(&self, conversation: ConversationId) -> BTreeMap<UserId, String> {
        let told = self.0.get(&conversation);
        told.iter().flat_map(|nodes| nodes.values()).flat_map(|one| one.agents.iter().cloned()).collect()
    }

    /// Whether its customer has it open at another node.
    #[must_use]
    pub fn has_customer(&self, conversation: ConversationId) -> bool {
        self.0.get(&conversation).is_some_and(|nodes| nodes.values().any(|one| one.customer))
    }

    /// True when the agents who look at it are others than before.
    fn note(&self, told: &Arc<Watching>) -> bool {
        let before = self.agents(told.conversation_id);
        {
            let mut nodes = self.0.entry(told.conversation_id).or_default();
            if told.agents.is_empty() && !told.customer {
                nodes.remove(&told.node);
            } else {
                nodes.insert(told.node, Arc::clone(told));
            }
        }
        self.0.remove_if(&told.conversation_id, |_, nodes| nodes.is_empty());
        self.agents(told.conversation_id) != before
    }

    /// Forgets a node; the conversations at which it had agents.
    fn forget(&self, node: NodeId) -> Vec<Arc<Watching>> {
        let mut forgotten = Vec::new();
        self.0.retain(|_, nodes| {
            forgotten.extend(nodes.remove(&node));
            !nodes.is_empty()
        });
        forgotten
    }
}

/// Tells other nodes who looks at a thread here. A node that has just opened it asks: what it knows may be old.
pub fn tell(hub: &Hub, account: AccountId, conversation: ConversationId) {
    let asks = hub.logs.get(LogKey::Thread(conversation)).is_some_and(|log| log.listeners().len() == 1);
    let told = threads::watching(hub, account, conversation, asks);
    hub.live.publish(Pushed::Watching(Arc::new(told)));
}

/// Another node told. It is kept whether or not somebody looks here: whoever comes is to know at once.
pub fn heard(hub: &Hub, told: &Arc<Watching>) {
    if told.node == hub.node {
        return;
    }
    if hub.elsewhere.note(told) {
        threads::show_viewers(hub, told.account_id, told.conversation_id);
    }
    if told.asks {
        let answer = threads::watching(hub, told.account_id, told.conversation_id, false);
        hub.live.publish(Pushed::Watching(Arc::new(answer)));
    }
}

/// A node is gone, and whoever looked at threads there.
pub fn gone(hub: &Hub, node: NodeId) {
    for told in hub.elsewhere.forget(node) {
        if !told.agents.is_empty() {
            threads::show_viewers(hub, told.account_id, told.conversation_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nodes_told_is_joined_and_goes_with_them() {
        let (elsewhere, id) = (Elsewhere::default(), ConversationId::new());
        let (one, other, ada) = (NodeId::new(), NodeId::new(), UserId::new());
        let told = |node, agents: &[UserId], customer| {
            Arc::new(Watching {
                node,
                account_id: AccountId::new(),
                conversation_id: id,
                agents: agents.iter().map(|agent| (*agent, "Ada".to_owned())).collect(),
                customer,
                asks: false,
            })
        };
        assert!(elsewhere.note(&told(one, &[ada], false)));
        assert!(!elsewhere.note(&told(other, &[ada], true)), "the same agent, in another tab");
        assert!(elsewhere.has_customer(id));
        assert_eq!(elsewhere.forget(other).len(), 1);
        assert!(!elsewhere.has_customer(id) && elsewhere.agents(id).len() == 1);
        assert!(elsewhere.note(&told(one, &[], false)), "she left");
        assert!(elsewhere.0.is_empty());
    }
}
