-- What a channel's provider may still sign with for a while after its secrets were changed: it learns of the new ones later,
-- and what it posts meanwhile must not be lost.
ALTER TABLE channels ADD COLUMN previous_sealed bytea, ADD COLUMN previous_until timestamptz;
