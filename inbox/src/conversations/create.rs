//! Opening a conversation from our side.

use bus::{Outcome, Tx};
use model::{
    ChannelId, ChannelType, ContactId, Error, Event, Permission, Priority, Result, TeamId, UserId,
    view::{ContactBrief, ConversationView},
};
use serde::Deserialize;

use super::{Conversation, commands::shown, save};
use crate::{
    Inbox, Member,
    assignment::{self, Cause},
};

/// A conversation that an agent starts.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    pub channel_id: ChannelId,
    pub contact_id: ContactId,
    /// The address to write to; without it the contact's own address on this channel type.
    #[serde(default)]
    pub contact_identifier: Option<String>,
    #[serde(default)]
    pub assignee_id: Option<UserId>,
    #[serde(default)]
    pub team_id: Option<TeamId>,
    #[serde(default)]
    pub priority: Option<Priority>,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub labels: Vec<String>,
}

/// Opens it; 409 with the id of the live conversation of the same thread when there is one.
pub async fn create(inbox: &Inbox, member: &Member, new: NewConversation) -> Result<ConversationView> {
    member.require(Permission::ConversationsReply)?;
    let new = &new;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let account = member.account_id();
            let channel_type = channel_type(unit.tx(), member, new.channel_id).await?;
            let contact = contact(unit.tx(), member, new.contact_id).await?;
            let address = match &new.contact_identifier {
                Some(address) if !address.trim().is_empty() && address.chars().count() <= 255 => {
                    address.trim().to_owned()
                }
                Some(_) => {
                    return Err(Error::invalid("contact_identifier", "must be 1 to 255 characters").into());
                }
                None => address_of(unit.tx(), &contact, channel_type).await?,
            };
            let taken = super::find_live(unit.tx(), &[(new.channel_id, address.clone())]).await?;
            if let Some((_, _, id)) = taken.first() {
                let live = super::lock(unit.tx(), &[*id]).await?.pop().is_some_and(|c| c.status.is_live());
                if live {
                    return Err(Error::conflict("this customer already has an open conversation here")
                        .with("conversation_id", id)
                        .into());
                }
            }
            let mut conversation = Conversation::open(
                account,
                (new.channel_id, channel_type),
                contact,
                address.clone(),
                address,
                unit.now(),
            );
            conversation.priority = new.priority.unwrap_or(Priority::Normal);
            conversation.subject = new.subject.as_ref().map(|subject| subject.chars().take(255).collect());
            conversation.labels.clone_from(&new.labels);
            if let Some(team) = new.team_id {
                super::commands::require_team(&mut unit, member, team).await?;
            }
            conversation.team_id = new.team_id;
            conversation.hand_over();
            save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            match new.assignee_id {
                Some(agent) => {
                    let agent = assignment::agent(unit.tx(), account, agent).await?;
                    let cause = Cause::agent(member.user_id(), "opened by an agent");
                    assignment::hold(&mut unit, &mut conversation, agent, &cause).await?;
                }
                None => {
                    conversation.enqueue(unit.now());
                    unit.tx().nudge_after_commit(bus::nudge::Nudge::Assign(account));
                }
            }
            unit.record(
                Event::ConversationCreated { conversation: conversation.view() },
                conversation.audience(),
            );
            save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            let view = shown(&conversation);
            unit.commit(view).await
        })
        .await
        .map_err(|fault| match fault.constraint() {
            Some("conversations_live_thread_key") => {
                Error::conflict("this customer already has an open conversation here")
            }
            Some("conversations_team_id_fkey") => Error::absent("team_id", "no such team in this account"),
            _ => fault.into(),
        })
}

async fn channel_type(tx: &mut Tx, member: &Member, id: ChannelId) -> Outcome<ChannelType> {
    let found = sqlx::query!(
        r#"SELECT channel_type AS "channel_type: ChannelType", is_enabled FROM channels
           WHERE id = $1 AND account_id = $2"#,
        id.uuid(),
        member.account_id().uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    match found {
        Some(channel) if channel.is_enabled => Ok(channel.channel_type),
        Some(_) => Err(Error::conflict("this channel is switched off").into()),
        None => Err(Error::absent("channel_id", "no such channel in this account").into()),
    }
}

pub(crate) async fn contact(tx: &mut Tx, member: &Member, id: ContactId) -> Outcome<ContactBrief> {
    let row = sqlx::query!(
        "SELECT name, phone, email FROM contacts WHERE id = $1 AND account_id = $2",
        id.uuid(),
        member.account_id().uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::absent("contact_id", "no such contact in this account"))?;
    Ok(ContactBrief { id, name: row.name, phone: row.phone, email: row.email })
}

pub(crate) async fn address_of(
    tx: &mut Tx,
    contact: &ContactBrief,
    channel_type: ChannelType,
) -> Outcome<String> {
    let known = sqlx::query_scalar!(
        "SELECT identifier FROM contact_identifiers WHERE contact_id = $1 AND channel_type = $2
         ORDER BY updated_at DESC LIMIT 1",
        contact.id.uuid(),
        channel_type.as_str(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let own = match channel_type {
        ChannelType::Sms | ChannelType::Smpp | ChannelType::Whatsapp => contact.phone.clone(),
        ChannelType::Email => contact.email.clone(),
        ChannelType::Telegram | ChannelType::Messenger | ChannelType::Webchat => None,
    };
    known.or(own).ok_or_else(|| {
        Error::invalid("contact_identifier", format!("this contact has no address for {channel_type}")).into()
    })
}
