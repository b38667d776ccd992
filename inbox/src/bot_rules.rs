//! Bot rules as rows: what their managers write. What a rule means is `model::bot`, whether it holds is
//! the router's.

use bus::{Outcome, Tx, nudge::Nudge};
use chrono::{DateTime, Utc};
use model::{
    AccountId, BotRuleId, Error, Permission, Result, TeamId, TemplateId,
    bot::{Language, RuleBody, TriggerType},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
};

/// Active rules of one account: each message is held against all of them.
const MOST_RULES: i64 = 1000;

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct BotRuleView {
    pub id: BotRuleId,
    pub account_id: AccountId,
    pub name: String,
    pub description: Option<String>,
    /// Lower is tried first.
    pub priority: i32,
    pub is_active: bool,
    pub trigger_type: TriggerType,
    /// By the trigger, see `model::bot::Conditions`.
    #[schema(value_type = model::bot::Conditions)]
    pub conditions: Value,
    #[schema(value_type = model::bot::Actions)]
    pub actions: Value,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "bot rule",
    select:
        "SELECT id, account_id, name, description, priority, is_active, trigger_type, conditions, actions,
                    metadata, created_at, updated_at",
    from: "bot_rules",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("trigger_type", "trigger_type", Kind::Word(list::word::<TriggerType>), ops::EQ_IN),
        Field::new("is_active", "is_active", Kind::Flag, ops::EQ),
        Field::new("priority", "priority", Kind::Number, ops::NUMBER).sortable(),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    // the order in which they are tried
    sort: &[("priority", Order::Asc)],
    extra: &[],
};

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBotRule {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub description: Option<String>,
    /// 100 unless given.
    pub priority: Option<i32>,
    pub is_active: Option<bool>,
    pub trigger_type: TriggerType,
    #[serde(default)]
    #[schema(value_type = model::bot::Conditions)]
    pub conditions: Value,
    #[serde(default)]
    #[schema(value_type = model::bot::Actions)]
    pub actions: Value,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBotRule {
    pub name: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    pub priority: Option<i32>,
    pub is_active: Option<bool>,
    pub trigger_type: Option<TriggerType>,
    /// Replaces all conditions.
    #[schema(value_type = Option<model::bot::Conditions>)]
    pub conditions: Option<Value>,
    #[schema(value_type = Option<model::bot::Actions>)]
    pub actions: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<BotRuleView>> {
    list::list(inbox, context, Permission::BotRulesView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: BotRuleId) -> Result<BotRuleView> {
    member.require(Permission::BotRulesView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// The active rules of the member's account, in the order in which they are tried.
pub async fn active(inbox: &Inbox, member: &Member) -> Result<Vec<BotRuleView>> {
    member.require(Permission::BotRulesView)?;
    let account = member.account_id();
    let rules =
        inbox.store().read(account, |mut tx| async move { active_in(&mut tx, account).await }).await?;
    Ok(rules)
}

/// The active rules of an account, in the order in which they are tried.
pub async fn active_in(tx: &mut Tx, account: AccountId) -> Outcome<Vec<BotRuleView>> {
    let rules = sqlx::query_as!(
        BotRuleView,
        r#"SELECT id AS "id: BotRuleId", account_id AS "account_id: AccountId", name, description, priority,
                  is_active, trigger_type AS "trigger_type: TriggerType", conditions, actions, metadata,
                  created_at, updated_at
           FROM bot_rules WHERE account_id = $1 AND is_active ORDER BY priority, id LIMIT $2"#,
        account.uuid(),
        MOST_RULES,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rules)
}

/// The languages that the account's detector chooses from, besides those that rules ask for.
pub async fn languages(inbox: &Inbox, member: &Member) -> Result<Vec<Language>> {
    member.require(Permission::BotRulesView)?;
    let account = member.account_id();
    let tags = inbox
        .store()
        .read(account, |mut tx| async move {
            let tags = sqlx::query_scalar!("SELECT languages FROM accounts WHERE id = $1", account.uuid())
                .fetch_optional(&mut *tx)
                .await?;
            Ok(tags.unwrap_or_default())
        })
        .await?;
    Ok(tags.iter().filter_map(|tag| tag.parse().ok()).collect())
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewBotRule) -> Result<BotRuleView> {
    member.require(Permission::BotRulesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    let rule = &put_right(BotRuleView {
        id: BotRuleId::new(),
        account_id: account,
        name: new.name.clone(),
        description: new.description.clone(),
        priority: new.priority.unwrap_or(100),
        is_active: new.is_active.unwrap_or(true),
        trigger_type: new.trigger_type,
        conditions: new.conditions.clone(),
        actions: new.actions.clone(),
        metadata: new.metadata.clone().unwrap_or_else(|| json!({})),
        created_at: now,
        updated_at: now,
    })?;
    inbox
        .store()
        .write(account, |mut tx| async move {
            require_targets(&mut tx, account, rule).await?;
            let count = sqlx::query_scalar!(
                r#"SELECT count(*) AS "count!" FROM bot_rules WHERE account_id = $1"#,
                account.uuid()
            )
            .fetch_one(&mut *tx)
            .await?;
            if count >= MOST_RULES {
                return Err(Error::conflict(format!("an account has at most {MOST_RULES} bot rules")).into());
            }
            sqlx::query!(
                "INSERT INTO bot_rules (id, account_id, name, description, priority, is_active, trigger_type,
                     conditions, actions, metadata, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
                rule.id.uuid(),
                account.uuid(),
                rule.name,
                rule.description,
                rule.priority,
                rule.is_active,
                rule.trigger_type.as_str(),
                rule.conditions,
                rule.actions,
                rule.metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            tx.nudge_after_commit(Nudge::Cache(account));
            list::one(&mut tx, &ENTITY, account, rule.id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: BotRuleId,
    change: &UpdateBotRule,
) -> Result<BotRuleView> {
    member.require(Permission::BotRulesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: BotRuleView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "bot_rules").await?;
            let change = change.clone();
            let rule = put_right(BotRuleView {
                name: change.name.unwrap_or(old.name),
                description: patch::or(change.description, old.description),
                priority: change.priority.unwrap_or(old.priority),
                is_active: change.is_active.unwrap_or(old.is_active),
                trigger_type: change.trigger_type.unwrap_or(old.trigger_type),
                conditions: change.conditions.unwrap_or(old.conditions),
                actions: change.actions.unwrap_or(old.actions),
                metadata: change.metadata.unwrap_or(old.metadata),
                ..old
            })?;
            require_targets(&mut tx, account, &rule).await?;
            sqlx::query!(
                "UPDATE bot_rules SET name = $3, description = $4, priority = $5, is_active = $6,
                     trigger_type = $7, conditions = $8, actions = $9, metadata = $10, updated_at = $11
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                rule.name,
                rule.description,
                rule.priority,
                rule.is_active,
                rule.trigger_type.as_str(),
                rule.conditions,
                rule.actions,
                rule.metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            tx.nudge_after_commit(Nudge::Cache(account));
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

pub async fn delete(inbox: &Inbox, member: &Member, id: BotRuleId) -> Result<()> {
    member.require(Permission::BotRulesManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM bot_rules WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            tx.nudge_after_commit(Nudge::Cache(account));
            check::found("bot rule", gone.rows_affected())
        })
        .await
        .map_err(Error::from)
}

/// A new order: the rules named get the priorities 10, 20, 30 … All of them are the account's, or none
/// is changed.
pub async fn reorder(inbox: &Inbox, member: &Member, ids: &[BotRuleId]) -> Result<Vec<BotRuleView>> {
    member.require(Permission::BotRulesManage)?;
    let mut checks = Checks::new();
    checks.that(!ids.is_empty() && ids.len() as i64 <= MOST_RULES, "ids", "needs 1 to 1000 ids");
    let unique: std::collections::HashSet<_> = ids.iter().collect();
    checks.that(unique.len() == ids.len(), "ids", "must not name a rule twice");
    checks.finish()?;
    let (account, now) = (member.account_id(), inbox.now());
    let uuids: &Vec<uuid::Uuid> = &ids.iter().map(|id| id.uuid()).collect();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let changed = sqlx::query!(
                "UPDATE bot_rules r SET priority = (t.place * 10)::integer, updated_at = $3
                 FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, place)
                 WHERE r.id = t.id AND r.account_id = $2",
                uuids,
                account.uuid(),
                now,
            )
            .execute(&mut *tx)
            .await?;
            if changed.rows_affected() != uuids.len() as u64 {
                return Err(Error::not_found("bot rule").into());
            }
            tx.nudge_after_commit(Nudge::Cache(account));
            active_in(&mut tx, account).await
        })
        .await
        .map_err(Error::from)
}

/// Reads the rule as the router will; conditions and actions take their written form.
fn put_right(mut rule: BotRuleView) -> Result<BotRuleView> {
    let mut checks = Checks::new();
    checks.text("name", &rule.name, 255);
    checks.optional("description", rule.description.as_deref(), 500);
    checks.range("priority", i64::from(rule.priority), -1_000_000..=1_000_000);
    checks.object("metadata", &rule.metadata);
    let nul = |value: &Value| value.to_string().contains("\\u0000");
    checks.that(
        !nul(&rule.conditions) && !nul(&rule.actions),
        "conditions",
        "must not contain a NUL character",
    );
    match RuleBody::parse(rule.trigger_type, &rule.conditions, &rule.actions) {
        Ok(body) => {
            rule.conditions = json!(body.conditions());
            rule.actions = json!(body.actions);
        }
        Err(errors) => checks.extend(errors),
    }
    checks.finish()?;
    rule.name = rule.name.trim().to_owned();
    Ok(rule)
}

/// The template and the team that a rule names are the account's.
async fn require_targets(tx: &mut Tx, account: AccountId, rule: &BotRuleView) -> Outcome<()> {
    let body =
        RuleBody::parse(rule.trigger_type, &rule.conditions, &rule.actions).map_err(Error::invalid_fields)?;
    let mut checks = Checks::new();
    if let Some(template) = body.actions.reply_template_id {
        let found = sqlx::query_scalar!(
            "SELECT 1 FROM templates WHERE id = $1 AND account_id = $2",
            TemplateId::uuid(template),
            account.uuid()
        )
        .fetch_optional(&mut **tx)
        .await?;
        checks.that(found.is_some(), "actions.reply_template_id", "there is no such template");
    }
    if let Some(team) = body.actions.assign_team_id {
        let found = sqlx::query_scalar!(
            "SELECT 1 FROM teams WHERE id = $1 AND account_id = $2",
            TeamId::uuid(team),
            account.uuid()
        )
        .fetch_optional(&mut **tx)
        .await?;
        checks.that(found.is_some(), "actions.assign_team_id", "there is no such team");
    }
    checks.finish().map_err(|error| Error { code: model::ErrorCode::NotFound, ..error })?;
    Ok(())
}
