//! Labels: the names and colours that conversations are sorted by.

use bus::Tx;
use chrono::{DateTime, Utc};
use model::{AccountId, Error, LabelId, Permission, Result};
use serde::{Deserialize, Serialize};

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct LabelView {
    pub id: LabelId,
    pub account_id: AccountId,
    pub name: String,
    /// `#RRGGBB`.
    pub color: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "label",
    select: "SELECT id, account_id, name, color, created_at, updated_at",
    from: "labels",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("name", Order::Asc)],
    extra: &[],
};

const TAKEN: &[(&str, &str, &str)] = &[("labels_account_name_key", "name", "there is a label of this name")];

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabel {
    pub account_id: Option<AccountId>,
    pub name: String,
    /// `#RRGGBB`; a blue unless given.
    pub color: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateLabel {
    pub name: Option<String>,
    pub color: Option<String>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<LabelView>> {
    list::list(inbox, context, Permission::ConversationsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: LabelId) -> Result<LabelView> {
    member.require(Permission::ConversationsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewLabel) -> Result<LabelView> {
    member.require(Permission::ConversationsManage)?;
    let color = new.color.as_deref().unwrap_or("#389CF7");
    check(&new.name, color)?;
    let (id, account, now) = (LabelId::new(), member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO labels (id, account_id, name, color, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $5)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                color,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

pub async fn update(inbox: &Inbox, member: &Member, id: LabelId, change: &UpdateLabel) -> Result<LabelView> {
    member.require(Permission::ConversationsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: LabelView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "labels").await?;
            let name = change.name.as_deref().unwrap_or(&old.name);
            let color = change.color.as_deref().unwrap_or(&old.color);
            check(name, color)?;
            sqlx::query!(
                "UPDATE labels SET name = $3, color = $4, updated_at = $5 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                name.trim(),
                color,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

/// Removes a label from the choice; conversations that carry it keep it.
pub async fn delete(inbox: &Inbox, member: &Member, id: LabelId) -> Result<()> {
    member.require(Permission::ConversationsManage)?;
    let account = member.account_id();
    inbox.store().write(account, |tx| remove(tx, account, id)).await.map_err(Error::from)
}

async fn remove(mut tx: Tx, account: AccountId, id: LabelId) -> bus::Outcome<()> {
    let gone =
        sqlx::query!("DELETE FROM labels WHERE id = $1 AND account_id = $2", id.uuid(), account.uuid())
            .execute(&mut *tx)
            .await?;
    check::found("label", gone.rows_affected())
}

fn check(name: &str, color: &str) -> Result<()> {
    let mut checks = Checks::new();
    checks.text("name", name, 100);
    let digits = color.strip_prefix('#').unwrap_or("");
    let good = matches!(digits.len(), 3 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    checks.that(good, "color", "must be like #389CF7");
    checks.finish()
}
