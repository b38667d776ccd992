//! Opening and leaving threads, and who looks at them.

use std::{collections::BTreeMap, sync::Arc};

use bus::live::{Volatile, VolatileTo, Watching};
use inbox::conversations::{ThreadContact, ThreadContext};
use model::{
    AccountId, ConversationId, Error, ErrorCode, Result, UserId,
    view::{ConversationView, MessageView},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{AgentSession, member_of};
use crate::realtime::{
    connection::Who,
    elsewhere,
    entry::LogKey,
    events::{Viewer, Viewers},
    hub::Hub,
    logs::Log,
    resume::{self, Remembered, Start},
    turns::CommandError,
    volatile,
};

/// Messages of the first page.
const PAGE: i64 = 50;

/// A thread by `conversation_id`, or several.
#[derive(Deserialize, ToSchema)]
pub(super) struct JoinThreads {
    #[serde(default)]
    conversation_id: Option<ConversationId>,
    /// The last number known of it.
    #[serde(default)]
    since: Option<i64>,
    #[serde(default)]
    conversations: Vec<ThreadToJoin>,
}

#[derive(Deserialize, ToSchema)]
struct ThreadToJoin {
    #[serde(alias = "conversation_id")]
    id: ConversationId,
    /// The last number known of it.
    #[serde(default)]
    since: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct LeaveThreads {
    #[serde(default)]
    conversation_id: Option<ConversationId>,
    #[serde(default)]
    conversations: Vec<ThreadToLeave>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum ThreadToLeave {
    Id(ConversationId),
    One(ThreadToJoin),
}

#[derive(Deserialize, ToSchema)]
pub(super) struct NamedConversation {
    pub(super) conversation_id: ConversationId,
}

/// What an agent sees when opening a thread.
#[derive(Serialize, ToSchema)]
pub(super) struct Thread {
    conversation_id: ConversationId,
    account_id: AccountId,
    conversation: ConversationView,
    contact: ThreadContact,
    /// The customer has the chat open.
    contact_online: bool,
    #[schema(value_type = Object)]
    bot_context: Value,
    reply_window: ReplyWindow,
    /// How far one has read oneself.
    read_seq: i64,
    viewers: Vec<Viewer>,
    /// The last number of its log.
    head: i64,
    /// The missed entries follow as events; else `entries` holds the newest page.
    resumed: bool,
    /// Why it could not be resumed.
    reset: Option<&'static str>,
    entries: Vec<MessageView>,
    has_more: bool,
}

/// Until when the channel takes free text.
#[derive(Serialize, ToSchema)]
struct ReplyWindow {
    /// Null: no limit.
    ends_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// One thread, or those that were asked for together, each answered by itself.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "it is made, encoded and gone")]
pub(super) enum Joined {
    One(Thread),
    Several { conversations: Vec<JoinedOrNot> },
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "it is made, encoded and gone")]
pub(super) enum JoinedOrNot {
    Joined(Thread),
    Refused { conversation_id: ConversationId, error: CommandError },
}

/// Joins one thread or several; each is answered by itself.
pub(super) async fn command_join(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: JoinThreads,
) -> Result<Joined> {
    if let Some(id) = command.conversation_id {
        return joined(hub, session, ThreadToJoin { id, since: command.since }).await.map(Joined::One);
    }
    if command.conversations.is_empty() {
        return Err(Error::invalid("conversation_id", "is required"));
    }
    let mut answers = Vec::with_capacity(command.conversations.len());
    for one in command.conversations {
        let id = one.id;
        answers.push(match joined(hub, session, one).await {
            Ok(thread) => JoinedOrNot::Joined(thread),
            Err(error) if error.code == ErrorCode::TooManyThreads => return Err(error),
            Err(error) => JoinedOrNot::Refused { conversation_id: id, error: (&error).into() },
        });
    }
    Ok(Joined::Several { conversations: answers })
}

async fn joined(hub: &Arc<Hub>, session: &Arc<AgentSession>, one: ThreadToJoin) -> Result<Thread> {
    let remembered = Remembered { since: one.since, epoch: None };
    let (start, context) = join(hub, session, one.id, remembered).await?;
    let (entries, has_more) = if start.resumed {
        // the missed entries follow as events, in their order
        (Vec::new(), false)
    } else {
        let member = member_of(hub, session, one.id).await?;
        let page = inbox::messages::history(&hub.inbox, &member, one.id, None, PAGE).await?;
        (page.entries, page.has_more)
    };
    Ok(Thread {
        conversation_id: one.id,
        account_id: context.conversation.account_id,
        conversation: context.conversation,
        contact: context.contact,
        contact_online: customer_is_there(hub, one.id),
        bot_context: context.bot_context,
        reply_window: ReplyWindow { ends_at: context.reply_window_ends_at },
        read_seq: context.read_seq,
        viewers: viewers(hub, one.id),
        head: start.head,
        resumed: start.resumed,
        reset: start.reset,
        entries,
        has_more,
    })
}

/// Begins to read a thread that the caller may see; 404 for any other.
pub(super) async fn join(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    conversation: ConversationId,
    remembered: Remembered,
) -> Result<(Start, ThreadContext)> {
    let connection = &session.connection;
    let key = LogKey::Thread(conversation);
    if !connection.reads(key) && connection.threads().len() >= hub.config.threads_per_socket {
        return Err(Error::new(ErrorCode::TooManyThreads, "too many threads are joined: leave some first")
            .with("limit", hub.config.threads_per_socket));
    }
    let member = member_of(hub, session, conversation).await?;
    let account = member.account_id();
    let log = hub.logs.open(key, account);
    log.listen(connection);
    let found = async {
        let context = inbox::conversations::opened(&hub.inbox, &member, conversation).await?;
        let start = resume::start(hub, &log, remembered).await?;
        Ok::<_, Error>((start, context))
    }
    .await;
    let (start, context) = match found {
        Ok(found) => found,
        Err(error) => {
            if !connection.reads(key) {
                log.unlisten(connection.id);
            }
            return Err(error);
        }
    };
    session.admit_member(member);
    connection.read_from(log, start.cursor);
    tell_viewers(hub, account, conversation);
    Ok((start, context))
}

pub(super) async fn command_leave(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: LeaveThreads,
) -> Result<()> {
    let several = command.conversations.into_iter().map(|left| match left {
        ThreadToLeave::Id(id) => id,
        ThreadToLeave::One(one) => one.id,
    });
    for id in command.conversation_id.into_iter().chain(several) {
        let joined = session.connection.threads().into_iter().find(|(joined, _)| *joined == id);
        if let Some((_, account)) = joined {
            leave(hub, session, id, account);
        }
    }
    Ok(())
}

/// Stops reading a thread.
pub(super) fn leave(hub: &Hub, session: &AgentSession, conversation: ConversationId, account: AccountId) {
    hub.typing.stop(session.connection.id, conversation);
    if session.connection.leave(LogKey::Thread(conversation)) {
        tell_viewers(hub, account, conversation);
    }
}

/// The agents who look at a thread, each once.
fn viewers(hub: &Hub, conversation: ConversationId) -> Vec<Viewer> {
    let Some(log) = hub.logs.get(LogKey::Thread(conversation)) else { return Vec::new() };
    let mut viewers: BTreeMap<UserId, String> = hub.elsewhere.agents(conversation);
    viewers.extend(watchers(&log));
    viewers.into_iter().map(|(user_id, name)| Viewer { user_id, name }).collect()
}

/// The agents who look at it at this node.
fn watchers(log: &Log) -> BTreeMap<UserId, String> {
    log.listeners()
        .iter()
        .filter_map(|connection| match &connection.who {
            Who::Agent { user_id, .. } => Some((
                *user_id,
                connection.member(log.account_id).map_or_else(String::new, |m| m.name().to_owned()),
            )),
            Who::Customer { .. } => None,
        })
        .collect()
}

/// Whether the customer has the chat open.
fn customer_is_there(hub: &Hub, conversation: ConversationId) -> bool {
    hub.elsewhere.has_customer(conversation)
        || hub.logs.get(LogKey::Thread(conversation)).is_some_and(|log| has_customer(&log))
}

fn has_customer(log: &Log) -> bool {
    log.listeners().iter().any(|connection| matches!(connection.who, Who::Customer { .. }))
}

/// What other nodes are told of a thread; `asks` when this one wants to hear of theirs.
pub fn watching(hub: &Hub, account_id: AccountId, conversation_id: ConversationId, asks: bool) -> Watching {
    let log = hub.logs.get(LogKey::Thread(conversation_id));
    Watching {
        node: hub.node,
        account_id,
        conversation_id,
        agents: log.iter().flat_map(|log| watchers(log)).collect(),
        customer: log.is_some_and(|log| has_customer(&log)),
        asks,
    }
}

/// Tells those who look at a thread who does, here and at other nodes.
pub(super) fn tell_viewers(hub: &Hub, account: AccountId, conversation: ConversationId) {
    show_viewers(hub, account, conversation);
    elsewhere::tell(hub, account, conversation);
}

/// Tells those who look at a thread at this node who does.
pub fn show_viewers(hub: &Hub, account: AccountId, conversation: ConversationId) {
    let to =
        VolatileTo::Thread { conversation_id: conversation, customer: false, agents: true, except: None };
    let told =
        Viewers { account_id: account, conversation_id: conversation, viewers: viewers(hub, conversation) };
    volatile::deliver(hub, &Volatile::new(account, to, &told));
}
