//! The states of a scheduled message.

use crate::error::{Error, ErrorCode};

text_enum! {
    pub enum ScheduleStatus {
        Pending = "pending", Triggered = "triggered", Completed = "completed", Failed = "failed",
        Cancelled = "cancelled", Paused = "paused",
    }
}

text_enum! {
    /// To whom a schedule sends.
    pub enum SendType { Single = "single", Group = "group" }
}

text_enum! {
    /// What becomes of firings that were missed while no hub ran.
    pub enum MissedPolicy {
        /// They are left out.
        Skip = "skip",
        /// One is made up for.
        One = "one",
        /// Each is made up for, up to the schedule's cap.
        All = "all",
    }
}

impl ScheduleStatus {
    #[must_use]
    pub const fn may_become(self) -> &'static [Self] {
        use ScheduleStatus::*;
        match self {
            Pending => &[Triggered, Paused, Cancelled],
            Triggered => &[Completed, Pending, Failed],
            Paused => &[Pending, Cancelled],
            Completed | Failed | Cancelled => &[],
        }
    }

    /// The next state, or a 400 that says what is allowed.
    pub fn to(self, next: Self) -> Result<Self, Error> {
        if self.may_become().contains(&next) {
            return Ok(next);
        }
        Err(Error::new(ErrorCode::BadRequest, format!("a schedule that is {self} cannot become {next}"))
            .with("status", self)
            .with("allowed", self.may_become().to_vec()))
    }

    /// Whether its fields may still be changed.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Pending | Self::Paused)
    }
}

#[cfg(test)]
mod tests {
    use super::ScheduleStatus::*;

    #[test]
    fn a_recurring_one_returns_to_pending_and_only_pending_or_paused_may_be_edited() {
        assert!(Pending.to(Triggered).and_then(|s| s.to(Pending)).is_ok());
        assert!(Completed.to(Pending).is_err());
        assert!(Pending.is_editable() && Paused.is_editable() && !Triggered.is_editable());
    }
}
