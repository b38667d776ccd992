//! An agent who answers by itself: joins what is assigned to it, answers every customer message once, comes back when
//! the connection is lost, and remembers what it saw and what was acknowledged, to be held against the store.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{Agent, CommandError, Memory, Received, Socket};

/// A message in a thread, as the agent saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub id: String,
    pub sender: String,
    pub text: String,
}

/// An answer that the hub acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub conversation_id: String,
    pub message_id: String,
    pub seq: i64,
    pub text: String,
}

#[derive(Default)]
struct State {
    /// Joined threads with what was seen, by number.
    threads: BTreeMap<String, BTreeMap<i64, Seen>>,
    to_join: BTreeSet<String>,
    /// Customer messages that are to be answered: conversation, message, text.
    to_answer: VecDeque<(String, String, String)>,
    met: BTreeSet<String>,
    acknowledged: Vec<Acknowledged>,
    /// The same number with another message: a broken promise.
    contradictions: Vec<String>,
}

struct Shared {
    agent: Agent,
    memory: Arc<Memory>,
    state: Mutex<State>,
    stop: AtomicBool,
    reconnects: AtomicU64,
    /// Which texts of customers are answered.
    answers: fn(&str) -> bool,
}

/// The agent and its task.
pub struct AutoAgent {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl AutoAgent {
    /// Starts working; online from the first connection on. With `answers: false` it only reads.
    #[must_use]
    pub fn start(agent: Agent, answers: bool) -> Self {
        Self::choosing(agent, if answers { |_| true } else { |_| false })
    }

    /// The same, answering what is chosen by its text.
    #[must_use]
    pub fn choosing(agent: Agent, answers: fn(&str) -> bool) -> Self {
        let shared = Arc::new(Shared {
            agent,
            memory: Arc::default(),
            state: Mutex::default(),
            stop: AtomicBool::new(false),
            reconnects: AtomicU64::new(0),
            answers,
        });
        Self { task: tokio::spawn(work(Arc::clone(&shared))), shared }
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.agent.id
    }

    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.shared.memory
    }

    /// Joined threads with what was seen.
    #[must_use]
    pub fn threads(&self) -> BTreeMap<String, BTreeMap<i64, Seen>> {
        self.shared.state.lock().threads.clone()
    }

    #[must_use]
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        self.shared.state.lock().acknowledged.clone()
    }

    /// How often the connection was lost.
    #[must_use]
    pub fn reconnects(&self) -> u64 {
        self.shared.reconnects.load(SeqCst)
    }

    /// Answers that are still owed.
    #[must_use]
    pub fn owed(&self) -> usize {
        let state = self.shared.state.lock();
        state.to_answer.len() + state.to_join.len()
    }

    /// Stops, and fails if it was ever told something that the contract forbids.
    pub async fn end(self) {
        self.shared.stop.store(true, SeqCst);
        if let Err(error) = self.task.await {
            std::panic::resume_unwind(error.into_panic());
        }
        self.shared.memory.assert_rising();
        let state = self.shared.state.lock();
        assert!(state.contradictions.is_empty(), "{:#?}", state.contradictions);
        let resets: Vec<_> = self.shared.memory.events().into_iter().filter(|e| e.name == "reset").collect();
        assert!(resets.is_empty(), "told to start again: {resets:#?}");
    }
}

impl Shared {
    /// Takes note of events from `from` on; returns how many there are now.
    fn read(&self, from: usize) -> usize {
        let events = self.memory.events_from(from);
        let mut state = self.state.lock();
        for event in &events {
            self.note(&mut state, event);
        }
        from + events.len()
    }

    fn note(&self, state: &mut State, event: &Received) {
        let payload = &event.payload;
        let conversation = payload["conversation_id"].as_str().unwrap_or_default().to_owned();
        match event.name.as_str() {
            "notification:assignment" if !state.threads.contains_key(&conversation) => {
                state.to_join.insert(conversation);
            }
            "conversation:new" | "conversation:updated"
                if payload["assignee_id"] == self.agent.id && !state.threads.contains_key(&conversation) =>
            {
                state.to_join.insert(conversation);
            }
            "conversation:message" => {
                let seq = event.log().map_or(0, |(_, seq)| seq);
                self.see(state, &conversation, seq, payload);
            }
            _ => {}
        }
    }

    fn see(&self, state: &mut State, conversation: &str, seq: i64, message: &Value) {
        let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        let seen = Seen { id: text("id"), sender: text("sender_type"), text: text("content") };
        let thread = state.threads.entry(conversation.to_owned()).or_default();
        match thread.get(&seq) {
            Some(known) if *known != seen => {
                state.contradictions.push(format!("{conversation} {seq}: {known:?}, then {seen:?}"));
            }
            Some(_) => {}
            None => {
                if seen.sender == "contact" && (self.answers)(&seen.text) && state.met.insert(seen.id.clone())
                {
                    state.to_answer.push_back((conversation.to_owned(), seen.id.clone(), seen.text.clone()));
                }
                thread.insert(seq, seen);
            }
        }
    }

    /// Threads with their last numbers, as a resuming client sends them.
    fn cursors(&self) -> Value {
        let state = self.state.lock();
        let cursor = |id: &String| {
            let last = self.memory.last(&format!("conversation:{id}")).unwrap_or(0);
            (id.clone(), Value::from(last))
        };
        Value::Object(state.threads.keys().map(cursor).collect())
    }

    async fn join(&self, socket: &Socket, conversation: &str) -> Result<(), CommandError> {
        let page = socket.command("conversation:join", json!({"conversation_id": conversation})).await?;
        let mut state = self.state.lock();
        for entry in page["entries"].as_array().into_iter().flatten() {
            let seq = entry["seq"].as_i64().unwrap_or(0);
            self.see(&mut state, conversation, seq, entry);
        }
        state.threads.entry(conversation.to_owned()).or_default();
        state.to_join.remove(conversation);
        self.memory.remember(&format!("conversation:{conversation}"), page["head"].as_i64().unwrap_or(0));
        Ok(())
    }

    async fn answer(&self, socket: &Socket, owed: &(String, String, String)) -> Result<(), CommandError> {
        let (conversation, message, text) = owed;
        let text = format!("re: {text}");
        // the same for every try: repeating it cannot say it twice
        let id = uuid::Uuid::from_u128(uuid::Uuid::parse_str(message).unwrap().as_u128() ^ 1);
        let command = json!({"conversation_id": conversation, "client_message_id": id, "content": text});
        let data = socket.command("message:send", command).await?;
        let sent = &data["message"];
        self.state.lock().acknowledged.push(Acknowledged {
            conversation_id: conversation.clone(),
            message_id: sent["id"].as_str().unwrap_or_default().to_owned(),
            seq: sent["seq"].as_i64().unwrap_or(0),
            text,
        });
        Ok(())
    }

    /// Does what is to be done; an error means that the connection is gone.
    async fn step(&self, socket: &Socket) -> Result<(), CommandError> {
        let joins: Vec<String> = self.state.lock().to_join.iter().cloned().collect();
        for conversation in joins {
            match self.join(socket, &conversation).await {
                Err(CommandError::Refused(code, error)) if code != "service_unavailable" => {
                    panic!("joining {conversation}: {error}")
                }
                other => other?,
            }
        }
        loop {
            let Some(owed) = self.state.lock().to_answer.front().cloned() else { return Ok(()) };
            match self.answer(socket, &owed).await {
                Err(CommandError::Refused(code, error))
                    if !matches!(code.as_str(), "service_unavailable" | "internal_error" | "timeout") =>
                {
                    panic!("answering {owed:?}: {error}")
                }
                other => other?,
            }
            self.state.lock().to_answer.pop_front();
        }
    }
}

async fn work(shared: Arc<Shared>) {
    let mut read = 0;
    let mut first = true;
    while !shared.stop.load(SeqCst) {
        let socket = shared.agent.resume(Arc::clone(&shared.memory), || shared.cursors()).await;
        if !first {
            shared.reconnects.fetch_add(1, SeqCst);
        }
        first = false;
        if socket.command("agent:status", json!({"status": "online"})).await.is_err() {
            continue;
        }
        while !shared.stop.load(SeqCst) && !socket.is_closed() {
            let waiting = shared.memory.arrived();
            read = shared.read(read);
            if shared.step(&socket).await.is_err() {
                tokio::time::sleep(super::socket::RECONNECT).await;
                continue;
            }
            if shared.owed_now() {
                continue;
            }
            tokio::select! {
                () = waiting => {}
                () = socket.closed() => {}
                // the end is noticed without news too
                () = tokio::time::sleep(std::time::Duration::from_millis(100)) => {}
            }
        }
    }
    shared.read(read);
}

impl Shared {
    fn owed_now(&self) -> bool {
        let state = self.state.lock();
        !state.to_answer.is_empty() || !state.to_join.is_empty()
    }
}
