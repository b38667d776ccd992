//! What follows from a class of error: the one place that decides it.

use std::time::Duration;

use channels::{RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope};
use inbox::settle::Verdict;
use model::view::DeliveryError;

use crate::ladder;

/// How long a throttled channel rests when its provider does not say.
const DEFAULT_REST: Duration = Duration::from_secs(5);

/// What a failed send leads to.
#[derive(Debug)]
pub(crate) enum Step {
    Settle(Verdict),
    /// Later, and everything of that scope waits.
    Throttled {
        verdict: Verdict,
        rest: Duration,
        scope: ThrottleScope,
    },
    /// Later; the channel could not be reached.
    Down(Verdict),
    /// It failed, and the channel needs a person.
    Broken {
        verdict: Verdict,
        message: String,
    },
    /// It may have been sent: ask the provider.
    Ask(DeliveryError),
}

/// How often a message was tried, and how often it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tries {
    /// Failures before this one.
    pub failed: u32,
    pub retries: Option<u32>,
    pub interval: Option<u32>,
    /// From 0 to 1.
    pub luck: f64,
}

/// Decides.
pub(crate) fn step(error: &SendError, tries: Tries) -> Step {
    let shown = shown(error);
    match error.class {
        SendErrorClass::Rejected(_) | SendErrorClass::Gone => Step::Settle(Verdict::Refused(shown)),
        SendErrorClass::Throttled { after, scope } => {
            let rest = after.unwrap_or(DEFAULT_REST).max(Duration::from_millis(200));
            let verdict = Verdict::Retry { error: Some(shown), after: rest, counts: false };
            Step::Throttled { verdict, rest, scope }
        }
        SendErrorClass::Unavailable => {
            let failed = tries.failed + 1;
            if ladder::is_used_up(failed, tries.retries) {
                return Step::Down(Verdict::GivenUp(shown));
            }
            let after = ladder::pause(failed, tries.interval, tries.luck);
            Step::Down(Verdict::Retry { error: Some(shown), after, counts: true })
        }
        SendErrorClass::Settings(_) => {
            let message = error.to_string();
            Step::Broken { verdict: Verdict::Refused(shown), message }
        }
        SendErrorClass::Unknown => Step::Ask(shown),
    }
}

/// The error as readers see it.
#[must_use]
pub fn shown(error: &SendError) -> DeliveryError {
    let class = match error.class {
        SendErrorClass::Rejected(_) => "rejected",
        SendErrorClass::Throttled { .. } => "throttled",
        SendErrorClass::Unavailable => "unavailable",
        SendErrorClass::Settings(_) => "settings",
        SendErrorClass::Gone => "gone",
        SendErrorClass::Unknown => "unknown",
    };
    let code = match (error.code.is_empty(), error.class) {
        (false, _) => error.code.clone(),
        (true, SendErrorClass::Rejected(reason)) => rejected(reason).to_owned(),
        (true, SendErrorClass::Settings(problem)) => problem_word(problem).to_owned(),
        (true, _) => class.to_owned(),
    };
    DeliveryError { class: class.to_owned(), code, message: error.message.clone() }
}

/// An error of our own.
pub(crate) fn own(class: &str, code: &str, message: impl Into<String>) -> DeliveryError {
    DeliveryError { class: class.to_owned(), code: code.to_owned(), message: message.into() }
}

const fn rejected(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::Recipient => "recipient",
        RejectReason::Content => "content",
        RejectReason::OptOut => "opt_out",
        RejectReason::Window => "window",
        RejectReason::Policy => "policy",
    }
}

const fn problem_word(problem: SettingsProblem) -> &'static str {
    match problem {
        SettingsProblem::Auth => "auth",
        SettingsProblem::Funds => "funds",
        SettingsProblem::Config => "config",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIES: Tries = Tries { failed: 0, retries: None, interval: None, luck: 0.5 };

    fn error(class: SendErrorClass) -> SendError {
        SendError::new(class, "x", "something")
    }

    #[test]
    fn only_what_was_certainly_not_sent_is_tried_again() {
        let again = |class| match step(&error(class), TRIES) {
            Step::Settle(verdict) | Step::Throttled { verdict, .. } | Step::Down(verdict) => {
                matches!(verdict, Verdict::Retry { .. })
            }
            Step::Broken { .. } | Step::Ask(_) => false,
        };
        assert!(again(SendErrorClass::Unavailable));
        assert!(again(SendErrorClass::Throttled { after: None, scope: ThrottleScope::Channel }));
        assert!(!again(SendErrorClass::Unknown));
        assert!(!again(SendErrorClass::Gone));
        assert!(!again(SendErrorClass::Rejected(RejectReason::Content)));
        assert!(!again(SendErrorClass::Settings(SettingsProblem::Auth)));
    }

    #[test]
    fn throttling_costs_no_attempt_and_an_explicit_count_ends_it() {
        let throttled = SendErrorClass::Throttled {
            after: Some(Duration::from_secs(7)),
            scope: ThrottleScope::Recipient,
        };
        let Step::Throttled { verdict: Verdict::Retry { counts, after, .. }, .. } =
            step(&error(throttled), TRIES)
        else {
            panic!("throttled is tried again");
        };
        assert_eq!((counts, after), (false, Duration::from_secs(7)));
        let two = Tries { failed: 2, retries: Some(2), ..TRIES };
        assert!(matches!(step(&error(SendErrorClass::Unavailable), two), Step::Down(Verdict::GivenUp(_))));
        let second = Tries { failed: 1, retries: Some(2), ..TRIES };
        assert!(matches!(
            step(&error(SendErrorClass::Unavailable), second),
            Step::Down(Verdict::Retry { counts: true, .. })
        ));
    }

    #[test]
    fn an_unknown_outcome_is_asked_for() {
        let Step::Ask(shown) = step(&error(SendErrorClass::Unknown), TRIES) else { panic!("asked for") };
        assert_eq!(shown.class, "unknown");
    }
}
