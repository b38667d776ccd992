//! Suppressions: addresses that get no bulk messages. Replies to what a customer wrote are not held back.
//!
//! [`suppress`] and [`lift`] are for a transaction that already runs (an inbound STOP or START, a bounce);
//! the rest is for members of the account.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, ChannelId, ChannelType, ContactId, Error, Permission, Result, SuppressionId, Time, UserId,
    suppression::SuppressionReason,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct SuppressionView {
    pub id: SuppressionId,
    pub account_id: AccountId,
    pub channel_type: ChannelType,
    /// Null: on every channel of the type.
    pub channel_id: Option<ChannelId>,
    /// E.164, an e-mail address in lower case, or the provider's own id.
    pub address: String,
    pub contact_id: Option<ContactId>,
    pub reason: SuppressionReason,
    /// What the customer wrote, or what the provider said.
    pub note: Option<String>,
    pub created_by_user_id: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "suppression",
    select: "SELECT id, account_id, channel_type, channel_id, address, contact_id, reason, note,
                    created_by_user_id, created_at",
    from: "suppressions",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("channel_type", "channel_type", Kind::Word(list::word::<ChannelType>), ops::EQ_IN),
        Field::new("channel_id", "channel_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("address", "address", Kind::Text, ops::TEXT),
        Field::new("contact_id", "contact_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("reason", "reason", Kind::Word(list::word::<SuppressionReason>), ops::EQ_IN),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// An address to leave out.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuppression {
    pub account_id: Option<AccountId>,
    pub channel_type: ChannelType,
    /// Absent: on every channel of the type.
    pub channel_id: Option<ChannelId>,
    pub address: String,
    /// `manual` unless given.
    pub reason: Option<SuppressionReason>,
    pub note: Option<String>,
}

/// An address to leave out, found out by the hub itself.
#[derive(Debug, Clone)]
pub struct Suppress<'a> {
    pub account_id: AccountId,
    pub channel_type: ChannelType,
    /// `None`: on every channel of the type.
    pub channel_id: Option<ChannelId>,
    pub address: &'a str,
    pub reason: SuppressionReason,
    pub note: Option<&'a str>,
}

/// The one form in which an address is stored and compared.
#[must_use]
pub fn form(channel_type: ChannelType, address: &str) -> String {
    match channel_type {
        ChannelType::Sms | ChannelType::Smpp | ChannelType::Whatsapp => {
            check::phone(address).unwrap_or_else(|| address.trim().to_owned())
        }
        ChannelType::Email => address.trim().to_lowercase(),
        ChannelType::Telegram | ChannelType::Messenger | ChannelType::Webchat => address.trim().to_owned(),
    }
}

/// Suppresses an address; one that is suppressed already stays as it was. Returns whether it is new.
pub async fn suppress(tx: &mut Tx, new: &Suppress<'_>, now: Time) -> Outcome<bool> {
    let written = insert(tx, new, None, now).await?;
    Ok(written.is_some())
}

/// Whether who has this address wants nothing more from this channel.
pub async fn has_opted_out(
    inbox: &Inbox,
    member: &Member,
    channel_type: ChannelType,
    channel: ChannelId,
    address: &str,
) -> Result<bool> {
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            Ok(sqlx::query_scalar!(
                r#"SELECT EXISTS (SELECT 1 FROM suppressions
                       WHERE account_id = $1 AND channel_type = $2 AND address = $3 AND reason = 'opt_out'
                         AND (channel_id IS NULL OR channel_id = $4)) AS "has!""#,
                member.account_id().uuid(),
                channel_type.as_str(),
                form(channel_type, address),
                channel.uuid(),
            )
            .fetch_one(&mut *tx)
            .await?)
        })
        .await
        .map_err(Into::into)
}

/// Ends the opt-out of an address (START); what was entered for another reason stays. Returns whether
/// there was one.
pub async fn lift(
    tx: &mut Tx,
    account: AccountId,
    channel_type: ChannelType,
    channel: Option<ChannelId>,
    address: &str,
) -> Outcome<bool> {
    let gone = sqlx::query!(
        "DELETE FROM suppressions WHERE account_id = $1 AND channel_type = $2 AND address = $3
             AND reason = 'opt_out' AND (channel_id IS NULL OR channel_id = $4)",
        account.uuid(),
        channel_type.as_str(),
        form(channel_type, address),
        channel.map(ChannelId::uuid),
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() > 0)
}

/// `None`: it was there.
async fn insert(tx: &mut Tx, new: &Suppress<'_>, by: Option<UserId>, now: Time) -> Outcome<Option<Uuid>> {
    let address = form(new.channel_type, new.address);
    let note: Option<String> = new.note.map(|note| note.chars().take(500).collect());
    Ok(sqlx::query_scalar!(
        "INSERT INTO suppressions (id, account_id, channel_type, channel_id, address, contact_id, reason, note,
                                   created_by_user_id, created_at)
         VALUES ($1, $2, $3::text, $4, $5::text,
                 (SELECT contact_id FROM contact_identifiers i
                  WHERE i.account_id = $2 AND i.channel_type = $3 AND i.identifier = $5::text),
                 $6, $7, $8, $9)
         ON CONFLICT ON CONSTRAINT suppressions_address_key DO NOTHING RETURNING id",
        SuppressionId::new().uuid(),
        new.account_id.uuid(),
        new.channel_type.as_str(),
        new.channel_id.map(ChannelId::uuid),
        address,
        new.reason.as_str(),
        note,
        by.map(UserId::uuid),
        now,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<SuppressionView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: SuppressionId) -> Result<SuppressionView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// Enters an address by hand; 409 when it is suppressed already.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewSuppression) -> Result<SuppressionView> {
    member.require(Permission::ContactsManage)?;
    let mut checks = Checks::new();
    checks.text("address", &new.address, 255);
    checks.optional("note", new.note.as_deref(), 500);
    let known = form(new.channel_type, &new.address);
    match new.channel_type {
        ChannelType::Sms | ChannelType::Smpp | ChannelType::Whatsapp => {
            checks.that(check::phone(&known).is_some(), "address", "must be a number like +251911234567");
        }
        ChannelType::Email => checks.that(check::is_email(&known), "address", "must be an e-mail address"),
        ChannelType::Telegram | ChannelType::Messenger | ChannelType::Webchat => {}
    }
    checks.finish()?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            if let Some(channel) = new.channel_id {
                let of_type = sqlx::query_scalar!(
                    "SELECT channel_type FROM channels WHERE id = $1 AND account_id = $2",
                    channel.uuid(),
                    account.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?
                .ok_or_else(|| Error::absent("channel_id", "no such channel in this account"))?;
                if of_type != new.channel_type.as_str() {
                    return Err(Error::invalid("channel_id", "this channel is of another type").into());
                }
            }
            let suppress = Suppress {
                account_id: account,
                channel_type: new.channel_type,
                channel_id: new.channel_id,
                address: &new.address,
                reason: new.reason.unwrap_or(SuppressionReason::Manual),
                note: new.note.as_deref(),
            };
            let id = insert(&mut tx, &suppress, Some(member.user_id()), now)
                .await?
                .ok_or_else(|| Error::taken("address", "this address is suppressed already"))?;
            list::one(&mut tx, &ENTITY, account, id).await
        })
        .await
        .map_err(Error::from)
}

/// Messages may reach the address again.
pub async fn delete(inbox: &Inbox, member: &Member, id: SuppressionId) -> Result<()> {
    member.require(Permission::ContactsManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM suppressions WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            check::found("suppression", gone.rows_affected())
        })
        .await
        .map_err(Error::from)
}
