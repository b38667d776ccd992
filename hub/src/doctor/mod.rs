//! `turumba doctor`: looks at everything that a hub needs and says what to do where something is missing.
//!
//! It changes nothing: it makes no data directory, no key and no database, and brings no schema up to date.

mod database;
mod machine;
mod public;
mod services;

use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Config;

/// What came of one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Ok,
    /// Not set, or not to be seen from here.
    Skipped,
    /// It works, and will not for ever.
    Warning,
    /// A hub does not work like this.
    Failed,
}

/// One look.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    pub check: &'static str,
    pub finding: Finding,
    /// What was found.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Check {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, finding: Finding::Ok, found: found.into(), advice: None }
    }

    fn skipped(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, finding: Finding::Skipped, found: found.into(), advice: None }
    }

    fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, finding: Finding::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    fn failed(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, finding: Finding::Failed, found: found.into(), advice: Some(advice.into()) }
    }
}

/// Looks at everything; the flag says whether a hub would work.
pub async fn examine(config: &Config) -> (Value, bool) {
    let mut checks = vec![machine::data_dir(config), machine::disk(config), machine::secret_key(config)];
    checks.push(machine::files(config).await);
    checks.extend(database::checks(config).await);
    checks.extend(database::replica(config).await);
    checks.push(services::redis(config).await);
    checks.push(services::rabbitmq(config).await);
    checks.extend(public::checks(config).await);
    let worst = checks.iter().map(|check| check.finding).max().unwrap_or(Finding::Ok);
    let works = worst < Finding::Failed;
    (json!({ "works": works, "checks": checks }), works)
}
