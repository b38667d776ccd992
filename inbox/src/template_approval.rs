//! Templates that a provider must approve: its list taken over into ours, and ours handed in there.

use model::{ChannelType, Error, Permission, Result, TemplateId};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Inbox, Member, list,
    template_store::{ENTITY, TemplateView},
    templates::Template,
};

/// A template as the provider keeps it.
#[derive(Debug, Clone)]
pub struct ProvidersTemplate {
    pub external_id: String,
    pub name: String,
    pub language: String,
    pub category: Option<String>,
    /// `pending`, `approved` or `rejected`.
    pub status: &'static str,
    /// `green`, `yellow`, `red` or `unknown`; `None` where it is not told.
    pub quality: Option<&'static str>,
    pub body: String,
}

/// What a look at the provider's list changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct TemplatesSynced {
    /// Templates that were not known here.
    pub made: u64,
    /// Templates whose state was taken over.
    pub updated: u64,
}

/// Takes the provider's templates over: the state of known ones, and the others as new ones.
pub async fn sync(
    inbox: &Inbox,
    member: &Member,
    channel_type: ChannelType,
    found: &[ProvidersTemplate],
) -> Result<TemplatesSynced> {
    member.require(Permission::TemplatesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            let mut synced = TemplatesSynced { made: 0, updated: 0 };
            for one in found {
                let updated = sqlx::query!(
                    "UPDATE templates SET approval_status = $3, quality = COALESCE($5, quality), updated_at = $4
                     WHERE account_id = $1 AND external_template_id = $2",
                    account.uuid(),
                    one.external_id,
                    one.status,
                    now,
                    one.quality,
                )
                .execute(&mut *tx)
                .await?
                .rows_affected();
                synced.updated += updated;
                if updated > 0 {
                    continue;
                }
                let body = from_provider(&one.body);
                let parsed = Template::parse(&body);
                let variables = parsed.map_or_else(|_| json!([]), |parsed| json!(parsed.variables()));
                synced.made += sqlx::query!(
                    "INSERT INTO templates (id, account_id, name, body, category, channel_type, language,
                         variables, approval_status, external_template_id, created_by_user_id, created_at, updated_at,
                         quality)
                     VALUES ($1, $2, left($3, 255), $4, left($5, 100), $6, left($7, 10), $8, $9, $10, $11, $12, $12,
                         $13)
                     ON CONFLICT DO NOTHING",
                    TemplateId::new().uuid(),
                    account.uuid(),
                    one.name,
                    body,
                    one.category,
                    channel_type.as_str(),
                    one.language,
                    variables,
                    one.status,
                    one.external_id,
                    member.user_id().uuid(),
                    now,
                    one.quality,
                )
                .execute(&mut *tx)
                .await?
                .rows_affected();
            }
            Ok(synced)
        })
        .await
        .map_err(Error::from)
}

/// Notes that a template was handed in.
pub async fn handed_in(
    inbox: &Inbox,
    member: &Member,
    id: TemplateId,
    (external_id, status): (&str, &str),
) -> Result<TemplateView> {
    member.require(Permission::TemplatesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    let uuid: Uuid = id.uuid();
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "UPDATE templates SET external_template_id = $3, approval_status = $4, updated_at = $5
                 WHERE id = $1 AND account_id = $2",
                uuid,
                account.uuid(),
                external_id,
                status,
                now,
            )
            .execute(&mut *tx)
            .await?;
            list::one(&mut tx, &ENTITY, account, uuid).await
        })
        .await
        .map_err(Error::from)
}

/// A body of ours as providers write it, with its variables and an example of each: `{NAME}` and
/// `{{ contact.name | default: "there" }}` become `{{name}}` and `{{contact_name}}`.
#[must_use]
pub fn to_provider(template: &TemplateView) -> (String, Vec<(String, String)>) {
    let mut variables: Vec<(String, String)> = Vec::new();
    let body = replace(&template.body, |written| {
        let plain = written.trim_matches(['{', '}']).split('|').next().unwrap_or_default().trim();
        let name: String = plain
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let example = template.default_values[plain].as_str().unwrap_or("example").to_owned();
        if !variables.iter().any(|(known, _)| *known == name) {
            variables.push((name.clone(), example));
        }
        format!("{{{{{name}}}}}")
    });
    (body, variables)
}

/// A provider's body as we write it: `{{first_name}}` becomes `{FIRST_NAME}`, `{{1}}` becomes `{PARAM_1}`.
fn from_provider(body: &str) -> String {
    replace(body, |written| {
        let name: String = written
            .trim_matches(['{', '}'])
            .trim()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        let numbered = name.starts_with(|c: char| c.is_ascii_digit());
        if numbered { format!("{{PARAM_{name}}}") } else { format!("{{{name}}}") }
    })
}

/// Replaces each placeholder, `{{…}}` or `{NAME}`, by what `with` makes of it.
fn replace(body: &str, mut with: impl FnMut(&str) -> String) -> String {
    let mut all = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(start) = rest.find('{') {
        all.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = if rest.starts_with("{{") {
            rest.find("}}").map(|end| end + 2)
        } else {
            let name = |inner: &str| {
                inner.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_')
            };
            rest.find('}').filter(|end| *end > 1 && name(&rest[1..*end])).map(|end| end + 1)
        };
        let Some(end) = end else {
            all.push('{');
            rest = &rest[1..];
            continue;
        };
        all.push_str(&with(&rest[..end]));
        rest = &rest[end..];
    }
    all.push_str(rest);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_the_provider_become_ours() {
        assert_eq!(
            from_provider("Hello {{first_name}}, {{1}} of {{ 2 }}."),
            "Hello {FIRST_NAME}, {PARAM_1} of {PARAM_2}."
        );
        assert_eq!(from_provider("a { b } {{"), "a { b } {{");
    }
}
