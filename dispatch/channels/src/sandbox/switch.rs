//! The pretend provider's memory, shared by everything in the process that touches the sandbox.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::future::BoxFuture;
use model::{Attachment, ChannelId, ChannelType, Clock, Time};
use parking_lot::Mutex;
use serde::Serialize;

use super::{
    behaviour::{Behaviour, Dice},
    wire::{self, SignedBody},
};
use crate::{ChannelConfig, Context, Lookup, OutboundMessage, Part, ReceiptStatus};

/// Messages that are kept for each channel.
const KEPT: usize = 10_000;
/// Tries to deliver one receipt before it is given up.
const RECEIPT_TRIES: u32 = 10;

/// A message that the sandbox took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SandboxMessage {
    /// Counts up from 1 within the channel.
    pub seq: u64,
    pub provider_message_id: String,
    pub to: String,
    pub thread_key: Option<String>,
    pub text: String,
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<String>,
    pub idempotency_key: String,
    pub part: usize,
    pub at: Time,
    pub outcome: SentOutcome,
}

/// What the sender was told about a message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SentOutcome {
    Answered,
    /// Nothing: the connection was cut.
    Cut,
}

/// A receipt on its way to our own webhook door.
#[derive(Debug, Clone)]
pub struct ReceiptDelivery {
    pub channel_id: ChannelId,
    pub channel_type: ChannelType,
    pub body: SignedBody,
}

type Deliver = dyn Fn(ReceiptDelivery) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// The in-process sandbox. Cheap to clone; all clones are the same sandbox. What it knows ends with the
/// process.
#[derive(Clone)]
pub struct SandboxSwitch(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    started_at: Time,
    channels: Mutex<HashMap<ChannelId, Memory>>,
    deliver: Mutex<Option<Arc<Deliver>>>,
}

#[derive(Default)]
struct Memory {
    told: Option<Behaviour>,
    rounds: u64,
    taken: u64,
    messages: VecDeque<SandboxMessage>,
}

/// What became of a message taken: its id, and the receipts that are still to come.
pub(super) struct Taken {
    pub(super) provider_message_id: String,
    pub(super) receipts: Option<BoxFuture<'static, ()>>,
}

impl std::fmt::Debug for SandboxSwitch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SandboxSwitch({} channels)", self.0.channels.lock().len())
    }
}

impl SandboxSwitch {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let started_at = clock.now();
        Self(Arc::new(Inner {
            clock,
            started_at,
            channels: Mutex::new(HashMap::new()),
            deliver: Mutex::new(None),
        }))
    }

    /// Says how receipts reach our webhook door. An error is a door that is shut: the receipt is tried again,
    /// ten times over about a minute. Until this is called, receipts are dropped.
    pub fn deliver_with<F>(&self, deliver: F)
    where
        F: Fn(ReceiptDelivery) -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    {
        *self.0.deliver.lock() = Some(Arc::new(deliver));
    }

    /// Tells a channel how to behave from now on; `None` goes back to its settings.
    pub fn tell(&self, channel: ChannelId, behaviour: Option<Behaviour>) {
        let mut channels = self.0.channels.lock();
        let memory = channels.entry(channel).or_default();
        memory.told = behaviour;
        memory.rounds = 0;
    }

    /// What a channel was told, if anything.
    #[must_use]
    pub fn behaviour(&self, channel: ChannelId) -> Option<Behaviour> {
        self.0.channels.lock().get(&channel).and_then(|memory| memory.told.clone())
    }

    /// Messages that were taken after number `after`, oldest first. Only the last ten thousand are kept.
    #[must_use]
    pub fn sent(&self, channel: ChannelId, after: u64, limit: usize) -> Vec<SandboxMessage> {
        let channels = self.0.channels.lock();
        let kept = channels.get(&channel).map(|memory| &memory.messages);
        kept.into_iter().flatten().filter(|message| message.seq > after).take(limit).cloned().collect()
    }

    /// How many messages a channel has taken since the process started.
    #[must_use]
    pub fn taken(&self, channel: ChannelId) -> u64 {
        self.0.channels.lock().get(&channel).map_or(0, |memory| memory.taken)
    }

    /// Forgets a channel's messages; what it was told stays.
    pub fn clear(&self, channel: ChannelId) {
        if let Some(memory) = self.0.channels.lock().get_mut(&channel) {
            memory.messages.clear();
        }
    }

    pub(super) fn dice(&self, channel: ChannelId, seed: u64) -> Dice {
        let mut channels = self.0.channels.lock();
        let memory = channels.entry(channel).or_default();
        memory.rounds += 1;
        Dice::new(seed, memory.rounds)
    }

    pub(super) fn take(
        &self,
        ctx: &Context,
        message: &OutboundMessage,
        part: &Part,
        behaviour: &Behaviour,
        dice: &mut Dice,
        outcome: SentOutcome,
    ) -> Taken {
        let at = self.0.clock.now();
        let provider_message_id = format!("sbx-{}", uuid::Uuid::now_v7());
        let chosen = part.attachments.iter().filter_map(|number| message.attachments.get(*number));
        let mut taken = SandboxMessage {
            seq: 0,
            provider_message_id: provider_message_id.clone(),
            to: message.to.clone(),
            thread_key: message.thread_key.clone(),
            text: part.text.clone(),
            attachments: chosen.map(|outgoing| outgoing.attachment.clone()).collect(),
            reply_to: message.reply_to.clone(),
            idempotency_key: message.idempotency_key.clone(),
            part: part.index,
            at,
            outcome,
        };
        {
            let mut channels = self.0.channels.lock();
            let memory = channels.entry(ctx.channel.channel_id).or_default();
            memory.taken += 1;
            taken.seq = memory.taken;
            if memory.messages.len() == KEPT {
                memory.messages.pop_front();
            }
            memory.messages.push_back(taken);
        }
        let correlation = behaviour.correlate_receipts.then(|| message.idempotency_key.clone());
        let receipts = self.receipts(
            Arc::clone(&ctx.channel),
            provider_message_id.clone(),
            correlation,
            behaviour,
            dice,
        );
        Taken { provider_message_id, receipts }
    }

    /// The receipts of a message, one after the other; `None` if there are none or nobody takes them.
    fn receipts(
        &self,
        channel: Arc<ChannelConfig>,
        id: String,
        correlation: Option<String>,
        behaviour: &Behaviour,
        dice: &mut Dice,
    ) -> Option<BoxFuture<'static, ()>> {
        let deliver = self.0.deliver.lock().clone()?;
        let mut statuses: Vec<ReceiptStatus> = Vec::new();
        for status in &behaviour.receipts {
            statuses.extend(std::iter::repeat_n(*status, behaviour.duplicate_receipts as usize + 1));
        }
        if statuses.is_empty() {
            return None;
        }
        if behaviour.reorder_receipts {
            for at in (1..statuses.len()).rev() {
                statuses.swap(at, dice.below(at as u64 + 1) as usize);
            }
        }
        // receipts of different messages overtake each other too
        let spread =
            if behaviour.reorder_receipts { dice.below(4 * behaviour.receipt_delay_ms + 1) } else { 0 };
        let pause = Duration::from_millis(behaviour.receipt_delay_ms);
        let clock = Arc::clone(&self.0.clock);
        Some(Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(spread)).await;
            for status in statuses {
                tokio::time::sleep(pause).await;
                let receipt = wire::receipt_for(&id, correlation.clone(), status, clock.now());
                let body = match wire::compose_receipt(&channel, &receipt) {
                    Ok(body) => body,
                    Err(error) => {
                        tracing::warn!(channel = %channel.channel_id, %error, "sandbox receipt could not be signed");
                        return;
                    }
                };
                let delivery = ReceiptDelivery {
                    channel_id: channel.channel_id,
                    channel_type: channel.channel_type,
                    body,
                };
                hand_over(deliver.as_ref(), delivery).await;
            }
        }))
    }

    pub(super) fn look_up(&self, channel: ChannelId, key: &str, part: usize, attempted_at: Time) -> Lookup {
        let channels = self.0.channels.lock();
        let memory = channels.get(&channel);
        let kept = memory.into_iter().flat_map(|memory| memory.messages.iter());
        if let Some(found) = kept.into_iter().find(|m| m.idempotency_key == key && m.part == part) {
            let provider_message_id = found.provider_message_id.clone();
            return Lookup::Found { provider_message_id, status: ReceiptStatus::Sent };
        }
        // what was before the process began, or fell out at the end, cannot be known
        let complete = memory.is_none_or(|memory| memory.messages.len() < KEPT);
        if complete && attempted_at > self.0.started_at { Lookup::NotTaken } else { Lookup::CannotTell }
    }
}

async fn hand_over(deliver: &Deliver, delivery: ReceiptDelivery) {
    let mut wait = Duration::from_millis(100);
    for attempt in 1..=RECEIPT_TRIES {
        match deliver(delivery.clone()).await {
            Ok(()) => return,
            Err(error) if attempt == RECEIPT_TRIES => {
                tracing::warn!(channel = %delivery.channel_id, error, "sandbox receipt was given up");
            }
            Err(_) => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(10));
            }
        }
    }
}
