//! From what a sender names to the attachments of a message.

use bus::{Outcome, Tx};
use model::{Attachment, AttachmentKind, ContentType, Error, MessageId, UploadId};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Inbox, uploads};

/// An attachment as a sender names it: a finished upload, a public address, or a place.
#[derive(Debug, Clone, PartialEq, Deserialize, utoipa::ToSchema)]
pub struct AttachmentInput {
    #[serde(default, rename = "type")]
    pub kind: Option<AttachmentKind>,
    #[serde(default)]
    pub upload_id: Option<UploadId>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub mime_type: Option<String>,
    #[serde(default)]
    pub filename: Option<String>,
    #[serde(default)]
    pub caption: Option<String>,
    #[serde(default)]
    pub latitude: Option<f64>,
    #[serde(default)]
    pub longitude: Option<f64>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
}

/// The main content of a message: what was asked for, else the kind of its first attachment.
pub(super) fn content_type(asked: Option<ContentType>, attachments: &[Attachment]) -> ContentType {
    asked.or_else(|| attachments.first().map(|first| first.kind.into())).unwrap_or(ContentType::Text)
}

/// Turns what a sender named into attachments: uploads must be finished, the sender's own and not yet
/// used; they are bound to the message.
pub(crate) async fn attachments(
    inbox: &Inbox,
    tx: &mut Tx,
    account: model::AccountId,
    owner: Option<Uuid>,
    message: MessageId,
    inputs: &[AttachmentInput],
) -> Outcome<Vec<Attachment>> {
    let mut out = Vec::with_capacity(inputs.len());
    for (n, input) in inputs.iter().enumerate() {
        let field = format!("attachments.{n}");
        let mut attachment = match (input.upload_id, &input.url, input.latitude.zip(input.longitude)) {
            (Some(upload), ..) => uploaded(inbox, tx, (account, owner), message, upload, &field).await?,
            (None, Some(url), _) => {
                let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
                if parsed.is_none() {
                    return Err(
                        Error::invalid(format!("{field}.url"), "must be an http or https address").into()
                    );
                }
                let mut attachment = Attachment::new(input.kind.unwrap_or(AttachmentKind::Document));
                attachment.url = Some(url.clone());
                attachment.mime_type.clone_from(&input.mime_type);
                attachment.filename.clone_from(&input.filename);
                attachment
            }
            (None, None, Some((latitude, longitude))) => {
                if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
                    return Err(Error::invalid(field, "latitude is −90 to 90, longitude −180 to 180").into());
                }
                let mut attachment = Attachment::new(AttachmentKind::Location);
                attachment.latitude = Some(latitude);
                attachment.longitude = Some(longitude);
                attachment.name.clone_from(&input.name);
                attachment.address.clone_from(&input.address);
                attachment
            }
            (None, None, None) => {
                return Err(Error::invalid(field, "needs upload_id, url, or latitude and longitude").into());
            }
        };
        attachment.caption.clone_from(&input.caption);
        out.push(attachment);
    }
    Ok(out)
}

async fn uploaded(
    inbox: &Inbox,
    tx: &mut Tx,
    (account, owner): (model::AccountId, Option<Uuid>),
    message: MessageId,
    upload: UploadId,
    field: &str,
) -> Outcome<Attachment> {
    let row = sqlx::query!(
        "UPDATE uploads SET message_id = $4
         WHERE id = $1 AND account_id = $2 AND ($3::uuid IS NULL OR owner_id = $3) AND is_complete
           AND message_id IS NULL
         RETURNING filename, mime_type, size",
        upload.uuid(),
        account.uuid(),
        owner,
        message.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| {
        Error::absent(format!("{field}.upload_id"), "no finished, unused upload of yours has this id")
    })?;
    let kind = match row.mime_type.split('/').next() {
        Some("image") => AttachmentKind::Image,
        Some("video") => AttachmentKind::Video,
        Some("audio") => AttachmentKind::Audio,
        _ => AttachmentKind::Document,
    };
    let mut attachment = Attachment::new(kind);
    attachment.upload_id = Some(upload);
    // readers fetch it without a header, so the address carries its own right
    attachment.url = Some(uploads::address(inbox, upload, None));
    attachment.filename = Some(row.filename);
    attachment.mime_type = Some(row.mime_type);
    attachment.file_size = Some(row.size);
    Ok(attachment)
}
