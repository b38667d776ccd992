//! Recipients that are tried for the first time: who is left in peace, and the messages of the others.

use std::collections::HashMap;

use bus::{Outcome, Tx};
use model::{Attachment, AttemptId, ContentType, MessageId, Time, UserId, group_message::RecipientState};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Claimed, Parent, Place, Taken, TakenTask, taken_of};
use crate::{
    Inbox, Unit,
    group_messages::{
        ledger::Move,
        route::{self, Way},
    },
    messages::{self, Carrier},
    sending_limits::{self, Rules},
    templates::{Rendered, Template},
    variables,
};

/// Puts those off whose quiet hours hold, skips those who have had their share, and returns the others.
pub(super) async fn leave_in_peace(
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
             FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS l (group_message_id, id, until)
             WHERE r.group_message_id = l.group_message_id AND r.id = l.id",
            &vec![place.group.uuid(); later.len()],
            &later,
            &when,
        )
        .execute(&mut **unit.tx())
        .await?;
    }
    Ok(others)
}

/// Renders and writes the messages of recipients that are tried for the first time.
pub(super) async fn write_new(
    inbox: &Inbox,
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
    let carrier = Carrier::load(unit.tx(), place.account, place.channel)
        .await?
        .ok_or_else(|| model::Error::conflict("the channel is gone"))?;
    let way = Way { channel_id: place.channel, channel_type: carrier.channel_type, default_country: None };
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
        let mut attachments: Vec<Attachment> = content
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
        if carrier.mark(inbox, &one.address, now, &mut attachments).is_err() {
            moves.push(skip("no_public_url".into()));
            continue;
        }
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
