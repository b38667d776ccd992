-- How far a session of ours has read at a provider that does not remember it (IMAP: the folder's UIDVALIDITY and UID).
-- Written after what was read is in the journal.
CREATE TABLE session_positions (
    channel_id uuid PRIMARY KEY REFERENCES channels (id) ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    position   jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);
SELECT fence_tenant_table('session_positions', false);
