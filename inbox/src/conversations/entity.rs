//! A conversation as a thing to change: locked, changed in memory by methods that know the rules,
//! saved as a set.

use bus::{Outcome, Tx};
use model::{
    AccountId, Audience, BotState, ChannelId, ChannelType, ContactId, ConversationId, ConversationStatus,
    Error, Event, Priority, SenderType, TeamId, Time, UserId,
    event::{Actor, shown_in_thread},
    view::{AgentBrief, ContactBrief, ConversationView},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{Member, Unit};

/// A locked conversation. Its fields are absolute values; [`save`] writes them all.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub id: ConversationId,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    pub channel_type: ChannelType,
    pub contact: ContactBrief,
    pub contact_identifier: String,
    pub thread_key: String,
    pub status: ConversationStatus,
    pub priority: Priority,
    pub assignee: Option<AgentBrief>,
    pub team_id: Option<TeamId>,
    pub previous_assignee_id: Option<UserId>,
    pub subject: Option<String>,
    pub labels: Vec<String>,
    pub topic: Option<String>,
    pub language: Option<String>,
    pub bot_state: BotState,
    pub bot_epoch: i32,
    pub bot_context: Value,
    /// Since when it stands in the queue; `None`: it does not.
    pub queued_at: Option<Time>,
    /// Its place in the queue, kept while an agent has it, for a return.
    pub place_at: Option<Time>,
    pub strategy: Option<String>,
    pub excluded_agents: Vec<UserId>,
    pub waiting_since: Option<Time>,
    pub first_reply_at: Option<Time>,
    pub resolved_at: Option<Time>,
    pub last_message_at: Option<Time>,
    pub last_inbound_at: Option<Time>,
    pub last_message_preview: Option<String>,
    pub last_sender_type: Option<SenderType>,
    pub unread_count: i32,
    pub csat_rating: Option<i16>,
    pub csat_comment: Option<String>,
    pub head: i64,
    pub version: i64,
    pub metadata: Value,
    pub created_at: Time,
    pub updated_at: Time,
    /// Who was mentioned in it: they keep sight of it.
    pub mentioned: Vec<UserId>,
    /// Who could see it when it was locked.
    before: Sight,
    is_new: bool,
}

/// What decides who sees a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sight {
    team_id: Option<TeamId>,
    assignee_id: Option<UserId>,
}

impl Conversation {
    /// A new, open conversation. It enters the queue when the bot's rules have been asked
    /// ([`Self::enqueue`]).
    #[must_use]
    pub fn open(
        account_id: AccountId,
        (channel_id, channel_type): (ChannelId, ChannelType),
        contact: ContactBrief,
        contact_identifier: String,
        thread_key: String,
        now: Time,
    ) -> Self {
        Self {
            id: ConversationId::new(),
            account_id,
            channel_id,
            channel_type,
            contact,
            contact_identifier,
            thread_key,
            status: ConversationStatus::Open,
            priority: Priority::Normal,
            assignee: None,
            team_id: None,
            previous_assignee_id: None,
            subject: None,
            labels: Vec::new(),
            topic: None,
            language: None,
            bot_state: BotState::Active,
            bot_epoch: 0,
            bot_context: Value::Object(serde_json::Map::new()),
            queued_at: None,
            place_at: Some(now),
            strategy: None,
            excluded_agents: Vec::new(),
            waiting_since: None,
            first_reply_at: None,
            resolved_at: None,
            last_message_at: None,
            last_inbound_at: None,
            last_message_preview: None,
            last_sender_type: None,
            unread_count: 0,
            csat_rating: None,
            csat_comment: None,
            head: 0,
            version: 0,
            metadata: Value::Object(serde_json::Map::new()),
            created_at: now,
            updated_at: now,
            mentioned: Vec::new(),
            before: Sight { team_id: None, assignee_id: None },
            is_new: true,
        }
    }

    /// Made in this transaction.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    #[must_use]
    pub fn assignee_id(&self) -> Option<UserId> {
        self.assignee.as_ref().map(|agent| agent.id)
    }

    /// The customer, as what they do is recorded.
    #[must_use]
    pub fn customer(&self) -> Actor {
        Actor {
            kind: SenderType::Contact,
            id: Some(self.contact.id.uuid()),
            name: Some(self.contact.name.clone()).filter(|name| !name.is_empty()),
            note: None,
        }
    }

    /// The next number of its thread's log.
    pub fn next_seq(&mut self) -> i64 {
        self.head += 1;
        self.head
    }

    /// Moves to `next` if the table of transitions allows it, and keeps what goes with the status:
    /// the queue, the bot, `resolved_at`. Assigning goes through [`crate::assignment`], which sets the
    /// assignee and the load together.
    pub(crate) fn move_to(&mut self, next: ConversationStatus, now: Time) -> Result<(), Error> {
        let before = self.status;
        self.status = before.to(next)?;
        match next {
            ConversationStatus::Open => {
                if !before.is_live() {
                    // a reopening starts anew: the bot may speak, the old assignee is tried first
                    self.resolved_at = None;
                    (self.csat_rating, self.csat_comment) = (None, None);
                    self.bot_state = BotState::Active;
                    self.bot_epoch += 1;
                    self.excluded_agents.clear();
                    self.place_at = Some(now);
                }
            }
            ConversationStatus::Bot => self.queued_at = None,
            ConversationStatus::Assigned | ConversationStatus::Pending => {
                self.bot_state = BotState::HandedOver;
                self.queued_at = None;
                self.resolved_at = None;
            }
            ConversationStatus::Resolved => {
                self.queued_at = None;
                self.waiting_since = None;
                self.resolved_at = self.resolved_at.or(Some(now));
            }
            ConversationStatus::Closed => {
                self.queued_at = None;
                self.waiting_since = None;
            }
        }
        Ok(())
    }

    /// Puts an open conversation into the queue, at the place it had or at the end.
    pub fn enqueue(&mut self, now: Time) {
        if self.status == ConversationStatus::Open && self.queued_at.is_none() {
            self.queued_at = Some(*self.place_at.get_or_insert(now));
        }
    }

    /// A person takes the word: the bot is silent until the conversation is reopened, and what it has
    /// said but not yet sent is dropped. (Routing silences it too, but lets its last words go out.)
    pub fn hand_over(&mut self) {
        if self.bot_state == BotState::Active {
            self.bot_state = BotState::HandedOver;
            self.bot_epoch += 1;
        }
    }

    /// Whoever may see it now or could when it was locked.
    #[must_use]
    pub fn audience(&self) -> Audience {
        let now = Sight { team_id: self.team_id, assignee_id: self.assignee_id() };
        let mut teams: Vec<TeamId> = [self.before.team_id, now.team_id].into_iter().flatten().collect();
        teams.dedup();
        let mut users: Vec<UserId> =
            [self.before.assignee_id, now.assignee_id].into_iter().flatten().collect();
        users.extend(&self.mentioned);
        users.sort_unstable();
        users.dedup();
        let open = |sight: Sight| sight.team_id.is_none() && sight.assignee_id.is_none();
        Audience::Conversation { open: open(now) || (!self.is_new && open(self.before)), teams, users }
    }

    /// (team, assignee) when it was locked and now, if they differ.
    #[expect(clippy::type_complexity, reason = "two pairs of the same two facts")]
    pub(crate) fn sight_change(
        &self,
    ) -> Option<((Option<TeamId>, Option<UserId>), (Option<TeamId>, Option<UserId>))> {
        let before = (self.before.team_id, self.before.assignee_id);
        let now = (self.team_id, self.assignee_id());
        (before != now && !self.is_new).then_some((before, now))
    }

    /// What readers are shown.
    #[must_use]
    pub fn view(&self) -> ConversationView {
        ConversationView {
            id: self.id,
            conversation_id: self.id,
            account_id: self.account_id,
            channel_id: self.channel_id,
            channel_type: self.channel_type,
            contact_id: self.contact.id,
            contact: self.contact.clone(),
            contact_identifier: self.contact_identifier.clone(),
            status: self.status,
            priority: self.priority,
            assignee_id: self.assignee_id(),
            assignee: self.assignee.clone(),
            team_id: self.team_id,
            subject: self.subject.clone(),
            labels: self.labels.clone(),
            language: self.language.clone(),
            bot_state: self.bot_state,
            queued_at: self.queued_at,
            waiting_since: self.waiting_since,
            first_reply_at: self.first_reply_at,
            resolved_at: self.resolved_at,
            last_message_at: self.last_message_at,
            last_message_preview: self.last_message_preview.clone(),
            last_sender_type: self.last_sender_type,
            unread_count: self.unread_count,
            csat_rating: self.csat_rating,
            csat_comment: self.csat_comment.clone(),
            head: self.head,
            // the version that `save` is about to write
            version: self.version + 1,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// Whether `member` may see it, by the one rule that guards feed, lists, joins and REST.
    #[must_use]
    pub fn is_visible_to(&self, member: &Member) -> bool {
        member.account_id == self.account_id
            && (member.sees_all()
                || (self.team_id.is_none() && self.assignee.is_none())
                || self.assignee_id() == Some(member.user_id)
                || self.team_id.is_some_and(|team| member.teams.contains(&team))
                || self.mentioned.contains(&member.user_id))
    }

    /// Records a change as one event, in the feed and, when the customer sees something of it, in the
    /// thread. `frees_capacity`: a slot came free or the conversation entered the queue. Call it once, after the last change, before [`save`].
    pub fn record_update(&mut self, unit: &mut Unit, changed: &[&str], frees_capacity: bool) {
        let seq = shown_in_thread(changed).then(|| self.next_seq());
        self.updated_at = unit.now();
        let event = Event::ConversationUpdated {
            conversation: self.view(),
            changed: changed.iter().map(ToString::to_string).collect(),
            actor: unit.actor().cloned(),
        };
        if frees_capacity {
            let account_id = self.account_id;
            unit.tx().nudge_after_commit(bus::nudge::Nudge::Assign(account_id));
        }
        match seq {
            Some(seq) => unit.record_in_thread(event, self.audience(), seq),
            None => unit.record(event, self.audience()),
        }
    }
}

macro_rules! conversation_of {
    ($row:expr) => {{
        let row = $row;
        Conversation {
            id: ConversationId(row.id),
            account_id: AccountId(row.account_id),
            channel_id: ChannelId(row.channel_id),
            channel_type: row.channel_type,
            contact: ContactBrief {
                id: ContactId(row.contact_id),
                name: row.contact_name,
                phone: row.contact_phone,
                email: row.contact_email,
            },
            contact_identifier: row.contact_identifier,
            thread_key: row.thread_key,
            status: row.status,
            priority: row.priority,
            assignee: row.assignee_id.map(|id| AgentBrief {
                id: UserId(id),
                name: row.assignee_name.unwrap_or_default(),
                avatar_url: row.assignee_avatar_url,
            }),
            team_id: row.team_id.map(TeamId),
            previous_assignee_id: row.previous_assignee_id.map(UserId),
            subject: row.subject,
            labels: serde_json::from_value(row.labels).unwrap_or_default(),
            topic: row.topic,
            language: row.language,
            bot_state: row.bot_state,
            bot_epoch: row.bot_epoch,
            bot_context: row.bot_context,
            queued_at: row.queued_at,
            place_at: row.place_at,
            strategy: row.strategy,
            excluded_agents: row.excluded_agents.into_iter().map(UserId).collect(),
            waiting_since: row.waiting_since,
            first_reply_at: row.first_reply_at,
            resolved_at: row.resolved_at,
            last_message_at: row.last_message_at,
            last_inbound_at: row.last_inbound_at,
            last_message_preview: row.last_message_preview,
            last_sender_type: row.last_sender_type,
            unread_count: row.unread_count,
            csat_rating: row.csat_rating,
            csat_comment: row.csat_comment,
            head: row.head,
            version: row.version,
            metadata: row.metadata,
            created_at: row.created_at,
            updated_at: row.updated_at,
            mentioned: row.mentioned.into_iter().map(UserId).collect(),
            before: Sight { team_id: row.team_id.map(TeamId), assignee_id: row.assignee_id.map(UserId) },
            is_new: false,
        }
    }};
}

/// Locks conversations, in the order of their ids; those that do not exist in the scope are left out.
pub async fn lock(tx: &mut Tx, ids: &[ConversationId]) -> Outcome<Vec<Conversation>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT c.id, c.account_id, c.channel_id, c.channel_type AS "channel_type: ChannelType",
                  c.contact_id, p.name AS contact_name, p.phone AS contact_phone, p.email AS contact_email,
                  c.contact_identifier, c.thread_key, c.status AS "status: ConversationStatus",
                  c.priority AS "priority: Priority", c.assignee_id,
                  (SELECT trim(concat_ws(' ', u.given_name, u.family_name)) FROM users u
                   WHERE u.id = c.assignee_id) AS assignee_name,
                  (SELECT u.avatar_url FROM users u WHERE u.id = c.assignee_id) AS assignee_avatar_url,
                  c.team_id, c.previous_assignee_id, c.subject, c.labels, c.topic, c.language,
                  c.bot_state AS "bot_state: BotState", c.bot_epoch, c.bot_context, c.queued_at, c.place_at, c.strategy,
                  c.excluded_agents, c.waiting_since, c.first_reply_at, c.resolved_at, c.last_message_at,
                  c.last_inbound_at, c.last_message_preview, c.last_sender_type AS "last_sender_type: SenderType",
                  c.unread_count, c.csat_rating, c.csat_comment, c.head, c.version, c.metadata, c.created_at,
                  c.updated_at, ARRAY(SELECT m.user_id FROM conversation_mentions m WHERE m.conversation_id = c.id)
                      AS "mentioned!"
           FROM conversations c JOIN contacts p ON p.id = c.contact_id
           WHERE c.id = ANY ($1) ORDER BY c.id FOR UPDATE OF c"#,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| conversation_of!(row)).collect())
}

/// Locks one conversation that `member` may see; anything else is a 404.
pub async fn lock_visible(tx: &mut Tx, member: &Member, id: ConversationId) -> Outcome<Conversation> {
    match lock(tx, &[id]).await?.pop() {
        Some(conversation) if conversation.is_visible_to(member) => Ok(conversation),
        _ => Err(Error::not_found("conversation").into()),
    }
}

/// For each (channel, thread key) the conversation that a new message belongs to: the newest that is
/// not closed. Ids only; lock them next.
pub async fn find_live(
    tx: &mut Tx,
    threads: &[(ChannelId, String)],
) -> Outcome<Vec<(ChannelId, String, ConversationId)>> {
    let channels: Vec<Uuid> = threads.iter().map(|(channel, _)| channel.uuid()).collect();
    let keys: Vec<&str> = threads.iter().map(|(_, key)| key.as_str()).collect();
    let rows = sqlx::query!(
        r#"SELECT t.channel_id AS "channel_id!", t.thread_key AS "thread_key!", c.id
           FROM unnest($1::uuid[], $2::text[]) AS t (channel_id, thread_key)
           CROSS JOIN LATERAL (
               SELECT id, status FROM conversations c
               WHERE c.channel_id = t.channel_id AND c.thread_key = t.thread_key
               ORDER BY (c.status NOT IN ('resolved', 'closed')) DESC, c.created_at DESC LIMIT 1
           ) c WHERE c.status <> 'closed'"#,
        &channels,
        &keys as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ChannelId(row.channel_id), row.thread_key, ConversationId(row.id)))
        .collect())
}

/// Writes locked and new conversations back, each with its next version; one statement. Call it after
/// the last [`Conversation::next_seq`].
pub async fn save(tx: &mut Tx, conversations: &mut [Conversation]) -> Outcome<()> {
    if conversations.is_empty() {
        return Ok(());
    }
    let rows = conversations
        .iter()
        .map(|c| {
            serde_json::json!({
                "id": c.id, "account_id": c.account_id, "channel_id": c.channel_id,
                "channel_type": c.channel_type, "contact_id": c.contact.id,
                "contact_identifier": c.contact_identifier, "thread_key": c.thread_key, "status": c.status,
                "priority": c.priority, "assignee_id": c.assignee_id(), "team_id": c.team_id,
                "previous_assignee_id": c.previous_assignee_id, "subject": c.subject, "labels": c.labels,
                "topic": c.topic, "language": c.language, "bot_state": c.bot_state,
                "bot_epoch": c.bot_epoch, "bot_context": c.bot_context, "queued_at": c.queued_at,
                "place_at": c.place_at,
                "strategy": c.strategy, "excluded_agents": c.excluded_agents,
                "waiting_since": c.waiting_since, "first_reply_at": c.first_reply_at,
                "resolved_at": c.resolved_at, "last_message_at": c.last_message_at,
                "last_inbound_at": c.last_inbound_at, "last_message_preview": c.last_message_preview,
                "last_sender_type": c.last_sender_type, "unread_count": c.unread_count,
                "csat_rating": c.csat_rating, "csat_comment": c.csat_comment, "head": c.head,
                "version": c.version + 1, "metadata": c.metadata, "created_at": c.created_at,
                "updated_at": c.updated_at,
            })
        })
        .collect::<Vec<Value>>();
    sqlx::query!(
        "INSERT INTO conversations AS c
             (id, account_id, channel_id, channel_type, contact_id, contact_identifier, thread_key, status,
              priority, assignee_id, team_id, previous_assignee_id, subject, labels, topic, language, bot_state,
              bot_epoch, bot_context, queued_at, place_at, strategy, excluded_agents, waiting_since, first_reply_at,
              resolved_at, last_message_at, last_inbound_at, last_message_preview, last_sender_type,
              unread_count, csat_rating, csat_comment, head, version, metadata, created_at, updated_at)
         SELECT id, account_id, channel_id, channel_type, contact_id, contact_identifier, thread_key, status,
                priority, assignee_id, team_id, previous_assignee_id, subject, labels, topic, language,
                bot_state, bot_epoch, bot_context, queued_at, place_at, strategy, excluded_agents, waiting_since,
                first_reply_at, resolved_at, last_message_at, last_inbound_at, last_message_preview,
                last_sender_type, unread_count, csat_rating, csat_comment, head, version, metadata, created_at,
                updated_at
         FROM jsonb_populate_recordset(NULL::conversations, $1)
         ON CONFLICT (id) DO UPDATE SET
             contact_id = excluded.contact_id, status = excluded.status, priority = excluded.priority,
             assignee_id = excluded.assignee_id, team_id = excluded.team_id,
             previous_assignee_id = excluded.previous_assignee_id, subject = excluded.subject,
             labels = excluded.labels, topic = excluded.topic, language = excluded.language,
             bot_state = excluded.bot_state, bot_epoch = excluded.bot_epoch,
             bot_context = excluded.bot_context, queued_at = excluded.queued_at, place_at = excluded.place_at,
             strategy = excluded.strategy, excluded_agents = excluded.excluded_agents,
             waiting_since = excluded.waiting_since, first_reply_at = excluded.first_reply_at,
             resolved_at = excluded.resolved_at, last_message_at = excluded.last_message_at,
             last_inbound_at = excluded.last_inbound_at,
             last_message_preview = excluded.last_message_preview,
             last_sender_type = excluded.last_sender_type, unread_count = excluded.unread_count,
             csat_rating = excluded.csat_rating, csat_comment = excluded.csat_comment, head = excluded.head, version = excluded.version, metadata = excluded.metadata,
             updated_at = excluded.updated_at",
        Value::Array(rows),
    )
    .execute(&mut **tx)
    .await?;
    for conversation in conversations {
        conversation.version += 1;
        conversation.is_new = false;
    }
    Ok(())
}
