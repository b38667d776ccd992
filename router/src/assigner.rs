//! The assigner: whenever capacity may have appeared or the queue has grown, it matches who waits with
//! who is free, one account at a time.
//!
//! The lock of the account's pool is a statement of its own, taken before the facts are read: in READ
//! COMMITTED the reads after it see everything that the last holder committed. So two assigners never
//! decide on the same facts, and a slot that came free while one of them worked is seen by the next.

use std::{collections::HashMap, time::Duration};

use bus::{Fault, Outcome, Scope, Task, Tx};
use futures::future::BoxFuture;
use inbox::{
    Inbox, Unit,
    assignment::{self, Cause},
    conversations,
    timers::{Due, OnTimer},
};
use model::{
    AccountId, AgentStatus, ChannelType, ConversationId, Priority, TeamId, Time, UserId,
    bot::{AssignStrategy, Language},
    hours::Hours,
    view::AgentBrief,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    assign::{AgentFacts, Facts, Plan, Waiting, WaitsFor, next_wake, plan},
    decisions::{self, Decision},
};

/// Waiting conversations that one plan looks at.
const LOOK: i64 = 5000;
/// Reasons for waiting that one transaction writes.
const BATCH: usize = 200;
/// How often accounts with someone waiting are looked for, whatever nudges were lost.
const SWEEP: Duration = Duration::from_secs(2);

/// Runs until cancelled.
pub async fn run(inbox: Inbox, stop: CancellationToken) {
    let mut next_sweep = tokio::time::Instant::now();
    loop {
        let patience = next_sweep.saturating_duration_since(tokio::time::Instant::now());
        let mut accounts = tokio::select! {
            () = stop.cancelled() => return,
            accounts = inbox.store().nudges().assign().take(64, patience) => accounts,
        };
        if tokio::time::Instant::now() >= next_sweep {
            next_sweep = tokio::time::Instant::now() + SWEEP;
            match waiting_accounts(&inbox).await {
                Ok(found) => accounts.extend(found),
                Err(fault) => tracing::warn!(%fault, "looking for waiting conversations failed"),
            }
        }
        for account in accounts {
            match drain(&inbox, account).await {
                Ok(_) => {}
                Err(fault) => {
                    tracing::warn!(%fault, %account, "assignment failed; the next sweep tries again");
                }
            }
        }
    }
}

/// Accounts where someone waits and someone is free.
async fn waiting_accounts(inbox: &Inbox) -> Outcome<Vec<AccountId>> {
    inbox
        .store()
        .read(Scope::System(Task::Maintenance), |mut tx| async move {
            let accounts = sqlx::query_scalar!(
                "SELECT DISTINCT s.account_id FROM agent_state s
                 WHERE s.connected AND s.status = 'online' AND s.load < s.capacity AND EXISTS (
                     SELECT 1 FROM conversations c
                     WHERE c.account_id = s.account_id AND c.queued_at IS NOT NULL)"
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(accounts.into_iter().map(AccountId).collect())
        })
        .await
}

/// Looks at an account's queue once; returns how many conversations were assigned.
///
/// It plans on what it reads under the pool's lock, then locks only what the plan changes. Whoever took
/// a conversation or filled a slot by hand meanwhile keeps it: the plan is made again.
pub async fn drain(inbox: &Inbox, account: AccountId) -> Outcome<usize> {
    inbox
        .write(account, |mut unit| async move {
            lock_pool(unit.tx(), account).await?;
            let waiting = queue(unit.tx(), account).await?;
            if waiting.is_empty() {
                return unit.commit(0).await;
            }
            let (agents, briefs) = agents(unit.tx(), account).await?;
            let told: HashMap<ConversationId, Option<String>> =
                waiting.iter().map(|one| (one.facts.conversation_id, one.told.clone())).collect();
            let facts = Facts {
                waiting: waiting.into_iter().map(|one| one.facts).collect(),
                agents,
                now: unit.now(),
            };
            let mut plan = plan(&facts);
            // told once per reason, not at every look at the queue
            plan.waiting.retain(|still| {
                told.get(&still.conversation_id)
                    .is_some_and(|told| told.as_deref() != Some(word(still.reason).as_str()))
            });
            plan.waiting.truncate(BATCH);
            if let Some(at) = next_wake(&facts).filter(|_| facts.waiting.len() > plan.assignments.len()) {
                assignment::wake_at(unit.tx(), account, at).await?;
            }
            let assigned = apply(&mut unit, account, &facts, &briefs, plan).await?;
            unit.commit(assigned).await
        })
        .await
}

async fn lock_pool(tx: &mut Tx, account: AccountId) -> Outcome<()> {
    sqlx::query!("UPDATE routing_pools SET version = version + 1 WHERE account_id = $1", account.uuid())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A conversation in the queue, and what was last said about why it waits.
struct Queued {
    facts: Waiting,
    told: Option<String>,
}

/// Who waits, in the order in which they are served. Conversations that wait to be taken by hand are no
/// business of the assigner's.
async fn queue(tx: &mut Tx, account: AccountId) -> Outcome<Vec<Queued>> {
    let rows = sqlx::query!(
        r#"SELECT id, priority AS "priority: Priority", queued_at AS "queued_at!",
                  channel_type AS "channel_type: ChannelType", topic, language, team_id, strategy,
                  excluded_agents, previous_assignee_id, metadata->>'waits_for' AS told
           FROM conversations
           WHERE account_id = $1 AND queued_at IS NOT NULL AND status = 'open'
             AND strategy IS DISTINCT FROM 'manual_queue'
           ORDER BY array_position(ARRAY['urgent', 'high', 'normal', 'low'], priority), queued_at, id LIMIT $2"#,
        account.uuid(),
        LOOK,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Queued {
            told: row.told,
            facts: Waiting {
                conversation_id: ConversationId(row.id),
                priority: row.priority,
                queued_at: row.queued_at,
                channel_type: row.channel_type,
                topics: row.topic.into_iter().collect(),
                language: row.language.as_deref().and_then(|tag| tag.parse::<Language>().ok()),
                team_id: row.team_id.map(TeamId),
                strategy: row.strategy.as_deref().and_then(|word| word.parse::<AssignStrategy>().ok()),
                excluded_agents: row.excluded_agents.into_iter().map(UserId).collect(),
                previous_assignee_id: row.previous_assignee_id.map(UserId),
            },
        })
        .collect())
}

/// The account's agents as they stand.
async fn agents(tx: &mut Tx, account: AccountId) -> Outcome<(Vec<AgentFacts>, HashMap<UserId, AgentBrief>)> {
    let rows = sqlx::query!(
        r#"SELECT s.user_id, s.status AS "status: AgentStatus", s.connected, s.load, s.capacity, s.last_assigned_at,
                  trim(concat_ws(' ', u.given_name, u.family_name)) AS "name!", u.avatar_url,
                  p.available_channels AS "channels?", p.available_topics AS "topics?",
                  p.languages AS "languages?", p.available_hours,
                  ARRAY(SELECT t.team_id FROM team_members t
                        WHERE t.account_id = s.account_id AND t.user_id = s.user_id) AS "teams!"
           FROM agent_state s
           JOIN account_users m ON m.account_id = s.account_id AND m.user_id = s.user_id
           JOIN roles r ON r.id = m.role_id AND r.permissions ? 'conversations.reply'
           JOIN users u ON u.id = s.user_id AND u.is_active
           LEFT JOIN agent_preferences p ON p.account_id = s.account_id AND p.user_id = s.user_id
           WHERE s.account_id = $1 ORDER BY s.user_id"#,
        account.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut briefs = HashMap::with_capacity(rows.len());
    let agents = rows
        .into_iter()
        .map(|row| {
            let user_id = UserId(row.user_id);
            briefs.insert(user_id, AgentBrief { id: user_id, name: row.name, avatar_url: row.avatar_url });
            AgentFacts {
                user_id,
                teams: row.teams.into_iter().map(TeamId).collect(),
                connected: row.connected,
                status: row.status,
                hours: row.available_hours.and_then(|hours| serde_json::from_value::<Hours>(hours).ok()),
                available_channels: words::<ChannelType>(row.channels),
                topics: words::<String>(row.topics),
                languages: words::<Language>(row.languages),
                load: row.load.max(0).unsigned_abs(),
                capacity: row.capacity.max(0).unsigned_abs(),
                last_assigned_at: row.last_assigned_at,
            }
        })
        .collect();
    Ok((agents, briefs))
}

/// Locks the agents of a plan, in the order of their ids, and makes sure that they still stand as the
/// plan took them to.
async fn lock_agents(tx: &mut Tx, account: AccountId, facts: &Facts, plan: &Plan) -> Outcome<()> {
    let mut chosen: Vec<uuid::Uuid> = plan.assignments.iter().map(|one| one.agent.uuid()).collect();
    chosen.sort_unstable();
    chosen.dedup();
    let rows = sqlx::query!(
        r#"SELECT user_id, status AS "status: AgentStatus", connected, load FROM agent_state
           WHERE account_id = $1 AND user_id = ANY ($2) ORDER BY user_id FOR UPDATE"#,
        account.uuid(),
        &chosen,
    )
    .fetch_all(&mut **tx)
    .await?;
    let same = rows.iter().all(|row| {
        facts.agents.iter().any(|agent| {
            agent.user_id.uuid() == row.user_id
                && agent.status == row.status
                && agent.connected == row.connected
                && agent.load == row.load.max(0).unsigned_abs()
        })
    });
    if same && rows.len() == chosen.len() { Ok(()) } else { Err(Fault::RunAgain) }
}

fn words<T: std::str::FromStr>(list: Option<Value>) -> Vec<T> {
    match list {
        Some(Value::Array(words)) => words.iter().filter_map(|word| word.as_str()?.parse().ok()).collect(),
        _ => Vec::new(),
    }
}

/// A reason as it is stored and shown.
fn word(reason: impl serde::Serialize) -> String {
    json!(reason).as_str().unwrap_or_default().to_owned()
}

async fn apply(
    unit: &mut Unit,
    account: AccountId,
    facts: &Facts,
    briefs: &HashMap<UserId, AgentBrief>,
    plan: Plan,
) -> Outcome<usize> {
    let now = unit.now();
    let ids: Vec<ConversationId> = plan
        .assignments
        .iter()
        .map(|one| one.conversation_id)
        .chain(plan.waiting.iter().map(|one| one.conversation_id))
        .collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let mut waiting = conversations::lock(unit.tx(), &ids).await?;
    if waiting.iter().any(|conversation| conversation.queued_at.is_none()) {
        return Err(Fault::RunAgain);
    }
    lock_agents(unit.tx(), account, facts, &plan).await?;
    let mut noted = Vec::new();
    let assigned = plan.assignments.len();
    for chosen in plan.assignments {
        let Some(conversation) = waiting.iter_mut().find(|c| c.id == chosen.conversation_id) else {
            continue;
        };
        let Some(agent) = briefs.get(&chosen.agent).cloned() else { continue };
        let reason = word(chosen.reason);
        let strategy = conversation.strategy.clone();
        let cause = Cause::routing(reason.clone(), strategy);
        unit.act_as(assignment::routing(reason.clone()));
        assignment::hold_at(unit, conversation, agent, &cause, chosen.assigned_at).await?;
        conversation.record_update(unit, &["status", "assignee_id"], false);
        inbox::sight::record_changes(unit, conversation).await?;
        noted.push(Decision {
            conversation_id: conversation.id,
            outcome: "assigned",
            assignee_id: Some(chosen.agent),
            rule_id: None,
            reason,
            candidates: json!(chosen.candidates),
        });
    }
    for still in plan.waiting {
        let Some(conversation) = waiting.iter_mut().find(|c| c.id == still.conversation_id) else { continue };
        let reason = word(still.reason);
        conversation.metadata["waits_for"] = json!(reason);
        if still.reason == WaitsFor::Nobody && conversation.priority >= Priority::High {
            tracing::warn!(conversation = %conversation.id, "no agent of the account can ever take this conversation");
        }
        noted.push(Decision {
            conversation_id: conversation.id,
            outcome: "waiting",
            assignee_id: None,
            rule_id: None,
            reason,
            candidates: json!(still.candidates),
        });
    }
    conversations::save(unit.tx(), &mut waiting).await?;
    decisions::write(unit.tx(), account, &noted, now).await?;
    Ok(assigned)
}

/// Moments that only the clock tells of: hours that begin, an agent who came back.
pub struct AssignDue(pub Inbox);

impl OnTimer for AssignDue {
    fn kind(&self) -> &'static str {
        "assign"
    }

    fn fire<'a>(&'a self, due: &'a Due) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(async move {
            // the sweep does not see closed hours; this does, in the same transaction order as always
            drain(&self.0, due.account_id).await.map(drop)
        })
    }
}

/// When the clock says that an agent who left has been away too long, what they have not answered goes
/// back to the queue.
pub struct AgentOffline(pub Inbox);

impl OnTimer for AgentOffline {
    fn kind(&self) -> &'static str {
        "agent_offline"
    }

    fn fire<'a>(&'a self, due: &'a Due) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(async move {
            let Some((_, user)) = due.reference.split_once(':') else { return Ok(()) };
            let Ok(user) = user.parse::<UserId>() else { return Ok(()) };
            let now: Time = self.0.now();
            if self
                .0
                .store()
                .read(due.account_id, |mut tx| async move { is_back(&mut tx, due.account_id, user).await })
                .await?
            {
                return Ok(());
            }
            let requeued = assignment::requeue_unanswered(&self.0, due.account_id, user).await?;
            if requeued > 0 {
                tracing::info!(%user, requeued, at = %now, "unanswered conversations went back to the queue");
            }
            Ok(())
        })
    }
}

async fn is_back(tx: &mut Tx, account: AccountId, user: UserId) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT connected AND status <> 'offline' AS "there!" FROM agent_state
           WHERE account_id = $1 AND user_id = $2"#,
        account.uuid(),
        user.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .unwrap_or(false))
}
