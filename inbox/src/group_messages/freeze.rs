//! First the content is taken as it is, then the audience is frozen in chunks: each reads a page of its sources, writes
//! the recipients and how far it came, in one transaction. A crash repeats nothing and leaves nothing out.
//!
//! One node at a time freezes a group message, by an advisory lock. Its row is locked only for the last moments of
//! a chunk: whoever sends and counts meanwhile needs that row too, and would otherwise wait for most of the time.

use std::collections::HashSet;

use bus::{Fault, Outcome, Scope, Task, Tx};
use model::{
    AccountId, Attachment, ChannelId, ChannelType, Error, ErrorCode, GroupId, GroupMessageId, SegmentId,
    TemplateId, Time, UserId,
    group_message::{Counts, GroupMessageStatus, RecipientState},
    template::FallbackStrategy,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    ledger,
    route::{self, Route, Way},
    source::{self, Someone},
};
use crate::{Inbox, Unit, templates::Template};

/// People of one chunk.
const CHUNK: i64 = 1000;
/// The class of the advisory locks of those who freeze.
const FREEZING: i32 = 0x6672_657a;

/// What is sent, as it was when sending began.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Content {
    pub body: String,
    pub fallback: FallbackStrategy,
    pub defaults: Map<String, Value>,
    pub attachments: Vec<Attachment>,
    pub sender_name: Option<String>,
    pub sender_email: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Cursor {
    phase: usize,
    #[serde(default)]
    after: Option<Uuid>,
}

/// Freezes one chunk of each group message that has begun and is not complete. Returns how many did
/// something.
pub(super) async fn freeze_due(inbox: &Inbox) -> Outcome<usize> {
    let due = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, account_id FROM group_messages
                 WHERE status IN ('queued', 'processing') AND frozen_at IS NULL
                   AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
                 ORDER BY coalesce(scheduled_at, created_at), id LIMIT 100"
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let mut worked = 0;
    for row in due {
        let (account, id) = (AccountId(row.account_id), GroupMessageId(row.id));
        match inbox.write(account, |unit| chunk(unit, account, id)).await {
            Ok(did) => worked += usize::from(did),
            Err(fault) if fault.is_unavailable() => return Err(fault),
            // the others do not wait for it
            Err(fault) => {
                tracing::error!(error = %fault, group_message_id = %id, "an audience could not be frozen");
            }
        }
    }
    Ok(worked)
}

/// A group message as freezing needs it.
struct Row {
    status: GroupMessageStatus,
    channel_id: Option<ChannelId>,
    template_id: Option<TemplateId>,
    created_by: Option<UserId>,
    groups: Vec<GroupId>,
    segments: Vec<SegmentId>,
    excluded: HashSet<Uuid>,
    cursor: Cursor,
    started_at: Option<Time>,
    canary_percent: Option<i32>,
    /// Each recipient gets it at that time of their own zone, or of this one.
    local: Option<(chrono::NaiveDateTime, chrono_tz::Tz)>,
}

/// The content, or one chunk; false when another node is at it, or nothing is to do.
async fn chunk(mut unit: Unit, account: AccountId, id: GroupMessageId) -> Outcome<bool> {
    if !is_alone(unit.tx(), id).await? {
        return unit.commit(false).await;
    }
    let Some(row) = read(unit.tx(), account, id).await? else { return unit.commit(false).await };
    let Some(started_at) = row.started_at else {
        hold(unit.tx(), account, id).await?.ok_or(Fault::RunAgain)?;
        // until it was held it could be changed
        let row = read(unit.tx(), account, id).await?.ok_or(Fault::RunAgain)?;
        if let Err(refusal) = begin(&mut unit, account, id, &row).await? {
            fail(&mut unit, account, id, &refusal).await?;
        }
        return unit.commit(true).await;
    };
    let ways = route::ways(unit.tx(), account, row.channel_id).await?;
    if ways.is_empty() {
        ledger::halt(&mut unit, account, id, "the channel is switched off or gone").await?;
        return unit.commit(true).await;
    }
    let who = (row.created_by.unwrap_or(UserId(Uuid::nil())), started_at);
    let phases = match source::phases(unit.tx(), account, &row.groups, &row.segments, who).await {
        Ok(phases) => phases,
        Err(fault) => {
            let error = Error::from(fault);
            // a segment's condition that no longer can be asked will not get better by itself
            if !matches!(error.code, ErrorCode::BadRequest | ErrorCode::Validation) {
                return Err(error.into());
            }
            hold(unit.tx(), account, id).await?.ok_or(Fault::RunAgain)?;
            fail(&mut unit, account, id, &error.message).await?;
            return unit.commit(true).await;
        }
    };
    let mut cursor = row.cursor;
    let mut counts = Counts::default();
    let (mut duplicates, mut used) = (0, Vec::new());
    if let Some(phase) = phases.get(cursor.phase) {
        let people = phase.page(unit.tx(), account, cursor.after, CHUNK).await?;
        cursor = if (people.len() as i64) < CHUNK {
            Cursor { phase: cursor.phase + 1, after: None }
        } else {
            Cursor { phase: cursor.phase, after: people.last().map(|one| one.id) }
        };
        let people: Vec<Someone> = people
            .into_iter()
            .filter(|one| {
                !row.excluded.contains(&one.id)
                    && !one.contact_id.is_some_and(|contact| row.excluded.contains(&contact))
            })
            .collect();
        let routes = route::find(unit.tx(), account, &ways, &people).await?;
        let written = write(unit.tx(), account, (id, started_at), &people, (&routes, row.local)).await?;
        duplicates = (people.len() - written.len()) as i32;
        for state in written {
            counts.step(None, state);
        }
        used = channels(&ways, &routes);
    }
    // paused or cancelled meanwhile: the chunk has never been
    let before = hold(unit.tx(), account, id).await?.ok_or(Fault::RunAgain)?;
    save_cursor(unit.tx(), id, cursor, duplicates, &used).await?;
    if cursor.phase >= phases.len() {
        complete(&mut unit, account, id, (row.canary_percent, before), &counts).await?;
    }
    ledger::count(&mut unit, id, counts).await?;
    unit.commit(true).await
}

/// Keeps other nodes from freezing it until this transaction ends; false when one is at it.
async fn is_alone(tx: &mut Tx, id: GroupMessageId) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS "is_alone!""#,
        FREEZING,
        id.to_string(),
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Locks the row while it is still to be frozen, and tells its pending and skipped recipients as they are now.
async fn hold(tx: &mut Tx, account: AccountId, id: GroupMessageId) -> Outcome<Option<(i32, i32)>> {
    let row = sqlx::query!(
        "SELECT pending_count, skipped_count FROM group_messages
         WHERE id = $1 AND account_id = $2 AND frozen_at IS NULL AND status IN ('queued', 'processing')
         FOR NO KEY UPDATE",
        id.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.pending_count, row.skipped_count)))
}

async fn read(tx: &mut Tx, account: AccountId, id: GroupMessageId) -> Outcome<Option<Row>> {
    let row = sqlx::query!(
        r#"SELECT status AS "status: GroupMessageStatus", channel_id, template_id, created_by_user_id,
                  contact_group_ids, segment_ids, exclude_contact_ids, cursor, started_at, canary_percent,
                  local_time, local_zone
           FROM group_messages
           WHERE id = $1 AND account_id = $2 AND frozen_at IS NULL AND status IN ('queued', 'processing')"#,
        id.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Row {
        status: row.status,
        channel_id: row.channel_id.map(ChannelId),
        template_id: row.template_id.map(TemplateId),
        created_by: row.created_by_user_id.map(UserId),
        groups: row.contact_group_ids.into_iter().map(GroupId).collect(),
        segments: row.segment_ids.into_iter().map(SegmentId).collect(),
        excluded: row.exclude_contact_ids.into_iter().collect(),
        cursor: serde_json::from_value(row.cursor).unwrap_or_default(),
        started_at: row.started_at,
        canary_percent: row.canary_percent,
        local: row.local_time.zip(row.local_zone.and_then(|zone| zone.parse().ok())),
    }))
}

/// Takes the template as it is now. `Err`: why it cannot begin.
async fn begin(
    unit: &mut Unit,
    account: AccountId,
    id: GroupMessageId,
    row: &Row,
) -> Outcome<Result<(), String>> {
    let now = unit.now();
    let content = match content(unit.tx(), account, row.template_id, row.channel_id, row.created_by).await? {
        Ok(content) => content,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let status = row.status.to(GroupMessageStatus::Processing)?;
    sqlx::query!(
        "UPDATE group_messages SET status = $2, started_at = $3, content = $4, version = version + 1, updated_at = $3
         WHERE id = $1",
        id.uuid(),
        status.as_str(),
        now,
        json!(content),
    )
    .execute(&mut **unit.tx())
    .await?;
    ledger::tell(unit, account, id).await?;
    Ok(Ok(()))
}

/// The content of a template; `Err`: why it cannot be sent.
pub(super) async fn content(
    tx: &mut Tx,
    account: AccountId,
    template: Option<TemplateId>,
    channel: Option<ChannelId>,
    sender: Option<UserId>,
) -> Outcome<Result<Content, String>> {
    let Some(template) = template else { return Ok(Err("it has no template".into())) };
    let row = sqlx::query!(
        r#"SELECT t.body, t.fallback_strategy AS "fallback: FallbackStrategy", t.default_values, t.attachments,
                  t.is_active, t.channel_type AS "only: ChannelType",
                  (SELECT c.channel_type FROM channels c WHERE c.id = $3 AND c.account_id = $2)
                      AS "channel_type: ChannelType",
                  (SELECT trim(concat_ws(' ', u.given_name, u.family_name)) FROM users u WHERE u.id = $4) AS name,
                  (SELECT u.email FROM users u WHERE u.id = $4) AS email
           FROM templates t WHERE t.id = $1 AND t.account_id = $2"#,
        template.uuid(),
        account.uuid(),
        channel.map(ChannelId::uuid),
        sender.map(UserId::uuid),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(Err("its template is gone".into())) };
    if !row.is_active {
        return Ok(Err("its template is not active".into()));
    }
    if channel.is_some() && row.channel_type.is_none() {
        return Ok(Err("its channel is gone".into()));
    }
    if row.only.is_some() && row.channel_type.is_some() && row.only != row.channel_type {
        return Ok(Err("its template is for another channel type".into()));
    }
    if let Err(error) = Template::parse(&row.body) {
        return Ok(Err(format!("its template cannot be read: {error}")));
    }
    let defaults = match row.default_values {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    Ok(Ok(Content {
        body: row.body,
        fallback: row.fallback,
        defaults,
        attachments: serde_json::from_value(row.attachments).map_err(Error::internal)?,
        sender_name: row.name.filter(|name| !name.is_empty()),
        sender_email: row.email,
    }))
}

async fn fail(unit: &mut Unit, account: AccountId, id: GroupMessageId, why: &str) -> Outcome<()> {
    let now = unit.now();
    sqlx::query!(
        "UPDATE group_messages SET status = 'failed', error = $2, started_at = coalesce(started_at, $3),
             frozen_at = $3, completed_at = $3, version = version + 1, updated_at = $3 WHERE id = $1",
        id.uuid(),
        why,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    ledger::tell(unit, account, id).await
}

/// Writes recipients and returns the states of those that are new.
async fn write(
    tx: &mut Tx,
    account: AccountId,
    (group, started_at): (GroupMessageId, Time),
    people: &[Someone],
    (routes, local): (&[Route], Option<(chrono::NaiveDateTime, chrono_tz::Tz)>),
) -> Outcome<Vec<RecipientState>> {
    let due: Vec<Time> = people
        .iter()
        .map(|one| match local {
            None => started_at,
            Some((time, fallback)) => {
                let own = one.timezone.as_deref().and_then(|zone| zone.trim().parse().ok());
                model::recurrence::moment(time, own.unwrap_or(fallback))
            }
        })
        .collect();
    // of version 7 and rising: rows that are written one after the other lie together in every index
    let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
    let contacts: Vec<Option<Uuid>> = people.iter().map(|one| one.contact_id).collect();
    let persons: Vec<Option<Uuid>> = people.iter().map(|one| one.is_person.then_some(one.id)).collect();
    let to = |route: &Route| match route {
        Route::To { channel_id, address } => (Some(channel_id.uuid()), Some(address.clone()), None),
        Route::Nowhere(reason) => (None, None, Some(*reason)),
    };
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for (channel, address, reason) in routes.iter().map(to) {
        columns.0.push(channel);
        columns.1.push(address);
        columns.2.push(reason);
    }
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO group_message_recipients (group_message_id, id, account_id, contact_id, person_id, channel_id,
               address, address_key, state, reason, due_at)
           SELECT $1, id, $2, contact_id, person_id, channel_id, address, address,
                  CASE WHEN address IS NULL THEN 'skipped' ELSE 'pending' END, reason, due_at
           FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::timestamptz[])
               WITH ORDINALITY AS r (id, contact_id, person_id, channel_id, address, reason, due_at, n)
           ORDER BY n ON CONFLICT DO NOTHING RETURNING state AS "state: RecipientState""#,
        group.uuid(),
        account.uuid(),
        &ids,
        &contacts as &[Option<Uuid>],
        &persons as &[Option<Uuid>],
        &columns.0 as &[Option<Uuid>],
        &columns.1 as &[Option<String>],
        &columns.2 as &[Option<&str>],
        &due,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Channels that these routes use.
fn channels(ways: &[Way], routes: &[Route]) -> Vec<Uuid> {
    ways.iter()
        .map(|way| way.channel_id)
        .filter(|id| {
            routes.iter().any(|route| matches!(route, Route::To { channel_id, .. } if channel_id == id))
        })
        .map(ChannelId::uuid)
        .collect()
}

async fn save_cursor(
    tx: &mut Tx,
    id: GroupMessageId,
    cursor: Cursor,
    duplicates: i32,
    used: &[Uuid],
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE group_messages SET cursor = $2, duplicate_count = duplicate_count + $3,
             channel_ids = ARRAY(SELECT DISTINCT unnest(channel_ids || $4::uuid[]) ORDER BY 1)
         WHERE id = $1",
        id.uuid(),
        json!(cursor),
        duplicates,
        used,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The audience is complete: the canary is cut off, and an empty audience is a failure.
async fn complete(
    unit: &mut Unit,
    account: AccountId,
    id: GroupMessageId,
    (canary_percent, before): (Option<i32>, (i32, i32)),
    last: &Counts,
) -> Outcome<()> {
    let (pending, skipped) = (before.0 + last.pending, before.1 + last.skipped);
    if pending == 0 && skipped == 0 {
        // with a canary nothing was claimed yet, without one there was nothing to claim
        let untouched = sqlx::query_scalar!(
            r#"SELECT total_recipients = 0 AS "untouched!" FROM group_messages WHERE id = $1"#,
            id.uuid()
        )
        .fetch_one(&mut **unit.tx())
        .await?;
        if untouched {
            return fail(unit, account, id, "nobody is in its audience").await;
        }
    }
    let canary = canary_percent.filter(|_| pending > 0);
    // rounded up, at least one
    let size = canary.map_or(0, |percent| (i64::from(pending) * i64::from(percent) + 99) / 100);
    let until = match canary {
        None => None,
        Some(_) => {
            sqlx::query_scalar!(
                "SELECT number FROM group_message_recipients WHERE group_message_id = $1 AND state = 'pending'
                 ORDER BY number OFFSET $2 LIMIT 1",
                id.uuid(),
                size - 1,
            )
            .fetch_optional(&mut **unit.tx())
            .await?
        }
    };
    let now = unit.now();
    sqlx::query!(
        "UPDATE group_messages SET frozen_at = $2, canary_until = $3, canary_size = $4, canary_skipped = $5,
             canary_state = CASE WHEN $3::bigint IS NULL THEN NULL ELSE 'waiting' END WHERE id = $1",
        id.uuid(),
        now,
        until,
        size as i32,
        skipped,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}
