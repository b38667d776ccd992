//! Whom a socket belongs to and what it may see: the life of its credential, rights that change under it, colleagues who
//! come, look and type, and whose address is counted.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::harness::{Refused, Socket, TestHub, World, until, world::PASSWORD};

/// What a sign-out may take to reach a live socket.
const SOON: Duration = Duration::from_secs(1);

fn refusal(denied: Result<Socket, Refused>) -> Value {
    match denied {
        Err(Refused::Namespace(refusal)) => refusal,
        Err(Refused::Transport(why)) => panic!("no connection: {why}"),
        Ok(_) => panic!("it was let in"),
    }
}

#[tokio::test]
async fn a_token_that_ends_is_renewed_in_place_or_ends_the_socket() {
    let hub = TestHub::start_with(&[("TURUMBA_AUTH_ACCESS_TOKEN", "5s")]).await;
    let world = World::new(&hub).await;
    // the owner's token ends, too
    let (agent, eve) = (world.person("ann", "agent").await, world.person("eve", "agent").await);
    let login = async || hub.api().login(&agent.email, PASSWORD).await.token.unwrap();
    let connect = async || {
        let auth = json!({"token": login().await, "account_id": world.account_id});
        Socket::connect(&hub.url(), "/agents", &auth).await.unwrap()
    };
    let (left, kept) = (connect().await, connect().await);
    let began = Instant::now();
    for socket in [&left, &kept] {
        let warning = socket.wait("auth:expiring", |_| true).await;
        assert!(warning.payload["in_s"].as_i64().unwrap() <= 5, "{}", warning.payload);
    }
    let before = kept.done("auth:refresh", json!({"token": login().await})).await;
    let other = hub.api().login(&eve.email, PASSWORD).await.token;
    assert_eq!(kept.refused("auth:refresh", json!({"token": other})).await, "forbidden", "another user's");
    assert_eq!(kept.refused("auth:refresh", json!({"token": "made up"})).await, "unauthorized");
    // five seconds, and twenty-five of grace
    tokio::time::sleep(Duration::from_secs(20).saturating_sub(began.elapsed())).await;
    assert!(!left.is_closed(), "within the grace it may still renew");
    let after = kept.done("auth:refresh", json!({"token": login().await})).await;
    assert!(after["expires_at"].as_str() > before["expires_at"].as_str(), "{before} {after}");
    let expired = left.wait("auth:expired", |_| true).await;
    assert_eq!(expired.payload["reason"], "expired");
    left.closed().await;
    assert!(began.elapsed() >= Duration::from_secs(28), "{:?}", began.elapsed());
    assert!(!kept.is_closed(), "who renewed stays");
    hub.end().await;
}

#[tokio::test]
async fn whoever_is_signed_out_or_deactivated_is_gone_within_a_second() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let (ann, bob) = (world.person("ann", "agent").await, world.person("bob", "agent").await);
    let bystander = world.person("cat", "agent").await.socket().await;
    let (first, second) = (ann.socket().await, bob.socket().await);

    let _ = ann.api.post("/v1/auth/logout", json!({})).await.ok();
    let told = Instant::now();
    first.closed().await;
    assert!(told.elapsed() <= SOON, "after a sign-out: {:?}", told.elapsed());
    assert_eq!(first.wait("auth:expired", |_| true).await.payload["reason"], "revoked");

    let _ = world.api.delete(&format!("/v1/users/{}", bob.id)).await.ok();
    let told = Instant::now();
    second.closed().await;
    assert!(told.elapsed() <= SOON, "after a deactivation: {:?}", told.elapsed());
    let back = Socket::connect(&hub.url(), "/agents", &bob.auth()).await;
    assert_eq!(refusal(back)["message"], "unauthorized");
    assert!(!bystander.is_closed());
    hub.end().await;
}

#[tokio::test]
async fn what_is_wrong_in_the_words_of_a_connect_is_named() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.person("ann", "agent").await;
    let token = &agent.api.token;
    for (namespace, auth, field) in [
        ("/agents", json!({"token": token, "account_id": "mine"}), "account_id"),
        ("/agents", json!({"token": token, "since": "ten"}), "since"),
        ("/agents", json!({"token": token, "epoch": 7}), "epoch"),
        ("/agents", json!({"token": token, "threads": {"one": 1}}), "threads"),
        ("/agents", json!({"token": 7}), "token"),
        ("/customers", json!({"token": "x", "conversation_id": "mine"}), "conversation_id"),
    ] {
        let refusal = refusal(Socket::connect(&hub.url(), namespace, &auth).await);
        assert_eq!(refusal["message"], "forbidden", "{auth}: {refusal}");
        assert_eq!(refusal["data"]["code"], "validation_error", "{auth}: {refusal}");
        let named = refusal["data"]["details"]["errors"][0]["field"].as_str().unwrap();
        assert!(named.starts_with(field), "{auth}: {refusal}");
    }
    let denied = Socket::connect(&hub.url(), "/agents", &json!({"token": "wrong"})).await;
    assert_eq!(refusal(denied), json!({"message": "unauthorized"}));
    let other = World::named(&hub, "other").await;
    let foreign = json!({"token": token, "account_id": other.account_id});
    assert_eq!(refusal(Socket::connect(&hub.url(), "/agents", &foreign).await)["message"], "forbidden");
    hub.end().await;
}

/// The conversations that the feed of a socket has told of.
fn told_of(socket: &Socket) -> Vec<String> {
    let events = socket.memory().events();
    let ids =
        events.iter().filter(|event| event.name == "conversation:new").map(|event| &event.payload["id"]);
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_feed_tells_each_agent_what_they_may_see_and_so_do_changed_rights() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let account = format!("/v1/accounts/{}", world.account_id);
    let _ = world.api.patch(&account, json!({"visibility": "team"})).await.ok();
    let (ann, bob) = (world.person("ann", "agent").await, world.person("bob", "agent").await);
    let team = world.api.post("/v1/teams", json!({"name": "Sales"})).await.created();
    let members = format!("/v1/teams/{}/members", team["id"].as_str().unwrap());
    let _ = world.api.post(&members, json!({"user_id": ann.id})).await.created();
    let (inside, outside) = (ann.socket().await, bob.socket().await);
    let channel = world.sandbox("sms", json!({"receipts": []})).await;
    // what nobody holds is for all
    channel.post(&channel.sandbox("+15550000001", "hello")).await;
    let conversation = inside.wait("conversation:new", |_| true).await.payload["id"].clone();
    outside.wait("conversation:new", |it| it["id"] == conversation).await;
    outside.done("conversation:join", json!({"conversation_id": conversation})).await;

    // a team that the one is in and the other is not
    let this = format!("/v1/conversations/{}", conversation.as_str().unwrap());
    let _ = world.api.patch(&this, json!({"team_id": team["id"]})).await.ok();
    let hidden = outside.wait("conversation:hidden", |_| true).await;
    assert_eq!(hidden.payload["conversation_id"], conversation);
    inside.wait("conversation:updated", |it| it["team_id"] == team["id"]).await;
    let join = json!({"conversation_id": conversation});
    assert_eq!(outside.refused("conversation:join", join.clone()).await, "not_found");
    channel.post(&channel.sandbox("+15550000001", "only for the team")).await;
    inside
        .wait("conversation:updated", |it| {
            it["last_message_preview"].to_string().contains("only for the team")
        })
        .await;
    // what all may see comes later in the same feed, so nothing before it is still on its way
    channel.post(&channel.sandbox("+15550000002", "for all")).await;
    let later = outside.wait("conversation:new", |it| it["id"] != conversation).await;
    let heard = outside.memory().events();
    let gone = heard.iter().position(|event| event.name == "conversation:hidden").unwrap();
    let leaks: Vec<_> = heard[gone + 1..]
        .iter()
        .filter(|event| {
            event.payload["conversation_id"] == conversation || event.payload["id"] == conversation
        })
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
    outside.memory().assert_rising();

    // the numbers are not dense for those who do not see all; a resume leaves out the same
    let mut auth = bob.auth();
    auth["since"] = hidden.meta["seq"].clone();
    auth["epoch"] = outside.memory().epoch().unwrap();
    let again = Socket::connect(&hub.url(), "/agents", &auth).await.unwrap();
    again.wait("live", |_| true).await;
    assert_eq!(told_of(&again), [later.payload["id"].as_str().unwrap()], "of what was missed");

    // into the team, and out again
    let _ = world.api.post(&members, json!({"user_id": bob.id})).await.created();
    let reset = outside.wait("reset", |_| true).await;
    assert_eq!(reset.payload["reason"], "visibility", "{}", reset.payload);
    assert_eq!(reset.payload["log"], format!("account:{}", world.account_id));
    outside.done("conversation:join", join.clone()).await;
    channel.post(&channel.sandbox("+15550000001", "seen by both")).await;
    outside.wait("conversation:message", |it| it["content"] == "seen by both").await;
    assert!(world.api.delete(&format!("{members}/{}", bob.id)).await.status == 204);
    until("the second reset", async || {
        let resets = outside.memory().events().iter().filter(|event| event.name == "reset").count();
        if resets == 2 { Ok(()) } else { Err(resets) }
    })
    .await;
    assert!(!outside.is_closed() && !inside.is_closed());
    hub.end().await;
}

#[tokio::test]
async fn colleagues_see_who_is_there_who_looks_and_who_types() {
    let hub = TestHub::start_with(&[("TURUMBA_PRESENCE_AGENT_GRACE", "2s")]).await;
    let world = World::new(&hub).await;
    let (ann, bob) = (world.agent("ann", 5).await, world.agent("bob", 5).await);
    let desk = ann.socket().await;
    let mine = |id: &str, status: &'static str| {
        let id = id.to_owned();
        move |it: &Value| {
            it["agents"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["user_id"] == *id && one["status"] == status)
        }
    };
    // two tabs are one agent: who reloads is not gone
    let first = bob.online().await;
    desk.wait("agent:presence", mine(&bob.id, "online")).await;
    let second = bob.socket().await;
    drop(first);
    second.done("agent:status", json!({"status": "away"})).await;
    desk.wait("agent:presence", mine(&bob.id, "away")).await;
    let late = ann.socket().await;
    let hello = late.wait("hello", |_| true).await;
    let known: Vec<_> = hello.payload["presence"].as_array().unwrap().clone();
    assert!(known.iter().any(|one| one["user_id"] == bob.id && one["status"] == "away"), "{known:?}");

    let chat = world.webchat(json!({})).await;
    let token = json!({"token": chat.visitor().await["token"]});
    let customer = Socket::connect(&hub.url(), "/customers", &token).await.unwrap();
    customer.wait("live", |_| true).await;
    customer
        .done("message:send", json!({"client_message_id": uuid::Uuid::now_v7(), "content": "hello"}))
        .await;
    let conversation = desk.wait("conversation:new", |_| true).await.payload["id"].clone();
    let join = json!({"conversation_id": conversation});
    let page = desk.done("conversation:join", join.clone()).await;
    assert_eq!((&page["contact_online"], page["viewers"].as_array().unwrap().len()), (&json!(true), 1));
    second.done("conversation:join", join.clone()).await;
    let viewers = desk.wait("conversation:viewers", |it| it["viewers"].as_array().unwrap().len() == 2).await;
    assert_eq!(viewers.payload["conversation_id"], conversation);
    assert!(viewers.meta.is_null(), "it is in no log");

    // an agent's typing reaches colleagues and the customer, and not the one who types
    second.done("conversation:typing:start", join.clone()).await;
    let typing = desk.wait("conversation:typing", |it| it["typing"] == true).await;
    assert_eq!(
        (&typing.payload["user_id"], typing.payload["sender_type"].as_str()),
        (&json!(bob.id), Some("agent"))
    );
    customer.wait("conversation:typing", |it| it["typing"] == true).await;
    // what is not refreshed ends by itself
    desk.wait("conversation:typing", |it| it["typing"] == false).await;
    customer.done("conversation:typing:start", json!({})).await;
    desk.wait("conversation:typing", |it| it["typing"] == true && it["sender_type"] == "contact").await;
    assert!(
        !second.memory().events().iter().any(|event| {
            event.name == "conversation:typing" && event.payload["user_id"] == bob.id.as_str()
        })
    );
    assert_eq!(
        late.refused("conversation:typing:start", join.clone()).await,
        "forbidden",
        "only where one looks"
    );

    // the last tab goes, and after the grace so does the agent
    drop(second);
    desk.wait("conversation:viewers", |it| it["viewers"].as_array().unwrap().len() == 1).await;
    desk.wait("agent:presence", mine(&bob.id, "offline")).await;
    hub.end().await;
}

#[tokio::test]
async fn read_marks_go_no_further_than_the_thread() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.agent("ann", 5).await.socket().await;
    let chat = world.webchat(json!({})).await;
    let token = json!({"token": chat.visitor().await["token"]});
    let customer = Socket::connect(&hub.url(), "/customers", &token).await.unwrap();
    customer.wait("live", |_| true).await;
    let hello = json!({"client_message_id": uuid::Uuid::now_v7(), "content": "hello"});
    let sent = customer.done("message:send", hello).await;
    let id = &sent["conversation"]["id"];
    let page = agent.done("conversation:join", json!({"conversation_id": id})).await;
    // the assignment and the ticks that a look brings are entries, too: the thread grows by a few meanwhile
    let head = page["head"].as_i64().unwrap();
    let marked = agent.done("conversation:read", json!({"conversation_id": id, "seq": 1_000_000})).await;
    assert_eq!(&marked["conversation_id"], id);
    assert!((head..head + 10).contains(&marked["seq"].as_i64().unwrap()), "{marked}");
    let marked = customer.done("conversation:read", json!({"seq": 1_000_000})).await;
    assert!((head..head + 10).contains(&marked["seq"].as_i64().unwrap()), "{marked}");
    let marked = agent.done("conversation:read", json!({"conversation_id": id, "seq": -5})).await;
    assert_eq!(marked["seq"], 0);
    let wrong = agent.command("conversation:read", json!({"conversation_id": id, "seq": "far"})).await;
    let Err(tests::harness::CommandError::Refused(code, error)) = wrong else { panic!("{wrong:?}") };
    assert_eq!((code.as_str(), &error["details"]["errors"][0]["field"]), ("validation_error", &json!("seq")));
    hub.end().await;
}

#[tokio::test]
async fn only_a_trusted_proxy_speaks_for_other_addresses() {
    let handshake = async |hub: &TestHub, address: &str| {
        let api = hub.api();
        let path = "/socket.io/?EIO=4&transport=polling";
        let request = api.request(reqwest::Method::GET, path).header("x-forwarded-for", address);
        let reply = api.send(request).await;
        (reply.status, reply.headers.contains_key("retry-after"))
    };
    let few = ("TURUMBA_SOCKETS_UNAUTHENTICATED_PER_ADDRESS", "2");
    let hub = TestHub::start_with(&[few, ("TURUMBA_TRUSTED_PROXIES", "127.0.0.1")]).await;
    for _ in 0..2 {
        assert_eq!(handshake(&hub, "192.0.2.1").await, (200, false));
    }
    assert_eq!(handshake(&hub, "192.0.2.1").await, (429, true), "two have not authenticated");
    assert_eq!(handshake(&hub, "192.0.2.2").await, (200, false), "another client of the same proxy");
    // what a client puts before the proxy's own word counts for nothing
    assert_eq!(handshake(&hub, "198.51.100.9, 192.0.2.1").await, (429, true));
    hub.end().await;
    let hub = TestHub::start_with(&[few]).await;
    for n in 1..=2 {
        assert_eq!(handshake(&hub, &format!("192.0.2.{n}")).await, (200, false));
    }
    assert_eq!(handshake(&hub, "192.0.2.3").await, (429, true), "nobody is trusted here: all are one");
    hub.end().await;
}

#[tokio::test]
async fn a_message_keeps_its_trace_from_the_webhook_to_the_socket() {
    let hub = TestHub::start_with(&[("TURUMBA_LOG_LEVEL", "debug")]).await;
    let world = World::new(&hub).await;
    let socket = world.agent("ann", 5).await.socket().await;
    let channel = world.sandbox("sms", json!({})).await;
    channel.post(&channel.sandbox("+15550000001", "follow me")).await;
    socket.wait("conversation:new", |_| true).await;
    let log = hub.log();
    let trace = |line: &str| {
        let at = line.find("trace")?;
        let word = line[at + "trace".len()..].trim_start_matches(['"', '=', ':']);
        Some(word.split(['"', ' ', ',', '}']).next()?.to_owned())
    };
    let taken_in = log.lines().find(|line| line.contains("a webhook is taken in")).expect("taken in");
    let trace = trace(taken_in).filter(|it| it.len() > 30).unwrap_or_else(|| panic!("{taken_in}"));
    for step in ["a message is received", "an entry goes to its readers"] {
        assert!(
            log.lines().any(|line| line.contains(step) && line.contains(&trace)),
            "{step} of {trace}: {log}"
        );
    }
    hub.end().await;
}

/// Resident memory that is no file's, in KiB.
fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Servers that keep the handshake's buffers and a queue for each client take three times as much.
#[tokio::test]
async fn an_idle_socket_holds_little() {
    const EACH: usize = 150;
    const AT_MOST: f64 = 32.0;
    let hub = TestHub::start_with(&[("TURUMBA_SOCKETS_PER_USER", "1000")]).await;
    let world = World::new(&hub).await;
    let agent = world.person("ann", "agent").await;
    let crowd = async || futures::future::join_all((0..EACH).map(|_| agent.socket())).await;
    // what is needed once is there before
    let first = crowd().await;
    let before = resident(hub.pid());
    let (second, third) = (crowd().await, crowd().await);
    let each = (resident(hub.pid()) - before) / (second.len() + third.len()) as f64;
    assert!(each < AT_MOST, "{each:.1} KiB for each socket");
    assert!(first.iter().chain(&second).chain(&third).all(|socket| !socket.is_closed()));
    hub.end().await;
}
