//! The demo: an account with people, rules and channels, so that a new hub has something to show.
//!
//! It is made once, in a store without accounts. A start that was cut short is completed by the next one;
//! what people change or remove afterwards stays as they left it.

mod contents;
mod guide;

use std::net::SocketAddr;

use inbox::{
    Context, Inbox, Member, bot_rules, canned, channel_store,
    channel_store::{ChannelView, Standing},
    identity::{self, accounts, users},
    labels,
    list::Params,
    preferences, teams, template_store,
};
use model::{AccountId, ChannelStatus, ChannelType, Error, Result, TeamId, UserId, permission::BuiltInRole};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The password of everyone in the demo. It opens nothing on a listener that is not loopback.
pub const PASSWORD: &str = "turumba-demo";
/// The account's name in addresses: by it the demo is found again.
const SLUG: &str = "turumba-demo";
/// In the account's metadata: the seeding was finished.
const DONE: &str = "demo_complete";

/// Where the demo is and who is in it.
#[derive(Debug, Clone, Serialize)]
pub struct Demo {
    pub account_id: AccountId,
    pub owner: String,
    pub agents: Vec<String>,
    pub password: &'static str,
    pub channels: Vec<DemoChannel>,
    /// It was made just now.
    pub is_new: bool,
}

/// One of the demo's channels.
#[derive(Debug, Clone, Serialize)]
pub struct DemoChannel {
    pub id: model::ChannelId,
    pub name: String,
    pub channel_type: ChannelType,
    pub webhook_url: String,
    /// Web chat only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

/// A demo is never offered where others could reach it: its password is in the manual.
///
/// # Errors
/// The listener is not loopback.
pub fn only_on_loopback(listen: SocketAddr) -> Result<()> {
    if listen.ip().is_loopback() {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "the demo's passwords are known to everyone, so it is not served on {listen}: use --listen 127.0.0.1:{}",
        listen.port()
    )))
}

/// Refuses the demo's password on a listener that others can reach, whoever has it.
///
/// # Errors
/// It is that password, and `listen` is not loopback.
pub fn refuse_password(listen: SocketAddr, password: &str) -> Result<()> {
    if listen.ip().is_loopback() || password != PASSWORD {
        return Ok(());
    }
    Err(Error::forbidden(
        "the demo's password is known to everyone and opens nothing on an address that others can reach",
    ))
}

/// Makes the demo in an empty store, completes one that was cut short, or finds it.
/// `None`: the store holds other accounts and no demo, and stays as it is.
pub async fn seed(inbox: &Inbox) -> Result<Option<Demo>> {
    let existing = accounts::all(inbox).await?;
    let found = existing.iter().find(|account| account.slug == SLUG);
    let is_new = found.is_none();
    let account_id = match found {
        Some(account) => account.id,
        None if !existing.is_empty() => return Ok(None),
        None => {
            accounts::create_with_owner(inbox, &contents::account()?, &contents::owner()?).await?.account_id
        }
    };
    let context = identity::operator(inbox, Some(account_id)).await?;
    if found.is_none_or(|account| account.metadata[DONE] != json!(true)) {
        complete(inbox, &context, account_id).await?;
    }
    let channels = channel_store::list(inbox, &context, &everything()).await?.items;
    Ok(Some(Demo {
        account_id,
        owner: contents::OWNER.to_owned(),
        agents: contents::AGENTS.iter().map(|agent| agent.email.to_owned()).collect(),
        password: PASSWORD,
        channels: channels.into_iter().map(DemoChannel::from).collect(),
        is_new,
    }))
}

/// Makes what is missing, by name; the mark at the end says that nothing is missing any more.
async fn complete(inbox: &Inbox, context: &Context, account: AccountId) -> Result<()> {
    let member = context.member(account)?;
    let people = people(inbox, context, member).await?;
    let team = team(inbox, context, member, &people).await?;
    let known = labels::list(inbox, context, &everything()).await?.items;
    for new in contents::labels() {
        if !known.iter().any(|label| new["name"] == label.name.as_str()) {
            labels::create(inbox, member, &read(new)?).await?;
        }
    }
    let known = canned::list(inbox, context, &everything()).await?.items;
    for new in contents::canned_responses() {
        if !known.iter().any(|one| new["short_code"] == one.short_code.as_str()) {
            canned::create(inbox, member, &read(new)?).await?;
        }
    }
    let mut templates = template_store::list(inbox, context, &everything()).await?.items;
    for new in contents::templates() {
        if !templates.iter().any(|one| new["name"] == one.name.as_str()) {
            templates.push(template_store::create(inbox, member, &read(new)?).await?);
        }
    }
    let template = |name: &str| templates.iter().find(|one| one.name == name).map(|one| one.id);
    let known = bot_rules::list(inbox, context, &everything()).await?.items;
    for new in contents::bot_rules(team, template) {
        if !known.iter().any(|rule| new["name"] == rule.name.as_str()) {
            bot_rules::create(inbox, member, &read(new)?).await?;
        }
    }
    let known = channel_store::list(inbox, context, &everything()).await?.items;
    for new in contents::channels() {
        let view = match known.iter().find(|one| new["name"] == one.name.as_str()) {
            Some(view) => view.clone(),
            None => channel_store::create(inbox, member, &read(new)?).await?,
        };
        connect(inbox, account, &view).await?;
    }
    let mut metadata = accounts::get(inbox, context, account).await?.metadata;
    if !metadata.is_object() {
        metadata = json!({});
    }
    metadata[DONE] = json!(true);
    accounts::update(inbox, member, &read(json!({"metadata": metadata}))?).await?;
    Ok(())
}

/// The agents, with a preference row each: that is what makes them agents to the assigner.
async fn people(inbox: &Inbox, context: &Context, member: &Member) -> Result<Vec<UserId>> {
    let known = users::list(inbox, context, &everything()).await?.items;
    let mut ids = Vec::new();
    for agent in contents::AGENTS {
        let id = match known.iter().find(|user| user.email == agent.email) {
            Some(user) => user.id,
            None => {
                let place = users::Place::BuiltIn(BuiltInRole::Agent);
                users::create(inbox, member, &contents::user(agent)?, place).await?.id
            }
        };
        ids.push(id);
    }
    let known = preferences::list(inbox, context, &everything()).await?.items;
    for (agent, id) in contents::AGENTS.iter().zip(&ids) {
        if !known.iter().any(|preference| preference.user_id == *id) {
            preferences::create(inbox, member, &read(contents::preference(agent, *id))?).await?;
        }
    }
    Ok(ids)
}

/// The team for refunds: the first agent leads it, the second is in it.
async fn team(inbox: &Inbox, context: &Context, member: &Member, people: &[UserId]) -> Result<TeamId> {
    let known = teams::list(inbox, context, &everything()).await?.items;
    let wanted = contents::team(people[0]);
    if let Some(team) = known.iter().find(|team| wanted["name"] == team.name.as_str()) {
        return Ok(team.id);
    }
    let team = teams::create(inbox, member, &read(wanted)?).await?.id;
    teams::add_member(inbox, member, team, &read(json!({"user_id": people[1]}))?).await?;
    Ok(team)
}

/// These channels have no provider that would have to be asked: they are connected as soon as they have a
/// secret to sign with.
async fn connect(inbox: &Inbox, account: AccountId, view: &ChannelView) -> Result<()> {
    let credentials = if view.provider == "sandbox" && view.credentials.get("signing_secret").is_none() {
        json!({"signing_secret": hex::encode(rand::random::<[u8; 24]>())})
    } else {
        json!({})
    };
    let standing = Standing {
        status: Some(ChannelStatus::Connected),
        verified: true,
        credentials,
        settings: json!({}),
        error_message: None,
    };
    channel_store::set_standing(inbox, account, view.id, &standing).await
}

fn everything() -> Params {
    Params::from_query("limit=100")
}

/// The demo's contents pass the same reader as what people send.
fn read<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(Error::internal)
}

impl From<ChannelView> for DemoChannel {
    fn from(view: ChannelView) -> Self {
        Self {
            id: view.id,
            name: view.name,
            channel_type: view.channel_type,
            webhook_url: view.webhook_url,
            public_key: view.settings.get("public_key").and_then(Value::as_str).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_stays_at_home() {
        let local: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let open: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        assert!(only_on_loopback(local).is_ok() && only_on_loopback("[::1]:1".parse().unwrap()).is_ok());
        assert!(only_on_loopback(open).unwrap_err().message.contains("--listen 127.0.0.1:8080"));
        assert!(refuse_password(local, PASSWORD).is_ok());
        assert!(refuse_password(open, PASSWORD).is_err());
        assert!(refuse_password(open, "something of their own").is_ok());
    }
}
