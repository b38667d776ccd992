-- Items of a key that stay in the store are handled in the order in which they have been there: what was spooled while
-- the database was away comes with the time of its reception.
DROP INDEX mailbox_items_key;
CREATE INDEX mailbox_items_key ON mailbox_items (box, key, created_at, id) WHERE parked_at IS NULL;
