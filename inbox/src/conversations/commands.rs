//! What agents do with a conversation besides answering it.

use bus::Outcome;
use model::{
    Audience, ChannelType, ConversationId, ConversationStatus, Error, Event, MessageId, MessageStatus,
    Permission, Priority, Result, TeamId, Time, UserId,
    view::{ConversationView, DeliveryError},
    wire::CSAT_QUESTION,
};
use serde::Deserialize;

use super::{Conversation, lock_visible, save};
use crate::{
    Inbox, Member, Unit,
    assignment::{self, Cause},
};

/// Gives a conversation to an agent, a team, or back to the queue. An absent field stays as it is, a
/// null one is cleared.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct AssignCommand {
    pub conversation_id: ConversationId,
    #[serde(default, deserialize_with = "crate::patch::deserialize")]
    #[schema(value_type = Option<UserId>)]
    pub assignee_id: Option<Option<UserId>>,
    #[serde(default, deserialize_with = "crate::patch::deserialize")]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Option<Option<TeamId>>,
    /// Who has it as far as the caller knows: when someone else does, 409 tells who.
    #[serde(default, deserialize_with = "crate::patch::deserialize")]
    #[schema(value_type = Option<UserId>)]
    pub expected_assignee_id: Option<Option<UserId>>,
    #[serde(default)]
    pub note: Option<String>,
}

/// Compare-and-set of assignee and team.
pub async fn assign(inbox: &Inbox, member: &Member, command: AssignCommand) -> Result<ConversationView> {
    let to_self = command.assignee_id == Some(Some(member.user_id())) && command.team_id.is_none();
    member.require(if to_self { Permission::ConversationsReply } else { Permission::ConversationsAssign })?;
    if command.assignee_id.is_none() && command.team_id.is_none() {
        return Err(Error::invalid("assignee_id", "name an assignee_id or a team_id"));
    }
    let command = &command;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let mut conversation = lock_visible(unit.tx(), member, command.conversation_id).await?;
            let held_by = conversation.assignee_id().filter(|_| conversation.status.is_held());
            if command.expected_assignee_id.is_some_and(|expected| expected != held_by) {
                return Err(Error::conflict("someone else has this conversation now")
                    .with("assignee_id", held_by)
                    .with("assignee", held_by.and(conversation.assignee.clone()))
                    .into());
            }
            if conversation.status == ConversationStatus::Closed {
                return Err(Error::conflict("the conversation is closed").with("status", "closed").into());
            }
            unit.act_as(member.actor(command.note.clone()));
            let mut changed = Vec::new();
            let mut frees = false;
            if let Some(team) = command.team_id.filter(|team| *team != conversation.team_id) {
                if let Some(team) = team {
                    require_team(&mut unit, member, team).await?;
                }
                let mut cause = Cause::agent(member.user_id(), "moved to a team");
                cause.note.clone_from(&command.note);
                assignment::set_team(&mut unit, &mut conversation, team, &cause).await?;
                changed.push("team_id");
                frees = conversation.queued_at.is_some();
            }
            match command.assignee_id {
                Some(Some(agent)) if held_by != Some(agent) => {
                    let agent = assignment::agent(unit.tx(), member.account_id(), agent).await?;
                    let reason =
                        if agent.id == member.user_id() { "taken" } else { "assigned by a colleague" };
                    let mut cause = Cause::agent(member.user_id(), reason);
                    cause.note.clone_from(&command.note);
                    frees |= held_by.is_some();
                    assignment::hold(&mut unit, &mut conversation, agent, &cause).await?;
                    changed.extend(["status", "assignee_id"]);
                }
                Some(None) if conversation.status.is_held() => {
                    assignment::let_go(&mut unit, &mut conversation, ConversationStatus::Open).await?;
                    // whoever gave it back does not get it again at once
                    if let Some(agent) = held_by {
                        conversation.excluded_agents.push(agent);
                    }
                    conversation.previous_assignee_id = None;
                    conversation.enqueue(unit.now());
                    frees = true;
                    changed.extend(["status", "assignee_id"]);
                }
                _ => {}
            }
            finish(&mut unit, &mut conversation, &changed, frees).await?;
            let view = shown(&conversation);
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// Moves a conversation along the table of transitions.
pub async fn set_status(
    inbox: &Inbox,
    member: &Member,
    id: ConversationId,
    next: ConversationStatus,
    note: Option<String>,
) -> Result<ConversationView> {
    member.require(Permission::ConversationsReply)?;
    let note = &note;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let mut conversation = lock_visible(unit.tx(), member, id).await?;
            if conversation.status == next {
                let view = shown(&conversation);
                return unit.commit(view).await;
            }
            conversation.status.to(next)?;
            unit.act_as(member.actor(note.clone()));
            let mut changed = vec!["status"];
            let mut frees = false;
            match next {
                ConversationStatus::Assigned | ConversationStatus::Pending
                    if !conversation.status.is_held() =>
                {
                    // someone must have it: whoever had it last when it is reopened, else the caller
                    let user = conversation.assignee_id().unwrap_or(member.user_id());
                    let agent = assignment::agent(unit.tx(), member.account_id(), user).await?;
                    let mut cause = Cause::agent(member.user_id(), format!("set to {next}"));
                    cause.note.clone_from(note);
                    assignment::hold(&mut unit, &mut conversation, agent, &cause).await?;
                    if next == ConversationStatus::Pending {
                        assignment::set_pending(&mut unit, &mut conversation, true).await?;
                    }
                    changed.push("assignee_id");
                }
                ConversationStatus::Assigned | ConversationStatus::Pending => {
                    let pending = next == ConversationStatus::Pending;
                    frees = assignment::set_pending(&mut unit, &mut conversation, pending).await?;
                }
                ConversationStatus::Bot => conversation.move_to(next, unit.now())?,
                ConversationStatus::Open => {
                    let was_bot = conversation.status == ConversationStatus::Bot;
                    if was_bot {
                        conversation.hand_over();
                    }
                    assignment::let_go(&mut unit, &mut conversation, next).await?;
                    conversation.enqueue(unit.now());
                    changed.push("assignee_id");
                    frees = true;
                }
                ConversationStatus::Resolved | ConversationStatus::Closed => {
                    frees = assignment::let_go(&mut unit, &mut conversation, next).await?;
                    conversation.unread_count = 0;
                }
            }
            let asks =
                next == ConversationStatus::Resolved && conversation.channel_type == ChannelType::Webchat;
            if asks {
                ask_for_rating(&mut unit, &mut conversation);
            }
            if let (Some(note), false) = (note, conversation.status.is_held()) {
                conversation.metadata["status_note"] = serde_json::json!(note);
            }
            finish(&mut unit, &mut conversation, &changed, frees).await?;
            let view = shown(&conversation);
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// DELETE of a conversation: a soft close.
pub async fn close(inbox: &Inbox, member: &Member, id: ConversationId) -> Result<()> {
    member.require(Permission::ConversationsManage)?;
    set_status(inbox, member, id, ConversationStatus::Closed, None).await.map(drop)
}

/// Labels, priority, subject.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub struct UpdateConversation {
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    #[serde(default)]
    pub priority: Option<Priority>,
    #[serde(default, deserialize_with = "crate::patch::deserialize")]
    #[schema(value_type = Option<String>)]
    pub subject: Option<Option<String>>,
    #[serde(default)]
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: ConversationId,
    new: UpdateConversation,
) -> Result<ConversationView> {
    member.require(Permission::ConversationsReply)?;
    if let Some(labels) = &new.labels {
        if labels.len() > 50 {
            return Err(Error::invalid("labels", "at most 50"));
        }
        if labels.iter().any(|label| label.trim().is_empty() || label.chars().count() > 100) {
            return Err(Error::invalid("labels", "each label is 1 to 100 characters"));
        }
    }
    if new.subject.as_ref().and_then(Option::as_ref).is_some_and(|subject| subject.chars().count() > 255) {
        return Err(Error::invalid("subject", "at most 255 characters"));
    }
    let new = &new;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let mut conversation = lock_visible(unit.tx(), member, id).await?;
            unit.act_as(member.actor(None));
            let mut changed = Vec::new();
            if let Some(labels) = &new.labels {
                conversation.labels = Vec::new();
                for label in labels.iter().map(|label| label.trim().to_owned()) {
                    if !conversation.labels.contains(&label) {
                        conversation.labels.push(label);
                    }
                }
                changed.push("labels");
            }
            if let Some(priority) = new.priority {
                conversation.priority = priority;
                changed.push("priority");
            }
            if let Some(subject) = &new.subject {
                conversation.subject.clone_from(subject);
                changed.push("subject");
            }
            if let Some(metadata) = &new.metadata {
                conversation.metadata = serde_json::Value::Object(metadata.clone());
                changed.push("metadata");
            }
            finish(&mut unit, &mut conversation, &changed, false).await?;
            let view = shown(&conversation);
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// Where somebody's read mark is, and where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadTo {
    pub was: i64,
    pub seq: i64,
}

impl ReadTo {
    #[must_use]
    pub const fn has_moved(self) -> bool {
        self.seq > self.was
    }
}

/// Moves the caller's own read mark forward, to the thread's head at most, and says where to; the assignee's look also
/// clears the unread count.
pub async fn read(inbox: &Inbox, member: &Member, id: ConversationId, seq: i64) -> Result<ReadTo> {
    member.require(Permission::ConversationsView)?;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let mut conversation = lock_visible(unit.tx(), member, id).await?;
            let seq = seq.clamp(0, conversation.head);
            let was = mark_read(&mut unit, &conversation, member.user_id().uuid(), seq).await?;
            if show_read(&mut unit, &mut conversation, seq).await? {
                save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            }
            if conversation.unread_count > 0
                && conversation.assignee_id() == Some(member.user_id())
                && seq >= conversation.head
            {
                conversation.unread_count = 0;
                finish(&mut unit, &mut conversation, &["unread_count"], false).await?;
            }
            unit.commit(ReadTo { was, seq }).await
        })
        .await
        .map_err(Into::into)
}

/// Moves a reader's mark forward and says where it was. The conversation is locked.
pub(super) async fn mark_read(
    unit: &mut Unit,
    conversation: &Conversation,
    reader: uuid::Uuid,
    seq: i64,
) -> Outcome<i64> {
    let now = unit.now();
    let was = sqlx::query_scalar!(
        "WITH was AS (SELECT seq FROM conversation_reads WHERE conversation_id = $2 AND reader_id = $3)
         INSERT INTO conversation_reads AS r (account_id, conversation_id, reader_id, seq, read_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (conversation_id, reader_id) DO UPDATE SET seq = greatest(r.seq, excluded.seq),
             read_at = CASE WHEN excluded.seq > r.seq THEN excluded.read_at ELSE r.read_at END
         RETURNING (SELECT seq FROM was)",
        conversation.account_id.uuid(),
        conversation.id.uuid(),
        reader,
        seq,
        now,
    )
    .fetch_one(&mut **unit.tx())
    .await?;
    Ok(was.unwrap_or(0))
}

/// Of a web chat, whose customer can be told: their messages up to `seq` have been read. True when some were
/// not yet; the caller saves the conversation.
pub(crate) async fn show_read(unit: &mut Unit, conversation: &mut Conversation, seq: i64) -> Outcome<bool> {
    if conversation.channel_type != ChannelType::Webchat {
        return Ok(false);
    }
    let now = unit.now();
    let read = sqlx::query!(
        r#"UPDATE messages SET read_at = $3, updated_at = $3
           WHERE conversation_id = $1 AND seq <= $2 AND direction = 'inbound' AND read_at IS NULL
           RETURNING id, status AS "status: MessageStatus""#,
        conversation.id.uuid(),
        seq,
        now,
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    for message in &read {
        record_status(unit, conversation, MessageId(message.id), message.status, Some(now), None);
    }
    Ok(!read.is_empty())
}

/// Records a message's new status in its conversation's thread. The caller has written the row and
/// saves the conversation.
pub fn record_status(
    unit: &mut Unit,
    conversation: &mut Conversation,
    message_id: MessageId,
    status: MessageStatus,
    read_at: Option<Time>,
    error: Option<DeliveryError>,
) {
    let seq = conversation.next_seq();
    unit.record_in_thread(
        Event::MessageStatusChanged {
            account_id: conversation.account_id,
            conversation_id: conversation.id,
            message_id,
            status,
            read_at,
            error,
            is_private: false,
        },
        Audience::Thread,
        seq,
    );
}

pub(super) fn ask_for_rating(unit: &mut Unit, conversation: &mut Conversation) {
    let seq = conversation.next_seq();
    unit.record_in_thread(
        Event::CsatRequested {
            account_id: conversation.account_id,
            conversation_id: conversation.id,
            question: CSAT_QUESTION.to_owned(),
        },
        Audience::Thread,
        seq,
    );
}

/// Records what changed, tells those who lost sight, and writes the conversation.
pub(super) async fn finish(
    unit: &mut Unit,
    conversation: &mut Conversation,
    changed: &[&str],
    frees_capacity: bool,
) -> Outcome<()> {
    if !changed.is_empty() {
        conversation.record_update(unit, changed, frees_capacity);
        crate::sight::record_changes(unit, conversation).await?;
    }
    save(unit.tx(), std::slice::from_mut(conversation)).await
}

/// What a saved conversation shows.
pub(super) fn shown(conversation: &Conversation) -> ConversationView {
    ConversationView { version: conversation.version, ..conversation.view() }
}

/// 404 for a team that the account does not have.
pub(super) async fn require_team(unit: &mut Unit, member: &Member, team: TeamId) -> Outcome<()> {
    let known = sqlx::query_scalar!(
        "SELECT is_active FROM teams WHERE id = $1 AND account_id = $2",
        team.uuid(),
        member.account_id().uuid(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?;
    match known {
        Some(true) => Ok(()),
        Some(false) => Err(Error::invalid("team_id", "this team is not active").into()),
        None => Err(Error::absent("team_id", "no such team in this account").into()),
    }
}
