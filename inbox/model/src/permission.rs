//! What a member of an account may do: a closed list of named permissions, and the roles that are
//! made of them. Code asks `permissions.can(…)`; it never compares role names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

text_enum! {
    pub enum Permission {
        /// See conversations and their public messages.
        ConversationsView = "conversations.view",
        /// See private notes too.
        NotesView = "notes.view",
        ConversationsReply = "conversations.reply",
        /// Assign to others; taking a conversation oneself needs `conversations.reply` only.
        ConversationsAssign = "conversations.assign",
        ConversationsManage = "conversations.manage",
        /// See every conversation, also under `visibility = team`.
        ConversationsSeeAll = "conversations.see_all",
        MessagesView = "messages.view",
        MessagesSend = "messages.send",
        GroupMessagesSend = "group_messages.send",
        SchedulesManage = "schedules.manage",
        ContactsView = "contacts.view",
        ContactsManage = "contacts.manage",
        TemplatesView = "templates.view",
        TemplatesManage = "templates.manage",
        CannedResponsesView = "canned_responses.view",
        CannedResponsesManage = "canned_responses.manage",
        ChannelsView = "channels.view",
        ChannelsManage = "channels.manage",
        BotRulesView = "bot_rules.view",
        BotRulesManage = "bot_rules.manage",
        TeamsView = "teams.view",
        TeamsManage = "teams.manage",
        PreferencesManage = "preferences.manage",
        UsersView = "users.view",
        UsersManage = "users.manage",
        RolesManage = "roles.manage",
        AccountManage = "account.manage",
        ApiKeysManage = "api_keys.manage",
        AnalyticsView = "analytics.view",
        AuditView = "audit.view",
        OperationsManage = "operations.manage",
    }
}

/// A set of permissions; stored and sent as a list of strings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Permissions(pub BTreeSet<Permission>);

impl Permissions {
    #[must_use]
    pub fn can(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// What both hold: an API key never exceeds the member who made it.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Reads the `can_*` booleans that the brief's sample roles use.
    pub fn add_flag(&mut self, flag: &str) -> bool {
        use Permission::*;
        let names: &[Permission] = match flag {
            "can_send_messages" => &[MessagesSend, MessagesView],
            "can_manage_channels" => &[ChannelsView, ChannelsManage],
            "can_manage_templates" => &[TemplatesView, TemplatesManage],
            "can_view_analytics" => &[AnalyticsView],
            "can_manage_contacts" => &[ContactsView, ContactsManage],
            "can_manage_users" => &[UsersView, UsersManage],
            "can_manage_roles" => &[RolesManage],
            "can_send_group_messages" => &[GroupMessagesSend],
            "can_manage_schedules" => &[SchedulesManage],
            "can_view_conversations" => &[ConversationsView],
            "can_reply" => &[ConversationsReply],
            "can_assign" => &[ConversationsAssign],
            "can_manage_bot_rules" => &[BotRulesView, BotRulesManage],
            "can_manage_canned_responses" => &[CannedResponsesView, CannedResponsesManage],
            "can_manage_widgets" => &[ChannelsView, ChannelsManage],
            "can_manage_teams" => &[TeamsView, TeamsManage],
            "can_view_audit_log" => &[AuditView],
            _ => return false,
        };
        self.0.extend(names);
        true
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(list: I) -> Self {
        Self(list.into_iter().collect())
    }
}

text_enum! {
    /// The roles that every account has from the start.
    pub enum BuiltInRole {
        Owner = "owner", Admin = "admin", Supervisor = "supervisor", Agent = "agent", Viewer = "viewer",
    }
}

impl BuiltInRole {
    #[must_use]
    pub fn permissions(self) -> Permissions {
        use Permission::*;
        let viewer = [
            ConversationsView,
            NotesView,
            MessagesView,
            ContactsView,
            TemplatesView,
            CannedResponsesView,
            ChannelsView,
            BotRulesView,
            TeamsView,
            UsersView,
        ];
        let agent = [ConversationsReply, MessagesSend, ContactsManage];
        let supervisor = [
            ConversationsAssign,
            ConversationsManage,
            ConversationsSeeAll,
            GroupMessagesSend,
            SchedulesManage,
            TemplatesManage,
            CannedResponsesManage,
            BotRulesManage,
            TeamsManage,
            PreferencesManage,
            AnalyticsView,
        ];
        match self {
            Self::Viewer => viewer.into_iter().collect(),
            Self::Agent => viewer.into_iter().chain(agent).collect(),
            Self::Supervisor => viewer.into_iter().chain(agent).chain(supervisor).collect(),
            Self::Admin => Permission::ALL.iter().copied().filter(|p| !matches!(p, AccountManage)).collect(),
            Self::Owner => Permission::ALL.iter().copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_built_in_role_holds_what_the_one_below_it_holds() {
        let ladder = [
            BuiltInRole::Viewer,
            BuiltInRole::Agent,
            BuiltInRole::Supervisor,
            BuiltInRole::Admin,
            BuiltInRole::Owner,
        ];
        for pair in ladder.windows(2) {
            assert!(pair[0].permissions().is_subset(&pair[1].permissions()), "{} in {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn permissions_travel_as_a_list_of_strings() {
        let permissions: Permissions = [Permission::ConversationsReply].into_iter().collect();
        assert_eq!(serde_json::to_string(&permissions).unwrap(), r#"["conversations.reply"]"#);
    }
}
