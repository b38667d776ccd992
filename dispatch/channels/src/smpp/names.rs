//! Names for what customers write, which SMPP gives none.
//!
//! A message that was delivered and not acknowledged comes again and must get the name it had; the same words written
//! twice are two messages. What tells them apart: a message centre delivers again only after the session is gone over
//! which it delivered first. Across a restart of ours nothing is remembered, and names are counted anew, so that the
//! same words within the same ten minutes meet the name that is stored.

use std::collections::HashMap;

use ::smpp::{Delivery, Origin, ShortMessage};
use model::Time;
use sha2::{Digest, Sha256};

/// How long a message centre may take to deliver again.
const AGAIN: i64 = 600;
/// Names among which it is not worth sweeping.
const LEAST_SWEEP: usize = 1000;

#[derive(Default)]
pub(super) struct Names {
    seen: HashMap<[u8; 12], Vec<Seen>>,
    count: usize,
    sweep_at: usize,
}

struct Seen {
    name: String,
    origin: Origin,
    at: i64,
}

/// A name, and whether the message had it before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) is_again: bool,
}

impl Names {
    pub(super) fn of(&mut self, delivery: &Delivery, now: Time) -> Option<Named> {
        Some(self.name(&delivery.message, delivery.origin()?, now.timestamp()))
    }

    fn name(&mut self, message: &ShortMessage, origin: Origin, now: i64) -> Named {
        self.forget(now);
        let content = content(message);
        let seen = self.seen.entry(content).or_default();
        let is_again = |seen: &&mut Seen| {
            now - seen.at < AGAIN && !seen.origin.is_same(&origin) && !seen.origin.is_open()
        };
        if let Some(again) = seen.iter_mut().find(is_again) {
            (again.origin, again.at) = (origin, now);
            return Named { name: again.name.clone(), is_again: true };
        }
        let bucket = now.div_euclid(AGAIN);
        let before = seen.iter().filter(|seen| seen.at.div_euclid(AGAIN) == bucket).count();
        let name = format!("{}-{bucket}-{before}", hex::encode(content));
        seen.push(Seen { name: name.clone(), origin, at: now });
        self.count += 1;
        Named { name, is_again: false }
    }

    /// Sweeps once there is twice as much as the last sweep left.
    fn forget(&mut self, now: i64) {
        if self.count < self.sweep_at.max(LEAST_SWEEP) {
            return;
        }
        self.seen.retain(|_, seen| {
            seen.retain(|seen| now - seen.at < AGAIN);
            !seen.is_empty()
        });
        self.count = self.seen.values().map(Vec::len).sum();
        self.sweep_at = 2 * self.count;
    }
}

/// What makes two deliveries the same.
fn content(message: &ShortMessage) -> [u8; 12] {
    let mut hash = Sha256::new();
    for text in [&message.source.address, &message.destination.address] {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.update([message.esm_class, message.data_coding]);
    hash.update(message.payload());
    for tag in [::smpp::tlv::SAR_MSG_REF_NUM, ::smpp::tlv::SAR_SEGMENT_SEQNUM] {
        hash.update(message.tlvs.get(tag).map_or(&[][..], |value| value));
    }
    let hash = hash.finalize();
    let mut short = [0; 12];
    short.copy_from_slice(&hash[..12]);
    short
}
