//! `/agents`: the sockets of people who answer, and of programs that do.

mod auth;
pub mod commands;
mod conversations;
pub mod threads;

use std::{collections::HashMap, sync::Arc};

use engine::Recovery;
use inbox::{
    Context, Member, Proof,
    identity::{self, Revocation},
};
use model::{AccountId, ConversationId, Error, Permission, Result, UserId};
use parking_lot::RwLock;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    connection::{Connection, Plan, Who},
    entry::LogKey,
    events::{AgentHello, AgentLive, Myself, Reset},
    hub::Hub,
    life::{self, Life},
    metrics, queues,
    recovery::{Kept, Recovered},
    refusal::Refusal,
    resume::{self, Remembered, Start},
    turns,
    waiting::Waiting,
};

/// What a client of `/agents` says when it connects.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = AgentAuth)]
pub struct Auth {
    /// An access token or an API key; programs may send `Authorization: Bearer` instead.
    pub token: Option<String>,
    pub account_id: Option<AccountId>,
    pub since: Option<i64>,
    pub epoch: Option<Uuid>,
    /// Threads to join at once, each with the last number known of it.
    pub threads: HashMap<ConversationId, Option<i64>>,
}

/// An agent's socket.
pub struct AgentSession {
    pub connection: Arc<Connection>,
    pub life: Life,
    context: RwLock<Context>,
    user_id: UserId,
    /// The account whose feed is joined at connect.
    home: Option<AccountId>,
}

impl AgentSession {
    /// Who may connect, before anything is sent. `bearer`: of the `Authorization` header.
    pub async fn admit(
        hub: &Hub,
        auth: &Auth,
        bearer: Option<&str>,
    ) -> Result<(Context, Option<AccountId>), Refusal> {
        let admitted = Self::judge(hub, auth, bearer).await;
        metrics::connected("agents", admitted.as_ref().err().copied());
        admitted
    }

    async fn judge(
        hub: &Hub,
        auth: &Auth,
        bearer: Option<&str>,
    ) -> Result<(Context, Option<AccountId>), Refusal> {
        if hub.is_draining() {
            return Err(Refusal::ServerDraining);
        }
        let token = auth.token.as_deref().or(bearer).ok_or(Refusal::Unauthorized)?;
        let token = token.strip_prefix("Bearer ").unwrap_or(token);
        let context = identity::authenticate(&hub.inbox, token).await?;
        if hub.sockets_of(context.user_id()) >= hub.config.sockets_per_user {
            return Err(Refusal::RateLimited);
        }
        let home = match (auth.account_id, context.members()) {
            (Some(account), _) => Some(context.member(account).map_err(|_| Refusal::Forbidden)?),
            (None, [only]) => Some(only),
            (None, []) => return Err(Refusal::Forbidden),
            (None, _) => None,
        };
        if home.is_some_and(|member| !member.can(Permission::ConversationsView)) {
            return Err(Refusal::Forbidden);
        }
        let home = home.map(Member::account_id);
        Ok((context, home))
    }

    /// A session, and what it goes on with when the client asked for that and can have it.
    #[must_use]
    pub fn new(
        hub: &Hub,
        (context, home): (Context, Option<AccountId>),
        asked: Option<&Recovery>,
    ) -> (Arc<Self>, Option<Recovered>) {
        let user_id = context.user_id();
        let fits = |kept: &Kept| {
            home.is_none_or(|home| kept.reads(LogKey::Feed(home)))
                && kept.members().iter().all(|(account, before)| {
                    context.member(*account).is_ok_and(|after| same_sight(before, after))
                })
        };
        let recovered = asked.and_then(|asked| hub.recoveries.take(asked, user_id.uuid(), fits));
        let who = Who::Agent { user_id, members: RwLock::default() };
        let session = Arc::new(Self {
            connection: Connection::new(who, recovered.as_ref()),
            life: Life::new(context.expires_at()),
            user_id,
            home,
            context: RwLock::new(context),
        });
        (session, recovered)
    }

    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// The caller as authenticated.
    #[must_use]
    pub fn context(&self) -> Context {
        self.context.read().clone()
    }

    /// The caller's rights in an account; 404 for a foreign one.
    pub fn member(&self, account: AccountId) -> Result<Member> {
        self.context.read().member(account).cloned()
    }

    #[must_use]
    pub fn is_concerned_by(&self, revocation: &Revocation) -> bool {
        revocation.concerns(&self.context.read())
    }

    /// Greets the client, joins what it asked for, and does its commands until it is gone.
    pub async fn run(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        auth: Auth,
        recovered: Option<Recovered>,
        waiting: &Waiting,
    ) {
        hub.agents.insert(self.connection.id, Arc::clone(self));
        // on the heap while it lasts, as are commands; what the client said is not kept
        match Box::pin(self.greet(hub, auth, recovered)).await {
            Ok(Some(plan)) => {
                self.connection.begin(plan);
                turns::serve(hub, self, &self.connection, waiting).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a socket could not be greeted; its transport is cut");
                self.connection.kill();
            }
        }
        self.gone(hub);
    }

    async fn greet(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        auth: Auth,
        recovered: Option<Recovered>,
    ) -> Result<Option<Plan>> {
        let context = self.context();
        let mut resets = Vec::new();
        let mut first = Vec::new();
        let feed = match self.home {
            Some(account) => {
                let since = recovered.as_ref().and_then(|it| it.since(LogKey::Feed(account)));
                let remembered = match since {
                    Some(since) => Remembered { since: Some(since), epoch: None },
                    None => Remembered { since: auth.since, epoch: auth.epoch },
                };
                Some(self.join_feed(hub, account, remembered).await?)
            }
            None => None,
        };
        let hello = self.hello(hub, &context, feed.as_ref()).await?;
        if !self.connection.tell(&hello).await {
            return Ok(None);
        }
        if let Some(start) = &feed {
            first.push((start.key, start.head));
            resets.extend(start.told_reset());
        }
        let mut threads: HashMap<ConversationId, Remembered> = HashMap::new();
        for (conversation, since) in &auth.threads {
            threads.insert(*conversation, Remembered { since: *since, epoch: auth.epoch });
        }
        for place in recovered.iter().flat_map(|it| &it.places) {
            let remembered = Remembered { since: Some(place.at), epoch: None };
            match place.key {
                LogKey::Thread(conversation) => drop(threads.insert(conversation, remembered)),
                LogKey::Feed(account) if Some(account) != self.home => {
                    let start = self.join_feed(hub, account, remembered).await?;
                    first.push((start.key, start.head));
                    resets.extend(start.told_reset());
                }
                LogKey::Feed(_) => {}
            }
        }
        for (conversation, remembered) in threads.into_iter().take(hub.config.threads_per_socket) {
            match threads::join(hub, self, conversation, remembered).await {
                Ok((start, _)) => {
                    first.push((start.key, start.head));
                    resets.extend(start.told_reset());
                }
                Err(error) => {
                    let log = LogKey::Thread(conversation).to_string();
                    resets.push(Reset { log, reason: error.code.to_string(), head: None });
                }
            }
        }
        for reset in resets {
            if !self.connection.tell(&reset).await {
                return Ok(None);
            }
        }
        let live = self
            .home
            .zip(feed)
            .map(|(account_id, start)| self.connection.frame(&AgentLive { account_id, seq: start.head }));
        Ok(Some(Plan { first, live }))
    }

    async fn hello(&self, hub: &Hub, context: &Context, feed: Option<&Start>) -> Result<AgentHello> {
        let (mut permissions, mut presence, mut queue) = (None, None, None);
        if let Some(account) = self.home {
            permissions = Some(context.member(account)?.permissions().clone());
            presence = Some(hub.presences.snapshot(account));
            queue = Some(queues::view(hub, account).await?);
        }
        Ok(AgentHello {
            connection_id: self.connection.id,
            user: Myself {
                id: context.user_id(),
                name: context.name().to_owned(),
                email: context.email().to_owned(),
            },
            account_id: self.home,
            account_ids: context.account_ids(),
            permissions,
            epoch: hub.epoch,
            head: feed.map(|start| start.head),
            resumed: feed.is_some_and(|start| start.resumed),
            server_time: hub.inbox.now(),
            presence,
            queue,
            limits: hub.config.limits(),
            degraded: hub.nodes.is_degraded(),
        })
    }

    /// Joins an account's feed.
    pub async fn join_feed(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        account: AccountId,
        remembered: Remembered,
    ) -> Result<Start> {
        let member = self.member(account)?;
        member.require(Permission::ConversationsView)?;
        let key = LogKey::Feed(account);
        let known = self.connection.reads(key);
        hub.presences.load(account).await?;
        let log = hub.logs.open(key, account);
        // listened to before the head is read, so that the log is kept meanwhile
        log.listen(&self.connection);
        let start = resume::start(hub, &log, remembered).await?;
        self.admit_member(member);
        self.connection.read_from(log, start.cursor);
        if !known && self.is_person() {
            hub.presences.up(account, self.user_id);
        }
        Ok(start)
    }

    /// Leaves an account's feed and its threads.
    pub fn leave_feed(&self, hub: &Hub, account: AccountId) {
        if self.connection.leave(LogKey::Feed(account)) && self.is_person() {
            hub.presences.down(account, self.user_id);
        }
        for (conversation, of) in self.connection.threads() {
            if of == account {
                threads::leave(hub, self, conversation, account);
            }
        }
        if let Who::Agent { members, .. } = &self.connection.who {
            members.write().remove(&account);
        }
    }

    fn admit_member(&self, member: Member) {
        if let Who::Agent { members, .. } = &self.connection.who {
            members.write().insert(member.account_id(), Arc::new(member));
        }
    }

    /// A program's socket does not make anybody present.
    fn is_person(&self) -> bool {
        matches!(self.context.read().proof(), Proof::Session(_))
    }

    /// The caller as the store knows them now: rights are changed under the running socket, or it ends.
    pub async fn renew(self: &Arc<Self>, hub: &Arc<Hub>) {
        let context = self.context();
        let renewed = match identity::renew(&hub.inbox, &context).await {
            Ok(renewed) => renewed,
            Err(error) if error.code == model::ErrorCode::Unauthorized => {
                life::end(&self.connection, "revoked");
                return;
            }
            Err(error) => {
                // the store is away: the revocation must not be lost with it
                tracing::warn!(%error, "a socket's rights could not be read again; its transport is cut");
                self.connection.kill();
                return;
            }
        };
        self.adopt(hub, renewed).await;
    }

    /// Takes over a renewed context: what the socket may see is recomputed, account by account.
    async fn adopt(self: &Arc<Self>, hub: &Arc<Hub>, renewed: Context) {
        *self.context.write() = renewed.clone();
        let joined: Vec<AccountId> = match &self.connection.who {
            Who::Agent { members, .. } => members.read().keys().copied().collect(),
            Who::Customer { .. } => Vec::new(),
        };
        for account in joined {
            let before = self.connection.member(account);
            match renewed.member(account) {
                Ok(after) if after.can(Permission::ConversationsView) => {
                    let changed = before.is_none_or(|before| !same_sight(&before, after));
                    self.admit_member(after.clone());
                    if changed {
                        self.look_again(hub, account).await;
                    }
                }
                _ if self.home == Some(account) => {
                    life::end(&self.connection, "revoked");
                    return;
                }
                _ => self.leave_feed(hub, account),
            }
        }
    }

    /// What may be seen has changed: joined threads are checked again, and the client fetches afresh.
    async fn look_again(self: &Arc<Self>, hub: &Arc<Hub>, account: AccountId) {
        let Ok(member) = self.member(account) else { return };
        for (conversation, of) in self.connection.threads() {
            if of == account && inbox::conversations::get(&hub.inbox, &member, conversation).await.is_err() {
                threads::leave(hub, self, conversation, account);
            }
        }
        let key = LogKey::Feed(account);
        let head = hub.logs.get(key).map_or(0, |log| log.head());
        let reset = Reset { log: key.to_string(), reason: "visibility".to_owned(), head: Some(head) };
        self.connection.tell(&reset).await;
    }

    fn gone(&self, hub: &Hub) {
        hub.agents.remove(&self.connection.id);
        hub.typing.forget(self.connection.id);
        let threads = self.connection.threads();
        let feeds = self.connection.feeds();
        self.connection.end();
        for (conversation, account) in threads {
            threads::tell_viewers(hub, account, conversation);
        }
        if self.is_person() {
            for account in feeds {
                hub.presences.down(account, self.user_id);
            }
        }
    }
}

/// Whether both see the same of an account.
fn same_sight(before: &Member, after: &Member) -> bool {
    before.sees_all() == after.sees_all()
        && before.teams() == after.teams()
        && before.can(Permission::NotesView) == after.can(Permission::NotesView)
}

/// The account that a command means: named, or the only one the caller has.
fn account_named(session: &AgentSession, named: Option<AccountId>) -> Result<Member> {
    let context = session.context();
    match named {
        Some(account) => context.member(account).cloned(),
        None => context.acting_in(session.home).cloned(),
    }
}

/// The caller's rights where a conversation is; 404 for any other.
async fn member_of(hub: &Hub, session: &AgentSession, conversation: ConversationId) -> Result<Member> {
    let context = session.context();
    if let [only] = context.members() {
        return Ok(only.clone());
    }
    let joined = session.connection.threads().into_iter().find(|(id, _)| *id == conversation);
    let account = match joined {
        Some((_, account)) => account,
        None => inbox::agents::account_of(&hub.inbox, &context, conversation).await?,
    };
    context.member(account).cloned().map_err(|_| Error::not_found("conversation"))
}
