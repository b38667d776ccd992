//! Lists: filters, order and pages, the same for every entity.
//!
//! `filter=field:op:value` (repeatable, all must hold), `sort=field:order` (repeatable), `skip`/`limit` or
//! `page`/`page_size`, or `cursor`; plain `field=value` is equality. Each entity declares what may be asked
//! ([`Entity`]); anything else is a 400 that names what is allowed. The tenant filter comes first and is not
//! part of what a caller can say, so nothing in a query widens it. Values are bound, names come from the
//! declarations.

mod cursor;
mod parse;
mod sql;
#[cfg(test)]
mod tests;
pub mod threads;

use bus::{Outcome, Tx};
use model::{AccountId, Error, Permission, Result};
use serde::Serialize;
use sqlx::{FromRow, Postgres, QueryBuilder, Row, postgres::PgRow};

use crate::{Context, Inbox, Member};

pub use parse::{Params, Plan};

/// Rows are counted to here and no further.
pub const COUNTED: i64 = 10_000;
/// Pages end here; a cursor goes on.
pub const MAX_SKIP: i64 = 10_000;
pub const MAX_LIMIT: i64 = 1000;
pub const DEFAULT_LIMIT: i64 = 100;

model::text_enum! {
    pub enum Op {
        Eq = "eq", Ne = "ne", Lt = "lt", Le = "le", Gt = "gt", Ge = "ge",
        Contains = "contains", Icontains = "icontains", Like = "like", Ilike = "ilike",
        In = "in", NotIn = "not_in", Range = "range", IsNull = "is_null", IsNotNull = "is_not_null",
        Startswith = "startswith", Endswith = "endswith",
    }
}

model::text_enum! {
    pub enum Order { Asc = "asc", Desc = "desc" }
}

/// What a field holds, and so how its values are read.
#[derive(Clone, Copy)]
pub enum Kind {
    Id,
    /// A user's id; `me` is the caller.
    User,
    Text,
    /// A word of a closed list; the function refuses others with a text for people.
    Word(fn(&str) -> Result<(), String>),
    Number,
    Flag,
    Time,
    /// A JSON array of texts; `contains` means all of these are in it.
    Texts,
    /// A JSON object whose fields are asked for as `field.key`, compared as text.
    Object,
    /// Being in a set, by the sets' ids. The column is `EXISTS (SELECT … = ANY (`, without its end.
    Member,
}

/// One field that may be asked for.
pub struct Field {
    pub name: &'static str,
    /// An SQL expression over the entity's `FROM`.
    pub column: &'static str,
    pub kind: Kind,
    pub ops: &'static [Op],
    pub sortable: bool,
    /// The expression may be null; matters for the place in an order.
    pub nullable: bool,
}

impl Field {
    pub const fn new(name: &'static str, column: &'static str, kind: Kind, ops: &'static [Op]) -> Self {
        Self { name, column, kind, ops, sortable: false, nullable: true }
    }

    /// Sortable; the column is never null.
    #[must_use]
    pub const fn sortable(self) -> Self {
        Self { sortable: true, nullable: false, ..self }
    }

    /// Sortable; the column may be null.
    #[must_use]
    pub const fn sortable_null(self) -> Self {
        Self { sortable: true, nullable: true, ..self }
    }
}

/// What can be listed, and how.
pub struct Entity {
    /// For errors: `contact`.
    pub what: &'static str,
    /// `SELECT …` up to but without `FROM`; the columns of the row type.
    pub select: &'static str,
    /// What follows `FROM`, with its joins.
    pub from: &'static str,
    /// The expression of the owning account.
    pub account: &'static str,
    /// The expression of the row's id.
    pub id: &'static str,
    pub fields: &'static [Field],
    /// Names of `fields`, with the order used when the caller asks for none.
    pub sort: &'static [(&'static str, Order)],
    /// Further query parameters that the caller of the engine reads itself.
    pub extra: &'static [&'static str],
}

/// Operators that most kinds share.
pub mod ops {
    use super::Op::{self, *};

    pub const EQ: &[Op] = &[Eq];
    pub const EQ_NULL: &[Op] = &[Eq, Ne, IsNull, IsNotNull];
    pub const EQ_IN: &[Op] = &[Eq, Ne, In, NotIn];
    pub const EQ_IN_NULL: &[Op] = &[Eq, Ne, In, NotIn, IsNull, IsNotNull];
    pub const TEXT: &[Op] =
        &[Eq, Ne, In, NotIn, Contains, Icontains, Like, Ilike, Startswith, Endswith, IsNull, IsNotNull];
    pub const NUMBER: &[Op] = &[Eq, Ne, Lt, Le, Gt, Ge, In, NotIn, Range];
    pub const TIME: &[Op] = &[Eq, Lt, Le, Gt, Ge, Range];
    pub const TIME_NULL: &[Op] = &[Eq, Lt, Le, Gt, Ge, Range, IsNull, IsNotNull];
    pub const CONTAINS: &[Op] = &[Contains];
    pub const MEMBER: &[Op] = &[Eq, In, NotIn];
}

/// What is said of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Meta {
    /// Rows that match; exact up to 10,000.
    pub total: i64,
    /// There are more than `total`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub total_is_minimum: bool,
    pub skip: i64,
    pub limit: i64,
    /// Goes on after the last row of this page; null at the end.
    pub next_cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    pub items: Vec<T>,
    pub meta: Meta,
}

impl<T> Listing<T> {
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Listing<U> {
        Listing { items: self.items.into_iter().map(each).collect(), meta: self.meta }
    }
}

/// A row with its place in the order.
struct Placed<T> {
    row: T,
    place: serde_json::Value,
}

impl<'r, T: FromRow<'r, PgRow>> FromRow<'r, PgRow> for Placed<T> {
    fn from_row(row: &'r PgRow) -> sqlx::Result<Self> {
        Ok(Self { row: T::from_row(row)?, place: row.try_get("place__")? })
    }
}

/// The caller's memberships that hold `permission`; a 403 when none does.
pub fn permitted(context: &Context, permission: Permission) -> Result<Vec<&Member>> {
    let members: Vec<&Member> = context.members().iter().filter(|member| member.can(permission)).collect();
    if members.is_empty() {
        return match context.members().first() {
            Some(member) => member.require(permission).map(|()| members),
            None => Err(Error::forbidden("you belong to no account")),
        };
    }
    Ok(members)
}

/// Lists an entity in all accounts where the caller holds `permission`.
pub async fn list<T>(
    inbox: &Inbox,
    context: &Context,
    permission: Permission,
    entity: &'static Entity,
    params: &Params,
) -> Result<Listing<T>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let accounts: Vec<AccountId> =
        permitted(context, permission)?.into_iter().map(Member::account_id).collect();
    let plan = &Plan::new(entity, params, context.user_id())?;
    let scope: &[AccountId] = &accounts;
    let listing = inbox
        .store()
        .read_list(scope, context.user_id().uuid(), |mut tx| async move {
            page(&mut tx, plan, scope, |_| {}).await
        })
        .await?;
    Ok(listing)
}

/// Reads one page of `plan` among the rows of `accounts`. `guard` may add further conditions, each
/// beginning with ` AND `; like the tenant filter they hold whatever the caller asks for.
pub async fn page<T>(
    tx: &mut Tx,
    plan: &Plan,
    accounts: &[AccountId],
    guard: impl Fn(&mut QueryBuilder<Postgres>),
) -> Outcome<Listing<T>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut rows: Vec<Placed<T>> =
        plan.select(accounts, &guard).build_query_as().fetch_all(&mut **tx).await?;
    let has_more = rows.len() as i64 > plan.limit;
    rows.truncate(plan.limit as usize);
    // a first page that holds everything needs no second count
    let counted = if plan.starts_at_the_top() && !has_more {
        rows.len() as i64
    } else {
        plan.count(accounts, &guard).build_query_scalar().fetch_one(&mut **tx).await?
    };
    let next_cursor = match rows.last() {
        Some(last) if has_more => Some(plan.cursor_after(&last.place)),
        _ => None,
    };
    Ok(Listing {
        items: rows.into_iter().map(|placed| placed.row).collect(),
        meta: Meta {
            total: counted.min(COUNTED),
            total_is_minimum: counted > COUNTED,
            skip: plan.skip,
            limit: plan.limit,
            next_cursor,
        },
    })
}

/// Reads one row of an entity in one account.
pub async fn one<T>(tx: &mut Tx, entity: &Entity, account: AccountId, id: impl Into<uuid::Uuid>) -> Outcome<T>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut sql = QueryBuilder::<Postgres>::new(entity.select);
    sql.push(" FROM ").push(entity.from).push(" WHERE ").push(entity.id).push(" = ").push_bind(id.into());
    sql.push(" AND ").push(entity.account).push(" = ").push_bind(account);
    let row = sql.build_query_as().fetch_optional(&mut **tx).await?;
    Ok(row.ok_or_else(|| Error::not_found(entity.what))?)
}

/// Reads one row like [`one`] and locks it; `of` is the table, or its alias in the entity's `FROM`.
pub async fn locked<T>(
    tx: &mut Tx,
    entity: &Entity,
    account: AccountId,
    id: impl Into<uuid::Uuid>,
    of: &'static str,
) -> Outcome<T>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut sql = QueryBuilder::<Postgres>::new(entity.select);
    sql.push(" FROM ").push(entity.from).push(" WHERE ").push(entity.id).push(" = ").push_bind(id.into());
    sql.push(" AND ").push(entity.account).push(" = ").push_bind(account);
    sql.push(" FOR UPDATE OF ").push(of);
    let row = sql.build_query_as().fetch_optional(&mut **tx).await?;
    Ok(row.ok_or_else(|| Error::not_found(entity.what))?)
}

/// Reads one row outside any command, in the member's account; a 404 for any other's.
pub async fn read_one<T>(
    inbox: &Inbox,
    member: &Member,
    entity: &'static Entity,
    id: impl Into<uuid::Uuid>,
) -> Result<T>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let (account, id) = (member.account_id(), id.into());
    let row =
        inbox.store().read(account, |mut tx| async move { one(&mut tx, entity, account, id).await }).await?;
    Ok(row)
}

/// A word of a `text_enum!`, as a filter's check.
pub fn word<T: std::str::FromStr<Err = model::error::UnknownWord>>(word: &str) -> Result<(), String> {
    word.parse::<T>().map(drop).map_err(|error| error.to_string())
}

/// A table of tenants' rows, for [`owner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owned {
    Contact,
    Identifier,
    CannedResponse,
    BotRule,
    Team,
    Preference,
    Template,
    Label,
    Channel,
    Conversation,
    Message,
    Upload,
    Suppression,
    Group,
    Person,
    Segment,
    GroupMessage,
    Schedule,
    Import,
    Merge,
}

impl Owned {
    const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Contact => ("contact", "SELECT account_id FROM contacts WHERE id = $1"),
            Self::Identifier => {
                ("contact identifier", "SELECT account_id FROM contact_identifiers WHERE id = $1")
            }
            Self::CannedResponse => {
                ("canned response", "SELECT account_id FROM canned_responses WHERE id = $1")
            }
            Self::BotRule => ("bot rule", "SELECT account_id FROM bot_rules WHERE id = $1"),
            Self::Team => ("team", "SELECT account_id FROM teams WHERE id = $1"),
            Self::Preference => {
                ("agent preference", "SELECT account_id FROM agent_preferences WHERE id = $1")
            }
            Self::Template => ("template", "SELECT account_id FROM templates WHERE id = $1"),
            Self::Label => ("label", "SELECT account_id FROM labels WHERE id = $1"),
            Self::Channel => ("channel", "SELECT account_id FROM channels WHERE id = $1"),
            Self::Conversation => ("conversation", "SELECT account_id FROM conversations WHERE id = $1"),
            Self::Message => ("message", "SELECT account_id FROM messages WHERE id = $1"),
            Self::Upload => ("upload", "SELECT account_id FROM uploads WHERE id = $1"),
            Self::Suppression => ("suppression", "SELECT account_id FROM suppressions WHERE id = $1"),
            Self::Group => ("group", "SELECT account_id FROM groups WHERE id = $1"),
            Self::Person => ("person", "SELECT account_id FROM persons WHERE id = $1"),
            Self::Segment => ("segment", "SELECT account_id FROM segments WHERE id = $1"),
            Self::GroupMessage => ("group message", "SELECT account_id FROM group_messages WHERE id = $1"),
            Self::Schedule => {
                ("scheduled message", "SELECT account_id FROM scheduled_messages WHERE id = $1")
            }
            Self::Import => ("import", "SELECT account_id FROM contact_imports WHERE id = $1"),
            Self::Merge => ("merge", "SELECT account_id FROM contact_merges WHERE id = $1"),
        }
    }
}

/// The caller as a member of the account that owns a row; 404 when it is none of theirs. A caller of one
/// account costs no query: the command that follows looks for the row in that account anyway.
pub async fn owner<'c>(
    inbox: &Inbox,
    context: &'c Context,
    what: Owned,
    id: impl Into<uuid::Uuid>,
) -> Result<&'c Member> {
    let (name, select) = what.table();
    if let [only] = context.members() {
        return Ok(only);
    }
    let id = id.into();
    let accounts = context.account_ids();
    let account: Option<AccountId> = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            Ok(sqlx::query_scalar(select).bind(id).fetch_optional(&mut *tx).await?)
        })
        .await?;
    context.member(account.ok_or_else(|| Error::not_found(name))?).map_err(|_| Error::not_found(name))
}
