//! Imports as rows, and what members do with them.

use std::collections::BTreeMap;

use bus::Outcome;
use chrono::{DateTime, Utc};
use model::{AccountId, Error, GroupId, ImportId, Permission, Result, UploadId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::mapping;
use crate::{
    Context, Inbox, Member, audience,
    check::Checks,
    csv,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    uploads,
};

/// Bytes that a preview looks at.
const PREVIEW: u64 = 64 * 1024;

model::text_enum! {
    /// What becomes of a row whose contact is there already.
    pub enum OnDuplicate { Update = "update", Skip = "skip", Error = "error" }
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct ImportView {
    pub id: ImportId,
    pub account_id: AccountId,
    pub upload_id: UploadId,
    pub filename: String,
    /// `queued`, `processing`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// Column of the file → field of the contact.
    #[schema(value_type = Object)]
    pub mapping: Value,
    pub default_country_code: Option<String>,
    pub on_duplicate: OnDuplicate,
    pub group_id: Option<GroupId>,
    #[sqlx(json)]
    pub tags: Vec<String>,
    /// Everything is looked at and nothing is written.
    pub is_dry_run: bool,
    pub total_bytes: i64,
    pub done_bytes: i64,
    pub row_count: i32,
    pub created_count: i32,
    pub updated_count: i32,
    pub skipped_count: i32,
    pub error_count: i32,
    pub error: Option<String>,
    pub created_by_user_id: Option<UserId>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "import",
    select: "SELECT id, account_id, upload_id, filename, status, mapping, default_country_code, on_duplicate, group_id,
                    tags, is_dry_run, total_bytes, done_bytes, row_count, created_count, updated_count,
                    skipped_count, error_count, error, created_by_user_id, started_at, completed_at, created_at,
                    updated_at",
    from: "contact_imports",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("status", "status", Kind::Text, ops::EQ_IN),
        Field::new("is_dry_run", "is_dry_run", Kind::Flag, ops::EQ),
        Field::new("group_id", "group_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("created_by_user_id", "created_by_user_id", Kind::User, ops::EQ_NULL),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// A file to read contacts from.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImport {
    pub account_id: Option<AccountId>,
    /// A finished upload: CSV with a head, UTF-8; comma, semicolon or tab.
    pub upload_id: UploadId,
    /// Column → `name`, `phone`, `properties.city`, `identifier.telegram`, `ignore` …; absent: what the
    /// columns' titles say.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub mapping: BTreeMap<String, String>,
    /// Like `+251`; for numbers written without a country.
    pub default_country_code: Option<String>,
    /// `update` unless given.
    pub on_duplicate: Option<OnDuplicate>,
    /// Everybody in the file is put into this group.
    pub group_id: Option<GroupId>,
    /// Added to everybody in the file.
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportPreviewRequest {
    pub account_id: Option<AccountId>,
    pub upload_id: UploadId,
}

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ImportPreview {
    pub columns: Vec<String>,
    /// What the columns' titles say.
    #[schema(value_type = Object)]
    pub mapping: BTreeMap<String, String>,
    /// The first rows, at most five.
    pub rows: Vec<Vec<String>>,
}

/// Looks at the beginning of an uploaded file.
pub async fn preview(inbox: &Inbox, member: &Member, upload: UploadId) -> Result<ImportPreview> {
    member.require(Permission::ContactsManage)?;
    let records = head(inbox, member, upload).await?;
    let mut records = records.into_iter().map(|record| record.cells);
    let columns = records.next().unwrap_or_default();
    let mapping = columns.iter().map(|title| (title.clone(), mapping::guess(title))).collect();
    Ok(ImportPreview { columns, mapping, rows: records.take(5).collect() })
}

async fn head(inbox: &Inbox, member: &Member, upload: UploadId) -> Result<Vec<csv::Record>> {
    let (file, bytes) = uploads::read_range(inbox, member.account_id(), upload, 0, PREVIEW)
        .await
        .map_err(|error| if error.code == model::ErrorCode::NotFound { absent() } else { error })?;
    let is_all = file.size as u64 <= PREVIEW;
    let bytes = if is_all {
        &bytes[..]
    } else {
        &bytes[..bytes.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1)]
    };
    let records = csv::Reader::default().push(bytes, is_all);
    let records = records.map_err(|error| Error::invalid("upload_id", error.to_string()))?;
    if records.is_empty() {
        return Err(Error::invalid("upload_id", "the file is empty"));
    }
    Ok(records)
}

fn absent() -> Error {
    Error::absent("upload_id", "no such finished upload in this account")
}

/// Begins an import; it goes on in the background.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewImport) -> Result<ImportView> {
    member.require(Permission::ContactsManage)?;
    let mut checks = Checks::new();
    checks.texts("tags", &new.tags, 20, 100);
    let country = new.default_country_code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    if let Some(code) = country {
        let digits = code.trim_start_matches('+');
        let good = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        checks.that(good, "default_country_code", "must be like +251");
    }
    checks.finish()?;
    let records = head(inbox, member, new.upload_id).await?;
    mapping::targets(&new.mapping, &records[0].cells)?;
    let (id, account, now) = (ImportId::new(), member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            if let Some(group) = new.group_id {
                let known: Outcome<audience::groups::GroupView> =
                    list::one(&mut tx, &audience::groups::ENTITY, account, group.uuid()).await;
                known.map_err(|_| Error::absent("group_id", "no such group in this account"))?;
            }
            uploads::keep(&mut tx, account, &[new.upload_id.uuid()]).await?;
            sqlx::query!(
                "INSERT INTO contact_imports (id, account_id, upload_id, filename, mapping, default_country_code,
                     on_duplicate, group_id, tags, is_dry_run, total_bytes, created_by_user_id, created_at, updated_at)
                 SELECT $1, $2, u.id, u.filename, $4, $5, $6, $7, $8, $9, u.size, $10, $11, $11
                 FROM uploads u WHERE u.id = $3 AND u.account_id = $2",
                id.uuid(),
                account.uuid(),
                new.upload_id.uuid(),
                json!(new.mapping),
                country,
                new.on_duplicate.unwrap_or(OnDuplicate::Update).as_str(),
                new.group_id.map(GroupId::uuid),
                json!(new.tags),
                new.dry_run,
                member.user_id().uuid(),
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<ImportView>> {
    list::list(inbox, context, Permission::ContactsView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: ImportId) -> Result<ImportView> {
    member.require(Permission::ContactsView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// Stops an import; what it has made stays.
pub async fn cancel(inbox: &Inbox, member: &Member, id: ImportId) -> Result<ImportView> {
    member.require(Permission::ContactsManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: ImportView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "contact_imports").await?;
            if !matches!(old.status.as_str(), "queued" | "processing") {
                return Err(Error::conflict("it is over").with("status", old.status).into());
            }
            sqlx::query!(
                "UPDATE contact_imports SET status = 'cancelled', completed_at = $2, updated_at = $2 WHERE id = $1",
                id.uuid(),
                now
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

/// Rows of one piece of the file of errors.
const PIECE: i64 = 2000;
/// The first line of that file.
pub const HEADER: &str = "row,field,message,cells\r\n";

/// The next lines of the file of errors, and where to go on; `None`: that was the end.
pub async fn errors_csv(
    inbox: &Inbox,
    account: AccountId,
    id: ImportId,
    after: i32,
) -> Outcome<(String, Option<i32>)> {
    inbox
        .store()
        .read(account, |mut tx| async move {
            let rows = sqlx::query!(
                "SELECT row_number, field, message, cells FROM contact_import_errors
                 WHERE import_id = $1 AND account_id = $2 AND row_number > $3 ORDER BY row_number LIMIT $4",
                id.uuid(),
                account.uuid(),
                after,
                PIECE,
            )
            .fetch_all(&mut *tx)
            .await?;
            let next = rows.last().filter(|_| rows.len() as i64 == PIECE).map(|row| row.row_number);
            let mut text = String::new();
            for row in rows {
                let cells: Vec<String> = serde_json::from_value(row.cells).unwrap_or_default();
                let mut line = vec![row.row_number.to_string(), row.field.unwrap_or_default(), row.message];
                line.extend(cells);
                csv::line(&mut text, &line);
            }
            Ok((text, next))
        })
        .await
}
