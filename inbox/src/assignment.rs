//! Who has a conversation. Only this module writes an assignee or an agent's load, always both in the
//! transaction that also writes the history row.

use bus::{Outcome, Tx};
use model::{
    AccountId, AssignedBy, AssignmentId, Audience, BotRuleId, ConversationStatus, Error, Event, SenderType,
    TeamId, Time, UserId, event::Actor, view::AgentBrief,
};

use crate::{Unit, conversations::Conversation};

/// By whom and why a conversation changes hands.
#[derive(Debug, Clone)]
pub struct Cause {
    pub by: AssignedBy,
    /// The agent who did it, when one did.
    pub user_id: Option<UserId>,
    pub rule: Option<(BotRuleId, String)>,
    pub strategy: Option<String>,
    /// For people: shown in the history and to the assignee.
    pub reason: String,
    pub note: Option<String>,
}

impl Cause {
    #[must_use]
    pub fn agent(user_id: UserId, reason: impl Into<String>) -> Self {
        Self {
            by: AssignedBy::Agent,
            user_id: Some(user_id),
            rule: None,
            strategy: None,
            reason: reason.into(),
            note: None,
        }
    }

    #[must_use]
    pub fn system(reason: impl Into<String>) -> Self {
        Self { by: AssignedBy::System, user_id: None, ..Self::agent(UserId(uuid::Uuid::nil()), reason) }
    }

    #[must_use]
    pub fn routing(reason: impl Into<String>, strategy: Option<String>) -> Self {
        Self { by: AssignedBy::Routing, strategy, ..Self::system(reason) }
    }
}

/// A member of the account who can hold conversations.
pub async fn agent(tx: &mut Tx, account: AccountId, user: UserId) -> Outcome<AgentBrief> {
    let row = sqlx::query!(
        r#"SELECT trim(concat_ws(' ', u.given_name, u.family_name)) AS "name!", u.avatar_url
           FROM account_users m JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id
           WHERE m.account_id = $1 AND m.user_id = $2 AND u.is_active
             AND r.permissions ? 'conversations.reply'"#,
        account.uuid(),
        user.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let agent = row.map(|row| AgentBrief { id: user, name: row.name, avatar_url: row.avatar_url });
    agent.ok_or_else(|| {
        Error::absent("assignee_id", "no active member of this account who may answer conversations").into()
    })
}

/// Gives a locked conversation to `agent`. Records who did it and tells the agent and the customer;
/// the conversation's own update is recorded by the caller, with everything else that changed.
pub async fn hold(
    unit: &mut Unit,
    conversation: &mut Conversation,
    agent: AgentBrief,
    cause: &Cause,
) -> Outcome<()> {
    let now = unit.now();
    hold_at(unit, conversation, agent, cause, now).await
}

/// [`hold`], with the moment that counts for the agent's idleness: within a batch these moments rise,
/// so that "longest idle" stays decided.
pub async fn hold_at(
    unit: &mut Unit,
    conversation: &mut Conversation,
    agent: AgentBrief,
    cause: &Cause,
    assigned_at: Time,
) -> Outcome<()> {
    let now = unit.now();
    let previous = conversation.assignee_id();
    if previous == Some(agent.id) && conversation.status.is_held() {
        return Ok(());
    }
    let took_slot = takes_slot(unit.tx(), conversation).await?;
    end(unit.tx(), conversation, now).await?;
    if let Some(previous) = previous.filter(|_| took_slot) {
        add_load(unit.tx(), conversation.account_id, previous, -1, None).await?;
    }
    if cause.by == AssignedBy::Agent {
        conversation.hand_over();
    }
    if conversation.status != ConversationStatus::Assigned {
        conversation.move_to(ConversationStatus::Assigned, now)?;
    }
    conversation.queued_at = None;
    conversation.assignee = Some(agent.clone());
    add_load(unit.tx(), conversation.account_id, agent.id, 1, Some(assigned_at)).await?;
    begin(unit.tx(), conversation, previous, cause, now).await?;

    let (account_id, conversation_id) = (conversation.account_id, conversation.id);
    unit.record(
        Event::AssignmentNotified {
            account_id,
            conversation_id,
            assignee_id: agent.id,
            assigned_by: cause.user_id,
            rule_name: cause.rule.as_ref().map(|(_, name)| name.clone()),
            reason: cause.reason.clone(),
        },
        Audience::Users { users: vec![agent.id] },
    );
    let seq = conversation.next_seq();
    unit.record_in_thread(
        Event::AgentJoined { account_id, conversation_id, agent: agent.into() },
        Audience::Thread,
        seq,
    );
    Ok(())
}

/// Takes a locked conversation from its agent and moves it to `next`: open (back in the queue, at its
/// old place), resolved or closed (which keep the assignee's name). Returns whether a slot came free.
pub async fn let_go(
    unit: &mut Unit,
    conversation: &mut Conversation,
    next: ConversationStatus,
) -> Outcome<bool> {
    let now = unit.now();
    let took_slot = takes_slot(unit.tx(), conversation).await?;
    let held_by = conversation.assignee_id().filter(|_| took_slot);
    conversation.move_to(next, now)?;
    end(unit.tx(), conversation, now).await?;
    if let Some(agent) = held_by {
        add_load(unit.tx(), conversation.account_id, agent, -1, None).await?;
    }
    if next == ConversationStatus::Open {
        conversation.previous_assignee_id = conversation.assignee_id().or(conversation.previous_assignee_id);
        conversation.assignee = None;
    }
    Ok(held_by.is_some())
}

/// Moves a held conversation between assigned and pending; where pending ones do not count, the agent's
/// load follows. Returns whether a slot came free.
pub async fn set_pending(unit: &mut Unit, conversation: &mut Conversation, pending: bool) -> Outcome<bool> {
    let before = takes_slot(unit.tx(), conversation).await?;
    let next = if pending { ConversationStatus::Pending } else { ConversationStatus::Assigned };
    conversation.move_to(next, unit.now())?;
    let after = takes_slot(unit.tx(), conversation).await?;
    if let Some(agent) = conversation.assignee_id().filter(|_| before != after) {
        let by = i32::from(after) - i32::from(before);
        add_load(unit.tx(), conversation.account_id, agent, by, None).await?;
    }
    Ok(before && !after)
}

/// Whether the conversation takes one of its agent's slots: assigned ones do, pending ones by the
/// account's setting `count_pending`.
async fn takes_slot(tx: &mut Tx, conversation: &Conversation) -> Outcome<bool> {
    match conversation.status {
        ConversationStatus::Assigned => Ok(true),
        ConversationStatus::Pending => Ok(sqlx::query_scalar!(
            r#"SELECT coalesce((settings->>'count_pending')::bool, true) AS "counts!" FROM accounts WHERE id = $1"#,
            conversation.account_id.uuid()
        )
        .fetch_one(&mut **tx)
        .await?),
        _ => Ok(false),
    }
}

/// Sets the team of a conversation without touching its agent, and notes it in the history.
pub async fn set_team(
    unit: &mut Unit,
    conversation: &mut Conversation,
    team: Option<TeamId>,
    cause: &Cause,
) -> Outcome<()> {
    conversation.team_id = team;
    let now = unit.now();
    let previous = conversation.assignee_id();
    let open_row = conversation.status.is_held();
    if open_row {
        end(unit.tx(), conversation, now).await?;
    }
    begin(unit.tx(), conversation, previous, cause, now).await
}

async fn begin(
    tx: &mut Tx,
    conversation: &Conversation,
    previous: Option<UserId>,
    cause: &Cause,
    now: Time,
) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO conversation_assignments (id, account_id, conversation_id, assignee_id, team_id, assigned_by,
             assigned_by_type, rule_id, strategy, previous_assignee_id, reason, note, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        AssignmentId::new().uuid(),
        conversation.account_id.uuid(),
        conversation.id.uuid(),
        conversation.assignee_id().filter(|_| conversation.status.is_held()).map(UserId::uuid),
        conversation.team_id.map(TeamId::uuid),
        cause.user_id.map(UserId::uuid),
        cause.by.as_str(),
        cause.rule.as_ref().map(|(id, _)| id.uuid()),
        cause.strategy,
        previous.map(UserId::uuid),
        cause.reason,
        cause.note,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn end(tx: &mut Tx, conversation: &Conversation, now: Time) -> Outcome<()> {
    sqlx::query!(
        "UPDATE conversation_assignments SET unassigned_at = $2
         WHERE conversation_id = $1 AND unassigned_at IS NULL",
        conversation.id.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn add_load(
    tx: &mut Tx,
    account: AccountId,
    user: UserId,
    by: i32,
    assigned_at: Option<Time>,
) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO agent_state AS s (account_id, user_id, load, capacity, last_assigned_at)
         VALUES ($1, $2, greatest($3, 0),
                 coalesce((SELECT max_concurrent_conversations FROM agent_preferences
                           WHERE account_id = $1 AND user_id = $2), 5), $4)
         ON CONFLICT (account_id, user_id) DO UPDATE SET load = greatest(s.load + $3, 0),
             last_assigned_at = greatest(s.last_assigned_at, $4), updated_at = clock_timestamp()",
        account.uuid(),
        user.uuid(),
        by,
        assigned_at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Wakes the account's assignment at `at`: a timer row, for moments that no other event tells of.
pub async fn wake_at(tx: &mut Tx, account: AccountId, at: Time) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO timers AS t (kind, ref, account_id, due_at) VALUES ('assign', $1::text, $2, $3)
         ON CONFLICT (kind, ref) DO UPDATE SET due_at = least(t.due_at, excluded.due_at)",
        account.to_string(),
        account.uuid(),
        at,
    )
    .execute(&mut **tx)
    .await?;
    tx.nudge_after_commit(bus::nudge::Nudge::Timers);
    Ok(())
}

/// Routing, as what it does is recorded.
#[must_use]
pub fn routing(reason: String) -> Actor {
    Actor { kind: SenderType::System, id: None, name: None, note: Some(reason) }
}

/// Puts back into the queue what an agent who is gone has not answered: conversations whose last word
/// is the customer's, at their old place. The others stay theirs.
pub async fn requeue_unanswered(inbox: &crate::Inbox, account: AccountId, user: UserId) -> Outcome<usize> {
    inbox
        .write(account, |mut unit| async move {
            let ids = sqlx::query_scalar!(
                "SELECT id FROM conversations
                 WHERE account_id = $1 AND assignee_id = $2 AND status = 'assigned'
                   AND last_sender_type = 'contact' ORDER BY id LIMIT 200",
                account.uuid(),
                user.uuid(),
            )
            .fetch_all(&mut **unit.tx())
            .await?;
            let ids: Vec<_> = ids.into_iter().map(model::ConversationId).collect();
            let mut conversations = crate::conversations::lock(unit.tx(), &ids).await?;
            // whoever answered or took it while we waited for the lock keeps it
            conversations.retain(|c| {
                c.status == ConversationStatus::Assigned
                    && c.assignee_id() == Some(user)
                    && c.last_sender_type == Some(model::SenderType::Contact)
            });
            unit.act_as(routing("the agent is gone".to_owned()));
            for conversation in &mut conversations {
                let_go(&mut unit, conversation, ConversationStatus::Open).await?;
                conversation.enqueue(unit.now());
                conversation.record_update(&mut unit, &["status", "assignee_id"], true);
                crate::sight::record_changes(&mut unit, conversation).await?;
            }
            crate::conversations::save(unit.tx(), &mut conversations).await?;
            unit.commit(conversations.len()).await
        })
        .await
}
