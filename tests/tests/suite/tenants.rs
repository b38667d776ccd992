//! Nobody reaches another organisation's things: every operation of the API and every command of the sockets is tried
//! with a foreign id in its path, its body and its filters. A new one without a line here fails the test.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    fakes::FakeTelegram,
    harness::{Agent, Socket, TestHub, World, until},
};

/// Everything that an organisation can have, by kind.
pub(crate) struct Belongings {
    ids: BTreeMap<&'static str, String>,
}

impl Belongings {
    /// One of each.
    pub(crate) async fn of(world: &World, agent: &Agent, fake: &FakeTelegram) -> Self {
        let mut ids = BTreeMap::new();
        let api = &world.api;
        let id = |made: &Value| made["id"].as_str().unwrap_or_else(|| panic!("no id: {made}")).to_owned();
        let made = async |path: &str, body: Value| id(&api.post(path, body).await.created());
        ids.insert("account", world.account_id.clone());
        ids.insert("user", agent.id.clone());
        ids.insert("role", made("/v1/roles", json!({"name": "own", "permissions": ["contacts.view"]})).await);
        let contact =
            json!({"name": "Known", "phone": format!("+1555{:07}", rand::random_range(0..9_999_999))});
        ids.insert("contact", made("/v1/contacts", contact).await);
        let identifier = json!({
            "contact_id": ids["contact"], "channel_type": "telegram",
            "identifier": rand::random_range(1_000_000..9_000_000).to_string(),
        });
        ids.insert("identifier", made("/v1/contact-identifiers", identifier).await);
        let team = made("/v1/teams", json!({"name": "Front"})).await;
        let member = json!({"user_id": agent.id, "role": "member"});
        let _ = api.post(&format!("/v1/teams/{team}/members"), member).await.ok();
        ids.insert("team", team);
        ids.insert("group", made("/v1/groups", json!({"name": "Own"})).await);
        let draft = json!({"message_body": "Hello", "contact_group_ids": [ids["group"]]});
        ids.insert("group_message", made("/v1/group-messages", draft).await);
        ids.insert("person", made("/v1/persons", json!({"name": "Own"})).await);
        let segment = json!({"name": "Own", "filters": ["tags:contains:vip"]});
        ids.insert("segment", made("/v1/segments", segment).await);
        let suppression = json!({"channel_type": "sms", "address": "+15557654321"});
        ids.insert("suppression", made("/v1/suppressions", suppression).await);
        ids.insert("label", made("/v1/labels", json!({"name": "vip", "color": "#112233"})).await);
        ids.insert("template", made("/v1/templates", json!({"name": "Hello", "body": "Hello {NAME}"})).await);
        let canned = json!({"short_code": "/hi", "title": "Hi", "content": "Hi there"});
        ids.insert("canned", made("/v1/canned-responses", canned).await);
        let rule = json!({
            "name": "r", "trigger_type": "keyword", "conditions": {"keywords": ["never said"]},
            "actions": {"set_labels": ["x"]}, "is_active": false,
        });
        ids.insert("rule", made("/v1/bot-rules", rule).await);
        let key = json!({"name": "k", "permissions": ["contacts.view"]});
        ids.insert("api_key", made("/v1/api-keys", key).await);
        let upload = json!({"filename": "a.txt", "mime_type": "text/plain", "size": 5});
        let upload = api.post("/v1/uploads", upload).await.created();
        ids.insert("upload", upload["upload_id"].as_str().unwrap().to_owned());
        let content = "name,phone\nImported,+15550001111\n";
        let csv = json!({"filename": "a.csv", "mime_type": "text/csv", "size": content.len()});
        let csv = api.post("/v1/uploads", csv).await.created();
        let (_, place) = csv["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
        let sent = api.request(Method::PUT, &format!("/v1/{place}")).body(content);
        let _ = api.send(sent.header("content-type", "text/csv")).await.ok();
        ids.insert("csv", csv["upload_id"].as_str().unwrap().to_owned());
        let import = json!({"upload_id": ids["csv"], "dry_run": true});
        let import = made("/v1/contact-imports", import).await;
        until("the import is over", async || {
            let now = api.get(&format!("/v1/contact-imports/{import}")).await.ok();
            if now["status"] == "completed" { Ok(()) } else { Err(now) }
        })
        .await;
        ids.insert("import", import);
        let twin = made("/v1/contacts", json!({"name": "Twin"})).await;
        let merged =
            api.post(&format!("/v1/contacts/{}/merge", ids["contact"]), json!({"merged_id": twin})).await;
        ids.insert("merge", id(&merged.ok()));
        let preferences =
            agent.api.patch("/v1/agent-preferences/me", json!({"languages": ["en"]})).await.ok();
        ids.insert("preferences", id(&preferences));
        let sessions = api.get("/v1/auth/sessions").await.ok();
        ids.insert("session", id(&sessions[0]));
        let sandbox = world.sandbox("sms", json!({"receipts": []})).await;
        ids.insert("sandbox", sandbox.id.clone());
        let later = json!({"send_type": "single", "message_body": "x", "channel_id": ids["sandbox"],
            "delivery_address": "+15551", "scheduled_at": "2099-01-01T09:00:00Z"});
        ids.insert("schedule", made("/v1/scheduled-messages", later).await);
        let channel = world.telegram(fake).await;
        channel.post(&channel.telegram(rand::random_range(1_000_000..9_000_000), "private words")).await;
        ids.insert("channel", channel.id.clone());
        let conversation = until("the conversation is there", async || {
            let all = api.get("/v1/conversations").await.ok();
            all[0]["id"].as_str().map(str::to_owned).ok_or(all)
        })
        .await;
        let messages = api.get(&format!("/v1/conversations/{conversation}/messages")).await.ok();
        ids.insert("message", id(&messages[0]));
        ids.insert("conversation", conversation);
        ids.insert("none", uuid::Uuid::now_v7().to_string());
        Self { ids }
    }

    pub(crate) fn add(&mut self, kind: &'static str, id: &str) {
        self.ids.insert(kind, id.to_owned());
    }

    pub(crate) fn get(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| panic!("nobody has a {kind}"))
    }
}

/// What an operation is tried with.
enum Try {
    /// Nothing that can name somebody else's; why.
    Exempt(&'static str),
    /// The kinds of the ids in its path, and a body that would do.
    Path(&'static [&'static str], Value),
    /// A collection: nothing foreign may be listed, whatever the filter.
    List(&'static [(&'static str, &'static str)]),
    /// Bodies in which `{"foreign": kind}` is replaced by a foreign id and `{"own": kind}` by one's own.
    Bodies(Vec<Value>),
    /// Bodies, with one's own ids in the path.
    OwnPath(&'static [&'static str], Vec<Value>),
    All(Vec<Try>),
}

fn foreign(kind: &str) -> Value {
    json!({"$foreign": kind})
}

fn own(kind: &str) -> Value {
    json!({"$own": kind})
}

fn fixture(method: &str, path: &str) -> Option<Try> {
    use Try::*;
    let nothing = || json!({});
    let changed = method == "patch" || method == "put";
    Some(match (method, path) {
        (
            "get",
            "/livez" | "/readyz" | "/health" | "/health/ready" | "/.well-known/jwks.json" | "/openapi.json",
        ) => Exempt("the same for everybody"),
        ("get", "/v1/permissions" | "/v1/channel-providers") => Exempt("the same for everybody"),
        ("post", "/v1/auth/login" | "/v1/auth/refresh" | "/v1/setup") => Exempt("proves who one is"),
        ("post", "/v1/auth/logout" | "/v1/auth/password") => Exempt("oneself"),
        ("get", "/v1/users/me" | "/v1/context" | "/v1/context/basic" | "/context/basic") => Exempt("oneself"),
        ("get", "/v1/agent-preferences/me") => Exempt("oneself"),
        ("patch" | "put", "/v1/agent-preferences/me") => Exempt("oneself"),
        ("get", "/v1/auth/sessions") => List(&[]),
        ("delete", "/v1/auth/sessions/{id}") => Path(&["session"], nothing()),
        ("get", "/v1/public/chat/{public_key}") => Exempt("public"),
        ("get", "/f/{token}") => Exempt("signed for one file, which it names by nothing else"),
        ("post", "/v1/public/chat/{public_key}/session" | "/v1/public/chat/{public_key}/uploads") => {
            Exempt("public")
        }

        ("get", "/v1/accounts") => List(&[("id", "account")]),
        ("post", "/v1/accounts") => {
            Bodies(vec![json!({"name": "Sub", "parent_account_id": foreign("account")})])
        }
        ("get" | "delete", "/v1/accounts/{id}") => Path(&["account"], nothing()),
        (_, "/v1/accounts/{id}") if changed => Path(&["account"], json!({"name": "Mine now"})),
        ("get", "/v1/accounts/{id}/users") => Path(&["account"], nothing()),
        ("post", "/v1/accounts/{id}/users") => All(vec![
            Path(&["account"], json!({"user_id": own("user"), "role_id": own("role")})),
            OwnPath(
                &["account"],
                vec![
                    json!({"user_id": foreign("user"), "role_id": own("role")}),
                    json!({"user_id": own("user"), "role_id": foreign("role")}),
                ],
            ),
        ]),
        ("get" | "delete", "/v1/accounts/{id}/users/{user_id}") => Path(&["account", "user"], nothing()),
        (_, "/v1/accounts/{id}/users/{user_id}") if changed => All(vec![
            Path(&["account", "user"], json!({"role_id": own("role")})),
            OwnPath(&["account", "user"], vec![json!({"role_id": foreign("role")})]),
        ]),

        ("get", "/v1/users") => List(&[("id", "user"), ("account_id", "account")]),
        ("post", "/v1/users") => Bodies(vec![
            json!({"email": "x@other.example", "password": "long enough words", "role_id": foreign("role")}),
        ]),
        ("get" | "delete", "/v1/users/{id}") => Path(&["user"], nothing()),
        (_, "/v1/users/{id}") if changed => Path(&["user"], json!({"given_name": "Mine"})),
        ("get", "/v1/users/{id}/teams") => Path(&["user"], nothing()),
        ("get", "/v1/roles") => List(&[("id", "role"), ("account_id", "account")]),
        ("post", "/v1/roles") => Bodies(vec![]),
        ("get" | "delete", "/v1/roles/{id}") => Path(&["role"], nothing()),
        (_, "/v1/roles/{id}") if changed => Path(&["role"], json!({"name": "mine"})),
        ("get", "/v1/api-keys") => List(&[("id", "api_key")]),
        ("post", "/v1/api-keys") => Bodies(vec![]),
        ("get" | "delete", "/v1/api-keys/{id}") => Path(&["api_key"], nothing()),

        ("get", "/v1/contacts") => List(&[("id", "contact"), ("account_id", "account")]),
        ("post", "/v1/contacts") => Bodies(vec![]),
        ("get" | "delete", "/v1/contacts/{id}") => Path(&["contact"], nothing()),
        (_, "/v1/contacts/{id}") if changed => Path(&["contact"], json!({"name": "Mine"})),
        ("post", "/v1/contacts/bulk") => {
            Exempt("answers 200 with an error for each item; see the test below")
        }
        ("get", "/v1/contacts/export.csv") => Exempt("a file: the list's own filters are tried there"),
        ("get", "/v1/contacts/{id}/timeline" | "/v1/contacts/{id}/merges") => Path(&["contact"], nothing()),
        ("post", "/v1/contacts/{id}/merge" | "/v1/contacts/{id}/merge/preview") => All(vec![
            Path(&["contact"], json!({"merged_id": own("contact")})),
            OwnPath(&["contact"], vec![json!({"merged_id": foreign("contact")})]),
        ]),
        ("get", "/v1/contact-merges") => List(&[("id", "merge"), ("survivor_id", "contact")]),
        ("post", "/v1/contact-merges/{id}/undo") => Path(&["merge"], nothing()),
        ("get", "/v1/contact-imports") => List(&[("id", "import"), ("group_id", "group")]),
        ("post", "/v1/contact-imports") => Bodies(vec![
            json!({"upload_id": foreign("csv")}),
            json!({"upload_id": own("csv"), "group_id": foreign("group")}),
        ]),
        ("post", "/v1/contact-imports/preview") => Bodies(vec![json!({"upload_id": foreign("csv")})]),
        ("get", "/v1/contact-imports/{id}" | "/v1/contact-imports/{id}/errors.csv") => {
            Path(&["import"], nothing())
        }
        ("post", "/v1/contact-imports/{id}/cancel") => Path(&["import"], nothing()),
        ("get", "/v1/contact-identifiers") => {
            List(&[("id", "identifier"), ("contact_id", "contact"), ("account_id", "account")])
        }
        ("post", "/v1/contact-identifiers") => Bodies(vec![
            json!({"contact_id": foreign("contact"), "channel_type": "telegram", "identifier": "77"}),
        ]),
        ("get" | "delete", "/v1/contact-identifiers/{id}") => Path(&["identifier"], nothing()),
        (_, "/v1/contact-identifiers/{id}") if changed => All(vec![
            Path(&["identifier"], json!({"display_name": "Mine"})),
            OwnPath(&["identifier"], vec![json!({"contact_id": foreign("contact")})]),
        ]),
        ("get", "/v1/group-messages") => List(&[
            ("id", "group_message"),
            ("account_id", "account"),
            ("channel_id", "channel"),
            ("template_id", "template"),
        ]),
        ("post", "/v1/group-messages") => Bodies(vec![
            json!({"message_body": "x", "contact_group_ids": [foreign("group")]}),
            json!({"message_body": "x", "contact_group_ids": [own("group"), foreign("group")]}),
            json!({"message_body": "x", "contact_group_ids": [own("group")], "segment_ids": [foreign("segment")]}),
            json!({"message_body": "x", "contact_group_ids": [own("group")], "exclude_contact_ids": [foreign("contact")]}),
            json!({"message_body": "x", "contact_group_ids": [own("group")], "channel_id": foreign("sandbox")}),
            json!({"template_id": foreign("template"), "contact_group_ids": [own("group")]}),
        ]),
        ("post", "/v1/group-messages/estimate") => Bodies(vec![
            json!({"template_id": foreign("template"), "contact_group_ids": [own("group")]}),
            json!({"message_body": "x", "contact_group_ids": [own("group")], "channel_id": foreign("sandbox")}),
        ]),
        ("get" | "delete", "/v1/group-messages/{id}") => Path(&["group_message"], nothing()),
        (_, "/v1/group-messages/{id}") if changed => All(vec![
            Path(&["group_message"], json!({"status": "cancelled"})),
            OwnPath(
                &["group_message"],
                vec![
                    json!({"contact_group_ids": [foreign("group")]}),
                    json!({"segment_ids": [foreign("segment")]}),
                    json!({"channel_id": foreign("sandbox")}),
                    json!({"template_id": foreign("template")}),
                ],
            ),
        ]),
        (
            "get",
            "/v1/group-messages/{id}/estimate"
            | "/v1/group-messages/{id}/recipients"
            | "/v1/group-messages/{id}/recipients.csv",
        ) => Path(&["group_message"], nothing()),
        ("post", "/v1/group-messages/{id}/retry") => Path(&["group_message"], nothing()),
        ("post", "/v1/group-messages/{id}/test") => All(vec![
            Path(&["group_message"], json!({"channel_id": own("sandbox"), "delivery_address": "+15551"})),
            OwnPath(
                &["group_message"],
                vec![
                    json!({"channel_id": foreign("sandbox"), "delivery_address": "+15551"}),
                    json!({"channel_id": own("sandbox"), "contact_id": foreign("contact")}),
                ],
            ),
        ]),
        ("get", "/v1/scheduled-messages") => List(&[
            ("id", "schedule"),
            ("account_id", "account"),
            ("channel_id", "channel"),
            ("contact_id", "contact"),
        ]),
        ("post", "/v1/scheduled-messages") => {
            let single = |more: Value| {
                let mut body = json!({"send_type": "single", "message_body": "x", "channel_id": own("sandbox"),
                    "delivery_address": "+15551", "scheduled_at": "2099-01-01T09:00:00Z"});
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                body
            };
            Bodies(vec![
                single(json!({"channel_id": foreign("sandbox")})),
                single(json!({"contact_id": foreign("contact")})),
                single(json!({"send_type": "group", "contact_group_ids": [foreign("group")]})),
                single(json!({"send_type": "group", "segment_ids": [foreign("segment")]})),
            ])
        }
        ("post", "/v1/scheduled-messages/runs") => Exempt("a calendar"),
        ("get" | "delete", "/v1/scheduled-messages/{id}") => Path(&["schedule"], nothing()),
        (_, "/v1/scheduled-messages/{id}") if changed => All(vec![
            Path(&["schedule"], json!({"status": "cancelled"})),
            OwnPath(
                &["schedule"],
                vec![
                    json!({"channel_id": foreign("sandbox")}),
                    json!({"contact_id": foreign("contact")}),
                    json!({"template_id": foreign("template")}),
                ],
            ),
        ]),
        ("get", "/v1/scheduled-messages/{id}/occurrences") => Path(&["schedule"], nothing()),
        ("get", "/v1/groups") => List(&[("id", "group"), ("account_id", "account")]),
        ("post", "/v1/groups") => Bodies(vec![]),
        ("get" | "delete", "/v1/groups/{id}") => Path(&["group"], nothing()),
        (_, "/v1/groups/{id}") if changed => Path(&["group"], json!({"name": "Mine"})),
        ("get", "/v1/groups/{id}/contacts" | "/v1/groups/{id}/persons") => Path(&["group"], nothing()),
        ("post", "/v1/groups/{id}/contacts") => All(vec![
            Path(&["group"], json!({"contact_ids": [own("contact")]})),
            OwnPath(&["group"], vec![json!({"contact_ids": [own("contact"), foreign("contact")]})]),
        ]),
        ("post", "/v1/groups/{id}/contacts/remove") => {
            Path(&["group"], json!({"contact_ids": [own("contact")]}))
        }
        ("delete", "/v1/groups/{id}/contacts/{contact_id}") => Path(&["group", "contact"], nothing()),
        ("post", "/v1/groups/{id}/persons") => All(vec![
            Path(&["group"], json!({"person_ids": [own("person")]})),
            OwnPath(&["group"], vec![json!({"person_ids": [own("person"), foreign("person")]})]),
        ]),
        ("post", "/v1/groups/{id}/persons/remove") => {
            Path(&["group"], json!({"person_ids": [own("person")]}))
        }
        ("delete", "/v1/groups/{id}/persons/{person_id}") => Path(&["group", "person"], nothing()),
        ("get", "/v1/persons") => {
            List(&[("id", "person"), ("contact_id", "contact"), ("account_id", "account")])
        }
        ("post", "/v1/persons") => Bodies(vec![json!({"name": "x", "contact_id": foreign("contact")})]),
        ("get" | "delete", "/v1/persons/{id}") => Path(&["person"], nothing()),
        (_, "/v1/persons/{id}") if changed => All(vec![
            Path(&["person"], json!({"name": "Mine"})),
            OwnPath(&["person"], vec![json!({"contact_id": foreign("contact")})]),
        ]),
        ("get", "/v1/segments") => List(&[("id", "segment"), ("account_id", "account")]),
        ("post", "/v1/segments") => Bodies(vec![]),
        ("get" | "delete", "/v1/segments/{id}") => Path(&["segment"], nothing()),
        ("get", "/v1/segments/{id}/contacts") => Path(&["segment"], nothing()),
        (_, "/v1/segments/{id}") if changed => Path(&["segment"], json!({"name": "Mine"})),
        ("get", "/v1/sending-limits") => Exempt("one's own account's, and never another's: it names none"),
        ("put", "/v1/sending-limits") => Bodies(vec![json!({"account_id": foreign("account")})]),
        ("get", "/v1/suppressions") => {
            List(&[("id", "suppression"), ("contact_id", "contact"), ("channel_id", "channel")])
        }
        ("post", "/v1/suppressions") => Bodies(vec![
            json!({"channel_type": "sms", "address": "+15551234", "channel_id": foreign("sandbox")}),
        ]),
        ("get" | "delete", "/v1/suppressions/{id}") => Path(&["suppression"], nothing()),
        ("get", "/v1/labels") => List(&[("id", "label")]),
        ("post", "/v1/labels") => Bodies(vec![]),
        ("get" | "delete", "/v1/labels/{id}") => Path(&["label"], nothing()),
        (_, "/v1/labels/{id}") if changed => Path(&["label"], json!({"name": "mine"})),

        ("get", "/v1/teams") => List(&[("id", "team"), ("account_id", "account")]),
        ("post", "/v1/teams") => Bodies(vec![json!({"name": "Second", "lead_id": foreign("user")})]),
        ("get" | "delete", "/v1/teams/{id}") => Path(&["team"], nothing()),
        (_, "/v1/teams/{id}") if changed => All(vec![
            Path(&["team"], json!({"name": "Mine"})),
            OwnPath(&["team"], vec![json!({"lead_id": foreign("user")})]),
        ]),
        ("get", "/v1/teams/{id}/members") => Path(&["team"], nothing()),
        ("post", "/v1/teams/{id}/members") => All(vec![
            Path(&["team"], json!({"user_id": own("user"), "role": "member"})),
            OwnPath(&["team"], vec![json!({"user_id": foreign("user"), "role": "member"})]),
        ]),
        ("delete", "/v1/teams/{id}/members/{user_id}") => Path(&["team", "user"], nothing()),
        ("get", "/v1/agent-preferences") => List(&[("id", "preferences"), ("user_id", "user")]),
        ("post", "/v1/agent-preferences") => Bodies(vec![json!({"user_id": foreign("user")})]),
        ("get" | "delete", "/v1/agent-preferences/{id}") => {
            All(vec![Path(&["preferences"], nothing()), Path(&["user"], nothing())])
        }
        (_, "/v1/agent-preferences/{id}") if changed => All(vec![
            Path(&["preferences"], json!({"languages": ["fr"]})),
            Path(&["user"], json!({"languages": ["fr"]})),
        ]),

        ("get", "/v1/channels") => List(&[("id", "channel"), ("account_id", "account")]),
        ("post", "/v1/channels") => Bodies(vec![]),
        ("get" | "delete", "/v1/channels/{id}") => Path(&["channel"], nothing()),
        (_, "/v1/channels/{id}") if changed => Path(&["channel"], json!({"name": "Mine"})),
        ("post", "/v1/channels/{id}/test-message") => {
            Path(&["channel"], json!({"to": "4711", "text": "Not yours"}))
        }
        ("get", "/v1/channels/{id}/health" | "/v1/channels/{id}/unheard") => Path(&["channel"], nothing()),
        (
            "post",
            "/v1/channels/{id}/verify" | "/v1/channels/{id}/webhook" | "/v1/channels/{id}/templates/sync",
        ) => Path(&["channel"], nothing()),
        ("get", "/v1/channels/{id}/sandbox/behaviour" | "/v1/channels/{id}/sandbox/messages") => {
            Path(&["sandbox"], nothing())
        }
        ("put", "/v1/channels/{id}/sandbox/behaviour") => {
            Path(&["sandbox"], json!({"behaviour": {"delay_ms": 1}}))
        }
        ("post", "/v1/channels/{id}/sandbox/inbound") => {
            Path(&["sandbox"], json!({"from": "+15559999", "text": "forged"}))
        }

        ("get", "/v1/templates") => List(&[("id", "template"), ("account_id", "account")]),
        ("get", "/v1/templates/categories") => List(&[]),
        ("post", "/v1/templates") => Bodies(vec![]),
        ("get" | "delete", "/v1/templates/{id}") => Path(&["template"], nothing()),
        (_, "/v1/templates/{id}") if changed => Path(&["template"], json!({"name": "Mine"})),
        ("post", "/v1/templates/{id}/submit") => All(vec![
            Path(&["template"], json!({"channel_id": foreign("channel")})),
            OwnPath(&["template"], vec![json!({"channel_id": foreign("channel")})]),
        ]),
        ("post", "/v1/templates/{id}/dry-run") => All(vec![
            Path(&["template"], json!({"contact_group_ids": [own("group")]})),
            OwnPath(
                &["template"],
                vec![json!({"contact_group_ids": [own("group")], "channel_id": foreign("sandbox")})],
            ),
        ]),
        ("post", "/v1/templates/preview") => {
            Bodies(vec![json!({"body": "Hello {NAME}", "contact_id": foreign("contact")})])
        }
        ("get", "/v1/connections") => List(&[]),
        ("delete", "/v1/connections/{id}") => Exempt("live sockets: the test of them tries others'"),
        ("post", "/v1/templates/{id}/preview") => All(vec![
            Path(&["template"], nothing()),
            OwnPath(&["template"], vec![json!({"contact_id": foreign("contact")})]),
        ]),
        ("get", "/v1/canned-responses") => List(&[("id", "canned"), ("created_by", "user")]),
        ("get", "/v1/canned-responses/search") => List(&[]),
        ("post", "/v1/canned-responses") => Bodies(vec![]),
        ("get" | "delete", "/v1/canned-responses/{id}") => Path(&["canned"], nothing()),
        (_, "/v1/canned-responses/{id}") if changed => Path(&["canned"], json!({"title": "Mine"})),
        ("get", "/v1/bot-rules") => List(&[("id", "rule"), ("account_id", "account")]),
        ("post", "/v1/bot-rules") => Bodies(vec![
            json!({"name": "x", "trigger_type": "fallback", "conditions": {}, "is_active": false,
                "actions": {"assign_team_id": foreign("team")}}),
            json!({"name": "x", "trigger_type": "fallback", "conditions": {}, "is_active": false,
                "actions": {"reply_template_id": foreign("template")}}),
        ]),
        ("get" | "delete", "/v1/bot-rules/{id}") => Path(&["rule"], nothing()),
        (_, "/v1/bot-rules/{id}") if changed => All(vec![
            Path(&["rule"], json!({"name": "mine"})),
            OwnPath(
                &["rule"],
                vec![
                    json!({"actions": {"assign_team_id": foreign("team")}}),
                    json!({"actions": {"reply_template_id": foreign("template")}}),
                ],
            ),
        ]),
        ("post", "/v1/bot-rules/reorder") => {
            Bodies(vec![json!({"ids": [foreign("rule")]}), json!({"ids": [own("rule"), foreign("rule")]})])
        }
        ("post", "/v1/bot-rules/test") => Exempt("tries the rules of one's own account on a text"),

        ("get", "/v1/conversations") => List(&[
            ("id", "conversation"),
            ("account_id", "account"),
            ("channel_id", "channel"),
            ("assignee_id", "user"),
            ("team_id", "team"),
            ("contact_id", "contact"),
        ]),
        ("post", "/v1/conversations") => Bodies(vec![
            json!({"channel_id": foreign("sandbox"), "contact_id": own("contact"), "contact_identifier": "+15551"}),
            json!({"channel_id": own("sandbox"), "contact_id": foreign("contact"), "contact_identifier": "+15552"}),
            json!({"channel_id": own("sandbox"), "contact_id": own("contact"), "contact_identifier": "+15553",
                "assignee_id": foreign("user")}),
            json!({"channel_id": own("sandbox"), "contact_id": own("contact"), "contact_identifier": "+15554",
                "team_id": foreign("team")}),
        ]),
        ("get" | "delete", "/v1/conversations/{id}") => Path(&["conversation"], nothing()),
        (_, "/v1/conversations/{id}") if changed => All(vec![
            Path(&["conversation"], json!({"subject": "Mine"})),
            OwnPath(
                &["conversation"],
                vec![json!({"assignee_id": foreign("user")}), json!({"team_id": foreign("team")})],
            ),
        ]),
        ("post", "/v1/conversations/{id}/assign") => All(vec![
            Path(&["conversation"], json!({"assignee_id": own("user")})),
            OwnPath(
                &["conversation"],
                vec![json!({"assignee_id": foreign("user")}), json!({"team_id": foreign("team")})],
            ),
        ]),
        ("post", "/v1/conversations/{id}/status") => Path(&["conversation"], json!({"status": "resolved"})),
        (
            "get",
            "/v1/conversations/{id}/activity"
            | "/v1/conversations/{id}/assignments"
            | "/v1/conversations/{id}/messages"
            | "/v1/conversations/{id}/routing",
        ) => Path(&["conversation"], nothing()),
        ("post", "/v1/conversations/{id}/messages") => All(vec![
            Path(&["conversation"], json!({"content": "forged"})),
            OwnPath(
                &["conversation"],
                vec![
                    json!({"content": "x", "attachments": [{"upload_id": foreign("upload")}]}),
                    json!({"content": "x", "is_private": true, "mentions": [foreign("user")]}),
                    json!({"content": "x", "reply_to": foreign("message")}),
                    json!({"content": "x", "canned_response_id": foreign("canned")}),
                ],
            ),
        ]),
        ("get", "/v1/messages") => List(&[
            ("id", "message"),
            ("account_id", "account"),
            ("conversation_id", "conversation"),
            ("channel_id", "channel"),
            ("contact_id", "contact"),
        ]),
        ("post", "/v1/messages") => Bodies(vec![
            json!({"channel_id": foreign("sandbox"), "delivery_address": "+15551", "message_body": "x"}),
            json!({"channel_id": own("sandbox"), "contact_id": foreign("contact"), "message_body": "x"}),
            json!({"channel_id": own("sandbox"), "delivery_address": "+15551", "template_id": foreign("template")}),
            json!({"channel_id": own("sandbox"), "delivery_address": "+15551", "message_body": "x",
                "attachments": [{"upload_id": foreign("upload")}]}),
        ]),
        ("post", "/v1/messages/render") => Bodies(vec![
            json!({"template_id": foreign("template")}),
            json!({"message_body": "Hello {NAME}", "contact_id": foreign("contact")}),
        ]),
        ("get", "/v1/messages/{id}" | "/v1/messages/{id}/attempts") => Path(&["message"], nothing()),
        ("post", "/v1/messages/{id}/retry" | "/v1/messages/{id}/cancel") => Path(&["message"], nothing()),
        ("post", "/v1/uploads") => Bodies(vec![]),
        ("get", "/v1/uploads/{id}" | "/v1/files/{id}") => Path(&["upload"], nothing()),
        ("put", "/v1/uploads/{id}") => Path(&["upload"], json!("12345")),
        _ => return None,
    })
}

/// Replaces `$own` and `$foreign` by ids.
fn filled(body: &Value, mine: &Belongings, theirs: &Belongings) -> Value {
    match body {
        Value::Object(fields) => {
            if let Some(kind) = fields.get("$foreign") {
                return theirs.get(kind.as_str().unwrap()).into();
            }
            if let Some(kind) = fields.get("$own") {
                return mine.get(kind.as_str().unwrap()).into();
            }
            fields.iter().map(|(name, value)| (name.clone(), filled(value, mine, theirs))).collect()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, mine, theirs)).collect(),
        other => other.clone(),
    }
}

/// A digest of every row that belongs to an account.
pub(crate) async fn rows(hub: &TestHub, account: &str) -> BTreeMap<String, String> {
    let mut db = hub.db().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.table_name::text FROM information_schema.columns c
         JOIN pg_class t ON t.relname = c.table_name AND NOT t.relispartition
         WHERE c.table_schema = 'public' AND c.column_name = 'account_id'",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    let mut all = BTreeMap::new();
    for table in tables {
        let sql = format!(
            "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t WHERE account_id = '{account}'"
        );
        let digest: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap();
        all.insert(table, digest);
    }
    for (table, sql) in [
        ("accounts", format!("SELECT md5(t::text) FROM accounts t WHERE id = '{account}'")),
        (
            "users",
            format!(
                "SELECT md5(string_agg(u::text, '|' ORDER BY u.id)) FROM users u JOIN account_users m ON m.user_id = u.id
                 WHERE m.account_id = '{account}'"
            ),
        ),
    ] {
        let digest: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap();
        all.insert(table.to_owned(), digest);
    }
    all
}

struct Walk<'a> {
    world: &'a World,
    mine: &'a Belongings,
    theirs: &'a Belongings,
    wrong: Vec<String>,
    tried: usize,
}

impl Walk<'_> {
    /// Sends it; an answer must not tell an id that was not in the question.
    async fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> u16 {
        let verb: Method = method.to_uppercase().parse().unwrap();
        let mut request = self.world.api.request(verb, path);
        if method == "put" && path.starts_with("/v1/uploads/") {
            request = request.header("content-type", "application/octet-stream").body("12345");
        } else if let Some(body) = body.filter(|_| method != "get" && method != "delete") {
            request = request.json(body);
        }
        let reply = self.world.api.send(request).await;
        self.tried += 1;
        let asked = format!("{path} {}", body.cloned().unwrap_or_default());
        let answer = reply.body.to_string();
        for (kind, id) in &self.theirs.ids {
            if answer.contains(id.as_str()) && !asked.contains(id.as_str()) {
                self.wrong.push(format!("{method} {asked}: tells the foreign {kind} {id}: {answer}"));
            }
        }
        if reply.status >= 400 {
            reply.is_error();
        }
        reply.status
    }

    async fn must_not_be_found(&mut self, method: &str, path: &str, body: Option<&Value>) {
        let status = self.send(method, path, body).await;
        if !matches!(status, 403 | 404) {
            let body = body.map(ToString::to_string).unwrap_or_default();
            self.wrong.push(format!("{method} {path} {body}: answered {status}, not 404 or 403"));
        }
    }

    async fn operation(&mut self, method: &str, path: &str, what: &Try) {
        match what {
            Try::Exempt(why) => println!("{method} {path}: not tried ({why})"),
            Try::All(all) => {
                for one in all {
                    Box::pin(self.operation(method, path, one)).await;
                }
            }
            Try::Path(kinds, body) => {
                let body = filled(body, self.mine, self.theirs);
                // each id foreign, the ones before it one's own
                for foreign_from in 0..kinds.len() {
                    let ids = kinds.iter().enumerate().map(|(n, kind)| {
                        if n < foreign_from { self.mine.get(kind) } else { self.theirs.get(kind) }
                    });
                    let path = with_ids(path, ids);
                    self.must_not_be_found(method, &path, Some(&body)).await;
                }
            }
            Try::OwnPath(kinds, bodies) => {
                let path = with_ids(path, kinds.iter().map(|kind| self.mine.get(kind)));
                for body in bodies {
                    let body = filled(body, self.mine, self.theirs);
                    self.must_not_be_found(method, &path, Some(&body)).await;
                }
            }
            Try::Bodies(bodies) => {
                for body in bodies {
                    let body = filled(body, self.mine, self.theirs);
                    self.must_not_be_found(method, path, Some(&body)).await;
                }
                // and in the name of somebody else's account
                let body = bodies
                    .first()
                    .map_or_else(|| json!({"name": "x"}), |body| filled(body, self.theirs, self.theirs));
                let path = format!("{path}?account_id={}", self.theirs.get("account"));
                let status = self.send(method, &path, Some(&body)).await;
                if status < 400 {
                    self.wrong.push(format!("{method} {path} {body}: answered {status}"));
                }
            }
            Try::List(filters) => {
                self.send(method, path, None).await;
                let account = self.theirs.get("account").to_owned();
                self.send(method, &format!("{path}?account_id={account}"), None).await;
                self.send(method, &format!("{path}?filter=account_id:eq:{account}"), None).await;
                for (field, kind) in *filters {
                    let id = self.theirs.get(kind).to_owned();
                    for filter in [
                        format!("filter={field}:eq:{id}"),
                        format!("filter={field}:in:{id}"),
                        format!("{field}={id}"),
                    ] {
                        self.send(method, &format!("{path}?{filter}"), None).await;
                    }
                }
            }
        }
    }
}

pub(crate) fn with_ids<'a>(path: &str, ids: impl Iterator<Item = &'a str>) -> String {
    let mut path = path.to_owned();
    for id in ids {
        let (start, end) = (path.find('{').unwrap(), path.find('}').unwrap());
        path.replace_range(start..=end, id);
    }
    assert!(!path.contains('{'), "an id is missing in the fixture of {path}");
    path
}

#[tokio::test]
async fn no_operation_reaches_another_organisation() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(1).await);
    let (world, other) = (World::named(&hub, "mine").await, World::named(&hub, "theirs").await);
    let (me, them) = (world.agent("ada", 5).await, other.agent("bob", 5).await);
    let mine = Belongings::of(&world, &me, &fake).await;
    let theirs = Belongings::of(&other, &them, &fake).await;
    hub.drained().await;
    let document = hub.api().get("/openapi.json").await.body;
    assert_eq!(document["openapi"], "3.1.0");
    let before = rows(&hub, &other.account_id).await;
    assert!(before.len() > 20, "{before:?}");
    let mut walk = Walk { world: &world, mine: &mine, theirs: &theirs, wrong: Vec::new(), tried: 0 };
    let mut missing = BTreeSet::new();
    let order = ["get", "put", "patch", "post", "delete"];
    for method in order {
        for (path, operations) in document["paths"].as_object().unwrap() {
            if operations.get(method).is_none() {
                continue;
            }
            match fixture(method, path) {
                Some(what) => walk.operation(method, path, &what).await,
                None => drop(missing.insert(format!("{method} {path}"))),
            }
        }
    }
    println!("{} requests with foreign ids", walk.tried);
    assert!(missing.is_empty(), "without a fixture: {missing:#?}");
    assert!(walk.wrong.is_empty(), "{:#?}", walk.wrong);
    assert_eq!(rows(&hub, &other.account_id).await, before, "rows of the other organisation changed");
    let mut hub = hub;
    hub.discard().await;
}

/// What a command is tried with; `None`: it can name nothing.
fn command(name: &str) -> Option<Vec<Value>> {
    let in_foreign = json!({"conversation_id": foreign("conversation")});
    let id = uuid::Uuid::new_v4();
    let send = |mut extra: Value| {
        extra["client_message_id"] = json!(uuid::Uuid::new_v4());
        extra["content"] = json!("x");
        extra["conversation_id"] = own("conversation");
        extra
    };
    Some(match name {
        "account:subscribe" => vec![json!({"account_id": foreign("account")})],
        "inbox:list" => vec![json!({"view": "all", "account_id": foreign("account")})],
        "conversation:join" => {
            vec![in_foreign, json!({"conversation_id": foreign("conversation"), "since": 0})]
        }
        "conversation:history" => {
            vec![json!({"conversation_id": foreign("conversation"), "before": 1000, "limit": 10})]
        }
        "message:send" => vec![
            json!({"conversation_id": foreign("conversation"), "client_message_id": id, "content": "forged"}),
            send(json!({"attachments": [{"upload_id": foreign("upload")}]})),
            send(json!({"is_private": true, "mentions": [foreign("user")]})),
            send(json!({"reply_to": foreign("message")})),
            send(json!({"canned_response_id": foreign("canned")})),
        ],
        "message:retry" | "message:cancel" => vec![json!({"message_id": foreign("message")})],
        "conversation:assign" => vec![
            json!({"conversation_id": foreign("conversation"), "assignee_id": own("user")}),
            json!({"conversation_id": own("conversation"), "assignee_id": foreign("user")}),
            json!({"conversation_id": own("conversation"), "team_id": foreign("team")}),
        ],
        "conversation:status" => {
            vec![json!({"conversation_id": foreign("conversation"), "status": "resolved"})]
        }
        "conversation:update" => vec![json!({"conversation_id": foreign("conversation"), "subject": "Mine"})],
        "conversation:read" => vec![json!({"conversation_id": foreign("conversation"), "seq": 1})],
        "conversation:typing:start" | "conversation:typing:stop" => vec![in_foreign],
        "agent:status" => vec![json!({"status": "online", "account_id": foreign("account")})],
        "canned:search" => vec![
            json!({"q": "h", "conversation_id": foreign("conversation")}),
            json!({"q": "h", "account_id": foreign("account")}),
        ],
        // leaving what was never joined, and renewing one's own token, name nothing of anybody's
        "account:unsubscribe" | "conversation:leave" | "auth:refresh" => vec![],
        _ => return None,
    })
}

/// The names that the hub answers to, from its source: a command that is added has to be added here.
fn commands(of: &str) -> BTreeSet<String> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../hub/src/realtime/{of}/commands.rs"));
    let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let arms = source.lines().filter(|line| line.contains("=>"));
    let names =
        arms.flat_map(|line| line.split("=>").next().unwrap_or_default().split('"').skip(1).step_by(2));
    names.filter(|name| name.contains(':')).map(str::to_owned).collect()
}

#[tokio::test]
async fn no_command_of_a_socket_reaches_another_organisation() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(2).await);
    let (world, other) = (World::named(&hub, "mine").await, World::named(&hub, "theirs").await);
    let (me, them) = (world.person("ada", "admin").await, other.agent("bob", 5).await);
    let mine = Belongings::of(&world, &me, &fake).await;
    let theirs = Belongings::of(&other, &them, &fake).await;
    let chat = world.webchat(json!({})).await;
    hub.drained().await;
    let socket = me.socket().await;
    let before = rows(&hub, &other.account_id).await;
    let names = commands("agents");
    assert!(names.len() >= 15, "{names:?}");
    let mut wrong = Vec::new();
    for name in &names {
        let tries = command(name).unwrap_or_else(|| panic!("{name} has no fixture"));
        for payload in tries {
            let payload = filled(&payload, &mine, &theirs);
            match socket.command(name, payload.clone()).await {
                Err(tests::harness::CommandError::Refused(code, _))
                    if matches!(code.as_str(), "not_found" | "forbidden") => {}
                other => wrong.push(format!("{name} {payload}: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // at the door too
    let mut auth = me.auth();
    auth["account_id"] = theirs.get("account").into();
    let refused = Socket::connect(&hub.url(), "/agents", &auth).await;
    let Err(tests::harness::Refused::Namespace(why)) = refused else { panic!("let in") };
    assert_eq!(why["message"], "forbidden");
    let mut auth = me.auth();
    auth["threads"] = json!({theirs.get("conversation"): 0});
    if let Ok(opened) = Socket::connect(&hub.url(), "/agents", &auth).await {
        opened.wait("live", |_| true).await;
        let told: Vec<_> =
            opened.memory().events().into_iter().filter(|e| e.name == "conversation:message").collect();
        assert!(told.is_empty(), "{told:?}");
    }

    // a visitor can name nothing at all
    let session = chat.visitor().await;
    let visitor =
        Socket::connect(&hub.url(), "/customers", &json!({"token": session["token"]})).await.unwrap();
    for name in commands("customers") {
        let payload = json!({
            "conversation_id": mine.get("conversation"), "client_message_id": uuid::Uuid::new_v4(), "content": "x",
            "seq": 1, "rating": 5, "token": session["token"], "limit": 10,
        });
        assert_eq!(visitor.refused(&name, payload).await, "forbidden", "{name}");
    }
    // an agent's token opens no customer's door, nor the reverse
    let crossed = Socket::connect(&hub.url(), "/customers", &me.auth()).await;
    assert!(matches!(crossed, Err(tests::harness::Refused::Namespace(_))));
    let crossed = Socket::connect(&hub.url(), "/agents", &json!({"token": session["token"]})).await;
    assert!(matches!(crossed, Err(tests::harness::Refused::Namespace(_))));
    assert_eq!(rows(&hub, &other.account_id).await, before, "rows of the other organisation changed");
    drop((socket, visitor));
    let mut hub = hub;
    hub.discard().await;
}
