-- A recipient's id, its message's as well, rises with the order of sending, so that a million rows fill indexes page by page.
-- That nobody gets two is kept by whom it is for: the contact, else the person.
CREATE UNIQUE INDEX group_message_recipients_whom
    ON group_message_recipients (group_message_id, (coalesce(contact_id, person_id)));

-- messages of group messages are in no thread
DROP INDEX messages_thread;
CREATE INDEX messages_thread ON messages (conversation_id, seq) WHERE conversation_id IS NOT NULL;
