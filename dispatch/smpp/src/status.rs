//! Status codes, and what follows from them.

/// `command_status` of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u32);

/// What a status means to somebody who wants to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Ok,
    /// Later, and more slowly.
    Throttled,
    /// Not taken; a later attempt may work.
    Temporary,
    /// The session is not in the state that the message centre expects; bind anew.
    Session,
    /// The credentials are refused.
    Auth,
    /// The account has as many binds as it may have, or an old one has not been noticed to be gone.
    AlreadyBound,
    /// This recipient will not work.
    Recipient,
    /// This message will not work.
    Content,
    /// Settings of the client do not suit the message centre.
    Config,
}

/// Code, name of the specification, class.
const KNOWN: [(u32, &str, Class); 52] = [
    (0x00, "ESME_ROK", Class::Ok),
    (0x01, "ESME_RINVMSGLEN", Class::Content),
    (0x02, "ESME_RINVCMDLEN", Class::Config),
    (0x03, "ESME_RINVCMDID", Class::Config),
    (0x04, "ESME_RINVBNDSTS", Class::Session),
    (0x05, "ESME_RALYBND", Class::AlreadyBound),
    (0x06, "ESME_RINVPRTFLG", Class::Config),
    (0x07, "ESME_RINVREGDLVFLG", Class::Config),
    (0x08, "ESME_RSYSERR", Class::Temporary),
    (0x0A, "ESME_RINVSRCADR", Class::Config),
    (0x0B, "ESME_RINVDSTADR", Class::Recipient),
    (0x0C, "ESME_RINVMSGID", Class::Config),
    (0x0D, "ESME_RBINDFAIL", Class::Auth),
    (0x0E, "ESME_RINVPASWD", Class::Auth),
    (0x0F, "ESME_RINVSYSID", Class::Auth),
    (0x14, "ESME_RMSGQFUL", Class::Throttled),
    (0x15, "ESME_RINVSERTYP", Class::Config),
    (0x33, "ESME_RINVNUMDESTS", Class::Config),
    (0x40, "ESME_RINVDESTFLAG", Class::Config),
    (0x42, "ESME_RINVSUBREP", Class::Config),
    (0x43, "ESME_RINVESMCLASS", Class::Config),
    (0x45, "ESME_RSUBMITFAIL", Class::Temporary),
    (0x48, "ESME_RINVSRCTON", Class::Config),
    (0x49, "ESME_RINVSRCNPI", Class::Config),
    (0x50, "ESME_RINVDSTTON", Class::Recipient),
    (0x51, "ESME_RINVDSTNPI", Class::Recipient),
    (0x53, "ESME_RINVSYSTYP", Class::Auth),
    (0x54, "ESME_RINVREPFLAG", Class::Config),
    (0x55, "ESME_RINVNUMMSGS", Class::Config),
    (0x58, "ESME_RTHROTTLED", Class::Throttled),
    (0x61, "ESME_RINVSCHED", Class::Config),
    (0x62, "ESME_RINVEXPIRY", Class::Config),
    (0x63, "ESME_RINVDFTMSGID", Class::Config),
    (0x64, "ESME_RX_T_APPN", Class::Temporary),
    (0x65, "ESME_RX_P_APPN", Class::Content),
    (0x66, "ESME_RX_R_APPN", Class::Content),
    (0x67, "ESME_RQUERYFAIL", Class::Temporary),
    (0xC0, "ESME_RINVTLVSTREAM", Class::Config),
    (0xC1, "ESME_RTLVNOTALLWD", Class::Config),
    (0xC2, "ESME_RINVTLVLEN", Class::Config),
    (0xC3, "ESME_RMISSINGTLV", Class::Config),
    (0xC4, "ESME_RINVTLVVAL", Class::Config),
    (0xFE, "ESME_RDELIVERYFAILURE", Class::Temporary),
    (0xFF, "ESME_RUNKNOWNERR", Class::Temporary),
    (0x100, "ESME_RSERTYPUNAUTH", Class::Config),
    (0x101, "ESME_RPROHIBITED", Class::Config),
    (0x102, "ESME_RSERTYPUNAVAIL", Class::Temporary),
    (0x103, "ESME_RSERTYPDENIED", Class::Config),
    (0x104, "ESME_RINVDCS", Class::Content),
    (0x105, "ESME_RINVSRCADDRSUBUNIT", Class::Config),
    (0x106, "ESME_RINVDSTADDRSUBUNIT", Class::Recipient),
    (0x112, "ESME_RINVDSTADDR", Class::Recipient),
];

impl Status {
    pub const OK: Self = Self(0x00);
    pub const INVALID_COMMAND_LENGTH: Self = Self(0x02);
    pub const INVALID_COMMAND_ID: Self = Self(0x03);
    pub const INVALID_BIND_STATUS: Self = Self(0x04);
    pub const ALREADY_BOUND: Self = Self(0x05);
    pub const SYSTEM_ERROR: Self = Self(0x08);
    pub const INVALID_PASSWORD: Self = Self(0x0E);
    pub const QUEUE_FULL: Self = Self(0x14);
    pub const THROTTLED: Self = Self(0x58);
    /// The receiver cannot take the message now.
    pub const TEMPORARY_APP_ERROR: Self = Self(0x64);

    /// The name in the specification; `None` for a vendor's own.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.known().map(|known| known.1)
    }

    /// What follows from it. A vendor's own code counts as temporary: what it means is not known, only that the
    /// message was not taken.
    #[must_use]
    pub fn class(self) -> Class {
        self.known().map_or(Class::Temporary, |known| known.2)
    }

    fn known(self) -> Option<&'static (u32, &'static str, Class)> {
        KNOWN.binary_search_by_key(&self.0, |known| known.0).ok().map(|at| &KNOWN[at])
    }
}

/// `ESME_RTHROTTLED (0x58)`
impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({:#04x})", self.0),
            None => write!(f, "{:#06x}", self.0),
        }
    }
}

impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Status({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_vendors_codes_are_temporary() {
        assert!(KNOWN.is_sorted_by_key(|known| known.0));
        assert_eq!(Status(0x58).to_string(), "ESME_RTHROTTLED (0x58)");
        assert_eq!((Status(0x0B).class(), Status(0x411).class()), (Class::Recipient, Class::Temporary));
        assert_eq!(Status(0x411).to_string(), "0x0411");
    }
}
