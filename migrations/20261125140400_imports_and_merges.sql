-- Contacts from files, and contacts that turned out to be one.

CREATE TABLE contact_imports (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    upload_id     uuid NOT NULL,
    filename      text NOT NULL,
    status        text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'cancelled')),
    -- column of the file → field of the contact
    mapping       jsonb NOT NULL,
    default_country_code varchar(10),
    -- what becomes of a row whose contact is there: updated, left as it is, or an error
    on_duplicate  text NOT NULL CHECK (on_duplicate IN ('update', 'skip', 'error')),
    group_id      uuid REFERENCES groups (id) ON DELETE SET NULL,
    tags          jsonb NOT NULL DEFAULT '[]',
    -- everything is looked at and nothing is written
    is_dry_run    boolean NOT NULL DEFAULT false,
    -- how far it came: bytes, and the lines before them
    total_bytes   bigint NOT NULL,
    done_bytes    bigint NOT NULL DEFAULT 0,
    separator     text,
    columns       jsonb,
    row_count     integer NOT NULL DEFAULT 0,
    created_count integer NOT NULL DEFAULT 0,
    updated_count integer NOT NULL DEFAULT 0,
    skipped_count integer NOT NULL DEFAULT 0,
    error_count   integer NOT NULL DEFAULT 0,
    error         text,
    created_by_user_id uuid,
    started_at    timestamptz,
    completed_at  timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX contact_imports_list ON contact_imports (account_id, created_at DESC);
CREATE INDEX contact_imports_work ON contact_imports (created_at) WHERE status IN ('queued', 'processing');

CREATE TABLE contact_import_errors (
    import_id  uuid NOT NULL REFERENCES contact_imports (id) ON DELETE CASCADE,
    account_id uuid NOT NULL,
    -- of the file, the head is row 1
    row_number integer NOT NULL,
    field      text,
    message    text NOT NULL,
    cells      jsonb NOT NULL,
    PRIMARY KEY (import_id, row_number)
);

CREATE TABLE contact_merges (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    survivor_id uuid NOT NULL,
    merged_id   uuid NOT NULL,
    -- both contacts as they were
    survivor    jsonb NOT NULL,
    merged      jsonb NOT NULL,
    -- ids of the rows that changed hands, by table
    moved       jsonb NOT NULL,
    merged_by_user_id uuid,
    undo_until  timestamptz NOT NULL,
    undone_at   timestamptz,
    created_at  timestamptz NOT NULL
);
CREATE INDEX contact_merges_survivor ON contact_merges (account_id, survivor_id, created_at DESC);

SELECT fence_tenant_table('contact_imports', true);
SELECT fence_tenant_table('contact_import_errors', false);
SELECT fence_tenant_table('contact_merges', false);
