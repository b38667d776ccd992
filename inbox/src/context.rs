//! Who asks. Commands take a [`Member`] or a [`Visitor`]: if a handler has one, the caller was
//! authenticated and belongs to that account. Only `identity` and `webchat` can make them.

use model::{
    AccountId, ApiKeyId, Audience, ChannelId, ContactId, Error, ErrorCode, Permission, Permissions, Result,
    RoleId, SenderType, SessionId, TeamId, Time, UserId, VisitorId, event::Actor,
};

/// How a caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// An access token of a sign-in.
    Session(SessionId),
    ApiKey(ApiKeyId),
    /// The operator, at the command line of the machine.
    Operator,
}

impl Proof {
    /// Whether the person is there. An API key acts with what it was given alone: it neither sees nor ends its
    /// maker's sign-ins, nor changes their profile.
    pub fn is_in_person(self) -> bool {
        !matches!(self, Self::ApiKey(_))
    }
}

/// An authenticated caller and the accounts they belong to.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) proof: Proof,
    /// When the credential ends.
    pub(crate) expires_at: Option<Time>,
    pub(crate) members: Vec<Member>,
}

/// A caller within one account.
#[derive(Debug, Clone)]
pub struct Member {
    pub(crate) account_id: AccountId,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) email: String,
    /// Where their picture can be read.
    pub(crate) avatar_url: Option<String>,
    pub(crate) proof: Proof,
    pub(crate) role_id: RoleId,
    pub(crate) role_name: String,
    pub(crate) permissions: Permissions,
    pub(crate) teams: Vec<TeamId>,
    /// The account shows conversations only to their teams.
    pub(crate) team_visibility: bool,
}

impl Context {
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn email(&self) -> &str {
        &self.email
    }

    pub fn proof(&self) -> Proof {
        self.proof
    }

    pub fn expires_at(&self) -> Option<Time> {
        self.expires_at
    }

    /// A 403 unless the person is there.
    pub fn require_in_person(&self) -> Result<()> {
        if self.proof.is_in_person() {
            return Ok(());
        }
        Err(Error::forbidden("an API key cannot do this; sign in"))
    }

    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn account_ids(&self) -> Vec<AccountId> {
        self.members.iter().map(|member| member.account_id).collect()
    }

    /// The caller in `account`; a foreign account is not told from a missing one.
    pub fn member(&self, account: AccountId) -> Result<&Member> {
        self.members
            .iter()
            .find(|member| member.account_id == account)
            .ok_or_else(|| Error::not_found("account"))
    }

    /// The caller in the account they named, or in the only one they have; 400 `account_required` when
    /// neither tells, 403 when the named one is not theirs.
    pub fn acting_in(&self, named: Option<AccountId>) -> Result<&Member> {
        match (named, self.members.as_slice()) {
            (Some(account), _) => self
                .member(account)
                .map_err(|_| Error::forbidden("account_id names an account that you do not belong to")),
            (None, [only]) => Ok(only),
            (None, []) => Err(Error::forbidden("you belong to no account")),
            (None, _) => Err(Error::new(
                ErrorCode::AccountRequired,
                "you belong to several accounts: say which one with account_id",
            )
            .with("account_ids", self.account_ids())),
        }
    }
}

impl Member {
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }

    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn email(&self) -> &str {
        &self.email
    }

    pub fn proof(&self) -> Proof {
        self.proof
    }

    pub fn role_id(&self) -> RoleId {
        self.role_id
    }

    pub fn role_name(&self) -> &str {
        &self.role_name
    }

    /// As what they do is recorded.
    pub fn actor(&self, note: Option<String>) -> Actor {
        let (id, name) = (Some(self.user_id.uuid()), Some(self.name.clone()));
        Actor { kind: SenderType::Agent, id, name, note }
    }

    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    pub fn teams(&self) -> &[TeamId] {
        &self.teams
    }

    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.can(permission)
    }

    /// A 403 that names the missing permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.can(permission) {
            return Ok(());
        }
        Err(Error::forbidden(format!("your role lacks the permission {permission}"))
            .with("permission", permission))
    }

    /// Whether a feed entry with this audience is for them; asked live and again on replay.
    pub fn sees(&self, audience: &Audience) -> bool {
        match audience {
            Audience::Account => true,
            Audience::Users { users } => users.contains(&self.user_id),
            Audience::Conversation { open, teams, users } => {
                self.can(Permission::ConversationsView)
                    && (self.sees_all()
                        || *open
                        || users.contains(&self.user_id)
                        || teams.iter().any(|team| self.teams.contains(team)))
            }
            Audience::Thread => false,
        }
    }

    /// Whether every conversation of the account is shown to them.
    pub fn sees_all(&self) -> bool {
        !self.team_visibility || self.can(Permission::ConversationsSeeAll)
    }
}

/// A visitor of a web chat, by a valid session token.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub(crate) account_id: AccountId,
    pub(crate) channel_id: ChannelId,
    pub(crate) visitor_id: VisitorId,
    pub(crate) contact_id: Option<ContactId>,
    pub(crate) is_verified: bool,
    pub(crate) expires_at: Time,
}

impl Visitor {
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }

    pub fn channel_id(&self) -> ChannelId {
        self.channel_id
    }

    pub fn visitor_id(&self) -> VisitorId {
        self.visitor_id
    }

    pub fn contact_id(&self) -> Option<ContactId> {
        self.contact_id
    }

    pub fn is_verified(&self) -> bool {
        self.is_verified
    }

    pub fn expires_at(&self) -> Time {
        self.expires_at
    }
}
