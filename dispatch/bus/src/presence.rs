//! Who is connected and available, as shown to colleagues. Routing never reads this: it reads the rows
//! of `agent_state`.

use std::collections::{BTreeMap, HashSet};

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

/// What a node shows of agents' presence.
///
/// Guarantee: eventually the same on all nodes. Changes travel by [`crate::Live`]; what was lost on the way is repaired
/// when the node next reads the rows, within seconds. Never used for decisions.
#[derive(Debug, Default)]
pub struct Presence(DashMap<AccountId, Known>);

/// The agents of one account who are not offline.
#[derive(Debug, Default)]
struct Known {
    agents: BTreeMap<UserId, Seen>,
    /// How often something was told of them.
    told: u64,
    /// The rows were read; before, only what was told is known.
    is_whole: bool,
}

impl Known {
    fn set(&mut self, seen: Seen) -> bool {
        if seen.status == AgentStatus::Offline {
            return self.agents.remove(&seen.user_id).is_some();
        }
        let changed = self.agents.get(&seen.user_id).map(|before| before.status) != Some(seen.status);
        if changed {
            self.agents.insert(seen.user_id, seen);
        }
        changed
    }
}

impl Presence {
    /// Sets how an agent appears; `true` when that is a change.
    pub fn set(&self, account: AccountId, seen: Seen) -> bool {
        let mut known = self.0.entry(account).or_default();
        known.told += 1;
        known.set(seen)
    }

    /// How often something was told of the account; ask before the rows are read.
    #[must_use]
    pub fn told(&self, account: AccountId) -> u64 {
        self.0.get(&account).map_or(0, |known| known.told)
    }

    /// Everyone of the account who is not offline, as the rows say that were read when so much had been told; returns
    /// who appears otherwise than before. Nothing is done when more was told meanwhile: that is newer than the rows.
    pub fn set_all(&self, account: AccountId, all: Vec<Seen>, told: u64) -> Vec<Seen> {
        let mut known = self.0.entry(account).or_default();
        if known.told != told {
            return Vec::new();
        }
        known.is_whole = true;
        let present: HashSet<UserId> = all.iter().map(|seen| seen.user_id).collect();
        let gone: Vec<Seen> =
            known.agents.values().filter(|seen| !present.contains(&seen.user_id)).cloned().collect();
        let gone = gone.into_iter().map(|seen| Seen { status: AgentStatus::Offline, ..seen });
        gone.chain(all).filter(|seen| known.set(seen.clone())).collect()
    }

    /// Whether all of the account's agents are known.
    #[must_use]
    pub fn is_whole(&self, account: AccountId) -> bool {
        self.0.get(&account).is_some_and(|known| known.is_whole)
    }

    /// Everyone of the account who is not offline.
    #[must_use]
    pub fn snapshot(&self, account: AccountId) -> Vec<Seen> {
        self.0.get(&account).map(|known| known.agents.values().cloned().collect()).unwrap_or_default()
    }

    /// Forgets accounts that nobody looks at.
    pub fn keep(&self, is_looked_at: impl Fn(AccountId) -> bool) {
        self.0.retain(|account, _| is_looked_at(*account));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(user_id: UserId, status: AgentStatus) -> Seen {
        Seen { user_id, status, since: chrono::DateTime::UNIX_EPOCH }
    }

    #[test]
    fn the_rows_repair_what_was_lost() {
        let (presence, account) = (Presence::default(), AccountId::new());
        let (ada, bob, eve) = (UserId::new(), UserId::new(), UserId::new());
        assert!(presence.set(account, seen(ada, AgentStatus::Online)));
        assert!(!presence.set(account, seen(ada, AgentStatus::Online)), "no change");
        assert!(presence.set(account, seen(bob, AgentStatus::Away)));
        assert!(!presence.is_whole(account), "others may be there, too");
        // bob went, ada is away, eve came: none of it was heard
        let rows = vec![seen(ada, AgentStatus::Away), seen(eve, AgentStatus::Online)];
        let told = presence.told(account);
        let changed = presence.set_all(account, rows.clone(), told);
        assert!(presence.is_whole(account));
        assert_eq!(changed.len(), 3);
        assert!(changed.contains(&seen(bob, AgentStatus::Offline)), "{changed:?}");
        assert!(presence.set_all(account, rows.clone(), told).is_empty(), "nothing new");
        assert_eq!(presence.snapshot(account).len(), 2);
        assert!(presence.set(account, seen(eve, AgentStatus::Away)));
        assert!(presence.set_all(account, rows, told).is_empty(), "the rows are older than what was told");
        assert!(presence.snapshot(account).contains(&seen(eve, AgentStatus::Away)));
    }
}
