//! Sign-ins: login, refresh with rotation and reuse detection, logout.

use bus::{Outcome, Scope, Task, Tx};
use chrono::{DateTime, Utc};
use model::{Error, Result, SessionId, Time, UserId};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Revocation,
    authenticate::full_name,
    revocations,
    tokens::{self, Subject, Tokens},
};
use crate::{Context, Inbox, Proof};

const REFRESH_PREFIX: &str = "tr_";

/// Where a sign-in comes from, as the user sees it in the list of sessions.
#[derive(Debug, Clone, Default)]
pub struct Device {
    pub user_agent: Option<String>,
    pub ip: Option<String>,
}

/// Signs in. An unknown address, a wrong password and a deactivated user are answered alike, after the
/// same work.
pub async fn login(inbox: &Inbox, email: &str, password: &str, device: &Device) -> Result<Tokens> {
    let email = email.trim().to_lowercase();
    let address = email.as_str();
    let user = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, email, given_name, family_name, password_hash, security_version FROM users
                 WHERE email = $1 AND is_active",
                address,
            )
            .fetch_optional(&mut *tx)
            .await?)
        })
        .await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let matches = inbox.identity().hasher.verify(stored, password).await?;
    let Some(user) = user.filter(|_| matches) else {
        return Err(Error::unauthorized("the e-mail address or the password is wrong"));
    };
    let (now, session_id, user_id) = (inbox.now(), SessionId::new(), UserId(user.id));
    let (refresh_token, hash) = tokens::new_secret(REFRESH_PREFIX)?;
    let fresh = Fresh { hash: &hash, parent: None, at: now, end: session_end(inbox, now)? };
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            sqlx::query!(
                "INSERT INTO sessions (id, user_id, user_agent, ip, created_at, last_used_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $5, $6)",
                session_id.uuid(),
                user_id.uuid(),
                device.user_agent.as_deref().map(|text| text.chars().take(500).collect::<String>()),
                device.ip.as_deref(),
                now,
                fresh.end,
            )
            .execute(&mut *tx)
            .await?;
            insert_refresh_token(&mut tx, session_id, fresh).await?;
            sqlx::query!("UPDATE users SET last_login_at = $2 WHERE id = $1", user_id.uuid(), now)
                .execute(&mut *tx)
                .await?;
            Ok(())
        })
        .await?;
    let subject = Subject {
        user_id,
        session_id,
        security_version: user.security_version,
        email: &user.email,
        name: &full_name(user.given_name.as_deref(), user.family_name.as_deref(), &user.email),
        signed_in_at: now,
    };
    tokens::issue(inbox, &subject, refresh_token).await
}

/// When a sign-in that is used now ends if it is not used again.
fn session_end(inbox: &Inbox, now: Time) -> Result<Time> {
    let life = chrono::Duration::from_std(inbox.settings().refresh_token).map_err(Error::internal)?;
    Ok(now + life)
}

/// A refresh token that is given out.
#[derive(Clone, Copy)]
struct Fresh<'a> {
    hash: &'a [u8],
    /// The hash of the one that it replaces.
    parent: Option<&'a [u8]>,
    at: Time,
    end: Time,
}

async fn insert_refresh_token(tx: &mut Tx, session: SessionId, fresh: Fresh<'_>) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO refresh_tokens (hash, session_id, parent, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        fresh.hash,
        session.uuid(),
        fresh.parent,
        fresh.at,
        fresh.end,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What became of a refresh token that was shown.
enum Shown {
    Good {
        user: UserRow,
        session_id: SessionId,
        signed_in_at: Time,
    },
    /// It had been used: someone else has a copy. The session was ended.
    Reused(Revocation),
    Bad,
}

struct UserRow {
    id: Uuid,
    email: String,
    given_name: Option<String>,
    family_name: Option<String>,
    security_version: i32,
}

/// For so long after its first use a refresh token may come back once.
const GRACE: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// Exchanges a refresh token for new tokens; the old one is used up. A used one that comes back ends
/// its session: either the thief or the owner has it, and nobody can tell which.
///
/// One return is innocent: a page that is left, or a network that is lost, in the middle of a refresh has
/// used its token up without getting the new one. So a token is taken once more within [`GRACE`] of its
/// first use, as long as no token that replaced it has been used. Of the two that then replace it only
/// one may ever be used: the other one is a stranger's.
pub async fn refresh(inbox: &Inbox, refresh_token: &str) -> Result<Tokens> {
    let shown_hash = tokens::hash(refresh_token);
    let (next, next_hash) = tokens::new_secret(REFRESH_PREFIX)?;
    let (now, next_hash) = (inbox.now(), next_hash.as_slice());
    let end = session_end(inbox, now)?;
    let shown = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let row = sqlx::query!(
                r#"SELECT r.session_id, r.used_at, r.used_again_at, r.expires_at, s.user_id, s.created_at,
                          s.expires_at AS session_end, s.revoked_at,
                          EXISTS (SELECT FROM refresh_tokens c WHERE c.parent = r.hash AND c.used_at IS NOT NULL)
                              AS "is_replaced!",
                          EXISTS (SELECT FROM refresh_tokens o WHERE o.parent = r.parent AND o.hash <> r.hash
                                  AND o.used_at IS NOT NULL) AS "has_used_twin!"
                   FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id
                   WHERE r.hash = $1 FOR UPDATE OF r, s"#,
                shown_hash.as_slice(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            let Some(row) =
                row.filter(|row| row.revoked_at.is_none() && row.expires_at > now && row.session_end > now)
            else {
                return Ok(Shown::Bad);
            };
            let session_id = SessionId(row.session_id);
            let is_innocent = row.used_at.is_none_or(|used| {
                row.used_again_at.is_none() && !row.is_replaced && now - used <= GRACE
            });
            if !is_innocent || row.has_used_twin {
                let user_id = UserId(row.user_id);
                end_one(&mut tx, session_id, "a used refresh token came back", now).await?;
                let revocation = Revocation::Session { user_id, session_id };
                revocations::record(&mut tx, revocation).await?;
                return Ok(Shown::Reused(revocation));
            }
            let user = sqlx::query_as!(
                UserRow,
                "SELECT id, email, given_name, family_name, security_version FROM users
                 WHERE id = $1 AND is_active",
                row.user_id,
            )
            .fetch_optional(&mut *tx)
            .await?;
            let Some(user) = user else {
                return Ok(Shown::Bad);
            };
            sqlx::query!(
                "UPDATE refresh_tokens SET used_at = coalesce(used_at, $2),
                     used_again_at = CASE WHEN used_at IS NOT NULL THEN $2 END
                 WHERE hash = $1",
                shown_hash.as_slice(),
                now
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "UPDATE sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1",
                session_id.uuid(),
                now,
                end,
            )
            .execute(&mut *tx)
            .await?;
            let fresh = Fresh { hash: next_hash, parent: Some(&shown_hash), at: now, end };
            insert_refresh_token(&mut tx, session_id, fresh).await?;
            Ok(Shown::Good { user, session_id, signed_in_at: row.created_at })
        })
        .await?;
    match shown {
        Shown::Good { user, session_id, signed_in_at } => {
            let subject = Subject {
                user_id: UserId(user.id),
                session_id,
                security_version: user.security_version,
                email: &user.email,
                name: &full_name(user.given_name.as_deref(), user.family_name.as_deref(), &user.email),
                signed_in_at,
            };
            tokens::issue(inbox, &subject, next).await
        }
        Shown::Reused(revocation) => {
            revocations::applied(inbox, &[revocation]);
            tracing::warn!(?revocation, "a used refresh token came back; its session was ended");
            Err(Error::unauthorized("the refresh token was used before; sign in again")
                .with("reason", "reused"))
        }
        Shown::Bad => Err(tokens::invalid()),
    }
}

/// Ends the caller's own sign-in.
pub async fn logout(inbox: &Inbox, context: &Context) -> Result<()> {
    let Proof::Session(session_id) = context.proof() else {
        return Err(Error::bad_request("an API key has no session to end; delete the key instead"));
    };
    revoke(inbox, context, session_id, "signed out").await
}

/// Ends one of the caller's sign-ins; another user's is not told from a missing one.
pub async fn revoke(inbox: &Inbox, context: &Context, session_id: SessionId, because: &str) -> Result<()> {
    context.require_in_person()?;
    let (now, user_id) = (inbox.now(), context.user_id());
    let revocation = Revocation::Session { user_id, session_id };
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            let own = sqlx::query_scalar!(
                r#"SELECT true AS "own!" FROM sessions WHERE id = $1 AND user_id = $2 FOR UPDATE"#,
                session_id.uuid(),
                user_id.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            if own.is_none() {
                return Err(Error::not_found("session").into());
            }
            end_one(&mut tx, session_id, because, now).await?;
            revocations::record(&mut tx, revocation).await
        })
        .await?;
    revocations::applied(inbox, &[revocation]);
    Ok(())
}

async fn end_one(tx: &mut Tx, session: SessionId, because: &str, now: Time) -> Outcome<()> {
    sqlx::query!(
        "UPDATE sessions SET revoked_at = $2, revoked_because = $3 WHERE id = $1 AND revoked_at IS NULL",
        session.uuid(),
        now,
        because,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends all sign-ins of a user, in a transaction that says why with a revocation of its own.
pub(super) async fn end_all(tx: &mut Tx, user: UserId, because: &str, now: Time) -> Outcome<()> {
    sqlx::query!(
        "UPDATE sessions SET revoked_at = $2, revoked_because = $3
         WHERE user_id = $1 AND revoked_at IS NULL",
        user.uuid(),
        now,
        because,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A sign-in, as its owner sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    #[schema(value_type = Uuid)]
    pub id: SessionId,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// The one that asks.
    pub is_current: bool,
}

/// The caller's sign-ins that have not ended, newest first.
pub async fn list(inbox: &Inbox, context: &Context) -> Result<Vec<SessionView>> {
    context.require_in_person()?;
    let (now, user_id) = (inbox.now(), context.user_id());
    let rows = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, user_agent, ip, created_at, last_used_at, expires_at FROM sessions
                 WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
                 ORDER BY created_at DESC LIMIT 200",
                user_id.uuid(),
                now,
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| SessionView {
            id: SessionId(row.id),
            user_agent: row.user_agent,
            ip: row.ip,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            is_current: context.proof() == Proof::Session(SessionId(row.id)),
        })
        .collect())
}

/// Deletes sign-ins that ended more than a week ago.
pub async fn expire(inbox: &Inbox) -> Result<u64> {
    let end = inbox.now() - chrono::Duration::days(7);
    let deleted = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!("DELETE FROM sessions WHERE expires_at < $1 OR revoked_at < $1", end)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        })
        .await?;
    Ok(deleted)
}
