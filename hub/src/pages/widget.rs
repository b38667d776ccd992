//! The customers' widget: the loader that shops put on their pages, the frame that it opens, and the shop
//! of the demo.

use std::net::IpAddr;

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use inbox::webchat;
use model::{ChannelId, ChannelType, Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

use super::{
    asset::{Lasting, set},
    built, unbuilt,
};
use crate::rest::{ApiError, Rest, middleware::ClientAddr, webchat_public};

/// What the frame may do; who may frame it is added.
const FRAME: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                     img-src 'self' data: blob: https:; media-src 'self' blob: https:; font-src 'self'; \
                     form-action 'none'; base-uri 'none'";
const SHOP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                    img-src 'self' data:; font-src 'self'; frame-src 'self'; form-action 'self'; \
                    base-uri 'none'; frame-ancestors 'self'";

/// `/widget.js`: the loader. Any page may load it.
pub async fn loader(asked: HeaderMap) -> Response {
    let Some(loader) = built::widget("widget.js") else { return unbuilt(&asked).await };
    let mut response = loader.answer(&asked, Lasting::Minutes).await;
    for_every_site(&mut response);
    response
}

#[derive(Deserialize)]
pub struct Framed {
    /// The channel's public key.
    key: Option<String>,
}

/// `/widget/`: the chat itself. Only pages of the channel's allowed origins may frame it.
pub async fn frame(
    State(rest): State<Rest>,
    Query(Framed { key }): Query<Framed>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    asked: HeaderMap,
) -> Response {
    let Some(page) = built::widget("frame/index.html") else { return unbuilt(&asked).await };
    let ancestors = match &key {
        // only our own pages show it without a chat: as a preview
        None => Ok("'self'".to_owned()),
        Some(key) => match chat(&rest, address, key).await {
            Ok(chat) => Ok(ancestors(&chat.allowed_origins)),
            // switched off under a page that has its launcher: the frame says so, and holds nothing else
            Err(error) if error.code == ErrorCode::NotFound => Ok("*".to_owned()),
            Err(error) => Err(error),
        },
    };
    let (mut response, ancestors) = match ancestors {
        Ok(ancestors) => (page.answer(&asked, Lasting::Asked).await, ancestors),
        Err(error) => (ApiError(error).into_response(), "'none'".to_owned()),
    };
    // with a 304, too: the list may have changed while the page has not
    let policy = format!("{FRAME}; frame-ancestors {ancestors}");
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    response
}

async fn chat(rest: &Rest, address: IpAddr, key: &str) -> Result<webchat::ChatChannel> {
    webchat_public::may_ask(rest, address, key).await?;
    webchat::by_public_key(rest.inbox(), key).await
}

/// Allowed origins as a policy spells them; none: any.
fn ancestors(allowed: &[String]) -> String {
    if allowed.is_empty() {
        return "*".to_owned();
    }
    // what a policy could read as something else than a host is left out
    let is_host = |text: &&String| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:/*[]".contains(&byte))
    };
    let hosts: Vec<&str> = allowed.iter().filter(is_host).map(String::as_str).collect();
    format!("'self' {}", hosts.join(" "))
}

/// `/widget/assets/…`: what the frame loads.
pub async fn frame_asset(Path(path): Path<String>, asked: HeaderMap) -> Response {
    asset(&format!("frame/assets/{path}"), &asked).await
}

/// `/demo`: a shop that carries the widget.
pub async fn shop(asked: HeaderMap) -> Response {
    let Some(page) = built::widget("demo/index.html") else { return unbuilt(&asked).await };
    let mut response = page.answer(&asked, Lasting::Asked).await;
    // with a 304, too: a browser takes its headers for those of the page that it kept
    set(&mut response, header::CONTENT_SECURITY_POLICY, SHOP);
    set(&mut response, header::X_FRAME_OPTIONS, "SAMEORIGIN");
    response
}

/// What the pages of a demo tell whoever opens them.
#[derive(Serialize)]
struct Guide<'a> {
    /// The web chat's public key.
    key: Option<&'a str>,
    owner: &'a str,
    agents: &'a [String],
    password: &'a str,
    /// The channel of the sandbox phone.
    phone: Option<ChannelId>,
}

/// `/demo/guide`: who is in the demo and how to be one of them; null on a hub that shows none.
pub async fn guide(State(rest): State<Rest>) -> Response {
    let guide = rest.demo().map(|demo| Guide {
        key: demo.channels.iter().find_map(|channel| channel.public_key.as_deref()),
        owner: &demo.owner,
        agents: &demo.agents,
        password: demo.password,
        phone: demo.channels.iter().find(|one| one.channel_type == ChannelType::Sms).map(|one| one.id),
    });
    let mut response = axum::Json(serde_json::json!({"data": guide})).into_response();
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// `/demo/assets/…`: what the shop loads.
pub async fn shop_asset(Path(path): Path<String>, asked: HeaderMap) -> Response {
    asset(&format!("demo/assets/{path}"), &asked).await
}

async fn asset(path: &str, asked: &HeaderMap) -> Response {
    match built::widget(path) {
        Some(file) => file.answer(asked, Lasting::Forever).await,
        None => ApiError(Error::not_found("file")).into_response(),
    }
}

fn for_every_site(response: &mut Response) {
    set(response, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(response, header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
}

#[cfg(test)]
mod tests {
    use super::ancestors;

    #[test]
    fn only_hosts_get_into_the_policy() {
        let of = |list: &[&str]| ancestors(&list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&[]), "*");
        assert_eq!(
            of(&["https://shop.example", "*.example.com", "localhost:5173"]),
            "'self' https://shop.example *.example.com localhost:5173"
        );
        assert_eq!(of(&["a.example; script-src *", "'unsafe-inline'", "b c"]), "'self' ");
    }
}
