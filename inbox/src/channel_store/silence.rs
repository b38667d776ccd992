//! The alarm over channels on which customers are not heard any more: the provider's webhook was re-routed, a number
//! was lost, the mailbox moved, the chat is no longer in the page. Nothing fails then, so nothing else would tell.
//!
//! A look reads what has come since the look before, by the index that channels' messages have; a message on its way
//! pays nothing for it. How long a channel may be silent is its `silence_hours`, or what is usual for it.

use std::{collections::BTreeMap, time::Duration};

use bus::{Outcome, Scope, Task, lease};
use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use model::{AccountId, Audience, ChannelId, Event, NodeId, Time, wire::SilentOf};
use sqlx::types::Json;
use tokio_util::sync::CancellationToken;

use crate::{Inbox, unit::Unit};

mod receipts;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(20);
/// Looks of which one is at receipts too: what it finds is an hour old at least.
const RECEIPTS_EVERY: u32 = 15;
/// How long a look may take before another node may begin one.
const LEASE: Duration = Duration::from_mins(1);
/// Accounts whose channels are looked at together.
const AT_ONCE: usize = 500;
/// A message may be committed so much later than its time says.
const LATE: TimeDelta = TimeDelta::seconds(40);
/// How far back the first look at a channel goes, and what counts as usual.
const MEMORY: TimeDelta = TimeDelta::days(28);
/// A channel that was heard for less has nothing that is usual for it: two weekends are in it.
const LEARNING: TimeDelta = TimeDelta::days(14);
/// No silence is unusual before.
const SHORTEST: TimeDelta = TimeDelta::hours(6);
/// Of a channel with longer pauses nothing is unusual.
const RARELY_USED: TimeDelta = TimeDelta::days(7);

/// Minutes of the longest pause of a week, by its Monday.
type Pauses = BTreeMap<NaiveDate, i64>;

/// What is known of a channel, and its last message from a customer since.
#[derive(Debug, Clone)]
struct Ear {
    id: ChannelId,
    account_id: AccountId,
    name: String,
    silence_hours: Option<i32>,
    quiet_since: Option<Time>,
    heard_since: Option<Time>,
    looked_at: Option<Time>,
    pauses: Json<Pauses>,
    silent_since: Option<Time>,
    /// A customer's newest message, later than what is known.
    heard_at: Option<Time>,
    /// The newest message, whosever.
    newest_at: Option<Time>,
}

impl Ear {
    /// What is known now.
    fn listened(&self, now: Time) -> Self {
        let mut ear = Self { looked_at: Some(now), ..self.clone() };
        let Some(heard) = self.heard_at.filter(|heard| self.quiet_since.is_none_or(|since| *heard > since))
        else {
            return ear;
        };
        ear.heard_since = self.heard_since.or(Some(heard));
        // a pause that was an alarm is none that is usual
        if let (Some(since), None) = (self.quiet_since, self.silent_since) {
            let minutes = (heard - since).num_minutes();
            let longest = ear.pauses.0.entry(monday(heard)).or_default();
            *longest = (*longest).max(minutes);
        }
        let oldest = monday(now - MEMORY);
        ear.pauses.0.retain(|week, _| *week >= oldest);
        ear.quiet_since = Some(heard);
        ear
    }

    /// How long it may be silent; `None`: for ever.
    fn limit(&self, now: Time) -> Option<TimeDelta> {
        match self.silence_hours {
            Some(0) => None,
            Some(hours) => Some(TimeDelta::hours(hours.into())),
            None => {
                self.heard_since.filter(|since| now - *since >= LEARNING)?;
                let longest = TimeDelta::minutes(self.pauses.0.values().copied().max().unwrap_or(0));
                (longest <= RARELY_USED).then(|| SHORTEST.max(longest * 3 / 2))
            }
        }
    }

    /// Since when nothing has come, if that is too long ago.
    fn silent(&self, now: Time) -> Option<Time> {
        let limit = self.limit(now)?;
        self.quiet_since.filter(|since| now - *since >= limit)
    }

    /// As they are stored.
    fn pauses(&self) -> serde_json::Value {
        serde_json::to_value(&self.pauses.0).unwrap_or_default()
    }

    /// Whether there was anything that the next look need not read again.
    fn has_news(&self) -> bool {
        self.looked_at.is_none_or(|looked| self.newest_at.is_some_and(|newest| newest > looked - LATE))
    }
}

fn monday(at: Time) -> NaiveDate {
    let day = at.date_naive();
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

/// Looks until cancelled, on the node that holds the lease.
pub async fn run(inbox: Inbox, node: NodeId, stop: CancellationToken) {
    for count in (0..RECEIPTS_EVERY).cycle() {
        let looked = match lease::take(inbox.store(), "silence", node, LEASE).await {
            Ok(Some(_held)) if count == 0 => look(&inbox).await.and(receipts::look(&inbox).await),
            Ok(Some(_held)) => look(&inbox).await,
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = looked {
            tracing::warn!(%fault, "looking for silent channels failed");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// One look at every channel that is switched on: what came is noted, alarms are raised and taken back.
pub async fn look(inbox: &Inbox) -> Outcome<()> {
    let now = inbox.now();
    for accounts in accounts(inbox).await?.chunks(AT_ONCE) {
        look_at(inbox, accounts, now).await?;
    }
    Ok(())
}

async fn look_at(inbox: &Inbox, accounts: &[AccountId], now: Time) -> Outcome<()> {
    let found = found(inbox, accounts, now).await?;
    let mut learned = Vec::new();
    for ear in &found {
        let next = ear.listened(now);
        let silent = next.silent(now);
        if silent.is_some() != ear.silent_since.is_some() {
            tell(inbox, ear, &next, silent).await?;
        } else if ear.has_news() {
            learned.push(next);
        }
    }
    remember(inbox, accounts, &learned).await
}

/// Whose channels are to be looked at.
async fn accounts(inbox: &Inbox) -> Outcome<Vec<AccountId>> {
    inbox
        .store()
        .read(Scope::System(Task::Maintenance), |mut tx| async move {
            let ids = sqlx::query_scalar!("SELECT DISTINCT account_id FROM channels WHERE is_enabled")
                .fetch_all(&mut *tx)
                .await?;
            Ok(ids.into_iter().map(AccountId).collect())
        })
        .await
}

/// Messages are their accounts', also for what looks at those of many.
async fn found(inbox: &Inbox, accounts: &[AccountId], now: Time) -> Outcome<Vec<Ear>> {
    let (oldest, late) = (now - MEMORY, LATE.num_seconds() as f64);
    let ids: &[uuid::Uuid] = &accounts.iter().map(|account| account.uuid()).collect::<Vec<_>>();
    inbox
        .store()
        .read(accounts, |mut tx| async move {
            let ears = sqlx::query_as!(
                Ear,
                r#"SELECT c.id AS "id: ChannelId", c.account_id AS "account_id: AccountId", c.name, c.silence_hours,
                          c.quiet_since, c.heard_since, c.looked_at, c.pauses AS "pauses: Json<Pauses>",
                          c.silent_since, heard.created_at AS "heard_at?", newest.created_at AS "newest_at?"
                   FROM channels c
                   LEFT JOIN LATERAL (
                       SELECT m.created_at FROM messages m
                       WHERE m.channel_id = c.id AND m.account_id = c.account_id AND m.id >= first_id_at($1)
                         AND m.created_at > $1
                       ORDER BY m.created_at DESC, m.id DESC LIMIT 1) newest ON true
                   LEFT JOIN LATERAL (
                       SELECT m.created_at FROM messages m
                       WHERE m.channel_id = c.id AND m.account_id = c.account_id AND m.direction = 'inbound'
                         AND m.id >= first_id_at($1)
                         AND m.created_at > COALESCE(c.looked_at - make_interval(secs => $2), $1)
                       ORDER BY m.created_at DESC, m.id DESC LIMIT 1) heard ON true
                   WHERE c.account_id = ANY ($3) AND c.is_enabled"#,
                oldest,
                late,
                ids,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(ears)
        })
        .await
}

/// Notes what was learned of channels whose alarm stays as it is.
async fn remember(inbox: &Inbox, accounts: &[AccountId], learned: &[Ear]) -> Outcome<()> {
    if learned.is_empty() {
        return Ok(());
    }
    let owners: &[uuid::Uuid] = &accounts.iter().map(|account| account.uuid()).collect::<Vec<_>>();
    let ids: &[uuid::Uuid] = &learned.iter().map(|ear| ear.id.uuid()).collect::<Vec<_>>();
    let times = |of: fn(&Ear) -> Option<Time>| learned.iter().map(of).collect::<Vec<_>>();
    let quiet: &[Option<Time>] = &times(|ear| ear.quiet_since);
    let heard: &[Option<Time>] = &times(|ear| ear.heard_since);
    let looked: &[Option<Time>] = &times(|ear| ear.looked_at);
    let pauses: &[serde_json::Value] = &learned.iter().map(Ear::pauses).collect::<Vec<_>>();
    inbox
        .store()
        .write(accounts, |mut tx| async move {
            // one that was switched on meanwhile counts from then on
            sqlx::query!(
                "UPDATE channels c SET quiet_since = GREATEST(c.quiet_since, l.quiet_since),
                     heard_since = l.heard_since, looked_at = l.looked_at, pauses = l.pauses
                 FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::jsonb[])
                      AS l (id, quiet_since, heard_since, looked_at, pauses)
                 WHERE c.id = l.id AND c.account_id = ANY ($6)",
                ids,
                quiet as &[Option<Time>],
                heard as &[Option<Time>],
                looked as &[Option<Time>],
                pauses,
                owners,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
}

/// Raises an alarm, or takes it back; those who are there are told, once.
async fn tell(inbox: &Inbox, was: &Ear, ear: &Ear, silent: Option<Time>) -> Outcome<()> {
    let (account_id, channel_id) = (ear.account_id, ear.id);
    let pauses = &ear.pauses();
    let told = inbox
        .write(account_id, |mut unit| async move {
            let changed = sqlx::query!(
                "UPDATE channels SET silent_since = $3, quiet_since = $4, heard_since = $5, looked_at = $6, pauses = $7
                 WHERE id = $1 AND account_id = $2 AND is_enabled
                   AND silent_since IS NOT DISTINCT FROM $8 AND quiet_since IS NOT DISTINCT FROM $9",
                channel_id.uuid(),
                account_id.uuid(),
                silent,
                ear.quiet_since,
                ear.heard_since,
                ear.looked_at,
                pauses,
                // what somebody has changed meanwhile is judged by the next look
                was.silent_since,
                was.quiet_since,
            )
            .execute(&mut **unit.tx())
            .await?;
            let channel = (account_id, channel_id, ear.name.as_str());
            told_once(unit, changed.rows_affected(), channel, SilentOf::Messages, silent).await
        })
        .await?;
    match silent {
        Some(since) if told => {
            tracing::warn!(%account_id, %channel_id, %since, "nothing comes in any more");
        }
        None if told => tracing::info!(%account_id, %channel_id, "the alarm over silence has ended"),
        _ => {}
    }
    Ok(())
}

/// Those who are there are told of an alarm, if it was this look that raised it or took it back.
async fn told_once(
    mut unit: Unit,
    changed: u64,
    (account_id, channel_id, name): (AccountId, ChannelId, &str),
    of: SilentOf,
    since: Option<Time>,
) -> Outcome<bool> {
    if changed > 0 {
        let event = Event::ChannelSilent { account_id, channel_id, name: name.to_owned(), of, since };
        unit.record(event, Audience::Account);
    }
    unit.commit(changed > 0).await
}

#[cfg(test)]
mod tests;
