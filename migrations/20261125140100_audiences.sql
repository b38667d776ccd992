-- People that messages go to: persons beside contacts, groups of both, saved filters.

CREATE TABLE persons (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       varchar(255) NOT NULL DEFAULT '',
    phone      varchar(20),
    email      varchar(255),
    -- the contact that is the same human being
    contact_id uuid REFERENCES contacts (id) ON DELETE SET NULL,
    properties jsonb NOT NULL DEFAULT '{}',
    is_active  boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX persons_account ON persons (account_id, created_at DESC);
CREATE INDEX persons_contact ON persons (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE groups (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          varchar(255) NOT NULL,
    description   text,
    -- moved by every change of the members, so that nobody has to count them
    contact_count integer NOT NULL DEFAULT 0 CHECK (contact_count >= 0),
    person_count  integer NOT NULL DEFAULT 0 CHECK (person_count >= 0),
    metadata      jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT groups_account_name_key UNIQUE (account_id, name)
);

-- Contacts and persons do not take their memberships with them: whoever removes one moves the counts.
CREATE TABLE group_contacts (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    group_id   uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    contact_id uuid NOT NULL REFERENCES contacts (id),
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (group_id, contact_id)
);
CREATE INDEX group_contacts_contact ON group_contacts (contact_id);

CREATE TABLE group_persons (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    group_id   uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    person_id  uuid NOT NULL REFERENCES persons (id),
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (group_id, person_id)
);
CREATE INDEX group_persons_person ON group_persons (person_id);

CREATE TABLE segments (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        varchar(255) NOT NULL,
    description text,
    -- conditions over contacts as lists take them, `field:op:value`; all must hold
    filters     jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT segments_account_name_key UNIQUE (account_id, name)
);

-- pages of an audience
CREATE INDEX contacts_account_id ON contacts (account_id, id);
CREATE INDEX contacts_tags ON contacts USING gin (tags jsonb_path_ops);

SELECT fence_tenant_table(t, false)
FROM unnest(ARRAY['persons', 'groups', 'group_contacts', 'group_persons', 'segments']::regclass[]) AS t;
