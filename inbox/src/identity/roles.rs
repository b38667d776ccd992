//! Roles: named sets of permissions, each account's own. The built-in ones cannot be changed. Nobody
//! makes, changes or gives a role that holds more than they do.

use bus::{Fault, Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, Error, Permission, Permissions, Result, RoleId, UserId};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use sqlx::{FromRow, types::Json};

use super::{Revocation, accounts, authenticate::permissions, revocations, users::Place};
use crate::{
    Context, Inbox, Member,
    check::Checks,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow, utoipa::ToSchema)]
pub struct RoleView {
    #[schema(value_type = Uuid)]
    pub id: RoleId,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub name: String,
    #[schema(value_type = Vec<String>, example = json!(["conversations.view", "conversations.reply"]))]
    pub permissions: Json<Permissions>,
    pub is_built_in: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A role to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    pub name: String,
    /// A list of permissions, or an object of `can_*` booleans.
    #[serde(deserialize_with = "list_or_flags")]
    #[schema(value_type = Vec<String>, example = json!(["conversations.view", "conversations.reply"]))]
    pub permissions: Permissions,
}

/// What changes in a role; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRole {
    pub name: Option<String>,
    #[serde(default, deserialize_with = "some_list_or_flags")]
    #[schema(value_type = Option<Vec<String>>)]
    pub permissions: Option<Permissions>,
}

/// Reads `["channels.manage"]`, and `{"can_manage_channels": true}` as the brief's samples have it.
pub(super) fn list_or_flags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Permissions, D::Error> {
    use serde::de::Error as _;
    let words = match Value::deserialize(deserializer)? {
        Value::Array(words) => words,
        Value::Object(flags) => {
            let mut permissions = Permissions::default();
            for (flag, value) in flags {
                match value {
                    Value::Bool(false) => {}
                    Value::Bool(true) if permissions.add_flag(&flag) => {}
                    Value::Bool(true) => return Err(D::Error::custom(format!("{flag} is no permission"))),
                    _ => return Err(D::Error::custom(format!("{flag} must be true or false"))),
                }
            }
            return Ok(permissions);
        }
        _ => return Err(D::Error::custom("must be a list of permissions")),
    };
    words
        .iter()
        .map(|word| {
            let word = word.as_str().ok_or_else(|| D::Error::custom("must be a list of texts"))?;
            word.parse::<Permission>().map_err(D::Error::custom)
        })
        .collect()
}

fn some_list_or_flags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Permissions>, D::Error> {
    list_or_flags(deserializer).map(Some)
}

static ENTITY: Entity = Entity {
    what: "role",
    select: "SELECT r.id, r.account_id, r.name, r.permissions, r.is_built_in, r.created_at, r.updated_at",
    from: "roles r",
    account: "r.account_id",
    id: "r.id",
    fields: &[
        Field::new("id", "r.id", Kind::Id, ops::EQ_IN),
        Field::new("name", "r.name", Kind::Text, ops::TEXT).sortable(),
        Field::new("is_built_in", "r.is_built_in", Kind::Flag, ops::EQ),
        Field::new("permissions", "r.permissions", Kind::Texts, ops::CONTAINS),
        Field::new("created_at", "r.created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Asc)],
    extra: &[],
};

/// The roles of the caller's accounts.
pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<RoleView>> {
    list::list(inbox, context, Permission::UsersView, &ENTITY, params).await
}

/// One role of the caller's accounts.
pub async fn get(inbox: &Inbox, context: &Context, role: RoleId) -> Result<RoleView> {
    let (view, member) = owned(inbox, context, role).await?;
    member.require(Permission::UsersView)?;
    Ok(view)
}

/// The role, and the caller in its account; 404 when that is none of theirs.
async fn owned<'c>(inbox: &Inbox, context: &'c Context, role: RoleId) -> Result<(RoleView, &'c Member)> {
    let accounts = context.account_ids();
    let view = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move { find(&mut tx, role).await })
        .await?
        .ok_or_else(|| Error::not_found("role"))?;
    let member = context.member(view.account_id).map_err(|_| Error::not_found("role"))?;
    Ok((view, member))
}

async fn find(tx: &mut Tx, role: RoleId) -> Outcome<Option<RoleView>> {
    Ok(sqlx::query_as(
        "SELECT id, account_id, name, permissions, is_built_in, created_at, updated_at FROM roles WHERE id = $1",
    )
    .bind(role)
    .fetch_optional(&mut **tx)
    .await?)
}

/// Makes a role in the caller's account.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewRole) -> Result<RoleView> {
    member.require(Permission::RolesManage)?;
    let mut checks = Checks::new();
    checks.text("name", &new.name, 100);
    checks.finish()?;
    not_more_than(member, &new.permissions)?;
    let (id, account, now) = (RoleId::new(), member.account_id(), inbox.now());
    let view = inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO roles (id, account_id, name, permissions, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $5)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                serde_json::to_value(&new.permissions).map_err(Error::internal)?,
                now,
            )
            .execute(&mut *tx)
            .await?;
            find(&mut tx, id).await
        })
        .await
        .map_err(refused)?;
    view.ok_or_else(|| Error::not_found("role"))
}

/// Changes a role that is not built in; its holders' rights change at once.
pub async fn update(inbox: &Inbox, context: &Context, role: RoleId, change: &UpdateRole) -> Result<RoleView> {
    let (old, member) = owned(inbox, context, role).await?;
    changeable(member, &old)?;
    let mut checks = Checks::new();
    if let Some(name) = &change.name {
        checks.text("name", name, 100);
    }
    checks.finish()?;
    if let Some(permissions) = &change.permissions {
        not_more_than(member, permissions)?;
    }
    let (account_id, now) = (member.account_id(), inbox.now());
    let (view, revoked) = inbox
        .store()
        .write(account_id, |mut tx| async move {
            let permissions = change.permissions.as_ref().map(serde_json::to_value);
            sqlx::query!(
                "UPDATE roles SET name = coalesce($3, name), permissions = coalesce($4, permissions),
                     updated_at = $5
                 WHERE id = $1 AND account_id = $2 AND NOT is_built_in",
                role.uuid(),
                account_id.uuid(),
                change.name.as_deref().map(str::trim),
                permissions.transpose().map_err(Error::internal)?,
                now,
            )
            .execute(&mut *tx)
            .await?;
            let holders = sqlx::query_scalar!(
                "SELECT user_id FROM account_users WHERE role_id = $1 AND account_id = $2",
                role.uuid(),
                account_id.uuid(),
            )
            .fetch_all(&mut *tx)
            .await?;
            let mut revoked = Vec::with_capacity(holders.len());
            for user in holders {
                let revocation = Revocation::Role { account_id, user_id: UserId(user) };
                revocations::record(&mut tx, revocation).await?;
                revoked.push(revocation);
            }
            accounts::keeps_an_owner(&mut tx, account_id).await?;
            Ok((find(&mut tx, role).await?, revoked))
        })
        .await
        .map_err(refused)?;
    revocations::applied(inbox, &revoked);
    view.ok_or_else(|| Error::not_found("role"))
}

/// Deletes a role that is neither built in nor held by anybody.
pub async fn delete(inbox: &Inbox, context: &Context, role: RoleId) -> Result<()> {
    let (old, member) = owned(inbox, context, role).await?;
    changeable(member, &old)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "DELETE FROM roles WHERE id = $1 AND account_id = $2 AND NOT is_built_in",
                role.uuid(),
                account.uuid(),
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
        .map_err(refused)
}

fn changeable(member: &Member, role: &RoleView) -> Result<()> {
    member.require(Permission::RolesManage)?;
    if role.is_built_in {
        return Err(Error::forbidden("built-in roles stay as they are; make one of your own"));
    }
    not_more_than(member, &role.permissions)
}

/// Nobody gives what they do not hold.
pub(super) fn not_more_than(member: &Member, permissions: &Permissions) -> Result<()> {
    let beyond: Vec<Permission> =
        permissions.0.iter().copied().filter(|permission| !member.can(*permission)).collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Error::forbidden("nobody gives permissions that they do not hold").with("permissions", beyond))
}

/// The role that `place` names in the member's account, if the member holds all that it holds.
pub(super) async fn grantable(tx: &mut Tx, member: &Member, place: Place) -> Outcome<RoleId> {
    let (id, name) = match place {
        Place::Role(id) => (Some(id.uuid()), None),
        Place::BuiltIn(role) => (None, Some(role.as_str())),
    };
    let row = sqlx::query!(
        "SELECT id, permissions FROM roles
         WHERE account_id = $1 AND (id = $2 OR (name = $3 AND is_built_in)) FOR SHARE",
        member.account_id().uuid(),
        id,
        name,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::not_found("role"))?;
    not_more_than(member, &permissions(&row.permissions))?;
    Ok(RoleId(row.id))
}

fn refused(fault: Fault) -> Error {
    match fault.constraint() {
        Some("roles_account_name_key") => Error::taken("name", "the account has a role of this name"),
        Some("account_users_role_id_fkey") => {
            Error::conflict("members still have this role; give them another one first")
                .with("reason", "in_use")
        }
        _ => fault.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn permissions_are_read_as_a_list_or_as_flags() {
        let read = |value: Value| {
            serde_json::from_value::<NewRole>(json!({"name": "n", "permissions": value}))
                .map(|role| role.permissions)
                .map_err(|error| error.to_string())
        };
        let channels: Permissions =
            [Permission::ChannelsView, Permission::ChannelsManage].into_iter().collect();
        assert_eq!(read(json!(["channels.view", "channels.manage"])).unwrap(), channels);
        assert_eq!(read(json!({"can_manage_channels": true, "can_assign": false})).unwrap(), channels);
        assert!(read(json!({"can_fly": true})).unwrap_err().contains("can_fly"));
        assert!(read(json!(["moon.land"])).unwrap_err().contains("moon.land"));
        assert!(read(json!(7)).is_err());
    }
}
