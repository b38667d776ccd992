//! Canned responses: texts that agents call up by `/short_code`.

use bus::Tx;
use chrono::{DateTime, Utc};
use model::{AccountId, CannedResponseId, ConversationId, Error, Permission, Result, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Context, Inbox, Member,
    check::{self, Checks},
    conversations,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
    templates::{Fallback, Rendered, Template, Values},
    variables,
};

/// Suggestions of one search.
const MOST_HITS: i64 = 20;

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct CannedResponseView {
    pub id: CannedResponseId,
    pub account_id: AccountId,
    /// With its leading slash.
    pub short_code: String,
    pub title: String,
    /// May hold variables, see templates.
    pub content: String,
    pub category: Option<String>,
    pub created_by: Option<UserId>,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A suggestion, ready to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CannedHit {
    pub id: CannedResponseId,
    pub short_code: String,
    pub title: String,
    pub category: Option<String>,
    /// With the variables filled in.
    pub content: String,
    /// Variables that have no value here and stay in the text.
    pub unresolved: Vec<String>,
}

pub static ENTITY: Entity = Entity {
    what: "canned response",
    select: "SELECT id, account_id, short_code, title, content, category, created_by, metadata, created_at,
                    updated_at",
    from: "canned_responses",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("short_code", "short_code", Kind::Text, ops::TEXT).sortable(),
        Field::new("title", "title", Kind::Text, ops::TEXT).sortable(),
        Field::new("category", "category", Kind::Text, ops::EQ_IN_NULL).sortable_null(),
        Field::new("created_by", "created_by", Kind::User, ops::EQ_NULL),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("short_code", Order::Asc)],
    extra: &["q", "conversation_id"],
};

const TAKEN: &[(&str, &str, &str)] =
    &[("canned_responses_short_code_key", "short_code", "this short code is taken")];

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCannedResponse {
    pub account_id: Option<AccountId>,
    /// With or without the leading slash.
    #[schema(example = "/greeting")]
    pub short_code: String,
    pub title: String,
    pub content: String,
    pub category: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCannedResponse {
    pub short_code: Option<String>,
    pub title: Option<String>,
    pub content: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub category: Option<Option<String>>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<CannedResponseView>> {
    list::list(inbox, context, Permission::CannedResponsesView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: CannedResponseId) -> Result<CannedResponseView> {
    member.require(Permission::CannedResponsesView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

pub async fn create(inbox: &Inbox, member: &Member, new: &NewCannedResponse) -> Result<CannedResponseView> {
    member.require(Permission::CannedResponsesManage)?;
    let short_code = &with_slash(&new.short_code);
    let metadata = &new.metadata.clone().unwrap_or_else(|| json!({}));
    check(short_code, &new.title, &new.content, new.category.as_deref(), metadata)?;
    let (id, account, now) = (CannedResponseId::new(), member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO canned_responses (id, account_id, short_code, title, content, category,
                     created_by, metadata, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                id.uuid(),
                account.uuid(),
                short_code,
                new.title.trim(),
                new.content,
                new.category,
                member.user_id().uuid(),
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: CannedResponseId,
    change: &UpdateCannedResponse,
) -> Result<CannedResponseView> {
    member.require(Permission::CannedResponsesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: CannedResponseView =
                list::locked(&mut tx, &ENTITY, account, id.uuid(), "canned_responses").await?;
            let short_code = change.short_code.as_deref().map_or(old.short_code, with_slash);
            let title = change.title.as_deref().unwrap_or(&old.title);
            let content = change.content.as_deref().unwrap_or(&old.content);
            let category = patch::or(change.category.clone(), old.category);
            let metadata = change.metadata.clone().unwrap_or(old.metadata);
            check(&short_code, title, content, category.as_deref(), &metadata)?;
            sqlx::query!(
                "UPDATE canned_responses SET short_code = $3, title = $4, content = $5, category = $6,
                     metadata = $7, updated_at = $8
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                short_code,
                title.trim(),
                content,
                category,
                metadata,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(|fault| check::unique(fault, TAKEN))
}

pub async fn delete(inbox: &Inbox, member: &Member, id: CannedResponseId) -> Result<()> {
    member.require(Permission::CannedResponsesManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let gone = sqlx::query!(
                "DELETE FROM canned_responses WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            check::found("canned response", gone.rows_affected())
        })
        .await
        .map_err(Error::from)
}

/// Suggestions for what an agent typed, best first: the short code itself, codes and titles that begin
/// with it, those that contain it, then contents. Filled in for the conversation's contact; without a
/// conversation, contact variables stay as they are written.
pub async fn search(
    inbox: &Inbox,
    member: &Member,
    q: &str,
    conversation: Option<ConversationId>,
) -> Result<Vec<CannedHit>> {
    member.require(Permission::CannedResponsesView)?;
    let asked: String = q.trim().trim_start_matches('/').chars().filter(|c| *c != '\0').take(100).collect();
    let (account, now) = (member.account_id(), inbox.now());
    let asked = &asked.to_lowercase();
    let (rows, values) = inbox
        .store()
        .read(account, |mut tx| async move {
            let rows = find(&mut tx, account, asked).await?;
            let contact = match conversation {
                Some(id) => {
                    conversations::require_visible(&mut tx, member, id).await?;
                    Some(contact_of(&mut tx, account, id).await?)
                }
                None => None,
            };
            let sender = Some((member.name(), member.email()));
            let values = variables::of_contact(&mut tx, account, contact, sender, Map::new(), now).await?;
            Ok((rows, values))
        })
        .await?;
    Ok(rows.into_iter().map(|row| fill(row, &values)).collect())
}

async fn contact_of(tx: &mut Tx, account: AccountId, id: ConversationId) -> bus::Outcome<model::ContactId> {
    let contact = sqlx::query_scalar!(
        "SELECT contact_id FROM conversations WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid()
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(model::ContactId(contact))
}

async fn find(tx: &mut Tx, account: AccountId, asked: &str) -> bus::Outcome<Vec<CannedResponseView>> {
    let rows = sqlx::query_as!(
        CannedResponseView,
        r#"SELECT id AS "id: CannedResponseId", account_id AS "account_id: AccountId", short_code, title,
                  content, category, created_by AS "created_by: UserId", metadata, created_at, updated_at
           FROM (SELECT *, CASE
                     WHEN lower(short_code) = '/' || $2 THEN 0
                     WHEN starts_with(lower(short_code), '/' || $2) THEN 1
                     WHEN starts_with(lower(title), $2) THEN 2
                     WHEN strpos(lower(short_code), $2) > 0 THEN 3
                     WHEN strpos(lower(title), $2) > 0 THEN 4
                     WHEN strpos(lower(content), $2) > 0 THEN 5 END AS rank
                 FROM canned_responses WHERE account_id = $1) AS ranked
           WHERE rank IS NOT NULL ORDER BY rank, short_code LIMIT $3"#,
        account.uuid(),
        asked,
        MOST_HITS,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

fn fill(row: CannedResponseView, values: &Values) -> CannedHit {
    let rendered = Template::parse(&row.content)
        .map(|template| template.render(values, Fallback::KeepPlaceholder, &Map::new()));
    let (content, unresolved) = match rendered {
        Ok(Rendered::Text { body, unresolved, .. }) => (body, unresolved),
        _ => (row.content, Vec::new()),
    };
    CannedHit {
        id: row.id,
        short_code: row.short_code,
        title: row.title,
        category: row.category,
        content,
        unresolved,
    }
}

fn with_slash(code: &str) -> String {
    format!("/{}", code.trim().trim_start_matches('/'))
}

fn check(
    short_code: &str,
    title: &str,
    content: &str,
    category: Option<&str>,
    metadata: &Value,
) -> Result<()> {
    let mut checks = Checks::new();
    checks.text("short_code", short_code.trim_start_matches('/'), 49);
    checks.that(!short_code.chars().any(char::is_whitespace), "short_code", "must not contain spaces");
    checks.text("title", title, 255);
    checks.text("content", content, 10_000);
    checks.optional("category", category, 100);
    checks.object("metadata", metadata);
    checks.finish()?;
    Template::parse(content).map(drop).map_err(|error| error.into_refusal("content"))
}
