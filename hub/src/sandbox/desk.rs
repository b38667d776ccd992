//! What can be done at the sandbox's desk, whoever asks and however.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method};
use channels::{
    Behaviour, ChannelConfig, InboundDraft, SandboxMessage, SandboxSwitch, WebhookRequest, compose_inbound,
};
use chrono::{DateTime, Utc};
use inbox::{Inbox, Member, channel_store, channel_store::ChannelHandle};
use model::{Attachment, ChannelId, Error, MessageId, MessageStatus, Permission, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use webhooks::Door;

/// The provider's slug.
const SANDBOX: &str = "sandbox";
/// Most messages in one answer.
const MOST: usize = 500;
/// Most times that one webhook is delivered.
const MOST_COPIES: u32 = 20;

/// The sandbox of this process, its door, and the store. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    inbox: Inbox,
    switch: SandboxSwitch,
    door: Door,
}

/// What a pretend customer writes.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SandboxInbound)]
pub struct NewInbound {
    /// The customer's identifier: a phone number, a chat id, an e-mail address.
    #[serde(alias = "sender")]
    #[schema(example = "+251911000001")]
    pub from: String,
    /// The name that the customer shows.
    #[serde(alias = "name")]
    pub display_name: Option<String>,
    /// May be empty if there are attachments.
    #[serde(default)]
    pub text: String,
    /// A file is an address in `url`, or `data:<mime>;base64,…`; a location has its degrees.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// A group's id; the customer's own conversation if missing.
    pub thread_key: Option<String>,
    /// The provider's id of this message; made up if missing. The same id twice is the same message.
    pub external_id: Option<String>,
    /// When the customer wrote it; now if missing.
    pub at: Option<DateTime<Utc>>,
    /// A language tag that the customer's app announces.
    pub language: Option<String>,
    /// How often the provider delivers the webhook (1 to 20): all but the first are duplicates.
    pub copies: Option<u32>,
}

/// What became of a pretend customer's message.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SandboxInboundTaken)]
pub struct Taken {
    /// The provider's id of the message.
    pub external_id: String,
    /// How often the door took the webhook.
    pub deliveries: u32,
}

/// A message that the sandbox was sent, and how it stands with us.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SandboxMessage)]
pub struct SentMessage {
    /// Counts up from 1 within the channel since the hub started.
    pub seq: u64,
    pub provider_message_id: String,
    /// Our message's id.
    pub message_id: Option<MessageId>,
    /// The customer's identifier.
    pub to: String,
    pub thread_key: Option<String>,
    pub text: String,
    pub attachments: Vec<Attachment>,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// A long message comes in parts, from 0.
    pub part: usize,
    pub at: DateTime<Utc>,
    /// What the sender was told: `answered`, or nothing because the connection was `cut`.
    pub outcome: &'static str,
    /// How the message stands with us; missing when we do not know it.
    pub status: Option<MessageStatus>,
    pub read_at: Option<DateTime<Utc>>,
}

/// A page of what was sent.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SandboxMessages)]
pub struct SentPage {
    pub messages: Vec<SentMessage>,
    /// How many messages the channel has taken since the hub started; a number below the one seen last means
    /// that the hub was started again and the sandbox has forgotten what was.
    pub taken: u64,
}

/// How the sandbox behaves for a channel.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SandboxBehaviour)]
pub struct Standing {
    /// Delays, shares of failures, receipts, by the schema of the sandbox's settings (see
    /// `GET /v1/channel-providers`). Fields that are missing take their defaults; null goes back to the channel's
    /// own settings. Kept until the hub stops.
    #[schema(value_type = Option<Object>, example = json!({"delay_ms": 2000, "throttle": 0.25}))]
    pub behaviour: Option<Value>,
}

impl Desk {
    #[must_use]
    pub fn new(inbox: Inbox, switch: SandboxSwitch, door: Door) -> Self {
        Self(Arc::new(Inner { inbox, switch, door }))
    }

    pub(crate) fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }

    /// What was sent on a channel after number `after`, oldest first. Forgotten when the hub stops.
    pub async fn sent(
        &self,
        member: &Member,
        channel: ChannelId,
        after: u64,
        limit: usize,
    ) -> Result<SentPage> {
        member.require(Permission::MessagesView)?;
        let view = channel_store::get(&self.0.inbox, member, channel).await?;
        only_sandbox(&view.provider)?;
        let sent = self.0.switch.sent(channel, after, limit.clamp(1, MOST));
        let taken = self.0.switch.taken(channel);
        Ok(SentPage { messages: self.with_status(member, sent).await?, taken })
    }

    async fn with_status(&self, member: &Member, sent: Vec<SandboxMessage>) -> Result<Vec<SentMessage>> {
        let key = |message: &SandboxMessage| message.idempotency_key.parse::<MessageId>().ok();
        let mut ids: Vec<uuid::Uuid> = sent.iter().filter_map(key).map(MessageId::uuid).collect();
        ids.sort_unstable();
        ids.dedup();
        let (ids, account) = (&ids, member.account_id());
        let rows = self
            .0
            .inbox
            .store()
            .read(account, |mut tx| async move {
                Ok(sqlx::query!(
                    r#"SELECT id AS "id: MessageId", status AS "status: MessageStatus", read_at
                       FROM messages WHERE id = ANY ($1) AND account_id = $2"#,
                    ids,
                    account.uuid(),
                )
                .fetch_all(&mut *tx)
                .await?)
            })
            .await?;
        let shown = |message: SandboxMessage| {
            let id = key(&message);
            let row = rows.iter().find(|row| Some(row.id) == id);
            SentMessage {
                message_id: id,
                status: row.map(|row| row.status),
                read_at: row.and_then(|row| row.read_at),
                outcome: match message.outcome {
                    channels::SentOutcome::Answered => "answered",
                    channels::SentOutcome::Cut => "cut",
                },
                seq: message.seq,
                provider_message_id: message.provider_message_id,
                to: message.to,
                thread_key: message.thread_key,
                text: message.text,
                attachments: message.attachments,
                reply_to: message.reply_to,
                part: message.part,
                at: message.at,
            }
        };
        Ok(sent.into_iter().map(shown).collect())
    }

    /// Writes as a customer: a signed webhook goes through the door. Returns when it is stored for good.
    pub async fn write(&self, member: &Member, channel: ChannelId, new: NewInbound) -> Result<Taken> {
        let handle = self.manage(member, channel).await?;
        let copies = new.copies.unwrap_or(1);
        let draft = draft(new)?;
        let external_id = draft.external_id.clone().unwrap_or_default();
        let signed = compose_inbound(&ChannelConfig::from(handle.facts()), &draft).map_err(|error| {
            tracing::warn!(channel_id = %channel, %error, "a sandbox message could not be signed");
            Error::conflict("this channel has no signing secret yet: verify it first")
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &signed.headers {
            headers.insert(*name, HeaderValue::from_str(value).map_err(Error::internal)?);
        }
        let (of_type, id) = (handle.channel_type.to_string(), channel.to_string());
        let url = self.0.door.address(handle.channel_type, channel);
        for _ in 0..copies {
            let request = WebhookRequest {
                method: Method::POST,
                url: url.clone(),
                headers: headers.clone(),
                body: signed.body.clone(),
            };
            let answer = self.0.door.receive(&of_type, &id, request).await;
            if !answer.status.is_success() {
                let told = format!("the webhook door answered {}: {}", answer.status, answer.body);
                return Err(Error::unavailable(told));
            }
        }
        Ok(Taken { external_id, deliveries: copies })
    }

    /// What the sandbox was told for a channel.
    pub async fn standing(&self, member: &Member, channel: ChannelId) -> Result<Standing> {
        let view = channel_store::get(&self.0.inbox, member, channel).await?;
        only_sandbox(&view.provider)?;
        let told = self.0.switch.behaviour(channel);
        Ok(Standing { behaviour: told.map(|behaviour| json!(behaviour)) })
    }

    /// Tells the sandbox how to behave for a channel from now on.
    pub async fn tell(&self, member: &Member, channel: ChannelId, standing: Standing) -> Result<Standing> {
        let handle = self.manage(member, channel).await?;
        let told = match standing.behaviour {
            None | Some(Value::Null) => None,
            Some(wish) => Some(self.behaviour(&handle, wish)?),
        };
        self.0.switch.tell(channel, told.clone());
        Ok(Standing { behaviour: told.map(|behaviour| json!(behaviour)) })
    }

    fn behaviour(&self, handle: &ChannelHandle, wish: Value) -> Result<Behaviour> {
        if let Some(profile) = self.0.inbox.profile(handle.channel_type, SANDBOX) {
            let mut wrong = profile.validate(&handle.credentials, &wish);
            wrong.retain(|error| error.field.starts_with("settings"));
            for error in &mut wrong {
                error.field = error.field.replacen("settings", "behaviour", 1);
            }
            if !wrong.is_empty() {
                return Err(Error::invalid_fields(wrong));
            }
        }
        serde_json::from_value(wish).map_err(|error| Error::invalid("behaviour", error.to_string()))
    }

    async fn manage(&self, member: &Member, channel: ChannelId) -> Result<ChannelHandle> {
        let handle = channel_store::handle(&self.0.inbox, member, channel).await?;
        only_sandbox(&handle.provider)?;
        Ok(handle)
    }
}

fn only_sandbox(provider: &str) -> Result<()> {
    if provider.eq_ignore_ascii_case(SANDBOX) {
        return Ok(());
    }
    Err(Error::conflict("this is a real channel: only channels of the provider sandbox have a sandbox"))
}

/// Checks what a pretend customer wrote.
fn draft(new: NewInbound) -> Result<InboundDraft> {
    let from = new.from.trim().to_owned();
    if from.is_empty() || from.chars().count() > 255 {
        return Err(Error::invalid("from", "must have 1 to 255 characters"));
    }
    if !(1..=MOST_COPIES).contains(&new.copies.unwrap_or(1)) {
        return Err(Error::invalid("copies", format!("must be 1 to {MOST_COPIES}")));
    }
    if new.text.trim().is_empty() && new.attachments.is_empty() {
        return Err(Error::invalid("text", "a message has a text or an attachment"));
    }
    if new.attachments.len() > 10 {
        return Err(Error::invalid("attachments", "at most ten"));
    }
    let mut attachments = new.attachments;
    for attachment in &mut attachments {
        // as at a real provider, the file lies elsewhere until it is fetched
        let address = attachment.url.take();
        attachment.provider_file = attachment.provider_file.take().or(address);
        attachment.upload_id = None;
    }
    let given = new.external_id.filter(|id| !id.trim().is_empty());
    Ok(InboundDraft {
        external_id: Some(given.unwrap_or_else(|| format!("sbx-in-{}", MessageId::new()))),
        from,
        display_name: new.display_name.filter(|name| !name.trim().is_empty()),
        text: new.text,
        attachments,
        reply_to: new.reply_to,
        thread_key: new.thread_key.filter(|key| !key.trim().is_empty()),
        at: new.at,
        language: new.language,
    })
}

#[cfg(test)]
mod tests {
    use model::AttachmentKind;

    use super::*;

    #[test]
    fn a_customer_needs_an_address_and_something_to_say() {
        let new = |from: &str, text: &str| NewInbound {
            from: from.into(),
            text: text.into(),
            ..NewInbound::default()
        };
        assert!(draft(new("", "hello")).is_err());
        assert!(draft(new("+251911000001", "  ")).is_err());
        assert!(draft(NewInbound { copies: Some(21), ..new("+1", "hello") }).is_err());
        let kept = draft(new(" +251911000001 ", "hello")).unwrap();
        assert_eq!(kept.from, "+251911000001");
        assert!(kept.external_id.unwrap().starts_with("sbx-in-"));
    }

    #[test]
    fn a_file_stays_at_the_provider_until_it_is_fetched() {
        let mut file = Attachment::new(AttachmentKind::Image);
        file.url = Some("data:image/png;base64,aGk=".into());
        let new = NewInbound { from: "+1".into(), attachments: vec![file], ..NewInbound::default() };
        let kept = draft(new).unwrap();
        assert_eq!(kept.attachments[0].url, None);
        assert_eq!(kept.attachments[0].provider_file.as_deref(), Some("data:image/png;base64,aGk="));
    }
}
