//! What is seen from outside: pages and who may frame them, metrics, live connections.

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use tests::harness::{CommandError, Reply, Socket, TestHub, World, until};

fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    reply.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn is_built(file: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file).exists()
}

#[tokio::test]
async fn the_inbox_is_one_page_at_every_address_that_the_hub_does_not_have() {
    let hub = TestHub::start().await;
    let api = hub.api();
    let root = api.get("/").await;
    assert_eq!(root.status, 200);
    assert!(header(&root, "content-type").starts_with("text/html"));
    assert!(header(&root, "content-security-policy").contains("default-src 'none'"));
    for nothing in ["/v1/nothing", "/assets/nothing.js", "/widget/nothing", "/nothing.txt"] {
        api.get(nothing).await.fails(404, "not_found");
    }
    api.post("/conversations", json!({})).await.fails(404, "not_found");
    if is_built("inbox/web/dist/index.html") {
        for page in ["/settings/channels", "/conversations/1?view=mine"] {
            let page = api.get(page).await;
            assert_eq!((page.status, header(&page, "etag")), (200, header(&root, "etag")));
            assert_eq!(header(&page, "cache-control"), "no-cache");
            assert_eq!(header(&page, "x-frame-options"), "DENY");
        }
    } else {
        assert!(root.body.to_string().contains("make ui"), "it says how to build it");
        api.get("/settings/channels").await.fails(404, "not_found");
    }
    hub.end().await;
}

#[tokio::test]
async fn a_page_that_a_browser_has_kept_keeps_its_policy() {
    let hub = TestHub::start().await;
    let api = hub.api();
    for path in ["/", "/settings/channels", "/demo", "/sandbox", "/connections", "/docs"] {
        let first = api.get(path).await;
        let (tag, policy) = (header(&first, "etag"), header(&first, "content-security-policy"));
        if tag.is_empty() {
            continue;
        }
        let again = api.send(api.request(reqwest::Method::GET, path).header("if-none-match", tag)).await;
        assert_eq!((again.status, header(&again, "content-security-policy")), (304, policy), "{path}");
    }
    hub.end().await;
}

#[tokio::test]
async fn a_web_chat_is_shown_on_its_own_origins_only() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let api = hub.api();
    let open = world.webchat(json!({})).await;
    let closed = world.webchat(json!({"allowed_origins": ["https://shop.example", "*.example.org"]})).await;
    let public = |key: &str| format!("/v1/public/chat/{key}");
    let from = async |origin: &str, method: reqwest::Method, path: String, body: Value| {
        let request = api.request(method, &path).header("origin", origin);
        let request = if body.is_null() { request } else { request.json(&body) };
        api.send(request).await
    };
    let get = reqwest::Method::GET;
    for (key, origin, allowed) in [
        (&open.secret, "https://anywhere.example", true),
        (&closed.secret, "https://shop.example", true),
        (&closed.secret, "https://a.example.org", true),
        (&closed.secret, "https://shop.example.evil", false),
        (&closed.secret, "null", false),
    ] {
        let asked = from(origin, get.clone(), public(key), Value::Null).await;
        let session = format!("{}/session", public(key));
        let began = from(origin, reqwest::Method::POST, session, json!({})).await;
        if allowed {
            let _ = asked.ok();
            let _ = began.created();
        } else {
            let why = asked.fails(403, "forbidden");
            assert_eq!(why["details"]["reason"], "origin_not_allowed", "{origin}");
            began.fails(403, "forbidden");
        }
    }
    // a program has no origin
    let _ = api.get(&public(&closed.secret)).await.ok();
    if is_built("widget/dist/frame/index.html") {
        let policy = async |query: &str| {
            let page = api.get(&format!("/widget/{query}")).await;
            (page.status, header(&page, "content-security-policy").to_owned())
        };
        let (status, csp) = policy(&format!("?key={}", closed.secret)).await;
        assert_eq!(status, 200);
        assert!(csp.ends_with("frame-ancestors 'self' https://shop.example *.example.org"), "{csp}");
        let (_, csp) = policy(&format!("?key={}", open.secret)).await;
        assert!(csp.ends_with("frame-ancestors *"), "{csp}");
        let (_, csp) = policy("").await;
        assert!(csp.ends_with("frame-ancestors 'self'"), "{csp}");
        // a chat that was switched off under a page that has its launcher: the frame says so, wherever it is
        let (status, csp) = policy("?key=wk_unknown").await;
        assert_eq!(status, 200);
        assert!(csp.ends_with("frame-ancestors *"), "{csp}");
        let loader = api.get("/widget.js").await;
        assert_eq!(header(&loader, "access-control-allow-origin"), "*");
        assert_eq!(header(&loader, "cache-control"), "public, max-age=300, stale-while-revalidate=86400");
    }
    hub.end().await;
}

/// The value of a metric, summed over all lines with these labels.
fn measured(text: &str, name: &str, labels: &[&str]) -> f64 {
    text.lines()
        .filter(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}

#[tokio::test]
async fn what_sockets_do_is_measured() {
    // as in production, where the harness raises them
    let rate = [("TURUMBA_SOCKETS_COMMANDS_PER_SECOND", "6"), ("TURUMBA_SOCKETS_COMMANDS_BURST", "30")];
    let hub = TestHub::start_with(&rate).await;
    let world = World::new(&hub).await;
    let agent = world.agent("ann", 5).await;
    let socket = agent.online().await;
    let chat = world.webchat(json!({})).await;
    let visitor = chat.visitor().await;
    let token = json!({"token": visitor["token"]});
    let customer = Socket::connect(&hub.url(), "/customers", &token).await.unwrap();
    customer.wait("live", |_| true).await;
    let hello = json!({"client_message_id": uuid::Uuid::now_v7(), "content": "hello"});
    let _ = customer.done("message:send", hello).await;
    socket.wait("conversation:new", |_| true).await;
    let _ = socket.refused("conversation:join", json!({"conversation_id": uuid::Uuid::now_v7()})).await;
    let _ = socket.refused("no:such:command", json!({})).await;
    let denied = Socket::connect(&hub.url(), "/agents", &json!({"token": "wrong"})).await;
    assert!(denied.is_err());
    let back = agent.try_resume(Arc::clone(socket.memory()), json!({})).await.unwrap();
    let mut ahead = agent.auth();
    ahead["since"] = 1_000_000.into();
    let ahead = Socket::connect(&hub.url(), "/agents", &ahead).await.unwrap();
    assert_eq!(ahead.wait("reset", |_| true).await.payload["reason"], "ahead");
    // three hundred and thirty in five seconds are a flood
    let flood = futures::future::join_all((0..400).map(|_| back.command("no:such:command", json!({}))));
    let refused = flood.await;
    let limited = |it: &&Result<Value, CommandError>| matches!(it, Err(CommandError::Refused(code, _)) if code == "rate_limited");
    assert!(refused.iter().filter(limited).count() > 0);
    back.closed().await;
    let text = until("everything is counted", async || {
        let text = hub.api().get("/metrics").await.body.as_str().unwrap_or_default().to_owned();
        let seen = measured(&text, "turumba_events_delivered_total", &["kind=\"feed\""]);
        if seen >= 1.0 { Ok(text) } else { Err(text) }
    })
    .await;
    for (name, labels, least) in [
        ("turumba_sockets{", &["namespace=\"agents\"", "transport=\"websocket\""][..], 1.0),
        ("turumba_sockets{", &["namespace=\"customers\"", "transport=\"websocket\""], 1.0),
        ("turumba_socket_connects_total", &["namespace=\"agents\"", "result=\"accepted\""], 1.0),
        ("turumba_socket_connects_total", &["namespace=\"agents\"", "result=\"unauthorized\""], 1.0),
        ("turumba_commands_total", &["command=\"message:send\"", "code=\"ok\""], 1.0),
        ("turumba_commands_total", &["command=\"conversation:join\"", "code=\"not_found\""], 1.0),
        ("turumba_commands_total", &["command=\"unknown\"", "code=\"bad_request\""], 1.0),
        ("turumba_command_duration_seconds_count", &["command=\"agent:status\""], 1.0),
        ("turumba_relay_lag_seconds_count", &[], 1.0),
        ("turumba_delivery_lag_seconds_count", &[], 1.0),
        ("turumba_resumes_total", &["log=\"feed\"", "source=\"fresh\""], 1.0),
        ("turumba_resumes_total", &["log=\"feed\"", "source=\"ring\""], 1.0),
        ("turumba_resumes_total", &["log=\"feed\"", "source=\"reset\""], 1.0),
        ("turumba_commands_refused_total", &["reason=\"rate\""], 1.0),
        ("turumba_transport_kills_total", &["reason=\"flood\""], 1.0),
        ("turumba_presence_edges_total", &["edge=\"up\""], 1.0),
        ("turumba_build_info", &["version="], 1.0),
    ] {
        assert!(measured(&text, name, labels) >= least, "{name} {labels:?} in\n{text}");
    }
    assert!(!text.contains(&agent.id), "no label names anybody");
    let proxied = hub.api().request(reqwest::Method::GET, "/metrics").header("x-forwarded-for", "192.0.2.1");
    hub.api().send(proxied).await.fails(403, "forbidden");
    hub.end().await;
}

#[tokio::test]
async fn an_owner_sees_live_connections_and_cuts_one() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.person("ann", "agent").await;
    let socket = agent.socket().await;
    let chat = world.webchat(json!({})).await;
    let token = json!({"token": chat.visitor().await["token"]});
    let customer = Socket::connect(&hub.url(), "/customers", &token).await.unwrap();
    customer.wait("live", |_| true).await;
    let all = world.api.get("/v1/connections").await.ok();
    let namespaces: Vec<&str> =
        all.as_array().unwrap().iter().map(|one| one["namespace"].as_str().unwrap()).collect();
    assert_eq!(namespaces, ["agents", "customers"], "{all}");
    assert_eq!(all[0]["transport"], "websocket");
    assert_eq!(all[0]["person_id"], agent.id.as_str());
    agent.api.get("/v1/connections").await.fails(403, "forbidden");
    let one = format!("/v1/connections/{}", all[0]["id"].as_str().unwrap());
    agent.api.delete(&one).await.fails(404, "not_found");
    let other = World::named(&hub, "other").await;
    assert_eq!(other.api.get("/v1/connections").await.ok(), json!([]));
    other.api.delete(&one).await.fails(404, "not_found");
    assert!(!socket.is_closed());
    assert_eq!(world.api.delete(&one).await.status, 204);
    socket.closed().await;
    assert!(!customer.is_closed());
    hub.end().await;
}
