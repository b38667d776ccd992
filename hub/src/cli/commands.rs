//! What the commands do. Each returns what is printed.

use bus::{DbQueue, Queue, mailbox};
use inbox::{
    Inbox,
    identity::{
        self, accounts, keys, roles,
        users::{self, NewUser, Place},
    },
    list::Params,
};
use model::{AccountId, Error, Result, permission::BuiltInRole};
use serde_json::{Value, json};

use super::args::{AccountCommand, KeysCommand, QueueCommand, UserCommand};
use crate::{config::Config, demo};

pub(super) async fn account(
    config: &Config,
    inbox: &Inbox,
    command: AccountCommand,
) -> anyhow::Result<Value> {
    let AccountCommand::Create { name, email, password } = command;
    let password = password.read()?;
    demo::refuse_password(config.listen, &password)?;
    let owner = NewUser { email, password, ..NewUser::default() };
    let account = accounts::NewAccount { name, ..accounts::NewAccount::default() };
    let made = accounts::create_with_owner(inbox, &account, &owner).await?;
    Ok(serde_json::to_value(made)?)
}

pub(super) async fn user(config: &Config, inbox: &Inbox, command: UserCommand) -> anyhow::Result<Value> {
    match command {
        UserCommand::Create { email, name, password, account, role } => {
            let password = password.read()?;
            demo::refuse_password(config.listen, &password)?;
            let operator = identity::operator(inbox, Some(named_or_only(inbox, account).await?)).await?;
            let member = operator.acting_in(None)?;
            let place = place(inbox, &operator, &role).await?;
            let (given, family) = match name.trim().split_once(' ') {
                Some((given, family)) => (given.to_owned(), Some(family.trim().to_owned())),
                None => (name.trim().to_owned(), None),
            };
            let new = NewUser { email, password, given_name: Some(given), family_name: family, phone: None };
            let user = users::create(inbox, member, &new, place).await?;
            Ok(
                json!({ "user_id": user.id, "account_id": member.account_id(), "email": user.email, "role": role }),
            )
        }
        UserCommand::List { account } => {
            let accounts = match account {
                Some(account) => vec![account_id(&account)?],
                None => accounts::all(inbox).await?.into_iter().map(|account| account.id).collect(),
            };
            let mut found: Vec<Value> = Vec::new();
            for account in accounts {
                let operator = identity::operator(inbox, Some(account)).await?;
                let all = Params(vec![("limit".to_owned(), "1000".to_owned())]);
                for user in users::list(inbox, &operator, &all).await?.items {
                    let mut user = serde_json::to_value(user)?;
                    user["account_id"] = json!(account);
                    found.push(user);
                }
            }
            Ok(Value::Array(found))
        }
        UserCommand::SetPassword { email, password } => {
            let password = password.read()?;
            demo::refuse_password(config.listen, &password)?;
            let user = users::by_email(inbox, &email).await?;
            users::set_password(inbox, user.id, &password).await?;
            Ok(json!({ "user_id": user.id, "email": user.email, "password_changed": true }))
        }
        UserCommand::Deactivate { email } => {
            let user = users::by_email(inbox, &email).await?;
            users::set_active(inbox, user.id, false).await?;
            Ok(json!({ "user_id": user.id, "email": user.email, "is_active": false }))
        }
    }
}

pub(super) async fn keys(inbox: &Inbox, command: KeysCommand) -> anyhow::Result<Value> {
    let KeysCommand::Rotate = command;
    Ok(json!({ "kid": keys::rotate(inbox).await? }))
}

pub(super) async fn demo(config: &Config, inbox: &Inbox) -> anyhow::Result<Value> {
    demo::only_on_loopback(config.listen)?;
    Ok(serde_json::to_value(demo::seed(inbox).await?)?)
}

pub(super) async fn queue(inbox: &Inbox, command: QueueCommand) -> anyhow::Result<Value> {
    match command {
        QueueCommand::Parked { queue, limit } => {
            Ok(Value::Array(parked(inbox, queue.as_deref(), limit.into()).await?))
        }
        QueueCommand::Requeue { ids, queue, all } => {
            let ids = if all || queue.is_some() {
                let waiting = parked(inbox, queue.as_deref(), 1_000_000).await?;
                waiting.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
            } else {
                ids
            };
            Ok(json!({ "requeued": requeue(inbox, &ids).await? }))
        }
    }
}

/// Jobs and items of mailboxes that were given up, newest first; ids say which they are.
async fn parked(inbox: &Inbox, only: Option<&str>, limit: i64) -> anyhow::Result<Vec<Value>> {
    let mut found = Vec::new();
    for job in DbQueue::new(inbox.store().clone()).parked(limit).await? {
        let mut shown = serde_json::to_value(&job)?;
        shown["id"] = json!(format!("job-{}", job.id));
        shown["queue"] = json!(job.topic);
        found.push((job.parked_at, shown));
    }
    for item in mailbox::parked(inbox.store(), limit).await? {
        let mut shown = serde_json::to_value(&item)?;
        shown["id"] = json!(format!("item-{}", item.id));
        shown["queue"] = json!(item.box_name);
        found.push((item.parked_at, shown));
    }
    found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let wanted = |shown: &Value| only.is_none_or(|only| shown["queue"] == only);
    let shown = found.into_iter().map(|(_, shown)| shown).filter(wanted);
    Ok(shown.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
}

async fn requeue(inbox: &Inbox, ids: &[String]) -> anyhow::Result<u64> {
    let (mut jobs, mut items) = (Vec::new(), Vec::new());
    for id in ids {
        let parsed = id.split_once('-').and_then(|(kind, n)| Some((kind, n.parse::<i64>().ok()?)));
        match parsed {
            Some(("job", n)) => jobs.push(n),
            Some(("item", n)) => items.push(n),
            _ => anyhow::bail!("{id:?} is no id of parked work; they look like job-12 or item-34"),
        }
    }
    let mut count = 0;
    // an empty list would mean all of them
    if !jobs.is_empty() {
        count += DbQueue::new(inbox.store().clone()).requeue(&jobs).await?;
    }
    if !items.is_empty() {
        count += mailbox::requeue(inbox.store(), &items).await?;
    }
    Ok(count)
}

async fn place(inbox: &Inbox, operator: &inbox::Context, role: &str) -> Result<Place> {
    if let Ok(built_in) = role.parse::<BuiltInRole>() {
        return Ok(Place::BuiltIn(built_in));
    }
    let found = roles::list(inbox, operator, &Params(vec![("name".to_owned(), role.to_owned())])).await?;
    let role = found.items.first().ok_or_else(|| Error::not_found("role"))?;
    Ok(Place::Role(role.id))
}

async fn named_or_only(inbox: &Inbox, named: Option<String>) -> anyhow::Result<AccountId> {
    if let Some(named) = named {
        return Ok(account_id(&named)?);
    }
    match accounts::all(inbox).await?.as_slice() {
        [only] => Ok(only.id),
        [] => anyhow::bail!("there is no account yet; make one with: turumba account create"),
        many => {
            let names: Vec<String> = many.iter().map(|one| format!("{} ({})", one.id, one.name)).collect();
            anyhow::bail!("say which account with --account: {}", names.join(", "))
        }
    }
}

fn account_id(text: &str) -> Result<AccountId> {
    text.parse().map_err(|_| Error::bad_request("--account must be an account's id"))
}
