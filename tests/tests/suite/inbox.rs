//! What the web apps stand on: the orders of the inbox, lines between the messages, ratings, read marks, tabs.

use serde_json::{Value, json};
use tests::harness::{Channel, Socket, TestHub, World, until};

/// A visitor with a socket.
struct Visitor {
    socket: Socket,
    token: Value,
}

async fn visitor(hub: &TestHub, chat: &Channel) -> Visitor {
    let token = json!({"token": chat.visitor().await["token"]});
    Visitor { socket: tab(hub, &token).await, token }
}

async fn tab(hub: &TestHub, token: &Value) -> Socket {
    let socket = Socket::connect(&hub.url(), "/customers", token).await.unwrap();
    socket.wait("live", |_| true).await;
    socket
}

impl Visitor {
    /// Writes; returns the message.
    async fn write(&self, text: &str) -> Value {
        let new = json!({"client_message_id": uuid::Uuid::now_v7(), "content": text});
        self.socket.done("message:send", new).await["message"].clone()
    }
}

/// All ids of a list, page after page of two.
async fn paged(socket: &Socket, asked: Value) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut asked = asked.clone();
        asked["limit"] = json!(2);
        asked["cursor"] = cursor;
        let page = socket.done("inbox:list", asked).await;
        found.extend(page["conversations"].as_array().unwrap().iter().cloned());
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            return found;
        }
    }
}

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_inbox_comes_in_five_orders_page_after_page() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.person("ann", "supervisor").await;
    let socket = agent.socket().await;
    // nothing is assigned by itself
    let _ = socket.done("agent:status", json!({"status": "away"})).await;
    let chat = world.webchat(json!({})).await;
    let mut made = Vec::new();
    for (n, priority) in ["low", "urgent", "normal", "urgent", "high"].into_iter().enumerate() {
        let visitor = visitor(&hub, &chat).await;
        let message = visitor.write(&format!("I am {n}")).await;
        let id = message["conversation_id"].as_str().unwrap().to_owned();
        let _ =
            socket.done("conversation:update", json!({"conversation_id": id, "priority": priority})).await;
        made.push((visitor, id));
    }
    // the first writes again, so that oldest conversation and newest message are the same; the third is answered
    let _ = made[0].0.write("still there?").await;
    let team = world.api.post("/v1/teams", json!({"name": "Front"})).await.created();
    let to_team = json!({"conversation_id": made[4].1, "team_id": team["id"]});
    let _ = socket.done("conversation:assign", to_team).await;
    let answer =
        json!({"conversation_id": made[2].1, "client_message_id": uuid::Uuid::now_v7(), "content": "here"});
    let _ = socket.done("message:send", answer).await;

    let order = |places: &[usize]| places.iter().map(|n| made[*n].1.clone()).collect::<Vec<_>>();
    for (sort, expected) in [
        ("newest", order(&[2, 0, 4, 3, 1])),
        ("oldest", order(&[1, 3, 4, 0, 2])),
        ("created", order(&[4, 3, 2, 1, 0])),
        ("waiting", order(&[0, 1, 3, 4, 2])),
        ("priority", order(&[1, 3, 4, 2, 0])),
    ] {
        let found = paged(&socket, json!({"view": "all", "sort": sort})).await;
        assert_eq!(ids(&found), expected, "{sort}");
    }
    let wrong = socket.done("inbox:list", json!({"view": "all", "limit": 2})).await["next_cursor"].clone();
    let code = socket.refused("inbox:list", json!({"view": "all", "sort": "oldest", "cursor": wrong})).await;
    assert_eq!(code, "bad_request", "a cursor of another order");

    let held = paged(&socket, json!({"view": "all", "filter": {"unassigned": true}})).await;
    assert!(!ids(&held).contains(&made[2].1) && held.len() == 4, "{held:?}");
    let unread = paged(&socket, json!({"view": "all", "filter": {"unread": true}})).await;
    assert!(!ids(&unread).contains(&made[2].1) && unread.len() == 4, "{unread:?}");
    let counts = socket.done("inbox:list", json!({"view": "mine"})).await["counts"].clone();
    assert_eq!((&counts["all"], &counts["mine"]), (&json!(5), &json!(1)), "{counts}");
    assert_eq!(counts["teams"], json!({team["id"].as_str().unwrap(): 1}));
    hub.end().await;
}

#[tokio::test]
async fn the_thread_tells_who_changed_what_and_how_it_was_rated() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.person("ann", "agent").await;
    let socket = agent.socket().await;
    // nothing is assigned by itself
    let _ = socket.done("agent:status", json!({"status": "away"})).await;
    let chat = world.webchat(json!({})).await;
    let customer = visitor(&hub, &chat).await;
    let message = customer.write("hello").await;
    let id = message["conversation_id"].clone();
    let _ = socket.done("conversation:join", json!({"conversation_id": id})).await;

    // reading it tells the customer
    let _ = socket.done("conversation:read", json!({"conversation_id": id, "seq": message["seq"]})).await;
    let tick = customer.socket.wait("message:status", |tick| tick["status"] == "read").await;
    assert_eq!(tick.payload["message_id"], message["id"]);

    let to_me = json!({"conversation_id": id, "assignee_id": agent.id});
    let _ = socket.done("conversation:assign", to_me).await;
    let line = socket.wait("conversation:activity", |line| line["status"] == "assigned").await;
    assert_eq!(line.payload["by"]["type"], "agent");
    assert_eq!(line.payload["by"]["id"], agent.id.as_str());
    assert!(line.log().is_some(), "it has a number in the thread");
    let resolve = json!({"conversation_id": id, "status": "resolved", "note": "done"});
    let _ = socket.done("conversation:status", resolve).await;
    let asked = customer.socket.wait("conversation:updated", |it| it["status"] == "resolved").await;
    assert_eq!(asked.payload["csat"]["scale"], 5);
    assert!(asked.payload["csat"]["rating"].is_null());

    let _ = customer.socket.done("csat:submit", json!({"rating": 4, "comment": "quick"})).await;
    let rated = socket.wait("conversation:activity", |line| line["csat_rating"] == 4).await;
    assert_eq!(rated.payload["by"]["type"], "contact");
    // a tab that opens later knows that it is rated
    let again = tab(&hub, &customer.token).await;
    let hello = again.wait("hello", |_| true).await.payload;
    assert_eq!(hello["conversation"]["csat"]["rating"], 4, "{hello}");

    let path = format!("/v1/conversations/{}/activity", id.as_str().unwrap());
    let lines = agent.api.get(&path).await.ok();
    let lines = lines.as_array().unwrap();
    let told: Vec<(&str, &str)> = lines
        .iter()
        .filter(|line| line["by"]["type"] != "system")
        .map(|line| (line["status"].as_str().unwrap(), line["by"]["type"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(told, [("assigned", "agent"), ("resolved", "agent"), ("resolved", "contact")], "{lines:?}");
    let note = lines.iter().find(|line| line["status"] == "resolved").unwrap();
    assert_eq!(note["by"]["note"], "done");
    assert!(lines.is_sorted_by_key(|line| line["seq"].as_i64()));

    // writing again reopens it, and the old rating is no rating of what comes
    let _ = customer.write("one more thing").await;
    let conversation = agent.api.get(path.trim_end_matches("/activity")).await.ok();
    assert!(conversation["csat_rating"].is_null(), "{conversation}");
    hub.end().await;
}

#[tokio::test]
async fn every_tab_of_a_visitor_follows_a_conversation_that_one_of_them_opened() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let chat = world.webchat(json!({})).await;
    let first = visitor(&hub, &chat).await;
    let second = tab(&hub, &first.token).await;
    let stranger = visitor(&hub, &chat).await;
    for n in 0..5 {
        let _ = first.write(&format!("line {n}")).await;
    }
    second.wait("conversation:message", |message| message["content"] == "line 4").await;
    until("each line came once and in order", async || {
        for socket in [&first.socket, &second] {
            let events = socket.memory().events();
            let seen = events.iter().filter(|event| event.name == "conversation:message");
            let lines: Vec<&str> = seen.map(|event| event.payload["content"].as_str().unwrap()).collect();
            if lines != ["line 0", "line 1", "line 2", "line 3", "line 4"] {
                return Err(format!("{lines:?}"));
            }
        }
        Ok(())
    })
    .await;
    assert!(stranger.socket.memory().events().iter().all(|event| event.name != "conversation:message"));
    hub.end().await;
}
