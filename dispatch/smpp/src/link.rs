//! One bind that is kept up.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{BindError, Closed, Delivery, Session, SessionOptions, Status, status::Class};

/// What a session runs over.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream that is being connected.
pub type Connecting =
    Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, Arc<dyn std::error::Error + Send + Sync>>> + Send>>;
/// Opens a stream to the message centre.
pub type Connect = Arc<dyn Fn() -> Connecting + Send + Sync>;

/// Pauses between attempts. They double up to the longest; each is drawn between nothing and its length, so that
/// what fell together does not return together.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
    /// After refused credentials: some message centres shut out who tries too often. Not drawn.
    pub refused_first: Duration,
    pub refused_longest: Duration,
    /// After "already bound": the message centre has yet to notice that the old session is gone. Drawn between this
    /// and twice as much.
    pub already_bound: Duration,
    /// A session that lasted this long begins with the first pause again.
    pub steady: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            refused_first: Duration::from_secs(30),
            refused_longest: Duration::from_secs(600),
            already_bound: Duration::from_secs(30),
            steady: Duration::from_secs(60),
        }
    }
}

impl Backoff {
    fn pause(&self, down: &Down, failures: u32) -> Duration {
        let doubled = |first: Duration, longest: Duration| {
            first.saturating_mul(1u32.checked_shl(failures.min(20)).unwrap_or(u32::MAX)).min(longest)
        };
        match down {
            Down::Bind(BindError::Refused(status)) if status.class() == Class::Auth => {
                doubled(self.refused_first, self.refused_longest)
            }
            Down::Bind(BindError::Refused(Status::ALREADY_BOUND)) => {
                self.already_bound.mul_f64(rand::random_range(1.0..2.0))
            }
            _ => doubled(self.first, self.longest).mul_f64(rand::random_range(0.0..1.0)),
        }
    }
}

/// Why a link is down.
#[derive(Debug, thiserror::Error)]
pub enum Down {
    #[error("no connection: {0}")]
    Connect(Arc<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Bind(BindError),
    #[error("the session ended: {0}")]
    Ended(Closed),
}

/// How a link stands.
#[derive(Clone)]
pub enum LinkState {
    Connecting,
    Bound(Session),
    /// Until the next attempt.
    Down(Arc<Down>),
    /// It was told to end and has.
    Over,
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Keeps a session up until `stop`, then unbinds it.
pub(crate) async fn keep(
    number: usize,
    connect: Connect,
    options: SessionOptions,
    backoff: Backoff,
    deliveries: mpsc::Sender<Delivery>,
    states: Arc<watch::Sender<Vec<LinkState>>>,
    mut stop: watch::Receiver<bool>,
) {
    let show = |state: LinkState| states.send_modify(|states| states[number] = state);
    let mut failures = 0;
    while !*stop.borrow() {
        show(LinkState::Connecting);
        let attempt = tokio::select! {
            attempt = attempt(&connect, &options, &deliveries) => attempt,
            () = stopped(&mut stop) => break,
        };
        let began = Instant::now();
        let down = match attempt {
            Ok(session) => {
                show(LinkState::Bound(session.clone()));
                tokio::select! {
                    closed = session.ended() => Down::Ended(closed),
                    () = stopped(&mut stop) => {
                        // nobody finds it any more while it drains
                        show(LinkState::Over);
                        session.unbind().await;
                        break;
                    }
                }
            }
            Err(down) => down,
        };
        if matches!(down, Down::Ended(_)) && began.elapsed() >= backoff.steady {
            failures = 0;
        }
        let pause = backoff.pause(&down, failures);
        failures = failures.saturating_add(1);
        show(LinkState::Down(Arc::new(down)));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopped(&mut stop) => break,
        }
    }
    show(LinkState::Over);
}

async fn attempt(
    connect: &Connect,
    options: &SessionOptions,
    deliveries: &mpsc::Sender<Delivery>,
) -> Result<Session, Down> {
    let stream = connect().await.map_err(Down::Connect)?;
    Session::bind_into(stream, options.clone(), deliveries.clone()).await.map_err(Down::Bind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_longest() {
        let backoff = Backoff::default();
        let refused = Down::Bind(BindError::Refused(Status::INVALID_PASSWORD));
        let seconds: Vec<u64> = (0..8).map(|n| backoff.pause(&refused, n).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 600, 600, 600]);
        let ended = Down::Ended(Closed::Ended);
        for n in 0..100 {
            assert!(backoff.pause(&ended, n) <= backoff.longest);
            assert!(backoff.pause(&ended, 0) <= backoff.first);
            let bound = backoff.pause(&Down::Bind(BindError::Refused(Status::ALREADY_BOUND)), n);
            assert!(bound >= Duration::from_secs(30) && bound <= Duration::from_secs(60));
        }
    }
}
