//! The floor: what WebSockets cost that are written to by tokio-tungstenite and nothing else. It says as much of the
//! protocol as the clients want to hear; each client gets each event by a write of its own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::broadcast,
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

type Rooms = Arc<Mutex<HashMap<String, broadcast::Sender<Utf8Bytes>>>>;

pub async fn serve(port: u16) {
    let rooms = Rooms::default();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(client(stream, Arc::clone(&rooms)));
    }
}

async fn client(stream: TcpStream, rooms: Rooms) -> Option<()> {
    let mut socket = tokio_tungstenite::accept_async(stream).await.ok()?;
    let open = json!({"sid": "bare", "upgrades": [], "pingInterval": 25_000, "pingTimeout": 20_000, "maxPayload": 131_072});
    socket.send(format!("0{open}").into()).await.ok()?;
    let connect = socket.next().await?.ok()?;
    let auth: Value = serde_json::from_str(connect.to_text().ok()?.strip_prefix("40/agents,")?).ok()?;
    let room = auth["account_id"].as_str()?.to_owned();
    let sender = rooms.lock().entry(room).or_insert_with(|| broadcast::channel(1024).0).clone();
    let mut events = sender.subscribe();
    drop(sender);
    socket.send("40/agents,{\"sid\":\"bare\"}".into()).await.ok()?;
    loop {
        tokio::select! {
            event = events.recv() => socket.send(Message::Text(event.ok()?)).await.ok()?,
            message = socket.next() => {
                let message = message?.ok()?;
                let Ok(text) = message.to_text() else { continue };
                if let Some(go) = text.strip_prefix("42/agents,[\"go\",") {
                    let order: Value = serde_json::from_str(go.strip_suffix(']')?).ok()?;
                    tokio::spawn(tell(order, Arc::clone(&rooms)));
                } else if let Some(rest) = text.strip_prefix("42/agents,") {
                    let (id, _) = rest.split_once('[')?;
                    let answer = format!("43/agents,{id}[{{\"ok\":true,\"data\":null}}]");
                    socket.send(answer.into()).await.ok()?;
                }
            }
        }
    }
}

/// Tells rooms of as many events as ordered, on time.
#[expect(clippy::disallowed_methods, reason = "another server tells its own time")]
async fn tell(order: Value, rooms: Rooms) {
    let every = Duration::from_millis(order["every_ms"].as_u64().unwrap());
    let mut clock = tokio::time::interval(every);
    let (payload, mut meta) = (order["payload"].clone(), order["meta"].clone());
    let senders: Vec<_> = {
        let rooms = rooms.lock();
        order["rooms"].as_array().unwrap().iter().map(|room| rooms[room.as_str().unwrap()].clone()).collect()
    };
    for _ in 0..order["count"].as_u64().unwrap() {
        clock.tick().await;
        let now = chrono::Utc::now();
        meta["at"] = now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into();
        let frame = json!(["channel:status", payload, meta, "1000"]);
        let frame = Utf8Bytes::from(format!("42/agents,{frame}"));
        for sender in &senders {
            // nobody is in the room any more
            let _nobody = sender.send(frame.clone());
        }
    }
}
