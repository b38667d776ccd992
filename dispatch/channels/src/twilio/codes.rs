//! Twilio's statuses and error codes. Codes are matched, never texts: Twilio says that texts change.

use outbound::Response;

use crate::{
    ReceiptStatus, RejectReason, SendErrorClass, SettingsProblem, ThrottleScope, error::retry_after,
};

/// What a status means; `None` for those that say nothing about a message of ours.
pub(super) fn status(word: &str) -> Option<ReceiptStatus> {
    match word {
        // Twilio has it: for us that is sent, and it settles an unknown outcome
        "scheduled" | "accepted" | "queued" | "sending" | "sent" | "partially_delivered" => {
            Some(ReceiptStatus::Sent)
        }
        "delivered" => Some(ReceiptStatus::Delivered),
        "read" => Some(ReceiptStatus::Read),
        "undelivered" | "failed" | "canceled" => Some(ReceiptStatus::Failed),
        _ => None,
    }
}

/// What an error answer means. Total.
pub(super) fn classify(code: Option<i64>, response: &Response) -> SendErrorClass {
    let status = response.status.as_u16();
    if let Some(class) = code.and_then(by_code) {
        return match class {
            SendErrorClass::Throttled { scope, .. } => {
                SendErrorClass::Throttled { after: retry_after(response), scope }
            }
            class => class,
        };
    }
    match status {
        401 => SendErrorClass::Settings(SettingsProblem::Auth),
        402 => SendErrorClass::Settings(SettingsProblem::Funds),
        429 => SendErrorClass::Throttled { after: retry_after(response), scope: ThrottleScope::Account },
        500.. => SendErrorClass::Unavailable,
        _ => SendErrorClass::Rejected(RejectReason::Content),
    }
}

fn by_code(code: i64) -> Option<SendErrorClass> {
    use RejectReason::{Content, OptOut, Policy, Recipient};
    let settings = SendErrorClass::Settings;
    let class = match code {
        20429 | 14107 | 63017 => SendErrorClass::Throttled { after: None, scope: ThrottleScope::Account },
        21611 | 63018 => SendErrorClass::Throttled { after: None, scope: ThrottleScope::Channel },
        20003 | 20005 | 20006 | 20008 | 20403 | 20404 | 10001 => settings(SettingsProblem::Auth),
        20500 | 20503 | 21619 | 21730 | 20409 => SendErrorClass::Unavailable,
        21610 => SendErrorClass::Rejected(OptOut),
        21201 | 21211 | 21217 | 21401 | 21421 | 21604 | 21612 | 21614 => SendErrorClass::Rejected(Recipient),
        21602 | 21605 | 21617 | 21618 | 21620 | 21623 | 21624 | 21654..=21656 => {
            SendErrorClass::Rejected(Content)
        }
        21408 | 21608 | 21219 | 30610 => SendErrorClass::Rejected(Policy),
        21212
        | 21601
        | 21603
        | 21606
        | 21607
        | 21609
        | 21616
        | 21621
        | 21622
        | 21626
        | 21701..=21705
        | 21709
        | 21717 => settings(SettingsProblem::Config),
        _ => return None,
    };
    Some(class)
}

/// A receipt's error code, in words.
pub(super) fn explain(code: &str) -> &'static str {
    match code {
        "canceled" => "the message was cancelled at Twilio",
        "21610" => "the recipient has opted out",
        "30001" => "Twilio's queue overflowed",
        "30002" => "the Twilio account is suspended",
        "30003" => "the phone cannot be reached",
        "30004" => "the message was blocked",
        "30005" => "the number is unknown",
        "30006" => "the number is a landline or its carrier cannot be reached",
        "30007" => "the carrier filtered the message",
        "30008" => "the carrier gave no reason",
        "30011" => "the number cannot receive MMS",
        "30017" => "the carrier's network is congested",
        "30019" => "the content is too large",
        "30022" | "30023" | "30027" => "the sender's daily limit is reached",
        "30034" | "30032" | "30018" | "30024" => "the sender is not registered for this destination",
        "30036" => "the message expired before it could be delivered",
        "30410" => "the carrier did not answer in time",
        "30610" => "the recipient's quiet hours",
        _ => "the message could not be delivered",
    }
}
