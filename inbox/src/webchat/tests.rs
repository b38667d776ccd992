use aws_lc_rs::hmac;
use jsonwebtoken::{EncodingKey, Header};
use model::{ChannelId, ErrorCode, Result, VisitorId, permission::BuiltInRole};
use serde_json::json;

use super::*;
use crate::{channel_store, testing::Stage};

const SECRET: &str = "webchat-identity-secret-0001";
const KEY: &str = "wk_test";

async fn chat(stage: &Stage) -> ChannelId {
    let member = stage.member(BuiltInRole::Owner).await;
    let id = ChannelId::new();
    let plain = json!({"identity_secret": SECRET}).to_string();
    let sealed = stage.inbox.secrets().seal(&channel_store::place(id), plain.as_bytes()).unwrap();
    stage
        .as_owner(format!(
            "INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                   public_key, created_at, updated_at)
             VALUES ('{id}', '{}', 'Chat', 'webchat', 'default', 'connected', '\\x{}', '{KEY}', now(), now())",
            member.account_id(),
            hex::encode(sealed),
        ))
        .await;
    id
}

fn signed(id: &str) -> Identity {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), id.as_bytes());
    Identity { id: Some(id.to_owned()), hash: Some(hex::encode(tag)), jwt: None }
}

async fn try_open(stage: &Stage, new: NewSession) -> Result<Session> {
    let channel = by_public_key(&stage.inbox, KEY).await?;
    session(&stage.inbox, &channel, new, Some("test")).await
}

async fn open(stage: &Stage, new: NewSession) -> Session {
    try_open(stage, new).await.unwrap()
}

#[tokio::test]
async fn only_the_secret_brings_a_visitor_back() {
    let stage = Stage::new().await;
    chat(&stage).await;
    let first = open(&stage, NewSession { name: Some("Abebe".into()), ..NewSession::default() }).await;
    let secret = first.visitor_secret.clone().unwrap();
    let id = first.visitor.id;
    let back = open(
        &stage,
        NewSession { visitor_id: Some(id), visitor_secret: Some(secret.clone()), ..NewSession::default() },
    )
    .await;
    assert_eq!(back.visitor.id, id);
    assert_eq!(back.visitor.name.as_deref(), Some("Abebe"));
    assert!(back.visitor_secret.is_none(), "it is shown once");
    for wrong in [None, Some("vs_wrong".to_owned())] {
        let other =
            open(&stage, NewSession { visitor_id: Some(id), visitor_secret: wrong, ..NewSession::default() })
                .await;
        assert_ne!(other.visitor.id, id);
        assert!(other.visitor.name.is_none());
    }
    let stranger = NewSession {
        visitor_id: Some(VisitorId::new()),
        visitor_secret: Some(secret),
        ..NewSession::default()
    };
    assert!(open(&stage, stranger).await.visitor.name.is_none());

    let visitor = authenticate(&stage.inbox, &back.token).await.unwrap();
    assert_eq!(visitor.visitor_id(), id);
    let mut forged = back.token.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    assert_eq!(authenticate(&stage.inbox, &forged).await.unwrap_err().code, ErrorCode::Unauthorized);
    stage.as_owner("UPDATE channels SET is_enabled = false".into()).await;
    assert!(authenticate(&stage.inbox, &back.token).await.is_err(), "the chat was switched off");
    stage.end().await;
}

#[tokio::test]
async fn a_signature_makes_two_browsers_one_person_and_a_claim_does_not() {
    let stage = Stage::new().await;
    chat(&stage).await;
    let claim = open(
        &stage,
        NewSession {
            email: Some("a@b.example".into()),
            identity: Some(Identity { id: Some("42".into()), ..Identity::default() }),
            ..NewSession::default()
        },
    )
    .await;
    assert!(!claim.visitor.verified);
    let proven = |id: &str| NewSession { identity: Some(signed(id)), ..NewSession::default() };
    let (one, two, other) = (
        open(&stage, proven("42")).await,
        open(&stage, proven("42")).await,
        open(&stage, proven("43")).await,
    );
    let contact =
        async |session: &Session| authenticate(&stage.inbox, &session.token).await.unwrap().contact_id();
    assert!(one.visitor.verified && contact(&one).await.is_some());
    assert_eq!(contact(&one).await, contact(&two).await);
    assert_ne!(contact(&one).await, contact(&other).await);
    assert_eq!(contact(&claim).await, None, "an unsigned id joins nothing");

    // a wrong proof is an error, never a claim
    let mut wrong = signed("42");
    wrong.id = Some("43".into());
    let refused = try_open(&stage, NewSession { identity: Some(wrong), ..NewSession::default() }).await;
    assert_eq!(refused.err().unwrap().code, ErrorCode::Unauthorized);
    // someone else at the same browser gets a visitor of their own
    let visitor = authenticate(&stage.inbox, &one.token).await.unwrap();
    let command = IdentifyCommand { identity: signed("43"), ..IdentifyCommand::default() };
    assert_eq!(identify(&stage.inbox, &visitor, command).await.unwrap_err().code, ErrorCode::Conflict);
    // what a verified visitor types changes nothing of what the page said
    let command = IdentifyCommand { name: Some("Mallory".into()), ..IdentifyCommand::default() };
    let (view, verified) = identify(&stage.inbox, &visitor, command).await.unwrap();
    assert!(verified && view.name.is_none());
    stage.end().await;
}

#[tokio::test]
async fn a_jwt_of_the_page_must_be_signed_and_in_time() {
    let stage = Stage::new().await;
    chat(&stage).await;
    let now = stage.inbox.now().timestamp();
    let jwt = |exp: i64, secret: &str| Identity {
        jwt: Some(
            jsonwebtoken::encode(
                &Header::default(),
                &json!({"sub": "7", "exp": exp, "name": "Sara", "email": "Sara@Example.com"}),
                &EncodingKey::from_secret(secret.as_bytes()),
            )
            .unwrap(),
        ),
        ..Identity::default()
    };
    let with = |identity| NewSession { identity: Some(identity), ..NewSession::default() };
    let good = open(&stage, with(jwt(now + 60, SECRET))).await;
    assert!(good.visitor.verified);
    assert_eq!(good.visitor.email.as_deref(), Some("sara@example.com"));
    for bad in [jwt(now - 60, SECRET), jwt(now + 60, "another secret of another page")] {
        assert!(try_open(&stage, with(bad)).await.is_err());
    }
    stage.end().await;
}
