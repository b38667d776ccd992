//! HTML: what strangers send is cleaned before agents see it, and what we send as text gets a plain HTML form.

use std::fmt::Write as _;

use std::collections::HashSet;

/// What agents may see of a stranger's mail: no scripts, no forms, no styles that reach beyond their element, and
/// nothing that is loaded from anywhere, because that tells the sender that (and where) it was read. Pictures inside
/// the mail (`cid:`) keep their name.
pub(super) fn for_agents(html: &str) -> String {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") if !value.starts_with("cid:") => None,
            (_, "background" | "srcset" | "poster" | "longdesc" | "cite") => None,
            _ => Some(value.into()),
        })
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .strip_comments(true);
    cleaner.clean(html).to_string()
}

/// HTML that a member of the account wrote, for customers.
pub(super) fn for_customers(html: &str) -> String {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .add_generic_attributes(["style"])
        .filter_style_properties(HashSet::from([
            "background-color",
            "border",
            "border-collapse",
            "color",
            "font-family",
            "font-size",
            "font-style",
            "font-weight",
            "height",
            "line-height",
            "margin",
            "margin-bottom",
            "margin-top",
            "max-width",
            "padding",
            "text-align",
            "text-decoration",
            "vertical-align",
            "width",
        ]))
        .link_rel(None);
    cleaner.clean(html).to_string()
}

/// A text as HTML: paragraphs, line ends, and links that can be clicked.
pub(super) fn of_text(text: &str) -> String {
    let paragraphs = text.trim().split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let inner: Vec<String> = paragraphs
        .map(|paragraph| {
            let lines: Vec<String> = paragraph.trim_matches('\n').lines().map(line).collect();
            format!("<p>{}</p>\n", lines.join("<br>\n"))
        })
        .collect();
    format!("<!DOCTYPE html>\n<html><body>\n{}</body></html>\n", inner.concat())
}

fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
        let is_link = ["http://", "https://"].iter().any(|scheme| {
            address.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
        });
        if is_link {
            let (shown, rest) = (ammonia::clean_text(address), ammonia::clean_text(&word[address.len()..]));
            // clean_text is for attributes as well: it escapes quotes, blanks and slashes
            let _ = write!(out, "<a href=\"{shown}\">{shown}</a>{rest}");
        } else {
            out.push_str(&escaped(word));
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_strangers_mail_runs_or_calls_home() {
        let dirty = r#"<p onclick="x()">Hi <b>there</b></p><script>alert(1)</script><style>*{}</style>
            <img src="https://track.example/p.gif"><img src="cid:logo" alt="logo"><img src="data:image/png;base64,AA">
            <a href="javascript:alert(1)">bad</a> <a href="https://ok.example/">good</a>
            <form action="https://evil.example"><input name="p"></form><iframe src="https://evil.example"></iframe>
            <svg><script>1</script></svg><table background="https://track.example/b.gif"><tr><td>cell</td></tr></table>
            <meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example">"#;
        let clean = for_agents(dirty);
        for gone in [
            "script",
            "onclick",
            "track.example",
            "javascript",
            "evil.example",
            "iframe",
            "<style",
            "data:",
            "<form",
        ] {
            assert!(!clean.contains(gone), "{gone} in {clean}");
        }
        for kept in ["<b>there</b>", "cid:logo", "https://ok.example/", "noreferrer", "cell"] {
            assert!(clean.contains(kept), "no {kept} in {clean}");
        }
    }

    #[test]
    fn text_becomes_html_that_says_the_same() {
        let html = of_text("Hi <you> & me,\nsee https://x.test/a?b=1&c=2.\n\nBye \"now\"");
        assert!(html.contains("Hi &lt;you&gt; &amp; me,<br>"));
        assert!(html.contains("</a>.") && html.contains("<p>Bye &quot;now&quot;</p>"));
        assert!(!of_text("javascript:alert(1) http://\"onclick=x").contains("<a "));
        let link = of_text("https://x.test/\"><script>");
        assert!(!link.contains("<script>"), "{link}");
    }

    #[test]
    fn our_own_html_keeps_its_looks_but_no_scripts() {
        let clean = for_customers(
            r#"<p style="color: red; position: fixed">x</p><script>1</script><img src="cid:a.png">"#,
        );
        assert!(clean.contains("color:red") || clean.contains("color: red"), "{clean}");
        assert!(!clean.contains("position") && !clean.contains("script") && clean.contains("cid:a.png"));
    }
}
