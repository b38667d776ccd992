//! The dispatch engine: a lane for each channel type, so that a slow one does not hold the others up.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{
    Outcome, Scope, Task,
    mailbox::{self, BoxName, KeyRef},
    nudge::Dirty,
};
use channels::SandboxSwitch;
use inbox::{
    Inbox,
    channel_store::{ChannelHandle, by_id_unscoped},
    settle::Settled,
};
use model::{AccountId, ChannelId, ChannelType, ConversationId};
use moka::sync::Cache;
use outbound::Client;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    claim::{self, Candidate, Claimed},
    deliver::Courier,
    governor::{Governor, Grant},
    recorder,
};

/// Keys that one transaction claims.
const BATCH: usize = 64;
/// Keys that a look into the store brings at most.
const LOOK: i64 = 2000;
/// Outcomes that may wait to be written; more hold the lanes up.
const OUTCOMES: usize = 1024;

/// How the engine works.
#[derive(Debug, Clone)]
pub struct DispatchOptions {
    /// Messages of one channel type that are being sent at once.
    pub in_flight: usize,
    /// How long a message is claimed for. Its last request ends half a minute earlier.
    pub lease: Duration,
    /// How often the store is looked at for what no nudge told of: retries, other nodes' answers.
    pub poll: Duration,
    /// How long a stopping engine waits for requests to end.
    pub drain: Duration,
    /// No other node works on this store: leases found at the start are leftovers.
    pub is_only_node: bool,
}

impl Default for DispatchOptions {
    fn default() -> Self {
        Self {
            in_flight: 64,
            lease: Duration::from_mins(2),
            poll: Duration::from_millis(500),
            drain: Duration::from_secs(30),
            is_only_node: false,
        }
    }
}

/// The engine. [`Dispatch::run`] runs it.
pub struct Dispatch {
    courier: Arc<Courier>,
    options: DispatchOptions,
    lanes: HashMap<ChannelType, Arc<Dirty<Waiting>>>,
    /// Which channel a conversation belongs to never changes.
    channel_of: Cache<ConversationId, (ChannelId, ChannelType)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Waiting {
    key: KeyRef,
    channel_id: ChannelId,
}

impl Dispatch {
    pub fn new(inbox: Inbox, http: Client, sandbox: SandboxSwitch, options: DispatchOptions) -> Self {
        let send_time = options.lease.saturating_sub(Duration::from_secs(45)).max(options.lease / 3);
        let lanes = channels::registry()
            .profiles()
            .filter(|profile| profile.dispatched)
            .map(|profile| (profile.channel_type, Arc::default()))
            .collect();
        let courier = Courier { inbox, http, sandbox, governor: Governor::default(), send_time };
        Self { courier: Arc::new(courier), options, lanes, channel_of: Cache::new(100_000) }
    }

    /// Delivers until `stop`, then lets running requests end and their outcomes be written. Returns earlier
    /// when a part of it broke: nothing may go on as if all were delivered.
    pub async fn run(self, stop: CancellationToken) {
        if self.options.is_only_node {
            self.free_leftovers().await;
        }
        let (outcomes, receiver) = mpsc::channel(OUTCOMES);
        let mut recorder = tokio::spawn(recorder::run(self.inbox().clone(), receiver));
        let tracker = TaskTracker::new();
        let engine = Arc::new(self);
        // ends with `stop`, or when one of its parts has
        let until = stop.child_token();
        let mut lanes = JoinSet::new();
        for lane in engine.lanes.values() {
            let (engine, lane) = (Arc::clone(&engine), Arc::clone(lane));
            let (outcomes, tracker, until) = (outcomes.clone(), tracker.clone(), until.clone());
            lanes.spawn(async move { engine.work(&lane, &outcomes, &tracker, &until).await });
        }
        drop(outcomes);
        let is_recording = tokio::select! {
            () = engine.distribute(&until) => true,
            Some(ended) = lanes.join_next() => {
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "a lane of the dispatch engine broke");
                }
                true
            }
            ended = &mut recorder => {
                tracing::error!(?ended, "the recorder of outcomes broke");
                false
            }
        };
        until.cancel();
        while let Some(ended) = lanes.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a lane of the dispatch engine broke");
            }
        }
        tracker.close();
        if tokio::time::timeout(engine.options.drain, tracker.wait()).await.is_err() {
            tracing::warn!(
                sends = tracker.len(),
                "requests were still running at the end; their outcome is asked for later"
            );
        }
        // a request that outlives the drain holds the channel open; its outcome is not waited for
        if is_recording && tokio::time::timeout(Duration::from_secs(5), recorder).await.is_err() {
            tracing::warn!("some outcomes were not written; their leases will end");
        }
    }

    fn inbox(&self) -> &Inbox {
        &self.courier.inbox
    }

    /// Sorts keys with something due into the lanes of their channel types.
    async fn distribute(&self, stop: &CancellationToken) {
        let nudged = self.inbox().store().nudges().mailbox(BoxName::Reply);
        let mut looked = None::<Instant>;
        while !stop.is_cancelled() {
            let mut keys = tokio::select! {
                keys = nudged.take(BATCH * 8, self.options.poll) => keys,
                () = stop.cancelled() => return,
            };
            let due = looked.is_none_or(|at| at.elapsed() >= self.options.poll);
            if due {
                match mailbox::due(self.inbox().store(), BoxName::Reply, LOOK).await {
                    Ok(due) => keys.extend(due),
                    Err(error) => tracing::debug!(%error, "due replies cannot be looked for"),
                }
                looked = Some(Instant::now());
            }
            if let Err(error) = self.sort(keys).await {
                tracing::debug!(%error, "replies cannot be sorted; they are found again");
                tokio::time::sleep(self.options.poll).await;
            }
        }
    }

    async fn sort(&self, keys: Vec<KeyRef>) -> Outcome<()> {
        let known = |key: &KeyRef| {
            let id: ConversationId = key.key.parse().ok()?;
            self.channel_of.get(&id)
        };
        let missing: Vec<&KeyRef> = keys.iter().filter(|key| known(key).is_none()).collect();
        if !missing.is_empty() {
            self.learn(&missing).await?;
        }
        let mut strays = Vec::new();
        for key in keys {
            match known(&key).and_then(|(id, of_type)| Some((id, self.lanes.get(&of_type)?))) {
                Some((channel_id, lane)) => lane.mark(Waiting { key, channel_id }),
                None => strays.push(key),
            }
        }
        if strays.is_empty() { Ok(()) } else { self.park(&strays).await }
    }

    /// Replies that nothing can be done with wait for a person.
    async fn park(&self, keys: &[KeyRef]) -> Outcome<()> {
        let accounts: BTreeSet<AccountId> = keys.iter().map(|key| key.account_id).collect();
        let lease = self.options.lease;
        self.inbox()
            .store()
            .write(Scope::Accounts(accounts.into_iter().collect()), |mut tx| async move {
                let held = mailbox::claim(&mut tx, BoxName::Reply, keys, lease).await?;
                for one in &held {
                    tracing::warn!(message_id = %one.item.ref_id, "a reply without a channel to send on is parked");
                    mailbox::park(&mut tx, one.item.id, "no conversation or channel to send it on").await?;
                }
                mailbox::release_many(&mut tx, BoxName::Reply, &held.iter().collect::<Vec<_>>()).await
            })
            .await
    }

    async fn learn(&self, keys: &[&KeyRef]) -> Outcome<()> {
        let ids: Vec<Uuid> = keys.iter().filter_map(|key| key.key.parse().ok()).collect();
        let accounts: BTreeSet<AccountId> = keys.iter().map(|key| key.account_id).collect();
        let ids = &ids;
        let rows = self
            .inbox()
            .store()
            .read(Scope::Accounts(accounts.into_iter().collect()), |mut tx| async move {
                Ok(sqlx::query!(
                    r#"SELECT id, channel_id, channel_type AS "channel_type: ChannelType"
                       FROM conversations WHERE id = ANY ($1)"#,
                    ids
                )
                .fetch_all(&mut *tx)
                .await?)
            })
            .await?;
        for row in rows {
            self.channel_of.insert(ConversationId(row.id), (ChannelId(row.channel_id), row.channel_type));
        }
        Ok(())
    }

    /// One lane: as many messages in flight as allowed, each in its own task.
    async fn work(
        self: &Arc<Self>,
        lane: &Dirty<Waiting>,
        outcomes: &mpsc::Sender<Settled>,
        tracker: &TaskTracker,
        stop: &CancellationToken,
    ) {
        let slots = Arc::new(Semaphore::new(self.options.in_flight));
        loop {
            let Ok(first) = Arc::clone(&slots).acquire_owned().await else { return };
            let mut permits = vec![first];
            while permits.len() < BATCH {
                let Ok(more) = Arc::clone(&slots).try_acquire_owned() else { break };
                permits.push(more);
            }
            let waiting = tokio::select! {
                waiting = lane.take(permits.len(), Duration::from_secs(1)) => waiting,
                () = stop.cancelled() => return,
            };
            if stop.is_cancelled() {
                return;
            }
            if waiting.is_empty() {
                continue;
            }
            match self.claim(&waiting).await {
                Ok(claimed) => self.start(claimed, permits, outcomes, tracker),
                Err(error) => {
                    tracing::debug!(%error, "replies cannot be claimed; they are found again");
                    tokio::time::sleep(self.options.poll).await;
                }
            }
        }
    }

    async fn claim(&self, waiting: &[Waiting]) -> Outcome<Vec<(Claimed, Option<Arc<ChannelHandle>>)>> {
        let now = Instant::now();
        let mut handles: HashMap<ChannelId, Option<Arc<ChannelHandle>>> = HashMap::new();
        let mut candidates = Vec::with_capacity(waiting.len());
        for one in waiting {
            let handle = if let Some(handle) = handles.get(&one.channel_id) {
                handle.clone()
            } else {
                let found = match by_id_unscoped(self.inbox(), one.channel_id).await {
                    Ok(found) => found,
                    Err(error) if bus::is_of_store(&error) => return Err(error.into()),
                    // nobody else's messages may wait for it; its own fail as if it were gone
                    Err(error) => {
                        tracing::error!(channel_id = %one.channel_id, %error, source = ?error.source,
                            "a channel cannot be read: its messages fail");
                        None
                    }
                };
                handles.insert(one.channel_id, found.clone());
                found
            };
            let grant = handle
                .map_or(Grant::Go, |handle| self.courier.governor.take(handle.id, rate_of(&handle), now));
            candidates.push(Candidate { key: one.key.clone(), channel_id: one.channel_id, grant });
        }
        let max_age = self.inbox().settings().reply_max_age;
        let claimed = claim::claim(self.inbox(), &candidates, self.options.lease, max_age).await;
        self.give_back(&candidates, claimed.as_deref().unwrap_or_default(), &handles);
        Ok(claimed?
            .into_iter()
            .map(|one| {
                let handle = handles.get(&one.channel_id).cloned().flatten();
                (one, handle)
            })
            .collect())
    }

    /// Tokens that were taken for nothing.
    fn give_back(
        &self,
        candidates: &[Candidate],
        claimed: &[Claimed],
        handles: &HashMap<ChannelId, Option<Arc<ChannelHandle>>>,
    ) {
        let used: HashSet<&str> = claimed
            .iter()
            .filter(|one| matches!(one.task, claim::Task::Send { .. }))
            .map(|one| one.held.item.key.key.as_str())
            .collect();
        for candidate in candidates {
            if candidate.grant == Grant::Go && !used.contains(candidate.key.key.as_str()) {
                let handle = handles.get(&candidate.channel_id).and_then(Option::as_ref);
                if let Some(handle) = handle {
                    self.courier.governor.give_back(handle.id, rate_of(handle));
                }
            }
        }
    }

    fn start(
        &self,
        claimed: Vec<(Claimed, Option<Arc<ChannelHandle>>)>,
        mut permits: Vec<OwnedSemaphorePermit>,
        outcomes: &mpsc::Sender<Settled>,
        tracker: &TaskTracker,
    ) {
        for (one, handle) in claimed {
            let permit = permits.pop();
            let (courier, outcomes) = (Arc::clone(&self.courier), outcomes.clone());
            tracker.spawn(async move {
                let settled = courier.deliver(one, handle).await;
                if let Err(mpsc::error::SendError(lost)) = outcomes.send(settled).await {
                    // its lease ends with the attempt open: the provider is asked then
                    tracing::error!(message_id = %lost.message_id, "an outcome has nobody to write it down");
                }
                drop(permit);
            });
        }
    }

    /// After a crash of the only node its leases would hold their messages for minutes.
    async fn free_leftovers(&self) {
        let freed = self
            .inbox()
            .store()
            .write(Scope::System(Task::Mailbox), |mut tx| async move {
                let rows = sqlx::query!(
                    "UPDATE mailbox_keys SET leased_until = NULL, token = token + 1
                     WHERE box = $1 AND leased_until IS NOT NULL",
                    BoxName::Reply.as_str(),
                )
                .execute(&mut *tx)
                .await?;
                Ok(rows.rows_affected())
            })
            .await;
        match freed {
            Ok(0) => {}
            Ok(keys) => tracing::info!(keys, "replies of an earlier run are taken up again"),
            Err(error) => tracing::warn!(%error, "leases of an earlier run are left to end by themselves"),
        }
    }
}

/// Messages a minute: the channel's own limit, or its provider's.
fn rate_of(handle: &ChannelHandle) -> Option<u32> {
    let own = handle.rate_limit.and_then(|rate| u32::try_from(rate).ok());
    let provider =
        || channels::registry().get(handle.channel_type, &handle.provider)?.profile().default_rate_per_minute;
    own.or_else(provider)
}
