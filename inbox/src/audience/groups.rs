//! Groups: named sets of contacts and persons. Their counts move with every change of the members.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, Error, GroupId, Permission, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct GroupView {
    pub id: GroupId,
    pub account_id: AccountId,
    pub name: String,
    pub description: Option<String>,
    pub contact_count: i32,
    pub person_count: i32,
    /// Contacts and persons together.
    pub member_count: i32,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "group",
    select: "SELECT id, account_id, name, description, contact_count, person_count,
                    contact_count + person_count AS member_count, metadata, created_at, updated_at",
    from: "groups",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("member_count", "(contact_count + person_count)::bigint", Kind::Number, ops::NUMBER)
            .sortable(),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("name", Order::Asc)],
    extra: &[],
};

const TAKEN: &[(&str, &str, &str)] = &[("groups_account_name_key", "name", "there is a group of this name")];

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub description: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateGroup {
    pub name: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<GroupView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: GroupId) -> Result<GroupView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// Makes an empty group; 409 when there is one of that name.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewGroup) -> Result<GroupView> {
    member.require(Permission::ContactsManage)?;
    let metadata = new.metadata.clone().unwrap_or_else(|| json!({}));
    check(&new.name, new.description.as_deref(), &metadata)?;
    let (id, account, now, metadata) = (GroupId::new(), member.account_id(), inbox.now(), &metadata);
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO groups (id, account_id, name, description, metadata, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $6)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                new.description,
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

pub async fn update(inbox: &Inbox, member: &Member, id: GroupId, change: &UpdateGroup) -> Result<GroupView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: GroupView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "groups").await?;
            let change = change.clone();
            let name = change.name.unwrap_or(old.name);
            let description = patch::or(change.description, old.description);
            let metadata = change.metadata.unwrap_or(old.metadata);
            check(&name, description.as_deref(), &metadata)?;
            sqlx::query!(
                "UPDATE groups SET name = $3, description = $4, metadata = $5, updated_at = $6
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                name.trim(),
                description,
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

/// Removes a group; its members stay. 409 while a group message or schedule that is not over names it.
pub async fn delete(inbox: &Inbox, member: &Member, id: GroupId) -> Result<()> {
    member.require(Permission::ContactsManage)?;
    let account = member.account_id();
    inbox.store().write(account, |tx| remove(tx, account, id)).await.map_err(Error::from)
}

async fn remove(mut tx: Tx, account: AccountId, id: GroupId) -> Outcome<()> {
    let _: GroupView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "groups").await?;
    let waiting = sqlx::query_scalar!(
        "SELECT coalesce(name, 'a group message') FROM group_messages
         WHERE account_id = $1 AND $2 = ANY (contact_group_ids) AND frozen_at IS NULL
           AND status IN ('draft', 'queued', 'processing', 'paused') LIMIT 1",
        account.uuid(),
        id.uuid(),
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten();
    if let Some(name) = waiting {
        return Err(Error::conflict(format!("{name:?} is going to be sent to this group")).into());
    }
    sqlx::query!("DELETE FROM groups WHERE id = $1 AND account_id = $2", id.uuid(), account.uuid())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

fn check(name: &str, description: Option<&str>, metadata: &Value) -> Result<()> {
    let mut checks = Checks::new();
    checks.text("name", name, 255);
    checks.optional("description", description, 2000);
    checks.object("metadata", metadata);
    checks.finish()
}
