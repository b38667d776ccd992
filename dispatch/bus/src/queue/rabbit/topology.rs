//! Exchanges and queues. Declared at every connection, so that a broker that lost them gets them back.
//!
//! All queues are quorum queues. What is dead-lettered is handed over at least once, and a full queue refuses instead of
//! dropping. Delays are queues without consumers, one for each step, whose messages go back when their time is over.

use std::time::Duration;

use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use model::Topic;

/// Where pointers are published, by topic.
pub(super) const EXCHANGE: &str = "messaging";
/// Where those go that were given up.
pub(super) const DEAD: &str = "messaging.dlx";
const DEAD_QUEUE: &str = "messaging.dlq";

/// Milliseconds of the delay queues.
const STEPS: [u32; 6] = [200, 500, 2_000, 8_000, 30_000, 60_000];
/// How often one pointer may come back unsettled, from connections that broke.
const MOST_DELIVERIES: i32 = 50;
/// Dead letters are for looking at; the table has them until they are put back.
const DEAD_FOR_MS: i32 = 14 * 24 * 3600 * 1000;
const MOST_DEAD: i32 = 100_000;

/// The queue that holds a pointer for at least so long, or the longest; none when it is due at once.
pub(super) fn step(after: Duration) -> Option<u32> {
    if after.is_zero() {
        return None;
    }
    let enough = STEPS.into_iter().find(|step| u128::from(*step) >= after.as_millis());
    enough.or_else(|| STEPS.last().copied())
}

pub(super) fn delay_queue(topic: Topic, step: u32) -> String {
    format!("{topic}.delay.{step}")
}

fn words(pairs: &[(&str, &str)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, word) in pairs {
        table.insert((*name).into(), AMQPValue::LongString((*word).into()));
    }
    table
}

fn quorum(dead_letters_to: &str) -> FieldTable {
    words(&[
        ("x-queue-type", "quorum"),
        ("x-overflow", "reject-publish"),
        ("x-dead-letter-exchange", dead_letters_to),
        ("x-dead-letter-strategy", "at-least-once"),
    ])
}

pub(super) async fn declare(channel: &Channel) -> lapin::Result<()> {
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    for exchange in [EXCHANGE, DEAD] {
        channel
            .exchange_declare(exchange.into(), ExchangeKind::Topic, durable, FieldTable::default())
            .await?;
    }
    let mut dead = words(&[("x-queue-type", "quorum")]);
    dead.insert("x-message-ttl".into(), AMQPValue::LongInt(DEAD_FOR_MS));
    dead.insert("x-max-length".into(), AMQPValue::LongInt(MOST_DEAD));
    queue(channel, DEAD_QUEUE, dead).await?;
    bind(channel, DEAD_QUEUE, DEAD, "#").await?;
    for topic in Topic::ALL {
        declare_work(channel, *topic).await?;
        for step in STEPS {
            let mut delay = quorum(EXCHANGE);
            delay.insert("x-dead-letter-routing-key".into(), AMQPValue::LongString(topic.as_str().into()));
            delay.insert("x-message-ttl".into(), AMQPValue::LongInt(step as i32));
            queue(channel, &delay_queue(*topic, step), delay).await?;
        }
    }
    Ok(())
}

/// The queue of a topic.
pub(super) async fn declare_work(channel: &Channel, topic: Topic) -> lapin::Result<()> {
    let mut work = quorum(DEAD);
    work.insert("x-delivery-limit".into(), AMQPValue::LongInt(MOST_DELIVERIES));
    queue(channel, topic.as_str(), work).await?;
    bind(channel, topic.as_str(), EXCHANGE, topic.as_str()).await
}

async fn queue(channel: &Channel, name: &str, arguments: FieldTable) -> lapin::Result<()> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(name.into(), durable, arguments).await.map(drop)
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    let nothing = FieldTable::default();
    channel.queue_bind(queue.into(), exchange.into(), key.into(), QueueBindOptions::default(), nothing).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_never_shorter_than_asked_for_while_there_is_a_step() {
        assert_eq!(step(Duration::ZERO), None);
        assert_eq!(step(Duration::from_millis(1)), Some(200));
        assert_eq!(step(Duration::from_millis(200)), Some(200));
        assert_eq!(step(Duration::from_millis(201)), Some(500));
        assert_eq!(step(Duration::from_secs(3600)), Some(60_000));
    }
}
