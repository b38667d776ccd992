//! The inbound worker: takes what the journal put into the mailbox, per sender in order.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use bus::{
    Fault, Outcome, Scope,
    mailbox::{self, Item, KeyRef},
    nudge::Dirty,
};
use model::{AccountId, event::BoxName};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{InboundItem, receive};
use crate::Inbox;

/// Keys in one transaction.
const KEYS: usize = 128;
/// Items of one key in one transaction.
const PER_KEY: i64 = 32;
/// Lanes, by account: a transaction that waits in one account holds up only its own lane.
const LANES: usize = 4;
/// How often the store is searched for what no nudge told of.
const POLL: Duration = Duration::from_secs(1);
/// A failing item holds its sender's later ones for this long, then it is parked.
const HOLDS: Duration = Duration::from_secs(60);

/// Runs until cancelled, or until one of its lanes broke: items of its accounts would wait unseen.
pub async fn run(inbox: Inbox, stop: CancellationToken) {
    let lanes: Vec<Arc<Dirty<KeyRef>>> = (0..LANES).map(|_| Arc::new(Dirty::default())).collect();
    // a lane ends with `stop`, or when another broke
    let until = stop.child_token();
    let mut tasks = JoinSet::new();
    for lane in &lanes {
        tasks.spawn(work(inbox.clone(), Arc::clone(lane), until.clone()));
    }
    let nudged = inbox.store().nudges().mailbox(BoxName::Inbound);
    let mut next_poll = tokio::time::Instant::now();
    loop {
        let patience = next_poll.saturating_duration_since(tokio::time::Instant::now());
        let mut keys = tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = tasks.join_next() => {
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "a lane of the inbound worker broke");
                }
                break;
            }
            keys = nudged.take(1024, patience) => keys,
        };
        if tokio::time::Instant::now() >= next_poll {
            next_poll = tokio::time::Instant::now() + POLL;
            match mailbox::due(inbox.store(), BoxName::Inbound, 1024).await {
                Ok(due) => keys.extend(due),
                Err(fault) => tracing::warn!(%fault, "searching the inbound mailbox failed"),
            }
        }
        for key in keys {
            let mut hasher = DefaultHasher::new();
            key.account_id.hash(&mut hasher);
            lanes[hasher.finish() as usize % LANES].mark(key);
        }
    }
    until.cancel();
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a lane of the inbound worker broke");
        }
    }
}

async fn work(inbox: Inbox, lane: Arc<Dirty<KeyRef>>, stop: CancellationToken) {
    loop {
        let keys = tokio::select! {
            () = stop.cancelled() => return,
            keys = lane.take(KEYS, Duration::from_secs(60)) => keys,
        };
        if keys.is_empty() {
            continue;
        }
        match handle(&inbox, &keys).await {
            Ok(full) => full.into_iter().for_each(|key| lane.mark(key)),
            Err(fault) if fault.is_unavailable() => {
                // the items are safe; the poll finds them when the store is back
                tracing::warn!(%fault, "inbound items wait for the store");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(fault) if keys.len() > 1 => {
                tracing::warn!(%fault, keys = keys.len(), "a batch of inbound items failed; handling them one by one");
                for key in &keys {
                    handle_alone(&inbox, key).await;
                }
            }
            Err(_) => handle_alone(&inbox, &keys[0]).await,
        }
    }
}

/// Handles the due items of these keys in one transaction; returns keys that have more.
async fn handle(inbox: &Inbox, keys: &[KeyRef]) -> Outcome<Vec<KeyRef>> {
    let mut accounts: Vec<AccountId> = keys.iter().map(|key| key.account_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    inbox
        .write(Scope::Accounts(accounts), |mut unit| async move {
            let items = mailbox::lock(unit.tx(), BoxName::Inbound, keys, PER_KEY).await?;
            if items.is_empty() {
                return unit.commit(Vec::new()).await;
            }
            let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
            let mut full = Vec::new();
            for key in keys {
                if items.iter().filter(|item| item.key == *key).count() as i64 == PER_KEY {
                    full.push(key.clone());
                }
            }
            receive(&mut unit, parsed(items)?).await?;
            mailbox::remove(unit.tx(), &ids).await?;
            unit.commit(full).await
        })
        .await
}

fn parsed(items: Vec<Item>) -> Outcome<Vec<(AccountId, InboundItem)>> {
    items
        .into_iter()
        .map(|item| {
            let payload = item.payload.unwrap_or_default();
            let parsed = serde_json::from_value(payload)
                .map_err(|error| Fault::Refused(model::Error::internal(error)))?;
            Ok((item.key.account_id, parsed))
        })
        .collect()
}

/// The first item of a key that failed in company: alone, then put off, then parked.
async fn handle_alone(inbox: &Inbox, key: &KeyRef) {
    let result = inbox
        .write(key.account_id, |mut unit| async move {
            let items = mailbox::lock(unit.tx(), BoxName::Inbound, std::slice::from_ref(key), 1).await?;
            let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
            receive(&mut unit, parsed(items)?).await?;
            mailbox::remove(unit.tx(), &ids).await?;
            unit.commit(!ids.is_empty()).await
        })
        .await;
    let fault = match result {
        Ok(handled) => {
            if handled {
                inbox.store().nudges().send(bus::nudge::Nudge::Mailbox(BoxName::Inbound, key.clone()));
            }
            return;
        }
        Err(fault) if fault.is_unavailable() => return,
        Err(fault) => fault,
    };
    let reason = &fault.to_string();
    let noted = inbox
        .store()
        .write(key.account_id, |mut tx| async move {
            let items = mailbox::lock(&mut tx, BoxName::Inbound, std::slice::from_ref(key), 1).await?;
            let Some(item) = items.first() else { return Ok(()) };
            let held_since = item.first_failed_at.unwrap_or(item.created_at);
            if item.first_failed_at.is_some()
                && inbox.now() - held_since > chrono::Duration::from_std(HOLDS).unwrap_or_default()
            {
                tracing::error!(item = item.id, reason, "an inbound item was parked");
                return mailbox::park(&mut tx, item.id, reason).await;
            }
            let after = Duration::from_millis(500u64 << item.attempts.clamp(0, 5));
            mailbox::put_off(&mut tx, item.id, after, true, HOLDS * 2, reason).await
        })
        .await;
    if let Err(fault) = noted {
        tracing::warn!(%fault, "the failure of an inbound item could not be noted");
    }
}
