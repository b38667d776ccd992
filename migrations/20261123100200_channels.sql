-- Connections to providers, and what arrives through them before it is understood.

CREATE TABLE channels (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          varchar(255) NOT NULL,
    channel_type  text NOT NULL,
    provider      text NOT NULL,
    status        text NOT NULL DEFAULT 'disconnected',
    is_enabled    boolean NOT NULL DEFAULT true,
    -- AES-256-GCM over the credentials' JSON, bound to the channel's id
    credentials_sealed bytea NOT NULL,
    -- what a reader may see of them
    credentials_masked jsonb NOT NULL DEFAULT '{}',
    settings      jsonb NOT NULL DEFAULT '{}',
    -- web chat only: the one public identifier
    public_key    varchar(64) CONSTRAINT channels_public_key_key UNIQUE,
    sender_name   varchar(255),
    default_country_code varchar(10),
    -- messages a minute; null: no limit of ours
    rate_limit    integer CHECK (rate_limit > 0),
    priority      integer NOT NULL DEFAULT 0,
    -- null: the built-in ladder until the maximum age
    retry_count    integer CHECK (retry_count >= 0),
    retry_interval integer CHECK (retry_interval > 0),
    last_verified_at timestamptz,
    error_message text,
    -- throttled or down until then: nothing is claimed for it
    paused_until  timestamptz,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX channels_account ON channels (account_id, created_at);

-- A browser that opened a web chat. The secret proves the return; the id alone does not.
CREATE TABLE visitors (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    channel_id  uuid NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    contact_id  uuid REFERENCES contacts (id) ON DELETE SET NULL,
    secret_hash bytea NOT NULL,
    -- verified by an HMAC or JWT of the customer's site
    external_id varchar(255),
    is_verified boolean NOT NULL DEFAULT false,
    name        varchar(255),
    email       varchar(255),
    phone       varchar(20),
    attributes  jsonb NOT NULL DEFAULT '{}',
    page        jsonb,
    user_agent  text,
    locale      text,
    last_seen_at timestamptz NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX visitors_channel ON visitors (channel_id, last_seen_at DESC);

-- Raw bodies as they came, written before the provider gets its 2xx. Partitioned by month over the id.
CREATE TABLE webhook_journal (
    id          uuid NOT NULL PRIMARY KEY,
    account_id  uuid NOT NULL,
    channel_id  uuid NOT NULL,
    -- webhook, poll (long polling), sandbox
    source      text NOT NULL,
    received_at timestamptz NOT NULL,
    content_type text,
    headers     jsonb NOT NULL DEFAULT '{}',
    body        bytea,
    -- name in the journal folder when the body is larger than 256 KiB
    body_file   text,
    -- accepted, ignored (channel disabled), parked (unparsable; reason says why)
    state       text NOT NULL,
    reason      text,
    events      integer NOT NULL DEFAULT 0
) PARTITION BY RANGE (id);
CREATE INDEX webhook_journal_channel ON webhook_journal (channel_id, received_at DESC);
CREATE INDEX webhook_journal_parked ON webhook_journal (account_id, id) WHERE state = 'parked';
