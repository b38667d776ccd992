//! What came to a channel and is in no conversation: it was switched off, or the body could not be read.

use model::{ChannelId, Error, Permission, Result};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Inbox, Member};

/// Deliveries that were answered and not taken, among those whose bodies are still kept. One delivery may hold
/// several messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unheard {
    /// They came while the channel was switched off.
    pub ignored: i64,
    /// They could not be read.
    pub unreadable: i64,
    /// When the newest of them came.
    pub last_at: Option<chrono::DateTime<chrono::Utc>>,
}

pub async fn unheard(inbox: &Inbox, member: &Member, id: ChannelId) -> Result<Unheard> {
    member.require(Permission::ChannelsView)?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            sqlx::query_scalar!(
                "SELECT id FROM channels WHERE id = $1 AND account_id = $2",
                id.uuid(),
                member.account_id().uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(|| Error::not_found("channel"))?;
            let found = sqlx::query_as!(
                Unheard,
                r#"SELECT count(*) FILTER (WHERE state = 'ignored') AS "ignored!",
                          count(*) FILTER (WHERE state = 'parked') AS "unreadable!", max(received_at) AS last_at
                   FROM webhook_journal
                   WHERE channel_id = $1 AND account_id = $2 AND state <> 'accepted'"#,
                id.uuid(),
                member.account_id().uuid(),
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok(found)
        })
        .await
        .map_err(Into::into)
}
