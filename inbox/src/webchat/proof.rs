//! The signature with which a page vouches for its signed-in user.

use aws_lc_rs::hmac;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use model::{Error, Result};
use serde::{Deserialize, Serialize};

use super::ChatChannel;
use crate::Inbox;

/// What a page may pass: an id with its HMAC-SHA256 in hexadecimal, or a JWT (HS256), both under the
/// channel's identity secret.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Identity {
    /// The page's own id of its user.
    pub id: Option<String>,
    pub hash: Option<String>,
    /// Claims: `sub` (the id), `exp`, and optionally `name`, `email`, `phone`.
    pub jwt: Option<String>,
}

/// What was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub external_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

/// Longest external id.
const MOST: usize = 200;

/// Checks a proof. `None`: there is none, the visitor only claims something. A proof that is there and
/// wrong is an error, never a claim.
pub(super) fn check(inbox: &Inbox, channel: &ChatChannel, identity: &Identity) -> Result<Option<Proven>> {
    if identity.hash.is_none() && identity.jwt.is_none() {
        return Ok(None);
    }
    let wrong = || Error::unauthorized("the identity's signature is not good");
    let Some(secret) = channel.identity_secret(inbox)? else {
        return Err(Error::forbidden("this web chat has no identity secret: identities cannot be verified"));
    };
    if let Some(jwt) = &identity.jwt {
        let mut rules = Validation::new(Algorithm::HS256);
        // time is checked below, by the clock that tests can move
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_required_spec_claims(&["exp", "sub"]);
        let key = DecodingKey::from_secret(secret.as_bytes());
        let claims = jsonwebtoken::decode::<Claims>(jwt, &key, &rules).map_err(|_| wrong())?.claims;
        if claims.exp <= inbox.now().timestamp() || claims.sub.is_empty() || claims.sub.len() > MOST {
            return Err(wrong());
        }
        return Ok(Some(Proven {
            external_id: claims.sub,
            name: claims.name,
            email: claims.email.map(|email| email.to_lowercase()),
            phone: claims.phone,
        }));
    }
    let (Some(id), Some(hash)) = (&identity.id, &identity.hash) else { return Err(wrong()) };
    let tag = hex::decode(hash).map_err(|_| wrong())?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    // compares in constant time
    hmac::verify(&key, id.as_bytes(), &tag).map_err(|_| wrong())?;
    if id.is_empty() || id.len() > MOST {
        return Err(wrong());
    }
    Ok(Some(Proven { external_id: id.clone(), name: None, email: None, phone: None }))
}
