//! The closed list of error codes, and the error that carries one to the caller.
//!
//! Precise errors live inside the crates; at a command's edge they become an [`Error`]. An `internal`
//! error never explains itself to the caller: its cause goes to the log.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

text_enum! {
    /// What went wrong, for programs. REST and the socket use the same list.
    pub enum ErrorCode {
        BadRequest = "bad_request",
        AccountRequired = "account_required",
        Unauthorized = "unauthorized",
        Forbidden = "forbidden",
        NotFound = "not_found",
        Conflict = "conflict",
        TooLarge = "too_large",
        BadRange = "bad_range",
        Validation = "validation_error",
        TooManyThreads = "too_many_threads",
        RateLimited = "rate_limited",
        Internal = "internal_error",
        Unavailable = "service_unavailable",
    }
}

impl ErrorCode {
    /// The HTTP status that goes with the code.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::BadRequest | Self::AccountRequired | Self::TooManyThreads => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::BadRange => 416,
            Self::Validation => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// One field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field in the body, dotted: `settings.api_base`.
    pub field: String,
    pub message: String,
}

/// An error that a caller may see.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    pub code: ErrorCode,
    pub message: String,
    /// Machine-readable facts: `errors` for refused fields, `retry_after_ms` for limits, and so on.
    pub details: Value,
    /// The cause, for the log only.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a command returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: json!({}), source: None }
    }

    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    /// Missing, or another tenant's: the two are not told apart.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("no such {what}"))
    }

    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unauthorized, message)
    }

    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    /// A unique key was taken; `field` is the one to change.
    #[must_use]
    pub fn taken(field: &str, message: impl Into<String>) -> Self {
        Self::conflict(message).with("field", field)
    }

    /// One refused field.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// A field names something that is missing, or another tenant's: the two are not told apart.
    #[must_use]
    pub fn absent(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: ErrorCode::NotFound, ..Self::invalid(field, message) }
    }

    /// Several refused fields; the message names the first.
    #[must_use]
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let message =
            errors.first().map_or_else(String::new, |first| format!("{}: {}", first.field, first.message));
        Self::new(ErrorCode::Validation, message).with("errors", errors)
    }

    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(cause.into()),
            ..Self::new(ErrorCode::Internal, "something went wrong on our side; it has been logged")
        }
    }

    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    /// Adds a fact to `details`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        if let (Value::Object(map), Ok(value)) = (&mut self.details, serde_json::to_value(value)) {
            map.insert(key.to_owned(), value);
        }
        self
    }
}

/// A word that is not on a closed list.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{word:?} is no {what}; one of {}", allowed.join(", "))]
pub struct UnknownWord {
    pub what: &'static str,
    pub word: String,
    pub allowed: &'static [&'static str],
}
