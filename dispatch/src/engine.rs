//! The dispatch engine: a lane for each channel type, so that a slow one does not hold the others up.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{
    Buckets, Outcome, Scope, Task,
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
    bulk::Bulk,
    claim::{self, Candidate, Claimed},
    deliver::Courier,
    governor::{Governor, Grant},
    recorder,
    together::{Paced, Together},
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
    /// Messages of group messages that are being sent at once, beside those.
    pub bulk_in_flight: usize,
    /// How long a message is claimed for. Its last request ends half a minute earlier.
    pub lease: Duration,
    /// How often the store is looked at for what no nudge told of: retries, other nodes' answers.
    pub poll: Duration,
    /// How long a stopping engine waits for requests to end.
    pub drain: Duration,
    /// The types of channel whose answers leave from this node; `None`: all.
    pub types: Option<Vec<ChannelType>>,
    /// Whether messages of group messages leave from this node.
    pub bulk: bool,
    /// No other node works on this store: leases found at the start are leftovers.
    pub is_only_node: bool,
}

impl Default for DispatchOptions {
    fn default() -> Self {
        Self {
            in_flight: 64,
            bulk_in_flight: 256,
            lease: Duration::from_mins(2),
            poll: Duration::from_millis(500),
            drain: Duration::from_secs(30),
            types: None,
            bulk: true,
            is_only_node: false,
        }
    }
}

/// The engine. [`Dispatch::run`] runs it.
pub struct Dispatch {
    courier: Arc<Courier>,
    options: DispatchOptions,
    lanes: HashMap<ChannelType, Arc<Dirty<Waiting>>>,
    /// Types that other nodes send.
    elsewhere: HashSet<ChannelType>,
    /// Which channel a conversation belongs to never changes.
    channel_of: Cache<ConversationId, (ChannelId, ChannelType)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Waiting {
    key: KeyRef,
    channel_id: ChannelId,
}

impl Dispatch {
    /// `shared`: rates that other nodes count, too; none when there are none.
    pub fn new(
        inbox: Inbox,
        http: Client,
        sandbox: SandboxSwitch,
        shared: Option<Arc<dyn Buckets>>,
        options: DispatchOptions,
    ) -> Self {
        let send_time = options.lease.saturating_sub(Duration::from_secs(45)).max(options.lease / 3);
        let types = channels::registry().profiles().filter(|profile| profile.dispatched);
        let is_here =
            |of_type: &ChannelType| options.types.as_ref().is_none_or(|types| types.contains(of_type));
        let (here, elsewhere): (HashSet<_>, HashSet<_>) =
            types.map(|profile| profile.channel_type).partition(is_here);
        let lanes = here.into_iter().map(|of_type| (of_type, Arc::default())).collect();
        let courier = Courier {
            inbox,
            http,
            sandbox,
            governor: Governor::default(),
            together: Together::new(shared),
            send_time,
        };
        Self { courier: Arc::new(courier), options, lanes, elsewhere, channel_of: Cache::new(100_000) }
    }

    /// Delivers until `stop`, then lets running requests end and their outcomes be written. Returns earlier
    /// when a part of it broke: nothing may go on as if all were delivered.
    pub async fn run(self, stop: CancellationToken) {
        if self.options.is_only_node {
            self.free_leftovers().await;
        }
        let bulk = Bulk::new(Arc::clone(&self.courier), self.options.clone());
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
        let (sends_bulk, bulk_until) = (engine.options.bulk, until.clone());
        let mut bulk = tokio::spawn(async move {
            if sends_bulk { bulk.run(bulk_until).await } else { bulk_until.cancelled().await }
        });
        let is_recording = tokio::select! {
            () = engine.distribute(&until) => true,
            Some(ended) = lanes.join_next() => {
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "a lane of the dispatch engine broke");
                }
                true
            }
            ended = &mut recorder => {
                // at the end it may be done before this looks
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "the recorder of outcomes broke");
                }
                false
            }
            ended = &mut bulk => {
                // where it is another node's, it ends at once when told to
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "the sending of group messages broke");
                }
                true
            }
        };
        until.cancel();
        if !bulk.is_finished()
            && let Err(error) = bulk.await
        {
            tracing::error!(%error, "the sending of group messages broke");
        }
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
            let Some((channel_id, of_type)) = known(&key) else {
                strays.push(key);
                continue;
            };
            match self.lanes.get(&of_type) {
                Some(lane) => lane.mark(Waiting { key, channel_id }),
                None if self.elsewhere.contains(&of_type) => {}
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
        self.ask_all_nodes(&mut candidates, &handles).await;
        let max_age = self.inbox().settings().reply_max_age;
        let claimed = claim::claim(self.inbox(), &candidates, self.options.lease, max_age).await;
        self.give_back(&candidates, claimed.as_deref().unwrap_or_default(), &handles).await;
        Ok(claimed?
            .into_iter()
            .map(|one| {
                let handle = handles.get(&one.channel_id).cloned().flatten();
                (one, handle)
            })
            .collect())
    }

    /// What this node would let go may have been used up by others.
    async fn ask_all_nodes(
        &self,
        candidates: &mut [Candidate],
        handles: &HashMap<ChannelId, Option<Arc<ChannelHandle>>>,
    ) {
        for (id, handle) in handles {
            let Some(handle) = handle else { continue };
            let goes = |one: &Candidate| one.channel_id == *id && one.grant == Grant::Go;
            let wanted = candidates.iter().filter(|one| goes(one)).count();
            let (granted, wait) =
                self.courier.together.take(Paced::Channel(*id), rate_of(handle), wanted).await;
            for one in candidates.iter_mut().filter(|one| goes(one)).skip(granted) {
                one.grant = Grant::Wait(wait, "the channel's rate is used up");
                self.courier.governor.give_back(*id, rate_of(handle));
            }
        }
    }

    /// Tokens that were taken for nothing.
    async fn give_back(
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
        for (id, handle) in handles {
            let Some(handle) = handle else { continue };
            let unused = |one: &&Candidate| {
                one.channel_id == *id && one.grant == Grant::Go && !used.contains(one.key.key.as_str())
            };
            let count = candidates.iter().filter(unused).count();
            for _ in 0..count {
                self.courier.governor.give_back(*id, rate_of(handle));
            }
            self.courier.together.give_back(Paced::Channel(*id), rate_of(handle), count).await;
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
pub(crate) fn rate_of(handle: &ChannelHandle) -> Option<u32> {
    let own = handle.rate_limit.and_then(|rate| u32::try_from(rate).ok());
    let provider =
        || channels::registry().get(handle.channel_type, &handle.provider)?.profile().default_rate_per_minute;
    own.or_else(provider)
}
