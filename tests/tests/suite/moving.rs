//! `turumba move`: from the private database to one of the operator's, whole, however often it is cut.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use tests::harness::{TestHub, World, database::Database};

async fn count(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

fn refused(hub: &TestHub, arguments: &[&str], words: &[&str]) {
    let output = tokio::task::block_in_place(|| hub.run(arguments));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "turumba {arguments:?} was not refused");
    for word in words {
        assert!(said.contains(word), "{word:?} is not named: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_along_and_the_source_is_sealed() {
    let mut hub = TestHub::start_embedded(&[]).await;
    let world = World::new(&hub).await;
    world
        .rule(
            "greet",
            10,
            "new_conversation",
            json!({"only_first_message": true}),
            json!({"reply_text": "Welcome!"}),
        )
        .await;
    let channel = world.sandbox("sms", json!({})).await;
    for n in 0..30 {
        channel.post(&channel.sandbox(&format!("+2519110000{:02}", n % 10), &format!("message {n}"))).await;
    }
    let mail = world.postmark().await;
    mail.post(&mail.postmark("ada@y.test", "with a large file", &vec![7; 1 << 20])).await;
    hub.drained().await;
    let agent = world.agent("ann", 5).await;
    let socket = agent.online().await;
    channel.post(&channel.sandbox("+251911000000", "one more")).await;
    socket.wait("conversation:updated", |_| true).await;
    hub.drained().await;
    let memory = std::sync::Arc::clone(socket.memory());
    let known = memory.events().len();
    drop(socket);

    let target = Database::empty().await;
    let url = target.url();
    refused(&hub, &["move", "--to", &url], &["in use by another hub"]);
    let before: i64 = hub.count("SELECT count(*) FROM messages").await;
    let position: i64 = hub.count("SELECT last_value FROM event_position").await;
    hub.stop();
    refused(&hub, &["move", "--to", "mysql://h/d"], &["--to", "postgres://"]);
    let full = Database::make().await;
    refused(&hub, &["move", "--to", &full.url()], &["is not empty", "CREATE DATABASE"]);
    full.drop_it().await;

    // cut at many moments
    for after in [0, 150, 300, 500, 700, 900, 1200, 1600] {
        let mut cut = hub.begin(&["move", "--to", &url]);
        tokio::time::sleep(Duration::from_millis(after)).await;
        // it may have ended
        let _gone = cut.kill();
        cut.wait().unwrap();
        if hub.data_dir().join("moved.json").exists() {
            refused(&hub, &["serve"], &["move"]);
        }
    }
    let moved = tokio::task::block_in_place(|| hub.cli(&["move", "--to", &url]));
    assert_eq!(moved["moved"]["rows"]["messages"], before, "{moved}");
    assert!(moved["next"].to_string().contains("secret.key"), "{moved}");
    assert!(!moved.to_string().contains("password="), "{moved}");

    // the source is sealed, and says where everything went
    let named: Value =
        serde_json::from_str(&std::fs::read_to_string(hub.data_dir().join("moved.json")).unwrap()).unwrap();
    refused(&hub, &["serve"], &["was moved to", named["to"].as_str().unwrap(), "secret.key"]);
    refused(&hub, &["move", "--give-up"], &["has ended"]);
    let again = tokio::task::block_in_place(|| hub.cli(&["move", "--to", &url]));
    assert_eq!(again["moved"], moved["moved"], "asked again it says the same");

    let mut there = target.options().connect().await.unwrap();
    assert_eq!(count(&mut there, "SELECT count(*) FROM messages").await, before);
    assert_eq!(count(&mut there, "SELECT last_value FROM event_position").await, position);
    let large = "SELECT count(*) FROM webhook_journal WHERE length(body) > 1000000";
    assert_eq!(count(&mut there, large).await, 1, "large bodies, too");
    let fenced = "SELECT count(*) FROM pg_class WHERE relforcerowsecurity AND relkind IN ('r', 'p')";
    assert!(count(&mut there, fenced).await > 30, "the fences between tenants are up");
    let references = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0";
    assert!(count(&mut there, references).await > 10, "references are checked again");
    assert_eq!(count(&mut there, "SELECT count(*) FROM pg_class WHERE relname = 'turumba_move'").await, 0);
    there.close().await.unwrap();

    // the same life goes on: sockets resume, numbers follow, secrets can be read
    hub.set("DATABASE_URL", &url);
    hub.spawn().await;
    let resumed = agent.resume(memory.clone(), || json!({})).await;
    assert!(!memory.events()[known..].iter().any(|event| event.name == "reset"), "{:?}", memory.events());
    channel.post(&channel.sandbox("+251911000099", "after the move")).await;
    resumed.wait("conversation:new", |_| true).await;
    drop(resumed);
    let mut there = target.options().connect().await.unwrap();
    tests::harness::until("the greeting is missing", async || {
        let found = count(&mut there, "SELECT count(*) FROM messages").await;
        if found == before + 2 { Ok(()) } else { Err(found) }
    })
    .await;
    there.close().await.unwrap();
    hub.discard().await;
    target.drop_it().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_may_be_called_off_and_its_target_is_not_used() {
    let mut hub = TestHub::start_embedded(&[]).await;
    let world = World::new(&hub).await;
    let _channel = world.sandbox("sms", json!({})).await;
    hub.stop();
    let target = Database::empty().await;
    // as if it had been cut after the first steps
    let mut there = target.options().connect().await.unwrap();
    there
        .execute(
            "CREATE TABLE turumba_move (source text NOT NULL, begun_at timestamptz, filled_at timestamptz); \
                  INSERT INTO turumba_move VALUES ('another', now(), NULL)",
        )
        .await
        .unwrap();
    there.close().await.unwrap();
    refused(&hub, &["move", "--to", &target.url()], &["unfinished move of another database"]);
    refused(&hub, &["move", "--give-up"], &["no move was begun"]);
    std::fs::write(hub.data_dir().join("moved.json"), r#"{"state": "moving", "to": "postgres://h:1/d"}"#)
        .unwrap();
    refused(&hub, &["serve"], &["being moved to postgres://h:1/d", "--give-up"]);
    refused(&hub, &["move", "--to", &target.url()], &["on its way to postgres://h:1/d"]);
    let given_up = hub.cli(&["move", "--give-up"]);
    assert_eq!(given_up["given_up"], "postgres://h:1/d");
    hub.spawn().await;
    hub.stop();
    // what was begun there is no hub's database
    hub.set("DATABASE_URL", &target.url());
    refused(&hub, &["serve"], &["a move into this database has not ended"]);
    target.drop_it().await;
}
