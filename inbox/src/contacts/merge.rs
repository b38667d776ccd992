//! Two contacts that are one human being. Everything of the one goes to the other, in one transaction; for 30
//! days it can be taken back.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, ContactId, Error, MergeId, Permission, Result, Time, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{ContactView, ENTITY};
use crate::{
    Inbox, Member,
    list::{self, Entity, Field, Kind, Listing, Order, Params, Plan, ops},
};

/// How long a merge can be undone.
const UNDO_DAYS: i64 = 30;

/// Who is merged into the contact of the path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// It goes away; everything it has goes to the survivor.
    pub merged_id: ContactId,
}

/// What a merge would do, or did.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MergePreview {
    /// The survivor as it would be.
    pub contact: ContactView,
    /// Fields in which the two differ and the survivor's value stays.
    pub kept: Vec<String>,
    /// Fields that the survivor gets.
    pub filled: Vec<String>,
    pub conversations: i64,
    pub messages: i64,
    pub identifiers: i64,
    pub groups: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct MergeView {
    pub id: MergeId,
    pub account_id: AccountId,
    pub survivor_id: ContactId,
    pub merged_id: ContactId,
    /// The merged contact as it was.
    #[schema(value_type = Object)]
    pub merged: Value,
    pub merged_by_user_id: Option<UserId>,
    pub undo_until: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

pub static MERGES: Entity = Entity {
    what: "merge",
    select: "SELECT id, account_id, survivor_id, merged_id, merged, merged_by_user_id, undo_until, undone_at, created_at",
    from: "contact_merges",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("survivor_id", "survivor_id", Kind::Id, ops::EQ_IN),
        Field::new("merged_id", "merged_id", Kind::Id, ops::EQ_IN),
        Field::new("undone_at", "undone_at", Kind::Time, ops::TIME_NULL),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// The rows that changed hands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Moved {
    identifiers: Vec<Uuid>,
    conversations: Vec<Uuid>,
    /// Those without a conversation; the others follow theirs.
    messages: Vec<Uuid>,
    visitors: Vec<Uuid>,
    persons: Vec<Uuid>,
    suppressions: Vec<Uuid>,
    schedules: Vec<Uuid>,
    /// Groups of the merged one, and those among them where the survivor was not.
    groups: Vec<Uuid>,
    joined: Vec<Uuid>,
}

/// What would happen; nothing is written.
pub async fn preview(
    inbox: &Inbox,
    member: &Member,
    survivor: ContactId,
    asked: MergeRequest,
) -> Result<MergePreview> {
    member.require(Permission::ContactsManage)?;
    let (account, merged) = (member.account_id(), asked.merged_id);
    inbox
        .store()
        .read(account, |mut tx| async move {
            let first: ContactView = list::one(&mut tx, &ENTITY, account, survivor.uuid()).await?;
            let second = other(&mut tx, account, survivor, merged).await?;
            let counts = sqlx::query!(
                r#"SELECT (SELECT count(*) FROM conversations WHERE contact_id = $1) AS "conversations!",
                          (SELECT count(*) FROM messages WHERE contact_id = $1) AS "messages!",
                          (SELECT count(*) FROM contact_identifiers WHERE contact_id = $1) AS "identifiers!",
                          (SELECT count(*) FROM group_contacts WHERE contact_id = $1) AS "groups!""#,
                merged.uuid(),
            )
            .fetch_one(&mut *tx)
            .await?;
            let (contact, filled, kept) = joined(first, &second);
            Ok(MergePreview {
                contact,
                kept,
                filled,
                conversations: counts.conversations,
                messages: counts.messages,
                identifiers: counts.identifiers,
                groups: counts.groups,
            })
        })
        .await
        .map_err(Error::from)
}

async fn other(
    tx: &mut Tx,
    account: AccountId,
    survivor: ContactId,
    merged: ContactId,
) -> Outcome<ContactView> {
    if survivor == merged {
        return Err(Error::invalid("merged_id", "is the survivor itself").into());
    }
    let found: Outcome<ContactView> = list::one(tx, &ENTITY, account, merged.uuid()).await;
    found.map_err(|_| Error::absent("merged_id", "no such contact in this account").into())
}

/// The survivor with what it lacks; the names of the fields that it got, and of those that differ.
fn joined(mut first: ContactView, second: &ContactView) -> (ContactView, Vec<String>, Vec<String>) {
    let (mut filled, mut kept) = (Vec::new(), Vec::new());
    let mut fill = |name: &str, mine: &mut Option<String>, theirs: &Option<String>| match (&*mine, theirs) {
        (None, Some(value)) => {
            *mine = Some(value.clone());
            filled.push(name.to_owned());
        }
        (Some(a), Some(b)) if a != b => kept.push(name.to_owned()),
        _ => {}
    };
    fill("first_name", &mut first.first_name, &second.first_name);
    fill("last_name", &mut first.last_name, &second.last_name);
    fill("phone", &mut first.phone, &second.phone);
    fill("email", &mut first.email, &second.email);
    fill("preferred_language", &mut first.preferred_language, &second.preferred_language);
    // a name that is only the address is no name
    let is_address = |contact: &ContactView| {
        contact.name.is_empty()
            || Some(&contact.name) == contact.phone.as_ref()
            || Some(&contact.name) == contact.email.as_ref()
    };
    if is_address(&first) && !is_address(second) {
        first.name.clone_from(&second.name);
        filled.push("name".into());
    } else if first.name != second.name {
        kept.push("name".into());
    }
    if first.preferred_channel_type.is_none() && second.preferred_channel_type.is_some() {
        first.preferred_channel_type = second.preferred_channel_type;
        filled.push("preferred_channel_type".into());
    }
    for tag in &second.tags {
        if !first.tags.contains(tag) {
            first.tags.push(tag.clone());
            if filled.last().is_none_or(|last| last != "tags") {
                filled.push("tags".into());
            }
        }
    }
    let theirs = second.properties.as_object().cloned().unwrap_or_default();
    let mine: Map<String, Value> = first.properties.as_object().cloned().unwrap_or_default();
    for (key, value) in theirs {
        match mine.get(&key) {
            None => {
                first.properties[&key] = value;
                filled.push(format!("properties.{key}"));
            }
            Some(own) if *own != value => kept.push(format!("properties.{key}")),
            Some(_) => {}
        }
    }
    (first, filled, kept)
}

/// Merges. The merged contact is gone afterwards, until it is undone.
pub async fn merge(
    inbox: &Inbox,
    member: &Member,
    survivor: ContactId,
    asked: MergeRequest,
) -> Result<MergeView> {
    member.require(Permission::ContactsManage)?;
    let (account, merged, now) = (member.account_id(), asked.merged_id, inbox.now());
    let id = MergeId::new();
    inbox
        .store()
        .write(account, |mut tx| async move {
            // both in the order of their ids, so that two merges cannot wait for each other
            sqlx::query!(
                "SELECT id FROM contacts WHERE account_id = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE",
                account.uuid(),
                &[survivor.uuid(), merged.uuid()],
            )
            .fetch_all(&mut *tx)
            .await?;
            let first: ContactView = list::one(&mut tx, &ENTITY, account, survivor.uuid()).await?;
            let second = other(&mut tx, account, survivor, merged).await?;
            let moved = hand_over(&mut tx, account, (merged, survivor), now).await?;
            sqlx::query!(
                "DELETE FROM contacts WHERE id = $1 AND account_id = $2",
                merged.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            let (contact, ..) = joined(first.clone(), &second);
            super::save(&mut tx, &contact, now).await?;
            sqlx::query!(
                "INSERT INTO contact_merges (id, account_id, survivor_id, merged_id, survivor, merged, moved,
                     merged_by_user_id, undo_until, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                id.uuid(),
                account.uuid(),
                survivor.uuid(),
                merged.uuid(),
                json!(first),
                json!(second),
                json!(moved),
                member.user_id().uuid(),
                now + chrono::Duration::days(UNDO_DAYS),
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &MERGES, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

/// Everything of one contact goes to the other.
async fn hand_over(
    tx: &mut Tx,
    account: AccountId,
    (from, to): (ContactId, ContactId),
    now: Time,
) -> Outcome<Moved> {
    let (from, to) = (from.uuid(), to.uuid());
    let mut moved = Moved {
        conversations: sqlx::query_scalar!(
            "UPDATE conversations SET contact_id = $2, version = version + 1, updated_at = $3
             WHERE contact_id = $1 RETURNING id",
            from,
            to,
            now
        )
        .fetch_all(&mut **tx)
        .await?,
        identifiers: sqlx::query_scalar!(
            "UPDATE contact_identifiers SET contact_id = $2, updated_at = $3 WHERE contact_id = $1 RETURNING id",
            from,
            to,
            now
        )
        .fetch_all(&mut **tx)
        .await?,
        visitors: sqlx::query_scalar!(
            "UPDATE visitors SET contact_id = $2 WHERE contact_id = $1 RETURNING id",
            from,
            to
        )
        .fetch_all(&mut **tx)
        .await?,
        persons: sqlx::query_scalar!(
            "UPDATE persons SET contact_id = $2, updated_at = $3 WHERE contact_id = $1 RETURNING id",
            from,
            to,
            now
        )
        .fetch_all(&mut **tx)
        .await?,
        suppressions: sqlx::query_scalar!(
            "UPDATE suppressions SET contact_id = $2 WHERE contact_id = $1 RETURNING id",
            from,
            to
        )
        .fetch_all(&mut **tx)
        .await?,
        schedules: sqlx::query_scalar!(
            "UPDATE scheduled_messages SET contact_id = $2, updated_at = $3 WHERE contact_id = $1 RETURNING id",
            from,
            to,
            now
        )
        .fetch_all(&mut **tx)
        .await?,
        groups: sqlx::query_scalar!("SELECT group_id FROM group_contacts WHERE contact_id = $1 ORDER BY group_id", from)
            .fetch_all(&mut **tx)
            .await?,
        ..Moved::default()
    };
    let messages = sqlx::query!(
        "UPDATE messages SET contact_id = $2 WHERE contact_id = $1 RETURNING id, conversation_id",
        from,
        to
    )
    .fetch_all(&mut **tx)
    .await?;
    moved.messages =
        messages.into_iter().filter(|row| row.conversation_id.is_none()).map(|row| row.id).collect();
    for group in &moved.groups {
        let added =
            crate::audience::members::put_contacts(tx, account, model::GroupId(*group), &[to], now).await?;
        if added > 0 {
            moved.joined.push(*group);
        }
    }
    crate::audience::members::forget_contacts(tx, account, &[from], now).await?;
    Ok(moved)
}

/// The merges of all accounts that one belongs to.
pub async fn list_all(
    inbox: &Inbox,
    context: &crate::Context,
    params: &Params,
) -> Result<Listing<MergeView>> {
    list::list(inbox, context, Permission::ContactsView, &MERGES, params).await
}

/// The merges into one contact.
pub async fn of_contact(
    inbox: &Inbox,
    member: &Member,
    id: ContactId,
    params: &Params,
) -> Result<Listing<MergeView>> {
    let _ = super::get(inbox, member, id).await?;
    let plan = &Plan::new(&MERGES, params, member.user_id())?;
    let account = member.account_id();
    let listing = inbox
        .store()
        .read(account, |mut tx| async move {
            list::page(&mut tx, plan, &[account], |sql| {
                sql.push(" AND survivor_id = ").push_bind(id.uuid());
            })
            .await
        })
        .await?;
    Ok(listing)
}

/// Takes a merge back, within 30 days: the merged contact is there again with what it had; what came to the
/// survivor later stays there. A field that the survivor got and that was not changed since is given back.
pub async fn undo(inbox: &Inbox, member: &Member, id: MergeId) -> Result<ContactView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let view: MergeView =
                list::locked(&mut tx, &MERGES, account, id.uuid(), "contact_merges").await?;
            if view.undone_at.is_some() {
                return Err(Error::conflict("it was undone already").into());
            }
            if view.undo_until < now {
                return Err(Error::conflict("a merge can be undone for 30 days").into());
            }
            let row = sqlx::query!("SELECT survivor, moved FROM contact_merges WHERE id = $1", id.uuid())
                .fetch_one(&mut *tx)
                .await?;
            let before: ContactView = serde_json::from_value(row.survivor).map_err(Error::internal)?;
            let merged: ContactView = serde_json::from_value(view.merged).map_err(Error::internal)?;
            let moved: Moved = serde_json::from_value(row.moved).map_err(Error::internal)?;
            let survivor: Outcome<ContactView> =
                list::locked(&mut tx, &ENTITY, account, view.survivor_id.uuid(), "contacts").await;
            let mut survivor = survivor
                .map_err(|_| Error::conflict("the survivor is gone: undo what happened to it first"))?;
            give_back(&mut survivor, &before, &merged);
            super::save(&mut tx, &survivor, now).await?;
            super::insert(&mut tx, &merged).await?;
            hand_back(&mut tx, account, (view.survivor_id, merged.id), &moved, now).await?;
            sqlx::query!("UPDATE contact_merges SET undone_at = $2 WHERE id = $1", id.uuid(), now)
                .execute(&mut *tx)
                .await?;
            list::one(&mut tx, &ENTITY, account, merged.id.uuid()).await
        })
        .await
        .map_err(|fault| crate::check::unique(fault, super::TAKEN))
}

fn give_back(survivor: &mut ContactView, before: &ContactView, merged: &ContactView) {
    let back = |now: &mut Option<String>, was: &Option<String>, theirs: &Option<String>| {
        if was.is_none() && now == theirs {
            *now = None;
        }
    };
    back(&mut survivor.first_name, &before.first_name, &merged.first_name);
    back(&mut survivor.last_name, &before.last_name, &merged.last_name);
    back(&mut survivor.phone, &before.phone, &merged.phone);
    back(&mut survivor.email, &before.email, &merged.email);
    back(&mut survivor.preferred_language, &before.preferred_language, &merged.preferred_language);
    if before.preferred_channel_type.is_none()
        && survivor.preferred_channel_type == merged.preferred_channel_type
    {
        survivor.preferred_channel_type = None;
    }
    if survivor.name == merged.name {
        survivor.name.clone_from(&before.name);
    }
    survivor.tags.retain(|tag| before.tags.contains(tag) || !merged.tags.contains(tag));
    let (was, theirs) = (before.properties.as_object(), merged.properties.as_object());
    if let (Value::Object(now), Some(was), Some(theirs)) = (&mut survivor.properties, was, theirs) {
        now.retain(|key, value| was.contains_key(key) || theirs.get(key) != Some(value));
    }
}

/// The rows that changed hands and are still the survivor's.
async fn hand_back(
    tx: &mut Tx,
    account: AccountId,
    (from, to): (ContactId, ContactId),
    moved: &Moved,
    now: Time,
) -> Outcome<()> {
    let (from, to) = (from.uuid(), to.uuid());
    sqlx::query!(
        "UPDATE conversations SET contact_id = $2, version = version + 1, updated_at = $4
         WHERE contact_id = $1 AND id = ANY ($3)",
        from,
        to,
        &moved.conversations,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE messages SET contact_id = $2 WHERE contact_id = $1 AND (conversation_id = ANY ($3) OR id = ANY ($4))",
        from,
        to,
        &moved.conversations,
        &moved.messages
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE contact_identifiers SET contact_id = $2, updated_at = $4 WHERE contact_id = $1 AND id = ANY ($3)",
        from,
        to,
        &moved.identifiers,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE visitors SET contact_id = $2 WHERE contact_id = $1 AND id = ANY ($3)",
        from,
        to,
        &moved.visitors
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE persons SET contact_id = $2, updated_at = $4 WHERE contact_id = $1 AND id = ANY ($3)",
        from,
        to,
        &moved.persons,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE suppressions SET contact_id = $2 WHERE contact_id = $1 AND id = ANY ($3)",
        from,
        to,
        &moved.suppressions
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE scheduled_messages SET contact_id = $2, updated_at = $4 WHERE contact_id = $1 AND id = ANY ($3)",
        from,
        to,
        &moved.schedules,
        now
    )
    .execute(&mut **tx)
    .await?;
    let still = sqlx::query_scalar!(
        "SELECT id FROM groups WHERE account_id = $1 AND id = ANY ($2) ORDER BY id",
        account.uuid(),
        &moved.groups
    )
    .fetch_all(&mut **tx)
    .await?;
    for group in still {
        let group_id = model::GroupId(group);
        crate::audience::members::put_contacts(tx, account, group_id, &[to], now).await?;
        if moved.joined.contains(&group) {
            crate::audience::members::take_contact(tx, account, group_id, from, now).await?;
        }
    }
    Ok(())
}
