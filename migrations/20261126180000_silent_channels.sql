-- A channel on which customers were heard and are not any more raises an alarm. What is needed to tell is learned by
-- looking now and then at the messages that have come since the last look; nothing is written when one comes.

ALTER TABLE channels
    -- hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel
    ADD COLUMN silence_hours integer CHECK (silence_hours BETWEEN 0 AND 2160),
    -- since when nothing has come: the last message of a customer, or when it was switched on after that; null: none ever came
    ADD COLUMN quiet_since timestamptz,
    -- the first message of a customer that was noticed
    ADD COLUMN heard_since timestamptz,
    -- messages up to here are known
    ADD COLUMN looked_at timestamptz,
    -- minutes of the longest pause of a week, by its Monday
    ADD COLUMN pauses jsonb NOT NULL DEFAULT '{}',
    -- the alarm: what quiet_since was when it was raised
    ADD COLUMN silent_since timestamptz;
