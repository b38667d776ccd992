//! Settings as an operator gives them, and the page that lists them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use hub::config::{Bytes, Config, ConfigError, FilesUrl, Flags, LogFormat, Source, catalogue};
use serde_json::Value;

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    [("HOME", "/home/someone")]
        .iter()
        .chain(pairs)
        .map(|(name, text)| ((*name).into(), (*text).into()))
        .collect()
}

fn flags(pairs: &[(&str, &str)]) -> Flags {
    Flags { file: None, values: pairs.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect() }
}

fn load(flag: &[(&str, &str)], env: &[(&str, &str)], file: &str) -> Result<Config, ConfigError> {
    let here = tempfile::tempdir().unwrap();
    if !file.is_empty() {
        std::fs::write(here.path().join("turumba.toml"), file).unwrap();
    }
    Config::from_parts(&flags(flag), &variables(env), here.path())
}

fn refused(flag: &[(&str, &str)], env: &[(&str, &str)], file: &str) -> String {
    load(flag, env, file).unwrap_err().to_string()
}

#[test]
fn nothing_given_gives_the_defaults() {
    let config = load(&[], &[], "").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8080");
    assert_eq!(config.sockets.ping_interval, Duration::from_secs(25));
    assert_eq!(config.uploads.max, Bytes::mib(10));
    assert_eq!(config.source("listen"), Source::Default);
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let file = "listen = '127.0.0.1:1'\ntrusted_proxies = ['10.0.0.0/8', '::1']\n\
                [log]\nformat = 'json'\nlevel = 'warn'\n[limits]\napi_per_minute = 7\n";
    let env = [("TURUMBA_LISTEN", "127.0.0.1:2"), ("TURUMBA_LOG_LEVEL", "debug"), ("REDIS_URL", "")];
    let config = load(&[("listen", "127.0.0.1:3")], &env, file).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:3");
    assert_eq!(config.log.level.0, "debug");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.limits.api_per_minute, 7);
    assert_eq!(config.trusted_proxies.0.len(), 2);
    let sources = ["listen", "log.level", "log.format", "drain.window"].map(|key| config.source(key));
    assert_eq!(sources, [Source::Flag, Source::Environment, Source::File, Source::Default]);
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let said = refused(
        &[],
        &[("TURUMBA_LISTNE", "x"), ("TURUMBA_DATABASE_URL", "y")],
        "[sockets]\npng_interval='1s'",
    );
    assert!(said.contains("TURUMBA_LISTNE is no setting; did you mean TURUMBA_LISTEN?"), "{said}");
    assert!(said.contains("TURUMBA_DATABASE_URL is no setting; did you mean DATABASE_URL?"), "{said}");
    assert!(
        said.contains("sockets.png_interval in") && said.contains("did you mean sockets.ping_interval?"),
        "{said}"
    );
}

#[test]
fn bad_values_are_refused_by_name_with_what_is_allowed() {
    let env = [("TURUMBA_SOCKETS_PING_INTERVAL", "25"), ("TURUMBA_DATABASE_APP_CONNECTIONS", "1")];
    let said = refused(&[("listen", "8080")], &env, "[log]\nformat = 'xml'\n");
    for part in [
        "--listen = \"8080\": must be an address and a port",
        "TURUMBA_SOCKETS_PING_INTERVAL = \"25\": must be a time with its unit",
        "TURUMBA_DATABASE_APP_CONNECTIONS = \"1\": must be a whole number, from 2 to 500",
        "= \"xml\": must be text or json",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let said = refused(&[], &[("TURUMBA_DISPATCH_LEASE", "30s")], "");
    assert!(said.contains("TURUMBA_DISPATCH_LEASE") && said.contains("from 1m to 15m"), "{said}");
    let said = refused(&[], &[], "listen = [\n");
    assert!(said.contains("turumba.toml line"), "{said}");
}

#[test]
fn what_is_not_supported_yet_is_refused_by_name() {
    let said = refused(&[], &[("AMQP_URL", "http://h")], "");
    assert!(said.contains("AMQP_URL must begin with amqp://"), "{said}");
    let said = refused(&[], &[("REDIS_URL", "http://:secret@h")], "");
    assert!(said.contains("REDIS_URL") && said.contains("redis://") && !said.contains("secret"), "{said}");
    assert!(load(&[], &[("REDIS_URL", "rediss://user:secret@h:6380/2")], "").is_ok());
    let said = refused(&[], &[("FILES_URL", "gs://id:secret@bucket")], "");
    assert!(said.contains("FILES_URL") && said.contains("s3://") && !said.contains("id:secret"), "{said}");
    let config = load(&[], &[("FILES_URL", "file:///shared/files")], "").unwrap();
    assert_eq!(config.files_url, Some(FilesUrl::Folder(PathBuf::from("/shared/files"))));
    let url = "s3://id:hidden@bucket/turumba?endpoint=https://minio.example";
    let config = load(&[], &[("FILES_URL", url)], "").unwrap();
    let shown = config.files_url.unwrap().to_string();
    assert_eq!(shown, "s3://id:***@bucket/turumba?endpoint=https%3A%2F%2Fminio.example");
}

#[test]
fn a_port_that_the_system_chose_is_in_every_address() {
    let given = "127.0.0.1:4711".parse().unwrap();
    let mut config = load(&[], &[("TURUMBA_LISTEN", "127.0.0.1:0")], "").unwrap();
    config.listens_on(given);
    assert_eq!((config.listen, config.public_url.as_str()), (given, "http://127.0.0.1:4711"));
    let named = [("TURUMBA_LISTEN", "127.0.0.1:0"), ("TURUMBA_PUBLIC_URL", "https://chat.example")];
    let mut config = load(&[], &named, "").unwrap();
    config.listens_on(given);
    assert_eq!((config.listen, config.public_url.as_str()), (given, "https://chat.example"));
}

#[test]
fn secrets_are_masked_in_the_report_and_in_errors() {
    let key = "a1".repeat(32);
    let env = [("TURUMBA_SECRET_KEY", key.as_str()), ("DATABASE_URL", "postgres://hub:hunter2@db/turumba")];
    let config = load(&[], &env, "").unwrap();
    let report = config.report().to_string();
    assert!(!report.contains(&key) && !report.contains("hunter2"), "{report}");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(config.report()["settings"]["database_url"]["source"], "environment");
    assert_eq!(config.report()["settings"]["secret_key"]["value"], "***");
    assert_eq!(config.database_url.unwrap().reveal(), "postgres://hub:hunter2@db/turumba");
    let said = refused(&[], &[("TURUMBA_SECRET_KEY", "sesame")], "");
    assert!(said.contains("TURUMBA_SECRET_KEY: must be 64 hex digits") && !said.contains("sesame"), "{said}");
}

#[test]
fn the_file_is_found_in_the_data_directory_or_where_it_is_named() {
    let data = tempfile::tempdir().unwrap();
    let here = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("turumba.toml"), "listen = '127.0.0.1:9'").unwrap();
    let dir = data.path().display().to_string();
    let read =
        |flags: &Flags| Config::from_parts(flags, &variables(&[("TURUMBA_DATA_DIR", &dir)]), here.path());
    assert_eq!(read(&Flags::default()).unwrap().listen.port(), 9);
    let missing = Flags { file: Some("/nowhere.toml".into()), ..Flags::default() };
    assert!(read(&missing).unwrap_err().to_string().contains("/nowhere.toml cannot be read"));
}

/// The table of `docs/configuration.md` is made from the settings; `BLESS=1` writes it.
#[test]
fn the_page_lists_every_setting() {
    let mut table =
        String::from("| key | variable | default | allowed | what it is |\n|---|---|---|---|---|\n");
    for (key, shown) in catalogue() {
        let default = match (key, &shown.value) {
            ("public_url", _) => "http://LISTEN".to_owned(),
            (_, Value::Null) => "–".to_owned(),
            (_, Value::Array(items)) if items.is_empty() => "none".to_owned(),
            (_, Value::String(text)) => format!("`{text}`"),
            (_, other) => format!("`{other}`"),
        };
        let docs = shown.docs.trim();
        // times and sizes are explained once, above the table
        let allowed = shown.allowed.split_once(", from ").map_or(shown.allowed.as_str(), |(_, range)| range);
        writeln!(table, "| `{key}` | `{}` | {default} | {allowed} | {docs} |", shown.env).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- settings -->\n").unwrap();
    let (listed, after) = rest.split_once("<!-- /settings -->").unwrap();
    if std::env::var_os("BLESS").is_some() {
        let page = format!("{before}<!-- settings -->\n{table}<!-- /settings -->{after}");
        std::fs::write(&path, page).unwrap();
    } else {
        assert_eq!(listed, table, "run: BLESS=1 cargo test -p hub --test configuration");
    }
}

/// A setting that nothing reads would be a promise that is not kept.
#[test]
fn every_setting_is_read_somewhere() {
    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("src/config") {
                sources(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let dead: Vec<&str> = catalogue()
        .into_keys()
        .filter(|key| key.contains('.'))
        .filter(|key| {
            !all.match_indices(key).any(|(at, _)| !all[at + key.len()..].starts_with(is_part_of_name))
        })
        .collect();
    assert!(dead.is_empty(), "nothing reads {dead:?}");
}
