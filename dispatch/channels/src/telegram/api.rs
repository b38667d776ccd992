//! Calls of the Bot API, and what its errors mean.

use std::time::Duration;

use bytes::Bytes;
use outbound::{Exchange, FilePart, Request, Response};
use serde_json::{Map, Value, json};

use crate::{
    Context, Media, RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope,
    error::without_body,
};

const PUBLIC: &str = "https://api.telegram.org";
/// Telegram says how long; this is for the answer that forgets to.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

pub(super) struct Api<'a> {
    ctx: &'a Context,
    token: &'a str,
}

/// `result` of a successful answer.
pub(super) struct Answer {
    pub(super) result: Value,
    pub(super) exchange: Box<Exchange>,
}

impl<'a> Api<'a> {
    pub(super) fn new(ctx: &'a Context) -> Result<Self, SendError> {
        Ok(Self { ctx, token: ctx.channel.required("bot_token")? })
    }

    fn request(&self, method: &str) -> Request {
        let base = self.ctx.channel.api_base(PUBLIC);
        Request::post(format!("{base}/bot{}/{method}", self.token))
    }

    /// A call that is not a send.
    pub(super) async fn call(
        &self,
        method: &str,
        body: &Value,
        deadline: Duration,
    ) -> Result<Value, SendError> {
        let response = self.ctx.call(self.request(method).json(body).deadline(deadline)).await?;
        read(response).map(|answer| answer.result)
    }

    /// Asks for updates; returns the raw answer with them.
    pub(super) async fn poll(
        &self,
        ask: &Value,
        deadline: Duration,
    ) -> Result<(Bytes, Vec<Value>), SendError> {
        let request = self.request("getUpdates").json(ask).deadline(deadline).max_response(16 << 20);
        let response = self.ctx.call(request).await?;
        let raw = response.body.clone();
        match read(response)?.result {
            Value::Array(updates) => Ok((raw, updates)),
            _ => Ok((raw, Vec::new())),
        }
    }

    /// Sends a message. Where Telegram refuses it for something that can be left out or put right, it is sent
    /// once more without: after a refusal nothing can arrive twice.
    pub(super) async fn send(
        &self,
        method: &str,
        mut body: Map<String, Value>,
        files: Vec<FilePart>,
    ) -> Result<Answer, SendError> {
        let refused = match self.send_once(method, &body, &files).await? {
            Ok(answer) => return Ok(answer),
            Err(refused) => refused,
        };
        let moved = refused.parameters["migrate_to_chat_id"].as_i64();
        if let Some(chat) = moved {
            body.insert("chat_id".into(), chat.into());
        } else if refused.says("can't parse entities") && body.remove("parse_mode").is_some() {
            // sent as plain text instead
        } else if refused.says("to be replied not found") && body.remove("reply_parameters").is_some() {
            // sent without the quote instead
        } else if method == "sendPhoto" && refused.is_about_the_picture() {
            let files: Vec<FilePart> =
                files.into_iter().map(|file| FilePart { field: "document".into(), ..file }).collect();
            if let Some(url) = body.remove("photo") {
                body.insert("document".into(), url);
            }
            return self.send_once("sendDocument", &body, &files).await?.map_err(Refused::into_error);
        } else {
            return Err(refused.into_error());
        }
        self.send_once(method, &body, &files).await?.map_err(Refused::into_error)
    }

    async fn send_once(
        &self,
        method: &str,
        body: &Map<String, Value>,
        files: &[FilePart],
    ) -> Result<Result<Answer, Refused>, SendError> {
        let request = self.request(method);
        let request = match files {
            [] => request.json(&Value::Object(body.clone())),
            files => {
                let texts: Vec<(&str, String)> = body
                    .iter()
                    .map(|(name, value)| {
                        (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    })
                    .collect();
                let fields = texts.iter().map(|(name, value)| (*name, value.as_str()));
                request.multipart(fields, files).deadline(Duration::from_mins(1))
            }
        };
        judge(self.ctx.call(request).await?)
    }

    /// Fetches a file by its id.
    pub(super) async fn download(&self, file_id: &str, max_bytes: usize) -> Result<Media, SendError> {
        let file = self.call("getFile", &json!({"file_id": file_id}), Duration::from_secs(10)).await?;
        if file["file_size"].as_u64().is_some_and(|size| size > max_bytes as u64) {
            return Err(super::content("too_large", "the file is larger than allowed"));
        }
        let Some(path) = file["file_path"].as_str() else {
            return Err(super::content("no_file", "Telegram has no path for this file"));
        };
        let channel = &self.ctx.channel;
        let base = channel.setting("file_base").map_or_else(
            || format!("{}/file", channel.api_base(PUBLIC)),
            |base| base.trim_end_matches('/').to_owned(),
        );
        let request = Request::get(format!("{base}/bot{}/{path}", self.token))
            .max_response(max_bytes)
            .deadline(Duration::from_mins(1));
        let response = self.ctx.call(request).await?;
        if !response.status.is_success() {
            return Err(without_body(&response).with_exchange(response.exchange));
        }
        let filename = path.rsplit('/').next().map(str::to_owned);
        Ok(Media { bytes: response.body, mime_type: None, filename })
    }
}

/// An answer that Telegram gave in its own words.
struct Refused {
    code: i64,
    description: String,
    parameters: Value,
    exchange: Box<Exchange>,
}

impl Refused {
    fn says(&self, part: &str) -> bool {
        self.description.to_lowercase().contains(&part.to_lowercase())
    }

    fn is_about_the_picture(&self) -> bool {
        self.code == 400
            && [
                "IMAGE_PROCESS_FAILED",
                "PHOTO_INVALID_DIMENSIONS",
                "PHOTO_SAVE_FILE_INVALID",
                "wrong type of the web page content",
            ]
            .iter()
            .any(|text| self.says(text))
    }

    fn into_error(self) -> SendError {
        let class = classify(self.code, &self.description, &self.parameters);
        SendError::new(class, self.code.to_string(), self.description).with_exchange(self.exchange)
    }
}

fn read(response: Response) -> Result<Answer, SendError> {
    judge(response)?.map_err(Refused::into_error)
}

fn judge(response: Response) -> Result<Result<Answer, Refused>, SendError> {
    let Some(envelope) = response.json().filter(|body| body["ok"].is_boolean()) else {
        return Err(without_body(&response).with_exchange(response.exchange));
    };
    if envelope["ok"] == true {
        return Ok(Ok(Answer { result: envelope["result"].clone(), exchange: response.exchange }));
    }
    Ok(Err(Refused {
        code: envelope["error_code"].as_i64().unwrap_or_else(|| i64::from(response.status.as_u16())),
        description: response.redact(envelope["description"].as_str().unwrap_or("no description")),
        parameters: envelope["parameters"].clone(),
        exchange: response.exchange,
    }))
}

/// Telegram said yes, but not to what.
pub(super) fn not_understood(exchange: Box<Exchange>) -> SendError {
    SendError::new(SendErrorClass::Unknown, "not_understood", "the answer names no message")
        .with_exchange(exchange)
}

/// What an error means. Total: every code has a class.
pub(super) fn classify(code: i64, description: &str, parameters: &Value) -> SendErrorClass {
    use RejectReason::{Content, OptOut, Policy, Recipient, Window};
    let text = description.to_lowercase();
    let says = |part: &str| text.contains(part);
    match code {
        429 => {
            let after = parameters["retry_after"].as_u64().map_or(DEFAULT_RETRY_AFTER, Duration::from_secs);
            SendErrorClass::Throttled { after: Some(after), scope: ThrottleScope::Recipient }
        }
        401 | 404 => SendErrorClass::Settings(SettingsProblem::Auth),
        409 => SendErrorClass::Settings(SettingsProblem::Config),
        403 if says("blocked by the user") => SendErrorClass::Rejected(OptOut),
        403 if says("initiate conversation") => SendErrorClass::Rejected(Window),
        403 if says("kicked") || says("not a member") => SendErrorClass::Gone,
        403 if says("to bots") || says("deactivated") => SendErrorClass::Rejected(Recipient),
        403 => SendErrorClass::Rejected(Policy),
        400 if says("chat not found") || says("user not found") || says("peer_id_invalid") => {
            SendErrorClass::Rejected(Recipient)
        }
        400 if says("bad webhook") => SendErrorClass::Settings(SettingsProblem::Config),
        400 if says("deactivated") || says("upgraded to a supergroup") => SendErrorClass::Gone,
        400 if says("not enough rights")
            || says("administrator rights")
            || says("no rights")
            || says("topic_closed") =>
        {
            SendErrorClass::Rejected(Policy)
        }
        500.. => SendErrorClass::Unavailable,
        _ => SendErrorClass::Rejected(Content),
    }
}
