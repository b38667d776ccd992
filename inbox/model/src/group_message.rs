//! The states of a group message.

use serde::{Deserialize, Serialize};

use crate::{
    MessageStatus,
    error::{Error, ErrorCode},
};

text_enum! {
    pub enum GroupMessageStatus {
        Draft = "draft", Queued = "queued", Processing = "processing", Paused = "paused",
        Completed = "completed", PartiallyFailed = "partially_failed", Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl GroupMessageStatus {
    #[must_use]
    pub const fn may_become(self) -> &'static [Self] {
        use GroupMessageStatus::*;
        match self {
            Draft => &[Queued, Cancelled],
            Queued => &[Processing, Paused, Cancelled],
            Processing => &[Completed, PartiallyFailed, Failed, Paused, Cancelled],
            Paused => &[Queued, Processing, Cancelled],
            // an end that was reached with outcomes unknown is corrected as they resolve; those that
            // failed may be tried again
            Completed | PartiallyFailed | Failed => &[Completed, PartiallyFailed, Failed, Processing],
            Cancelled => &[],
        }
    }

    /// The next state, or a 400 that says what is allowed.
    pub fn to(self, next: Self) -> Result<Self, Error> {
        if self != next && self.may_become().contains(&next) {
            return Ok(next);
        }
        Err(Error::new(ErrorCode::BadRequest, format!("a group message that is {self} cannot become {next}"))
            .with("status", self)
            .with("allowed", self.may_become().to_vec()))
    }

    /// Whether a user may delete it.
    #[must_use]
    pub const fn is_deletable(self) -> bool {
        !matches!(self, Self::Queued | Self::Processing | Self::Paused)
    }
}

text_enum! {
    /// Where one recipient of a group message stands.
    pub enum RecipientState {
        Pending = "pending",
        /// Claimed; the request may be on its way.
        Sending = "sending",
        Sent = "sent", Delivered = "delivered", Failed = "failed",
        /// It may have been sent.
        Unknown = "unknown",
        Cancelled = "cancelled",
        /// There is nothing to send: no address, suppressed, or values are missing.
        Skipped = "skipped",
    }
}

impl RecipientState {
    /// What a message's status means for its recipient.
    #[must_use]
    pub const fn of(status: MessageStatus) -> Self {
        match status {
            MessageStatus::Scheduled | MessageStatus::Queued => Self::Pending,
            MessageStatus::Sending => Self::Sending,
            MessageStatus::Sent => Self::Sent,
            MessageStatus::Delivered => Self::Delivered,
            MessageStatus::Failed | MessageStatus::PermanentlyFailed => Self::Failed,
            MessageStatus::Unknown => Self::Unknown,
            MessageStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// How the recipients of a group message stand. `total` is always the sum of pending, sent, delivered,
/// failed and cancelled; those that may have been sent are among the pending ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    #[serde(rename = "total_recipients")]
    pub total: i32,
    #[serde(rename = "pending_count")]
    pub pending: i32,
    #[serde(rename = "sent_count")]
    pub sent: i32,
    #[serde(rename = "delivered_count")]
    pub delivered: i32,
    #[serde(rename = "failed_count")]
    pub failed: i32,
    #[serde(rename = "cancelled_count")]
    pub cancelled: i32,
    #[serde(rename = "skipped_count")]
    pub skipped: i32,
    #[serde(rename = "unknown_count")]
    pub unknown: i32,
}

impl Counts {
    /// Takes one recipient from a state to another; `None`: it is new.
    pub fn step(&mut self, from: Option<RecipientState>, to: RecipientState) {
        if let Some(from) = from {
            self.add(from, -1);
        }
        self.add(to, 1);
    }

    const fn add(&mut self, state: RecipientState, one: i32) {
        use RecipientState::*;
        match state {
            Pending | Sending => self.pending += one,
            Unknown => {
                self.pending += one;
                self.unknown += one;
            }
            Sent => self.sent += one,
            Delivered => self.delivered += one,
            Failed => self.failed += one,
            Cancelled => self.cancelled += one,
            Skipped => {
                self.skipped += one;
                return;
            }
        }
        self.total += one;
    }

    /// Whether nothing is left to do but to learn what became of those that may have been sent.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.pending == self.unknown
    }

    /// The end that these counts mean.
    #[must_use]
    pub const fn end(&self) -> GroupMessageStatus {
        if self.failed == 0 {
            GroupMessageStatus::Completed
        } else if self.sent + self.delivered + self.unknown == 0 {
            GroupMessageStatus::Failed
        } else {
            GroupMessageStatus::PartiallyFailed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, GroupMessageStatus::*, RecipientState};
    use proptest::prelude::*;

    proptest! {
        /// Whatever steps come in whatever order, the counts balance and tell where everybody stands.
        #[test]
        fn counts_balance_under_any_interleaving(steps in prop::collection::vec((0_usize..20, 0_usize..8), 0..400)) {
            let mut counts = Counts::default();
            let mut people: Vec<Option<RecipientState>> = vec![None; 20];
            for (who, to) in steps {
                let to = RecipientState::ALL[to];
                counts.step(people[who], to);
                people[who] = Some(to);
                let sum = counts.pending + counts.sent + counts.delivered + counts.failed + counts.cancelled;
                prop_assert_eq!(counts.total, sum);
                let stand = |state| people.iter().filter(|one| **one == Some(state)).count() as i32;
                prop_assert_eq!(counts.delivered, stand(RecipientState::Delivered));
                prop_assert_eq!(counts.unknown, stand(RecipientState::Unknown));
                prop_assert_eq!(counts.skipped, stand(RecipientState::Skipped));
                prop_assert!(counts.unknown <= counts.pending);
            }
        }
    }

    #[test]
    fn the_end_follows_from_the_counts() {
        let counts = |sent, failed, unknown| Counts {
            total: sent + failed + unknown,
            pending: unknown,
            sent,
            failed,
            unknown,
            ..Counts::default()
        };
        assert_eq!(counts(3, 0, 0).end(), Completed);
        assert_eq!(counts(3, 1, 0).end(), PartiallyFailed);
        assert_eq!(counts(0, 2, 0).end(), Failed);
        assert_eq!(counts(0, 2, 1).end(), PartiallyFailed);
        assert!(counts(0, 2, 1).is_over() && !Counts { pending: 1, total: 1, ..Counts::default() }.is_over());
    }

    #[test]
    fn paused_stands_between_queued_and_processing_and_back() {
        for (from, to) in [(Queued, Paused), (Processing, Paused), (Paused, Queued), (Paused, Processing)] {
            assert!(from.to(to).is_ok(), "{from} -> {to}");
        }
        assert!(Paused.to(Cancelled).is_ok());
        assert!(Draft.to(Processing).is_err());
        assert!(Cancelled.to(Queued).is_err() && PartiallyFailed.to(Processing).is_ok());
        assert!(PartiallyFailed.is_deletable() && !Processing.is_deletable());
    }
}
