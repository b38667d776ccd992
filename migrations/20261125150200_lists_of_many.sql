-- Lists of millions of rows: an index that begins with the account and goes on with the order gives a page by itself.

DROP INDEX messages_account;
CREATE INDEX messages_account ON messages (account_id, created_at DESC, id DESC);
DROP INDEX contacts_account_created;
CREATE INDEX contacts_account_created ON contacts (account_id, created_at DESC, id DESC);
CREATE INDEX contacts_account_name ON contacts (account_id, name, id);
