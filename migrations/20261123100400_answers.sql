-- What is said again and again: templates, canned responses, bot rules, labels.

CREATE TABLE templates (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          varchar(255) NOT NULL,
    body          text NOT NULL,
    category      varchar(100),
    channel_type  text,
    language      varchar(10),
    variables     jsonb NOT NULL DEFAULT '[]',
    default_values jsonb NOT NULL DEFAULT '{}',
    fallback_strategy text NOT NULL DEFAULT 'keep_placeholder'
        CHECK (fallback_strategy IN ('keep_placeholder', 'use_default', 'skip_contact')),
    approval_status text CHECK (approval_status IN ('pending', 'approved', 'rejected')),
    external_template_id varchar(255),
    is_active     boolean NOT NULL DEFAULT true,
    created_by_user_id uuid,
    attachments   jsonb NOT NULL DEFAULT '[]',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX templates_account ON templates (account_id, created_at DESC);

CREATE TABLE canned_responses (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- with its leading slash
    short_code varchar(50) NOT NULL,
    title      varchar(255) NOT NULL,
    content    text NOT NULL,
    category   varchar(100),
    created_by uuid,
    metadata   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT canned_responses_short_code_key UNIQUE (account_id, short_code)
);

CREATE TABLE bot_rules (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name         varchar(255) NOT NULL,
    description  varchar(500),
    -- lower is tried first
    priority     integer NOT NULL DEFAULT 100,
    is_active    boolean NOT NULL DEFAULT true,
    trigger_type text NOT NULL
        CHECK (trigger_type IN ('keyword', 'time_based', 'channel', 'new_conversation', 'fallback')),
    conditions   jsonb NOT NULL DEFAULT '{}',
    actions      jsonb NOT NULL DEFAULT '{}',
    metadata     jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX bot_rules_order ON bot_rules (account_id, is_active, priority, id);

CREATE TABLE labels (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       varchar(100) NOT NULL,
    color      varchar(9) NOT NULL DEFAULT '#389CF7',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT labels_account_name_key UNIQUE (account_id, name)
);
