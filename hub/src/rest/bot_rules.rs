//! Bot rules.

use axum::extract::State;
use chrono::{DateTime, Utc};
use inbox::{
    bot_rules::{self, BotRuleView, NewBotRule, UpdateBotRule},
    list::{Owned, owner},
};
use model::{
    BotRuleId, BotState, ChannelType, ConversationStatus, Error, Time,
    bot::{Actions, Language, RuleBody},
};
use router::rules::{Facts, Outcome, Rule, RuleSet, language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(reorder))
        .routes(routes!(test))
        .routes(routes!(get, update, delete))
}

/// The bot rules of all accounts that one belongs to. Needs `bot_rules.view`.
#[utoipa::path(get, path = "/v1/bot-rules", tag = "bot rules", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<BotRuleView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<BotRuleView>> {
    Ok(bot_rules::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a bot rule. Needs `bot_rules.manage`.
#[utoipa::path(post, path = "/v1/bot-rules", tag = "bot rules", security(("bearer" = [])),
    request_body = NewBotRule, responses((status = 201, body = One<BotRuleView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewBotRule>,
) -> Answer<Created<BotRuleView>> {
    Ok(Created::new(bot_rules::create(rest.inbox(), &member, &body).await?))
}

/// One bot rule. Needs `bot_rules.view`.
#[utoipa::path(get, path = "/v1/bot-rules/{id}", tag = "bot rules", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<BotRuleView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<BotRuleId>,
) -> Answer<One<BotRuleView>> {
    let member = owner(rest.inbox(), &context, Owned::BotRule, id.uuid()).await?;
    Ok(One::new(bot_rules::get(rest.inbox(), member, id).await?))
}

/// Change a bot rule; what is absent stays. Needs `bot_rules.manage`.
#[utoipa::path(method(patch, put), path = "/v1/bot-rules/{id}", tag = "bot rules", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateBotRule, responses((status = 200, body = One<BotRuleView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<BotRuleId>,
    Body(change): Body<UpdateBotRule>,
) -> Answer<One<BotRuleView>> {
    let member = owner(rest.inbox(), &context, Owned::BotRule, id.uuid()).await?;
    Ok(One::new(bot_rules::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a bot rule. Needs `bot_rules.manage`.
#[utoipa::path(delete, path = "/v1/bot-rules/{id}", tag = "bot rules", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<BotRuleId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::BotRule, id.uuid()).await?;
    bot_rules::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// A new order of rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reorder {
    /// First to last; they get the priorities 10, 20, 30 …
    ids: Vec<BotRuleId>,
}

/// Put rules into an order; answers the active rules in theirs. Needs `bot_rules.manage`.
#[utoipa::path(post, path = "/v1/bot-rules/reorder", tag = "bot rules", security(("bearer" = [])),
    request_body = Reorder, responses((status = 200, body = Many<BotRuleView>)))]
async fn reorder(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Body(order): Body<Reorder>,
) -> Answer<Many<BotRuleView>> {
    let first = order.ids.first().ok_or_else(|| Error::invalid("ids", "must not be empty"))?;
    let member = owner(rest.inbox(), &context, Owned::BotRule, first.uuid()).await?;
    Ok(Many::all(bot_rules::reorder(rest.inbox(), member, &order.ids).await?))
}

/// A message that nobody wrote, to see what the bot would do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DryRun {
    text: String,
    channel_type: ChannelType,
    /// True unless given.
    first_message: Option<bool>,
    #[serde(default)]
    reopened: bool,
    /// The time of the message; now unless given.
    at: Option<DateTime<Utc>>,
    /// `open` unless given.
    status: Option<ConversationStatus>,
    bot_state: Option<BotState>,
    /// Instead of what would be detected.
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    /// A rule that is not stored yet, tried among the others.
    rule: Option<NewBotRule>,
    /// The stored rule that it is to take the place of: that one is left out.
    replaces: Option<BotRuleId>,
}

/// What the bot would do.
#[derive(Debug, Serialize, ToSchema)]
struct DryRunResult {
    /// `matched`, `no_match` or `silent`.
    outcome: &'static str,
    /// Why the bot would be silent.
    reason: Option<String>,
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    rule_id: Option<BotRuleId>,
    rule_name: Option<String>,
    actions: Option<Actions>,
    /// Rules in the order in which they were tried, each with why it does not hold.
    tried: Vec<TriedRule>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TriedRule {
    rule_id: BotRuleId,
    name: String,
    matched: bool,
    reason: String,
}

/// Try the rules on a message without anything happening. Needs `bot_rules.view`.
#[utoipa::path(post, path = "/v1/bot-rules/test", tag = "bot rules", security(("bearer" = [])),
    request_body = DryRun, responses((status = 200, body = One<DryRunResult>)))]
async fn test(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<DryRun>,
) -> Answer<One<DryRunResult>> {
    let mut stored = Vec::new();
    for rule in bot_rules::active(rest.inbox(), &member).await? {
        if Some(rule.id) == body.replaces {
            continue;
        }
        let parsed = RuleBody::parse(rule.trigger_type, &rule.conditions, &rule.actions);
        stored.extend(parsed.ok().map(|parsed| Rule::new(rule.id, rule.name, rule.priority, parsed)));
    }
    if let Some(draft) = &body.rule {
        let parsed = RuleBody::parse(draft.trigger_type, &draft.conditions, &draft.actions)
            .map_err(Error::invalid_fields)?;
        stored.push(Rule::new(BotRuleId::new(), draft.name.clone(), draft.priority.unwrap_or(100), parsed));
    }
    let languages = bot_rules::languages(rest.inbox(), &member).await?;
    Ok(One::new(run(&RuleSet::new(stored), &languages, &body, rest.inbox().now())))
}

fn run(rules: &RuleSet, languages: &[Language], asked: &DryRun, now: Time) -> DryRunResult {
    let candidates = || languages.iter().chain(rules.languages());
    let detected = || language::detect(&asked.text, candidates()).map(|found| found.language);
    let language = asked.language.clone().or_else(detected);
    let facts = Facts {
        text: &asked.text,
        channel_type: asked.channel_type,
        first_message: asked.first_message.unwrap_or(true),
        reopened: asked.reopened,
        now: asked.at.unwrap_or(now),
        status: asked.status.unwrap_or(ConversationStatus::Open),
        bot_state: asked.bot_state.unwrap_or(BotState::Active),
        language: language.clone(),
        from_contact: true,
    };
    let decision = rules.evaluate(&facts);
    let rule = decision.outcome.rule();
    let (outcome, reason) = match decision.outcome {
        Outcome::Matched(_) => ("matched", None),
        Outcome::NoMatch => ("no_match", None),
        Outcome::Silent(silence) => ("silent", Some(silence.to_string())),
    };
    let tried = decision.tried.iter().map(|tried| TriedRule {
        rule_id: tried.rule_id,
        name: tried.name.clone(),
        matched: tried.matched,
        reason: tried.reason.to_string(),
    });
    DryRunResult {
        outcome,
        reason,
        language,
        rule_id: rule.map(|rule| rule.id),
        rule_name: rule.map(|rule| rule.name.clone()),
        actions: rule.map(|rule| rule.body.actions.clone()),
        tried: tried.collect(),
    }
}
