//! Bodies that were kept without consequences: nobody could read them, or their channel was switched off. They wait for
//! a person, who has them read again (`turumba queue requeue`) when the cause is gone.

use bus::{Outcome, Scope, Task};
use bytes::Bytes;
use model::{AccountId, ChannelId, JournalId, Time};
use serde::Serialize;
use serde_json::Value;

use super::{Accepted, Reading, whole, write};
use crate::Inbox;

/// A body that waits for a person.
#[derive(Debug, Serialize)]
pub struct ParkedBody {
    pub id: JournalId,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    /// `parked` (nobody could read it) or `ignored` (its channel was switched off).
    pub state: String,
    pub reason: String,
    /// When it came.
    pub parked_at: Time,
}

/// Bodies that wait, newest first.
pub async fn list(inbox: &Inbox, limit: i64) -> Outcome<Vec<ParkedBody>> {
    inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let rows = sqlx::query!(
                r#"SELECT id, account_id, channel_id, state, coalesce(reason, '') AS "reason!", received_at
                   FROM webhook_journal WHERE state <> 'accepted' ORDER BY id DESC LIMIT $1"#,
                limit
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| ParkedBody {
                    id: JournalId(row.id),
                    account_id: AccountId(row.account_id),
                    channel_id: ChannelId(row.channel_id),
                    state: row.state,
                    reason: row.reason,
                    parked_at: row.received_at,
                })
                .collect())
        })
        .await
}

/// A body as it came.
pub struct KeptWhole {
    pub channel_id: ChannelId,
    pub received_at: Time,
    /// How it was asked, and the query of its address.
    pub method: String,
    pub query: Option<String>,
    pub headers: Value,
    pub body: Bytes,
}

/// A body as it came. `None` when no such body waits.
pub async fn load(inbox: &Inbox, id: JournalId) -> Outcome<Option<KeptWhole>> {
    let row = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let row = sqlx::query!(
                "SELECT channel_id, received_at, method, query, headers, body, body_file
                 FROM webhook_journal WHERE id = $1 AND state <> 'accepted'",
                id.uuid()
            );
            Ok(row.fetch_optional(&mut *tx).await?)
        })
        .await?;
    let Some(row) = row else { return Ok(None) };
    let body = whole(id, row.body, row.body_file)?;
    Ok(Some(KeptWhole {
        channel_id: ChannelId(row.channel_id),
        received_at: row.received_at,
        method: row.method,
        query: row.query,
        headers: row.headers,
        body,
    }))
}

/// Writes what follows from a body that is understood by now, once: false when somebody did so before.
pub async fn take_up(inbox: &Inbox, body: &Accepted) -> Outcome<bool> {
    let Reading::Accepted { items, receipts } = &body.reading else { return Ok(false) };
    let events = (items.len() + receipts.len()) as i32;
    inbox
        .store()
        .write(Scope::Accounts(vec![body.account_id]), |mut tx| async move {
            let taken = sqlx::query!(
                "UPDATE webhook_journal SET state = 'accepted', reason = NULL, events = $3
                 WHERE id = $1 AND account_id = $2 AND state <> 'accepted'",
                body.id.uuid(),
                body.account_id.uuid(),
                events,
            )
            .execute(&mut *tx)
            .await?;
            if taken.rows_affected() == 0 {
                return Ok(false);
            }
            write::follow(inbox, &mut tx, &[body], write::Turn::default()).await?;
            Ok(true)
        })
        .await
}
