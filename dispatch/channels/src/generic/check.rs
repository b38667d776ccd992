//! Whether a webhook comes from the provider: a secret in a header, or a signature of the body.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{KeyInit, Mac};

use crate::{ChannelConfig, VerifyError, WebhookRequest, credentials::same};

/// The secret itself in the header.
pub(super) fn shared(
    channel: &ChannelConfig,
    request: &WebhookRequest,
    header: Option<&str>,
    prefix: &str,
) -> Result<(), VerifyError> {
    let (secret, given) = secret_and_header(channel, request, header, prefix)?;
    if same(given.as_bytes(), secret.as_bytes()) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

/// The body's HMAC in the header, in hex or in base64.
pub(super) fn signature<M: Mac + KeyInit>(
    channel: &ChannelConfig,
    request: &WebhookRequest,
    header: Option<&str>,
    prefix: &str,
) -> Result<(), VerifyError> {
    let (secret, given) = secret_and_header(channel, request, header, prefix)?;
    let mut mac =
        <M as KeyInit>::new_from_slice(secret.as_bytes()).map_err(|_| VerifyError::NotConfigured)?;
    mac.update(&request.body);
    let ours = mac.finalize().into_bytes();
    let in_hex = same(given.to_ascii_lowercase().as_bytes(), hex::encode(&ours).as_bytes());
    let in_base64 = same(given.as_bytes(), STANDARD.encode(&ours).as_bytes());
    if in_hex | in_base64 { Ok(()) } else { Err(VerifyError::Mismatch) }
}

fn secret_and_header<'a>(
    channel: &'a ChannelConfig,
    request: &'a WebhookRequest,
    header: Option<&str>,
    prefix: &str,
) -> Result<(&'a str, &'a str), VerifyError> {
    let secret = channel.credentials.get("webhook_secret").ok_or(VerifyError::NotConfigured)?;
    let header = header.ok_or(VerifyError::NotConfigured)?;
    // names are compared in lower case, however somebody has written them
    let given = request.header(&header.to_ascii_lowercase()).ok_or(VerifyError::Missing)?;
    Ok((secret, given.strip_prefix(prefix).ok_or(VerifyError::Mismatch)?.trim()))
}
