use serde_json::json;

use super::*;

fn refused(kind: TriggerType, conditions: Value, actions: Value) -> Vec<String> {
    let errors = RuleBody::parse(kind, &conditions, &actions).unwrap_err();
    errors.into_iter().map(|error| error.field).collect()
}

#[test]
fn a_keyword_rule_is_read_whole() {
    let body = RuleBody::parse(
        TriggerType::Keyword,
        &json!({"keywords": ["refund", " return "], "match_mode": "all", "case_sensitive": true, "whole_word": true,
            "channels": ["telegram", "sms"], "exclude_channels": ["email"], "language": "en-GB"}),
        &json!({"reply_text": "hi", "set_labels": ["billing", "refund", "billing"], "set_priority": "high",
            "assign_team_id": "0190a1b2-0000-7000-8000-000000000001", "assign_strategy": "round_robin",
            "set_status": "open", "hand_off": true}),
    )
    .unwrap();
    assert_eq!(
        body.trigger,
        Trigger::Keyword {
            keywords: vec!["refund".into(), "return".into()],
            match_mode: MatchMode::All,
            case_sensitive: true,
            whole_word: true
        }
    );
    assert_eq!(body.filters.channels, [ChannelType::Telegram, ChannelType::Sms]);
    assert_eq!(body.filters.languages[0].as_str(), "en");
    assert_eq!(body.actions.set_labels, ["billing", "refund"]);
    assert_eq!(body.actions.topic(), Some("billing"));
    assert!(body.actions.routes());
    let again = RuleBody::parse(
        TriggerType::Keyword,
        &serde_json::to_value(body.conditions()).unwrap(),
        &serde_json::to_value(&body.actions).unwrap(),
    );
    assert_eq!(again.unwrap(), body);
}

#[test]
fn no_keyword_is_no_rule() {
    for conditions in [json!({}), json!(null), json!({"keywords": []}), json!({"keywords": null})] {
        assert_eq!(refused(TriggerType::Keyword, conditions, json!({})), ["conditions.keywords"]);
    }
    assert_eq!(
        refused(TriggerType::Keyword, json!({"keywords": ["a", "  ", 3]}), json!({})),
        ["conditions.keywords.1", "conditions.keywords.2"]
    );
}

#[test]
fn the_outer_zone_wins() {
    let zone = |conditions: Value| {
        let body = RuleBody::parse(TriggerType::TimeBased, &conditions, &json!({})).unwrap();
        let Trigger::TimeBased(range) = body.trigger else { panic!("another trigger") };
        range.timezone.name()
    };
    let range = json!({"start": "18:00", "end": "08:00", "tz": "Africa/Addis_Ababa"});
    assert_eq!(zone(json!({"time_range": range})), "Africa/Addis_Ababa");
    assert_eq!(zone(json!({"time_range": range, "timezone": "Asia/Tokyo"})), "Asia/Tokyo");
    assert_eq!(
        zone(json!({"time_range": {"start": "18:00", "end": "08:00", "timezone": "Asia/Tokyo"}})),
        "Asia/Tokyo"
    );
    assert_eq!(zone(json!({"days": ["sat", "sun"]})), "UTC");
}

#[test]
fn refusals_name_the_field() {
    assert_eq!(refused(TriggerType::TimeBased, json!({}), json!({})), ["conditions.time_range"]);
    assert_eq!(
        refused(
            TriggerType::TimeBased,
            json!({"time_range": {"start": "6pm", "tz": "EAT+3", "x": 1}, "days": ["sunday"]}),
            json!({})
        ),
        [
            "conditions.days.0",
            "conditions.time_range.start",
            "conditions.time_range.end",
            "conditions.time_range.tz",
            "conditions.time_range.x"
        ]
    );
    assert_eq!(
        refused(TriggerType::Fallback, json!({"keywords": ["a"]}), json!({})),
        ["conditions.keywords"]
    );
    assert_eq!(
        refused(TriggerType::Channel, json!({"channels": ["fax"]}), json!({})),
        ["conditions.channels.0"]
    );
    assert_eq!(refused(TriggerType::Fallback, json!({"intent": "order"}), json!({})), ["conditions.intent"]);
    assert_eq!(refused(TriggerType::Fallback, json!([]), json!(1)), ["conditions", "actions"]);
    for (actions, field) in [
        (json!({"set_status": "assigned"}), "actions.set_status"),
        (json!({"set_status": "bot", "hand_off": true}), "actions.set_status"),
        (json!({"set_status": "resolved", "assign_strategy": "least_busy"}), "actions.set_status"),
        (json!({"assign_strategy": "random"}), "actions.assign_strategy"),
        (json!({"assign_team_id": "7"}), "actions.assign_team_id"),
        (json!({"reply_text": " "}), "actions.reply_text"),
        (json!({"set_labels": "billing"}), "actions.set_labels"),
        (json!({"collect_info": ["name"]}), "actions.collect_info"),
        (json!({"priority": "high"}), "actions.priority"),
    ] {
        assert_eq!(refused(TriggerType::Fallback, json!({}), actions), [field]);
    }
}

#[test]
fn defaults() {
    let body = RuleBody::parse(TriggerType::NewConversation, &json!({}), &json!({})).unwrap();
    assert_eq!(body.trigger, Trigger::NewConversation { only_first_message: true });
    assert_eq!(body.actions, Actions::default());
    assert_eq!(serde_json::to_value(&body.actions).unwrap(), json!({}));
}
