//! Agents as routing knows them: connected, available, gone. Every fact is a row, so that a node that
//! dies, or a hub that starts again, leaves nothing behind that is not true.
//!
//! Connection and availability are two facts. An agent is *there* while any node holds a socket of
//! theirs and they have not set themselves offline, and *routable* while also `online`. Who has been
//! gone for a while loses unanswered conversations: that is a timer row, `agent_offline`.

use std::time::Duration;

use bus::{Outcome, Scope, Task, Tx, nudge::Nudge};
use model::{AccountId, AgentStatus, ConversationId, Error, NodeId, Result, TeamId, Time, UserId};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{Context, Inbox, Member, assignment};

/// A node that has not said that it lives for so long is dead. With the time until somebody looks it makes less than
/// the 20 s in which its agents are gone.
pub(crate) const DEAD_AFTER: Duration = Duration::from_secs(14);

/// What the rows say of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentState {
    pub status: AgentStatus,
    pub connected: bool,
}

impl AgentState {
    /// As colleagues see the agent.
    #[must_use]
    pub fn shown(self) -> AgentStatus {
        if self.connected { self.status } else { AgentStatus::Offline }
    }

    fn is_there(self) -> bool {
        self.shown() != AgentStatus::Offline
    }

    fn is_routable(self) -> bool {
        self.shown() == AgentStatus::Online
    }
}

/// A node has a socket of the agent: the first of possibly several.
pub async fn connected(inbox: &Inbox, account: AccountId, user: UserId, node: NodeId) -> Result<AgentState> {
    let now = inbox.now();
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO agent_connections (account_id, user_id, node_id) VALUES ($1, $2, $3)
                 ON CONFLICT (account_id, user_id, node_id) DO UPDATE SET leaving_at = NULL",
                account.uuid(),
                user.uuid(),
                node.uuid(),
            )
            .execute(&mut *tx)
            .await?;
            change(inbox, &mut tx, (account, user), now, |state| AgentState { connected: true, ..state })
                .await
        })
        .await
        .map_err(Into::into)
}

/// The node's last socket of the agent is gone, and the grace period is over.
pub async fn disconnected(
    inbox: &Inbox,
    account: AccountId,
    user: UserId,
    node: NodeId,
) -> Result<AgentState> {
    let now = inbox.now();
    inbox
        .store()
        .write(account, |mut tx| async move { leave(inbox, &mut tx, (account, user), node, now).await })
        .await
        .map_err(Into::into)
}

async fn leave(
    inbox: &Inbox,
    tx: &mut Tx,
    agent: (AccountId, UserId),
    node: NodeId,
    now: Time,
) -> Outcome<AgentState> {
    sqlx::query!(
        "DELETE FROM agent_connections WHERE account_id = $1 AND user_id = $2 AND node_id = $3",
        agent.0.uuid(),
        agent.1.uuid(),
        node.uuid(),
    )
    .execute(&mut **tx)
    .await?;
    let elsewhere = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM agent_connections WHERE account_id = $1 AND user_id = $2) AS "is!""#,
        agent.0.uuid(),
        agent.1.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    change(inbox, tx, agent, now, |state| AgentState { connected: elsewhere, ..state }).await
}

/// The agent's own choice.
pub async fn set_status(inbox: &Inbox, member: &Member, status: AgentStatus) -> Result<AgentState> {
    let agent = (member.account_id(), member.user_id());
    let now = inbox.now();
    inbox
        .store()
        .write(agent.0, |mut tx| async move {
            change(inbox, &mut tx, agent, now, |state| AgentState { status, ..state }).await
        })
        .await
        .map_err(Into::into)
}

/// Locks the agent's row, changes the two facts and does what follows from them: the offline timer, and
/// a look at the queue when capacity appeared.
async fn change(
    inbox: &Inbox,
    tx: &mut Tx,
    (account, user): (AccountId, UserId),
    now: Time,
    to: impl Fn(AgentState) -> AgentState,
) -> Outcome<AgentState> {
    sqlx::query!(
        "INSERT INTO agent_state (account_id, user_id, capacity)
         VALUES ($1, $2, coalesce((SELECT max_concurrent_conversations FROM agent_preferences
                                   WHERE account_id = $1 AND user_id = $2), 5))
         ON CONFLICT (account_id, user_id) DO NOTHING",
        account.uuid(),
        user.uuid(),
    )
    .execute(&mut **tx)
    .await?;
    let before = sqlx::query_as!(
        AgentState,
        r#"SELECT status AS "status: AgentStatus", connected FROM agent_state
           WHERE account_id = $1 AND user_id = $2 FOR UPDATE"#,
        account.uuid(),
        user.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    let after = to(before);
    if after == before {
        return Ok(after);
    }
    sqlx::query!(
        "UPDATE agent_state SET status = $3, connected = $4, updated_at = clock_timestamp(),
                offline_since = CASE WHEN $5 THEN NULL ELSE coalesce(offline_since, $6) END
         WHERE account_id = $1 AND user_id = $2",
        account.uuid(),
        user.uuid(),
        after.status.as_str(),
        after.connected,
        after.is_there(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    let timer = format!("{account}:{user}");
    if before.is_there() && !after.is_there() {
        sqlx::query!(
            "INSERT INTO timers AS t (kind, ref, account_id, due_at, payload)
             VALUES ('agent_offline', $1, $2, $3, $4)
             ON CONFLICT (kind, ref) DO UPDATE SET due_at = excluded.due_at",
            timer,
            account.uuid(),
            now + inbox.settings().offline_requeue,
            json!({"user_id": user}),
        )
        .execute(&mut **tx)
        .await?;
        tx.nudge_after_commit(Nudge::Timers);
    } else if after.is_there() {
        sqlx::query!("DELETE FROM timers WHERE kind = 'agent_offline' AND ref = $1", timer)
            .execute(&mut **tx)
            .await?;
    }
    if after.is_routable() && !before.is_routable() {
        assignment::wake_at(tx, account, now).await?;
    }
    Ok(after)
}

/// Says that the node lives. `place` is the same over restarts of one data directory: what an earlier
/// life of it left behind is known to be dead.
pub async fn heartbeat(inbox: &Inbox, node: NodeId, place: &str) -> Outcome<()> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            sqlx::query!("DELETE FROM nodes WHERE place = $1 AND id <> $2", place, node.uuid())
                .execute(&mut *tx)
                .await?;
            sqlx::query!(
                "INSERT INTO nodes (id, place, version) VALUES ($1, $2, $3)
                 ON CONFLICT (id) DO UPDATE SET heartbeat_at = clock_timestamp()",
                node.uuid(),
                place,
                env!("CARGO_PKG_VERSION"),
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
}

/// Takes agents off whose node is dead; returns them. Any node may do it, and does after its start.
pub async fn reap(inbox: &Inbox, node: NodeId) -> Outcome<Vec<(AccountId, UserId, AgentState)>> {
    let lost = inbox
        .store()
        .read(Scope::System(Task::Presence), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT c.account_id, c.user_id, c.node_id FROM agent_connections c
                 WHERE c.node_id <> $1 AND NOT EXISTS (
                     SELECT 1 FROM nodes n
                     WHERE n.id = c.node_id AND n.heartbeat_at > clock_timestamp() - make_interval(secs => $2))
                 ORDER BY c.account_id, c.user_id LIMIT 1000",
                node.uuid(),
                DEAD_AFTER.as_secs_f64(),
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let now = inbox.now();
    let mut gone = Vec::with_capacity(lost.len());
    for row in lost {
        let (account, user, dead) = (AccountId(row.account_id), UserId(row.user_id), NodeId(row.node_id));
        let state = inbox
            .store()
            .write(account, |mut tx| async move { leave(inbox, &mut tx, (account, user), dead, now).await })
            .await?;
        gone.push((account, user, state));
    }
    Ok(gone)
}

/// Who waits for an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QueueView {
    pub account_id: AccountId,
    pub unassigned_count: i64,
    /// Of the one who has waited longest; 0 when nobody waits.
    pub oldest_waiting_seconds: i64,
    pub teams: Vec<TeamQueue>,
}

/// The part of a queue that belongs to one team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TeamQueue {
    pub team_id: TeamId,
    pub unassigned_count: i64,
    pub oldest_waiting_seconds: i64,
}

/// The account's queue as it stands.
pub async fn queue(inbox: &Inbox, account: AccountId) -> Outcome<QueueView> {
    let rows = inbox
        .store()
        .read(account, |mut tx| async move {
            Ok(sqlx::query!(
                r#"SELECT team_id, count(*) AS "waiting!", min(queued_at) AS oldest FROM conversations
                   WHERE account_id = $1 AND queued_at IS NOT NULL GROUP BY team_id ORDER BY team_id"#,
                account.uuid(),
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let now = inbox.now();
    let age = |oldest: Option<Time>| oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
    Ok(QueueView {
        account_id: account,
        unassigned_count: rows.iter().map(|row| row.waiting).sum(),
        oldest_waiting_seconds: age(rows.iter().filter_map(|row| row.oldest).min()),
        teams: rows
            .iter()
            .filter_map(|row| {
                Some(TeamQueue {
                    team_id: TeamId(row.team_id?),
                    unassigned_count: row.waiting,
                    oldest_waiting_seconds: age(row.oldest),
                })
            })
            .collect(),
    })
}

/// The places in the queue of these conversations, from 1; those that do not wait are left out.
pub async fn queue_positions(
    inbox: &Inbox,
    account: AccountId,
    conversations: &[ConversationId],
) -> Outcome<Vec<(ConversationId, i64)>> {
    let ids: Vec<Uuid> = conversations.iter().map(|id| id.uuid()).collect();
    let ids = &ids;
    let rows = inbox
        .store()
        .read(account, |mut tx| async move {
            Ok(sqlx::query!(
                r#"SELECT id, place AS "place!" FROM (
                       SELECT id, row_number() OVER (ORDER BY CASE priority WHEN 'urgent' THEN 0
                           WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, queued_at, id) AS place
                       FROM conversations WHERE account_id = $1 AND queued_at IS NOT NULL AND status = 'open') q
                   WHERE id = ANY ($2)"#,
                account.uuid(),
                ids,
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    Ok(rows.into_iter().map(|row| (ConversationId(row.id), row.place)).collect())
}

/// Which of the caller's accounts a conversation belongs to; 404 for any other.
pub async fn account_of(inbox: &Inbox, context: &Context, conversation: ConversationId) -> Result<AccountId> {
    let accounts = context.account_ids();
    let account = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            Ok(sqlx::query_scalar!("SELECT account_id FROM conversations WHERE id = $1", conversation.uuid())
                .fetch_optional(&mut *tx)
                .await?)
        })
        .await?;
    account.map(AccountId).ok_or_else(|| Error::not_found("conversation"))
}

/// As [`account_of`], for a message.
pub async fn account_of_message(
    inbox: &Inbox,
    context: &Context,
    message: model::MessageId,
) -> Result<AccountId> {
    let accounts = context.account_ids();
    let account = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            Ok(sqlx::query_scalar!("SELECT account_id FROM messages WHERE id = $1", message.uuid())
                .fetch_optional(&mut *tx)
                .await?)
        })
        .await?;
    account.map(AccountId).ok_or_else(|| Error::not_found("message"))
}

/// The last number of a thread's log; 0 for a conversation that is not there.
pub async fn thread_head(tx: &mut Tx, account: AccountId, conversation: ConversationId) -> Outcome<i64> {
    Ok(sqlx::query_scalar!(
        "SELECT head FROM conversations WHERE id = $1 AND account_id = $2",
        conversation.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .unwrap_or(0))
}

/// The last numbers of several threads' logs.
pub async fn thread_heads(tx: &mut Tx, conversations: &[Uuid]) -> Outcome<Vec<(ConversationId, i64)>> {
    let rows = sqlx::query!("SELECT id, head FROM conversations WHERE id = ANY ($1)", conversations)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| (ConversationId(row.id), row.head)).collect())
}

/// The nodes that live.
pub async fn nodes(inbox: &Inbox) -> Outcome<Vec<NodeId>> {
    inbox
        .store()
        .read(Scope::System(Task::Presence), |mut tx| async move {
            let ids = sqlx::query_scalar!(
                "SELECT id FROM nodes WHERE heartbeat_at > clock_timestamp() - make_interval(secs => $1)",
                DEAD_AFTER.as_secs_f64(),
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(ids.into_iter().map(NodeId).collect())
        })
        .await
}

/// Takes the node off the list: it stops.
pub async fn leave_nodes(inbox: &Inbox, node: NodeId) -> Outcome<()> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            sqlx::query!("DELETE FROM nodes WHERE id = $1", node.uuid()).execute(&mut *tx).await?;
            Ok(())
        })
        .await
}

/// The agents of these accounts who are not offline, as colleagues see them.
pub async fn present(
    inbox: &Inbox,
    accounts: &[AccountId],
) -> Outcome<Vec<(AccountId, UserId, AgentStatus, Time)>> {
    let accounts: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
    let accounts = &accounts;
    inbox
        .store()
        .read(Scope::System(Task::Presence), |mut tx| async move {
            let rows = sqlx::query!(
                r#"SELECT account_id, user_id, status AS "status: AgentStatus", updated_at FROM agent_state
                   WHERE account_id = ANY ($1) AND connected AND status <> 'offline'"#,
                accounts,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| (AccountId(row.account_id), UserId(row.user_id), row.status, row.updated_at))
                .collect())
        })
        .await
}

/// The life of this database. A copy or a restore on another server gets another one: numbers of the
/// old life mean nothing in it.
pub async fn epoch(inbox: &Inbox) -> Outcome<Uuid> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            Ok(sqlx::query_scalar!(
                "INSERT INTO installation AS i (epoch, identity)
                 SELECT $1, concat_ws(':', (SELECT system_identifier FROM pg_control_system()),
                                      (SELECT timeline_id FROM pg_control_checkpoint()),
                                      (SELECT oid FROM pg_database WHERE datname = current_database()))
                 ON CONFLICT (one) DO UPDATE SET
                     epoch = CASE WHEN i.identity = excluded.identity THEN i.epoch ELSE excluded.epoch END,
                     identity = excluded.identity
                 RETURNING epoch",
                Uuid::new_v4(),
            )
            .fetch_one(&mut *tx)
            .await?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use model::{AgentStatus, NodeId, permission::BuiltInRole};

    use super::*;
    use crate::testing::Stage;

    async fn timers(stage: &Stage, account: AccountId) -> Vec<String> {
        stage
            .inbox
            .store()
            .read(account, |mut tx| async move {
                Ok(sqlx::query_scalar!("SELECT kind FROM timers ORDER BY kind").fetch_all(&mut *tx).await?)
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn an_agent_is_there_while_any_node_holds_a_socket() {
        let stage = Stage::new().await;
        let inbox = &stage.inbox;
        let member = stage.member(BuiltInRole::Agent).await;
        let (account, user) = (member.account_id(), member.user_id());
        let (one, other) = (NodeId::new(), NodeId::new());

        let state = set_status(inbox, &member, AgentStatus::Online).await.unwrap();
        assert_eq!(state.shown(), AgentStatus::Offline, "nobody is connected yet");
        assert!(timers(&stage, account).await.is_empty());
        assert_eq!(connected(inbox, account, user, one).await.unwrap().shown(), AgentStatus::Online);
        assert_eq!(timers(&stage, account).await, ["assign"], "capacity appeared");
        connected(inbox, account, user, other).await.unwrap();
        let left = disconnected(inbox, account, user, one).await.unwrap();
        assert_eq!(left.shown(), AgentStatus::Online, "the other node has one more");
        let left = disconnected(inbox, account, user, other).await.unwrap();
        assert_eq!(left.shown(), AgentStatus::Offline);
        assert_eq!(left.status, AgentStatus::Online, "the choice is kept");
        assert_eq!(timers(&stage, account).await, ["agent_offline", "assign"]);
        connected(inbox, account, user, one).await.unwrap();
        assert_eq!(timers(&stage, account).await, ["assign"], "back in time");
        stage.end().await;
    }

    #[tokio::test]
    async fn a_dead_node_is_reaped_and_an_earlier_life_at_once() {
        let stage = Stage::new().await;
        let inbox = &stage.inbox;
        let member = stage.member(BuiltInRole::Agent).await;
        let (account, user) = (member.account_id(), member.user_id());
        let (old, new, peer) = (NodeId::new(), NodeId::new(), NodeId::new());
        heartbeat(inbox, old, "here").await.unwrap();
        heartbeat(inbox, peer, "there").await.unwrap();
        set_status(inbox, &member, AgentStatus::Online).await.unwrap();
        connected(inbox, account, user, old).await.unwrap();
        assert!(reap(inbox, peer).await.unwrap().is_empty(), "it lives");
        heartbeat(inbox, new, "here").await.unwrap();
        let gone = reap(inbox, new).await.unwrap();
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].2.shown(), AgentStatus::Offline);
        assert!(reap(inbox, new).await.unwrap().is_empty());
        stage.end().await;
    }

    #[tokio::test]
    async fn the_epoch_stays_while_the_database_does() {
        let stage = Stage::new().await;
        let first = epoch(&stage.inbox).await.unwrap();
        assert_eq!(epoch(&stage.inbox).await.unwrap(), first);
        stage.as_owner("UPDATE installation SET identity = 'another server'".into()).await;
        assert_ne!(epoch(&stage.inbox).await.unwrap(), first);
        stage.end().await;
    }
}
