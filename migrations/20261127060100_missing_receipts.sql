-- A provider that used to say what became of messages, and does not any more, raises an alarm. It is found by looking
-- now and then at the newest messages of a channel; nothing is written when one is sent.

ALTER TABLE channels
    -- when most of the newest messages were last seen to have receipts; null: never
    ADD COLUMN receipts_at timestamptz,
    -- messages from here on count: when it was last switched on
    ADD COLUMN receipts_from timestamptz,
    -- the alarm: when the first of the messages was sent that have no receipts
    ADD COLUMN receipts_missing_since timestamptz;
