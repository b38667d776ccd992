//! Filling in a request: `{{to}}` and the like, each value written as its place demands.

/// How a value is written where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Part of an address or of a form.
    Query,
    /// Inside the quotes of a JSON text.
    Json,
    /// Inside an XML element or attribute.
    Xml,
    /// A header, or a body of plain text.
    Plain,
}

/// Replaces `{{name}}` by its value; a name that nobody knows is an error, and named.
pub(super) fn fill(
    template: &str,
    place: Place,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut filled = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            return Err("a \"{{\" has no \"}}\"".to_owned());
        };
        let name = name.trim();
        let value = value(name).ok_or_else(|| format!("nothing is called {{{{{name}}}}}"))?;
        filled.push_str(&written(&value, place));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn written(value: &str, place: Place) -> String {
    match place {
        Place::Query => {
            url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
        }
        Place::Json => {
            let quoted = serde_json::Value::from(value).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Place::Xml => value
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&apos;"),
        Place::Plain => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out_of_their_place() {
        let value = |name: &str| (name == "text").then(|| "a\"b & <c>\nd+e".to_owned());
        let filled = |template: &str, place| fill(template, place, &value);
        assert_eq!(filled("x={{text}}&y=1", Place::Query).unwrap(), "x=a%22b%20%26%20%3Cc%3E%0Ad%2Be&y=1");
        assert_eq!(filled("{\"t\":\"{{ text }}\"}", Place::Json).unwrap(), r#"{"t":"a\"b & <c>\nd+e"}"#);
        assert_eq!(filled("<t>{{text}}</t>", Place::Xml).unwrap(), "<t>a&quot;b &amp; &lt;c&gt;\nd+e</t>");
        assert!(filled("{{nobody}}", Place::Plain).unwrap_err().contains("{{nobody}}"));
        assert!(filled("{{text", Place::Plain).is_err());
        assert_eq!(filled("{plain}", Place::Plain).unwrap(), "{plain}");
    }
}
