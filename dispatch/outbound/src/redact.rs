//! Takes secrets out of whatever is logged or stored about a call.

use base64::{Engine, engine::general_purpose::STANDARD};

const MASK: &str = "[redacted]";
/// Shorter strings are no secrets, and replacing them would make a text unreadable.
const SHORTEST: usize = 4;

/// Replaces a list of secrets, in each form in which they may travel, and bot tokens of any owner.
///
/// Its `Debug` says how many there are, never which.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a secret that contains another is taken whole.
    forms: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} forms)", self.forms.len())
    }
}

impl Redactor {
    #[must_use]
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut forms = Vec::new();
        for secret in secrets {
            let secret = secret.as_ref();
            if secret.len() < SHORTEST {
                continue;
            }
            forms.push(secret.to_owned());
            forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
            forms.push(percent_encoded(secret));
            forms.push(serde_json::Value::from(secret).to_string().trim_matches('"').to_owned());
            forms.push(STANDARD.encode(secret));
        }
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self { forms }
    }

    /// The same and one more: what an `Authorization` header says after its scheme.
    pub(crate) fn with_authorization(&self, headers: &http::HeaderMap) -> Self {
        let value = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let mut all = self.clone();
        if let Some((_, secret)) = value.and_then(|value| value.split_once(' ')) {
            // it holds the others in a coded form, so it goes first
            all.forms.insert(0, secret.to_owned());
        }
        all
    }

    /// The text without the secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for form in &self.forms {
            if clean.contains(form.as_str()) {
                clean = clean.replace(form.as_str(), MASK);
            }
        }
        mask_bot_tokens(&clean)
    }

    /// The address without secrets, user name and password.
    #[must_use]
    pub fn url(&self, address: &str) -> String {
        let Ok(mut url) = url::Url::parse(address) else { return self.text(strip_userinfo(address)) };
        // failing to clear them means that the address cannot have any
        let _ = url.set_username("");
        let _ = url.set_password(None);
        self.text(url.as_str())
    }

    /// The beginning of a body, at most `limit` bytes; bodies that are not text are only counted.
    #[must_use]
    pub fn excerpt(&self, body: &[u8], limit: usize) -> String {
        let Ok(text) = std::str::from_utf8(body) else { return format!("<{} bytes>", body.len()) };
        let mut clean = self.text(text);
        if clean.len() > limit {
            let cut = (0..=limit).rev().find(|at| clean.is_char_boundary(*at)).unwrap_or(0);
            clean.truncate(cut);
            clean.push('…');
        }
        clean
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// For an address too broken to be read: everything between the scheme and the last `@` goes.
fn strip_userinfo(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, rest)| rest)
}

/// Telegram puts the token into the path: `/bot<digits>:<token>`.
fn mask_bot_tokens(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/bot") {
        let (before, after) = rest.split_at(at + 4);
        clean.push_str(before);
        let token = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-' | '%')))
            .unwrap_or(after.len());
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let separated = after[digits..].starts_with(':') || after[digits..].starts_with("%3A");
        if digits > 0 && separated {
            clean.push_str(MASK);
            rest = &after[token..];
        } else {
            rest = after;
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_in_every_form() {
        let redactor = Redactor::new(["p@ss/w\"ord", "abc"]);
        let all = format!(
            "raw p@ss/w\"ord form p%40ss%2Fw%22ord json p@ss/w\\\"ord b64 {} short abc",
            STANDARD.encode("p@ss/w\"ord")
        );
        let clean = redactor.text(&all);
        assert_eq!(clean.matches(MASK).count(), 4, "{clean}");
        assert!(!clean.contains("ss/w") && clean.contains("abc"));
        assert!(!format!("{redactor:?}").contains("p@ss"));
    }

    #[test]
    fn addresses_lose_user_and_token() {
        let redactor = Redactor::default();
        assert_eq!(redactor.url("https://user:pw@h.example/a?b=1"), "https://h.example/a?b=1");
        assert_eq!(
            redactor.url("https://t.example/bot123:AA-b_c/getMe"),
            "https://t.example/bot[redacted]/getMe"
        );
        assert_eq!(
            redactor.url("https://t.example/file/bot1%3AAAx/p"),
            "https://t.example/file/bot[redacted]/p"
        );
        assert_eq!(redactor.url("https://h.example/bottom"), "https://h.example/bottom");
        assert!(!redactor.url("http://user:pw@[bad").contains("pw"));
    }

    #[test]
    fn excerpts_are_cut_after_the_secrets_are_gone() {
        let redactor = Redactor::new(["sekret-sekret"]);
        assert_eq!(redactor.excerpt(b"sekret-sekret", 6), "[redac…");
        assert_eq!(redactor.excerpt(&[0xff, 0xfe], 10), "<2 bytes>");
        assert_eq!(redactor.excerpt("ééé".as_bytes(), 3), "é…");
    }
}
