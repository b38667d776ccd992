//! A thousand connections cut at random under load: afterwards every client has what the store has, in order, once.
//!
//! `TURUMBA_CUTS` sets how often a seed's clients are cut, `TURUMBA_SEED` the seed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use sqlx::{Connection as _, Row as _};
use tests::harness::{Agent, Channel, CommandError, Memory, Socket, TestHub, World, until};
use tokio::time::Instant;

const AGENTS: usize = 20;
const VISITORS: usize = 30;
/// Conversations by SMS, each joined by one agent.
const PHONES: usize = AGENTS * 2;
/// Messages a second. Each is an entry of its thread and of the feed, so that 200 entries are written a second.
const RATE: u32 = 100;

type Numbers = BTreeSet<i64>;

/// A client that is cut again and again, with the logs it reads and where it began with each.
struct Reader {
    memory: Arc<Memory>,
    begins: BTreeMap<String, i64>,
    /// The agent's id; some entries of a feed are for one alone.
    user: String,
    /// Keeps the last connection.
    _socket: Socket,
}

impl Reader {
    /// The numbers received of a log, of these events only.
    fn numbers(&self, log: &str, events: &[&str]) -> Numbers {
        let ours = |name: &str| events.is_empty() || events.contains(&name);
        let begin = self.begins[log];
        let received = self.memory.events().into_iter().filter(|event| ours(&event.name));
        received
            .filter_map(|event| event.log().filter(|(of, _)| *of == log).map(|(_, seq)| seq))
            .filter(|seq| *seq > begin)
            .collect()
    }

    /// The numbers of the feed that are for everybody or for this agent.
    fn owed(&self, feed: &BTreeMap<i64, Option<Value>>) -> Numbers {
        let mine = |users: &Value| users.as_array().is_some_and(|users| users.contains(&json!(self.user)));
        let owed = feed.iter().filter(|(_, users)| users.as_ref().is_none_or(mine));
        owed.map(|(seq, _)| *seq).collect()
    }

    fn assert_whole(&self, log: &str, events: &[&str], stored: &Numbers) {
        let stored: Numbers = stored.iter().copied().filter(|seq| *seq > self.begins[log]).collect();
        let received = self.numbers(log, events);
        let lost: Vec<_> = stored.difference(&received).collect();
        let made_up: Vec<_> = received.difference(&stored).collect();
        assert!(lost.is_empty() && made_up.is_empty(), "{log}: lost {lost:?}, not in the store {made_up:?}");
    }
}

fn feed_of(account: &str) -> String {
    format!("account:{account}")
}

fn thread_of(conversation: &str) -> String {
    format!("conversation:{conversation}")
}

async fn agent(agent: Agent, joined: Vec<String>, cuts: u64, mut dice: StdRng) -> Reader {
    let mut socket = agent.socket().await;
    let memory = Arc::clone(socket.memory());
    let hello = socket.wait("hello", |_| true).await;
    let mut begins = BTreeMap::from([(feed_of(&agent.account_id), hello.payload["head"].as_i64().unwrap())]);
    for conversation in &joined {
        let data = socket.done("conversation:join", json!({"conversation_id": conversation})).await;
        begins.insert(thread_of(conversation), data["head"].as_i64().unwrap());
    }
    for (log, head) in &begins {
        memory.remember(log, *head);
    }
    let threads = || {
        let since = |id: &String| (id.clone(), json!(memory.last(&thread_of(id))));
        Value::Object(joined.iter().map(since).collect())
    };
    for _ in 0..cuts {
        tokio::time::sleep(Duration::from_millis(dice.random_range(50..1000))).await;
        drop(socket);
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..200))).await;
        socket = agent.resume(Arc::clone(&memory), threads).await;
    }
    Reader { memory, begins, user: agent.id, _socket: socket }
}

/// Sends until it is acknowledged, over however many connections; false: this connection ended first.
async fn say(socket: &Socket, id: uuid::Uuid, text: &str) -> Option<Value> {
    match socket.command("message:send", json!({"client_message_id": id, "content": text})).await {
        Ok(data) => Some(data),
        Err(CommandError::Cut) => None,
        Err(refused) => panic!("{refused:?}"),
    }
}

async fn connect(base: &str, session: &Value, conversation: Option<&str>, memory: &Arc<Memory>) -> Socket {
    let mut auth = json!({"token": session["token"]});
    if let Some(id) = conversation {
        auth["conversation_id"] = id.into();
        auth["since"] = memory.last(&thread_of(id)).into();
        auth["epoch"] = memory.epoch().into();
    }
    let known = memory.count();
    let socket = Socket::resume(base, "/customers", &auth, Arc::clone(memory)).await.unwrap();
    let deadline = Instant::now() + tests::harness::PATIENCE;
    while !memory.events_from(known).iter().any(|event| event.name == "live") {
        assert!(Instant::now() < deadline && !socket.is_closed(), "a visitor is not live");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    socket
}

/// Returns the reader, its conversation, and the texts that were acknowledged.
async fn visitor(base: String, chat: Channel, cuts: u64, mut dice: StdRng) -> (Reader, String, Vec<String>) {
    let (session, memory) = (chat.visitor().await, Arc::default());
    let mut socket = connect(&base, &session, None, &memory).await;
    let first = say(&socket, uuid::Uuid::now_v7(), "hello").await.unwrap();
    let conversation = first["conversation"]["id"].as_str().unwrap().to_owned();
    let log = thread_of(&conversation);
    memory.wait("the own message", |event| event.log().is_some_and(|(of, _)| of == log)).await;
    let begins = BTreeMap::from([(log.clone(), memory.last(&log).unwrap())]);
    let mut said = vec!["hello".to_owned()];
    let mut waits: Option<(uuid::Uuid, String)> = None;
    for n in 0..cuts {
        let until = Instant::now() + Duration::from_millis(dice.random_range(50..1000));
        let (id, text) = waits.take().unwrap_or_else(|| (uuid::Uuid::now_v7(), format!("{n}")));
        match tokio::time::timeout_at(until, say(&socket, id, &text)).await {
            Ok(Some(_)) => said.push(text),
            // perhaps it was stored: the same again, over the next connection
            Ok(None) | Err(_) => waits = Some((id, text)),
        }
        tokio::time::sleep_until(until).await;
        drop(socket);
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..200))).await;
        socket = connect(&base, &session, Some(&conversation), &memory).await;
    }
    if let Some((id, text)) = waits {
        say(&socket, id, &text).await.expect("nobody cuts it any more");
        said.push(text);
    }
    (Reader { memory, begins, user: String::new(), _socket: socket }, conversation, said)
}

fn phone(n: usize) -> String {
    format!("+1555{n:07}")
}

/// Customers write by SMS, and a desk that is never cut answers visitors, until told to stop.
async fn load(channel: Channel, desk: Arc<Socket>, visitors: Vec<String>, stop: Arc<AtomicBool>) {
    let mut clock = tokio::time::interval(Duration::from_secs(1) / RATE);
    let mut running = tokio::task::JoinSet::new();
    let mut n = 0;
    while !stop.load(SeqCst) {
        clock.tick().await;
        n += 1;
        if n % 2 == 0 {
            let (channel, hook) = (channel.clone(), channel.sandbox(&phone(n / 2 % PHONES), &format!("{n}")));
            running.spawn(async move { channel.deliver(&hook).await });
        } else {
            let (desk, to) = (Arc::clone(&desk), visitors[n / 2 % visitors.len()].clone());
            running.spawn(async move {
                let id = uuid::Uuid::now_v7();
                let sent = json!({"conversation_id": to, "client_message_id": id, "content": format!("{n}")});
                desk.done("message:send", sent).await;
            });
        }
        while running.try_join_next().is_some_and(|ended| ended.is_ok()) {}
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
    println!("{n} messages under load");
}

async fn numbers(connection: &mut sqlx::PgConnection, sql: &'static str) -> BTreeMap<String, Numbers> {
    let mut found: BTreeMap<String, Numbers> = BTreeMap::new();
    for row in sqlx::query(sql).fetch_all(connection).await.unwrap() {
        found.entry(row.get(0)).or_default().insert(row.get(1));
    }
    found
}

/// The feed's numbers, each with whom it is for, if it is not for all.
async fn feed(connection: &mut sqlx::PgConnection) -> BTreeMap<i64, Option<Value>> {
    let sql = "SELECT feed_seq, CASE WHEN audience->>'to' = 'users' THEN (audience->'users')::text END
               FROM events WHERE feed_seq IS NOT NULL";
    let rows = sqlx::query(sql).fetch_all(connection).await.unwrap();
    let users = |text: Option<String>| text.map(|text| serde_json::from_str(&text).unwrap());
    rows.iter().map(|row| (row.get(0), users(row.get(1)))).collect()
}

async fn cut_at_random(seed: u64, cuts: u64) {
    println!("seed {seed:#x}");
    let each = cuts / (AGENTS + VISITORS) as u64;
    let dice = |n: usize| StdRng::seed_from_u64(seed ^ (n as u64) << 32);
    let hub = TestHub::start_with(&[]).await;
    let world = World::new(&hub).await;
    let sms = world.sandbox("sms", json!({})).await;
    let chat = world.webchat(json!({})).await;
    let desk = Arc::new(world.person("desk", "supervisor").await.socket().await);
    for n in 0..PHONES {
        sms.post(&sms.sandbox(&phone(n), "hello")).await;
    }
    hub.drained().await;
    let page = desk.done("inbox:list", json!({"view": "all", "limit": 100})).await;
    let phones: Vec<String> = page["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|conversation| conversation["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(phones.len(), PHONES);

    // everybody has begun before the load does
    let mut visitors = tokio::task::JoinSet::new();
    for n in 0..VISITORS {
        visitors.spawn(visitor(hub.url(), chat.clone(), each, dice(n)));
    }
    let begun = async || {
        let begun = hub.count("SELECT count(*) FROM conversations WHERE channel_type = 'webchat'").await;
        if begun as usize == VISITORS { Ok(()) } else { Err(begun) }
    };
    until("every visitor has a conversation", begun).await;
    let page = desk.done("inbox:list", json!({"view": "all", "limit": 100})).await;
    let chats: Vec<String> = page["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|conversation| conversation["channel_type"] == "webchat")
        .map(|conversation| conversation["id"].as_str().unwrap().to_owned())
        .collect();
    let mut agents = tokio::task::JoinSet::new();
    for n in 0..AGENTS {
        let person = world.person(&format!("agent{n}"), "agent").await;
        agents.spawn(agent(person, phones[2 * n..2 * n + 2].to_vec(), each, dice(1000 + n)));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn(load(sms, desk, chats, Arc::clone(&stop)));
    let visitors = visitors.join_all().await;
    let agents = agents.join_all().await;
    stop.store(true, SeqCst);
    load.await.unwrap();
    hub.drained().await;

    let mut store = hub.db().await;
    let feed = feed(&mut store).await;
    let threads = numbers(
        &mut store,
        "SELECT conversation_id::text, seq FROM messages WHERE NOT is_private AND seq IS NOT NULL",
    )
    .await;
    let written =
        "SELECT conversation_id::text, message_body FROM messages WHERE sender_type = 'contact' ORDER BY seq";
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in sqlx::query(written).fetch_all(&mut store).await.unwrap() {
        texts.entry(row.get(0)).or_default().push(row.get(1));
    }
    store.close().await.unwrap();

    let readers: Vec<&Reader> = agents.iter().chain(visitors.iter().map(|(reader, ..)| reader)).collect();
    until("everybody has all", async || {
        let behind = |reader: &&&Reader| {
            reader.begins.keys().any(|log| match log.split_once(':').unwrap() {
                ("account", _) => {
                    reader.memory.last(log).unwrap_or(0) < reader.owed(&feed).last().copied().unwrap_or(0)
                }
                (_, id) => reader.memory.last(log).unwrap_or(0) < threads[id].last().copied().unwrap_or(0),
            })
        };
        let count = readers.iter().filter(behind).count();
        if count == 0 { Ok(()) } else { Err(format!("{count} are behind")) }
    })
    .await;
    for reader in &readers {
        reader.memory.assert_rising();
        let events = reader.memory.events();
        assert!(events.iter().all(|event| event.name != "reset"), "nobody was away for long");
        let hellos = events.iter().filter(|event| event.name == "hello");
        assert!(
            hellos.skip(1).all(|hello| hello.payload["resumed"] == true),
            "everybody goes on where it was"
        );
        for log in reader.begins.keys() {
            match log.split_once(':').unwrap() {
                ("account", _) => reader.assert_whole(log, &[], &reader.owed(&feed)),
                (_, id) => reader.assert_whole(log, &["conversation:message"], &threads[id]),
            }
        }
    }
    for (_, conversation, said) in &visitors {
        assert_eq!(&texts[conversation], said, "a visitor's messages are stored once, in order");
    }
    println!("{} cuts", each * readers.len() as u64);
    drop((agents, visitors));
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_cuts_under_load_lose_and_double_nothing() {
    let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cuts = setting("TURUMBA_CUTS").unwrap_or(1000);
    for seed in
        setting("TURUMBA_SEED").map_or_else(|| vec![0xC075_0001, 0xC075_0002, 0xC075_0003], |it| vec![it])
    {
        cut_at_random(seed, cuts).await;
    }
}
