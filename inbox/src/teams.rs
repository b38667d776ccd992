//! Teams and who is in them. The lead is the member whose role is lead: one place, one truth.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, Error, Permission, Result, TeamId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Inbox, Member, assignment,
    check::{self, Checks},
    identity::{Revocation, revocations},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

model::text_enum! {
    /// What someone is in a team.
    pub enum TeamRole { Member = "member", Lead = "lead" }
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct TeamView {
    pub id: TeamId,
    pub account_id: AccountId,
    pub name: String,
    pub description: Option<String>,
    pub lead_id: Option<UserId>,
    pub member_count: i64,
    pub is_active: bool,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct TeamMemberView {
    pub team_id: TeamId,
    pub user_id: UserId,
    pub role: TeamRole,
    pub name: String,
    pub email: String,
    pub created_at: DateTime<Utc>,
}

const LEAD: &str = "(SELECT l.user_id FROM team_members l WHERE l.team_id = teams.id AND l.role = 'lead')";

pub static ENTITY: Entity = Entity {
    what: "team",
    select: "SELECT id, account_id, name, description,
                    (SELECT l.user_id FROM team_members l WHERE l.team_id = teams.id AND l.role = 'lead') AS lead_id,
                    (SELECT count(*) FROM team_members m WHERE m.team_id = teams.id) AS member_count,
                    is_active, metadata, created_at, updated_at",
    from: "teams",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("is_active", "is_active", Kind::Flag, ops::EQ),
        Field::new("lead_id", LEAD, Kind::User, ops::EQ_NULL),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("name", Order::Asc)],
    extra: &[],
};

/// Members are listed by team, so the entity is filled in by [`members`].
static MEMBERS: Entity = Entity {
    what: "team member",
    select: "SELECT m.team_id, m.user_id, m.role, trim(concat_ws(' ', u.given_name, u.family_name)) AS name,
                    u.email, m.created_at",
    from: "team_members m JOIN users u ON u.id = m.user_id",
    account: "m.account_id",
    id: "m.user_id",
    fields: &[
        Field::new("user_id", "m.user_id", Kind::User, ops::EQ_IN),
        Field::new("role", "m.role", Kind::Word(list::word::<TeamRole>), ops::EQ),
        Field::new("created_at", "m.created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Asc)],
    extra: &[],
};

const TAKEN: &[(&str, &str, &str)] = &[
    ("teams_account_name_key", "name", "there is a team of this name"),
    ("team_members_pkey", "user_id", "this user is already in the team"),
];

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub description: Option<String>,
    /// Joins the team as its lead.
    pub lead_id: Option<UserId>,
    pub is_active: Option<bool>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTeam {
    pub name: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// Null: the team has no lead; who was it stays a member.
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<UserId>)]
    pub lead_id: Option<Option<UserId>>,
    pub is_active: Option<bool>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeamMember {
    pub user_id: UserId,
    /// `member` unless given; a new lead takes the place of the old one.
    pub role: Option<TeamRole>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<TeamView>> {
    list::list(inbox, context, Permission::TeamsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: TeamId) -> Result<TeamView> {
    member.require(Permission::TeamsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewTeam) -> Result<TeamView> {
    member.require(Permission::TeamsManage)?;
    let metadata = &new.metadata.clone().unwrap_or_else(|| json!({}));
    check(&new.name, new.description.as_deref(), metadata)?;
    let (id, account, now) = (TeamId::new(), member.account_id(), inbox.now());
    let team = inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO teams (id, account_id, name, description, is_active, metadata, created_at,
                     updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
                id.uuid(),
                account.uuid(),
                new.name.trim(),
                new.description,
                new.is_active.unwrap_or(true),
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            if let Some(lead) = new.lead_id {
                lead_by(&mut tx, (account, id), Some(lead), inbox).await?;
            }
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))?;
    forget(inbox, account, new.lead_id);
    Ok(team)
}

pub async fn update(inbox: &Inbox, member: &Member, id: TeamId, change: &UpdateTeam) -> Result<TeamView> {
    member.require(Permission::TeamsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    let team = inbox
        .store()
        .write(account, |mut tx| async move {
            let old: TeamView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "teams").await?;
            let name = change.name.as_deref().unwrap_or(&old.name);
            let description = patch::or(change.description.clone(), old.description);
            let metadata = change.metadata.clone().unwrap_or(old.metadata);
            check(name, description.as_deref(), &metadata)?;
            sqlx::query!(
                "UPDATE teams SET name = $3, description = $4, is_active = $5, metadata = $6, updated_at = $7
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                name.trim(),
                description,
                change.is_active.unwrap_or(old.is_active),
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            if let Some(lead) = change.lead_id {
                lead_by(&mut tx, (account, id), lead, inbox).await?;
            }
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))?;
    forget(inbox, account, change.lead_id.flatten());
    Ok(team)
}

/// Removes a team that no open conversation stands with (409 otherwise); its members stay users.
pub async fn delete(inbox: &Inbox, member: &Member, id: TeamId) -> Result<()> {
    member.require(Permission::TeamsManage)?;
    let account = member.account_id();
    let users = inbox
        .store()
        .write(account, |mut tx| async move {
            let _: TeamView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "teams").await?;
            let held = sqlx::query_scalar!(
                "SELECT 1 FROM conversations
                 WHERE account_id = $1 AND team_id = $2 AND status NOT IN ('resolved', 'closed') LIMIT 1",
                account.uuid(),
                id.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            if held.is_some() {
                let message =
                    "this team has open conversations; give them to another, or set is_active to false";
                return Err(Error::conflict(message).into());
            }
            let users = sqlx::query_scalar!(
                "DELETE FROM team_members WHERE team_id = $1 RETURNING user_id",
                id.uuid()
            )
            .fetch_all(&mut *tx)
            .await?;
            for user in &users {
                changed(&mut tx, account, UserId(*user), inbox).await?;
            }
            sqlx::query!("DELETE FROM teams WHERE id = $1 AND account_id = $2", id.uuid(), account.uuid())
                .execute(&mut *tx)
                .await?;
            Ok(users)
        })
        .await?;
    forget(inbox, account, users.into_iter().map(UserId));
    Ok(())
}

pub async fn members(
    inbox: &Inbox,
    member: &Member,
    id: TeamId,
    params: &Params,
) -> Result<Listing<TeamMemberView>> {
    member.require(Permission::TeamsView)?;
    let account = member.account_id();
    let plan = &list::Plan::new(&MEMBERS, params, member.user_id())?;
    let listing = inbox
        .store()
        .read(account, |mut tx| async move {
            let _: TeamView = list::one(&mut tx, &ENTITY, account, id.uuid()).await?;
            list::page(&mut tx, plan, &[account], |sql| {
                sql.push(" AND m.team_id = ").push_bind(id);
            })
            .await
        })
        .await?;
    Ok(listing)
}

/// Takes a user of the account into the team; repeating it with another role changes the role.
pub async fn add_member(
    inbox: &Inbox,
    member: &Member,
    id: TeamId,
    new: &NewTeamMember,
) -> Result<TeamMemberView> {
    member.require(Permission::TeamsManage)?;
    let account = member.account_id();
    let role = new.role.unwrap_or(TeamRole::Member);
    let view = inbox
        .store()
        .write(account, |mut tx| async move {
            let team: TeamView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "teams").await?;
            match role {
                TeamRole::Lead => lead_by(&mut tx, (account, id), Some(new.user_id), inbox).await?,
                TeamRole::Member if team.lead_id == Some(new.user_id) => {
                    lead_by(&mut tx, (account, id), None, inbox).await?;
                }
                TeamRole::Member => join(&mut tx, (account, id), new.user_id, inbox).await?,
            }
            member_view(&mut tx, account, id, new.user_id).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))?;
    forget(inbox, account, [new.user_id]);
    Ok(view)
}

pub async fn remove_member(inbox: &Inbox, member: &Member, id: TeamId, user: UserId) -> Result<()> {
    member.require(Permission::TeamsManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM team_members WHERE team_id = $1 AND user_id = $2 AND account_id = $3",
                id.uuid(),
                user.uuid(),
                account.uuid(),
            )
            .execute(&mut *tx)
            .await?;
            check::found("team member", gone.rows_affected())?;
            changed(&mut tx, account, user, inbox).await
        })
        .await?;
    forget(inbox, account, [user]);
    Ok(())
}

/// The teams of a user, in the accounts that the caller shares with them; one's own without permission.
pub async fn of_user(
    inbox: &Inbox,
    context: &Context,
    user: UserId,
    params: &Params,
) -> Result<Listing<TeamView>> {
    let members: Vec<&Member> = if user == context.user_id() {
        context.members().iter().collect()
    } else {
        list::permitted(context, Permission::TeamsView)?
    };
    let accounts: &Vec<AccountId> = &members.iter().map(|member| member.account_id()).collect();
    let plan = &list::Plan::new(&ENTITY, params, context.user_id())?;
    let listing = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            let uuids: Vec<uuid::Uuid> = accounts.iter().map(|account| account.uuid()).collect();
            let known = sqlx::query_scalar!(
                "SELECT 1 FROM account_users WHERE user_id = $1 AND account_id = ANY ($2) LIMIT 1",
                user.uuid(),
                &uuids,
            )
            .fetch_optional(&mut *tx)
            .await?;
            check::found("user", u64::from(known.is_some()))?;
            list::page(&mut tx, plan, accounts, |sql| {
                sql.push(
                    " AND EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = teams.id AND m.user_id = ",
                );
                sql.push_bind(user).push(")");
            })
            .await
        })
        .await?;
    Ok(listing)
}

async fn member_view(tx: &mut Tx, account: AccountId, id: TeamId, user: UserId) -> Outcome<TeamMemberView> {
    let row = sqlx::query_as!(
        TeamMemberView,
        r#"SELECT m.team_id AS "team_id: TeamId", m.user_id AS "user_id: UserId", m.role AS "role: TeamRole",
                  trim(concat_ws(' ', u.given_name, u.family_name)) AS "name!", u.email, m.created_at
           FROM team_members m JOIN users u ON u.id = m.user_id
           WHERE m.team_id = $1 AND m.user_id = $2 AND m.account_id = $3"#,
        id.uuid(),
        user.uuid(),
        account.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(row)
}

/// Makes sure that a user of the account is in the team.
async fn join(tx: &mut Tx, (account, team): (AccountId, TeamId), user: UserId, inbox: &Inbox) -> Outcome<()> {
    let known = sqlx::query_scalar!(
        "SELECT 1 FROM account_users WHERE account_id = $1 AND user_id = $2",
        account.uuid(),
        user.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    if known.is_none() {
        return Err(Error::absent("user_id", "is not a user of this account").into());
    }
    sqlx::query!(
        "INSERT INTO team_members (account_id, team_id, user_id, role, created_at)
         VALUES ($1, $2, $3, 'member', $4) ON CONFLICT (team_id, user_id) DO NOTHING",
        account.uuid(),
        team.uuid(),
        user.uuid(),
        inbox.now(),
    )
    .execute(&mut **tx)
    .await?;
    changed(tx, account, user, inbox).await
}

/// Gives the team a new lead, or none.
async fn lead_by(
    tx: &mut Tx,
    (account, team): (AccountId, TeamId),
    lead: Option<UserId>,
    inbox: &Inbox,
) -> Outcome<()> {
    sqlx::query!("UPDATE team_members SET role = 'member' WHERE team_id = $1 AND role = 'lead'", team.uuid())
        .execute(&mut **tx)
        .await?;
    let Some(lead) = lead else { return Ok(()) };
    join(tx, (account, team), lead, inbox).await?;
    sqlx::query!(
        "UPDATE team_members SET role = 'lead' WHERE team_id = $1 AND user_id = $2",
        team.uuid(),
        lead.uuid(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A user's teams changed: what they see is derived anew, and waiting conversations may now be theirs.
async fn changed(tx: &mut Tx, account: AccountId, user: UserId, inbox: &Inbox) -> Outcome<()> {
    revocations::record(tx, Revocation::Teams { account_id: account, user_id: user }).await?;
    assignment::wake_at(tx, account, inbox.now()).await
}

fn forget(inbox: &Inbox, account_id: AccountId, users: impl IntoIterator<Item = UserId>) {
    let gone: Vec<Revocation> =
        users.into_iter().map(|user_id| Revocation::Teams { account_id, user_id }).collect();
    revocations::applied(inbox, &gone);
}

fn check(name: &str, description: Option<&str>, metadata: &Value) -> Result<()> {
    let mut checks = Checks::new();
    checks.text("name", name, 255);
    checks.optional("description", description, 2000);
    checks.object("metadata", metadata);
    checks.finish()
}
