//! The background work of imports.

use std::{collections::BTreeMap, time::Duration};

use bus::{Outcome, Scope, Task};
use model::{AccountId, Error, ErrorCode, GroupId, ImportId, UploadId};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    chunk::{self, Done, Rules},
    entity::OnDuplicate,
    mapping,
};
use crate::{
    Inbox,
    csv::{MAX_RECORD, Reader},
    uploads,
};

/// Bytes that one transaction works off, about.
const BYTES: u64 = 256 * 1024;
/// Errors that are kept of one import.
const MOST_ERRORS: i32 = 10_000;
const POLL: Duration = Duration::from_secs(1);

/// Works until `stop`.
pub async fn run(inbox: Inbox, stop: CancellationToken) {
    loop {
        let worked = match once(&inbox).await {
            Ok(worked) => worked,
            Err(fault) => {
                tracing::warn!(%fault, "imports wait");
                0
            }
        };
        if worked == 0 {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(POLL) => {}
            }
        } else if stop.is_cancelled() {
            return;
        }
    }
}

/// One chunk of each import that is not over; returns how many did something.
pub async fn once(inbox: &Inbox) -> Outcome<usize> {
    let due = inbox
        .store()
        .read(Scope::System(Task::Maintenance), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, account_id, upload_id, done_bytes, total_bytes FROM contact_imports
                 WHERE status IN ('queued', 'processing') ORDER BY created_at LIMIT 20"
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let mut worked = 0;
    for row in due {
        let (account, id) = (AccountId(row.account_id), ImportId(row.id));
        // outside of the transaction; a record that does not end in it is read again with the next one
        let length = BYTES + MAX_RECORD as u64;
        let from = row.done_bytes as u64;
        let bytes = match uploads::read_range(inbox, account, UploadId(row.upload_id), from, length).await {
            Ok((_, bytes)) => bytes,
            Err(error) if error.code == ErrorCode::NotFound => {
                fail(inbox, account, id, "its file is gone").await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let bytes = &bytes[..];
        match inbox.store().write(account, |tx| chunk(tx, account, id, (from, bytes), inbox.now())).await {
            Ok(did) => worked += usize::from(did),
            Err(fault) if fault.is_unavailable() => return Err(fault),
            Err(fault) => {
                let error = Error::from(fault);
                tracing::error!(import_id = %id, %error, source = ?error.source, "an import failed");
                fail(inbox, account, id, &error.message).await?;
            }
        }
    }
    Ok(worked)
}

async fn fail(inbox: &Inbox, account: AccountId, id: ImportId, why: &str) -> Outcome<()> {
    let now = inbox.now();
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "UPDATE contact_imports SET status = 'failed', error = $3, completed_at = $4, updated_at = $4
                 WHERE id = $1 AND account_id = $2 AND status IN ('queued', 'processing')",
                id.uuid(),
                account.uuid(),
                why,
                now,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
}

/// Works off the records in `bytes`, which begin at `from`; false when another node was faster.
async fn chunk(
    mut tx: bus::Tx,
    account: AccountId,
    id: ImportId,
    (from, bytes): (u64, &[u8]),
    now: model::Time,
) -> Outcome<bool> {
    let row = sqlx::query!(
        r#"SELECT mapping, default_country_code, on_duplicate AS "on_duplicate: OnDuplicate", group_id, tags, is_dry_run,
                  total_bytes, separator, columns, row_count, error_count
           FROM contact_imports
           WHERE id = $1 AND account_id = $2 AND done_bytes = $3 AND status IN ('queued', 'processing')
           FOR UPDATE SKIP LOCKED"#,
        id.uuid(),
        account.uuid(),
        from as i64,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let mut reader = match row.separator.as_deref().and_then(|text| text.bytes().next()) {
        Some(separator) => Reader::at(from, separator),
        None => Reader::default(),
    };
    let reaches_end = from + bytes.len() as u64 >= row.total_bytes as u64;
    let mut records =
        reader.push(bytes, reaches_end).map_err(|error| Error::invalid("upload_id", error.to_string()))?;
    // the head is the first record of the file
    let mut columns: Option<Vec<String>> = row.columns.and_then(|value| serde_json::from_value(value).ok());
    if columns.is_none() && !records.is_empty() {
        columns = Some(records.remove(0).cells);
    }
    let columns = columns.unwrap_or_default();
    let told: BTreeMap<String, String> = serde_json::from_value(row.mapping).unwrap_or_default();
    let targets = mapping::targets(&told, &columns)?;
    let tags: Vec<String> = serde_json::from_value(row.tags).unwrap_or_default();
    let rules = Rules {
        account,
        targets: &targets,
        country: row.default_country_code.as_deref(),
        on_duplicate: row.on_duplicate,
        group: row.group_id.map(GroupId),
        tags: &tags,
        is_dry_run: row.is_dry_run,
    };
    let is_over = reaches_end;
    let end = records.last().map(|record| record.end as i64);
    let done_bytes = if is_over { row.total_bytes } else { end.unwrap_or(from as i64) };
    let count = records.len() as i32;
    let done = chunk::work(&mut tx, &rules, records, row.row_count + 2, now).await?;
    let room = (MOST_ERRORS - row.error_count).max(0) as usize;
    keep_errors(&mut tx, account, id, &done, room).await?;
    sqlx::query!(
        "UPDATE contact_imports SET status = CASE WHEN $2 THEN 'completed' ELSE 'processing' END, done_bytes = $3,
             separator = $4, columns = $5, row_count = row_count + $6, created_count = created_count + $7,
             updated_count = updated_count + $8, skipped_count = skipped_count + $9, error_count = error_count + $10,
             started_at = coalesce(started_at, $11), completed_at = CASE WHEN $2 THEN $11 END, updated_at = $11
         WHERE id = $1",
        id.uuid(),
        is_over,
        done_bytes,
        reader.separator().map(|byte| char::from(byte).to_string()),
        json!(columns),
        count,
        done.created,
        done.updated,
        done.skipped,
        done.errors.len() as i32,
        now,
    )
    .execute(&mut *tx)
    .await?;
    Ok(true)
}

async fn keep_errors(
    tx: &mut bus::Tx,
    account: AccountId,
    id: ImportId,
    done: &Done,
    room: usize,
) -> Outcome<()> {
    let kept = &done.errors[..done.errors.len().min(room)];
    let numbers: Vec<i32> = kept.iter().map(|error| error.row).collect();
    let fields: Vec<&str> = kept.iter().map(|error| error.field.as_str()).collect();
    let messages: Vec<&str> = kept.iter().map(|error| error.message.as_str()).collect();
    let cells: Vec<Value> =
        kept.iter().map(|error| crate::journal::without_nul(json!(error.cells))).collect();
    sqlx::query!(
        "INSERT INTO contact_import_errors (import_id, account_id, row_number, field, message, cells)
         SELECT $1, $2, row_number, field, message, cells
         FROM unnest($3::int[], $4::text[], $5::text[], $6::jsonb[]) AS e (row_number, field, message, cells)
         ON CONFLICT DO NOTHING",
        id.uuid(),
        account.uuid(),
        &numbers,
        &fields as &[&str],
        &messages as &[&str],
        &cells,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
