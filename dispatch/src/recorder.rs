//! Writes outcomes down: while one unit is written the next ones collect.

use std::time::Duration;

use inbox::{
    Inbox,
    settle::{self, Settled},
};
use tokio::sync::mpsc;

/// Outcomes that one unit settles.
const BATCH: usize = 128;
/// How often the store may refuse an outcome for another reason than being away.
const REFUSALS: u32 = 5;
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Settles what arrives until every sender is gone. An outcome is kept in memory while the store is away;
/// if its lease ends meanwhile it is written as late evidence.
pub(crate) async fn run(inbox: Inbox, mut outcomes: mpsc::Receiver<Settled>) {
    while let Some(first) = outcomes.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(next) = outcomes.try_recv() else { break };
            batch.push(next);
        }
        settle(&inbox, &batch).await;
    }
}

/// Outcomes of group messages that one unit settles, and how long they collect.
const BULK_BATCH: usize = 200;
const BULK_WAIT: Duration = Duration::from_millis(50);

/// As [`run`], for recipients of group messages: in larger sets, since each moves the counts of its group
/// message.
pub(crate) async fn run_bulk(inbox: Inbox, mut outcomes: mpsc::Receiver<Settled>) {
    while let Some(first) = outcomes.recv().await {
        let mut batch = vec![first];
        let full = async {
            while batch.len() < BULK_BATCH {
                let Some(next) = outcomes.recv().await else { break };
                batch.push(next);
            }
        };
        let _ = tokio::time::timeout(BULK_WAIT, full).await;
        settle(&inbox, &batch).await;
    }
}

async fn settle(inbox: &Inbox, batch: &[Settled]) {
    let mut pause = Duration::from_millis(100);
    let mut refusals = 0;
    loop {
        match settle::settle(inbox, batch).await {
            Ok(()) => {
                for one in batch {
                    let outcome = one.verdict.outcome();
                    metrics::counter!("turumba_dispatch_outcomes_total", "outcome" => outcome).increment(1);
                }
                return;
            }
            Err(fault) if fault.is_unavailable() => {
                tracing::warn!(error = %fault, outcomes = batch.len(), "outcomes wait for the store");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(fault) if batch.len() > 1 => {
                tracing::warn!(error = %fault, outcomes = batch.len(), "outcomes were refused: one by one");
                for one in batch {
                    Box::pin(settle(inbox, std::slice::from_ref(one))).await;
                }
                return;
            }
            Err(fault) if refusals < REFUSALS => {
                refusals += 1;
                tracing::warn!(error = %fault, refusals, "an outcome was refused; it is tried again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(fault) => {
                // its lease ends with the attempt open: it is looked up then, or shown as unknown
                tracing::error!(error = %fault, message_id = %batch[0].message_id, "an outcome cannot be written");
                return;
            }
        }
    }
}
