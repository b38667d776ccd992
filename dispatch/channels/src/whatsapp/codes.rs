//! What WhatsApp's error codes mean, in answers and in status webhooks.

use std::time::Duration;

use crate::{
    RejectReason, SendErrorClass, SettingsProblem, ThrottleScope,
    meta::{GraphError, common, otherwise},
};

/// One message in six seconds to the same person, once the burst is used up.
const PAIR_PAUSE: Duration = Duration::from_secs(6);

/// Total: every code has a class.
pub(super) fn classify(error: &GraphError) -> SendErrorClass {
    use RejectReason::{Content, OptOut, Policy, Recipient, Window};
    let settings = SendErrorClass::Settings;
    let throttled = |after, scope| SendErrorClass::Throttled { after, scope };
    match error.code {
        131_056 => throttled(Some(PAIR_PAUSE), ThrottleScope::Recipient),
        130_429 | 131_048 | 133_016 | 131_208 | 132_069 => throttled(error.regain, ThrottleScope::Channel),
        131_047 => SendErrorClass::Rejected(Window),
        131_050 => SendErrorClass::Rejected(OptOut),
        131_026 | 131_021 | 131_030 | 131_062 | 137_000 => SendErrorClass::Rejected(Recipient),
        131_049 | 130_472 | 131_064 | 131_031 | 130_497 | 132_015 | 132_016 | 132_068 => {
            SendErrorClass::Rejected(Policy)
        }
        131_042 | 131_044 | 134_011 => settings(SettingsProblem::Funds),
        0 | 3 | 10 | 200..=299 | 131_005 => settings(SettingsProblem::Auth),
        131_037 | 131_045 | 131_063 | 133_000 | 133_005..=133_015 => settings(SettingsProblem::Config),
        1 | 2 | 131_000 | 131_016 | 131_057 | 133_004 | 135_000 | 2_494_100 => SendErrorClass::Unavailable,
        33 | 100 | 131_008 | 131_009 | 131_051 | 131_052 | 131_053 | 132_000..=132_014 | 132_018 => {
            SendErrorClass::Rejected(Content)
        }
        131_020 | 131_041 | 131_059 | 131_201..=131_215 => SendErrorClass::Rejected(Recipient),
        _ => common(error).unwrap_or_else(|| otherwise(error)),
    }
}
