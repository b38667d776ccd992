//! The commands of `/customers`, by name. None of them takes a conversation: it is always the
//! visitor's own.

use std::sync::Arc;

use bus::live::{Pushed, Volatile, VolatileTo};
use inbox::{
    conversations,
    messages::{self, VisitorMessage},
    webchat::{self, IdentifyCommand, PageView},
};
use model::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{CustomerSession, public};
use crate::realtime::{
    entry::LogKey,
    hub::Hub,
    resume::Remembered,
    turns::{Answer, read},
    typing::Typist,
};

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    before: Option<i64>,
    #[serde(default)]
    limit: Option<i64>,
}

#[derive(Deserialize)]
struct Read {
    seq: i64,
}

#[derive(Deserialize)]
struct Rating {
    rating: i16,
    #[serde(default)]
    comment: Option<String>,
}

#[derive(Deserialize)]
struct Refresh {
    token: String,
}

/// Fields by which a client could try to reach something that is not its own.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Foreign {
    conversation_id: Option<Value>,
    account_id: Option<Value>,
    room: Option<Value>,
}

impl Answer for Arc<CustomerSession> {
    async fn answer(&self, hub: &Arc<Hub>, name: &str, payload: &RawValue) -> Result<Value> {
        let inbox = &hub.inbox;
        let visitor = self.visitor();
        self.refuse_foreign(payload)?;
        match name {
            "message:send" => send(hub, self, read(payload)?).await,
            "conversation:history" => {
                let History { before, limit } = read(payload)?;
                if self.connection.threads().is_empty() {
                    return Ok(json!({"entries": [], "has_more": false}));
                }
                let limit = limit.unwrap_or(30).clamp(1, 200);
                Ok(json!(messages::history_as_visitor(inbox, &visitor, before, limit).await?))
            }
            "conversation:typing:start" => Ok(typing(hub, self, true)),
            "conversation:typing:stop" => Ok(typing(hub, self, false)),
            "conversation:read" => {
                let Read { seq } = read(payload)?;
                conversations::visitor::read(inbox, &visitor, seq).await?;
                Ok(json!({"seq": seq}))
            }
            "visitor:identify" => identify(hub, self, read(payload)?).await,
            "visitor:page" => {
                let page: PageView = read(payload)?;
                webchat::page(inbox, &visitor, page).await?;
                Ok(Value::Null)
            }
            "csat:submit" => {
                let Rating { rating, comment } = read(payload)?;
                conversations::visitor::rate(inbox, &visitor, rating, comment).await?;
                Ok(Value::Null)
            }
            "conversation:close" => {
                let conversation = conversations::visitor::close(inbox, &visitor).await?;
                Ok(json!({"conversation": public(&conversation)}))
            }
            "auth:refresh" => {
                let Refresh { token } = read(payload)?;
                let renewed = webchat::authenticate(inbox, &token).await?;
                if renewed.visitor_id() != visitor.visitor_id() {
                    return Err(Error::forbidden("the token is another visitor's: open a socket of its own"));
                }
                let expires_at = renewed.expires_at();
                *self.visitor.write() = renewed;
                self.life.renew(Some(expires_at));
                Ok(json!({"expires_at": expires_at}))
            }
            _ if is_of_agents(name) => Err(Error::forbidden("only agents may do that")),
            _ => Err(Error::bad_request(format!("there is no command {name:?} on /customers"))),
        }
    }
}

fn is_of_agents(name: &str) -> bool {
    matches!(
        name,
        "account:subscribe"
            | "account:unsubscribe"
            | "inbox:list"
            | "conversation:join"
            | "conversation:leave"
            | "message:retry"
            | "conversation:assign"
            | "conversation:status"
            | "conversation:update"
            | "agent:status"
            | "canned:search"
    )
}

impl CustomerSession {
    /// A visitor can name no room and no conversation but their own.
    fn refuse_foreign(&self, payload: &RawValue) -> Result<()> {
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

async fn send(hub: &Arc<Hub>, session: &Arc<CustomerSession>, new: VisitorMessage) -> Result<Value> {
    let (message, conversation) = messages::send_as_visitor(&hub.inbox, &session.visitor(), new).await?;
    if !session.connection.reads(LogKey::Thread(conversation.id)) {
        // a conversation that this message opened: its thread is read from the start
        let from_the_start = Remembered { since: Some(0), epoch: None };
        session.follow(hub, conversation.id, from_the_start).await?;
    }
    hub.typing.stop(session.connection.id, conversation.id);
    Ok(json!({"message": message.public(), "conversation": public(&conversation)}))
}

fn typing(hub: &Hub, session: &CustomerSession, starts: bool) -> Value {
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
    Value::Null
}

async fn identify(hub: &Arc<Hub>, session: &Arc<CustomerSession>, command: IdentifyCommand) -> Result<Value> {
    let visitor = session.visitor();
    let (view, verified) = webchat::identify(&hub.inbox, &visitor, command).await?;
    if verified
        && !visitor.is_verified()
        && let Some((conversation_id, account_id)) = session.connection.threads().first().copied()
    {
        hub.live.publish(Pushed::Volatile(Arc::new(Volatile {
            account_id,
            to: VolatileTo::Thread { conversation_id, customer: true, agents: false, except: None },
            name: "visitor:merged",
            payload: json!({"account_id": account_id, "conversation_id": conversation_id, "visitor": view}),
        })));
    }
    Ok(json!({"visitor": view, "verified": verified}))
}
