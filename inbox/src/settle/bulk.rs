//! Outcomes of recipients of group messages. The same verdicts and the same rows as for replies; what holds
//! the claim is the recipient's row.

use std::{collections::HashSet, time::Duration};

use bus::{Outcome, Tx};
use model::{ChannelStatus, MessageId, MessageStatus};

use super::{
    Next, Settled, apply, apply_early_receipts, end_attempts, note_late, record_provider_ids, row,
    tell_channel,
};
use crate::{
    Unit,
    group_messages::{
        claim::MAX_AGE,
        ledger::{self, Key, Later},
    },
};

fn key(one: &Settled) -> Option<Key> {
    Some((one.group_message_id?, one.message_id))
}

/// Locks the recipients and returns the numbers of those whose claim still holds.
pub(super) async fn still_held(tx: &mut Tx, settled: &[Settled]) -> Outcome<HashSet<i64>> {
    let keys: Vec<Key> = settled.iter().filter_map(key).collect();
    let locked = ledger::lock(tx, &keys).await?;
    Ok(settled
        .iter()
        .filter(|one| {
            key(one).and_then(|key| locked.get(&key)).is_some_and(|row| row.token == one.held.token)
        })
        .map(|one| one.held.item.id)
        .collect())
}

pub(super) async fn in_unit(mut unit: Unit, settled: &[Settled]) -> Outcome<()> {
    let now = unit.now();
    let message_ids: Vec<MessageId> = settled.iter().map(|one| one.message_id).collect();
    let mut messages = row::lock(unit.tx(), &message_ids).await?;
    let valid = still_held(unit.tx(), settled).await?;
    record_provider_ids(unit.tx(), settled, now).await?;
    let mut later = Vec::new();
    for one in settled {
        let (Some(message), Some(key)) = (messages.get_mut(&one.message_id), key(one)) else { continue };
        if !valid.contains(&one.held.item.id) {
            note_late(message, one, now);
            continue;
        }
        match apply(message, one, now) {
            Next::Later(put_off) => {
                later.push(Later { key, after: put_off.after, counts: put_off.counts });
            }
            // nobody is asked again; after a day it counts as failed
            Next::Done if message.status == MessageStatus::Unknown => {
                later.push(Later { key, after: MAX_AGE + Duration::from_mins(1), counts: false });
            }
            Next::Done => {}
        }
    }
    apply_early_receipts(unit.tx(), settled, &mut messages, now).await?;
    end_attempts(unit.tx(), settled, &valid, now).await?;
    ledger::put_off(unit.tx(), &later).await?;
    for one in settled {
        if let Some(news) = &one.channel {
            tell_channel(&mut unit, one.account_id, one.channel_id, news).await?;
        }
    }
    row::save(&mut unit, messages, Vec::new()).await?;
    halt_broken(&mut unit, settled).await?;
    unit.commit(()).await
}

/// A channel that needs a person would refuse all that follow as well: they wait instead.
async fn halt_broken(unit: &mut Unit, settled: &[Settled]) -> Outcome<()> {
    let mut halted = HashSet::new();
    for one in settled {
        let broken = one.channel.as_ref().filter(|news| news.status == Some(ChannelStatus::Error));
        if let (Some(news), Some(group)) = (broken, one.group_message_id)
            && halted.insert(group)
        {
            let why = news.error_message.as_deref().unwrap_or("the channel does not work");
            ledger::halt(unit, one.account_id, group, why).await?;
        }
    }
    Ok(())
}
