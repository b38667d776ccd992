//! Why a namespace refuses a client: the words of `connect_error`.

use model::{Error, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{entry::raw, turns::CommandError};
use crate::fields;

/// The closed list of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("unauthorized")]
    Unauthorized,
    #[error("forbidden")]
    Forbidden,
    #[error("rate_limited")]
    RateLimited,
    #[error("server_draining")]
    ServerDraining,
    #[error("origin_not_allowed")]
    OriginNotAllowed,
}

/// Reads what a client says when it connects. Whoever says it wrongly is told what, as after a command; a new token
/// would not help them.
pub fn read_auth<T: DeserializeOwned>(auth: &RawValue) -> Result<T, engine::Refusal> {
    let value = serde_json::from_str(auth.get()).unwrap_or_default();
    fields::read(value, "auth").map_err(|error| engine::Refusal {
        message: Refusal::Forbidden.to_string(),
        data: Some(raw(&CommandError::from(&error))),
    })
}

impl From<Refusal> for engine::Refusal {
    fn from(refusal: Refusal) -> Self {
        refusal.to_string().as_str().into()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error.code {
            ErrorCode::Unauthorized => Self::Unauthorized,
            ErrorCode::RateLimited => Self::RateLimited,
            ErrorCode::Unavailable | ErrorCode::Internal => {
                tracing::warn!(%error, "a socket was refused because the store could not be asked");
                // a client comes back by itself after this one
                Self::ServerDraining
            }
            _ => Self::Forbidden,
        }
    }
}
