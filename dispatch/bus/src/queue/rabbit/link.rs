//! The connection: made, watched, made again. Sending waits for the broker's confirmation, and not for long.

use std::{sync::Arc, time::Duration};

use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
    uri::AMQPUri,
};
use serde::Serialize;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::topology;

/// How long connecting and declaring may take.
const CONNECTING: Duration = Duration::from_secs(10);
/// How long the broker may take to confirm. Then it counts as away.
const CONFIRMING: Duration = Duration::from_secs(2);
/// Between two looks at whether the connection still lives.
const WATCH: Duration = Duration::from_millis(200);
/// Seconds between heartbeats, unless the address says otherwise.
const HEARTBEAT: u16 = 5;
/// The first and the longest pause between tries.
const PAUSE: (u64, u64) = (100, 2000);

/// A live connection, and the channel for sending.
pub(super) struct Up {
    pub connection: Connection,
    publisher: Channel,
    /// Somebody found it unusable.
    doubted: Notify,
}

impl Up {
    /// It is given up, and another made.
    pub fn doubt(&self) {
        self.doubted.notify_one();
    }
}

/// A message to be sent.
pub(super) struct Outgoing {
    exchange: &'static str,
    key: String,
    body: Vec<u8>,
    headers: FieldTable,
}

impl Outgoing {
    pub fn new(exchange: &'static str, key: &str, body: &impl Serialize) -> Self {
        // ids and a word always have a JSON form
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { exchange, key: key.to_owned(), body, headers: FieldTable::default() }
    }

    pub fn because(mut self, reason: &str) -> Self {
        self.headers.insert("reason".into(), AMQPValue::LongString(reason.into()));
        self
    }
}

/// The connection that is kept up in the background.
pub(super) struct Link {
    up: watch::Sender<Option<Arc<Up>>>,
}

impl Link {
    pub fn start(uri: AMQPUri, name: String, stop: CancellationToken) -> Arc<Self> {
        let link = Arc::new(Self { up: watch::Sender::new(None) });
        let kept = Arc::clone(&link);
        tokio::spawn(async move {
            tokio::select! {
                () = kept.keep(&uri, &name) => {}
                () = stop.cancelled() => {}
            }
            if let Some(up) = kept.up.send_replace(None) {
                close(&up).await;
            }
        });
        link
    }

    pub fn up(&self) -> Option<Arc<Up>> {
        self.up.borrow().clone()
    }

    /// Waits for a connection.
    pub async fn wait(&self) -> Arc<Up> {
        let mut up = self.up.subscribe();
        loop {
            let now = up.borrow_and_update().clone();
            match now {
                Some(up) => return up,
                // the sender lives as long as this
                None => drop(up.changed().await),
            }
        }
    }

    async fn keep(&self, uri: &AMQPUri, name: &str) {
        let mut failures = 0u32;
        loop {
            match tokio::time::timeout(CONNECTING, open(uri, name)).await {
                Ok(Ok(up)) => {
                    if failures > 0 {
                        tracing::info!(failures, "RabbitMQ is back");
                    }
                    failures = 0;
                    let up = Arc::new(up);
                    self.up.send_replace(Some(Arc::clone(&up)));
                    until_lost(&up).await;
                    self.up.send_replace(None);
                    tracing::warn!("the connection to RabbitMQ is lost; work goes on from the table");
                    close(&up).await;
                }
                Ok(Err(error)) => {
                    failures += 1;
                    if failures.is_power_of_two() {
                        tracing::warn!(%error, failures, "RabbitMQ cannot be used; work goes on from the table");
                    }
                }
                Err(_) => {
                    failures += 1;
                    if failures.is_power_of_two() {
                        tracing::warn!(failures, "RabbitMQ does not answer; work goes on from the table");
                    }
                }
            }
            let most = (PAUSE.0 << failures.min(5)).min(PAUSE.1);
            let pause = rand::random_range(most / 2..=most);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Sends all and waits until the broker has taken each. A message that finds no queue comes back: then exchanges
    /// and queues are declared again.
    pub async fn send(&self, outgoing: Vec<Outgoing>) -> Result<(), String> {
        let up = self.up().ok_or("the broker is away")?;
        match tokio::time::timeout(CONFIRMING, send(&up.publisher, &outgoing)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                up.doubt();
                Err(error)
            }
            Err(_) => {
                up.doubt();
                Err(format!("not confirmed within {} s", CONFIRMING.as_secs()))
            }
        }
    }
}

async fn until_lost(up: &Up) {
    loop {
        tokio::select! {
            () = up.doubted.notified() => return,
            () = tokio::time::sleep(WATCH) => {
                if !up.connection.status().connected() || !up.publisher.status().connected() {
                    return;
                }
            }
        }
    }
}

async fn send(publisher: &Channel, outgoing: &[Outgoing]) -> Result<(), String> {
    const MANDATORY: BasicPublishOptions = BasicPublishOptions { mandatory: true, immediate: false };
    let failed = |error: lapin::Error| error.to_string();
    let mut confirms = Vec::with_capacity(outgoing.len());
    for message in outgoing {
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/json".into())
            .with_headers(message.headers.clone());
        let (exchange, key) = (message.exchange.into(), message.key.as_str().into());
        confirms.push(
            publisher
                .basic_publish(exchange, key, MANDATORY, &message.body, properties)
                .await
                .map_err(failed)?,
        );
    }
    for confirm in confirms {
        match confirm.await.map_err(failed)? {
            Confirmation::Ack(None) => {}
            Confirmation::Ack(Some(_)) => return Err("it found no queue".to_owned()),
            Confirmation::Nack(_) => return Err("the broker refused it".to_owned()),
            Confirmation::NotRequested => return Err("the broker confirms nothing".to_owned()),
        }
    }
    Ok(())
}

async fn connect(uri: &AMQPUri, name: &str) -> lapin::Result<Connection> {
    let mut uri = uri.clone();
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    Connection::connect_uri(uri, properties).await
}

async fn open(uri: &AMQPUri, name: &str) -> lapin::Result<Up> {
    let connection = connect(uri, name).await?;
    let publisher = connection.create_channel().await?;
    publisher.confirm_select(ConfirmSelectOptions::default()).await?;
    topology::declare(&publisher).await?;
    Ok(Up { connection, publisher, doubted: Notify::new() })
}

/// A broker that does not answer is not waited for.
async fn close(up: &Up) {
    let _closed = tokio::time::timeout(Duration::from_secs(1), up.connection.close(200, "".into())).await;
}

/// Whether a broker can be used: signs in and makes a queue for this connection only. Says what was found.
///
/// # Errors
/// What went wrong, in the broker's words.
pub async fn probe(url: &str) -> Result<String, String> {
    let uri: AMQPUri = url.parse()?;
    let told = async {
        let connection = connect(&uri, "turumba doctor").await?;
        let channel = connection.create_channel().await?;
        let own =
            QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
        channel.queue_declare("".into(), own, FieldTable::default()).await?;
        let vhost = connection.status().vhost();
        connection.close(200, "".into()).await?;
        Ok::<_, lapin::Error>(format!("signed in, virtual host {vhost}"))
    };
    told.await.map_err(|error| error.to_string())
}
