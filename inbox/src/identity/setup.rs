//! The first run: an empty store has a one-time token, printed as an address, that makes the first
//! account and its owner.

use bus::{Scope, Task};
use model::{Error, Result};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{
    accounts::{self, Made, NewAccount},
    tokens,
    users::NewUser,
};
use crate::Inbox;

/// What the set-up page sends.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// From the address that the hub printed when it started.
    pub token: String,
    pub account_name: String,
    pub email: String,
    pub password: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("account_name", &self.account_name).finish_non_exhaustive()
    }
}

/// A new set-up token if the store holds no account; the one before it no longer works.
pub async fn begin(inbox: &Inbox) -> Result<Option<String>> {
    if !accounts::none_yet(inbox).await? {
        return Ok(None);
    }
    let (token, hash) = tokens::new_secret("ts_")?;
    let hash = hex::encode(hash);
    let hash = hash.as_str();
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            sqlx::query!("UPDATE installation SET setup_token_hash = $1", hash).execute(&mut *tx).await?;
            Ok(())
        })
        .await?;
    Ok(Some(token))
}

/// Makes the first account with its owner. The token works once, and only while there is no account.
pub async fn finish(inbox: &Inbox, setup: &Setup) -> Result<Made> {
    let refused =
        || Error::forbidden("the set-up address is wrong or was used; start the hub to get another");
    let stored = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query_scalar!("SELECT setup_token_hash FROM installation")
                .fetch_optional(&mut *tx)
                .await?)
        })
        .await?
        .flatten()
        .ok_or_else(refused)?;
    let shown = hex::encode(tokens::hash(&setup.token));
    if !bool::from(shown.as_bytes().ct_eq(stored.as_bytes())) || !accounts::none_yet(inbox).await? {
        return Err(refused());
    }
    let account = NewAccount { name: setup.account_name.clone(), ..NewAccount::default() };
    let owner = NewUser {
        email: setup.email.clone(),
        password: setup.password.clone(),
        given_name: setup.given_name.clone(),
        family_name: setup.family_name.clone(),
        phone: None,
    };
    let made = accounts::create_with_owner(inbox, &account, &owner).await?;
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            sqlx::query!("UPDATE installation SET setup_token_hash = NULL").execute(&mut *tx).await?;
            Ok(())
        })
        .await?;
    Ok(made)
}
