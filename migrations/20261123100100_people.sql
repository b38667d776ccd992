-- Contacts and the agents who answer them.

CREATE TABLE contacts (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        varchar(255) NOT NULL DEFAULT '',
    first_name  varchar(100),
    last_name   varchar(100),
    phone       varchar(20),
    email       varchar(255),
    preferred_channel_type text,
    preferred_language     varchar(10),
    tags        jsonb NOT NULL DEFAULT '[]',
    properties  jsonb NOT NULL DEFAULT '{}',
    metadata    jsonb NOT NULL DEFAULT '{}',
    is_active   boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX contacts_account_phone_key ON contacts (account_id, phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX contacts_account_email_key ON contacts (account_id, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX contacts_account_created ON contacts (account_id, created_at DESC);

-- One address of a contact on one channel type: the same person on WhatsApp and Telegram is one contact.
CREATE TABLE contact_identifiers (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    contact_id   uuid NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    channel_type text NOT NULL,
    identifier   varchar(255) NOT NULL,
    display_name varchar(255),
    metadata     jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT contact_identifiers_address_key UNIQUE (account_id, channel_type, identifier)
);
CREATE INDEX contact_identifiers_contact ON contact_identifiers (contact_id);

CREATE TABLE teams (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        varchar(255) NOT NULL,
    description text,
    is_active   boolean NOT NULL DEFAULT true,
    metadata    jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT teams_account_name_key UNIQUE (account_id, name)
);

-- The lead is the member whose role is lead: one place, one truth.
CREATE TABLE team_members (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    team_id    uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'lead')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members (user_id);
CREATE UNIQUE INDEX team_members_one_lead_key ON team_members (team_id) WHERE role = 'lead';

CREATE TABLE agent_preferences (
    id                 uuid PRIMARY KEY,
    account_id         uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id            uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    available_channels jsonb NOT NULL DEFAULT '[]',
    available_topics   jsonb NOT NULL DEFAULT '[]',
    available_hours    jsonb,
    languages          jsonb NOT NULL DEFAULT '[]',
    max_concurrent_conversations integer NOT NULL DEFAULT 5
        CHECK (max_concurrent_conversations BETWEEN 1 AND 50),
    auto_accept        boolean NOT NULL DEFAULT false,
    notification_preferences jsonb NOT NULL
        DEFAULT '{"sound": true, "desktop": true, "email_on_assignment": false}',
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT agent_preferences_user_key UNIQUE (account_id, user_id)
);

-- What routing knows of an agent. Only inbox::assignment writes load and last_assigned_at.
CREATE TABLE agent_state (
    account_id       uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id          uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- an agent's own choice; whoever never chose is available when connected
    status           text NOT NULL DEFAULT 'online' CHECK (status IN ('online', 'away', 'offline')),
    connected        boolean NOT NULL DEFAULT false,
    offline_since    timestamptz,
    load             integer NOT NULL DEFAULT 0 CHECK (load >= 0),
    capacity         integer NOT NULL DEFAULT 5,
    last_assigned_at timestamptz,
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, user_id)
);

-- Which node holds sockets of whom; a dead node's rows are reaped.
CREATE TABLE agent_connections (
    account_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    node_id    uuid NOT NULL,
    -- set when the last tab closed: gone after the grace period
    leaving_at timestamptz,
    PRIMARY KEY (account_id, user_id, node_id)
);
CREATE INDEX agent_connections_node ON agent_connections (node_id);
