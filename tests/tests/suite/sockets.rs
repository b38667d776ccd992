//! Sockets of the real hub: order, clients that stop reading, cuts, and the stop of a hub.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tests::harness::{Agent, Channel, TestHub, World};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

const PATIENCE: Duration = Duration::from_secs(30);

/// A socket that does only what it is told, heartbeats included.
struct Raw(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Raw {
    async fn connect(hub: &TestHub, auth: &Value) -> Self {
        let url = format!("{}/socket.io/?EIO=4&transport=websocket", hub.url().replacen("http", "ws", 1));
        let mut raw = Self(tokio_tungstenite::connect_async(url).await.unwrap().0);
        raw.send(format!("40/agents,{auth}")).await;
        raw
    }

    async fn send(&mut self, text: String) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next packet of the namespace: its head and its JSON. `None`: it is closed.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("nothing came") {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.send("3".to_owned()).await,
                Some(Ok(Message::Text(text))) if text.starts_with('4') => {
                    let at = text.find(['[', '{']).unwrap_or(text.len());
                    let json = serde_json::from_str(&text[at..]).unwrap_or_default();
                    return Some((text[..at].to_owned(), json));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next event of this name.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            let (_, json) = self.next().await.unwrap_or_else(|| panic!("closed before {name}"));
            if json[0] == name {
                return json;
            }
        }
    }

    /// The answer to CONNECT.
    async fn connected(&mut self) -> Value {
        let (head, json) = self.next().await.unwrap();
        assert_eq!(head, "40/agents,", "{json}");
        json
    }
}

async fn stage(hub: &TestHub) -> (World, Agent, Channel) {
    let world = World::new(hub).await;
    let agent = world.agent("ada", 50).await;
    let channel = world.sandbox("sms", json!({})).await;
    (world, agent, channel)
}

fn auth(world: &World, agent: &Agent) -> Value {
    json!({"token": agent.api.token, "account_id": world.account_id})
}

#[tokio::test]
async fn ten_thousand_commands_are_done_in_their_order() {
    let hub = TestHub::start().await;
    let (world, agent, _) = stage(&hub).await;
    let mut raw = Raw::connect(&hub, &auth(&world, &agent)).await;
    raw.event("live").await;
    let (mut write, mut read) = raw.0.split();
    let writer = tokio::spawn(async move {
        for n in 0..10_000 {
            // some wait for the store, most do not: whoever did them at once would mix them up
            let command = if n % 50 == 0 {
                format!("42/agents,{n}[\"inbox:list\",{{\"view\":\"all\"}}]")
            } else {
                format!("42/agents,{n}[\"no:such\",null]")
            };
            write.send(Message::text(command)).await.unwrap();
        }
        write
    });
    let mut next = 0;
    while next < 10_000 {
        let message = timeout(PATIENCE, read.next()).await.unwrap().unwrap().unwrap();
        if let Some(answer) = message.to_text().unwrap().strip_prefix("43/agents,") {
            let id: i32 = answer[..answer.find('[').unwrap()].parse().unwrap();
            assert_eq!(id, next);
            let is_done = answer.contains("\"ok\":true");
            assert_eq!(is_done, id % 50 == 0, "{answer}");
            next += 1;
        }
    }
    drop(writer.await.unwrap());
    hub.end().await;
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut_and_resumes_with_nothing_missing() {
    let hub = TestHub::start_with(&[("TURUMBA_SOCKETS_STALLED", "1s")]).await;
    let (world, agent, channel) = stage(&hub).await;
    let mut stalled = Raw::connect(&hub, &auth(&world, &agent)).await;
    let hello = stalled.event("hello").await;
    stalled.event("live").await;
    // answers that nobody reads, until the server reads no more questions
    let question = format!("42/agents,1[\"{}\",null]", "no:such".repeat(1000));
    let flood = async { while stalled.0.send(Message::text(question.clone())).await.is_ok() {} };
    assert!(timeout(PATIENCE, flood).await.is_ok(), "its transport was not cut");
    assert!(hub.log().contains("reads nothing"), "{}", hub.log());
    drop(stalled);
    channel.post(&channel.sandbox("+4915100000", "are you there?")).await;
    let mut auth = auth(&world, &agent);
    auth["since"] = hello[1]["head"].clone();
    auth["epoch"] = hello[1]["epoch"].clone();
    let mut back = Raw::connect(&hub, &auth).await;
    let hello = back.event("hello").await;
    assert_eq!(hello[1]["resumed"], true, "{hello}");
    let missed = back.event("conversation:new").await;
    assert!(missed[2]["seq"].as_i64() > auth["since"].as_i64(), "{missed}");
    hub.end().await;
}

#[tokio::test]
async fn a_cut_is_recovered_behind_the_last_delivery_that_came() {
    let hub = TestHub::start().await;
    let (world, agent, channel) = stage(&hub).await;
    // the news of the channel is numbered, so that it is not this connection's first delivery
    hub.drained().await;
    let mut raw = Raw::connect(&hub, &auth(&world, &agent)).await;
    let connected = raw.connected().await;
    raw.event("live").await;
    for n in 0..3 {
        channel.post(&channel.sandbox(&format!("+4915100000{n}"), "hello")).await;
    }
    let first = raw.event("conversation:new").await;
    assert_eq!(first[3], "1", "the first delivery of this connection");
    // whatever else was on its way is lost with the transport
    drop(raw);
    let mut asked = auth(&world, &agent);
    asked["pid"] = connected["pid"].clone();
    asked["offset"] = first[3].clone();
    let mut back = Raw::connect(&hub, &asked).await;
    assert_eq!(back.connected().await["pid"], connected["pid"]);
    assert_eq!(back.event("hello").await[1]["resumed"], true);
    let mut seq = first[2]["seq"].as_i64().unwrap();
    let mut count = 1;
    while count < 3 {
        let (_, event) = back.next().await.unwrap();
        if event[2]["log"].is_null() {
            // the end of what was missed, and what is volatile
            continue;
        }
        count += 1;
        assert_eq!(event[3], count.to_string(), "{event}");
        assert!(event[2]["seq"].as_i64().unwrap() > seq);
        seq = event[2]["seq"].as_i64().unwrap();
    }
    // nobody else gets it, and nobody gets it twice
    let mut again = Raw::connect(&hub, &asked).await;
    assert_eq!(again.connected().await["pid"], connected["pid"], "taken over from the one that is open");
    while back.next().await.is_some() {}
    let mut foreign = auth(&world, &world.agent("eve", 5).await);
    foreign["pid"] = connected["pid"].clone();
    foreign["offset"] = first[3].clone();
    let mut other = Raw::connect(&hub, &foreign).await;
    assert_ne!(other.connected().await["pid"], connected["pid"]);
    hub.end().await;
}

#[tokio::test]
async fn a_hub_that_stops_asks_its_clients_to_come_back_and_then_cuts_them() {
    let mut hub = TestHub::start_with(&[("TURUMBA_DRAIN_WINDOW", "10s")]).await;
    let (world, agent, _) = stage(&hub).await;
    let mut raw = Raw::connect(&hub, &auth(&world, &agent)).await;
    raw.event("live").await;
    let stopping = std::time::Instant::now();
    let stop = tokio::task::spawn_blocking(move || {
        assert!(hub.stop().is_some_and(|status| status.success()));
        hub
    });
    let (hub, ()) = tokio::join!(stop, async {
        let draining = raw.event("server:draining").await;
        assert!(draining[1]["reconnect_in_ms"].as_u64().unwrap() <= 5000);
        // cut, not taken out of the namespace: a stock client comes back after that
        while let Some((head, _)) = raw.next().await {
            assert_ne!(head, "41/agents,");
        }
    });
    assert!(stopping.elapsed() < Duration::from_secs(9), "{:?}", stopping.elapsed());
    let mut hub = hub.unwrap();
    hub.spawn().await;
    hub.end().await;
}
