-- Partitions: by month over version 7 ids for what grows with time, by hash for keys.

-- The smallest version 7 id of a moment (RFC 9562: 48 bits of milliseconds first).
CREATE FUNCTION first_id_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partitions of this month and `ahead` more, where missing. Returns how many it made.
CREATE FUNCTION make_partitions(from_moment timestamptz, ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    first  timestamptz;
    name   text;
    made   integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['messages', 'events', 'attempts', 'webhook_journal'] LOOP
        FOR step IN 0..ahead LOOP
            first := date_trunc('month', from_moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
            first := ((first AT TIME ZONE 'UTC') + make_interval(months => step)) AT TIME ZONE 'UTC';
            name := parent || to_char(first AT TIME ZONE 'UTC', '_YYYYMM');
            IF to_regclass('public.' || name) IS NULL THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name, parent,
                    first_id_at(first),
                    first_id_at(((first AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'));
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION make_partitions FROM PUBLIC;

CREATE TABLE messages_default PARTITION OF messages DEFAULT;
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;
CREATE TABLE webhook_journal_default PARTITION OF webhook_journal DEFAULT;
SELECT make_partitions(now(), 3);

DO $$
BEGIN
    FOR i IN 0..3 LOOP
        EXECUTE format('CREATE TABLE message_keys_%s PARTITION OF message_keys FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i);
        EXECUTE format('CREATE TABLE provider_ids_%s PARTITION OF provider_ids FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i);
        EXECUTE format('CREATE TABLE consumed_%s PARTITION OF consumed FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i);
    END LOOP;
END $$;
