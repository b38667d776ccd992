//! Which crate may use which, and where the libraries with a boundary of their own may be named.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A -> what A may use of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("outbound", &[]),
    ("smpp", &[]),
    ("engine", &[]),
    ("channels", &["model", "outbound", "smpp"]),
    ("bus", &["model"]),
    ("inbox", &["model", "bus"]),
    ("router", &["model", "bus", "inbox"]),
    ("dispatch", &["model", "bus", "inbox", "channels", "outbound"]),
    ("webhooks", &["model", "bus", "inbox", "channels", "outbound"]),
    ("hub", &["model", "bus", "inbox", "router", "dispatch", "webhooks", "channels", "outbound", "engine"]),
    (
        "tests",
        &["model", "bus", "inbox", "router", "dispatch", "webhooks", "channels", "outbound", "smpp", "hub"],
    ),
];

/// A library -> the crates that may depend on it. `tests` may use some of them as a client or a fake.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("engine", &["hub"]),
    ("lapin", &["bus", "tests"]),
    ("fred", &["bus", "tests"]),
    ("reqwest", &["outbound", "tests"]),
    // `hub` only names its ranges
    ("object_store", &["inbox", "hub"]),
    ("axum", &["hub", "webhooks", "tests"]),
    // `model` only derives codecs for its types
    ("sqlx", &["model", "bus", "inbox", "router", "dispatch", "webhooks", "hub", "tests"]),
];

/// A path in source -> the only place of that crate where it may be named, relative to the root.
const ONLY_UNDER: &[(&str, &str, &str)] = &[
    ("engine::", "hub", "hub/src/realtime"),
    // only this knows that the database is private
    ("initdb", "hub", "hub/src/boot/postgres"),
];

/// What `inbox` may name of `bus`: the store, the event log and the mailbox.
const BUS_FOR_INBOX_NOT: &[&str] = &["Queue", "Live", "Presence"];

struct Package {
    dir: PathBuf,
    /// Normal and build dependencies; those of tests reach no product.
    uses: BTreeSet<String>,
    /// Those of tests.
    tests_use: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let of = |dev: bool| {
                let kind = dependencies.iter().filter(|used| (used["kind"] == "dev") == dev);
                kind.map(|used| text(&used["name"])).collect()
            };
            let manifest = PathBuf::from(text(&package["manifest_path"]));
            let dir = manifest.parent().unwrap().to_owned();
            (text(&package["name"]), Package { dir, uses: of(false), tests_use: of(true) })
        })
        .collect()
}

#[test]
fn crates_use_only_what_their_arrows_allow() {
    let packages = packages();
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, package) in &packages {
        let Some(allowed) = arrows.get(name.as_str()) else {
            wrong.push(format!("{name} has no arrows; add it here and to docs/architecture.md"));
            continue;
        };
        for used in package.uses.union(&package.tests_use).filter(|used| packages.contains_key(*used)) {
            if used != name && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{name} -> {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed: {wrong:#?}");
}

#[test]
fn libraries_with_a_boundary_stay_behind_it() {
    let mut wrong = Vec::new();
    for (name, package) in packages() {
        for (library, only) in ONLY_IN {
            if package.uses.contains(*library) && !only.contains(&name.as_str()) {
                wrong.push(format!("{name} -> {library} (only in {})", only.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed: {wrong:#?}");
}

#[test]
fn tests_never_name_the_engine_they_test() {
    let tests = &packages()["tests"];
    assert!(!tests.uses.contains("engine") && !tests.tests_use.contains("engine"), "tests -> engine");
}

#[test]
fn some_names_stay_in_their_folder() {
    let mut wrong = Vec::new();
    for (name, of, only) in ONLY_UNDER {
        let allowed = root().join(only).display().to_string();
        for (file, code) in sources(&packages()[*of].dir.join("src")) {
            if code.lines().any(|line| names(line, name)) && !file.display().to_string().starts_with(&allowed)
            {
                wrong.push(format!("{} names {name} (only under {only})", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn inbox_takes_only_the_store_the_log_and_the_mailbox_of_the_bus() {
    let mut wrong = Vec::new();
    for (file, code) in sources(&packages()["inbox"].dir.join("src")) {
        for name in BUS_FOR_INBOX_NOT {
            let named = |line: &str| {
                line.contains("bus::") && names(line, name)
                    || names(line, &format!("bus::{}", name.to_ascii_lowercase()))
            };
            if code.lines().any(named) {
                wrong.push(format!("{} names bus {name}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_product_is_made_of_safe_code() {
    for (name, package) in packages() {
        let manifest = std::fs::read_to_string(package.dir.join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} does not take the workspace's lints");
    }
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
}

/// Whether a line of code names something, as a whole word, outside a comment.
fn names(line: &str, name: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(name)
        .any(|(at, _)| !word(code[..at].chars().next_back()) && !word(code[at + name.len()..].chars().next()))
}

fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.clone(), std::fs::read_to_string(path).unwrap()));
        }
    }
    found
}
