//! JSON read as a type, whoever sent it and over which way: a refusal names the field.

use model::Error;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a value as `T`; a refusal names the field, dotted. A value that is wrong as a `whole` is named so.
pub fn read<T: DeserializeOwned>(value: Value, whole: &str) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = error.inner().to_string();
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        // serde names a field that is missing or unknown only in its text
        let named = ["missing field `", "unknown field `"]
            .iter()
            .find_map(|start| message.strip_prefix(start))
            .and_then(|rest| rest.split('`').next());
        let ends_with = |name: &str| path == name || path.ends_with(&format!(".{name}"));
        let field = match named {
            Some(name) if path.is_empty() => name.to_owned(),
            Some(name) if !ends_with(name) => format!("{path}.{name}"),
            _ if path.is_empty() => whole.to_owned(),
            _ => path.clone(),
        };
        let message = if message.starts_with("missing field") { "is required".to_owned() } else { message };
        Error::invalid(field, message)
    })
}

#[cfg(test)]
mod tests {
    use model::ErrorCode;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        name: String,
        #[allow(dead_code)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        size: u8,
    }

    #[test]
    fn refusals_name_the_field() {
        let field = |value: Value| {
            let error = read::<Outer>(value, "body").unwrap_err();
            assert_eq!(error.code, ErrorCode::Validation);
            error.details["errors"][0]["field"].as_str().unwrap().to_owned()
        };
        assert_eq!(field(json!({})), "name");
        assert_eq!(field(json!({"name": 7})), "name");
        assert_eq!(field(json!({"name": "n", "colour": "red"})), "colour");
        assert_eq!(field(json!({"name": "n", "inner": {}})), "inner.size");
        assert_eq!(field(json!({"name": "n", "inner": {"size": 300}})), "inner.size");
        assert_eq!(field(json!([])), "body");
    }
}
