//! From the spool into the store, in order, as soon as it is back.

use std::time::Duration;

use bus::Fault;
use tokio_util::sync::CancellationToken;

use super::{Accepted, BATCH, Journal, Origin, SecondLook, Verdict, is_the_bodys_fault, spool::Record};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
// well within the time for which nodes wait for one another's spools
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Drains until `stop`. What is left waits on the disk for the next start.
pub(super) async fn run(journal: &Journal, second_look: &dyn SecondLook, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        let outcome = tokio::select! {
            outcome = segment(journal, second_look) => outcome,
            () = stop.cancelled() => return,
        };
        let rest = match outcome {
            Ok(true) => {
                pause = FIRST_PAUSE;
                continue;
            }
            Ok(false) => {
                if again(journal, second_look).await.is_err() {
                    tracing::debug!("webhooks that were put aside wait for the store");
                }
                None
            }
            Err(()) => {
                pause = (pause * 2).min(LONGEST_PAUSE);
                Some(pause)
            }
        };
        tokio::select! {
            () = journal.0.spooled.notified(), if rest.is_none() => {}
            () = tokio::time::sleep(rest.unwrap_or(Duration::from_mins(1))) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Moves the oldest segment. `Ok(false)`: the spool is empty; `Err`: not now. A segment that was moved in
/// part is moved again from its start; the journal's ids make the first part do nothing.
async fn segment(journal: &Journal, second_look: &dyn SecondLook) -> Result<bool, ()> {
    let spool = &journal.0.spool;
    let Some((number, records)) = spool.oldest().await.map_err(disk)? else { return Ok(false) };
    let mut ready: Vec<Accepted> = Vec::new();
    for record in &records {
        match record {
            Record::Verified(body) => ready.push(body.clone()),
            Record::Unverified(webhook) => match second_look.look(webhook).await {
                Verdict::Genuine(body) => ready.push(*body),
                Verdict::Dropped(reason) => {
                    tracing::warn!(channel_id = %webhook.channel_id, reason, "a spooled webhook was dropped");
                }
                Verdict::Aside(reason) => {
                    spool.put_aside(webhook).await.map_err(disk)?;
                    tracing::error!(channel_id = %webhook.channel_id, journal_id = %webhook.id, reason,
                        "a spooled webhook is kept aside");
                }
                Verdict::Later => return Err(()),
            },
        }
        if ready.len() >= BATCH {
            write(journal, std::mem::take(&mut ready)).await?;
        }
    }
    write(journal, ready).await?;
    spool.done(number, &records).await.map_err(disk)?;
    tracing::info!(records = records.len(), "spooled bodies are in the store");
    Ok(true)
}

/// Looks once more at webhooks that were put aside: their channel may have been mended.
async fn again(journal: &Journal, second_look: &dyn SecondLook) -> Result<(), ()> {
    let spool = &journal.0.spool;
    for webhook in spool.aside().await.map_err(disk)? {
        match second_look.look(&webhook).await {
            Verdict::Genuine(body) => {
                write(journal, vec![*body]).await?;
                tracing::info!(channel_id = %webhook.channel_id, journal_id = %webhook.id,
                    "a webhook that was put aside is in the store");
            }
            Verdict::Dropped(reason) => {
                tracing::warn!(channel_id = %webhook.channel_id, reason, "a webhook that was put aside was dropped");
            }
            Verdict::Aside(_) => continue,
            Verdict::Later => return Err(()),
        }
        spool.drop_aside(&webhook).await.map_err(disk)?;
    }
    Ok(())
}

async fn write(journal: &Journal, bodies: Vec<Accepted>) -> Result<(), ()> {
    if bodies.is_empty() {
        return Ok(());
    }
    match journal.write(&bodies.iter().collect::<Vec<_>>(), Origin::Spool).await {
        Ok(()) => Ok(()),
        Err(fault) if !is_the_bodys_fault(&fault) => {
            tracing::debug!(error = %fault, "the spool waits for the store");
            Err(())
        }
        Err(fault) => {
            tracing::warn!(error = %fault, "a drained batch was refused: one by one");
            for body in bodies {
                one(journal, body).await?;
            }
            Ok(())
        }
    }
}

/// A body that the store refuses is parked; if even that is refused it stays in the spool.
async fn one(journal: &Journal, mut body: Accepted) -> Result<(), ()> {
    let Err(fault) = journal.write(&[&body], Origin::Spool).await else { return Ok(()) };
    if is_the_bodys_fault(&fault) {
        body.park(&fault);
        let Err(fault) = journal.write(&[&body], Origin::Spool).await else { return Ok(()) };
        tracing::error!(error = %fault, journal_id = %body.id, "a spooled body cannot be stored");
    }
    Err(())
}

fn disk(error: std::io::Error) {
    tracing::error!(%error, "the spool cannot be read");
}

impl Accepted {
    /// Takes its consequences away: it waits for a person.
    pub(super) fn park(&mut self, fault: &Fault) {
        self.headers = serde_json::json!({});
        self.reading = super::Reading::Parked { reason: format!("not storable: {fault}") };
    }
}
