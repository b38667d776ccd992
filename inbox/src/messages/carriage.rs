//! Files that a channel does not carry: they go as links, decided when the message is written, so that its sender sees it
//! and a link that would lead nowhere is refused before anything waits to be sent.

use bus::{Outcome, Tx};
use model::{AccountId, AsLink, Attachment, ChannelId, ChannelType, Error, Result, Time, profile::Carriage};
use serde_json::Value;

use crate::{Inbox, conversations};

/// What of a channel decides how a message may go.
pub(crate) struct Carrier {
    pub channel_type: ChannelType,
    pub is_enabled: bool,
    provider: String,
    settings: Value,
    default_country_code: Option<String>,
}

impl Carrier {
    /// `None`: no such channel in this account.
    pub(crate) async fn load(tx: &mut Tx, account: AccountId, channel: ChannelId) -> Outcome<Option<Self>> {
        let found = sqlx::query_as!(
            Self,
            r#"SELECT channel_type AS "channel_type: ChannelType", is_enabled, provider, settings,
                      default_country_code
               FROM channels WHERE id = $1 AND account_id = $2"#,
            channel.uuid(),
            account.uuid(),
        )
        .fetch_optional(&mut **tx)
        .await?;
        Ok(found)
    }

    /// When free text was taken last, for a customer who last wrote at `since`; `None`: it always is.
    pub(crate) fn window_end(&self, inbox: &Inbox, since: Time) -> Option<Time> {
        let profile = inbox.profile(self.channel_type, &self.provider)?;
        conversations::reply_window(profile, &self.settings).map(|window| since + window)
    }

    /// Marks the files that go to `to` as links, which are good for their time from `from` on; 422 with the reason
    /// `no_public_url` where nobody outside could open them.
    pub(crate) fn mark(
        &self,
        inbox: &Inbox,
        to: &str,
        from: Time,
        attachments: &mut [Attachment],
    ) -> Result<()> {
        let Some(profile) = inbox.profile(self.channel_type, &self.provider) else { return Ok(()) };
        for (n, file) in attachments.iter_mut().enumerate() {
            let country = self.default_country_code.as_deref();
            let Carriage::Link(reason) = profile.carriage(file, to, &self.settings, country) else {
                file.as_link = None;
                continue;
            };
            let is_ours = file.upload_id.is_some();
            if is_ours && !inbox.settings().is_public() {
                let message = format!(
                    "{} does not carry this file, and a link to it would lead nowhere: the hub has no public address \
                     (public_url)",
                    profile.display_name
                );
                return Err(Error::invalid(format!("attachments.{n}"), message)
                    .with("reason", "no_public_url")
                    .with("not_carried", reason));
            }
            let until = is_ours.then(|| from + inbox.settings().link_life);
            file.as_link = Some(AsLink { reason, until });
        }
        Ok(())
    }
}
