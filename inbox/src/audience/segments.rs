//! Segments: saved filters over contacts, in the language of lists. A time may be said from now:
//! `last_activity_at:le:now-30d`.

use bus::Tx;
use chrono::{DateTime, Utc};
use model::{AccountId, Error, Permission, Result, SegmentId, Time, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    contacts::{self, ContactView},
    list::{self, Entity, Field, Kind, Listing, Order, Params, Plan, ops},
    patch,
};

/// Conditions of one segment.
const MOST: usize = 20;

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct SegmentView {
    pub id: SegmentId,
    pub account_id: AccountId,
    pub name: String,
    pub description: Option<String>,
    /// Conditions as the list of contacts takes them; all must hold.
    #[sqlx(json)]
    pub filters: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "segment",
    select: "SELECT id, account_id, name, description, filters, created_at, updated_at",
    from: "segments",
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

const TAKEN: &[(&str, &str, &str)] =
    &[("segments_account_name_key", "name", "there is a segment of this name")];

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSegment {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub description: Option<String>,
    pub filters: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSegment {
    pub name: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    pub filters: Option<Vec<String>>,
}

/// Conditions that were checked, ready to become a part of a query over `contacts`.
pub(crate) struct Conditions(Plan);

impl Conditions {
    /// Reads the conditions as of `now`; a refusal says what is wrong with which.
    pub(crate) fn read(filters: &[String], me: UserId, now: Time) -> Result<Self> {
        let told = |filter: &String| Ok(("filter".to_owned(), at(filter, now)?));
        let params = Params(filters.iter().map(told).collect::<Result<_>>()?);
        Ok(Self(Plan::new(&contacts::ENTITY, &params, me)?))
    }

    /// Adds them, each beginning with ` AND `.
    pub(crate) fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        self.0.push_conditions(sql);
    }
}

/// Replaces times that are said from now: `now`, `now-30d`, `now-12h`.
fn at(filter: &str, now: Time) -> Result<String> {
    let Some((head, value)) = filter.rsplit_once(':').filter(|(_, value)| value.contains("now")) else {
        return Ok(filter.to_owned());
    };
    if !head.split(':').next().is_some_and(|field| field.ends_with("_at")) {
        return Ok(filter.to_owned());
    }
    let moment = |text: &str| -> Result<String> {
        let Some(rest) = text.strip_prefix("now") else { return Ok(text.to_owned()) };
        let refuse = || Error::bad_request(format!("{text:?} is no time; write now, now-30d or now-12h"));
        let back = match rest.strip_prefix('-') {
            None if rest.is_empty() => chrono::Duration::zero(),
            None => return Err(refuse()),
            Some(span) => {
                let count = |digits: &str| {
                    digits.parse::<i64>().ok().filter(|count| (0..=36_500).contains(count)).ok_or_else(refuse)
                };
                match (span.strip_suffix('d'), span.strip_suffix('h')) {
                    (Some(days), _) => chrono::Duration::days(count(days)?),
                    (_, Some(hours)) => chrono::Duration::hours(count(hours)?),
                    _ => return Err(refuse()),
                }
            }
        };
        Ok((now - back).to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    };
    let values = value.split(',').map(moment).collect::<Result<Vec<_>>>()?;
    Ok(format!("{head}:{}", values.join(",")))
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<SegmentView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: SegmentId) -> Result<SegmentView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// The contacts that are in it now; further filters narrow them.
pub async fn contacts(
    inbox: &Inbox,
    member: &Member,
    id: SegmentId,
    params: &Params,
) -> Result<Listing<ContactView>> {
    let segment = get(inbox, member, id).await?;
    let conditions = &Conditions::read(&segment.filters, member.user_id(), inbox.now())?;
    let plan = &Plan::new(&contacts::ENTITY, params, member.user_id())?;
    let account = member.account_id();
    let listing = inbox
        .store()
        .read(account, |mut tx| async move {
            list::page(&mut tx, plan, &[account], |sql| conditions.push(sql)).await
        })
        .await?;
    Ok(listing)
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewSegment) -> Result<SegmentView> {
    member.require(Permission::ContactsManage)?;
    check(inbox, member, &new.name, new.description.as_deref(), &new.filters)?;
    let (id, account, now) = (SegmentId::new(), member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO segments (id, account_id, name, description, filters, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $6)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                new.description,
                json!(new.filters),
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
    id: SegmentId,
    change: &UpdateSegment,
) -> Result<SegmentView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: SegmentView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "segments").await?;
            let change = change.clone();
            let name = change.name.unwrap_or(old.name);
            let description = patch::or(change.description, old.description);
            let filters = change.filters.unwrap_or(old.filters);
            check(inbox, member, &name, description.as_deref(), &filters)?;
            sqlx::query!(
                "UPDATE segments SET name = $3, description = $4, filters = $5, updated_at = $6
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                name.trim(),
                description,
                json!(filters),
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

/// Removes a segment; 409 while a group message that is not over is going to be sent to it.
pub async fn delete(inbox: &Inbox, member: &Member, id: SegmentId) -> Result<()> {
    member.require(Permission::ContactsManage)?;
    let account = member.account_id();
    inbox.store().write(account, |tx| remove(tx, account, id)).await.map_err(Error::from)
}

async fn remove(mut tx: Tx, account: AccountId, id: SegmentId) -> bus::Outcome<()> {
    let waiting = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM group_messages WHERE account_id = $1 AND $2 = ANY (segment_ids)
               AND frozen_at IS NULL AND status IN ('draft', 'queued', 'processing', 'paused')) AS "waiting!""#,
        account.uuid(),
        id.uuid(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if waiting {
        return Err(Error::conflict("a group message is going to be sent to this segment").into());
    }
    let gone =
        sqlx::query!("DELETE FROM segments WHERE id = $1 AND account_id = $2", id.uuid(), account.uuid())
            .execute(&mut *tx)
            .await?;
    check::found("segment", gone.rows_affected())
}

/// The filters of these segments of an account, in the order of their ids.
pub(crate) async fn filters(
    tx: &mut Tx,
    account: AccountId,
    ids: &[Uuid],
) -> bus::Outcome<Vec<(Uuid, Vec<String>)>> {
    let rows = sqlx::query!(
        "SELECT id, filters FROM segments WHERE account_id = $1 AND id = ANY ($2) ORDER BY id",
        account.uuid(),
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let read = |value| serde_json::from_value(value).map_err(Error::internal);
    Ok(rows.into_iter().map(|row| Ok((row.id, read(row.filters)?))).collect::<Result<_>>()?)
}

fn check(
    inbox: &Inbox,
    member: &Member,
    name: &str,
    description: Option<&str>,
    filters: &[String],
) -> Result<()> {
    let mut checks = Checks::new();
    checks.text("name", name, 255);
    checks.optional("description", description, 2000);
    checks.that(!filters.is_empty(), "filters", "needs at least one condition");
    checks.that(filters.len() <= MOST, "filters", "may have 20 conditions");
    for (index, filter) in filters.iter().enumerate() {
        if let Err(error) = Conditions::read(std::slice::from_ref(filter), member.user_id(), inbox.now()) {
            checks.refuse(&format!("filters.{index}"), error.message);
        }
    }
    checks.finish()
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_said_from_now() {
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        let at = |text: &str| super::at(text, now);
        assert_eq!(
            at("last_activity_at:le:now-30d").unwrap(),
            "last_activity_at:le:2026-10-26T12:00:00.000000Z"
        );
        assert_eq!(
            at("created_at:range:now-1h,now").unwrap(),
            "created_at:range:2026-11-25T11:00:00.000000Z,2026-11-25T12:00:00.000000Z"
        );
        assert_eq!(at("name:contains:now-30d").unwrap(), "name:contains:now-30d");
        assert!(at("created_at:le:now-x").is_err() && at("created_at:le:now+1d").is_err());
        assert!(at("created_at:le:now-é").is_err());
    }
}
