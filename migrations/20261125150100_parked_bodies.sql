-- What it takes to read a kept body again: how it was asked, and the query of its address without the channel's secret.
ALTER TABLE webhook_journal
    ADD COLUMN method text NOT NULL DEFAULT 'POST',
    ADD COLUMN query  text;
DROP INDEX webhook_journal_parked;
CREATE INDEX webhook_journal_parked ON webhook_journal (id) WHERE state <> 'accepted';
