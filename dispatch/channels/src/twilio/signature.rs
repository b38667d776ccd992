//! Twilio's webhook signature: an HMAC over the public address and the sorted parameters. With the auth token and
//! SHA-1; or, for an account with a webhook key, with that key and the hash that the request names.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{ChannelConfig, VerifyError, WebhookRequest, credentials::same};

const HEADER: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

pub(super) fn verify(channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
    let shared = channel.credentials.get("webhook_shared_key");
    // who has a shared key is not talked out of it by a request without one
    let sha256 = match (shared, request.header(SETTINGS)) {
        (None, _) => false,
        (Some(_), None) => return Err(VerifyError::Missing),
        (Some(_), Some(settings)) => settings.split(',').any(|one| one.trim() == "algorithm=HMAC_SHA256"),
    };
    let tokens = match shared {
        Some(key) => [Some(key), None],
        None => ["auth_token", "auth_token_secondary"].map(|name| channel.credentials.get(name)),
    };
    if tokens.iter().all(Option::is_none) {
        return Err(VerifyError::NotConfigured);
    }
    let given = request.header(HEADER).ok_or(VerifyError::Missing)?;
    let body_hash = request.query("bodySHA256");
    let parameters = match &body_hash {
        Some(hash) => {
            let ours = hex::encode(Sha256::digest(&request.body));
            if !same(ours.as_bytes(), hash.to_lowercase().as_bytes()) {
                return Err(VerifyError::Mismatch);
            }
            String::new()
        }
        None if request.method == Method::POST => appended(&request.body),
        None => String::new(),
    };
    let addresses = spellings(&request.url);
    let mut matches = false;
    for token in tokens.into_iter().flatten() {
        for address in &addresses {
            let ours = if sha256 {
                sign::<Hmac<Sha256>>(token, address, &parameters)
            } else {
                sign::<Hmac<Sha1>>(token, address, &parameters)
            };
            matches |= same(ours.as_bytes(), given.as_bytes());
        }
    }
    if matches { Ok(()) } else { Err(VerifyError::Mismatch) }
}

/// The parameters of a webhook: the form of a POST, the query of a GET.
pub(super) fn parameters(request: &WebhookRequest) -> Vec<(String, String)> {
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(""));
    let source = if request.method == Method::POST { request.body.as_ref() } else { query.as_bytes() };
    url::form_urlencoded::parse(source).into_owned().collect()
}

/// `name` + `value` of each parameter, sorted bytewise; a repeated name gives each of its values once.
fn appended(body: &[u8]) -> String {
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().fold(String::new(), |mut all, (name, value)| {
        all.push_str(&name);
        all.push_str(&value);
        all
    })
}

fn sign<M: Mac + KeyInit>(token: &str, address: &str, parameters: &str) -> String {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(token.as_bytes()) else { return String::new() };
    mac.update(address.as_bytes());
    mac.update(parameters.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The address as it is, without its port, and with the port that its scheme implies: Twilio signs ports
/// inconsistently. Nothing else may be changed about it.
fn spellings(address: &str) -> Vec<String> {
    let address = address.split('#').next().unwrap_or_default();
    let mut all = vec![address.to_owned()];
    let Some((scheme, rest)) = address.split_once("://") else { return all };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let port = authority.rsplit_once(':').filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()));
    if let Some((host, _)) = port {
        all.push(format!("{scheme}://{host}{path}"));
    } else {
        let implied = if scheme == "http" { 80 } else { 443 };
        all.push(format!("{scheme}://{authority}:{implied}{path}"));
    }
    all
}
