//! The lists of conversations and messages. The rule of who sees what is part of the question, like the
//! tenant filter: nothing that a caller asks for gets around it.

use bus::Tx;
use model::{
    AccountId, ChannelType, ContentType, ConversationId, ConversationStatus, Direction, MessageId,
    MessageStatus, Permission, Priority, Result, SenderType,
    view::{ConversationView, MessageView},
};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Entity, Field, Kind, Listing, Order, Params, Plan, ops, page, permitted, word};
use crate::{Context, Inbox, Member, conversations, messages};

pub static CONVERSATIONS: Entity = Entity {
    what: "conversation",
    select: "SELECT c.id, c.account_id, c.channel_id, c.channel_type, c.contact_id, p.name AS contact_name,
                    p.phone AS contact_phone, p.email AS contact_email, c.contact_identifier, c.status,
                    c.priority, c.assignee_id,
                    (SELECT trim(concat_ws(' ', u.given_name, u.family_name)) FROM users u
                     WHERE u.id = c.assignee_id) AS assignee_name,
                    (SELECT u.avatar_url FROM users u WHERE u.id = c.assignee_id) AS assignee_avatar_url,
                    c.team_id, c.subject, c.labels, c.language, c.bot_state, c.queued_at, c.waiting_since,
                    c.first_reply_at, c.resolved_at, c.last_message_at, c.last_message_preview,
                    c.last_sender_type, c.unread_count, c.csat_rating, c.csat_comment, c.head, c.version,
                    c.created_at, c.updated_at",
    from: "conversations c JOIN contacts p ON p.id = c.contact_id",
    account: "c.account_id",
    id: "c.id",
    fields: &[
        Field::new("id", "c.id", Kind::Id, ops::EQ_IN),
        Field::new("contact_id", "c.contact_id", Kind::Id, ops::EQ_IN),
        Field::new("channel_id", "c.channel_id", Kind::Id, ops::EQ_IN),
        Field::new("channel_type", "c.channel_type", Kind::Word(word::<ChannelType>), ops::EQ_IN),
        Field::new("contact_identifier", "c.contact_identifier", Kind::Text, ops::TEXT),
        Field::new("contact_name", "p.name", Kind::Text, ops::TEXT),
        Field::new("assignee_id", "c.assignee_id", Kind::User, ops::EQ_IN_NULL),
        Field::new("team_id", "c.team_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("status", "c.status", Kind::Word(word::<ConversationStatus>), ops::EQ_IN).sortable(),
        Field::new("priority", "c.priority", Kind::Word(word::<Priority>), ops::EQ_IN).sortable(),
        Field::new("subject", "c.subject", Kind::Text, ops::TEXT),
        Field::new("labels", "c.labels", Kind::Texts, ops::CONTAINS),
        Field::new("language", "c.language", Kind::Text, ops::EQ_IN_NULL),
        Field::new("unread_count", "c.unread_count", Kind::Number, ops::NUMBER).sortable(),
        Field::new("last_message_at", "c.last_message_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("waiting_since", "c.waiting_since", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("first_reply_at", "c.first_reply_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("resolved_at", "c.resolved_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("created_at", "c.created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "c.updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("last_message_at", Order::Desc)],
    extra: &[],
};

const MESSAGE_FIELDS: &[Field] = &[
    Field::new("id", "m.id", Kind::Id, ops::EQ_IN),
    Field::new("conversation_id", "m.conversation_id", Kind::Id, ops::EQ_IN_NULL),
    Field::new("contact_id", "m.contact_id", Kind::Id, ops::EQ_IN),
    Field::new("channel_id", "m.channel_id", Kind::Id, ops::EQ_IN),
    Field::new("template_id", "m.template_id", Kind::Id, ops::EQ_NULL),
    Field::new("group_message_id", "m.group_message_id", Kind::Id, ops::EQ_IN_NULL),
    Field::new("schedule_id", "m.schedule_id", Kind::Id, ops::EQ_IN_NULL),
    Field::new("direction", "m.direction", Kind::Word(word::<Direction>), ops::EQ_IN),
    Field::new("status", "m.status", Kind::Word(word::<MessageStatus>), ops::EQ_IN).sortable(),
    Field::new("sender_type", "m.sender_type", Kind::Word(word::<SenderType>), ops::EQ_IN),
    Field::new("sender_id", "m.sender_id", Kind::User, ops::EQ_NULL),
    Field::new(
        "sent_by_user_id",
        "CASE WHEN m.sender_type = 'agent' THEN m.sender_id END",
        Kind::User,
        ops::EQ_NULL,
    ),
    Field::new("content_type", "m.content_type", Kind::Word(word::<ContentType>), ops::EQ_IN),
    Field::new("is_private", "m.is_private", Kind::Flag, ops::EQ),
    Field::new("delivery_address", "m.delivery_address", Kind::Text, ops::TEXT),
    Field::new("message_body", "m.message_body", Kind::Text, ops::TEXT),
    Field::new("scheduled_at", "m.scheduled_at", Kind::Time, ops::TIME_NULL).sortable_null(),
    Field::new("sent_at", "m.sent_at", Kind::Time, ops::TIME_NULL).sortable_null(),
    Field::new("delivered_at", "m.delivered_at", Kind::Time, ops::TIME_NULL).sortable_null(),
    Field::new("created_at", "m.created_at", Kind::Time, ops::TIME).sortable(),
    Field::new("updated_at", "m.updated_at", Kind::Time, ops::TIME).sortable(),
];

pub static MESSAGES: Entity = Entity {
    what: "message",
    select: "SELECT m.id",
    from: "messages m",
    account: "m.account_id",
    id: "m.id",
    fields: MESSAGE_FIELDS,
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// The messages of one conversation, in their order.
pub static THREAD: Entity = Entity {
    what: "message",
    select: "SELECT m.id",
    from: "messages m",
    account: "m.account_id",
    id: "m.id",
    fields: MESSAGE_FIELDS,
    sort: &[("created_at", Order::Asc)],
    extra: &[],
};

/// The conversations that the caller may see, in all of their accounts.
pub async fn conversations(
    inbox: &Inbox,
    context: &Context,
    params: &Params,
) -> Result<Listing<ConversationView>> {
    let members = &permitted(context, Permission::ConversationsView)?;
    let accounts: &Vec<AccountId> = &members.iter().map(|member| member.account_id()).collect();
    let plan = &Plan::new(&CONVERSATIONS, params, context.user_id())?;
    let listing: Listing<conversations::ViewRow> = inbox
        .store()
        .read_list(accounts.as_slice(), context.user_id().uuid(), |mut tx| async move {
            page(&mut tx, plan, accounts, |sql| push_any(sql, members, push_sight)).await
        })
        .await?;
    Ok(listing.map(ConversationView::from))
}

/// The messages that the caller may see, in all of their accounts; notes only for who may see them.
pub async fn messages(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<MessageView>> {
    let members = &permitted(context, Permission::MessagesView)?;
    let accounts: &Vec<AccountId> = &members.iter().map(|member| member.account_id()).collect();
    let plan = &Plan::new(&MESSAGES, params, context.user_id())?;
    let listing = inbox
        .store()
        .read_list(accounts.as_slice(), context.user_id().uuid(), |mut tx| async move {
            let found =
                page(&mut tx, plan, accounts, |sql| push_any(sql, members, push_message_sight)).await?;
            load(&mut tx, found).await
        })
        .await?;
    Ok(listing)
}

/// The messages of a conversation that the member may see, oldest first unless asked otherwise.
pub async fn thread(
    inbox: &Inbox,
    member: &Member,
    id: ConversationId,
    params: &Params,
) -> Result<Listing<MessageView>> {
    member.require(Permission::ConversationsView)?;
    let account = member.account_id();
    let plan = &Plan::new(&THREAD, params, member.user_id())?;
    let listing = inbox
        .store()
        .read_list(account, member.user_id().uuid(), |mut tx| async move {
            conversations::require_visible(&mut tx, member, id).await?;
            let found = page(&mut tx, plan, &[account], |sql| {
                sql.push(" AND m.conversation_id = ").push_bind(id.uuid());
                if !member.can(Permission::NotesView) {
                    sql.push(" AND NOT m.is_private");
                }
            })
            .await?;
            load(&mut tx, found).await
        })
        .await?;
    Ok(listing)
}

/// One alternative for each membership: rights differ between accounts.
fn push_any(
    sql: &mut QueryBuilder<Postgres>,
    members: &[&Member],
    each: fn(&mut QueryBuilder<Postgres>, &Member),
) {
    sql.push(" AND (false");
    for member in members {
        sql.push(" OR (");
        each(sql, member);
        sql.push(")");
    }
    sql.push(")");
}

/// The rule of who sees which conversation, over `conversations c`.
pub(crate) fn push_sight(sql: &mut QueryBuilder<Postgres>, member: &Member) {
    conversations::push_visibility(sql, member);
}

fn push_message_sight(sql: &mut QueryBuilder<Postgres>, member: &Member) {
    sql.push("m.account_id = ").push_bind(member.account_id().uuid());
    if !member.can(Permission::NotesView) {
        sql.push(" AND NOT m.is_private");
    }
    if !member.sees_all() {
        sql.push(" AND (m.conversation_id IS NULL OR EXISTS (SELECT 1 FROM conversations c WHERE c.id = m.conversation_id AND ");
        conversations::push_visibility(sql, member);
        sql.push("))");
    }
}

/// The messages themselves, in the order of their ids' list.
async fn load(tx: &mut Tx, found: Listing<(Uuid,)>) -> bus::Outcome<Listing<MessageView>> {
    let ids: Vec<MessageId> = found.items.iter().map(|(id,)| MessageId(*id)).collect();
    let mut loaded: std::collections::HashMap<MessageId, MessageView> =
        messages::load_many(tx, &ids).await?.into_iter().map(|message| (message.id, message)).collect();
    let items = ids.iter().filter_map(|id| loaded.remove(id)).collect();
    Ok(Listing { items, meta: found.meta })
}
