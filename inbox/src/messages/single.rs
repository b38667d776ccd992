//! A single message by REST: to an address, by a template or as text. It joins the live conversation of
//! that address; where there is none it starts a resolved one, which the customer's answer reopens.

use bus::Outcome;
use model::{
    Attachment, ChannelId, ChannelType, ContactId, ConversationStatus, Direction, Error, Event, MessageId,
    MessageStatus, Permission, Result, SenderType, TemplateId,
    template::FallbackStrategy,
    view::{ContactBrief, MessageView, preview},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    again::{queue_reply, set_due_timer},
    attachments::{AttachmentInput, attachments, content_type},
    carriage::Carrier,
    entity::{NewMessage, insert, load},
    send::first_result,
};
use crate::{
    Inbox, Member, Unit, check,
    conversations::{self, Conversation},
    inbound, sending_limits,
    templates::{Rendered, Template},
    variables,
};

/// A message to one address.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSingle {
    /// Repeating one returns the first result.
    #[serde(default)]
    pub client_message_id: Option<uuid::Uuid>,
    pub channel_id: ChannelId,
    #[serde(default)]
    pub delivery_address: Option<String>,
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    #[serde(default, alias = "content")]
    pub message_body: Option<String>,
    #[serde(default)]
    pub template_id: Option<TemplateId>,
    #[serde(default)]
    pub custom_values: Map<String, Value>,
    #[serde(default)]
    pub attachments: Vec<AttachmentInput>,
    #[serde(default)]
    pub scheduled_at: Option<chrono::DateTime<chrono::Utc>>,
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
}

/// Sends it; rendered now, with its raw text kept in `original_template`.
pub async fn create_single(inbox: &Inbox, member: &Member, new: NewSingle) -> Result<MessageView> {
    member.require(Permission::MessagesSend)?;
    if new.message_body.is_some() == new.template_id.is_some() {
        return Err(Error::invalid("message_body", "give either message_body or template_id"));
    }
    let new = &new;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let view = in_unit(inbox, &mut unit, member, new).await?;
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// Writes it in a transaction that already runs.
pub(crate) async fn in_unit(
    inbox: &Inbox,
    unit: &mut Unit,
    member: &Member,
    new: &NewSingle,
) -> Outcome<MessageView> {
    let mut message =
        NewMessage::new(member.account_id(), Direction::Outbound, SenderType::Agent, unit.now());
    if let Some(first) = first_result(unit.tx(), member, new.client_message_id, message.view.id).await? {
        return Ok(first);
    }
    let carrier = Carrier::load(unit.tx(), member.account_id(), new.channel_id)
        .await?
        .ok_or_else(|| Error::absent("channel_id", "no such channel in this account"))?;
    let channel_type = carrier.channel_type;
    if !carrier.is_enabled {
        return Err(Error::conflict("this channel is switched off").into());
    }
    let now = unit.now();
    sending_limits::take(unit.tx(), member.account_id(), now).await?;
    let (contact, address) = recipient(unit, member, new, channel_type).await?;
    let mut conversation = thread(unit, member, (new.channel_id, channel_type), contact, &address).await?;
    let written = text(unit, member, new, &conversation, channel_type).await?;

    message.view.client_message_id = new.client_message_id;
    message.view.conversation_id = Some(conversation.id);
    message.view.channel_id = Some(new.channel_id);
    message.view.contact_id = Some(conversation.contact.id);
    message.view.sender_id = Some(member.user_id().uuid());
    message.view.sender_name = Some(member.name().to_owned());
    message.view.sender_avatar_url = member.avatar_url.clone();
    message.view.delivery_address = address;
    message.view.template_id = written.template_id;
    message.view.original_template = written.original;
    if let Some(metadata) = &new.metadata {
        message.view.metadata = Value::Object(metadata.clone());
    }
    message.view.attachments = attachments(
        inbox,
        unit.tx(),
        member.account_id(),
        Some(member.user_id().uuid()),
        message.view.id,
        &new.attachments,
    )
    .await?;
    if message.view.attachments.is_empty() {
        message.view.attachments = written.attachments;
    }
    let from = new.scheduled_at.filter(|at| *at > now).unwrap_or(now);
    let to = &message.view.delivery_address;
    carrier.mark(inbox, to, from, &mut message.view.attachments)?;
    message.view.content_type = content_type(None, &message.view.attachments);
    message.set_body(written.body);
    let view = put(unit, &mut conversation, message, new).await?;
    conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
    Ok(view)
}

/// A text that is ready to be sent, and where it comes from.
struct Written {
    body: String,
    /// The raw text, if something was filled in.
    original: Option<String>,
    template_id: Option<TemplateId>,
    /// The template's, captions filled in.
    attachments: Vec<Attachment>,
}

/// Writes the message, its dispatch item or its timer, and its event.
async fn put(
    unit: &mut Unit,
    conversation: &mut Conversation,
    mut message: NewMessage,
    new: &NewSingle,
) -> Outcome<MessageView> {
    let now = unit.now();
    if let Some(at) = check::due("scheduled_at", new.scheduled_at, now)? {
        message.view.status = MessageStatus::Scheduled;
        message.view.scheduled_at = Some(at);
        set_due_timer(unit.tx(), &message.view, at).await?;
    } else if conversation.channel_type == ChannelType::Webchat {
        message.view.status = MessageStatus::Sent;
        message.view.sent_at = Some(now);
    } else {
        queue_reply(unit.tx(), conversation.account_id, conversation.id, message.view.id).await?;
    }
    if message.view.status != MessageStatus::Scheduled {
        conversation.last_message_at = Some(now);
        conversation.last_message_preview =
            Some(preview(&message.view.message_body, &message.view.attachments));
        conversation.last_sender_type = Some(SenderType::Agent);
    }
    let seq = conversation.next_seq();
    message.view.seq = Some(seq);
    conversation.updated_at = now;
    insert(unit.tx(), std::slice::from_ref(&message)).await?;
    unit.record_in_thread(
        Event::MessageCreated { message: message.view.clone(), conversation: conversation.view() },
        conversation.audience(),
        seq,
    );
    Ok(message.view)
}

/// The contact and the address: from what was given, in either direction.
async fn recipient(
    unit: &mut Unit,
    member: &Member,
    new: &NewSingle,
    channel_type: ChannelType,
) -> Outcome<(ContactBrief, String)> {
    let given = new.delivery_address.as_deref().map(str::trim).filter(|address| !address.is_empty());
    if given.is_some_and(|address| address.chars().count() > 255) {
        return Err(Error::invalid("delivery_address", "at most 255 characters").into());
    }
    match (new.contact_id, given) {
        (Some(contact), given) => {
            let contact = conversations::contact(unit.tx(), member, contact).await?;
            let address = match given {
                Some(address) => address.to_owned(),
                None => conversations::address_of(unit.tx(), &contact, channel_type).await?,
            };
            Ok((contact, address))
        }
        (None, Some(address)) => {
            let now = unit.now();
            let contact = inbound::contact_of_address(
                unit.tx(),
                member.account_id(),
                channel_type,
                new.channel_id,
                address,
                now,
            )
            .await?;
            Ok((contact, address.to_owned()))
        }
        (None, None) => Err(Error::invalid("delivery_address", "give delivery_address or contact_id").into()),
    }
}

async fn thread(
    unit: &mut Unit,
    member: &Member,
    channel: (ChannelId, ChannelType),
    contact: ContactBrief,
    address: &str,
) -> Outcome<Conversation> {
    let found = conversations::find_live(unit.tx(), &[(channel.0, address.to_owned())]).await?;
    let ids: Vec<_> = found.into_iter().map(|(_, _, id)| id).collect();
    let live = conversations::lock(unit.tx(), &ids).await?.pop();
    if let Some(conversation) = live.filter(|live| live.status != ConversationStatus::Closed) {
        return Ok(conversation);
    }
    let now = unit.now();
    let mut conversation = Conversation::open(
        member.account_id(),
        channel,
        contact,
        address.to_owned(),
        address.to_owned(),
        now,
    );
    conversation.move_to(ConversationStatus::Resolved, now)?;
    unit.record(Event::ConversationCreated { conversation: conversation.view() }, conversation.audience());
    Ok(conversation)
}

async fn text(
    unit: &mut Unit,
    member: &Member,
    new: &NewSingle,
    conversation: &Conversation,
    channel_type: ChannelType,
) -> Outcome<Written> {
    let now = unit.now();
    let (raw, fallback, defaults, template_id, files) = match new.template_id {
        Some(id) => {
            let row = sqlx::query!(
                r#"SELECT body, channel_type AS "channel_type: ChannelType",
                          fallback_strategy AS "fallback: FallbackStrategy", default_values, is_active, attachments
                   FROM templates WHERE id = $1 AND account_id = $2"#,
                id.uuid(),
                member.account_id().uuid(),
            )
            .fetch_optional(&mut **unit.tx())
            .await?
            .ok_or_else(|| Error::absent("template_id", "no such template in this account"))?;
            if !row.is_active {
                return Err(Error::invalid("template_id", "this template is not active").into());
            }
            if row.channel_type.is_some_and(|only| only != channel_type) {
                return Err(Error::invalid("template_id", "this template is for another channel type").into());
            }
            let defaults = match row.default_values {
                Value::Object(map) => map,
                _ => Map::new(),
            };
            let files: Vec<Attachment> = serde_json::from_value(row.attachments).map_err(Error::internal)?;
            (row.body, row.fallback, defaults, Some(id), files)
        }
        None => {
            let body = new.message_body.clone().unwrap_or_default();
            (body, FallbackStrategy::KeepPlaceholder, Map::new(), None, Vec::new())
        }
    };
    if raw.trim().is_empty() && new.attachments.is_empty() && files.is_empty() {
        return Err(Error::invalid("message_body", "say something or attach a file").into());
    }
    let template = match Template::parse(&raw) {
        Ok(template) => template,
        // text that a person typed is sent as it stands
        Err(_) if template_id.is_none() => {
            return Ok(Written { body: raw, original: None, template_id: None, attachments: Vec::new() });
        }
        Err(error) => return Err(error.into_refusal("template_id").into()),
    };
    if template.variables().is_empty() && files.iter().all(|file| file.caption.is_none()) {
        return Ok(Written { body: raw, original: None, template_id, attachments: files });
    }
    let values = variables::of_contact(
        unit.tx(),
        member.account_id(),
        Some(conversation.contact.id),
        Some((member.name(), member.email())),
        new.custom_values.clone(),
        now,
    )
    .await?;
    match template.render(&values, fallback, &defaults) {
        Rendered::Text { body, .. } => {
            let attachments = files
                .into_iter()
                .map(|file| {
                    let caption =
                        file.caption.as_deref().map(|text| caption(text, &values, fallback, &defaults));
                    Attachment { caption, ..file }
                })
                .collect();
            Ok(Written { body, original: Some(raw), template_id, attachments })
        }
        Rendered::Skipped { missing } => {
            Err(Error::invalid("custom_values", "the template needs values that this contact does not have")
                .with("missing", missing)
                .into())
        }
    }
}

/// A caption of a template's file, filled in; one that cannot be read, or misses a value, stays as it is.
pub(crate) fn caption(
    text: &str,
    values: &crate::templates::Values,
    fallback: FallbackStrategy,
    defaults: &Map<String, Value>,
) -> String {
    match Template::parse(text).map(|template| template.render(values, fallback, defaults)) {
        Ok(Rendered::Text { body, .. }) => body,
        Ok(Rendered::Skipped { .. }) | Err(_) => text.to_owned(),
    }
}

/// One message; notes only for who may see them.
pub async fn get(inbox: &Inbox, member: &Member, id: MessageId) -> Result<MessageView> {
    member.require(Permission::MessagesView)?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            let found = load(&mut tx, id).await?.filter(|message| {
                message.account_id == member.account_id()
                    && (!message.is_private || member.can(Permission::NotesView))
            });
            let message = found.ok_or_else(|| Error::not_found("message"))?;
            if let Some(conversation) = message.conversation_id {
                conversations::require_visible(&mut tx, member, conversation)
                    .await
                    .map_err(|_| Error::not_found("message"))?;
            }
            Ok(message)
        })
        .await
        .map_err(Into::into)
}
