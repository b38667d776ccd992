//! Receipts: what providers tell of messages that they took.
//!
//! A receipt is first noted with its provider id, in the transaction that journals its body; it is
//! applied as soon as the message of that id is known, by whoever comes second: the recorder of the
//! send's answer ([`crate::settle`]) or [`run`]. Neither order loses one, and no receipt moves a message
//! backwards.

use std::{collections::BTreeMap, time::Duration};

use bus::{Outcome, Scope, Task, Tx};
use model::{
    AccountId, ChannelId, ConversationId, MessageId, Time, message::MessageStep, view::DeliveryError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Inbox, Unit, conversations,
    settle::row::{self, MessageRow},
};

/// Receipts that one transaction applies.
const BATCH: i64 = 256;
/// How often receipts are looked for that no nudge told of.
const POLL: Duration = Duration::from_secs(5);

/// What became of a message of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub provider_message_id: String,
    /// Our message's id, if the provider gives it back: it settles an unknown outcome.
    #[serde(default)]
    pub correlation: Option<String>,
    pub status: ReceiptStatus,
    #[serde(default)]
    pub at: Option<Time>,
    #[serde(default)]
    pub error_code: Option<String>,
    #[serde(default)]
    pub error_message: Option<String>,
    /// What else the provider says of it: the price's category.
    #[serde(default)]
    pub facts: Value,
}

/// The state that a receipt reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    Sent,
    Delivered,
    Read,
    Failed,
}

/// The receipts of one provider id.
struct Noted {
    account_id: AccountId,
    correlation: Option<Uuid>,
    receipts: Vec<Value>,
}

/// Notes receipts with their provider ids, in one statement. They are applied later.
pub(crate) async fn note(
    tx: &mut Tx,
    receipts: &[(AccountId, ChannelId, &Receipt)],
    now: Time,
) -> Outcome<()> {
    // in the order of the keys, so that two batches cannot wait for each other
    let mut by_id: BTreeMap<(Uuid, String), Noted> = BTreeMap::new();
    for (account_id, channel_id, receipt) in receipts {
        let key = (channel_id.uuid(), receipt.provider_message_id.replace('\0', "\u{fffd}"));
        let entry = by_id.entry(key).or_insert_with(|| Noted {
            account_id: *account_id,
            correlation: None,
            receipts: Vec::new(),
        });
        entry.correlation =
            entry.correlation.or_else(|| receipt.correlation.as_deref().and_then(|text| text.parse().ok()));
        let value = serde_json::to_value(receipt).map_err(model::Error::internal)?;
        entry.receipts.push(crate::journal::without_nul(value));
    }
    if by_id.is_empty() {
        return Ok(());
    }
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((channel_id, provider_message_id), noted) in by_id {
        columns.0.push(channel_id);
        columns.1.push(provider_message_id);
        columns.2.push(noted.account_id.uuid());
        columns.3.push(noted.correlation);
        columns.4.push(Value::Array(noted.receipts));
    }
    sqlx::query!(
        "INSERT INTO provider_ids AS p (channel_id, direction, provider_message_id, account_id, message_id,
                                        early_receipts, created_at)
         SELECT n.channel_id, 'outbound', n.provider_message_id, n.account_id,
                (SELECT m.id FROM messages m WHERE m.id = n.correlation AND m.channel_id = n.channel_id
                     AND m.account_id = n.account_id AND m.direction = 'outbound'),
                n.receipts, $6
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::jsonb[])
              AS n (channel_id, provider_message_id, account_id, correlation, receipts)
         ON CONFLICT (channel_id, direction, provider_message_id) DO UPDATE SET
             early_receipts = coalesce(p.early_receipts, '[]') || excluded.early_receipts,
             message_id = coalesce(p.message_id, excluded.message_id)",
        &columns.0,
        &columns.1,
        &columns.2,
        &columns.3 as &[Option<Uuid>],
        &columns.4,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Applies receipts to a locked message.
pub(crate) fn apply_to(message: &mut MessageRow, provider_message_id: &str, receipts: Value, now: Time) {
    let receipts: Vec<Receipt> = serde_json::from_value(receipts).unwrap_or_default();
    for receipt in receipts {
        let at = receipt.at.unwrap_or(now);
        message.note_facts(receipt.facts);
        match receipt.status {
            ReceiptStatus::Sent => {
                message.step(MessageStep::ReceiptSent, at, None);
            }
            ReceiptStatus::Delivered => {
                if message.part_arrived(provider_message_id) {
                    message.step(MessageStep::ReceiptDelivered, at, None);
                }
            }
            ReceiptStatus::Read => {
                if message.part_arrived(provider_message_id) {
                    message.step(MessageStep::ReceiptDelivered, at, None);
                    message.read(at);
                }
            }
            ReceiptStatus::Failed => {
                let error = DeliveryError {
                    class: "rejected".to_owned(),
                    code: receipt.error_code.unwrap_or_else(|| "failed".to_owned()),
                    message: receipt
                        .error_message
                        .unwrap_or_else(|| "the provider could not deliver it".to_owned()),
                };
                message.step(MessageStep::ReceiptFailed, at, Some(&error));
            }
        }
    }
}

/// Applies receipts whose message is known, until `stop`.
pub(crate) async fn run(inbox: &Inbox, noted: &Notify, stop: CancellationToken) {
    loop {
        match apply_due(inbox).await {
            Ok(applied) if applied == BATCH as usize => continue,
            Ok(_) => {}
            Err(fault) if fault.is_unavailable() => {
                tracing::debug!(error = %fault, "receipts wait for the store");
            }
            Err(fault) => tracing::error!(error = %fault, "receipts could not be applied"),
        }
        tokio::select! {
            () = noted.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Applies what waits, at most one batch; one unit per account. Returns how many provider ids had some.
pub async fn apply_due(inbox: &Inbox) -> Outcome<usize> {
    let waiting = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                r#"SELECT account_id, channel_id, provider_message_id, message_id AS "message_id!"
                   FROM provider_ids WHERE early_receipts IS NOT NULL AND message_id IS NOT NULL
                   ORDER BY created_at LIMIT $1"#,
                BATCH,
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let count = waiting.len();
    let mut failed = 0;
    let mut by_account: BTreeMap<Uuid, Vec<Known>> = BTreeMap::new();
    for row in waiting {
        by_account.entry(row.account_id).or_default().push(Known {
            channel: row.channel_id,
            provider_message_id: row.provider_message_id,
            message_id: MessageId(row.message_id),
        });
    }
    for (account_id, known) in by_account {
        let known = &known;
        match inbox.write(AccountId(account_id), |unit| apply(unit, known)).await {
            Ok(()) => {}
            Err(fault) if fault.is_unavailable() => return Err(fault),
            // the others' do not wait for it
            Err(fault) => {
                failed += known.len();
                tracing::error!(error = %fault, account_id = %AccountId(account_id), ids = known.len(),
                    "receipts of one account could not be applied");
            }
        }
    }
    Ok(count - failed)
}

/// A provider id whose message is known.
struct Known {
    channel: Uuid,
    provider_message_id: String,
    message_id: MessageId,
}

async fn apply(mut unit: Unit, known: &[Known]) -> Outcome<()> {
    let now = unit.now();
    let ids: Vec<MessageId> = known.iter().map(|known| known.message_id).collect();
    let plain: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let conversation_ids = sqlx::query_scalar!(
        r#"SELECT DISTINCT conversation_id AS "id!" FROM messages
           WHERE id = ANY ($1) AND conversation_id IS NOT NULL"#,
        &plain,
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let conversation_ids: Vec<ConversationId> = conversation_ids.into_iter().map(ConversationId).collect();
    let conversations = conversations::lock(unit.tx(), &conversation_ids).await?;
    let mut messages = row::lock(unit.tx(), &ids).await?;
    let channels: Vec<Uuid> = known.iter().map(|known| known.channel).collect();
    let provider_ids: Vec<&str> = known.iter().map(|known| known.provider_message_id.as_str()).collect();
    for (channel_id, provider_message_id, message_id, receipts) in
        take(unit.tx(), &channels, &provider_ids).await?
    {
        match messages.get_mut(&message_id) {
            Some(message) => apply_to(message, &provider_message_id, receipts, now),
            None => {
                tracing::warn!(%channel_id, provider_message_id, %message_id, "a receipt for a message that is gone");
            }
        }
    }
    row::save(&mut unit, messages, conversations).await?;
    unit.commit(()).await
}

/// Takes the waiting receipts of these ids out of their rows. Rows are locked in key order.
pub(crate) async fn take(
    tx: &mut Tx,
    channels: &[Uuid],
    provider_ids: &[&str],
) -> Outcome<Vec<(ChannelId, String, MessageId, Value)>> {
    let rows = sqlx::query!(
        r#"WITH held AS (
               SELECT p.channel_id, p.provider_message_id, p.message_id, p.early_receipts
               FROM provider_ids p
               JOIN unnest($1::uuid[], $2::text[]) AS n (channel_id, provider_message_id)
                   USING (channel_id, provider_message_id)
               WHERE p.direction = 'outbound' AND p.early_receipts IS NOT NULL AND p.message_id IS NOT NULL
               ORDER BY p.channel_id, p.provider_message_id FOR UPDATE OF p
           ), taken AS (
               UPDATE provider_ids p SET early_receipts = NULL FROM held
               WHERE p.channel_id = held.channel_id AND p.direction = 'outbound'
                 AND p.provider_message_id = held.provider_message_id
           )
           SELECT channel_id AS "channel_id!", provider_message_id AS "provider_message_id!",
                  message_id AS "message_id!", early_receipts AS "receipts!" FROM held"#,
        channels,
        provider_ids as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (ChannelId(row.channel_id), row.provider_message_id, MessageId(row.message_id), row.receipts)
        })
        .collect())
}
