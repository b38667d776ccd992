//! Group messages: recipients are claimed in small sets, tenant by tenant, and sent by the same [`Courier`] as
//! replies, with slots of their own and behind replies in every bucket. What a reply needs is never waited
//! for: the lanes of replies know nothing of this.

mod pace;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{
    Outcome,
    mailbox::{Held, Item, KeyRef},
};
use inbox::{
    Inbox,
    channel_store::{ChannelHandle, by_id_unscoped},
    group_messages::{
        claim::{self, Runnable, Taken, TakenTask},
        work,
    },
    settle::Settled,
};
use model::{AccountId, ChannelId, SenderType};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    claim::{Claimed, Loaded, Task},
    deliver::Courier,
    engine::{DispatchOptions, rate_of},
    recorder,
    together::Paced,
};
use pace::{InFlight, Paces};

/// Recipients that one transaction claims.
const CHUNK: usize = 200;
/// Between two looks when nothing could be claimed.
const IDLE: Duration = Duration::from_millis(50);
const LONGEST_IDLE: Duration = Duration::from_millis(800);
/// Between two looks for attempts whose outcome is open.
const ASK_EVERY: Duration = Duration::from_secs(1);
const ASK_AT_ONCE: usize = 64;
/// Outcomes that may wait to be written; more hold sending up. All tenants wait in the same row: it is short.
const OUTCOMES: usize = 400;
/// Slots that are waited for, and how long: a transaction for a handful costs as much as one for many.
const GATHERED: u32 = 50;
const GATHERING: Duration = Duration::from_millis(20);

/// The part of the engine that works off group messages.
pub(crate) struct Bulk {
    courier: Arc<Courier>,
    options: DispatchOptions,
    slots: Arc<Semaphore>,
    in_flight: InFlight,
    paces: Paces,
    tracker: TaskTracker,
}

impl Bulk {
    pub(crate) fn new(courier: Arc<Courier>, options: DispatchOptions) -> Self {
        let slots = Arc::new(Semaphore::new(options.bulk_in_flight));
        let in_flight = InFlight::new(options.bulk_in_flight.div_ceil(2));
        Self { courier, options, slots, in_flight, paces: Paces::default(), tracker: TaskTracker::new() }
    }

    fn inbox(&self) -> &Inbox {
        &self.courier.inbox
    }

    /// Works until `stop`, then lets running requests end and their outcomes be written.
    pub(crate) async fn run(self, stop: CancellationToken) {
        if self.options.is_only_node {
            match claim::free_leftovers(self.inbox()).await {
                Ok(0) => {}
                Ok(recipients) => tracing::info!(recipients, "recipients of an earlier run are asked about"),
                Err(error) => {
                    tracing::warn!(%error, "claims of an earlier run are left to end by themselves");
                }
            }
        }
        let (outcomes, receiver) = mpsc::channel(OUTCOMES);
        let recorder = tokio::spawn(recorder::run_bulk(self.inbox().clone(), receiver));
        // both end by themselves, never in the middle of a claim: what is claimed is sent
        tokio::join!(self.claim_all(&outcomes, &stop), self.ask_all(&outcomes, &stop));
        drop(outcomes);
        self.tracker.close();
        if tokio::time::timeout(self.options.drain, self.tracker.wait()).await.is_err() {
            tracing::warn!(sends = self.tracker.len(), "bulk requests were still running at the end");
        }
        if tokio::time::timeout(Duration::from_secs(5), recorder).await.is_err() {
            tracing::warn!("some bulk outcomes were not written; their claims will end");
        }
    }

    async fn claim_all(&self, outcomes: &mpsc::Sender<Settled>, stop: &CancellationToken) {
        let (mut turn, mut pause) = (0_usize, IDLE);
        while !stop.is_cancelled() {
            let claimed = match self.round(turn, outcomes, stop).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::debug!(%error, "recipients cannot be claimed; they are found again");
                    0
                }
            };
            turn = turn.wrapping_add(1);
            if claimed > 0 {
                pause = IDLE;
                continue;
            }
            rest(pause, stop).await;
            // what waits for a time of day is not looked for ten times a second
            pause = (pause * 2).min(LONGEST_IDLE);
        }
    }

    /// One turn for every tenant that has something to send: as many sets as its weight, so that one tenant's
    /// million does not hold up another's hundred.
    async fn round(
        &self,
        turn: usize,
        outcomes: &mpsc::Sender<Settled>,
        stop: &CancellationToken,
    ) -> Outcome<usize> {
        let mut tenants: BTreeMap<AccountId, Vec<Runnable>> = BTreeMap::new();
        for one in claim::runnable(self.inbox()).await? {
            tenants.entry(one.account_id).or_default().push(one);
        }
        self.paces.keep(tenants.values().flatten().map(|one| one.group_message_id));
        let mut claimed = 0;
        for group_messages in tenants.values() {
            let weight = group_messages.first().map_or(1, |one| one.weight.max(1));
            for set in 0..weight as usize {
                if stop.is_cancelled() {
                    return Ok(claimed);
                }
                // its group messages take turns as well
                let start = turn.wrapping_mul(weight as usize).wrapping_add(set) % group_messages.len();
                let (before, after) = group_messages.split_at(start);
                for one in after.iter().chain(before) {
                    let found = self.claim_one(one, turn, outcomes, stop).await?;
                    claimed += found;
                    if found > 0 {
                        break;
                    }
                }
            }
        }
        Ok(claimed)
    }

    /// Claims a set of one group message, on the first of its channels that lets something go.
    async fn claim_one(
        &self,
        one: &Runnable,
        turn: usize,
        outcomes: &mpsc::Sender<Settled>,
        stop: &CancellationToken,
    ) -> Outcome<usize> {
        let channels = one.channel_ids.len();
        for step in 0..channels {
            let channel = one.channel_ids[turn.wrapping_add(step) % channels];
            let claimed = self.claim_on(one, channel, outcomes, stop).await?;
            if claimed > 0 {
                return Ok(claimed);
            }
        }
        Ok(0)
    }

    async fn claim_on(
        &self,
        one: &Runnable,
        channel: ChannelId,
        outcomes: &mpsc::Sender<Settled>,
        stop: &CancellationToken,
    ) -> Outcome<usize> {
        let Some(handle) = self.handle(channel).await?.filter(|handle| handle.is_enabled) else {
            let (account, id) = (one.account_id, one.group_message_id);
            work::halt(self.inbox(), account, id, "a channel is switched off or gone").await?;
            return Ok(0);
        };
        let room = self.in_flight.room(channel).min(CHUNK);
        let mut permits = self.permits(room, stop).await;
        let now = Instant::now();
        let paced = self.paces.take(one.group_message_id, one.rate_per_minute, permits.len(), now);
        let let_go = self.courier.governor.take_bulk(channel, rate_of(&handle), paced, now);
        let granted = self.ask_all_nodes(one, &handle, let_go).await;
        for _ in granted..let_go {
            self.courier.governor.give_back(channel, rate_of(&handle));
        }
        self.paces.give_back(one.group_message_id, paced - granted);
        if granted == 0 {
            return Ok(0);
        }
        permits.truncate(granted);
        let place = (one.group_message_id, channel);
        let taken = claim::claim(self.inbox(), one.account_id, place, granted, self.options.lease).await;
        let sends = taken.as_ref().map_or(0, Vec::len);
        for _ in sends..granted {
            self.courier.governor.give_back(channel, rate_of(&handle));
        }
        let together = &self.courier.together;
        together.give_back(Paced::Channel(channel), rate_of(&handle), granted - sends).await;
        together.give_back(Paced::GroupMessage(one.group_message_id), own_rate(one), granted - sends).await;
        self.paces.give_back(one.group_message_id, granted - sends);
        let taken = taken?;
        for one in taken {
            self.start(one, Some(Arc::clone(&handle)), permits.pop(), outcomes);
        }
        Ok(sends)
    }

    /// How many of those that this node would let go others leave, by the channel's rate and the group message's own.
    async fn ask_all_nodes(&self, one: &Runnable, handle: &ChannelHandle, wanted: usize) -> usize {
        let (together, channel) = (&self.courier.together, Paced::Channel(handle.id));
        let (by_channel, _) = together.take(channel, rate_of(handle), wanted).await;
        let itself = Paced::GroupMessage(one.group_message_id);
        let (granted, _) = together.take(itself, own_rate(one), by_channel).await;
        together.give_back(channel, rate_of(handle), by_channel - granted).await;
        granted
    }

    /// Up to `most` free slots, at least one; waits for it and a moment for more, but not when told to stop.
    async fn permits(&self, most: usize, stop: &CancellationToken) -> Vec<OwnedSemaphorePermit> {
        let mut permits = Vec::with_capacity(most);
        if most == 0 {
            return permits;
        }
        let many = GATHERED.min(most as u32);
        let gathering = Arc::clone(&self.slots).acquire_many_owned(many);
        if let Ok(Ok(mut gathered)) = tokio::time::timeout(GATHERING, gathering).await {
            permits.extend(std::iter::from_fn(|| gathered.split(1)));
        } else {
            tokio::select! {
                first = Arc::clone(&self.slots).acquire_owned() => permits.extend(first),
                () = stop.cancelled() => return permits,
            }
        }
        while permits.len() < most {
            let Ok(more) = Arc::clone(&self.slots).try_acquire_owned() else { break };
            permits.push(more);
        }
        permits
    }

    async fn handle(&self, channel: ChannelId) -> Outcome<Option<Arc<ChannelHandle>>> {
        match by_id_unscoped(self.inbox(), channel).await {
            Ok(found) => Ok(found),
            Err(error) if bus::is_of_store(&error) => Err(error.into()),
            Err(error) => {
                tracing::error!(channel_id = %channel, %error, source = ?error.source, "a channel cannot be read");
                Ok(None)
            }
        }
    }

    fn start(
        &self,
        taken: Taken,
        handle: Option<Arc<ChannelHandle>>,
        permit: Option<OwnedSemaphorePermit>,
        outcomes: &mpsc::Sender<Settled>,
    ) {
        let (courier, outcomes) = (Arc::clone(&self.courier), outcomes.clone());
        let place = self.in_flight.enter(taken.channel_id);
        self.tracker.spawn(async move {
            let settled = courier.deliver(claimed(taken), handle).await;
            drop(place);
            // the slot is kept until the outcome has its place: what cannot be written down holds sending up
            let sent = outcomes.send(settled).await;
            drop(permit);
            if let Err(mpsc::error::SendError(lost)) = sent {
                // its claim ends with the attempt open: the provider is asked then
                tracing::error!(message_id = %lost.message_id, "an outcome has nobody to write it down");
            }
        });
    }

    /// Attempts that a crash left open, and outcomes that the provider could not tell of yet.
    async fn ask_all(&self, outcomes: &mpsc::Sender<Settled>, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let asked = match claim::claim_open(self.inbox(), ASK_AT_ONCE, self.options.lease).await {
                Ok(taken) => self.ask(taken, outcomes).await,
                Err(error) => {
                    tracing::debug!(%error, "open outcomes cannot be looked for");
                    0
                }
            };
            if asked < ASK_AT_ONCE {
                rest(ASK_EVERY, stop).await;
            }
        }
    }

    async fn ask(&self, taken: Vec<Taken>, outcomes: &mpsc::Sender<Settled>) -> usize {
        let count = taken.len();
        let mut handles: HashMap<ChannelId, Option<Arc<ChannelHandle>>> = HashMap::new();
        for one in taken {
            let handle = match handles.get(&one.channel_id) {
                Some(handle) => handle.clone(),
                None => {
                    let Ok(found) = self.handle(one.channel_id).await else { continue };
                    handles.insert(one.channel_id, found.clone());
                    found
                }
            };
            let Ok(permit) = Arc::clone(&self.slots).acquire_owned().await else { break };
            self.start(one, handle, Some(permit), outcomes);
        }
        count
    }
}

/// Sleeps, unless told to stop.
async fn rest(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// As the courier wants it: the recipient's row stands for the mailbox item.
fn claimed(taken: Taken) -> Claimed {
    let task = match taken.task {
        TakenTask::Send { attempt_id } => Task::Send { attempt_id },
        TakenTask::Ask { attempt_id, started_at } => Task::Ask { attempt_id, started_at },
        TakenTask::TooOld => Task::TooOld,
    };
    let item = Item {
        id: taken.number,
        key: KeyRef { account_id: taken.account_id, key: taken.to.clone() },
        ref_id: taken.message_id.uuid(),
        payload: None,
        attempts: taken.failures,
        created_at: taken.first_tried_at,
        first_failed_at: None,
        is_aside: false,
    };
    Claimed {
        held: Held { item, token: taken.token },
        account_id: taken.account_id,
        channel_id: taken.channel_id,
        group_message_id: Some(taken.group_message_id),
        message: Loaded {
            id: taken.message_id,
            conversation_id: None,
            status: taken.status,
            to: taken.to,
            thread_key: None,
            text: taken.text,
            attachments: taken.attachments,
            reply_to: None,
            metadata: taken.metadata,
            bot_epoch: None,
            conversation_epoch: None,
            scheduled_at: None,
            attempts: taken.attempts,
            paused_until: None,
            is_enabled: true,
            open_attempt: None,
            last_attempt_at: None,
            sender_type: SenderType::Agent,
            last_inbound_at: None,
            answers: None,
            // who is suppressed was left out when the recipient was claimed
            is_suppressed: false,
        },
        task,
    }
}

/// The rate that the group message sets itself.
fn own_rate(one: &Runnable) -> Option<u32> {
    one.rate_per_minute.and_then(|rate| u32::try_from(rate).ok()).filter(|rate| *rate > 0)
}
