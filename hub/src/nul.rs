//! The one character that JSON can carry and PostgreSQL's texts cannot hold. It is refused where bodies and
//! commands come in, so that no command behind has to think of it.

use model::Error;
use serde_json::Value;

/// How it stands in JSON; as itself it is no JSON.
const NUL: &[u8] = br"\u0000";

/// The refusal, with the dotted path of the text. `read` is asked only when the characters occur, and they
/// may be a written-out `\\u0000`. A text that is the `whole` is named so.
pub fn refused(json: &[u8], read: impl FnOnce() -> Value, whole: &str) -> Option<Error> {
    if !json.windows(NUL.len()).any(|window| window == NUL) {
        return None;
    }
    let place = place(&read())?;
    let field = if place.is_empty() { whole.to_owned() } else { place };
    Some(Error::invalid(field, "must not contain a NUL character"))
}

fn place(value: &Value) -> Option<String> {
    let below =
        |name: &str, rest: String| if rest.is_empty() { name.to_owned() } else { format!("{name}.{rest}") };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| Some(below(&at.to_string(), place(item)?)))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, inner)| {
            if name.contains('\0') { Some(String::new()) } else { Some(below(name, place(inner)?)) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_found_with_its_place() {
        let told = |json: &str| {
            let error = refused(json.as_bytes(), || serde_json::from_str(json).unwrap(), "body")?;
            Some(error.details["errors"][0]["field"].clone())
        };
        assert_eq!(told(r#"{"a": {"b": ["x", "y\u0000"]}}"#), Some(json!("a.b.1")));
        assert_eq!(told(r#"{"a": {"b\u0000": 1}}"#), Some(json!("a")));
        assert_eq!(told(r#"{"a\u0000": 1}"#), Some(json!("body")));
        assert_eq!(told(r#"{"a": "the text \\u0000, written out"}"#), None);
        assert_eq!(told(r#"{"a": "b"}"#), None);
    }
}
