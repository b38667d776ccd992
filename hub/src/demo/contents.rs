//! What is in the demo, as people would send it to the API.

use inbox::identity::{accounts::NewAccount, users::NewUser};
use model::{Result, TeamId, TemplateId, UserId};
use serde_json::{Value, json};

use super::{PASSWORD, SLUG, read};

pub(super) const OWNER: &str = "owner@demo.example";

/// Someone who answers customers.
pub(super) struct Agent {
    pub(super) email: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    languages: &'static [&'static str],
}

pub(super) const AGENTS: &[Agent] = &[
    Agent {
        email: "hanna@demo.example",
        given_name: "Hanna",
        family_name: "Tadesse",
        languages: &["en", "am"],
    },
    Agent { email: "samuel@demo.example", given_name: "Samuel", family_name: "Bekele", languages: &["en"] },
    Agent {
        email: "ruth@demo.example",
        given_name: "Ruth",
        family_name: "Alemu",
        languages: &["en", "am", "om"],
    },
];

pub(super) fn account() -> Result<NewAccount> {
    read(json!({
        "name": "Turumba Demo", "slug": SLUG, "timezone": "Africa/Addis_Ababa", "languages": ["en", "am", "om"],
        "description": "A pretend company for trying things out",
    }))
}

pub(super) fn owner() -> Result<NewUser> {
    read(json!({"email": OWNER, "password": PASSWORD, "given_name": "Olana", "family_name": "Desta"}))
}

pub(super) fn user(agent: &Agent) -> Result<NewUser> {
    read(json!({
        "email": agent.email, "password": PASSWORD, "given_name": agent.given_name,
        "family_name": agent.family_name,
    }))
}

/// No hours: whoever is online is there.
pub(super) fn preference(agent: &Agent, user_id: UserId) -> Value {
    json!({"user_id": user_id, "languages": agent.languages, "max_concurrent_conversations": 5})
}

pub(super) fn team(lead: UserId) -> Value {
    json!({"name": "Billing", "description": "Refunds, invoices, payments", "lead_id": lead})
}

pub(super) fn labels() -> Vec<Value> {
    vec![
        json!({"name": "refund", "color": "#F59E0B"}),
        json!({"name": "delivery", "color": "#06B6D4"}),
        json!({"name": "urgent", "color": "#EF4444"}),
    ]
}

pub(super) fn canned_responses() -> Vec<Value> {
    vec![
        json!({
            "short_code": "/hello", "title": "Greeting", "category": "general",
            "content": "Hello {{ contact.name | default: \"there\" }}, thank you for writing. How can I help?",
        }),
        json!({
            "short_code": "/order", "title": "Ask for the order number", "category": "orders",
            "content": "Could you send me your order number, please? It stands at the top of your receipt.",
        }),
        json!({
            "short_code": "/bye", "title": "Farewell", "category": "general",
            "content": "Thank you for your patience. Is there anything else that I can do for you?",
        }),
    ]
}

pub(super) const GREETING: &str = "Greeting";
pub(super) const REFUND: &str = "Refund received";

pub(super) fn templates() -> Vec<Value> {
    vec![
        json!({
            "name": GREETING, "category": "bot", "language": "en",
            "body": "Selam {{ contact.name | default: \"there\" }}! You have reached Turumba Demo. \
                     Tell us in a few words what it is about. Write \"refund\" for a refund.",
        }),
        json!({
            "name": REFUND, "category": "bot", "language": "en",
            "body": "We are sorry that something went wrong, {{ contact.name | default: \"friend\" }}. \
                     A colleague from Billing will look at your refund now.",
        }),
        json!({
            "name": "Order shipped", "category": "orders", "language": "en", "fallback_strategy": "use_default",
            "default_values": {"ORDER": "your order"},
            "body": "Good news: {ORDER} is on its way to you.",
        }),
    ]
}

/// The rules in the order in which they are tried; the first that holds acts.
pub(super) fn bot_rules(team: TeamId, template: impl Fn(&str) -> Option<TemplateId>) -> Vec<Value> {
    vec![
        json!({
            "name": "Outside office hours", "priority": 5, "is_active": false, "trigger_type": "time_based",
            "description": "An example: switch it on to answer at night",
            "conditions": {"time_range": {"start": "18:00", "end": "08:00"}, "timezone": "Africa/Addis_Ababa"},
            "actions": {
                "reply_text": "Our office opens at 8 in the morning. We will answer you then.",
                "set_status": "open",
            },
        }),
        json!({
            "name": "Refunds go to Billing", "priority": 10, "trigger_type": "keyword",
            "conditions": {"keywords": ["refund", "money back", "ተመላሽ"], "match_mode": "any"},
            "actions": {
                "reply_template_id": template(REFUND), "set_labels": ["refund"], "set_priority": "high",
                "assign_team_id": team, "assign_strategy": "least_busy",
            },
        }),
        json!({
            "name": "Greeting", "priority": 50, "trigger_type": "new_conversation",
            "conditions": {"only_first_message": true},
            "actions": {"reply_template_id": template(GREETING), "set_status": "bot"},
        }),
        json!({
            "name": "Everything else goes to a person", "priority": 1000, "trigger_type": "fallback",
            "actions": {
                "reply_text": "Thank you. A colleague will be with you in a moment.", "hand_off": true,
                "assign_strategy": "least_busy",
            },
        }),
    ]
}

pub(super) fn channels() -> Vec<Value> {
    let receipts = json!({"receipts": ["sent", "delivered", "read"], "receipt_delay_ms": 700});
    vec![
        json!({
            "name": "Web site chat", "channel_type": "webchat",
            "settings": {
                "welcome_message": "Selam! Write to us, we are here to help.",
                "offline_message": "Nobody is at their desk; leave a message and we will answer.",
            },
        }),
        json!({
            "name": "Sandbox SMS", "channel_type": "sms", "provider": "sandbox", "settings": receipts,
            "sender_name": "TURUMBA", "default_country_code": "+251",
        }),
        json!({
            "name": "Sandbox Telegram", "channel_type": "telegram", "provider": "sandbox", "settings": receipts,
        }),
    ]
}

#[cfg(test)]
mod tests {
    use inbox::{
        bot_rules::NewBotRule, canned::NewCannedResponse, channel_store::NewChannel, labels::NewLabel,
        preferences::NewPreference, teams::NewTeam, template_store::NewTemplate,
    };
    use model::bot::RuleBody;

    use super::*;

    #[test]
    fn everything_can_be_read() {
        account().unwrap();
        owner().unwrap();
        let id = UserId::new();
        read::<NewTeam>(team(id)).unwrap();
        for agent in AGENTS {
            user(agent).unwrap();
            read::<NewPreference>(preference(agent, id)).unwrap();
        }
        for new in labels() {
            read::<NewLabel>(new).unwrap();
        }
        for new in canned_responses() {
            read::<NewCannedResponse>(new).unwrap();
        }
        for new in templates() {
            read::<NewTemplate>(new).unwrap();
        }
        for new in bot_rules(TeamId::new(), |_| Some(TemplateId::new())) {
            let rule: NewBotRule = read(new).unwrap();
            RuleBody::parse(rule.trigger_type, &rule.conditions, &rule.actions).unwrap();
        }
        for new in channels() {
            let channel: NewChannel = read(new).unwrap();
            let provider = channel.provider.as_deref().unwrap_or_default();
            let adapter = channels::registry().get(channel.channel_type, provider).unwrap();
            assert_eq!(adapter.profile().validate(&json!({}), &channel.settings), []);
        }
    }
}
