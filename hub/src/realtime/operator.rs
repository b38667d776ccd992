//! Live connections, for whoever runs an account: who is connected and how well it goes, and a way to cut one.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use model::{AccountId, Error, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{connection::Connection, entry::LogKey, hub::Hub};
use crate::rest::{Answer, Asked, Authed, Many, NoContent, Path};

/// The operations.
pub fn routes() -> OpenApiRouter<Arc<Hub>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(cut))
}

/// A live socket at this node.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveConnection {
    pub id: Uuid,
    /// `agents` or `customers`.
    pub namespace: &'static str,
    /// `websocket` or `polling`.
    pub transport: &'static str,
    /// The user's or the visitor's id.
    pub person_id: Uuid,
    /// The agent's name; null for a visitor.
    pub name: Option<String>,
    pub connected_at: Option<DateTime<Utc>>,
    /// Conversations that it reads.
    pub threads: usize,
    /// Entries of logs that were written to it.
    pub delivered: u64,
    /// Entries that it has yet to get.
    pub behind: i64,
}

impl LiveConnection {
    fn of(connection: &Connection, namespace: &'static str, name: Option<String>) -> Self {
        let places = connection.places();
        Self {
            id: connection.id,
            namespace,
            transport: connection.transport(),
            person_id: connection.person(),
            name,
            connected_at: connection.opened(),
            threads: places.iter().filter(|place| matches!(place.key, LogKey::Thread(_))).count(),
            delivered: connection.delivered_entries(),
            behind: connection.behind(),
        }
    }
}

impl Hub {
    /// The live sockets of an account, oldest first.
    fn connections(&self, account: AccountId) -> Vec<LiveConnection> {
        let agents = self.agents.iter().filter_map(|session| {
            let name = session.member(account).ok()?.name().to_owned();
            Some(LiveConnection::of(&session.connection, "agents", Some(name)))
        });
        let customers = self
            .customers
            .iter()
            .filter(|session| session.account_id() == account)
            .map(|session| LiveConnection::of(&session.connection, "customers", None));
        let mut all: Vec<LiveConnection> = agents.chain(customers).collect();
        all.sort_by_key(|one| (one.connected_at, one.id));
        all
    }

    /// One live socket of an account.
    fn connection_of(&self, account: AccountId, id: Uuid) -> Option<Arc<Connection>> {
        let agent = self.agents.get(&id).filter(|session| session.member(account).is_ok());
        let agent = agent.map(|session| Arc::clone(&session.connection));
        agent.or_else(|| {
            let customer = self.customers.get(&id).filter(|session| session.account_id() == account);
            customer.map(|session| Arc::clone(&session.connection))
        })
    }
}

/// The account's live sockets at this node, oldest first. Needs `account.manage`.
#[utoipa::path(get, path = "/v1/connections", tag = "operation", operation_id = "connections_list",
    security(("bearer" = [])),
    params(("account_id" = Option<AccountId>, Query, description = "Not needed by members of one account")),
    responses((status = 200, body = Many<LiveConnection>)))]
async fn list(
    State(hub): State<Arc<Hub>>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<LiveConnection>> {
    let named = params.get("account_id").map(str::parse).transpose();
    let named = named.map_err(|_| Error::bad_request("account_id must be an account's id"))?;
    let member = context.acting_in(named)?;
    member.require(Permission::AccountManage)?;
    Ok(Many::all(hub.connections(member.account_id())))
}

/// Cut a live socket's transport. A client comes back by itself; deactivate the user, or sign them out, to keep
/// somebody away. Needs `account.manage`.
#[utoipa::path(delete, path = "/v1/connections/{id}", tag = "operation", operation_id = "connections_cut",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 204)))]
async fn cut(
    State(hub): State<Arc<Hub>>,
    Authed(context): Authed,
    Path(id): Path<Uuid>,
) -> Answer<NoContent> {
    let mine = |member: &&inbox::Member| member.can(Permission::AccountManage);
    let found = context.members().iter().filter(mine).find_map(|it| hub.connection_of(it.account_id(), id));
    let connection = found.ok_or_else(|| Error::not_found("connection"))?;
    tracing::info!(connection = %id, by = %context.user_id(), "a socket is cut by an owner");
    connection.kill();
    Ok(NoContent)
}
