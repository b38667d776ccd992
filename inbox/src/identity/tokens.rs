//! Access tokens (RS256 JWT, RFC 7519) and the random secrets that are stored hashed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use jsonwebtoken::{Algorithm, Header, Validation};
use model::{Error, Result, SessionId, Time, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Inbox;

/// How far the clocks of nodes may be apart.
const LEEWAY: Duration = Duration::seconds(5);
/// The one client there is; tokens name it as their audience.
const CLIENT_ID: &str = "turumba";

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TokenUse {
    Access,
    /// Tells a front-end who signed in; opens nothing.
    Id,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: UserId,
    pub(super) sid: SessionId,
    /// `users.security_version` when it was issued.
    pub(super) sv: i32,
    pub(super) token_use: TokenUse,
    pub(super) scope: String,
    pub(super) iss: String,
    pub(super) client_id: String,
    pub(super) username: String,
    pub(super) jti: Uuid,
    pub(super) auth_time: i64,
    pub(super) iat: i64,
    pub(super) exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

/// Whom tokens are issued to.
pub(super) struct Subject<'a> {
    pub(super) user_id: UserId,
    pub(super) session_id: SessionId,
    pub(super) security_version: i32,
    pub(super) email: &'a str,
    pub(super) name: &'a str,
    pub(super) signed_in_at: Time,
}

/// The tokens that a sign-in or a refresh gives. They never print themselves.
#[derive(Clone, Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// For `Authorization: Bearer`, and for the socket.
    pub access_token: String,
    /// Who signed in, for a front-end to read; opens nothing.
    pub id_token: String,
    /// Good for one refresh; coming back a second time it ends the session.
    pub refresh_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Life of the access token, in seconds.
    pub expires_in: i64,
    #[schema(value_type = Uuid)]
    pub session_id: SessionId,
    #[schema(value_type = Uuid)]
    pub user_id: UserId,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

pub(super) async fn issue(inbox: &Inbox, subject: &Subject<'_>, refresh_token: String) -> Result<Tokens> {
    let ring = inbox.identity().keys.ring(inbox).await?;
    let now = inbox.now();
    let life = Duration::from_std(inbox.settings().access_token).map_err(Error::internal)?;
    let access = Claims {
        sub: subject.user_id,
        sid: subject.session_id,
        sv: subject.security_version,
        token_use: TokenUse::Access,
        scope: "api".to_owned(),
        iss: inbox.settings().public_url.clone(),
        client_id: CLIENT_ID.to_owned(),
        username: subject.email.to_owned(),
        jti: Uuid::now_v7(),
        auth_time: subject.signed_in_at.timestamp(),
        iat: now.timestamp(),
        exp: (now + life).timestamp(),
        aud: None,
        email: None,
        name: None,
    };
    let id = Claims {
        token_use: TokenUse::Id,
        scope: "openid email profile".to_owned(),
        jti: Uuid::now_v7(),
        aud: Some(CLIENT_ID.to_owned()),
        email: Some(subject.email.to_owned()),
        name: Some(subject.name.to_owned()),
        ..access.clone()
    };
    let header = Header { kid: Some(ring.kid.clone()), ..Header::new(Algorithm::RS256) };
    let sign =
        |claims: &Claims| jsonwebtoken::encode(&header, claims, &ring.signing).map_err(Error::internal);
    Ok(Tokens {
        access_token: sign(&access)?,
        id_token: sign(&id)?,
        refresh_token,
        token_type: "Bearer",
        expires_in: life.num_seconds(),
        session_id: subject.session_id,
        user_id: subject.user_id,
    })
}

/// Checks signature, issuer, use and time of an access token; asks nothing about its session.
pub(super) async fn verify(inbox: &Inbox, token: &str) -> Result<Claims> {
    let refused = |_| invalid();
    let header = jsonwebtoken::decode_header(token).map_err(refused)?;
    let kid = header.kid.ok_or_else(invalid)?;
    let ring = inbox.identity().keys.ring_with(inbox, &kid).await?;
    let key = ring.verifying(&kid).ok_or_else(invalid)?;
    let mut rules = Validation::new(Algorithm::RS256);
    // time is checked below, by the clock that tests can move
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.set_required_spec_claims(&["exp", "iss", "sub"]);
    rules.set_issuer(&[&inbox.settings().public_url]);
    let claims = jsonwebtoken::decode::<Claims>(token, key, &rules).map_err(refused)?.claims;
    if claims.token_use != TokenUse::Access || claims.client_id != CLIENT_ID {
        return Err(invalid());
    }
    let now = inbox.now();
    if now.timestamp() >= claims.exp {
        return Err(Error::unauthorized("the access token has expired").with("reason", "expired"));
    }
    if claims.iat > (now + LEEWAY).timestamp() {
        return Err(invalid());
    }
    Ok(claims)
}

/// The one answer to every credential that is not good.
pub(super) fn invalid() -> Error {
    Error::unauthorized("the credential is missing, wrong or no longer valid")
}

/// A new secret of 256 random bits, and the hash that is stored.
pub(super) fn new_secret(prefix: &str) -> Result<(String, Vec<u8>)> {
    let mut bytes = [0u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    let secret = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = hash(&secret).to_vec();
    Ok((secret, hash))
}

/// How secrets of 256 random bits are stored: nothing slower is needed for them.
pub(super) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
