//! `Idempotency-Key`: a POST that is sent again with the same key gets the first answer again.
//!
//! Guarantee: for as long as keys are kept, at most one request of a caller and key runs to an answer
//! below 500. The same key with another body or address is a 409, as is one that is still running. A
//! request that was cut by a crash may run again after a minute; what sends a message then finds its first
//! result by [`Repeated`], which is stored with the message. Answers are kept sealed, because some of them
//! hold what is shown once.

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bus::{Scope, Task};
use http_body_util::{BodyExt, Limited};
use inbox::{Context, Inbox};
use model::{Error, Result, Time};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Rest,
    envelope::{ApiError, Pending, failure},
    middleware::{RequestId, caller_id},
};

const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// A request that has run for longer than this was cut.
const CUT_AFTER: chrono::Duration = chrono::Duration::seconds(60);
/// Longer answers are not kept; the request may then not be repeated under its key.
const ANSWER_MAX: usize = 1 << 20;

/// The id that all runs of a request with one key share.
#[derive(Debug, Clone, Copy)]
pub struct Repeated(pub Uuid);

/// What is known of a key.
enum Known {
    /// It is ours now: run.
    New,
    Answered {
        status: u16,
        body: String,
    },
    Running,
    /// It was used for something else.
    Other,
}

/// Runs a request once for each key of its caller.
pub async fn once(State(rest): State<Rest>, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(KEY).filter(|_| request.method() == Method::POST) else {
        return next.run(request).await;
    };
    let Some(context) = request.extensions().get::<Context>() else {
        return next.run(request).await;
    };
    let key = match key.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => key.to_owned(),
        _ => {
            let told = "Idempotency-Key must have 1 to 255 visible characters";
            return ApiError(Error::bad_request(told)).into_response();
        }
    };
    let slot = Slot { inbox: rest.inbox().clone(), caller: caller_id(context), key };
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(slot.repeated());
    let Ok(body) = Limited::new(body, rest.options().body_max).collect().await else {
        return ApiError(Error::new(model::ErrorCode::TooLarge, "the body is too large")).into_response();
    };
    let body = body.to_bytes();
    let mut hash = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), parts.uri.to_string().as_bytes(), &body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    match slot.begin(&hash).await {
        Ok(Known::New) => {}
        Ok(Known::Answered { status, body }) => return slot.replay(status, &body),
        Ok(Known::Running) => {
            let error = Error::conflict("a request with this Idempotency-Key is still running")
                .with("reason", "in_progress")
                .with("retry_after_ms", 1000);
            return ApiError(error).into_response();
        }
        Ok(Known::Other) => {
            let error = Error::conflict("this Idempotency-Key was used for another request")
                .with("reason", "key_reused");
            return ApiError(error).into_response();
        }
        Err(error) => return ApiError(error).into_response(),
    }
    // it goes on if the caller hangs up: its answer is what the repeated request gets
    let run = tokio::spawn(async move {
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        slot.end(response, &id).await
    });
    run.await.unwrap_or_else(|error| {
        ApiError(Error::internal(format!("a handler panicked: {error}"))).into_response()
    })
}

/// The place where one answer is kept.
struct Slot {
    inbox: Inbox,
    caller: Uuid,
    key: String,
}

impl Slot {
    fn repeated(&self) -> Repeated {
        let hash = Sha256::new().chain_update(self.caller).chain_update(&self.key).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Repeated(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    async fn begin(&self, hash: &[u8]) -> Result<Known> {
        let (caller, key, now) = (self.caller, self.key.as_str(), self.inbox.now());
        let known = self
            .inbox
            .store()
            .write(Scope::System(Task::Identity), |mut tx| async move {
                let ours = sqlx::query!(
                    "INSERT INTO idempotency_keys AS k (caller_id, key, request_hash, created_at)
                     VALUES ($1, $2, $3, $4)
                     ON CONFLICT (caller_id, key) DO UPDATE SET created_at = excluded.created_at
                     WHERE k.status IS NULL AND k.created_at < $5 AND k.request_hash = excluded.request_hash",
                    caller,
                    key,
                    hash,
                    now,
                    now - CUT_AFTER,
                )
                .execute(&mut *tx)
                .await?
                .rows_affected();
                if ours == 1 {
                    return Ok(Known::New);
                }
                let row = sqlx::query!(
                    "SELECT request_hash, status, body FROM idempotency_keys
                     WHERE caller_id = $1 AND key = $2",
                    caller,
                    key,
                )
                .fetch_optional(&mut *tx)
                .await?;
                Ok(match row {
                    Some(row) if row.request_hash != hash => Known::Other,
                    Some(row) => match (row.status, row.body) {
                        (Some(status), Some(body)) => Known::Answered { status: status as u16, body },
                        _ => Known::Running,
                    },
                    // it failed at this moment and was taken back
                    None => Known::Running,
                })
            })
            .await?;
        Ok(known)
    }

    fn place(&self) -> String {
        format!("idempotency:{}:{}", self.caller, self.key)
    }

    fn replay(&self, status: u16, sealed: &str) -> Response {
        let opened = STANDARD
            .decode(sealed)
            .map_err(Error::internal)
            .and_then(|sealed| self.inbox.secrets().open(&self.place(), &sealed));
        let body = match opened {
            Ok(body) => body,
            Err(error) => return ApiError(error).into_response(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut response = (status, Bytes::copy_from_slice(&body)).into_response();
        let headers = response.headers_mut();
        if body.is_empty() {
            headers.remove(header::CONTENT_TYPE);
        } else {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }

    /// Keeps an answer below 500; after any other the key is free again.
    async fn end(&self, response: Response, id: &str) -> Response {
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            self.forget().await;
            return response;
        }
        let (mut parts, body) = response.into_parts();
        // an error has no body yet: the edge writes it; the kept one names the first request
        let body = match parts.extensions.get::<Pending>() {
            Some(Pending(error)) => Bytes::from(serde_json::to_vec(&failure(error, id)).unwrap_or_default()),
            None => match Limited::new(body, ANSWER_MAX).collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) => {
                    tracing::warn!(%error, "an answer is too long to be kept for its Idempotency-Key");
                    self.forget().await;
                    return ApiError(Error::internal(error)).into_response();
                }
            },
        };
        if let Err(error) = self.keep(status, &body).await {
            tracing::error!(%error, "an answer was not kept for its Idempotency-Key");
        }
        parts.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(parts, Body::from(body))
    }

    async fn keep(&self, status: StatusCode, body: &[u8]) -> Result<()> {
        let sealed = STANDARD.encode(self.inbox.secrets().seal(&self.place(), body)?);
        let (caller, key, sealed) = (self.caller, self.key.as_str(), sealed.as_str());
        let status = status.as_u16() as i16;
        self.inbox
            .store()
            .write(Scope::System(Task::Identity), |mut tx| async move {
                sqlx::query!(
                    "UPDATE idempotency_keys SET status = $3, body = $4 WHERE caller_id = $1 AND key = $2",
                    caller,
                    key,
                    status,
                    sealed,
                )
                .execute(&mut *tx)
                .await?;
                Ok(())
            })
            .await?;
        Ok(())
    }

    async fn forget(&self) {
        let (caller, key) = (self.caller, self.key.as_str());
        let forgotten = self
            .inbox
            .store()
            .write(Scope::System(Task::Identity), |mut tx| async move {
                sqlx::query!(
                    "DELETE FROM idempotency_keys WHERE caller_id = $1 AND key = $2 AND status IS NULL",
                    caller,
                    key
                )
                .execute(&mut *tx)
                .await?;
                Ok(())
            })
            .await;
        if let Err(error) = forgotten {
            tracing::debug!(%error, "an Idempotency-Key is free again only after a minute");
        }
    }
}

/// Forgets answers from before `end`.
pub async fn expire(inbox: &Inbox, end: Time) -> Result<u64> {
    let deleted = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!("DELETE FROM idempotency_keys WHERE created_at < $1", end)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        })
        .await?;
    Ok(deleted)
}
