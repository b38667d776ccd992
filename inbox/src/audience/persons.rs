//! Persons: people that an account keeps beside its contacts, and that groups can hold too. One that is
//! linked with a contact is reached at the contact's addresses where it has none of its own.

use bus::Tx;
use chrono::{DateTime, Utc};
use model::{AccountId, ContactId, Error, Permission, PersonId, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::members;
use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct PersonView {
    pub id: PersonId,
    pub account_id: AccountId,
    pub name: String,
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<String>,
    /// The contact that is the same human being.
    pub contact_id: Option<ContactId>,
    #[schema(value_type = Object)]
    pub properties: Value,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "person",
    select: "SELECT id, account_id, name, phone, email, contact_id, properties, is_active, created_at, updated_at",
    from: "persons",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("phone", "phone", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("email", "email", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("contact_id", "contact_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("properties", "properties", Kind::Object, ops::TEXT),
        Field::new("is_active", "is_active", Kind::Flag, ops::EQ),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub contact_id: Option<ContactId>,
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Value>,
    pub is_active: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePerson {
    pub name: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<ContactId>)]
    pub contact_id: Option<Option<ContactId>>,
    /// Replaces all of them.
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Value>,
    pub is_active: Option<bool>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<PersonView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: PersonId) -> Result<PersonView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewPerson) -> Result<PersonView> {
    member.require(Permission::ContactsManage)?;
    let now = inbox.now();
    let person = &put_right(PersonView {
        id: PersonId::new(),
        account_id: member.account_id(),
        name: new.name.clone(),
        phone: new.phone.clone(),
        email: new.email.clone(),
        contact_id: new.contact_id,
        properties: new.properties.clone().unwrap_or_else(|| json!({})),
        is_active: new.is_active.unwrap_or(true),
        created_at: now,
        updated_at: now,
    })?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            require_contact(&mut tx, account, person.contact_id).await?;
            sqlx::query!(
                "INSERT INTO persons (id, account_id, name, phone, email, contact_id, properties, is_active,
                                      created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                person.id.uuid(),
                account.uuid(),
                person.name,
                person.phone,
                person.email,
                person.contact_id.map(ContactId::uuid),
                person.properties,
                person.is_active,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, person.id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: PersonId,
    change: &UpdatePerson,
) -> Result<PersonView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: PersonView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "persons").await?;
            let change = change.clone();
            let person = put_right(PersonView {
                name: change.name.unwrap_or(old.name),
                phone: patch::or(change.phone, old.phone),
                email: patch::or(change.email, old.email),
                contact_id: patch::or(change.contact_id, old.contact_id),
                properties: change.properties.unwrap_or(old.properties),
                is_active: change.is_active.unwrap_or(old.is_active),
                ..old
            })?;
            require_contact(&mut tx, account, person.contact_id).await?;
            sqlx::query!(
                "UPDATE persons SET name = $3, phone = $4, email = $5, contact_id = $6, properties = $7,
                     is_active = $8, updated_at = $9 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                person.name,
                person.phone,
                person.email,
                person.contact_id.map(ContactId::uuid),
                person.properties,
                person.is_active,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

/// Removes a person, from their groups too.
pub async fn delete(inbox: &Inbox, member: &Member, id: PersonId) -> Result<()> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            members::forget_persons(&mut tx, account, &[id.uuid()], now).await?;
            let gone = sqlx::query!(
                "DELETE FROM persons WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            check::found("person", gone.rows_affected())
        })
        .await
        .map_err(Error::from)
}

async fn require_contact(tx: &mut Tx, account: AccountId, contact: Option<ContactId>) -> bus::Outcome<()> {
    let Some(contact) = contact else { return Ok(()) };
    let known = sqlx::query_scalar!(
        "SELECT id FROM contacts WHERE id = $1 AND account_id = $2 FOR KEY SHARE",
        contact.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    match known {
        Some(_) => Ok(()),
        None => Err(Error::absent("contact_id", "no such contact in this account").into()),
    }
}

fn put_right(mut person: PersonView) -> Result<PersonView> {
    let mut checks = Checks::new();
    person.name = person.name.trim().to_owned();
    checks.text("name", &person.name, 255);
    if let Some(phone) = person.phone.take() {
        person.phone = check::phone(&phone);
        checks.that(person.phone.is_some(), "phone", "must be in E.164, like +251911234567");
    }
    if let Some(email) = person.email.take() {
        let email = email.trim().to_owned();
        checks.that(check::is_email(&email), "email", "must be an e-mail address");
        person.email = Some(email);
    }
    checks.object("properties", &person.properties);
    checks.finish()?;
    Ok(person)
}
