//! Channels as the workers see them: found by id without a caller, with their credentials opened, and
//! remembered so that webhooks are verified even while the store is down.
//!
//! One of the few bare finders: what it returns is bound to its account, and every later query names that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bus::{Outcome, Scope, Task};
use model::{AccountId, ChannelId, ChannelStatus, ChannelType, Time};
use moka::sync::Cache;
use parking_lot::Mutex;
use serde_json::Value;

use crate::Inbox;

/// How old a remembered channel may be before it is read again; a change in this process is seen at once.
const FRESH: Duration = Duration::from_secs(10);
/// How long it is remembered that there is no such channel.
const ABSENT: Duration = Duration::from_secs(3);

/// A channel and what a worker needs of it. Its credentials are open: it has no `Debug` that shows them.
#[derive(Clone)]
pub struct ChannelHandle {
    pub id: ChannelId,
    pub account_id: AccountId,
    pub channel_type: ChannelType,
    /// The provider's slug, as stored.
    pub provider: String,
    pub status: ChannelStatus,
    pub is_enabled: bool,
    pub credentials: Value,
    pub settings: Value,
    pub sender_name: Option<String>,
    pub default_country_code: Option<String>,
    /// Messages a minute.
    pub rate_limit: Option<i32>,
    /// Retries before a message is given up; `None`: by age.
    pub retry_count: Option<i32>,
    /// Seconds between retries; `None`: the built-in ladder.
    pub retry_interval: Option<i32>,
    /// Nothing is sent before.
    pub paused_until: Option<Time>,
    pub version: i64,
}

impl std::fmt::Debug for ChannelHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelHandle({} {} {})", self.channel_type, self.provider, self.id)
    }
}

struct Remembered {
    handle: Arc<ChannelHandle>,
    read_at: Mutex<Instant>,
    /// It was changed since.
    is_stale: AtomicBool,
}

/// The channels that a worker has met. Cheap to clone; clones share the memory.
#[derive(Clone)]
pub struct ChannelDirectory {
    inbox: Inbox,
    known: Cache<ChannelId, Arc<Remembered>>,
    absent: Cache<ChannelId, ()>,
}

impl ChannelDirectory {
    #[must_use]
    pub fn new(inbox: Inbox) -> Self {
        let known: Cache<ChannelId, Arc<Remembered>> = Cache::new(10_000);
        let absent = Cache::builder().max_capacity(10_000).time_to_live(ABSENT).build();
        let (seen, missing) = (known.clone(), absent.clone());
        inbox.store().nudges().on_stale(move |account| {
            missing.invalidate_all();
            for (_, remembered) in &seen {
                if remembered.handle.account_id == account {
                    remembered.is_stale.store(true, Ordering::Release);
                }
            }
        });
        Self { inbox, known, absent }
    }

    /// The channel, at most a few seconds old; older than that only while the store is down. `None`:
    /// there is no such channel.
    pub async fn find(&self, id: ChannelId) -> Outcome<Option<Arc<ChannelHandle>>> {
        let remembered = self.known.get(&id);
        if let Some(remembered) = &remembered
            && !remembered.is_stale.load(Ordering::Acquire)
        {
            let mut read_at = remembered.read_at.lock();
            if read_at.elapsed() < FRESH {
                return Ok(Some(Arc::clone(&remembered.handle)));
            }
            // one caller reads it again, the others go on with what is known
            *read_at = Instant::now();
        }
        if self.absent.contains_key(&id) {
            return Ok(None);
        }
        match self.read(id).await {
            Ok(Some(handle)) => {
                let handle = Arc::new(handle);
                self.known.insert(
                    id,
                    Arc::new(Remembered {
                        handle: Arc::clone(&handle),
                        read_at: Mutex::new(Instant::now()),
                        is_stale: AtomicBool::new(false),
                    }),
                );
                Ok(Some(handle))
            }
            Ok(None) => {
                self.known.invalidate(&id);
                self.absent.insert(id, ());
                Ok(None)
            }
            Err(fault) if fault.is_unavailable() && remembered.is_some() => {
                Ok(remembered.map(|remembered| Arc::clone(&remembered.handle)))
            }
            Err(fault) => Err(fault),
        }
    }

    /// The enabled channels of these types.
    pub async fn enabled(&self, types: &[ChannelType]) -> Outcome<Vec<ChannelId>> {
        let types: Vec<&str> = types.iter().map(|of_type| of_type.as_str()).collect();
        self.inbox
            .store()
            .read(Scope::System(Task::Door), |mut tx| {
                let types = &types;
                async move {
                    let ids = sqlx::query_scalar!(
                        "SELECT id FROM channels WHERE is_enabled AND channel_type = ANY ($1) ORDER BY id",
                        types as &[&str],
                    )
                    .fetch_all(&mut *tx)
                    .await?;
                    Ok(ids.into_iter().map(ChannelId).collect())
                }
            })
            .await
    }

    async fn read(&self, id: ChannelId) -> Outcome<Option<ChannelHandle>> {
        let row = self
            .inbox
            .store()
            .read(Scope::System(Task::Door), |mut tx| async move {
                Ok(sqlx::query!(
                    r#"SELECT account_id, channel_type AS "channel_type: ChannelType", provider,
                              status AS "status: ChannelStatus", is_enabled, credentials_sealed, settings,
                              sender_name, default_country_code, rate_limit, retry_count, retry_interval,
                              paused_until, version
                       FROM channels WHERE id = $1"#,
                    id.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?)
            })
            .await?;
        let Some(row) = row else { return Ok(None) };
        let opened = self.inbox.secrets().open(&credentials_place(id), &row.credentials_sealed)?;
        let credentials = serde_json::from_slice(&opened).map_err(model::Error::internal)?;
        Ok(Some(ChannelHandle {
            id,
            account_id: AccountId(row.account_id),
            channel_type: row.channel_type,
            provider: row.provider,
            status: row.status,
            is_enabled: row.is_enabled,
            credentials,
            settings: row.settings,
            sender_name: row.sender_name,
            default_country_code: row.default_country_code,
            rate_limit: row.rate_limit,
            retry_count: row.retry_count,
            retry_interval: row.retry_interval,
            paused_until: row.paused_until,
            version: row.version,
        }))
    }
}

/// The place that a channel's credentials are sealed for.
#[must_use]
pub fn credentials_place(id: ChannelId) -> String {
    format!("channel:{id}")
}
