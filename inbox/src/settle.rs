//! The outcome of attempts to deliver: the message's status, the end of the attempt, the provider's ids,
//! the mailbox and the news to readers, in one unit.
//!
//! Guarantee: an outcome counts only while its lease still holds; a late one is kept on its attempt as
//! evidence, and its provider ids are kept so that receipts find their message.

mod bulk;
pub(crate) mod row;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use bus::{
    Outcome, Scope, Tx,
    mailbox::{self, BoxName, Held, PutOff},
    nudge::Nudge,
};
use model::{
    AccountId, AttemptId, Audience, ChannelId, ChannelStatus, ChannelType, ConversationId, Event,
    GroupMessageId, MessageId, MessageStatus, Time, message::MessageStep, suppression::SuppressionReason,
    view::DeliveryError,
};
use serde_json::{Value, json};
use uuid::Uuid;

use self::row::MessageRow;
use crate::{
    Inbox, Unit, conversations, receipts,
    suppressions::{self, Suppress},
};

/// A failing reply holds those behind it for so long, then it steps aside.
pub const HOLDS: Duration = Duration::from_mins(1);

/// What became of one message that was claimed: from the reply mailbox, or from the recipients of a group
/// message.
#[derive(Debug, Clone)]
pub struct Settled {
    pub held: Held,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    pub conversation_id: Option<ConversationId>,
    /// It is a recipient's of a group message: the ledger holds its claim, not the mailbox.
    pub group_message_id: Option<GroupMessageId>,
    pub message_id: MessageId,
    /// The attempt that this ends; `None` if no request was made.
    pub attempt_id: Option<AttemptId>,
    /// Parts that the provider took and that are not recorded yet, with the number of all parts.
    pub taken: Vec<TakenPart>,
    pub parts_total: usize,
    pub verdict: Verdict,
    /// Redacted exchanges and the like, kept with the attempt.
    pub evidence: Value,
    pub channel: Option<ChannelNews>,
    /// The address that the provider says has opted out: the channel sends nothing more to it.
    pub opted_out: Option<String>,
}

/// One request's worth of a message that the provider took.
#[derive(Debug, Clone)]
pub struct TakenPart {
    pub index: usize,
    pub provider_message_id: String,
}

/// What an attempt came to.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The provider has all of it.
    Accepted,
    /// The provider has it and says that it arrived.
    Delivered,
    Refused(DeliveryError),
    /// Another attempt later. `counts`: this one used one up.
    Retry {
        error: Option<DeliveryError>,
        after: Duration,
        counts: bool,
    },
    /// Too old or out of attempts.
    GivenUp(DeliveryError),
    /// It may have been sent. `look_again`: when the provider is asked (again).
    Lost {
        error: DeliveryError,
        look_again: Option<Duration>,
    },
    /// The provider was asked and certainly does not have it: it goes back to the queue.
    ProvedUnsent {
        after: Duration,
    },
    /// Not sent and not to be: the bot that wrote it has handed over.
    Cancelled(DeliveryError),
    /// Nothing is left to do: it was settled by somebody else.
    Nothing,
}

/// What an attempt taught about its channel.
#[derive(Debug, Clone)]
pub struct ChannelNews {
    /// `None`: as it was.
    pub status: Option<ChannelStatus>,
    pub error_message: Option<String>,
    /// Nothing is claimed for it for so long.
    pub pause: Option<Duration>,
    /// The pause is the provider account's: all channels of this account, type and provider share it.
    pub shared_by: Option<(ChannelType, String)>,
}

impl Verdict {
    /// The word for it, as it is stored and counted.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Accepted | Self::Delivered => "accepted",
            Self::Refused(_) => "refused",
            Self::Retry { counts: false, .. } => "throttled",
            Self::Retry { .. } => "unavailable",
            Self::GivenUp(_) => "given_up",
            Self::Lost { .. } => "unknown",
            Self::ProvedUnsent { .. } => "not_sent",
            Self::Cancelled(_) | Self::Nothing => "lost",
        }
    }

    const fn error(&self) -> Option<&DeliveryError> {
        match self {
            Self::Refused(error)
            | Self::GivenUp(error)
            | Self::Cancelled(error)
            | Self::Lost { error, .. } => Some(error),
            Self::Retry { error, .. } => error.as_ref(),
            Self::Accepted | Self::Delivered | Self::ProvedUnsent { .. } | Self::Nothing => None,
        }
    }
}

/// Settles many outcomes in one unit; of replies, or of recipients, but not of both.
pub async fn settle(inbox: &Inbox, settled: &[Settled]) -> Outcome<()> {
    let Some(first) = settled.first() else { return Ok(()) };
    let is_bulk = first.group_message_id.is_some();
    let accounts: BTreeSet<AccountId> = settled.iter().map(|one| one.account_id).collect();
    let scope = Scope::Accounts(accounts.into_iter().collect());
    if is_bulk {
        return inbox.write(scope, |unit| bulk::in_unit(unit, settled)).await;
    }
    inbox.write(scope, |unit| in_unit(unit, settled)).await
}

async fn in_unit(mut unit: Unit, settled: &[Settled]) -> Outcome<()> {
    let now = unit.now();
    let held: Vec<&Held> = settled.iter().map(|one| &one.held).collect();
    let valid: HashSet<i64> =
        mailbox::still_held_many(unit.tx(), BoxName::Reply, &held).await?.into_iter().collect();
    let conversation_ids: BTreeSet<ConversationId> =
        settled.iter().filter_map(|one| one.conversation_id).collect();
    let conversation_ids: Vec<ConversationId> = conversation_ids.into_iter().collect();
    let conversations = conversations::lock(unit.tx(), &conversation_ids).await?;
    let message_ids: Vec<MessageId> = settled.iter().map(|one| one.message_id).collect();
    let mut messages = row::lock(unit.tx(), &message_ids).await?;
    record_provider_ids(unit.tx(), settled, now).await?;

    let mut finished = Vec::new();
    let mut put_off = Vec::new();
    let mut released = Vec::new();
    for one in settled {
        let Some(message) = messages.get_mut(&one.message_id) else {
            finished.push(one.held.item.id);
            released.push(&one.held);
            continue;
        };
        if !valid.contains(&one.held.item.id) {
            note_late(message, one, now);
            continue;
        }
        released.push(&one.held);
        match apply(message, one, now) {
            Next::Done => finished.push(one.held.item.id),
            Next::Later(item) => put_off.push(item),
        }
    }
    apply_early_receipts(unit.tx(), settled, &mut messages, now).await?;
    end_attempts(unit.tx(), settled, &valid, now).await?;
    mailbox::remove(unit.tx(), &finished).await?;
    mailbox::put_off_many(unit.tx(), &put_off, HOLDS).await?;
    mailbox::release_many(unit.tx(), BoxName::Reply, &released).await?;
    for one in settled {
        if let Some(news) = &one.channel {
            tell_channel(&mut unit, one.account_id, one.channel_id, news).await?;
        }
        if let Some(address) = &one.opted_out {
            let channel_type = sqlx::query_scalar!(
                r#"SELECT channel_type AS "channel_type: ChannelType" FROM channels
                   WHERE id = $1 AND account_id = $2"#,
                one.channel_id.uuid(),
                one.account_id.uuid(),
            )
            .fetch_optional(&mut **unit.tx())
            .await?;
            if let Some(channel_type) = channel_type {
                let new = Suppress {
                    account_id: one.account_id,
                    channel_type,
                    channel_id: Some(one.channel_id),
                    address,
                    reason: SuppressionReason::OptOut,
                    note: Some("said by the provider"),
                };
                suppressions::suppress(unit.tx(), &new, now).await?;
            }
        }
    }
    row::save(&mut unit, messages, conversations).await?;
    unit.commit(()).await
}

/// What happens to the mailbox item.
enum Next {
    Done,
    Later(PutOff),
}

fn apply(message: &mut MessageRow, one: &Settled, now: Time) -> Next {
    if one.parts_total > 1 {
        message.metadata["parts_total"] = one.parts_total.into();
        message.touch();
    }
    for part in &one.taken {
        message.note_part(part.index, &part.provider_message_id);
    }
    let later = |after: Duration, counts: bool, aside: bool, reason: &str| {
        Next::Later(PutOff { id: one.held.item.id, after, counts, aside, reason: reason.to_owned() })
    };
    match &one.verdict {
        Verdict::Accepted => {
            message.next_attempt_at = None;
            message.step(MessageStep::Accepted, now, None);
            Next::Done
        }
        Verdict::Delivered => {
            message.next_attempt_at = None;
            message.step(MessageStep::Accepted, now, None);
            message.step(MessageStep::ReceiptDelivered, now, None);
            Next::Done
        }
        Verdict::Refused(error) => {
            message.step(MessageStep::Refused, now, Some(error));
            Next::Done
        }
        Verdict::GivenUp(error) => {
            // only what certainly was not sent is given up
            message.step(MessageStep::ProvedUnsent, now, None);
            message.step(MessageStep::GivenUp, now, Some(error));
            Next::Done
        }
        Verdict::Cancelled(error) => {
            message.step(MessageStep::Cancelled, now, Some(error));
            Next::Done
        }
        Verdict::Retry { error, after, counts } => {
            let due = now + chrono::Duration::from_std(*after).unwrap_or_default();
            let reason = error.as_ref().map_or("throttled", |error| error.message.as_str());
            match message.status {
                MessageStatus::Sending => {
                    message.step(MessageStep::Retry, now, error.as_ref());
                }
                MessageStatus::Queued => message.touch(),
                // a receipt or a person was faster
                _ => return Next::Done,
            }
            message.next_attempt_at = Some(due);
            later(*after, *counts, false, reason)
        }
        Verdict::Lost { error, look_again } => {
            message.step(MessageStep::Lost, now, Some(error));
            match look_again {
                Some(after) if message.status == MessageStatus::Unknown => {
                    later(*after, true, true, "unknown outcome")
                }
                _ => Next::Done,
            }
        }
        Verdict::ProvedUnsent { after } => {
            if message.status == MessageStatus::Sending {
                message.step(MessageStep::Lost, now, None);
            }
            if message.step(MessageStep::ProvedUnsent, now, None) {
                message.next_attempt_at = Some(now + chrono::Duration::from_std(*after).unwrap_or_default());
                later(*after, true, false, "proved unsent")
            } else {
                Next::Done
            }
        }
        Verdict::Nothing => Next::Done,
    }
}

/// The lease has passed to another: only what cannot contradict it is written.
fn note_late(message: &mut MessageRow, one: &Settled, now: Time) {
    tracing::warn!(message_id = %one.message_id, outcome = one.verdict.outcome(), "a late outcome is kept as evidence");
    if message.status == MessageStatus::Unknown
        && matches!(one.verdict, Verdict::Accepted | Verdict::Delivered)
    {
        for part in &one.taken {
            message.note_part(part.index, &part.provider_message_id);
        }
        message.step(MessageStep::Accepted, now, None);
    }
}

/// Records a part before the next is sent, so that a retry goes on behind it. Returns false if the lease
/// has passed to another: then stop.
pub async fn record_part(inbox: &Inbox, one: &Settled) -> Outcome<bool> {
    inbox
        .store()
        .write(one.account_id, |mut tx| async move {
            let is_reply = one.group_message_id.is_none();
            if is_reply && !mailbox::still_held(&mut tx, BoxName::Reply, &one.held).await? {
                return Ok(false);
            }
            let mut messages = row::lock(&mut tx, &[one.message_id]).await?;
            if !is_reply && bulk::still_held(&mut tx, std::slice::from_ref(one)).await?.is_empty() {
                return Ok(false);
            }
            record_provider_ids(&mut tx, std::slice::from_ref(one), inbox.now()).await?;
            let Some(message) = messages.get_mut(&one.message_id) else { return Ok(false) };
            message.metadata["parts_total"] = one.parts_total.into();
            for part in &one.taken {
                message.note_part(part.index, &part.provider_message_id);
            }
            sqlx::query!(
                "UPDATE messages SET metadata = $3, external_id = $4 WHERE id = $1 AND account_id = $2",
                one.message_id.uuid(),
                one.account_id.uuid(),
                message.metadata,
                message.external_id,
            )
            .execute(&mut *tx)
            .await?;
            Ok(true)
        })
        .await
}

async fn record_provider_ids(tx: &mut Tx, settled: &[Settled], now: Time) -> Outcome<()> {
    let mut rows: Vec<(Uuid, &str, Uuid, Uuid)> = settled
        .iter()
        .flat_map(|one| one.taken.iter().map(move |part| (one, part)))
        .map(|(one, part)| {
            let id = part.provider_message_id.as_str();
            (one.channel_id.uuid(), id, one.account_id.uuid(), one.message_id.uuid())
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_unstable();
    rows.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let channels: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let ids: Vec<&str> = rows.iter().map(|row| row.1).collect();
    let accounts: Vec<Uuid> = rows.iter().map(|row| row.2).collect();
    let messages: Vec<Uuid> = rows.iter().map(|row| row.3).collect();
    sqlx::query!(
        "INSERT INTO provider_ids AS p (channel_id, direction, provider_message_id, account_id, message_id, created_at)
         SELECT channel_id, 'outbound', provider_message_id, account_id, message_id, $5
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[])
              AS n (channel_id, provider_message_id, account_id, message_id)
         ON CONFLICT (channel_id, direction, provider_message_id) DO UPDATE SET
             message_id = coalesce(p.message_id, excluded.message_id)",
        &channels,
        &ids as &[&str],
        &accounts,
        &messages,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Receipts that overtook the answer are applied here, in the same unit.
async fn apply_early_receipts(
    tx: &mut Tx,
    settled: &[Settled],
    messages: &mut HashMap<MessageId, MessageRow>,
    now: Time,
) -> Outcome<()> {
    let taken: Vec<(Uuid, &str)> = settled
        .iter()
        .flat_map(|one| {
            one.taken.iter().map(|part| (one.channel_id.uuid(), part.provider_message_id.as_str()))
        })
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    let (channels, ids): (Vec<Uuid>, Vec<&str>) = taken.into_iter().unzip();
    for (_, provider_message_id, message_id, early) in receipts::take(tx, &channels, &ids).await? {
        if let Some(message) = messages.get_mut(&message_id) {
            receipts::apply_to(message, &provider_message_id, early, now);
        }
    }
    Ok(())
}

async fn end_attempts(tx: &mut Tx, settled: &[Settled], valid: &HashSet<i64>, now: Time) -> Outcome<()> {
    let ended: Vec<(&Settled, AttemptId)> =
        settled.iter().filter_map(|one| Some((one, one.attempt_id?))).collect();
    if ended.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ended.iter().map(|(_, attempt)| attempt.uuid()).collect();
    let outcomes: Vec<String> = ended
        .iter()
        .map(|(one, _)| {
            let late = if valid.contains(&one.held.item.id) { "" } else { "late_" };
            format!("{late}{}", one.verdict.outcome())
        })
        .collect();
    let errors: Vec<Option<Value>> =
        ended.iter().map(|(one, _)| one.verdict.error().map(|error| json!(error))).collect();
    let evidence: Vec<Value> = ended
        .iter()
        .map(|(one, _)| {
            let ids: Vec<&str> = one.taken.iter().map(|part| part.provider_message_id.as_str()).collect();
            json!({"provider_message_ids": ids, "seen": crate::journal::without_nul(one.evidence.clone())})
        })
        .collect();
    sqlx::query!(
        "UPDATE attempts a SET ended_at = $5, outcome = u.outcome, error = u.error, evidence = u.evidence
         FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::jsonb[]) AS u (id, outcome, error, evidence)
         WHERE a.id = u.id AND (a.ended_at IS NULL OR u.outcome LIKE 'late\\_%')",
        &ids,
        &outcomes,
        &errors as &[Option<Value>],
        &evidence,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes how a channel stands and tells its account; nothing if it stood so before.
pub async fn tell(inbox: &Inbox, account: AccountId, channel: ChannelId, news: &ChannelNews) -> Outcome<()> {
    inbox
        .write(account, |mut unit| async move {
            tell_channel(&mut unit, account, channel, news).await?;
            unit.commit(()).await
        })
        .await
}

async fn tell_channel(
    unit: &mut Unit,
    account_id: AccountId,
    channel_id: ChannelId,
    news: &ChannelNews,
) -> Outcome<()> {
    let now = unit.now();
    if let Some(pause) = news.pause {
        let (of_type, provider) = news
            .shared_by
            .as_ref()
            .map_or((None, None), |(of_type, provider)| (Some(of_type.as_str()), Some(provider.as_str())));
        sqlx::query!(
            "UPDATE channels SET paused_until = greatest(paused_until, $5)
             WHERE account_id = $2 AND (id = $1 OR (channel_type = $3 AND lower(provider) = lower($4)))",
            channel_id.uuid(),
            account_id.uuid(),
            of_type,
            provider,
            now + chrono::Duration::from_std(pause).unwrap_or_default(),
        )
        .execute(&mut **unit.tx())
        .await?;
        unit.tx().nudge_after_commit(Nudge::Cache(account_id));
    }
    let Some(status) = news.status else { return Ok(()) };
    let changed = sqlx::query!(
        "UPDATE channels SET status = $3, error_message = $4, version = version + 1, updated_at = $5
         WHERE id = $1 AND account_id = $2
           AND (status <> $3 OR error_message IS DISTINCT FROM $4) AND status <> 'disabled'",
        channel_id.uuid(),
        account_id.uuid(),
        status.as_str(),
        news.error_message,
        now,
    )
    .execute(&mut **unit.tx())
    .await?
    .rows_affected();
    if changed > 0 {
        unit.tx().nudge_after_commit(Nudge::Cache(account_id));
        let event = Event::ChannelStatusChanged {
            account_id,
            channel_id,
            status,
            error_message: news.error_message.clone(),
        };
        unit.record(event, Audience::Account);
    }
    Ok(())
}
