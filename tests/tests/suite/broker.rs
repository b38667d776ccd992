//! The whole hub with RabbitMQ, which is killed, frozen and comes back while customers write.

use std::time::Duration;

use serde_json::json;
use tests::harness::{Channel, Rabbit, TestHub, World, until};

/// So many new customers write; each has to be greeted by the bot, once.
async fn write(channel: &Channel, from: i64, count: i64) {
    for n in from..from + count {
        channel.post(&channel.sandbox(&format!("+2519110{n:05}"), "hello")).await;
    }
}

async fn greeted(hub: &TestHub, customers: i64) {
    until("everybody is greeted once", async || {
        let greetings = hub.count("SELECT count(*) FROM messages WHERE sender_type = 'bot'").await;
        if greetings == customers { Ok(()) } else { Err(greetings) }
    })
    .await;
    let twice = "SELECT count(*) FROM (SELECT conversation_id FROM messages WHERE sender_type = 'bot'
                 GROUP BY conversation_id HAVING count(*) > 1) twice";
    assert_eq!(hub.count(twice).await, 0);
}

/// Waits until the hub takes pointers from the broker.
async fn consumed(rabbit: &Rabbit) {
    until("the hub takes nothing from the broker", async || {
        let listed = tokio::task::block_in_place(|| rabbit.ctl(&["list_queues", "name", "consumers"]));
        let is_consumed = listed.lines().any(|line| line.starts_with("conversation.bot_router\t1"));
        if is_consumed { Ok(()) } else { Err(listed) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_goes_on_without_the_broker_and_with_it_again() {
    let mut rabbit = tokio::task::block_in_place(Rabbit::start);
    let hub = TestHub::start_with(&[("AMQP_URL", &rabbit.url())]).await;
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
    write(&channel, 0, 20).await;
    greeted(&hub, 20).await;
    consumed(&rabbit).await;

    rabbit.freeze();
    write(&channel, 20, 20).await;
    greeted(&hub, 40).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    rabbit.thaw();
    write(&channel, 40, 20).await;
    greeted(&hub, 60).await;

    rabbit.kill();
    write(&channel, 60, 20).await;
    greeted(&hub, 80).await;
    tokio::task::block_in_place(|| rabbit.launch());
    write(&channel, 80, 20).await;
    greeted(&hub, 100).await;
    consumed(&rabbit).await;
    hub.end().await;
}
