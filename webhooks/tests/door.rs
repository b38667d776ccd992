//! Webhooks through the door, on a real store: stored before they are answered, once, also when the store
//! is away.

use std::{str::FromStr, sync::Arc, time::Duration};

use bus::{Nudges, Store, store::StoreOptions};
use channels::{ChannelConfig, InboundDraft, Secrets, WebhookRequest, compose_inbound, compose_receipt};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use inbox::{
    Inbox, SecretBox, Settings,
    journal::{Journal, JournalOptions, Unverified},
};
use model::{AccountId, ChannelId, ChannelType, MessageId, SystemClock};
use serde_json::json;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, postgres::PgConnectOptions,
};
use tokio_util::sync::CancellationToken;
use webhooks::{Door, DoorOptions};

struct Stage {
    door: Door,
    journal: Journal,
    inbox: Inbox,
    config: ChannelConfig,
    server: PgConnectOptions,
    name: String,
    stop: CancellationToken,
    tasks: tokio::task::JoinHandle<()>,
    dir: tempfile::TempDir,
}

impl Stage {
    async fn new() -> Self {
        let url = std::env::var("TEST_DATABASE_URL").or_else(|_| std::env::var("DATABASE_URL"));
        let url = url.expect("TEST_DATABASE_URL or DATABASE_URL names a PostgreSQL server for tests");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let name = format!("webhooks_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let options = server.clone().database(&name);
        Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
        let limits = StoreOptions {
            app_connections: 4,
            system_connections: 3,
            acquire_timeout: Duration::from_millis(500),
            ..StoreOptions::default()
        };
        let store = Store::open(options, &limits, Nudges::default()).await.unwrap();
        let inbox = Inbox::new(
            store,
            Arc::new(SystemClock),
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
                link_life: Duration::from_hours(24),
            },
            channels::registry()
                .profiles()
                .map(|profile| ((profile.channel_type, profile.provider.clone()), profile.clone()))
                .collect(),
        );
        let dir = tempfile::tempdir().unwrap();
        let options = JournalOptions { dir: dir.path().into(), spool_max: 10 << 20, settle: Duration::ZERO };
        let (journal, tasks) = Journal::open(inbox.clone(), options).await.unwrap();
        let door = Door::new(inbox.clone(), journal.clone(), DoorOptions::default());
        let stop = CancellationToken::new();
        let tasks = tokio::spawn(tasks.run(Arc::new(door.clone()), stop.clone()));
        let credentials = json!({"signing_secret": "sandbox-signing-secret-0001"});
        let config = ChannelConfig {
            channel_id: ChannelId::new(),
            account_id: AccountId::new(),
            channel_type: ChannelType::Sms,
            provider: "sandbox".into(),
            credentials: Secrets::new(credentials.clone()),
            settings: json!({}),
            sender_name: None,
            default_country_code: None,
        };
        let stage = Self { door, journal, inbox, config, server, name, stop, tasks, dir };
        let (account, channel) = (stage.config.account_id, stage.config.channel_id);
        let sealed = stage.sealed(channel);
        stage
            .owner(format!(
                "INSERT INTO accounts (id, name, slug, created_at, updated_at)
                 VALUES ('{account}', 'A', '{account}', now(), now());
                 INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                       created_at, updated_at)
                 VALUES ('{channel}', '{account}', 'C', 'sms', 'sandbox', 'connected', '\\x{sealed}', now(), now())"
            ))
            .await;
        stage
    }

    /// The credentials as a channel's row holds them, in hexadecimal.
    fn sealed(&self, channel: ChannelId) -> String {
        let credentials = json!({"signing_secret": "sandbox-signing-secret-0001"});
        let sealed = self
            .inbox
            .secrets()
            .seal(&format!("channel:{channel}"), credentials.to_string().as_bytes())
            .unwrap();
        sealed.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// Webhooks that the spool has put aside.
    fn aside(&self) -> usize {
        let files = std::fs::read_dir(self.dir.path().join("spool")).unwrap().flatten();
        files.filter(|file| file.path().extension().is_some_and(|end| end == "aside")).count()
    }

    async fn owner(&self, sql: String) {
        let options = self.server.clone().database(&self.name);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    async fn server_wide(&self, sql: String) {
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    async fn count(&self, what: &str) -> i64 {
        let options = self.server.clone().database(&self.name);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let sql = format!("SELECT count(*) FROM {what}");
        connection.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
    }

    /// The texts that wait in the mailbox, in their order.
    async fn texts(&self) -> Vec<String> {
        let options = self.server.clone().database(&self.name);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let rows =
            connection.fetch_all("SELECT payload->>'text' FROM mailbox_items ORDER BY id").await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn write(&self, from: &str, text: &str) -> WebhookRequest {
        let draft = InboundDraft {
            external_id: Some(format!("{from}-{text}")),
            from: from.into(),
            display_name: None,
            text: text.into(),
            attachments: vec![],
            reply_to: None,
            thread_key: None,
            at: None,
            language: None,
        };
        self.request(compose_inbound(&self.config, &draft).unwrap())
    }

    fn request(&self, body: channels::SignedBody) -> WebhookRequest {
        let mut headers = HeaderMap::new();
        for (name, value) in body.headers {
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        let url = self.door.address(ChannelType::Sms, self.config.channel_id);
        WebhookRequest { method: Method::POST, url, headers, body: body.body }
    }

    async fn post(&self, request: WebhookRequest) -> StatusCode {
        self.door.receive("sms", &self.config.channel_id.to_string(), request).await.status
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.await.unwrap();
        self.inbox.store().close().await;
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name))).await.unwrap();
        drop(self.dir);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_with_ok_is_stored_and_the_rest_is_not() {
    let stage = Stage::new().await;
    let channel = stage.config.channel_id.to_string();
    assert_eq!(stage.post(stage.write("+2519", "hello\u{0}")).await, StatusCode::OK);
    let mut forged = stage.write("+2519", "forged");
    forged.body = stage.write("+2519", "other").body;
    assert_eq!(stage.post(forged).await, StatusCode::UNAUTHORIZED);
    let unknown = ChannelId::new().to_string();
    let status = |answer: webhooks::Answer| answer.status;
    assert_eq!(
        status(stage.door.receive("sms", &unknown, stage.write("1", "x")).await),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        status(stage.door.receive("email", &channel, stage.write("1", "x")).await),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        status(stage.door.receive("fax", &channel, stage.write("1", "x")).await),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        status(stage.door.receive("sms", "no-id", stage.write("1", "x")).await),
        StatusCode::NOT_FOUND
    );
    assert_eq!(stage.count("webhook_journal WHERE state = 'accepted'").await, 1);
    assert_eq!(stage.count("mailbox_items WHERE box = 'inbound' AND payload->>'sender' = '+2519'").await, 1);
    assert_eq!(stage.count("mailbox_keys").await, 1);
    // a large body lies in its row, where every node reads it
    let large = "x".repeat(300_000);
    assert_eq!(stage.post(stage.write("+2519", &large)).await, StatusCode::OK);
    assert_eq!(stage.count("webhook_journal WHERE length(body) > 300000 AND body_file IS NULL").await, 1);
    stage.owner("UPDATE channels SET is_enabled = false".into()).await;
    tokio::time::sleep(Duration::from_millis(3200)).await;
    assert_eq!(stage.post(stage.write("+2519", "disabled")).await, StatusCode::OK);
    assert_eq!(stage.count("webhook_journal WHERE state = 'ignored'").await, 1);
    assert_eq!(stage.count("mailbox_items").await, 2);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_share_transactions_and_keep_their_order() {
    let stage = Arc::new(Stage::new().await);
    let senders: Vec<_> = (0..20)
        .map(|sender| {
            let stage = Arc::clone(&stage);
            tokio::spawn(async move {
                for number in 0..10 {
                    let request = stage.write(&format!("+{sender}"), &format!("{number}"));
                    assert_eq!(stage.post(request).await, StatusCode::OK);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    assert_eq!(stage.count("mailbox_items").await, 200);
    let disorder =
        "(SELECT payload->>'text' AS text, row_number() OVER (PARTITION BY key ORDER BY id) - 1 AS n
                     FROM mailbox_items) i WHERE text <> n::text";
    assert_eq!(stage.count(disorder).await, 0);
    Arc::into_inner(stage).unwrap().end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_while_the_store_is_away_is_spooled_and_drained_in_order() {
    let stage = Stage::new().await;
    assert_eq!(stage.post(stage.write("+2519", "0")).await, StatusCode::OK);
    let (account, unreadable) = (stage.config.account_id, ChannelId::new());
    stage
        .owner(format!(
            "INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                   created_at, updated_at)
             VALUES ('{unreadable}', '{account}', 'D', 'sms', 'sandbox', 'connected', '\\x0102', now(), now())"
        ))
        .await;
    let name = stage.name.clone();
    stage
        .server_wide(format!(
            "ALTER DATABASE {name} ALLOW_CONNECTIONS false;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await;
    for number in 1..=5 {
        assert_eq!(stage.post(stage.write("+2519", &number.to_string())).await, StatusCode::OK);
    }
    assert_eq!(stage.journal.spooled(), 5);
    // of a channel that this node has never seen: believed later
    let stranger = ChannelId::new().to_string();
    let answer = stage.door.receive("sms", &stranger, stage.write("1", "forged")).await;
    assert_eq!(answer.status, StatusCode::OK);
    // one whose secrets cannot be opened holds nobody up
    let answer = stage.door.receive("sms", &unreadable.to_string(), stage.write("1", "aside")).await;
    assert_eq!(answer.status, StatusCode::OK);
    stage.server_wide(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    for number in 6..=8 {
        assert_eq!(stage.post(stage.write("+2519", &number.to_string())).await, StatusCode::OK);
    }
    for _ in 0..200 {
        if stage.journal.spooled() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.journal.spooled(), 0);
    assert_eq!(stage.count("webhook_journal").await, 9);
    assert_eq!(stage.aside(), 1);
    assert_eq!(stage.texts().await, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);

    // once its channel can be read again it follows; anything spooled makes the drain look, else it does so by itself
    let sealed = stage.sealed(unreadable);
    stage
        .owner(format!(
            "UPDATE channels SET credentials_sealed = '\\x{sealed}', version = version + 1 WHERE id = '{unreadable}'"
        ))
        .await;
    let nobody = Unverified {
        id: model::JournalId::new(),
        channel_type: ChannelType::Sms,
        channel_id: ChannelId::new(),
        received_at: stage.inbox.now(),
        method: "POST".into(),
        url: String::new(),
        headers: vec![],
        body: bytes::Bytes::new(),
    };
    stage.journal.accept_unverified(nobody).await.unwrap();
    for _ in 0..200 {
        if stage.aside() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.aside(), 0);
    assert_eq!(stage.texts().await.last().unwrap(), "aside");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_with_our_own_id_settles_an_unknown_message() {
    let stage = Stage::new().await;
    let (account, channel, message) = (stage.config.account_id, stage.config.channel_id, MessageId::new());
    stage
        .owner(format!(
            "INSERT INTO messages (id, account_id, channel_id, direction, status, sender_type, delivery_address,
                                   message_body, created_at, updated_at)
             VALUES ('{message}', '{account}', '{channel}', 'outbound', 'unknown', 'agent', '+2519', 'x', now(), now())"
        ))
        .await;
    let receipt = channels::Receipt {
        provider_message_id: "sb-1".into(),
        correlation: Some(message.to_string()),
        status: channels::ReceiptStatus::Delivered,
        at: None,
        error_code: None,
        error_message: None,
        facts: serde_json::Value::Null,
    };
    let body = compose_receipt(&stage.config, &receipt).unwrap();
    assert_eq!(stage.post(stage.request(body)).await, StatusCode::OK);
    for _ in 0..100 {
        if stage.count("messages WHERE status = 'delivered'").await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(stage.count("messages WHERE status = 'delivered' AND delivered_at IS NOT NULL").await, 1);
    assert_eq!(stage.count("provider_ids WHERE early_receipts IS NULL AND message_id IS NOT NULL").await, 1);
    stage.end().await;
}
