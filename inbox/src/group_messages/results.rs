//! What became of each recipient: as a list, and as a CSV file in pieces.

use bus::Outcome;
use chrono::{DateTime, Utc};
use model::{
    AccountId, ChannelId, ContactId, GroupMessageId, MessageId, Permission, PersonId, Result,
    group_message::RecipientState,
};
use serde::Serialize;
use uuid::Uuid;

use super::entity;
use crate::{
    Inbox, Member,
    list::{self, Entity, Field, Kind, Listing, Order, Params, Plan, ops},
};

/// A recipient of a group message.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct RecipientView {
    /// The message's id, once there is one.
    pub id: MessageId,
    pub group_message_id: GroupMessageId,
    pub contact_id: Option<ContactId>,
    pub person_id: Option<PersonId>,
    pub name: Option<String>,
    pub channel_id: Option<ChannelId>,
    pub address: Option<String>,
    pub state: RecipientState,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
    /// What the provider said.
    pub error: Option<String>,
    pub attempts: i32,
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

const FROM: &str = "group_message_recipients r
    LEFT JOIN messages m ON m.id = r.id AND r.has_message
    LEFT JOIN contacts c ON c.id = r.contact_id LEFT JOIN persons p ON p.id = r.person_id";

pub static ENTITY: Entity = Entity {
    what: "recipient",
    select: "SELECT r.id, r.group_message_id, r.contact_id, r.person_id, coalesce(p.name, c.name) AS name,
                    r.channel_id, r.address, r.state, r.reason, m.error_details ->> 'message' AS error,
                    coalesce(m.attempts, 0) AS attempts, m.sent_at, m.delivered_at, m.read_at, r.updated_at",
    from: FROM,
    account: "r.account_id",
    id: "r.id",
    fields: &[
        Field::new("id", "r.id", Kind::Id, ops::EQ_IN),
        Field::new("state", "r.state", Kind::Word(list::word::<RecipientState>), ops::EQ_IN),
        Field::new("reason", "r.reason", Kind::Text, ops::TEXT),
        Field::new("contact_id", "r.contact_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("channel_id", "r.channel_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("address", "r.address", Kind::Text, ops::TEXT),
        Field::new("number", "r.number", Kind::Number, ops::NUMBER).sortable(),
        Field::new("updated_at", "r.updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("number", Order::Asc)],
    extra: &[],
};

pub async fn list(
    inbox: &Inbox,
    member: &Member,
    id: GroupMessageId,
    params: &Params,
) -> Result<Listing<RecipientView>> {
    member.require(Permission::MessagesView)?;
    let _ = entity::get(inbox, member, id).await?;
    let plan = &Plan::new(&ENTITY, params, member.user_id())?;
    let account = member.account_id();
    let listing = inbox
        .store()
        .read(account, |mut tx| async move {
            list::page(&mut tx, plan, &[account], |sql| {
                sql.push(" AND r.group_message_id = ").push_bind(id.uuid());
            })
            .await
        })
        .await?;
    Ok(listing)
}

/// Rows of one piece.
const PIECE: i64 = 2000;
/// The first line of the file.
pub const HEADER: &str = "name,address,state,reason,error,attempts,sent_at,delivered_at,read_at,contact_id,person_id,\
                          channel_id,message_id\r\n";

/// The next lines of the file, and where to go on; `None`: that was the end.
pub async fn csv(
    inbox: &Inbox,
    account: AccountId,
    id: GroupMessageId,
    after: i64,
) -> Outcome<(String, Option<i64>)> {
    inbox
        .store()
        .read(account, |mut tx| async move {
            let rows = sqlx::query!(
                r#"SELECT r.number, r.id, r.contact_id, r.person_id, coalesce(p.name, c.name) AS name, r.channel_id,
                          r.address, r.state, r.reason, m.error_details ->> 'message' AS error, m.attempts AS "attempts?",
                          m.sent_at AS "sent_at?", m.delivered_at AS "delivered_at?", m.read_at AS "read_at?"
                   FROM group_message_recipients r
                   LEFT JOIN messages m ON m.id = r.id AND r.has_message
                   LEFT JOIN contacts c ON c.id = r.contact_id LEFT JOIN persons p ON p.id = r.person_id
                   WHERE r.group_message_id = $1 AND r.account_id = $2 AND r.number > $3
                   ORDER BY r.number LIMIT $4"#,
                id.uuid(),
                account.uuid(),
                after,
                PIECE,
            )
            .fetch_all(&mut *tx)
            .await?;
            let next = rows.last().filter(|_| rows.len() as i64 == PIECE).map(|row| row.number);
            let mut text = String::with_capacity(rows.len() * 160);
            let time = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
            let uuid = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
            for row in rows {
                let cells = [
                    row.name.unwrap_or_default(),
                    row.address.unwrap_or_default(),
                    row.state,
                    row.reason.unwrap_or_default(),
                    row.error.unwrap_or_default(),
                    row.attempts.unwrap_or_default().to_string(),
                    time(row.sent_at),
                    time(row.delivered_at),
                    time(row.read_at),
                    uuid(row.contact_id),
                    uuid(row.person_id),
                    uuid(row.channel_id),
                    row.id.to_string(),
                ];
                crate::csv::line(&mut text, &cells);
            }
            Ok((text, next))
        })
        .await
}
