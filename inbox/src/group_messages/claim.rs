//! Claiming recipients for dispatch: the lease, the rendered message and its open attempt, in one transaction.

use std::{collections::HashMap, time::Duration};

use bus::{Outcome, Scope, Task, Tx};
use model::{
    AccountId, Attachment, AttemptId, ChannelId, ChannelType, ContentType, GroupMessageId, MessageId,
    MessageStatus, Time, UserId, group_message::RecipientState,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    freeze::Content,
    ledger::{self, Move},
    route::{self, Way},
};
use crate::{
    Inbox, Unit, messages,
    sending_limits::{self, Rules},
    templates::{Rendered, Template},
    variables,
};

/// Bulk messages are given up when older than this.
pub const MAX_AGE: Duration = Duration::from_hours(24);

/// A claimed recipient, ready to be sent or asked about.
#[derive(Debug, Clone)]
pub struct Taken {
    pub account_id: AccountId,
    pub group_message_id: GroupMessageId,
    pub channel_id: ChannelId,
    pub message_id: MessageId,
    /// Names the claim, like the id of a mailbox item.
    pub number: i64,
    pub token: i64,
    /// Attempts that failed and count.
    pub failures: i32,
    pub first_tried_at: Time,
    pub status: MessageStatus,
    pub to: String,
    pub text: String,
    /// `None`: what is stored cannot be read.
    pub attachments: Option<Vec<Attachment>>,
    pub metadata: Value,
    /// Attempts so far, this one included.
    pub attempts: i32,
    pub task: TakenTask,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub enum TakenTask {
    Send { attempt_id: AttemptId },
    Ask { attempt_id: Option<AttemptId>, started_at: Time },
    TooOld,
}

/// A group message that can be claimed from, on one of its channels.
#[derive(Debug, Clone)]
pub struct Runnable {
    pub account_id: AccountId,
    pub group_message_id: GroupMessageId,
    pub channel_ids: Vec<ChannelId>,
    pub rate_per_minute: Option<i32>,
    /// The tenant's share of the workers.
    pub weight: i32,
}

/// What can be claimed from, tenant by tenant.
pub async fn runnable(inbox: &Inbox) -> Outcome<Vec<Runnable>> {
    inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let rows = sqlx::query!(
                "SELECT g.id, g.account_id, g.channel_ids, g.rate_per_minute, a.bulk_weight
                 FROM group_messages g JOIN accounts a ON a.id = g.account_id
                 WHERE g.status = 'processing' AND g.pending_count > g.unknown_count
                   AND (g.canary_percent IS NULL OR g.frozen_at IS NOT NULL)
                 ORDER BY g.account_id, g.id LIMIT 2000"
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Runnable {
                    account_id: AccountId(row.account_id),
                    group_message_id: GroupMessageId(row.id),
                    channel_ids: row.channel_ids.into_iter().map(ChannelId).collect(),
                    rate_per_minute: row.rate_per_minute,
                    weight: row.bulk_weight,
                })
                .collect())
        })
        .await
}

/// The group message as a claim needs it.
struct Parent {
    content: Content,
    custom: Map<String, Value>,
    template_id: Option<Uuid>,
    schedule_id: Option<Uuid>,
    sender_id: Option<UserId>,
    canary_until: Option<i64>,
}

/// A recipient whose claim has just been written.
struct Claimed {
    id: Uuid,
    number: i64,
    token: i64,
    contact_id: Option<Uuid>,
    person_id: Option<Uuid>,
    address: String,
    failures: i32,
    first_tried_at: Time,
    is_new: bool,
}

/// Claims up to `most` due recipients of a group message on one channel. Those that need no message after all
/// (suppressed meanwhile, values missing) are skipped in the same transaction.
pub async fn claim(
    inbox: &Inbox,
    account: AccountId,
    (group, channel): (GroupMessageId, ChannelId),
    most: usize,
    lease: Duration,
) -> Outcome<Vec<Taken>> {
    inbox
        .write(account, |mut unit| async move {
            let Some(parent) = parent(unit.tx(), account, (group, channel)).await? else {
                return unit.commit(Vec::new()).await;
            };
            let now = unit.now();
            let rules = sending_limits::rules(unit.tx(), account, now).await?;
            let most = rules.left().map_or(most as i64, |left| left.min(most as i64));
            let claimed = take(unit.tx(), (group, channel), parent.canary_until, most, lease).await?;
            if claimed.is_empty() {
                return unit.commit(Vec::new()).await;
            }
            let (new, again): (Vec<Claimed>, Vec<Claimed>) = claimed.into_iter().partition(|one| one.is_new);
            let mut moves = Vec::new();
            let mut taken = Vec::new();
            let place = Place { account, group, channel };
            let new = leave_in_peace(&mut unit, &place, &rules, new, &mut moves).await?;
            write_new(&mut unit, &place, &parent, new, &mut taken, &mut moves).await?;
            sending_limits::count(unit.tx(), account, taken.len() as i64, now).await?;
            reopen(&mut unit, &place, again, &mut taken, &mut moves).await?;
            open_attempts(unit.tx(), &taken, inbox.now()).await?;
            ledger::follow(&mut unit, &moves).await?;
            unit.commit(taken).await
        })
        .await
}

struct Place {
    account: AccountId,
    group: GroupMessageId,
    channel: ChannelId,
}

async fn parent(
    tx: &mut Tx,
    account: AccountId,
    (group, channel): (GroupMessageId, ChannelId),
) -> Outcome<Option<Parent>> {
    let row = sqlx::query!(
        "SELECT content, custom_values, template_id, schedule_id, created_by_user_id, canary_until, canary_state
         FROM group_messages WHERE id = $1 AND account_id = $2 AND status = 'processing' AND content IS NOT NULL
           AND (canary_percent IS NULL OR frozen_at IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.id = $3 AND c.paused_until > clock_timestamp())",
        group.uuid(),
        account.uuid(),
        channel.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let content = row.content.unwrap_or_default();
    Ok(Some(Parent {
        content: serde_json::from_value(content).map_err(model::Error::internal)?,
        custom: row.custom_values.as_object().cloned().unwrap_or_default(),
        template_id: row.template_id,
        schedule_id: row.schedule_id,
        sender_id: row.created_by_user_id.map(UserId),
        canary_until: row.canary_until.filter(|_| row.canary_state.as_deref() == Some("waiting")),
    }))
}

/// Takes due recipients by lease. Row locks exclude other workers, the token fences off late ones.
async fn take(
    tx: &mut Tx,
    (group, channel): (GroupMessageId, ChannelId),
    until: Option<i64>,
    most: i64,
    lease: Duration,
) -> Outcome<Vec<Claimed>> {
    let rows = sqlx::query!(
        r#"WITH due AS (
               SELECT id, has_message FROM group_message_recipients
               WHERE group_message_id = $1 AND channel_id = $2 AND state = 'pending'
                 AND due_at <= clock_timestamp() AND ($3::bigint IS NULL OR number <= $3)
               ORDER BY number LIMIT $4 FOR UPDATE SKIP LOCKED
           )
           UPDATE group_message_recipients r
           SET state = 'sending', token = r.token + 1, has_message = true, updated_at = clock_timestamp(),
               first_tried_at = coalesce(r.first_tried_at, clock_timestamp()),
               due_at = clock_timestamp() + make_interval(secs => $5)
           FROM due WHERE r.group_message_id = $1 AND r.id = due.id
           RETURNING r.id, r.number, r.token, r.contact_id, r.person_id, r.address AS "address!", r.failures,
                     r.first_tried_at AS "first_tried_at!", NOT due.has_message AS "is_new!""#,
        group.uuid(),
        channel.uuid(),
        until,
        most,
        lease.as_secs_f64(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut claimed: Vec<Claimed> = rows
        .into_iter()
        .map(|row| Claimed {
            id: row.id,
            number: row.number,
            token: row.token,
            contact_id: row.contact_id,
            person_id: row.person_id,
            address: row.address,
            failures: row.failures,
            first_tried_at: row.first_tried_at,
            is_new: row.is_new,
        })
        .collect();
    // messages are locked and written in the order of their ids
    claimed.sort_unstable_by_key(|one| one.id);
    Ok(claimed)
}

/// Puts those off whose quiet hours hold, skips those who have had their share, and returns the others.
async fn leave_in_peace(
    unit: &mut Unit,
    place: &Place,
    rules: &Rules,
    new: Vec<Claimed>,
    moves: &mut Vec<Move>,
) -> Outcome<Vec<Claimed>> {
    let now = unit.now();
    let contacts: Vec<Uuid> = new.iter().filter_map(|one| one.contact_id).collect();
    let sated = rules.sated(unit.tx(), place.account, &contacts, now).await?;
    let whose: Vec<(Uuid, Option<Uuid>, Option<Uuid>)> =
        new.iter().map(|one| (one.id, one.contact_id, one.person_id)).collect();
    let zones = if rules.has_quiet_hours() {
        sending_limits::zones(unit.tx(), place.account, &whose).await?
    } else {
        HashMap::new()
    };
    let (mut others, mut later, mut when) = (Vec::new(), Vec::new(), Vec::new());
    for one in new {
        let key = (place.group, MessageId(one.id));
        let quiet = zones.get(&one.id).and_then(|zone| rules.quiet_until(*zone, now));
        if one.contact_id.is_some_and(|contact| sated.contains(&contact)) {
            let reason = Some("frequency_cap".to_owned());
            moves.push(Move { key, to: RecipientState::Skipped, reason });
        } else if let Some(until) = quiet {
            moves.push(Move { key, to: RecipientState::Pending, reason: Some("quiet_hours".to_owned()) });
            later.push(one.id);
            when.push(until);
        } else {
            others.push(one);
        }
    }
    if !later.is_empty() {
        // it was not tried: its age begins later, and its message is still to be made
        sqlx::query!(
            "UPDATE group_message_recipients r SET due_at = l.until, has_message = false, first_tried_at = NULL
             FROM unnest($2::uuid[], $3::timestamptz[]) AS l (id, until)
             WHERE r.group_message_id = $1 AND r.id = l.id",
            place.group.uuid(),
            &later,
            &when,
        )
        .execute(&mut **unit.tx())
        .await?;
    }
    Ok(others)
}

/// Renders and writes the messages of recipients that are tried for the first time.
async fn write_new(
    unit: &mut Unit,
    place: &Place,
    parent: &Parent,
    new: Vec<Claimed>,
    taken: &mut Vec<Taken>,
    moves: &mut Vec<Move>,
) -> Outcome<()> {
    if new.is_empty() {
        return Ok(());
    }
    let now = unit.now();
    let content = &parent.content;
    // it was read when sending began
    let template = Template::parse(&content.body)
        .map_err(|error| model::Error::internal(std::io::Error::other(error)))?;
    let is_plain =
        template.variables().is_empty() && content.attachments.iter().all(|file| file.caption.is_none());
    let sender =
        content.sender_name.as_deref().map(|name| (name, content.sender_email.as_deref().unwrap_or("")));
    let whose: Vec<(Uuid, Option<Uuid>, Option<Uuid>)> =
        new.iter().map(|one| (one.id, one.contact_id, one.person_id)).collect();
    let mut values = if is_plain {
        HashMap::new()
    } else {
        variables::of_many(unit.tx(), place.account, &whose, sender, &parent.custom, now).await?
    };
    let addresses: Vec<&str> = new.iter().map(|one| one.address.as_str()).collect();
    let suppressed = route::suppressed_among(unit.tx(), place.account, &addresses).await?;
    let way = way(unit.tx(), place).await?;
    let mut rows = Rows::default();
    for one in new {
        let skip = |reason: String| Move {
            key: (place.group, MessageId(one.id)),
            to: RecipientState::Skipped,
            reason: Some(reason),
        };
        if suppressed.holds(&way, &one.address) {
            moves.push(skip("suppressed".into()));
            continue;
        }
        let values = values.remove(&one.id).unwrap_or_default();
        let text = match template.render(&values, content.fallback, &content.defaults) {
            Rendered::Text { body, .. } => body,
            Rendered::Skipped { missing } => {
                let mut missing = missing.join(", ");
                missing.truncate(missing.floor_char_boundary(200));
                moves.push(skip(format!("missing: {missing}")));
                continue;
            }
        };
        if text.trim().is_empty() && content.attachments.is_empty() {
            moves.push(skip("empty".into()));
            continue;
        }
        let attachments: Vec<Attachment> = content
            .attachments
            .iter()
            .map(|file| {
                let caption = file
                    .caption
                    .as_deref()
                    .map(|text| messages::caption(text, &values, content.fallback, &content.defaults));
                Attachment { caption, ..file.clone() }
            })
            .collect();
        rows.push(&one, &text, &attachments);
        taken.push(taken_of(
            place,
            &one,
            1,
            (text, Some(attachments), json!({})),
            TakenTask::Send { attempt_id: AttemptId::new() },
        ));
    }
    let content_type = content.attachments.first().map_or(ContentType::Text, |file| file.kind.into());
    rows.insert(unit.tx(), place, parent, content_type, now).await
}

async fn way(tx: &mut Tx, place: &Place) -> Outcome<Way> {
    let channel_type = sqlx::query_scalar!(
        r#"SELECT channel_type AS "of_type: ChannelType" FROM channels WHERE id = $1 AND account_id = $2"#,
        place.channel.uuid(),
        place.account.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| model::Error::conflict("the channel is gone"))?;
    Ok(Way { channel_id: place.channel, channel_type, default_country: None })
}

fn taken_of(
    place: &Place,
    one: &Claimed,
    attempts: i32,
    (text, attachments, metadata): (String, Option<Vec<Attachment>>, Value),
    task: TakenTask,
) -> Taken {
    Taken {
        account_id: place.account,
        group_message_id: place.group,
        channel_id: place.channel,
        message_id: MessageId(one.id),
        number: one.number,
        token: one.token,
        failures: one.failures,
        first_tried_at: one.first_tried_at,
        status: MessageStatus::Sending,
        to: one.address.clone(),
        text,
        attachments,
        metadata,
        attempts,
        task,
    }
}

/// The messages of a claim, by column.
#[derive(Default)]
struct Rows {
    ids: Vec<Uuid>,
    contacts: Vec<Option<Uuid>>,
    addresses: Vec<String>,
    bodies: Vec<String>,
    attachments: Vec<Value>,
}

impl Rows {
    fn push(&mut self, one: &Claimed, body: &str, attachments: &[Attachment]) {
        self.ids.push(one.id);
        self.contacts.push(one.contact_id);
        self.addresses.push(one.address.clone());
        self.bodies.push(body.to_owned());
        self.attachments.push(json!(attachments));
    }

    async fn insert(
        self,
        tx: &mut Tx,
        place: &Place,
        parent: &Parent,
        content_type: ContentType,
        now: Time,
    ) -> Outcome<()> {
        if self.ids.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "INSERT INTO messages (id, account_id, channel_id, contact_id, direction, status, sender_type, sender_id,
                 sender_name, delivery_address, message_body, original_template, template_id, content_type,
                 attachments, attempts, group_message_id, schedule_id, created_at, updated_at)
             SELECT id, $6, $7, contact_id, 'outbound', 'sending', $8, $9, $10, address, body, $11, $12, $13,
                    attachments, 1, $14, $15, $16, $16
             FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[])
                  AS m (id, contact_id, address, body, attachments)",
            &self.ids,
            &self.contacts as &[Option<Uuid>],
            &self.addresses,
            &self.bodies,
            &self.attachments,
            place.account.uuid(),
            place.channel.uuid(),
            if parent.sender_id.is_some() { "agent" } else { "system" },
            parent.sender_id.map(UserId::uuid),
            parent.content.sender_name,
            parent.content.body,
            parent.template_id,
            content_type.as_str(),
            place.group.uuid(),
            parent.schedule_id,
            now,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// Another attempt for messages that are there already. One that is not queued any more (a receipt was
/// faster) leaves the queue as its status says.
async fn reopen(
    unit: &mut Unit,
    place: &Place,
    again: Vec<Claimed>,
    taken: &mut Vec<Taken>,
    moves: &mut Vec<Move>,
) -> Outcome<()> {
    if again.is_empty() {
        return Ok(());
    }
    let now = unit.now();
    let ids: Vec<Uuid> = again.iter().map(|one| one.id).collect();
    let rows = sqlx::query!(
        r#"SELECT id, status AS "status: MessageStatus", message_body, attachments, metadata, attempts
           FROM messages WHERE id = ANY ($1) ORDER BY id FOR UPDATE"#,
        &ids,
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let mut found: HashMap<Uuid, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut started = Vec::new();
    for one in again {
        let key = (place.group, MessageId(one.id));
        let Some(row) = found.remove(&one.id) else {
            moves.push(Move {
                key,
                to: RecipientState::Cancelled,
                reason: Some("its message is gone".into()),
            });
            continue;
        };
        if row.status != MessageStatus::Queued {
            moves.push(Move { key, to: RecipientState::of(row.status), reason: None });
            continue;
        }
        let age = (now - one.first_tried_at).to_std().unwrap_or_default();
        let task = if age > MAX_AGE {
            TakenTask::TooOld
        } else {
            started.push(one.id);
            TakenTask::Send { attempt_id: AttemptId::new() }
        };
        let attachments = serde_json::from_value(row.attachments).ok();
        let attempts = row.attempts + i32::from(matches!(task, TakenTask::Send { .. }));
        let mut again = taken_of(place, &one, attempts, (row.message_body, attachments, row.metadata), task);
        if matches!(task, TakenTask::TooOld) {
            again.status = MessageStatus::Queued;
        }
        taken.push(again);
    }
    sqlx::query!(
        "UPDATE messages SET status = 'sending', attempts = attempts + 1, next_attempt_at = NULL, updated_at = $2
         WHERE id = ANY ($1)",
        &started,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

async fn open_attempts(tx: &mut Tx, taken: &[Taken], now: Time) -> Outcome<()> {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in taken {
        let TakenTask::Send { attempt_id } = one.task else { continue };
        columns.0.push(attempt_id.uuid());
        columns.1.push(one.account_id.uuid());
        columns.2.push(one.message_id.uuid());
        columns.3.push(one.channel_id.uuid());
        columns.4.push(one.attempts);
        columns.5.push(one.token);
    }
    if columns.0.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO attempts (id, account_id, message_id, channel_id, number, token, started_at)
         SELECT id, account_id, message_id, channel_id, number, token, $7
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[])
              AS a (id, account_id, message_id, channel_id, number, token)",
        &columns.0,
        &columns.1,
        &columns.2,
        &columns.3,
        &columns.4,
        &columns.5,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Recipients whose lease has ended with an attempt open, or about whom the provider is to be asked (again):
/// claims them for asking, across accounts.
pub async fn claim_open(inbox: &Inbox, most: usize, lease: Duration) -> Outcome<Vec<Taken>> {
    let most = most as i64;
    let due = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT account_id, group_message_id, id FROM group_message_recipients
                 WHERE state IN ('sending', 'unknown') AND due_at <= clock_timestamp() ORDER BY due_at LIMIT $1",
                most
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let mut by_account = std::collections::BTreeMap::<Uuid, Vec<ledger::Key>>::new();
    for row in due {
        let key = (GroupMessageId(row.group_message_id), MessageId(row.id));
        by_account.entry(row.account_id).or_default().push(key);
    }
    let mut all = Vec::new();
    for (account, mut keys) in by_account {
        keys.sort_unstable();
        let keys = &keys;
        all.extend(
            inbox.write(AccountId(account), |unit| open_of(unit, AccountId(account), keys, lease)).await?,
        );
    }
    Ok(all)
}

async fn open_of(
    mut unit: Unit,
    account: AccountId,
    keys: &[ledger::Key],
    lease: Duration,
) -> Outcome<Vec<Taken>> {
    let now = unit.now();
    let (groups, ids): (Vec<Uuid>, Vec<Uuid>) =
        keys.iter().map(|(group, id)| (group.uuid(), id.uuid())).unzip();
    // in the order of all: messages first
    let messages =
        crate::settle::row::lock(unit.tx(), &ids.iter().map(|id| MessageId(*id)).collect::<Vec<_>>()).await?;
    let rows = sqlx::query!(
        r#"WITH due AS (
               SELECT r.group_message_id, r.id FROM group_message_recipients r
               JOIN unnest($1::uuid[], $2::uuid[]) AS k (group_message_id, id) USING (group_message_id, id)
               WHERE r.state IN ('sending', 'unknown') AND r.due_at <= clock_timestamp()
               ORDER BY r.group_message_id, r.id FOR UPDATE OF r SKIP LOCKED
           ), held AS (
               UPDATE group_message_recipients r SET token = r.token + 1,
                      due_at = clock_timestamp() + make_interval(secs => $3)
               FROM due WHERE r.group_message_id = due.group_message_id AND r.id = due.id
               RETURNING r.group_message_id, r.id, r.number, r.token, r.failures, r.address, r.channel_id,
                         r.first_tried_at
           )
           SELECT held.group_message_id AS "group_message_id!", held.id AS "id!", held.number AS "number!",
                  held.token AS "token!", held.failures AS "failures!", held.address AS "address!",
                  held.channel_id AS "channel_id!", coalesce(held.first_tried_at, now()) AS "first_tried_at!",
                  m.message_body AS "text?", m.attachments AS "attachments?", m.attempts AS "attempts?",
                  a.id AS "attempt_id?", a.started_at AS "started_at?", a.ended_at AS "ended_at?"
           FROM held LEFT JOIN messages m ON m.id = held.id
           LEFT JOIN LATERAL (
               SELECT id, started_at, ended_at FROM attempts a WHERE a.message_id = held.id
               ORDER BY a.number DESC LIMIT 1
           ) a ON true"#,
        &groups,
        &ids,
        lease.as_secs_f64(),
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let (mut taken, mut moves, mut expired) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let key = (GroupMessageId(row.group_message_id), MessageId(row.id));
        let Some(message) = messages.get(&key.1) else {
            moves.push(Move {
                key,
                to: RecipientState::Cancelled,
                reason: Some("its message is gone".into()),
            });
            continue;
        };
        if !matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown) {
            moves.push(Move { key, to: RecipientState::of(message.status), reason: None });
            continue;
        }
        if message.status == MessageStatus::Unknown
            && (now - row.first_tried_at).to_std().unwrap_or_default() > MAX_AGE
        {
            expired.push(key.1);
            continue;
        }
        taken.push(Taken {
            account_id: account,
            group_message_id: key.0,
            channel_id: ChannelId(row.channel_id),
            message_id: key.1,
            number: row.number,
            token: row.token,
            failures: row.failures,
            first_tried_at: row.first_tried_at,
            status: message.status,
            to: row.address,
            text: row.text.unwrap_or_default(),
            attachments: row.attachments.and_then(|value| serde_json::from_value(value).ok()),
            metadata: message.metadata.clone(),
            attempts: row.attempts.unwrap_or_default(),
            task: TakenTask::Ask {
                attempt_id: row.attempt_id.filter(|_| row.ended_at.is_none()).map(AttemptId),
                started_at: row.started_at.unwrap_or(row.first_tried_at),
            },
        });
    }
    let mut messages = messages;
    messages.retain(|id, _| expired.contains(id));
    for message in messages.values_mut() {
        message.expire(now);
    }
    ledger::follow(&mut unit, &moves).await?;
    crate::settle::row::save(&mut unit, messages, Vec::new()).await?;
    unit.commit(taken).await
}

/// After a crash of the only node its leases would hold their recipients for minutes: they are asked about
/// at once.
pub async fn free_leftovers(inbox: &Inbox) -> Outcome<u64> {
    inbox
        .store()
        .write(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "UPDATE group_message_recipients SET due_at = clock_timestamp(), token = token + 1
                 WHERE state = 'sending'"
            )
            .execute(&mut *tx)
            .await?
            .rows_affected())
        })
        .await
}
