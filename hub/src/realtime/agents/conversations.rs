//! What an agent does with conversations and messages: each command is one function of `inbox`.

use std::sync::Arc;

use inbox::{
    conversations::{self, AssignCommand, ListQuery, UpdateConversation},
    messages::{self, SendMessage},
};
use model::{
    AccountId, AgentStatus, ConversationId, ConversationStatus, Error, MessageId, Permission, Result,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AgentSession, account_named, member_of, threads::Named};
use crate::realtime::{hub::Hub, typing::Typist};

#[derive(Deserialize)]
pub(super) struct List {
    #[serde(default)]
    account_id: Option<AccountId>,
    #[serde(flatten)]
    query: ListQuery,
}

#[derive(Deserialize)]
pub(super) struct History {
    conversation_id: ConversationId,
    #[serde(default)]
    before: Option<i64>,
    #[serde(default)]
    limit: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Retry {
    message_id: MessageId,
}

#[derive(Deserialize)]
pub(super) struct SetStatus {
    conversation_id: ConversationId,
    status: ConversationStatus,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Update {
    conversation_id: ConversationId,
    #[serde(flatten)]
    new: UpdateConversation,
}

#[derive(Deserialize)]
pub(super) struct Read {
    conversation_id: ConversationId,
    seq: i64,
}

#[derive(Deserialize)]
pub(super) struct Status {
    #[serde(default)]
    account_id: Option<AccountId>,
    status: AgentStatus,
}

pub(super) async fn list(hub: &Hub, session: &AgentSession, command: List) -> Result<Value> {
    let member = account_named(session, command.account_id)?;
    Ok(json!(conversations::list(&hub.inbox, &member, command.query).await?))
}

pub(super) async fn history(hub: &Hub, session: &AgentSession, command: History) -> Result<Value> {
    let member = member_of(hub, session, command.conversation_id).await?;
    let limit = command.limit.unwrap_or(50).clamp(1, 200);
    let page = messages::history(&hub.inbox, &member, command.conversation_id, command.before, limit).await?;
    Ok(json!(page))
}

pub(super) async fn send(hub: &Hub, session: &AgentSession, command: SendMessage) -> Result<Value> {
    if command.client_message_id.is_none() {
        return Err(Error::invalid("client_message_id", "is required: a UUID of your own for each message"));
    }
    let id = command.conversation_id;
    let member = member_of(hub, session, id).await?;
    let message = messages::send(&hub.inbox, &member, command).await?;
    hub.typing.stop(session.connection.id, id);
    Ok(json!({"message": message}))
}

pub(super) async fn retry(hub: &Hub, session: &AgentSession, command: Retry) -> Result<Value> {
    let context = session.context();
    let member = if let [only] = context.members() {
        only.clone()
    } else {
        let account = inbox::agents::account_of_message(&hub.inbox, &context, command.message_id).await?;
        context.member(account)?.clone()
    };
    Ok(json!({"message": messages::retry(&hub.inbox, &member, command.message_id).await?}))
}

pub(super) async fn assign(hub: &Hub, session: &AgentSession, command: AssignCommand) -> Result<Value> {
    let member = member_of(hub, session, command.conversation_id).await?;
    Ok(json!({"conversation": conversations::assign(&hub.inbox, &member, command).await?}))
}

pub(super) async fn set_status(hub: &Hub, session: &AgentSession, command: SetStatus) -> Result<Value> {
    let SetStatus { conversation_id, status, note } = command;
    let member = member_of(hub, session, conversation_id).await?;
    let conversation = conversations::set_status(&hub.inbox, &member, conversation_id, status, note).await?;
    Ok(json!({"conversation": conversation}))
}

pub(super) async fn update(hub: &Hub, session: &AgentSession, command: Update) -> Result<Value> {
    let member = member_of(hub, session, command.conversation_id).await?;
    let conversation =
        conversations::update(&hub.inbox, &member, command.conversation_id, command.new).await?;
    Ok(json!({"conversation": conversation}))
}

pub(super) async fn read(hub: &Hub, session: &AgentSession, command: Read) -> Result<Value> {
    let member = member_of(hub, session, command.conversation_id).await?;
    conversations::read(&hub.inbox, &member, command.conversation_id, command.seq).await?;
    Ok(json!({"conversation_id": command.conversation_id, "seq": command.seq}))
}

pub(super) fn typing(hub: &Hub, session: &AgentSession, command: &Named, starts: bool) -> Result<Value> {
    let id = command.conversation_id;
    // only where one looks: joining has checked that the thread may be seen
    let joined = session.connection.threads().into_iter().find(|(joined, _)| *joined == id);
    let Some((_, account)) = joined else {
        return Err(Error::forbidden("join the conversation before typing in it"));
    };
    let member = session.member(account)?;
    member.require(Permission::ConversationsReply)?;
    if starts {
        hub.typing.start(
            session.connection.id,
            Typist {
                account_id: account,
                conversation_id: id,
                person: session.user_id().uuid(),
                name: Some(member.name().to_owned()),
                is_customer: false,
            },
        );
    } else {
        hub.typing.stop(session.connection.id, id);
    }
    Ok(Value::Null)
}

pub(super) async fn status(hub: &Arc<Hub>, session: &AgentSession, command: Status) -> Result<Value> {
    let member = account_named(session, command.account_id)?;
    let state = inbox::agents::set_status(&hub.inbox, &member, command.status).await?;
    // the socket that asks is a connection, also while its edge is still being written
    let shown = if session.is_person() { state.status } else { state.shown() };
    hub.presences.show(member.account_id(), member.user_id(), shown);
    Ok(json!({"account_id": member.account_id(), "status": state.status, "shown": shown}))
}
