//! Tells "absent" from "null" in a PATCH: `#[serde(default, with = "inbox::patch")] field: Option<Option<T>>`
//! reads an absent field as `None`, `null` as `Some(None)` and a value as `Some(Some(value))`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Pair it with `skip_serializing_if = "Option::is_none"`: an absent field has no spelling of its own.
pub fn serialize<T, S>(value: &Option<Option<T>>, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Serialize,
    S: Serializer,
{
    value.as_ref().and_then(Option::as_ref).serialize(serializer)
}

/// The value after the change: what was sent, or what there was.
#[must_use]
pub fn or<T>(sent: Option<Option<T>>, old: Option<T>) -> Option<T> {
    sent.unwrap_or(old)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default, with = "crate::patch")]
        phone: Option<Option<String>>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let read = |text: &str| serde_json::from_str::<Change>(text).unwrap().phone;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"phone": null}"#), Some(None));
        assert_eq!(read(r#"{"phone": "+251"}"#), Some(Some("+251".into())));
        assert_eq!(super::or(None, Some(1)), Some(1));
        assert_eq!(super::or(Some(None), Some(1)), None);
    }
}
