//! The states of a group message.

use crate::error::{Error, ErrorCode};

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
            // an end that was reached with outcomes unknown is corrected as they resolve
            Completed | PartiallyFailed | Failed => &[Completed, PartiallyFailed, Failed],
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

#[cfg(test)]
mod tests {
    use super::GroupMessageStatus::*;

    #[test]
    fn paused_stands_between_queued_and_processing_and_back() {
        for (from, to) in [(Queued, Paused), (Processing, Paused), (Paused, Queued), (Paused, Processing)] {
            assert!(from.to(to).is_ok(), "{from} -> {to}");
        }
        assert!(Paused.to(Cancelled).is_ok());
        assert!(Draft.to(Processing).is_err());
        assert!(Cancelled.to(Queued).is_err());
        assert!(PartiallyFailed.is_deletable() && !Processing.is_deletable());
    }
}
