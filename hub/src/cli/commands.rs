//! What the commands do. Each returns what is printed.

use inbox::{
    Inbox,
    identity::{
        self, accounts, keys, roles,
        users::{self, NewUser, Place},
    },
    list::Params,
    sending_limits,
};
use model::{AccountId, Error, Result, permission::BuiltInRole};
use serde_json::{Value, json};

use super::args::{AccountCommand, KeysCommand, UserCommand};
use crate::{config::Config, demo};

pub(super) async fn account(
    config: &Config,
    inbox: &Inbox,
    command: AccountCommand,
) -> anyhow::Result<Value> {
    let (name, email, password) = match command {
        AccountCommand::Create { name, email, password } => (name, email, password),
        AccountCommand::Quota { account, daily, monthly } => {
            let account = named_or_only(inbox, account).await?;
            let limits = sending_limits::set_quota(inbox, account, daily, monthly).await?;
            return Ok(serde_json::to_value(limits)?);
        }
    };
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
