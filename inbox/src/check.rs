//! Collects what is wrong with a body, so that the caller learns of everything at once.

use bus::Fault;
use model::{Error, Result, Time, error::FieldError};

/// The refusals of one body.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    pub fn extend(&mut self, errors: Vec<FieldError>) {
        self.0.extend(errors);
    }

    /// Refuses unless `holds`.
    pub fn that(&mut self, holds: bool, field: &str, message: &str) {
        if !holds {
            self.refuse(field, message);
        }
    }

    /// A text that must be there and may have `most` characters.
    pub fn text(&mut self, field: &str, text: &str, most: usize) {
        self.that(!text.trim().is_empty(), field, "must not be empty");
        self.most(field, text, most);
    }

    /// A text that may be missing or empty.
    pub fn optional(&mut self, field: &str, text: Option<&str>, most: usize) {
        if let Some(text) = text {
            self.most(field, text, most);
        }
    }

    fn most(&mut self, field: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.refuse(field, format!("may have {most} characters"));
        }
        // PostgreSQL's text cannot hold it
        self.that(!text.contains('\0'), field, "must not contain a NUL character");
    }

    /// A list of short texts (tags, labels): at most `count`, each at most `most` characters.
    pub fn texts(&mut self, field: &str, texts: &[String], count: usize, most: usize) {
        self.that(texts.len() <= count, field, &format!("may have {count} entries"));
        for (index, text) in texts.iter().enumerate() {
            self.text(&format!("{field}.{index}"), text, most);
        }
    }

    /// A free-form JSON object: not larger than 32 KiB, without NUL.
    pub fn object(&mut self, field: &str, value: &serde_json::Value) {
        self.that(value.is_object(), field, "must be an object");
        let text = value.to_string();
        self.that(text.len() <= 32 * 1024, field, "may have 32 KiB");
        self.that(!text.contains("\\u0000"), field, "must not contain a NUL character");
    }

    pub fn range(&mut self, field: &str, number: i64, allowed: std::ops::RangeInclusive<i64>) {
        if !allowed.contains(&number) {
            self.refuse(field, format!("must be between {} and {}", allowed.start(), allowed.end()));
        }
    }

    /// A 422 with everything that was refused.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid_fields(self.0)) }
    }
}

/// A time at which something is to be sent: none when it is not in the future, refused when nobody can mean it.
pub fn due(field: &str, at: Option<Time>, now: Time) -> Result<Option<Time>> {
    let Some(at) = at.filter(|at| *at > now) else { return Ok(None) };
    if at > now + chrono::Duration::days(5 * 366) {
        return Err(Error::invalid(field, "must be within five years"));
    }
    Ok(Some(at))
}

/// A taken unique key becomes a 409 that says which field: `keys` are (constraint, field, message).
pub fn unique(fault: Fault, keys: &[(&str, &str, &str)]) -> Error {
    let known = fault.constraint().and_then(|name| keys.iter().find(|(key, ..)| *key == name));
    match known {
        Some((_, field, message)) => Error::taken(field, *message),
        None => fault.into(),
    }
}

/// A 404 when a statement that names one row touched none.
pub fn found(what: &str, rows: u64) -> bus::Outcome<()> {
    if rows == 0 { Err(Error::not_found(what).into()) } else { Ok(()) }
}

/// A phone number in E.164: separators are dropped, the plus sign is required.
pub fn phone(text: &str) -> Option<String> {
    let digits: String =
        text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '\u{a0}')).collect();
    let number = digits.strip_prefix('+')?;
    let good = (5..=15).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with('0');
    good.then_some(digits)
}

/// A phone number in E.164; one written as in its country gets that country's code (`+251`).
pub fn phone_in(text: &str, country: Option<&str>) -> Option<String> {
    if let Some(number) = phone(text) {
        return Some(number);
    }
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("00") {
        return phone(&format!("+{rest}"));
    }
    let country = country?.trim().trim_start_matches('+');
    let national = text.strip_prefix('0').unwrap_or(text);
    // nothing shorter is a subscriber's number
    if national.bytes().filter(u8::is_ascii_digit).count() < 5 {
        return None;
    }
    let counts = country.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('+');
    (counts && !country.is_empty()).then(|| phone(&format!("+{country}{national}"))).flatten()
}

/// Whether it could be an e-mail address; only sending one can tell more.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.len() <= 255
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_brought_to_one_form() {
        assert_eq!(phone("+251 911-23 45 67").as_deref(), Some("+251911234567"));
        assert_eq!(phone("0911234567"), None);
        assert_eq!(phone("+1"), None);
        assert_eq!(phone("+25191x234567"), None);
    }

    #[test]
    fn national_numbers_get_their_country() {
        assert_eq!(phone_in("0911 23-45-67", Some("+251")).as_deref(), Some("+251911234567"));
        assert_eq!(phone_in("911234567", Some("251")).as_deref(), Some("+251911234567"));
        assert_eq!(phone_in("00251911234567", None).as_deref(), Some("+251911234567"));
        assert_eq!(phone_in("+15551234567", Some("+251")).as_deref(), Some("+15551234567"));
        assert_eq!(phone_in("0911234567", None), None);
        assert_eq!(phone_in("+0911234567", Some("+251")), None);
        assert_eq!(phone_in("call me", Some("+251")), None);
        assert_eq!(phone_in("12", Some("+251")), None);
    }

    #[test]
    fn every_refusal_is_told() {
        let mut checks = Checks::new();
        checks.text("name", " ", 5);
        checks.optional("title", Some("too long"), 3);
        checks.object("metadata", &serde_json::json!([]));
        let error = checks.finish().unwrap_err();
        assert_eq!(error.details["errors"].as_array().unwrap().len(), 3);
        assert!(is_email("a@b.co") && !is_email("a@b") && !is_email("a b@c.de"));
    }
}
