//! Our talk with providers, judged by their own or widely used libraries (`tests/python/peers.py`), and with a Telegram
//! of other people's making (`tests/js/telegram.js`).

use std::process::Stdio;

use serde_json::{Value, json};
use tests::{
    fakes::{FakeProviders, FakeTelegram, FakeTwilio},
    harness::{Hook, TestHub, World, hub::PUBLIC_URL, until},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{
    attachments::upload,
    clients::{folder, python},
    javascript, providers,
};

/// A program that answers each line by one.
pub struct Peers {
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Peers {
    fn start() -> Self {
        let mut python = Command::new(python());
        python.arg(folder("python").join("peers.py"));
        Self::of(python)
    }

    pub fn of(mut program: Command) -> Self {
        let mut process =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { questions: process.stdin.take().unwrap(), answers, _process: process }
    }

    pub async fn ask(&mut self, question: Value) -> Value {
        self.questions.write_all(format!("{question}\n").as_bytes()).await.unwrap();
        self.next().await.unwrap_or_else(|| panic!("it fell over: {question}"))
    }

    /// The next line that it writes.
    pub async fn next(&mut self) -> Option<Value> {
        let answer = self.answers.next_line().await.unwrap()?;
        Some(serde_json::from_str(&answer).unwrap())
    }
}

#[tokio::test]
async fn webhooks_that_twilios_library_signs_are_believed() {
    let (hub, fake) = (TestHub::start().await, FakeTwilio::run(1).await);
    let world = World::new(&hub).await;
    let channel = world.twilio(&fake).await;
    let mut peers = Peers::start();
    let base =
        [("AccountSid", "ACtest0000000000000000000000000001"), ("To", "+15005550006"), ("NumMedia", "0")];
    let odd: [&[(&str, &str)]; 4] = [
        &[("Body", "plain")],
        &[("Body", "ሰላም & = + % \"quoted\" 🙂"), ("ProfileName", "")],
        &[("Body", " spaces at both ends "), ("body", "another case"), ("BodyÄ", "a name of its own")],
        &[("Body", "repeated"), ("Tag", "b"), ("Tag", "a"), ("Tag", "b")],
    ];
    let mut expected = Vec::new();
    for (n, more) in odd.iter().enumerate() {
        let (sid, from) = (format!("SM{n:032x}"), format!("+1555000200{n}"));
        let mut form: Vec<(&str, &str)> = base.to_vec();
        form.extend([("MessageSid", sid.as_str()), ("From", from.as_str())]);
        form.extend(more.iter().copied());
        for path in [channel.path(), format!("{}?from=console&x=%20y", channel.path())] {
            let url = format!("{PUBLIC_URL}{path}");
            let question = json!({"sign": {"token": channel.secret, "url": url, "form": form}});
            let signature = peers.ask(question).await["signature"].as_str().unwrap().to_owned();
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
            let headers = vec![
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
                ("x-twilio-signature", signature),
            ];
            let genuine = Hook { path, headers, body };
            let forged = Hook { body: genuine.body.replace("Body=", "Body=x"), ..genuine.clone() };
            assert_eq!(channel.try_post(&forged).await.unwrap(), 401, "{more:?}");
            assert_eq!(channel.try_post(&genuine).await.unwrap(), 200, "{more:?}");
        }
        expected.push(more[0].1.trim().to_owned());
    }
    until("all of them are there, once", async || {
        let all = world.api.get("/v1/messages?filter=sender_type:eq:contact&sort=created_at:asc").await.ok();
        let mut texts: Vec<String> = all
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["content"].as_str().unwrap().trim().to_owned())
            .collect();
        texts.sort_by_key(|text| expected.iter().position(|one| one == text));
        if texts == expected { Ok(()) } else { Err(texts) }
    })
    .await;
    hub.end().await;
}

#[tokio::test]
async fn what_is_sent_to_telegram_is_read_by_aiogram() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(2).await);
    let world = World::new(&hub).await;
    let channel = world.telegram(&fake).await;
    let mut peers = Peers::start();
    let update = fake.update(4711, "Where is my parcel?");
    assert_eq!(
        peers.ask(json!({"update": update})).await["strangers"],
        json!([]),
        "our fake is one of its own"
    );
    channel.post(&channel.telegram_update(&update)).await;
    let question = until("the question is there", async || {
        let all = world.api.get("/v1/messages").await.ok();
        all[0]["conversation_id"].is_string().then(|| all[0].clone()).ok_or(all)
    })
    .await;
    let path = format!("/v1/conversations/{}/messages", question["conversation_id"].as_str().unwrap());
    let choices = json!([{"id": "y", "title": "Yes"}, {"title": "Our shop", "url": "https://shop.example"}]);
    let answers = [
        json!({"content": "On its <way> & *soon* ሰላም"}),
        json!({"content": "Quoted", "reply_to": question["id"]}),
        json!({"content": "Which?", "metadata": {"choices": choices}}),
        json!({"content": "Or this?", "metadata": {"choices": [{"title": "One"}, {"title": "Two"}], "keyboard": "reply"}}),
        json!({"content": "long ".repeat(1000)}),
    ];
    for answer in &answers {
        world.api.post(&path, answer.clone()).await.created();
    }
    let sent = until("all of it is sent", async || {
        let taken = fake.journal().taken();
        if taken.len() >= 6 { Ok(taken) } else { Err(taken.len()) }
    })
    .await;
    let mut markups = Vec::new();
    for entry in sent {
        let read = peers.ask(json!({"telegram": entry.body})).await;
        assert_eq!(
            (&read["method"], &read["strangers"]),
            (&json!("SendMessage"), &json!([])),
            "{}",
            entry.body
        );
        markups.push(read["markup"].as_str().unwrap().to_owned());
    }
    let wanted =
        ["NoneType", "NoneType", "InlineKeyboardMarkup", "ReplyKeyboardMarkup", "NoneType", "NoneType"];
    assert_eq!(markups, wanted);
    hub.end().await;
}

/// Without what says nothing: nulls, empty texts and lists, what is false anyway.
fn said(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), said(value)))
            .filter(|(_, value)| {
                !matches!(value, Value::Null | Value::Bool(false))
                    && *value != json!("")
                    && *value != json!([])
            })
            .collect(),
        Value::Array(all) => all.iter().map(said).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn whatsapp_is_told_what_pywa_would_tell_it() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(3).await);
    let world = World::new(&hub).await;
    let new = json!({
        "name": "WA", "channel_type": "whatsapp", "settings": {"api_base": fake.url()},
        "credentials": {"access_token": "EAAtoken-000", "app_secret": providers::SECRET,
                        "phone_number_id": "100000000000001", "waba_id": "200000000000002"},
    });
    let (_, channel) = world.channel("whatsapp", new).await;
    let mut peers = Peers::start();
    let message = json!({"from": "15551230000", "from_user_id": "US.9", "id": "wamid.1", "timestamp": "1780000000",
                         "type": "text", "text": {"body": "Where is my parcel?"}});
    let contact = json!({"wa_id": "15551230000", "user_id": "US.9", "profile": {"name": "Ada"}});
    let hook = providers::whatsapp(&channel, json!({"contacts": [contact], "messages": [message]}));
    let read = peers.ask(json!({"webhook": serde_json::from_str::<Value>(&hook.body).unwrap()})).await;
    let understood =
        json!({"id": "wamid.1", "from": "15551230000", "name": "Ada", "text": "Where is my parcel?"});
    assert_eq!(read, understood, "our fake is one of its own");
    channel.post(&hook).await;
    let question = until("the question is there", async || {
        let all = world.api.get("/v1/messages").await.ok();
        all[0]["conversation_id"].is_string().then(|| all[0].clone()).ok_or(all)
    })
    .await;
    assert_eq!(question["content"], understood["text"]);
    let path = format!("/v1/conversations/{}/messages", question["conversation_id"].as_str().unwrap());
    let (yes, no) = (json!({"id": "y", "title": "Yes"}), json!({"id": "n", "title": "No"}));
    let row = json!({"id": "a", "title": "Addis", "description": "Bole road"});
    let shop = json!({"title": "Our shop", "url": "https://shop.example"});
    let picture = upload(&world, ("a.png", "image/png"), 1000).await;
    let paper = upload(&world, ("a.pdf", "application/pdf"), 1000).await;
    // what the agent sends, and the same as a wish to pywa
    let cases = [
        (json!({"content": "On its way ሰላም"}), json!({"text": "On its way ሰላም"})),
        (
            json!({"content": "See https://shop.example", "reply_to": question["id"]}),
            json!({"text": "See https://shop.example", "preview_url": true, "reply_to": "wamid.1"}),
        ),
        (
            json!({"content": "Here?", "metadata": {"choices": [yes, no], "header": "Parcel", "footer": "Acme"}}),
            json!({"text": "Here?", "buttons": [yes, no], "header": "Parcel", "footer": "Acme"}),
        ),
        (
            json!({"content": "Which?", "metadata": {"choices": [row, no], "choices_button": "Shops"}}),
            json!({"text": "Which?", "rows": [row, no], "choose": "Shops"}),
        ),
        (json!({"content": "Look", "metadata": {"choices": [shop]}}), json!({"text": "Look", "link": shop})),
        (
            json!({"content": "👍", "reply_to": question["id"], "metadata": {"reaction": true}}),
            json!({"reaction": "👍", "reply_to": "wamid.1"}),
        ),
        (
            json!({"content": "", "attachments": [{"latitude": 9.0, "longitude": 38.75, "name": "Acme", "address": "Bole"}]}),
            json!({"location": {"latitude": 9.0, "longitude": 38.75, "name": "Acme", "address": "Bole"}}),
        ),
        (
            json!({"content": "This one", "attachments": [{"upload_id": picture}]}),
            json!({"text": "This one", "image": "700000000000007"}),
        ),
        (
            json!({"content": "The bill", "attachments": [{"upload_id": paper}]}),
            json!({"text": "The bill", "document": "700000000000007", "filename": "a.pdf"}),
        ),
        (
            json!({"content": "Hello Ada", "metadata": {"template": {"name": "order_update", "language": "en_US",
                   "body": {"first_name": "Ada"}}}}),
            json!({"template": "order_update", "values": {"first_name": "Ada"}}),
        ),
    ];
    for (n, (answer, wish)) in cases.iter().enumerate() {
        let made = world.api.post(&path, answer.clone()).await.created();
        let ours = until("it is sent", async || {
            let taken = fake.journal().taken();
            taken.get(n).cloned().ok_or_else(|| (taken.len(), made.clone()))
        })
        .await;
        let mut wish = wish.clone();
        wish["to"] = "15551230000".into();
        wish["tracker"] = made["id"].clone();
        let theirs = peers.ask(json!({"whatsapp": wish})).await;
        assert_eq!(said(&ours.body), said(&theirs["body"]), "{answer}");
        assert_eq!(theirs["path"], "/v26.0/100000000000001/messages");
    }
    hub.end().await;
}

#[tokio::test]
async fn a_talk_over_a_telegram_that_is_not_ours() {
    // not to be called from outside: the hub asks for updates
    let hub = TestHub::start_with(&[("TURUMBA_PUBLIC_URL", "http://localhost:8080")]).await;
    let world = World::new(&hub).await;
    let token = "700700:AAtest-token_of-another-telegram";
    let mut node = Command::new("node");
    node.args(["telegram.js", token]).current_dir(javascript::folder());
    let mut telegram = Peers::of(node);
    let url = telegram.next().await.expect("it listens")["url"].clone();
    let new = json!({"name": "Bot", "channel_type": "telegram", "credentials": {"bot_token": token, "api_base": url}});
    let made = world.api.post("/v1/channels", new).await.created();
    assert_eq!(made["status"], "connected", "{made}");
    assert_eq!(telegram.ask(json!({"say": "Where is my parcel? ሰላም"})).await["ok"], true);
    assert_eq!(telegram.ask(json!({"command": "/start parcel-7"})).await["ok"], true);
    let all = until("both are there, once", async || {
        let all = world.api.get("/v1/messages?filter=sender_type:eq:contact&sort=created_at:asc").await.ok();
        if all.as_array().is_some_and(|all| all.len() == 2) { Ok(all) } else { Err(all) }
    })
    .await;
    assert_eq!(
        (&all[0]["content"], &all[1]["content"]),
        (&json!("Where is my parcel? ሰላም"), &json!("/start parcel-7"))
    );
    assert_eq!((&all[0]["sender_name"], &all[1]["metadata"]["start"]), (&json!("Ada"), &json!("parcel-7")));
    assert_eq!(all[0]["conversation_id"], all[1]["conversation_id"]);
    let path = format!("/v1/conversations/{}/messages", all[0]["conversation_id"].as_str().unwrap());
    let choices = json!([{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]);
    let answers = [
        json!({"content": "On its <way> & soon"}),
        json!({"content": "Quoted", "reply_to": all[0]["id"]}),
        json!({"content": "At home?", "metadata": {"choices": choices}}),
    ];
    let mut ids = Vec::new();
    for answer in &answers {
        ids.push(world.api.post(&path, answer.clone()).await.created()["id"].clone());
    }
    let mut written = Vec::new();
    for _ in 0..600 {
        written.extend(telegram.ask(json!({"read": true})).await["written"].as_array().unwrap().clone());
        if written.len() >= answers.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let texts: Vec<&str> = written.iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["On its <way> & soon", "Quoted", "At home?"], "{written:?}");
    assert!(written.iter().all(|one| one["chat_id"].to_string().trim_matches('"') == "4711"), "{written:?}");
    assert!(written[1]["reply_parameters"]["message_id"].is_i64(), "{}", written[1]);
    assert_eq!(written[2]["reply_markup"]["inline_keyboard"].to_string().matches("callback_data").count(), 2);
    for id in ids {
        until("it is known to be sent", async || {
            let one = world.api.get(&format!("/v1/messages/{}", id.as_str().unwrap())).await.ok();
            if one["status"] == "sent" { Ok(()) } else { Err(one) }
        })
        .await;
    }
    hub.end().await;
}
