//! Things that happen later. A timer is a row, so it outlives the process; the runner takes due ones by
//! the database's clock, on any node.
//!
//! Guarantee: **at least once**, not early. A handler that fails is called again.

use std::{sync::Arc, time::Duration};

use bus::{Outcome, Scope, Task};
use futures::future::BoxFuture;
use model::{AccountId, Time};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::Inbox;

/// A timer that is due.
#[derive(Debug, Clone)]
pub struct Due {
    pub kind: String,
    pub reference: String,
    pub account_id: AccountId,
    pub payload: Value,
    /// Until when this runner holds it.
    held_until: Time,
}

/// What a kind of timer does.
pub trait OnTimer: Send + Sync + 'static {
    fn kind(&self) -> &'static str;
    fn fire<'a>(&'a self, due: &'a Due) -> BoxFuture<'a, Outcome<()>>;
}

/// How long a runner holds a timer before another may take it.
const HOLD_S: f64 = 30.0;
/// The longest sleep between two looks.
const POLL: Duration = Duration::from_millis(500);

/// Runs the handlers until cancelled.
pub async fn run(inbox: Inbox, handlers: Vec<Arc<dyn OnTimer>>, stop: CancellationToken) {
    let kinds: Vec<String> = handlers.iter().map(|handler| handler.kind().to_owned()).collect();
    while !stop.is_cancelled() {
        let due = match take(&inbox, &kinds).await {
            Ok(due) => due,
            Err(fault) => {
                tracing::warn!(%fault, "looking for due timers failed");
                Vec::new()
            }
        };
        if due.is_empty() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = inbox.store().nudges().timers().notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
            continue;
        }
        let firing = due.iter().map(|due| fire(&inbox, &handlers, due));
        futures::future::join_all(firing).await;
    }
}

async fn fire(inbox: &Inbox, handlers: &[Arc<dyn OnTimer>], due: &Due) {
    let Some(handler) = handlers.iter().find(|handler| handler.kind() == due.kind) else { return };
    let limit = Duration::from_secs_f64(HOLD_S * 0.8);
    match tokio::time::timeout(limit, handler.fire(due)).await {
        Ok(Ok(())) => {
            if let Err(fault) = done(inbox, due).await {
                tracing::warn!(%fault, kind = due.kind, "a timer fired and could not be removed; it fires again");
            }
        }
        Ok(Err(fault)) => {
            tracing::warn!(%fault, kind = due.kind, reference = due.reference, "a timer's handler failed; it fires again");
        }
        Err(_) => tracing::warn!(kind = due.kind, "a timer's handler took too long; it fires again"),
    }
}

async fn take(inbox: &Inbox, kinds: &[String]) -> Outcome<Vec<Due>> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            let rows = sqlx::query!(
                "UPDATE timers t SET due_at = clock_timestamp() + make_interval(secs => $2)
                 WHERE (kind, ref) IN (
                     SELECT kind, ref FROM timers WHERE kind = ANY ($1) AND due_at <= clock_timestamp()
                     ORDER BY due_at LIMIT 50 FOR UPDATE SKIP LOCKED)
                 RETURNING kind, ref, account_id, payload, due_at",
                kinds,
                HOLD_S,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Due {
                    kind: row.kind,
                    reference: row.r#ref,
                    account_id: AccountId(row.account_id),
                    payload: row.payload,
                    held_until: row.due_at,
                })
                .collect())
        })
        .await
}

/// Removes a timer that has fired, unless it was set again meanwhile.
async fn done(inbox: &Inbox, due: &Due) -> Outcome<()> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            sqlx::query!(
                "DELETE FROM timers WHERE kind = $1 AND ref = $2 AND due_at = $3",
                due.kind,
                due.reference,
                due.held_until,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
}

/// Scheduled answers whose time has come.
pub struct MessageDue(pub Inbox);

impl OnTimer for MessageDue {
    fn kind(&self) -> &'static str {
        "message_due"
    }

    fn fire<'a>(&'a self, due: &'a Due) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(async move {
            match due.reference.parse() {
                Ok(id) => crate::messages::make_due(&self.0, due.account_id, id).await,
                Err(_) => Ok(()),
            }
        })
    }
}
