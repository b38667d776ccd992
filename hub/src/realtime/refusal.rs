//! Why a namespace refuses a client: the words of `connect_error`.

use model::{Error, ErrorCode};

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
