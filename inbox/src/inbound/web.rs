//! A visitor's message as an inbound item: the web chat needs no journal, its acknowledgement is the
//! commit.

use bus::{Outcome, Tx};
use model::{Attachment, ChannelType, Error, MessageId, Time};
use serde_json::json;

use super::{InboundItem, InboundKind, receive::Received};
use crate::{
    Visitor, conversations,
    messages::{VisitorMessage, load},
};

/// The item that a visitor's message is. Its thread is the visitor's own.
pub(crate) async fn item_of_visitor(
    tx: &mut Tx,
    visitor: &Visitor,
    new: &VisitorMessage,
    attachments: Vec<Attachment>,
    now: Time,
) -> Outcome<InboundItem> {
    let row = sqlx::query!(
        "SELECT v.name, v.locale, c.is_enabled FROM visitors v JOIN channels c ON c.id = v.channel_id
         WHERE v.id = $1 AND v.channel_id = $2 AND v.account_id = $3",
        visitor.visitor_id().uuid(),
        visitor.channel_id().uuid(),
        visitor.account_id().uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::unauthorized("this visitor is unknown: start a new session"))?;
    if !row.is_enabled {
        return Err(Error::forbidden("this web chat is switched off").into());
    }
    let reply_to = match new.reply_to {
        // the id is ours, not a provider's: it must be of this visitor's thread
        Some(id) => conversations::visitor::owns_message(tx, visitor, id).await?.then_some(id),
        None => None,
    };
    Ok(InboundItem {
        kind: InboundKind::Message,
        channel_id: visitor.channel_id(),
        channel_type: ChannelType::Webchat,
        external_id: external_id_of_visitor(visitor, new),
        aliases: Vec::new(),
        sender: visitor.visitor_id().to_string(),
        thread_key: visitor.visitor_id().to_string(),
        display_name: row.name,
        text: new.content.clone(),
        attachments,
        reply_to_external_id: None,
        at: now,
        metadata: json!({"client_message_id": new.client_message_id, "reply_to": reply_to}),
        language_hint: row.locale,
        references: Vec::new(),
        trace_id: None,
    })
}

/// Under which id a visitor's message is known; the visitor's own id keeps one visitor's keys from meeting
/// another's.
pub(crate) fn external_id_of_visitor(visitor: &Visitor, new: &VisitorMessage) -> String {
    format!("{}:{}", visitor.visitor_id(), new.client_message_id)
}

/// What a message that was received before became the first time.
pub(crate) async fn received_before(
    tx: &mut Tx,
    visitor: &Visitor,
    external_id: &str,
) -> Outcome<Option<Received>> {
    let id = sqlx::query_scalar!(
        "SELECT message_id FROM provider_ids
         WHERE channel_id = $1 AND direction = 'inbound' AND provider_message_id = $2",
        visitor.channel_id().uuid(),
        external_id,
    )
    .fetch_optional(&mut **tx)
    .await?
    .flatten();
    let Some(id) = id else { return Ok(None) };
    let message = load(tx, MessageId(id)).await?;
    let message = message.ok_or_else(|| Error::not_found("message"))?;
    let conversation = match message.conversation_id {
        Some(id) => conversations::lock(tx, &[id]).await?.pop(),
        None => None,
    };
    let conversation = conversation.ok_or_else(|| Error::not_found("conversation"))?;
    let mut view = conversation.view();
    view.version = conversation.version;
    Ok(Some((message, view)))
}
