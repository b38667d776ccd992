//! One claimed message: sent part by part, or asked for at the provider. No transaction is open while a
//! request is.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use channels::{
    Adapter, ChannelConfig, Context, Lookup, OutboundMessage, Part, ReceiptStatus, RejectReason,
    SandboxSwitch, SendError, SendErrorClass, ThrottleScope,
};
use inbox::{
    Inbox,
    channel_store::{ChannelHandle, by_id_unscoped},
    settle::{self, ChannelNews, Settled, TakenPart, Verdict},
};
use model::{AttemptId, ChannelStatus, ChannelType, SenderType, Time, view::DeliveryError};
use outbound::{Client, Exchange};
use serde_json::{Value, json};

use crate::{
    claim::{Claimed, Task},
    files,
    governor::Governor,
    together::Together,
    verdict::{self, Step, Tries, own},
};

/// A part is not begun with less time than this left.
const LEAST_TIME: Duration = Duration::from_secs(10);
/// How long the provider may take to say whether it has a message.
const ASK_TIME: Duration = Duration::from_secs(15);
/// When it is asked again: some know only after a while.
const ASK_AGAIN: [Duration; 2] = [Duration::from_secs(130), Duration::from_mins(15)];
/// A pause that other nodes must know of.
const LONG_REST: Duration = Duration::from_secs(10);

/// What deliveries stand on.
pub(crate) struct Courier {
    pub inbox: Inbox,
    pub http: Client,
    pub sandbox: SandboxSwitch,
    pub governor: Governor,
    pub together: Together,
    /// From the claim to the end of the last request.
    pub send_time: Duration,
}

/// A message on its way, with what was learned so far.
struct Journey<'a> {
    courier: &'a Courier,
    claimed: &'a Claimed,
    handle: &'a ChannelHandle,
    adapter: &'a Arc<dyn Adapter>,
    ctx: Context,
    message: OutboundMessage,
    parts: Vec<Part>,
    /// Indexes of parts that the provider has.
    taken_before: HashSet<usize>,
    taken: Vec<TakenPart>,
    exchanges: Vec<Value>,
    channel: Option<ChannelNews>,
    opted_out: Option<String>,
    until: Instant,
}

impl Courier {
    /// Does what is to be done with a claimed message and returns what is to be written down.
    pub(crate) async fn deliver(&self, claimed: Claimed, handle: Option<Arc<ChannelHandle>>) -> Settled {
        let until = Instant::now() + self.send_time;
        let verdict = match &claimed.task {
            Task::Nothing => Some(Verdict::Nothing),
            Task::TooOld => Some(Verdict::GivenUp(own("too_old", "too_old", "it could not be sent in time"))),
            Task::Silenced => Some(Verdict::Cancelled(own(
                "cancelled",
                "bot_silenced",
                "an agent took over before the bot's answer was sent",
            ))),
            Task::Suppressed => Some(Verdict::Refused(own(
                "rejected",
                "opted_out",
                "the customer has opted out of messages on this channel",
            ))),
            Task::NoChannel => Some(no_channel()),
            Task::Send { .. } | Task::Ask { .. } => None,
        };
        if let Some(verdict) = verdict {
            return settled(&claimed, None, verdict);
        }
        let Some((handle, adapter)) = handle
            .and_then(|handle| {
                Some((channels::registry().get(handle.channel_type, &handle.provider)?, handle))
            })
            .map(|(adapter, handle)| (handle, adapter))
        else {
            return without_channel(&claimed);
        };
        match self.journey(&claimed, &handle, adapter, until).await {
            Ok(journey) => journey.travel().await,
            Err(error) if matches!(claimed.task, Task::Ask { .. }) => {
                // it cannot be put together any more, which says nothing about the earlier request
                let verdict = Verdict::Lost { error: verdict::shown(&error), look_again: None };
                settled(&claimed, attempt_of(&claimed), verdict)
            }
            Err(error) => {
                let step = verdict::step(&error, tries(&claimed, &handle));
                let (verdict, channel) = self.conclude(step, &handle);
                Settled { channel, ..settled(&claimed, attempt_of(&claimed), verdict) }
            }
        }
    }

    async fn journey<'a>(
        &'a self,
        claimed: &'a Claimed,
        handle: &'a ChannelHandle,
        adapter: &'a Arc<dyn Adapter>,
        until: Instant,
    ) -> Result<Journey<'a>, SendError> {
        let loaded = &claimed.message;
        let config = Arc::new(ChannelConfig::from(handle.facts()));
        let profile = adapter.profile();
        let attachments = loaded.attachments.clone().ok_or_else(|| {
            let class = SendErrorClass::Rejected(RejectReason::Content);
            SendError::new(class, "attachments_unreadable", "its stored attachments cannot be read")
        })?;
        let files::Ready { attachments, lines } =
            files::ready(&self.inbox, &config, profile, (&loaded.to, begun_at(claimed)), attachments).await?;
        let text = std::iter::once(loaded.text.clone()).chain(lines).filter(|line| !line.is_empty());
        let message = OutboundMessage {
            message_id: loaded.id,
            idempotency_key: loaded.id.to_string(),
            to: loaded.to.clone(),
            thread_key: loaded.thread_key.clone(),
            text: text.collect::<Vec<_>>().join("\n"),
            attachments,
            reply_to: loaded.reply_to.clone(),
            callback_url: self.callback_url(&config),
            metadata: loaded.metadata.clone(),
            last_inbound_at: loaded.last_inbound_at,
            answers: loaded.answers.clone(),
            is_bulk: claimed.group_message_id.is_some(),
            by_person: loaded.sender_type == SenderType::Agent,
        };
        let parts = adapter.parts(&config, &message);
        let ctx = Context::new(
            self.http.clone(),
            config,
            profile,
            Arc::clone(self.inbox.clock()),
            self.sandbox.clone(),
        )
        .lending(Arc::new(self.inbox.clone()));
        let listed = loaded.metadata["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let taken_before =
            listed.iter().filter_map(|part| part["index"].as_u64()).map(|n| n as usize).collect();
        Ok(Journey {
            courier: self,
            claimed,
            handle,
            adapter,
            ctx,
            message,
            parts,
            taken_before,
            taken: Vec::new(),
            exchanges: Vec::new(),
            channel: None,
            opted_out: None,
            until,
        })
    }

    /// Where the provider sends receipts. A loopback address is told only to a provider that the tenant
    /// has pointed elsewhere: the real ones cannot reach it and refuse the message.
    fn callback_url(&self, config: &ChannelConfig) -> Option<String> {
        let reachable = self.inbox.settings().is_public() || config.field("api_base").is_some();
        reachable.then(|| self.inbox.settings().webhook_url(config.channel_type, config.channel_id))
    }

    /// Tells the governor, and says what the channel's row needs to know.
    fn conclude(&self, step: Step, handle: &ChannelHandle) -> (Verdict, Option<ChannelNews>) {
        let now = Instant::now();
        match step {
            Step::Settle(verdict) => (verdict, None),
            Step::Ask(error) => (Verdict::Lost { error, look_again: Some(ASK_AGAIN[0]) }, None),
            Step::Down(verdict) => {
                self.governor.failed(handle.id, now);
                (verdict, None)
            }
            Step::Throttled { verdict, rest, scope } => {
                if scope == ThrottleScope::Recipient {
                    return (verdict, None);
                }
                self.governor.pause(handle.id, rest, now);
                let shared = scope == ThrottleScope::Account;
                let is_long = rest >= LONG_REST;
                let news = (shared || is_long).then(|| ChannelNews {
                    // a short pause comes and goes with every burst
                    status: (is_long && handle.status == ChannelStatus::Connected)
                        .then_some(ChannelStatus::RateLimited),
                    error_message: Some("the provider asked for a pause".to_owned()),
                    pause: Some(rest),
                    shared_by: shared.then(|| (handle.channel_type, handle.provider.clone())),
                });
                (verdict, news)
            }
            Step::Broken { verdict, message } => {
                let news = ChannelNews {
                    status: Some(ChannelStatus::Error),
                    error_message: Some(message),
                    pause: None,
                    shared_by: None,
                };
                (verdict, Some(news))
            }
        }
    }
}

impl Journey<'_> {
    async fn travel(mut self) -> Settled {
        let verdict = match &self.claimed.task {
            Task::Ask { started_at, .. } => self.ask(*started_at).await,
            _ => self.send().await,
        };
        let attempt_id = attempt_of(self.claimed);
        Settled {
            taken: self.taken,
            parts_total: self.parts.len(),
            evidence: Value::Array(self.exchanges),
            channel: self.channel,
            opted_out: self.opted_out,
            ..settled(self.claimed, attempt_id, verdict)
        }
    }

    /// Sends what the provider does not have yet, in order.
    async fn send(&mut self) -> Verdict {
        let open: Vec<Part> =
            self.parts.iter().filter(|part| !self.taken_before.contains(&part.index)).cloned().collect();
        if self.parts.is_empty() {
            return Verdict::Refused(own("rejected", "empty", "the message has nothing to send"));
        }
        let last = open.len().saturating_sub(1);
        for (place, part) in open.iter().enumerate() {
            let left = self.until.saturating_duration_since(Instant::now());
            if left < LEAST_TIME {
                return Verdict::Retry { error: None, after: Duration::ZERO, counts: false };
            }
            let started_at = self.courier.inbox.now();
            let ctx = self.ctx.clone().within(left);
            let sent = match tokio::time::timeout(left, self.adapter.send(&ctx, &self.message, part)).await {
                Ok(sent) => sent,
                Err(_) => Err(SendError::new(
                    SendErrorClass::Unknown,
                    "timeout",
                    "the provider did not answer in time",
                )),
            };
            match sent {
                Ok(sent) => {
                    self.saw(sent.exchange.as_deref());
                    self.taken
                        .push(TakenPart { index: part.index, provider_message_id: sent.provider_message_id });
                }
                Err(error) => {
                    self.saw(error.exchange.as_deref());
                    match self.stumble(&error, part, started_at).await {
                        None => {}
                        Some(verdict) => return verdict,
                    }
                }
            }
            if place < last
                && let Some(verdict) = self.record().await
            {
                return verdict;
            }
        }
        self.arrived();
        Verdict::Accepted
    }

    /// What an error leads to; `None`: the provider has the part after all.
    async fn stumble(&mut self, error: &SendError, part: &Part, started_at: Time) -> Option<Verdict> {
        let step = verdict::step(error, tries(self.claimed, self.handle));
        if let Step::Ask(shown) = step {
            return self.look_up(part, started_at, shown).await;
        }
        let is_refused_us = matches!(error.class, SendErrorClass::Settings(_));
        if is_refused_us && self.has_new_secrets().await {
            // it was sent with those of before
            let error = Some(verdict::shown(error));
            return Some(Verdict::Retry { error, after: Duration::from_secs(1), counts: false });
        }
        let by_number = matches!(self.handle.channel_type, ChannelType::Sms | ChannelType::Smpp);
        if by_number && error.class == SendErrorClass::Rejected(RejectReason::OptOut) {
            self.opted_out = Some(self.message.to.clone());
        }
        let (verdict, news) = self.courier.conclude(step, self.handle);
        self.channel = news;
        Some(verdict)
    }

    /// Whether the channel's secrets were changed since the message was taken up.
    async fn has_new_secrets(&self) -> bool {
        match by_id_unscoped(&self.courier.inbox, self.handle.id).await {
            Ok(Some(now)) => now.credentials != self.handle.credentials,
            Ok(None) | Err(_) => false,
        }
    }

    /// Asks whether the provider has the part that was being sent when the outcome was lost.
    async fn ask(&mut self, started_at: Time) -> Verdict {
        let part = self.parts.iter().find(|part| !self.taken_before.contains(&part.index)).cloned();
        let Some(part) = part else {
            return Verdict::Accepted;
        };
        let error =
            own("unknown", "outcome_lost", "it may have been sent: the outcome of the attempt was lost");
        if let Some(verdict) = self.look_up(&part, started_at, error).await {
            return verdict;
        }
        let all = self.taken_before.len() + self.taken.len() >= self.parts.len();
        if all {
            Verdict::Accepted
        } else {
            Verdict::Retry { error: None, after: Duration::ZERO, counts: false }
        }
    }

    /// `None`: the provider has it; it is noted among the taken parts.
    async fn look_up(&mut self, part: &Part, started_at: Time, error: DeliveryError) -> Option<Verdict> {
        let ctx = self.ctx.clone().within(ASK_TIME);
        let asked =
            tokio::time::timeout(ASK_TIME, self.adapter.look_up(&ctx, &self.message, part, started_at));
        let found = match asked.await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                self.saw(error.exchange.as_deref());
                Lookup::CannotTell
            }
            Err(_) => Lookup::CannotTell,
        };
        match found {
            Lookup::Found { provider_message_id, status } => {
                if self.is_another(&provider_message_id).await {
                    return Some(self.lost(error));
                }
                self.taken.push(TakenPart { index: part.index, provider_message_id });
                match status {
                    ReceiptStatus::Failed => Some(Verdict::Refused(own(
                        "rejected",
                        "failed",
                        "the provider took it and could not deliver it",
                    ))),
                    _ => None,
                }
            }
            Lookup::NotTaken => {
                // the same as a connection that failed, only learned later
                let unsent = SendError::new(SendErrorClass::Unavailable, error.code, error.message);
                let step = verdict::step(&unsent, tries(self.claimed, self.handle));
                let (verdict, _) = self.courier.conclude(step, self.handle);
                Some(match verdict {
                    Verdict::Retry { after, .. } => Verdict::ProvedUnsent { after },
                    given_up => given_up,
                })
            }
            Lookup::CannotTell => Some(self.lost(error)),
        }
    }

    fn lost(&self, error: DeliveryError) -> Verdict {
        // the item of a lost outcome counts the questions as its failures
        let asked = match self.claimed.message.status {
            model::MessageStatus::Unknown => self.claimed.held.item.attempts.max(1) as usize,
            _ => 0,
        };
        Verdict::Lost { error, look_again: ASK_AGAIN.get(asked).copied() }
    }

    /// Whether the id that was found belongs to another message of ours already.
    async fn is_another(&self, provider_message_id: &str) -> bool {
        let (channel, account) = (self.handle.id.uuid(), self.claimed.account_id);
        let known = self
            .courier
            .inbox
            .store()
            .read(account, |mut tx| async move {
                Ok(sqlx::query_scalar!(
                    "SELECT message_id FROM provider_ids WHERE channel_id = $1 AND direction = 'outbound'
                         AND provider_message_id = $2 AND account_id = $3",
                    channel,
                    provider_message_id,
                    account.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?)
            })
            .await;
        match known {
            Ok(known) => known.flatten().is_some_and(|id| id != self.claimed.message.id.uuid()),
            Err(_) => true,
        }
    }

    /// Records a part before the next is sent; a verdict if sending must stop here.
    async fn record(&mut self) -> Option<Verdict> {
        let so_far = Settled {
            taken: self.taken.clone(),
            parts_total: self.parts.len(),
            ..settled(self.claimed, None, Verdict::Nothing)
        };
        match settle::record_part(&self.courier.inbox, &so_far).await {
            Ok(true) => None,
            Ok(false) => Some(Verdict::Retry { error: None, after: Duration::ZERO, counts: false }),
            Err(error) => {
                tracing::warn!(%error, message_id = %self.claimed.message.id, "a part could not be recorded");
                Some(Verdict::Retry { error: None, after: Duration::from_secs(2), counts: false })
            }
        }
    }

    fn arrived(&mut self) {
        self.courier.governor.worked(self.handle.id);
        if matches!(self.handle.status, ChannelStatus::Error | ChannelStatus::RateLimited) {
            self.channel = Some(ChannelNews {
                status: Some(ChannelStatus::Connected),
                error_message: None,
                pause: None,
                shared_by: None,
            });
        }
    }

    fn saw(&mut self, exchange: Option<&Exchange>) {
        if let Some(exchange) = exchange {
            self.exchanges.push(json!({
                "method": exchange.method, "url": exchange.url, "status": exchange.status,
                "took_ms": exchange.took_ms, "request": exchange.request_excerpt,
                "response": exchange.response_excerpt,
            }));
        }
    }
}

/// The same at every attempt, so that a text which tells of it can be recognised.
fn begun_at(claimed: &Claimed) -> Time {
    let waits_since = claimed.held.item.created_at;
    claimed.message.scheduled_at.map_or(waits_since, |at| at.max(waits_since))
}

fn tries(claimed: &Claimed, handle: &ChannelHandle) -> Tries {
    Tries {
        failed: claimed.held.item.attempts.max(0) as u32,
        retries: handle.retry_count.and_then(|count| u32::try_from(count).ok()),
        interval: handle.retry_interval.and_then(|seconds| u32::try_from(seconds).ok()),
        luck: rand::random(),
    }
}

fn attempt_of(claimed: &Claimed) -> Option<AttemptId> {
    match claimed.task {
        Task::Send { attempt_id } => Some(attempt_id),
        Task::Ask { attempt_id, .. } => attempt_id,
        _ => None,
    }
}

fn without_channel(claimed: &Claimed) -> Settled {
    let verdict = match claimed.task {
        Task::Send { .. } => no_channel(),
        // nobody is left to ask
        _ => Verdict::Lost { error: own("unknown", "no_channel", "its channel is gone"), look_again: None },
    };
    settled(claimed, attempt_of(claimed), verdict)
}

fn no_channel() -> Verdict {
    Verdict::Refused(own("settings", "channel_disabled", "the channel is switched off or gone"))
}

fn settled(claimed: &Claimed, attempt_id: Option<AttemptId>, verdict: Verdict) -> Settled {
    Settled {
        held: claimed.held.clone(),
        account_id: claimed.account_id,
        channel_id: claimed.channel_id,
        conversation_id: claimed.message.conversation_id,
        group_message_id: claimed.group_message_id,
        message_id: claimed.message.id,
        attempt_id,
        taken: Vec::new(),
        parts_total: 0,
        verdict,
        evidence: Value::Array(Vec::new()),
        channel: None,
        opted_out: None,
    }
}
