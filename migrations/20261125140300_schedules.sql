-- Messages that are sent later, once or again and again.

CREATE TABLE scheduled_messages (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          varchar(255),
    status        text NOT NULL DEFAULT 'pending',
    channel_id    uuid,
    template_id   uuid,
    created_by_user_id uuid,
    custom_values jsonb NOT NULL DEFAULT '{}',
    metadata      jsonb NOT NULL DEFAULT '{}',
    send_type     text NOT NULL CHECK (send_type IN ('single', 'group')),
    delivery_address varchar(255),
    contact_id    uuid,
    contact_group_ids   uuid[] NOT NULL DEFAULT '{}',
    segment_ids         uuid[] NOT NULL DEFAULT '{}',
    exclude_contact_ids uuid[] NOT NULL DEFAULT '{}',
    rate_per_minute integer CHECK (rate_per_minute > 0),
    -- the first time, and the time of day of repeats on the calendar of the zone
    scheduled_at  timestamptz NOT NULL,
    timezone      varchar(50) NOT NULL DEFAULT 'UTC',
    -- group only: each recipient gets it at that time of their own zone
    recipient_timezone boolean NOT NULL DEFAULT false,
    is_recurring  boolean NOT NULL DEFAULT false,
    recurrence_rule varchar(255),
    recurrence_end_at timestamptz,
    -- end after so many firings
    recurrence_count integer CHECK (recurrence_count > 0),
    -- firings that were missed: none is made up for, one, or each up to a cap
    missed_policy text NOT NULL DEFAULT 'one' CHECK (missed_policy IN ('skip', 'one', 'all')),
    missed_cap    integer NOT NULL DEFAULT 10 CHECK (missed_cap BETWEEN 1 AND 1000),
    -- what is later than this is missed
    max_lateness_seconds integer NOT NULL DEFAULT 3600 CHECK (max_lateness_seconds >= 0),
    -- single only: an answer of the customer ends it
    cancel_on_reply boolean NOT NULL DEFAULT false,
    last_triggered_at timestamptz,
    next_trigger_at   timestamptz,
    trigger_count integer NOT NULL DEFAULT 0,
    message_id    uuid,
    group_message_id uuid,
    error         text,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT scheduled_messages_rule CHECK (is_recurring = (recurrence_rule IS NOT NULL))
);
CREATE INDEX scheduled_messages_due ON scheduled_messages (next_trigger_at) WHERE status = 'pending';
CREATE INDEX scheduled_messages_list ON scheduled_messages (account_id, created_at DESC, id DESC);

-- One firing; its key makes a second one of the same time impossible.
CREATE TABLE scheduled_occurrences (
    schedule_id uuid NOT NULL REFERENCES scheduled_messages (id) ON DELETE CASCADE,
    due_at      timestamptz NOT NULL,
    account_id  uuid NOT NULL,
    -- fired, missed, failed or cancelled
    outcome     text NOT NULL,
    message_id  uuid,
    group_message_id uuid,
    error       text,
    fired_at    timestamptz NOT NULL,
    PRIMARY KEY (schedule_id, due_at)
);

-- a group message for which it is a certain local time at each recipient's
ALTER TABLE group_messages ADD COLUMN local_time timestamp, ADD COLUMN local_zone varchar(50);

SELECT fence_tenant_table('scheduled_messages', true);
SELECT fence_tenant_table('scheduled_occurrences', false);
