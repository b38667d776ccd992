//! The active bot rules of an account, ready for matching, kept for a while.

use std::{sync::Arc, time::Duration};

use bus::{Outcome, Store, nudge::Stale};
use model::{
    AccountId, BotRuleId,
    bot::{Language, RuleBody, TriggerType},
};
use moka::future::Cache;

use crate::rules::{Rule, RuleSet};

/// What the bot of an account goes by.
pub struct Book {
    pub rules: RuleSet,
    /// Languages that the detector chooses from.
    pub languages: Vec<Language>,
}

/// How long a change made by another node may go unnoticed when its hint was lost.
const FRESH: Duration = Duration::from_millis(1500);

/// The books of all accounts. A change is seen at once, on another node with its hint.
#[derive(Clone)]
pub struct Rulebook {
    store: Store,
    books: Cache<AccountId, Arc<Book>>,
}

impl Rulebook {
    pub fn new(store: Store) -> Self {
        let books: Cache<AccountId, Arc<Book>> =
            Cache::builder().max_capacity(10_000).time_to_live(FRESH).build();
        let stale = books.clone();
        let runtime = tokio::runtime::Handle::current();
        store.nudges().on_stale(move |what| match what {
            Stale::Account(account) => {
                let stale = stale.clone();
                runtime.spawn(async move { stale.invalidate(&account).await });
            }
            Stale::All => stale.invalidate_all(),
        });
        Self { store, books }
    }

    /// The rules of an account.
    pub async fn of(&self, account: AccountId) -> Outcome<Arc<Book>> {
        if let Some(book) = self.books.get(&account).await {
            return Ok(book);
        }
        let book = Arc::new(self.read(account).await?);
        self.books.insert(account, Arc::clone(&book)).await;
        Ok(book)
    }

    async fn read(&self, account: AccountId) -> Outcome<Book> {
        self.store
            .read(account, |mut tx| async move {
                let rows = sqlx::query!(
                    r#"SELECT id, name, priority, trigger_type AS "trigger: TriggerType", conditions, actions
                       FROM bot_rules WHERE account_id = $1 AND is_active ORDER BY priority, id LIMIT 1000"#,
                    account.uuid()
                )
                .fetch_all(&mut *tx)
                .await?;
                let languages =
                    sqlx::query_scalar!("SELECT languages FROM accounts WHERE id = $1", account.uuid())
                        .fetch_optional(&mut *tx)
                        .await?
                        .unwrap_or_default();
                let rules = rows.into_iter().filter_map(|row| {
                    match RuleBody::parse(row.trigger, &row.conditions, &row.actions) {
                        Ok(body) => Some(Rule::new(BotRuleId(row.id), row.name, row.priority, body)),
                        Err(errors) => {
                            // it was valid when it was saved; the others still hold
                            tracing::error!(rule = %row.id, ?errors, "a stored bot rule cannot be read; it is skipped");
                            None
                        }
                    }
                });
                let rules = RuleSet::new(rules.collect());
                let mut languages: Vec<Language> =
                    languages.iter().filter_map(|tag| tag.parse().ok()).collect();
                languages.extend(rules.languages().iter().cloned());
                languages.sort();
                languages.dedup();
                Ok(Book { rules, languages })
            })
            .await
    }
}
