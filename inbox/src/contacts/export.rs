//! Contacts as a CSV file, in pieces: all that a list's filters let through, however many.

use std::collections::BTreeSet;

use model::{Error, Permission, Result};
use serde_json::Value;

use super::{ContactView, ENTITY};
use crate::{
    Inbox, Member, csv,
    list::{self, Params, Plan},
};

/// Columns of properties; those of the first page's contacts.
const MOST_PROPERTIES: usize = 100;
const FIXED: [&str; 10] = [
    "id",
    "name",
    "first_name",
    "last_name",
    "phone",
    "email",
    "preferred_channel_type",
    "preferred_language",
    "tags",
    "is_active",
];

/// Where an export is.
#[derive(Debug, Clone)]
pub struct Export {
    params: Params,
    /// `None`: not begun.
    cursor: Option<String>,
    properties: Vec<String>,
    is_over: bool,
}

impl Export {
    /// An export of what `params` lets through; its page parameters do not count.
    pub fn new(params: &Params) -> Self {
        let paging = ["skip", "limit", "page", "page_size", "cursor"];
        let kept = params.0.iter().filter(|(name, _)| !paging.contains(&name.as_str())).cloned();
        Self { params: Params(kept.collect()), cursor: None, properties: Vec::new(), is_over: false }
    }

    /// The next piece of the file; `None` at its end.
    pub async fn next(&mut self, inbox: &Inbox, member: &Member) -> Result<Option<String>> {
        member.require(Permission::ContactsView)?;
        if self.is_over {
            return Ok(None);
        }
        let mut params = self.params.clone();
        params.0.push(("limit".into(), "1000".into()));
        params.0.extend(self.cursor.iter().map(|cursor| ("cursor".to_owned(), cursor.clone())));
        let plan = &Plan::new(&ENTITY, &params, member.user_id())?;
        let account = member.account_id();
        let page: list::Listing<ContactView> = inbox
            .store()
            .read(account, |mut tx| async move { list::page(&mut tx, plan, &[account], |_| {}).await })
            .await
            .map_err(Error::from)?;
        let mut text = String::new();
        if self.cursor.is_none() {
            let keys: BTreeSet<&String> = page
                .items
                .iter()
                .filter_map(|contact| contact.properties.as_object())
                .flat_map(|map| map.keys())
                .collect();
            self.properties = keys.into_iter().take(MOST_PROPERTIES).cloned().collect();
            let head = FIXED.iter().map(|name| (*name).to_owned());
            let head: Vec<String> =
                head.chain(self.properties.iter().map(|key| format!("properties.{key}"))).collect();
            csv::line(&mut text, &head);
        }
        for contact in &page.items {
            csv::line(&mut text, &self.cells(contact));
        }
        self.is_over = page.meta.next_cursor.is_none();
        self.cursor = page.meta.next_cursor;
        Ok(Some(text))
    }

    fn cells(&self, contact: &ContactView) -> Vec<String> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut cells = vec![
            contact.id.to_string(),
            contact.name.clone(),
            text(&contact.first_name),
            text(&contact.last_name),
            text(&contact.phone),
            text(&contact.email),
            contact.preferred_channel_type.map(|of_type| of_type.to_string()).unwrap_or_default(),
            text(&contact.preferred_language),
            contact.tags.join("; "),
            contact.is_active.to_string(),
        ];
        cells.extend(self.properties.iter().map(|key| match &contact.properties[key.as_str()] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }));
        cells
    }
}
