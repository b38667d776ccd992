//! API keys: for programs. A key acts for the member who made it, within one account, with those of
//! its permissions that the member still holds; it is stored hashed and shown once.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, ApiKeyId, Error, Permission, Permissions, Result, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json};

use super::{Revocation, authenticate::KEY_PREFIX, revocations, roles, tokens};
use crate::{
    Context, Inbox, Member,
    check::Checks,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow, utoipa::ToSchema)]
pub struct ApiKeyView {
    #[schema(value_type = Uuid)]
    pub id: ApiKeyId,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub name: String,
    /// Its first characters, to recognise it by.
    pub prefix: String,
    #[schema(value_type = Vec<String>)]
    pub permissions: Json<Permissions>,
    #[schema(value_type = Option<Uuid>)]
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key that was just made: the only time its secret is shown.
#[derive(Clone, Serialize, utoipa::ToSchema)]
pub struct NewApiKeyView {
    #[serde(flatten)]
    pub api_key: ApiKeyView,
    /// The secret, for `Authorization: Bearer`.
    pub key: String,
}

/// A key to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    pub name: String,
    /// What it may do; not more than you.
    #[serde(deserialize_with = "roles::list_or_flags")]
    #[schema(value_type = Vec<String>, example = json!(["messages.send"]))]
    pub permissions: Permissions,
    /// When it ends; never when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

static ENTITY: Entity = Entity {
    what: "API key",
    select: "SELECT k.id, k.account_id, k.name, k.prefix, k.permissions, k.created_by, k.created_at,
        k.expires_at, k.last_used_at, k.revoked_at",
    from: "api_keys k",
    account: "k.account_id",
    id: "k.id",
    fields: &[
        Field::new("id", "k.id", Kind::Id, ops::EQ_IN),
        Field::new("name", "k.name", Kind::Text, ops::TEXT).sortable(),
        Field::new("created_by", "k.created_by", Kind::User, ops::EQ_IN_NULL),
        Field::new("created_at", "k.created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("expires_at", "k.expires_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("revoked_at", "k.revoked_at", Kind::Time, ops::TIME_NULL).sortable_null(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// The keys of the caller's accounts.
pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<ApiKeyView>> {
    list::list(inbox, context, Permission::ApiKeysManage, &ENTITY, params).await
}

/// One key of the caller's accounts.
pub async fn get(inbox: &Inbox, context: &Context, key: ApiKeyId) -> Result<ApiKeyView> {
    let accounts = context.account_ids();
    let view = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move { find(&mut tx, key).await })
        .await?
        .ok_or_else(|| Error::not_found("API key"))?;
    context
        .member(view.account_id)
        .map_err(|_| Error::not_found("API key"))?
        .require(Permission::ApiKeysManage)?;
    Ok(view)
}

async fn find(tx: &mut Tx, key: ApiKeyId) -> Outcome<Option<ApiKeyView>> {
    Ok(sqlx::query_as(
        "SELECT id, account_id, name, prefix, permissions, created_by, created_at, expires_at, last_used_at,
             revoked_at
         FROM api_keys WHERE id = $1",
    )
    .bind(key)
    .fetch_optional(&mut **tx)
    .await?)
}

/// Makes a key in the member's account.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewApiKey) -> Result<NewApiKeyView> {
    member.require(Permission::ApiKeysManage)?;
    let now = inbox.now();
    let mut checks = Checks::new();
    checks.text("name", &new.name, 255);
    checks.that(!new.permissions.0.is_empty(), "permissions", "must name at least one permission");
    checks.that(new.expires_at.is_none_or(|end| end > now), "expires_at", "must lie in the future");
    checks.finish()?;
    roles::not_more_than(member, &new.permissions)?;
    let (key, hash) = tokens::new_secret(KEY_PREFIX)?;
    let prefix: String = key.chars().take(10).collect();
    let (id, account, hash, prefix) =
        (ApiKeyId::new(), member.account_id(), hash.as_slice(), prefix.as_str());
    let view = inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO api_keys (id, account_id, name, prefix, hash, permissions, created_by, created_at,
                     expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                prefix,
                hash,
                serde_json::to_value(&new.permissions).map_err(Error::internal)?,
                member.user_id().uuid(),
                now,
                new.expires_at,
            )
            .execute(&mut *tx)
            .await?;
            find(&mut tx, id).await
        })
        .await?;
    Ok(NewApiKeyView { api_key: view.ok_or_else(|| Error::not_found("API key"))?, key })
}

/// Ends a key at once.
pub async fn revoke(inbox: &Inbox, context: &Context, key: ApiKeyId) -> Result<()> {
    let view = get(inbox, context, key).await?;
    let (account_id, now) = (view.account_id, inbox.now());
    let revocation = Revocation::ApiKey { account_id, api_key_id: key };
    inbox
        .store()
        .write(account_id, |mut tx| async move {
            sqlx::query!(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE id = $1 AND account_id = $2",
                key.uuid(),
                account_id.uuid(),
                now,
            )
            .execute(&mut *tx)
            .await?;
            revocations::record(&mut tx, revocation).await
        })
        .await?;
    revocations::applied(inbox, &[revocation]);
    Ok(())
}
