//! Users: people, who may belong to several accounts. An account's managers see its members; they may
//! change a member only if they manage every account that the member belongs to, and hold all that the
//! member holds there, so that nobody reaches another tenant or a higher role through a shared person.

use bus::{Fault, Outcome, Scope, Task, Tx};
use chrono::{DateTime, Utc};
use model::{AccountId, Error, Permission, Permissions, Result, RoleId, Time, UploadId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use zeroize::Zeroizing;

use super::{
    Revocation, accounts,
    authenticate::{full_name, permissions},
    avatars, memberships, passwords, revocations, roles, sessions,
};
use crate::{
    Context, Inbox, Member, Proof,
    check::{self, Checks},
    list::{Entity, Field, Kind, Listing, Order, Params, ops},
};

/// A user, as colleagues see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow, utoipa::ToSchema)]
pub struct UserView {
    #[schema(value_type = Uuid)]
    pub id: UserId,
    pub email: String,
    pub phone: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// Where their picture can be read.
    pub avatar_url: Option<String>,
    pub is_active: bool,
    pub email_verified_at: Option<DateTime<Utc>>,
    pub last_login_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The caller, with their places in accounts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Me {
    #[serde(flatten)]
    pub user: UserView,
    pub name: String,
    pub accounts: Vec<MyAccount>,
}

/// One of the caller's places.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MyAccount {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub name: String,
    pub slug: String,
    #[schema(value_type = Uuid)]
    pub role_id: RoleId,
    pub role: String,
    #[schema(value_type = Vec<String>)]
    pub permissions: Permissions,
    #[schema(value_type = Vec<Uuid>)]
    pub team_ids: Vec<model::TeamId>,
}

/// A person to be made a user.
#[derive(Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub email: String,
    /// 8 to 256 characters.
    pub password: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub phone: Option<String>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("email", &self.email).finish_non_exhaustive()
    }
}

/// What changes in a user; what is absent stays.
#[derive(Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    pub email: Option<String>,
    /// Set by a manager; people change their own with `POST /v1/auth/password`.
    pub password: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub given_name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub family_name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Option<String>>,
    /// A finished upload of the caller's: a PNG, JPEG, WebP or GIF picture of at most 1 MB.
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<Uuid>)]
    pub avatar_upload_id: Option<Option<UploadId>>,
    pub is_active: Option<bool>,
}

const SELECT: &str = "SELECT u.id, u.email, u.phone, u.given_name, u.family_name, u.avatar_url, u.is_active,
    u.email_verified_at, u.last_login_at, u.created_at, u.updated_at";

static ENTITY: Entity = Entity {
    what: "user",
    select: "SELECT u.id, u.email, u.phone, u.given_name, u.family_name, u.avatar_url, u.is_active,
        u.email_verified_at, u.last_login_at, u.created_at, u.updated_at",
    // whoever is in several of the caller's accounts comes once for each, with its name to sort by
    from: "account_users m JOIN accounts a ON a.id = m.account_id JOIN users u ON u.id = m.user_id",
    account: "m.account_id",
    id: "m.id",
    fields: &[
        Field::new("id", "u.id", Kind::User, ops::EQ_IN),
        Field::new("email", "u.email", Kind::Text, ops::TEXT).sortable(),
        Field::new("phone", "u.phone", Kind::Text, ops::TEXT),
        Field::new("given_name", "u.given_name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("family_name", "u.family_name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("is_active", "u.is_active", Kind::Flag, ops::EQ),
        Field::new("account_name", "a.name", Kind::Text, ops::TEXT).sortable(),
        Field::new("created_at", "u.created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Asc)],
    extra: &[],
};

/// The members of the caller's accounts; of one of them with `account_id`.
pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<UserView>> {
    crate::list::list(inbox, context, Permission::UsersView, &ENTITY, params).await
}

/// A user who shares an account with the caller, or the caller.
pub async fn get(inbox: &Inbox, context: &Context, user: UserId) -> Result<UserView> {
    if user == context.user_id() {
        return by_id(inbox, user).await;
    }
    let accounts: Vec<AccountId> = context
        .members()
        .iter()
        .filter(|member| member.can(Permission::UsersView))
        .map(Member::account_id)
        .collect();
    let found =
        inbox.store().read(accounts.as_slice(), |mut tx| async move { find(&mut tx, user).await }).await?;
    found.ok_or_else(|| Error::not_found("user"))
}

/// A user by id, whoever asks; only for callers who were authorised otherwise.
pub(super) async fn by_id(inbox: &Inbox, user: UserId) -> Result<UserView> {
    let found = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move { find(&mut tx, user).await })
        .await?;
    found.ok_or_else(|| Error::not_found("user"))
}

async fn find(tx: &mut Tx, user: UserId) -> Outcome<Option<UserView>> {
    let mut select = sqlx::QueryBuilder::new(format!("{SELECT} FROM users u WHERE u.id = "));
    select.push_bind(user);
    Ok(select.build_query_as().fetch_optional(&mut **tx).await?)
}

/// The caller's own profile.
pub async fn me(inbox: &Inbox, context: &Context) -> Result<Me> {
    let user = by_id(inbox, context.user_id()).await?;
    let accounts = context.account_ids();
    let names = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            Ok(sqlx::query!("SELECT id, name, slug FROM accounts").fetch_all(&mut *tx).await?)
        })
        .await?;
    let accounts = context
        .members()
        .iter()
        .filter_map(|member| {
            let account = names.iter().find(|row| row.id == member.account_id().uuid())?;
            Some(MyAccount {
                account_id: member.account_id(),
                name: account.name.clone(),
                slug: account.slug.clone(),
                role_id: member.role_id(),
                role: member.role_name().to_owned(),
                permissions: member.permissions().clone(),
                team_ids: member.teams().to_vec(),
            })
        })
        .collect();
    Ok(Me { name: context.name().to_owned(), user, accounts })
}

/// A new user whose fields were checked and whose password is hashed.
pub struct CheckedUser<'a> {
    new: &'a NewUser,
    email: String,
    phone: Option<String>,
    password_hash: Zeroizing<String>,
}

impl NewUser {
    /// Checks all fields at once, then hashes the password.
    pub(super) async fn checked(&self, inbox: &Inbox) -> Result<CheckedUser<'_>> {
        let email = self.email.trim().to_lowercase();
        let mut checks = Checks::new();
        checks.that(check::is_email(&email), "email", "is no e-mail address");
        let phone = profile(
            &mut checks,
            self.given_name.as_deref(),
            self.family_name.as_deref(),
            self.phone.as_deref(),
        );
        if let Err(error) = passwords::check("password", &self.password) {
            let reason = error.details["errors"][0]["message"].as_str().unwrap_or("is refused");
            checks.refuse("password", reason);
        }
        checks.finish()?;
        let password_hash = Zeroizing::new(inbox.identity().hasher.hash("password", &self.password).await?);
        Ok(CheckedUser { new: self, email, phone, password_hash })
    }
}

/// Checks what a profile consists of; returns the phone in its one form.
fn profile(
    checks: &mut Checks,
    given: Option<&str>,
    family: Option<&str>,
    phone: Option<&str>,
) -> Option<String> {
    checks.optional("given_name", given, 100);
    checks.optional("family_name", family, 100);
    let phone = phone.filter(|text| !text.trim().is_empty())?;
    let number = check::phone(phone);
    checks.that(number.is_some(), "phone", "is no phone number with its country code, as in +251911234567");
    number
}

impl CheckedUser<'_> {
    pub(super) fn email(&self) -> &str {
        &self.email
    }

    pub(super) fn password(&self) -> &str {
        &self.new.password
    }

    /// Inserts the user with a verified address. One who was removed from every account is taken back
    /// as a new person: old sign-ins are over, nothing else of them is left to take over.
    pub(super) async fn insert_verified(&self, tx: &mut Tx, now: Time) -> Outcome<UserId> {
        let orphan = sqlx::query_scalar!(
            "SELECT id FROM users u WHERE email = $1 AND NOT is_active
               AND NOT EXISTS (SELECT 1 FROM account_users m WHERE m.user_id = u.id) FOR UPDATE",
            self.email,
        )
        .fetch_optional(&mut **tx)
        .await?;
        if let Some(orphan) = orphan {
            sqlx::query!(
                "UPDATE users SET phone = $2, given_name = $3, family_name = $4, password_hash = $5,
                     is_active = true, email_verified_at = $6, updated_at = $6,
                     security_version = security_version + 1
                 WHERE id = $1",
                orphan,
                self.phone,
                self.new.given_name,
                self.new.family_name,
                self.password_hash.as_str(),
                now,
            )
            .execute(&mut **tx)
            .await?;
            return Ok(UserId(orphan));
        }
        let user = UserId::new();
        sqlx::query!(
            "INSERT INTO users (id, email, phone, given_name, family_name, password_hash, email_verified_at,
                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)",
            user.uuid(),
            self.email,
            self.phone,
            self.new.given_name,
            self.new.family_name,
            self.password_hash.as_str(),
            now,
        )
        .execute(&mut **tx)
        .await?;
        Ok(user)
    }
}

/// A new user's place.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    Role(RoleId),
    /// A built-in role by its name.
    BuiltIn(model::permission::BuiltInRole),
}

/// Makes a user who is a member of the caller's account, in a role that holds no more than the caller.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewUser, place: Place) -> Result<UserView> {
    member.require(Permission::UsersManage)?;
    let (account_id, now) = (member.account_id(), inbox.now());
    let checked = &new.checked(inbox).await?;
    let user_id = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let role = roles::grantable(&mut tx, member, place).await?;
            let user_id = checked.insert_verified(&mut tx, now).await?;
            memberships::insert(&mut tx, account_id, user_id, role, now).await?;
            Ok(user_id)
        })
        .await
        .map_err(refused)?;
    by_id(inbox, user_id).await
}

/// The places of `user`, with what each holds, if the caller may manage them in all of these.
async fn managed(tx: &mut Tx, context: &Context, user: UserId) -> Outcome<Vec<AccountId>> {
    let places = sqlx::query!(
        "SELECT m.account_id, r.permissions FROM account_users m JOIN roles r ON r.id = m.role_id
         WHERE m.user_id = $1 FOR UPDATE OF m",
        user.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let shared = places.iter().any(|place| {
        context.member(AccountId(place.account_id)).is_ok_and(|member| member.can(Permission::UsersView))
    });
    if !shared {
        return Err(Error::not_found("user").into());
    }
    for place in &places {
        let member = context
            .member(AccountId(place.account_id))
            .map_err(|_| Error::forbidden("this person also belongs to an account that you do not manage"))?;
        member.require(Permission::UsersManage)?;
        if !permissions(&place.permissions).is_subset(member.permissions()) {
            return Err(Error::forbidden("this person holds permissions that you do not hold").into());
        }
    }
    Ok(places.into_iter().map(|place| AccountId(place.account_id)).collect())
}

/// Changes a user: people their own profile, managers all of it.
pub async fn update(inbox: &Inbox, context: &Context, user: UserId, change: &UpdateUser) -> Result<UserView> {
    let own = user == context.user_id() && context.proof().is_in_person();
    let touches_access = change.email.is_some() || change.password.is_some() || change.is_active.is_some();
    if user == context.user_id() && touches_access {
        return Err(Error::forbidden(
            "your own e-mail, password and activity are not changed here; a password by POST /v1/auth/password",
        ));
    }
    let mut checks = Checks::new();
    let email = change.email.as_deref().map(|email| email.trim().to_lowercase());
    if let Some(email) = &email {
        checks.that(check::is_email(email), "email", "is no e-mail address");
    }
    let phone = profile(
        &mut checks,
        change.given_name.as_ref().and_then(|name| name.as_deref()),
        change.family_name.as_ref().and_then(|name| name.as_deref()),
        change.phone.as_ref().and_then(|phone| phone.as_deref()),
    );
    checks.finish()?;
    let password_hash = match &change.password {
        Some(password) => Some(inbox.identity().hasher.hash("password", password).await?),
        None => None,
    };
    let (now, email, phone, password_hash) = (inbox.now(), &email, &phone, &password_hash);
    let ends = change.password.is_some() || change.is_active == Some(false);
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let accounts = if own { Vec::new() } else { managed(&mut tx, context, user).await? };
            let avatar_url = match change.avatar_upload_id.flatten() {
                Some(upload) => Some(avatars::keep(&mut tx, inbox, context, upload).await?),
                None => None,
            };
            sqlx::query!(
                "UPDATE users SET
                     email = coalesce($2, email), password_hash = coalesce($3, password_hash),
                     given_name = CASE WHEN $4 THEN $5 ELSE given_name END,
                     family_name = CASE WHEN $6 THEN $7 ELSE family_name END,
                     phone = CASE WHEN $8 THEN $9 ELSE phone END,
                     is_active = coalesce($10, is_active),
                     security_version = security_version + $11::int, updated_at = $12,
                     avatar_url = CASE WHEN $13 THEN $14 ELSE avatar_url END
                 WHERE id = $1",
                user.uuid(),
                *email,
                *password_hash,
                change.given_name.is_some(),
                change.given_name.as_ref().and_then(|name| name.as_deref()),
                change.family_name.is_some(),
                change.family_name.as_ref().and_then(|name| name.as_deref()),
                change.phone.is_some(),
                *phone,
                change.is_active,
                i32::from(ends),
                now,
                change.avatar_upload_id.is_some(),
                avatar_url,
            )
            .execute(&mut *tx)
            .await?;
            if ends {
                sessions::end_all(&mut tx, user, "changed by a manager", now).await?;
            }
            // name, address and picture are part of what callers and open sockets remember
            revocations::record(&mut tx, Revocation::User { user_id: user }).await?;
            if change.is_active == Some(false) {
                for account in accounts {
                    accounts::keeps_an_owner(&mut tx, account).await?;
                }
            }
            Ok(())
        })
        .await
        .map_err(refused)?;
    revocations::applied(inbox, &[Revocation::User { user_id: user }]);
    by_id(inbox, user).await
}

/// Takes a user out of all accounts and deactivates them. What they wrote stays.
pub async fn delete(inbox: &Inbox, context: &Context, user: UserId) -> Result<()> {
    if user == context.user_id() {
        return Err(Error::forbidden("nobody deletes themselves"));
    }
    let (now, revocation) = (inbox.now(), Revocation::User { user_id: user });
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            for account in managed(&mut tx, context, user).await? {
                memberships::take_out(&mut tx, account, user).await?;
                accounts::keeps_an_owner(&mut tx, account).await?;
            }
            deactivate_row(&mut tx, user, now).await
        })
        .await?;
    revocations::applied(inbox, &[revocation]);
    Ok(())
}

async fn deactivate_row(tx: &mut Tx, user: UserId, now: Time) -> Outcome<()> {
    sqlx::query!(
        "UPDATE users SET is_active = false, security_version = security_version + 1, updated_at = $2
         WHERE id = $1",
        user.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    sessions::end_all(tx, user, "deactivated", now).await?;
    revocations::record(tx, Revocation::User { user_id: user }).await
}

/// Changes the caller's own password; every other sign-in of theirs ends.
pub async fn change_password(inbox: &Inbox, context: &Context, old: &str, new: &str) -> Result<()> {
    let Proof::Session(session) = context.proof() else {
        return Err(Error::forbidden("an API key has no password"));
    };
    let user = context.user_id();
    let stored = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query_scalar!("SELECT password_hash FROM users WHERE id = $1", user.uuid())
                .fetch_optional(&mut *tx)
                .await?)
        })
        .await?
        .flatten();
    if !inbox.identity().hasher.verify(stored, old).await? {
        return Err(Error::invalid("current_password", "is wrong"));
    }
    let hash = inbox.identity().hasher.hash("new_password", new).await?;
    let (now, hash) = (inbox.now(), hash.as_str());
    let ended = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            sqlx::query!(
                "UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1",
                user.uuid(),
                hash,
                now,
            )
            .execute(&mut *tx)
            .await?;
            let ended = sqlx::query_scalar!(
                "UPDATE sessions SET revoked_at = $3, revoked_because = 'the password was changed'
                 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id",
                user.uuid(),
                session.uuid(),
                now,
            )
            .fetch_all(&mut *tx)
            .await?;
            let ended: Vec<Revocation> = ended
                .into_iter()
                .map(|id| Revocation::Session { user_id: user, session_id: model::SessionId(id) })
                .collect();
            for revocation in &ended {
                revocations::record(&mut tx, *revocation).await?;
            }
            Ok(ended)
        })
        .await?;
    revocations::applied(inbox, &ended);
    Ok(())
}

/// A user by address, for the operator.
pub async fn by_email(inbox: &Inbox, email: &str) -> Result<UserView> {
    let email = email.trim().to_lowercase();
    let address = email.as_str();
    let found = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            let mut select = sqlx::QueryBuilder::new(format!("{SELECT} FROM users u WHERE u.email = "));
            select.push_bind(address);
            Ok(select.build_query_as().fetch_optional(&mut *tx).await?)
        })
        .await?;
    found.ok_or_else(|| Error::not_found("user"))
}

/// Sets a user's password and ends their sign-ins; for the operator.
pub async fn set_password(inbox: &Inbox, user: UserId, password: &str) -> Result<()> {
    let hash = inbox.identity().hasher.hash("password", password).await?;
    let (now, hash) = (inbox.now(), hash.as_str());
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            sqlx::query!(
                "UPDATE users SET password_hash = $2, security_version = security_version + 1, updated_at = $3
                 WHERE id = $1",
                user.uuid(),
                hash,
                now,
            )
            .execute(&mut *tx)
            .await?;
            sessions::end_all(&mut tx, user, "the operator set a password", now).await?;
            revocations::record(&mut tx, Revocation::User { user_id: user }).await
        })
        .await?;
    revocations::applied(inbox, &[Revocation::User { user_id: user }]);
    Ok(())
}

/// Deactivates a user, or lets them sign in again; for the operator.
pub async fn set_active(inbox: &Inbox, user: UserId, active: bool) -> Result<()> {
    let now = inbox.now();
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            if !active {
                return deactivate_row(&mut tx, user, now).await;
            }
            sqlx::query!(
                "UPDATE users SET is_active = true, updated_at = $2 WHERE id = $1",
                user.uuid(),
                now
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await?;
    revocations::applied(inbox, &[Revocation::User { user_id: user }]);
    Ok(())
}

impl UserView {
    /// How people call them.
    #[must_use]
    pub fn name(&self) -> String {
        full_name(self.given_name.as_deref(), self.family_name.as_deref(), &self.email)
    }
}

fn refused(fault: Fault) -> Error {
    match fault.constraint() {
        Some("users_email_key") => Error::taken("email", "a user with this e-mail exists"),
        Some("users_phone_key") => Error::taken("phone", "a user with this phone number exists"),
        _ => fault.into(),
    }
}
