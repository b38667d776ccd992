-- What a channel did not take: few rows, asked for by the channel's page.
CREATE INDEX webhook_journal_unheard ON webhook_journal (channel_id, received_at) WHERE state <> 'accepted';
-- Nobody asks for a channel's other bodies; it was written for each webhook.
DROP INDEX webhook_journal_channel;
