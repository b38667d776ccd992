//! What the store has in the end.

use sqlx::Row as _;

use super::TestHub;

/// A message as the store has it.
#[derive(Debug, Clone)]
pub struct Stored {
    pub conversation: String,
    pub customer: String,
    pub seq: i64,
    pub id: String,
    pub sender: String,
    pub text: String,
    pub status: String,
}

/// Every message, by conversation and number.
pub async fn stored(hub: &TestHub) -> Vec<Stored> {
    sqlx::query(
        "SELECT m.conversation_id::text, c.contact_identifier, m.seq, m.id::text, m.sender_type, m.message_body, m.status
         FROM messages m JOIN conversations c ON c.id = m.conversation_id ORDER BY c.created_at, c.id, m.seq",
    )
    .fetch_all(&mut hub.db().await)
    .await
    .unwrap()
    .iter()
    .map(|row| Stored {
        conversation: row.get(0),
        customer: row.get(1),
        seq: row.get(2),
        id: row.get(3),
        sender: row.get(4),
        text: row.get(5),
        status: row.get(6),
    })
    .collect()
}
