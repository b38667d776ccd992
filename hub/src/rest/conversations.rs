//! Conversations.

use axum::{Extension, extract::State};
use inbox::{
    conversations::{
        self, ActivityView, AssignCommand, AssignmentView, DecisionView, NewConversation, UpdateConversation,
    },
    list::{Owned, owner, threads},
    messages::{self, AttachmentInput, SendMessage},
};
use model::{
    CannedResponseId, ContentType, ConversationId, ConversationStatus, Error, MessageId, Priority, TeamId,
    UserId,
    view::{ConversationView, MessageView},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, idempotency::Repeated,
    lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, close))
        .routes(routes!(messages_of, post_message))
        .routes(routes!(assign))
        .routes(routes!(status))
        .routes(routes!(assignments))
        .routes(routes!(activity))
        .routes(routes!(routing))
}

/// The conversations that one may see, newest message first. Needs `conversations.view`.
#[utoipa::path(get, path = "/v1/conversations", tag = "conversations", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<ConversationView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<ConversationView>> {
    Ok(threads::conversations(rest.inbox(), &context, &params).await?.into())
}

/// Start a conversation with a contact; 409 with its id when one is open. Needs `conversations.reply`.
#[utoipa::path(post, path = "/v1/conversations", tag = "conversations", security(("bearer" = [])),
    request_body = NewConversation, responses((status = 201, body = One<ConversationView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewConversation>,
) -> Answer<Created<ConversationView>> {
    Ok(Created::new(conversations::create(rest.inbox(), &member, body).await?))
}

/// One conversation. Needs `conversations.view`.
#[utoipa::path(get, path = "/v1/conversations/{id}", tag = "conversations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ConversationView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
) -> Answer<One<ConversationView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(One::new(conversations::get(rest.inbox(), member, id).await?))
}

/// What to change in a conversation; what is absent stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConversationChange {
    #[serde(default, with = "inbox::patch")]
    #[schema(value_type = Option<UserId>)]
    assignee_id: Option<Option<UserId>>,
    #[serde(default, with = "inbox::patch")]
    #[schema(value_type = Option<TeamId>)]
    team_id: Option<Option<TeamId>>,
    status: Option<ConversationStatus>,
    priority: Option<Priority>,
    #[serde(default, with = "inbox::patch")]
    #[schema(value_type = Option<String>)]
    subject: Option<Option<String>>,
    labels: Option<Vec<String>>,
    metadata: Option<Map<String, Value>>,
}

/// Change a conversation: fields first, then assignee and team, then status; each is one change of its own.
/// Needs `conversations.reply`, to assign to others `conversations.assign`.
#[utoipa::path(method(patch, put), path = "/v1/conversations/{id}", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = ConversationChange,
    responses((status = 200, body = One<ConversationView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
    Body(new): Body<ConversationChange>,
) -> Answer<One<ConversationView>> {
    let inbox = rest.inbox();
    let member = owner(inbox, &context, Owned::Conversation, id.uuid()).await?;
    let fields = new.fields();
    let mut view = conversations::update(inbox, member, id, fields).await?;
    if new.assignee_id.is_some() || new.team_id.is_some() {
        view = conversations::assign(inbox, member, new.holder(id)).await?;
    }
    if let Some(status) = new.status.filter(|status| *status != view.status) {
        view = conversations::set_status(inbox, member, id, status, None).await?;
    }
    Ok(One::new(view))
}

impl ConversationChange {
    fn fields(&self) -> UpdateConversation {
        UpdateConversation {
            labels: self.labels.clone(),
            priority: self.priority,
            subject: self.subject.clone(),
            metadata: self.metadata.clone(),
        }
    }

    fn holder(&self, conversation_id: ConversationId) -> AssignCommand {
        AssignCommand {
            conversation_id,
            assignee_id: self.assignee_id,
            team_id: self.team_id,
            expected_assignee_id: None,
            note: None,
        }
    }
}

/// Close a conversation; it stays readable. Needs `conversations.manage`.
#[utoipa::path(delete, path = "/v1/conversations/{id}", tag = "conversations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn close(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    conversations::close(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// The messages of a conversation, oldest first; notes only with `notes.view`.
#[utoipa::path(get, path = "/v1/conversations/{id}/messages", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path), ListQuery),
    responses((status = 200, body = Many<MessageView>)))]
async fn messages_of(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
    Asked(params): Asked,
) -> Answer<Many<MessageView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(threads::thread(rest.inbox(), member, id, &params).await?.into())
}

/// An answer or a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReply {
    /// Repeating one returns the first result.
    client_message_id: Option<uuid::Uuid>,
    #[serde(default, alias = "message_body")]
    content: String,
    /// A note: agents only, never sent.
    #[serde(default)]
    is_private: bool,
    content_type: Option<ContentType>,
    #[serde(default)]
    attachments: Vec<AttachmentInput>,
    /// A file by its address, as one attachment.
    media_url: Option<String>,
    #[serde(default)]
    mentions: Vec<UserId>,
    reply_to: Option<MessageId>,
    canned_response_id: Option<CannedResponseId>,
    /// Not before then.
    send_at: Option<chrono::DateTime<chrono::Utc>>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// Answer a conversation, or leave a note in it. 201 when it is stored; a public one is then on its way.
/// Needs `conversations.reply`.
#[utoipa::path(post, path = "/v1/conversations/{id}/messages", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = NewReply,
    responses((status = 201, body = One<MessageView>)))]
async fn post_message(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
    repeated: Option<Extension<Repeated>>,
    Body(mut new): Body<NewReply>,
) -> Answer<Created<MessageView>> {
    new.client_message_id = new.client_message_id.or(repeated.map(|Extension(Repeated(id))| id));
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(Created::new(messages::send(rest.inbox(), member, new.command(id)?).await?))
}

impl NewReply {
    fn command(self, conversation_id: ConversationId) -> Answer<SendMessage> {
        let mut attachments = self.attachments;
        if let Some(url) = self.media_url {
            let file = serde_json::from_value(serde_json::json!({"url": url}));
            attachments.push(file.map_err(|_| Error::invalid("media_url", "must be an address"))?);
        }
        Ok(SendMessage {
            conversation_id,
            client_message_id: self.client_message_id,
            content: self.content,
            is_private: self.is_private,
            content_type: self.content_type,
            attachments,
            mentions: self.mentions,
            reply_to: self.reply_to,
            canned_response_id: self.canned_response_id,
            send_at: self.send_at,
            metadata: self.metadata,
        })
    }
}

/// Who is to have a conversation; what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    #[serde(default, with = "inbox::patch")]
    #[schema(value_type = Option<UserId>)]
    assignee_id: Option<Option<UserId>>,
    #[serde(default, with = "inbox::patch")]
    #[schema(value_type = Option<TeamId>)]
    team_id: Option<Option<TeamId>>,
    /// Who has it as far as the caller knows; 409 tells when someone else does.
    #[serde(default, with = "inbox::patch")]
    #[schema(value_type = Option<UserId>)]
    expected_assignee_id: Option<Option<UserId>>,
    note: Option<String>,
}

/// Assign a conversation to an agent or a team. Taking it oneself needs `conversations.reply`, anything else
/// `conversations.assign`.
#[utoipa::path(post, path = "/v1/conversations/{id}/assign", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = Assignment,
    responses((status = 200, body = One<ConversationView>)))]
async fn assign(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
    Body(new): Body<Assignment>,
) -> Answer<One<ConversationView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    let command = AssignCommand {
        conversation_id: id,
        assignee_id: new.assignee_id,
        team_id: new.team_id,
        expected_assignee_id: new.expected_assignee_id,
        note: new.note,
    };
    Ok(One::new(conversations::assign(rest.inbox(), member, command).await?))
}

/// A step along the table of transitions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    status: ConversationStatus,
    note: Option<String>,
}

/// Move a conversation to another status; 400 names the allowed ones. Needs `conversations.reply`.
#[utoipa::path(post, path = "/v1/conversations/{id}/status", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = NewStatus,
    responses((status = 200, body = One<ConversationView>)))]
async fn status(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
    Body(new): Body<NewStatus>,
) -> Answer<One<ConversationView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(One::new(conversations::set_status(rest.inbox(), member, id, new.status, new.note).await?))
}

/// Who has had a conversation, oldest first.
#[utoipa::path(get, path = "/v1/conversations/{id}/assignments", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Many<AssignmentView>)))]
async fn assignments(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
) -> Answer<Many<AssignmentView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(Many::all(conversations::assignments(rest.inbox(), member, id).await?))
}

/// Lines between the messages, oldest first, at most the newest 200: other status, other agent, a rating, and by
/// whom. The socket tells new ones as `conversation:activity`.
#[utoipa::path(get, path = "/v1/conversations/{id}/activity", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Many<ActivityView>)))]
async fn activity(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
) -> Answer<Many<ActivityView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(Many::all(conversations::activity(rest.inbox(), member, id).await?))
}

/// Why routing did what it did: decisions with the agents looked at and why each was refused.
#[utoipa::path(get, path = "/v1/conversations/{id}/routing", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Many<DecisionView>)))]
async fn routing(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ConversationId>,
) -> Answer<Many<DecisionView>> {
    let member = owner(rest.inbox(), &context, Owned::Conversation, id.uuid()).await?;
    Ok(Many::all(conversations::routing(rest.inbox(), member, id).await?))
}
