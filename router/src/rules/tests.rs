use model::{TeamId, bot::TriggerType};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn rule(number: u128, priority: i32, kind: TriggerType, conditions: Value) -> Rule {
    let body = RuleBody::parse(kind, &conditions, &json!({"reply_text": "hello"})).unwrap();
    Rule::new(BotRuleId(Uuid::from_u128(number)), format!("rule {number}"), priority, body)
}

fn facts(text: &str) -> Facts<'_> {
    Facts {
        text,
        channel_type: ChannelType::Telegram,
        first_message: true,
        reopened: false,
        now: "2026-11-23T12:00:00Z".parse().unwrap(),
        status: ConversationStatus::Open,
        bot_state: BotState::Active,
        language: None,
        from_contact: true,
    }
}

fn holds(kind: TriggerType, conditions: Value, facts: &Facts<'_>) -> bool {
    RuleSet::new(vec![rule(1, 1, kind, conditions)]).evaluate(facts).outcome.rule().is_some()
}

#[test]
fn the_first_that_holds_wins_and_the_others_say_why_not() {
    let rules = RuleSet::new(vec![
        rule(9, 1000, TriggerType::Fallback, json!({})),
        rule(4, 20, TriggerType::Keyword, json!({"keywords": ["refund"]})),
        rule(3, 20, TriggerType::Keyword, json!({"keywords": ["refund", "order"], "match_mode": "all"})),
        rule(1, 10, TriggerType::Channel, json!({"channels": ["whatsapp"]})),
        rule(2, 10, TriggerType::TimeBased, json!({"time_range": {"start": "18:00", "end": "08:00"}})),
    ]);
    let decision = rules.evaluate(&facts("I want a Refund"));
    assert_eq!(decision.outcome.rule().unwrap().name, "rule 4");
    let tried = serde_json::to_value(&decision.tried).unwrap();
    let reasons: Vec<&str> =
        tried.as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "telegram is not among its channels",
            "12:00 UTC is outside 18:00 to 08:00",
            "the keyword \"order\" does not occur",
            "every condition holds",
        ]
    );
    assert_eq!(rules.evaluate(&facts("hi")).outcome.rule().unwrap().name, "rule 9");
}

#[test]
fn the_bot_keeps_silent() {
    let rules = RuleSet::new(vec![rule(1, 1, TriggerType::Fallback, json!({}))]);
    let silent = |facts: Facts<'_>| match rules.evaluate(&facts).outcome {
        Outcome::Silent(silence) => silence,
        other => panic!("{other:?}"),
    };
    assert_eq!(silent(Facts { from_contact: false, ..facts("a") }), Silence::NotFromContact);
    assert_eq!(silent(Facts { bot_state: BotState::HandedOver, ..facts("a") }), Silence::HandedOver);
    for status in ConversationStatus::ALL {
        let with = Facts { status: *status, ..facts("a") };
        if matches!(status, ConversationStatus::Open | ConversationStatus::Bot) {
            assert!(rules.evaluate(&with).outcome.rule().is_some());
        } else {
            assert_eq!(silent(with), Silence::Status(*status));
        }
    }
}

#[test]
fn filters_hold_for_every_trigger() {
    for (kind, own) in [
        (TriggerType::Keyword, json!({"keywords": ["a"]})),
        (TriggerType::TimeBased, json!({"days": ["mon"]})),
        (TriggerType::Channel, json!({})),
        (TriggerType::NewConversation, json!({})),
        (TriggerType::Fallback, json!({})),
    ] {
        let with = |extra: Value| {
            let mut conditions = own.clone();
            conditions.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            conditions
        };
        let amharic = Facts { language: Some("am".parse().unwrap()), ..facts("a") };
        assert!(holds(kind, own.clone(), &facts("a")), "{kind}");
        assert!(holds(kind, with(json!({"channels": ["telegram"]})), &facts("a")), "{kind}");
        assert!(!holds(kind, with(json!({"channels": ["sms"]})), &facts("a")), "{kind}");
        assert!(!holds(kind, with(json!({"exclude_channels": ["telegram"]})), &facts("a")), "{kind}");
        assert!(holds(kind, with(json!({"exclude_channels": ["sms"]})), &facts("a")), "{kind}");
        assert!(!holds(kind, with(json!({"language": "am"})), &facts("a")), "{kind}");
        assert!(holds(kind, with(json!({"language": ["en", "am"]})), &amharic), "{kind}");
        assert!(!holds(kind, with(json!({"language": "en"})), &amharic), "{kind}");
    }
}

#[test]
fn new_conversations() {
    let later = Facts { first_message: false, ..facts("a") };
    let reopened = Facts { first_message: false, reopened: true, ..facts("a") };
    for (conditions, first, again, other) in
        [(json!({}), true, false, false), (json!({"only_first_message": false}), true, true, false)]
    {
        assert_eq!(holds(TriggerType::NewConversation, conditions.clone(), &facts("a")), first);
        assert_eq!(holds(TriggerType::NewConversation, conditions.clone(), &reopened), again);
        assert_eq!(holds(TriggerType::NewConversation, conditions, &later), other);
    }
}

#[test]
fn days_are_those_of_the_zone() {
    // Monday 22:30 UTC is Tuesday 01:30 in Addis Ababa
    let night = Facts { now: "2026-11-23T22:30:00Z".parse().unwrap(), ..facts("a") };
    let range = |days: Value| json!({"time_range": {"start": "18:00", "end": "08:00", "tz": "Africa/Addis_Ababa"}, "days": days});
    assert!(holds(TriggerType::TimeBased, range(json!(["mon"])), &night));
    assert!(!holds(TriggerType::TimeBased, range(json!(["tue"])), &night));
    let rules = RuleSet::new(vec![rule(1, 1, TriggerType::TimeBased, range(json!(["tue"])))]);
    assert_eq!(rules.evaluate(&night).tried[0].reason, Reason::NotToday(Day::Mon));
}

#[test]
fn a_rule_set_lists_its_languages() {
    let rules = RuleSet::new(vec![
        rule(1, 1, TriggerType::Fallback, json!({"language": ["am", "en"]})),
        rule(2, 1, TriggerType::Fallback, json!({"language": "en"})),
    ]);
    assert_eq!(rules.languages().iter().map(Language::as_str).collect::<Vec<_>>(), ["am", "en"]);
}

#[test]
fn actions_come_with_the_rule() {
    let actions = json!({"assign_team_id": TeamId::new(), "set_labels": ["billing"]});
    let body = RuleBody::parse(TriggerType::Fallback, &json!({}), &actions).unwrap();
    let rules = RuleSet::new(vec![Rule::new(BotRuleId::new(), "r".into(), 1, body.clone())]);
    assert_eq!(rules.evaluate(&facts("x")).outcome.rule().unwrap().body, body);
}

prop_compose! {
    fn any_rule()(
        number in 1u128..1000, priority in 0i32..5, pick in 0usize..5,
        keyword in "[a-c]{1,2}", all in any::<bool>(), sms in any::<bool>(),
    ) -> Rule {
        let mut conditions = match pick {
            0 => json!({"keywords": [keyword, "b"], "match_mode": if all { "all" } else { "any" }}),
            1 => json!({"days": if all { json!(["mon"]) } else { json!(["tue"]) }}),
            3 => json!({"only_first_message": all}),
            _ => json!({}),
        };
        if sms { conditions["channels"] = json!(["sms"]); }
        rule(number, priority, TriggerType::ALL[pick], conditions)
    }
}

proptest! {
    /// Whatever the order in which rules arrive, the winner is the least (priority, id) of those that
    /// would hold alone, and exactly those before it were tried.
    #[test]
    fn the_winner_is_the_first_of_those_that_hold(
        rules in prop::collection::vec(any_rule(), 0..12), text in "[a-d ]{0,6}", first in any::<bool>(), seed in any::<u64>(),
    ) {
        let mut unique = std::collections::BTreeMap::new();
        for rule in rules { unique.insert(rule.id, rule); }
        let mut rules: Vec<Rule> = unique.into_values().collect();
        let facts = Facts { first_message: first, ..facts(&text) };
        let mut winners: Vec<(i32, BotRuleId)> = rules.iter()
            .filter(|rule| RuleSet::new(vec![(*rule).clone()]).evaluate(&facts).outcome.rule().is_some())
            .map(|rule| (rule.priority, rule.id)).collect();
        winners.sort();
        let middle = if rules.is_empty() { 0 } else { seed as usize % rules.len() };
        rules.rotate_left(middle);
        let set = RuleSet::new(rules.clone());
        let decision = set.evaluate(&facts);
        prop_assert_eq!(decision.outcome.rule().map(|rule| (rule.priority, rule.id)), winners.first().copied());
        let before = rules.iter().filter(|rule| winners.first().is_none_or(|winner| (rule.priority, rule.id) <= *winner)).count();
        prop_assert_eq!(decision.tried.len(), before);
        prop_assert_eq!(decision.tried.iter().filter(|tried| tried.matched).count(), usize::from(!winners.is_empty()));
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,200}") {
        let rules = RuleSet::new(vec![
            rule(1, 1, TriggerType::Keyword, json!({"keywords": ["ß", "a b"], "whole_word": true, "match_mode": "all"})),
            rule(2, 2, TriggerType::Fallback, json!({})),
        ]);
        prop_assert!(rules.evaluate(&facts(&text)).outcome.rule().is_some());
        let candidates: Vec<Language> = ["en", "am", "fr"].iter().map(|code| code.parse().unwrap()).collect();
        let _ = language::detect(&text, &candidates);
    }
}
