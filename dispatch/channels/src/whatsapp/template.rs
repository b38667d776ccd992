//! Templates: the only kind of message that WhatsApp takes outside the reply window.
//!
//! A message asks for one by its metadata:
//!
//! ```json
//! {"template": {"name": "order_update", "language": "en_US",
//!               "header": {"type": "image", "link": "https://…"},
//!               "body": {"first_name": "Ada"},
//!               "buttons": [{"sub_type": "url", "index": 0, "value": "abc"}]}}
//! ```
//!
//! `body` is a list for numbered placeholders and an object for named ones; `components` takes Meta's own shape
//! instead of the three.

use serde_json::{Value, json};

use super::codes;
use crate::{
    Context, ProviderTemplate, SendError, TemplateDraft, TemplateQuality, TemplateStatus,
    meta::Graph,
    rich::{bad_content, cut},
};

const FIELDS: &str = "id,name,status,category,language,components,quality_score,rejected_reason";
/// Pages of a hundred; an account has at most 6,000 templates.
const MOST_PAGES: usize = 60;

/// The `template` of a request.
pub(super) fn to_send(wanted: &Value) -> Result<Value, SendError> {
    let (Some(name), Some(language)) = (wanted["name"].as_str(), wanted["language"].as_str()) else {
        return Err(bad_content("template", "a template needs its name and its language"));
    };
    let mut template = json!({"name": name, "language": {"code": language}});
    let components = match &wanted["components"] {
        Value::Array(own) => own.clone(),
        _ => components(wanted)?,
    };
    if !components.is_empty() {
        template["components"] = Value::Array(components);
    }
    Ok(template)
}

fn components(wanted: &Value) -> Result<Vec<Value>, SendError> {
    let mut all = Vec::new();
    match &wanted["header"] {
        Value::Null => {}
        Value::String(text) => all.push(json!({"type": "header", "parameters": [parameter(text, None)]})),
        header => all.push(json!({"type": "header", "parameters": [media(header)?]})),
    }
    let body: Vec<Value> = match &wanted["body"] {
        Value::Array(values) => values.iter().map(|value| parameter(&text(value), None)).collect(),
        Value::Object(named) => {
            named.iter().map(|(name, value)| parameter(&text(value), Some(name))).collect()
        }
        _ => Vec::new(),
    };
    if !body.is_empty() {
        all.push(json!({"type": "body", "parameters": body}));
    }
    for (n, button) in wanted["buttons"].as_array().into_iter().flatten().enumerate() {
        let kind = button["sub_type"].as_str().unwrap_or("quick_reply");
        let value = text(&button["value"]);
        let parameter = match kind {
            "quick_reply" => json!({"type": "payload", "payload": value}),
            "copy_code" => json!({"type": "coupon_code", "coupon_code": value}),
            _ => json!({"type": "text", "text": value}),
        };
        let index = button["index"].as_u64().map_or_else(|| n.to_string(), |index| index.to_string());
        all.push(json!({"type": "button", "sub_type": kind, "index": index, "parameters": [parameter]}));
    }
    Ok(all)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// WhatsApp refuses line breaks, tabs and long runs of spaces in a parameter.
fn parameter(text: &str, name: Option<&str>) -> Value {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name {
        Some(name) => json!({"type": "text", "parameter_name": name, "text": flat}),
        None => json!({"type": "text", "text": flat}),
    }
}

fn media(header: &Value) -> Result<Value, SendError> {
    let kind = header["type"].as_str().unwrap_or("text");
    match kind {
        "text" => Ok(parameter(&text(&header["text"]), header["parameter_name"].as_str())),
        "image" | "video" | "document" => {
            let mut file = json!({});
            for field in ["id", "link", "filename"] {
                if let Some(value) = header[field].as_str() {
                    file[field] = value.into();
                }
            }
            Ok(json!({"type": kind, kind: file}))
        }
        "location" => Ok(json!({"type": "location", "location": header["location"]})),
        other => Err(bad_content("template", format!("a template's header cannot be {other:?}"))),
    }
}

/// Whether a template in this state may be sent.
pub(super) fn status(word: &str) -> TemplateStatus {
    match word.to_ascii_uppercase().as_str() {
        "APPROVED" | "REINSTATED" | "UNARCHIVED" | "FLAGGED" => TemplateStatus::Approved,
        "PENDING" | "IN_APPEAL" | "PENDING_REVIEW" => TemplateStatus::Pending,
        _ => TemplateStatus::Rejected,
    }
}

/// How a template is rated.
pub(super) fn quality(word: &str) -> TemplateQuality {
    match word.to_ascii_uppercase().as_str() {
        "GREEN" => TemplateQuality::Green,
        "YELLOW" => TemplateQuality::Yellow,
        "RED" => TemplateQuality::Red,
        _ => TemplateQuality::Unknown,
    }
}

/// All templates of the account.
pub(super) async fn list(ctx: &Context) -> Result<Vec<ProviderTemplate>, SendError> {
    let graph = Graph::new(ctx, codes::classify)?;
    let path = format!("{}/message_templates", account(ctx)?);
    let (mut all, mut after) = (Vec::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let mut query = vec![("fields", FIELDS), ("limit", "100")];
        if let Some(after) = &after {
            query.push(("after", after));
        }
        let page = graph.get(&path, &query).await?.body;
        all.extend(page["data"].as_array().into_iter().flatten().filter_map(read));
        after = page["paging"]["cursors"]["after"].as_str().map(str::to_owned);
        if after.is_none() || !page["paging"]["next"].is_string() {
            break;
        }
    }
    Ok(all)
}

fn read(found: &Value) -> Option<ProviderTemplate> {
    let components = found["components"].clone();
    let of_body = |component: &&Value| component["type"] == "BODY";
    let body = components.as_array().and_then(|all| all.iter().find(of_body)).map(|body| text(&body["text"]));
    Some(ProviderTemplate {
        external_id: found["id"].as_str()?.to_owned(),
        name: found["name"].as_str()?.to_owned(),
        language: found["language"].as_str()?.to_owned(),
        category: found["category"].as_str().map(str::to_lowercase),
        status: status(found["status"].as_str()?),
        quality: found["quality_score"]["score"].as_str().map(quality),
        body: body.unwrap_or_default(),
        components,
    })
}

/// Hands a template in for approval.
pub(super) async fn create(ctx: &Context, draft: &TemplateDraft) -> Result<ProviderTemplate, SendError> {
    let graph = Graph::new(ctx, codes::classify)?;
    let name = name_of(&draft.name);
    let category = draft.category.as_deref().unwrap_or_default().to_uppercase();
    // Meta moves a template to the right category by itself; the strictest guess is the wrong one
    let category = match category.as_str() {
        "MARKETING" | "AUTHENTICATION" => category,
        _ => "UTILITY".to_owned(),
    };
    let mut body = json!({"type": "BODY", "text": draft.body});
    if !draft.variables.is_empty() {
        let examples: Vec<Value> = draft
            .variables
            .iter()
            .map(|(name, example)| json!({"param_name": name, "example": example}))
            .collect();
        body["example"] = json!({"body_text_named_params": examples});
    }
    let wanted = json!({
        "name": name, "language": draft.language, "category": category, "parameter_format": "NAMED",
        "components": [body],
    });
    let answer = graph.post(&format!("{}/message_templates", account(ctx)?), &wanted).await?;
    let Some(id) = answer.body["id"].as_str() else {
        return Err(
            bad_content("template", "the provider did not name the template").with_exchange(answer.exchange)
        );
    };
    Ok(ProviderTemplate {
        external_id: id.to_owned(),
        name,
        language: draft.language.clone(),
        category: answer.body["category"].as_str().map(str::to_lowercase),
        status: status(answer.body["status"].as_str().unwrap_or("PENDING")),
        quality: None,
        body: draft.body.clone(),
        components: wanted["components"].clone(),
    })
}

/// Lower-case letters, digits and underscores are all that a name may have.
fn name_of(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    cut(plain.trim_matches('_'), 512)
}

fn account(ctx: &Context) -> Result<&str, SendError> {
    ctx.channel.required("waba_id")
}
