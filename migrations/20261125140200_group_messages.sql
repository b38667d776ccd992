-- Messages to many. The recipients of a group message are its ledger and its work queue: one row for each,
-- made when the audience is frozen, moved by every attempt and receipt, never counted.

CREATE TABLE group_messages (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          varchar(255),
    status        text NOT NULL DEFAULT 'draft',
    -- null: each recipient's preferred channel
    channel_id    uuid,
    template_id   uuid,
    created_by_user_id uuid,
    contact_group_ids   uuid[] NOT NULL DEFAULT '{}',
    segment_ids         uuid[] NOT NULL DEFAULT '{}',
    exclude_contact_ids uuid[] NOT NULL DEFAULT '{}',
    custom_values jsonb NOT NULL DEFAULT '{}',
    metadata      jsonb NOT NULL DEFAULT '{}',
    -- messages a minute; null: as fast as the channels allow
    rate_per_minute integer CHECK (rate_per_minute > 0),
    -- share that goes first; more failures among them than allowed stop the rest
    canary_percent  integer CHECK (canary_percent BETWEEN 1 AND 50),
    canary_max_failure_percent integer NOT NULL DEFAULT 10 CHECK (canary_max_failure_percent BETWEEN 0 AND 100),
    -- waiting, passed or stopped; null: there is none
    canary_state  text,
    -- the number of the last recipient that belongs to it
    canary_until  bigint,
    -- how many belong to it, and how many were skipped before it began
    canary_size   integer NOT NULL DEFAULT 0,
    canary_skipped integer NOT NULL DEFAULT 0,
    total_recipients integer NOT NULL DEFAULT 0,
    pending_count    integer NOT NULL DEFAULT 0,
    sent_count       integer NOT NULL DEFAULT 0,
    delivered_count  integer NOT NULL DEFAULT 0,
    failed_count     integer NOT NULL DEFAULT 0,
    cancelled_count  integer NOT NULL DEFAULT 0,
    -- no message: no address, suppressed, values missing
    skipped_count    integer NOT NULL DEFAULT 0,
    -- those among the pending ones that may have been sent
    unknown_count    integer NOT NULL DEFAULT 0,
    -- members of several groups, and contacts that share an address
    duplicate_count  integer NOT NULL DEFAULT 0,
    -- text, fallback, defaults, attachments and sender as they were when sending began
    content       jsonb,
    -- channels that recipients were given
    channel_ids   uuid[] NOT NULL DEFAULT '{}',
    -- how far the audience is frozen: {"phase", "after"}
    cursor        jsonb NOT NULL DEFAULT '{"phase": 0}',
    pause_reason  text,
    error         text,
    schedule_id   uuid,
    scheduled_at  timestamptz,
    started_at    timestamptz,
    -- the audience is complete
    frozen_at     timestamptz,
    completed_at  timestamptz,
    version       bigint NOT NULL DEFAULT 1,
    -- the version that readers were last told of
    told_version  bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT group_messages_balance CHECK (
        total_recipients = pending_count + sent_count + delivered_count + failed_count + cancelled_count
        AND least(pending_count, sent_count, delivered_count, failed_count, cancelled_count, skipped_count,
                  unknown_count) >= 0
        AND unknown_count <= pending_count)
);
CREATE INDEX group_messages_list ON group_messages (account_id, created_at DESC, id DESC);
CREATE INDEX group_messages_work ON group_messages (account_id, id) WHERE status IN ('queued', 'processing');
CREATE INDEX group_messages_untold ON group_messages (id) WHERE version <> told_version;
-- a cancelled one whose recipients are not all cancelled yet
CREATE INDEX group_messages_ending ON group_messages (id) WHERE status = 'cancelled' AND pending_count > unknown_count;

CREATE TABLE group_message_recipients (
    group_message_id uuid NOT NULL,
    -- the message's id, derived from the group message and whom it is for: the same person cannot get two
    id          uuid NOT NULL,
    account_id  uuid NOT NULL,
    -- the order of sending
    number      bigint GENERATED ALWAYS AS IDENTITY,
    contact_id  uuid,
    person_id   uuid,
    channel_id  uuid,
    address     varchar(255),
    -- null when nothing is to be sent; two contacts with one address get one message
    address_key text,
    state       text NOT NULL,
    -- why it was skipped or failed
    reason      text,
    -- attempts that failed and count
    failures    integer NOT NULL DEFAULT 0,
    -- its message row is there
    has_message boolean NOT NULL DEFAULT false,
    -- fencing token of the present claim
    token       bigint NOT NULL DEFAULT 0,
    -- pending: not before; sending: end of the lease; unknown: when the provider is asked again
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    first_tried_at timestamptz,
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (group_message_id, id),
    CONSTRAINT group_message_recipients_address_key UNIQUE (group_message_id, address_key)
) PARTITION BY HASH (group_message_id);
CREATE INDEX group_message_recipients_work ON group_message_recipients (group_message_id, channel_id, number)
    WHERE state = 'pending';
CREATE INDEX group_message_recipients_open ON group_message_recipients (due_at)
    WHERE state IN ('sending', 'unknown');
DO $$
BEGIN
    FOR i IN 0..3 LOOP
        EXECUTE format('CREATE TABLE group_message_recipients_%s PARTITION OF group_message_recipients
            FOR VALUES WITH (MODULUS 4, REMAINDER %s) WITH (fillfactor = 80)', i, i);
    END LOOP;
END $$;

ALTER TABLE messages ADD COLUMN group_message_id uuid, ADD COLUMN schedule_id uuid;
CREATE INDEX messages_group ON messages (group_message_id, id) WHERE group_message_id IS NOT NULL;

SELECT fence_tenant_table('group_messages', true);
SELECT fence_tenant_table('group_message_recipients', true);

-- a tenant's share of the workers that send group messages; the operator may raise it
ALTER TABLE accounts ADD COLUMN bulk_weight integer NOT NULL DEFAULT 1 CHECK (bulk_weight BETWEEN 1 AND 100);
