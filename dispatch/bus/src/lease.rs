//! Exclusive roles among nodes: who polls a channel, who runs the timers. By the database's clock
//! alone, so a node with a wrong clock cannot hold on to anything.

use std::time::Duration;

use model::NodeId;

use crate::{Outcome, Scope, Store, Task};

/// A role held until its time is up. Every outcome written under it must carry `token`: a holder that
/// was asleep past its time is told apart from its successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    pub token: i64,
}

/// Takes the lease, or keeps it when `holder` has it already. `None`: another node has it.
pub async fn take(store: &Store, name: &str, holder: NodeId, length: Duration) -> Outcome<Option<Lease>> {
    let seconds = length.as_secs_f64();
    store
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            // the token rises whenever the holder changes or returned too late
            let token = sqlx::query_scalar!(
                "INSERT INTO leases AS l (name, holder, token, until)
                 VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
                 ON CONFLICT (name) DO UPDATE SET
                     holder = excluded.holder,
                     token = l.token + (l.holder <> excluded.holder OR l.until < clock_timestamp())::int,
                     until = excluded.until
                 WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
                 RETURNING token",
                name,
                holder.uuid(),
                seconds,
            )
            .fetch_optional(&mut *tx)
            .await?;
            Ok(token.map(|token| Lease { name: name.to_owned(), token }))
        })
        .await
}

/// Gives the lease back early, so that another node need not wait.
pub async fn release(store: &Store, lease: &Lease, holder: NodeId) -> Outcome<()> {
    store
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            sqlx::query!(
                "UPDATE leases SET until = clock_timestamp() - interval '1 second'
                 WHERE name = $1 AND holder = $2 AND token = $3",
                lease.name,
                holder.uuid(),
                lease.token,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
}
