//! What Messenger's error codes mean.

use crate::{
    RejectReason, SendErrorClass, SettingsProblem, ThrottleScope,
    meta::{GraphError, common, otherwise},
};

/// Total: every pair of code and subcode has a class.
pub(super) fn classify(error: &GraphError) -> SendErrorClass {
    use RejectReason::{Content, OptOut, Policy, Recipient, Window};
    let settings = SendErrorClass::Settings;
    match (error.code, error.subcode) {
        (10, 2_018_278 | 2_534_022 | 2_018_065) => SendErrorClass::Rejected(Window),
        (200, 1_545_041 | 2_018_108) | (551, _) => SendErrorClass::Rejected(OptOut),
        (100, 2_018_001 | 33) => SendErrorClass::Rejected(Recipient),
        (4, 2_018_354) | (9, 2_018_352) => {
            SendErrorClass::Throttled { after: error.regain, scope: ThrottleScope::Recipient }
        }
        (2, 2_018_344) => settings(SettingsProblem::Auth),
        (100, _) => SendErrorClass::Rejected(Content),
        (368, _) => SendErrorClass::Rejected(Policy),
        (3 | 10 | 230 | 200..=299, _) => settings(SettingsProblem::Auth),
        (1 | 2 | 1200, _) => SendErrorClass::Unavailable,
        _ => common(error).unwrap_or_else(|| otherwise(error)),
    }
}
