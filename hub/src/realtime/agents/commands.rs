//! The commands of `/agents`, by name.

use std::sync::Arc;

use bus::presence::Seen;
use inbox::{agents::QueueView, canned::CannedHit};
use model::{AccountId, ConversationId, Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AgentSession, auth, conversations, threads};
use crate::realtime::{hub::Hub, resume::Remembered, turns::commands};

commands! {
    "agents", AgentSession, unknown unknown;
    /// Read an account's feed beside those that are read already.
    "account:subscribe" => subscribe,
    /// Stop reading an account's feed; its threads are left, too.
    "account:unsubscribe" => unsubscribe,
    /// A page of conversations of a view, newest message first, and how many each view holds.
    "inbox:list" => conversations::list,
    /// Open a thread, or several: what it holds, and from then on what happens in it.
    "conversation:join" => threads::command_join,
    /// Stop reading threads.
    "conversation:leave" => threads::command_leave,
    /// Older messages of a thread.
    "conversation:history" => conversations::history,
    /// Answer the customer, or leave a note. The acknowledgement means that it is stored.
    "message:send" => conversations::send,
    /// Try a message again that failed, or whose outcome is not known.
    "message:retry" => conversations::retry,
    /// Take back a message that waits for its time.
    "message:cancel" => conversations::cancel,
    /// Give a conversation to an agent, a team, or back to the queue.
    "conversation:assign" => conversations::assign,
    /// Move a conversation to another status.
    "conversation:status" => conversations::set_status,
    /// Change labels, priority or subject.
    "conversation:update" => conversations::update,
    /// Remember how far one has read.
    "conversation:read" => conversations::read,
    /// Tell the others in a joined thread that one types; lasts five seconds.
    "conversation:typing:start" => conversations::typing_start,
    /// Tell them that one does not any more.
    "conversation:typing:stop" => conversations::typing_stop,
    /// Say whether one is available.
    "agent:status" => conversations::status,
    /// Canned responses that fit, best first, with variables filled.
    "canned:search" => search,
    /// Go on with a newer token of the same user.
    "auth:refresh" => auth::refresh,
}

fn unknown(name: &str) -> Error {
    Error::bad_request(format!("there is no command {name:?} on /agents"))
}

#[derive(Deserialize, ToSchema)]
struct Subscribe {
    account_id: AccountId,
    /// The last number known of its feed.
    #[serde(default)]
    since: Option<i64>,
    /// The epoch in which it was given.
    #[serde(default)]
    epoch: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct Subscribed {
    account_id: AccountId,
    head: i64,
    resumed: bool,
    epoch: Uuid,
    presence: Vec<Seen>,
    queue: QueueView,
}

async fn subscribe(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: Subscribe) -> Result<Subscribed> {
    let remembered = Remembered { since: command.since, epoch: command.epoch };
    let start = session.join_feed(hub, command.account_id, remembered).await?;
    if let Some(reset) = start.told_reset() {
        session.connection.tell(&reset).await;
    }
    Ok(Subscribed {
        account_id: command.account_id,
        head: start.head,
        resumed: start.resumed,
        epoch: hub.epoch,
        presence: hub.presences.snapshot(command.account_id),
        queue: inbox::agents::queue(&hub.inbox, command.account_id).await?,
    })
}

#[derive(Deserialize, Serialize, ToSchema)]
struct NamedAccount {
    account_id: AccountId,
}

async fn unsubscribe(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: NamedAccount,
) -> Result<NamedAccount> {
    session.leave_feed(hub, command.account_id);
    Ok(command)
}

#[derive(Deserialize, ToSchema)]
struct CannedSearch {
    #[serde(default)]
    q: String,
    /// Whose values fill the variables.
    #[serde(default)]
    conversation_id: Option<ConversationId>,
    #[serde(default)]
    account_id: Option<AccountId>,
}

#[derive(Serialize, ToSchema)]
struct CannedHits {
    canned_responses: Vec<CannedHit>,
}

async fn search(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: CannedSearch) -> Result<CannedHits> {
    let member = match command.conversation_id {
        Some(id) => super::member_of(hub, session, id).await?,
        None => super::account_named(session, command.account_id)?,
    };
    let canned_responses =
        inbox::canned::search(&hub.inbox, &member, &command.q, command.conversation_id).await?;
    Ok(CannedHits { canned_responses })
}
