//! Commands of one connection, one at a time and in their order.

use std::{future::Future, sync::Arc, time::Instant};

use model::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use utoipa::ToSchema;

use super::{
    connection::Connection,
    entry::raw,
    hub::Hub,
    metrics,
    waiting::{Command, Waiting},
};
use crate::{fields, nul};

/// Whoever answers the commands of a namespace.
pub trait Answer: Send + Sync {
    const NAMESPACE: &'static str;

    /// The name as it is counted: `unknown` for one that is none of ours.
    fn counted(name: &str) -> &'static str;

    /// Does what `name` asks; the value is the answer's `data`.
    fn answer(
        &self,
        hub: &Arc<Hub>,
        name: &str,
        payload: &RawValue,
    ) -> impl Future<Output = Result<Value>> + Send;
}

/// Declares the commands of a namespace: by name, who does them. The handlers' types are what the
/// AsyncAPI document says of them, so that it cannot say anything else. `screen` looks at every payload
/// first.
macro_rules! commands {
    ($namespace:literal, $session:ty, $(screen $screen:path,)? unknown $unknown:path; $($(#[doc = $doc:literal])+ $name:literal => $handler:path,)+) => {
        impl $crate::realtime::turns::Answer for std::sync::Arc<$session> {
            const NAMESPACE: &'static str = $namespace;

            fn counted(name: &str) -> &'static str {
                match name {
                    $($name => $name,)+
                    _ => "unknown",
                }
            }

            async fn answer(
                &self,
                hub: &std::sync::Arc<$crate::realtime::hub::Hub>,
                name: &str,
                payload: &serde_json::value::RawValue,
            ) -> model::Result<serde_json::Value> {
                use $crate::realtime::turns::{data, read};
                $($screen(self, payload)?;)?
                match name {
                    $($name => data(&$handler(hub, self, read(payload)?).await?),)+
                    _ => Err($unknown(name)),
                }
            }
        }

        /// The commands as the AsyncAPI document shows them.
        pub fn described() -> Vec<$crate::realtime::asyncapi::Command> {
            vec![$($crate::realtime::asyncapi::Command::new($name, concat!($($doc, "\n"),+), $handler)),+]
        }
    };
}
pub(super) use commands;

/// A command that takes nothing, or nothing that is looked at.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Nothing {}

/// An answer's `data`, encoded.
pub fn data(answer: &impl Serialize) -> Result<Value> {
    serde_json::to_value(answer).map_err(Error::internal)
}

/// Takes turns until the connection ends.
pub async fn serve(hub: &Arc<Hub>, session: &impl Answer, connection: &Arc<Connection>, waiting: &Waiting) {
    loop {
        let command = tokio::select! {
            biased;
            () = connection.ended().cancelled() => return,
            next = waiting.next() => next,
            // the node goes, and what was accepted is done
            () = connection.parting().cancelled() => {
                connection.part().await;
                return;
            }
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

async fn turn<A: Answer>(hub: &Arc<Hub>, session: &A, command: &Command) -> Value {
    let began = Instant::now();
    let answering = session.answer(hub, &command.name, &command.payload);
    let answer = match tokio::time::timeout(hub.config.command_deadline, answering).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::unavailable("it took too long; whether it was done is not known: ask again")),
    };
    let code = answer.as_ref().map_or_else(|error| error.code.as_str(), |_| "ok");
    metrics::command(A::NAMESPACE, A::counted(&command.name), code, began.elapsed());
    match answer {
        Ok(data) => json!({"ok": true, "data": data}),
        Err(error) => refused(&error),
    }
}

/// Why a command was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandError {
    pub code: ErrorCode,
    pub message: String,
    /// Facts for programs: `errors` of refused fields, `retry_after_ms` of limits.
    #[schema(value_type = Object)]
    pub details: Value,
}

impl From<&Error> for CommandError {
    fn from(error: &Error) -> Self {
        Self { code: error.code, message: error.message.clone(), details: error.details.clone() }
    }
}

/// The answer that says why not.
#[must_use]
pub fn refused(error: &Error) -> Value {
    if error.code == ErrorCode::Internal {
        tracing::error!(%error, source = error.source.as_deref().map(tracing::field::display), "a command failed");
    }
    json!({"ok": false, "error": CommandError::from(error)})
}

/// Reads a command's payload; what is missing or of another type is named.
pub fn read<T: DeserializeOwned>(payload: &RawValue) -> Result<T> {
    let text = if payload.get() == "null" { "{}" } else { payload.get() };
    let whole = || serde_json::from_str(text).unwrap_or_default();
    if let Some(error) = nul::refused(text.as_bytes(), whole, "payload") {
        return Err(error);
    }
    // what is right needs no value in between
    serde_json::from_str(text).or_else(|_| fields::read(whole(), "payload"))
}
