//! Claiming answers: the lease, what the message needs, and the open attempt, in one transaction.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use bus::{
    Outcome, Scope, Tx,
    mailbox::{self, BoxName, Held, KeyRef, PutOff},
};
use channels::Answered;
use inbox::{Inbox, settle::HOLDS};
use model::{
    AccountId, Attachment, AttemptId, ChannelId, ConversationId, GroupMessageId, MessageId, MessageStatus,
    SenderType, Time,
};
use serde_json::Value;
use uuid::Uuid;

use crate::governor::Grant;

/// A key that may be claimed, and whether its channel lets one more message go.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub key: KeyRef,
    pub channel_id: ChannelId,
    pub grant: Grant,
}

/// A claimed message.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub held: Held,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    /// It is a recipient's of that group message.
    pub group_message_id: Option<GroupMessageId>,
    pub message: Loaded,
    pub task: Task,
}

/// What is to be done with it.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    /// Its attempt is open and committed: send.
    Send {
        attempt_id: AttemptId,
    },
    /// An attempt was left open by a worker that is gone, or the outcome was lost: ask the provider.
    Ask {
        attempt_id: Option<AttemptId>,
        started_at: Time,
    },
    /// The channel is gone or switched off.
    NoChannel,
    TooOld,
    /// Written by a bot that has handed over since.
    Silenced,
    /// The customer has opted out of this channel.
    Suppressed,
    /// Settled already.
    Nothing,
}

/// A message and what belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub id: MessageId,
    pub conversation_id: Option<ConversationId>,
    pub status: MessageStatus,
    pub to: String,
    pub thread_key: Option<String>,
    pub text: String,
    /// `None`: what is stored cannot be read; it must not be sent without them.
    pub attachments: Option<Vec<Attachment>>,
    pub reply_to: Option<String>,
    pub metadata: Value,
    pub bot_epoch: Option<i32>,
    pub conversation_epoch: Option<i32>,
    pub scheduled_at: Option<Time>,
    pub attempts: i32,
    pub paused_until: Option<Time>,
    pub is_enabled: bool,
    pub open_attempt: Option<AttemptId>,
    pub last_attempt_at: Option<Time>,
    pub sender_type: SenderType,
    pub last_inbound_at: Option<Time>,
    /// The customer's last message, where answers repeat something of it.
    pub answers: Option<Answered>,
    pub is_suppressed: bool,
}

/// Claims what is due of these keys. Messages whose channel does not let them go are put off without an
/// attempt, in the same transaction.
pub(crate) async fn claim(
    inbox: &Inbox,
    candidates: &[Candidate],
    lease: Duration,
    max_age: Duration,
) -> Outcome<Vec<Claimed>> {
    let accounts: HashSet<AccountId> = candidates.iter().map(|candidate| candidate.key.account_id).collect();
    let keys: Vec<KeyRef> = candidates.iter().map(|candidate| candidate.key.clone()).collect();
    let by_key: HashMap<&str, &Candidate> =
        candidates.iter().map(|candidate| (candidate.key.key.as_str(), candidate)).collect();
    let (keys, by_key) = (&keys, &by_key);
    inbox
        .store()
        .write(Scope::Accounts(accounts.into_iter().collect()), |mut tx| async move {
            let now = inbox.now();
            let held = mailbox::claim(&mut tx, BoxName::Reply, keys, lease).await?;
            if held.is_empty() {
                return Ok(Vec::new());
            }
            let mut messages = load(&mut tx, &held).await?;
            let (mut claimed, mut put_off, mut released, mut gone) =
                (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for one in held {
                let Some(candidate) = by_key.get(one.item.key.key.as_str()) else { continue };
                let Some(message) = messages.remove(&MessageId(one.item.ref_id)) else {
                    tracing::error!(message_id = %one.item.ref_id, "a reply without its message is dropped");
                    gone.push(one.item.id);
                    released.push(one);
                    continue;
                };
                let decided = decide(&message, &one, candidate.grant, max_age, now);
                match decided {
                    Decided::Later(after, reason) => {
                        let reason = reason.to_owned();
                        put_off.push(PutOff { id: one.item.id, after, counts: false, aside: false, reason });
                        released.push(one);
                    }
                    Decided::Do(task) => claimed.push(Claimed {
                        account_id: one.item.key.account_id,
                        held: one,
                        channel_id: candidate.channel_id,
                        group_message_id: None,
                        message,
                        task,
                    }),
                }
            }
            open_attempts(&mut tx, &mut claimed, now).await?;
            mailbox::remove(&mut tx, &gone).await?;
            mailbox::put_off_many(&mut tx, &put_off, HOLDS).await?;
            mailbox::release_many(&mut tx, BoxName::Reply, &released.iter().collect::<Vec<_>>()).await?;
            Ok(claimed)
        })
        .await
}

enum Decided {
    Do(Task),
    Later(Duration, &'static str),
}

fn decide(message: &Loaded, held: &Held, grant: Grant, max_age: Duration, now: Time) -> Decided {
    match message.status {
        MessageStatus::Queued => {}
        MessageStatus::Sending | MessageStatus::Unknown => {
            return Decided::Do(Task::Ask {
                attempt_id: message.open_attempt,
                started_at: message.last_attempt_at.unwrap_or(held.item.created_at),
            });
        }
        _ => return Decided::Do(Task::Nothing),
    }
    let waited = now - held.item.created_at.max(message.scheduled_at.unwrap_or(held.item.created_at));
    if waited.to_std().unwrap_or_default() > max_age {
        return Decided::Do(Task::TooOld);
    }
    if message.bot_epoch.is_some() && message.bot_epoch != message.conversation_epoch {
        return Decided::Do(Task::Silenced);
    }
    if !message.is_enabled {
        return Decided::Do(Task::NoChannel);
    }
    // the channel's own answer to STOP is the last word
    if message.is_suppressed && message.sender_type != SenderType::System {
        return Decided::Do(Task::Suppressed);
    }
    if let Some(left) = message.paused_until.and_then(|until| (until - now).to_std().ok())
        && !left.is_zero()
    {
        return Decided::Later(left, "the channel is paused");
    }
    match grant {
        Grant::Go => Decided::Do(Task::Send { attempt_id: AttemptId::new() }),
        Grant::Wait(time, reason) => Decided::Later(time, reason),
    }
}

async fn load(tx: &mut Tx, held: &[Held]) -> Outcome<HashMap<MessageId, Loaded>> {
    let ids: Vec<Uuid> = held.iter().map(|one| one.item.ref_id).collect();
    let rows = sqlx::query!(
        r#"SELECT m.id AS "id!", m.conversation_id, m.status AS "status!: MessageStatus",
                  m.delivery_address AS "delivery_address!", m.message_body AS "message_body!",
                  m.attachments AS "attachments!", m.metadata AS "metadata!", m.bot_epoch, m.scheduled_at,
                  m.attempts AS "attempts!", m.sender_type AS "sender_type!: SenderType",
                  c.last_inbound_at AS "last_inbound_at?",
                  EXISTS (SELECT 1 FROM suppressions s
                          WHERE s.account_id = m.account_id AND s.channel_type = ch.channel_type
                            AND s.address = m.delivery_address AND s.reason = 'opt_out'
                            -- by mail one leaves a list, not a conversation
                            AND s.channel_type <> 'email'
                            AND (s.channel_id IS NULL OR s.channel_id = m.channel_id)) AS "is_suppressed!",
                  c.thread_key AS "thread_key?", c.bot_epoch AS "conversation_epoch?",
                  r.external_id AS "reply_external_id?", ch.paused_until AS "paused_until?",
                  ch.is_enabled AS "is_enabled?", a.id AS "attempt_id?", a.started_at AS "attempt_at?",
                  a.ended_at AS "attempt_ended_at?", l.external_id AS "last_external_id?",
                  l.metadata AS "last_metadata?"
           FROM messages m
           LEFT JOIN conversations c ON c.id = m.conversation_id
           LEFT JOIN messages r ON r.id = m.reply_to AND r.conversation_id = m.conversation_id
           LEFT JOIN channels ch ON ch.id = m.channel_id
           LEFT JOIN LATERAL (
               SELECT id, started_at, ended_at FROM attempts a WHERE a.message_id = m.id AND m.attempts > 0
               ORDER BY a.number DESC LIMIT 1
           ) a ON true
           LEFT JOIN LATERAL (
               SELECT i.external_id, i.metadata FROM messages i
               WHERE ch.channel_type = 'email' AND i.conversation_id = m.conversation_id
                 AND i.direction = 'inbound' AND i.external_id IS NOT NULL
               ORDER BY i.seq DESC LIMIT 1
           ) l ON true
           WHERE m.id = ANY ($1)"#,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = MessageId(row.id);
            let loaded = Loaded {
                id,
                conversation_id: row.conversation_id.map(ConversationId),
                status: row.status,
                to: row.delivery_address,
                thread_key: row.thread_key,
                text: row.message_body,
                attachments: serde_json::from_value(row.attachments)
                    .inspect_err(
                        |error| tracing::error!(message_id = %id, %error, "attachments cannot be read"),
                    )
                    .ok(),
                reply_to: row.reply_external_id,
                metadata: row.metadata,
                bot_epoch: row.bot_epoch,
                conversation_epoch: row.conversation_epoch,
                scheduled_at: row.scheduled_at,
                attempts: row.attempts,
                paused_until: row.paused_until,
                is_enabled: row.is_enabled.unwrap_or(false),
                open_attempt: row.attempt_id.filter(|_| row.attempt_ended_at.is_none()).map(AttemptId),
                last_attempt_at: row.attempt_at,
                sender_type: row.sender_type,
                last_inbound_at: row.last_inbound_at,
                answers: row.last_external_id.map(|external_id| Answered {
                    external_id,
                    metadata: row.last_metadata.unwrap_or_default(),
                }),
                is_suppressed: row.is_suppressed,
            };
            (id, loaded)
        })
        .collect())
}

/// Commits `sending` and the attempt's row before any request is written. A message that was changed
/// meanwhile (cancelled) is left alone.
async fn open_attempts(tx: &mut Tx, claimed: &mut [Claimed], now: Time) -> Outcome<()> {
    let sends: Vec<(Uuid, AttemptId)> = claimed
        .iter()
        .filter_map(|one| match one.task {
            Task::Send { attempt_id } => Some((one.message.id.uuid(), attempt_id)),
            _ => None,
        })
        .collect();
    if sends.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = sends.iter().map(|(id, _)| *id).collect();
    let started = sqlx::query!(
        "UPDATE messages SET status = 'sending', attempts = attempts + 1, next_attempt_at = NULL, updated_at = $2
         WHERE id = ANY ($1) AND status = 'queued' RETURNING id, attempts",
        &ids,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    let numbers: HashMap<Uuid, i32> = started.into_iter().map(|row| (row.id, row.attempts)).collect();
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in claimed {
        let Task::Send { attempt_id } = one.task else { continue };
        let Some(number) = numbers.get(&one.message.id.uuid()) else {
            one.task = Task::Nothing;
            continue;
        };
        one.message.attempts = *number;
        one.message.status = MessageStatus::Sending;
        columns.0.push(attempt_id.uuid());
        columns.1.push(one.account_id.uuid());
        columns.2.push(one.message.id.uuid());
        columns.3.push(one.channel_id.uuid());
        columns.4.push(*number);
        columns.5.push(one.held.token);
    }
    sqlx::query!(
        "INSERT INTO attempts (id, account_id, message_id, channel_id, number, token, started_at)
         SELECT id, account_id, message_id, channel_id, number, token, $7
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[])
              AS a (id, account_id, message_id, channel_id, number, token)",
        &columns.0,
        &columns.1,
        &columns.2,
        &columns.3,
        &columns.4,
        &columns.5,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::Duration as Span;
    use model::{Clock, SystemClock};
    use serde_json::json;

    use super::*;

    fn message(status: MessageStatus) -> Loaded {
        Loaded {
            id: MessageId::new(),
            conversation_id: Some(ConversationId::new()),
            status,
            to: "+251911000000".into(),
            thread_key: None,
            text: "hello".into(),
            attachments: Some(vec![]),
            reply_to: None,
            metadata: json!({}),
            bot_epoch: None,
            conversation_epoch: Some(1),
            scheduled_at: None,
            attempts: 0,
            paused_until: None,
            is_enabled: true,
            open_attempt: None,
            last_attempt_at: None,
            sender_type: SenderType::Agent,
            last_inbound_at: None,
            answers: None,
            is_suppressed: false,
        }
    }

    fn held(created_at: Time) -> Held {
        Held {
            token: 1,
            item: mailbox::Item {
                id: 1,
                key: KeyRef { account_id: AccountId::new(), key: "k".into() },
                ref_id: Uuid::nil(),
                payload: None,
                attempts: 0,
                created_at,
                first_failed_at: None,
                is_aside: false,
            },
        }
    }

    const AGE: Duration = Duration::from_secs(900);

    #[test]
    fn only_a_queued_message_is_sent() {
        let now = SystemClock.now();
        for status in MessageStatus::ALL {
            let decided = decide(&message(*status), &held(now), Grant::Go, AGE, now);
            match status {
                MessageStatus::Queued => assert!(matches!(decided, Decided::Do(Task::Send { .. }))),
                MessageStatus::Sending | MessageStatus::Unknown => {
                    assert!(matches!(decided, Decided::Do(Task::Ask { .. })));
                }
                _ => assert!(matches!(decided, Decided::Do(Task::Nothing)), "{status}"),
            }
        }
    }

    #[test]
    fn who_has_opted_out_gets_only_the_channels_own_last_word() {
        let now = SystemClock.now();
        let suppressed = Loaded { is_suppressed: true, ..message(MessageStatus::Queued) };
        assert!(matches!(
            decide(&suppressed, &held(now), Grant::Go, AGE, now),
            Decided::Do(Task::Suppressed)
        ));
        let confirmation = Loaded { sender_type: SenderType::System, ..suppressed };
        assert!(matches!(
            decide(&confirmation, &held(now), Grant::Go, AGE, now),
            Decided::Do(Task::Send { .. })
        ));
    }

    #[test]
    fn age_epoch_and_pauses_are_looked_at_before_the_rate() {
        let now = SystemClock.now();
        let wait = Grant::Wait(Duration::from_secs(1), "rate");
        let old = held(now - Span::seconds(901));
        assert!(matches!(
            decide(&message(MessageStatus::Queued), &old, wait, AGE, now),
            Decided::Do(Task::TooOld)
        ));
        let scheduled = Loaded { scheduled_at: Some(now), ..message(MessageStatus::Queued) };
        assert!(matches!(decide(&scheduled, &old, Grant::Go, AGE, now), Decided::Do(Task::Send { .. })));
        let silenced = Loaded { bot_epoch: Some(0), ..message(MessageStatus::Queued) };
        assert!(matches!(decide(&silenced, &held(now), wait, AGE, now), Decided::Do(Task::Silenced)));
        let current = Loaded { bot_epoch: Some(1), ..message(MessageStatus::Queued) };
        assert!(matches!(decide(&current, &held(now), Grant::Go, AGE, now), Decided::Do(Task::Send { .. })));
        let off = Loaded { is_enabled: false, ..message(MessageStatus::Queued) };
        assert!(matches!(decide(&off, &held(now), Grant::Go, AGE, now), Decided::Do(Task::NoChannel)));
        let paused = Loaded { paused_until: Some(now + Span::seconds(5)), ..message(MessageStatus::Queued) };
        assert!(matches!(decide(&paused, &held(now), Grant::Go, AGE, now), Decided::Later(..)));
        assert!(matches!(
            decide(&message(MessageStatus::Queued), &held(now), wait, AGE, now),
            Decided::Later(..)
        ));
    }
}
