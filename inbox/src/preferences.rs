//! Agent preferences: what routing may give whom. One row per account and user.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, AgentStatus, ChannelType, Error, Permission, PreferenceId, Result, UserId, bot::Language,
    hours::Hours,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Inbox, Member, agents, assignment,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct PreferenceView {
    pub id: PreferenceId,
    pub account_id: AccountId,
    pub user_id: UserId,
    /// Empty: every channel.
    #[sqlx(json)]
    pub available_channels: Vec<ChannelType>,
    /// Empty: every topic.
    #[sqlx(json)]
    pub available_topics: Vec<String>,
    /// `{schedule: [{days, start, end}], timezone}`; null: always.
    #[schema(value_type = Option<Object>)]
    pub available_hours: Option<Value>,
    /// Empty: every language.
    #[sqlx(json)]
    pub languages: Vec<String>,
    /// 1 to 50.
    pub max_concurrent_conversations: i32,
    /// The agent's own status is online.
    pub is_available: bool,
    pub auto_accept: bool,
    #[schema(value_type = Object)]
    pub notification_preferences: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

const AVAILABLE: &str = "coalesce(s.status = 'online', false)";

pub static ENTITY: Entity = Entity {
    what: "agent preference",
    select: "SELECT p.id, p.account_id, p.user_id, p.available_channels, p.available_topics,
                    p.available_hours, p.languages, p.max_concurrent_conversations,
                    coalesce(s.status = 'online', false) AS is_available, p.auto_accept,
                    p.notification_preferences, p.created_at, p.updated_at",
    from: "agent_preferences p
           LEFT JOIN agent_state s ON s.account_id = p.account_id AND s.user_id = p.user_id",
    account: "p.account_id",
    id: "p.id",
    fields: &[
        Field::new("id", "p.id", Kind::Id, ops::EQ_IN),
        Field::new("user_id", "p.user_id", Kind::User, ops::EQ_IN),
        Field::new("is_available", AVAILABLE, Kind::Flag, ops::EQ),
        Field::new("auto_accept", "p.auto_accept", Kind::Flag, ops::EQ),
        Field::new(
            "max_concurrent_conversations",
            "p.max_concurrent_conversations",
            Kind::Number,
            ops::NUMBER,
        )
        .sortable(),
        Field::new("available_channels", "p.available_channels", Kind::Texts, ops::CONTAINS),
        Field::new("available_topics", "p.available_topics", Kind::Texts, ops::CONTAINS),
        Field::new("languages", "p.languages", Kind::Texts, ops::CONTAINS),
        Field::new("created_at", "p.created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "p.updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

const TAKEN: &[(&str, &str, &str)] =
    &[("agent_preferences_user_key", "user_id", "this user has preferences already; change those")];

/// Preferences as they are sent; what is left out keeps its value, or its default.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferenceChange {
    pub available_channels: Option<Vec<ChannelType>>,
    pub available_topics: Option<Vec<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<Object>)]
    pub available_hours: Option<Option<Value>>,
    pub languages: Option<Vec<String>>,
    pub max_concurrent_conversations: Option<i32>,
    /// One's own only: true is online, false is away.
    pub is_available: Option<bool>,
    pub auto_accept: Option<bool>,
    #[schema(value_type = Option<Object>)]
    pub notification_preferences: Option<Value>,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreference {
    pub account_id: Option<AccountId>,
    /// The caller unless given.
    pub user_id: Option<UserId>,
    #[serde(flatten)]
    pub change: PreferenceChange,
}

/// Lists the preferences of all agents; without the permission to manage them, one's own.
pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<PreferenceView>> {
    let plan = &list::Plan::new(&ENTITY, params, context.user_id())?;
    let accounts: &Vec<AccountId> = &context.account_ids();
    let managed: &Vec<uuid::Uuid> = &context
        .members()
        .iter()
        .filter(|member| member.can(Permission::PreferencesManage))
        .map(|member| member.account_id().uuid())
        .collect();
    let me = context.user_id();
    let listing = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            list::page(&mut tx, plan, accounts, |sql| {
                sql.push(" AND (p.account_id = ANY (").push_bind(managed.clone());
                sql.push(") OR p.user_id = ").push_bind(me).push(")");
            })
            .await
        })
        .await?;
    Ok(listing)
}

/// One's own; a 404 says how they are made.
pub async fn mine(inbox: &Inbox, member: &Member) -> Result<PreferenceView> {
    let account = member.account_id();
    let found = inbox
        .store()
        .read(account, |mut tx| async move { of_user(&mut tx, account, member.user_id()).await })
        .await?;
    found.ok_or_else(|| Error::new(model::ErrorCode::NotFound, "No preferences set. Use PATCH to create."))
}

/// By the preference's id or the user's.
pub async fn get(inbox: &Inbox, member: &Member, id: uuid::Uuid) -> Result<PreferenceView> {
    let account = member.account_id();
    let found = inbox.store().read(account, |mut tx| async move { find(&mut tx, account, id).await }).await?;
    if !is_own(member, found.user_id) {
        member.require(Permission::PreferencesManage)?;
    }
    Ok(found)
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewPreference) -> Result<PreferenceView> {
    let user = new.user_id.unwrap_or(member.user_id());
    require_may(member, user, &new.change)?;
    let account = member.account_id();
    let view = inbox
        .store()
        .write(account, |mut tx| async move {
            require_user(&mut tx, account, user).await?;
            let merged = merge(None, &new.change)?;
            insert(&mut tx, inbox, (account, user), &merged).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))?;
    with_status(inbox, member, &new.change, view).await
}

/// Changes one's own, making them when there are none.
pub async fn update_mine(
    inbox: &Inbox,
    member: &Member,
    change: &PreferenceChange,
) -> Result<PreferenceView> {
    let (account, user) = (member.account_id(), member.user_id());
    require_may(member, user, change)?;
    let view = inbox
        .store()
        .write(account, |mut tx| async move {
            match of_user(&mut tx, account, user).await? {
                Some(old) => rewrite(&mut tx, inbox, account, old.id, change).await,
                None => insert(&mut tx, inbox, (account, user), &merge(None, change)?).await,
            }
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))?;
    with_status(inbox, member, change, view).await
}

/// By the preference's id or the user's.
pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: uuid::Uuid,
    change: &PreferenceChange,
) -> Result<PreferenceView> {
    let account = member.account_id();
    let old = inbox.store().read(account, |mut tx| async move { find(&mut tx, account, id).await }).await?;
    require_may(member, old.user_id, change)?;
    let view = inbox
        .store()
        .write(account, |mut tx| async move { rewrite(&mut tx, inbox, account, old.id, change).await })
        .await?;
    with_status(inbox, member, change, view).await
}

/// Back to the defaults. By the preference's id or the user's.
pub async fn delete(inbox: &Inbox, member: &Member, id: uuid::Uuid) -> Result<()> {
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old = find(&mut tx, account, id).await?;
            require_may(member, old.user_id, &PreferenceChange::default())?;
            sqlx::query!(
                "DELETE FROM agent_preferences WHERE id = $1 AND account_id = $2",
                old.id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            capacity_changed(&mut tx, inbox, (account, old.user_id), 5).await
        })
        .await
        .map_err(Error::from)
}

fn is_own(member: &Member, user: UserId) -> bool {
    user == member.user_id() && member.proof().is_in_person()
}

fn require_may(member: &Member, user: UserId, change: &PreferenceChange) -> Result<()> {
    if is_own(member, user) {
        return Ok(());
    }
    member.require(Permission::PreferencesManage)?;
    if change.is_available.is_some() && user != member.user_id() {
        return Err(Error::invalid("is_available", "is set by the agent alone"));
    }
    Ok(())
}

async fn with_status(
    inbox: &Inbox,
    member: &Member,
    change: &PreferenceChange,
    mut view: PreferenceView,
) -> Result<PreferenceView> {
    if let Some(available) = change.is_available {
        let status = if available { AgentStatus::Online } else { AgentStatus::Away };
        agents::set_status(inbox, member, status).await?;
        view.is_available = available;
    }
    Ok(view)
}

async fn require_user(tx: &mut Tx, account: AccountId, user: UserId) -> Outcome<()> {
    let known = sqlx::query_scalar!(
        "SELECT 1 FROM account_users WHERE account_id = $1 AND user_id = $2",
        account.uuid(),
        user.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    check::found("user", u64::from(known.is_some()))
}

async fn of_user(tx: &mut Tx, account: AccountId, user: UserId) -> Outcome<Option<PreferenceView>> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM agent_preferences WHERE account_id = $1 AND user_id = $2",
        account.uuid(),
        user.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    match id {
        Some(id) => list::one(tx, &ENTITY, account, id).await.map(Some),
        None => Ok(None),
    }
}

async fn find(tx: &mut Tx, account: AccountId, id: uuid::Uuid) -> Outcome<PreferenceView> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM agent_preferences WHERE account_id = $1 AND (id = $2 OR user_id = $2)",
        account.uuid(),
        id
    )
    .fetch_optional(&mut **tx)
    .await?;
    list::one(tx, &ENTITY, account, id.ok_or_else(|| Error::not_found("agent preference"))?).await
}

/// What is stored, checked.
struct Stored {
    available_channels: Value,
    available_topics: Value,
    available_hours: Option<Value>,
    languages: Value,
    max_concurrent_conversations: i32,
    auto_accept: bool,
    notification_preferences: Value,
}

fn merge(old: Option<PreferenceView>, change: &PreferenceChange) -> Result<Stored> {
    let mut checks = Checks::new();
    let channels = change.available_channels.clone();
    let topics = change.available_topics.clone();
    if let Some(topics) = &topics {
        checks.texts("available_topics", topics, 100, 100);
    }
    let languages = change.languages.as_ref().map(|codes| {
        let mut read: Vec<String> = Vec::new();
        for (index, code) in codes.iter().enumerate() {
            match code.parse::<Language>() {
                Ok(language) => read.push(language.to_string()),
                Err(message) => checks.refuse(&format!("languages.{index}"), message),
            }
        }
        read
    });
    let hours =
        patch::or(change.available_hours.clone(), old.as_ref().and_then(|old| old.available_hours.clone()));
    if let Some(Err(errors)) = hours.as_ref().map(|hours| Hours::parse(hours, "available_hours")) {
        checks.extend(errors);
    }
    let old = old.as_ref();
    let capacity =
        change.max_concurrent_conversations.or(old.map(|o| o.max_concurrent_conversations)).unwrap_or(5);
    checks.range("max_concurrent_conversations", i64::from(capacity), 1..=50);
    let mut notifications = old.map_or_else(
        || json!({"sound": true, "desktop": true, "email_on_assignment": false}),
        |old| old.notification_preferences.clone(),
    );
    if let Some(sent) = &change.notification_preferences {
        checks.object("notification_preferences", sent);
        if let (Value::Object(all), Value::Object(sent)) = (&mut notifications, sent) {
            all.extend(sent.clone());
        }
        checks.object("notification_preferences", &notifications);
    }
    checks.finish()?;
    Ok(Stored {
        available_channels: json!(channels.or(old.map(|o| o.available_channels.clone())).unwrap_or_default()),
        available_topics: json!(topics.or(old.map(|o| o.available_topics.clone())).unwrap_or_default()),
        available_hours: hours,
        languages: json!(languages.or(old.map(|o| o.languages.clone())).unwrap_or_default()),
        max_concurrent_conversations: capacity,
        auto_accept: change.auto_accept.or(old.map(|o| o.auto_accept)).unwrap_or(false),
        notification_preferences: notifications,
    })
}

async fn insert(
    tx: &mut Tx,
    inbox: &Inbox,
    (account, user): (AccountId, UserId),
    stored: &Stored,
) -> Outcome<PreferenceView> {
    let id = PreferenceId::new();
    sqlx::query!(
        "INSERT INTO agent_preferences (id, account_id, user_id, available_channels, available_topics,
             available_hours, languages, max_concurrent_conversations, auto_accept, notification_preferences,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        id.uuid(),
        account.uuid(),
        user.uuid(),
        stored.available_channels,
        stored.available_topics,
        stored.available_hours,
        stored.languages,
        stored.max_concurrent_conversations,
        stored.auto_accept,
        stored.notification_preferences,
        inbox.now(),
    )
    .execute(&mut **tx)
    .await?;
    capacity_changed(tx, inbox, (account, user), stored.max_concurrent_conversations).await?;
    list::one(tx, &ENTITY, account, id.uuid()).await
}

async fn rewrite(
    tx: &mut Tx,
    inbox: &Inbox,
    account: AccountId,
    id: PreferenceId,
    change: &PreferenceChange,
) -> Outcome<PreferenceView> {
    let old: PreferenceView = list::locked(tx, &ENTITY, account, id.uuid(), "p").await?;
    let user = old.user_id;
    let stored = merge(Some(old), change)?;
    sqlx::query!(
        "UPDATE agent_preferences SET available_channels = $3, available_topics = $4, available_hours = $5,
             languages = $6, max_concurrent_conversations = $7, auto_accept = $8,
             notification_preferences = $9, updated_at = $10
         WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
        stored.available_channels,
        stored.available_topics,
        stored.available_hours,
        stored.languages,
        stored.max_concurrent_conversations,
        stored.auto_accept,
        stored.notification_preferences,
        inbox.now(),
    )
    .execute(&mut **tx)
    .await?;
    capacity_changed(tx, inbox, (account, user), stored.max_concurrent_conversations).await?;
    list::one(tx, &ENTITY, account, id.uuid()).await
}

/// Tells routing: the agent's capacity, hours, channels or languages may now fit somebody who waits.
async fn capacity_changed(
    tx: &mut Tx,
    inbox: &Inbox,
    (account, user): (AccountId, UserId),
    capacity: i32,
) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO agent_state (account_id, user_id, capacity) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, user_id)
         DO UPDATE SET capacity = excluded.capacity, updated_at = clock_timestamp()",
        account.uuid(),
        user.uuid(),
        capacity,
    )
    .execute(&mut **tx)
    .await?;
    assignment::wake_at(tx, account, inbox.now()).await
}
