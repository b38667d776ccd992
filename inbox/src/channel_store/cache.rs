//! Channels in memory. A handle younger than [`FRESH`] is taken as it is, unless this node has learned of
//! a change in the account; an older one is read again. While the store is down the last one known serves,
//! so that webhooks can still be verified.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{Nudges, Scope, nudge::Stale, store::Task};
use dashmap::DashMap;
use model::{AccountId, ChannelId, ChannelStatus, ChannelType, Result};

use super::{ChannelHandle, Sealed};
use crate::Inbox;

/// How long a change made by another node may go unnoticed.
const FRESH: Duration = Duration::from_millis(1500);
const MOST: u64 = 10_000;

struct Entry {
    handle: Option<Arc<ChannelHandle>>,
    read_at: Instant,
    /// Changes in the account that this node knew of before it read.
    generation: u64,
}

/// The channels that this node has used.
pub struct Cache {
    by_id: moka::sync::Cache<ChannelId, Arc<Entry>>,
    by_key: moka::sync::Cache<String, ChannelId>,
    generations: Arc<DashMap<AccountId, u64>>,
}

impl Cache {
    /// A cache that forgets an account's channels when a nudge says that they may be stale.
    pub fn new(nudges: &Nudges) -> Self {
        let generations: Arc<DashMap<AccountId, u64>> = Arc::default();
        let seen = Arc::clone(&generations);
        nudges.on_stale(move |stale| match stale {
            Stale::Account(account) => *seen.entry(account).or_default() += 1,
            // of every account that has a channel here, changed or not
            Stale::All => seen.iter_mut().for_each(|mut generation| *generation += 1),
        });
        Self { by_id: moka::sync::Cache::new(MOST), by_key: moka::sync::Cache::new(MOST), generations }
    }

    fn generation(&self, account: AccountId) -> u64 {
        self.generations.get(&account).map_or(0, |generation| *generation)
    }

    fn is_fresh(&self, entry: &Entry) -> bool {
        let unchanged =
            entry.handle.as_ref().is_none_or(|handle| self.generation(handle.account_id) == entry.generation);
        unchanged && entry.read_at.elapsed() < FRESH
    }
}

/// The channel of a webhook's path, or of a message that is to be sent; a bare finder: whoever calls it
/// acts for the account that the handle names. `None`: there is no such channel. A 503 means that the
/// store is down and this node has not used the channel before.
pub async fn by_id_unscoped(inbox: &Inbox, id: ChannelId) -> Result<Option<Arc<ChannelHandle>>> {
    let cache = inbox.channels();
    let known = cache.by_id.get(&id);
    if let Some(entry) = known.as_ref().filter(|entry| cache.is_fresh(entry)) {
        return Ok(entry.handle.clone());
    }
    let account = known.as_ref().and_then(|entry| entry.handle.as_ref()).map(|handle| handle.account_id);
    let before = account.map(|account| cache.generation(account));
    let read_at = Instant::now();
    let row = inbox
        .store()
        .read(Scope::System(Task::Door), |mut tx| async move {
            let row = sqlx::query_as!(
                Sealed,
                r#"SELECT id AS "id: ChannelId", account_id AS "account_id: AccountId", name,
                          channel_type AS "channel_type: ChannelType", provider,
                          status AS "status: ChannelStatus", is_enabled, credentials_sealed, settings,
                          public_key, sender_name, default_country_code, rate_limit, retry_count,
                          retry_interval, version, previous_sealed, previous_until
                   FROM channels WHERE id = $1"#,
                id.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            Ok(row)
        })
        .await;
    let handle = match row {
        Ok(row) => row.map(|row| row.open(inbox.secrets()).map(Arc::new)).transpose()?,
        Err(fault) if fault.is_unavailable() && known.is_some() => {
            return Ok(known.and_then(|entry| entry.handle.clone()));
        }
        Err(fault) => return Err(fault.into()),
    };
    // a channel seen for the first time: a change between the read and here is noticed after FRESH
    let generation =
        before.or_else(|| handle.as_ref().map(|handle| cache.generation(handle.account_id))).unwrap_or(0);
    cache.by_id.insert(id, Arc::new(Entry { handle: handle.clone(), read_at, generation }));
    Ok(handle)
}

/// The web chat channel of a public key; `None`: unknown. Like [`by_id_unscoped`] a bare finder.
pub async fn by_public_key(inbox: &Inbox, key: &str) -> Result<Option<Arc<ChannelHandle>>> {
    // every key that we made has this form; others need no query
    if key.len() > 64 || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return Ok(None);
    }
    let cache = inbox.channels();
    let id = match cache.by_key.get(key) {
        Some(id) => id,
        None => {
            let found = inbox
                .store()
                .read(Scope::System(Task::Door), |mut tx| async move {
                    let row = sqlx::query!("SELECT id FROM channels WHERE public_key = $1", key)
                        .fetch_optional(&mut *tx)
                        .await?;
                    Ok(row.map(|row| ChannelId(row.id)))
                })
                .await?;
            let Some(found) = found else { return Ok(None) };
            cache.by_key.insert(key.to_owned(), found);
            found
        }
    };
    by_id_unscoped(inbox, id).await
}
