//! From a credential to a [`Context`].

use bus::{Outcome, Scope, Task, Tx};
use model::{
    AccountId, ApiKeyId, Error, ErrorCode, Permissions, Result, RoleId, SessionId, TeamId, Time, UserId,
};
use serde_json::Value;

use super::tokens;
use crate::{Context, Inbox, Member, Proof};

/// What API keys begin with.
pub(super) const KEY_PREFIX: &str = "tk_";
/// `last_used_at` of a key is not written more often than this.
const USE_NOTED: chrono::Duration = chrono::Duration::minutes(1);

/// The caller behind `bearer`: an access token of a sign-in, or an API key. One answer, `unauthorized`,
/// for all that is not good; an expired access token says `details.reason = "expired"`.
pub async fn authenticate(inbox: &Inbox, bearer: &str) -> Result<Context> {
    let keeper = inbox.identity();
    let credential = tokens::hash(bearer);
    if let Some(known) = keeper.callers.get(&credential)
        && known.expires_at.is_none_or(|end| end > inbox.now())
    {
        return Ok(known);
    }
    let read_in = keeper.generation();
    let context = if bearer.starts_with(KEY_PREFIX) {
        by_api_key(inbox, &credential).await?
    } else {
        by_access_token(inbox, bearer).await?
    };
    keeper.remember(credential, &context, read_in);
    Ok(context)
}

/// The same caller as the store knows them now: after a [`super::Revocation`]. `unauthorized` when the
/// credential no longer holds.
pub async fn renew(inbox: &Inbox, context: &Context) -> Result<Context> {
    let (user_id, expires_at) = (context.user_id, context.expires_at);
    match context.proof {
        Proof::Session(session_id) => by_session(inbox, user_id, session_id, None, expires_at).await,
        Proof::ApiKey(api_key_id) => {
            let key = read(inbox, |mut tx| async move {
                Ok(sqlx::query_as!(
                    KeyRow,
                    "SELECT id, account_id, permissions, created_by, expires_at, revoked_at, last_used_at
                     FROM api_keys WHERE id = $1",
                    api_key_id.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?)
            })
            .await?;
            of_key(inbox, key.ok_or_else(tokens::invalid)?).await
        }
        Proof::Operator => operator(inbox, context.members.first().map(Member::account_id)).await,
    }
}

/// The operator of the machine, at its command line, as the owner of `account`: they hold the store
/// itself. Never to be reached from a request.
pub async fn operator(inbox: &Inbox, account: Option<AccountId>) -> Result<Context> {
    let Some(account) = account else {
        return Err(Error::new(ErrorCode::AccountRequired, "say which account with --account"));
    };
    let owner = read(inbox, |mut tx| async move {
        Ok(sqlx::query!(
            r#"SELECT m.user_id, m.role_id, r.name FROM account_users m
               JOIN roles r ON r.id = m.role_id
               WHERE m.account_id = $1 AND r.permissions ? 'account.manage' ORDER BY m.created_at LIMIT 1"#,
            account.uuid(),
        )
        .fetch_optional(&mut *tx)
        .await?)
    })
    .await?
    .ok_or_else(|| Error::not_found("account"))?;
    let user_id = UserId(owner.user_id);
    let member = Member {
        account_id: account,
        user_id,
        name: "operator".to_owned(),
        email: String::new(),
        avatar_url: None,
        proof: Proof::Operator,
        role_id: RoleId(owner.role_id),
        role_name: owner.name,
        permissions: model::Permission::ALL.iter().copied().collect(),
        teams: Vec::new(),
        team_visibility: false,
    };
    Ok(Context {
        user_id,
        name: "operator".to_owned(),
        email: String::new(),
        proof: Proof::Operator,
        expires_at: None,
        members: vec![member],
    })
}

async fn by_access_token(inbox: &Inbox, token: &str) -> Result<Context> {
    let claims = tokens::verify(inbox, token).await?;
    let expires_at = Time::from_timestamp(claims.exp, 0);
    by_session(inbox, claims.sub, claims.sid, Some(claims.sv), expires_at).await
}

/// `security_version`: what a token says that the user's was; `None` does not ask.
async fn by_session(
    inbox: &Inbox,
    user_id: UserId,
    session_id: SessionId,
    security_version: Option<i32>,
    expires_at: Option<Time>,
) -> Result<Context> {
    let now = inbox.now();
    let (user, memberships) = read(inbox, |mut tx| async move {
        let user = sqlx::query!(
            "SELECT u.email, u.given_name, u.family_name, u.avatar_url, u.security_version FROM users u
             JOIN sessions s ON s.user_id = u.id
             WHERE u.id = $1 AND s.id = $2 AND u.is_active AND s.revoked_at IS NULL AND s.expires_at > $3",
            user_id.uuid(),
            session_id.uuid(),
            now,
        )
        .fetch_optional(&mut *tx)
        .await?;
        Ok((user, memberships(&mut tx, user_id).await?))
    })
    .await?;
    let user = user.ok_or_else(tokens::invalid)?;
    if security_version.is_some_and(|version| version != user.security_version) {
        return Err(tokens::invalid());
    }
    let who = Who {
        user_id,
        name: full_name(user.given_name.as_deref(), user.family_name.as_deref(), &user.email),
        email: user.email,
        avatar_url: user.avatar_url,
        proof: Proof::Session(session_id),
        expires_at,
    };
    Ok(who.context(memberships))
}

struct KeyRow {
    id: uuid::Uuid,
    account_id: uuid::Uuid,
    permissions: Value,
    created_by: Option<uuid::Uuid>,
    expires_at: Option<Time>,
    revoked_at: Option<Time>,
    last_used_at: Option<Time>,
}

async fn by_api_key(inbox: &Inbox, hash: &[u8; 32]) -> Result<Context> {
    let row = read(inbox, |mut tx| async move {
        Ok(sqlx::query_as!(
            KeyRow,
            "SELECT id, account_id, permissions, created_by, expires_at, revoked_at, last_used_at
             FROM api_keys WHERE hash = $1",
            hash.as_slice(),
        )
        .fetch_optional(&mut *tx)
        .await?)
    })
    .await?;
    let row = row.ok_or_else(tokens::invalid)?;
    let (id, now) = (row.id, inbox.now());
    let note_use = row.last_used_at.is_none_or(|at| now - at > USE_NOTED);
    let context = of_key(inbox, row).await?;
    if note_use {
        let noted = inbox
            .store()
            .write(Scope::System(Task::Identity), |mut tx| async move {
                sqlx::query!("UPDATE api_keys SET last_used_at = $2 WHERE id = $1", id, now)
                    .execute(&mut *tx)
                    .await?;
                Ok(())
            })
            .await;
        if let Err(error) = noted {
            tracing::debug!(%error, "the use of an API key was not noted");
        }
    }
    Ok(context)
}

/// A key acts for the member who made it, within its account, with what both of them hold.
async fn of_key(inbox: &Inbox, key: KeyRow) -> Result<Context> {
    let now = inbox.now();
    if key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now) {
        return Err(tokens::invalid());
    }
    let user_id = UserId(key.created_by.ok_or_else(tokens::invalid)?);
    let (user, memberships) = read(inbox, |mut tx| async move {
        let user = sqlx::query!(
            "SELECT email, given_name, family_name, avatar_url FROM users WHERE id = $1 AND is_active",
            user_id.uuid(),
        )
        .fetch_optional(&mut *tx)
        .await?;
        Ok((user, memberships(&mut tx, user_id).await?))
    })
    .await?;
    let user = user.ok_or_else(tokens::invalid)?;
    let mut membership = memberships
        .into_iter()
        .find(|membership| membership.account_id == AccountId(key.account_id))
        .ok_or_else(tokens::invalid)?;
    membership.permissions = membership.permissions.intersection(&permissions(&key.permissions));
    let who = Who {
        user_id,
        name: full_name(user.given_name.as_deref(), user.family_name.as_deref(), &user.email),
        email: user.email,
        avatar_url: user.avatar_url,
        proof: Proof::ApiKey(ApiKeyId(key.id)),
        expires_at: key.expires_at,
    };
    Ok(who.context(vec![membership]))
}

struct Who {
    user_id: UserId,
    name: String,
    email: String,
    avatar_url: Option<String>,
    proof: Proof,
    expires_at: Option<Time>,
}

impl Who {
    fn context(self, memberships: Vec<Membership>) -> Context {
        let members = memberships
            .into_iter()
            .map(|membership| Member {
                account_id: membership.account_id,
                user_id: self.user_id,
                name: self.name.clone(),
                email: self.email.clone(),
                avatar_url: self.avatar_url.clone(),
                proof: self.proof,
                role_id: membership.role_id,
                role_name: membership.role_name,
                permissions: membership.permissions,
                teams: membership.teams,
                team_visibility: membership.team_visibility,
            })
            .collect();
        let Self { user_id, name, email, proof, expires_at, .. } = self;
        Context { user_id, name, email, proof, expires_at, members }
    }
}

struct Membership {
    account_id: AccountId,
    role_id: RoleId,
    role_name: String,
    permissions: Permissions,
    teams: Vec<TeamId>,
    team_visibility: bool,
}

/// The user's places in accounts that are active, oldest first.
async fn memberships(tx: &mut Tx, user_id: UserId) -> Outcome<Vec<Membership>> {
    let rows = sqlx::query!(
        r#"SELECT m.account_id, m.role_id, r.name, r.permissions, a.visibility,
                  ARRAY(SELECT t.team_id FROM team_members t
                        WHERE t.account_id = m.account_id AND t.user_id = m.user_id) AS "teams!"
           FROM account_users m
           JOIN accounts a ON a.id = m.account_id
           JOIN roles r ON r.id = m.role_id AND r.account_id = m.account_id
           WHERE m.user_id = $1 AND a.is_active AND a.status = 'active'
           ORDER BY m.created_at, m.id"#,
        user_id.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Membership {
            account_id: AccountId(row.account_id),
            role_id: RoleId(row.role_id),
            role_name: row.name,
            permissions: permissions(&row.permissions),
            teams: row.teams.into_iter().map(TeamId).collect(),
            team_visibility: row.visibility == "team",
        })
        .collect())
}

/// Stored permissions. A word that this version does not know (the database was used by another one)
/// grants nothing.
pub(super) fn permissions(stored: &Value) -> Permissions {
    stored.as_array().into_iter().flatten().filter_map(|word| word.as_str()?.parse().ok()).collect()
}

pub(super) fn full_name(given: Option<&str>, family: Option<&str>, email: &str) -> String {
    let name = [given, family].into_iter().flatten().filter(|part| !part.is_empty());
    let name = name.collect::<Vec<_>>().join(" ");
    if name.is_empty() { email.split('@').next().unwrap_or(email).to_owned() } else { name }
}

async fn read<T, F, Fut>(inbox: &Inbox, work: F) -> Result<T>
where
    F: FnMut(Tx) -> Fut,
    Fut: Future<Output = Outcome<T>>,
{
    Ok(inbox.store().read(Scope::System(Task::Identity), work).await?)
}

#[cfg(test)]
mod tests {
    use model::Permission;
    use serde_json::json;

    use super::*;

    #[test]
    fn permissions_of_another_version_grant_nothing() {
        let read = permissions(&json!(["conversations.view", "moon.landing", 7]));
        assert_eq!(read, [Permission::ConversationsView].into_iter().collect());
        assert_eq!(permissions(&json!({"owner": true})), Permissions::default());
    }

    #[test]
    fn whoever_gave_no_name_is_called_by_their_address() {
        assert_eq!(full_name(Some("Ada"), Some("Lovelace"), "ada@example.org"), "Ada Lovelace");
        assert_eq!(full_name(None, Some(""), "ada@example.org"), "ada");
    }
}
