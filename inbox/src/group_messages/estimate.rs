//! What a group message would come to, before it is sent: how many get it, how many messages on the bill,
//! how long it takes, and which values are missing. Sizes are counted; shares are taken from a sample.

use std::collections::HashMap;

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, ChannelId, ChannelType, ContactId, Error, GroupMessageId, Permission, Result, Time, sms,
};
use serde::Serialize;
use serde_json::Map;
use uuid::Uuid;

use super::{
    entity::{self, GroupMessageView, NewGroupMessage},
    freeze::{self, Content},
    route::{self, Route},
    source::{self, Someone},
};
use crate::{
    Inbox, Member, list,
    templates::{Rendered, Template},
    variables,
};

/// People that are looked at one by one.
const SAMPLE: i64 = 500;
/// Examples that are shown.
const EXAMPLES: usize = 10;

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Estimate {
    /// Members of all groups and segments; who is in several counts once for each.
    pub audience: i64,
    /// Looked at one by one; the shares are theirs.
    pub sample: i64,
    /// Messages that would be sent: the audience times the share of the sample that can be reached.
    pub recipients: i64,
    /// Why those of the sample that get nothing do not: `no_address`, `suppressed`, `inactive`, `duplicate`,
    /// `missing values`.
    #[schema(value_type = Object)]
    pub skipped: std::collections::BTreeMap<String, i64>,
    /// Some of them.
    pub skipped_examples: Vec<Skipped>,
    pub variables: Vec<VariableShare>,
    /// SMS segments of one message, on average; 1 where segments mean nothing.
    pub segments_per_message: f64,
    /// Messages or segments on the bill.
    pub billed_units: i64,
    /// `per_segment`, `per_message` or `free`.
    pub cost_class: &'static str,
    /// Messages a minute at which it would go; null: as fast as the machine can.
    pub rate_per_minute: Option<i32>,
    /// If it began now; null without a rate.
    pub finishes_at: Option<DateTime<Utc>>,
    /// A message as the first of the sample would get it.
    pub example: Option<String>,
}

/// How often a variable of the template has a value.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct VariableShare {
    pub name: String,
    /// 0 to 1. Defaults written in the template count as values.
    pub resolved: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SkippedExample)]
pub struct Skipped {
    pub contact_id: Option<ContactId>,
    pub reason: String,
}

/// Estimates what is stored.
pub async fn of_stored(inbox: &Inbox, member: &Member, id: GroupMessageId) -> Result<Estimate> {
    member.require(Permission::MessagesView)?;
    let view: GroupMessageView = list::read_one(inbox, member, &entity::ENTITY, id.uuid()).await?;
    let asked = NewGroupMessage {
        channel_id: view.channel_id,
        template_id: view.template_id,
        contact_group_ids: view.contact_group_ids,
        segment_ids: view.segment_ids,
        exclude_contact_ids: view.exclude_contact_ids,
        custom_values: view.custom_values.as_object().cloned().unwrap_or_default(),
        rate_per_minute: view.rate_per_minute,
        ..NewGroupMessage::default()
    };
    estimate(inbox, member, &asked).await
}

/// Estimates what is not stored yet; also the dry run of a template for an audience.
pub async fn estimate(inbox: &Inbox, member: &Member, asked: &NewGroupMessage) -> Result<Estimate> {
    member.require(Permission::MessagesView)?;
    member.require(Permission::ContactsView)?;
    if asked.template_id.is_some() && asked.message_body.is_some() {
        return Err(Error::invalid("template_id", "give either template_id or message_body"));
    }
    let now = inbox.now();
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move { in_tx(inbox, &mut tx, member, asked, now).await })
        .await
        .map_err(Error::from)
}

async fn in_tx(
    inbox: &Inbox,
    tx: &mut Tx,
    member: &Member,
    asked: &NewGroupMessage,
    now: Time,
) -> Outcome<Estimate> {
    let account = member.account_id();
    let content = content(tx, member, asked).await?;
    let template = Template::parse(&content.body).map_err(|error| error.into_refusal("message_body"))?;
    let ways = route::ways(tx, account, asked.channel_id).await?;
    if ways.is_empty() {
        return Err(Error::absent("channel_id", "there is no channel that could be used").into());
    }
    let mut groups = asked.contact_group_ids.clone();
    groups.sort_unstable();
    groups.dedup();
    let phases = source::phases(tx, account, &groups, &asked.segment_ids, (member.user_id(), now)).await?;
    let (mut audience, mut sample) = (0, Vec::new());
    for phase in &phases {
        audience += phase.count(tx, account).await?;
        if (sample.len() as i64) < SAMPLE {
            sample.extend(phase.page(tx, account, None, SAMPLE - sample.len() as i64).await?);
        }
    }
    let excluded: Vec<Uuid> = asked.exclude_contact_ids.iter().map(|id| id.uuid()).collect();
    let sampled = sample.len() as i64;
    let mut seen = std::collections::HashSet::new();
    let mut look = Look { sample: sampled, ..Look::default() };
    sample.retain(|one| {
        let whom = one.contact_id.unwrap_or(one.id);
        if excluded.contains(&whom) || excluded.contains(&one.id) {
            look.skip(one, "excluded");
            return false;
        }
        let is_new = seen.insert(whom);
        if !is_new {
            look.skip(one, "duplicate");
        }
        is_new
    });
    let routes = route::find(tx, account, &ways, &sample).await?;
    let whose: Vec<(Uuid, Option<Uuid>, Option<Uuid>)> =
        sample.iter().map(|one| (one.id, one.contact_id, one.is_person.then_some(one.id))).collect();
    let sender = Some((member.name(), member.email()));
    let mut values = variables::of_many(tx, account, &whose, sender, &asked.custom_values, now).await?;
    for (one, route) in sample.iter().zip(&routes) {
        let values = values.remove(&one.id).unwrap_or_default();
        look.at(one, route, &template, &values, &content);
    }
    let channel_type =
        |id: &ChannelId| ways.iter().find(|way| way.channel_id == *id).map(|way| way.channel_type);
    let billing = look.channels.iter().max_by_key(|(_, count)| **count).and_then(|(id, _)| channel_type(id));
    let rate = rate(inbox, tx, account, asked, &look).await?;
    Ok(look.finish(audience, &template, billing.unwrap_or(ways[0].channel_type), rate, now))
}

async fn content(tx: &mut Tx, member: &Member, asked: &NewGroupMessage) -> Outcome<Content> {
    if let Some(body) = &asked.message_body {
        return Ok(Content {
            body: body.clone(),
            fallback: model::template::FallbackStrategy::KeepPlaceholder,
            defaults: Map::new(),
            attachments: Vec::new(),
            sender_name: None,
            sender_email: None,
        });
    }
    if asked.template_id.is_none() {
        return Err(Error::invalid("template_id", "give either template_id or message_body").into());
    }
    let found = freeze::content(tx, member.account_id(), asked.template_id, asked.channel_id, None).await?;
    Ok(found.map_err(|refusal| Error::absent("template_id", refusal))?)
}

/// What was seen in the sample.
#[derive(Default)]
struct Look {
    sample: i64,
    reached: i64,
    segments: i64,
    skipped: std::collections::BTreeMap<String, i64>,
    examples: Vec<Skipped>,
    unresolved: HashMap<String, i64>,
    rendered: i64,
    channels: HashMap<ChannelId, i64>,
    example: Option<String>,
}

impl Look {
    fn skip(&mut self, one: &Someone, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
        if self.examples.len() < EXAMPLES {
            let contact_id = one.contact_id.map(ContactId);
            self.examples.push(Skipped { contact_id, reason: reason.to_owned() });
        }
    }

    fn at(
        &mut self,
        one: &Someone,
        route: &Route,
        template: &Template,
        values: &crate::templates::Values,
        content: &Content,
    ) {
        self.rendered += 1;
        let rendered = template.render(values, content.fallback, &content.defaults);
        let missing = match &rendered {
            Rendered::Text { unresolved, .. } => unresolved,
            Rendered::Skipped { missing } => missing,
        };
        for name in missing {
            *self.unresolved.entry(name.clone()).or_default() += 1;
        }
        match (route, rendered) {
            (Route::Nowhere(reason), _) => self.skip(one, reason),
            (_, Rendered::Skipped { .. }) => self.skip(one, "missing values"),
            (Route::To { channel_id, .. }, Rendered::Text { body, .. }) => {
                self.reached += 1;
                self.segments += i64::from(sms::count(&body));
                *self.channels.entry(*channel_id).or_default() += 1;
                self.example.get_or_insert(body);
            }
        }
    }

    fn finish(
        self,
        audience: i64,
        template: &Template,
        billing: ChannelType,
        rate: Option<i32>,
        now: Time,
    ) -> Estimate {
        let share = |part: i64, of: i64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
        let recipients = (audience as f64 * share(self.reached, self.sample)).round() as i64;
        let is_text = matches!(billing, ChannelType::Sms | ChannelType::Smpp);
        let segments = if is_text && self.reached > 0 { share(self.segments, self.reached) } else { 1.0 };
        let cost_class = match billing {
            ChannelType::Sms | ChannelType::Smpp => "per_segment",
            ChannelType::Whatsapp => "per_message",
            _ => "free",
        };
        let variables = template
            .variables()
            .into_iter()
            .map(|name| VariableShare {
                name: name.to_owned(),
                resolved: 1.0 - share(self.unresolved.get(name).copied().unwrap_or(0), self.rendered.max(1)),
            })
            .collect();
        let minutes = rate.map(|rate| recipients as f64 / f64::from(rate.max(1)));
        Estimate {
            audience,
            sample: self.sample,
            recipients,
            skipped: self.skipped,
            skipped_examples: self.examples,
            variables,
            segments_per_message: segments,
            billed_units: (recipients as f64 * segments).round() as i64,
            cost_class,
            rate_per_minute: rate,
            finishes_at: minutes
                .map(|minutes| now + chrono::Duration::seconds((minutes * 60.0).ceil() as i64)),
            example: self.example,
        }
    }
}

/// The slowest of what was asked for and what the channel that most go by allows.
async fn rate(
    inbox: &Inbox,
    tx: &mut Tx,
    account: AccountId,
    asked: &NewGroupMessage,
    look: &Look,
) -> Outcome<Option<i32>> {
    let Some((channel, _)) = look.channels.iter().max_by_key(|(_, count)| **count) else {
        return Ok(asked.rate_per_minute);
    };
    let row = sqlx::query!(
        r#"SELECT rate_limit, channel_type AS "channel_type: ChannelType", provider FROM channels
           WHERE id = $1 AND account_id = $2"#,
        channel.uuid(),
        account.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    let profile = || inbox.profile(row.channel_type, &row.provider)?.default_rate_per_minute;
    let of_channel = row.rate_limit.or_else(|| profile().map(|rate| rate as i32));
    Ok([asked.rate_per_minute, of_channel].into_iter().flatten().min())
}
