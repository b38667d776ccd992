//! Forms that providers post (RFC 7578, and URL-encoded ones): inbound mails come as one, with their files.

use bytes::Bytes;

use crate::WebhookRequest;

/// A field of a form.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub name: String,
    pub filename: Option<String>,
    pub mime_type: Option<String>,
    pub value: Bytes,
}

/// The fields of a form. A provider's own come last: what a sender can name must not stand for them.
pub(super) struct Form(Vec<Field>);

impl Form {
    pub(super) fn read(request: &WebhookRequest) -> Self {
        let kind = request.header("content-type").unwrap_or_default();
        match boundary(kind) {
            Some(boundary) => Self(multipart(&request.body, &boundary)),
            None => {
                let pairs = url::form_urlencoded::parse(&request.body);
                let field = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| Field {
                    name: name.into_owned(),
                    filename: None,
                    mime_type: None,
                    value: Bytes::from(value.into_owned()),
                };
                Self(pairs.map(field).collect())
            }
        }
    }

    /// The last field of a name, as octets.
    pub(super) fn bytes(&self, name: &str) -> Option<&Bytes> {
        self.0.iter().rev().find(|field| field.name == name).map(|field| &field.value)
    }

    /// The last field of a name, as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// A text that its sender wrote in another charset.
    pub(super) fn text_in(&self, name: &str, charset: Option<&str>) -> Option<String> {
        let value = self.bytes(name)?;
        let decode = charset
            .and_then(|charset| mail_parser::decoders::charsets::map::charset_decoder(charset.as_bytes()));
        Some(match decode {
            Some(decode) => decode(value),
            None => String::from_utf8_lossy(value).into_owned(),
        })
    }

    /// The files, in their order.
    pub(super) fn files(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(|field| field.filename.is_some())
    }
}

fn boundary(kind: &str) -> Option<String> {
    if !kind.trim_start().to_lowercase().starts_with("multipart/form-data") {
        return None;
    }
    let (_, value) = kind.split_once("boundary=")?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}

fn multipart(body: &Bytes, boundary: &str) -> Vec<Field> {
    let delimiter = format!("--{boundary}").into_bytes();
    let mut fields = Vec::new();
    let Some(mut at) = find(body, &delimiter, 0) else { return fields };
    loop {
        let begin = at + delimiter.len();
        let next = find(body, &[b"\r\n", &delimiter[..]].concat(), begin);
        let Some(next) = next else { return fields };
        let part = body.slice(begin..next);
        if part.starts_with(b"--") {
            return fields;
        }
        fields.extend(field(&part));
        at = next + 2;
    }
}

fn field(part: &Bytes) -> Option<Field> {
    let head_begin = if part.starts_with(b"\r\n") { 2 } else { 0 };
    let head_end = find(part, b"\r\n\r\n", head_begin)?;
    let head = String::from_utf8_lossy(&part[head_begin..head_end]).into_owned();
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Field {
        name: parameter(&disposition, "name")?,
        filename: parameter(&disposition, "filename"),
        mime_type: header("content-type"),
        value: part.slice(head_end + 4..),
    })
}

fn parameter(header: &str, wanted: &str) -> Option<String> {
    // a semicolon inside quotes is a part of the name
    let mut is_quoted = false;
    let between = |letter: char| {
        is_quoted ^= letter == '"';
        letter == ';' && !is_quoted
    };
    header.split(between).skip(1).find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        let value = value.trim().trim_matches('"').replace("%22", "\"");
        name.trim().eq_ignore_ascii_case(wanted).then_some(value)
    })
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = haystack.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn request(kind: &'static str, body: &'static [u8]) -> WebhookRequest {
        let mut request = WebhookRequest::from_body(Bytes::from_static(body));
        request.headers.insert("content-type", HeaderValue::from_static(kind));
        request
    }

    #[test]
    fn both_kinds_of_forms() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"subject\"\r\n\r\nHi\r\n--x\r\nContent-Disposition: form-data; name=\"subject\"\r\n\r\nHo\r\n--x\r\nContent-Disposition: form-data; name=\"attachment1\"; filename=\"a; final.bin\"\r\nContent-Type: image/png\r\n\r\n\x89\r\n--\xff\r\n--x--\r\n";
        let form = Form::read(&request("multipart/form-data; boundary=\"x\"", body));
        assert_eq!(form.text("subject").as_deref(), Some("Ho"), "the last one counts");
        let file = form.files().next().unwrap();
        assert_eq!(file.filename.as_deref(), Some("a; final.bin"));
        assert_eq!((&file.value[..], file.mime_type.as_deref()), (&b"\x89\r\n--\xff"[..], Some("image/png")));
        let form = Form::read(&request("application/x-www-form-urlencoded", b"subject=a+b&x=%C3%A9"));
        assert_eq!((form.text("subject").as_deref(), form.text("x").as_deref()), (Some("a b"), Some("é")));
        for broken in [&b""[..], b"--x", b"--x\r\n", b"--x\r\n\r\n--x"] {
            assert_eq!(Form::read(&request("multipart/form-data; boundary=x", broken)).0.len(), 0);
        }
    }

    #[test]
    fn other_charsets() {
        let form = Form::read(&request(
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ncaf\xe9\r\n--x--\r\n",
        ));
        assert_eq!(form.text_in("text", Some("iso-8859-1")).as_deref(), Some("café"));
    }
}
