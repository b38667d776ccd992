//! Templates as rows: what their authors write. Reading and filling them in is [`crate::templates`].

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, Attachment, ChannelType, ContactId, Error, Permission, Result, TemplateId, Time, UserId,
    template::FallbackStrategy,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Context, Inbox, Member,
    check::Checks,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
    patch,
    templates::{Rendered, Template, Values},
    variables,
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct TemplateView {
    pub id: TemplateId,
    pub account_id: AccountId,
    pub name: String,
    /// Text with `{VARIABLE}` or `{{ contact.name | default: "there" }}` in it.
    pub body: String,
    pub category: Option<String>,
    /// Null: any.
    pub channel_type: Option<ChannelType>,
    pub language: Option<String>,
    /// Found in the body; unique, in order.
    #[sqlx(json)]
    pub variables: Vec<String>,
    /// Used under `use_default`.
    #[schema(value_type = Object)]
    pub default_values: Value,
    pub fallback_strategy: FallbackStrategy,
    /// `pending`, `approved` or `rejected`, set by the provider; null where there is no approval.
    pub approval_status: Option<String>,
    /// How customers take it, as the provider rates it: `green`, `yellow`, `red` or `unknown`; null where it has not
    /// told.
    pub quality: Option<String>,
    pub external_template_id: Option<String>,
    pub is_active: bool,
    pub created_by_user_id: Option<UserId>,
    #[sqlx(json)]
    pub attachments: Vec<Attachment>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "template",
    select: "SELECT id, account_id, name, body, category, channel_type, language, variables, default_values,
                    fallback_strategy, approval_status, quality, external_template_id, is_active, created_by_user_id,
                    attachments, created_at, updated_at",
    from: "templates",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("category", "category", Kind::Text, ops::EQ_IN_NULL).sortable_null(),
        Field::new("channel_type", "channel_type", Kind::Word(list::word::<ChannelType>), ops::EQ_IN_NULL)
            .sortable_null(),
        Field::new("language", "language", Kind::Text, ops::EQ_IN_NULL),
        Field::new("approval_status", "approval_status", Kind::Text, ops::EQ_IN_NULL),
        Field::new("quality", "quality", Kind::Text, ops::EQ_IN_NULL),
        Field::new("is_active", "is_active", Kind::Flag, ops::EQ),
        Field::new(
            "fallback_strategy",
            "fallback_strategy",
            Kind::Word(list::word::<FallbackStrategy>),
            ops::EQ_IN,
        ),
        Field::new("created_by_user_id", "created_by_user_id", Kind::User, ops::EQ_NULL),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    pub account_id: Option<AccountId>,
    pub name: String,
    pub body: String,
    pub category: Option<String>,
    pub channel_type: Option<ChannelType>,
    pub language: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub default_values: Option<Value>,
    /// `keep_placeholder` unless given.
    pub fallback_strategy: Option<FallbackStrategy>,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    pub is_active: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTemplate {
    pub name: Option<String>,
    pub body: Option<String>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub category: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<ChannelType>)]
    pub channel_type: Option<Option<ChannelType>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub language: Option<Option<String>>,
    #[schema(value_type = Option<Object>)]
    pub default_values: Option<Value>,
    pub fallback_strategy: Option<FallbackStrategy>,
    pub attachments: Option<Vec<Attachment>>,
    pub is_active: Option<bool>,
}

/// Values for a look at a template; what is missing is made up.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The values of this contact instead of made-up ones.
    pub contact_id: Option<ContactId>,
    #[serde(default, alias = "values")]
    #[schema(value_type = Object)]
    pub custom_values: Map<String, Value>,
}

/// A template, filled in.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// Null: under `skip_contact` nothing would be sent.
    pub body: Option<String>,
    /// Variables without a value.
    pub unresolved: Vec<String>,
    /// The text was cut off at 64 KiB.
    pub truncated: bool,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<TemplateView>> {
    list::list(inbox, context, Permission::TemplatesView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: TemplateId) -> Result<TemplateView> {
    member.require(Permission::TemplatesView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// The categories in use, in alphabetical order.
pub async fn categories(inbox: &Inbox, context: &Context) -> Result<Vec<String>> {
    let members = list::permitted(context, Permission::TemplatesView)?;
    let accounts: &Vec<AccountId> = &members.iter().map(|member| member.account_id()).collect();
    let found = inbox
        .store()
        .read(accounts.as_slice(), |mut tx| async move {
            let uuids: Vec<uuid::Uuid> = accounts.iter().map(|account| account.uuid()).collect();
            let rows = sqlx::query_scalar!(
                r#"SELECT DISTINCT category AS "category!" FROM templates
                   WHERE account_id = ANY ($1) AND category IS NOT NULL ORDER BY 1 LIMIT 1000"#,
                &uuids,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows)
        })
        .await?;
    Ok(found)
}

/// Stores a template; a mistake in the body is refused with its place.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewTemplate) -> Result<TemplateView> {
    member.require(Permission::TemplatesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let id = make(&mut tx, member, new, "body", now).await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

/// Writes a template in a transaction that already runs. `field`: what a mistake in the body is blamed on.
pub(crate) async fn make(
    tx: &mut Tx,
    member: &Member,
    new: &NewTemplate,
    field: &str,
    now: Time,
) -> Outcome<TemplateId> {
    let account = member.account_id();
    let template = put_right(
        TemplateView {
            id: TemplateId::new(),
            account_id: account,
            name: new.name.clone(),
            body: new.body.clone(),
            category: new.category.clone(),
            channel_type: new.channel_type,
            language: new.language.clone(),
            variables: Vec::new(),
            default_values: new.default_values.clone().unwrap_or_else(|| json!({})),
            fallback_strategy: new.fallback_strategy.unwrap_or(FallbackStrategy::KeepPlaceholder),
            approval_status: None,
            quality: None,
            external_template_id: None,
            is_active: new.is_active.unwrap_or(true),
            created_by_user_id: Some(member.user_id()),
            attachments: new.attachments.clone(),
            created_at: now,
            updated_at: now,
        },
        field,
    )?;
    require_uploads(tx, &template).await?;
    sqlx::query!(
        "INSERT INTO templates (id, account_id, name, body, category, channel_type, language,
             variables, default_values, fallback_strategy, is_active, created_by_user_id, attachments,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        template.id.uuid(),
        account.uuid(),
        template.name,
        template.body,
        template.category,
        template.channel_type.map(ChannelType::as_str),
        template.language,
        json!(template.variables),
        template.default_values,
        template.fallback_strategy.as_str(),
        template.is_active,
        member.user_id().uuid(),
        json!(template.attachments),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(template.id)
}

/// Changes a template; messages that were made from it stay as they are.
pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: TemplateId,
    change: &UpdateTemplate,
) -> Result<TemplateView> {
    member.require(Permission::TemplatesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: TemplateView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "templates").await?;
            let change = change.clone();
            let template = put_right(
                TemplateView {
                    name: change.name.unwrap_or(old.name),
                    body: change.body.unwrap_or(old.body),
                    category: patch::or(change.category, old.category),
                    channel_type: patch::or(change.channel_type, old.channel_type),
                    language: patch::or(change.language, old.language),
                    default_values: change.default_values.unwrap_or(old.default_values),
                    fallback_strategy: change.fallback_strategy.unwrap_or(old.fallback_strategy),
                    is_active: change.is_active.unwrap_or(old.is_active),
                    attachments: change.attachments.unwrap_or(old.attachments),
                    ..old
                },
                "body",
            )?;
            require_uploads(&mut tx, &template).await?;
            sqlx::query!(
                "UPDATE templates SET name = $3, body = $4, category = $5, channel_type = $6, language = $7,
                     variables = $8, default_values = $9, fallback_strategy = $10, is_active = $11,
                     attachments = $12, updated_at = $13
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                template.name,
                template.body,
                template.category,
                template.channel_type.map(ChannelType::as_str),
                template.language,
                json!(template.variables),
                template.default_values,
                template.fallback_strategy.as_str(),
                template.is_active,
                json!(template.attachments),
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, id.uuid()).await
        })
        .await
        .map_err(Error::from)
}

/// Removes a template; one that a bot rule answers with stays (409).
pub async fn delete(inbox: &Inbox, member: &Member, id: TemplateId) -> Result<()> {
    member.require(Permission::TemplatesManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let _: TemplateView = list::locked(&mut tx, &ENTITY, account, id.uuid(), "templates").await?;
            let rule = sqlx::query_scalar!(
                "SELECT name FROM bot_rules WHERE account_id = $1 AND actions ->> 'reply_template_id' = $2
                 LIMIT 1",
                account.uuid(),
                id.to_string(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            if let Some(rule) = rule {
                return Err(
                    Error::conflict(format!("the bot rule {rule:?} answers with this template")).into()
                );
            }
            sqlx::query!(
                "DELETE FROM templates WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
        .map_err(Error::from)
}

/// Fills a stored template in, for its author's eyes.
pub async fn preview(
    inbox: &Inbox,
    member: &Member,
    id: TemplateId,
    asked: &PreviewRequest,
) -> Result<Preview> {
    let template = get(inbox, member, id).await?;
    let values = preview_values(inbox, member, asked).await?;
    let defaults = template.default_values.as_object().cloned().unwrap_or_default();
    render(&template.body, &values, template.fallback_strategy, &defaults)
}

/// Fills in a text that is not stored.
pub async fn preview_text(
    inbox: &Inbox,
    member: &Member,
    body: &str,
    (fallback, defaults): (FallbackStrategy, &Map<String, Value>),
    asked: &PreviewRequest,
) -> Result<Preview> {
    member.require(Permission::TemplatesView)?;
    let values = preview_values(inbox, member, asked).await?;
    render(body, &values, fallback, defaults)
}

fn render(
    body: &str,
    values: &Values,
    fallback: FallbackStrategy,
    defaults: &Map<String, Value>,
) -> Result<Preview> {
    let template = Template::parse(body).map_err(|error| error.into_refusal("body"))?;
    Ok(match template.render(values, fallback, defaults) {
        Rendered::Text { body, unresolved, truncated } => Preview { body: Some(body), unresolved, truncated },
        Rendered::Skipped { missing } => Preview { body: None, unresolved: missing, truncated: false },
    })
}

async fn preview_values(inbox: &Inbox, member: &Member, asked: &PreviewRequest) -> Result<Values> {
    let (account, now) = (member.account_id(), inbox.now());
    let Some(contact) = asked.contact_id else {
        return Ok(Values { custom: asked.custom_values.clone(), ..Values::sample(now) });
    };
    member.require(Permission::ContactsView)?;
    let values = inbox
        .store()
        .read(account, |mut tx| async move {
            let _: crate::contacts::ContactView =
                list::one(&mut tx, &crate::contacts::ENTITY, account, contact.uuid()).await?;
            let sender = Some((member.name(), member.email()));
            variables::of_contact(&mut tx, account, Some(contact), sender, asked.custom_values.clone(), now)
                .await
        })
        .await?;
    Ok(values)
}

fn put_right(mut template: TemplateView, field: &str) -> Result<TemplateView> {
    let mut checks = Checks::new();
    template.name = String::from(template.name.trim());
    checks.text("name", &template.name, 255);
    checks.text(field, &template.body, crate::templates::MAX_TEMPLATE_CHARS);
    checks.optional("category", template.category.as_deref(), 100);
    checks.optional("language", template.language.as_deref(), 10);
    checks.object("default_values", &template.default_values);
    checks.that(template.attachments.len() <= 10, "attachments", "may have 10 entries");
    for (index, file) in template.attachments.iter().enumerate() {
        let field = format!("attachments.{index}");
        checks.that(file.provider_file.is_none(), &field, "must be an upload or an address");
        let url = file.url.as_deref().unwrap_or_default();
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let is_place = file.latitude.is_some() && file.longitude.is_some();
        checks.that(
            file.upload_id.is_some() || is_web || is_place,
            &field,
            "needs an upload_id, a url that starts with https://, or a latitude and longitude",
        );
        checks.optional(&format!("{field}.caption"), file.caption.as_deref(), 3000);
    }
    checks.finish()?;
    let parsed = Template::parse(&template.body).map_err(|error| error.into_refusal(field))?;
    template.variables = parsed.variables().into_iter().map(str::to_owned).collect();
    Ok(template)
}

/// Files that a template names are finished uploads of its account.
async fn require_uploads(tx: &mut Tx, template: &TemplateView) -> Outcome<()> {
    let wanted: Vec<uuid::Uuid> =
        template.attachments.iter().filter_map(|file| file.upload_id).map(model::UploadId::uuid).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    crate::uploads::keep(tx, template.account_id, &wanted).await
}
