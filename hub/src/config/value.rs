//! The kinds of value that a setting can have: how each is read from text, written back, and described.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use inbox::uploads::Bucket;
use ipnet::IpNet;
use outbound::AllowList;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use crate::boot::secrets::SecretKey;

/// A kind of value. Files, environment and flags all come as text; what a file says otherwise (numbers, lists) is
/// turned into it first.
pub trait Setting: Sized + Clone {
    /// What is allowed, as the error says it after "must be".
    const ALLOWED: &'static str;
    /// Never shown, neither by `turumba config` nor in an error.
    const SECRET: bool = false;

    fn from_text(text: &str) -> Option<Self>;

    /// As `turumba config` prints it.
    fn to_json(&self) -> Value;
}

/// A setting that may be missing.
impl<T: Setting> Setting for Option<T> {
    const ALLOWED: &'static str = T::ALLOWED;
    const SECRET: bool = T::SECRET;

    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(Some)
    }

    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Setting::to_json)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            const ALLOWED: &'static str = "a whole number";

            fn from_text(text: &str) -> Option<Self> {
                text.replace('_', "").parse().ok()
            }

            fn to_json(&self) -> Value {
                json!(self)
            }
        }
    )*};
}
numbers!(u16, u32, u64);

impl Setting for bool {
    const ALLOWED: &'static str = "true or false";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl Setting for SocketAddr {
    const ALLOWED: &'static str = "an address and a port, such as 127.0.0.1:8080 or [::1]:8080";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_json(&self) -> Value {
        json!(self.to_string())
    }
}

impl Setting for PathBuf {
    const ALLOWED: &'static str = "a path";

    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }

    fn to_json(&self) -> Value {
        json!(self.display().to_string())
    }
}

/// Units of a duration with their milliseconds, longest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl Setting for Duration {
    const ALLOWED: &'static str = "a time with its unit, such as 500ms, 60s, 15m, 24h or 30d";

    fn from_text(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(end);
        let (_, ms) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
        Some(Self::from_millis(number.parse::<u64>().ok()?.checked_mul(*ms)?))
    }

    fn to_json(&self) -> Value {
        let ms = self.as_millis() as u64;
        let (name, unit) =
            UNITS.iter().find(|(_, unit)| ms != 0 && ms.is_multiple_of(*unit)).unwrap_or(&("s", 1000));
        json!(format!("{}{name}", ms / unit))
    }
}

/// A size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    pub const fn kib(n: u64) -> Self {
        Self(n << 10)
    }

    pub const fn mib(n: u64) -> Self {
        Self(n << 20)
    }
}

impl Setting for Bytes {
    const ALLOWED: &'static str = "a size, such as 4096, 128KiB, 10MiB, 1GiB or 10MB";

    fn from_text(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let factor = match unit.trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "kB" | "KB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(factor).map(Self)
    }

    fn to_json(&self) -> Value {
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        match units.iter().find(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor)) {
            Some((name, factor)) => json!(format!("{}{name}", self.0 / factor)),
            None => json!(self.0),
        }
    }
}

/// An absolute http(s) address without a query; never ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub(super) fn of(listen: SocketAddr) -> Self {
        Self(format!("http://{listen}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a path, which begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl Setting for PublicUrl {
    const ALLOWED: &'static str =
        "an http or https address without a query, such as https://chat.example.org";

    fn from_text(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let served = matches!(url.scheme(), "http" | "https") && url.has_host();
        (plain && served).then(|| Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    fn to_json(&self) -> Value {
        json!(self.0)
    }
}

/// Where files lie that several nodes share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesUrl {
    Folder(PathBuf),
    Bucket(Bucket),
}

impl std::fmt::Display for FilesUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "file://{}", path.display()),
            Self::Bucket(bucket) => f.write_str(&shown(bucket)),
        }
    }
}

impl Setting for FilesUrl {
    const ALLOWED: &'static str = "file:///folder (an absolute path), or s3://bucket/prefix with, where they are needed, \
         KEY:SECRET@ before the bucket, ?endpoint=https://host:port for a service that is not Amazon's, and \
         region=name";
    const SECRET: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        match url.scheme() {
            "file" => url.to_file_path().ok().map(Self::Folder),
            "s3" => bucket(&url).map(Self::Bucket),
            _ => None,
        }
    }

    fn to_json(&self) -> Value {
        json!(self.to_string())
    }
}

/// Read from a URL; `None` where something in it is wrong or has no meaning here.
fn bucket(url: &Url) -> Option<Bucket> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
    let name = url.host_str().filter(|name| !name.is_empty())?.to_owned();
    let key = match (url.username(), url.password()) {
        ("", None) => None,
        (id, Some(secret)) if !id.is_empty() && !secret.is_empty() => Some((decoded(id)?, decoded(secret)?)),
        _ => return None,
    };
    let prefix = decoded(url.path().trim_matches('/'))?;
    let (mut endpoint, mut region) = (None, None);
    for (name, value) in url.query_pairs() {
        match &*name {
            "endpoint" => {
                let at = Url::parse(&value).ok().filter(|at| {
                    matches!(at.scheme(), "http" | "https") && at.has_host() && at.query().is_none()
                })?;
                endpoint = Some(at.as_str().trim_end_matches('/').to_owned());
            }
            "region" if !value.is_empty() => region = Some(value.into_owned()),
            _ => return None,
        }
    }
    let is_known = url.port().is_none() && url.fragment().is_none();
    is_known.then_some(Bucket { name, prefix, endpoint, region, key })
}

/// A bucket's address without its secret.
fn shown(bucket: &Bucket) -> String {
    let key = bucket.key.as_ref().map_or_else(String::new, |(id, _)| format!("{id}:***@"));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("endpoint", &bucket.endpoint), ("region", &bucket.region)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    let (slash, mark) =
        (if bucket.prefix.is_empty() { "" } else { "/" }, if query.is_empty() { "" } else { "?" });
    format!("s3://{key}{}{slash}{}{mark}{query}", bucket.name, bucket.prefix)
}

/// The address of a service, with a password that is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(Url);

impl ServiceUrl {
    /// With its password.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    fn masked(&self) -> String {
        let mut url = self.0.clone();
        if url.password().is_some() {
            // only a URL without a host refuses; it has no password then
            let _refused = url.set_password(Some("***"));
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if pairs.iter().any(|(name, _)| name == "password") {
            url.query_pairs_mut().clear().extend_pairs(
                pairs.iter().map(|(name, value)| (name, if name == "password" { "***" } else { value })),
            );
        }
        url.into()
    }
}

impl std::fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Setting for ServiceUrl {
    const ALLOWED: &'static str = "a URL with a scheme, such as postgres://user@host/database";
    const SECRET: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        Url::parse(text).ok().map(Self)
    }

    fn to_json(&self) -> Value {
        json!(self.masked())
    }
}

impl Setting for SecretKey {
    const ALLOWED: &'static str = "64 hex digits (openssl rand -hex 32)";
    const SECRET: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        Self::from_hex(text).ok()
    }

    fn to_json(&self) -> Value {
        json!("***")
    }
}

/// Networks; an address alone stands for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl Networks {
    pub fn contains(&self, address: std::net::IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(text: &str) -> Option<IpNet> {
    IpNet::from_str(text).ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn list<T>(text: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(item).collect()
}

/// Opens `/metrics` to whoever sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsToken(…)")
    }
}

impl Setting for MetricsToken {
    const ALLOWED: &'static str = "16 or more letters, digits or signs, without spaces";
    const SECRET: bool = true;

    fn from_text(text: &str) -> Option<Self> {
        let good = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic());
        good.then(|| Self(text.to_owned()))
    }

    fn to_json(&self) -> Value {
        json!("********")
    }
}

impl Setting for Networks {
    const ALLOWED: &'static str = "a comma list of addresses or networks, such as 10.0.0.0/8,127.0.0.1";

    fn from_text(text: &str) -> Option<Self> {
        list(text, network).map(Self)
    }

    fn to_json(&self) -> Value {
        json!(self.0.iter().map(ToString::to_string).collect::<Vec<_>>())
    }
}

/// Private destinations that outgoing requests may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundAllow {
    entries: Vec<String>,
    list: AllowList,
}

impl OutboundAllow {
    /// As the client for outgoing requests takes it.
    pub fn list(&self) -> AllowList {
        self.list.clone()
    }
}

impl Setting for OutboundAllow {
    const ALLOWED: &'static str =
        "a comma list of host names, addresses or networks, such as gateway.internal,192.168.0.0/16";

    fn from_text(text: &str) -> Option<Self> {
        let entries = list(text, |entry| Some(entry.to_owned()))?;
        Some(Self { entries, list: AllowList::parse(text).ok()? })
    }

    fn to_json(&self) -> Value {
        json!(self.entries)
    }
}

/// Which log lines are written: a level, or levels by module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(pub String);

impl Setting for LogFilter {
    const ALLOWED: &'static str =
        "error, warn, info, debug, trace or off, or a comma list with modules, such as info,sqlx=warn";

    fn from_text(text: &str) -> Option<Self> {
        let level = |level: &str| {
            ["error", "warn", "info", "debug", "trace", "off"].contains(&level.to_ascii_lowercase().as_str())
        };
        let all = text.split(',').all(|part| match part.trim().split_once('=') {
            Some((module, of)) => !module.is_empty() && level(of),
            None => level(part.trim()),
        });
        all.then(|| Self(text.to_owned()))
    }

    fn to_json(&self) -> Value {
        json!(self.0)
    }
}

/// How log lines are written to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

impl Setting for LogFormat {
    const ALLOWED: &'static str = "text or json";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn to_json(&self) -> Value {
        json!(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_need_a_known_unit_and_print_as_read() {
        for text in ["500ms", "60s", "15m", "24h", "30d"] {
            let read = Duration::from_text(text).unwrap();
            assert_eq!(Duration::from_text(read.to_json().as_str().unwrap()), Some(read));
        }
        assert_eq!(Duration::from_text("900s").unwrap().to_json(), "15m");
        assert_eq!(Duration::from_text("60"), None);
        assert_eq!(Duration::from_text("-1s"), None);
        assert_eq!(Bytes::from_text("10MB"), Some(Bytes(10_000_000)));
        assert_eq!(Bytes::from_text("128KiB").unwrap().to_json(), "128KiB");
        assert_eq!(Bytes::from_text("18446744073709551615GiB"), None);
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        let url = ServiceUrl::from_text("postgres://hub:s3cret@db/turumba?password=s3cret&sslmode=require")
            .unwrap();
        assert!(!format!("{url:?} {}", url.to_json()).contains("s3cret"));
        assert!(url.reveal().contains("s3cret"));
        assert!(format!("{url:?}").contains("sslmode=require"));
    }

    #[test]
    fn lists_of_hosts_and_networks() {
        let allowed = OutboundAllow::from_text("gateway.internal, 10.0.0.0/8,::1").unwrap();
        assert_eq!(allowed.to_json(), json!(["gateway.internal", "10.0.0.0/8", "::1"]));
        assert_ne!(allowed.list(), AllowList::default());
        assert!(OutboundAllow::from_text("10.0.0.0/99").is_none());
        let trusted = Networks::from_text("127.0.0.1").unwrap();
        assert!(trusted.contains("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!trusted.contains("127.0.0.2".parse().unwrap()));
    }

    #[test]
    fn public_addresses_are_plain() {
        assert_eq!(PublicUrl::from_text("https://Example.org/").unwrap().as_str(), "https://example.org");
        assert_eq!(PublicUrl::from_text("https://a/b/").unwrap().join("/x"), "https://a/b/x");
        assert!(PublicUrl::from_text("ftp://a").is_none());
        assert!(PublicUrl::from_text("https://a/?q").is_none());
        assert!(FilesUrl::from_text("file:///shared").is_some());
        let plain = FilesUrl::from_text("s3://files").unwrap();
        assert_eq!(plain.to_json(), "s3://files");
        let text = "s3://id:a%2Fsecret@files/of/turumba?endpoint=http%3A%2F%2F127.0.0.1%3A9000&region=eu-1";
        let FilesUrl::Bucket(bucket) = FilesUrl::from_text(text).unwrap() else { panic!("a bucket") };
        assert_eq!(bucket.key.as_ref().unwrap().1, "a/secret");
        assert_eq!(
            (bucket.prefix.as_str(), bucket.endpoint.as_deref()),
            ("of/turumba", Some("http://127.0.0.1:9000"))
        );
        let shown = FilesUrl::Bucket(bucket).to_json();
        assert_eq!(shown, text.replace("a%2Fsecret", "***"));
        for wrong in [
            "s3://",
            "s3://id@files",
            "s3://files?endpoint=ftp://h",
            "s3://files?bucket=b",
            "s3://files:80",
            "gs://files",
        ] {
            assert!(FilesUrl::from_text(wrong).is_none(), "{wrong}");
        }
    }
}
