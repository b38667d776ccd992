//! One message of a manager to an address of their own, to see what the provider makes of it.

use std::time::Instant;

use channels::{OutboundMessage, SendError, SendErrorClass};
use inbox::{
    Member,
    channel_store::{self, ChannelHandle, Standing},
    messages::ExchangeView,
    suppressions,
};
use model::{ChannelStatus, ChannelType, Error, MessageId, Result, view::DeliveryError};
use outbound::Exchange;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{ChannelSetup, PATIENCE};

/// Longest address, in characters.
const LONGEST_ADDRESS: usize = 255;

/// What is sent, and where to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMessage {
    /// An address as the channel's provider knows it.
    pub to: String,
    /// It must fit into one request to the provider.
    pub text: String,
}

/// What the provider made of a test message.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestOutcome {
    /// `accepted`, `rejected`, `throttled`, `unavailable`, `settings`, `gone`, or `unknown`: it may have been sent.
    pub outcome: String,
    /// By which the provider knows the message.
    pub provider_message_id: Option<String>,
    pub error: Option<DeliveryError>,
    pub took_ms: u64,
    /// The request and its answer, secrets masked; `null` where none was made.
    pub exchange: Option<ExchangeView>,
}

impl ChannelSetup {
    /// Sends once, whatever comes of it: what is refused or lost is told and not tried again. It is in no conversation.
    ///
    /// # Errors
    /// 409 if the channel sends nothing through a provider or is switched off; 422 for what cannot be sent by one
    /// request.
    pub async fn test(
        &self,
        member: &Member,
        handle: &ChannelHandle,
        message: &TestMessage,
        message_id: MessageId,
    ) -> Result<TestOutcome> {
        let started = Instant::now();
        match self.send_test(member, handle, message, message_id).await? {
            Ok(sent) => {
                self.learn(handle, None).await?;
                Ok(TestOutcome {
                    outcome: "accepted".to_owned(),
                    provider_message_id: Some(sent.provider_message_id),
                    error: None,
                    took_ms: since(started),
                    exchange: sent.exchange.as_deref().map(shown),
                })
            }
            Err(error) => {
                if matches!(error.class, SendErrorClass::Settings(_)) {
                    self.learn(handle, Some(&error)).await?;
                }
                let told = dispatch::shown(&error);
                Ok(TestOutcome {
                    outcome: told.class.clone(),
                    provider_message_id: None,
                    error: Some(told),
                    took_ms: since(started),
                    exchange: error.exchange.as_deref().map(shown),
                })
            }
        }
    }

    async fn send_test(
        &self,
        member: &Member,
        handle: &ChannelHandle,
        message: &TestMessage,
        message_id: MessageId,
    ) -> Result<std::result::Result<channels::Sent, SendError>> {
        let to = message.to.trim();
        if to.is_empty() || to.chars().count() > LONGEST_ADDRESS {
            return Err(Error::invalid("to", format!("1 to {LONGEST_ADDRESS} characters")));
        }
        if message.text.trim().is_empty() {
            return Err(Error::invalid("text", "must not be empty"));
        }
        if !handle.is_enabled {
            return Err(Error::conflict("this channel is switched off"));
        }
        // by mail one leaves a list, not a conversation
        let silenced = handle.channel_type != ChannelType::Email
            && suppressions::has_opted_out(&self.inbox, member, handle.channel_type, handle.id, to).await?;
        if silenced {
            return Err(Error::conflict(
                "whoever has this address has opted out of messages on this channel",
            )
            .with("reason", "opted_out"));
        }
        let (adapter, ctx) = match self.open(handle) {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        if !adapter.profile().dispatched {
            return Err(Error::conflict("this channel has no provider: open its chat instead"));
        }
        let outbound = OutboundMessage {
            message_id,
            idempotency_key: message_id.to_string(),
            to: to.to_owned(),
            thread_key: None,
            text: message.text.clone(),
            attachments: Vec::new(),
            reply_to: None,
            callback_url: None,
            metadata: json!({}),
            // whether the customer's window is open is for the provider to say
            last_inbound_at: Some(self.inbox.now()),
            answers: None,
            is_bulk: false,
            by_person: true,
        };
        let parts = adapter.parts(&ctx.channel, &outbound);
        let [part] = parts.as_slice() else {
            return Err(Error::invalid("text", "is too long for one request to this provider"));
        };
        let sent = tokio::time::timeout(PATIENCE, adapter.send(&ctx, &outbound, part)).await;
        Ok(sent.unwrap_or_else(|_| {
            let told = "the provider did not answer in time";
            Err(SendError::new(SendErrorClass::Unknown, "timeout", told))
        }))
    }

    /// The channel stands at `error` when its settings were refused, and no longer when it works again.
    async fn learn(&self, handle: &ChannelHandle, refused: Option<&SendError>) -> Result<()> {
        let status = match refused {
            Some(_) => ChannelStatus::Error,
            None if handle.status == ChannelStatus::Error => ChannelStatus::Connected,
            None => return Ok(()),
        };
        let error_message = refused.map(ToString::to_string);
        let learned = Standing { status: Some(status), error_message, ..Standing::default() };
        channel_store::set_standing(&self.inbox, handle.account_id, handle.id, &learned).await
    }
}

fn since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn shown(exchange: &Exchange) -> ExchangeView {
    ExchangeView {
        method: exchange.method.clone(),
        url: exchange.url.clone(),
        status: exchange.status,
        took_ms: exchange.took_ms,
        request: exchange.request_excerpt.clone(),
        response: exchange.response_excerpt.clone(),
    }
}
