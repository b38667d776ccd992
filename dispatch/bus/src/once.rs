//! Acting once on an event that may be delivered twice.

use model::{AccountId, EventId};

use crate::{Outcome, Tx};

/// Notes, in the consumer's own transaction, that `consumer` has acted on `event`. `false`: it had
/// already, and the caller does nothing. The note and the act commit together or not at all.
pub async fn once(tx: &mut Tx, consumer: &str, account: AccountId, event: EventId) -> Outcome<bool> {
    let inserted = sqlx::query!(
        "INSERT INTO consumed (consumer, event_id, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        consumer,
        event.uuid(),
        account.uuid(),
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    Ok(inserted == 1)
}

/// Whether `consumer` has acted on `event`, as far as is committed.
pub async fn acted(tx: &mut Tx, consumer: &str, event: EventId) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM consumed WHERE consumer = $1 AND event_id = $2) AS "acted!""#,
        consumer,
        event.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Forgets notes older than seven days; redelivery ends long before. Returns how many.
pub async fn expire(tx: &mut Tx) -> Outcome<u64> {
    Ok(sqlx::query!("DELETE FROM consumed WHERE at < clock_timestamp() - interval '7 days'")
        .execute(&mut **tx)
        .await?
        .rows_affected())
}
