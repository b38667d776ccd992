use proptest::prelude::*;
use serde_json::json;

use super::*;

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn values() -> Values {
    Values {
        custom: map(json!({"VERIFICATION_CODE": 4711, "row": {"seat": "12A"}})),
        contact: map(json!({"name": "Sarah Johnson", "first_name": "sarah", "email": null, "nick": ""})),
        properties: map(
            json!({"Plan": "gold", "tags": ["a", 2, true], "address": {"City": "Addis"}, "since": "2026-03-08"}),
        ),
        account: map(json!({"name": "Academy"})),
        sender: map(json!({"name": "Abebe", "email": "abebe@example.com"})),
        system: system_values("2026-11-23T22:05:00Z".parse().unwrap(), chrono_tz::Africa::Addis_Ababa),
    }
}

fn body(template: &str) -> String {
    match Template::parse(template).unwrap().render(&values(), Fallback::KeepPlaceholder, &Map::new()) {
        Rendered::Text { body, .. } => body,
        Rendered::Skipped { missing } => panic!("skipped for {missing:?}"),
    }
}

fn error(template: &str) -> TemplateError {
    Template::parse(template).unwrap_err()
}

#[test]
fn every_source_is_found() {
    for (template, expected) in [
        ("{FIRST_NAME} {NAME}", "sarah Sarah Johnson"),
        ("{VERIFICATION_CODE} {{ verification_code }} {{custom.VERIFICATION_CODE}}", "4711 4711 4711"),
        ("{{ row.seat }} {{ custom.row.seat }}", "12A 12A"),
        (
            "{PLAN} {{ contact.plan }} {{ properties.PLAN }} {{ contact.properties.plan }}",
            "gold gold gold gold",
        ),
        ("{{ contact.address.city }} {{ address.city }}", "Addis Addis"),
        ("{TAGS}", "a, 2, true"),
        ("{ACCOUNT_NAME} {{ account.name }} {{ account_name }}", "Academy Academy Academy"),
        ("{SENDER_NAME} {SENDER_EMAIL} {{ agent.name }}", "Abebe abebe@example.com Abebe"),
        ("{CURRENT_DATE} {CURRENT_TIME} {{ system.timezone }}", "2026-11-24 01:05 Africa/Addis_Ababa"),
        ("{{contact_name}} {{ contact.name }} {CONTACT_NAME}", "Sarah Johnson Sarah Johnson Sarah Johnson"),
        ("[{{ nick }}] [{{ contact.nick | default: \"friend\" }}]", "[] []"),
        ("{EMAIL}", "{EMAIL}"),
        ("{{ contact.email }} {{ address }}", "{{ contact.email }} {{ address }}"),
    ] {
        assert_eq!(body(template), expected, "{template}");
    }
}

#[test]
fn custom_values_come_first() {
    let mut values = values();
    values.custom = map(json!({"contact_name": "Row", "first name": "R."}));
    let render = |template: &str| {
        Template::parse(template).unwrap().render(&values, Fallback::KeepPlaceholder, &Map::new())
    };
    let Rendered::Text { body, .. } =
        render("{{ contact.name }} {CONTACT_NAME} {FIRST_NAME} {{ contact.first_name }}")
    else {
        panic!("skipped")
    };
    assert_eq!(body, "Row Row R. sarah");
}

#[test]
fn filters_work_as_in_liquid() {
    for (template, expected) in [
        ("{{ contact.first_name | capitalize }}", "Sarah"),
        ("{{ contact.name | upcase }}/{{ contact.name | downcase }}", "SARAH JOHNSON/sarah johnson"),
        ("{{ 'hELLO wORLD' | capitalize }}", "Hello world"),
        ("{{ contact.name | truncate: 8 }}", "Sarah..."),
        ("{{ contact.name | truncate: 7, \"…\" }}", "Sarah …"),
        ("{{ contact.name | truncate: 5, '' }}", "Sarah"),
        ("{{ contact.name | truncate }}", "Sarah Johnson"),
        ("{{ nobody | default: \"there\" }}", "there"),
        ("{{ nobody | default: “there” | upcase }}", "THERE"),
        ("{{ nobody | upcase | default: 'you' }}", "you"),
        ("{{ nobody || 'there' }}", "there"),
        ("{{ nobody | default: 0 }}", "0"),
        ("{{ '  x ' | strip }}", "x"),
        ("{{ since | date: '%d.%m.%Y' }}", "08.03.2026"),
        ("{{ current_datetime | date: '%H:%M %z' }}", "01:05 +0300"),
        ("{{ contact.name | date: '%Y' }}", "Sarah Johnson"),
        ("{{ \"{{\" }}literal{{ '}}' }}", "{{literal}}"),
    ] {
        assert_eq!(body(template), expected, "{template}");
    }
}

#[test]
fn other_braces_are_text() {
    for text in
        ["{", "}", "{}", "{name}", "{ NAME }", "{1A}", "{A", "}}", "{\"A\": 1}", "a { b } c", "{A-B}", ""]
    {
        assert_eq!(body(text), text);
        assert!(Template::parse(text).unwrap().variables().is_empty());
    }
}

#[test]
fn errors_say_where() {
    for (template, line, column, part) in [
        ("hello {{ name", 1, 7, "not closed"),
        ("a\nbé {{ name | shout }}", 2, 14, "no filter \"shout\""),
        ("{{ }}", 1, 4, "name of a variable"),
        ("{{ a b }}", 1, 6, "expected | or }}"),
        ("{{ a | }}", 1, 8, "name of a filter"),
        ("{{ a | default }}", 1, 8, "needs a text"),
        ("{{ a | default: \"x }}", 1, 17, "not closed with"),
        ("{{ a | truncate: 99999999999 }}", 1, 18, "a number"),
        ("{{ a | truncate: 5, 'x', 'y' }}", 1, 8, "too many"),
        ("{{ a | upcase: 1 }}", 1, 8, "no argument"),
        ("{{ a | date: '%Q' }}", 1, 8, "no date format"),
        ("{{ a. }}", 1, 6, "name of a variable"),
        ("{{ {A} }}", 1, 4, "name of a variable"),
        ("ok {% if a %}", 1, 4, "tags"),
        ("x\0", 1, 2, "NUL"),
        ("{{ a | default:", 1, 1, "not closed"),
    ] {
        let error = error(template);
        assert_eq!((error.line, error.column), (line, column), "{template:?}: {error}");
        assert!(error.message.contains(part), "{template:?}: {error}");
    }
    assert_eq!(error("a\nbé {{ name | shout }}").position, 15);
    assert_eq!(error(&"é".repeat(MAX_TEMPLATE_CHARS + 1)).position, MAX_TEMPLATE_CHARS);
    assert!(error(&"{A}".repeat(MAX_PLACEHOLDERS + 1)).message.contains("placeholders"));
    let refusal = error("{{").into_refusal("body");
    assert_eq!((refusal.code, &refusal.details["column"]), (model::ErrorCode::Validation, &json!(1)));
}

#[test]
fn variables_are_listed_once_in_order() {
    let template =
        Template::parse("{B} {{ contact.name | upcase }} {A} {B} {{ a }} {CONTACT_NAME} {{ 'x' }}").unwrap();
    assert_eq!(template.variables(), ["B", "contact.name", "A"]);
}

#[test]
fn the_three_fallbacks() {
    let template =
        Template::parse("Hi {NOBODY}, {{ nothing | upcase }}{{ x | default: 'y' }} {NOBODY}").unwrap();
    let defaults = map(json!({"Nothing": "none", "x": "from defaults", "NOBODY": null}));
    let text = |body: &str, unresolved: &[&str]| Rendered::Text {
        body: body.into(),
        unresolved: unresolved.iter().map(|name| (*name).to_owned()).collect(),
        truncated: false,
    };
    let render = |fallback| template.render(&values(), fallback, &defaults);
    assert_eq!(
        render(Fallback::KeepPlaceholder),
        text("Hi {NOBODY}, {{ nothing | upcase }}y {NOBODY}", &["NOBODY", "nothing"])
    );
    assert_eq!(render(Fallback::UseDefault), text("Hi {NOBODY}, NONEy {NOBODY}", &["NOBODY"]));
    assert_eq!(
        render(Fallback::SkipContact),
        Rendered::Skipped { missing: vec!["NOBODY".into(), "nothing".into()] }
    );
    let empty = map(json!({"nobody": "", "nothing": ""}));
    assert_eq!(template.render(&values(), Fallback::UseDefault, &empty), text("Hi , y ", &[]));
}

/// Every combination of the six sources having the name, under every fallback. The account's and the
/// sender's are not meant by a bare name.
#[test]
fn the_first_source_that_has_it_wins() {
    let template = Template::parse("{THING}").unwrap();
    let words = ["custom", "contact", "properties", "account", "sender", "system"];
    for present in 0..64u32 {
        let source = |index: usize| {
            if present >> index & 1 == 1 { map(json!({"thing": words[index]})) } else { Map::new() }
        };
        let values = Values {
            custom: source(0),
            contact: source(1),
            properties: source(2),
            account: source(3),
            sender: source(4),
            system: source(5),
        };
        for fallback in Fallback::ALL {
            let rendered = template.render(&values, *fallback, &map(json!({"THING": "default"})));
            let expected = match (present & 0b10_0111, fallback) {
                (0, Fallback::KeepPlaceholder) => Some("{THING}"),
                (0, Fallback::UseDefault) => Some("default"),
                (0, Fallback::SkipContact) => None,
                (found, _) => Some(words[found.trailing_zeros() as usize]),
            };
            match (rendered, expected) {
                (Rendered::Text { body, .. }, Some(expected)) => assert_eq!(body, expected),
                (Rendered::Skipped { missing }, None) => assert_eq!(missing, ["THING"]),
                (other, _) => panic!("{present:b} {fallback}: {other:?}"),
            }
        }
    }
}

#[test]
fn html_values_cannot_become_markup() {
    let values = Values { contact: map(json!({"name": "<b>\"T&J's\""})), ..Values::default() };
    let template = Template::parse("<p>{NAME}</p>").unwrap();
    let Rendered::Text { body, .. } =
        template.render_as(Escape::Html, &values, Fallback::KeepPlaceholder, &Map::new())
    else {
        panic!("skipped")
    };
    assert_eq!(body, "<p>&lt;b&gt;&quot;T&amp;J&#39;s&quot;</p>");
}

#[test]
fn the_output_has_a_limit() {
    let values = Values { custom: map(json!({"a": "é".repeat(50_000)})), ..Values::default() };
    let template = Template::parse(&"{A}".repeat(MAX_PLACEHOLDERS)).unwrap();
    let started = std::time::Instant::now();
    let Rendered::Text { body, truncated, .. } =
        template.render(&values, Fallback::KeepPlaceholder, &Map::new())
    else {
        panic!("skipped")
    };
    assert!(truncated && body.len() <= MAX_OUTPUT_BYTES && body.len() > MAX_OUTPUT_BYTES - 4);
    assert!(started.elapsed() < std::time::Duration::from_secs(2));
}

#[test]
fn a_preview_has_sample_values() {
    let values = Values::sample("2026-11-23T10:00:00Z".parse().unwrap());
    let template =
        Template::parse("{FIRST_NAME} {LAST_NAME} {PHONE} {ACCOUNT_NAME} {SENDER_NAME} {CURRENT_DATE}")
            .unwrap();
    let Rendered::Text { body, unresolved, .. } =
        template.render(&values, Fallback::KeepPlaceholder, &Map::new())
    else {
        panic!("skipped")
    };
    assert_eq!(body, "Sarah Johnson +251912345678 Turumba Academy Abebe 2026-11-23");
    assert!(unresolved.is_empty());
}

fn templatish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,6}",
        2 => "\\PC{0,3}",
        6 => prop::sample::select(vec![
            "{{", "}}", "{", "}", "{NAME}", "{A_1}", "{{ name }}", "{{ contact.name | upcase }}", "|", "||", ":", "\"",
            "'", "default", "truncate: 3", "date: '%Y'", "{% ", "\n", "“", "é", ".", ",", "{{x|default:'{NAME}'}}",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn nothing_breaks_it(text in templatish(), value in "\\PC{0,20}", other in any::<String>()) {
        for text in [&text, &other] {
            let values = Values { custom: map(json!({"name": value, "a_1": {"x": [value]}})), ..Values::default() };
            match Template::parse(text) {
                Ok(template) => for fallback in Fallback::ALL {
                    if let Rendered::Text { body, .. } = template.render(&values, *fallback, &map(json!({"x": value}))) {
                        prop_assert!(body.len() <= MAX_OUTPUT_BYTES);
                    }
                },
                Err(error) => {
                    prop_assert!(error.position <= text.chars().count());
                    let before: String = text.chars().take(error.position).collect();
                    prop_assert_eq!(error.line, before.matches('\n').count() + 1);
                    prop_assert_eq!(error.column, before.rsplit('\n').next().unwrap().chars().count() + 1);
                }
            }
        }
    }

    /// Without any value the text stays what it was, byte for byte.
    #[test]
    fn no_values_change_nothing(text in templatish()) {
        let text = text.replace("default", "").replace(['|', '"', '\'', '“'], "");
        if let Ok(template) = Template::parse(&text) {
            let rendered = template.render(&Values::default(), Fallback::KeepPlaceholder, &Map::new());
            let Rendered::Text { body, .. } = rendered else { return Err(TestCaseError::fail("skipped")) };
            prop_assert_eq!(body, text);
        }
    }

    /// A value that looks like a template comes out as it went in.
    #[test]
    fn values_are_never_expanded(value in templatish(), before in "[a-z ]{0,5}", after in "[a-z ]{0,5}") {
        let values = Values {
            contact: map(json!({"name": value, "x": "EXPANDED", "a_1": "EXPANDED"})), ..Values::default()
        };
        for placeholder in ["{NAME}", "{{ name }}", "{{ contact.name }}", "{{ nobody | default: 'y' }}{CONTACT_NAME}"] {
            let template = Template::parse(&format!("{before}{placeholder}{after}")).unwrap();
            let rendered = template.render(&values, Fallback::KeepPlaceholder, &Map::new());
            let Rendered::Text { body, .. } = rendered else { return Err(TestCaseError::fail("skipped")) };
            let inside = if placeholder.contains("nobody") { format!("y{value}") } else { value.clone() };
            prop_assert_eq!(body, format!("{before}{inside}{after}"));
        }
    }

    #[test]
    fn defaults_are_never_expanded(value in templatish()) {
        let template = Template::parse("{X}").unwrap();
        let values = Values { contact: map(json!({"name": "EXPANDED"})), ..Values::default() };
        let rendered = template.render(&values, Fallback::UseDefault, &map(json!({"X": value})));
        prop_assert_eq!(rendered, Rendered::Text { body: value, unresolved: vec![], truncated: false });
    }
}

/// Every source under every fallback: what is there is written, and what is not there follows the strategy.
#[test]
fn sources_times_strategies() {
    let named = |source: &str, value: Option<&str>| {
        let map = value.map_or_else(Map::new, |value| map(json!({"field": value})));
        let mut values = Values::default();
        match source {
            "custom" => values.custom = map,
            "contact" => values.contact = map,
            "properties" => values.properties = map,
            "account" => values.account = map,
            "sender" => values.sender = map,
            _ => values.system = map,
        }
        values
    };
    let defaults =
        map(json!({"custom_field": "D", "contact_field": "D", "properties_field": "D", "account_field": "D",
        "sender_field": "D", "system_field": "D"}));
    for source in ["custom", "contact", "properties", "account", "sender", "system"] {
        let text = format!("a {{{{ {source}.field }}}} z");
        let template = Template::parse(&text).unwrap();
        for fallback in Fallback::ALL {
            for value in [Some("{{ x }} {UPPER}"), Some(""), None] {
                let rendered = template.render(&named(source, value), *fallback, &defaults);
                let expected = match (value, fallback) {
                    (Some(value), _) => {
                        Rendered::Text { body: format!("a {value} z"), unresolved: vec![], truncated: false }
                    }
                    (None, Fallback::UseDefault) => {
                        Rendered::Text { body: "a D z".into(), unresolved: vec![], truncated: false }
                    }
                    (None, Fallback::KeepPlaceholder) => Rendered::Text {
                        body: text.clone(),
                        unresolved: vec![format!("{source}.field")],
                        truncated: false,
                    },
                    (None, Fallback::SkipContact) => {
                        Rendered::Skipped { missing: vec![format!("{source}.field")] }
                    }
                };
                assert_eq!(rendered, expected, "{source} {fallback} {value:?}");
            }
        }
    }
}
