use model::{AccountId, UserId, permission::BuiltInRole};
use proptest::{prelude::*, strategy::ValueTree};
use sqlx::FromRow;
use uuid::Uuid;

use super::*;
use crate::testing::{Stage, context};

#[derive(Debug, Clone, FromRow, PartialEq)]
struct Row {
    id: Uuid,
    account_id: AccountId,
    name: String,
}

static THINGS: Entity = Entity {
    what: "contact",
    select: "SELECT id, account_id, name",
    from: "contacts",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable(),
        Field::new("phone", "phone", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("owner", "id", Kind::User, ops::EQ_NULL),
        Field::new("length", "length(name)", Kind::Number, ops::NUMBER).sortable(),
        Field::new("is_active", "is_active", Kind::Flag, ops::EQ),
        Field::new("tags", "tags", Kind::Texts, ops::CONTAINS),
        Field::new("properties", "properties", Kind::Object, ops::TEXT),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME_NULL).sortable(),
        Field::new(
            "kind",
            "name",
            Kind::Word(|word| word.parse::<Order>().map(drop).map_err(|error| error.to_string())),
            ops::EQ_IN,
        ),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

fn plan(query: &str) -> Result<Plan> {
    Plan::new(&THINGS, &Params::from_query(query), UserId::new())
}

fn refusal(query: &str) -> String {
    let error = plan(query).err().unwrap_or_else(|| panic!("{query} was accepted"));
    assert_eq!(error.code, model::ErrorCode::BadRequest);
    error.message
}

#[test]
fn what_is_not_declared_is_refused_with_what_is() {
    assert!(refusal("filter=colour:eq:red").contains("name, phone"));
    assert!(refusal("filter=tags:eq:a").contains("contains"));
    assert!(refusal("sort=is_active").contains("created_at"));
    assert!(refusal("sort=name:up").contains("asc"));
    assert!(refusal("filter=name").contains("field:op:value"));
    assert!(refusal("colour=red").contains("page_size"));
    assert!(refusal("skip=10001").contains("cursor"));
    assert!(refusal("limit=1001").contains("1000"));
    assert!(refusal("limit=0").contains("limit"));
    assert!(refusal("filter=created_at:ge:yesterday").contains("RFC 3339"));
    assert!(refusal("filter=length:range:1").contains("two"));
    assert!(refusal("filter=kind:eq:up").contains("asc"));
    assert!(refusal("filter=name:like:a%5C").contains("backslash"));
    assert!(refusal("name=a%00").contains("NUL"));
    assert!(refusal("cursor=abc").contains("next_cursor"));
}

#[test]
fn aliases_mean_the_same() {
    let paged = plan("page=3&page_size=20").unwrap();
    assert_eq!((paged.skip, paged.limit), (40, 20));
    assert_eq!(plan("owner=me&is_active=true&created_at=2026-02-08").unwrap().conditions.len(), 3);
    assert_eq!(plan("filter=phone:is_null:false").unwrap().conditions[0].op, Op::IsNotNull);
}

async fn names(stage: &Stage, who: &crate::Context, query: &str) -> Vec<String> {
    let params = Params::from_query(query);
    let listing: Listing<Row> =
        list(&stage.inbox, who, model::Permission::ContactsView, &THINGS, &params).await.unwrap();
    assert!(listing.items.iter().all(|row| who.account_ids().contains(&row.account_id)));
    listing.items.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn filters_order_and_pages() {
    let stage = Stage::new().await;
    let (mine, other) = (stage.member(BuiltInRole::Owner).await, stage.member(BuiltInRole::Owner).await);
    for (account, name, phone, extra) in [
        (&mine, "a_1", "'+1111111'", "'[\"x\",\"y\"]', '{\"city\": \"Adama\"}'"),
        (&mine, "ab1", "NULL", "'[\"x\"]', '{\"city\": \"Jimma\", \"age\": 7}'"),
        (&mine, "100%", "NULL", "'[]', '{}'"),
        (
            &mine,
            "b",
            "'+2222222'",
            "'[]', '{\"age\": \"7\", \"vip\": true, \"score\": 1.50, \"none\": null}'",
        ),
        (&other, "theirs", "NULL", "'[]', '{}'"),
    ] {
        stage
            .as_owner(format!(
                "INSERT INTO contacts (id, account_id, name, phone, tags, properties, created_at, updated_at)
                 VALUES (gen_random_uuid(), '{}', '{name}', {phone}, {extra}, clock_timestamp(), now())",
                account.account_id
            ))
            .await;
    }
    let (theirs, me) = (other.account_id, context(vec![mine]));
    let found = async |query: &str| names(&stage, &me, query).await;
    assert_eq!(found("").await, ["b", "100%", "ab1", "a_1"]);
    assert_eq!(found("sort=name:asc").await, ["100%", "a_1", "ab1", "b"]);
    assert_eq!(found("filter=name:contains:_").await, ["a_1"]);
    assert_eq!(found("filter=name:endswith:%25").await, ["100%"]);
    assert_eq!(found("filter=name:like:a_1&sort=name:asc").await, ["a_1", "ab1"]);
    assert_eq!(found("filter=name:icontains:B&sort=name:asc").await, ["ab1", "b"]);
    assert_eq!(found("filter=name:in:b,ab1&sort=name:asc").await, ["ab1", "b"]);
    assert_eq!(found("filter=phone:not_in:%2B1111111&sort=name:asc").await, ["100%", "ab1", "b"]);
    assert_eq!(found("filter=phone:ne:%2B1111111&sort=name:asc").await, ["100%", "ab1", "b"]);
    assert_eq!(found("filter=phone:is_null&sort=name:asc").await, ["100%", "ab1"]);
    assert_eq!(found("filter=tags:contains:x&filter=tags:contains:y").await, ["a_1"]);
    assert_eq!(found("tags=x,y").await, ["a_1"]);
    assert_eq!(found("filter=properties.city:icontains:jim").await, ["ab1"]);
    // as text, whatever they are in the object
    assert_eq!(found("properties.age=7&sort=name:asc").await, ["ab1", "b"]);
    assert_eq!(found("properties.age=07").await, Vec::<String>::new());
    assert_eq!(found("properties.vip=true").await, ["b"]);
    assert_eq!(found("properties.score=1.50").await, ["b"]);
    assert_eq!(found("properties.none=null").await, Vec::<String>::new());
    assert_eq!(found("filter=length:range:2,3&sort=name:asc").await, ["a_1", "ab1"]);
    assert_eq!(found("filter=created_at:ge:2999-01-01").await, Vec::<String>::new());
    assert_eq!(found("filter=created_at:range:2020-01-01,2999-01-01T00:00:00+03:00").await.len(), 4);
    // another tenant's account only ever narrows
    assert_eq!(found(&format!("account_id={theirs}")).await, Vec::<String>::new());
    assert_eq!(
        found(&format!("filter=account_id:in:{theirs},{}", me.members()[0].account_id)).await.len(),
        4
    );
    // cursors visit every row once, in the order of the whole list, nulls included
    for sort in ["", "sort=name:asc", "sort=phone:asc", "sort=phone:desc", "sort=phone:desc&sort=length:asc"]
    {
        let all = found(sort).await;
        let (mut read, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let query =
                format!("{sort}&limit=1{}", cursor.map(|c| format!("&cursor={c}")).unwrap_or_default());
            let params = Params::from_query(&query);
            let page: Listing<Row> =
                list(&stage.inbox, &me, model::Permission::ContactsView, &THINGS, &params).await.unwrap();
            assert_eq!(page.meta.total, 4, "{query}");
            read.extend(page.items.into_iter().map(|row| row.name));
            cursor = page.meta.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(read, all, "{sort}");
    }
    stage.end().await;
}

fn any_query() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z_.]{1,12}",
        "\\PC{0,20}",
        Just("'; DROP TABLE contacts; --".to_owned()),
        Just("\\".to_owned()),
        Just("%_\\%".to_owned()),
        Just("00000000-0000-0000-0000-000000000000".to_owned()),
        Just("9999-12-31,-0001-01-01".to_owned()),
        Just("9999-12-31T23:59:59.999999999-23:59".to_owned()),
        Just("9223372036854775807,-9223372036854775808".to_owned()),
    ];
    let name = prop_oneof![
        proptest::sample::select(
            THINGS.fields.iter().map(|f| f.name.to_owned()).chain(["account_id".into()]).collect::<Vec<_>>()
        ),
        Just("properties.k'e\"y".to_owned()),
        "[a-z]{1,5}",
    ];
    let op = proptest::sample::select(Op::ALL.to_vec());
    let piece = prop_oneof![
        6 => (name.clone(), op, word.clone()).prop_map(|(n, o, w)| ("filter".to_owned(), format!("{n}:{o}:{w}"))),
        1 => (name.clone(), word.clone()),
        1 => name.prop_map(|n| ("sort".to_owned(), format!("{n}:asc"))),
        1 => word.prop_map(|w| ("cursor".to_owned(), w)),
        1 => (0i64..20_000).prop_map(|n| ("skip".to_owned(), n.to_string())),
    ];
    proptest::collection::vec(piece, 1..4)
        .prop_map(|pairs| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

#[tokio::test]
async fn whatever_is_asked_no_sql_error_and_no_foreign_row() {
    let stage = Stage::new().await;
    let (mine, other) = (stage.member(BuiltInRole::Owner).await, stage.member(BuiltInRole::Owner).await);
    for account in [mine.account_id, other.account_id] {
        stage
            .as_owner(format!(
                "INSERT INTO contacts (id, account_id, name, created_at, updated_at)
                 SELECT gen_random_uuid(), '{account}', 'n' || n, now(), now() FROM generate_series(1, 5) n"
            ))
            .await;
    }
    let me = context(vec![mine]);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = any_query();
    let mut accepted = 0;
    for _ in 0..3000 {
        let query = strategy.new_tree(&mut runner).unwrap().current();
        let params = Params::from_query(&query);
        match list::<Row>(&stage.inbox, &me, model::Permission::ContactsView, &THINGS, &params).await {
            Ok(listing) => {
                accepted += 1;
                for row in listing.items {
                    assert_eq!(row.account_id, me.members()[0].account_id, "{query}");
                }
            }
            Err(error) => assert_eq!(error.code, model::ErrorCode::BadRequest, "{query}: {error:?}"),
        }
    }
    assert!(accepted > 100, "only {accepted} questions were understood");
    stage.end().await;
}
