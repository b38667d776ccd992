//! The beginning of a transaction, which a caller may give up at any moment.
//!
//! sqlx counts a transaction as open once the server has answered to `BEGIN`. A caller that goes away before
//! (a browser that leaves the page, a time limit) would give a connection back to the pool that is inside of a
//! transaction nobody ends: the next caller's writes would fail in it if it was begun for reading
//! (<https://github.com/transact-rs/sqlx/issues/4385>, mended after 0.9.0; decision 0032).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use sqlx::{PgPool, Postgres, SqlStr, Transaction};

type Beginning = Pin<Box<dyn Future<Output = Result<Transaction<'static, Postgres>, sqlx::Error>> + Send>>;

/// Begins a transaction. Dropped while the server is asked, it is begun in the background, and rolled back.
pub(super) async fn begin(
    pool: &PgPool,
    statement: SqlStr,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let connection = pool.acquire().await?;
    Finish(Some(Transaction::begin(connection, Some(statement)))).await
}

/// Goes on to its end when it is dropped before.
struct Finish(Option<Beginning>);

impl Future for Finish {
    type Output = Result<Transaction<'static, Postgres>, sqlx::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(beginning) = &mut self.0 else { return Poll::Pending };
        let outcome = std::task::ready!(beginning.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(outcome)
    }
}

impl Drop for Finish {
    fn drop(&mut self) {
        // without a runtime the process is at its end, and its connections with it
        if let (Some(beginning), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { drop(beginning.await) });
        }
    }
}
