//! The alarm over channels whose provider does not say any more what became of messages: its callbacks go elsewhere, or
//! were switched off. Messages go on being sent and look well, so nothing else would tell.
//!
//! What counts are people, not messages: the phone of one of them may be off.

use bus::Outcome;
use chrono::TimeDelta;
use model::{AccountId, ChannelId, Time, wire::SilentOf};

use super::{AT_ONCE, MEMORY, accounts, told_once};
use crate::Inbox;

/// A provider that gives receipts has given one by then.
const PATIENCE: TimeDelta = TimeDelta::hours(1);
/// The newest messages of a channel that a look reads.
const NEWEST: i64 = 200;
/// Of so many people at least is learned whether the provider gives receipts.
const ENOUGH: i64 = 10;
/// So many people, one after another, whose messages have none are no chance.
const TOO_MANY: i64 = 8;

/// What the newest messages of a channel tell.
#[derive(Debug, Clone)]
struct Fates {
    id: ChannelId,
    account_id: AccountId,
    name: String,
    silence_hours: Option<i32>,
    receipts_at: Option<Time>,
    missing_since: Option<Time>,
    /// Who was written to, long enough ago.
    people: i64,
    /// Those of them with a receipt.
    answered: i64,
    /// Those without, since the last message that has one.
    unanswered: i64,
    /// The first that was sent to them.
    first: Option<Time>,
}

impl Fates {
    /// Whether the provider gives receipts: three people of four have one.
    const fn is_usual(&self) -> bool {
        self.people >= ENOUGH && self.answered * 4 >= self.people * 3
    }

    /// Since when there are none, if there used to be.
    fn missing(&self, now: Time) -> Option<Time> {
        let used_to = self.receipts_at.is_some_and(|at| now - at <= MEMORY);
        let are_missing = used_to && self.unanswered >= TOO_MANY && self.silence_hours != Some(0);
        self.first.filter(|_| are_missing)
    }
}

/// One look at every channel that is switched on.
pub async fn look(inbox: &Inbox) -> Outcome<()> {
    let now = inbox.now();
    for accounts in accounts(inbox).await?.chunks(AT_ONCE) {
        let mut usual = Vec::new();
        for fates in found(inbox, accounts, now).await? {
            let missing = fates.missing(now);
            if missing.is_some() != fates.missing_since.is_some() {
                tell(inbox, &fates, missing).await?;
            }
            if fates.is_usual() {
                usual.push(fates.id);
            }
        }
        remember(inbox, accounts, &usual, now).await?;
    }
    Ok(())
}

async fn found(inbox: &Inbox, accounts: &[AccountId], now: Time) -> Outcome<Vec<Fates>> {
    let (oldest, patient) = (now - MEMORY, now - PATIENCE);
    let ids: &[uuid::Uuid] = &accounts.iter().map(|account| account.uuid()).collect::<Vec<_>>();
    inbox
        .store()
        .read(accounts, |mut tx| async move {
            // the newest of all messages are read, and what is no message of ours is left out afterwards: a channel
            // that hardly sends must not be read to its beginning
            let found = sqlx::query_as!(
                Fates,
                r#"SELECT c.id AS "id: ChannelId", c.account_id AS "account_id: AccountId", c.name, c.silence_hours,
                          c.receipts_at, c.receipts_missing_since AS missing_since, s.people AS "people!",
                          s.answered AS "answered!", s.unanswered AS "unanswered!", s.first AS "first?"
                   FROM channels c
                   CROSS JOIN LATERAL (
                       SELECT max(n.created_at) AS at FROM (
                           SELECT m.created_at, m.direction, m.sent_at, m.delivered_at, m.read_at, m.failed_at
                           FROM messages m
                           WHERE m.channel_id = c.id AND m.account_id = c.account_id AND m.id >= first_id_at($1)
                             AND m.created_at > greatest($1, c.receipts_from)
                           ORDER BY m.created_at DESC, m.id DESC LIMIT $3) n
                       WHERE n.direction = 'outbound' AND n.sent_at IS NOT NULL
                         AND COALESCE(n.delivered_at, n.read_at, n.failed_at) IS NOT NULL) last
                   CROSS JOIN LATERAL (
                       SELECT count(DISTINCT n.delivery_address) AS people,
                              count(DISTINCT n.delivery_address) FILTER (WHERE n.has_receipt) AS answered,
                              count(DISTINCT n.delivery_address) FILTER (WHERE NOT n.has_receipt
                                  AND (last.at IS NULL OR n.created_at > last.at)) AS unanswered,
                              min(n.sent_at) FILTER (WHERE NOT n.has_receipt
                                  AND (last.at IS NULL OR n.created_at > last.at)) AS first
                       FROM (
                           SELECT m.created_at, m.direction, m.sent_at, m.delivery_address,
                                  COALESCE(m.delivered_at, m.read_at, m.failed_at) IS NOT NULL AS has_receipt
                           FROM messages m
                           WHERE m.channel_id = c.id AND m.account_id = c.account_id AND m.id >= first_id_at($1)
                             AND m.created_at > greatest($1, c.receipts_from) AND m.created_at <= $2
                           ORDER BY m.created_at DESC, m.id DESC LIMIT $3) n
                       WHERE n.direction = 'outbound' AND n.sent_at <= $2) s
                   WHERE c.account_id = ANY ($4) AND c.is_enabled AND c.channel_type <> 'webchat'"#,
                oldest,
                patient,
                NEWEST,
                ids,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(found)
        })
        .await
}

/// Notes which channels have receipts.
async fn remember(inbox: &Inbox, accounts: &[AccountId], usual: &[ChannelId], now: Time) -> Outcome<()> {
    if usual.is_empty() {
        return Ok(());
    }
    let owners: &[uuid::Uuid] = &accounts.iter().map(|account| account.uuid()).collect::<Vec<_>>();
    let ids: &[uuid::Uuid] = &usual.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    inbox
        .store()
        .write(accounts, |mut tx| async move {
            sqlx::query!(
                "UPDATE channels SET receipts_at = $1 WHERE id = ANY ($2) AND account_id = ANY ($3)",
                now,
                ids,
                owners,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
}

async fn tell(inbox: &Inbox, was: &Fates, missing: Option<Time>) -> Outcome<()> {
    let (account_id, channel_id) = (was.account_id, was.id);
    let told = inbox
        .write(account_id, |mut unit| async move {
            let changed = sqlx::query!(
                "UPDATE channels SET receipts_missing_since = $3
                 WHERE id = $1 AND account_id = $2 AND is_enabled
                   AND receipts_missing_since IS NOT DISTINCT FROM $4",
                channel_id.uuid(),
                account_id.uuid(),
                missing,
                // what somebody has changed meanwhile is judged by the next look
                was.missing_since,
            )
            .execute(&mut **unit.tx())
            .await?;
            told_once(
                unit,
                changed.rows_affected(),
                (account_id, channel_id, &was.name),
                SilentOf::Receipts,
                missing,
            )
            .await
        })
        .await?;
    match missing {
        Some(since) if told => tracing::warn!(%account_id, %channel_id, %since, "receipts are missing"),
        None if told => tracing::info!(%account_id, %channel_id, "receipts come again"),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
