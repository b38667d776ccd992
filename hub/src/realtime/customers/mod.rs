//! `/customers`: the sockets of web chats. A visitor reads one thread, their own, and can name no other.

pub mod commands;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use bus::{LogEntry, Outcome, live::Reach};
use engine::Recovery;
use inbox::{
    Visitor, conversations,
    webchat::{self, ChatChannel},
};
use model::{AccountId, ChannelId, ChannelType, ConversationId, Event, Result, VisitorId};
use parking_lot::RwLock;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    connection::{Connection, Plan, Who},
    elsewhere,
    entry::LogKey,
    events::{CustomerHello, CustomerLive},
    hub::Hub,
    life::Life,
    metrics,
    recovery::Recovered,
    refusal::Refusal,
    resume::{self, Remembered, Start},
    turns,
    waiting::Waiting,
};

/// Messages of the first page.
const PAGE: i64 = 30;

/// What a client of `/customers` says when it connects.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = CustomerAuth)]
pub struct Auth {
    /// Of the visitor's session.
    pub token: Option<String>,
    /// The conversation that `since` counts for.
    pub conversation_id: Option<ConversationId>,
    pub since: Option<i64>,
    pub epoch: Option<Uuid>,
}

/// A visitor's socket.
pub struct CustomerSession {
    pub connection: Arc<Connection>,
    pub life: Life,
    visitor: RwLock<Visitor>,
    account_id: AccountId,
    channel: ChatChannel,
    /// The place in the queue that was told last; 0: none.
    place: AtomicI64,
    /// Up to where the store knows that the customer's screen has the thread.
    delivered: AtomicI64,
    noting: AtomicBool,
    /// Held while it is decided whether a thread that is new has to be read.
    following: tokio::sync::Mutex<()>,
}

impl CustomerSession {
    /// Who may connect, before anything is sent.
    pub async fn admit(
        hub: &Hub,
        auth: &Auth,
        bearer: Option<&str>,
    ) -> Result<(Visitor, ChatChannel), Refusal> {
        let admitted = Self::judge(hub, auth, bearer).await;
        metrics::connected("customers", admitted.as_ref().err().copied());
        admitted
    }

    async fn judge(hub: &Hub, auth: &Auth, bearer: Option<&str>) -> Result<(Visitor, ChatChannel), Refusal> {
        if hub.is_draining() {
            return Err(Refusal::ServerDraining);
        }
        let token = auth.token.as_deref().or(bearer).ok_or(Refusal::Unauthorized)?;
        let visitor =
            webchat::authenticate(&hub.inbox, token.strip_prefix("Bearer ").unwrap_or(token)).await?;
        let channel = webchat::by_id(&hub.inbox, visitor.channel_id()).await?;
        Ok((visitor, channel))
    }

    /// A session, and what it goes on with when the client asked for that and can have it.
    #[must_use]
    pub fn new(
        hub: &Hub,
        (visitor, channel): (Visitor, ChatChannel),
        asked: Option<&Recovery>,
    ) -> (Arc<Self>, Option<Recovered>) {
        let person = visitor.visitor_id().uuid();
        let recovered = asked.and_then(|asked| hub.recoveries.take(asked, person, |_| true));
        let who = Who::Customer { visitor_id: visitor.visitor_id() };
        let session = Arc::new(Self {
            connection: Connection::new(who, recovered.as_ref()),
            life: Life::new(Some(visitor.expires_at())),
            account_id: visitor.account_id(),
            visitor: RwLock::new(visitor),
            channel,
            place: AtomicI64::new(0),
            delivered: AtomicI64::new(0),
            noting: AtomicBool::new(false),
            following: tokio::sync::Mutex::new(()),
        });
        (session, recovered)
    }

    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }

    #[must_use]
    pub fn visitor(&self) -> Visitor {
        self.visitor.read().clone()
    }

    /// Greets the visitor, and does their commands until they are gone.
    pub async fn run(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        auth: Auth,
        recovered: Option<Recovered>,
        waiting: &Waiting,
    ) {
        hub.customers.insert(self.connection.id, Arc::clone(self));
        // on the heap while it lasts, as are commands; what the client said is not kept
        match Box::pin(self.greet(hub, auth, recovered)).await {
            Ok(Some(plan)) => {
                hub.queues.lock().insert(self.account_id);
                self.connection.begin(plan);
                turns::serve(hub, self, &self.connection, waiting).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a socket could not be greeted; its transport is cut");
                self.connection.kill();
            }
        }
        hub.customers.remove(&self.connection.id);
        hub.typing.forget(self.connection.id);
        let threads = self.connection.threads();
        self.connection.end();
        for (conversation, _) in threads {
            elsewhere::tell(hub, self.account_id, conversation);
        }
    }

    async fn greet(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        auth: Auth,
        recovered: Option<Recovered>,
    ) -> Result<Option<Plan>> {
        let visitor = self.visitor();
        let conversation = conversations::visitor::current(&hub.inbox, &visitor).await?;
        let had = |id| recovered.as_ref().and_then(|it| it.since(LogKey::Thread(id)));
        let remembered = match &conversation {
            Some(current) if had(current.id).is_some() => Remembered { since: had(current.id), epoch: None },
            Some(current) if auth.conversation_id.is_none_or(|known| known == current.id) => {
                Remembered { since: auth.since, epoch: auth.epoch }
            }
            _ => Remembered::default(),
        };
        let start = match &conversation {
            Some(current) => Some(self.follow(hub, current.id, remembered).await?),
            None => None,
        };
        let resumed = start.as_ref().is_some_and(|start| start.resumed);
        // who cannot go on from a number gets the newest page
        let page = match &start {
            Some(start) if !start.resumed => {
                Some(inbox::messages::history_as_visitor(&hub.inbox, &visitor, None, PAGE).await?)
            }
            _ => None,
        };
        let config = webchat::config(&hub.inbox, &self.channel).await?;
        let (entries, has_more) = page.map(|page| (page.entries, page.has_more)).unzip();
        let hello = CustomerHello {
            connection_id: self.connection.id,
            visitor: webchat::view(&hub.inbox, &visitor).await?,
            conversation: conversation.as_ref().map(Into::into),
            account_id: self.account_id,
            epoch: hub.epoch,
            head: start.as_ref().map(|start| start.head),
            resumed,
            entries,
            has_more,
            online: config.online,
            team_name: config.team_name,
            welcome: config.welcome,
            offline_message: config.offline_message,
            pre_chat_form: config.pre_chat_form,
            server_time: hub.inbox.now(),
            limits: hub.config.limits(),
            degraded: hub.nodes.is_degraded(),
        };
        if !self.connection.tell(&hello).await {
            return Ok(None);
        }
        if let Some(reset) = start.as_ref().and_then(Start::told_reset)
            && !self.connection.tell(&reset).await
        {
            return Ok(None);
        }
        let live = self.connection.frame(&CustomerLive {
            account_id: self.account_id,
            conversation_id: conversation.as_ref().map(|current| current.id),
            seq: start.as_ref().map(|start| start.head),
        });
        Ok(Some(Plan {
            first: start.iter().map(|start| (start.key, start.head)).collect(),
            live: Some(live),
        }))
    }

    /// Reads the visitor's own thread.
    async fn follow(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        conversation: ConversationId,
        remembered: Remembered,
    ) -> Result<Start> {
        let key = LogKey::Thread(conversation);
        let log = hub.logs.open(key, self.account_id);
        log.listen(&self.connection);
        let start = resume::start(hub, &log, remembered).await?;
        for (other, _) in self.connection.threads() {
            if other != conversation {
                self.connection.leave(LogKey::Thread(other));
            }
        }
        self.connection.read_from(log, start.cursor);
        elsewhere::tell(hub, self.account_id, conversation);
        Ok(start)
    }

    /// Reads a conversation that was opened after the socket, from its start; nothing where it is read already.
    pub async fn follow_new(self: &Arc<Self>, hub: &Arc<Hub>, conversation: ConversationId) -> Result<()> {
        let _deciding = self.following.lock().await;
        if !self.connection.reads(LogKey::Thread(conversation)) {
            let from_the_start = Remembered { since: Some(0), epoch: None };
            self.follow(hub, conversation, from_the_start).await?;
        }
        Ok(())
    }

    /// Whether the place in the queue differs from the one told last.
    #[must_use]
    pub fn place_is_news(&self, place: Option<i64>) -> bool {
        let place = place.unwrap_or(0);
        self.place.swap(place, Ordering::Relaxed) != place
    }

    /// Tells the store how far the thread has reached the customer's screen, when that is news; our
    /// messages up to there are delivered. Called once a second.
    pub fn note_delivered(self: &Arc<Self>, hub: &Arc<Hub>) {
        let seq = self.connection.delivered();
        if seq <= self.delivered.load(Ordering::Relaxed) || self.noting.swap(true, Ordering::AcqRel) {
            return;
        }
        let (session, hub) = (Arc::clone(self), Arc::clone(hub));
        tokio::spawn(async move {
            match conversations::visitor::delivered(&hub.inbox, &session.visitor(), seq).await {
                Ok(()) => session.delivered.store(seq, Ordering::Relaxed),
                Err(error) => {
                    tracing::debug!(%error, "delivery to a visitor could not be noted; trying again");
                }
            }
            session.noting.store(false, Ordering::Release);
        });
    }
}

/// Lets a visitor's sockets, each a tab of theirs, read a conversation that was just opened, whichever of them
/// opened it.
pub fn follow_opened(hub: &Arc<Hub>, entries: &[LogEntry]) {
    for entry in entries {
        let Event::ConversationCreated { conversation } = &*entry.event else { continue };
        if conversation.channel_type != ChannelType::Webchat {
            continue;
        }
        let Ok(visitor) = conversation.contact_identifier.parse::<VisitorId>() else { continue };
        let tabs = hub.customers.iter().filter(|session| session.connection.person() == visitor.uuid());
        for session in tabs.map(|session| Arc::clone(&session)).collect::<Vec<_>>() {
            begin_to_follow(hub, session, conversation.id);
        }
    }
}

fn begin_to_follow(hub: &Arc<Hub>, session: Arc<CustomerSession>, conversation: ConversationId) {
    let hub = Arc::clone(hub);
    tokio::spawn(async move {
        if let Err(error) = session.follow_new(&hub, conversation).await {
            tracing::warn!(%error, "a visitor's new conversation cannot be read; the transport is cut");
            session.connection.kill();
        }
    });
}

/// Visitors looked up at once.
const VISITORS: usize = 1000;

/// Conversations may have been opened at other nodes without this one having heard of it.
pub async fn follow_missed(hub: &Arc<Hub>, reach: Reach) -> Outcome<()> {
    let sessions: Vec<Arc<CustomerSession>> = hub
        .customers
        .iter()
        .filter(|session| reach.covers(session.account_id()))
        .map(|session| Arc::clone(&session))
        .collect();
    for sessions in sessions.chunks(VISITORS) {
        let mut of: HashMap<(ChannelId, VisitorId), Vec<&Arc<CustomerSession>>> = HashMap::new();
        for session in sessions {
            let visitor = session.visitor();
            of.entry((visitor.channel_id(), visitor.visitor_id())).or_default().push(session);
        }
        let visitors: Vec<(ChannelId, VisitorId)> = of.keys().copied().collect();
        for (channel, visitor, conversation) in conversations::visitor::open_of(&hub.inbox, &visitors).await?
        {
            for session in of.get(&(channel, visitor)).into_iter().flatten() {
                if !session.connection.reads(LogKey::Thread(conversation)) {
                    begin_to_follow(hub, Arc::clone(session), conversation);
                }
            }
        }
    }
    Ok(())
}
