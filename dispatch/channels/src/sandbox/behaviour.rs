//! How a sandbox channel behaves: settings of the channel, or told to the switch while it runs.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ReceiptStatus, RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope};

/// What the sandbox does with the messages it is sent. Shares are between 0 and 1 and are drawn once per
/// request, in the order in which they are listed; together they should not be above 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Milliseconds until a request is answered.
    #[schemars(range(min = 0, max = 600_000))]
    pub delay_ms: u64,
    /// Up to so many milliseconds more, at random.
    #[schemars(range(min = 0, max = 600_000))]
    pub delay_jitter_ms: u64,
    /// Share of requests whose connection fails before they are written.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fail_before_write: f64,
    /// Share of requests that are answered with `fail_status_code`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fail_status: f64,
    /// 400 content, 401 auth, 402 funds, 403 policy, 404 recipient, 410 gone, 451 opt-out, else unavailable.
    #[schemars(range(min = 400, max = 599))]
    pub fail_status_code: u16,
    /// Share of requests that are throttled.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub throttle: f64,
    /// Milliseconds that a throttled sender is told to wait.
    #[schemars(range(min = 0, max = 600_000))]
    pub throttle_after_ms: u64,
    /// Share of requests whose connection is cut after they were written.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub cut_after_write: f64,
    /// Share of the cut ones that were taken nevertheless.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub keep_cut: f64,
    /// Receipts for each message taken, in this order.
    #[schemars(length(max = 10))]
    pub receipts: Vec<ReceiptStatus>,
    /// Milliseconds until the first receipt, and between two.
    #[schemars(range(min = 0, max = 600_000))]
    pub receipt_delay_ms: u64,
    /// Each receipt comes so many times more.
    #[schemars(range(min = 0, max = 100))]
    pub duplicate_receipts: u32,
    /// Receipts come in any order.
    pub reorder_receipts: bool,
    /// Receipts carry our message's id, so that they settle an unknown outcome.
    pub correlate_receipts: bool,
    /// The sandbox can be asked whether it took a message.
    pub answers_look_up: bool,
    /// Start of the random numbers: the same seed and the same order of requests give the same fates.
    pub seed: u64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            delay_jitter_ms: 0,
            fail_before_write: 0.0,
            fail_status: 0.0,
            fail_status_code: 503,
            throttle: 0.0,
            throttle_after_ms: 1000,
            cut_after_write: 0.0,
            keep_cut: 0.5,
            receipts: vec![ReceiptStatus::Delivered],
            receipt_delay_ms: 50,
            duplicate_receipts: 0,
            reorder_receipts: false,
            correlate_receipts: true,
            answers_look_up: true,
            seed: 0,
        }
    }
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Take,
    FailBeforeWrite,
    FailStatus,
    Throttle,
    CutAndLost,
    CutAndKept,
}

impl Behaviour {
    pub(super) fn fate(&self, dice: &mut Dice) -> Fate {
        let mut left = dice.share();
        for (share, fate) in [
            (self.fail_before_write, Fate::FailBeforeWrite),
            (self.fail_status, Fate::FailStatus),
            (self.throttle, Fate::Throttle),
            (self.cut_after_write, Fate::CutAndLost),
        ] {
            if left < share {
                let kept = fate == Fate::CutAndLost && dice.share() < self.keep_cut;
                return if kept { Fate::CutAndKept } else { fate };
            }
            left -= share;
        }
        Fate::Take
    }

    pub(super) fn throttle_error(&self) -> SendError {
        let after = Some(Duration::from_millis(self.throttle_after_ms));
        let class = SendErrorClass::Throttled { after, scope: ThrottleScope::Channel };
        SendError::new(class, "429", "the sandbox was told to throttle")
    }

    pub(super) fn status_error(&self) -> SendError {
        let class = match self.fail_status_code {
            400 => SendErrorClass::Rejected(RejectReason::Content),
            401 => SendErrorClass::Settings(SettingsProblem::Auth),
            402 => SendErrorClass::Settings(SettingsProblem::Funds),
            403 => SendErrorClass::Rejected(RejectReason::Policy),
            404 => SendErrorClass::Rejected(RejectReason::Recipient),
            410 => SendErrorClass::Gone,
            429 => return self.throttle_error(),
            451 => SendErrorClass::Rejected(RejectReason::OptOut),
            _ => SendErrorClass::Unavailable,
        };
        SendError::new(class, self.fail_status_code.to_string(), "the sandbox was told to fail")
    }
}

/// Random numbers that come out the same for the same seed (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64, round: u64) -> Self {
        Self(seed ^ round.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least 0, below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// At least 0, below `limit`; 0 for a limit of 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_and_seeds_repeat() {
        let behaviour = Behaviour {
            fail_before_write: 0.2,
            fail_status: 0.1,
            throttle: 0.1,
            cut_after_write: 0.1,
            ..Behaviour::default()
        };
        let run = |seed| -> Vec<Fate> {
            (0..10_000).map(|round| behaviour.fate(&mut Dice::new(seed, round))).collect()
        };
        let fates = run(7);
        assert_eq!(fates, run(7));
        assert_ne!(fates, run(8));
        let taken = fates.iter().filter(|fate| **fate == Fate::Take).count();
        assert!((4700..5300).contains(&taken), "{taken}");
        let kept = fates.iter().filter(|fate| **fate == Fate::CutAndKept).count();
        assert!((400..600).contains(&kept), "{kept}");
    }
}
