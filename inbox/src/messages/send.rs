//! Sending into a conversation: an agent's answer or note, the bot's answer, a visitor's message.

use bus::{Outcome, Tx};
use model::{
    Audience, ChannelType, ContentType, ConversationId, ConversationStatus, Direction, Error, Event,
    MessageId, MessageStatus, Permission, Result, SenderType, Time, UserId,
    view::{ConversationView, MessageView, preview},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    again::{queue_reply, set_due_timer},
    attachments::{AttachmentInput, attachments, content_type},
    carriage::Carrier,
    entity::{NewMessage, insert, load},
};
use crate::{
    Inbox, Member, Unit, Visitor,
    assignment::{self, Cause},
    check,
    conversations::{self, Conversation},
    inbound, sight,
};

/// Longest text of one message, in characters.
pub const LONGEST_TEXT: usize = 20_000;
/// Most attachments of one message.
pub const MOST_ATTACHMENTS: usize = 10;

/// An agent's answer or note.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct SendMessage {
    pub conversation_id: ConversationId,
    /// Repeating one returns the first result.
    #[serde(default)]
    pub client_message_id: Option<Uuid>,
    #[serde(default, alias = "message_body")]
    pub content: String,
    /// A note: agents only, never sent.
    #[serde(default)]
    pub is_private: bool,
    #[serde(default)]
    pub content_type: Option<ContentType>,
    #[serde(default)]
    pub attachments: Vec<AttachmentInput>,
    #[serde(default)]
    pub mentions: Vec<UserId>,
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    #[serde(default)]
    pub canned_response_id: Option<model::CannedResponseId>,
    /// Not before then.
    #[serde(default)]
    pub send_at: Option<chrono::DateTime<chrono::Utc>>,
    #[serde(default)]
    pub metadata: Option<Value>,
}

/// A visitor's message.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct VisitorMessage {
    pub client_message_id: Uuid,
    #[serde(default, alias = "message_body")]
    pub content: String,
    #[serde(default)]
    pub attachments: Vec<AttachmentInput>,
    #[serde(default)]
    pub reply_to: Option<MessageId>,
}

/// Sends an answer or stores a note. When it returns, the message is committed; the first answer of a
/// conversation that nobody holds also takes it.
pub async fn send(inbox: &Inbox, member: &Member, new: SendMessage) -> Result<MessageView> {
    member.require(Permission::ConversationsReply)?;
    check_text(&new.content, new.attachments.len())?;
    let new = &new;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let mut message =
                NewMessage::new(member.account_id(), Direction::Outbound, SenderType::Agent, unit.now());
            if let Some(first) =
                first_result(unit.tx(), member, new.client_message_id, message.view.id).await?
            {
                return unit.commit(first).await;
            }
            let mut conversation =
                conversations::lock_visible(unit.tx(), member, new.conversation_id).await?;
            unit.act_as(member.actor(None));
            if conversation.status == ConversationStatus::Closed && !new.is_private {
                return Err(Error::conflict("the conversation is closed").with("status", "closed").into());
            }
            let scheduled = check::due("send_at", new.send_at, unit.now())?;
            // outside the window approved templates are what the provider takes
            let is_template = new.metadata.as_ref().is_some_and(|metadata| metadata["template"].is_object());
            let carrier = carrier(unit.tx(), &conversation, new.is_private).await?;
            if let Some(carrier) = &carrier
                && scheduled.is_none()
                && !is_template
            {
                check_window(inbox, carrier, &conversation)?;
            }
            message.view.sender_id = Some(member.user_id().uuid());
            message.view.sender_name = Some(member.name().to_owned());
            message.view.sender_avatar_url = member.avatar_url.clone();
            message.view.is_private = new.is_private;
            message.view.client_message_id = new.client_message_id;
            check_named(unit.tx(), &conversation, new).await?;
            message.view.reply_to = new.reply_to;
            message.view.mentions = mentioned(unit.tx(), member, &new.mentions).await?;
            message.view.metadata = metadata(new);
            message.view.attachments = attachments(
                inbox,
                unit.tx(),
                member.account_id(),
                Some(member.user_id().uuid()),
                message.view.id,
                &new.attachments,
            )
            .await?;
            if let Some(carrier) = &carrier {
                let from = scheduled.unwrap_or(unit.now());
                carrier.mark(inbox, &conversation.contact_identifier, from, &mut message.view.attachments)?;
            }
            message.view.content_type = content_type(new.content_type, &message.view.attachments);
            message.set_body(new.content.clone());
            if let Some(at) = scheduled {
                message.view.status = MessageStatus::Scheduled;
                message.view.scheduled_at = Some(at);
                set_due_timer(unit.tx(), &message.view, at).await?;
            }
            let view = speak(&mut unit, &mut conversation, message, Some(member)).await?;
            conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// Writes one outbound message or note into a locked conversation: the thread's number, what the
/// conversation shows of it, the dispatch item, the events. The caller saves the conversation.
async fn speak(
    unit: &mut Unit,
    conversation: &mut Conversation,
    mut message: NewMessage,
    agent: Option<&Member>,
) -> Outcome<MessageView> {
    let now = unit.now();
    let view = &mut message.view;
    view.conversation_id = Some(conversation.id);
    view.channel_id = Some(conversation.channel_id);
    view.contact_id = Some(conversation.contact.id);
    view.delivery_address.clone_from(&conversation.contact_identifier);
    let is_scheduled = view.status == MessageStatus::Scheduled;
    if view.is_private {
        view.status = MessageStatus::Sent;
    } else if !is_scheduled && conversation.channel_type == ChannelType::Webchat {
        // the visitor's socket reads it from the log: committed is sent
        view.status = MessageStatus::Sent;
        view.sent_at = Some(now);
    }
    if !view.is_private && !is_scheduled {
        if let Some(member) = agent {
            answered(unit, conversation, member).await?;
        }
        conversation.last_message_at = Some(now);
        conversation.last_message_preview = Some(preview(&view.message_body, &view.attachments));
        conversation.last_sender_type = Some(view.sender_type);
        if conversation.channel_type != ChannelType::Webchat {
            queue_reply(unit.tx(), conversation.account_id, conversation.id, view.id).await?;
        }
    }
    for user in &view.mentions {
        mention(unit.tx(), conversation, *user, view.id, now).await?;
    }
    let seq = conversation.next_seq();
    message.view.seq = Some(seq);
    conversation.updated_at = now;
    insert(unit.tx(), std::slice::from_ref(&message)).await?;
    let view = message.view;
    unit.record_in_thread(
        Event::MessageCreated { message: view.clone(), conversation: conversation.view() },
        conversation.audience(),
        seq,
    );
    if let (false, Some(member)) = (view.mentions.is_empty(), agent) {
        unit.record(
            Event::MentionNotified {
                account_id: conversation.account_id,
                conversation_id: conversation.id,
                message_id: view.id,
                mentioned: view.mentions.clone(),
                by: member.user_id(),
            },
            Audience::Users { users: view.mentions.clone() },
        );
    }
    Ok(view)
}

/// What an agent's public answer does to the conversation: the bot falls silent, the customer no longer
/// waits, and a conversation that nobody holds is theirs.
async fn answered(unit: &mut Unit, conversation: &mut Conversation, member: &Member) -> Outcome<()> {
    conversation.hand_over();
    conversation.first_reply_at = conversation.first_reply_at.or(Some(unit.now()));
    conversation.waiting_since = None;
    conversation.unread_count = 0;
    let head = conversation.head;
    conversations::show_read(unit, conversation, head).await?;
    if matches!(conversation.status, ConversationStatus::Open | ConversationStatus::Bot) {
        let agent = assignment::agent(unit.tx(), conversation.account_id, member.user_id()).await?;
        let cause = Cause::agent(member.user_id(), "answered first");
        assignment::hold(unit, conversation, agent, &cause).await?;
        conversation.record_update(unit, &["status", "assignee_id"], false);
        sight::record_changes(unit, conversation).await?;
    }
    Ok(())
}

/// What the bot says in one conversation.
#[derive(Debug, Clone)]
pub struct BotMessage {
    pub text: String,
    pub rule_id: model::BotRuleId,
    pub rule_name: String,
    pub template_id: Option<model::TemplateId>,
    pub original_template: Option<String>,
}

/// Lets the bot speak in a locked conversation; the caller saves it and commits. Dispatch drops the
/// message if the conversation is handed over before it was sent.
pub async fn say_as_bot(
    unit: &mut Unit,
    conversation: &mut Conversation,
    said: BotMessage,
) -> Outcome<MessageView> {
    let mut message =
        NewMessage::new(conversation.account_id, Direction::Outbound, SenderType::Bot, unit.now());
    message.bot_epoch = Some(conversation.bot_epoch);
    message.view.sender_id = Some(said.rule_id.uuid());
    message.view.sender_name = Some("Bot".to_owned());
    message.view.template_id = said.template_id;
    message.view.original_template = said.original_template;
    message.view.metadata = json!({"rule_name": said.rule_name});
    message.set_body(said.text);
    speak(unit, conversation, message, None).await
}

/// The channel's own answer to a word (STOP, HELP) in a locked conversation; the caller saves it and commits.
pub(crate) async fn say_as_channel(
    unit: &mut Unit,
    conversation: &mut Conversation,
    text: &str,
    word: &str,
) -> Outcome<MessageView> {
    let mut message =
        NewMessage::new(conversation.account_id, Direction::Outbound, SenderType::System, unit.now());
    message.view.metadata = json!({"answers_keyword": word});
    message.set_body(text.to_owned());
    speak(unit, conversation, message, None).await
}

/// A visitor's message: committed when it returns, with the conversation it opened, reopened or joined.
pub async fn send_as_visitor(
    inbox: &Inbox,
    visitor: &Visitor,
    new: VisitorMessage,
) -> Result<(MessageView, ConversationView)> {
    check_text(&new.content, new.attachments.len())?;
    // whoever looks at it would tell a stranger's server where they are
    if let Some(at) = new.attachments.iter().position(|file| file.url.is_some()) {
        return Err(Error::invalid(
            format!("attachments.{at}.url"),
            "upload the file, and name its upload_id",
        ));
    }
    let new = &new;
    inbox
        .write(visitor.account_id(), |mut unit| async move {
            let external_id = inbound::external_id_of_visitor(visitor, new);
            if let Some(first) = inbound::received_before(unit.tx(), visitor, &external_id).await? {
                // repeated: the first result
                return unit.commit(first).await;
            }
            // files are bound to a name of the moment, then to the message that came of it
            let draft = MessageId::new();
            let owner = Some(visitor.visitor_id().uuid());
            let files =
                attachments(inbox, unit.tx(), visitor.account_id(), owner, draft, &new.attachments).await?;
            let now = unit.now();
            let item = inbound::item_of_visitor(unit.tx(), visitor, new, files, now).await?;
            let received = inbound::receive(&mut unit, vec![(visitor.account_id(), item)]).await?;
            // the same message is being received at this moment: run again and find it
            let done = received.into_iter().next().ok_or(bus::Fault::RunAgain)?;
            if !new.attachments.is_empty() {
                sqlx::query!(
                    "UPDATE uploads SET message_id = $2 WHERE message_id = $1 AND account_id = $3",
                    draft.uuid(),
                    done.0.id.uuid(),
                    visitor.account_id().uuid(),
                )
                .execute(&mut **unit.tx())
                .await?;
            }
            unit.commit(done).await
        })
        .await
        .map_err(Into::into)
}

fn check_text(content: &str, attachments: usize) -> Result<()> {
    if content.trim().is_empty() && attachments == 0 {
        return Err(Error::invalid("content", "say something or attach a file"));
    }
    if content.chars().count() > LONGEST_TEXT {
        return Err(Error::invalid("content", format!("longer than {LONGEST_TEXT} characters")));
    }
    if content.contains('\0') {
        return Err(Error::invalid("content", "must not contain the character NUL"));
    }
    if attachments > MOST_ATTACHMENTS {
        return Err(Error::invalid("attachments", format!("more than {MOST_ATTACHMENTS}")));
    }
    Ok(())
}

/// The channel that the message leaves by; a note leaves by none.
async fn carrier(tx: &mut Tx, conversation: &Conversation, is_note: bool) -> Outcome<Option<Carrier>> {
    if is_note {
        return Ok(None);
    }
    let found = Carrier::load(tx, conversation.account_id, conversation.channel_id).await?;
    Ok(Some(found.ok_or_else(|| Error::conflict("the channel of this conversation was removed"))?))
}

/// Free text is refused where the provider would refuse it: after its reply window has ended.
fn check_window(inbox: &Inbox, carrier: &Carrier, conversation: &Conversation) -> Result<()> {
    let since = conversation.last_inbound_at.unwrap_or(conversation.created_at);
    match carrier.window_end(inbox, since) {
        Some(end) if end < inbox.now() => Err(Error::new(
            model::ErrorCode::Conflict,
            "the reply window has ended: the provider takes only approved templates until the customer writes again",
        )
        .with("reply_window_ended_at", end)),
        _ => Ok(()),
    }
}

/// Claims the sender's key for message `id`; the first result when somebody had claimed it. Two sends with the
/// same key at the same moment: the second waits here for the end of the first.
pub(super) async fn first_result(
    tx: &mut Tx,
    member: &Member,
    client_message_id: Option<Uuid>,
    id: MessageId,
) -> Outcome<Option<MessageView>> {
    let Some(key) = client_message_id else { return Ok(None) };
    let fresh = sqlx::query!(
        "INSERT INTO message_keys (sender_id, client_message_id, account_id, message_id)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        member.user_id().uuid(),
        key,
        member.account_id().uuid(),
        id.uuid(),
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if fresh > 0 {
        return Ok(None);
    }
    let known = sqlx::query_scalar!(
        "SELECT message_id FROM message_keys
         WHERE sender_id = $1 AND client_message_id = $2 AND account_id = $3",
        member.user_id().uuid(),
        key,
        member.account_id().uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(known) = known else {
        return Err(Error::conflict("this client_message_id was used in another account").into());
    };
    load(tx, MessageId(known)).await
}

async fn mentioned(tx: &mut Tx, member: &Member, users: &[UserId]) -> Outcome<Vec<UserId>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let known = sqlx::query_scalar!(
        "SELECT user_id FROM account_users WHERE account_id = $1 AND user_id = ANY ($2)",
        member.account_id().uuid(),
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    if let Some(stranger) = ids.iter().find(|id| !known.contains(id)) {
        return Err(Error::absent("mentions", format!("{stranger} is no member of this account")).into());
    }
    Ok(known.into_iter().map(UserId).collect())
}

async fn mention(
    tx: &mut Tx,
    conversation: &mut Conversation,
    user: UserId,
    message: MessageId,
    now: Time,
) -> Outcome<()> {
    if !conversation.mentioned.contains(&user) {
        conversation.mentioned.push(user);
    }
    sqlx::query!(
        "INSERT INTO conversation_mentions (account_id, conversation_id, user_id, message_id, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (conversation_id, user_id) DO UPDATE SET message_id = excluded.message_id,
             created_at = excluded.created_at",
        conversation.account_id.uuid(),
        conversation.id.uuid(),
        user.uuid(),
        message.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// 404 for a message of another conversation and for somebody else's canned response.
async fn check_named(tx: &mut Tx, conversation: &Conversation, new: &SendMessage) -> Outcome<()> {
    if let Some(answered) = new.reply_to {
        let here = is_in_thread(tx, conversation, answered).await?;
        if !here {
            return Err(Error::not_found("message in this conversation").with("field", "reply_to").into());
        }
    }
    if let Some(canned) = new.canned_response_id {
        let ours = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM canned_responses WHERE id = $1 AND account_id = $2) AS "is!""#,
            canned.uuid(),
            conversation.account_id.uuid(),
        )
        .fetch_one(&mut **tx)
        .await?;
        if !ours {
            return Err(Error::not_found("canned response").with("field", "canned_response_id").into());
        }
    }
    Ok(())
}

async fn is_in_thread(tx: &mut Tx, conversation: &Conversation, id: MessageId) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM messages WHERE id = $1 AND conversation_id = $2 AND account_id = $3)
           AS "is_there!""#,
        id.uuid(),
        conversation.id.uuid(),
        conversation.account_id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?)
}

fn metadata(new: &SendMessage) -> Value {
    let mut metadata = match &new.metadata {
        Some(Value::Object(map)) => map.clone(),
        _ => serde_json::Map::new(),
    };
    if let Some(canned) = new.canned_response_id {
        metadata.insert("canned_response_id".to_owned(), json!(canned));
    }
    Value::Object(metadata)
}
