//! What both documents of the interface, OpenAPI and AsyncAPI, say beyond the derived schemas. Of answers: a
//! field that may be null is always there; the derivation cannot know that, because it serves requests, too,
//! where such a field may be left out. Of objects without named fields: that any field may be in them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

const PLACE: &str = "#/components/schemas/";

/// Completes a document's schemas. `requests`: what clients send, as it stands in the document.
pub fn complete(document: &mut Value, requests: &[Value]) {
    require_nullable(document, requests);
    open_objects(document);
}

/// Says of objects without named fields that they may hold any.
fn open_objects(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let is_object = map.get("type").is_some_and(|kind| {
                kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object")))
            });
            if is_object && !map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".to_owned(), json!(true));
            }
            map.values_mut().for_each(open_objects);
        }
        Value::Array(list) => list.iter_mut().for_each(open_objects),
        _ => {}
    }
}

/// Requires the nullable fields of all schemas that no request refers to.
fn require_nullable(document: &mut Value, requests: &[Value]) {
    let mut sent = BTreeSet::new();
    let mut found = BTreeSet::new();
    for request in requests {
        named(request, &mut found);
    }
    while let Some(name) = found.pop_first() {
        named(&document["components"]["schemas"][&name], &mut found);
        sent.insert(name);
        found.retain(|name| !sent.contains(name));
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, schema) in schemas {
        if !sent.contains(name) {
            require(schema);
        }
    }
}

/// Names of the schemas that something refers to.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(PLACE))
            {
                found.insert(name.to_owned());
            }
            map.values().for_each(|inner| named(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| named(inner, found)),
        _ => {}
    }
}

fn require(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let nullable: Vec<String> = map
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter(|(_, property)| admits_null(property))
                .map(|(name, _)| name.clone())
                .collect();
            if !nullable.is_empty() {
                let required = map.entry("required").or_insert_with(|| json!([]));
                for name in nullable {
                    if let Some(list) = required.as_array_mut()
                        && !list.contains(&json!(name))
                    {
                        list.push(json!(name));
                    }
                }
            }
            map.values_mut().for_each(require);
        }
        Value::Array(list) => list.iter_mut().for_each(require),
        _ => {}
    }
}

fn admits_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(is_null),
        kind if is_null(kind) => true,
        _ => ["oneOf", "anyOf"]
            .iter()
            .any(|choice| schema[choice].as_array().is_some_and(|all| all.iter().any(admits_null))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_without_named_fields_hold_any() {
        let mut document =
            json!({"a": {"type": ["object", "null"]}, "b": {"type": "object", "properties": {}}});
        open_objects(&mut document);
        assert_eq!(document["a"]["additionalProperties"], true);
        assert!(document["b"].get("additionalProperties").is_none());
    }

    #[test]
    fn what_is_only_answered_has_every_nullable_field() {
        let field = json!({"type": ["string", "null"]});
        let object = json!({"type": "object", "properties": {"a": field, "b": {"type": "string"}}});
        let mut document = json!({"components": {"schemas": {
            "Answer": object, "Sent": object,
            "Inner": {"properties": {"c": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Sent"}]}}},
            "Outer": {"properties": {"inner": {"$ref": "#/components/schemas/Inner"}}},
        }}});
        require_nullable(&mut document, &[json!({"$ref": "#/components/schemas/Outer"})]);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Answer"]["required"], json!(["a"]));
        for sent in ["Sent", "Inner", "Outer"] {
            assert_eq!(schemas[sent]["required"], Value::Null, "{sent}");
        }
    }
}
