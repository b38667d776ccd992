//! Which column of a file is which field of a contact.

use std::collections::{BTreeMap, HashSet};

use model::{ChannelType, Error, Result};
use serde_json::{Map, Value, json};

use crate::check;

/// Where a column's cells go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Target {
    Name,
    FirstName,
    LastName,
    Phone,
    Email,
    PreferredChannelType,
    PreferredLanguage,
    Tags,
    Property(String),
    Identifier(ChannelType),
}

impl Target {
    fn read(text: &str) -> Result<Option<Self>, String> {
        Ok(Some(match text.trim() {
            "" | "ignore" => return Ok(None),
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "phone" => Self::Phone,
            "email" => Self::Email,
            "preferred_channel_type" => Self::PreferredChannelType,
            "preferred_language" => Self::PreferredLanguage,
            "tags" => Self::Tags,
            other => {
                if let Some(key) = other.strip_prefix("properties.").filter(|key| !key.is_empty()) {
                    Self::Property(key.chars().take(100).collect())
                } else if let Some(of_type) = other.strip_prefix("identifier.") {
                    Self::Identifier(of_type.parse().map_err(|error| format!("{error}"))?)
                } else {
                    return Err(format!(
                        "{other:?} is no field; there are name, first_name, last_name, phone, email, tags, \
                         preferred_channel_type, preferred_language, properties.…, identifier.…, ignore"
                    ));
                }
            }
        }))
    }
}

/// What a column's title most likely means.
pub(super) fn guess(title: &str) -> String {
    let word: String =
        title.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let word = word.trim_matches('_');
    match word {
        "name" | "full_name" | "contact" | "contact_name" => "name".into(),
        "first_name" | "firstname" | "given_name" => "first_name".into(),
        "last_name" | "lastname" | "surname" | "family_name" => "last_name".into(),
        "phone" | "phone_number" | "mobile" | "tel" | "telephone" | "msisdn" => "phone".into(),
        "email" | "e_mail" | "email_address" | "mail" => "email".into(),
        "tags" | "labels" => "tags".into(),
        "language" | "preferred_language" => "preferred_language".into(),
        "preferred_channel_type" => "preferred_channel_type".into(),
        "telegram_id" | "telegram_chat_id" => "identifier.telegram".into(),
        "" => "ignore".into(),
        other => format!("properties.{other}"),
    }
}

/// The targets of the columns of a file. Columns that the mapping does not name are left out; an empty mapping
/// means what the titles say.
pub(super) fn targets(mapping: &BTreeMap<String, String>, titles: &[String]) -> Result<Vec<Option<Target>>> {
    if let Some(stranger) = mapping.keys().find(|column| !titles.contains(column)) {
        return Err(Error::invalid("mapping", format!("the file has no column {stranger:?}")));
    }
    let mut targets = Vec::with_capacity(titles.len());
    let mut seen = HashSet::new();
    for title in titles {
        let text =
            if mapping.is_empty() { guess(title) } else { mapping.get(title).cloned().unwrap_or_default() };
        let target = Target::read(&text).map_err(|message| Error::invalid("mapping", message))?;
        if let Some(target) = &target
            && !seen.insert(target.clone())
        {
            return Err(Error::invalid("mapping", format!("two columns are {text}")));
        }
        targets.push(target);
    }
    let known = [Target::Name, Target::FirstName, Target::LastName, Target::Phone, Target::Email];
    let says_who =
        seen.iter().any(|target| known.contains(target) || matches!(target, Target::Identifier(_)));
    if !says_who {
        return Err(Error::invalid("mapping", "no column is a name, a phone number or an e-mail address"));
    }
    Ok(targets)
}

/// A row that can become a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Person {
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub preferred_channel_type: Option<ChannelType>,
    pub preferred_language: Option<String>,
    pub tags: Vec<String>,
    pub properties: Map<String, Value>,
    pub identifiers: Vec<(ChannelType, String)>,
}

/// Reads a row; `Err`: the field and what is wrong with it.
pub(super) fn person(
    targets: &[Option<Target>],
    cells: &[String],
    country: Option<&str>,
) -> Result<Person, (String, String)> {
    let mut person = Person::default();
    if cells.len() > targets.len() {
        return Err(("row".into(), format!("has {} cells for {} columns", cells.len(), targets.len())));
    }
    for (target, cell) in targets.iter().zip(cells) {
        let (Some(target), cell) = (target, cell.trim()) else { continue };
        if cell.is_empty() {
            continue;
        }
        if cell.contains('\0') {
            return Err(("row".into(), "must not contain a NUL character".into()));
        }
        let most = |field: &str, most: usize| {
            if cell.chars().count() > most {
                return Err((field.to_owned(), format!("may have {most} characters")));
            }
            Ok(Some(cell.to_owned()))
        };
        match target {
            Target::Name => person.name = most("name", 255)?,
            Target::FirstName => person.first_name = most("first_name", 100)?,
            Target::LastName => person.last_name = most("last_name", 100)?,
            Target::PreferredLanguage => person.preferred_language = most("preferred_language", 10)?,
            Target::Phone => {
                let Some(phone) = check::phone_in(cell, country) else {
                    return Err(("phone".into(), format!("{cell:?} is no phone number")));
                };
                person.phone = Some(phone);
            }
            Target::Email => {
                if !check::is_email(cell) {
                    return Err(("email".into(), format!("{cell:?} is no e-mail address")));
                }
                person.email = Some(cell.to_owned());
            }
            Target::PreferredChannelType => {
                let of_type = cell
                    .to_lowercase()
                    .parse()
                    .map_err(|error| ("preferred_channel_type".to_owned(), format!("{error}")))?;
                person.preferred_channel_type = Some(of_type);
            }
            Target::Tags => {
                for tag in cell.split([',', ';', '|']).map(str::trim).filter(|tag| !tag.is_empty()) {
                    if tag.chars().count() > 100 || person.tags.len() == 100 {
                        return Err(("tags".into(), "may have 100 entries of 100 characters".into()));
                    }
                    if !person.tags.iter().any(|known| known == tag) {
                        person.tags.push(tag.to_owned());
                    }
                }
            }
            Target::Property(key) => {
                person.properties.insert(key.clone(), json!(cell));
            }
            Target::Identifier(of_type) => {
                let identifier = crate::suppressions::form(*of_type, cell);
                if identifier.chars().count() > 255 {
                    return Err(("identifier".into(), "may have 255 characters".into()));
                }
                person.identifiers.push((*of_type, identifier));
            }
        }
    }
    if Value::Object(person.properties.clone()).to_string().len() > 32 * 1024 {
        return Err(("properties".into(), "may have 32 KiB".into()));
    }
    let full = [person.first_name.as_deref(), person.last_name.as_deref()];
    let full = full.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if person.name.is_none() && !full.is_empty() {
        person.name = Some(full);
    }
    let known = person.phone.is_some() || person.email.is_some() || !person.identifiers.is_empty();
    if !known && person.name.is_none() {
        return Err(("row".into(), "has neither a name, a phone number nor an e-mail address".into()));
    }
    Ok(person)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn columns_are_guessed_or_told_and_rows_are_read() {
        let titles = strings(&["First Name", "Surname", "Mobile", "City", "Tags"]);
        let all = targets(&BTreeMap::new(), &titles).unwrap();
        assert_eq!(all[2], Some(Target::Phone));
        assert_eq!(all[3], Some(Target::Property("city".into())));
        let row = strings(&[" Abebe ", "Kebede", "0911 234567", "Addis", "vip; new,vip"]);
        let read = person(&all, &row, Some("+251")).unwrap();
        assert_eq!(read.name.as_deref(), Some("Abebe Kebede"));
        assert_eq!(read.phone.as_deref(), Some("+251911234567"));
        assert_eq!(read.tags, ["vip", "new"]);
        assert_eq!(read.properties["city"], "Addis");
        let told =
            BTreeMap::from([("Mobile".to_owned(), "phone".to_owned()), ("City".into(), "ignore".into())]);
        assert_eq!(targets(&told, &titles).unwrap().iter().flatten().count(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_field() {
        let titles = strings(&["phone", "email"]);
        let all = targets(&BTreeMap::new(), &titles).unwrap();
        let field = |cells: &[&str]| person(&all, &strings(cells), None).unwrap_err().0;
        assert_eq!(field(&["0911", ""]), "phone");
        assert_eq!(field(&["", "nobody"]), "email");
        assert_eq!(field(&["", ""]), "row");
        assert_eq!(field(&["+251911234567", "a@b.co", "more"]), "row");
        let mapping = |pairs: &[(&str, &str)]| {
            let map = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            targets(&map, &titles).unwrap_err().details.to_string()
                + &targets(&map, &titles).unwrap_err().message
        };
        assert!(mapping(&[("none", "phone")]).contains("no column"));
        assert!(mapping(&[("phone", "phon")]).contains("no field"));
        assert!(mapping(&[("phone", "phone"), ("email", "phone")]).contains("two columns"));
        assert!(mapping(&[("phone", "properties.x")]).contains("no column is a name"));
    }
}
