-- A person's picture: the signed address of an upload of theirs.
ALTER TABLE users ADD COLUMN avatar_url text;
GRANT SELECT (avatar_url) ON users TO turumba_app;

-- A used refresh token may come back once, soon: the answer to its first use may never have arrived.
ALTER TABLE refresh_tokens
    -- the token that this one replaced
    ADD COLUMN parent bytea,
    ADD COLUMN used_again_at timestamptz;
CREATE INDEX refresh_tokens_parent ON refresh_tokens (parent);
