//! The states of a message and what may follow what.

use crate::error::{Error, ErrorCode};

text_enum! {
    pub enum Direction { Inbound = "inbound", Outbound = "outbound", System = "system" }
}

text_enum! {
    pub enum SenderType { Contact = "contact", Agent = "agent", Bot = "bot", System = "system" }
}

text_enum! {
    /// Where a message stands. `read` is no status: it is the time `read_at`.
    pub enum MessageStatus {
        Scheduled = "scheduled",
        Queued = "queued",
        /// An attempt row is committed; the request may be on its way.
        Sending = "sending",
        /// The provider accepted it.
        Sent = "sent",
        Delivered = "delivered",
        /// The provider refused it.
        Failed = "failed",
        /// Retries are used up or it grew too old.
        PermanentlyFailed = "permanently_failed",
        /// It may have been sent: a request went out and its outcome was lost. Never sent again by itself.
        Unknown = "unknown",
        Cancelled = "cancelled",
    }
}

/// Why a message's status changes; with the present status it decides whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStep {
    /// Its time has come.
    Due,
    /// A worker claimed it and committed the attempt.
    Claimed,
    /// The provider accepted it.
    Accepted,
    /// The attempt failed in a way that may be tried again.
    Retry,
    /// The provider refused it for good.
    Refused,
    /// Out of attempts or too old.
    GivenUp,
    /// The outcome of the attempt was lost.
    Lost,
    /// Looked up at the provider: it was never sent.
    ProvedUnsent,
    /// A receipt says it arrived.
    ReceiptDelivered,
    /// A receipt says it was sent on.
    ReceiptSent,
    /// A receipt says it failed.
    ReceiptFailed,
    /// A person asked for another attempt.
    AskedAgain,
    Cancelled,
}

impl MessageStatus {
    /// The status after `step`, or `None` when the step is late or does not apply. Nothing goes
    /// backwards except as listed here.
    #[must_use]
    pub const fn after(self, step: MessageStep) -> Option<Self> {
        use MessageStatus as S;
        use MessageStep as E;
        Some(match (self, step) {
            (S::Scheduled, E::Due)
            | (S::Sending, E::Retry)
            | (S::Unknown, E::ProvedUnsent)
            | (S::Failed | S::PermanentlyFailed | S::Unknown, E::AskedAgain) => S::Queued,
            (S::Queued, E::Claimed) => S::Sending,
            (S::Sending | S::Unknown, E::Accepted)
            | (S::Sending | S::Queued | S::Unknown, E::ReceiptSent) => S::Sent,
            (S::Sending | S::Queued, E::Refused | E::ReceiptFailed)
            | (S::Unknown, E::Refused | E::ReceiptFailed)
            | (S::Sent, E::ReceiptFailed) => S::Failed,
            (S::Sending | S::Queued, E::GivenUp) => S::PermanentlyFailed,
            (S::Sending, E::Lost) => S::Unknown,
            (
                S::Queued | S::Sending | S::Sent | S::Failed | S::PermanentlyFailed | S::Unknown,
                E::ReceiptDelivered,
            ) => S::Delivered,
            (S::Scheduled | S::Queued, E::Cancelled) => S::Cancelled,
            _ => return None,
        })
    }

    /// As [`Self::after`], for a step that a caller asked for: a refusal is a 409.
    pub fn step(self, step: MessageStep) -> Result<Self, Error> {
        self.after(step).ok_or_else(|| {
            Error::new(ErrorCode::Conflict, format!("a message that is {self} cannot do that"))
                .with("status", self)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageStatus::*, MessageStep as Step};

    #[test]
    fn a_late_receipt_never_moves_a_message_backwards() {
        assert_eq!(Delivered.after(Step::ReceiptSent), None);
        assert_eq!(Delivered.after(Step::ReceiptFailed), None);
        assert_eq!(Delivered.after(Step::Accepted), None);
        assert_eq!(Sent.after(Step::ReceiptSent), None);
    }

    #[test]
    fn the_listed_exceptions_hold() {
        assert_eq!(Sending.after(Step::Retry), Some(Queued));
        assert_eq!(Unknown.after(Step::Accepted), Some(Sent));
        assert_eq!(Unknown.after(Step::ReceiptDelivered), Some(Delivered));
        assert_eq!(Unknown.after(Step::ProvedUnsent), Some(Queued));
        assert_eq!(Failed.after(Step::ReceiptDelivered), Some(Delivered));
        for status in [Failed, PermanentlyFailed, Unknown] {
            assert_eq!(status.after(Step::AskedAgain), Some(Queued));
        }
        assert!(Sent.step(Step::AskedAgain).is_err());
    }

    #[test]
    fn an_unknown_message_is_only_sent_again_when_asked_or_proved_unsent() {
        for step in [Step::Due, Step::Claimed, Step::Retry] {
            assert_eq!(Unknown.after(step), None);
        }
    }
}
