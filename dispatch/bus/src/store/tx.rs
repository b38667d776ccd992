//! A transaction that is handed to work by value and finds its way home when it is dropped.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use parking_lot::Mutex;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::nudge::Nudge;

/// Where the store waits for the transaction to come back.
pub(super) type Home = Arc<Mutex<Option<Returned>>>;

pub(super) struct Returned {
    transaction: Transaction<'static, Postgres>,
    after_commit: Vec<Nudge>,
    spoiled: Option<&'static str>,
}

/// The work kept or spoiled its transaction; it was rolled back.
#[derive(Debug, thiserror::Error)]
#[error("the transaction cannot be committed: {0}")]
pub struct Lost(&'static str);

pub(super) fn take_home(home: &Home) -> Result<(Transaction<'static, Postgres>, Vec<Nudge>), Lost> {
    let returned = home.lock().take().ok_or(Lost("the work kept it"))?;
    match returned.spoiled {
        Some(reason) => Err(Lost(reason)),
        None => Ok((returned.transaction, returned.after_commit)),
    }
}

/// An open transaction under a scope. Derefs to the connection: `.execute(&mut **tx)`.
pub struct Tx {
    inner: Option<Transaction<'static, Postgres>>,
    home: Home,
    after_commit: Vec<Nudge>,
    spoiled: Option<&'static str>,
}

impl Tx {
    pub(super) fn new(transaction: Transaction<'static, Postgres>, home: Home) -> Self {
        Self { inner: Some(transaction), home, after_commit: Vec::new(), spoiled: None }
    }

    /// Wakes workers of this process once the transaction has committed; dropped if it does not.
    pub fn nudge_after_commit(&mut self, nudge: Nudge) {
        if !self.after_commit.contains(&nudge) {
            self.after_commit.push(nudge);
        }
    }

    /// Makes sure that this transaction is not committed: `why` goes to the log.
    pub fn spoil(&mut self, why: &'static str) {
        self.spoiled = Some(why);
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        // present from `new` to `drop`
        match &self.inner {
            Some(transaction) => transaction,
            None => unreachable!("a transaction is only taken out when it is dropped"),
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.inner {
            Some(transaction) => transaction,
            None => unreachable!("a transaction is only taken out when it is dropped"),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(transaction) = self.inner.take() {
            *self.home.lock() = Some(Returned {
                transaction,
                after_commit: std::mem::take(&mut self.after_commit),
                spoiled: self.spoiled,
            });
        }
    }
}
