-- The pieces of an upload that count, in their order: a piece is stored before it counts, under a name of its own.
ALTER TABLE uploads ADD COLUMN pieces text[] NOT NULL DEFAULT '{}';

-- what is on its way begins anew, as its senders are told when they go on
ALTER TABLE uploads NO FORCE ROW LEVEL SECURITY;
UPDATE uploads SET received = 0 WHERE NOT is_complete AND received > 0;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
