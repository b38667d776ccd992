//! A second reading of a body that was kept without consequences.

use channels::{ChannelConfig, WebhookRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use inbox::{
    Inbox,
    channel_store::by_id_unscoped,
    journal::{
        Reading,
        parked::{self, KeptWhole},
    },
};
use model::{Error, JournalId};

use crate::read;

/// Reads a parked or ignored body again and does what follows from it, once. It was verified when it came.
///
/// # Errors
/// Says why the body still waits: nobody can read it, its channel is still switched off, or it is gone.
pub async fn read_again(inbox: &Inbox, id: JournalId) -> Result<(), Error> {
    let kept = parked::load(inbox, id).await?.ok_or_else(|| Error::not_found("parked body"))?;
    let handle = by_id_unscoped(inbox, kept.channel_id).await?.ok_or_else(|| Error::not_found("channel"))?;
    let adapter = channels::registry()
        .get(handle.channel_type, &handle.provider)
        .ok_or_else(|| Error::not_found("provider"))?;
    let config = ChannelConfig::from(handle.facts());
    let address = inbox.settings().webhook_url(handle.channel_type, kept.channel_id);
    let request = request_of(&kept, address);
    let again = read::webhook(id, &handle, &config, adapter, &request, kept.received_at);
    match &again.reading {
        Reading::Accepted { .. } => {
            if parked::take_up(inbox, &again).await? {
                Ok(())
            } else {
                Err(Error::not_found("parked body"))
            }
        }
        Reading::Ignored { .. } => Err(Error::bad_request("its channel is switched off; switch it on first")),
        Reading::Parked { reason } => Err(Error::bad_request(format!("still not understood: {reason}"))),
    }
}

fn request_of(kept: &KeptWhole, address: String) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    for (name, value) in kept.headers.as_object().into_iter().flatten() {
        let value = value.as_str().map(HeaderValue::from_str);
        if let (Ok(name), Some(Ok(value))) = (name.parse::<HeaderName>(), value) {
            headers.insert(name, value);
        }
    }
    WebhookRequest {
        method: kept.method.parse().unwrap_or(Method::POST),
        url: kept.query.as_ref().map_or(address.clone(), |query| format!("{address}?{query}")),
        headers,
        body: kept.body.clone(),
    }
}
