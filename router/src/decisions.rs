//! Decisions with their reasons, as agents read them at `/v1/conversations/{id}/routing`.

use bus::{Outcome, Tx};
use model::{AccountId, BotRuleId, ConversationId, DecisionId, Time, UserId};
use serde_json::{Value, json};

/// One decision about one conversation.
pub struct Decision {
    pub conversation_id: ConversationId,
    /// `assigned`, `waiting`, `rule`, `no_rule`.
    pub outcome: &'static str,
    pub assignee_id: Option<UserId>,
    pub rule_id: Option<BotRuleId>,
    pub reason: String,
    /// Agents looked at, or rules tried.
    pub candidates: Value,
}

/// Writes decisions; one statement.
pub async fn write(tx: &mut Tx, account: AccountId, decisions: &[Decision], now: Time) -> Outcome<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = decisions
        .iter()
        .map(|decision| {
            json!({
                "id": DecisionId::new(), "account_id": account,
                "conversation_id": decision.conversation_id, "outcome": decision.outcome,
                "assignee_id": decision.assignee_id, "rule_id": decision.rule_id, "reason": decision.reason,
                "candidates": decision.candidates, "created_at": now,
            })
        })
        .collect();
    sqlx::query!(
        "INSERT INTO routing_decisions (id, account_id, conversation_id, outcome, assignee_id, rule_id, reason,
             candidates, created_at)
         SELECT id, account_id, conversation_id, outcome, assignee_id, rule_id, reason, candidates, created_at
         FROM jsonb_populate_recordset(NULL::routing_decisions, $1)",
        Value::Array(rows),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
