//! A webhook from arrival to answer, whatever carried it.

use std::sync::Arc;

use channels::{Adapter, ChannelConfig, Registry, SandboxSwitch, VerifyError, WebhookAnswer, WebhookRequest};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use inbox::{
    Inbox,
    channel_store::{ChannelHandle, by_id_unscoped},
    journal::{Accepted, Journal, SecondLook, Unverified, Verdict},
};
use model::{ChannelId, ChannelType, Error, ErrorCode, JournalId, Time};

use crate::{limit::Limiter, read};

/// Bytes of a webhook that brings a mail: providers take mails of 25 to 30 MB, which base64 makes larger.
const MAIL_MAX: usize = 42 << 20;

/// How much the door lets in.
#[derive(Debug, Clone)]
pub struct DoorOptions {
    /// Bytes of one body.
    pub body_max: usize,
    /// Webhooks of one channel each second; more are told to come back.
    pub per_channel_per_second: u32,
    /// Webhooks that are kept unverified each second while the store is down.
    pub unverified_per_second: u32,
}

impl Default for DoorOptions {
    fn default() -> Self {
        Self { body_max: 8 << 20, per_channel_per_second: 3000, unverified_per_second: 50 }
    }
}

/// What the provider is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: String,
    /// Seconds.
    pub retry_after: Option<u32>,
}

impl Answer {
    /// The answer to what was stored, where the adapter has no wish of its own.
    fn ok(answer: WebhookAnswer) -> Self {
        if answer == WebhookAnswer::EMPTY {
            return Self::json(StatusCode::OK, r#"{"ok":true}"#.to_owned());
        }
        Self {
            status: StatusCode::OK,
            content_type: answer.content_type,
            body: answer.body,
            retry_after: None,
        }
    }

    fn json(status: StatusCode, body: String) -> Self {
        Self { status, content_type: "application/json", body, retry_after: None }
    }

    /// An error as every other endpoint shows it; the cause of a 5xx stays in the log.
    pub(crate) fn error(error: &Error) -> Self {
        let status =
            StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(%error, source = ?error.source, "a webhook could not be accepted");
        }
        let body = serde_json::json!({
            "success": false, "error": error.code, "message": error.message, "details": error.details,
        });
        let retry = matches!(error.code, ErrorCode::RateLimited | ErrorCode::Unavailable).then_some(1);
        Self { retry_after: retry, ..Self::json(status, body.to_string()) }
    }
}

/// The door for webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    inbox: Inbox,
    journal: Journal,
    registry: &'static Registry,
    options: DoorOptions,
    per_channel: Limiter<ChannelId>,
    unverified: Limiter<()>,
}

struct Found {
    handle: Arc<ChannelHandle>,
    config: channels::ChannelConfig,
    adapter: Arc<dyn Adapter>,
}

impl Found {
    /// Whether the webhook is the provider's, who may not have been told yet of the channel's new secrets.
    fn verify(&self, request: &WebhookRequest, now: Time) -> Result<(), VerifyError> {
        let refused = match self.adapter.verify(&self.config, request) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        let before = self.handle.facts_before(now).map(ChannelConfig::from);
        if before.is_some_and(|before| self.adapter.verify(&before, request).is_ok()) {
            tracing::info!(channel_id = %self.handle.id, "a webhook is signed with the secrets before these");
            return Ok(());
        }
        Err(refused)
    }
}

impl Door {
    pub fn new(inbox: Inbox, journal: Journal, options: DoorOptions) -> Self {
        let per_channel = Limiter::new(options.per_channel_per_second);
        let unverified = Limiter::new(options.unverified_per_second);
        let registry = channels::registry();
        Self(Arc::new(Inner { inbox, journal, registry, options, per_channel, unverified }))
    }

    /// Bytes that a webhook may have. Mails come with their files inside: a channel of e-mail that exists may be sent more.
    pub(crate) async fn body_max(&self, channel_type: &str, channel: &str) -> usize {
        let usual = self.0.options.body_max;
        let Some(id) =
            channel.parse::<ChannelId>().ok().filter(|_| channel_type == ChannelType::Email.as_str())
        else {
            return usual;
        };
        match by_id_unscoped(&self.0.inbox, id).await {
            Ok(Some(handle)) if handle.channel_type == ChannelType::Email => usual.max(MAIL_MAX),
            // it is kept unverified until the store is back
            Err(error) if bus::is_of_store(&error) => usual.max(MAIL_MAX),
            _ => usual,
        }
    }

    pub(crate) fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }

    /// Webhooks that wait on this node's disk for the store.
    #[must_use]
    pub fn spooled(&self) -> usize {
        self.0.journal.spooled()
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// The public address of a request, from its target as it came (path and query): what providers sign.
    pub(crate) fn public_url(&self, target: &str) -> String {
        format!("{}{target}", self.0.inbox.settings().public_url)
    }

    /// The public address that a channel's provider is to call.
    pub fn address(&self, channel_type: ChannelType, channel: ChannelId) -> String {
        self.0.inbox.settings().webhook_url(channel_type, channel)
    }

    /// Takes a webhook in and says what to answer.
    pub async fn receive(&self, channel_type: &str, channel: &str, request: WebhookRequest) -> Answer {
        match self.take_in(channel_type, channel, request).await {
            Ok(answer) => answer,
            Err(error) => Answer::error(&error),
        }
    }

    async fn take_in(
        &self,
        channel_type: &str,
        channel: &str,
        request: WebhookRequest,
    ) -> Result<Answer, Error> {
        let unknown = || Error::not_found("channel");
        let channel_type: ChannelType = channel_type.parse().map_err(|_| unknown())?;
        let id: ChannelId = channel.parse().map_err(|_| unknown())?;
        if !self.0.per_channel.take(&id) {
            return Err(Error::new(ErrorCode::RateLimited, "too many webhooks for this channel; send again"));
        }
        let received_at = self.0.inbox.now();
        let found = match by_id_unscoped(&self.0.inbox, id).await {
            Ok(Some(handle)) => self.adapter_of(handle, channel_type).ok_or_else(unknown)?,
            Ok(None) => return Err(unknown()),
            Err(error) if bus::is_of_store(&error) && request.method == Method::POST => {
                return self.keep_unverified(channel_type, id, request, received_at, &error).await;
            }
            Err(error) => return Err(error),
        };
        if request.method == Method::GET {
            match found.adapter.challenge(&found.config, &request) {
                Some(Ok(answer)) => return Ok(Answer::ok(answer)),
                Some(Err(error)) => return Err(Error::unauthorized(error.to_string())),
                None if found.adapter.takes_get(&found.config) => {}
                None => return Err(Error::not_found("question for this channel; its webhooks are POSTs")),
            }
        }
        found.verify(&request, self.0.inbox.now()).map_err(|error| {
            tracing::warn!(channel_id = %id, %error, "a webhook was refused");
            Error::unauthorized("the signature of this webhook is not valid")
        })?;
        // the journal's id is the trace by which a message is found in every line of the log
        let trace = JournalId::new();
        let body = found.read(trace, &request, received_at);
        self.0.journal.accept(vec![body]).await?;
        tracing::debug!(%trace, channel = %id, "a webhook is taken in");
        Ok(Answer::ok(found.adapter.webhook_answer(&found.config, &request)))
    }

    fn adapter_of(&self, handle: Arc<ChannelHandle>, channel_type: ChannelType) -> Option<Found> {
        if handle.channel_type != channel_type {
            return None;
        }
        let adapter = Arc::clone(self.0.registry.get(handle.channel_type, &handle.provider)?);
        let config = ChannelConfig::from(handle.facts());
        Some(Found { handle, config, adapter })
    }

    async fn keep_unverified(
        &self,
        channel_type: ChannelType,
        channel_id: ChannelId,
        request: WebhookRequest,
        received_at: Time,
        cause: &Error,
    ) -> Result<Answer, Error> {
        if !self.0.unverified.take(&()) {
            return Err(Error::unavailable("the store cannot be reached at the moment; try again"));
        }
        tracing::warn!(%channel_id, error = %cause, "the channel cannot be read: the webhook is kept unverified");
        let headers = request
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let webhook = Unverified {
            id: JournalId::new(),
            channel_type,
            channel_id,
            received_at,
            method: request.method.to_string(),
            url: request.url,
            headers,
            body: request.body,
        };
        self.0.journal.accept_unverified(webhook).await?;
        Ok(Answer::ok(WebhookAnswer::EMPTY))
    }

    /// Lets the sandbox's receipts come in as any provider's webhooks do.
    pub fn serve_sandbox(&self, sandbox: &SandboxSwitch) {
        let door = self.clone();
        sandbox.deliver_with(move |delivery| -> BoxFuture<'static, Result<(), String>> {
            let door = door.clone();
            Box::pin(async move {
                let mut headers = HeaderMap::new();
                for (name, value) in delivery.body.headers {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        headers.insert(name, value);
                    }
                }
                let url = door.address(delivery.channel_type, delivery.channel_id);
                let request = WebhookRequest { method: Method::POST, url, headers, body: delivery.body.body };
                let (of_type, id) = (delivery.channel_type.to_string(), delivery.channel_id.to_string());
                let answer = door.receive(&of_type, &id, request).await;
                if answer.status.is_success() { Ok(()) } else { Err(format!("{}", answer.status)) }
            })
        });
    }

    /// Whether the channel's things arrive over a session that we hold.
    pub(crate) fn needs_session(&self, handle: &ChannelHandle) -> bool {
        use model::profile::SessionNeed;
        let Some(adapter) = self.0.registry.get(handle.channel_type, &handle.provider) else { return false };
        match adapter.profile().session {
            SessionNeed::Never => false,
            SessionNeed::Always => true,
            SessionNeed::WithoutWebhook => {
                let own = handle.credentials.get("webhook_url").and_then(serde_json::Value::as_str);
                let url = own.unwrap_or(&self.0.inbox.settings().public_url);
                !url.starts_with("https://")
            }
        }
    }
}

impl Found {
    fn read(&self, id: JournalId, request: &WebhookRequest, received_at: Time) -> Accepted {
        read::webhook(id, &self.handle, &self.config, &self.adapter, request, received_at)
    }
}

impl SecondLook for Door {
    fn look<'a>(&'a self, webhook: &'a Unverified) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let handle = match by_id_unscoped(&self.0.inbox, webhook.channel_id).await {
                Ok(Some(handle)) => handle,
                Ok(None) => return Verdict::Dropped("there is no such channel".to_owned()),
                Err(error) if bus::is_of_store(&error) => return Verdict::Later,
                // it would hold up everything behind it for as long as nobody mends the channel
                Err(error) => {
                    return Verdict::Aside(format!(
                        "the channel cannot be read: {error} ({:?})",
                        error.source
                    ));
                }
            };
            let Some(found) = self.adapter_of(handle, webhook.channel_type) else {
                return Verdict::Dropped("the channel is of another type".to_owned());
            };
            let request = request_of(webhook);
            match found.verify(&request, self.0.inbox.now()) {
                Ok(()) => Verdict::Genuine(Box::new(found.read(webhook.id, &request, webhook.received_at))),
                Err(error) => Verdict::Dropped(error.to_string()),
            }
        })
    }
}

fn request_of(webhook: &Unverified) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    for (name, value) in &webhook.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            headers.append(name, value);
        }
    }
    WebhookRequest {
        method: webhook.method.parse().unwrap_or(Method::POST),
        url: webhook.url.clone(),
        headers,
        body: webhook.body.clone(),
    }
}
