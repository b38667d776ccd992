//! The states of a conversation and what may follow what.

use crate::error::{Error, ErrorCode};

text_enum! {
    /// Where a conversation stands.
    pub enum ConversationStatus {
        /// Waiting in the queue; never has an assignee.
        Open = "open",
        /// The bot has it; never has an assignee.
        Bot = "bot",
        /// An agent has it.
        Assigned = "assigned",
        /// An agent has it and waits for the customer.
        Pending = "pending",
        /// Done; an inbound message reopens it.
        Resolved = "resolved",
        /// Over; an inbound message starts a new conversation.
        Closed = "closed",
    }
}

impl ConversationStatus {
    /// The states that may directly follow this one.
    #[must_use]
    pub const fn may_become(self) -> &'static [Self] {
        use ConversationStatus::{Assigned, Bot, Closed, Open, Pending, Resolved};
        match self {
            Open => &[Bot, Assigned, Pending, Resolved, Closed],
            Bot => &[Open, Assigned, Resolved, Closed],
            Assigned => &[Open, Pending, Resolved, Closed],
            Pending => &[Open, Assigned, Resolved, Closed],
            Resolved => &[Open, Assigned, Closed],
            Closed => &[],
        }
    }

    /// The next state, or a 400 that says what is allowed.
    pub fn to(self, next: Self) -> Result<Self, Error> {
        if self.may_become().contains(&next) {
            return Ok(next);
        }
        let allowed: Vec<&str> = self.may_become().iter().map(|status| status.as_str()).collect();
        Err(Error::new(
            ErrorCode::BadRequest,
            format!(
                "a conversation that is {self} cannot become {next}; it may become {}",
                if allowed.is_empty() { "nothing else".to_owned() } else { allowed.join(", ") }
            ),
        )
        .with("status", self)
        .with("allowed", allowed))
    }

    /// Not resolved and not closed: the one that new messages of its thread go to.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Resolved | Self::Closed)
    }

    /// Whether an agent holds it: such a conversation always has an assignee.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Assigned | Self::Pending)
    }
}

text_enum! {
    /// How urgent a conversation is; the queue serves higher ones first.
    pub enum Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" }
}

impl Priority {
    /// 0 (low) to 3 (urgent), as stored for ordering.
    #[must_use]
    pub const fn rank(self) -> i16 {
        match self {
            Self::Low => 0,
            Self::Normal => 1,
            Self::High => 2,
            Self::Urgent => 3,
        }
    }
}

text_enum! {
    /// Whether the bot may still speak in a conversation. Only a reopening or a new conversation
    /// makes it active again.
    pub enum BotState { Active = "active", HandedOver = "handed_over" }
}

text_enum! {
    /// Who assigned a conversation.
    pub enum AssignedBy { Agent = "agent", BotRule = "bot_rule", Routing = "routing", System = "system" }
}

#[cfg(test)]
mod tests {
    use super::ConversationStatus::{self, *};

    #[test]
    fn the_table_of_transitions_is_the_documented_one() {
        let documented: &[(ConversationStatus, &[ConversationStatus])] = &[
            (Open, &[Bot, Assigned, Pending, Resolved, Closed]),
            (Bot, &[Open, Assigned, Resolved, Closed]),
            (Assigned, &[Open, Pending, Resolved, Closed]),
            (Pending, &[Open, Assigned, Resolved, Closed]),
            (Resolved, &[Open, Assigned, Closed]),
            (Closed, &[]),
        ];
        for (from, allowed) in documented {
            for to in ConversationStatus::ALL {
                assert_eq!(from.to(*to).is_ok(), allowed.contains(to), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_refused_transition_names_what_is_allowed() {
        let error = Closed.to(Open).unwrap_err();
        assert_eq!(error.code, crate::ErrorCode::BadRequest);
        assert!(error.message.contains("nothing else"));
        assert!(Bot.to(Pending).unwrap_err().message.contains("open, assigned, resolved, closed"));
    }
}
