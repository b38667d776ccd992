//! What a mail server's answer means (RFC 5321 §4.2, RFC 3463).

use std::time::Duration;

use crate::{RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope};

/// How long a recipient rests whose server said "later": greylisting lets a mail through after some minutes.
const LATER: Duration = Duration::from_secs(120);
const REST: Duration = Duration::from_secs(60);

/// How far a mail had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Until we are who we say we are.
    SignIn,
    /// Sender and recipient.
    Envelope,
    /// The mail itself.
    Data,
}

/// The enhanced code at the beginning of an answer's text: `5.1.1`.
pub(super) fn enhanced(text: &str) -> Option<(u8, u16, u16)> {
    let word = text.split_whitespace().next()?;
    let mut numbers = word.split('.');
    let class: u8 = numbers.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
    let (subject, detail) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some((class, subject, detail))
}

/// Classifies a refusal.
pub(super) fn classify(step: Step, code: u16, text: &str) -> SendError {
    let enhanced = enhanced(text);
    let class = match step {
        Step::SignIn => sign_in(code, enhanced),
        Step::Envelope | Step::Data if code == 421 => SendErrorClass::Unavailable,
        Step::Envelope | Step::Data => refused(step, code, enhanced, text),
    };
    let shown = match enhanced {
        Some((class, subject, detail)) => format!("{code} {class}.{subject}.{detail}"),
        None => code.to_string(),
    };
    SendError::new(class, shown, format!("the mail server answered {code} {text}"))
}

fn sign_in(code: u16, enhanced: Option<(u8, u16, u16)>) -> SendErrorClass {
    match (code, enhanced) {
        // 535 4.7.x: it cannot look the password up at the moment
        (535, Some((4, ..))) => SendErrorClass::Unavailable,
        (530 | 534 | 535 | 538, _) => SendErrorClass::Settings(SettingsProblem::Auth),
        (400..500, _) => SendErrorClass::Unavailable,
        // it wants nothing of us at all
        _ => SendErrorClass::Settings(SettingsProblem::Config),
    }
}

fn refused(step: Step, code: u16, enhanced: Option<(u8, u16, u16)>, text: &str) -> SendErrorClass {
    let recipient = |after| SendErrorClass::Throttled { after: Some(after), scope: ThrottleScope::Recipient };
    let rejected = SendErrorClass::Rejected;
    if code < 500 {
        let lower = text.to_lowercase();
        let too_fast = ["rate", "too many", "throttl", "4.7.28"].iter().any(|word| lower.contains(word));
        return match enhanced {
            Some((_, 7, _)) if too_fast => {
                SendErrorClass::Throttled { after: Some(REST), scope: ThrottleScope::Channel }
            }
            // the server's own troubles: its disk, its network
            Some((_, 3, _)) => SendErrorClass::Unavailable,
            Some((_, 4 | 7, _)) | None => recipient(LATER),
            Some((_, 2, _)) => recipient(Duration::from_mins(5)),
            _ => recipient(REST),
        };
    }
    match enhanced {
        Some((_, 1, 7 | 8)) => SendErrorClass::Settings(SettingsProblem::Config), // our own address
        Some((_, 1, _)) => rejected(RejectReason::Recipient),
        Some((_, 2, 3)) | Some((_, 3, 4)) => rejected(RejectReason::Content), // too large
        Some((_, 2, _)) => rejected(RejectReason::Recipient),
        Some((_, 6, _)) => rejected(RejectReason::Content),
        // our domain's records are wrong
        Some((_, 7, 20..=26)) => SendErrorClass::Settings(SettingsProblem::Config),
        Some((_, 7, 27)) => rejected(RejectReason::Recipient),
        Some((_, 7, 0 | 8 | 9)) if code == 530 || code == 535 => {
            SendErrorClass::Settings(SettingsProblem::Auth)
        }
        Some((_, 7, _)) => rejected(RejectReason::Policy),
        Some((_, 4, _)) => rejected(RejectReason::Recipient),
        _ => match (step, code) {
            (_, 530 | 535) => SendErrorClass::Settings(SettingsProblem::Auth),
            (_, 552) => rejected(RejectReason::Content),
            (Step::Envelope, 550 | 551 | 553 | 556) => rejected(RejectReason::Recipient),
            (Step::Envelope, 501 | 555) => rejected(RejectReason::Recipient),
            (_, 550 | 554) => rejected(RejectReason::Policy),
            _ => rejected(RejectReason::Content),
        },
    }
}

/// Whether a delivery report's status says that the address does not exist (RFC 3463).
pub(super) fn is_hard(status: &str) -> bool {
    matches!(enhanced(status), Some((5, 1, detail)) if !matches!(detail, 7 | 8))
        || matches!(enhanced(status), Some((5, 2, 0 | 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_class() {
        use RejectReason::*;
        use SendErrorClass::*;
        let later = |seconds, scope| Throttled { after: Some(Duration::from_secs(seconds)), scope };
        let table = [
            (Step::SignIn, 535, "5.7.8 Bad credentials", Settings(SettingsProblem::Auth)),
            (Step::SignIn, 535, "4.7.0 Try later", Unavailable),
            (Step::SignIn, 454, "4.7.0 Temporary", Unavailable),
            (Step::SignIn, 554, "No SMTP here", Settings(SettingsProblem::Config)),
            (Step::SignIn, 421, "4.3.2 Shutting down", Unavailable),
            (Step::Envelope, 550, "5.1.1 No such user", Rejected(Recipient)),
            (Step::Envelope, 550, "No such user", Rejected(Recipient)),
            (Step::Envelope, 452, "4.2.2 Mailbox full", later(300, ThrottleScope::Recipient)),
            (Step::Envelope, 451, "4.7.1 Greylisted", later(120, ThrottleScope::Recipient)),
            (Step::Envelope, 450, "busy", later(120, ThrottleScope::Recipient)),
            (Step::Envelope, 450, "4.7.28 Too many messages", later(60, ThrottleScope::Channel)),
            (Step::Envelope, 452, "4.3.1 Disk full", Unavailable),
            (Step::Envelope, 421, "4.7.0 Closing", Unavailable),
            (Step::Envelope, 530, "5.7.0 Sign in first", Settings(SettingsProblem::Auth)),
            (Step::Envelope, 550, "5.7.1 Relaying denied", Rejected(Policy)),
            (Step::Envelope, 550, "5.1.8 Bad sender", Settings(SettingsProblem::Config)),
            (Step::Data, 552, "5.3.4 Message too big", Rejected(Content)),
            (Step::Data, 552, "5.2.2 Mailbox full", Rejected(Recipient)),
            (Step::Data, 550, "5.7.26 Unauthenticated", Settings(SettingsProblem::Config)),
            (Step::Data, 550, "5.7.27 Null MX", Rejected(Recipient)),
            (Step::Data, 554, "spam", Rejected(Policy)),
            (Step::Data, 554, "5.6.0 Bad message", Rejected(Content)),
            (Step::Data, 451, "4.3.0 Try again", Unavailable),
            (Step::Data, 500, "what?", Rejected(Content)),
        ];
        for (step, code, text, class) in table {
            assert_eq!(classify(step, code, text).class, class, "{code} {text}");
        }
        assert_eq!(classify(Step::Envelope, 550, "5.1.1 No").code, "550 5.1.1");
    }

    #[test]
    fn hard_and_soft() {
        for hard in ["5.1.1", "5.1.10", "5.2.1"] {
            assert!(is_hard(hard), "{hard}");
        }
        for soft in ["5.2.2", "4.1.1", "5.7.1", "5.1.8", "", "x"] {
            assert!(!is_hard(soft), "{soft}");
        }
    }
}
