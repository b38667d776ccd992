-- The last of the four fences between tenants: the store itself. A connection of the application sees
-- only rows of the accounts named by its transaction; without a name it sees none.

GRANT USAGE ON SCHEMA public TO turumba_app, turumba_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO turumba_app, turumba_system;
GRANT EXECUTE ON FUNCTION make_partitions TO turumba_system;

DO $$
DECLARE
    t text;
    mine text := 'account_id = ANY (string_to_array(NULLIF(current_setting(''app.accounts'', true), ''''), '','')::uuid[])';
    tenant text[] := ARRAY['roles', 'account_users', 'api_keys', 'contacts', 'contact_identifiers', 'teams',
        'team_members', 'agent_preferences', 'agent_state', 'agent_connections', 'channels', 'visitors',
        'webhook_journal', 'conversations', 'conversation_reads', 'conversation_mentions',
        'conversation_assignments', 'routing_pools', 'routing_decisions', 'messages', 'message_keys',
        'provider_ids', 'attempts', 'uploads', 'templates', 'canned_responses', 'bot_rules', 'labels',
        'events', 'feeds', 'consumed', 'jobs', 'mailbox_keys', 'mailbox_items', 'timers'];
    -- what named system tasks need across accounts, and no more
    across text[] := ARRAY['roles', 'account_users', 'api_keys', 'team_members', 'agent_state',
        'agent_connections', 'agent_preferences', 'channels', 'visitors', 'webhook_journal', 'routing_pools',
        'events', 'feeds', 'consumed', 'jobs', 'mailbox_keys', 'mailbox_items', 'timers', 'uploads',
        'provider_ids', 'conversation_mentions'];
    installation_wide text[] := ARRAY['installation', 'sessions', 'refresh_tokens', 'signing_keys',
        'revocations', 'idempotency_keys', 'leases', 'nodes'];
BEGIN
    FOREACH t IN ARRAY tenant LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO turumba_app', t);
        EXECUTE format('CREATE POLICY own_accounts ON %I TO turumba_app USING (%s) WITH CHECK (%s)', t, mine, mine);
    END LOOP;
    FOREACH t IN ARRAY across LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO turumba_system', t);
        EXECUTE format('CREATE POLICY system_tasks ON %I TO turumba_system USING (true) WITH CHECK (true)', t);
    END LOOP;
    FOREACH t IN ARRAY installation_wide LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO turumba_system', t);
    END LOOP;
    -- accounts are named by their own id
    ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
    ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
    GRANT SELECT, UPDATE ON accounts TO turumba_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON accounts TO turumba_system;
    EXECUTE format('CREATE POLICY own_accounts ON accounts TO turumba_app USING (%s) WITH CHECK (%s)',
        replace(mine, 'account_id', 'id'), replace(mine, 'account_id', 'id'));
    CREATE POLICY system_tasks ON accounts TO turumba_system USING (true) WITH CHECK (true);
    -- users belong to nobody: an account sees its members and may not write them
    ALTER TABLE users ENABLE ROW LEVEL SECURITY;
    ALTER TABLE users FORCE ROW LEVEL SECURITY;
    GRANT SELECT (id, email, phone, given_name, family_name, is_active, email_verified_at, last_login_at,
        created_at, updated_at) ON users TO turumba_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON users TO turumba_system;
    CREATE POLICY own_accounts ON users FOR SELECT TO turumba_app
        USING (EXISTS (SELECT 1 FROM account_users m WHERE m.user_id = users.id));
    CREATE POLICY system_tasks ON users TO turumba_system USING (true) WITH CHECK (true);
    GRANT INSERT ON revocations TO turumba_app;
    -- the sweep behind assignment asks which accounts have someone waiting
    GRANT SELECT ON conversations TO turumba_system;
    CREATE POLICY system_reads ON conversations FOR SELECT TO turumba_system USING (true);
END $$;
