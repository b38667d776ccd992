//! A client of the REST API that checks the envelope of every answer.

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use super::wait::PATIENCE;

/// Requests in the name of one caller.
#[derive(Clone)]
pub struct Api {
    pub base: String,
    pub token: Option<String>,
    pub http: reqwest::Client,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    what: String,
}

impl Api {
    #[must_use]
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { base: base.to_owned(), token: None, http }
    }

    /// The same client at another hub.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same client with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Signs in; returns a client with the token.
    pub async fn login(&self, email: &str, password: &str) -> Self {
        let reply = self.post("/v1/auth/login", json!({"email": email, "password": password})).await;
        let data = reply.ok();
        self.with_token(data["access_token"].as_str().unwrap_or_else(|| panic!("no access_token: {data}")))
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.try_send(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// As [`Self::send`], for a hub that may be down.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
        let request = request.build()?;
        let what = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Reply { status, headers, body, what })
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }
}

impl Reply {
    /// `data` of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {} {}", self.what, self.status, self.body);
        if self.status == 204 {
            assert_eq!(self.body, Value::String(String::new()), "{}: 204 has no body", self.what);
            return Value::Null;
        }
        assert_eq!(self.body["success"], true, "{}: {}", self.what, self.body);
        assert!(
            !self.headers.get("x-request-id").is_none_or(reqwest::header::HeaderValue::is_empty),
            "{}: no request id",
            self.what
        );
        self.body["data"].clone()
    }

    /// `data` of 201.
    #[track_caller]
    pub fn created(self) -> Value {
        assert_eq!(self.status, 201, "{}: {}", self.what, self.body);
        self.ok()
    }

    /// Checks that it failed like this; returns the whole body.
    #[track_caller]
    pub fn fails(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.body);
        self.is_error();
        assert_eq!(self.body["error"], code, "{}: {}", self.what, self.body);
        self.body
    }

    /// Checks the envelope of an error.
    #[track_caller]
    pub fn is_error(&self) {
        let body = &self.body;
        assert_eq!(body["success"], false, "{}: {} {body}", self.what, self.status);
        assert!(body["error"].is_string() && body["message"].is_string(), "{}: {body}", self.what);
        assert!(body["details"].is_object(), "{}: an error has details: {body}", self.what);
        let named = self.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        assert!(
            named.is_some_and(|id| body["request_id"] == id),
            "{}: an error has a request id: {body}",
            self.what
        );
    }
}
