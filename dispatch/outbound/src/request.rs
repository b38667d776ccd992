//! What is sent, what came back, and what may be written down about it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::redact::Redactor;

/// One call. `Debug` shows method and host only.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// From the first step to the last byte of the answer; `None` = the client's total.
    pub deadline: Option<Duration>,
    /// Bytes of the answer's body that are read at most.
    pub max_response: usize,
    /// What must not be written down.
    pub redactor: Redactor,
}

/// A complete answer of any status.
#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The redacted record of the call.
    pub exchange: Box<Exchange>,
    pub(crate) redactor: Redactor,
}

/// What may be stored about a call: secrets are masked, bodies cut to two kilobytes, headers left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    /// `None`: no answer.
    pub status: Option<u16>,
    /// Milliseconds.
    pub took_ms: u64,
    pub request_excerpt: String,
    pub response_excerpt: String,
}

/// One file of a multipart form.
#[derive(Clone)]
pub struct FilePart {
    pub field: String,
    pub filename: String,
    pub mime_type: String,
    pub bytes: Bytes,
}

/// Bytes of a body that an [`Exchange`] keeps.
pub(crate) const EXCERPT: usize = 2048;
/// A megabyte is far above what any provider answers to an API call.
const MAX_RESPONSE: usize = 1 << 20;

impl Request {
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            deadline: None,
            max_response: MAX_RESPONSE,
            redactor: Redactor::default(),
        }
    }

    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// Adds a header; a value that no header can have is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(name == header::AUTHORIZATION);
            self.headers.insert(name, value);
        }
        self
    }

    #[must_use]
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        self.header(
            header::AUTHORIZATION,
            &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        )
    }

    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into();
        self.header(header::CONTENT_TYPE, "application/json")
    }

    /// A URL-encoded form; a name may occur several times.
    #[must_use]
    pub fn form<'a>(mut self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            form.append_pair(name, value);
        }
        self.body = form.finish().into();
        self.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    /// A multipart form (RFC 7578).
    #[must_use]
    pub fn multipart<'a>(
        mut self,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
        files: &[FilePart],
    ) -> Self {
        let fields: Vec<(&str, &str)> = fields.into_iter().collect();
        let boundary = boundary(&fields, files);
        let mut body = Vec::with_capacity(1024 + files.iter().map(|file| file.bytes.len()).sum::<usize>());
        for (name, value) in fields {
            let head =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        for file in files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                quoted(&file.field),
                quoted(&file.filename),
                file.mime_type.chars().filter(|c| !c.is_control()).collect::<String>(),
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&file.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        self.body = body.into();
        self.header(header::CONTENT_TYPE, &format!("multipart/form-data; boundary={boundary}"))
    }

    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    #[must_use]
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.max_response = bytes;
        self
    }

    /// Names what must not be written down about this call.
    #[must_use]
    pub fn redact(mut self, redactor: &Redactor) -> Self {
        self.redactor = redactor.clone();
        self
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({} bytes)", self.method, self.redactor.url(&self.url), self.body.len())
    }
}

impl Response {
    /// A text out of the answer, without what the request kept secret: a server may echo it.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    /// The body as JSON; `None` if it is none.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("exchange", &self.exchange).finish()
    }
}

/// A boundary that occurs in no part: derived from them, so that the same body is the same bytes.
fn boundary(fields: &[(&str, &str)], files: &[FilePart]) -> String {
    let mut round = files.iter().map(|file| file.bytes.len()).sum::<usize>();
    loop {
        let candidate = format!("turumba-form-boundary-{round:016x}");
        let taken = files.iter().any(|file| contains(&file.bytes, candidate.as_bytes()))
            || fields.iter().any(|(_, value)| value.contains(&candidate));
        if !taken {
            return candidate;
        }
        round = round.wrapping_add(1);
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Line ends and quotes would end the header's value (RFC 7578 §2, HTML form encoding).
fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().replace('"', "%22")
}
