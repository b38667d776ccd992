//! Sessions: connections that we hold to providers which do not call us (long polling). Each is run by the
//! one node that holds the channel's lease; what it brings goes to the journal before it is confirmed.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::{
    Outcome, Scope, Store, Task,
    lease::{self, Lease},
};
use channels::{
    Adapter, ChannelConfig, Context, PolledBatch, SandboxSwitch, SendError, SendErrorClass, Sink, SinkError,
};
use inbox::{
    channel_store::{ChannelHandle, by_id_unscoped},
    journal::{Accepted, Source},
    settle::{self, ChannelNews},
};
use model::{ChannelId, ChannelStatus, ChannelType, JournalId, NodeId};
use outbound::Client;
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Door, read};

/// How often channels are looked through.
const SCAN: Duration = Duration::from_secs(5);
/// How long a node may be gone before another takes its sessions over.
const LEASE: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What sessions need besides the door.
#[derive(Clone)]
pub struct Sessions {
    pub door: Door,
    pub http: Client,
    pub sandbox: SandboxSwitch,
    pub node: NodeId,
}

struct Running {
    version: i64,
    stop: CancellationToken,
}

impl Sessions {
    /// Runs a session for every channel that needs one, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut running: HashMap<ChannelId, Running> = HashMap::new();
        let tasks = TaskTracker::new();
        let types: Vec<ChannelType> = types_with_sessions();
        while !stop.is_cancelled() {
            match self.wanted(&types).await {
                Ok(wanted) => self.adjust(&mut running, &wanted, &tasks, &stop),
                Err(error) => tracing::warn!(%error, "channels cannot be looked through"),
            }
            tokio::select! {
                () = tokio::time::sleep(SCAN) => {}
                () = stop.cancelled() => {}
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn wanted(&self, types: &[ChannelType]) -> model::Result<HashMap<ChannelId, Arc<ChannelHandle>>> {
        let mut wanted = HashMap::new();
        for id in enabled(self.door.inbox().store(), types).await? {
            let found = match by_id_unscoped(self.door.inbox(), id).await {
                Ok(found) => found,
                Err(error) if bus::is_of_store(&error) => return Err(error),
                // only its own session waits
                Err(error) => {
                    tracing::error!(channel_id = %id, %error, source = ?error.source, "a channel cannot be read");
                    None
                }
            };
            if let Some(handle) = found
                && handle.is_enabled
                && self.door.needs_session(&handle)
            {
                wanted.insert(id, handle);
            }
        }
        Ok(wanted)
    }

    /// Starts what is missing, ends what is not wanted, and starts anew what was changed.
    fn adjust(
        &self,
        running: &mut HashMap<ChannelId, Running>,
        wanted: &HashMap<ChannelId, Arc<ChannelHandle>>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        running.retain(|id, session| {
            let keep = wanted.get(id).is_some_and(|handle| settings_of(handle) == session.version);
            if !keep {
                session.stop.cancel();
            }
            keep
        });
        for (id, handle) in wanted {
            running.entry(*id).or_insert_with(|| {
                let stop = stop.child_token();
                let (sessions, handle, until) = (self.clone(), Arc::clone(handle), stop.clone());
                let version = settings_of(&handle);
                tasks.spawn(async move { sessions.hold(handle, until).await });
                Running { version, stop }
            });
        }
    }

    /// Holds the channel's lease and its session; takes both again after an error.
    async fn hold(self, handle: Arc<ChannelHandle>, stop: CancellationToken) {
        let name = format!("session:{}", handle.id);
        let store = self.door.inbox().store();
        while !stop.is_cancelled() {
            let lease = lease::take(store, &name, self.node, LEASE).await;
            let Ok(Some(lease)) = lease else {
                pause(RENEW, &stop).await;
                continue;
            };
            self.serve(&handle, &lease, &stop).await;
            if let Err(error) = lease::release(store, &lease, self.node).await {
                tracing::debug!(%error, "the session's lease runs out by itself");
            }
        }
    }

    /// Runs the session until it is stopped or its lease is lost.
    async fn serve(&self, handle: &Arc<ChannelHandle>, lease: &Lease, stop: &CancellationToken) {
        let Some(adapter) = channels::registry().get(handle.channel_type, &handle.provider) else { return };
        let config = Arc::new(ChannelConfig::from(handle.facts()));
        let sink = JournalSink {
            sessions: self,
            door: &self.door,
            handle,
            was_broken: AtomicBool::new(handle.status == ChannelStatus::Error),
        };
        let mut wait = FIRST_PAUSE;
        let lost = self.keep(lease);
        tokio::pin!(lost);
        loop {
            let ctx = Context::new(
                self.http.clone(),
                Arc::clone(&config),
                adapter.profile(),
                Arc::clone(self.door.inbox().clock()),
                self.sandbox.clone(),
            )
            .lending(Arc::new(self.door.inbox().clone()));
            let started = tokio::time::Instant::now();
            let error = tokio::select! {
                () = stop.cancelled() => return,
                () = &mut lost => {
                    tracing::warn!(channel_id = %handle.id, "the session's lease was lost");
                    return;
                }
                ended = run(adapter, &ctx, &sink) => ended,
            };
            if started.elapsed() > LONGEST_PAUSE {
                wait = FIRST_PAUSE;
            }
            tracing::warn!(channel_id = %handle.id, %error, "a session ended; it is taken up again");
            let mut rest = wait;
            match error.class {
                SendErrorClass::Settings(_) | SendErrorClass::Gone => {
                    self.tell(handle, ChannelStatus::Error, Some(error.to_string())).await;
                    sink.was_broken.store(true, Ordering::Relaxed);
                    rest = LONGEST_PAUSE;
                }
                SendErrorClass::Throttled { after: Some(after), .. } => rest = after,
                _ => wait = (wait * 2).min(LONGEST_PAUSE),
            }
            tokio::select! {
                () = pause(rest, stop) => {}
                () = &mut lost => return,
            }
        }
    }

    /// Renews the lease; returns when it is lost.
    async fn keep(&self, lease: &Lease) {
        let mut renewed = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(RENEW).await;
            match lease::take(self.door.inbox().store(), &lease.name, self.node, LEASE).await {
                Ok(Some(kept)) if kept.token == lease.token => renewed = tokio::time::Instant::now(),
                // while the store is away nobody else can take it; stop in time all the same
                Err(_) if renewed.elapsed() + RENEW < LEASE => {}
                Ok(_) | Err(_) => return,
            }
        }
    }

    async fn tell(&self, handle: &ChannelHandle, status: ChannelStatus, error_message: Option<String>) {
        let news = ChannelNews { status: Some(status), error_message, pause: None, shared_by: None };
        if let Err(error) = settle::tell(self.door.inbox(), handle.account_id, handle.id, &news).await {
            tracing::debug!(%error, "the channel's status could not be written");
        }
    }
}

async fn run(adapter: &Arc<dyn Adapter>, ctx: &Context, sink: &JournalSink<'_>) -> SendError {
    match adapter.run(ctx, sink).await {
        Err(error) => error,
        Ok(()) => SendError::new(SendErrorClass::Unavailable, "ended", "the session ended by itself"),
    }
}

/// The enabled channels of these types.
async fn enabled(store: &Store, types: &[ChannelType]) -> Outcome<Vec<ChannelId>> {
    let types: Vec<&str> = types.iter().map(|of_type| of_type.as_str()).collect();
    let types = &types;
    store
        .read(Scope::System(Task::Door), |mut tx| async move {
            let ids = sqlx::query_scalar!(
                "SELECT id FROM channels WHERE is_enabled AND channel_type = ANY ($1) ORDER BY id",
                types as &[&str],
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(ids.into_iter().map(ChannelId).collect())
        })
        .await
}

async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// What a session depends on: a change of status alone must not end it.
fn settings_of(handle: &ChannelHandle) -> i64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    handle.credentials.to_string().hash(&mut hasher);
    handle.settings.to_string().hash(&mut hasher);
    handle.provider.hash(&mut hasher);
    hasher.finish() as i64
}

fn types_with_sessions() -> Vec<ChannelType> {
    use model::profile::SessionNeed;
    let mut types: Vec<ChannelType> = channels::registry()
        .profiles()
        .filter(|profile| profile.session != SessionNeed::Never)
        .map(|profile| profile.channel_type)
        .collect();
    types.dedup();
    types
}

/// Hands what a session receives to the journal.
struct JournalSink<'a> {
    sessions: &'a Sessions,
    door: &'a Door,
    handle: &'a ChannelHandle,
    /// The channel is shown as broken; what arrives proves that it is not.
    was_broken: AtomicBool,
}

impl JournalSink<'_> {
    /// The session does something: a channel that was shown as broken is not.
    async fn works(&self) {
        if self.was_broken.swap(false, Ordering::Relaxed) {
            self.sessions.tell(self.handle, ChannelStatus::Connected, None).await;
        }
    }
}

#[async_trait]
impl Sink for JournalSink<'_> {
    async fn accept(&self, batch: PolledBatch) -> Result<(), SinkError> {
        let id = JournalId::new();
        let received_at = self.door.inbox().now();
        let body = Accepted {
            id,
            account_id: self.handle.account_id,
            channel_id: self.handle.id,
            source: Source::Poll,
            received_at,
            method: "POST".to_owned(),
            query: None,
            content_type: Some(if self.handle.channel_type == ChannelType::Email {
                "message/rfc822".to_owned()
            } else {
                "application/json".to_owned()
            }),
            headers: serde_json::json!({}),
            body: batch.raw,
            reading: read::understood(self.handle, batch.incoming, received_at, id),
        };
        self.door.journal().accept(vec![body]).await.map_err(|error| SinkError(error.to_string()))?;
        self.works().await;
        Ok(())
    }

    async fn position(&self) -> Result<Option<Value>, SinkError> {
        let (account, channel) = (self.handle.account_id, self.handle.id.uuid());
        let kept = self
            .door
            .inbox()
            .store()
            .read(account, |mut tx| async move {
                let kept = sqlx::query_scalar!(
                    "SELECT position FROM session_positions WHERE channel_id = $1 AND account_id = $2",
                    channel,
                    account.uuid(),
                );
                Ok(kept.fetch_optional(&mut *tx).await?)
            })
            .await;
        kept.map_err(|fault| SinkError(fault.to_string()))
    }

    async fn remember(&self, position: Value) -> Result<(), SinkError> {
        let (account, channel) = (self.handle.account_id, self.handle.id.uuid());
        let (now, position) = (self.door.inbox().now(), &position);
        let kept = self
            .door
            .inbox()
            .store()
            .write(account, |mut tx| async move {
                sqlx::query!(
                    "INSERT INTO session_positions (channel_id, account_id, position, updated_at)
                     VALUES ($1, $2, $3, $4)
                     ON CONFLICT (channel_id) DO UPDATE SET position = excluded.position,
                         updated_at = excluded.updated_at",
                    channel,
                    account.uuid(),
                    position,
                    now,
                )
                .execute(&mut *tx)
                .await?;
                Ok(())
            })
            .await;
        kept.map_err(|fault| SinkError(fault.to_string()))?;
        self.works().await;
        Ok(())
    }
}
