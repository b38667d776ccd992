//! Starting and resuming a visitor's session, and learning who they are.

use aws_lc_rs::rand::fill;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::{Outcome, Tx};
use model::{ContactId, ConversationId, Error, IdentifierId, Result, VisitorId, view::ContactBrief};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{ChatChannel, Identity, Proven, proof, token};
use crate::{Inbox, Visitor, check::Checks, conversations};

/// What a browser says when it opens the chat.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewSession {
    /// Together with its secret: the visitor of an earlier session.
    pub visitor_id: Option<VisitorId>,
    pub visitor_secret: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub attributes: Option<Value>,
    pub locale: Option<String>,
    pub page: Option<PageView>,
    /// Vouched for by the page.
    pub identity: Option<Identity>,
}

/// The page that a visitor looks at.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PageView {
    pub url: String,
    pub title: String,
    pub referrer: String,
}

/// A session: keep the secret, connect with the token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Session {
    pub token: String,
    /// The same as `token`.
    pub visitor_token: String,
    pub expires_at: chrono::DateTime<chrono::Utc>,
    pub visitor: VisitorView,
    /// The same as `visitor.id`.
    pub visitor_id: VisitorId,
    /// The conversation that a returning visitor is back in.
    pub conversation_id: Option<model::ConversationId>,
    /// Where to connect: namespace `/customers`.
    pub ws_url: String,
    /// Only when the visitor is new; it is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub visitor_secret: Option<String>,
}

/// A visitor as they may see themselves.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VisitorView {
    pub id: VisitorId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub verified: bool,
}

/// What a visitor says of themselves later on.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct IdentifyCommand {
    #[serde(flatten)]
    pub identity: Identity,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub attributes: Option<Value>,
}

/// What is written of a visitor; `None` leaves what is there.
struct Facts<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    attributes: Option<&'a Value>,
    proven: Option<&'a Proven>,
}

impl<'a> Facts<'a> {
    fn new(
        (name, email, phone): (&'a Option<String>, &'a Option<String>, &'a Option<String>),
        attributes: Option<&'a Value>,
        proven: Option<&'a Proven>,
    ) -> Result<Self> {
        let mut checks = Checks::new();
        checks.optional("name", name.as_deref(), 255);
        checks.optional("email", email.as_deref(), 255);
        checks.optional("phone", phone.as_deref(), 20);
        if let Some(attributes) = attributes {
            checks.object("attributes", attributes);
            checks.that(attributes.to_string().len() <= 8192, "attributes", "at most 8192 bytes");
        }
        checks.finish()?;
        let said =
            |claim: &'a Option<String>| claim.as_deref().map(str::trim).filter(|text| !text.is_empty());
        // what was signed wins over what was typed
        let signed =
            |pick: fn(&Proven) -> Option<&str>| proven.and_then(pick).filter(|text| text.len() <= 255);
        Ok(Self {
            name: signed(|proven| proven.name.as_deref()).or_else(|| said(name)),
            email: signed(|proven| proven.email.as_deref()).or_else(|| said(email)),
            phone: signed(|proven| proven.phone.as_deref())
                .filter(|phone| phone.len() <= 20)
                .or_else(|| said(phone)),
            attributes,
            proven,
        })
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Starts a session of the web chat with this public key. An id with its secret resumes the visitor;
/// an id alone, or with a wrong secret, starts a new one.
pub async fn session(
    inbox: &Inbox,
    channel: &ChatChannel,
    new: NewSession,
    user_agent: Option<&str>,
) -> Result<Session> {
    let proven = match &new.identity {
        Some(identity) => proof::check(inbox, channel, identity)?,
        None => None,
    };
    let facts = Facts::new((&new.name, &new.email, &new.phone), new.attributes.as_ref(), proven.as_ref())?;
    let page = new.page.as_ref().map(|page| json!(page));
    let locale: Option<String> = new.locale.as_ref().map(|locale| locale.chars().take(35).collect());
    let user_agent: Option<String> = user_agent.map(|agent| agent.chars().take(300).collect());

    let mut bytes = [0u8; 32];
    fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    let fresh_secret = format!("vs_{}", URL_SAFE_NO_PAD.encode(bytes));
    let claimed = new.visitor_id.zip(new.visitor_secret.as_deref().map(hash));
    let (channel_ref, facts, now) = (channel, &facts, inbox.now());
    let (claimed, page, locale, user_agent, fresh) =
        (&claimed, &page, &locale, &user_agent, &hash(&fresh_secret));
    let (visitor, is_new) = inbox
        .write(channel.account_id, |mut unit| async move {
            let resumed = match claimed {
                Some((id, secret)) => known(unit.tx(), channel_ref, *id, secret).await?.then_some(*id),
                None => None,
            };
            let id = resumed.unwrap_or_else(VisitorId::new);
            sqlx::query!(
                "INSERT INTO visitors AS v (id, account_id, channel_id, secret_hash, page, user_agent, locale,
                                            last_seen_at, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
                 ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at,
                     page = coalesce(excluded.page, v.page), locale = coalesce(excluded.locale, v.locale),
                     user_agent = coalesce(excluded.user_agent, v.user_agent)
                 WHERE v.channel_id = excluded.channel_id",
                id.uuid(),
                channel_ref.account_id.uuid(),
                channel_ref.id.uuid(),
                fresh,
                page.as_ref(),
                user_agent.as_deref(),
                locale.as_deref(),
                now,
            )
            .execute(&mut **unit.tx())
            .await?;
            learn(&mut unit, channel_ref, id, facts).await?;
            let view = read(unit.tx(), channel_ref.account_id.uuid(), id).await?;
            unit.commit((view, resumed.is_none())).await
        })
        .await?;
    let (token, expires_at) = token::issue(inbox, (channel.account_id, channel.id, visitor.id))?;
    let conversation_id = if is_new { None } else { open_conversation(inbox, channel, visitor.id).await? };
    Ok(Session {
        visitor_token: token.clone(),
        token,
        expires_at,
        visitor_id: visitor.id,
        visitor,
        conversation_id,
        ws_url: format!("{}/customers", inbox.settings().public_url),
        visitor_secret: is_new.then_some(fresh_secret),
    })
}

async fn open_conversation(
    inbox: &Inbox,
    channel: &ChatChannel,
    visitor: VisitorId,
) -> Outcome<Option<model::ConversationId>> {
    inbox
        .store()
        .read(channel.account_id, |mut tx| async move {
            let id = sqlx::query_scalar!(
                "SELECT id FROM conversations
                 WHERE channel_id = $1 AND thread_key = $2 AND account_id = $3
                   AND status NOT IN ('resolved', 'closed')",
                channel.id.uuid(),
                visitor.to_string(),
                channel.account_id.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            Ok(id.map(model::ConversationId))
        })
        .await
}

async fn known(tx: &mut Tx, channel: &ChatChannel, id: VisitorId, secret: &[u8]) -> Outcome<bool> {
    let stored = sqlx::query_scalar!(
        "SELECT secret_hash FROM visitors WHERE id = $1 AND channel_id = $2 AND account_id = $3",
        id.uuid(),
        channel.id.uuid(),
        channel.account_id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(stored.is_some_and(|stored| bool::from(stored.as_slice().ct_eq(secret))))
}

async fn read(tx: &mut Tx, account: Uuid, id: VisitorId) -> Outcome<VisitorView> {
    let row = sqlx::query!(
        "SELECT name, email, phone, is_verified FROM visitors WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::unauthorized("this visitor is unknown: start a new session"))?;
    Ok(VisitorView { id, name: row.name, email: row.email, phone: row.phone, verified: row.is_verified })
}

/// The visitor as they may see themselves.
pub async fn view(inbox: &Inbox, visitor: &Visitor) -> Result<VisitorView> {
    inbox
        .store()
        .read(visitor.account_id, |mut tx| async move {
            read(&mut tx, visitor.account_id.uuid(), visitor.visitor_id).await
        })
        .await
        .map_err(Into::into)
}

/// Learns who the visitor is. The flag says whether that is proven now or was before.
pub async fn identify(
    inbox: &Inbox,
    visitor: &Visitor,
    command: IdentifyCommand,
) -> Result<(VisitorView, bool)> {
    let channel = super::by_id(inbox, visitor.channel_id).await?;
    let proven = proof::check(inbox, &channel, &command.identity)?;
    let facts = Facts::new(
        (&command.name, &command.email, &command.phone),
        command.attributes.as_ref(),
        proven.as_ref(),
    )?;
    let (channel, facts) = (&channel, &facts);
    let view = inbox
        .write(visitor.account_id, |mut unit| async move {
            learn(&mut unit, channel, visitor.visitor_id, facts).await?;
            let view = read(unit.tx(), visitor.account_id.uuid(), visitor.visitor_id).await?;
            unit.commit(view).await
        })
        .await?;
    let verified = view.verified;
    Ok((view, verified))
}

/// Notes the page that the visitor looks at.
pub async fn page(inbox: &Inbox, visitor: &Visitor, page: PageView) -> Result<()> {
    let mut checks = Checks::new();
    checks.text("url", &page.url, 2048);
    checks.optional("title", Some(&page.title), 500);
    checks.optional("referrer", Some(&page.referrer), 2048);
    checks.finish()?;
    let (page, now) = (&json!(page), inbox.now());
    inbox
        .store()
        .write(visitor.account_id, |mut tx| async move {
            sqlx::query!(
                "UPDATE visitors SET page = $3, last_seen_at = $4 WHERE id = $1 AND account_id = $2",
                visitor.visitor_id.uuid(),
                visitor.account_id.uuid(),
                page,
                now,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
        .map_err(Into::into)
}

/// Writes what is known of a visitor. Claims fill what is empty; a proof also joins the visitor with
/// the contact that the page means.
async fn learn(
    unit: &mut crate::Unit,
    channel: &ChatChannel,
    id: VisitorId,
    facts: &Facts<'_>,
) -> Outcome<()> {
    let before = sqlx::query!(
        "SELECT is_verified, external_id, contact_id FROM visitors WHERE id = $1 AND account_id = $2 FOR UPDATE",
        id.uuid(),
        channel.account_id.uuid(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?
    .ok_or_else(|| Error::unauthorized("this visitor is unknown: start a new session"))?;
    if let (Some(proven), Some(known)) = (facts.proven, &before.external_id)
        && before.is_verified
        && *known != proven.external_id
    {
        // another person signed in at the same browser: they get a visitor of their own
        return Err(Error::conflict("this visitor is someone else: start a new session")
            .with("reason", "identity_changed")
            .into());
    }
    // a verified visitor's data is the page's: unsigned claims change nothing of it
    let may_write = facts.proven.is_some() || !before.is_verified;
    if !may_write {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE visitors SET name = coalesce($3, name), email = coalesce($4, email), phone = coalesce($5, phone),
                attributes = attributes || coalesce($6, '{}'::jsonb),
                external_id = coalesce($7, external_id), is_verified = is_verified OR $7 IS NOT NULL
         WHERE id = $1 AND account_id = $2",
        id.uuid(),
        channel.account_id.uuid(),
        facts.name,
        facts.email,
        facts.phone,
        facts.attributes,
        facts.proven.map(|proven| proven.external_id.as_str()),
    )
    .execute(&mut **unit.tx())
    .await?;
    match facts.proven {
        Some(proven) => join_contact(unit, channel, id, proven).await,
        None => name_contact(unit, channel, id, facts.name).await,
    }
}

/// An unverified name is shown to agents, on the visitor's own contact and only while it has none.
async fn name_contact(
    unit: &mut crate::Unit,
    channel: &ChatChannel,
    id: VisitorId,
    name: Option<&str>,
) -> Outcome<()> {
    let Some(name) = name else { return Ok(()) };
    let now = unit.now();
    sqlx::query!(
        "UPDATE contacts c SET name = $3, updated_at = $4 FROM contact_identifiers i
         WHERE i.account_id = $1 AND i.channel_type = 'webchat' AND i.identifier = $2 AND c.id = i.contact_id
           AND c.account_id = $1 AND (c.name = '' OR c.name = $2 OR c.name LIKE 'Visitor%')",
        channel.account_id.uuid(),
        id.to_string(),
        name,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// Finds or makes the contact of a proven identity, and moves the visitor's address and conversations
/// to it.
async fn join_contact(
    unit: &mut crate::Unit,
    channel: &ChatChannel,
    id: VisitorId,
    proven: &Proven,
) -> Outcome<()> {
    let account = channel.account_id;
    let key = format!("user:{}", proven.external_id);
    let now = unit.now();
    let found = sqlx::query_scalar!(
        r#"SELECT coalesce(
               (SELECT contact_id FROM contact_identifiers
                WHERE account_id = $1 AND channel_type = 'webchat' AND identifier = $2),
               (SELECT id FROM contacts WHERE account_id = $1 AND lower(email) = $3),
               (SELECT contact_id FROM contact_identifiers
                WHERE account_id = $1 AND channel_type = 'webchat' AND identifier = $4)) AS contact_id"#,
        account.uuid(),
        key,
        proven.email,
        id.to_string(),
    )
    .fetch_one(&mut **unit.tx())
    .await?;
    let contact = found.map_or_else(ContactId::new, ContactId);
    sqlx::query!(
        "INSERT INTO contacts AS c (id, account_id, name, email, preferred_channel_type, created_at, updated_at)
         VALUES ($1, $2, coalesce($3, ''), $4, 'webchat', $5, $5)
         ON CONFLICT (id) DO UPDATE SET name = coalesce($3, c.name), email = coalesce(c.email, $4),
             updated_at = excluded.updated_at",
        contact.uuid(),
        account.uuid(),
        proven.name,
        proven.email,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    sqlx::query!(
        "INSERT INTO contact_identifiers (id, account_id, contact_id, channel_type, identifier, display_name,
                                          created_at, updated_at)
         SELECT w.id, $1, $2, 'webchat', w.identifier, $3, $4, $4
         FROM unnest($5::uuid[], $6::text[]) AS w (id, identifier)
         ON CONFLICT (account_id, channel_type, identifier)
             DO UPDATE SET contact_id = excluded.contact_id, updated_at = excluded.updated_at",
        account.uuid(),
        contact.uuid(),
        proven.name,
        now,
        &[IdentifierId::new().uuid(), IdentifierId::new().uuid()],
        &[key, id.to_string()],
    )
    .execute(&mut **unit.tx())
    .await?;
    sqlx::query!(
        "UPDATE visitors SET contact_id = $3 WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
        contact.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    let ids = sqlx::query_scalar!(
        "SELECT id FROM conversations
         WHERE channel_id = $1 AND thread_key = $2 AND account_id = $3 AND contact_id <> $4",
        channel.id.uuid(),
        id.to_string(),
        account.uuid(),
        contact.uuid(),
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    if ids.is_empty() {
        return Ok(());
    }
    let brief = sqlx::query!("SELECT name, phone, email FROM contacts WHERE id = $1", contact.uuid())
        .fetch_one(&mut **unit.tx())
        .await?;
    let ids: Vec<ConversationId> = ids.into_iter().map(ConversationId).collect();
    let mut moved = conversations::lock(unit.tx(), &ids).await?;
    for conversation in &mut moved {
        conversation.contact = ContactBrief {
            id: contact,
            name: brief.name.clone(),
            phone: brief.phone.clone(),
            email: brief.email.clone(),
        };
        conversation.record_update(unit, &["contact_id"], false);
    }
    conversations::save(unit.tx(), &mut moved).await
}
