//! What was told to the provider about a message, and what it answered.

use model::{AttemptId, MessageId, Permission, Result, Time, view::DeliveryError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::get;
use crate::{Inbox, Member};

/// Attempts that are shown, the newest: a message that waits for days for its provider has many.
const MOST: i64 = 100;

/// One try to deliver a message. What is secret was masked before it was stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptView {
    #[schema(value_type = uuid::Uuid)]
    pub id: AttemptId,
    /// From 1; a retry by hand begins again.
    pub number: i32,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Time,
    /// `null` while it goes on, or when the hub was stopped in the middle of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Time>,
    /// `accepted`, `refused`, `throttled`, `unavailable`, `given_up`, `unknown`, `not_sent` or `lost`; with `late_`
    /// before it where another attempt had begun meanwhile.
    pub outcome: Option<String>,
    pub error: Option<DeliveryError>,
    /// The provider's ids of the parts that it took in this attempt.
    pub provider_message_ids: Vec<String>,
    /// The requests of this attempt, in order.
    pub exchanges: Vec<ExchangeView>,
}

/// One request to the provider, and its answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExchangeView {
    pub method: String,
    pub url: String,
    /// `null`: no answer.
    pub status: Option<u16>,
    pub took_ms: u64,
    /// The beginning of the request's body; a body that is no text is only counted.
    pub request: String,
    pub response: String,
}

/// The attempts to deliver a message, newest first, as long as they are kept.
pub async fn attempts(inbox: &Inbox, member: &Member, id: MessageId) -> Result<Vec<AttemptView>> {
    member.require(Permission::ChannelsManage)?;
    get(inbox, member, id).await?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            let rows = sqlx::query!(
                "SELECT id, number, started_at, ended_at, outcome, error, evidence FROM attempts
                 WHERE message_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT $3",
                id.uuid(),
                member.account_id().uuid(),
                MOST,
            )
            .fetch_all(&mut *tx)
            .await?;
            let shown = rows.into_iter().map(|row| {
                let evidence = row.evidence.unwrap_or_default();
                AttemptView {
                    id: AttemptId(row.id),
                    number: row.number,
                    started_at: row.started_at,
                    ended_at: row.ended_at,
                    outcome: row.outcome,
                    error: row.error.and_then(|error| serde_json::from_value(error).ok()),
                    provider_message_ids: listed(&evidence["provider_message_ids"]),
                    exchanges: listed(&evidence["seen"]),
                }
            });
            Ok(shown.collect())
        })
        .await
        .map_err(Into::into)
}

/// What can be read of a stored list: records of an older build are left out one by one.
fn listed<T: serde::de::DeserializeOwned>(stored: &Value) -> Vec<T> {
    let all = stored.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|one| T::deserialize(one).ok()).collect()
}
