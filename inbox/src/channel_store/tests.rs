use std::sync::Arc;

use model::{
    ChannelId, ChannelStatus, ChannelType, Permission,
    permission::BuiltInRole,
    profile::{IdentifierKind, MediaDelivery, Profile, Receipts, SessionNeed, TextLimit, TextUnit},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    Profiles,
    list::Params,
    testing::{Stage, context},
};

fn profile(channel_type: ChannelType, provider: &str) -> Profile {
    Profile {
        channel_type,
        provider: provider.into(),
        display_name: provider.into(),
        help: String::new(),
        identifier: IdentifierKind::Opaque,
        text: TextLimit::new(4096, TextUnit::Utf16),
        caption_limit: None,
        max_attachments: 0,
        media: Vec::new(),
        media_delivery: MediaDelivery::None,
        receipts: Receipts::NONE,
        reply_window_hours: None,
        default_rate_per_minute: None,
        session: SessionNeed::Never,
        registers_webhook: false,
        dispatched: true,
        provider_handles_opt_out: false,
        settings_schema: json!({"type": "object", "additionalProperties": false,
            "properties": {"api_base": {"type": "string", "format": "uri"}}}),
        credentials_schema: json!({"type": "object", "additionalProperties": false, "required": ["bot_token"],
            "properties": {"bot_token": {"type": "string", "minLength": 3, "x-secret": true},
                "webhook_secret": {"type": "string", "x-secret": true}}}),
        example_credentials: Value::Null,
    }
}

pub(in crate::channel_store) fn profiles() -> Profiles {
    let mut webchat = profile(ChannelType::Webchat, "webchat");
    webchat.credentials_schema = json!({"type": "object"});
    [profile(ChannelType::Telegram, "telegram"), webchat]
        .into_iter()
        .map(|profile| ((profile.channel_type, profile.provider.clone()), profile))
        .collect()
}

fn new(body: Value) -> NewChannel {
    serde_json::from_value(body).unwrap()
}

#[tokio::test]
async fn a_channel_keeps_its_secrets_and_its_tenant() {
    let stage = Stage::with_profiles(profiles()).await;
    let (member, other) = (stage.member(BuiltInRole::Admin).await, stage.member(BuiltInRole::Admin).await);
    let inbox = &stage.inbox;
    let body = json!({"name": "Bot", "channel_type": "telegram", "provider": "Telegram",
        "credentials": {"bot_token": "123:secret-token"}, "settings": {"api_base": "https://t.example"}});
    let made = create(inbox, &member, &new(body)).await.unwrap();
    assert_eq!(made.webhook_url, format!("http://localhost:8080/v1/webhooks/telegram/{}", made.id));
    assert_eq!(made.status, ChannelStatus::Disconnected);
    assert!(!serde_json::to_string(&made).unwrap().contains("secret-token"));

    // what the door sees
    let found = by_id_unscoped(inbox, made.id).await.unwrap().unwrap();
    assert_eq!(found.credentials["bot_token"], "123:secret-token");
    assert!(!format!("{found:?}").contains("secret"));
    assert!(by_id_unscoped(inbox, ChannelId::new()).await.unwrap().is_none());
    let again = by_id_unscoped(inbox, made.id).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&found, &again), "the second look costs no query");

    // a masked value that comes back changes nothing; a change is seen at once
    let change: UpdateChannel =
        serde_json::from_value(json!({"name": "Shop", "credentials": made.credentials, "rate_limit": 30}))
            .unwrap();
    let (view, touched) = update(inbox, &member, made.id, &change).await.unwrap();
    assert_eq!((view.name.as_str(), view.rate_limit), ("Shop", Some(30)));
    assert!(!touched.connection && !touched.switched_off);
    let found = by_id_unscoped(inbox, made.id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.rate_limit), ("Shop", Some(30)));
    assert_eq!(found.credentials["bot_token"], "123:secret-token");

    let learned = Standing {
        status: Some(ChannelStatus::Connected),
        verified: true,
        credentials: json!({"webhook_secret": "made-up"}),
        ..Standing::default()
    };
    set_standing(inbox, member.account_id(), made.id, &learned).await.unwrap();
    let view = get(inbox, &member, made.id).await.unwrap();
    assert_eq!(view.status, ChannelStatus::Connected);
    assert!(view.last_verified_at.is_some());
    assert_eq!(
        by_id_unscoped(inbox, made.id).await.unwrap().unwrap().credentials["webhook_secret"],
        "made-up"
    );

    // refusals name their fields
    let bad = json!({"name": "", "channel_type": "telegram", "provider": "telegram", "rate_limit": 0,
        "credentials": {"bot_token": "x", "odd": 1}, "default_country_code": "251"});
    let refused = create(inbox, &member, &new(bad)).await.unwrap_err().details.to_string();
    for field in ["name", "rate_limit", "credentials.bot_token", "credentials.odd", "default_country_code"] {
        assert!(refused.contains(field), "{field} in {refused}");
    }
    assert!(
        create(inbox, &member, &new(json!({"name": "x", "channel_type": "sms", "provider": "nobody"})))
            .await
            .is_err()
    );

    // another tenant finds nothing
    assert!(get(inbox, &other, made.id).await.unwrap_err().message.contains("no such channel"));
    assert!(update(inbox, &other, made.id, &UpdateChannel::default()).await.is_err());
    assert!(delete(inbox, &other, made.id).await.is_err());
    let theirs = list(inbox, &context(vec![other]), &Params::default()).await.unwrap();
    assert_eq!(theirs.meta.total, 0);

    // switching off and on again
    let off: UpdateChannel = serde_json::from_value(json!({"is_enabled": false})).unwrap();
    let (view, touched) = update(inbox, &member, made.id, &off).await.unwrap();
    assert!(touched.switched_off && view.status == ChannelStatus::Disabled);
    set_standing(inbox, member.account_id(), made.id, &learned).await.unwrap();
    assert_eq!(get(inbox, &member, made.id).await.unwrap().status, ChannelStatus::Disabled);

    delete(inbox, &member, made.id).await.unwrap();
    assert!(by_id_unscoped(inbox, made.id).await.unwrap().is_none());
    stage.end().await;
}

#[tokio::test]
async fn a_web_chat_is_found_by_its_public_key() {
    let stage = Stage::with_profiles(profiles()).await;
    let member = stage.member(BuiltInRole::Owner).await;
    let body = json!({"name": "Chat", "channel_type": "webchat", "provider": "webchat"});
    let made = create(&stage.inbox, &member, &new(body)).await.unwrap();
    let key = made.settings["public_key"].as_str().unwrap().to_owned();
    assert_eq!(key.len(), 64);
    assert_eq!(by_public_key(&stage.inbox, &key).await.unwrap().unwrap().id, made.id);
    assert!(by_public_key(&stage.inbox, "x' OR 1=1").await.unwrap().is_none());
    let mut viewer = member.clone();
    viewer.permissions = [Permission::ChannelsView].into_iter().collect();
    let refused = delete(&stage.inbox, &viewer, made.id).await.unwrap_err();
    assert_eq!(refused.details["permission"], "channels.manage");
    // the key in a form's answer is not a setting
    let change = UpdateChannel { settings: Some(made.settings.clone()), ..UpdateChannel::default() };
    update(&stage.inbox, &member, made.id, &change).await.unwrap();
    stage.end().await;
}
