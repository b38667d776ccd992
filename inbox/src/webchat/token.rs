//! The short-lived token that a visitor's browser connects with.

use bus::{Scope, Task};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::{AccountId, ChannelId, ContactId, Error, Result, Time, VisitorId};
use serde::{Deserialize, Serialize};

use crate::{Inbox, Visitor};

const AUDIENCE: &str = "visitor";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: VisitorId,
    acc: AccountId,
    ch: ChannelId,
    aud: String,
    iat: i64,
    exp: i64,
}

/// A token for the visitor, and when it ends.
pub(super) fn issue(
    inbox: &Inbox,
    (account_id, channel_id, visitor_id): (AccountId, ChannelId, VisitorId),
) -> Result<(String, Time)> {
    let now = inbox.now();
    let claims = Claims {
        sub: visitor_id,
        acc: account_id,
        ch: channel_id,
        aud: AUDIENCE.to_owned(),
        iat: now.timestamp(),
        exp: (now + inbox.settings().visitor_token).timestamp(),
    };
    let key = inbox.secrets().derive("visitor-tokens");
    let token = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(key.as_slice()),
    )
    .map_err(Error::internal)?;
    Ok((token, Time::from_timestamp(claims.exp, 0).unwrap_or(now)))
}

/// The visitor behind a token, as the store knows them now; `unauthorized` for all that is not good,
/// a channel that was switched off included.
pub async fn authenticate(inbox: &Inbox, token: &str) -> Result<Visitor> {
    let wrong = || Error::unauthorized("the visitor's token is missing, wrong or no longer valid");
    let key = inbox.secrets().derive("visitor-tokens");
    let mut rules = Validation::new(Algorithm::HS256);
    // time is checked below, by the clock that tests can move
    rules.validate_exp = false;
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "sub", "aud"]);
    let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key.as_slice()), &rules)
        .map_err(|_| wrong())?
        .claims;
    let ended = Time::from_timestamp(claims.exp, 0).filter(|end| *end > inbox.now());
    let Some(expires_at) = ended else {
        return Err(Error::unauthorized("the visitor's token has expired").with("reason", "expired"));
    };
    let claims = &claims;
    let row = inbox
        .store()
        .read(Scope::System(Task::Door), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT v.contact_id, v.is_verified FROM visitors v JOIN channels c ON c.id = v.channel_id
                 WHERE v.id = $1 AND v.channel_id = $2 AND v.account_id = $3 AND c.is_enabled",
                claims.sub.uuid(),
                claims.ch.uuid(),
                claims.acc.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?)
        })
        .await?
        .ok_or_else(wrong)?;
    Ok(Visitor {
        account_id: claims.acc,
        channel_id: claims.ch,
        visitor_id: claims.sub,
        contact_id: row.contact_id.map(ContactId),
        is_verified: row.is_verified,
        expires_at,
    })
}
