//! The members of groups: contacts and persons. Every statement that changes memberships is followed by
//! one that moves the counts of the groups concerned, in the same transaction.

use bus::{Outcome, Tx};
use model::{AccountId, ContactId, Error, GroupId, Permission, PersonId, Result, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{groups, persons::PersonView};
use crate::{
    Inbox, Member,
    contacts::{self, ContactView},
    list::{self, Listing, Params, Plan},
};

/// Ids that one request may name.
const MOST: usize = 10_000;

/// Members to put in or take out.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = GroupContacts)]
#[serde(deny_unknown_fields)]
pub struct Contacts {
    /// At most 10,000.
    pub contact_ids: Vec<ContactId>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = GroupPersons)]
#[serde(deny_unknown_fields)]
pub struct Persons {
    /// At most 10,000.
    pub person_ids: Vec<PersonId>,
}

/// What became of a change of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MembersMoved)]
pub struct Moved {
    /// Put in or taken out.
    pub changed: u64,
    /// They were in, or out, already.
    pub unchanged: u64,
}

/// The contacts of a group, with the filters of contacts.
pub async fn contacts(
    inbox: &Inbox,
    member: &Member,
    group: GroupId,
    params: &Params,
) -> Result<Listing<ContactView>> {
    member.require(Permission::ContactsView)?;
    let plan = &Plan::new(&contacts::ENTITY, params, member.user_id())?;
    let account = member.account_id();
    let listing = inbox
        .store()
        .read(account, |mut tx| async move {
            let _: groups::GroupView = list::one(&mut tx, &groups::ENTITY, account, group.uuid()).await?;
            list::page(&mut tx, plan, &[account], |sql| {
                sql.push(" AND id IN (SELECT contact_id FROM group_contacts WHERE group_id = ")
                    .push_bind(group.uuid())
                    .push(")");
            })
            .await
        })
        .await?;
    Ok(listing)
}

/// The persons of a group, with the filters of persons.
pub async fn persons(
    inbox: &Inbox,
    member: &Member,
    group: GroupId,
    params: &Params,
) -> Result<Listing<PersonView>> {
    member.require(Permission::ContactsView)?;
    let plan = &Plan::new(&super::persons::ENTITY, params, member.user_id())?;
    let account = member.account_id();
    let listing = inbox
        .store()
        .read(account, |mut tx| async move {
            let _: groups::GroupView = list::one(&mut tx, &groups::ENTITY, account, group.uuid()).await?;
            list::page(&mut tx, plan, &[account], |sql| {
                sql.push(" AND id IN (SELECT person_id FROM group_persons WHERE group_id = ")
                    .push_bind(group.uuid())
                    .push(")");
            })
            .await
        })
        .await?;
    Ok(listing)
}

/// Puts contacts into a group; who is in it already stays. A stranger among them refuses all.
pub async fn add_contacts(inbox: &Inbox, member: &Member, group: GroupId, new: &Contacts) -> Result<Moved> {
    let ids = ids(member, new.contact_ids.iter().map(|id| id.uuid()), "contact_ids")?;
    let (account, now, ids) = (member.account_id(), inbox.now(), &ids);
    inbox
        .store()
        .write(account, |mut tx| async move {
            let _: groups::GroupView =
                list::locked(&mut tx, &groups::ENTITY, account, group.uuid(), "groups").await?;
            let known = sqlx::query_scalar!(
                "SELECT id FROM contacts WHERE account_id = $1 AND id = ANY ($2) FOR KEY SHARE",
                account.uuid(),
                ids,
            )
            .fetch_all(&mut *tx)
            .await?;
            require_all(ids, &known, "contact_ids", "contact")?;
            let changed = put_contacts(&mut tx, account, group, ids, now).await?;
            Ok(Moved { changed, unchanged: ids.len() as u64 - changed })
        })
        .await
        .map_err(Error::from)
}

/// Puts contacts of the account into a locked group; returns how many were not in it.
pub(crate) async fn put_contacts(
    tx: &mut Tx,
    account: AccountId,
    group: GroupId,
    ids: &[Uuid],
    now: Time,
) -> Outcome<u64> {
    let added = sqlx::query!(
        "INSERT INTO group_contacts (account_id, group_id, contact_id, added_at)
         SELECT $1, $2, id, $4 FROM unnest($3::uuid[]) AS id ON CONFLICT DO NOTHING",
        account.uuid(),
        group.uuid(),
        ids,
        now,
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    count(tx, &[(group.uuid(), added as i32, 0)], now).await?;
    Ok(added)
}

pub async fn remove_contacts(
    inbox: &Inbox,
    member: &Member,
    group: GroupId,
    old: &Contacts,
) -> Result<Moved> {
    let ids = ids(member, old.contact_ids.iter().map(|id| id.uuid()), "contact_ids")?;
    let (account, now, ids) = (member.account_id(), inbox.now(), &ids);
    inbox
        .store()
        .write(account, |mut tx| async move {
            let _: groups::GroupView =
                list::locked(&mut tx, &groups::ENTITY, account, group.uuid(), "groups").await?;
            let changed = sqlx::query!(
                "DELETE FROM group_contacts WHERE group_id = $1 AND account_id = $2 AND contact_id = ANY ($3)",
                group.uuid(),
                account.uuid(),
                ids,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            count(&mut tx, &[(group.uuid(), -(changed as i32), 0)], now).await?;
            Ok(Moved { changed, unchanged: ids.len() as u64 - changed })
        })
        .await
        .map_err(Error::from)
}

/// Puts persons into a group; who is in it already stays. A stranger among them refuses all.
pub async fn add_persons(inbox: &Inbox, member: &Member, group: GroupId, new: &Persons) -> Result<Moved> {
    let ids = ids(member, new.person_ids.iter().map(|id| id.uuid()), "person_ids")?;
    let (account, now, ids) = (member.account_id(), inbox.now(), &ids);
    inbox
        .store()
        .write(account, |mut tx| async move {
            let _: groups::GroupView =
                list::locked(&mut tx, &groups::ENTITY, account, group.uuid(), "groups").await?;
            let known = sqlx::query_scalar!(
                "SELECT id FROM persons WHERE account_id = $1 AND id = ANY ($2) FOR KEY SHARE",
                account.uuid(),
                ids,
            )
            .fetch_all(&mut *tx)
            .await?;
            require_all(ids, &known, "person_ids", "person")?;
            let changed = sqlx::query!(
                "INSERT INTO group_persons (account_id, group_id, person_id, added_at)
                 SELECT $1, $2, id, $4 FROM unnest($3::uuid[]) AS id ON CONFLICT DO NOTHING",
                account.uuid(),
                group.uuid(),
                ids,
                now,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            count(&mut tx, &[(group.uuid(), 0, changed as i32)], now).await?;
            Ok(Moved { changed, unchanged: ids.len() as u64 - changed })
        })
        .await
        .map_err(Error::from)
}

pub async fn remove_persons(inbox: &Inbox, member: &Member, group: GroupId, old: &Persons) -> Result<Moved> {
    let ids = ids(member, old.person_ids.iter().map(|id| id.uuid()), "person_ids")?;
    let (account, now, ids) = (member.account_id(), inbox.now(), &ids);
    inbox
        .store()
        .write(account, |mut tx| async move {
            let _: groups::GroupView =
                list::locked(&mut tx, &groups::ENTITY, account, group.uuid(), "groups").await?;
            let changed = sqlx::query!(
                "DELETE FROM group_persons WHERE group_id = $1 AND account_id = $2 AND person_id = ANY ($3)",
                group.uuid(),
                account.uuid(),
                ids,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            count(&mut tx, &[(group.uuid(), 0, -(changed as i32))], now).await?;
            Ok(Moved { changed, unchanged: ids.len() as u64 - changed })
        })
        .await
        .map_err(Error::from)
}

/// Takes one contact out of one group.
pub(crate) async fn take_contact(
    tx: &mut Tx,
    account: AccountId,
    group: GroupId,
    contact: Uuid,
    now: Time,
) -> Outcome<()> {
    let taken = sqlx::query!(
        "DELETE FROM group_contacts WHERE group_id = $1 AND account_id = $2 AND contact_id = $3",
        group.uuid(),
        account.uuid(),
        contact,
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    count(tx, &[(group.uuid(), -(taken as i32), 0)], now).await
}

/// Takes contacts out of all their groups, before they are removed.
pub(crate) async fn forget_contacts(tx: &mut Tx, account: AccountId, ids: &[Uuid], now: Time) -> Outcome<()> {
    let groups = sqlx::query_scalar!(
        "DELETE FROM group_contacts WHERE account_id = $1 AND contact_id = ANY ($2) RETURNING group_id",
        account.uuid(),
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    count(tx, &tally(groups, |n| (-n, 0)), now).await
}

/// Takes persons out of all their groups, before they are removed.
pub(crate) async fn forget_persons(tx: &mut Tx, account: AccountId, ids: &[Uuid], now: Time) -> Outcome<()> {
    let groups = sqlx::query_scalar!(
        "DELETE FROM group_persons WHERE account_id = $1 AND person_id = ANY ($2) RETURNING group_id",
        account.uuid(),
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    count(tx, &tally(groups, |n| (0, -n)), now).await
}

fn tally(groups: Vec<Uuid>, split: fn(i32) -> (i32, i32)) -> Vec<(Uuid, i32, i32)> {
    let mut by_group = std::collections::BTreeMap::<Uuid, i32>::new();
    for group in groups {
        *by_group.entry(group).or_default() += 1;
    }
    by_group
        .into_iter()
        .map(|(group, n)| {
            let (contacts, persons) = split(n);
            (group, contacts, persons)
        })
        .collect()
}

/// Moves counts by (group, contacts, persons); groups in the order of their ids.
async fn count(tx: &mut Tx, moves: &[(Uuid, i32, i32)], now: Time) -> Outcome<()> {
    let groups: Vec<Uuid> = moves.iter().map(|(group, ..)| *group).collect();
    let contacts: Vec<i32> = moves.iter().map(|(_, contacts, _)| *contacts).collect();
    let persons: Vec<i32> = moves.iter().map(|(.., persons)| *persons).collect();
    if groups.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE groups g SET contact_count = contact_count + m.contacts, person_count = person_count + m.persons,
                updated_at = $4
         FROM unnest($1::uuid[], $2::int[], $3::int[]) AS m (id, contacts, persons) WHERE g.id = m.id",
        &groups,
        &contacts,
        &persons,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn ids(member: &Member, ids: impl Iterator<Item = Uuid>, field: &str) -> Result<Vec<Uuid>> {
    member.require(Permission::ContactsManage)?;
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST {
        return Err(Error::invalid(field, format!("name between 1 and {MOST}")));
    }
    Ok(ids)
}

fn require_all(ids: &[Uuid], known: &[Uuid], field: &str, what: &str) -> Result<()> {
    let known: std::collections::HashSet<&Uuid> = known.iter().collect();
    match ids.iter().find(|id| !known.contains(id)) {
        None => Ok(()),
        Some(stranger) => Err(Error::absent(field, format!("there is no {what} {stranger} in this account"))),
    }
}
