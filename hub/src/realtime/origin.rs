//! Whether a page of this origin may connect. A browser always sends `Origin`; a program need not, and
//! has no ambient credentials that a page could misuse.

use url::Url;

/// What an `Origin` is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Origins<'a> {
    /// The `Host` of the handshake.
    pub host: Option<&'a str>,
    pub public_url: &'a str,
    /// Listed origins: `https://shop.example`, `shop.example` or `*.example.com`.
    pub listed: &'a [String],
    /// An empty list means any.
    pub any_if_unlisted: bool,
}

impl Origins<'_> {
    /// Whether `origin` may connect.
    #[must_use]
    pub fn accept(&self, origin: Option<&str>) -> bool {
        let Some(origin) = origin else { return true };
        if self.any_if_unlisted && self.listed.is_empty() {
            return true;
        }
        // `null` is what sandboxed frames and files send: nobody in particular
        let Ok(page) = Url::parse(origin) else { return false };
        let own = self.host.is_some_and(|host| {
            ["http", "https"].iter().any(|scheme| {
                page.scheme() == *scheme
                    && Url::parse(&format!("{scheme}://{host}"))
                        .is_ok_and(|own| own.origin() == page.origin())
            })
        });
        own || Url::parse(self.public_url).is_ok_and(|public| public.origin() == page.origin())
            || self.listed.iter().any(|listed| matches(listed, &page))
    }
}

fn matches(listed: &str, page: &Url) -> bool {
    let host = page.host_str().unwrap_or_default();
    let (scheme, rest) =
        listed.split_once("://").map_or((None, listed), |(scheme, rest)| (Some(scheme), rest));
    if scheme.is_some_and(|scheme| scheme != page.scheme()) {
        return false;
    }
    if let Some(domain) = rest.strip_prefix("*.") {
        return host.strip_suffix(domain).is_some_and(|sub| sub.len() > 1 && sub.ends_with('.'));
    }
    match scheme {
        Some(_) => Url::parse(listed).is_ok_and(|listed| listed.origin() == page.origin()),
        None => rest.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    fn accept(origin: &str, listed: &[&str], any: bool) -> bool {
        let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
        Origins {
            host: Some("hub.example:8080"),
            public_url: "https://chat.example",
            listed: &listed,
            any_if_unlisted: any,
        }
        .accept(Some(origin))
    }

    #[test]
    fn own_public_and_listed_origins_are_accepted() {
        assert!(accept("http://hub.example:8080", &[], false));
        assert!(accept("https://chat.example", &[], false));
        assert!(accept("https://shop.example", &["https://shop.example"], false));
        assert!(accept("https://shop.example", &["shop.example"], false));
        assert!(accept("https://a.example.com", &["*.example.com"], false));
        assert!(accept("https://a.b.example.com", &["https://*.example.com"], false));
        assert!(accept("https://anyone.example", &[], true));
    }

    #[test]
    fn others_are_not() {
        assert!(!accept("https://evil.example", &[], false));
        assert!(!accept("https://evil.example", &["https://shop.example"], true));
        assert!(!accept("http://shop.example", &["https://shop.example"], false));
        assert!(!accept("https://example.com", &["*.example.com"], false));
        assert!(!accept("https://evilexample.com", &["*.example.com"], false));
        assert!(!accept("http://hub.example:9999", &[], false));
        assert!(!accept("null", &[], false));
    }
}
