//! Proof that a request was not sent: its body passes a gate, which can be shut while nobody has passed.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;

const WAITING: u8 = 0;
const PASSED: u8 = 1;
const SHUT: u8 = 2;

/// Shared by the caller and the body of its request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<AtomicU8>);

impl Gate {
    /// True: no byte of the body was handed out, and none ever will be. A request with a body is not
    /// complete without it, so the peer cannot have acted on it.
    pub(crate) fn shut(&self) -> bool {
        match self.0.compare_exchange(WAITING, SHUT, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => true,
            Err(state) => state == SHUT,
        }
    }

    /// True: the body may be handed out, and the outcome is unknown from now on.
    fn pass(&self) -> bool {
        match self.0.compare_exchange(WAITING, PASSED, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => true,
            Err(state) => state == PASSED,
        }
    }
}

/// The caller gave up before the body was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the request was given up")]
pub(crate) struct GivenUp;

/// A body that hands itself out only through its gate.
pub(crate) struct GatedBody {
    bytes: Option<Bytes>,
    gate: Gate,
}

impl GatedBody {
    pub(crate) fn new(bytes: Bytes, gate: Gate) -> Self {
        Self { bytes: Some(bytes), gate }
    }
}

impl http_body::Body for GatedBody {
    type Data = Bytes;
    type Error = GivenUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, GivenUp>>> {
        if !self.gate.pass() {
            return Poll::Ready(Some(Err(GivenUp)));
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
