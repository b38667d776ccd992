//! Contacts: the customers of an account.

mod bulk;
mod export;
pub mod merge;
#[cfg(test)]
mod tests;
mod timeline;

use bus::{Fault, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, ChannelType, ContactId, Error, Permission, Result, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

pub use bulk::{Bulk, BulkDone, BulkItem, BulkUpdate, bulk};
pub use export::Export;
pub use timeline::{TimelineItem, timeline};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct ContactView {
    pub id: ContactId,
    pub account_id: AccountId,
    pub name: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub preferred_channel_type: Option<ChannelType>,
    pub preferred_language: Option<String>,
    #[sqlx(json)]
    pub tags: Vec<String>,
    /// Whatever the account keeps of its contacts; templates can use it.
    #[schema(value_type = Object)]
    pub properties: Value,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "contact",
    select: "SELECT id, account_id, name, first_name, last_name, phone, email, preferred_channel_type,
                    preferred_language, tags, properties, metadata, is_active, created_at, updated_at",
    from: "contacts",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("first_name", "first_name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("last_name", "last_name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("phone", "phone", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("email", "email", Kind::Text, ops::TEXT).sortable_null(),
        Field::new(
            "preferred_channel_type",
            "preferred_channel_type",
            Kind::Word(list::word::<ChannelType>),
            ops::EQ_IN_NULL,
        ),
        Field::new("preferred_language", "preferred_language", Kind::Text, ops::EQ_IN_NULL),
        Field::new("tags", "tags", Kind::Texts, ops::CONTAINS),
        Field::new("properties", "properties", Kind::Object, ops::TEXT),
        Field::new("is_active", "is_active", Kind::Flag, ops::EQ),
        Field::new(
            "group_id",
            "EXISTS (SELECT 1 FROM group_contacts gc WHERE gc.contact_id = contacts.id AND gc.group_id = ANY (",
            Kind::Member,
            ops::MEMBER,
        ),
        // when they last wrote; null: never
        Field::new(
            "last_activity_at",
            "(SELECT max(act.last_inbound_at) FROM conversations act WHERE act.contact_id = contacts.id)",
            Kind::Time,
            ops::TIME_NULL,
        ),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

const TAKEN: &[(&str, &str, &str)] = &[
    ("contacts_account_phone_key", "phone", "another contact has this phone number"),
    ("contacts_account_email_key", "email", "another contact has this e-mail address"),
];

/// A contact to make; a name, a phone number or an e-mail address has to be known.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    pub account_id: Option<AccountId>,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub preferred_channel_type: Option<ChannelType>,
    pub preferred_language: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default = "empty")]
    #[schema(value_type = Object)]
    pub properties: Value,
    #[serde(default = "empty")]
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub is_active: Option<bool>,
}

fn empty() -> Value {
    json!({})
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateContact {
    pub name: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub first_name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub last_name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<ChannelType>)]
    pub preferred_channel_type: Option<Option<ChannelType>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub preferred_language: Option<Option<String>>,
    pub tags: Option<Vec<String>>,
    /// Replaces all of them.
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    pub is_active: Option<bool>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<ContactView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: ContactId) -> Result<ContactView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// Makes a contact; 409 when another one has the phone number or the e-mail address.
pub async fn create(inbox: &Inbox, member: &Member, new: NewContact) -> Result<ContactView> {
    member.require(Permission::ContactsManage)?;
    let now = inbox.now();
    let given = [new.first_name.as_deref(), new.last_name.as_deref()];
    let full: Vec<&str> = given.into_iter().flatten().map(str::trim).filter(|n| !n.is_empty()).collect();
    let mut contact = ContactView {
        id: ContactId::new(),
        account_id: member.account_id(),
        name: new.name.clone().unwrap_or_else(|| full.join(" ")),
        first_name: new.first_name,
        last_name: new.last_name,
        phone: new.phone,
        email: new.email,
        preferred_channel_type: new.preferred_channel_type,
        preferred_language: new.preferred_language,
        tags: new.tags,
        properties: new.properties,
        metadata: new.metadata,
        is_active: new.is_active.unwrap_or(true),
        created_at: now,
        updated_at: now,
    };
    put_right(&mut contact)?;
    let contact = &contact;
    inbox
        .store()
        .write(contact.account_id, |mut tx| async move {
            insert(&mut tx, contact).await?;
            list::one(&mut tx, &ENTITY, contact.account_id, contact.id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

async fn insert(tx: &mut Tx, contact: &ContactView) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO contacts (id, account_id, name, first_name, last_name, phone, email,
             preferred_channel_type, preferred_language, tags, properties, metadata, is_active, created_at,
             updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        contact.id.uuid(),
        contact.account_id.uuid(),
        contact.name,
        contact.first_name,
        contact.last_name,
        contact.phone,
        contact.email,
        contact.preferred_channel_type.map(ChannelType::as_str),
        contact.preferred_language,
        json!(contact.tags),
        contact.properties,
        contact.metadata,
        contact.is_active,
        contact.created_at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: ContactId,
    change: &UpdateContact,
) -> Result<ContactView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let mut contact: ContactView =
                list::locked(&mut tx, &ENTITY, account, id.uuid(), "contacts").await?;
            apply(&mut contact, change.clone());
            put_right(&mut contact)?;
            save(&mut tx, &contact, now).await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

/// Writes all that can change.
async fn save(tx: &mut Tx, contact: &ContactView, now: Time) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE contacts SET name = $3, first_name = $4, last_name = $5, phone = $6, email = $7,
             preferred_channel_type = $8, preferred_language = $9, tags = $10, properties = $11,
             metadata = $12, is_active = $13, updated_at = $14
         WHERE id = $1 AND account_id = $2",
        contact.id.uuid(),
        contact.account_id.uuid(),
        contact.name,
        contact.first_name,
        contact.last_name,
        contact.phone,
        contact.email,
        contact.preferred_channel_type.map(ChannelType::as_str),
        contact.preferred_language,
        json!(contact.tags),
        contact.properties,
        contact.metadata,
        contact.is_active,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn apply(contact: &mut ContactView, change: UpdateContact) {
    contact.name = change.name.unwrap_or(std::mem::take(&mut contact.name));
    contact.first_name = patch::or(change.first_name, contact.first_name.take());
    contact.last_name = patch::or(change.last_name, contact.last_name.take());
    contact.phone = patch::or(change.phone, contact.phone.take());
    contact.email = patch::or(change.email, contact.email.take());
    contact.preferred_channel_type = patch::or(change.preferred_channel_type, contact.preferred_channel_type);
    contact.preferred_language = patch::or(change.preferred_language, contact.preferred_language.take());
    if let Some(tags) = change.tags {
        contact.tags = tags;
    }
    if let Some(properties) = change.properties {
        contact.properties = properties;
    }
    if let Some(metadata) = change.metadata {
        contact.metadata = metadata;
    }
    contact.is_active = change.is_active.unwrap_or(contact.is_active);
}

/// Removes a contact and its identifiers; one with conversations stays (409).
pub async fn delete(inbox: &Inbox, member: &Member, id: ContactId) -> Result<()> {
    member.require(Permission::ContactsManage)?;
    let account = member.account_id();
    let outcome = inbox
        .store()
        .write(account, |mut tx| async move {
            crate::audience::members::forget_contacts(&mut tx, account, &[id.uuid()], inbox.now()).await?;
            let gone = sqlx::query!(
                "DELETE FROM contacts WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            check::found("contact", gone.rows_affected())
        })
        .await;
    outcome.map_err(|fault| match fault.constraint() {
        Some("conversations_contact_id_fkey") => {
            Error::conflict("this contact has conversations; set is_active to false instead")
        }
        _ => fault.into(),
    })
}

/// Brings phone, e-mail and names to their stored form and refuses what cannot be stored.
fn put_right(contact: &mut ContactView) -> Result<()> {
    let mut checks = Checks::new();
    for text in [
        &mut contact.first_name,
        &mut contact.last_name,
        &mut contact.phone,
        &mut contact.email,
        &mut contact.preferred_language,
    ] {
        *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    if let Some(number) = &contact.phone {
        match check::phone(number) {
            Some(number) => contact.phone = Some(number),
            None => checks.refuse("phone", "must be in international form, like +251911234567"),
        }
    }
    if let Some(address) = &contact.email {
        checks.that(check::is_email(address), "email", "must be an e-mail address");
    }
    contact.name = contact.name.trim().to_owned();
    if contact.name.is_empty() {
        let known = contact.phone.as_ref().or(contact.email.as_ref());
        contact.name = known.cloned().unwrap_or_default();
    }
    checks.text("name", &contact.name, 255);
    checks.optional("first_name", contact.first_name.as_deref(), 100);
    checks.optional("last_name", contact.last_name.as_deref(), 100);
    checks.optional("preferred_language", contact.preferred_language.as_deref(), 10);
    checks.texts("tags", &contact.tags, 100, 100);
    checks.object("properties", &contact.properties);
    checks.object("metadata", &contact.metadata);
    checks.finish()
}
