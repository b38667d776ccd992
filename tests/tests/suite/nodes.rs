//! Two hubs on one database and one Redis: what one commits the other shows, and nothing is done twice.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tests::{
    fakes::{FakeTelegram, Faults},
    harness::{
        Agent, AutoAgent, Channel, CommandError, Database, Postgres, Redis, Socket, TestHub, World, until,
    },
};
use tokio::time::Instant;

use crate::{audit, crash::Customers, storm};

/// Two hubs, each hearing the other.
struct Pair {
    redis: Redis,
    a: TestHub,
    b: TestHub,
}

impl Pair {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(env: &[(&str, &str)]) -> Self {
        let redis = Redis::start();
        let url = redis.url();
        let mut all = vec![("REDIS_URL", url.as_str())];
        all.extend(env);
        let a = TestHub::start_with(&all).await;
        let b = a.start_beside().await;
        let pair = Self { redis, a, b };
        pair.whole().await;
        pair
    }

    /// Waits until both hear each other.
    async fn whole(&self) {
        for hub in [&self.a, &self.b] {
            until("the hubs hear each other", async || {
                let ready = hub.api().get("/readyz").await.body;
                if ready["degraded"] == false { Ok(()) } else { Err(ready) }
            })
            .await;
        }
    }

    /// Waits until both say that something is wrong, and what.
    async fn degraded(&self, why: &str) {
        for hub in [&self.a, &self.b] {
            until("the loss is noticed and named", async || {
                let ready = hub.api().get("/readyz").await;
                assert_eq!(ready.status, 200, "it stays in service: {}", ready.body);
                let live = ready.body["checks"]["live"].as_str().unwrap_or_default().to_owned();
                if ready.body["degraded"] == true && live.contains(why) { Ok(()) } else { Err(live) }
            })
            .await;
        }
    }

    async fn end(self) {
        let Self { redis, a, b } = self;
        b.end().await;
        a.end().await;
        drop(redis);
    }
}

async fn joined(socket: &Socket, id: &str) -> Value {
    socket.done("conversation:join", json!({"conversation_id": id})).await
}

/// A conversation that somebody began by Telegram at that hub.
async fn begun(channel: &Channel, customer: i64, sees: &Socket) -> String {
    channel.post(&channel.telegram(customer, &format!("I am {customer}"))).await;
    let from = customer.to_string();
    let new = sees.wait("conversation:new", |it| it["contact_identifier"] == from.as_str()).await;
    new.payload["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_hub_commits_the_other_shows_at_once() {
    let (pair, fake) = (Pair::start().await, FakeTelegram::run(11).await);
    let world = World::new(&pair.a).await;
    let channel = world.telegram(&fake).await;
    let ada = world.person("ada", "supervisor").await;
    let bob = world.person("bob", "supervisor").await.at(&pair.b);
    let (at_a, at_b) = (ada.socket().await, bob.socket().await);

    // a webhook at B is seen at A, and the other way round
    let first = begun(&channel.at(&pair.b), 501, &at_a).await;
    let second = begun(&channel, 502, &at_b).await;
    for socket in [&at_a, &at_b] {
        for id in [&first, &second] {
            joined(socket, id).await;
        }
    }

    // who looks is known at both
    for socket in [&at_a, &at_b] {
        socket
            .wait("conversation:viewers", |it| {
                let viewers = it["viewers"].as_array().unwrap();
                it["conversation_id"] == first.as_str() && viewers.len() == 2
            })
            .await;
    }

    // typing at A is seen at B, and the provider hears of it once
    at_a.done("conversation:typing:start", json!({"conversation_id": first})).await;
    at_b.wait("conversation:typing", |it| it["typing"] == true && it["user_id"] == ada.id.as_str()).await;

    // an answer at A is shown at B with its ticks, and leaves once, whichever hub sends it
    let began = Instant::now();
    let id = uuid::Uuid::new_v4();
    let send = json!({"conversation_id": first, "client_message_id": id, "content": "Hello from A"});
    let sent = at_a.done("message:send", send.clone()).await;
    let shown = at_b.wait("conversation:message", |it| it["content"] == "Hello from A").await;
    println!("shown at the other hub after {:?}", began.elapsed());
    assert_eq!(shown.log().unwrap().1, sent["message"]["seq"].as_i64().unwrap(), "the same number at both");
    at_b.wait("message:status", |it| it["message_id"] == sent["message"]["id"] && it["status"] == "sent")
        .await;
    // the same person's same command at the other hub is the same message
    let again = ada.at(&pair.b).socket().await.done("message:send", send).await;
    assert_eq!(again["message"]["id"], sent["message"]["id"]);

    // availability chosen at B is seen at A
    at_b.done("agent:status", json!({"status": "away"})).await;
    at_a.wait("agent:presence", |it| {
        it["agents"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["user_id"] == bob.id.as_str() && one["status"] == "away")
    })
    .await;
    // and by whoever comes later
    let late = ada.socket().await;
    let hello = late.wait("hello", |_| true).await.payload;
    let presence = hello["presence"].as_array().unwrap();
    assert!(
        presence.iter().any(|one| one["user_id"] == bob.id.as_str() && one["status"] == "away"),
        "{hello}"
    );

    // whoever leaves B's thread is gone at A
    let before = at_a.memory().count();
    at_b.done("conversation:leave", json!({"conversation_id": first})).await;
    until("Bob looks no more", async || {
        let events = at_a.memory().events_from(before);
        let gone = events.iter().any(|event| {
            event.name == "conversation:viewers"
                && event.payload["viewers"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|it| it["user_id"] != bob.id.as_str())
        });
        if gone { Ok(()) } else { Err(events) }
    })
    .await;
    assert_eq!(fake.journal().taken().len(), 1, "the provider got it once");
    at_a.memory().assert_rising();
    at_b.memory().assert_rising();
    drop((at_a, at_b, late));
    pair.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitors_chat_may_be_at_another_hub_than_its_agent() {
    let pair = Pair::start().await;
    let world = World::new(&pair.a).await;
    let chat = world.webchat(json!({})).await;
    let agent = world.person("ada", "supervisor").await;
    let at_a = agent.socket().await;
    let session = chat.at(&pair.b).visitor().await;
    let auth = json!({"token": session["token"]});
    let visitor = Socket::connect(&pair.b.url(), "/customers", &auth).await.unwrap();
    // a second tab, at the other hub, follows what the first one opens
    let tab = Socket::connect(&pair.a.url(), "/customers", &auth).await.unwrap();
    visitor.wait("live", |_| true).await;
    tab.wait("live", |_| true).await;
    let write = |text: &str| json!({"client_message_id": uuid::Uuid::new_v4(), "content": text});
    visitor.done("message:send", write("Is anybody there?")).await;
    let new = at_a.wait("conversation:new", |_| true).await;
    let id = new.payload["id"].as_str().unwrap().to_owned();
    let thread = joined(&at_a, &id).await;
    assert_eq!(thread["contact_online"], true, "at the other hub: {thread}");
    tab.wait("conversation:message", |it| it["content"] == "Is anybody there?").await;
    let answer = json!({"conversation_id": id, "client_message_id": uuid::Uuid::new_v4(), "content": "Yes"});
    at_a.done("message:send", answer).await;
    for socket in [&visitor, &tab] {
        socket.wait("conversation:message", |it| it["content"] == "Yes").await;
    }
    at_a.done("conversation:typing:start", json!({"conversation_id": id})).await;
    visitor.wait("conversation:typing", |it| it["typing"] == true).await;
    visitor.done("conversation:typing:start", json!({})).await;
    at_a.wait("conversation:typing", |it| it["typing"] == true && it["sender_type"] == "contact").await;
    drop((visitor, tab, at_a));
    pair.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubs_that_assign_at_once_never_assign_twice() {
    let (pair, fake) = (Pair::start().await, FakeTelegram::run(12).await);
    let world = World::new(&pair.a).await;
    let channel = world.telegram(&fake).await;
    let watch = storm::Watch::start(&pair.a).await;
    let mut sockets = Vec::new();
    for n in 0..8 {
        let agent = world.agent(&format!("agent{n}"), 6).await;
        let agent = if n % 2 == 0 { agent } else { agent.at(&pair.b) };
        sockets.push(agent.online().await);
    }
    let posts = (1000..1080).map(|customer| {
        let channel = if customer % 2 == 0 { channel.clone() } else { channel.at(&pair.b) };
        async move { channel.post(&channel.telegram(customer, &format!("from {customer}"))).await }
    });
    futures::future::join_all(posts).await;
    storm::until_spread(&pair.a, "every place is taken, evenly", &[6; 8], 32).await;

    let mut people = Vec::new();
    for n in 0..8 {
        let person = world.person(&format!("lead{n}"), "supervisor").await;
        let person = if n % 2 == 0 { person } else { person.at(&pair.b) };
        let socket = person.socket().await;
        socket.done("agent:status", json!({"status": "away"})).await;
        people.push((person, socket));
    }
    // both hubs are asked for one that nobody has, now that none of these is available: one gets it
    let waiting: String =
        sqlx::query_scalar("SELECT id::text FROM conversations WHERE status = 'open' LIMIT 1")
            .fetch_one(&mut pair.a.db().await)
            .await
            .unwrap();
    let takes = people.iter().map(|(person, socket)| {
        let take =
            json!({"conversation_id": waiting, "assignee_id": person.id, "expected_assignee_id": null});
        async move { socket.command("conversation:assign", take).await }
    });
    let outcomes = futures::future::join_all(takes).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    for outcome in outcomes {
        if let Err(CommandError::Refused(code, error)) = outcome {
            assert_eq!(code, "conflict", "{error}");
        }
    }
    drop((people, sockets));
    watch.end().await;
    pair.end().await;
}

/// Whether the agent is shown as connected, by the rows.
async fn is_connected(hub: &TestHub, agent: &Agent) -> bool {
    sqlx::query_scalar("SELECT connected FROM agent_state WHERE user_id = $1::uuid")
        .bind(&agent.id)
        .fetch_one(&mut hub.db().await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_of_a_killed_hub_are_gone_everywhere_within_twenty_seconds() {
    let (mut pair, fake) = (Pair::start().await, FakeTelegram::run(13).await);
    let world = World::new(&pair.a).await;
    let channel = world.telegram(&fake).await;
    let (ada, bob) = (world.agent("ada", 5).await, world.agent("bob", 5).await.at(&pair.b));
    let at_a = ada.online().await;
    let at_b = bob.online().await;
    let shown_as = |status: &'static str| {
        let bob = bob.id.clone();
        move |it: &Value| {
            let agents = it["agents"].as_array().unwrap();
            agents.iter().any(|one| one["user_id"] == bob.as_str() && one["status"] == status)
        }
    };
    at_a.wait("agent:presence", shown_as("online")).await;
    let id = begun(&channel, 700, &at_a).await;
    joined(&at_a, &id).await;
    joined(&at_b, &id).await;
    let has_two = |it: &Value| it["viewers"].as_array().unwrap().len() == 2;
    at_a.wait("conversation:viewers", has_two).await;
    let before = at_a.memory().count();
    let began = Instant::now();
    pair.b.kill();
    at_a.wait("agent:presence", shown_as("offline")).await;
    assert!(began.elapsed() < Duration::from_secs(22), "{:?}", began.elapsed());
    assert!(!is_connected(&pair.a, &bob).await, "routing knows it, too");
    until("nobody of B looks any more", async || {
        let events = at_a.memory().events_from(before);
        let last = events.iter().rfind(|event| event.name == "conversation:viewers");
        match last.map(|event| event.payload["viewers"].as_array().unwrap().len()) {
            Some(1) => Ok(()),
            other => Err(other),
        }
    })
    .await;
    // the one that is left hears whom it should
    until("the dead one is not waited for", async || {
        let ready = pair.a.api().get("/readyz").await.body;
        if ready["degraded"] == false { Ok(()) } else { Err(ready) }
    })
    .await;
    pair.b.spawn().await;
    pair.whole().await;
    let back = bob.online().await;
    until("Bob is back", async || if is_connected(&pair.a, &bob).await { Ok(()) } else { Err("gone") }).await;
    drop((at_a, at_b, back));
    pair.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_revoked_at_one_hub_ends_at_the_other() {
    let pair = Pair::start().await;
    let world = World::new(&pair.a).await;
    let ada = world.person("ada", "agent").await;
    let at_a = ada.socket().await;
    // its token is known to A
    assert_eq!(ada.api.get("/v1/users/me").await.status, 200);
    let began = Instant::now();
    let out = ada.at(&pair.b).api.post("/v1/auth/logout", json!({})).await;
    assert!(out.status < 300, "{}", out.body);
    at_a.closed().await;
    assert!(began.elapsed() < Duration::from_secs(2), "the socket at A: {:?}", began.elapsed());
    until("the token is refused at A", async || {
        let answer = ada.api.get("/v1/users/me").await.status;
        if answer == 401 { Ok(()) } else { Err(answer) }
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(2), "requests at A: {:?}", began.elapsed());
    // what hubs keep in memory follows, too: a rule made at B holds at A
    let fake = FakeTelegram::run(14).await;
    let channel = world.telegram(&fake).await;
    channel.post(&channel.telegram(1, "before")).await;
    until("A has looked at the rules", async || {
        let routed = pair.a.count("SELECT count(*) FROM routing_decisions").await;
        if routed > 0 { Ok(()) } else { Err(routed) }
    })
    .await;
    let actions = json!({"reply_text": "A new rule"});
    world.at(&pair.b).rule("new", 10, "new_conversation", json!({"only_first_message": true}), actions).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    channel.post(&channel.telegram(2, "after")).await;
    until("the rule made at B answers at A", async || {
        let taken = fake.journal().by_recipient();
        if taken.get("2").is_some_and(|texts| texts == &["A new rule"]) { Ok(()) } else { Err(taken) }
    })
    .await;
    drop(at_a);
    pair.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_goes_on_at_the_other_hub() {
    let (pair, fake) = (Pair::start().await, FakeTelegram::run(15).await);
    let world = World::new(&pair.a).await;
    let channel = world.telegram(&fake).await;
    let ada = world.person("ada", "supervisor").await;
    let socket = ada.socket().await;
    let id = begun(&channel, 800, &socket).await;
    let page = joined(&socket, &id).await;
    let log = format!("conversation:{id}");
    socket.memory().remember(&log, page["head"].as_i64().unwrap());
    let memory = std::sync::Arc::clone(socket.memory());
    drop(socket);
    for (n, hub) in (0..).zip([&pair.b, &pair.a, &pair.b, &pair.a]) {
        // written while the client is nowhere
        channel.post(&channel.telegram(800, &format!("missed {n}"))).await;
        until("it is stored", async || {
            let count = pair.a.count("SELECT count(*) FROM messages WHERE direction = 'inbound'").await;
            if count == n + 2 { Ok(()) } else { Err(count) }
        })
        .await;
        let threads = json!({id.as_str(): memory.last(&log)});
        let socket = ada.at(hub).try_resume(std::sync::Arc::clone(&memory), threads).await.unwrap();
        let text = format!("missed {n}");
        socket.wait("conversation:message", |it| it["content"] == text.as_str()).await;
    }
    memory.assert_rising();
    let events = memory.events();
    assert!(events.iter().all(|event| event.name != "reset"), "{events:?}");
    let hellos: Vec<_> = events.iter().filter(|event| event.name == "hello").skip(1).collect();
    assert!(hellos.iter().all(|hello| hello.payload["resumed"] == true), "{hellos:?}");
    pair.end().await;
}

#[tokio::test]
async fn a_hub_without_redis_is_refused_beside_one_with_and_says_what_to_do() {
    let redis = Redis::start();
    let url = redis.url();
    let hub = TestHub::start_with(&[("REDIS_URL", &url)]).await;
    let mut alone = hub.beside(&[("REDIS_URL", "")]);
    alone.launch();
    until("it says why not", async || {
        let log = alone.log();
        if log.contains("same REDIS_URL") { Ok(()) } else { Err(log) }
    })
    .await;
    let status = alone.ended();
    assert!(!status.success());
    drop(alone);
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_shared_or_switched_off() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let (url, files) = (redis.url(), format!("file://{}", folder.path().display()));
    let a = TestHub::start_with(&[("REDIS_URL", &url), ("FILES_URL", &files)]).await;
    let world = World::new(&a).await;
    let new = json!({"filename": "hello.txt", "mime_type": "text/plain", "size": 5});
    let mut own = a.beside(&[("FILES_URL", "")]);
    own.spawn().await;
    let refused = world.api.at(&own.url()).post("/v1/uploads", new.clone()).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.body.to_string().contains("files_not_shared"), "{}", refused.body);
    assert_eq!(own.api().get("/readyz").await.body["checks"]["files"], "files_not_shared");
    own.discard().await;
    // what is sent to one is read at the other
    let b = a.start_beside().await;
    let upload = world.api.post("/v1/uploads", new).await.created();
    let put = upload["put_url"].as_str().unwrap();
    let path = url::Url::parse(put).unwrap();
    let at_b = format!("{}{}?{}", b.url(), path.path(), path.query().unwrap_or_default());
    let sent = world.api.http.put(at_b).body("hello").send().await.unwrap();
    assert!(sent.status().is_success(), "{sent:?}");
    let id = upload["upload_id"].as_str().unwrap();
    let read = world.api.get(&format!("/v1/files/{id}")).await;
    assert_eq!((read.status, read.body.as_str()), (200, Some("hello")), "{read:?}");
    b.end().await;
    a.end().await;
}

/// A mail with a large file is taken in by one hub, which then dies: everything that makes a message of it is elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_is_read_at_another_hub_than_took_it_in() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let (url, files) = (redis.url(), format!("file://{}", folder.path().display()));
    let env = [("REDIS_URL", url.as_str()), ("FILES_URL", files.as_str()), ("TURUMBA_ROLES", "api,webhooks")];
    let mut a = TestHub::start_with(&env).await;
    let mut b = a.beside(&[]);
    b.set("TURUMBA_ROLES", "");
    b.spawn().await;
    let world = World::new(&b).await;
    let channel = world.postmark().await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;
    let file: Vec<u8> = (0..(1 << 20)).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let hook = channel.postmark("ada@y.test", "Where is my parcel?", &file);

    b.freeze();
    channel.at(&a).post(&hook).await;
    a.kill();
    assert_eq!(a.count("SELECT count(*) FROM messages").await, 0, "nobody made a message of it yet");
    b.thaw();

    let new = socket.wait("conversation:new", |it| it["contact_identifier"] == "ada@y.test").await;
    let conversation = new.payload["id"].as_str().unwrap().to_owned();
    let shown = until("its file is not there", async || {
        let thread = agent.api.get(&format!("/v1/conversations/{conversation}/messages")).await.ok();
        let inbound = thread.as_array().unwrap().iter().find(|one| one["direction"] == "inbound");
        match inbound {
            Some(first) if first["attachments"][0]["upload_id"].is_string() => Ok(first.clone()),
            other => Err(other.cloned()),
        }
    })
    .await;
    assert_eq!(shown["content"], "Where is my parcel?");
    let id = shown["attachments"][0]["upload_id"].as_str().unwrap();
    let read = world.api.request(reqwest::Method::GET, &format!("/v1/files/{id}")).send().await.unwrap();
    assert_eq!(read.status(), 200);
    assert!(read.bytes().await.unwrap() == file, "other bytes than were sent");
    // the provider, which saw its answer cut, comes again
    channel.at(&b).post(&hook).await;
    b.drained().await;
    assert_eq!(b.count("SELECT count(*) FROM messages WHERE direction = 'inbound'").await, 1);
    drop(socket);
    b.end().await;
    a.discard().await;
}

/// While the database is away a customer's messages go to both hubs in turn; each empties its own spool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_hubs_spooled_keeps_the_order_in_which_it_came() {
    let (mut postgres, redis) = (Postgres::start().await, Redis::start());
    let url = redis.url();
    let env = [("REDIS_URL", url.as_str()), ("TURUMBA_DATABASE_ACQUIRE_TIMEOUT", "1s")];
    let mut a = TestHub::prepared_on(Database::empty_on(&postgres.url()).await, &env);
    a.spawn().await;
    let b = a.start_beside().await;
    let world = World::new(&a).await;
    let channel = world.sandbox("sms", json!({})).await;
    let at = [channel.at(&a), channel.at(&b)];
    let written = async |n: usize| {
        let hook = at[n % 2].sandbox("+251911000001", &format!("message {n}"));
        at[n % 2].post(&hook).await;
    };
    // both know the channel
    for n in 0..2 {
        written(n).await;
    }
    a.drained().await;
    for round in 1..4 {
        postgres.kill();
        for n in 10 * round..10 * round + 8 {
            written(n).await;
        }
        postgres.start_again().await;
        for n in 10 * round + 8..10 * round + 10 {
            written(n).await;
        }
    }
    a.drained().await;
    let wanted: Vec<String> = (0..2).chain(10..40).map(|n| format!("message {n}")).collect();
    until("they are stored in their order", async || {
        let stored = audit::stored(&a).await;
        let texts: Vec<String> =
            stored.into_iter().filter(|one| one.sender == "contact").map(|one| one.text).collect();
        if texts.len() < wanted.len() {
            return Err(texts.len());
        }
        assert_eq!(texts, wanted);
        Ok(())
    })
    .await;
    b.end().await;
    a.end().await;
}

/// Requests of one client are counted together; without Redis each hub gives it its half.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_one_for_both_hubs() {
    // so slow that nothing is refilled meanwhile
    let mut pair = Pair::start_with(&[("TURUMBA_LIMITS_API_PER_MINUTE", "40")]).await;
    let world = World::new(&pair.a).await;
    let fresh = async |name: &str| world.person(name, "agent").await;
    async fn granted(hubs: [&TestHub; 2], agent: &Agent) -> [usize; 2] {
        let mut granted = [0; 2];
        for n in 0..70 {
            let api = agent.at(hubs[n % 2]).api;
            if api.get("/v1/users/me").await.status == 200 {
                granted[n % 2] += 1;
            }
        }
        granted
    }
    let ada = fresh("ada").await;
    let bob = fresh("bob").await;
    let both = granted([&pair.a, &pair.b], &ada).await;
    let sum = both[0] + both[1];
    assert!((40..=50).contains(&sum), "forty and what came in meanwhile: {both:?}");
    // each has looked who else is there
    tokio::time::sleep(Duration::from_secs(5)).await;
    pair.redis.kill();
    pair.degraded("Redis").await;
    let each = granted([&pair.a, &pair.b], &bob).await;
    assert!(each.iter().all(|one| (20..=28).contains(one)), "half each: {each:?}");
    pair.redis.start_again();
    pair.whole().await;
    pair.end().await;
}

/// Agents at both hubs who answer, customers who write to both, and something happens to Redis meanwhile. In the end
/// everybody saw what is stored.
async fn under_load(seed: u64, disturb: impl AsyncFnOnce(&mut Pair, &World, &Channel) -> audit::Sent) {
    let (mut pair, fake) = (Pair::start().await, FakeTelegram::run(seed).await);
    let world = World::new(&pair.a).await;
    let channel = world.telegram(&fake).await;
    fake.fail(Faults { delay_ms: 20, ..Faults::default() });
    let mut agents = Vec::new();
    for n in 0..4 {
        let agent = world.agent(&format!("agent{n}"), 50).await;
        let agent = if n % 2 == 0 { agent } else { agent.at(&pair.b) };
        agents.push(AutoAgent::start(agent, true));
    }
    let at = [Customers::start(&channel, 10, seed), Customers::others(&channel.at(&pair.b), 10, seed + 1)];
    let mut sent = disturb(&mut pair, &world, &channel).await;
    for customers in at {
        sent.extend(customers.end().await);
    }
    until("everything is answered and sent", async || {
        let left = pair
            .a
            .count(
                "SELECT count(*) FROM messages m WHERE direction = 'outbound' AND status IN ('queued', 'sending')
                     OR direction = 'inbound' AND NOT EXISTS (
                         SELECT 1 FROM messages r WHERE r.conversation_id = m.conversation_id
                           AND r.message_body = 're: ' || m.message_body)",
            )
            .await;
        if left == 0 { Ok(()) } else { Err(left) }
    })
    .await;
    pair.a.drained().await;
    let stored = audit::stored(&pair.a).await;
    until("agents saw it all", async || {
        let seen: usize =
            agents.iter().map(|agent| agent.threads().values().map(BTreeMap::len).sum::<usize>()).sum();
        if seen >= stored.len() { Ok(()) } else { Err(format!("{seen} of {}", stored.len())) }
    })
    .await;
    audit::nothing_lost_or_doubled(&stored, &sent);
    audit::agents_agree(&stored, &agents);
    audit::each_answered_once(&stored);
    audit::provider_agrees(&stored, fake.journal(), 0);
    for agent in agents {
        assert_eq!(agent.reconnects(), 0, "no socket was lost for it");
        agent.end().await;
    }
    pair.whole().await;
    pair.end().await;
}

/// A customer writes at B; how long until that is shown at A, and what was written.
async fn shown_late(pair: &Pair, world: &World, channel: &Channel, customer: i64) -> (String, Vec<String>) {
    let watcher = world.person(&format!("watcher{customer}"), "supervisor").await;
    let at_a = watcher.socket().await;
    let began = Instant::now();
    begun(&channel.at(&pair.b), customer, &at_a).await;
    let took = began.elapsed();
    println!("shown at the other hub after {took:?}");
    // half a second where nothing else runs; what counts is that it comes without Redis
    assert!(took < Duration::from_secs(20), "read from the store: {took:?}");
    (customer.to_string(), vec![format!("I am {customer}")])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_under_load() {
    under_load(21, async |pair, world, channel| {
        let mut sent = audit::Sent::new();
        tokio::time::sleep(Duration::from_secs(3)).await;
        for round in 0..2 {
            pair.redis.kill();
            pair.degraded("Redis").await;
            sent.extend([shown_late(pair, world, channel, 900 + round).await]);
            tokio::time::sleep(Duration::from_secs(4)).await;
            pair.redis.start_again();
            let began = Instant::now();
            pair.whole().await;
            assert!(began.elapsed() < Duration::from_secs(8), "healed by itself: {:?}", began.elapsed());
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        sent
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_frozen_for_twenty_seconds_under_load() {
    under_load(22, async |pair, world, channel| {
        tokio::time::sleep(Duration::from_secs(3)).await;
        pair.redis.freeze();
        let began = Instant::now();
        pair.degraded("Redis").await;
        let sent = audit::Sent::from([shown_late(pair, world, channel, 900).await]);
        tokio::time::sleep(Duration::from_secs(20).saturating_sub(began.elapsed())).await;
        pair.redis.thaw();
        let began = Instant::now();
        pair.whole().await;
        assert!(began.elapsed() < Duration::from_secs(8), "healed by itself: {:?}", began.elapsed());
        sent
    })
    .await;
}

/// Hubs that were given different Redis servers find out, and still show each other's messages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubs_on_different_redis_servers_say_so() {
    let (redis, other) = (Redis::start(), Redis::start());
    let a = TestHub::start_with(&[("REDIS_URL", &redis.url())]).await;
    let mut b = a.beside(&[("REDIS_URL", &other.url())]);
    b.spawn().await;
    let pair = Pair { redis, a, b };
    pair.degraded("is not heard").await;
    let (world, fake) = (World::new(&pair.a).await, FakeTelegram::run(23).await);
    let channel = world.telegram(&fake).await;
    shown_late(&pair, &world, &channel, 900).await;
    pair.end().await;
}
