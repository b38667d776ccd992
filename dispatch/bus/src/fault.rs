//! What can go wrong inside a transaction.

use model::Error;

/// Why a transaction was rolled back: the command was refused, or the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The caller's fault, or a rule of the product; shown to the caller.
    #[error(transparent)]
    Refused(#[from] Error),
    #[error("store: {0}")]
    Store(#[from] sqlx::Error),
    /// The work lost against another transaction and finds its result when it is run again.
    #[error("lost against another transaction")]
    RunAgain,
}

/// What work inside a transaction returns.
pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    /// The transaction lost against another (`serialization_failure`, `deadlock_detected`) and may
    /// simply be run again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Store(error) => lost_against_another(error),
            Self::RunAgain => true,
            Self::Refused(_) => false,
        }
    }

    /// The store could not be reached or is shutting down; the same call may work later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Refused(error) => error.code == model::ErrorCode::Unavailable,
            Self::Store(error) => store_is_down(error),
            Self::RunAgain => false,
        }
    }

    /// The name of the unique key or check that was violated.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Store(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }
}

fn lost_against_another(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("40001" | "40P01")))
}

fn store_is_down(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::Protocol(_) => true,
        // 08: connection, 57P: shutdown, 53: out of disk, memory or connections
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("08") || code.starts_with("57P") || code.starts_with("53")),
        _ => false,
    }
}

/// 22: a date, number or text that the store cannot hold. What checks let through is still the caller's value.
fn is_of_a_value(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().is_some_and(|code| code.starts_with("22")))
}

/// Whether an error says something about the store and nothing about what was asked of it: whatever failed
/// but for values that were read and could not be understood. Nothing may be given up for it.
#[must_use]
pub fn is_of_store(error: &Error) -> bool {
    use sqlx::Error as Store;
    let source = error.source.as_deref().and_then(|source| source.downcast_ref::<Store>());
    error.code == model::ErrorCode::Unavailable
        || source.is_some_and(|source| {
            !is_of_a_value(source)
                && !matches!(
                    source,
                    Store::ColumnDecode { .. } | Store::Decode(_) | Store::TypeNotFound { .. }
                )
        })
}

/// `57014`: the statement ran into the time limit of its connection.
fn took_too_long(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some("57014"))
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) => error,
            Fault::Store(error) if lost_against_another(&error) => {
                Self { source: Some(Box::new(error)), ..too_many_changes() }
            }
            Fault::Store(error) if took_too_long(&error) => Self {
                source: Some(Box::new(error)),
                ..Self::unavailable("the store took too long over this; try again, or ask for less at once")
            },
            Fault::Store(error) if store_is_down(&error) => Self {
                source: Some(Box::new(error)),
                ..Self::unavailable("the store cannot be reached at the moment; try again")
            },
            Fault::Store(error) if is_of_a_value(&error) => Self {
                source: Some(Box::new(error)),
                ..Self::bad_request("a date, number or text is outside of what can be stored")
            },
            Fault::Store(error) => Self::internal(error),
            Fault::RunAgain => too_many_changes(),
        }
    }
}

fn too_many_changes() -> Error {
    Error::unavailable("too many changes at the same moment; try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_be_understood_is_not_the_stores_fault() {
        assert!(is_of_store(&Fault::Store(sqlx::Error::PoolTimedOut).into()));
        assert!(is_of_store(&Fault::Store(sqlx::Error::RowNotFound).into()));
        assert!(!is_of_store(&Fault::Store(sqlx::Error::Decode("a word".into())).into()));
        assert!(!is_of_store(&Error::internal("the secret cannot be opened")));
        assert!(!is_of_store(&Error::not_found("channel")));
    }
}
