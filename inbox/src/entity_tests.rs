//! The commands of the entities of one account, on a real database.

use model::{ErrorCode, Permission, permission::BuiltInRole};
use serde_json::{Value, json};

use crate::{
    bot_rules, canned, contacts, identifiers, labels,
    list::Params,
    preferences, teams, template_store,
    testing::{Stage, context},
};

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn contacts_and_their_addresses() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let (me, other) = (stage.member(BuiltInRole::Agent).await, stage.member(BuiltInRole::Agent).await);
    let abebe = contacts::create(
        inbox,
        &me,
        of(json!({"first_name": "Abebe", "last_name": "K", "phone": "+251 911 23 45 67", "email": "a@b.co",
                  "tags": ["vip"], "properties": {"plan": "gold"}})),
    )
    .await
    .unwrap();
    assert_eq!((abebe.name.as_str(), abebe.phone.as_deref()), ("Abebe K", Some("+251911234567")));
    let twice = contacts::create(inbox, &me, of(json!({"phone": "+251911234567"}))).await.unwrap_err();
    assert_eq!((twice.code, &twice.details["field"]), (ErrorCode::Conflict, &json!("phone")));
    let twice = contacts::create(inbox, &me, of(json!({"email": "A@B.co"}))).await.unwrap_err();
    assert_eq!(twice.details["field"], "email");
    // the same number in another account is another person
    contacts::create(inbox, &other, of(json!({"phone": "+251911234567"}))).await.unwrap();
    let refused = contacts::create(inbox, &me, of(json!({"phone": "0911", "email": "x"}))).await.unwrap_err();
    assert_eq!(refused.details["errors"].as_array().unwrap().len(), 2);

    let changed = contacts::update(inbox, &me, abebe.id, &of(json!({"email": null, "tags": ["a", "b"]})))
        .await
        .unwrap();
    assert_eq!((changed.email, changed.phone.as_deref()), (None, Some("+251911234567")));
    assert_eq!(changed.tags, ["a", "b"]);
    assert!(contacts::update(inbox, &other, abebe.id, &of(json!({}))).await.is_err());
    let mine = context(vec![me.clone()]);
    let found =
        contacts::list(inbox, &mine, &Params::from_query("properties.plan=gold&tags=a")).await.unwrap();
    assert_eq!(found.meta.total, 1);

    let chat: identifiers::NewIdentifier =
        of(json!({"contact_id": abebe.id, "channel_type": "telegram", "identifier": "777"}));
    let chat_id = identifiers::create(inbox, &me, &chat).await.unwrap().id;
    assert_eq!(identifiers::create(inbox, &me, &chat).await.unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(identifiers::create(inbox, &other, &chat).await.unwrap_err().code, ErrorCode::NotFound);
    let sara = contacts::create(inbox, &me, of(json!({"name": "Sara"}))).await.unwrap();
    let moved = identifiers::update(inbox, &me, chat_id, &of(json!({"contact_id": sara.id}))).await.unwrap();
    assert_eq!(moved.contact_id, sara.id);
    identifiers::delete(inbox, &me, chat_id).await.unwrap();

    assert!(contacts::delete(inbox, &other, abebe.id).await.is_err());
    contacts::delete(inbox, &me, abebe.id).await.unwrap();
    assert_eq!(contacts::get(inbox, &me, abebe.id).await.unwrap_err().code, ErrorCode::NotFound);
    stage.end().await;
}

#[tokio::test]
async fn canned_responses_are_found_by_what_is_typed() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    for (code, title, content) in [
        ("greeting", "Hello", "Hi {{ contact.name | default: \"there\" }}, I am {{ sender.name }}"),
        ("/refund", "Greeting money back", "Refund"),
        ("/regret", "Sorry", "greeting of sorrow"),
    ] {
        let new = of(json!({"short_code": code, "title": title, "content": content}));
        canned::create(inbox, &me, &new).await.unwrap();
    }
    let again = of(json!({"short_code": "/greeting", "title": "x", "content": "y"}));
    assert_eq!(canned::create(inbox, &me, &again).await.unwrap_err().details["field"], "short_code");
    let wrong = of(json!({"short_code": "/x", "title": "x", "content": "Hi {{ contact.name"}));
    assert!(canned::create(inbox, &me, &wrong).await.unwrap_err().details["position"].is_number());
    let hits = canned::search(inbox, &me, "/GREET", None).await.unwrap();
    let codes: Vec<&str> = hits.iter().map(|hit| hit.short_code.as_str()).collect();
    assert_eq!(codes, ["/greeting", "/refund", "/regret"]);
    assert_eq!(hits[0].content, "Hi there, I am U");
    assert_eq!(canned::search(inbox, &me, "", None).await.unwrap().len(), 3);
    let stranger = model::ConversationId::new();
    assert_eq!(canned::search(inbox, &me, "", Some(stranger)).await.unwrap_err().code, ErrorCode::NotFound);
    let id = hits[0].id;
    let changed = canned::update(inbox, &me, id, &of(json!({"short_code": "hey"}))).await.unwrap();
    assert_eq!(changed.short_code, "/hey");
    canned::delete(inbox, &me, id).await.unwrap();
    assert!(canned::get(inbox, &me, id).await.is_err());
    stage.end().await;
}

#[tokio::test]
async fn templates_and_the_rules_that_use_them() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let (me, other) =
        (stage.member(BuiltInRole::Supervisor).await, stage.member(BuiltInRole::Supervisor).await);
    let hello =
        of(json!({"name": "Hello", "body": "Dear {FIRST_NAME}, {CODE} {FIRST_NAME}", "category": "Care",
        "fallback_strategy": "use_default", "default_values": {"CODE": "none"}}));
    let hello = template_store::create(inbox, &me, &hello).await.unwrap();
    assert_eq!(hello.variables, ["FIRST_NAME", "CODE"]);
    let shown = template_store::preview(inbox, &me, hello.id, &of(json!({}))).await.unwrap();
    assert_eq!(shown.body.as_deref(), Some("Dear Sarah, none Sarah"));
    let shown =
        template_store::preview(inbox, &me, hello.id, &of(json!({"values": {"CODE": 7}}))).await.unwrap();
    assert_eq!(shown.body.as_deref(), Some("Dear Sarah, 7 Sarah"));
    let refused =
        template_store::update(inbox, &me, hello.id, &of(json!({"body": "a {{ b"}))).await.unwrap_err();
    assert_eq!((refused.code, refused.details["line"].as_i64()), (ErrorCode::Validation, Some(1)));
    let changed =
        template_store::update(inbox, &me, hello.id, &of(json!({"body": "{EMAIL}", "category": null})))
            .await
            .unwrap();
    assert_eq!(changed.variables, ["EMAIL"]);
    assert!(template_store::categories(inbox, &context(vec![me.clone()])).await.unwrap().is_empty());

    let team = teams::create(inbox, &me, &of(json!({"name": "Billing"}))).await.unwrap();
    let rule = json!({"name": "Bills", "trigger_type": "keyword", "conditions": {"keywords": ["bill"]},
        "actions": {"reply_template_id": hello.id, "assign_team_id": team.id}});
    let first = bot_rules::create(inbox, &me, &of(rule.clone())).await.unwrap();
    assert_eq!(first.conditions["match_mode"], "any", "the written form is whole");
    let foreign = bot_rules::create(inbox, &other, &of(rule.clone())).await.unwrap_err();
    assert!(foreign.details.to_string().contains("actions.reply_template_id"), "{foreign:?}");
    let wrong = json!({"name": "", "trigger_type": "keyword", "conditions": {"keywords": [], "odd": 1}});
    let errors = bot_rules::create(inbox, &me, &of(wrong)).await.unwrap_err().details.to_string();
    for field in ["name", "conditions.keywords", "conditions.odd"] {
        assert!(errors.contains(field), "{field} in {errors}");
    }
    let second = bot_rules::create(
        inbox,
        &me,
        &of(json!({"name": "Else", "priority": 1, "trigger_type": "fallback", "actions": {"reply_text": "Hi"}})),
    )
    .await
    .unwrap();
    let order =
        |rules: Vec<bot_rules::BotRuleView>| rules.into_iter().map(|rule| rule.id).collect::<Vec<_>>();
    assert_eq!(order(bot_rules::active(inbox, &me).await.unwrap()), [second.id, first.id]);
    let reordered = bot_rules::reorder(inbox, &me, &[first.id, second.id]).await.unwrap();
    assert_eq!(order(reordered), [first.id, second.id]);
    assert!(bot_rules::reorder(inbox, &other, &[first.id]).await.is_err());
    let off = bot_rules::update(inbox, &me, second.id, &of(json!({"is_active": false}))).await.unwrap();
    assert!(!off.is_active);
    assert_eq!(template_store::delete(inbox, &me, hello.id).await.unwrap_err().code, ErrorCode::Conflict);
    bot_rules::delete(inbox, &me, first.id).await.unwrap();
    template_store::delete(inbox, &me, hello.id).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn teams_have_one_lead_and_members_of_the_account() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let (a, b) = (
        stage.colleague(me.account_id, BuiltInRole::Agent).await,
        stage.colleague(me.account_id, BuiltInRole::Agent).await,
    );
    let stranger = stage.member(BuiltInRole::Agent).await;
    let team = teams::create(inbox, &me, &of(json!({"name": "Care", "lead_id": a.user_id}))).await.unwrap();
    assert_eq!((team.lead_id, team.member_count), (Some(a.user_id), 1));
    assert_eq!(
        teams::create(inbox, &me, &of(json!({"name": "Care"}))).await.unwrap_err().code,
        ErrorCode::Conflict
    );
    let refused =
        teams::add_member(inbox, &me, team.id, &of(json!({"user_id": stranger.user_id}))).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound, "a stranger is not told from nobody");
    teams::add_member(inbox, &me, team.id, &of(json!({"user_id": b.user_id, "role": "lead"}))).await.unwrap();
    let now = teams::get(inbox, &me, team.id).await.unwrap();
    assert_eq!((now.lead_id, now.member_count), (Some(b.user_id), 2));
    let members = teams::members(inbox, &me, team.id, &Params::default()).await.unwrap();
    assert_eq!(members.meta.total, 2);
    let mine = context(vec![me.clone()]);
    let by_lead =
        teams::list(inbox, &mine, &Params::from_query(&format!("lead_id={}", b.user_id))).await.unwrap();
    assert_eq!(by_lead.items.len(), 1);
    let of_b = teams::of_user(inbox, &mine, b.user_id, &Params::default()).await.unwrap();
    assert_eq!(of_b.items[0].id, team.id);
    assert!(teams::of_user(inbox, &mine, stranger.user_id, &Params::default()).await.is_err());
    let none = teams::update(inbox, &me, team.id, &of(json!({"lead_id": null}))).await.unwrap();
    assert_eq!((none.lead_id, none.member_count), (None, 2));
    teams::remove_member(inbox, &me, team.id, b.user_id).await.unwrap();
    assert!(teams::remove_member(inbox, &me, team.id, b.user_id).await.is_err());
    teams::delete(inbox, &me, team.id).await.unwrap();
    assert!(teams::get(inbox, &me, team.id).await.is_err());

    let label = labels::create(inbox, &me, &of(json!({"name": "vip"}))).await.unwrap();
    assert!(labels::create(inbox, &me, &of(json!({"name": "x", "color": "red"}))).await.is_err());
    assert!(labels::create(inbox, &me, &of(json!({"name": "vip"}))).await.is_err());
    let label = labels::update(inbox, &me, label.id, &of(json!({"color": "#fff"}))).await.unwrap();
    labels::delete(inbox, &me, label.id).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn preferences_are_made_by_patching_them() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let chief = stage.member(BuiltInRole::Supervisor).await;
    let agent = stage.colleague(chief.account_id, BuiltInRole::Agent).await;
    let missing = preferences::mine(inbox, &agent).await.unwrap_err();
    assert_eq!(missing.message, "No preferences set. Use PATCH to create.");
    let change = of(json!({"max_concurrent_conversations": 2, "languages": ["EN-us", "am"],
        "available_hours": {"schedule": [{"days": ["mon"], "start": "08:00", "end": "17:00"}],
                            "timezone": "Africa/Addis_Ababa"}}));
    let mine = preferences::update_mine(inbox, &agent, &change).await.unwrap();
    assert_eq!((mine.max_concurrent_conversations, mine.is_available), (2, true));
    assert_eq!(mine.languages, ["en", "am"]);
    let wrong = of(json!({"max_concurrent_conversations": 51, "languages": ["1"],
        "available_hours": {"schedule": [{"days": ["xyz"], "start": "25:00", "end": "17:00"}]}}));
    let errors = preferences::update_mine(inbox, &agent, &wrong).await.unwrap_err().details.to_string();
    for field in ["max_concurrent_conversations", "languages.0", "available_hours"] {
        assert!(errors.contains(field), "{field} in {errors}");
    }
    let online = preferences::update_mine(inbox, &agent, &of(json!({"is_available": true}))).await.unwrap();
    assert!(online.is_available);
    assert!(preferences::mine(inbox, &agent).await.unwrap().is_available);
    // a supervisor finds them by either id
    for id in [mine.id.uuid(), agent.user_id.uuid()] {
        let changed = preferences::update(inbox, &chief, id, &of(json!({"available_topics": ["billing"]})))
            .await
            .unwrap();
        assert_eq!(changed.id, mine.id);
    }
    assert!(
        preferences::update(inbox, &chief, mine.id.uuid(), &of(json!({"is_available": false})))
            .await
            .is_err()
    );
    let twice = of(json!({"user_id": agent.user_id, "auto_accept": true}));
    assert_eq!(preferences::create(inbox, &chief, &twice).await.unwrap_err().code, ErrorCode::Conflict);
    let hers = preferences::create(inbox, &chief, &of(json!({}))).await.unwrap();
    let refused = preferences::get(inbox, &agent, hers.id.uuid()).await.unwrap_err();
    assert_eq!(refused.details["permission"], json!(Permission::PreferencesManage));
    let all = context(vec![chief.clone()]);
    let found =
        preferences::list(inbox, &all, &Params::from_query("filter=available_topics:contains:billing"))
            .await
            .unwrap();
    assert_eq!(found.meta.total, 1);
    assert_eq!(
        preferences::list(inbox, &context(vec![agent.clone()]), &Params::default()).await.unwrap().meta.total,
        1
    );
    preferences::delete(inbox, &agent, agent.user_id.uuid()).await.unwrap();
    stage.end().await;
}
