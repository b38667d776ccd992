//! How a channel stands at its provider: written by verification, by dispatch and by sessions.

use bus::{Outcome, nudge::Nudge};
use model::{AccountId, Audience, ChannelId, ChannelStatus, ChannelType, Error, Event, Result};
use serde_json::Value;

use super::{Sealed, seal};
use crate::{Inbox, Unit};

/// What was learned of a channel.
#[derive(Default)]
pub struct Standing {
    pub status: Option<ChannelStatus>,
    /// For people; cleared when the status is `connected`.
    pub error_message: Option<String>,
    /// The provider has just accepted the credentials.
    pub verified: bool,
    /// Fields to store among the credentials: a webhook secret that was made.
    pub credentials: Value,
    /// Fields to store among the public settings.
    pub settings: Value,
}

/// Stores what was learned and tells the agents when the status changed. A channel that is switched off
/// stays `disabled`. A channel that is gone is a 404.
pub async fn set_standing(
    inbox: &Inbox,
    account: AccountId,
    id: ChannelId,
    learned: &Standing,
) -> Result<()> {
    inbox
        .write(account, |unit| async move { apply(inbox, unit, account, id, learned).await })
        .await
        .map_err(Error::from)
}

async fn apply(
    inbox: &Inbox,
    mut unit: Unit,
    account: AccountId,
    id: ChannelId,
    learned: &Standing,
) -> Outcome<()> {
    let row = lock(&mut unit, account, id).await?;
    let before = row.status;
    let (is_enabled, channel_type, provider) = (row.is_enabled, row.channel_type, row.provider.clone());
    let mut channel = row.open(inbox.secrets())?;
    merge(&mut channel.credentials, &learned.credentials);
    merge(&mut channel.settings, &learned.settings);
    let status = if is_enabled { learned.status.unwrap_or(before) } else { ChannelStatus::Disabled };
    let error_message = learned.error_message.as_deref().filter(|_| status != ChannelStatus::Connected);
    let masked = inbox.profile(channel_type, &provider).map_or(Value::Null, |p| p.mask(&channel.credentials));
    let now = unit.now();
    sqlx::query!(
        "UPDATE channels SET status = $3, error_message = $4,
             last_verified_at = CASE WHEN $5 THEN $6 ELSE last_verified_at END, credentials_sealed = $7,
             credentials_masked = $8, settings = $9, version = version + 1, updated_at = $6
         WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
        status.as_str(),
        error_message,
        learned.verified,
        now,
        seal(inbox.secrets(), id, &channel.credentials)?,
        masked,
        channel.settings,
    )
    .execute(&mut **unit.tx())
    .await?;
    record(&mut unit, account, id, (before, status), error_message);
    unit.tx().nudge_after_commit(Nudge::Cache(account));
    unit.commit(()).await
}

/// Tells the agents of a change of status.
pub(super) fn record(
    unit: &mut Unit,
    account_id: AccountId,
    channel_id: ChannelId,
    (before, status): (ChannelStatus, ChannelStatus),
    error_message: Option<&str>,
) {
    if before != status {
        let error_message = error_message.map(str::to_owned);
        unit.record(
            Event::ChannelStatusChanged { account_id, channel_id, status, error_message },
            Audience::Account,
        );
    }
}

pub(super) async fn lock(unit: &mut Unit, account: AccountId, id: ChannelId) -> Outcome<Sealed> {
    let row = sqlx::query_as!(
        Sealed,
        r#"SELECT id AS "id: ChannelId", account_id AS "account_id: AccountId", name,
                  channel_type AS "channel_type: ChannelType", provider, status AS "status: ChannelStatus",
                  is_enabled, credentials_sealed, settings, public_key, sender_name, default_country_code,
                  rate_limit, retry_count, retry_interval, version, previous_sealed, previous_until
           FROM channels WHERE id = $1 AND account_id = $2 FOR UPDATE"#,
        id.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?;
    Ok(row.ok_or_else(|| Error::not_found("channel"))?)
}

/// Lays the fields of `patch` over `old`; null removes one.
pub(super) fn merge(old: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else { return };
    if !old.is_object() {
        *old = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(old) = old {
        for (name, value) in patch {
            if value.is_null() {
                old.remove(name);
            } else {
                old.insert(name.clone(), value.clone());
            }
        }
    }
}
