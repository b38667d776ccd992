//! Accounts: the tenants. Each is made whole: its five built-in roles, its feed, its routing pool and
//! its owner, in one transaction.

use std::str::FromStr;

use bus::{Fault, Outcome, Scope, Task, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, Error, MembershipId, Permission, Result, RoleId, Time, UserId, permission::BuiltInRole,
    text_enum,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::FromRow;

use super::{Revocation, revocations, users::NewUser};
use crate::{
    Context, Inbox, Member, Proof,
    check::Checks,
    list::{Entity, Field, Kind, Listing, Order, Params, Plan, ops},
};

text_enum! {
    pub enum AccountStatus { Active = "active", Suspended = "suspended" }
}

text_enum! {
    /// Who sees which conversations.
    pub enum Visibility {
        All = "all",
        /// Only those of the own teams, unless the role says otherwise.
        Team = "team",
    }
}

/// An account, as its members see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow, utoipa::ToSchema)]
pub struct AccountView {
    #[schema(value_type = Uuid)]
    pub id: AccountId,
    pub name: String,
    pub slug: String,
    pub status: AccountStatus,
    pub is_active: bool,
    pub description: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    pub parent_account_id: Option<AccountId>,
    pub visibility: Visibility,
    pub timezone: String,
    pub languages: Vec<String>,
    #[schema(value_type = Object)]
    pub settings: Value,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What a new account is made of.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub name: String,
    /// In addresses; made from the name when absent.
    pub slug: Option<String>,
    pub description: Option<String>,
    /// The account that this one is a department or a client of.
    #[schema(value_type = Option<Uuid>)]
    pub parent_account_id: Option<AccountId>,
    pub visibility: Option<Visibility>,
    /// A name of the IANA time zone database.
    pub timezone: Option<String>,
    pub languages: Option<Vec<String>>,
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

/// What changes in an account; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    pub name: Option<String>,
    pub slug: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    pub visibility: Option<Visibility>,
    pub timezone: Option<String>,
    pub languages: Option<Vec<String>>,
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

/// The ids of an account that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Made {
    pub account_id: AccountId,
    pub user_id: UserId,
    pub membership_id: MembershipId,
    /// The owner's role.
    pub role_id: RoleId,
    /// The built-in roles by name.
    pub role_ids: Map<String, Value>,
    pub slug: String,
}

const COLUMNS: &str = "a.id, a.name, a.slug, a.status, a.is_active, a.description, a.parent_account_id,
    a.visibility, a.timezone, a.languages, a.settings, a.metadata, a.created_at, a.updated_at";

static ENTITY: Entity = Entity {
    what: "account",
    select: "SELECT a.id, a.name, a.slug, a.status, a.is_active, a.description, a.parent_account_id,
        a.visibility, a.timezone, a.languages, a.settings, a.metadata, a.created_at, a.updated_at",
    from: "accounts a",
    account: "a.id",
    id: "a.id",
    fields: &[
        Field::new("id", "a.id", Kind::Id, ops::EQ_IN),
        Field::new("name", "a.name", Kind::Text, ops::TEXT).sortable(),
        Field::new("slug", "a.slug", Kind::Text, ops::TEXT).sortable(),
        Field::new("status", "a.status", Kind::Word(status_word), ops::EQ_IN).sortable(),
        Field::new("is_active", "a.is_active", Kind::Flag, ops::EQ),
        Field::new("parent_account_id", "a.parent_account_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("created_at", "a.created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Asc)],
    extra: &[],
};

fn status_word(word: &str) -> Result<(), String> {
    AccountStatus::from_str(word).map(|_| ()).map_err(|error| error.to_string())
}

/// The accounts that the caller belongs to.
pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<AccountView>> {
    let accounts = context.account_ids();
    let plan = &Plan::new(&ENTITY, params, context.user_id())?;
    let scope = accounts.as_slice();
    let listing = inbox
        .store()
        .read(scope, |mut tx| async move { crate::list::page(&mut tx, plan, scope, |_| {}).await })
        .await?;
    Ok(listing)
}

/// One account that the caller belongs to.
pub async fn get(inbox: &Inbox, context: &Context, account: AccountId) -> Result<AccountView> {
    context.member(account)?;
    let view = inbox.store().read(account, |mut tx| async move { find(&mut tx, account).await }).await?;
    view.ok_or_else(|| Error::not_found("account"))
}

async fn find(tx: &mut Tx, account: AccountId) -> Outcome<Option<AccountView>> {
    let mut select = sqlx::QueryBuilder::new(format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = "));
    select.push_bind(account);
    Ok(select.build_query_as().fetch_optional(&mut **tx).await?)
}

/// Makes an account with its owner; for the command line, the set-up page and demos. A user who is
/// already there becomes the owner if `password` is theirs.
pub async fn create_with_owner(inbox: &Inbox, new: &NewAccount, owner: &NewUser) -> Result<Made> {
    let checked = &Checked::new(new)?;
    let owner = &owner.checked(inbox).await?;
    let now = inbox.now();
    let made = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let user_id = owner.insert_verified(&mut tx, now).await?;
            insert(&mut tx, checked, user_id, now).await
        })
        .await;
    match made {
        Err(fault) if fault.constraint() == Some("users_email_key") => {
            existing_owner(inbox, checked, owner.email(), owner.password()).await
        }
        Err(fault) => Err(refused(fault)),
        Ok(made) => Ok(made),
    }
}

async fn existing_owner(inbox: &Inbox, checked: &Checked<'_>, email: &str, password: &str) -> Result<Made> {
    let user = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!("SELECT id, password_hash FROM users WHERE email = $1 AND is_active", email)
                .fetch_optional(&mut *tx)
                .await?)
        })
        .await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let theirs = inbox.identity().hasher.verify(stored, password).await?;
    let Some(user) = user.filter(|_| theirs) else {
        return Err(Error::taken("email", "a user with this e-mail exists and has another password"));
    };
    make_for(inbox, checked, UserId(user.id)).await
}

async fn make_for(inbox: &Inbox, checked: &Checked<'_>, owner: UserId) -> Result<Made> {
    let now = inbox.now();
    let made = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let made = insert(&mut tx, checked, owner, now).await?;
            let (account_id, user_id) = (made.account_id, owner);
            revocations::record(&mut tx, Revocation::Membership { account_id, user_id }).await?;
            Ok(made)
        })
        .await
        .map_err(refused)?;
    let (account_id, user_id) = (made.account_id, owner);
    revocations::applied(inbox, &[Revocation::Membership { account_id, user_id }]);
    Ok(made)
}

/// Makes an account that the caller owns. Whoever manages an account may make another one.
pub async fn create(inbox: &Inbox, context: &Context, new: &NewAccount) -> Result<AccountView> {
    if !matches!(context.proof(), Proof::Session(_)) {
        return Err(Error::forbidden("an API key belongs to one account and cannot make another"));
    }
    crate::list::permitted(context, Permission::AccountManage)?;
    if let Some(parent) = new.parent_account_id {
        context
            .member(parent)
            .map_err(|_| Error::not_found("parent account"))?
            .require(Permission::AccountManage)?;
    }
    let made = make_for(inbox, &Checked::new(new)?, context.user_id()).await?;
    let account = made.account_id;
    let view = inbox.store().read(account, |mut tx| async move { find(&mut tx, account).await }).await?;
    view.ok_or_else(|| Error::internal("the new account is not there"))
}

/// Changes an account's settings.
pub async fn update(inbox: &Inbox, member: &Member, change: &UpdateAccount) -> Result<AccountView> {
    member.require(Permission::AccountManage)?;
    let mut checks = Checks::new();
    check_shared(
        &mut checks,
        change.name.as_deref(),
        change.description.as_ref().and_then(|text| text.as_deref()),
        change.timezone.as_deref(),
        change.languages.as_deref(),
        [("settings", change.settings.as_ref()), ("metadata", change.metadata.as_ref())],
    );
    if let Some(slug) = &change.slug {
        checks.that(is_slug(slug), "slug", SLUG_RULE);
    }
    checks.finish()?;
    let (account_id, now) = (member.account_id(), inbox.now());
    let revocation = Revocation::Account { account_id };
    let view = inbox
        .store()
        .write(account_id, |mut tx| async move {
            let description = change.description.as_ref();
            sqlx::query!(
                "UPDATE accounts SET
                     name = coalesce($2, name), slug = coalesce($3, slug),
                     description = CASE WHEN $4 THEN $5 ELSE description END,
                     visibility = coalesce($6, visibility), timezone = coalesce($7, timezone),
                     languages = coalesce($8, languages), settings = coalesce($9, settings),
                     metadata = coalesce($10, metadata), updated_at = $11
                 WHERE id = $1",
                account_id.uuid(),
                change.name.as_deref().map(str::trim),
                change.slug,
                description.is_some(),
                description.and_then(|text| text.as_deref()),
                change.visibility.map(Visibility::as_str),
                change.timezone,
                change.languages.as_deref(),
                change.settings,
                change.metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            if change.visibility.is_some() {
                revocations::record(&mut tx, revocation).await?;
            }
            tx.nudge_after_commit(bus::nudge::Nudge::Cache(account_id));
            find(&mut tx, account_id).await
        })
        .await
        .map_err(refused)?;
    if change.visibility.is_some() {
        revocations::applied(inbox, &[revocation]);
    }
    view.ok_or_else(|| Error::not_found("account"))
}

/// Suspends an account: nobody can act in it any more, its data stays. The operator can undo it.
pub async fn suspend(inbox: &Inbox, member: &Member) -> Result<()> {
    member.require(Permission::AccountManage)?;
    set_status(inbox, member.account_id(), AccountStatus::Suspended).await
}

/// Suspends an account or lets it work again; for the command line and [`suspend`].
pub async fn set_status(inbox: &Inbox, account: AccountId, status: AccountStatus) -> Result<()> {
    let (now, revocation) = (inbox.now(), Revocation::Account { account_id: account });
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let found = sqlx::query!(
                "UPDATE accounts SET status = $2, is_active = $3, updated_at = $4 WHERE id = $1",
                account.uuid(),
                status.as_str(),
                status == AccountStatus::Active,
                now,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            if found == 0 {
                return Err(Error::not_found("account").into());
            }
            tx.nudge_after_commit(bus::nudge::Nudge::Cache(account));
            revocations::record(&mut tx, revocation).await
        })
        .await?;
    revocations::applied(inbox, &[revocation]);
    Ok(())
}

/// Whether there is no account at all yet.
pub async fn none_yet(inbox: &Inbox) -> Result<bool> {
    let any = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM accounts) AS "any!""#)
                .fetch_one(&mut *tx)
                .await?)
        })
        .await?;
    Ok(!any)
}

/// All accounts, for the operator.
pub async fn all(inbox: &Inbox) -> Result<Vec<AccountView>> {
    let views = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            let mut select =
                sqlx::QueryBuilder::new(format!("SELECT {COLUMNS} FROM accounts a ORDER BY a.created_at"));
            Ok(select.build_query_as().fetch_all(&mut *tx).await?)
        })
        .await?;
    Ok(views)
}

/// A new account whose fields were checked.
pub(super) struct Checked<'a> {
    new: &'a NewAccount,
    slug: String,
    /// The caller chose the slug: a taken one is their error.
    slug_given: bool,
}

impl<'a> Checked<'a> {
    pub(super) fn new(new: &'a NewAccount) -> Result<Self> {
        let mut checks = Checks::new();
        checks.text("name", &new.name, 255);
        check_shared(
            &mut checks,
            None,
            new.description.as_deref(),
            new.timezone.as_deref(),
            new.languages.as_deref(),
            [("settings", new.settings.as_ref()), ("metadata", new.metadata.as_ref())],
        );
        if let Some(slug) = &new.slug {
            checks.that(is_slug(slug), "slug", SLUG_RULE);
        }
        checks.finish()?;
        let slug = new.slug.clone().unwrap_or_else(|| slug_of(&new.name));
        Ok(Self { new, slug, slug_given: new.slug.is_some() })
    }
}

fn check_shared(
    checks: &mut Checks,
    name: Option<&str>,
    description: Option<&str>,
    timezone: Option<&str>,
    languages: Option<&[String]>,
    objects: [(&str, Option<&Value>); 2],
) {
    if let Some(name) = name {
        checks.text("name", name, 255);
    }
    checks.optional("description", description, 2000);
    if let Some(zone) = timezone {
        let known = chrono_tz::Tz::from_str(zone).is_ok();
        checks.that(known, "timezone", "is no name of the IANA time zone database");
    }
    if let Some(languages) = languages {
        checks.texts("languages", languages, 50, 10);
    }
    for (field, value) in objects {
        if let Some(value) = value {
            checks.object(field, value);
        }
    }
}

const SLUG_RULE: &str = "must have 1 to 80 of a-z, 0-9 and single hyphens between them";

fn is_slug(text: &str) -> bool {
    (1..=80).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// `Médecins du Monde` becomes `m-decins-du-monde`; a name without Latin letters becomes `account`.
fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "account".to_owned() } else { slug.to_owned() }
}

async fn insert(tx: &mut Tx, checked: &Checked<'_>, owner: UserId, now: Time) -> Outcome<Made> {
    let (account_id, new) = (AccountId::new(), checked.new);
    let slug = free_slug(tx, checked, account_id).await?;
    sqlx::query!(
        "INSERT INTO accounts (id, name, slug, description, parent_account_id, visibility, timezone, languages,
             settings, metadata, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        account_id.uuid(),
        new.name.trim(),
        slug,
        new.description,
        new.parent_account_id.map(AccountId::uuid),
        new.visibility.unwrap_or(Visibility::All).as_str(),
        new.timezone.as_deref().unwrap_or("UTC"),
        new.languages.as_deref().unwrap_or_default(),
        new.settings.clone().unwrap_or_else(|| Value::Object(Map::new())),
        new.metadata.clone().unwrap_or_else(|| Value::Object(Map::new())),
        now,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "WITH feed AS (INSERT INTO feeds (account_id) VALUES ($1))
         INSERT INTO routing_pools (account_id) VALUES ($1)",
        account_id.uuid(),
    )
    .execute(&mut **tx)
    .await?;
    let mut role_ids = Map::new();
    let mut owner_role = RoleId::new();
    for role in BuiltInRole::ALL {
        let id = RoleId::new();
        sqlx::query!(
            "INSERT INTO roles (id, account_id, name, permissions, is_built_in, created_at, updated_at)
             VALUES ($1, $2, $3, $4, true, $5, $5)",
            id.uuid(),
            account_id.uuid(),
            role.as_str(),
            serde_json::to_value(role.permissions()).map_err(Error::internal)?,
            now,
        )
        .execute(&mut **tx)
        .await?;
        role_ids.insert(role.as_str().to_owned(), Value::String(id.to_string()));
        if *role == BuiltInRole::Owner {
            owner_role = id;
        }
    }
    let membership_id = MembershipId::new();
    sqlx::query!(
        "INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)",
        membership_id.uuid(),
        account_id.uuid(),
        owner.uuid(),
        owner_role.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Made { account_id, user_id: owner, membership_id, role_id: owner_role, role_ids, slug })
}

/// A derived slug that is taken gets a tail; a chosen one is left to the unique key.
async fn free_slug(tx: &mut Tx, checked: &Checked<'_>, account: AccountId) -> Outcome<String> {
    if checked.slug_given {
        return Ok(checked.slug.clone());
    }
    let taken = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM accounts WHERE slug = $1) AS "taken!""#,
        checked.slug
    )
    .fetch_one(&mut **tx)
    .await?;
    if !taken {
        return Ok(checked.slug.clone());
    }
    let id = account.uuid().simple().to_string();
    Ok(format!("{}-{}", checked.slug, &id[id.len() - 8..]))
}

fn refused(fault: Fault) -> Error {
    match fault.constraint() {
        Some("accounts_slug_key") => Error::taken("slug", "another account has this slug"),
        _ => fault.into(),
    }
}

/// Refuses what has just left `account` without anybody who may manage it. Called after the change, in
/// its transaction; the account's row is locked, so that two changes cannot each leave the other's.
pub(super) async fn keeps_an_owner(tx: &mut Tx, account: AccountId) -> Outcome<()> {
    sqlx::query!("SELECT id FROM accounts WHERE id = $1 FOR UPDATE", account.uuid())
        .fetch_optional(&mut **tx)
        .await?;
    let any = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM account_users m
               JOIN roles r ON r.id = m.role_id
               JOIN users u ON u.id = m.user_id
               WHERE m.account_id = $1 AND u.is_active AND r.permissions ? 'account.manage'
           ) AS "any!""#,
        account.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    if any {
        return Ok(());
    }
    Err(Error::conflict("this would leave the account without anybody who may manage it")
        .with("reason", "last_owner")
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_made_from_names() {
        assert_eq!(slug_of("Acme Support GmbH"), "acme-support-gmbh");
        assert_eq!(slug_of("  ድጋፍ  "), "account");
        assert_eq!(slug_of("a--b!!c"), "a-b-c");
        assert!(is_slug(&slug_of(&"long name ".repeat(30))));
        assert!(!is_slug("A") && !is_slug("-a") && !is_slug("a--b") && !is_slug(""));
    }
}
