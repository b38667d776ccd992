//! Renewing a socket's credential in place.

use std::sync::Arc;

use inbox::identity;
use model::{Error, Result};

use super::AgentSession;
use crate::realtime::{
    hub::Hub,
    life::{Refresh, Refreshed},
    metrics,
};

/// Takes a newer token of the same user.
pub(super) async fn refresh(
    hub: &Arc<Hub>,
    session: &Arc<AgentSession>,
    command: Refresh,
) -> Result<Refreshed> {
    let context = identity::authenticate(&hub.inbox, &command.token).await?;
    if context.user_id() != session.user_id() {
        return Err(Error::forbidden("the token is another user's: open a socket of its own"));
    }
    let expires_at = context.expires_at();
    session.adopt(hub, context).await;
    session.life.renew(expires_at);
    metrics::refreshed("agents");
    Ok(Refreshed { expires_at })
}
