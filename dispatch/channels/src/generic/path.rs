//! Paths into JSON, as far as mappings need them: `data.messages[0].id`, with or without a leading `$.`.

use serde_json::Value;

/// What stands at the path; `None` if nothing or null does.
pub(super) fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let path = path.trim().trim_start_matches('$').trim_start_matches('.');
    let mut at = value;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, indexes) = step.split_once('[').map_or((step, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            at = at.get(name)?;
        }
        for index in indexes.split('[').filter(|index| !index.is_empty()) {
            let index = index.trim_end_matches(']').trim_matches(['\'', '"']);
            at = match index.parse::<usize>() {
                Ok(number) => at.get(number)?,
                Err(_) => at.get(index)?,
            };
        }
    }
    (!at.is_null()).then_some(at)
}

/// The same as text: texts, numbers and truth values.
pub(super) fn text(value: &Value, path: &str) -> Option<String> {
    match find(value, path)? {
        Value::String(text) => Some(text.clone()),
        found @ (Value::Number(_) | Value::Bool(_)) => Some(found.to_string()),
        _ => None,
    }
}

/// The items of a list at the path; the value itself where no path is given.
pub(super) fn items<'v>(value: &'v Value, path: Option<&str>) -> Vec<&'v Value> {
    match path {
        None => match value {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        },
        Some(path) => match find(value, path) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths() {
        let value =
            json!({"data": {"messages": [{"id": 7}, {"id": "b", "x y": true}]}, "null": null, "a": [[1, 2]]});
        assert_eq!(text(&value, "data.messages[0].id").as_deref(), Some("7"));
        assert_eq!(text(&value, "$.data.messages[1].id").as_deref(), Some("b"));
        assert_eq!(text(&value, "data.messages[1]['x y']").as_deref(), Some("true"));
        assert_eq!(text(&value, "a[0][1]").as_deref(), Some("2"));
        for nothing in ["data.messages[2].id", "null", "data", "data.messages.id", "x"] {
            assert_eq!(text(&value, nothing), None, "{nothing}");
        }
        assert_eq!(items(&value, Some("data.messages")).len(), 2);
        assert_eq!(items(&value, None).len(), 1);
        assert_eq!(items(&value, Some("nowhere")).len(), 0);
        assert_eq!(find(&value, "$"), Some(&value));
    }
}
