//! A mail from the pieces into which a provider has taken it apart, so that one reader reads them all.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The pieces of a mail.
#[derive(Default)]
pub(super) struct Pieces {
    /// All headers of the mail, unfolded or not.
    pub headers: Vec<(String, String)>,
    pub text: Option<String>,
    pub html: Option<String>,
    pub files: Vec<Piece>,
}

/// A file.
pub(super) struct Piece {
    pub name: String,
    pub mime_type: String,
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

impl Pieces {
    /// The same pieces always give the same octets.
    pub(super) fn mail(&self) -> Vec<u8> {
        let mut out = String::new();
        for (name, value) in &self.headers {
            let lower = name.to_lowercase();
            let is_name =
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
            if is_name && !lower.starts_with("content-") && lower != "mime-version" {
                let value = value.lines().map(str::trim).collect::<Vec<_>>().join("\r\n ");
                let _ = write!(out, "{name}: {value}\r\n");
            }
        }
        let boundary = self.boundary();
        let _ = write!(
            out,
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n"
        );
        let inner = format!("{boundary}-a");
        let _ =
            write!(out, "--{boundary}\r\nContent-Type: multipart/alternative; boundary=\"{inner}\"\r\n\r\n");
        for (kind, text) in [("plain", &self.text), ("html", &self.html)] {
            if let Some(text) = text {
                let head = format!("--{inner}\r\nContent-Type: text/{kind}; charset=utf-8\r\n");
                out.push_str(&head);
                encoded(&mut out, text.as_bytes());
            }
        }
        let _ = write!(out, "--{inner}--\r\n");
        for file in &self.files {
            let clean = |text: &str| super::one_line(text).replace(['"', '\\'], "_");
            let _ = write!(out, "--{boundary}\r\nContent-Type: {}\r\n", clean(&file.mime_type));
            let _ = write!(out, "Content-Disposition: attachment; filename=\"{}\"\r\n", clean(&file.name));
            if let Some(id) = &file.content_id {
                let _ = write!(out, "Content-ID: <{}>\r\n", clean(id).trim_matches(['<', '>']));
            }
            encoded(&mut out, &file.bytes);
        }
        let _ = write!(out, "--{boundary}--\r\n");
        out.into_bytes()
    }

    fn boundary(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.text.as_deref().unwrap_or_default());
        hash.update(self.html.as_deref().unwrap_or_default());
        format!("pieces-{}", &hex::encode(hash.finalize())[..32])
    }
}

fn encoded(out: &mut String, bytes: &[u8]) {
    out.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
    let text = STANDARD.encode(bytes);
    for line in text.as_bytes().chunks(76) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push_str("\r\n");
    }
}
