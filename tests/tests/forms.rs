//! What providers say in their forms is made of their schemas, in English; the Amharic of it is in a catalogue, by
//! itself. Each text is there, and nothing else is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::Value;

/// Names and descriptions of all fields, also of those inside of others.
fn texts(schema: &Value, names: &mut BTreeSet<String>, said: &mut BTreeSet<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        names.insert(name.clone());
        said.extend(field["description"].as_str().map(str::to_owned));
        texts(field, names, said);
        for choice in ["anyOf", "oneOf"].iter().flat_map(|kind| field[kind].as_array().into_iter().flatten())
        {
            texts(choice, names, said);
        }
    }
}

#[test]
fn every_text_of_a_providers_form_is_said_in_amharic() {
    let (mut names, mut said) = (BTreeSet::new(), BTreeSet::new());
    for profile in channels::registry().profiles() {
        said.insert(profile.help.clone());
        texts(&profile.credentials_schema, &mut names, &mut said);
        texts(&profile.settings_schema, &mut names, &mut said);
    }
    let locales = Path::new(env!("CARGO_MANIFEST_DIR")).join("../inbox/web/src/locales/am");
    let read = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(locales.join(name)).unwrap()).unwrap()
    };
    // those that need another name than their own, in either language, are with the page's texts
    let named = read("settings.json")["channel_fields"].clone();
    let wanted: BTreeSet<String> =
        names.into_iter().filter(|name| named[name].is_null()).chain(said).collect();
    let there: BTreeMap<String, String> = serde_json::from_value(read("providers.json")).unwrap();
    let missing: Vec<&String> = wanted.iter().filter(|text| !there.contains_key(*text)).collect();
    assert!(missing.is_empty(), "locales/am/providers.json lacks {missing:#?}");
    let too_many: Vec<&String> = there.keys().filter(|text| !wanted.contains(*text)).collect();
    assert!(too_many.is_empty(), "locales/am/providers.json has, and no provider says, {too_many:#?}");
}
