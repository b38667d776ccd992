//! Typed identifiers. All are version 7 UUIDs, so they sort by the time they were made; the month
//! partition of a row is derived from its id (RFC 9562 §5.7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            sqlx::Type, utoipa::ToSchema, schemars::JsonSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id; greater than every id that this process made before it.
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self { Self(Uuid::now_v7()) }

            /// The untyped value, for a query parameter.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }

        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
    )+};
}

ids! {
    /// A tenant: one organisation.
    AccountId,
    UserId,
    RoleId,
    /// A user's place in an account.
    MembershipId,
    /// A sign-in; its refresh tokens rotate under it.
    SessionId,
    ApiKeyId,
    TeamId,
    PreferenceId,
    ContactId,
    /// One address of a contact on one channel type.
    IdentifierId,
    /// A browser that opened the web chat.
    VisitorId,
    ChannelId,
    ConversationId,
    MessageId,
    /// One try to deliver a message.
    AttemptId,
    UploadId,
    TemplateId,
    CannedResponseId,
    BotRuleId,
    /// One row of a conversation's assignment history.
    AssignmentId,
    /// One routing decision with its reasons.
    DecisionId,
    EventId,
    /// One recorded webhook body.
    JournalId,
    GroupMessageId,
    ScheduleId,
    LabelId,
    SuppressionId,
    /// A set of people that messages go to.
    GroupId,
    PersonId,
    /// A saved filter over contacts.
    SegmentId,
    /// One firing of a schedule.
    OccurrenceId,
    ImportId,
    MergeId,
    WebhookId,
    /// One running hub process; new at every start.
    NodeId,
}
