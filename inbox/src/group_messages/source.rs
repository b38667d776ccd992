//! The people behind an audience, in pages.

use bus::{Outcome, Tx};
use model::{AccountId, ChannelType, GroupId, SegmentId, Time, UserId};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::audience::segments::{self, Conditions};

/// Someone who may get a message.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub(super) struct Someone {
    /// The contact's or the person's id.
    pub id: Uuid,
    /// A person's may be none.
    pub contact_id: Option<Uuid>,
    pub is_person: bool,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub preferred: Option<ChannelType>,
    pub metadata: Value,
    /// The name of the zone that they live in, as their properties have it.
    pub timezone: Option<String>,
    pub is_active: bool,
}

/// One source of an audience; they are worked off one after the other.
pub(super) enum Phase {
    Contacts(GroupId),
    Persons(GroupId),
    Segment(Conditions),
}

/// The phases of an audience, always in the same order.
pub(super) async fn phases(
    tx: &mut Tx,
    account: AccountId,
    groups: &[GroupId],
    segments: &[SegmentId],
    (me, now): (UserId, Time),
) -> Outcome<Vec<Phase>> {
    let mut phases: Vec<Phase> = groups.iter().map(|group| Phase::Contacts(*group)).collect();
    let ids: Vec<Uuid> = segments.iter().map(|id| id.uuid()).collect();
    if !ids.is_empty() {
        for (_, filters) in segments::filters(tx, account, &ids).await? {
            phases.push(Phase::Segment(Conditions::read(&filters, me, now)?));
        }
    }
    phases.extend(groups.iter().map(|group| Phase::Persons(*group)));
    Ok(phases)
}

const CONTACT: &str = "SELECT contacts.id, contacts.id AS contact_id, false AS is_person, contacts.phone,
    contacts.email, contacts.preferred_channel_type AS preferred, contacts.metadata,
    contacts.properties ->> 'timezone' AS timezone, contacts.is_active ";

impl Phase {
    /// The next page, by id.
    pub(super) async fn page(
        &self,
        tx: &mut Tx,
        account: AccountId,
        after: Option<Uuid>,
        most: i64,
    ) -> Outcome<Vec<Someone>> {
        let after = after.unwrap_or_default();
        let mut sql = QueryBuilder::<Postgres>::new("");
        match self {
            Self::Contacts(group) => {
                sql.push(CONTACT)
                    .push("FROM group_contacts g JOIN contacts ON contacts.id = g.contact_id WHERE g.group_id = ")
                    .push_bind(group.uuid());
                sql.push(" AND g.contact_id > ")
                    .push_bind(after)
                    .push(" AND g.account_id = ")
                    .push_bind(account);
                sql.push(" ORDER BY g.contact_id LIMIT ").push_bind(most);
            }
            Self::Segment(conditions) => {
                sql.push(CONTACT).push("FROM contacts WHERE contacts.account_id = ").push_bind(account);
                sql.push(" AND contacts.id > ").push_bind(after);
                conditions.push(&mut sql);
                sql.push(" ORDER BY contacts.id LIMIT ").push_bind(most);
            }
            Self::Persons(group) => {
                sql.push(
                    "SELECT p.id, p.contact_id, true AS is_person, coalesce(p.phone, c.phone) AS phone,
                            coalesce(p.email, c.email) AS email, c.preferred_channel_type AS preferred,
                            coalesce(c.metadata, '{}') AS metadata,
                            coalesce(p.properties ->> 'timezone', c.properties ->> 'timezone') AS timezone, p.is_active
                     FROM group_persons g JOIN persons p ON p.id = g.person_id
                     LEFT JOIN contacts c ON c.id = p.contact_id WHERE g.group_id = ",
                )
                .push_bind(group.uuid());
                sql.push(" AND g.person_id > ")
                    .push_bind(after)
                    .push(" AND g.account_id = ")
                    .push_bind(account);
                sql.push(" ORDER BY g.person_id LIMIT ").push_bind(most);
            }
        }
        Ok(sql.build_query_as().fetch_all(&mut **tx).await?)
    }

    /// How many there are; for an estimate.
    pub(super) async fn count(&self, tx: &mut Tx, account: AccountId) -> Outcome<i64> {
        let mut sql = QueryBuilder::<Postgres>::new("");
        match self {
            Self::Contacts(group) => {
                sql.push("SELECT contact_count::bigint FROM groups WHERE id = ").push_bind(group.uuid());
                sql.push(" AND account_id = ").push_bind(account);
            }
            Self::Persons(group) => {
                sql.push("SELECT person_count::bigint FROM groups WHERE id = ").push_bind(group.uuid());
                sql.push(" AND account_id = ").push_bind(account);
            }
            Self::Segment(conditions) => {
                sql.push("SELECT count(*) FROM contacts WHERE contacts.account_id = ").push_bind(account);
                conditions.push(&mut sql);
            }
        }
        Ok(sql.build_query_scalar().fetch_optional(&mut **tx).await?.unwrap_or(0))
    }
}
