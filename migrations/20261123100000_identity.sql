-- Accounts, the people who work in them, and how they prove who they are.
-- The roles turumba_app and turumba_system exist before the first migration runs (bus::store::roles).

-- One row: the life of this database.
CREATE TABLE installation (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch           uuid NOT NULL,
    -- (system identifier, timeline, database oid) that the epoch belongs to
    identity        text NOT NULL,
    setup_token_hash text,
    sealed_at       timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accounts (
    id          uuid PRIMARY KEY,
    name        varchar(255) NOT NULL,
    slug        varchar(100) NOT NULL CONSTRAINT accounts_slug_key UNIQUE,
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    is_active   boolean NOT NULL DEFAULT true,
    description text,
    parent_account_id uuid REFERENCES accounts (id) ON DELETE SET NULL,
    -- who sees which conversations: all, or those of the own teams
    visibility  text NOT NULL DEFAULT 'all' CHECK (visibility IN ('all', 'team')),
    timezone    text NOT NULL DEFAULT 'UTC',
    -- languages that the bot's detector chooses from; empty: all it knows
    languages   text[] NOT NULL DEFAULT '{}',
    -- count_pending, requeue_after_s and other settings of conversations
    settings    jsonb NOT NULL DEFAULT '{}',
    metadata    jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    -- stored in lower case
    email         varchar(255) NOT NULL CONSTRAINT users_email_key UNIQUE CHECK (email = lower(email)),
    phone         varchar(20) CONSTRAINT users_phone_key UNIQUE,
    given_name    varchar(100),
    family_name   varchar(100),
    password_hash text,
    is_active     boolean NOT NULL DEFAULT true,
    email_verified_at timestamptz,
    last_login_at timestamptz,
    -- rises when every token issued before must stop working
    security_version integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

CREATE TABLE roles (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        varchar(100) NOT NULL,
    permissions jsonb NOT NULL DEFAULT '[]',
    is_built_in boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT roles_account_name_key UNIQUE (account_id, name)
);

CREATE TABLE account_users (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id    uuid NOT NULL REFERENCES roles (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT account_users_account_user_key UNIQUE (account_id, user_id)
);
CREATE INDEX account_users_user ON account_users (user_id);
CREATE INDEX account_users_role ON account_users (role_id);

-- A sign-in. Its refresh tokens rotate; a used one that comes back ends the session.
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent   text,
    ip           text,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    revoked_because text
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE api_keys (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        varchar(255) NOT NULL,
    -- the first characters, to recognise it by
    prefix      varchar(20) NOT NULL,
    hash        bytea NOT NULL CONSTRAINT api_keys_hash_key UNIQUE,
    permissions jsonb NOT NULL DEFAULT '[]',
    created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    last_used_at timestamptz,
    revoked_at  timestamptz
);
CREATE INDEX api_keys_account ON api_keys (account_id, created_at);

-- RSA keys that sign access tokens; the private half is sealed with the secret key.
CREATE TABLE signing_keys (
    id          uuid PRIMARY KEY,
    sealed      bytea NOT NULL,
    public_jwk  jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    retired_at  timestamptz
);

-- Whoever holds live connections reads on from the number it knows.
CREATE TABLE revocations (
    n          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('session', 'user', 'membership', 'role', 'teams', 'api_key', 'account')),
    user_id    uuid,
    session_id uuid,
    account_id uuid,
    api_key_id uuid,
    at         timestamptz NOT NULL DEFAULT now()
);

-- First answers to POSTs that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    -- the caller: user, or API key
    caller_id    uuid NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    -- null while the first request is still running
    status       smallint,
    body         text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (caller_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
