//! The commands of those who manage channels. Talking to the provider (verification, webhooks) is the
//! caller's part: it happens outside every transaction, and its result comes back by
//! [`set_standing`](super::set_standing).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::nudge::Nudge;
use chrono::{DateTime, Utc};
use model::{AccountId, ChannelId, ChannelStatus, ChannelType, Error, Permission, Result, profile::Profile};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ChannelHandle, seal, standing};
use crate::{
    Context, Inbox, Member,
    check::Checks,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

/// A channel as its managers see it; secrets are masked.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct ChannelView {
    pub id: ChannelId,
    pub account_id: AccountId,
    pub name: String,
    pub channel_type: ChannelType,
    pub provider: String,
    pub status: ChannelStatus,
    pub is_enabled: bool,
    /// Masked: a masked value that is sent back changes nothing.
    pub credentials: Value,
    /// Public settings; for web chat with `public_key`, the one identifier that a page needs.
    pub settings: Value,
    #[serde(skip)]
    public_key: Option<String>,
    pub sender_name: Option<String>,
    pub default_country_code: Option<String>,
    /// Messages a minute; null: as many as the provider takes.
    pub rate_limit: Option<i32>,
    pub priority: i32,
    /// Null: the built-in ladder until the maximum age.
    pub retry_count: Option<i32>,
    /// Seconds.
    pub retry_interval: Option<i32>,
    /// Hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel.
    pub silence_hours: Option<i32>,
    /// The alarm: nothing has come in since then, and that is too long ago.
    pub silent_since: Option<DateTime<Utc>>,
    /// What was sent since then has no receipts, though the provider used to give them; null: it does, or never did.
    pub receipts_missing_since: Option<DateTime<Utc>>,
    pub last_verified_at: Option<DateTime<Utc>>,
    pub error_message: Option<String>,
    /// Where the provider sends what it has for us.
    #[sqlx(default)]
    pub webhook_url: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ChannelView {
    fn complete(mut self, inbox: &Inbox) -> Self {
        self.webhook_url = inbox.settings().webhook_url(self.channel_type, self.id);
        if let (Some(key), Value::Object(settings)) = (&self.public_key, &mut self.settings) {
            settings.insert("public_key".into(), json!(key));
        }
        self
    }
}

pub static ENTITY: Entity = Entity {
    what: "channel",
    select: "SELECT id, account_id, name, channel_type, provider, status, is_enabled,
                    credentials_masked AS credentials, settings, public_key, sender_name,
                    default_country_code, rate_limit, priority, retry_count, retry_interval,
                    silence_hours, silent_since, receipts_missing_since, last_verified_at, error_message, created_at, updated_at",
    from: "channels",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("channel_type", "channel_type", Kind::Word(list::word::<ChannelType>), ops::EQ_IN)
            .sortable(),
        Field::new("provider", "provider", Kind::Text, ops::EQ_IN),
        Field::new("status", "status", Kind::Word(list::word::<ChannelStatus>), ops::EQ_IN).sortable(),
        Field::new("is_enabled", "is_enabled", Kind::Flag, ops::EQ),
        Field::new("priority", "priority", Kind::Number, ops::NUMBER).sortable(),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// A channel to make. The provider's slug is a known one.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub channel_type: ChannelType,
    /// `twilio`, `telegram`, `sandbox` …; missing or `default`: the type's default.
    pub provider: Option<String>,
    /// By the provider's schema, see `GET /v1/channel-providers`.
    #[serde(default)]
    pub credentials: Value,
    #[serde(default)]
    pub settings: Value,
    pub is_enabled: Option<bool>,
    pub sender_name: Option<String>,
    pub default_country_code: Option<String>,
    pub rate_limit: Option<i32>,
    pub priority: Option<i32>,
    pub retry_count: Option<i32>,
    pub retry_interval: Option<i32>,
    /// Hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel.
    pub silence_hours: Option<i32>,
}

/// What to change; the type and the provider stay.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateChannel {
    pub name: Option<String>,
    /// Laid over the stored ones; masked values leave them alone, null removes.
    pub credentials: Option<Value>,
    /// Laid over the stored ones; null removes.
    pub settings: Option<Value>,
    pub is_enabled: Option<bool>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub sender_name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub default_country_code: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub rate_limit: Option<Option<i32>>,
    pub priority: Option<i32>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub retry_count: Option<Option<i32>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub retry_interval: Option<Option<i32>>,
    /// With new credentials: how many seconds webhooks that are signed with the replaced ones still count; an hour
    /// unless given, at most a day. 0 where they are known to others.
    pub keep_previous_seconds: Option<u32>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub silence_hours: Option<Option<i32>>,
}

/// Lists the caller's channels.
pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<ChannelView>> {
    let listing: Listing<ChannelView> =
        list::list(inbox, context, Permission::ChannelsView, &ENTITY, params).await?;
    Ok(listing.map(|view| view.complete(inbox)))
}

pub async fn get(inbox: &Inbox, member: &Member, id: ChannelId) -> Result<ChannelView> {
    member.require(Permission::ChannelsView)?;
    let account = member.account_id();
    let view: ChannelView = inbox
        .store()
        .read(account, |mut tx| async move { list::one(&mut tx, &ENTITY, account, id.uuid()).await })
        .await?;
    Ok(view.complete(inbox))
}

/// A channel with its secrets, for a manager's command that talks to the provider.
pub async fn handle(inbox: &Inbox, member: &Member, id: ChannelId) -> Result<ChannelHandle> {
    member.require(Permission::ChannelsManage)?;
    let account = member.account_id();
    let row = inbox
        .write(account, |mut unit| async move {
            let row = standing::lock(&mut unit, account, id).await?;
            unit.commit(row).await
        })
        .await?;
    row.open(inbox.secrets())
}

/// Makes a channel, `disconnected` until it is verified (or `disabled`).
pub async fn create(inbox: &Inbox, member: &Member, new: &NewChannel) -> Result<ChannelView> {
    member.require(Permission::ChannelsManage)?;
    let provider =
        new.provider.as_deref().filter(|slug| !slug.is_empty()).unwrap_or("default").to_ascii_lowercase();
    let Some(profile) = inbox.profile(new.channel_type, &provider) else {
        return Err(Error::invalid("provider", format!("{} has no provider {provider:?}", new.channel_type)));
    };
    let credentials = profile.merge_credentials(&json!({}), &object(&new.credentials));
    let mut settings = object(&new.settings);
    forget_key(&mut settings);
    let numbers = Numbers::of_new(new);
    let mut checks = Checks::new();
    checks.text("name", &new.name, 255);
    check(&mut checks, profile, (&credentials, &settings), &numbers);
    checks.finish()?;
    let (id, account, now) = (ChannelId::new(), member.account_id(), inbox.now());
    let is_enabled = new.is_enabled.unwrap_or(true);
    let status = if is_enabled { ChannelStatus::Disconnected } else { ChannelStatus::Disabled };
    let public_key = (new.channel_type == ChannelType::Webchat).then(public_key);
    let sealed = &seal(inbox.secrets(), id, &credentials)?;
    let masked = &profile.mask(&credentials);
    let (settings, numbers, provider, public_key) = (&settings, &numbers, &provider, public_key.as_deref());
    let view: ChannelView = inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO channels (id, account_id, name, channel_type, provider, status, is_enabled,
                     credentials_sealed, credentials_masked, settings, public_key, sender_name,
                     default_country_code, rate_limit, priority, retry_count, retry_interval, silence_hours,
                     created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $19, $18,
                         $18)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                new.channel_type.as_str(),
                provider,
                status.as_str(),
                is_enabled,
                sealed,
                masked,
                settings,
                public_key,
                numbers.sender_name,
                numbers.default_country_code,
                numbers.rate_limit,
                numbers.priority,
                numbers.retry_count,
                numbers.retry_interval,
                now,
                numbers.silence_hours,
            )
            .execute(&mut *tx)
            .await?;
            tx.nudge_after_commit(Nudge::Cache(account));
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await?;
    Ok(view.complete(inbox))
}

/// What an update changed that the provider must learn of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Credentials, settings or the switch: verify again.
    pub connection: bool,
    pub switched_off: bool,
}

/// How many seconds webhooks that are signed with replaced credentials count: as long as a provider takes to be told.
const KEEP_PREVIOUS: u32 = 3600;

/// Changes a channel.
pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: ChannelId,
    change: &UpdateChannel,
) -> Result<(ChannelView, Touched)> {
    member.require(Permission::ChannelsManage)?;
    let account = member.account_id();
    let (view, touched): (ChannelView, Touched) = inbox
        .write(account, |mut unit| async move {
            let old = standing::lock(&mut unit, account, id).await?;
            let (before, was_enabled, rest) = (old.status, old.is_enabled, rest(&mut unit, id).await?);
            let mut channel = old.open(inbox.secrets())?;
            let profile = inbox
                .profile(channel.channel_type, &channel.provider)
                .ok_or_else(|| Error::conflict("this channel's provider is not part of this build"))?;
            let old_pieces = (channel.credentials.clone(), channel.settings.clone());
            if let Some(patch) = &change.credentials {
                channel.credentials = profile.merge_credentials(&channel.credentials, patch);
            }
            if let Some(patch) = &change.settings {
                let mut patch = patch.clone();
                forget_key(&mut patch);
                standing::merge(&mut channel.settings, &patch);
            }
            let numbers = Numbers::of_change(&channel, rest, change);
            let name = change.name.as_deref().unwrap_or(&channel.name).trim();
            let mut checks = Checks::new();
            checks.text("name", name, 255);
            check(&mut checks, profile, (&channel.credentials, &channel.settings), &numbers);
            let kept = change.keep_previous_seconds.unwrap_or(KEEP_PREVIOUS);
            checks.that(kept <= 86_400, "keep_previous_seconds", "must be 0 to 86400");
            checks.finish()?;
            let is_new_secret = old_pieces.0 != channel.credentials;
            let previous_until = unit.now() + chrono::Duration::seconds(kept.into());
            let is_enabled = change.is_enabled.unwrap_or(was_enabled);
            let status = match (was_enabled, is_enabled) {
                (_, false) => ChannelStatus::Disabled,
                (false, true) => ChannelStatus::Disconnected,
                (true, true) => before,
            };
            let now = unit.now();
            sqlx::query!(
                "UPDATE channels SET name = $3, status = $4, is_enabled = $5, credentials_sealed = $6,
                     credentials_masked = $7, settings = $8, sender_name = $9, default_country_code = $10,
                     rate_limit = $11, priority = $12, retry_count = $13, retry_interval = $14,
                     silence_hours = $19, version = version + 1, updated_at = $15,
                     paused_until = CASE WHEN $16 THEN NULL ELSE paused_until END,
                     previous_sealed = CASE WHEN $17 THEN credentials_sealed ELSE previous_sealed END,
                     previous_until = CASE WHEN $17 THEN $18 ELSE previous_until END,
                     -- switched off it hears nothing: silence begins anew when it is on again
                     quiet_since = CASE WHEN $5 AND NOT is_enabled AND quiet_since IS NOT NULL THEN $15
                                        ELSE quiet_since END,
                     silent_since = CASE WHEN $5 AND is_enabled THEN silent_since END,
                     receipts_from = CASE WHEN $5 AND NOT is_enabled THEN $15 ELSE receipts_from END,
                     receipts_missing_since = CASE WHEN $5 AND is_enabled THEN receipts_missing_since END
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                name,
                status.as_str(),
                is_enabled,
                seal(inbox.secrets(), id, &channel.credentials)?,
                profile.mask(&channel.credentials),
                channel.settings,
                numbers.sender_name,
                numbers.default_country_code,
                numbers.rate_limit,
                numbers.priority,
                numbers.retry_count,
                numbers.retry_interval,
                now,
                change.credentials.is_some() || change.rate_limit.is_some(),
                is_new_secret,
                previous_until,
                numbers.silence_hours,
            )
            .execute(&mut **unit.tx())
            .await?;
            standing::record(&mut unit, account, id, (before, status), None);
            unit.tx().nudge_after_commit(Nudge::Cache(account));
            let view = list::one(unit.tx(), &ENTITY, account, id.uuid()).await?;
            let changed = old_pieces != (channel.credentials, channel.settings);
            let touched = Touched {
                connection: is_enabled && (changed || !was_enabled),
                switched_off: was_enabled && !is_enabled,
            };
            unit.commit((view, touched)).await
        })
        .await?;
    Ok((view.complete(inbox), touched))
}

/// Removes a channel for good; its conversations and messages stay.
pub async fn delete(inbox: &Inbox, member: &Member, id: ChannelId) -> Result<()> {
    member.require(Permission::ChannelsManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM channels WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            if gone.rows_affected() == 0 {
                return Err(Error::not_found("channel").into());
            }
            tx.nudge_after_commit(Nudge::Cache(account));
            Ok(())
        })
        .await
        .map_err(Error::from)
}

/// What only managers need of a channel.
struct Rest {
    priority: i32,
    silence_hours: Option<i32>,
}

async fn rest(unit: &mut crate::Unit, id: ChannelId) -> bus::Outcome<Rest> {
    Ok(sqlx::query_as!(Rest, "SELECT priority, silence_hours FROM channels WHERE id = $1", id.uuid())
        .fetch_one(&mut **unit.tx())
        .await?)
}

/// The small settings that every channel has.
struct Numbers {
    sender_name: Option<String>,
    default_country_code: Option<String>,
    rate_limit: Option<i32>,
    priority: i32,
    retry_count: Option<i32>,
    retry_interval: Option<i32>,
    silence_hours: Option<i32>,
}

impl Numbers {
    fn of_new(new: &NewChannel) -> Self {
        Self {
            sender_name: new.sender_name.clone(),
            default_country_code: new.default_country_code.clone(),
            rate_limit: new.rate_limit,
            priority: new.priority.unwrap_or(0),
            retry_count: new.retry_count,
            retry_interval: new.retry_interval,
            silence_hours: new.silence_hours,
        }
    }

    fn of_change(old: &ChannelHandle, rest: Rest, change: &UpdateChannel) -> Self {
        Self {
            sender_name: crate::patch::or(change.sender_name.clone(), old.sender_name.clone()),
            default_country_code: crate::patch::or(
                change.default_country_code.clone(),
                old.default_country_code.clone(),
            ),
            rate_limit: crate::patch::or(change.rate_limit, old.rate_limit),
            priority: change.priority.unwrap_or(rest.priority),
            retry_count: crate::patch::or(change.retry_count, old.retry_count),
            retry_interval: crate::patch::or(change.retry_interval, old.retry_interval),
            silence_hours: crate::patch::or(change.silence_hours, rest.silence_hours),
        }
    }
}

fn check(
    checks: &mut Checks,
    profile: &Profile,
    (credentials, settings): (&Value, &Value),
    numbers: &Numbers,
) {
    checks.extend(profile.validate(credentials, settings));
    checks.object("settings", settings);
    checks.optional("sender_name", numbers.sender_name.as_deref(), 255);
    if let Some(code) = &numbers.default_country_code {
        let digits = code.strip_prefix('+').unwrap_or("");
        let good = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        checks.that(good, "default_country_code", "must be like +251");
    }
    checks.range("rate_limit", i64::from(numbers.rate_limit.unwrap_or(1)), 1..=1_000_000);
    checks.range("priority", i64::from(numbers.priority), -1000..=1000);
    checks.range("retry_count", i64::from(numbers.retry_count.unwrap_or(0)), 0..=100);
    checks.range("silence_hours", i64::from(numbers.silence_hours.unwrap_or(0)), 0..=2160);
    checks.range("retry_interval", i64::from(numbers.retry_interval.unwrap_or(1)), 1..=86_400);
}

fn object(value: &Value) -> Value {
    if value.is_null() { json!({}) } else { value.clone() }
}

/// The public key is shown among the settings; it is never taken from there.
fn forget_key(settings: &mut Value) {
    if let Value::Object(settings) = settings {
        settings.remove("public_key");
    }
}

/// 384 random bits, 64 characters that need no escaping in a path.
fn public_key() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 48]>())
}
