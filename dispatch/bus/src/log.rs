//! The event log: what committed, in the order of its locks.
//!
//! A row's `position` is taken by the last statement of its transaction, so for any two transactions
//! that met at a row lock the positions agree with the order of the lock. The relay turns positions
//! into the account feed's numbers; the thread's numbers are given under the conversation's lock.

use std::sync::Arc;

use model::{AccountId, Audience, ConversationId, Event, EventId, Time};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Outcome, Tx, nudge::Nudge};

/// An event that is about to be recorded.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: EventId,
    pub event: Event,
    pub audience: Audience,
    /// Its number in the conversation's thread, when it appears there.
    pub thread_seq: Option<i64>,
    pub at: Time,
    pub trace_id: Option<String>,
}

/// An event as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogEntry {
    pub id: EventId,
    pub account_id: AccountId,
    pub position: i64,
    pub feed_seq: Option<i64>,
    pub conversation_id: Option<ConversationId>,
    pub thread_seq: Option<i64>,
    pub event: Arc<Event>,
    pub audience: Arc<Audience>,
    pub at: Time,
    pub trace_id: Option<String>,
}

/// Writes the events of a transaction, in the order given. It must be the transaction's last
/// statement: later locks would not be ordered by the positions taken here.
pub async fn append(tx: &mut Tx, drafts: &[Draft]) -> Outcome<()> {
    if drafts.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = drafts.iter().map(|draft| draft.id.uuid()).collect();
    let accounts: Vec<Uuid> = drafts.iter().map(|draft| draft.event.account_id().uuid()).collect();
    let conversations: Vec<Option<Uuid>> =
        drafts.iter().map(|draft| draft.event.conversation_id().map(ConversationId::uuid)).collect();
    let threads: Vec<Option<i64>> = drafts.iter().map(|draft| draft.thread_seq).collect();
    let kinds: Vec<&str> = drafts.iter().map(|draft| draft.event.kind()).collect();
    let payloads = drafts.iter().map(|draft| text(&draft.event)).collect::<Outcome<Vec<String>>>()?;
    let audiences = drafts.iter().map(|draft| text(&draft.audience)).collect::<Outcome<Vec<String>>>()?;
    let in_feed: Vec<bool> =
        drafts.iter().map(|draft| draft.event.in_feed() && draft.audience != Audience::Thread).collect();
    let topics: Vec<String> = drafts
        .iter()
        .map(|draft| {
            let words: Vec<&str> = draft.event.topics().iter().map(|topic| topic.as_str()).collect();
            words.join(",")
        })
        .collect();
    let times: Vec<Time> = drafts.iter().map(|draft| draft.at).collect();
    let traces: Vec<Option<String>> = drafts.iter().map(|draft| draft.trace_id.clone()).collect();
    sqlx::query!(
        "INSERT INTO events (id, account_id, position, conversation_id, thread_seq, kind, payload, audience,
                             in_feed, topics, created_at, trace_id)
         SELECT id, account_id, nextval('event_position'), conversation_id, thread_seq, kind, payload::json,
                audience::json, in_feed, string_to_array(topics, ','), created_at, trace_id
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                     $8::bool[], $9::text[], $10::timestamptz[], $11::text[])
              WITH ORDINALITY AS e (id, account_id, conversation_id, thread_seq, kind, payload, audience,
                                    in_feed, topics, created_at, trace_id, n)
         ORDER BY n",
        &ids,
        &accounts,
        &conversations as &[Option<Uuid>],
        &threads as &[Option<i64>],
        &kinds as &[&str],
        &payloads,
        &audiences,
        &in_feed,
        &topics,
        &times,
        &traces as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    for draft in drafts {
        tx.nudge_after_commit(Nudge::Relay(draft.event.account_id()));
    }
    Ok(())
}

fn text(value: &impl serde::Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|error| crate::Fault::Refused(model::Error::internal(error)))
}

pub(crate) struct Row {
    pub id: Uuid,
    pub account_id: Uuid,
    pub position: i64,
    pub feed_seq: Option<i64>,
    pub conversation_id: Option<Uuid>,
    pub thread_seq: Option<i64>,
    pub payload: Json<Event>,
    pub audience: Json<Audience>,
    pub created_at: Time,
    pub trace_id: Option<String>,
}

impl From<Row> for LogEntry {
    fn from(row: Row) -> Self {
        Self {
            id: EventId(row.id),
            account_id: AccountId(row.account_id),
            position: row.position,
            feed_seq: row.feed_seq,
            conversation_id: row.conversation_id.map(ConversationId),
            thread_seq: row.thread_seq,
            event: Arc::new(row.payload.0),
            audience: Arc::new(row.audience.0),
            at: row.created_at,
            trace_id: row.trace_id,
        }
    }
}

/// The head of an account's feed: the last number given.
pub async fn feed_head(tx: &mut Tx, account: AccountId) -> Outcome<i64> {
    Ok(sqlx::query_scalar!("SELECT head FROM feeds WHERE account_id = $1", account.uuid())
        .fetch_optional(&mut **tx)
        .await?
        .unwrap_or(0))
}

/// The heads of several feeds.
pub async fn feed_heads(tx: &mut Tx, accounts: &[Uuid]) -> Outcome<Vec<(AccountId, i64)>> {
    let rows = sqlx::query!("SELECT account_id, head FROM feeds WHERE account_id = ANY ($1)", accounts)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), row.head)).collect())
}

/// Feed entries with `after < feed_seq`, in order, at most `limit`.
pub async fn feed_after(tx: &mut Tx, account: AccountId, after: i64, limit: i64) -> Outcome<Vec<LogEntry>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, account_id, position, feed_seq, conversation_id, thread_seq,
                  payload AS "payload: Json<Event>", audience AS "audience: Json<Audience>", created_at, trace_id
           FROM events WHERE account_id = $1 AND feed_seq > $2 ORDER BY feed_seq LIMIT $3"#,
        account.uuid(),
        after,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(LogEntry::from).collect())
}

/// Thread entries with `after < thread_seq`, in order, at most `limit`.
pub async fn thread_after(
    tx: &mut Tx,
    conversation: ConversationId,
    after: i64,
    limit: i64,
) -> Outcome<Vec<LogEntry>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, account_id, position, feed_seq, conversation_id, thread_seq,
                  payload AS "payload: Json<Event>", audience AS "audience: Json<Audience>", created_at, trace_id
           FROM events WHERE conversation_id = $1 AND thread_seq > $2 ORDER BY thread_seq LIMIT $3"#,
        conversation.uuid(),
        after,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(LogEntry::from).collect())
}

/// The newest changes of a conversation that its thread shows, newest first.
pub async fn changes(tx: &mut Tx, conversation: ConversationId, limit: i64) -> Outcome<Vec<LogEntry>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, account_id, position, feed_seq, conversation_id, thread_seq,
                  payload AS "payload: Json<Event>", audience AS "audience: Json<Audience>", created_at, trace_id
           FROM events
           WHERE conversation_id = $1 AND thread_seq IS NOT NULL AND kind = 'conversation_updated'
           ORDER BY thread_seq DESC LIMIT $2"#,
        conversation.uuid(),
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(LogEntry::from).collect())
}

/// One event by its id, within the transaction's scope.
pub async fn event(tx: &mut Tx, id: EventId) -> Outcome<Option<LogEntry>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, account_id, position, feed_seq, conversation_id, thread_seq,
                  payload AS "payload: Json<Event>", audience AS "audience: Json<Audience>", created_at, trace_id
           FROM events WHERE id = $1"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(LogEntry::from))
}
