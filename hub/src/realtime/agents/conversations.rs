//! What an agent does with conversations and messages: each command is one function of `inbox`.

use std::sync::Arc;

use inbox::{
    Member,
    conversations::{self, AssignCommand, ConversationPage, ListQuery, UpdateConversation},
    messages::{self, HistoryPage, SendMessage},
};
use model::{
    AccountId, AgentStatus, ConversationId, ConversationStatus, Error, MessageId, Permission, Result,
    view::{ConversationView, MessageView},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AgentSession, account_named, member_of, threads::NamedConversation};
use crate::realtime::{hub::Hub, typing::Typist};

#[derive(Deserialize, ToSchema)]
pub(super) struct InboxList {
    #[serde(default)]
    account_id: Option<AccountId>,
    #[serde(flatten)]
    query: ListQuery,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct AskedHistory {
    conversation_id: ConversationId,
    #[serde(default)]
    before: Option<i64>,
    #[serde(default)]
    limit: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct OfMessage {
    message_id: MessageId,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct SetConversationStatus {
    conversation_id: ConversationId,
    status: ConversationStatus,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ChangeConversation {
    conversation_id: ConversationId,
    #[serde(flatten)]
    new: UpdateConversation,
}

/// How far one has read.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct ReadMark {
    conversation_id: ConversationId,
    seq: i64,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct SetAgentStatus {
    #[serde(default)]
    account_id: Option<AccountId>,
    status: AgentStatus,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AgentStatusSet {
    account_id: AccountId,
    status: AgentStatus,
    /// As colleagues see one.
    shown: AgentStatus,
}

#[derive(Serialize, ToSchema)]
pub(super) struct OneMessage {
    message: MessageView,
}

#[derive(Serialize, ToSchema)]
pub(super) struct OneConversation {
    conversation: ConversationView,
}

pub(super) async fn list(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: InboxList,
) -> Result<ConversationPage> {
    let member = account_named(session, command.account_id)?;
    conversations::list(&hub.inbox, &member, command.query).await
}

pub(super) async fn history(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: AskedHistory,
) -> Result<HistoryPage> {
    let member = member_of(hub, session, command.conversation_id).await?;
    let limit = command.limit.unwrap_or(50).clamp(1, 200);
    messages::history(&hub.inbox, &member, command.conversation_id, command.before, limit).await
}

pub(super) async fn send(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: SendMessage,
) -> Result<OneMessage> {
    if command.client_message_id.is_none() {
        return Err(Error::invalid("client_message_id", "is required: a UUID of your own for each message"));
    }
    let id = command.conversation_id;
    let member = member_of(hub, session, id).await?;
    let message = messages::send(&hub.inbox, &member, command).await?;
    hub.typing.stop(session.connection.id, id);
    Ok(OneMessage { message })
}

pub(super) async fn retry(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: OfMessage,
) -> Result<OneMessage> {
    let member = member_of_message(hub, session, command.message_id).await?;
    Ok(OneMessage { message: messages::retry(&hub.inbox, &member, command.message_id).await? })
}

pub(super) async fn cancel(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: OfMessage,
) -> Result<OneMessage> {
    let member = member_of_message(hub, session, command.message_id).await?;
    Ok(OneMessage { message: messages::cancel(&hub.inbox, &member, command.message_id).await? })
}

async fn member_of_message(hub: &Hub, session: &AgentSession, id: MessageId) -> Result<Member> {
    let context = session.context();
    if let [only] = context.members() {
        return Ok(only.clone());
    }
    let account = inbox::agents::account_of_message(&hub.inbox, &context, id).await?;
    Ok(context.member(account)?.clone())
}

pub(super) async fn assign(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: AssignCommand,
) -> Result<OneConversation> {
    let member = member_of(hub, session, command.conversation_id).await?;
    Ok(OneConversation { conversation: conversations::assign(&hub.inbox, &member, command).await? })
}

pub(super) async fn set_status(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: SetConversationStatus,
) -> Result<OneConversation> {
    let SetConversationStatus { conversation_id, status, note } = command;
    let member = member_of(hub, session, conversation_id).await?;
    let conversation = conversations::set_status(&hub.inbox, &member, conversation_id, status, note).await?;
    Ok(OneConversation { conversation })
}

pub(super) async fn update(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: ChangeConversation,
) -> Result<OneConversation> {
    let member = member_of(hub, session, command.conversation_id).await?;
    let conversation =
        conversations::update(&hub.inbox, &member, command.conversation_id, command.new).await?;
    Ok(OneConversation { conversation })
}

pub(super) async fn read(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: ReadMark) -> Result<ReadMark> {
    let member = member_of(hub, session, command.conversation_id).await?;
    let id = command.conversation_id;
    let read = conversations::read(&hub.inbox, &member, id, command.seq).await?;
    hub.signals.read(member.account_id(), id, read);
    Ok(ReadMark { seq: read.seq, ..command })
}

pub(super) async fn typing_start(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: NamedConversation,
) -> Result<()> {
    typing(hub, session, &command, true)
}

pub(super) async fn typing_stop(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: NamedConversation,
) -> Result<()> {
    typing(hub, session, &command, false)
}

fn typing(hub: &Hub, session: &AgentSession, command: &NamedConversation, starts: bool) -> Result<()> {
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
    Ok(())
}

pub(super) async fn status(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: SetAgentStatus,
) -> Result<AgentStatusSet> {
    let member = account_named(session, command.account_id)?;
    let state = inbox::agents::set_status(&hub.inbox, &member, command.status).await?;
    // the socket that asks is a connection, also while its edge is still being written
    let shown = if session.is_person() { state.status } else { state.shown() };
    hub.presences.show(member.account_id(), member.user_id(), shown);
    Ok(AgentStatusSet { account_id: member.account_id(), status: state.status, shown })
}
