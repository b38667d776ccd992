//! The part of JSON Schema (2020-12) that provider forms use, checked with texts for people.
//!
//! Known: `type`, `enum`, `const`, `anyOf`/`oneOf`, `properties`, `required`, `additionalProperties: false`,
//! `items`, `minItems`/`maxItems`, `minLength`/`maxLength`, `pattern`, `minimum`/`maximum`, `format: uri`.

use regex::Regex;
use serde_json::Value;

use crate::error::FieldError;

pub(super) fn check(path: &str, value: &Value, schema: &Value, errors: &mut Vec<FieldError>) {
    let mut refuse = |message: String| errors.push(FieldError { field: path.to_owned(), message });
    if let Some(choices) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
        return check_choice(path, value, choices, errors);
    }
    if let Some(wanted) = schema.get("const") {
        if value != wanted {
            refuse(format!("must be {wanted}"));
        }
        return;
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        if !allowed.contains(value) {
            let words: Vec<String> = allowed.iter().map(plain).collect();
            refuse(format!("must be one of {}", words.join(", ")));
        }
        return;
    }
    if let Some(types) = schema.get("type")
        && !type_matches(types, value)
    {
        refuse(format!("must be {}", type_names(types)));
        return;
    }
    match value {
        Value::String(text) => check_text(path, text, schema, errors),
        Value::Number(number) => check_number(path, number.as_f64().unwrap_or(0.0), schema, errors),
        Value::Array(items) => check_array(path, items, schema, errors),
        Value::Object(fields) => check_object(path, fields, schema, errors),
        Value::Null | Value::Bool(_) => {}
    }
}

fn check_choice(path: &str, value: &Value, choices: &[Value], errors: &mut Vec<FieldError>) {
    let mut words = Vec::new();
    let mut closest: Option<Vec<FieldError>> = None;
    for choice in choices {
        let mut here = Vec::new();
        check(path, value, choice, &mut here);
        if here.is_empty() {
            return;
        }
        match choice.get("const") {
            Some(word) => words.push(plain(word)),
            // `null` is offered beside every optional field; its complaint helps nobody
            None if choice.get("type") != Some(&Value::from("null")) => closest = Some(here),
            None => {}
        }
    }
    if words.is_empty() {
        errors.extend(closest.into_iter().flatten());
    } else {
        let message = format!("must be one of {}", words.join(", "));
        errors.push(FieldError { field: path.to_owned(), message });
    }
}

fn check_text(path: &str, text: &str, schema: &Value, errors: &mut Vec<FieldError>) {
    let mut refuse = |message: String| errors.push(FieldError { field: path.to_owned(), message });
    let length = text.chars().count() as u64;
    let number = |key: &str| schema.get(key).and_then(Value::as_u64);
    if let Some(least) = number("minLength").filter(|least| length < *least) {
        refuse(if length == 0 { "must not be empty".into() } else { format!("needs {least} characters") });
        return;
    }
    if let Some(most) = number("maxLength").filter(|most| length > *most) {
        refuse(format!("may have {most} characters"));
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(text))
    {
        let hint = schema.get("x-pattern-hint").and_then(Value::as_str);
        refuse(hint.map_or_else(|| format!("must match {pattern}"), str::to_owned));
    }
    if schema.get("format").and_then(Value::as_str) == Some("uri") && !is_web_address(text) {
        refuse("must be an address that starts with https:// or http://".into());
    }
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && !rest.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

fn check_number(path: &str, number: f64, schema: &Value, errors: &mut Vec<FieldError>) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let message = match (bound("minimum"), bound("maximum")) {
        (Some(least), _) if number < least => format!("must be at least {least}"),
        (_, Some(most)) if number > most => format!("must be at most {most}"),
        _ => return,
    };
    errors.push(FieldError { field: path.to_owned(), message });
}

fn check_array(path: &str, items: &[Value], schema: &Value, errors: &mut Vec<FieldError>) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    let length = items.len() as u64;
    if bound("minItems").is_some_and(|least| length < least)
        || bound("maxItems").is_some_and(|most| length > most)
    {
        errors.push(FieldError { field: path.to_owned(), message: format!("may not have {length} entries") });
    }
    if let Some(each) = schema.get("items") {
        for (index, item) in items.iter().enumerate() {
            check(&format!("{path}.{index}"), item, each, errors);
        }
    }
}

fn check_object(
    path: &str,
    fields: &serde_json::Map<String, Value>,
    schema: &Value,
    errors: &mut Vec<FieldError>,
) {
    for name in
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        if !fields.contains_key(name) {
            errors.push(FieldError { field: format!("{path}.{name}"), message: "is required".into() });
        }
    }
    let known = schema.get("properties").and_then(Value::as_object);
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (name, value) in fields {
        let field = format!("{path}.{name}");
        match known.and_then(|known| known.get(name)) {
            Some(property) => check(&field, value, property, errors),
            None if closed => errors.push(FieldError { field, message: "is not known".into() }),
            None => {}
        }
    }
}

fn type_matches(types: &Value, value: &Value) -> bool {
    let one = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    match types {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(one),
        _ => true,
    }
}

fn type_names(types: &Value) -> String {
    let word = |name: &str| match name {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "empty",
    };
    match types {
        Value::String(name) => word(name).to_owned(),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            names.map(word).collect::<Vec<_>>().join(" or ")
        }
        _ => "something else".to_owned(),
    }
}

fn plain(word: &Value) -> String {
    word.as_str().map_or_else(|| word.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn errors(value: &Value, schema: &Value) -> Vec<(String, String)> {
        let mut errors = Vec::new();
        check("settings", value, schema, &mut errors);
        errors.into_iter().map(|e| (e.field, e.message)).collect()
    }

    #[test]
    fn each_refusal_names_its_field() {
        let schema = json!({
            "type": "object", "required": ["token"], "additionalProperties": false,
            "properties": {
                "token": {"type": "string", "minLength": 3},
                "api_base": {"type": ["string", "null"], "format": "uri"},
                "delay_ms": {"type": "integer", "minimum": 0, "maximum": 10},
                "mode": {"oneOf": [{"const": "a"}, {"const": "b"}]},
                "tags": {"type": "array", "maxItems": 1, "items": {"type": "string"}},
                "sid": {"anyOf": [{"type": "string", "pattern": "^AC"}, {"type": "null"}]},
            }
        });
        assert!(
            errors(&json!({"token": "abc", "api_base": null, "mode": "a", "sid": null}), &schema).is_empty()
        );
        let found = errors(
            &json!({"api_base": "ftp://x", "delay_ms": 11, "mode": "c", "tags": ["a", 1], "odd": 1, "sid": "SK"}),
            &schema,
        );
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        for field in ["token", "api_base", "delay_ms", "mode", "tags", "tags.1", "odd", "sid"] {
            assert!(fields.contains(&format!("settings.{field}").as_str()), "{field} in {found:?}");
        }
        assert_eq!(found.len(), 8, "{found:?}");
        assert!(errors(&json!([]), &schema)[0].1.contains("an object"));
    }
}
