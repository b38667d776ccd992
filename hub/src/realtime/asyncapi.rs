//! The AsyncAPI 3 document of both namespaces, made of the types that handlers take and answer and of the
//! events that are sent. Nothing in it is written twice.

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Result,
    view::{ConversationView, MessageView, PublicMessage},
    wire::{self, ServerEvent},
};
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::{agents, customers, events, hub::Hub, turns::CommandError};
use crate::shapes;

/// Writes a type's schema, and those that it refers to, into the document; returns a reference to it.
type Shape = fn(&mut Schemas) -> Value;

/// Something that a client may ask for.
pub struct Command {
    pub name: &'static str,
    summary: &'static str,
    payload: Shape,
    data: Shape,
}

impl Command {
    /// Learns from a handler what it takes and what it answers.
    pub fn new<S, P, D>(
        name: &'static str,
        summary: &'static str,
        _: impl AsyncFn(&Arc<Hub>, &Arc<S>, P) -> Result<D>,
    ) -> Self
    where
        P: ToSchema,
        D: ToSchema,
    {
        Self { name, summary: summary.trim(), payload: Schemas::add::<P>, data: Schemas::add::<D> }
    }
}

/// Where an event stands.
#[derive(Clone, Copy)]
enum Kept {
    Feed,
    Thread,
    /// In no log.
    Volatile,
}

/// Something that the server tells.
struct Told {
    name: &'static str,
    kept: Kept,
    payload: Shape,
}

fn told<E: ServerEvent + ToSchema>(kept: Kept) -> Told {
    Told { name: E::NAME, kept, payload: Schemas::add::<E> }
}

fn told_agents() -> Vec<Told> {
    use Kept::{Feed, Thread, Volatile};
    vec![
        told::<events::AgentHello>(Volatile),
        told::<events::Reset>(Volatile),
        told::<events::AgentLive>(Volatile),
        told::<events::FeedPosition>(Volatile),
        told::<ConversationView>(Feed),
        told::<wire::ConversationChanged>(Feed),
        told::<wire::ConversationHidden>(Feed),
        told::<wire::AssignmentNotice>(Feed),
        told::<wire::MentionNotice>(Feed),
        told::<wire::ChannelNotice>(Feed),
        told::<wire::ChannelSilence>(Feed),
        told::<wire::GroupMessageProgress>(Feed),
        told::<MessageView>(Thread),
        told::<wire::MessageTick>(Thread),
        told::<wire::ConversationActivity>(Thread),
        told::<events::QueueUpdate>(Volatile),
        told::<events::Typing>(Volatile),
        told::<events::Viewers>(Volatile),
        told::<events::AgentPresence>(Volatile),
        told::<events::AuthExpiring>(Volatile),
        told::<events::AuthExpired>(Volatile),
        told::<events::ServerDraining>(Volatile),
    ]
}

fn told_customers() -> Vec<Told> {
    use Kept::{Thread, Volatile};
    vec![
        told::<events::CustomerHello>(Volatile),
        told::<events::Reset>(Volatile),
        told::<events::CustomerLive>(Volatile),
        told::<PublicMessage>(Thread),
        told::<wire::PublicMessageTick>(Thread),
        told::<wire::PublicConversationChanged>(Thread),
        told::<wire::AgentJoined>(Thread),
        told::<wire::CsatRequest>(Thread),
        told::<events::PublicTyping>(Volatile),
        told::<events::QueuePosition>(Volatile),
        told::<events::VisitorMerged>(Volatile),
        told::<events::AuthExpiring>(Volatile),
        told::<events::AuthExpired>(Volatile),
        told::<events::ServerDraining>(Volatile),
    ]
}

/// The schemas that the document refers to, by name.
#[derive(Default)]
struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    fn add<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        if name == <()>::name() {
            return json!({"type": "null"});
        }
        self.0.entry(name.clone()).or_insert_with(T::schema);
        let mut others = Vec::new();
        T::schemas(&mut others);
        for (name, schema) in others {
            self.0.entry(name).or_insert(schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

const ABOUT: &str = "Socket.IO protocol 5 over Engine.IO 4 at /socket.io/. A channel is a namespace. A message's name is the \
event's name and its payload the first argument. Entries of a log have a second argument, shown as headers: where they \
stand in it; remember the highest seq of each log, drop what is not greater, and give the numbers back as since when \
connecting again. Every command takes an acknowledgement, shown as the reply.";

struct Document {
    schemas: Schemas,
    messages: Map<String, Value>,
    operations: Map<String, Value>,
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut document = Document { schemas: Schemas::default(), messages: Map::new(), operations: Map::new() };
    let agents = document.channel(
        "agents",
        "People who answer, and programs that do. They see what their account's rules let them see.",
        Schemas::add::<agents::Auth>,
        &agents::commands::described(),
        &told_agents(),
    );
    let customers = document.channel(
        "customers",
        "Visitors of web chats. Each has one conversation, and can name no other.",
        Schemas::add::<customers::Auth>,
        &customers::commands::described(),
        &told_customers(),
    );
    let commands = document.operations.values().filter(|operation| operation["action"] == "receive");
    let mut requests: Vec<Value> = commands
        .flat_map(|operation| operation["messages"].as_array().cloned().unwrap_or_default())
        .filter_map(|of_channel| {
            let place = of_channel["$ref"].as_str()?.strip_prefix("#/channels/")?.to_owned();
            document.messages.get(&place.replace("/messages/", ".")).cloned()
        })
        .collect();
    requests.extend([agents["x-auth"].clone(), customers["x-auth"].clone()]);
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {"title": "Turumba", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {"hub": {"host": "localhost:8080", "pathname": "/socket.io/", "protocol": "socket.io",
            "description": "The hub's own address; a public hub is served over TLS."}},
        "channels": {"agents": agents, "customers": customers},
        "operations": document.operations,
        "components": {"messages": document.messages, "schemas": document.schemas.0},
    });
    shapes::complete(&mut document, &requests);
    document
}

impl Document {
    /// Describes a namespace; its messages and operations go to the document.
    fn channel(
        &mut self,
        namespace: &str,
        about: &str,
        auth: Shape,
        commands: &[Command],
        events: &[Told],
    ) -> Value {
        let mut own = Map::new();
        let channel = json!({"$ref": format!("#/channels/{namespace}")});
        let of_channel = |key: &str| json!({"$ref": format!("#/channels/{namespace}/messages/{key}")});
        let auth = auth(&mut self.schemas);
        for command in commands {
            let key = key(command.name);
            let payload = (command.payload)(&mut self.schemas);
            let data = (command.data)(&mut self.schemas);
            let answer = self.acknowledgement(data);
            let ack = format!("{key}.ack");
            self.message(
                namespace,
                &key,
                &mut own,
                json!({"name": command.name, "summary": command.summary, "payload": payload}),
            );
            self.message(
                namespace,
                &ack,
                &mut own,
                json!({"name": format!("{} (acknowledgement)", command.name), "payload": answer}),
            );
            self.operations.insert(
                format!("{namespace}.{key}"),
                json!({
                    "action": "receive", "channel": channel, "summary": command.summary,
                    "messages": [of_channel(&key)],
                    "reply": {"channel": channel, "messages": [of_channel(&ack)]},
                }),
            );
        }
        for event in events {
            let key = format!("on.{}", key(event.name));
            let mut message = json!({"name": event.name, "payload": (event.payload)(&mut self.schemas)});
            let log = match event.kept {
                Kept::Feed => Some("feed"),
                Kept::Thread => Some("thread"),
                Kept::Volatile => None,
            };
            if let Some(log) = log {
                message["headers"] = self.schemas.add::<events::Meta>();
                message["x-log"] = json!(log);
            }
            self.message(namespace, &key, &mut own, message);
            self.operations.insert(
                format!("{namespace}.{key}"),
                json!({"action": "send", "channel": channel, "messages": [of_channel(&key)]}),
            );
        }
        json!({
            "address": format!("/{namespace}"), "title": namespace, "description": about,
            "servers": [{"$ref": "#/servers/hub"}], "messages": own, "x-auth": auth,
        })
    }

    fn message(&mut self, namespace: &str, key: &str, own: &mut Map<String, Value>, message: Value) {
        let name = format!("{namespace}.{key}");
        own.insert(key.to_owned(), json!({"$ref": format!("#/components/messages/{name}")}));
        self.messages.insert(name, message);
    }

    fn acknowledgement(&mut self, data: Value) -> Value {
        let error = self.schemas.add::<CommandError>();
        json!({"oneOf": [
            {"type": "object", "required": ["ok", "data"],
             "properties": {"ok": {"const": true}, "data": data}},
            {"type": "object", "required": ["ok", "error"],
             "properties": {"ok": {"const": false}, "error": error}},
        ]})
    }
}

/// A name as keys of the document may be spelled.
fn key(name: &str) -> String {
    name.replace(':', ".")
}
