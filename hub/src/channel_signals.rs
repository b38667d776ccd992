//! What agents do in a thread, passed on to customers whose provider can show it: that they have read, that they
//! type. Lost without harm: nothing waits for it, nothing of it is stored, and no call is repeated.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use channels::{ChannelConfig, Context, SandboxSwitch, SendError, SendErrorClass, Shows, Signal, SignalTo};
use inbox::{Inbox, channel_store::by_id_unscoped, conversations::ReadTo};
use model::{AccountId, ChannelId, ChannelType, ConversationId};
use outbound::Client;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Calls at a time: each lane makes one, for its conversations, so that none of a conversation overtakes another.
const LANES: usize = 8;
/// Signals of one lane that wait; what comes beyond is not told.
const WAITING: usize = 32;
/// Of one call. Typing that is older would be about the past.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two calls that somebody types in one conversation, at least.
const EVERY: Duration = Duration::from_secs(4);
/// How long a channel whose provider could not take a signal gets none.
const REST: Duration = Duration::from_secs(30);
/// Conversations that are remembered; beyond it, those of the last minute.
const REMEMBERED: usize = 4096;
const RECENT: Duration = Duration::from_mins(1);

/// Where the sockets say what their agents do. Never blocks.
#[derive(Clone)]
pub struct Signals(Arc<[mpsc::Sender<Told>]>);

struct Told {
    account_id: AccountId,
    conversation_id: ConversationId,
    what: What,
    at: Instant,
}

#[derive(Clone, Copy)]
enum What {
    Read(ReadTo),
    Types,
    TypesNoMore,
}

/// What [`ChannelSignals::run`] takes from.
pub struct Waiting(Vec<mpsc::Receiver<Told>>);

#[must_use]
pub fn signals() -> (Signals, Waiting) {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..LANES).map(|_| mpsc::channel(WAITING)).unzip();
    (Signals(senders.into()), Waiting(receivers))
}

impl Signals {
    /// An agent has read so far.
    pub fn read(&self, account_id: AccountId, conversation_id: ConversationId, read: ReadTo) {
        if read.has_moved() {
            self.tell(account_id, conversation_id, What::Read(read));
        }
    }

    /// An agent types an answer, or has stopped.
    pub fn typing(&self, account_id: AccountId, conversation_id: ConversationId, types: bool) {
        self.tell(account_id, conversation_id, if types { What::Types } else { What::TypesNoMore });
    }

    fn tell(&self, account_id: AccountId, conversation_id: ConversationId, what: What) {
        let lane = (conversation_id.uuid().as_u128() % LANES as u128) as usize;
        // full, or nobody listens: not told
        let _lost = self.0[lane].try_send(Told { account_id, conversation_id, what, at: Instant::now() });
    }
}

/// Passes signals on.
pub struct ChannelSignals {
    inbox: Inbox,
    http: Client,
    sandbox: SandboxSwitch,
    pace: Mutex<Pace>,
}

/// What a customer is to be shown, and where.
struct Target {
    channel_id: ChannelId,
    channel_type: ChannelType,
    contact_identifier: String,
    thread_key: String,
    /// The provider's id of the customer's newest message that it is about.
    message: Option<String>,
}

impl ChannelSignals {
    #[must_use]
    pub fn new(inbox: Inbox, http: Client, sandbox: SandboxSwitch) -> Self {
        Self { inbox, http, sandbox, pace: Mutex::default() }
    }

    /// Runs until cancelled.
    pub async fn run(self, waiting: Waiting, stop: CancellationToken) {
        let lanes = waiting.0.into_iter().map(|lane| self.work_off(lane));
        tokio::select! {
            () = stop.cancelled() => {}
            _ = futures::future::join_all(lanes) => {}
        }
    }

    async fn work_off(&self, mut lane: mpsc::Receiver<Told>) {
        while let Some(told) = lane.recv().await {
            if !self.pace.lock().admits(&told, Instant::now()) {
                continue;
            }
            if let Ok(Err(error)) = tokio::time::timeout(2 * PATIENCE, self.pass_on(&told)).await {
                tracing::debug!(%error, "what an agent does was not passed on");
            }
        }
    }

    async fn pass_on(&self, told: &Told) -> anyhow::Result<()> {
        let deaf = || self.pace.lock().nobody_sees(told.conversation_id, Instant::now());
        let Some(target) = self.target(told).await? else {
            deaf();
            return Ok(());
        };
        let handle = by_id_unscoped(&self.inbox, target.channel_id).await?;
        let Some(handle) = handle.filter(|handle| handle.is_enabled) else { return Ok(()) };
        let Some(adapter) = channels::registry().get(handle.channel_type, &handle.provider) else {
            return Ok(());
        };
        let config = Arc::new(ChannelConfig::from(handle.facts()));
        let shows = adapter.shows(&config);
        if shows == Shows::NOTHING {
            deaf();
            return Ok(());
        }
        let Some(signal) = told.what.shown(shows, target.message.is_some()) else { return Ok(()) };
        if self.pace.lock().rests(target.channel_id, Instant::now()) {
            return Ok(());
        }
        let clock = Arc::clone(self.inbox.clock());
        let context = Context::new(self.http.clone(), config, adapter.profile(), clock, self.sandbox.clone())
            .within(PATIENCE);
        let to = SignalTo {
            to: &target.contact_identifier,
            thread_key: &target.thread_key,
            message: target.message.as_deref(),
        };
        let done = adapter.signal(&context, signal, &to).await;
        let mut pace = self.pace.lock();
        match done {
            Ok(()) => pace.shown(told.conversation_id, signal, shows),
            Err(error) => {
                if let Some(rest) = rest_after(&error) {
                    pace.rest(target.channel_id, Instant::now() + rest);
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Where it goes; `None` where nobody needs it.
    async fn target(&self, told: &Told) -> anyhow::Result<Option<Target>> {
        let (account, id) = (told.account_id, told.conversation_id);
        let (after, up_to) = match told.what {
            What::Read(read) => (read.was, read.seq),
            What::Types | What::TypesNoMore => (0, i64::MAX),
        };
        let found = self
            .inbox
            .store()
            .read(account, |mut tx| async move {
                Ok(sqlx::query_as!(
                    Target,
                    r#"SELECT c.channel_id AS "channel_id: ChannelId", c.channel_type AS "channel_type: ChannelType",
                              c.contact_identifier, c.thread_key, m.external_id AS "message?"
                       FROM conversations c
                       LEFT JOIN LATERAL (
                           SELECT m.external_id FROM messages m
                           WHERE m.conversation_id = c.id AND m.account_id = c.account_id
                             AND m.direction = 'inbound' AND m.external_id IS NOT NULL
                             AND m.seq > $3 AND m.seq <= $4
                           ORDER BY m.seq DESC LIMIT 1) m ON true
                       WHERE c.id = $1 AND c.account_id = $2"#,
                    id.uuid(),
                    account.uuid(),
                    after,
                    up_to,
                )
                .fetch_optional(&mut *tx)
                .await?)
            })
            .await
            .map_err(model::Error::from)?;
        // visitors of web chat see it on their own socket
        Ok(found.filter(|target| target.channel_type != ChannelType::Webchat))
    }
}

impl What {
    /// What the customer is shown of it; `None`: the provider shows it to nobody, or nothing of theirs was read.
    fn shown(self, shows: Shows, has_message: bool) -> Option<Signal> {
        match self {
            Self::Read(_) => (shows.read && has_message).then_some(Signal::Read),
            Self::Types => shows.typing.map(|_| Signal::Typing),
            Self::TypesNoMore => shows.typing_ends.then_some(Signal::TypingEnds),
        }
    }
}

/// How long the channel is left alone: what concerns one conversation alone is no reason.
fn rest_after(error: &SendError) -> Option<Duration> {
    match error.class {
        SendErrorClass::Throttled { after, .. } => Some(after.unwrap_or(REST).max(REST)),
        SendErrorClass::Unavailable | SendErrorClass::Settings(_) | SendErrorClass::Unknown => Some(REST),
        SendErrorClass::Rejected(_) | SendErrorClass::Gone => None,
    }
}

/// What was passed on lately, so that it is not said again.
#[derive(Default)]
struct Pace {
    threads: HashMap<ConversationId, Thread>,
    resting: HashMap<ChannelId, Instant>,
}

struct Thread {
    /// The last call that somebody types.
    typed: Option<Instant>,
    /// For how long it need not be said again.
    lasts: Duration,
    /// It was said, and not yet that it has ended.
    goes_on: bool,
    read: i64,
    /// Its provider shows nothing, as was found: it is not asked about again until then.
    deaf_until: Option<Instant>,
    touched: Instant,
}

impl Pace {
    /// Whether it is to be passed on now.
    fn admits(&mut self, told: &Told, now: Instant) -> bool {
        if self.threads.len() >= REMEMBERED {
            self.threads.retain(|_, thread| now.duration_since(thread.touched) < RECENT);
        }
        let thread = self.threads.entry(told.conversation_id).or_insert_with(|| Thread {
            typed: None,
            lasts: EVERY,
            goes_on: false,
            read: 0,
            deaf_until: None,
            touched: now,
        });
        thread.touched = now;
        if thread.deaf_until.is_some_and(|until| now < until) {
            return false;
        }
        match told.what {
            What::Read(read) => {
                let is_news = read.seq > thread.read;
                thread.read = thread.read.max(read.seq);
                is_news
            }
            What::Types => {
                let is_old = now.duration_since(told.at) > PATIENCE;
                let is_due = thread.typed.is_none_or(|typed| now.duration_since(typed) >= thread.lasts);
                if is_old || !is_due {
                    return false;
                }
                (thread.typed, thread.lasts, thread.goes_on) = (Some(now), EVERY, true);
                true
            }
            What::TypesNoMore => {
                // who goes on is shown again soon
                thread.lasts = EVERY;
                std::mem::take(&mut thread.goes_on)
            }
        }
    }

    /// The provider has taken it.
    fn shown(&mut self, id: ConversationId, signal: Signal, shows: Shows) {
        let (Signal::Typing, Some(lasts)) = (signal, shows.typing) else { return };
        if let Some(thread) = self.threads.get_mut(&id) {
            // said again before it is gone
            thread.lasts = EVERY.max(lasts.saturating_sub(PATIENCE));
        }
    }

    /// Nothing of this conversation can be shown: for a while the store is not asked where it goes.
    fn nobody_sees(&mut self, id: ConversationId, now: Instant) {
        if let Some(thread) = self.threads.get_mut(&id) {
            thread.deaf_until = Some(now + RECENT);
        }
    }

    fn rest(&mut self, channel: ChannelId, until: Instant) {
        self.resting.insert(channel, until);
    }

    fn rests(&mut self, channel: ChannelId, now: Instant) -> bool {
        self.resting.retain(|_, until| *until > now);
        self.resting.contains_key(&channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWS: Shows = Shows { read: true, typing: Some(Duration::from_secs(20)), typing_ends: true };

    #[test]
    fn typing_is_passed_on_while_it_would_end_and_reads_once() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let (account_id, conversation_id) = (AccountId::new(), ConversationId::new());
        let at = |seconds| start + Duration::from_secs(seconds);
        let told = |what, seconds| Told { account_id, conversation_id, what, at: at(seconds) };
        assert!(!pace.admits(&told(What::TypesNoMore, 0), at(0)), "nothing was shown");
        assert!(pace.admits(&told(What::Types, 0), at(0)));
        assert!(!pace.admits(&told(What::Types, 3), at(3)));
        assert!(pace.admits(&told(What::Types, 4), at(4)), "nobody knows yet how long it lasts");
        pace.shown(conversation_id, Signal::Typing, SHOWS);
        assert!(!pace.admits(&told(What::Types, 20), at(20)));
        assert!(pace.admits(&told(What::Types, 21), at(21)));
        pace.shown(conversation_id, Signal::Typing, SHOWS);
        assert!(pace.admits(&told(What::TypesNoMore, 22), at(22)));
        assert!(!pace.admits(&told(What::TypesNoMore, 22), at(22)), "once");
        assert!(!pace.admits(&told(What::Types, 24), at(24)));
        assert!(pace.admits(&told(What::Types, 25), at(25)));
        assert!(!pace.admits(&told(What::Types, 30), at(34)), "it is about the past");

        let read = |was, seq| What::Read(ReadTo { was, seq });
        assert!(pace.admits(&told(read(0, 5), 40), at(40)));
        assert!(!pace.admits(&told(read(0, 5), 41), at(41)), "another agent's look tells nothing new");
        assert!(pace.admits(&told(read(5, 6), 41), at(50)), "reading does not grow old");
    }

    #[test]
    fn where_nothing_is_shown_is_asked_once_a_minute() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let (account_id, conversation_id) = (AccountId::new(), ConversationId::new());
        let read =
            |seq, at| Told { account_id, conversation_id, what: What::Read(ReadTo { was: 0, seq }), at };
        assert!(pace.admits(&read(1, start), start));
        pace.nobody_sees(conversation_id, start);
        let later = start + RECENT;
        assert!(!pace.admits(&read(2, start), start + RECENT / 2));
        assert!(pace.admits(&read(3, later), later), "its settings may have changed");
    }

    #[test]
    fn a_channel_rests_for_what_concerns_all_of_it() {
        let (mut pace, now, channel) = (Pace::default(), Instant::now(), ChannelId::new());
        assert!(!pace.rests(channel, now));
        pace.rest(channel, now + REST);
        assert!(pace.rests(channel, now));
        assert!(!pace.rests(channel, now + REST));
        let after = |class| rest_after(&SendError::new(class, "x", "x"));
        let long = Some(Duration::from_mins(5));
        assert_eq!(
            after(SendErrorClass::Throttled { after: long, scope: channels::ThrottleScope::Account }),
            long
        );
        assert_eq!(after(SendErrorClass::Unknown), Some(REST));
        assert_eq!(after(SendErrorClass::Rejected(channels::RejectReason::Window)), None);
    }

    #[test]
    fn what_no_provider_shows_is_not_said() {
        let read = What::Read(ReadTo { was: 0, seq: 3 });
        assert_eq!(read.shown(SHOWS, true), Some(Signal::Read));
        assert_eq!(read.shown(SHOWS, false), None, "nothing of the customer's was read");
        for what in [read, What::Types, What::TypesNoMore] {
            assert_eq!(what.shown(Shows::NOTHING, true), None);
        }
    }

    #[test]
    fn more_than_can_wait_is_lost_and_blocks_nobody() {
        let (signals, waiting) = signals();
        let mut lanes = waiting.0;
        let mut next = || lanes.iter_mut().find_map(|lane| lane.try_recv().ok());
        let (account, conversation) = (AccountId::new(), ConversationId::new());
        signals.read(account, conversation, ReadTo { was: 4, seq: 4 });
        assert!(next().is_none(), "nothing new was read");
        for _ in 0..=WAITING {
            signals.typing(account, conversation, true);
        }
        let waits = std::iter::from_fn(next).count();
        assert_eq!(waits, WAITING);
    }
}
