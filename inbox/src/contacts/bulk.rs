//! Many contacts in one request: each item succeeds or fails by itself, with its own reason.

use model::{ContactId, Error, Permission, Result};
use serde::{Deserialize, Serialize};

use super::{NewContact, UpdateContact, create, delete, update};
use crate::{Inbox, Member};

/// Items of one request.
const MOST: usize = 1000;

/// What is to be done, in this order.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    pub account_id: Option<model::AccountId>,
    #[serde(default)]
    pub create: Vec<NewContact>,
    #[serde(default)]
    pub update: Vec<BulkUpdate>,
    #[serde(default)]
    pub delete: Vec<ContactId>,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkUpdate {
    pub id: ContactId,
    #[serde(flatten)]
    pub change: UpdateContact,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BulkItem {
    /// `create`, `update` or `delete`.
    pub action: &'static str,
    /// Its place in the list of that action, from 0.
    pub index: usize,
    pub id: Option<ContactId>,
    /// Null: it is done.
    pub error: Option<String>,
    #[schema(value_type = Object)]
    pub details: Option<serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BulkDone {
    pub succeeded: usize,
    pub failed: usize,
    pub items: Vec<BulkItem>,
}

/// Does it all; at most 1000 items.
pub async fn bulk(inbox: &Inbox, member: &Member, asked: Bulk) -> Result<BulkDone> {
    member.require(Permission::ContactsManage)?;
    let count = asked.create.len() + asked.update.len() + asked.delete.len();
    if count == 0 || count > MOST {
        return Err(Error::invalid("create", format!("name between 1 and {MOST} items")));
    }
    let mut items = Vec::with_capacity(count);
    for (index, new) in asked.create.into_iter().enumerate() {
        let done = create(inbox, member, new).await.map(|contact| contact.id);
        items.push(item("create", index, None, done));
    }
    for (index, one) in asked.update.into_iter().enumerate() {
        let done = update(inbox, member, one.id, &one.change).await.map(|contact| contact.id);
        items.push(item("update", index, Some(one.id), done));
    }
    for (index, id) in asked.delete.into_iter().enumerate() {
        let done = delete(inbox, member, id).await.map(|()| id);
        items.push(item("delete", index, Some(id), done));
    }
    let failed = items.iter().filter(|item| item.error.is_some()).count();
    Ok(BulkDone { succeeded: items.len() - failed, failed, items })
}

fn item(action: &'static str, index: usize, id: Option<ContactId>, done: Result<ContactId>) -> BulkItem {
    match done {
        Ok(id) => BulkItem { action, index, id: Some(id), error: None, details: None },
        Err(error) => {
            let details =
                serde_json::to_value(&error.details).ok().filter(|details| *details != serde_json::json!({}));
            BulkItem { action, index, id, error: Some(error.message), details }
        }
    }
}
