-- The fences of a tenant's table, for this and later migrations: the application sees its own accounts' rows.
-- `across`: named system tasks work on it over all accounts.
CREATE FUNCTION fence_tenant_table(t regclass, across boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mine text := 'account_id = ANY (string_to_array(NULLIF(current_setting(''app.accounts'', true), ''''), '','')::uuid[])';
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO turumba_app', t);
    EXECUTE format('CREATE POLICY own_accounts ON %s TO turumba_app USING (%s) WITH CHECK (%s)', t, mine, mine);
    IF across THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO turumba_system', t);
        EXECUTE format('CREATE POLICY system_tasks ON %s TO turumba_system USING (true) WITH CHECK (true)', t);
    END IF;
END $$;
REVOKE ALL ON FUNCTION fence_tenant_table FROM PUBLIC;

-- Addresses that get no bulk messages: whoever said STOP, bounced, complained, or was entered by hand.
CREATE TABLE suppressions (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    channel_type text NOT NULL,
    -- null: on every channel of the type
    channel_id   uuid REFERENCES channels (id) ON DELETE CASCADE,
    -- as messages are addressed: E.164, an e-mail address in lower case, the provider's own id
    address      varchar(255) NOT NULL,
    contact_id   uuid REFERENCES contacts (id) ON DELETE SET NULL,
    reason       text NOT NULL CHECK (reason IN ('opt_out', 'bounce', 'complaint', 'manual')),
    -- what the customer wrote, what the provider said
    note         varchar(500),
    created_by_user_id uuid,
    created_at   timestamptz NOT NULL,
    CONSTRAINT suppressions_address_key UNIQUE NULLS NOT DISTINCT (account_id, channel_type, address, channel_id)
);
CREATE INDEX suppressions_list ON suppressions (account_id, created_at DESC);
CREATE INDEX suppressions_contact ON suppressions (contact_id) WHERE contact_id IS NOT NULL;
SELECT fence_tenant_table('suppressions', false);
