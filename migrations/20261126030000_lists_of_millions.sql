-- What is asked of lists of millions of rows, each by an index that gives few rows where few match. Where many match, a page
-- is found along the order of the list, and the count ends at 10,000.

-- the states that are looked for are the rare ones; who is sent and delivered is in no index more
CREATE INDEX messages_status ON messages (account_id, status, created_at DESC, id DESC)
    WHERE status IN ('scheduled', 'queued', 'sending', 'failed', 'permanently_failed', 'unknown', 'cancelled');
CREATE INDEX messages_channel ON messages (channel_id, created_at DESC, id DESC);
CREATE INDEX messages_address ON messages (delivery_address, account_id);

CREATE INDEX contacts_account_updated ON contacts (account_id, updated_at DESC, id DESC);
-- as it is written; its unique key holds it in lower case
CREATE INDEX contacts_account_email ON contacts (account_id, email) WHERE email IS NOT NULL;
CREATE INDEX contacts_properties ON contacts USING gin (properties jsonb_path_ops);

-- parts of names, numbers and addresses: only where the server has the extension and lets us make it
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX contacts_text ON contacts USING gin (name gin_trgm_ops, phone gin_trgm_ops, email gin_trgm_ops);
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege THEN
    RAISE NOTICE 'parts of names are searched without an index: %', SQLERRM;
END $$;
