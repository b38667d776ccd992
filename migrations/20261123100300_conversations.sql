-- Conversations, their messages and who has them.

CREATE TABLE conversations (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- no foreign key: a channel may go, its history stays
    channel_id    uuid NOT NULL,
    channel_type  text NOT NULL,
    contact_id    uuid NOT NULL REFERENCES contacts (id),
    contact_identifier varchar(255) NOT NULL,
    -- sender, e-mail thread root or group chat: what makes two messages one conversation
    thread_key    varchar(255) NOT NULL,
    status        text NOT NULL DEFAULT 'open',
    priority      text NOT NULL DEFAULT 'normal',
    assignee_id   uuid,
    team_id       uuid REFERENCES teams (id) ON DELETE SET NULL,
    -- tried first when it is reopened
    previous_assignee_id uuid,
    subject       varchar(255),
    labels        jsonb NOT NULL DEFAULT '[]',
    topic         text,
    language      varchar(10),
    bot_state     text NOT NULL DEFAULT 'active',
    bot_epoch     integer NOT NULL DEFAULT 0,
    bot_context   jsonb NOT NULL DEFAULT '{}',
    -- since when it stands in the queue; null: it does not
    queued_at     timestamptz,
    -- its place there, kept while an agent has it, for a return
    place_at      timestamptz,
    -- strategy asked for by a bot rule
    strategy      text,
    -- agents it was taken back from in this round
    excluded_agents uuid[] NOT NULL DEFAULT '{}',
    waiting_since timestamptz,
    first_reply_at timestamptz,
    resolved_at   timestamptz,
    last_message_at timestamptz,
    last_inbound_at timestamptz,
    last_message_preview text,
    last_sender_type text,
    unread_count  integer NOT NULL DEFAULT 0,
    -- the last number of its thread's log
    head          bigint NOT NULL DEFAULT 0,
    version       bigint NOT NULL DEFAULT 1,
    csat_rating   smallint CHECK (csat_rating BETWEEN 1 AND 5),
    csat_comment  text,
    metadata      jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    -- assigned and pending have an assignee; open and bot never
    CONSTRAINT conversations_holder CHECK (
        CASE WHEN status IN ('assigned', 'pending') THEN assignee_id IS NOT NULL
             WHEN status IN ('open', 'bot') THEN assignee_id IS NULL ELSE true END)
);
CREATE UNIQUE INDEX conversations_live_thread_key ON conversations (channel_id, thread_key)
    WHERE status NOT IN ('resolved', 'closed');
CREATE INDEX conversations_thread ON conversations (channel_id, thread_key, created_at DESC);
CREATE INDEX conversations_list ON conversations (account_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_holder ON conversations (account_id, assignee_id, status)
    WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_queue ON conversations (account_id, queued_at, id) WHERE queued_at IS NOT NULL;
CREATE INDEX conversations_contact ON conversations (contact_id, created_at DESC);
CREATE INDEX conversations_labels ON conversations USING gin (labels);

CREATE TABLE conversation_reads (
    account_id      uuid NOT NULL,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- a user's or a visitor's
    reader_id       uuid NOT NULL,
    seq             bigint NOT NULL,
    read_at         timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, reader_id)
);

CREATE TABLE conversation_mentions (
    account_id      uuid NOT NULL,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         uuid NOT NULL,
    message_id      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX conversation_mentions_user ON conversation_mentions (account_id, user_id);

CREATE TABLE conversation_assignments (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    assignee_id     uuid,
    team_id         uuid,
    assigned_by     uuid,
    assigned_by_type text NOT NULL,
    rule_id         uuid,
    strategy        text,
    previous_assignee_id uuid,
    reason          text NOT NULL,
    note            text,
    created_at      timestamptz NOT NULL,
    unassigned_at   timestamptz
);
-- two assignees at once cannot be stored
CREATE UNIQUE INDEX conversation_assignments_open_key ON conversation_assignments (conversation_id)
    WHERE unassigned_at IS NULL AND assignee_id IS NOT NULL;
CREATE INDEX conversation_assignments_history ON conversation_assignments (conversation_id, created_at);
CREATE INDEX conversation_assignments_agent ON conversation_assignments (assignee_id, created_at DESC);

-- One row per account: its lock serialises assignment, its version tells whether facts are still true.
CREATE TABLE routing_pools (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    version    bigint NOT NULL DEFAULT 0
);

CREATE TABLE routing_decisions (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- assigned, waiting, rule, hand_off
    outcome         text NOT NULL,
    assignee_id     uuid,
    rule_id         uuid,
    reason          text NOT NULL,
    -- each agent looked at, and why refused
    candidates      jsonb NOT NULL DEFAULT '[]',
    created_at      timestamptz NOT NULL
);
CREATE INDEX routing_decisions_conversation ON routing_decisions (conversation_id, created_at DESC);

CREATE TABLE messages (
    id              uuid NOT NULL PRIMARY KEY,
    account_id      uuid NOT NULL,
    channel_id      uuid,
    contact_id      uuid,
    conversation_id uuid,
    -- number in the thread's log under which it appeared
    seq             bigint,
    direction       text NOT NULL,
    status          text NOT NULL,
    sender_type     text NOT NULL,
    sender_id       uuid,
    sender_name     text,
    delivery_address varchar(255) NOT NULL,
    message_body    text NOT NULL,
    original_template text,
    template_id     uuid,
    content_type    text NOT NULL DEFAULT 'text',
    attachments     jsonb NOT NULL DEFAULT '[]',
    is_private      boolean NOT NULL DEFAULT false,
    mentions        uuid[] NOT NULL DEFAULT '{}',
    reply_to        uuid,
    client_message_id uuid,
    -- epoch of the bot that wrote it; dropped at dispatch when the conversation has moved on
    bot_epoch       integer,
    external_id     text,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error_details   jsonb,
    metadata        jsonb NOT NULL DEFAULT '{}',
    scheduled_at    timestamptz,
    sent_at         timestamptz,
    delivered_at    timestamptz,
    read_at         timestamptz,
    failed_at       timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX messages_thread ON messages (conversation_id, seq);
CREATE INDEX messages_account ON messages (account_id, id DESC);
CREATE INDEX messages_contact ON messages (contact_id, id DESC);
CREATE INDEX messages_scheduled ON messages (scheduled_at) WHERE status = 'scheduled';

-- A repeated client_message_id finds the first message. sender: the user, the visitor or the API key.
CREATE TABLE message_keys (
    sender_id         uuid NOT NULL,
    client_message_id uuid NOT NULL,
    account_id        uuid NOT NULL,
    message_id        uuid NOT NULL,
    PRIMARY KEY (sender_id, client_message_id)
) PARTITION BY HASH (sender_id, client_message_id);

-- Provider ids of both directions. A receipt that overtakes the send's answer leaves its row first.
CREATE TABLE provider_ids (
    channel_id          uuid NOT NULL,
    direction           text NOT NULL,
    provider_message_id text NOT NULL,
    account_id          uuid NOT NULL,
    message_id          uuid,
    -- receipts that came before message_id was known
    early_receipts      jsonb,
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (channel_id, direction, provider_message_id)
) PARTITION BY HASH (channel_id, direction, provider_message_id);

-- One try to deliver one message, committed before its request is written.
CREATE TABLE attempts (
    id          uuid NOT NULL PRIMARY KEY,
    account_id  uuid NOT NULL,
    message_id  uuid NOT NULL,
    channel_id  uuid NOT NULL,
    number      integer NOT NULL,
    -- fencing token of the lease under which it was made
    token       bigint NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    -- accepted, refused, throttled, unavailable, settings, gone, unknown, lost; late_* kept as evidence
    outcome     text,
    error       jsonb,
    evidence    jsonb
) PARTITION BY RANGE (id);
CREATE INDEX attempts_message ON attempts (message_id);

CREATE TABLE uploads (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- user, visitor or provider
    owner_type  text NOT NULL,
    owner_id    uuid,
    filename    text NOT NULL,
    mime_type   text NOT NULL,
    size        bigint NOT NULL,
    received    bigint NOT NULL DEFAULT 0,
    is_complete boolean NOT NULL DEFAULT false,
    sha256      bytea,
    message_id  uuid,
    expires_at  timestamptz NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX uploads_orphans ON uploads (expires_at) WHERE message_id IS NULL;
