//! What WhatsApp and Messenger share: the Graph API, its errors and its webhooks.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use outbound::{Exchange, Request, Response};
use serde_json::Value;
use sha2::Sha256;

use crate::{
    ChannelConfig, Context, Media, SendError, SendErrorClass, VerifyError, WebhookAnswer, WebhookRequest,
    credentials::same, error::without_body, rich::bad_content,
};

const PUBLIC: &str = "https://graph.facebook.com";
const VERSION: &str = "v26.0";
const SIGNATURE: &str = "x-hub-signature-256";

/// What an error of the Graph API says about itself.
pub(crate) struct GraphError {
    pub(crate) code: i64,
    pub(crate) subcode: i64,
    pub(crate) is_transient: bool,
    pub(crate) status: u16,
    /// From the usage header, if it says when calls are taken again.
    pub(crate) regain: Option<Duration>,
}

/// A product's table of codes.
pub(crate) type Classify = fn(&GraphError) -> SendErrorClass;

/// An answer without an error.
pub(crate) struct Answer {
    pub(crate) body: Value,
    pub(crate) exchange: Box<Exchange>,
}

/// Calls of the Graph API with the channel's token.
pub(crate) struct Graph<'a> {
    ctx: &'a Context,
    token: &'a str,
    classify: Classify,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(ctx: &'a Context, classify: Classify) -> Result<Self, SendError> {
        Ok(Self { ctx, token: ctx.channel.required("access_token")?, classify })
    }

    /// The address of an object or an edge of it, with the proof that the caller has the app's secret.
    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let channel = &self.ctx.channel;
        let version = channel.setting("graph_version").unwrap_or(VERSION);
        let mut all = url::form_urlencoded::Serializer::new(String::new());
        all.extend_pairs(query);
        if let Some(secret) = channel.credentials.get("app_secret") {
            all.append_pair("appsecret_proof", &mac(secret, self.token.as_bytes()));
        }
        let (query, base) = (all.finish(), channel.api_base(PUBLIC));
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{base}/{version}/{path}{mark}{query}")
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, SendError> {
        self.call(Request::get(self.url(path, query)).deadline(Duration::from_secs(15))).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer, SendError> {
        self.call(Request::post(self.url(path, &[])).json(body)).await
    }

    pub(crate) async fn post_query(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, SendError> {
        self.call(Request::post(self.url(path, query)).deadline(Duration::from_secs(15))).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Answer, SendError> {
        let request = Request::new(Method::DELETE, self.url(path, &[])).deadline(Duration::from_secs(15));
        self.call(request).await
    }

    /// Uploads one file; what is uploaded and not sent is nobody's message, so nothing about it is unknown.
    pub(crate) async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: outbound::FilePart,
    ) -> Result<Answer, SendError> {
        let request = Request::post(self.url(path, &[]))
            .multipart(fields.iter().copied(), std::slice::from_ref(&file))
            .deadline(Duration::from_mins(1));
        self.call(request).await.map_err(|error| match error.class {
            SendErrorClass::Unknown => SendError { class: SendErrorClass::Unavailable, ..error },
            _ => error,
        })
    }

    async fn call(&self, request: Request) -> Result<Answer, SendError> {
        let response = self.ctx.call(request.bearer(self.token)).await?;
        read(response, self.classify)
    }

    /// Fetches a file from Meta's content hosts. With the token only where it is asked for and the host is
    /// one of theirs: the address comes out of a webhook.
    pub(crate) async fn download(
        &self,
        address: &str,
        with_token: bool,
        max_bytes: usize,
    ) -> Result<Media, SendError> {
        if !belongs_to_meta(&self.ctx.channel, address) {
            return Err(bad_content("foreign_host", "the file is not on one of Meta's hosts"));
        }
        let mut request = Request::get(address).max_response(max_bytes).deadline(Duration::from_mins(1));
        if with_token {
            request = request.bearer(self.token);
        }
        let response = self.ctx.call(request).await?;
        if !response.status.is_success() {
            return Err(without_body(&response).with_exchange(response.exchange));
        }
        let mime = response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Media { mime_type: mime.map(str::to_owned), bytes: response.body, filename: None })
    }
}

fn belongs_to_meta(channel: &ChannelConfig, address: &str) -> bool {
    let Ok(address) = url::Url::parse(address) else { return false };
    let own = url::Url::parse(channel.api_base(PUBLIC)).is_ok_and(|base| base.origin() == address.origin());
    let host = address.host_str().unwrap_or_default();
    let theirs = ["fbsbx.com", "fbcdn.net", "facebook.com"];
    own || address.scheme() == "https"
        && theirs.iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
}

fn read(response: Response, classify: Classify) -> Result<Answer, SendError> {
    let Some(body) = response.json().filter(Value::is_object) else {
        return Err(without_body(&response).with_exchange(response.exchange));
    };
    let told = &body["error"];
    if !told.is_object() {
        if response.status.is_success() {
            return Ok(Answer { body, exchange: response.exchange });
        }
        return Err(without_body(&response).with_exchange(response.exchange));
    }
    let error = GraphError {
        code: told["code"].as_i64().unwrap_or(0),
        subcode: told["error_subcode"].as_i64().unwrap_or(0),
        is_transient: told["is_transient"] == true,
        status: response.status.as_u16(),
        regain: regain(&response),
    };
    let class = classify(&error);
    let main = told["message"].as_str().unwrap_or("no reason given");
    let more = told["error_data"]["details"].as_str().or_else(|| told["error_user_msg"].as_str());
    let message =
        more.filter(|more| *more != main).map_or_else(|| main.to_owned(), |more| format!("{main} ({more})"));
    let code = match error.subcode {
        0 => error.code.to_string(),
        subcode => format!("{}/{subcode}", error.code),
    };
    Err(SendError::new(class, code, response.redact(&message)).with_exchange(response.exchange))
}

/// Minutes until calls are taken again, from the usage header of whichever product was called.
fn regain(response: &Response) -> Option<Duration> {
    let header = response.headers.get("x-business-use-case-usage")?.to_str().ok()?;
    let usage: Value = serde_json::from_str(header).ok()?;
    let minutes = usage
        .as_object()?
        .values()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|one| one["estimated_time_to_regain_access"].as_u64())
        .max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.min(60) * 60))
}

/// The codes that mean the same in every product; `None` for the others.
pub(crate) fn common(error: &GraphError) -> Option<SendErrorClass> {
    use crate::{RejectReason::Policy, SettingsProblem::Auth, ThrottleScope};
    let class = match error.code {
        190 | 102 => SendErrorClass::Settings(Auth),
        4 | 17 | 32 | 341 | 613 | 80006 | 80007 => {
            SendErrorClass::Throttled { after: error.regain, scope: ThrottleScope::Account }
        }
        368 => SendErrorClass::Rejected(Policy),
        _ => return None,
    };
    Some(class)
}

/// What a code means that no table knows.
pub(crate) fn otherwise(error: &GraphError) -> SendErrorClass {
    use crate::{RejectReason::Content, SettingsProblem::Auth, ThrottleScope};
    match error.status {
        429 => SendErrorClass::Throttled { after: error.regain, scope: ThrottleScope::Channel },
        _ if error.is_transient => SendErrorClass::Unavailable,
        401 | 403 => SendErrorClass::Settings(Auth),
        500.. => SendErrorClass::Unavailable,
        _ => SendErrorClass::Rejected(Content),
    }
}

/// The signature over the raw bytes. Bodies hold `\u00e9`-style escapes: one that was parsed and written again
/// has another signature.
pub(crate) fn verify(channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
    let secret = channel.credentials.get("app_secret").ok_or(VerifyError::NotConfigured)?;
    let given = request.header(SIGNATURE).ok_or(VerifyError::Missing)?;
    let given = given.strip_prefix("sha256=").ok_or(VerifyError::Mismatch)?;
    let ours = mac(secret, &request.body);
    if same(given.as_bytes(), ours.as_bytes()) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

/// The question with which Meta checks that an address is ours.
pub(crate) fn challenge(
    channel: &ChannelConfig,
    request: &WebhookRequest,
) -> Option<Result<WebhookAnswer, VerifyError>> {
    if request.method != Method::GET {
        return None;
    }
    let mode = request.query("hub.mode")?;
    let Some(wanted) = verify_token(channel) else { return Some(Err(VerifyError::NotConfigured)) };
    let given = request.query("hub.verify_token").unwrap_or_default();
    let body = request.query("hub.challenge").unwrap_or_default();
    if mode != "subscribe" || !same(given.as_bytes(), wanted.as_bytes()) {
        return Some(Err(VerifyError::Mismatch));
    }
    Some(Ok(WebhookAnswer { body, ..WebhookAnswer::EMPTY }))
}

/// The token that Meta repeats in its question: the entered one, or one derived from the app's secret. Meta asks
/// while it is being told the address, before anything that was made for that call could be stored.
pub(crate) fn verify_token(channel: &ChannelConfig) -> Option<String> {
    if let Some(entered) = channel.credentials.get("verify_token") {
        return Some(entered.to_owned());
    }
    let secret = channel.credentials.get("app_secret")?;
    Some(mac(secret, format!("webhook of channel {}", channel.channel_id).as_bytes()))
}

pub(crate) fn mac(key: &str, message: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// Whether customers are shown that they were read: what they expect, unless the channel says no.
pub(crate) fn sends_read_marks(channel: &ChannelConfig) -> bool {
    channel.settings["send_read_marks"] != false
}

/// A moment in seconds or in milliseconds, as a number or as a text: each has been seen in place of the other.
pub(crate) fn time(value: &Value) -> Option<model::Time> {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|number| *number > 0)?;
    if number >= 1_000_000_000_000 {
        model::Time::from_timestamp_millis(number)
    } else {
        model::Time::from_timestamp(number, 0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_proof_of_the_app() {
        assert_eq!(
            mac("0123456789abcdef0123456789abcdef", b"EAATESTTOKEN"),
            "99cbac345910084e738e780a0d5a02f2421ea86e53d6f64eff41e367a76944c6"
        );
    }

    #[test]
    fn moments_in_both_units() {
        let seconds = time(&json!("1780000000")).unwrap();
        assert_eq!(time(&json!(1_780_000_000_000_i64)), Some(seconds));
        assert_eq!(time(&json!(0)), None);
        assert_eq!(time(&json!("soon")), None);
    }
}
