//! Mailboxes whose servers take no password any more, at Google and Microsoft: a refresh token gets access tokens
//! (RFC 6749 §6), and an access token signs in over SMTP and IMAP by XOAUTH2.
//!
//! An access token is good for an hour. It is kept in memory, and sealed in the store for the other hubs, until shortly
//! before it ends; who needs a new one waits for whoever is already getting it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use http::StatusCode;
use model::{ChannelId, Time};
use outbound::Request;
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{ChannelConfig, Context, SendError, SendErrorClass, SettingsProblem};

/// How long the provider may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(15);
/// For so long nobody else asks; whoever asks has given up before.
const TURN: Duration = Duration::from_secs(20);
/// Between two looks whether somebody else has got a token.
const LOOK: Duration = Duration::from_millis(200);
/// So long before its end a token is not used any more: what is begun with it has to come to its end.
const MARGIN: TimeDelta = TimeDelta::minutes(5);
/// What is assumed of a token that does not say how long it is good for.
const USUAL_LIFE: i64 = 3600;

/// A provider of mailboxes.
#[derive(Debug)]
pub(super) struct Service {
    pub slug: &'static str,
    pub name: &'static str,
    pub help: &'static str,
    pub smtp_host: &'static str,
    pub imap_host: &'static str,
    /// With the tenant's name in the place of `{tenant}`.
    token_url: &'static str,
}

pub(super) static GOOGLE: Service = Service {
    slug: "google",
    name: "Google Workspace (OAuth)",
    help: "Make an OAuth client in the Google Cloud console and let the mailbox agree to the scope \
           https://mail.google.com/; enter what comes of it here.",
    smtp_host: "smtp.gmail.com",
    imap_host: "imap.gmail.com",
    token_url: "https://oauth2.googleapis.com/token",
};

pub(super) static MICROSOFT: Service = Service {
    slug: "microsoft",
    name: "Microsoft 365 (OAuth)",
    help: "Register an application in Microsoft Entra and let the mailbox agree to the scopes IMAP.AccessAsUser.All, \
           SMTP.Send (both of https://outlook.office.com/) and offline_access; enter what comes of it here.",
    smtp_host: "smtp.office365.com",
    imap_host: "outlook.office365.com",
    token_url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
};

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Credentials {
    /// The mailbox's address.
    #[schemars(length(min = 3, max = 254))]
    from_email: String,
    /// The application that was registered at the provider.
    #[schemars(length(min = 1, max = 512))]
    client_id: String,
    /// The application's secret; empty if it is a public client.
    #[schemars(length(max = 2048), extend("x-secret" = true))]
    client_secret: Option<String>,
    /// What the mailbox's consent gave. Access tokens are got with it.
    #[schemars(length(min = 1, max = 8192), extend("x-secret" = true))]
    refresh_token: String,
    /// The name beside the address.
    #[schemars(length(max = 200))]
    from_name: Option<String>,
    /// Where answers go, if elsewhere.
    #[schemars(length(max = 254))]
    reply_to: Option<String>,
    /// Who signs in, where it is not the mailbox's address (shared mailboxes).
    #[schemars(length(max = 255), extend("x-rare" = true))]
    smtp_username: Option<String>,
    /// The server that sends; the provider's own if empty.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9._\-\[\]:]*$"), extend("x-rare" = true))]
    smtp_host: Option<String>,
    /// Usually 587, or 465 with TLS.
    #[schemars(range(min = 1, max = 65535), extend("x-rare" = true))]
    smtp_port: Option<u16>,
    /// The server that receives; the provider's own if empty.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9._\-\[\]:]*$"), extend("x-rare" = true))]
    imap_host: Option<String>,
    /// Usually 993.
    #[schemars(range(min = 1, max = 65535), extend("x-rare" = true))]
    imap_port: Option<u16>,
    /// Signs the names of ours that come back; made by the hub.
    #[schemars(length(min = 16, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true, "x-rare" = true))]
    webhook_token: Option<String>,
    provider: Option<String>,
}

/// What such mailboxes have beside the settings of all.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Settings {
    /// The organisation's tenant: its domain or its id (Microsoft). Empty: any organisation.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9._-]*$"))]
    tenant: Option<String>,
    /// Where access tokens come from; the provider's own address if empty.
    #[schemars(length(max = 2048), regex(pattern = r"^(https?://.*)?$"), extend("x-rare" = true))]
    token_url: Option<String>,
}

/// An access token, as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Token {
    /// What it was got with: another refresh token makes it worthless.
    of: String,
    pub access_token: String,
    expires_at: Time,
    /// The provider gave a new one, which is to be used from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// The servers did not take it.
    #[serde(default)]
    refused: bool,
}

impl Token {
    fn is_good(&self, of: &str, now: Time) -> bool {
        self.of == of && !self.refused && now < self.expires_at
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// The access tokens of this process, one of each channel.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<ChannelId, Slot>>);

impl Tokens {
    /// A token that is good for some minutes.
    ///
    /// # Errors
    /// Class settings if the provider refuses the refresh token or the client, unavailable if it does not answer.
    pub(super) async fn get(&self, service: &Service, ctx: &Context) -> Result<String, SendError> {
        let of = fingerprint(service, &ctx.channel)?;
        let slot = Arc::clone(self.0.lock().entry(ctx.channel.channel_id).or_default());
        // whoever comes while one is being got waits here
        let mut held = slot.lock().await;
        if let Some(token) = held.as_ref().filter(|token| token.is_good(&of, ctx.clock.now())) {
            return Ok(token.access_token.clone());
        }
        let token = shared(service, ctx, &of, held.as_ref()).await?;
        *held = Some(token.clone());
        Ok(token.access_token)
    }

    /// The servers did not take it: the next one is a new one. Whether there is one to be got: a token that has just
    /// come is refused for another reason than its age.
    pub(super) async fn refused(&self, ctx: &Context, access_token: &str) -> bool {
        let slot = Arc::clone(self.0.lock().entry(ctx.channel.channel_id).or_default());
        let mut held = slot.lock().await;
        match held.as_mut().filter(|token| token.access_token == access_token && !token.refused) {
            Some(token) => {
                token.refused = true;
                true
            }
            None => false,
        }
    }
}

/// One from another hub, or a new one, which other hubs get too.
async fn shared(
    service: &Service,
    ctx: &Context,
    of: &str,
    held: Option<&Token>,
) -> Result<Token, SendError> {
    let Some(lent) = &ctx.lent else { return fetch(service, ctx, of, held).await };
    let (account, channel) = (ctx.channel.account_id, ctx.channel.channel_id);
    let until = tokio::time::Instant::now() + ctx.time_left().unwrap_or(TURN).min(TURN);
    loop {
        let kept: Option<Token> = lent
            .lent(account, channel)
            .await
            .map_err(stored)?
            .and_then(|kept| serde_json::from_value(kept).ok());
        let kept = kept.filter(|kept| kept.of == of);
        // one that the servers refused here is refused for others as well
        let is_other = |kept: &Token| held.is_none_or(|held| held.access_token != kept.access_token);
        if let Some(token) = kept.as_ref().filter(|kept| kept.is_good(of, ctx.clock.now()) && is_other(kept))
        {
            return Ok(token.clone());
        }
        if let Some(turn) = lent.begin(channel, TURN).await.map_err(stored)? {
            let fetched = fetch(service, ctx, of, kept.as_ref().or(held)).await;
            if let Ok(token) = &fetched {
                let token = serde_json::to_value(token).unwrap_or(Value::Null);
                if let Err(error) = lent.lend(account, channel, token).await {
                    tracing::warn!(%error, %channel, "an access token is not kept for the other hubs");
                }
            }
            lent.end(channel, turn).await;
            return fetched;
        }
        if tokio::time::Instant::now() + LOOK >= until {
            return Err(unavailable("another hub has been asking for an access token for too long"));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Asks the provider.
async fn fetch(
    service: &Service,
    ctx: &Context,
    of: &str,
    known: Option<&Token>,
) -> Result<Token, SendError> {
    let channel = &ctx.channel;
    let renewed = known.filter(|known| known.of == of).and_then(|known| known.refresh_token.clone());
    let refresh_token = match &renewed {
        Some(renewed) => renewed.as_str(),
        None => channel.required("refresh_token")?,
    };
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", channel.required("client_id")?),
        ("refresh_token", refresh_token),
    ];
    if let Some(secret) = channel.credentials.get("client_secret") {
        form.push(("client_secret", secret));
    }
    let request = Request::post(token_url(service, channel)).form(form).deadline(ANSWER_TIME);
    // nothing was sent to anybody: whatever became of it, it can be asked again
    let answer = ctx.call(request).await.map_err(|error| match error.class {
        SendErrorClass::Unknown => SendError { class: SendErrorClass::Unavailable, ..error },
        _ => error,
    })?;
    let body = answer.json().unwrap_or(Value::Null);
    if !answer.status.is_success() {
        return Err(no_token(ctx, answer.status, &body));
    }
    let Some(access_token) = body["access_token"].as_str().filter(|token| is_sendable(token)) else {
        return Err(unavailable("the mail provider answered without an access token"));
    };
    let life = body["expires_in"].as_i64().or_else(|| body["expires_in"].as_str()?.parse().ok());
    let life = TimeDelta::seconds(life.unwrap_or(USUAL_LIFE).clamp(1, 86_400));
    Ok(Token {
        of: of.to_owned(),
        access_token: access_token.to_owned(),
        expires_at: ctx.clock.now() + (life - MARGIN).max(life / 2),
        refresh_token: body["refresh_token"].as_str().map(str::to_owned).or(renewed),
        refused: false,
    })
}

/// What the provider's refusal means (RFC 6749 §5.2).
fn no_token(ctx: &Context, status: StatusCode, body: &Value) -> SendError {
    let code = body["error"].as_str().unwrap_or_default();
    let said = body["error_description"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
    let said = ctx.redactor.text(said);
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let auth =
        |message: String| SendError::new(SendErrorClass::Settings(SettingsProblem::Auth), code, message);
    match code {
        "invalid_grant" | "interaction_required" | "consent_required" | "login_required" => auth(format!(
            "the mail provider takes the refresh token no more ({code}{said}); let the mailbox agree again and enter the new one"
        )),
        "invalid_client" | "unauthorized_client" => {
            auth(format!("the mail provider does not know this client_id and client_secret ({code}{said})"))
        }
        _ if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            unavailable(&format!("the mail provider gives no access token at the moment ({status}{said})"))
        }
        "temporarily_unavailable" | "server_error" => {
            unavailable(&format!("the mail provider gives no access token at the moment ({code}{said})"))
        }
        "" => SendError::config(format!("the token_url answered {status}, and not as a mail provider does")),
        _ => SendError::config(format!("the mail provider gave no access token ({code}{said})")),
    }
}

fn token_url(service: &Service, channel: &ChannelConfig) -> String {
    match channel.setting("token_url") {
        Some(own) => own.to_owned(),
        None => service.token_url.replace("{tenant}", channel.setting("tenant").unwrap_or("organizations")),
    }
}

/// What a token depends on, as a name.
fn fingerprint(service: &Service, channel: &ChannelConfig) -> Result<String, SendError> {
    let mut hash = Sha256::new();
    let secret = channel.credentials.get("client_secret").unwrap_or_default();
    let (client, refresh) = (channel.required("client_id")?, channel.required("refresh_token")?);
    let url = token_url(service, channel);
    for part in [url.as_str(), client, secret, refresh] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    Ok(hex::encode(hash.finalize()))
}

/// A token is printable ASCII (RFC 6750 §2.1); anything else would be something else on the wire.
fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What is said to sign in: SASL XOAUTH2's one message.
pub(super) fn xoauth2(user: &str, access_token: &str) -> String {
    format!("user={user}\x01auth=Bearer {access_token}\x01\x01")
}

/// What a server says of a token that it does not take, from the JSON of its challenge.
pub(super) fn challenge(challenge: &[u8]) -> Option<String> {
    let said: Value = serde_json::from_slice(challenge).ok()?;
    let status = match &said["status"] {
        Value::String(status) => status.clone(),
        Value::Number(status) => status.to_string(),
        _ => return None,
    };
    Some(format!("the server answered the access token with status {status}"))
}

fn stored(error: model::Error) -> SendError {
    unavailable(&error.to_string())
}

fn unavailable(message: &str) -> SendError {
    SendError::new(SendErrorClass::Unavailable, "no_access_token", message)
}
