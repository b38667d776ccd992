//! A mailbox at a mail provider, from the customer's mail to the bounce: the servers and the checks are other people's
//! (`tests/python/mail.py`).

use std::{collections::VecDeque, process::Stdio};

use serde_json::{Value, json};
use tests::{
    fakes::FakeTokens,
    harness::{Agent, Socket, TestHub, World, until},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::clients::{folder, python};

/// A mail provider. It ends when its input does, and its IMAP server with it.
struct Provider {
    _process: Child,
    commands: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    mails: VecDeque<Value>,
    about: Value,
}

impl Provider {
    async fn start() -> Self {
        let mut process = Command::new(python())
            .arg(folder("python").join("mail.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let about = lines.next_line().await.unwrap().expect("the provider starts");
        let about = serde_json::from_str(&about).unwrap();
        Self {
            commands: process.stdin.take().unwrap(),
            _process: process,
            lines,
            mails: VecDeque::new(),
            about,
        }
    }

    async fn line(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().expect("the provider is there");
        serde_json::from_str(&line).unwrap()
    }

    async fn tell(&mut self, command: Value) {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.unwrap();
        loop {
            let line = self.line().await;
            if line["done"] == true {
                return;
            }
            self.mails.push_back(line);
        }
    }

    /// Puts a mail into the mailbox.
    async fn arrives(&mut self, mail: &str) {
        self.tell(json!({"append": mail.replace('\n', "\r\n")})).await;
    }

    /// The next mail that was handed over.
    async fn next(&mut self) -> Value {
        if let Some(mail) = self.mails.pop_front() {
            return mail;
        }
        let next = tokio::time::timeout(std::time::Duration::from_secs(20), self.line()).await;
        next.expect("a mail is sent")
    }
}

async fn channel(world: &World, provider: &Provider) -> String {
    let about = &provider.about;
    let new = json!({
        "name": "Support", "channel_type": "email",
        "credentials": {
            "smtp_host": "127.0.0.1", "smtp_port": about["smtp"], "smtp_username": about["user"],
            "smtp_password": about["password"], "imap_host": "127.0.0.1", "imap_port": about["imap"],
            "from_name": "Shop Ümläut", "dkim_private_key": about["dkim_private_key"],
        },
        "settings": {
            "imap_security": "none", "dkim_selector": "s1", "tls_ca": about["roots"], "plus_addressing": true,
        },
    });
    let mut wrong = new.clone();
    wrong["credentials"]["smtp_port"] = 0.into();
    wrong["credentials"]["smtp_password"] = Value::Null;
    wrong["settings"]["imap_folders"] = "INBOX".into();
    let refused = world.api.post("/v1/channels", wrong).await.fails(422, "validation_error").to_string();
    for field in ["credentials.smtp_port", "credentials.smtp_password", "settings.imap_folders"] {
        assert!(refused.contains(field), "{field}: {refused}");
    }
    let made = world.api.post("/v1/channels", new).await.created();
    let shown = made.to_string();
    assert!(
        !shown.contains("s3cret-mail-password") && !shown.contains("PRIVATE KEY"),
        "secrets are shown: {made}"
    );
    let id = made["id"].as_str().unwrap().to_owned();
    let verified = world.api.post(&format!("/v1/channels/{id}/verify"), json!({})).await.ok();
    assert_eq!(verified["status"], "connected", "{verified}");
    id
}

async fn reply(socket: &Socket, conversation: &str, text: &str) -> String {
    let id = uuid::Uuid::new_v4();
    let send = json!({"conversation_id": conversation, "client_message_id": id, "content": text});
    let sent = socket.done("message:send", send).await;
    sent["message"]["id"].as_str().expect("a message").to_owned()
}

async fn thread(agent: &Agent, conversation: &str) -> Vec<Value> {
    let thread = agent.api.get(&format!("/v1/conversations/{conversation}/messages")).await.ok();
    thread.as_array().cloned().unwrap_or_default()
}

async fn status(agent: &Agent, conversation: &str, message: &str, wanted: &str) -> Value {
    until(&format!("the answer is not {wanted}"), async || {
        match thread(agent, conversation).await.into_iter().find(|one| one["id"] == message) {
            Some(one) if one["status"] == wanted => Ok(one),
            other => Err(other),
        }
    })
    .await
}

const FIRST: &str = "From: Ada Lovelace <ada@y.test>\nTo: support@shop.example\nSubject: =?utf-8?Q?Where_is_it=3F?=\nMessage-ID: <m1@y.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nWhere is my parcel?\n--A\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"order.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQKJcTl8uXr\n--A--\n";

fn answer(name: &str, to: &str, headers: &str, text: &str) -> String {
    format!(
        "From: ada@y.test\nTo: {to}\nSubject: Re: Where is it?\nMessage-ID: <{name}@y.test>\n{headers}Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

#[tokio::test]
async fn from_the_customers_mail_to_the_bounce() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let mut provider = Provider::start().await;
    // it was there before the channel: nobody expects it to become a conversation
    provider.arrives(&FIRST.replace("m1@", "old@").replace("my parcel", "the old one")).await;
    let id = channel(&world, &provider).await;
    let actions = json!({"assign_strategy": "least_busy", "reply_text": "We will look into it."});
    world.rule("assign", 10, "new_conversation", json!({"only_first_message": true}), actions).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;
    until("the mailbox is not read", async || {
        let known = hub.count("SELECT count(*) FROM session_positions").await;
        if known == 1 { Ok(()) } else { Err(known) }
    })
    .await;

    provider.arrives(FIRST).await;
    let told = socket.wait("notification:assignment", |payload| payload["assignee_id"] == agent.id).await;
    let conversation = told.payload["conversation_id"].as_str().unwrap().to_owned();
    let _ = socket.done("conversation:join", json!({"conversation_id": conversation})).await;
    let first = until("the file is not there", async || {
        let first = thread(&agent, &conversation).await.into_iter().find(|one| one["direction"] == "inbound");
        match first {
            Some(first) if first["attachments"][0]["upload_id"].is_string() => Ok(first),
            other => Err(other),
        }
    })
    .await;
    assert_eq!(
        (&first["content"], &first["metadata"]["email"]["subject"]),
        (&json!("Where is my parcel?"), &json!("Where is it?"))
    );
    assert_eq!(
        (&first["attachments"][0]["filename"], &first["attachments"][0]["mime_type"]),
        (&json!("order.pdf"), &json!("application/pdf"))
    );

    // the bot's answer says that it is one
    let by_bot = provider.next().await;
    assert_eq!(
        (&by_bot["headers"]["auto-submitted"], &by_bot["tls"]),
        (&json!("auto-replied"), &json!(true)),
        "{by_bot}"
    );

    // a person's answer: in the thread, signed, with an address for the answer to it
    let message = reply(&socket, &conversation, "It is on its way — grüße ☺\n.with a dot").await;
    let sent = provider.next().await;
    status(&agent, &conversation, &message, "sent").await;
    assert_eq!(
        (&sent["sender"], &sent["recipients"]),
        (&json!("support@shop.example"), &json!(["ada@y.test"]))
    );
    assert_eq!((&sent["dkim"], &sent["tampered"]), (&json!(true), &json!(false)), "{sent}");
    let headers = &sent["headers"];
    assert_eq!(
        (&headers["subject"], &headers["in-reply-to"]),
        (&json!("Re: Where is it?"), &json!("<m1@y.test>"))
    );
    assert_eq!(headers["from"], "Shop Ümläut <support@shop.example>");
    assert!(headers["auto-submitted"].is_null() && headers["list-unsubscribe"].is_null());
    assert!(sent["text"].as_str().unwrap().contains("It is on its way — grüße ☺\n.with a dot"), "{sent}");
    assert!(sent["html"].as_str().unwrap().contains("grüße ☺<br>"));
    let our_id = headers["message-id"].as_str().unwrap();
    let reply_to = headers["reply-to"].as_str().unwrap();

    // answers find the thread by what they refer to, and by the address alone
    let by_reference = format!("In-Reply-To: {our_id}\nReferences: <m1@y.test> {our_id}\n");
    let quoted = "Thank you\n\nOn Mon, Nov 2, 2026 at 10:00 AM Support <support@shop.example> wrote:\n> It is on its way";
    provider.arrives(&answer("m2", "support@shop.example", &by_reference, quoted)).await;
    let arrived = socket.wait("conversation:message", |payload| payload["content"] == "Thank you").await;
    assert_eq!(arrived.payload["conversation_id"], conversation);
    provider.arrives(&answer("m3", reply_to, "", "By address")).await;
    let arrived = socket.wait("conversation:message", |payload| payload["content"] == "By address").await;
    assert_eq!(arrived.payload["conversation_id"], conversation);

    // what comes twice is one message, also after the hub was away
    provider.arrives(&answer("m3", reply_to, "", "By address")).await;
    provider.arrives(&answer("m4", reply_to, "", "Last one")).await;
    socket.wait("conversation:message", |payload| payload["content"] == "Last one").await;
    let same =
        thread(&agent, &conversation).await.iter().filter(|one| one["content"] == "By address").count();
    assert_eq!(same, 1);

    // refused for good
    provider.tell(json!({"answers": {"RCPT": "550 5.7.1 Not wanted"}})).await;
    let refused = reply(&socket, &conversation, "refused").await;
    let failed = status(&agent, &conversation, &refused, "failed").await;
    assert!(failed.to_string().contains("550 5.7.1"), "{failed}");
    provider.tell(json!({"answers": {}})).await;

    // it comes back: the message has failed, and the address gets no bulk messages any more
    let last = reply(&socket, &conversation, "comes back").await;
    let sent = provider.next().await;
    status(&agent, &conversation, &last, "sent").await;
    let bounce = format!(
        "From: MAILER-DAEMON@mx.y.test\nTo: support@shop.example\nSubject: Undelivered\nMessage-ID: <dsn1@mx.y.test>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\nContent-Type: text/plain\n\nSorry\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.y.test\n\nFinal-Recipient: rfc822; ada@y.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user\n\n--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {}\nTo: ada@y.test\n\n--B--\n",
        sent["headers"]["message-id"].as_str().unwrap()
    );
    provider.arrives(&bounce).await;
    let failed = status(&agent, &conversation, &last, "failed").await;
    assert!(failed.to_string().contains("No such user"), "{failed}");
    let suppressed = until("the address is not suppressed", async || {
        let all = world.api.get("/v1/suppressions").await.ok();
        if all.as_array().is_some_and(|all| all.len() == 1) { Ok(all) } else { Err(all) }
    })
    .await;
    assert_eq!(
        (&suppressed[0]["address"], &suppressed[0]["reason"]),
        (&json!("ada@y.test"), &json!("bounce"))
    );

    // an outcome that nobody knows is told as such
    provider.tell(json!({"answers": {"DATA": "cut"}})).await;
    let unsure = reply(&socket, &conversation, "unsure").await;
    assert_eq!(provider.next().await["text"].as_str().unwrap().trim(), "unsure");
    status(&agent, &conversation, &unsure, "unknown").await;

    // nothing of it made a second conversation, and the old mail none at all
    let all = world.api.get("/v1/conversations").await.ok();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    let health = world.api.get(&format!("/v1/channels/{id}/health")).await.ok();
    assert!(!health.to_string().contains("s3cret"), "{health}");
    hub.end().await;
}

#[tokio::test]
async fn a_kill_loses_no_mail_and_whoever_leaves_a_list_still_gets_answers() {
    let mut hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let mut provider = Provider::start().await;
    let id = channel(&world, &provider).await;
    until("the mailbox is not read", async || {
        let known = hub.count("SELECT count(*) FROM session_positions").await;
        if known == 1 { Ok(()) } else { Err(known) }
    })
    .await;
    let write = |name: &str, headers: &str| {
        format!(
            "From: eve@z.test\nTo: support@shop.example\nSubject: Hi\nMessage-ID: <{name}@z.test>\n{headers}\n{name}\n"
        )
    };
    provider.arrives(&write("one", "")).await;
    until("it is not there", async || {
        let texts = hub_inbound(&world).await;
        if texts == ["one"] { Ok(()) } else { Err(texts) }
    })
    .await;

    hub.kill();
    provider.arrives(&write("two", "References: <one@z.test>\n")).await;
    provider.arrives(&write("one", "")).await;
    hub.spawn().await;
    until("what came meanwhile is not there", async || {
        let texts = hub_inbound(&world).await;
        if texts == ["one", "two"] { Ok(()) } else { Err(texts) }
    })
    .await;

    let group = world.api.post("/v1/groups", json!({"name": "news"})).await.created();
    let group = group["id"].as_str().unwrap();
    let eve = world.api.get("/v1/contacts?filter=email:eq:eve@z.test").await.ok();
    let member = json!({"contact_ids": [eve[0]["id"]]});
    let _ = world.api.post(&format!("/v1/groups/{group}/contacts"), member).await;
    let news =
        json!({"message_body": "News", "channel_id": id, "status": "queued", "contact_group_ids": [group]});
    world.api.post("/v1/group-messages", news).await.created();
    let sent = provider.next().await;
    let headers = &sent["headers"];
    assert_eq!((&headers["precedence"], &sent["dkim"]), (&json!("bulk"), &json!(true)), "{sent}");
    assert_eq!(headers["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
    let links = headers["list-unsubscribe"].as_str().unwrap();
    let link = links.trim_start_matches('<').split('>').next().unwrap();
    let link = link.replace("https://hub.test.example", &hub.url());
    let http = reqwest::Client::new();
    let page = http.get(&link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("eve@z.test"));
    let suppressions = async || world.api.get("/v1/suppressions").await.ok().as_array().map(Vec::len);
    assert_eq!(suppressions().await, Some(0), "looking at the page is not leaving");
    let forged = http.post(format!("{link}x")).body("List-Unsubscribe=One-Click").send().await.unwrap();
    assert_eq!(forged.status(), 401);
    // whoever leaves has left, also while the channel is switched off
    let path = format!("/v1/channels/{id}");
    let _ = world.api.patch(&path, json!({"is_enabled": false})).await.ok();
    let left = http.post(&link).body("List-Unsubscribe=One-Click").send().await.unwrap();
    assert_eq!(left.status(), 200);
    until("she is still on the list", async || match suppressions().await {
        Some(1) => Ok(()),
        other => Err(other),
    })
    .await;
    let _ = world.api.patch(&path, json!({"is_enabled": true})).await.ok();
    let conversation = world.api.get("/v1/conversations").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let answer = json!({"content": "Still an answer"});
    world.api.post(&format!("/v1/conversations/{conversation}/messages"), answer).await.created();
    assert_eq!(provider.next().await["text"].as_str().unwrap().trim(), "Still an answer");
    hub.end().await;
}

/// What customers wrote, in the order of the alphabet.
async fn hub_inbound(world: &World) -> Vec<String> {
    let mut texts = Vec::new();
    let conversations = world.api.get("/v1/conversations").await.ok();
    for conversation in conversations.as_array().into_iter().flatten() {
        let path = format!("/v1/conversations/{}/messages", conversation["id"].as_str().unwrap_or_default());
        let thread = world.api.get(&path).await.ok();
        let inbound = thread.as_array().into_iter().flatten().filter(|one| one["direction"] == "inbound");
        texts.extend(inbound.filter_map(|one| one["content"].as_str().map(str::to_owned)));
    }
    texts.sort();
    texts
}

/// A mailbox that takes access tokens only, at servers that are not Google's.
fn by_token(provider: &Provider, tokens: &FakeTokens) -> Value {
    let about = &provider.about;
    json!({
        "name": "Workspace", "channel_type": "email", "provider": "google",
        "credentials": {
            "from_email": about["user"], "client_id": "client-1", "client_secret": "s3cret-of-the-client",
            "refresh_token": "s3cret-refresh-token", "smtp_host": "127.0.0.1", "smtp_port": about["smtp"],
            "imap_host": "127.0.0.1", "imap_port": about["imap"],
        },
        "settings": {"imap_security": "none", "tls_ca": about["roots"], "token_url": format!("{}/token", tokens.url())},
    })
}

#[tokio::test]
async fn a_mailbox_without_passwords_signs_in_by_access_tokens() {
    let mut hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let mut provider = Provider::start().await;
    let tokens = FakeTokens::giving("access-1").await;
    provider.tell(json!({"tokens": ["access-1"]})).await;

    let mut wrong = by_token(&provider, &tokens);
    wrong["credentials"]["refresh_token"] = Value::Null;
    wrong["credentials"]["smtp_password"] = "x".into();
    wrong["settings"]["token_url"] = "ftp://x".into();
    let refused = world.api.post("/v1/channels", wrong).await.fails(422, "validation_error").to_string();
    for field in ["credentials.refresh_token", "credentials.smtp_password", "settings.token_url"] {
        assert!(refused.contains(field), "{field}: {refused}");
    }
    assert_eq!(tokens.asked().len(), 0);

    let made = world.api.post("/v1/channels", by_token(&provider, &tokens)).await.created();
    assert_eq!(made["status"], "connected", "{made}");
    assert!(!made.to_string().contains("s3cret"), "secrets are shown: {made}");
    let path = format!("/v1/channels/{}", made["id"].as_str().unwrap());
    let asked = tokens.asked();
    let field = |name: &str| asked[0].field(name).unwrap_or_default();
    assert_eq!(
        [field("grant_type"), field("client_id"), field("client_secret"), field("refresh_token")],
        ["refresh_token", "client-1", "s3cret-of-the-client", "s3cret-refresh-token"]
    );

    // what this process knew is gone; the token is in the store
    hub.kill();
    hub.spawn().await;
    let verified = world.api.post(&format!("{path}/verify"), json!({})).await.ok();
    assert_eq!(verified["status"], "connected", "{verified}");
    assert_eq!(tokens.asked().len(), 1, "the token is kept until shortly before its end");

    // it receives and sends
    let actions = json!({"assign_strategy": "least_busy"});
    world.rule("assign", 10, "new_conversation", json!({"only_first_message": true}), actions).await;
    let agent = world.agent("ada", 5).await;
    let socket = agent.online().await;
    until("the mailbox is not read", async || {
        let known = hub.count("SELECT count(*) FROM session_positions").await;
        if known == 1 { Ok(()) } else { Err(known) }
    })
    .await;
    provider.arrives(FIRST).await;
    let told = socket.wait("notification:assignment", |payload| payload["assignee_id"] == agent.id).await;
    let conversation = told.payload["conversation_id"].as_str().unwrap().to_owned();
    let first = reply(&socket, &conversation, "It is on its way").await;
    assert_eq!(provider.next().await["sender"], "support@shop.example");
    status(&agent, &conversation, &first, "sent").await;

    // one that was taken back before its end is replaced, and the mail goes out
    tokens.give("access-2");
    provider.tell(json!({"tokens": ["access-2"]})).await;
    let second = reply(&socket, &conversation, "It has left").await;
    assert_eq!(provider.next().await["text"].as_str().unwrap().trim(), "It has left");
    status(&agent, &conversation, &second, "sent").await;
    assert_eq!(tokens.asked().len(), 2);

    // the mailbox has withdrawn its consent
    tokens.refuse(
        400,
        json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}),
    );
    provider.tell(json!({"tokens": []})).await;
    let third = reply(&socket, &conversation, "Nobody gets this").await;
    let failed = status(&agent, &conversation, &third, "failed").await;
    assert!(failed.to_string().contains("invalid_grant"), "{failed}");
    let stands = until("the channel stands well", async || {
        let channel = world.api.get(&path).await.ok();
        if channel["status"] == "error" { Ok(channel) } else { Err(channel) }
    })
    .await;
    let said = stands["error_message"].as_str().unwrap();
    assert!(said.contains("takes the refresh token no more") && said.contains("revoked"), "{said}");

    // a new consent mends it
    tokens.give("access-3");
    provider.tell(json!({"tokens": ["access-3"]})).await;
    let renewed = json!({"credentials": {"refresh_token": "another-s3cret-refresh-token"}});
    let mended = world.api.patch(&path, renewed).await.ok();
    assert_eq!(mended["status"], "connected", "{mended}");
    let last = tokens.asked().pop().unwrap();
    assert_eq!(last.field("refresh_token").as_deref(), Some("another-s3cret-refresh-token"));
    assert!(!hub.log().contains("s3cret") && !hub.log().contains("access-3"), "secrets are in the log");
    hub.end().await;
}
