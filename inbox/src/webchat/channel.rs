//! A web chat channel as its visitors may know it.

use bus::{Outcome, Scope, Task};
use model::{AccountId, ChannelId, Error, Result};
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::Inbox;

/// A web chat channel. It holds no secret: those are opened when they are needed.
#[derive(Debug, Clone)]
pub struct ChatChannel {
    pub id: ChannelId,
    pub account_id: AccountId,
    pub name: String,
    pub is_enabled: bool,
    pub settings: Value,
    /// Origins whose pages may show the chat; empty: any.
    pub allowed_origins: Vec<String>,
    sealed: Vec<u8>,
}

impl ChatChannel {
    /// The key under which the page around the chat signs for its user, if one was set.
    pub(super) fn identity_secret(&self, inbox: &Inbox) -> Result<Option<Zeroizing<String>>> {
        if self.sealed.is_empty() {
            return Ok(None);
        }
        let plain = inbox.secrets().open(&crate::channel_store::place(self.id), &self.sealed)?;
        let credentials: Value = serde_json::from_slice(&plain).map_err(Error::internal)?;
        Ok(credentials
            .get("identity_secret")
            .and_then(Value::as_str)
            .filter(|secret| !secret.is_empty())
            .map(|secret| Zeroizing::new(secret.to_owned())))
    }
}

/// The enabled channel with this public key; 404 for anything else.
pub async fn by_public_key(inbox: &Inbox, public_key: &str) -> Result<ChatChannel> {
    let row = inbox
        .store()
        .read(Scope::System(Task::Door), |mut tx| async move {
            Ok(sqlx::query_as!(
                Row,
                "SELECT id, account_id, name, is_enabled, settings, credentials_sealed FROM channels
                 WHERE public_key = $1 AND channel_type = 'webchat'",
                public_key,
            )
            .fetch_optional(&mut *tx)
            .await?)
        })
        .await?;
    enabled(row)
}

/// The enabled channel with this id; 404 for anything else.
pub async fn by_id(inbox: &Inbox, id: ChannelId) -> Result<ChatChannel> {
    let row = inbox
        .store()
        .read(Scope::System(Task::Door), |mut tx| async move {
            Ok(sqlx::query_as!(
                Row,
                "SELECT id, account_id, name, is_enabled, settings, credentials_sealed FROM channels
                 WHERE id = $1 AND channel_type = 'webchat'",
                id.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?)
        })
        .await?;
    enabled(row)
}

struct Row {
    id: uuid::Uuid,
    account_id: uuid::Uuid,
    name: String,
    is_enabled: bool,
    settings: Value,
    credentials_sealed: Vec<u8>,
}

fn enabled(row: Option<Row>) -> Result<ChatChannel> {
    let row = row.filter(|row| row.is_enabled).ok_or_else(|| Error::not_found("web chat"))?;
    let allowed_origins = row
        .settings
        .get("allowed_origins")
        .and_then(|origins| serde_json::from_value(origins.clone()).ok())
        .unwrap_or_default();
    Ok(ChatChannel {
        id: ChannelId(row.id),
        account_id: AccountId(row.account_id),
        name: row.name,
        is_enabled: row.is_enabled,
        settings: row.settings,
        allowed_origins,
        sealed: row.credentials_sealed,
    })
}

/// What the widget shows before anybody is connected.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ChatConfig {
    /// Somebody who may answer is available.
    pub online: bool,
    pub team_name: String,
    pub welcome: Option<String>,
    pub offline_message: Option<String>,
    pub pre_chat_form: Option<Value>,
    pub look: Option<Value>,
}

/// The public part of a channel's settings.
pub async fn config(inbox: &Inbox, channel: &ChatChannel) -> Result<ChatConfig> {
    let text = |name: &str| channel.settings.get(name).and_then(Value::as_str).map(str::to_owned);
    let object = |name: &str| channel.settings.get(name).filter(|value| value.is_object()).cloned();
    Ok(ChatConfig {
        online: is_online(inbox, channel.account_id).await?,
        team_name: text("team_name").unwrap_or_else(|| channel.name.clone()),
        welcome: text("welcome_message"),
        offline_message: text("offline_message"),
        pre_chat_form: object("pre_chat_form"),
        look: object("widget_config"),
    })
}

async fn is_online(inbox: &Inbox, account: AccountId) -> Outcome<bool> {
    inbox
        .store()
        .read(account, |mut tx| async move {
            Ok(sqlx::query_scalar!(
                r#"SELECT EXISTS (SELECT 1 FROM agent_state
                                  WHERE account_id = $1 AND connected AND status = 'online') AS "is!""#,
                account.uuid(),
            )
            .fetch_one(&mut *tx)
            .await?)
        })
        .await
}
