//! Something that is served as it is: with a tag by its content, and packed for whoever can unpack it.

use std::{
    io::Write as _,
    sync::{Arc, LazyLock},
};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// Below it packing gains nothing.
const SMALL: usize = 1024;
/// Packed bytes that are kept: more than both web apps take.
const KEPT: u64 = 32 << 20;

/// How long browsers and proxies may use what they have.
#[derive(Debug, Clone, Copy)]
pub enum Lasting {
    /// They ask each time, and are told in a few bytes that nothing changed.
    Asked,
    /// The name changes with the content.
    Forever,
    /// Other sites' pages load it: minutes, and then an old one while a new one is fetched.
    Minutes,
}

impl Lasting {
    const fn words(self) -> &'static str {
        match self {
            Self::Asked => "no-cache",
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Minutes => "public, max-age=300, stale-while-revalidate=86400",
        }
    }
}

/// A file, or a text of ours.
#[derive(Debug, Clone)]
pub struct Asset {
    kind: &'static str,
    body: Bytes,
    /// Of the content.
    tag: Arc<str>,
}

impl Asset {
    #[must_use]
    pub fn new(kind: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let tag = hex::encode(&Sha256::digest(&body)[..12]);
        Self { kind, body, tag: tag.into() }
    }

    /// A file whose content's hash is known already.
    #[must_use]
    pub fn file(path: &str, body: impl Into<Bytes>, hash: [u8; 32]) -> Self {
        Self { kind: kind(path), body: body.into(), tag: hex::encode(&hash[..12]).into() }
    }

    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The answer to a request with these headers.
    pub async fn answer(&self, asked: &HeaderMap, lasting: Lasting) -> Response {
        let tag = format!("W/\"{}\"", self.tag);
        let packing = Packing::accepted(asked).filter(|_| self.body.len() >= SMALL && packs(self.kind));
        let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            match packing {
                Some(packing) => {
                    let mut response = self.packed(packing).await.into_response();
                    set(&mut response, header::CONTENT_ENCODING, packing.name());
                    response
                }
                None => self.body.clone().into_response(),
            }
        };
        set(&mut response, header::CONTENT_TYPE, self.kind);
        set(&mut response, header::CACHE_CONTROL, lasting.words());
        set(&mut response, header::ETAG, &tag);
        set(&mut response, header::VARY, "accept-encoding");
        response
    }

    /// Packed once, the first time that somebody wants it.
    async fn packed(&self, packing: Packing) -> Bytes {
        static PACKED: LazyLock<Cache<(Arc<str>, Packing), Bytes>> = LazyLock::new(|| {
            Cache::builder().max_capacity(KEPT).weigher(|_, bytes: &Bytes| bytes.len() as u32).build()
        });
        let key = (Arc::clone(&self.tag), packing);
        let body = self.body.clone();
        let packing = tokio::task::spawn_blocking(move || PACKED.get_with(key, || packing.pack(&body)));
        packing.await.unwrap_or_else(|_| self.body.clone())
    }
}

/// Sets a header; a value that cannot be one is left out.
pub fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Packing {
    Brotli,
    Gzip,
}

impl Packing {
    const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The best one that a client takes.
    fn accepted(asked: &HeaderMap) -> Option<Self> {
        let accepts = asked.get(header::ACCEPT_ENCODING)?.to_str().ok()?.to_ascii_lowercase();
        let takes = |name: &str| {
            accepts.split(',').any(|one| {
                let mut parts = one.split(';').map(str::trim);
                let refused =
                    |quality: &str| quality.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
                parts.next() == Some(name) && !parts.any(refused)
            })
        };
        [Self::Brotli, Self::Gzip].into_iter().find(|packing| takes(packing.name()))
    }

    fn pack(self, body: &[u8]) -> Bytes {
        let mut packed = Vec::with_capacity(body.len() / 3);
        // writing into memory does not fail
        let written = match self {
            Self::Brotli => brotli::CompressorWriter::new(&mut packed, 4096, 9, 22).write_all(body),
            Self::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::best());
                writer.write_all(body).and_then(|()| writer.finish().map(drop))
            }
        };
        if let Err(error) = written {
            tracing::error!(%error, "an asset could not be packed");
        }
        packed.into()
    }
}

pub const HTML: &str = "text/html; charset=utf-8";
pub const SCRIPT: &str = "text/javascript; charset=utf-8";
pub const STYLE: &str = "text/css; charset=utf-8";
pub const JSON: &str = "application/json";

/// What a file is, by the end of its name.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => HTML,
        "js" | "mjs" => SCRIPT,
        "css" => STYLE,
        "json" | "map" => JSON,
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn packs(kind: &str) -> bool {
    kind.starts_with("text/") || kind.contains("json") || kind.contains("svg") || kind == "audio/wav"
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn accepting(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))])
    }

    #[test]
    fn the_best_packing_that_is_taken_is_used() {
        for (text, packing) in [
            ("gzip, deflate, br", Some(Packing::Brotli)),
            ("GZIP;q=0.5", Some(Packing::Gzip)),
            ("br;q=0, gzip", Some(Packing::Gzip)),
            ("identity", None),
            ("brotli", None),
        ] {
            assert_eq!(Packing::accepted(&accepting(text)), packing, "{text}");
        }
    }

    #[tokio::test]
    async fn it_is_packed_when_it_is_worth_it_and_comes_out_the_same() {
        let text = "all the same words ".repeat(1000);
        let asset = Asset::new(SCRIPT, text.clone());
        let answer = asset.answer(&accepting("gzip"), Lasting::Forever).await;
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip");
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        assert!(body.len() < text.len() / 10);
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        let answer = asset.answer(&accepting("br"), Lasting::Forever).await;
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let mut unpacked = String::new();
        brotli::Decompressor::new(&body[..], 4096).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        for unpacked in [Asset::new(SCRIPT, "x"), Asset::file("a.png", vec![0; 4096], [0; 32])] {
            let answer = unpacked.answer(&accepting("br"), Lasting::Asked).await;
            assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
        }
    }

    #[tokio::test]
    async fn who_has_it_is_told_so() {
        let asset = Asset::new(HTML, "page");
        let first = asset.answer(&HeaderMap::new(), Lasting::Asked).await;
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].clone();
        let again = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
        let answer = asset.answer(&again, Lasting::Asked).await;
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(Asset::new(HTML, "other").answer(&again, Lasting::Asked).await.status(), StatusCode::OK);
    }
}
