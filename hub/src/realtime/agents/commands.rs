//! The commands of `/agents`, by name.

use std::sync::Arc;

use model::{AccountId, Error, Result};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{AgentSession, auth, conversations, threads};
use crate::realtime::{
    hub::Hub,
    resume::Remembered,
    turns::{Answer, read},
};

#[derive(Deserialize)]
struct Subscribe {
    account_id: AccountId,
    #[serde(default)]
    since: Option<i64>,
    #[serde(default)]
    epoch: Option<uuid::Uuid>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    conversation_id: Option<model::ConversationId>,
    #[serde(default)]
    account_id: Option<AccountId>,
}

impl Answer for Arc<AgentSession> {
    async fn answer(&self, hub: &Arc<Hub>, name: &str, payload: &RawValue) -> Result<Value> {
        match name {
            "account:subscribe" => subscribe(hub, self, read(payload)?).await,
            "account:unsubscribe" => {
                let Subscribe { account_id, .. } = read(payload)?;
                self.leave_feed(hub, account_id);
                Ok(json!({"account_id": account_id}))
            }
            "inbox:list" => conversations::list(hub, self, read(payload)?).await,
            "conversation:join" => threads::command_join(hub, self, read(payload)?).await,
            "conversation:leave" => Ok(threads::command_leave(hub, self, read(payload)?)),
            "conversation:history" => conversations::history(hub, self, read(payload)?).await,
            "message:send" => conversations::send(hub, self, read(payload)?).await,
            "message:retry" => conversations::retry(hub, self, read(payload)?).await,
            "conversation:assign" => conversations::assign(hub, self, read(payload)?).await,
            "conversation:status" => conversations::set_status(hub, self, read(payload)?).await,
            "conversation:update" => conversations::update(hub, self, read(payload)?).await,
            "conversation:read" => conversations::read(hub, self, read(payload)?).await,
            "conversation:typing:start" => conversations::typing(hub, self, &read(payload)?, true),
            "conversation:typing:stop" => conversations::typing(hub, self, &read(payload)?, false),
            "agent:status" => conversations::status(hub, self, read(payload)?).await,
            "canned:search" => search(hub, self, read(payload)?).await,
            "auth:refresh" => auth::refresh(hub, self, read(payload)?).await,
            _ => Err(Error::bad_request(format!("there is no command {name:?} on /agents"))),
        }
    }
}

async fn subscribe(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: Subscribe) -> Result<Value> {
    let remembered = Remembered { since: command.since, epoch: command.epoch };
    let start = session.join_feed(hub, command.account_id, remembered).await?;
    if let Some(reset) = start.reset_payload() {
        session.connection.send("reset", &crate::realtime::entry::raw(&reset)).await;
    }
    Ok(json!({
        "account_id": command.account_id, "head": start.head, "resumed": start.resumed, "epoch": hub.epoch,
        "presence": hub.presences.snapshot(command.account_id),
        "queue": inbox::agents::queue(&hub.inbox, command.account_id).await?,
    }))
}

async fn search(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: Search) -> Result<Value> {
    let member = match command.conversation_id {
        Some(id) => super::member_of(hub, session, id).await?,
        None => super::account_named(session, command.account_id)?,
    };
    let hits = inbox::canned::search(&hub.inbox, &member, &command.q, command.conversation_id).await?;
    Ok(json!({"canned_responses": hits}))
}
