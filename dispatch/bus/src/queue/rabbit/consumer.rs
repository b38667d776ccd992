//! Pointers as they come in, of one topic.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use lapin::{
    Acker,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use model::{EventId, Topic};
use parking_lot::Mutex;
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Body,
    link::{Link, Up},
    topology,
};

/// Deliveries that one node may hold without an outcome; the others' share stays in the broker.
const PREFETCH: u16 = 20;
/// Between two tries to consume.
const PAUSE: Duration = Duration::from_millis(200);

/// A delivery that points to an event.
pub(super) struct Pointer {
    pub event_id: EventId,
    pub acker: Acker,
}

/// The pointers of a topic that wait in this node.
pub(super) struct Pointers {
    waiting: tokio::sync::Mutex<mpsc::Receiver<Pointer>>,
    swept: Mutex<Instant>,
}

impl Pointers {
    /// Begins to consume, until cancelled.
    pub fn of(link: Arc<Link>, topic: Topic, stop: CancellationToken) -> Arc<Self> {
        let (sender, receiver) = mpsc::channel(usize::from(PREFETCH));
        tokio::spawn(async move {
            let consuming = async {
                loop {
                    let up = link.wait().await;
                    if let Err(error) = consume(&up, topic, &sender).await {
                        tracing::debug!(%error, %topic, "no pointers come in; trying again");
                    }
                    drop(up);
                    tokio::time::sleep(PAUSE).await;
                }
            };
            tokio::select! {
                () = consuming => {}
                () = stop.cancelled() => {}
            }
        });
        Arc::new(Self { waiting: tokio::sync::Mutex::new(receiver), swept: Mutex::new(Instant::now()) })
    }

    /// Up to `most`; empty when none came in time.
    pub async fn take(&self, most: i64, until: Instant) -> Vec<Pointer> {
        let Ok(mut waiting) = tokio::time::timeout_at(until, self.waiting.lock()).await else {
            return Vec::new();
        };
        let Ok(Some(first)) = tokio::time::timeout_at(until, waiting.recv()).await else { return Vec::new() };
        let mut taken = vec![first];
        while (taken.len() as i64) < most
            && let Ok(next) = waiting.try_recv()
        {
            taken.push(next);
        }
        taken
    }

    /// When the table was last looked at.
    pub fn swept(&self) -> Instant {
        *self.swept.lock()
    }

    pub fn sweeps(&self) {
        *self.swept.lock() = Instant::now();
    }
}

/// Hands deliveries on until the channel or the queue is gone.
async fn consume(up: &Up, topic: Topic, sender: &mpsc::Sender<Pointer>) -> lapin::Result<()> {
    let channel = up.connection.create_channel().await?;
    // whoever deleted the queue also ended its consumers
    topology::declare_work(&channel, topic).await?;
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let (options, nothing) = (BasicConsumeOptions::default(), FieldTable::default());
    let mut deliveries = channel.basic_consume(topic.as_str().into(), "".into(), options, nothing).await?;
    while let Some(delivery) = deliveries.next().await {
        let Delivery { data, acker, .. } = delivery?;
        match serde_json::from_slice::<Body>(&data) {
            Ok(body) => {
                if sender.send(Pointer { event_id: body.event_id, acker }).await.is_err() {
                    return Ok(());
                }
            }
            Err(error) => {
                tracing::warn!(%error, %topic, "somebody sent what is no pointer; it is dropped");
                acker.ack(BasicAckOptions::default()).await?;
            }
        }
    }
    Ok(())
}
