//! Who is connected and available, as shown to colleagues. Routing never reads this: it reads the rows
//! of `agent_state`.

use dashmap::DashMap;
use model::{AccountId, AgentStatus, UserId};
use serde::{Deserialize, Serialize};

/// How an agent appears to colleagues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Seen {
    pub user_id: UserId,
    /// `offline` when no tab is connected, whatever was chosen.
    pub status: AgentStatus,
    pub since: chrono::DateTime<chrono::Utc>,
}

/// What every node shows of agents' presence.
///
/// Guarantee: eventually the same on all nodes; a lost update is repaired by the node's next refresh
/// within 20 s. Never used for decisions.
pub trait Presence: Send + Sync + 'static {
    /// Sets how an agent appears; `true` when that is a change.
    fn set(&self, account: AccountId, seen: Seen) -> bool;
    /// Everyone of the account who is not offline.
    fn snapshot(&self, account: AccountId) -> Vec<Seen>;
}

/// [`Presence`] within one process.
#[derive(Debug, Default)]
pub struct LocalPresence(DashMap<AccountId, std::collections::BTreeMap<UserId, Seen>>);

impl Presence for LocalPresence {
    fn set(&self, account: AccountId, seen: Seen) -> bool {
        let mut users = self.0.entry(account).or_default();
        if seen.status == AgentStatus::Offline {
            return users.remove(&seen.user_id).is_some();
        }
        let before = users.get(&seen.user_id).map(|before| before.status);
        let changed = before != Some(seen.status);
        if changed {
            users.insert(seen.user_id, seen);
        }
        changed
    }

    fn snapshot(&self, account: AccountId) -> Vec<Seen> {
        self.0.get(&account).map(|users| users.values().cloned().collect()).unwrap_or_default()
    }
}
