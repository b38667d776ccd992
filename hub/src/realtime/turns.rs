//! Commands of one connection, one at a time and in their order.

use std::{future::Future, sync::Arc};

use model::{Error, ErrorCode, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value, json, value::RawValue};

use super::{
    connection::Connection,
    entry::raw,
    hub::Hub,
    waiting::{Command, Waiting},
};

/// Whoever answers the commands of a namespace.
pub trait Answer: Send + Sync {
    /// Does what `name` asks; the value is the answer's `data`.
    fn answer(
        &self,
        hub: &Arc<Hub>,
        name: &str,
        payload: &RawValue,
    ) -> impl Future<Output = Result<Value>> + Send;
}

/// Takes turns until the connection ends.
pub async fn serve(hub: &Arc<Hub>, session: &impl Answer, connection: &Arc<Connection>, waiting: &Waiting) {
    loop {
        let command = tokio::select! {
            () = connection.ended().cancelled() => return,
            next = waiting.next() => next,
        };
        // on the heap while it lasts: an idle connection has no place for the largest of all commands
        let answer = Box::pin(turn(hub, session, &command)).await;
        if let Some(id) = command.ack
            && !connection.answer(id, &raw(&answer)).await
        {
            return;
        }
    }
}

async fn turn(hub: &Arc<Hub>, session: &impl Answer, command: &Command) -> Value {
    let answering = session.answer(hub, &command.name, &command.payload);
    match tokio::time::timeout(hub.config.command_deadline, answering).await {
        Ok(Ok(data)) => json!({"ok": true, "data": data}),
        Ok(Err(error)) => refused(&error),
        Err(_) => {
            refused(&Error::unavailable("it took too long; whether it was done is not known: ask again"))
        }
    }
}

/// The answer that says why not.
#[must_use]
pub fn refused(error: &Error) -> Value {
    if error.code == ErrorCode::Internal {
        tracing::error!(%error, source = error.source.as_deref().map(tracing::field::display), "a command failed");
    }
    json!({"ok": false, "error": {"code": error.code, "message": error.message, "details": error.details}})
}

/// Reads a command's payload; what is missing or of another type is named.
pub fn read<T: DeserializeOwned>(payload: &RawValue) -> Result<T> {
    let text = if payload.get() == "null" { "{}" } else { payload.get() };
    serde_json::from_str(text)
        .map_err(|error| Error::new(ErrorCode::Validation, format!("the payload cannot be read: {error}")))
}
