//! Answers on their way to the sandbox, on a real store: sent once, tried again, shown as unknown.

use std::{str::FromStr, sync::Arc, time::Duration};

use bus::{
    Nudges, Store,
    mailbox::{self, BoxName, KeyRef, NewItem},
    store::StoreOptions,
};
use channels::{Behaviour, SandboxSwitch};
use dispatch::{Dispatch, DispatchOptions};
use inbox::{Inbox, SecretBox, Settings, receipts};
use model::{AccountId, ChannelId, ContactId, ConversationId, MessageId, SystemClock};
use outbound::{AllowList, Client, Timeouts};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, postgres::PgConnectOptions,
};
use tokio_util::sync::CancellationToken;

struct Stage {
    inbox: Inbox,
    sandbox: SandboxSwitch,
    account: AccountId,
    channel: ChannelId,
    server: PgConnectOptions,
    name: String,
    stop: CancellationToken,
}

impl Stage {
    async fn new(behaviour: Behaviour) -> Self {
        let url = std::env::var("TEST_DATABASE_URL").or_else(|_| std::env::var("DATABASE_URL"));
        let url = url.expect("TEST_DATABASE_URL or DATABASE_URL names a PostgreSQL server for tests");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let name = format!("dispatch_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let options = server.clone().database(&name);
        Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
        let limits = StoreOptions { app_connections: 6, system_connections: 3, ..StoreOptions::default() };
        let store = Store::open(options, &limits, Nudges::default()).await.unwrap();
        let clock = Arc::new(SystemClock);
        let inbox = Inbox::new(
            store,
            clock.clone(),
            SecretBox::new([7; 32]).unwrap(),
            Settings {
                public_url: "http://localhost:8080".into(),
                upload_max: 10_000_000,
                reply_max_age: Duration::from_mins(15),
                offline_requeue: Duration::from_mins(1),
                access_token: Duration::from_mins(15),
                refresh_token: Duration::from_mins(15),
                visitor_token: Duration::from_hours(1),
                upload_expires: Duration::from_hours(1),
            },
            channels::registry()
                .profiles()
                .map(|profile| ((profile.channel_type, profile.provider.clone()), profile.clone()))
                .collect(),
        );
        let sandbox = SandboxSwitch::new(clock);
        let (account, channel) = (AccountId::new(), ChannelId::new());
        sandbox.tell(channel, Some(behaviour));
        let stage = Self { inbox, sandbox, account, channel, server, name, stop: CancellationToken::new() };
        let sealed = stage
            .inbox
            .secrets()
            .seal(&format!("channel:{channel}"), br#"{"signing_secret":"sandbox-signing-secret-0001"}"#)
            .unwrap();
        stage
            .owner(format!(
                "INSERT INTO accounts (id, name, slug, created_at, updated_at)
                 VALUES ('{account}', 'A', '{account}', now(), now());
                 INSERT INTO feeds (account_id) VALUES ('{account}');
                 INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                       created_at, updated_at)
                 VALUES ('{channel}', '{account}', 'C', 'sms', 'sandbox', 'connected', '\\x{}', now(), now())",
                hex(&sealed)
            ))
            .await;
        stage
    }

    async fn owner(&self, sql: String) {
        self.connect().await.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect_with(&self.server.clone().database(&self.name)).await.unwrap()
    }

    fn start(&self, options: DispatchOptions) -> tokio::task::JoinHandle<()> {
        let http = Client::new(AllowList::default(), Timeouts::default()).unwrap();
        let engine = Dispatch::new(self.inbox.clone(), http, self.sandbox.clone(), options);
        tokio::spawn(engine.run(self.stop.clone()))
    }

    async fn conversation(&self) -> ConversationId {
        let (account, channel, id, contact) =
            (self.account, self.channel, ConversationId::new(), ContactId::new());
        self.owner(format!(
            "INSERT INTO contacts (id, account_id, created_at, updated_at) VALUES ('{contact}', '{account}', now(), now());
             INSERT INTO conversations (id, account_id, channel_id, channel_type, contact_id, contact_identifier,
                                        thread_key, created_at, updated_at)
             VALUES ('{id}', '{account}', '{channel}', 'sms', '{contact}', '+251911', '{id}', now(), now())"
        ))
        .await;
        id
    }

    async fn say(&self, conversation: ConversationId, text: &str) -> MessageId {
        let (account, channel, id) = (self.account, self.channel, MessageId::new());
        self.owner(format!(
            "INSERT INTO messages (id, account_id, channel_id, conversation_id, direction, status, sender_type,
                                   delivery_address, message_body, created_at, updated_at)
             VALUES ('{id}', '{account}', '{channel}', '{conversation}', 'outbound', 'queued', 'agent',
                     '+251911', '{text}', now(), now())"
        ))
        .await;
        let item = NewItem {
            key: KeyRef { account_id: account, key: conversation.to_string() },
            ref_id: id.uuid(),
            payload: None,
            not_before: None,
        };
        let item = &item;
        self.inbox
            .store()
            .write(account, |mut tx| async move {
                mailbox::put(&mut tx, BoxName::Reply, std::slice::from_ref(item)).await
            })
            .await
            .unwrap();
        id
    }

    async fn status(&self, id: MessageId) -> String {
        let sql = format!("SELECT status FROM messages WHERE id = '{id}'");
        self.connect().await.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
    }

    async fn count(&self, what: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {what}");
        self.connect().await.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
    }

    async fn until(&self, what: &str, count: i64) {
        for _ in 0..400 {
            if self.count(what).await == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {} instead of {count}", self.count(what).await);
    }

    async fn end(self, engine: tokio::task::JoinHandle<()>) {
        self.stop.cancel();
        engine.await.unwrap();
        self.inbox.store().close().await;
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name))).await.unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn quiet() -> Behaviour {
    Behaviour { receipts: vec![], ..Behaviour::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_leave_once_and_in_order() {
    let stage = Stage::new(quiet()).await;
    let conversations = [stage.conversation().await, stage.conversation().await];
    let engine = stage.start(DispatchOptions::default());
    for number in 0..6 {
        for conversation in conversations {
            stage.say(conversation, &format!("{number}")).await;
        }
    }
    stage.until("messages WHERE status = 'sent'", 12).await;
    let sent = stage.sandbox.sent(stage.channel, 0, 100);
    for conversation in conversations {
        let thread = conversation.to_string();
        let texts: Vec<&str> = sent
            .iter()
            .filter(|message| message.thread_key.as_deref() == Some(&thread))
            .map(|message| message.text.as_str())
            .collect();
        assert_eq!(texts, ["0", "1", "2", "3", "4", "5"]);
    }
    assert_eq!(stage.count("mailbox_items").await, 0);
    assert_eq!(stage.count("attempts WHERE outcome = 'accepted' AND ended_at IS NOT NULL").await, 12);
    assert_eq!(
        stage.count("events WHERE kind = 'message_status_changed' AND thread_seq IS NOT NULL").await,
        12
    );
    assert_eq!(stage.count("provider_ids WHERE direction = 'outbound' AND message_id IS NOT NULL").await, 12);
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_sent_is_tried_again_and_what_was_refused_is_not() {
    let stage = Stage::new(Behaviour { fail_before_write: 1.0, ..quiet() }).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    let id = stage.say(conversation, "again").await;
    stage.until("attempts WHERE outcome = 'unavailable'", 1).await;
    assert_eq!(stage.status(id).await, "queued");
    stage.sandbox.tell(stage.channel, Some(quiet()));
    stage.until("messages WHERE status = 'sent'", 1).await;
    assert_eq!(stage.count("attempts").await, 2);
    stage.sandbox.tell(stage.channel, Some(Behaviour { fail_status: 1.0, fail_status_code: 401, ..quiet() }));
    let refused = stage.say(conversation, "refused").await;
    stage.until("messages WHERE status = 'failed'", 1).await;
    assert_eq!(stage.status(refused).await, "failed");
    assert_eq!(stage.count("channels WHERE status = 'error' AND error_message IS NOT NULL").await, 1);
    assert_eq!(stage.count("mailbox_items").await, 0);
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_was_lost_is_asked_for_or_stays_unknown() {
    let cut = Behaviour { cut_after_write: 1.0, keep_cut: 1.0, answers_look_up: false, ..quiet() };
    let stage = Stage::new(cut.clone()).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    let unknown = stage.say(conversation, "unknown").await;
    stage.until("messages WHERE status = 'unknown'", 1).await;
    // later ones are not held up by it, and the provider's answer settles them
    stage.sandbox.tell(stage.channel, Some(Behaviour { answers_look_up: true, ..cut.clone() }));
    let found = stage.say(conversation, "found").await;
    stage.until("messages WHERE status = 'sent'", 1).await;
    assert_eq!(stage.status(found).await, "sent");
    assert_eq!(stage.status(unknown).await, "unknown");
    // asked again once its time has come
    stage.owner("UPDATE mailbox_items SET not_before = now()".into()).await;
    stage.until("messages WHERE status = 'sent'", 2).await;
    // one that was lost for good is proved unsent and sent anew
    stage.sandbox.tell(stage.channel, Some(Behaviour { keep_cut: 0.0, answers_look_up: true, ..cut }));
    stage.say(conversation, "lost").await;
    stage.until("attempts WHERE outcome = 'not_sent'", 1).await;
    stage.sandbox.tell(stage.channel, Some(quiet()));
    stage.until("messages WHERE status = 'sent'", 3).await;
    let texts: Vec<String> =
        stage.sandbox.sent(stage.channel, 0, 100).into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["unknown", "found", "lost"], "nothing twice");
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_left_open_by_a_crash_is_never_sent_again_by_itself() {
    let stage = Stage::new(Behaviour { answers_look_up: false, ..quiet() }).await;
    let conversation = stage.conversation().await;
    let id = stage.say(conversation, "once").await;
    let (account, channel) = (stage.account, stage.channel);
    stage
        .owner(format!(
            "UPDATE messages SET status = 'sending', attempts = 1;
             UPDATE mailbox_keys SET token = 5, leased_until = now() + interval '90 seconds';
             INSERT INTO attempts (id, account_id, message_id, channel_id, number, token, started_at)
             VALUES (gen_random_uuid(), '{account}', '{id}', '{channel}', 1, 5, now())"
        ))
        .await;
    let engine = stage.start(DispatchOptions { is_only_node: true, ..DispatchOptions::default() });
    stage.until("messages WHERE status = 'unknown'", 1).await;
    assert_eq!(stage.sandbox.taken(stage.channel), 0);
    assert_eq!(stage.count("attempts WHERE outcome = 'unknown' AND ended_at IS NOT NULL").await, 1);
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_may_come_before_the_answer_or_after_it() {
    let stage = Stage::new(Behaviour { delay_ms: 300, ..quiet() }).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    stage.say(conversation, "one").await;
    stage.until("messages WHERE status = 'sent'", 1).await;
    let (account, channel) = (stage.account, stage.channel);
    stage
        .owner(
            "UPDATE provider_ids SET early_receipts =
                 '[{\"provider_message_id\": \"x\", \"status\": \"delivered\"}, {\"provider_message_id\": \"x\", \"status\": \"sent\"}]'"
                .into(),
        )
        .await;
    assert_eq!(receipts::apply_due(&stage.inbox).await.unwrap(), 1);
    stage.until("messages WHERE status = 'delivered' AND delivered_at IS NOT NULL", 1).await;
    assert_eq!(receipts::apply_due(&stage.inbox).await.unwrap(), 0);
    // the next id of the sandbox is not known yet when its receipt comes
    let first: String =
        stage.connect().await.fetch_one("SELECT provider_message_id FROM provider_ids").await.unwrap().get(0);
    stage.say(conversation, "two").await;
    stage.until("messages WHERE status = 'sending'", 1).await;
    for _ in 0..100 {
        if stage.sandbox.taken(channel) == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let second = stage.sandbox.sent(channel, 1, 1)[0].provider_message_id.clone();
    assert_ne!(first, second);
    stage
        .owner(format!(
            "INSERT INTO provider_ids (channel_id, direction, provider_message_id, account_id, early_receipts, created_at)
             VALUES ('{channel}', 'outbound', '{second}', '{account}',
                     '[{{\"provider_message_id\": \"{second}\", \"status\": \"delivered\"}}]', now())
             ON CONFLICT (channel_id, direction, provider_message_id) DO UPDATE SET early_receipts = excluded.early_receipts"
        ))
        .await;
    receipts::apply_due(&stage.inbox).await.unwrap();
    stage.until("messages WHERE status = 'delivered'", 2).await;
    receipts::apply_due(&stage.inbox).await.unwrap();
    assert_eq!(stage.count("provider_ids WHERE early_receipts IS NOT NULL").await, 0);
    stage.end(engine).await;
}
