//! Sign-ins, rights and their ends, against a real store.

use model::{ErrorCode, Permission, permission::BuiltInRole};
use serde_json::json;

use super::{
    accounts::{self, NewAccount},
    api_keys::{self, NewApiKey},
    authenticate, keys, login, memberships, refresh, revocations,
    roles::{self, NewRole, UpdateRole},
    sessions,
    users::{self, NewUser, Place, UpdateUser},
};
use crate::{Context, Inbox, list::Params, testing::Stage, uploads};

const PASSWORD: &str = "correct horse battery";

fn person(email: &str) -> NewUser {
    NewUser { email: email.into(), password: PASSWORD.into(), ..NewUser::default() }
}

fn named(name: &str) -> NewAccount {
    NewAccount { name: name.into(), ..NewAccount::default() }
}

async fn signed_in(inbox: &Inbox, email: &str) -> Context {
    let tokens = login(inbox, email, PASSWORD, &sessions::Device::default()).await.unwrap();
    authenticate(inbox, &tokens.access_token).await.unwrap()
}

#[tokio::test]
async fn a_sign_in_gives_a_context_until_it_ends() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let made = accounts::create_with_owner(inbox, &named("Acme"), &person("Ada@Example.org")).await.unwrap();
    let device = sessions::Device::default();
    for (email, password) in [("ada@example.org", "wrong password"), ("nobody@example.org", PASSWORD)] {
        let error = login(inbox, email, password, &device).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Unauthorized);
        assert_eq!(error.message, "the e-mail address or the password is wrong");
    }
    let tokens = login(inbox, " ADA@example.org", PASSWORD, &device).await.unwrap();
    let context = authenticate(inbox, &tokens.access_token).await.unwrap();
    assert_eq!(context.user_id(), made.user_id);
    let member = context.acting_in(None).unwrap();
    assert_eq!((member.account_id(), member.role_name()), (made.account_id, "owner"));
    assert!(member.can(Permission::AccountManage));
    assert!(authenticate(inbox, &tokens.id_token).await.is_err(), "an id token opens nothing");
    let forged = format!("{}x", &tokens.access_token[..tokens.access_token.len() - 1]);
    assert!(authenticate(inbox, &forged).await.is_err());

    keys::rotate(inbox).await.unwrap();
    assert_eq!(keys::jwks(inbox).await.unwrap()["keys"].as_array().unwrap().len(), 2);
    let after = login(inbox, "ada@example.org", PASSWORD, &device).await.unwrap();
    assert!(authenticate(inbox, &after.access_token).await.is_ok());
    inbox.identity().callers.invalidate_all();
    assert!(authenticate(inbox, &tokens.access_token).await.is_ok(), "the old key goes on verifying");

    super::logout(inbox, &context).await.unwrap();
    assert!(authenticate(inbox, &tokens.access_token).await.is_err(), "the cache forgot it at once");
    assert!(authenticate(inbox, &after.access_token).await.is_ok(), "another sign-in goes on");
    stage.end().await;
}

#[tokio::test]
async fn a_used_refresh_token_that_comes_back_late_ends_the_session() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    accounts::create_with_owner(inbox, &named("Acme"), &person("ada@example.org")).await.unwrap();
    let first = login(inbox, "ada@example.org", PASSWORD, &sessions::Device::default()).await.unwrap();
    let second = refresh(inbox, &first.refresh_token).await.unwrap();
    assert_eq!(second.session_id, first.session_id);
    let context = authenticate(inbox, &second.access_token).await.unwrap();
    assert_eq!(sessions::list(inbox, &context).await.unwrap().len(), 1);

    let mut heard = inbox.revocations().subscribe();
    let stop = tokio_util::sync::CancellationToken::new();
    let reader = tokio::spawn(revocations::run(inbox.clone(), stop.clone()));
    stage.as_owner("UPDATE refresh_tokens SET used_at = used_at - interval '31 seconds'".into()).await;
    let error = refresh(inbox, &first.refresh_token).await.unwrap_err();
    assert_eq!(error.details["reason"], "reused");
    assert!(authenticate(inbox, &second.access_token).await.is_err());
    assert!(refresh(inbox, &second.refresh_token).await.is_err());
    let told = tokio::time::timeout(std::time::Duration::from_secs(5), heard.recv()).await.unwrap().unwrap();
    assert!(told.concerns(&context));
    stop.cancel();
    reader.await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_costs_nobody_the_sign_in() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    accounts::create_with_owner(inbox, &named("Acme"), &person("ada@example.org")).await.unwrap();
    let sign_in = || async {
        let device = sessions::Device::default();
        login(inbox, "ada@example.org", PASSWORD, &device).await.unwrap().refresh_token
    };
    let next = |token: String| async move { refresh(inbox, &token).await.map(|tokens| tokens.refresh_token) };
    let reused = |error: model::Error| assert_eq!(error.details["reason"], "reused");

    // the first answer never came: the same token again, and on with the second answer
    let first = sign_in().await;
    let lost = next(first.clone()).await.unwrap();
    let again = next(first).await.unwrap();
    let on = next(again).await.unwrap();
    // whoever has the lost answer after all is somebody else
    reused(next(lost).await.unwrap_err());
    assert!(next(on).await.is_err(), "the sign-in is over");

    // once, not twice
    let first = sign_in().await;
    next(first.clone()).await.unwrap();
    next(first.clone()).await.unwrap();
    reused(next(first).await.unwrap_err());

    // not when the answer has arrived, as its use shows
    let first = sign_in().await;
    let second = next(first.clone()).await.unwrap();
    let third = next(second).await.unwrap();
    reused(next(first).await.unwrap_err());
    assert!(next(third).await.is_err(), "the sign-in is over");
    stage.end().await;
}

#[tokio::test]
async fn a_picture_is_an_upload_of_ones_own() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let folder = std::env::temp_dir().join(format!("avatars-{}", uuid::Uuid::new_v4()));
    inbox.attach_files(uploads::Files::folder(&folder).unwrap());
    let made = accounts::create_with_owner(inbox, &named("Acme"), &person("ada@example.org")).await.unwrap();
    let ada = signed_in(inbox, "ada@example.org").await;
    let upload = |owner, kind: &'static str| async move {
        let bytes = bytes::Bytes::from_static(b"a picture");
        uploads::store(inbox, made.account_id, owner, ("me", kind), bytes).await.unwrap()
    };
    let mine = uploads::Owner::User(made.user_id.uuid());
    let set = |upload| {
        let ada = &ada;
        async move {
            let change = UpdateUser { avatar_upload_id: Some(upload), ..UpdateUser::default() };
            users::update(inbox, ada, made.user_id, &change).await
        }
    };
    let drawing = upload(mine, "image/svg+xml").await;
    assert_eq!(set(Some(drawing)).await.unwrap_err().code, ErrorCode::Validation);
    let foreign = upload(uploads::Owner::Provider, "image/png").await;
    assert_eq!(set(Some(foreign)).await.unwrap_err().code, ErrorCode::NotFound);
    let picture = upload(mine, "image/png").await;
    let view = set(Some(picture)).await.unwrap();
    assert!(view.avatar_url.unwrap().contains(&picture.to_string()));
    assert_eq!(set(None).await.unwrap().avatar_url, None);
    std::fs::remove_dir_all(folder).unwrap();
    stage.end().await;
}

#[tokio::test]
async fn nobody_gives_or_reaches_more_than_they_hold() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let made = accounts::create_with_owner(inbox, &named("Acme"), &person("owner@acme.org")).await.unwrap();
    let owner = signed_in(inbox, "owner@acme.org").await;
    let owner_member = owner.acting_in(None).unwrap();
    let place = |role| Place::BuiltIn(role);
    users::create(inbox, owner_member, &person("admin@acme.org"), place(BuiltInRole::Admin)).await.unwrap();
    let admin = signed_in(inbox, "admin@acme.org").await;
    let admin_member = admin.acting_in(None).unwrap();

    let more = users::create(inbox, admin_member, &person("x@acme.org"), place(BuiltInRole::Owner)).await;
    assert_eq!(more.unwrap_err().code, ErrorCode::Forbidden);
    let off = UpdateUser { is_active: Some(false), ..UpdateUser::default() };
    let higher = users::update(inbox, &admin, made.user_id, &off).await;
    assert_eq!(higher.unwrap_err().code, ErrorCode::Forbidden);
    let last = memberships::remove(inbox, owner_member, made.user_id).await.unwrap_err();
    assert_eq!(last.details["reason"], "last_owner");

    let role: NewRole =
        serde_json::from_value(json!({"name": "writer", "permissions": ["conversations.reply"]})).unwrap();
    let role = roles::create(inbox, admin_member, &role).await.unwrap();
    users::create(inbox, admin_member, &person("w@acme.org"), Place::Role(role.id)).await.unwrap();
    let writer = signed_in(inbox, "w@acme.org").await;
    assert!(writer.members()[0].can(Permission::ConversationsReply));
    let less = UpdateRole { permissions: Some(model::Permissions::default()), ..UpdateRole::default() };
    roles::update(inbox, &admin, role.id, &less).await.unwrap();
    let writer = signed_in(inbox, "w@acme.org").await;
    assert!(!writer.members()[0].can(Permission::ConversationsReply));
    let held = roles::delete(inbox, &admin, role.id).await.unwrap_err();
    assert_eq!(held.details["reason"], "in_use");
    stage.end().await;
}

#[tokio::test]
async fn another_tenant_is_not_there() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    accounts::create_with_owner(inbox, &named("One"), &person("one@one.org")).await.unwrap();
    let other = accounts::create_with_owner(inbox, &named("Two"), &person("two@two.org")).await.unwrap();
    let one = signed_in(inbox, "one@one.org").await;
    let member = one.acting_in(None).unwrap();
    let missing = |code| assert_eq!(code, ErrorCode::NotFound);
    missing(users::get(inbox, &one, other.user_id).await.unwrap_err().code);
    missing(accounts::get(inbox, &one, other.account_id).await.unwrap_err().code);
    missing(roles::get(inbox, &one, other.role_id).await.unwrap_err().code);
    missing(users::delete(inbox, &one, other.user_id).await.unwrap_err().code);
    let rename = UpdateUser { given_name: Some(Some("X".into())), ..UpdateUser::default() };
    missing(users::update(inbox, &one, other.user_id, &rename).await.unwrap_err().code);
    missing(memberships::set_role(inbox, member, one.user_id(), other.role_id).await.unwrap_err().code);
    let steal = memberships::NewMembership { user_id: other.user_id, role_id: member.role_id() };
    missing(memberships::add(inbox, &one, member.account_id(), &steal).await.unwrap_err().code);
    let all = users::list(inbox, &one, &Params::default()).await.unwrap();
    assert_eq!(all.items.len(), 1);
    let named = Params::from_query(&format!("filter=account_id:eq:{}", other.account_id));
    assert!(users::list(inbox, &one, &named).await.map_or(true, |page| page.items.is_empty()));
    stage.end().await;
}

#[tokio::test]
async fn an_api_key_holds_what_it_and_its_maker_hold() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    accounts::create_with_owner(inbox, &named("Acme"), &person("owner@acme.org")).await.unwrap();
    let owner = signed_in(inbox, "owner@acme.org").await;
    let member = owner.acting_in(None).unwrap();
    let new: NewApiKey =
        serde_json::from_value(json!({"name": "ci", "permissions": ["messages.send"]})).unwrap();
    let made = api_keys::create(inbox, member, &new).await.unwrap();
    assert!(made.key.starts_with("tk_"));
    let key = authenticate(inbox, &made.key).await.unwrap();
    assert!(key.members()[0].can(Permission::MessagesSend));
    assert!(!key.members()[0].can(Permission::ApiKeysManage));
    assert!(accounts::create(inbox, &key, &named("Other")).await.is_err());
    api_keys::revoke(inbox, &owner, made.api_key.id).await.unwrap();
    assert!(authenticate(inbox, &made.key).await.is_err());

    let second = accounts::create(inbox, &owner, &named("Acme")).await.unwrap();
    assert_ne!(second.slug, "acme", "the name's slug is taken");
    let owner = signed_in(inbox, "owner@acme.org").await;
    assert_eq!(owner.members().len(), 2);
    assert_eq!(owner.acting_in(None).unwrap_err().code, ErrorCode::AccountRequired);
    accounts::suspend(inbox, owner.member(second.id).unwrap()).await.unwrap();
    assert_eq!(signed_in(inbox, "owner@acme.org").await.members().len(), 1);
    stage.end().await;
}
