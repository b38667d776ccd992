//! The bot: asks the account's rules about each message that a customer writes to a conversation that
//! nobody holds, carries out the rule that holds, and lets the conversation into the queue.

use bus::{
    Outcome,
    nudge::Nudge,
    queue::{Delivery, Handler, Opened},
};
use futures::future::BoxFuture;
use inbox::{
    Inbox, Unit,
    assignment::{self, Cause},
    conversations::{self, Conversation},
    messages::{self, BotMessage},
    templates::{Rendered, Template},
    variables,
};
use model::{
    AssignedBy, BotState, ChannelType, ConversationStatus, Event, SenderType, TemplateId, Topic,
    bot::{Actions, Language},
    event::Actor,
    template::FallbackStrategy,
    view::MessageView,
};
use serde_json::{Map, Value, json};

use crate::{
    decisions::{self, Decision},
    rulebook::{Book, Rulebook},
    rules::{self, Facts, Rule, language},
};

/// Under which name it notes what it has acted on.
const CONSUMER: &str = "router.bot";
/// Mails by which the bot answers one sender within an hour; who gets more of them is a machine.
const MOST_BOT_MAILS: i64 = 5;

/// Handles [`Topic::Route`].
pub struct Bot {
    inbox: Inbox,
    rulebook: Rulebook,
}

impl Bot {
    pub fn new(inbox: Inbox, rulebook: Rulebook) -> Self {
        Self { inbox, rulebook }
    }

    async fn route(&self, delivery: &Delivery) -> Outcome<()> {
        let account = delivery.account_id();
        // before the transaction: nothing takes a second connection while it holds one
        let book = self.rulebook.of(account).await?;
        let book = book.as_ref();
        self.inbox
            .write(account, |mut unit| async move {
                let Opened::Fresh(entry) = delivery.open(unit.tx(), CONSUMER).await? else {
                    return unit.commit(()).await;
                };
                let Event::MessageCreated { message, .. } = entry.event.as_ref() else {
                    return unit.commit(()).await;
                };
                unit.trace(entry.trace_id.clone());
                let Some(id) = message.conversation_id else { return unit.commit(()).await };
                let Some(mut conversation) = conversations::lock(unit.tx(), &[id]).await?.pop() else {
                    return unit.commit(()).await;
                };
                if matches!(conversation.status, ConversationStatus::Open | ConversationStatus::Bot) {
                    answer(&mut unit, &mut conversation, message, book).await?;
                    conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
                }
                unit.commit(()).await
            })
            .await
    }
}

impl Handler for Bot {
    fn topic(&self) -> Topic {
        Topic::Route
    }

    fn handle<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(self.route(delivery))
    }
}

async fn answer(
    unit: &mut Unit,
    conversation: &mut Conversation,
    message: &MessageView,
    book: &Book,
) -> Outcome<()> {
    let mut changed = Vec::new();
    if let Some(found) = language::detect(&message.message_body, &book.languages) {
        let tag = found.language.as_str();
        if conversation.language.as_deref() != Some(tag) {
            conversation.language = Some(tag.to_owned());
            changed.push("language");
        }
    }
    let facts = Facts {
        text: &message.message_body,
        channel_type: conversation.channel_type,
        first_message: !was_asked(unit, conversation).await?,
        reopened: message.metadata["reopened"] == json!(true),
        now: unit.now(),
        status: conversation.status,
        bot_state: conversation.bot_state,
        language: conversation.language.as_deref().and_then(|tag| tag.parse::<Language>().ok()),
        from_contact: message.sender_type == SenderType::Contact
            && !message.is_private
            // a machine wrote it, and says so
            && message.metadata["email"]["automatic"].is_null(),
    };
    let decision = book.rules.evaluate(&facts);
    let tried = json!(decision.tried);
    let mut noted = Decision {
        conversation_id: conversation.id,
        outcome: "no_rule",
        assignee_id: None,
        rule_id: None,
        reason: "no rule holds".to_owned(),
        candidates: tried,
    };
    match decision.outcome {
        rules::Outcome::Matched(_) if is_answered_enough(unit, conversation).await? => {
            noted.reason = String::from("its sender was answered too often within an hour");
        }
        rules::Outcome::Matched(rule) => {
            noted.outcome = "rule";
            noted.rule_id = Some(rule.id);
            noted.reason = format!("rule {:?} holds", rule.name);
            unit.act_as(Actor {
                kind: SenderType::Bot,
                id: Some(rule.id.uuid()),
                name: Some(rule.name.clone()),
                note: None,
            });
            carry_out(unit, conversation, rule, &mut changed).await?;
        }
        rules::Outcome::NoMatch => {}
        rules::Outcome::Silent(why) => noted.reason = why.to_string(),
    }
    let now = unit.now();
    decisions::write(unit.tx(), conversation.account_id, &[noted], now).await?;
    let was_queued = conversation.queued_at.is_some();
    conversation.enqueue(now);
    if conversation.queued_at.is_some() {
        // capacity may be there at once
        unit.tx().nudge_after_commit(Nudge::Assign(conversation.account_id));
        if !was_queued {
            changed.push("queued_at");
        }
    }
    if !changed.is_empty() {
        conversation.record_update(unit, &changed, false);
        inbox::sight::record_changes(unit, conversation).await?;
    }
    Ok(())
}

/// Whether the bot has answered the sender of a mail so often that it answers a machine. Two machines that answer each
/// other do not stop.
async fn is_answered_enough(unit: &mut Unit, conversation: &Conversation) -> Outcome<bool> {
    if conversation.channel_type != ChannelType::Email {
        return Ok(false);
    }
    let since = unit.now() - chrono::TimeDelta::hours(1);
    let answers = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM conversations c JOIN messages m ON m.conversation_id = c.id
           WHERE c.contact_id = $1 AND c.account_id = $2 AND c.channel_type = 'email'
             AND m.sender_type = 'bot' AND m.created_at > $3 AND m.id > first_id_at($3)"#,
        conversation.contact.id.uuid(),
        conversation.account_id.uuid(),
        since,
    )
    .fetch_one(&mut **unit.tx())
    .await?;
    Ok(answers >= MOST_BOT_MAILS)
}

/// Whether the rules were asked about this conversation before. Of the first messages of a customer any may
/// come here first: the queue keeps no order. The one that does is the first.
async fn was_asked(unit: &mut Unit, conversation: &Conversation) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM routing_decisions
                          WHERE conversation_id = $1 AND account_id = $2 AND outcome IN ('rule', 'no_rule'))
           AS "was_asked!""#,
        conversation.id.uuid(),
        conversation.account_id.uuid(),
    )
    .fetch_one(&mut **unit.tx())
    .await?)
}

/// Carries out a rule's actions: reply, labels, priority, status, routing.
async fn carry_out(
    unit: &mut Unit,
    conversation: &mut Conversation,
    rule: &Rule,
    changed: &mut Vec<&'static str>,
) -> Outcome<()> {
    let actions = &rule.body.actions;
    if let Some(text) = reply(unit, conversation, actions).await? {
        let said = BotMessage {
            text: text.0,
            rule_id: rule.id,
            rule_name: rule.name.clone(),
            template_id: actions.reply_template_id.filter(|_| text.1.is_some()),
            original_template: text.1,
        };
        messages::say_as_bot(unit, conversation, said).await?;
    }
    for label in &actions.set_labels {
        if !conversation.labels.contains(label) {
            conversation.labels.push(label.clone());
            changed.push("labels");
        }
    }
    if let Some(topic) = actions.topic() {
        conversation.topic = Some(topic.to_owned());
    }
    if let Some(priority) = actions.set_priority.filter(|priority| *priority != conversation.priority) {
        conversation.priority = priority;
        changed.push("priority");
    }
    if let Some(status) = actions.set_status.filter(|status| *status != conversation.status) {
        // a rule may ask for what the table of transitions does not allow from here: then it stays
        if conversation.status.to(status).is_ok() {
            assignment::let_go(unit, conversation, status).await?;
            changed.push("status");
        }
    }
    if actions.hand_off || actions.routes() {
        if conversation.status == ConversationStatus::Bot {
            assignment::let_go(unit, conversation, ConversationStatus::Open).await?;
            changed.push("status");
        }
        if conversation.bot_state == BotState::Active {
            // what the bot has just said still goes out: it belongs to the epoch before
            conversation.bot_state = BotState::HandedOver;
            changed.push("bot_state");
        }
    }
    if let Some(team) = actions.assign_team_id.filter(|team| Some(*team) != conversation.team_id) {
        let cause = Cause {
            by: AssignedBy::BotRule,
            rule: Some((rule.id, rule.name.clone())),
            strategy: actions.assign_strategy.map(|strategy| strategy.to_string()),
            ..Cause::system(format!("rule {:?}", rule.name))
        };
        assignment::set_team(unit, conversation, Some(team), &cause).await?;
        changed.push("team_id");
    }
    if let Some(strategy) = actions.assign_strategy {
        conversation.strategy = Some(strategy.to_string());
    }
    Ok(())
}

/// The text of the rule's reply and the template it came from; nothing when the template is gone, not
/// active, or skips this contact.
async fn reply(
    unit: &mut Unit,
    conversation: &Conversation,
    actions: &Actions,
) -> Outcome<Option<(String, Option<String>)>> {
    let Some(id) = actions.reply_template_id else {
        return Ok(actions.reply_text.clone().map(|text| (text, None)));
    };
    let rendered = render(unit, conversation, id).await?;
    Ok(rendered.or_else(|| actions.reply_text.clone().map(|text| (text, None))))
}

async fn render(
    unit: &mut Unit,
    conversation: &Conversation,
    id: TemplateId,
) -> Outcome<Option<(String, Option<String>)>> {
    let row = sqlx::query!(
        r#"SELECT body, fallback_strategy AS "fallback: FallbackStrategy", default_values FROM templates
           WHERE id = $1 AND account_id = $2 AND is_active AND coalesce(channel_type, $3) = $3"#,
        id.uuid(),
        conversation.account_id.uuid(),
        conversation.channel_type.as_str(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let template = match Template::parse(&row.body) {
        Ok(template) => template,
        Err(error) => {
            tracing::error!(template = %id, %error, "a stored template cannot be read");
            return Ok(None);
        }
    };
    let now = unit.now();
    let values = variables::of_contact(
        unit.tx(),
        conversation.account_id,
        Some(conversation.contact.id),
        None,
        Map::new(),
        now,
    )
    .await?;
    let defaults = match row.default_values {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    Ok(match template.render(&values, row.fallback, &defaults) {
        Rendered::Text { body, .. } if !body.trim().is_empty() => Some((body, Some(row.body))),
        _ => None,
    })
}
