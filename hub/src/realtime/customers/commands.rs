//! The commands of `/customers`, by name. None of them takes a conversation: it is always the
//! visitor's own.

use std::sync::Arc;

use bus::live::{Volatile, VolatileTo};
use inbox::{
    conversations,
    messages::{self, PublicHistoryPage, VisitorMessage},
    webchat::{self, IdentifyCommand, PageView, VisitorView},
};
use model::{
    Error, Result,
    view::{PublicConversation, PublicMessage},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};
use utoipa::ToSchema;

use super::CustomerSession;
use crate::realtime::{
    agents,
    events::VisitorMerged,
    hub::Hub,
    life::{Refresh, Refreshed},
    metrics,
    turns::{Nothing, commands},
    typing::Typist,
};

commands! {
    "customers", CustomerSession, screen CustomerSession::refuse_foreign, unknown unknown;
    /// Write. Opens or reopens a conversation when there is none; the acknowledgement means that it is stored.
    "message:send" => send,
    /// Older messages of the thread.
    "conversation:history" => history,
    /// Tell the agents that one types; lasts five seconds.
    "conversation:typing:start" => typing_start,
    /// Tell them that one does not any more.
    "conversation:typing:stop" => typing_stop,
    /// Say how far one has read.
    "conversation:read" => read_up_to,
    /// Say who one is; what is not signed is a claim that agents see.
    "visitor:identify" => identify,
    /// Say which page one looks at.
    "visitor:page" => page,
    /// Rate the conversation.
    "csat:submit" => rate,
    /// End the conversation: it is resolved.
    "conversation:close" => close,
    /// Go on with a newer token of the same visitor.
    "auth:refresh" => refresh,
}

fn unknown(name: &str) -> Error {
    if agents::commands::described().iter().any(|command| command.name == name) {
        return Error::forbidden("only agents may do that");
    }
    Error::bad_request(format!("there is no command {name:?} on /customers"))
}

#[derive(Deserialize, ToSchema)]
struct AskedOwnHistory {
    #[serde(default)]
    before: Option<i64>,
    #[serde(default)]
    limit: Option<i64>,
}

async fn history(
    hub: &Arc<Hub>,
    session: &Arc<CustomerSession>,
    command: AskedOwnHistory,
) -> Result<PublicHistoryPage> {
    if session.connection.threads().is_empty() {
        return Ok(PublicHistoryPage { entries: Vec::new(), has_more: false });
    }
    let limit = command.limit.unwrap_or(30).clamp(1, 200);
    messages::history_as_visitor(&hub.inbox, &session.visitor(), command.before, limit).await
}

async fn typing_start(hub: &Arc<Hub>, session: &Arc<CustomerSession>, _: Nothing) -> Result<()> {
    typing(hub, session, true);
    Ok(())
}

async fn typing_stop(hub: &Arc<Hub>, session: &Arc<CustomerSession>, _: Nothing) -> Result<()> {
    typing(hub, session, false);
    Ok(())
}

/// How far the customer has read.
#[derive(Deserialize, Serialize, ToSchema)]
struct OwnReadMark {
    seq: i64,
}

async fn read_up_to(
    hub: &Arc<Hub>,
    session: &Arc<CustomerSession>,
    command: OwnReadMark,
) -> Result<OwnReadMark> {
    let seq = conversations::visitor::read(&hub.inbox, &session.visitor(), command.seq).await?;
    Ok(OwnReadMark { seq })
}

async fn page(hub: &Arc<Hub>, session: &Arc<CustomerSession>, command: PageView) -> Result<()> {
    webchat::page(&hub.inbox, &session.visitor(), command).await?;
    Ok(())
}

#[derive(Deserialize, ToSchema)]
struct Rating {
    /// 1 to 5; 5 is best.
    rating: i16,
    #[serde(default)]
    comment: Option<String>,
}

async fn rate(hub: &Arc<Hub>, session: &Arc<CustomerSession>, command: Rating) -> Result<()> {
    conversations::visitor::rate(&hub.inbox, &session.visitor(), command.rating, command.comment).await?;
    Ok(())
}

#[derive(Serialize, ToSchema)]
struct OwnConversation {
    conversation: PublicConversation,
}

async fn close(hub: &Arc<Hub>, session: &Arc<CustomerSession>, _: Nothing) -> Result<OwnConversation> {
    let conversation = conversations::visitor::close(&hub.inbox, &session.visitor()).await?;
    Ok(OwnConversation { conversation: (&conversation).into() })
}

async fn refresh(hub: &Arc<Hub>, session: &Arc<CustomerSession>, command: Refresh) -> Result<Refreshed> {
    let renewed = webchat::authenticate(&hub.inbox, &command.token).await?;
    if renewed.visitor_id() != session.visitor().visitor_id() {
        return Err(Error::forbidden("the token is another visitor's: open a socket of its own"));
    }
    let expires_at = Some(renewed.expires_at());
    *session.visitor.write() = renewed;
    session.life.renew(expires_at);
    metrics::refreshed("customers");
    Ok(Refreshed { expires_at })
}

/// Fields by which a client could try to reach something that is not its own.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Foreign {
    conversation_id: Option<Value>,
    account_id: Option<Value>,
    room: Option<Value>,
}

impl CustomerSession {
    /// A visitor can name no room and no conversation but their own.
    pub(super) fn refuse_foreign(&self, payload: &RawValue) -> Result<()> {
        let Ok(foreign) = serde_json::from_str::<Foreign>(payload.get()) else { return Ok(()) };
        let own = self.connection.threads().first().map(|(id, _)| json!(id));
        let is_foreign = foreign.room.is_some()
            || foreign.account_id.is_some_and(|named| named != json!(self.account_id))
            || foreign.conversation_id.is_some_and(|named| Some(named) != own);
        if is_foreign {
            return Err(Error::forbidden("a visitor has one conversation, and names none"));
        }
        Ok(())
    }
}

#[derive(Serialize, ToSchema)]
struct SentByVisitor {
    message: PublicMessage,
    conversation: PublicConversation,
}

async fn send(hub: &Arc<Hub>, session: &Arc<CustomerSession>, new: VisitorMessage) -> Result<SentByVisitor> {
    let (message, conversation) = messages::send_as_visitor(&hub.inbox, &session.visitor(), new).await?;
    session.follow_new(hub, conversation.id).await?;
    hub.typing.stop(session.connection.id, conversation.id);
    let message = message.public().ok_or_else(|| Error::internal("a visitor's message is private"))?;
    Ok(SentByVisitor { message, conversation: (&conversation).into() })
}

fn typing(hub: &Hub, session: &CustomerSession, starts: bool) {
    // before the first message there is no thread in which anybody could see it
    if let Some((conversation_id, account_id)) = session.connection.threads().first().copied() {
        if starts {
            hub.typing.start(
                session.connection.id,
                Typist {
                    account_id,
                    conversation_id,
                    person: session.connection.person(),
                    name: None,
                    is_customer: true,
                },
            );
        } else {
            hub.typing.stop(session.connection.id, conversation_id);
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Identified {
    visitor: VisitorView,
    verified: bool,
}

async fn identify(
    hub: &Arc<Hub>,
    session: &Arc<CustomerSession>,
    command: IdentifyCommand,
) -> Result<Identified> {
    let visitor = session.visitor();
    let (view, verified) = webchat::identify(&hub.inbox, &visitor, command).await?;
    if verified
        && !visitor.is_verified()
        && let Some((conversation_id, account_id)) = session.connection.threads().first().copied()
    {
        let to = VolatileTo::Thread { conversation_id, customer: true, agents: false, except: None };
        let merged = VisitorMerged { account_id, conversation_id, visitor: view.clone() };
        hub.live.publish(Volatile::push(account_id, to, &merged));
    }
    Ok(Identified { visitor: view, verified })
}
