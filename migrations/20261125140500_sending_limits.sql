-- What a tenant may send, what it has sent, and when it leaves its customers in peace.

CREATE TABLE sending_limits (
    account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- set by the operator; null: no limit
    daily_messages   integer CHECK (daily_messages >= 0),
    monthly_messages integer CHECK (monthly_messages >= 0),
    -- set by the account: no group messages at these times of day of the recipient
    quiet_from  time,
    quiet_until time,
    -- and no more than so many in so many days
    most_messages integer CHECK (most_messages > 0),
    most_days     integer CHECK (most_days BETWEEN 1 AND 90),
    updated_at timestamptz NOT NULL,
    CONSTRAINT sending_limits_quiet CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CONSTRAINT sending_limits_most CHECK ((most_messages IS NULL) = (most_days IS NULL))
);

-- Messages that were sent by the API and by group messages, of a day and of a month (UTC). Replies are not counted.
CREATE TABLE usage_counters (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    metric     text NOT NULL,
    -- 2026-11-25 or 2026-11
    period     text NOT NULL,
    value      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, metric, period)
);

SELECT fence_tenant_table('sending_limits', true);
SELECT fence_tenant_table('usage_counters', false);
