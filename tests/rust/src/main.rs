//! The stock Rust client against the hub: a visitor and an agent, and the agent again after a cut.

use std::{
    env,
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use rust_socketio::{ClientBuilder, Event, Payload, RawClient, TransportType, client::Client};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// An event: its name, its payload, and where it stands in its log.
type Heard = (String, Value, Value);

struct Party {
    client: Client,
    heard: Receiver<Heard>,
}

fn told(heard: &Sender<Heard>, name: String, payload: Payload) {
    let Payload::Text(mut arguments) = payload else { return };
    arguments.resize(2, Value::Null);
    // the story may be over
    let _over = heard.send((name, arguments[0].take(), arguments[1].take()));
}

impl Party {
    fn connect(namespace: &str, auth: Value) -> Self {
        let transport = match env::args().nth(1).as_deref() {
            Some("polling") => TransportType::Polling,
            _ => TransportType::Websocket,
        };
        let (tell, heard) = channel();
        let any = tell.clone();
        let client = ClientBuilder::new(env::var("HUB_URL").unwrap())
            .namespace(namespace)
            .transport_type(transport)
            .reconnect(false)
            .auth(auth)
            .on_any(move |event, payload: Payload, _: RawClient| told(&any, String::from(event), payload))
            .on(Event::Error, move |payload: Payload, _: RawClient| told(&tell, "error".to_owned(), payload))
            .connect()
            .unwrap();
        Self { client, heard }
    }

    /// The next event of this name that fits.
    fn wait(&self, name: &str, fits: impl Fn(&Value) -> bool) -> (Value, Value) {
        loop {
            let (known, payload, meta) = self.heard.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{name} did not come"));
            if known == name && fits(&payload) {
                return (payload, meta);
            }
        }
    }

    /// Does a command and returns its answer's `data`.
    fn done(&self, name: &str, payload: Value) -> Value {
        let (tell, answered) = channel();
        let answer = move |payload: Payload, _: RawClient| {
            if let Payload::Text(arguments) = payload {
                let _late = tell.send(arguments.into_iter().next().unwrap_or_default());
            }
        };
        self.client.emit_with_ack(name, payload, PATIENCE, answer).unwrap();
        let mut answer: Value = answered.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{name} was not answered"));
        // arguments of an acknowledgement come as one array
        if answer.is_array() {
            answer = answer[0].take();
        }
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        answer["data"].take()
    }
}

fn id(n: u64) -> String {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("00000000-0000-4000-8000-{:012x}", (time.as_micros() as u64 + n) & 0xffff_ffff_ffff)
}

fn main() {
    let (account, token) = (env::var("ACCOUNT_ID").unwrap(), env::var("AGENT_TOKEN").unwrap());
    let agent = Party::connect("/agents", json!({"token": token, "account_id": account}));
    let (hello, _) = agent.wait("hello", |_| true);
    let (live, _) = agent.wait("live", |_| true);
    let customer = Party::connect("/customers", json!({"token": env::var("VISITOR_TOKEN").unwrap()}));
    customer.wait("hello", |_| true);
    let sent = customer.done("message:send", json!({"client_message_id": id(1), "content": "one"}));
    let conversation = sent["conversation"]["id"].clone();
    let (_, meta) = agent.wait("conversation:new", |it| it["id"] == conversation);
    assert!(meta["seq"].as_i64() > live["seq"].as_i64(), "{meta} after {live}");
    let page = agent.done("conversation:join", json!({"conversation_id": conversation}));
    assert_eq!(page["entries"][0]["content"], "one");
    let answer = json!({"conversation_id": conversation, "client_message_id": id(2), "content": "Good morning."});
    agent.done("message:send", answer);
    customer.wait("conversation:message", |it| it["content"] == "Good morning.");
    agent.client.disconnect().unwrap();

    customer.done("message:send", json!({"client_message_id": id(3), "content": "two"}));
    let back = json!({
        "token": token, "account_id": account, "epoch": hello["epoch"], "since": meta["seq"],
        "threads": {conversation.as_str().unwrap(): page["head"]},
    });
    let back = Party::connect("/agents", back);
    assert_eq!(back.wait("hello", |_| true).0["resumed"], true);
    back.wait("conversation:message", |it| it["content"] == "two");
    back.client.disconnect().unwrap();
    customer.client.disconnect().unwrap();
}
