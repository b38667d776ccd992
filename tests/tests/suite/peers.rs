//! Our talk with providers, judged by their own or widely used libraries (`tests/python/peers.py`).

use std::process::Stdio;

use serde_json::{Value, json};
use tests::{
    fakes::{FakeTelegram, FakeTwilio},
    harness::{Hook, TestHub, World, hub::PUBLIC_URL, until},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::clients::{folder, python};

struct Peers {
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Peers {
    fn start() -> Self {
        let mut process = Command::new(python())
            .arg(folder("python").join("peers.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { questions: process.stdin.take().unwrap(), answers, _process: process }
    }

    async fn ask(&mut self, question: Value) -> Value {
        self.questions.write_all(format!("{question}\n").as_bytes()).await.unwrap();
        let answer = self.answers.next_line().await.unwrap();
        serde_json::from_str(&answer.unwrap_or_else(|| panic!("it fell over: {question}"))).unwrap()
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
