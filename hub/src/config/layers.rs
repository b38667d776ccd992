//! Where values come from, and which one wins: flags over environment over file over default.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;

use super::value::Setting;

/// Where the value in force came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Default,
    File,
    Environment,
    Flag,
}

/// One setting as it is in force.
#[derive(Debug, Clone, Serialize)]
pub struct InForce {
    /// Masked where it is a secret.
    pub value: Value,
    pub source: Source,
    /// The environment variable that sets it.
    pub env: String,
    #[serde(skip)]
    pub docs: &'static str,
    #[serde(skip)]
    pub allowed: String,
}

struct Given {
    source: Source,
    /// As the operator wrote it: the variable, the flag, or the key in the file.
    name: String,
    text: String,
}

/// Values given by the operator, by key; the settings are read out of it, and what is left over is unknown.
#[derive(Default)]
pub(super) struct Layers {
    given: BTreeMap<String, Given>,
    in_force: BTreeMap<&'static str, InForce>,
    problems: Vec<String>,
}

/// The variable that sets a key. Addresses of services keep the names that hosting platforms give them.
pub fn env_name(key: &str) -> String {
    let upper = key.replace('.', "_").to_ascii_uppercase();
    match key {
        "database_url" | "database_replica_url" | "redis_url" | "amqp_url" | "files_url" => upper,
        _ => format!("TURUMBA_{upper}"),
    }
}

impl Layers {
    pub fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// Adds a file's keys; tables become `table.key`.
    pub fn add_file(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.problem(format!("{} cannot be read: {error}", path.display())),
        };
        match text.parse::<toml::Table>() {
            // the parser's message quotes the line, which may hold a secret: its place is enough
            Err(error) => {
                let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
                self.problem(format!("{} line {line}: {}", path.display(), error.message()));
            }
            Ok(table) => self.add_table(path, "", &table),
        }
    }

    fn add_table(&mut self, path: &Path, prefix: &str, table: &toml::Table) {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                toml::Value::Table(inner) => self.add_table(path, &key, inner),
                other => {
                    let shown = format!("{key} in {}", path.display());
                    self.add(Source::File, key, shown, as_text(other));
                }
            }
        }
    }

    /// Adds what the environment sets; an empty variable sets nothing.
    pub fn add_environment(&mut self, variables: &BTreeMap<String, String>, keys: &[&'static str]) {
        let mut known: BTreeMap<String, &'static str> =
            keys.iter().map(|key| (env_name(key), *key)).collect();
        known.insert(super::FILE_VARIABLE.to_owned(), "");
        for (name, text) in variables {
            match known.get(name) {
                Some(&"") => {}
                Some(_) if text.is_empty() => {}
                Some(&key) => self.add(Source::Environment, key.to_owned(), name.clone(), text.clone()),
                None if name.starts_with("TURUMBA_") => {
                    let nearest = nearest(name, known.keys().map(String::as_str));
                    self.problem(format!("{name} is no setting{nearest}"));
                }
                None => {}
            }
        }
    }

    pub fn add_flag(&mut self, key: &str, text: &str) {
        let shown = format!("--{}", key.replace(['.', '_'], "-"));
        self.add(Source::Flag, key.to_owned(), shown, text.to_owned());
    }

    fn add(&mut self, source: Source, key: String, name: String, text: String) {
        if self.given.get(&key).is_none_or(|there| there.source <= source) {
            self.given.insert(key, Given { source, name, text });
        }
    }

    /// Takes a setting out: the value given, or the default. A bad value is a problem, and reads as the default.
    pub fn take<T: Setting + PartialOrd>(
        &mut self,
        key: &'static str,
        docs: &'static str,
        default: T,
        range: Option<RangeInclusive<T>>,
    ) -> T {
        let allowed = match &range {
            Some(range) => format!("{}, from {} to {}", T::ALLOWED, shown(range.start()), shown(range.end())),
            None => T::ALLOWED.to_owned(),
        };
        self.take_if(key, docs, default, allowed, |value| {
            range.as_ref().is_none_or(|range| range.contains(value))
        })
    }

    /// As `take`, for kinds without an order.
    pub fn take_any<T: Setting>(&mut self, key: &'static str, docs: &'static str, default: T) -> T {
        self.take_if(key, docs, default, T::ALLOWED.to_owned(), |_| true)
    }

    fn take_if<T: Setting>(
        &mut self,
        key: &'static str,
        docs: &'static str,
        default: T,
        allowed: String,
        fits: impl Fn(&T) -> bool,
    ) -> T {
        let given = self.given.remove(key);
        let source = given.as_ref().map_or(Source::Default, |given| given.source);
        let read = given.as_ref().map(|given| T::from_text(given.text.trim()).filter(&fits).ok_or(given));
        let value = match read {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(given)) => {
                let said = if T::SECRET { String::new() } else { format!(" = {:?}", given.text) };
                self.problem(format!("{}{said}: must be {allowed}", given.name));
                default
            }
        };
        self.show(key, docs, allowed, &value, source);
        value
    }

    /// Records what is in force; again, when a default depends on another setting.
    pub fn show<T: Setting>(
        &mut self,
        key: &'static str,
        docs: &'static str,
        allowed: String,
        value: &T,
        source: Source,
    ) {
        let env = env_name(key);
        self.in_force.insert(key, InForce { value: value.to_json(), source, env, docs, allowed });
    }

    /// Replaces what is shown for a key whose default was worked out after it was read.
    pub fn show_worked_out<T: Setting>(&mut self, key: &'static str, value: &T) {
        if let Some(shown) = self.in_force.get_mut(key) {
            shown.value = value.to_json();
        }
    }

    /// Everything in force, or every problem: those found on the way and the keys that nothing asked for.
    pub fn finish(mut self) -> Result<BTreeMap<&'static str, InForce>, Vec<String>> {
        let unknown: Vec<String> = self
            .given
            .iter()
            .map(|(key, given)| {
                format!("{} is no setting{}", given.name, nearest(key, self.in_force.keys().copied()))
            })
            .collect();
        self.problems.extend(unknown);
        if self.problems.is_empty() { Ok(self.in_force) } else { Err(self.problems) }
    }
}

fn shown<T: Setting>(value: &T) -> String {
    match value.to_json() {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Numbers, switches and lists of a file as the text that the environment would say.
fn as_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// "; did you mean X?" for the closest name, if one is close.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let close = |known: &&'a str| {
        let edits = if name.ends_with(known) { 0 } else { distance(name, known) };
        (edits <= known.len() / 4 + 1).then_some((edits, *known))
    };
    known.filter(|known| !known.is_empty()).filter_map(|known| close(&known)).min().map_or_else(
        || "; docs/configuration.md lists them".to_owned(),
        |(_, known)| format!("; did you mean {known}?"),
    )
}

/// Edits between two names (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// The file to read: the one named, else `turumba.toml` here, else the one in the data directory.
pub(super) fn find_file(named: Option<&Path>, here: &Path, data_dir: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| {
        [Some(here), data_dir]
            .into_iter()
            .flatten()
            .map(|dir| dir.join("turumba.toml"))
            .find(|file| file.is_file())
    })
}
