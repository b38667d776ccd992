//! Ordered work: the items of a key are handled in their order, one at a time.
//!
//! Order and exclusion live in the store, whatever carries the wake-ups. Two ways to work on a key:
//! under its row lock, in the transaction that removes the items ([`lock`], for work that stays in the
//! store), or under a lease with a fencing token ([`claim`], for work that goes outside: claim, act
//! outside any transaction, then outcome and removal in one).

use std::time::Duration;

pub use model::event::BoxName;
use model::{AccountId, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Outcome, Scope, Store, Task, Tx, nudge::Nudge};

/// One key of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyRef {
    pub account_id: AccountId,
    pub key: String,
}

/// Something to put into a mailbox.
#[derive(Debug, Clone)]
pub struct NewItem {
    pub key: KeyRef,
    /// What it is about: a journal row, a message.
    pub ref_id: Uuid,
    pub payload: Option<Value>,
    /// Since when it has been there to be handled; `None`: since now. [`lock`] goes by it.
    pub since: Option<Time>,
    /// Not handled earlier; `None`: at once.
    pub not_before: Option<Time>,
}

/// An item that waits.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: i64,
    pub key: KeyRef,
    pub ref_id: Uuid,
    pub payload: Option<Value>,
    pub attempts: i32,
    pub created_at: Time,
    pub first_failed_at: Option<Time>,
    /// It no longer holds its key: later items pass it.
    pub is_aside: bool,
}

/// A key held by a lease, with its first due item.
#[derive(Debug, Clone)]
pub struct Held {
    pub item: Item,
    /// Every outcome must carry it.
    pub token: i64,
}

/// Puts items in, in the order given; one statement.
pub async fn put(tx: &mut Tx, name: BoxName, items: &[NewItem]) -> Outcome<()> {
    if items.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = items.iter().map(|item| item.key.key.as_str()).collect();
    let accounts: Vec<Uuid> = items.iter().map(|item| item.key.account_id.uuid()).collect();
    let refs: Vec<Uuid> = items.iter().map(|item| item.ref_id).collect();
    let payloads: Vec<Option<Value>> = items.iter().map(|item| item.payload.clone()).collect();
    let since: Vec<Option<Time>> = items.iter().map(|item| item.since).collect();
    let times: Vec<Option<Time>> = items.iter().map(|item| item.not_before).collect();
    sqlx::query!(
        "WITH new AS (
             SELECT * FROM unnest($2::text[], $3::uuid[], $4::uuid[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[])
                 WITH ORDINALITY AS i (key, account_id, ref_id, payload, since, not_before, n)
         ), keys AS (
             INSERT INTO mailbox_keys (box, key, account_id) SELECT DISTINCT $1, key, account_id FROM new
             ON CONFLICT DO NOTHING
         )
         INSERT INTO mailbox_items (box, key, account_id, ref_id, payload, created_at, not_before)
         SELECT $1, key, account_id, ref_id, payload, coalesce(since, clock_timestamp()),
                coalesce(not_before, clock_timestamp())
         FROM new ORDER BY n",
        name.as_str(),
        &keys as &[&str],
        &accounts,
        &refs,
        &payloads as &[Option<Value>],
        &since as &[Option<Time>],
        &times as &[Option<Time>],
    )
    .execute(&mut **tx)
    .await?;
    for item in items {
        tx.nudge_after_commit(Nudge::Mailbox(name, item.key.clone()));
    }
    Ok(())
}

/// Locks these keys for the rest of the transaction and returns their due items in the order in which they
/// have been there ([`NewItem::since`], then as they were put in), at most `per_key` of each; keys that
/// another transaction holds are left out. The lock is its own statement:
/// the items are read afterwards, so nothing that committed before the lock is missed.
pub async fn lock(tx: &mut Tx, name: BoxName, keys: &[KeyRef], per_key: i64) -> Outcome<Vec<Item>> {
    let mut wanted: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    wanted.sort_unstable();
    let held = sqlx::query_scalar!(
        "SELECT key FROM mailbox_keys
         WHERE box = $1 AND key = ANY ($2) AND (leased_until IS NULL OR leased_until < clock_timestamp())
         ORDER BY key FOR UPDATE SKIP LOCKED",
        name.as_str(),
        &wanted as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    // an item that waits for its retry holds the later ones of its key back
    let rows = sqlx::query!(
        r#"SELECT i.id, i.key, i.account_id, i.ref_id, i.payload, i.attempts, i.created_at, i.first_failed_at,
                  i.is_aside
           FROM unnest($2::text[]) AS k (key)
           CROSS JOIN LATERAL (
               SELECT * FROM mailbox_items m WHERE m.box = $1 AND m.key = k.key AND m.parked_at IS NULL
               ORDER BY m.created_at, m.id LIMIT $3
           ) i
           WHERE NOT EXISTS (
               SELECT 1 FROM mailbox_items b
               WHERE b.box = $1 AND b.key = k.key AND b.parked_at IS NULL
                 AND (b.created_at, b.id) <= (i.created_at, i.id) AND b.not_before > clock_timestamp())
           ORDER BY i.created_at, i.id"#,
        name.as_str(),
        &held,
        per_key,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Item {
            id: row.id,
            key: KeyRef { account_id: AccountId(row.account_id), key: row.key },
            ref_id: row.ref_id,
            payload: row.payload,
            attempts: row.attempts,
            created_at: row.created_at,
            first_failed_at: row.first_failed_at,
            is_aside: row.is_aside,
        })
        .collect())
}

/// Holds these keys by a lease and returns the first due item of each. Keys that are held, or have
/// nothing due, are left out. An item that stands aside is due by its own time; any other only when it
/// is the first that does not.
pub async fn claim(tx: &mut Tx, name: BoxName, keys: &[KeyRef], lease: Duration) -> Outcome<Vec<Held>> {
    let mut wanted: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rows = sqlx::query!(
        r#"WITH free AS (
               SELECT k.key FROM mailbox_keys k
               WHERE k.box = $1 AND k.key = ANY ($2)
                 AND (k.leased_until IS NULL OR k.leased_until < clock_timestamp())
               ORDER BY k.key FOR UPDATE SKIP LOCKED
           ), next AS (
               SELECT i.* FROM free CROSS JOIN LATERAL (
                   SELECT m.* FROM mailbox_items m
                   WHERE m.box = $1 AND m.key = free.key AND m.parked_at IS NULL
                     AND m.not_before <= clock_timestamp()
                     AND (m.is_aside OR NOT EXISTS (
                         SELECT 1 FROM mailbox_items e
                         WHERE e.box = $1 AND e.key = free.key AND e.parked_at IS NULL
                           AND NOT e.is_aside AND e.id < m.id))
                   ORDER BY m.is_aside, m.id LIMIT 1
               ) i
           ), held AS (
               UPDATE mailbox_keys k SET token = k.token + 1,
                      leased_until = clock_timestamp() + make_interval(secs => $3)
               FROM next WHERE k.box = $1 AND k.key = next.key
               RETURNING k.key, k.token
           )
           SELECT next.id, next.key, next.account_id, next.ref_id, next.payload, next.attempts, next.created_at,
                  next.first_failed_at, next.is_aside, held.token
           FROM next JOIN held USING (key) ORDER BY next.id"#,
        name.as_str(),
        &wanted as &[&str],
        lease.as_secs_f64(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Held {
            token: row.token,
            item: Item {
                id: row.id,
                key: KeyRef { account_id: AccountId(row.account_id), key: row.key },
                ref_id: row.ref_id,
                payload: row.payload,
                attempts: row.attempts,
                created_at: row.created_at,
                first_failed_at: row.first_failed_at,
                is_aside: row.is_aside,
            },
        })
        .collect())
}

/// Whether `token` still holds the key; locks it. A `false` means: your lease passed to another, so
/// write nothing but evidence.
pub async fn still_held(tx: &mut Tx, name: BoxName, held: &Held) -> Outcome<bool> {
    let token = sqlx::query_scalar!(
        "SELECT token FROM mailbox_keys WHERE box = $1 AND key = $2 FOR UPDATE",
        name.as_str(),
        held.item.key.key,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(token == Some(held.token))
}

/// Gives the key back, after its item was removed, put off or parked. Wakes whoever works on the box
/// if it has more.
pub async fn release(tx: &mut Tx, name: BoxName, held: &Held) -> Outcome<()> {
    let released = sqlx::query!(
        "UPDATE mailbox_keys SET leased_until = NULL WHERE box = $1 AND key = $2 AND token = $3",
        name.as_str(),
        held.item.key.key,
        held.token,
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if released > 0 {
        tx.nudge_after_commit(Nudge::Mailbox(name, held.item.key.clone()));
    }
    Ok(())
}

/// Removes handled items.
pub async fn remove(tx: &mut Tx, ids: &[i64]) -> Outcome<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!("DELETE FROM mailbox_items WHERE id = ANY ($1)", ids).execute(&mut **tx).await?;
    Ok(())
}

/// Puts an item off by `after`. `counts`: it was a failed attempt, not a throttled one. Once it has
/// failed for longer than `holds`, it steps aside and later items of its key pass.
pub async fn put_off(
    tx: &mut Tx,
    id: i64,
    after: Duration,
    counts: bool,
    holds: Duration,
    reason: &str,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE mailbox_items SET not_before = clock_timestamp() + make_interval(secs => $2),
                attempts = attempts + $3::bool::int, reason = $5,
                first_failed_at = coalesce(first_failed_at, clock_timestamp()),
                is_aside = is_aside OR coalesce(first_failed_at, clock_timestamp())
                    < clock_timestamp() - make_interval(secs => $4)
         WHERE id = $1",
        id,
        after.as_secs_f64(),
        counts,
        holds.as_secs_f64(),
        reason,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes an item out of its key's way for good; it waits for a person.
pub async fn park(tx: &mut Tx, id: i64, reason: &str) -> Outcome<()> {
    sqlx::query!(
        "UPDATE mailbox_items SET parked_at = clock_timestamp(), reason = $2 WHERE id = $1",
        id,
        reason
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keys with something due that nobody holds: what nudges did not tell of.
pub async fn due(store: &Store, name: BoxName, limit: i64) -> Outcome<Vec<KeyRef>> {
    store
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let rows = sqlx::query!(
                "SELECT DISTINCT i.key, i.account_id FROM mailbox_items i
                 JOIN mailbox_keys k ON k.box = i.box AND k.key = i.key
                 WHERE i.box = $1 AND i.parked_at IS NULL AND i.not_before <= clock_timestamp()
                   AND (k.leased_until IS NULL OR k.leased_until < clock_timestamp())
                 LIMIT $2",
                name.as_str(),
                limit,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| KeyRef { account_id: AccountId(row.account_id), key: row.key })
                .collect())
        })
        .await
}

/// How many items wait, and since when the oldest does; for metrics.
pub async fn depth(store: &Store, name: BoxName) -> Outcome<(i64, Option<Time>)> {
    store
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let row = sqlx::query!(
                r#"SELECT count(*) AS "count!", min(created_at) AS oldest FROM mailbox_items
                   WHERE box = $1 AND parked_at IS NULL"#,
                name.as_str()
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok((row.count, row.oldest))
        })
        .await
}

/// An item that waits for a person.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ParkedItem {
    pub id: i64,
    #[serde(rename = "box")]
    pub box_name: String,
    pub key: String,
    pub account_id: AccountId,
    pub ref_id: Uuid,
    pub attempts: i32,
    pub reason: String,
    pub parked_at: Time,
}

/// Parked items, newest first.
pub async fn parked(store: &Store, limit: i64) -> Outcome<Vec<ParkedItem>> {
    store
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let rows = sqlx::query!(
                r#"SELECT id, box, key, account_id, ref_id, attempts, coalesce(reason, '') AS "reason!",
                          parked_at AS "parked_at!"
                   FROM mailbox_items WHERE parked_at IS NOT NULL ORDER BY parked_at DESC LIMIT $1"#,
                limit
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| ParkedItem {
                    id: row.id,
                    box_name: row.r#box,
                    key: row.key,
                    account_id: AccountId(row.account_id),
                    ref_id: row.ref_id,
                    attempts: row.attempts,
                    reason: row.reason,
                    parked_at: row.parked_at,
                })
                .collect())
        })
        .await
}

/// Puts parked items back; all when `ids` is empty. Returns how many.
pub async fn requeue(store: &Store, ids: &[i64]) -> Outcome<u64> {
    store
        .write(Scope::System(Task::Mailbox), |mut tx| async move {
            let rows = sqlx::query!(
                "UPDATE mailbox_items SET parked_at = NULL, attempts = 0, first_failed_at = NULL,
                        is_aside = false, not_before = clock_timestamp()
                 WHERE parked_at IS NOT NULL AND (cardinality($1::bigint[]) = 0 OR id = ANY ($1))
                 RETURNING box, key, account_id",
                ids
            )
            .fetch_all(&mut *tx)
            .await?;
            for row in &rows {
                if let Ok(name) = row.r#box.parse::<BoxName>() {
                    let key = KeyRef { account_id: AccountId(row.account_id), key: row.key.clone() };
                    tx.nudge_after_commit(Nudge::Mailbox(name, key));
                }
            }
            Ok(rows.len() as u64)
        })
        .await
}

/// Forgets keys without items, so that the table does not grow with every sender ever seen. Returns
/// how many.
pub async fn sweep(store: &Store) -> Outcome<u64> {
    store
        .write(Scope::System(Task::Mailbox), |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM mailbox_keys WHERE (box, key) IN (
                     SELECT box, key FROM mailbox_keys k
                     WHERE (leased_until IS NULL OR leased_until < clock_timestamp() - interval '1 hour')
                       AND NOT EXISTS (SELECT 1 FROM mailbox_items i WHERE i.box = k.box AND i.key = k.key)
                     LIMIT 5000 FOR UPDATE SKIP LOCKED)"
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            // an item that was being put in while its key was swept away gets the key back
            sqlx::query!(
                "INSERT INTO mailbox_keys (box, key, account_id)
                 SELECT DISTINCT i.box, i.key, i.account_id FROM mailbox_items i
                 WHERE NOT EXISTS (SELECT 1 FROM mailbox_keys k WHERE k.box = i.box AND k.key = i.key)
                 ON CONFLICT DO NOTHING"
            )
            .execute(&mut *tx)
            .await?;
            Ok(gone)
        })
        .await
}

/// As [`still_held`], for many; locks the keys in order and returns the item ids whose lease still holds.
pub async fn still_held_many(tx: &mut Tx, name: BoxName, held: &[&Held]) -> Outcome<Vec<i64>> {
    let keys: Vec<&str> = held.iter().map(|held| held.item.key.key.as_str()).collect();
    let tokens = sqlx::query!(
        "SELECT key, token FROM mailbox_keys WHERE box = $1 AND key = ANY ($2) ORDER BY key FOR UPDATE",
        name.as_str(),
        &keys as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    let holds =
        |held: &Held| tokens.iter().any(|row| row.token == held.token && row.key == held.item.key.key);
    Ok(held.iter().filter(|held| holds(held)).map(|held| held.item.id).collect())
}

/// As [`release`], for many.
pub async fn release_many(tx: &mut Tx, name: BoxName, held: &[&Held]) -> Outcome<()> {
    if held.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = held.iter().map(|held| held.item.key.key.as_str()).collect();
    let tokens: Vec<i64> = held.iter().map(|held| held.token).collect();
    let released = sqlx::query!(
        "UPDATE mailbox_keys k SET leased_until = NULL
         FROM unnest($2::text[], $3::bigint[]) AS h (key, token)
         WHERE k.box = $1 AND k.key = h.key AND k.token = h.token
         RETURNING k.key, k.account_id",
        name.as_str(),
        &keys as &[&str],
        &tokens,
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in released {
        let key = KeyRef { account_id: AccountId(row.account_id), key: row.key };
        tx.nudge_after_commit(Nudge::Mailbox(name, key));
    }
    Ok(())
}

/// An item that is handled later.
#[derive(Debug, Clone)]
pub struct PutOff {
    pub id: i64,
    pub after: Duration,
    /// It was a failed attempt. One that was throttled is not, and does not start the time after which an
    /// item steps aside.
    pub counts: bool,
    /// It steps aside at once: later items of its key pass.
    pub aside: bool,
    pub reason: String,
}

/// As [`put_off`], for many. An item whose failures go on for longer than `holds` steps aside.
pub async fn put_off_many(tx: &mut Tx, items: &[PutOff], holds: Duration) -> Outcome<()> {
    if items.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let seconds: Vec<f64> = items.iter().map(|item| item.after.as_secs_f64()).collect();
    let counts: Vec<bool> = items.iter().map(|item| item.counts).collect();
    let aside: Vec<bool> = items.iter().map(|item| item.aside).collect();
    let reasons: Vec<&str> = items.iter().map(|item| item.reason.as_str()).collect();
    sqlx::query!(
        "UPDATE mailbox_items m SET not_before = clock_timestamp() + make_interval(secs => p.seconds),
                attempts = m.attempts + p.counts::int, reason = p.reason,
                first_failed_at = CASE WHEN p.counts THEN coalesce(m.first_failed_at, clock_timestamp())
                                       ELSE m.first_failed_at END,
                is_aside = m.is_aside OR p.aside
                    OR coalesce(m.first_failed_at < clock_timestamp() - make_interval(secs => $6), false)
         FROM unnest($1::bigint[], $2::float8[], $3::bool[], $4::bool[], $5::text[])
              AS p (id, seconds, counts, aside, reason)
         WHERE m.id = p.id",
        &ids,
        &seconds,
        &counts,
        &aside,
        &reasons as &[&str],
        holds.as_secs_f64(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
