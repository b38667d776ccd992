//! The life of the credential behind a socket.

use std::sync::Arc;

use chrono::Duration;
use model::Time;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    connection::Connection,
    events::{AuthExpired, AuthExpiring},
};

/// How long before the end a client is warned.
const WARNING: Duration = Duration::seconds(60);
/// How long after the end it may still renew.
const GRACE: Duration = Duration::seconds(25);

/// Asks to go on with a newer token.
#[derive(Deserialize, ToSchema)]
pub struct Refresh {
    pub token: String,
}

#[derive(Serialize, ToSchema)]
pub struct Refreshed {
    /// Null for a credential without an end.
    pub expires_at: Option<chrono::DateTime<chrono::Utc>>,
}

struct State {
    ends_at: Option<Time>,
    warned: bool,
    over: bool,
}

/// When a socket's credential ends, and what the client was told of it.
pub struct Life(Mutex<State>);

impl Life {
    #[must_use]
    pub fn new(ends_at: Option<Time>) -> Self {
        Self(Mutex::new(State { ends_at, warned: false, over: false }))
    }

    /// The credential was renewed.
    pub fn renew(&self, ends_at: Option<Time>) {
        *self.0.lock() = State { ends_at, warned: false, over: false };
    }

    /// Warns, or ends the socket, when it is time.
    pub fn check(&self, now: Time, connection: &Arc<Connection>) {
        let mut state = self.0.lock();
        let Some(ends_at) = state.ends_at else { return };
        if now >= ends_at + GRACE {
            if !std::mem::replace(&mut state.over, true) {
                end(connection, "expired");
            }
        } else if now >= ends_at - WARNING && !std::mem::replace(&mut state.warned, true) {
            let in_s = (ends_at - now).num_seconds().max(0);
            connection.hint(&AuthExpiring { in_s }, None);
        }
    }
}

/// Tells the client that its credential no longer holds, and closes the socket.
pub fn end(connection: &Arc<Connection>, reason: &'static str) {
    let connection = Arc::clone(connection);
    tokio::spawn(async move {
        connection.tell(&AuthExpired { reason }).await;
        connection.close();
        connection.hang_up();
    });
}
