-- The event log and the durable work that hangs on it.

-- Taken by the last statement of a transaction, after every lock is held: the order of the log.
CREATE SEQUENCE event_position;

CREATE TABLE events (
    id              uuid NOT NULL PRIMARY KEY,
    account_id      uuid NOT NULL,
    position        bigint NOT NULL,
    -- number in the account's feed, given by the relay; null: not in it, or not yet
    feed_seq        bigint,
    conversation_id uuid,
    -- number in the conversation's thread, given under the conversation's lock
    thread_seq      bigint,
    kind            text NOT NULL,
    payload         json NOT NULL,
    audience        json NOT NULL,
    in_feed         boolean NOT NULL,
    topics          text[] NOT NULL DEFAULT '{}',
    -- when the queue confirmed the pointers to it
    handed_at       timestamptz,
    -- the relay still has something to do with it
    is_pending      boolean NOT NULL DEFAULT true,
    trace_id        text,
    created_at      timestamptz NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX events_pending ON events (account_id, position) WHERE is_pending;
CREATE INDEX events_feed ON events (account_id, feed_seq) WHERE feed_seq IS NOT NULL;
CREATE INDEX events_thread ON events (conversation_id, thread_seq) WHERE thread_seq IS NOT NULL;

-- One row per account: the head of its feed. Its lock orders the numbering.
CREATE TABLE feeds (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    head       bigint NOT NULL DEFAULT 0
);

-- Which consumer has already acted on which event.
CREATE TABLE consumed (
    consumer   text NOT NULL,
    event_id   uuid NOT NULL,
    account_id uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
) PARTITION BY HASH (event_id);
-- expiry by age
CREATE INDEX consumed_age ON consumed (at);

CREATE TABLE jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    event_id     uuid NOT NULL,
    account_id   uuid NOT NULL,
    run_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts     integer NOT NULL DEFAULT 0,
    -- fencing token of the present lease
    token        bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    parked_at    timestamptz,
    reason       text,
    CONSTRAINT jobs_once_key UNIQUE (topic, event_id)
);
CREATE INDEX jobs_due ON jobs (topic, run_at) WHERE parked_at IS NULL;
CREATE INDEX jobs_parked ON jobs (parked_at) WHERE parked_at IS NOT NULL;

-- Ordered work: the items of a key are handled in their order, one at a time.
CREATE TABLE mailbox_keys (
    box          text NOT NULL,
    key          text NOT NULL,
    account_id   uuid NOT NULL,
    token        bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    PRIMARY KEY (box, key)
);

CREATE TABLE mailbox_items (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    box        text NOT NULL,
    key        text NOT NULL,
    account_id uuid NOT NULL,
    -- the message or journal row it is about
    ref_id     uuid NOT NULL,
    payload    jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts   integer NOT NULL DEFAULT 0,
    first_failed_at timestamptz,
    -- it lets later items of its key pass
    is_aside   boolean NOT NULL DEFAULT false,
    parked_at  timestamptz,
    reason     text
);
CREATE INDEX mailbox_items_key ON mailbox_items (box, key, id) WHERE parked_at IS NULL;
CREATE INDEX mailbox_items_due ON mailbox_items (box, not_before) WHERE parked_at IS NULL;
CREATE INDEX mailbox_items_ref ON mailbox_items (ref_id);
CREATE INDEX mailbox_items_parked ON mailbox_items (account_id, parked_at) WHERE parked_at IS NOT NULL;

-- Exclusive roles among nodes, by the database's clock.
CREATE TABLE leases (
    name   text PRIMARY KEY,
    holder uuid NOT NULL,
    token  bigint NOT NULL,
    until  timestamptz NOT NULL
);

CREATE TABLE nodes (
    id           uuid PRIMARY KEY,
    -- stays the same over restarts of one data directory
    place        text NOT NULL,
    version      text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Things that happen later: a timer is a row, so that it outlives the process.
CREATE TABLE timers (
    kind       text NOT NULL,
    ref        text NOT NULL,
    account_id uuid NOT NULL,
    due_at     timestamptz NOT NULL,
    payload    jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, ref)
);
CREATE INDEX timers_due ON timers (due_at);
