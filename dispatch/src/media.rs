//! Files of customers that still lie at the provider: fetched, stored as uploads, and shown by letting the
//! message appear again.
//!
//! At least once: a fetch that was cut short is made again, and what it had stored expires unused. The
//! message changes once, in the transaction that notes that this event was acted on.

mod sniff;

use std::{sync::Arc, time::Duration};

use bus::{
    Fault, Outcome, Tx,
    queue::{Delivery, Handler, Opened},
};
use channels::{Adapter, ChannelConfig, Context, SandboxSwitch, SendError, SendErrorClass, WebhookRequest};
use http::{HeaderValue, header::CONTENT_TYPE};
use inbox::{
    Inbox, Unit,
    channel_store::{ChannelHandle, by_id_unscoped},
    conversations,
    journal::{ELSEWHERE, Journal},
    messages,
    uploads::{self, Grant, Owner},
};
use model::{
    AccountId, Attachment, ConversationId, Error, ErrorCode, Event, JournalId, MessageId, Topic,
    event::FILES_FETCHED_AT,
};
use outbound::Client;
use serde_json::{Value, json};
use uuid::Uuid;

/// Under which name it notes what it has acted on.
const CONSUMER: &str = "dispatch.media";
/// A file that could not be fetched so often, for so long, is missing.
const MOST_CLAIMS: i64 = 8;
const LONGEST: chrono::Duration = chrono::Duration::hours(1);
/// How long one file may take.
const TIME_LIMIT: Duration = Duration::from_secs(25);

/// Handles [`Topic::Media`]. A message has at most ten files, one after the other: give its workers
/// [`MediaFetcher::TIME_LIMIT`], and let only a few work at once, since each holds a file in memory.
pub struct MediaFetcher {
    inbox: Inbox,
    journal: Journal,
    http: Client,
    sandbox: SandboxSwitch,
}

/// What became of one file.
enum Fetched {
    Stored {
        upload: Uuid,
        filename: String,
        mime_type: String,
        size: i64,
    },
    /// It will never come; why, for people.
    Missing(String),
}

impl MediaFetcher {
    /// How long handling one message may take.
    pub const TIME_LIMIT: Duration = Duration::from_secs(270);

    pub fn new(inbox: Inbox, journal: Journal, http: Client, sandbox: SandboxSwitch) -> Self {
        Self { inbox, journal, http, sandbox }
    }

    async fn fetch(&self, delivery: &Delivery) -> Outcome<()> {
        let account = delivery.account_id();
        let entry = self
            .inbox
            .store()
            .read(account, |mut tx| async move { delivery.look(&mut tx, CONSUMER).await })
            .await?;
        let Some(entry) = entry else { return Ok(()) };
        let Event::MessageCreated { message, conversation } = entry.event.as_ref() else { return Ok(()) };
        let handle = match by_id_unscoped(&self.inbox, conversation.channel_id).await {
            Ok(handle) => handle,
            Err(error) if bus::is_of_store(&error) => return Err(error.into()),
            Err(error) => {
                tracing::error!(channel_id = %conversation.channel_id, %error, source = ?error.source,
                    "a channel cannot be read: its files are missing");
                None
            }
        };
        let is_last = delivery.claims() >= MOST_CLAIMS && self.inbox.now() - entry.at >= LONGEST;
        let handle = handle.filter(|handle| handle.account_id == account);
        let kept = match self.kept(account, handle.as_deref(), entry.trace_id.as_deref()).await {
            // that hub may never start again
            Err(Fault::Refused(error)) if is_last && error.details["reason"] == ELSEWHERE => None,
            kept => kept?,
        };
        let mut fetched = Vec::new();
        for (index, attachment) in message.attachments.iter().enumerate() {
            if let Some(reference) = &attachment.provider_file {
                let outcome = self
                    .one(account, handle.as_deref(), attachment, reference, kept.as_ref(), is_last)
                    .await?;
                fetched.push((index, reference.clone(), outcome));
            }
        }
        let (fetched, message_id, trace) = (&fetched, message.id, &entry.trace_id);
        self.inbox
            .write(account, |mut unit| async move {
                let Opened::Fresh(_) = delivery.open(unit.tx(), CONSUMER).await? else {
                    return unit.commit(()).await;
                };
                unit.trace(trace.clone());
                show(&mut unit, account, message_id, fetched, &self.inbox).await?;
                unit.commit(()).await
            })
            .await
    }

    /// The body that told of the files, where they came inside of it.
    async fn kept(
        &self,
        account: AccountId,
        handle: Option<&ChannelHandle>,
        trace: Option<&str>,
    ) -> Outcome<Option<WebhookRequest>> {
        let adapter =
            handle.and_then(|handle| channels::registry().get(handle.channel_type, &handle.provider));
        // the journal's id is the trace of what it told
        let id = trace.and_then(|trace| trace.parse::<JournalId>().ok());
        let Some(id) = id.filter(|_| adapter.is_some_and(|adapter| adapter.has_files_inside())) else {
            return Ok(None);
        };
        let kept = self.journal.kept(account, id).await?;
        Ok(kept.map(|kept| {
            let mut request = WebhookRequest::from_body(kept.body);
            if let Some(value) = kept.content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
                request.headers.insert(CONTENT_TYPE, value);
            }
            request
        }))
    }

    /// Fetches one file and stores it. An error is one that may pass; `is_last`: nobody waits for that any more.
    async fn one(
        &self,
        account: AccountId,
        handle: Option<&ChannelHandle>,
        attachment: &Attachment,
        reference: &str,
        kept: Option<&WebhookRequest>,
        is_last: bool,
    ) -> Outcome<Fetched> {
        let Some((handle, adapter)) = handle.and_then(|handle| {
            Some((handle, channels::registry().get(handle.channel_type, &handle.provider)?))
        }) else {
            return Ok(Fetched::Missing("the channel is gone".to_owned()));
        };
        let most = usize::try_from(self.inbox.settings().upload_max).unwrap_or(usize::MAX);
        if attachment.file_size.is_some_and(|size| usize::try_from(size).unwrap_or(usize::MAX) > most) {
            return Ok(Fetched::Missing(format!("the file is larger than {most} bytes")));
        }
        let ctx = self.context(handle, adapter);
        let inside = kept.and_then(|request| adapter.file_inside(&ctx.channel, request, reference));
        let media = match inside {
            Some(media) => Ok(media),
            // it has had its time, or what is stored is not what was read
            None if adapter.has_files_inside() => {
                let why = "the mail that it came with is not here";
                Err(SendError::new(SendErrorClass::Unavailable, "not_here", why))
            }
            None => adapter.fetch_media(&ctx, reference, most).await,
        };
        let media = match media {
            Ok(media) => media,
            Err(error) if is_last || is_final(&error) => return Ok(Fetched::Missing(error.message)),
            Err(error) => {
                tracing::info!(channel_id = %handle.id, code = error.code, "a file could not be fetched yet");
                let told = format!("{}: {}", error.code, error.message);
                return Err(Fault::Refused(Error::unavailable(told)));
            }
        };
        if media.bytes.len() > most {
            return Ok(Fetched::Missing(format!("the file is larger than {most} bytes")));
        }
        let claimed = media.mime_type.as_deref().or(attachment.mime_type.as_deref());
        let mime_type = sniff::mime_type(&media.bytes, claimed);
        let filename = media
            .filename
            .or_else(|| attachment.filename.clone())
            .unwrap_or_else(|| format!("{}{}", attachment.kind, sniff::extension(&mime_type)));
        let size = media.bytes.len() as i64;
        let named = (filename.as_str(), mime_type.as_str());
        match uploads::store(&self.inbox, account, Owner::Provider, named, media.bytes).await {
            Ok(upload) => Ok(Fetched::Stored { upload: upload.uuid(), filename, mime_type, size }),
            Err(error) if matches!(error.code, ErrorCode::Validation | ErrorCode::TooLarge) => {
                Ok(Fetched::Missing(error.message))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn context(&self, handle: &ChannelHandle, adapter: &Arc<dyn Adapter>) -> Context {
        let channel = ChannelConfig::from(handle.facts());
        let (http, clock) = (self.http.clone(), Arc::clone(self.inbox.clock()));
        Context::new(http, Arc::new(channel), adapter.profile(), clock, self.sandbox.clone())
            .within(TIME_LIMIT)
    }
}

impl Handler for MediaFetcher {
    fn topic(&self) -> Topic {
        Topic::Media
    }

    fn handle<'a>(&'a self, delivery: &'a Delivery) -> futures::future::BoxFuture<'a, Outcome<()>> {
        Box::pin(self.fetch(delivery))
    }
}

/// Codes of failures that another try would meet again.
const FINAL: [&str; 6] =
    ["unsupported", "address_refused", "invalid_request", "redirects", "answer_too_large", "too_large"];

/// Whether asking again is of no use. Fetching changes nothing at the provider, so an unknown outcome is
/// as good as none.
fn is_final(error: &SendError) -> bool {
    if FINAL.contains(&error.code.as_str()) {
        return true;
    }
    match &error.class {
        // a person who puts wrong credentials right does not find out about this file
        SendErrorClass::Gone | SendErrorClass::Rejected(_) | SendErrorClass::Settings(_) => true,
        SendErrorClass::Throttled { .. } | SendErrorClass::Unavailable | SendErrorClass::Unknown => false,
    }
}

/// Puts the files into the message, which then appears again under its id.
async fn show(
    unit: &mut Unit,
    account: AccountId,
    id: MessageId,
    fetched: &[(usize, String, Fetched)],
    inbox: &Inbox,
) -> Outcome<()> {
    let now = unit.now();
    // the lock comes first: what is read before it may be changed while it is waited for
    let found = sqlx::query_scalar!(
        "SELECT conversation_id FROM messages WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?;
    let Some(conversation_id) = found.flatten().map(ConversationId) else { return Ok(()) };
    let Some(mut conversation) = conversations::lock(unit.tx(), &[conversation_id]).await?.pop() else {
        return Ok(());
    };
    let Some(mut message) = messages::load(unit.tx(), id).await? else { return Ok(()) };
    // with the references that readers are not shown
    let Some(mut attachments) = stored(unit.tx(), account, id).await? else { return Ok(()) };
    let (mut missing, mut kept) = (Vec::new(), Vec::new());
    for (index, reference, outcome) in fetched {
        let Some(attachment) = attachments.get_mut(*index) else { continue };
        if attachment.provider_file.as_ref() != Some(reference) {
            continue;
        }
        attachment.provider_file = None;
        match outcome {
            Fetched::Stored { upload, filename, mime_type, size } => {
                let upload_id = (*upload).into();
                attachment.upload_id = Some(upload_id);
                let signed = uploads::signed_query(inbox, Grant::Get, upload_id, None);
                attachment.url = Some(format!("/v1/files/{upload_id}?{signed}"));
                attachment.filename = Some(filename.clone());
                attachment.mime_type = Some(mime_type.clone());
                attachment.file_size = Some(*size);
                kept.push(*upload);
            }
            Fetched::Missing(why) => missing.push(json!({"index": index, "reason": why})),
        }
    }
    if let Value::Object(metadata) = &mut message.metadata {
        metadata.insert(FILES_FETCHED_AT.to_owned(), json!(now));
        if !missing.is_empty() {
            metadata.insert("files_missing".to_owned(), Value::Array(missing));
        }
    }
    sqlx::query!(
        "UPDATE uploads SET message_id = $3 WHERE id = ANY ($1) AND account_id = $2",
        &kept,
        account.uuid(),
        id.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    sqlx::query!(
        "UPDATE messages SET attachments = $3, metadata = $4, updated_at = $5 WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
        json!(attachments),
        message.metadata,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    message.attachments = attachments;
    let seq = conversation.next_seq();
    conversation.updated_at = now;
    unit.record_in_thread(
        Event::MessageCreated { message, conversation: conversation.view() },
        conversation.audience(),
        seq,
    );
    conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await
}

async fn stored(tx: &mut Tx, account: AccountId, id: MessageId) -> Outcome<Option<Vec<Attachment>>> {
    let attachments = sqlx::query_scalar!(
        "SELECT attachments FROM messages WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    match attachments {
        Some(value) => {
            Ok(Some(serde_json::from_value(value).map_err(|e| Fault::Refused(Error::internal(e)))?))
        }
        None => Ok(None),
    }
}
