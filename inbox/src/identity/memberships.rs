//! Memberships: who belongs to which account, in which role.

use bus::{Fault, Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, Error, MembershipId, Permission, Result, RoleId, Time, UserId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::{
    Revocation, accounts,
    authenticate::permissions,
    revocations, roles,
    users::{self, Place},
};
use crate::{
    Context, Inbox, Member,
    list::{Entity, Field, Kind, Listing, Order, Params, Plan, ops},
};

/// A user's place in an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow, utoipa::ToSchema)]
pub struct MembershipView {
    #[schema(value_type = Uuid)]
    pub id: MembershipId,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    #[schema(value_type = Uuid)]
    pub user_id: UserId,
    #[schema(value_type = Uuid)]
    pub role_id: RoleId,
    /// The role's name.
    pub role: String,
    pub email: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A member to be added.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMembership {
    /// A member of another account of yours.
    #[schema(value_type = Uuid)]
    pub user_id: UserId,
    #[schema(value_type = Uuid)]
    pub role_id: RoleId,
}

static ENTITY: Entity = Entity {
    what: "membership",
    select: "SELECT m.id, m.account_id, m.user_id, m.role_id, r.name AS role, u.email, u.given_name,
        u.family_name, u.is_active, m.created_at, m.updated_at",
    from: "account_users m JOIN roles r ON r.id = m.role_id JOIN users u ON u.id = m.user_id",
    account: "m.account_id",
    id: "m.id",
    fields: &[
        Field::new("id", "m.id", Kind::Id, ops::EQ_IN),
        Field::new("user_id", "m.user_id", Kind::User, ops::EQ_IN),
        Field::new("role_id", "m.role_id", Kind::Id, ops::EQ_IN),
        Field::new("role", "r.name", Kind::Text, ops::TEXT).sortable(),
        Field::new("email", "u.email", Kind::Text, ops::TEXT).sortable(),
        Field::new("given_name", "u.given_name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("family_name", "u.family_name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("is_active", "u.is_active", Kind::Flag, ops::EQ),
        Field::new("created_at", "m.created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Asc)],
    extra: &[],
};

/// The members of an account.
pub async fn list(inbox: &Inbox, member: &Member, params: &Params) -> Result<Listing<MembershipView>> {
    member.require(Permission::UsersView)?;
    let plan = &Plan::new(&ENTITY, params, member.user_id())?;
    let scope = &[member.account_id()][..];
    let listing = inbox
        .store()
        .read(scope, |mut tx| async move { crate::list::page(&mut tx, plan, scope, |_| {}).await })
        .await?;
    Ok(listing)
}

/// One member of an account.
pub async fn get(inbox: &Inbox, member: &Member, user: UserId) -> Result<MembershipView> {
    member.require(Permission::UsersView)?;
    let account = member.account_id();
    let view =
        inbox.store().read(account, |mut tx| async move { find(&mut tx, account, user).await }).await?;
    view.ok_or_else(|| Error::not_found("member"))
}

async fn find(tx: &mut Tx, account: AccountId, user: UserId) -> Outcome<Option<MembershipView>> {
    Ok(sqlx::query_as(
        "SELECT m.id, m.account_id, m.user_id, m.role_id, r.name AS role, u.email, u.given_name,
             u.family_name, u.is_active, m.created_at, m.updated_at
         FROM account_users m JOIN roles r ON r.id = m.role_id JOIN users u ON u.id = m.user_id
         WHERE m.account_id = $1 AND m.user_id = $2",
    )
    .bind(account)
    .bind(user)
    .fetch_optional(&mut **tx)
    .await?)
}

pub(super) async fn insert(
    tx: &mut Tx,
    account: AccountId,
    user: UserId,
    role: RoleId,
    now: Time,
) -> Outcome<MembershipId> {
    let id = MembershipId::new();
    sqlx::query!(
        "INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)",
        id.uuid(),
        account.uuid(),
        user.uuid(),
        role.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    revocations::record(tx, Revocation::Membership { account_id: account, user_id: user }).await?;
    Ok(id)
}

/// Adds a user whom the caller can already see, from another account of theirs; people who are not
/// users yet are made with `POST /v1/users`.
pub async fn add(
    inbox: &Inbox,
    context: &Context,
    account: AccountId,
    new: &NewMembership,
) -> Result<MembershipView> {
    let member = context.member(account)?;
    member.require(Permission::UsersManage)?;
    let user = users::get(inbox, context, new.user_id).await?.id;
    let now = inbox.now();
    let role = Place::Role(new.role_id);
    inbox
        .store()
        .write(account, |mut tx| async move {
            let role = roles::grantable(&mut tx, member, role).await?;
            insert(&mut tx, account, user, role, now).await
        })
        .await
        .map_err(refused)?;
    revocations::applied(inbox, &[Revocation::Membership { account_id: account, user_id: user }]);
    get(inbox, member, user).await
}

/// Gives a member another role. Neither the old nor the new one may hold more than the caller does.
pub async fn set_role(inbox: &Inbox, member: &Member, user: UserId, role: RoleId) -> Result<MembershipView> {
    member.require(Permission::UsersManage)?;
    let (account_id, now) = (member.account_id(), inbox.now());
    let revocation = Revocation::Role { account_id, user_id: user };
    inbox
        .store()
        .write(account_id, |mut tx| async move {
            within_reach(&mut tx, member, user).await?;
            let role = roles::grantable(&mut tx, member, Place::Role(role)).await?;
            sqlx::query!(
                "UPDATE account_users SET role_id = $3, updated_at = $4
                 WHERE account_id = $1 AND user_id = $2",
                account_id.uuid(),
                user.uuid(),
                role.uuid(),
                now,
            )
            .execute(&mut *tx)
            .await?;
            revocations::record(&mut tx, revocation).await?;
            accounts::keeps_an_owner(&mut tx, account_id).await
        })
        .await?;
    revocations::applied(inbox, &[revocation]);
    get(inbox, member, user).await
}

/// Takes a member out of an account; their user stays.
pub async fn remove(inbox: &Inbox, member: &Member, user: UserId) -> Result<()> {
    member.require(Permission::UsersManage)?;
    let account_id = member.account_id();
    inbox
        .store()
        .write(account_id, |mut tx| async move {
            within_reach(&mut tx, member, user).await?;
            take_out(&mut tx, account_id, user).await?;
            accounts::keeps_an_owner(&mut tx, account_id).await
        })
        .await?;
    revocations::applied(inbox, &[Revocation::Membership { account_id, user_id: user }]);
    Ok(())
}

/// Locks the membership; 404 when there is none, 403 when the member holds more than the caller.
async fn within_reach(tx: &mut Tx, member: &Member, user: UserId) -> Outcome<()> {
    let held = sqlx::query_scalar!(
        "SELECT r.permissions FROM account_users m JOIN roles r ON r.id = m.role_id
         WHERE m.account_id = $1 AND m.user_id = $2 FOR UPDATE OF m",
        member.account_id().uuid(),
        user.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::not_found("member"))?;
    if !permissions(&held).is_subset(member.permissions()) {
        return Err(Error::forbidden("this person holds permissions that you do not hold").into());
    }
    Ok(())
}

/// Deletes the membership with what belongs to it: teams, preferences, availability. Conversations keep
/// their assignee until someone takes them.
pub(super) async fn take_out(tx: &mut Tx, account: AccountId, user: UserId) -> Outcome<()> {
    sqlx::query!(
        "WITH gone_from_teams AS (
             DELETE FROM team_members WHERE account_id = $1 AND user_id = $2
         ), no_longer_routable AS (
             UPDATE agent_state SET status = 'offline', updated_at = clock_timestamp()
             WHERE account_id = $1 AND user_id = $2
         ), keys_ended AS (
             UPDATE api_keys SET revoked_at = clock_timestamp()
             WHERE account_id = $1 AND created_by = $2 AND revoked_at IS NULL
         )
         DELETE FROM account_users WHERE account_id = $1 AND user_id = $2",
        account.uuid(),
        user.uuid(),
    )
    .execute(&mut **tx)
    .await?;
    revocations::record(tx, Revocation::Membership { account_id: account, user_id: user }).await
}

fn refused(fault: Fault) -> Error {
    match fault.constraint() {
        Some("account_users_account_user_key") => {
            Error::taken("user_id", "this person is already a member of the account")
        }
        _ => fault.into(),
    }
}
