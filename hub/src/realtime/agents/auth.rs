//! Renewing a socket's credential in place.

use std::sync::Arc;

use inbox::identity;
use model::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AgentSession;
use crate::realtime::hub::Hub;

#[derive(Deserialize)]
pub(super) struct Refresh {
    token: String,
}

/// Takes a newer token of the same user.
pub(super) async fn refresh(hub: &Arc<Hub>, session: &Arc<AgentSession>, command: Refresh) -> Result<Value> {
    let context = identity::authenticate(&hub.inbox, &command.token).await?;
    if context.user_id() != session.user_id() {
        return Err(Error::forbidden("the token is another user's: open a socket of its own"));
    }
    let ends_at = context.expires_at();
    session.adopt(hub, context).await;
    session.life.renew(ends_at);
    Ok(json!({"expires_at": ends_at}))
}
