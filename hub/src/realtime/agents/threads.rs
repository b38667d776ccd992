//! Opening and leaving threads, and who looks at them.

use std::{collections::BTreeMap, sync::Arc};

use bus::live::{Pushed, Volatile, VolatileTo};
use inbox::conversations::ThreadContext;
use model::{AccountId, ConversationId, Error, ErrorCode, Result, UserId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AgentSession, member_of};
use crate::realtime::{
    connection::Who,
    entry::LogKey,
    hub::Hub,
    resume::{self, Remembered, Start},
};

/// Messages of the first page.
const PAGE: i64 = 50;

#[derive(Deserialize)]
pub(super) struct Join {
    #[serde(default)]
    conversation_id: Option<ConversationId>,
    #[serde(default)]
    since: Option<i64>,
    #[serde(default)]
    conversations: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    #[serde(alias = "conversation_id")]
    id: ConversationId,
    #[serde(default)]
    since: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Leave {
    #[serde(default)]
    conversation_id: Option<ConversationId>,
    #[serde(default)]
    conversations: Vec<Left>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Left {
    Id(ConversationId),
    One(One),
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) conversation_id: ConversationId,
}

/// Joins one thread or several; each is answered by itself.
pub(super) async fn command_join(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: Join,
) -> Result<Value> {
    if let Some(id) = command.conversation_id {
        return joined(hub, session, One { id, since: command.since }).await;
    }
    if command.conversations.is_empty() {
        return Err(Error::invalid("conversation_id", "is required"));
    }
    let mut answers = Vec::with_capacity(command.conversations.len());
    for one in command.conversations {
        let id = one.id;
        answers.push(match joined(hub, session, one).await {
            Ok(thread) => thread,
            Err(error) if error.code == ErrorCode::TooManyThreads => return Err(error),
            Err(error) => json!({
                "conversation_id": id,
                "error": {"code": error.code, "message": error.message, "details": error.details},
            }),
        });
    }
    Ok(json!({"conversations": answers}))
}

async fn joined(hub: &Arc<Hub>, session: &Arc<AgentSession>, one: One) -> Result<Value> {
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
    let account = context.conversation.account_id;
    let online = customer_is_there(hub, one.id);
    Ok(json!({
        "conversation_id": one.id,
        "account_id": account,
        "conversation": context.conversation,
        "contact": context.contact,
        "contact_online": online,
        "bot_context": context.bot_context,
        "reply_window": {"ends_at": context.reply_window_ends_at},
        "read_seq": context.read_seq,
        "viewers": viewers(hub, one.id),
        "head": start.head,
        "resumed": start.resumed,
        "reset": start.reset,
        "entries": entries,
        "has_more": has_more,
    }))
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
        let start =
            resume::start(&hub.inbox, &hub.logs, &hub.config, (key, account), remembered, hub.epoch).await?;
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
    log.note_head(start.head);
    connection.read_from(log, start.cursor);
    tell_viewers(hub, account, conversation);
    Ok((start, context))
}

pub(super) fn command_leave(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: Leave) -> Value {
    let several = command.conversations.into_iter().map(|left| match left {
        Left::Id(id) => id,
        Left::One(one) => one.id,
    });
    for id in command.conversation_id.into_iter().chain(several) {
        let joined = session.connection.threads().into_iter().find(|(joined, _)| *joined == id);
        if let Some((_, account)) = joined {
            leave(hub, session, id, account);
        }
    }
    Value::Null
}

/// Stops reading a thread.
pub(super) fn leave(hub: &Hub, session: &AgentSession, conversation: ConversationId, account: AccountId) {
    hub.typing.stop(session.connection.id, conversation);
    if session.connection.leave(LogKey::Thread(conversation)) {
        tell_viewers(hub, account, conversation);
    }
}

/// The agents who look at a thread, each once.
fn viewers(hub: &Hub, conversation: ConversationId) -> Vec<Value> {
    let Some(log) = hub.logs.get(LogKey::Thread(conversation)) else { return Vec::new() };
    let viewers: BTreeMap<UserId, String> = log
        .listeners()
        .iter()
        .filter_map(|connection| match &connection.who {
            Who::Agent { user_id, .. } => Some((
                *user_id,
                connection.member(log.account_id).map_or_else(String::new, |m| m.name().to_owned()),
            )),
            Who::Customer { .. } => None,
        })
        .collect();
    viewers.into_iter().map(|(user_id, name)| json!({"user_id": user_id, "name": name})).collect()
}

/// Whether the customer has the chat open.
fn customer_is_there(hub: &Hub, conversation: ConversationId) -> bool {
    hub.logs.get(LogKey::Thread(conversation)).is_some_and(|log| {
        log.listeners().iter().any(|connection| matches!(connection.who, Who::Customer { .. }))
    })
}

/// Tells those who look at a thread who does.
pub(super) fn tell_viewers(hub: &Hub, account: AccountId, conversation: ConversationId) {
    hub.live.publish(Pushed::Volatile(Arc::new(Volatile {
        account_id: account,
        to: VolatileTo::Thread { conversation_id: conversation, customer: false, agents: true, except: None },
        name: "conversation:viewers",
        payload: json!({
            "account_id": account, "conversation_id": conversation, "viewers": viewers(hub, conversation),
        }),
    })));
}
