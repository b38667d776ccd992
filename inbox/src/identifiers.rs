//! Contact identifiers: a contact's addresses, one per channel type and address, so that the same person
//! on two channels is one contact.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, ChannelType, ContactId, Error, IdentifierId, Permission, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct IdentifierView {
    pub id: IdentifierId,
    pub account_id: AccountId,
    pub contact_id: ContactId,
    pub channel_type: ChannelType,
    /// Phone number, chat id, e-mail address, visitor id.
    pub identifier: String,
    pub display_name: Option<String>,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "contact identifier",
    select: "SELECT id, account_id, contact_id, channel_type, identifier, display_name, metadata,
                    created_at, updated_at",
    from: "contact_identifiers",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("contact_id", "contact_id", Kind::Id, ops::EQ_IN),
        Field::new("channel_type", "channel_type", Kind::Word(list::word::<ChannelType>), ops::EQ_IN),
        Field::new("identifier", "identifier", Kind::Text, ops::TEXT),
        Field::new("display_name", "display_name", Kind::Text, ops::TEXT),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

const TAKEN: &[(&str, &str, &str)] =
    &[("contact_identifiers_address_key", "identifier", "this address already belongs to a contact")];

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentifier {
    pub contact_id: ContactId,
    pub channel_type: ChannelType,
    pub identifier: String,
    pub display_name: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

/// The address itself cannot be changed; giving it to another contact can.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateIdentifier {
    pub contact_id: Option<ContactId>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub display_name: Option<Option<String>>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<IdentifierView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: IdentifierId) -> Result<IdentifierView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// Gives a contact an address; 409 when it has an owner.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewIdentifier) -> Result<IdentifierView> {
    member.require(Permission::ContactsManage)?;
    let identifier = &stored_form(new.channel_type, &new.identifier);
    let metadata = &new.metadata.clone().unwrap_or_else(|| json!({}));
    let mut checks = Checks::new();
    checks.text("identifier", identifier, 255);
    checks.optional("display_name", new.display_name.as_deref(), 255);
    checks.object("metadata", metadata);
    checks.finish()?;
    let (id, account, now) = (IdentifierId::new(), member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            require_contact(&mut tx, account, new.contact_id).await?;
            sqlx::query!(
                "INSERT INTO contact_identifiers (id, account_id, contact_id, channel_type, identifier,
                     display_name, metadata, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
                id.uuid(),
                account.uuid(),
                new.contact_id.uuid(),
                new.channel_type.as_str(),
                identifier,
                new.display_name,
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

pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: IdentifierId,
    change: &UpdateIdentifier,
) -> Result<IdentifierView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: IdentifierView =
                list::locked(&mut tx, &ENTITY, account, id.uuid(), "contact_identifiers").await?;
            let contact = change.contact_id.unwrap_or(old.contact_id);
            require_contact(&mut tx, account, contact).await?;
            let display_name = patch::or(change.display_name.clone(), old.display_name);
            let metadata = change.metadata.clone().unwrap_or(old.metadata);
            let mut checks = Checks::new();
            checks.optional("display_name", display_name.as_deref(), 255);
            checks.object("metadata", &metadata);
            checks.finish()?;
            sqlx::query!(
                "UPDATE contact_identifiers SET contact_id = $3, display_name = $4, metadata = $5,
                     updated_at = $6
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                contact.uuid(),
                display_name,
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

pub async fn delete(inbox: &Inbox, member: &Member, id: IdentifierId) -> Result<()> {
    member.require(Permission::ContactsManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM contact_identifiers WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            check::found("contact identifier", gone.rows_affected())
        })
        .await
        .map_err(Error::from)
}

async fn require_contact(tx: &mut Tx, account: AccountId, contact: ContactId) -> Outcome<()> {
    let found = sqlx::query_scalar!(
        "SELECT 1 FROM contacts WHERE id = $1 AND account_id = $2",
        contact.uuid(),
        account.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    check::found("contact", u64::from(found.is_some()))
}

/// Phone numbers and e-mail addresses in the form in which they arrive from providers.
fn stored_form(channel_type: ChannelType, text: &str) -> String {
    let text = text.trim();
    match channel_type {
        ChannelType::Sms | ChannelType::Smpp => check::phone(text).unwrap_or_else(|| text.to_owned()),
        ChannelType::Email => text.to_lowercase(),
        _ => text.to_owned(),
    }
}
