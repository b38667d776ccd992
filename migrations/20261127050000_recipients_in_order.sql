-- A recipient's id, its message's as well, rises with the order of sending, so that a million rows fill indexes page by page.
-- That nobody gets two is kept by whom it is for: the contact, else the person.
--
-- Only the primary key and the queue begin with the group message. Any other index that did would look as good as the primary
-- key to a plan made while a partition was empty, and find each of 20,000 recipients by reading 20,000.
CREATE UNIQUE INDEX group_message_recipients_whom
    ON group_message_recipients ((coalesce(contact_id, person_id)), group_message_id);
ALTER TABLE group_message_recipients DROP CONSTRAINT group_message_recipients_address_key;
CREATE UNIQUE INDEX group_message_recipients_address_key
    ON group_message_recipients (address_key, group_message_id);

-- messages of group messages are in no thread
DROP INDEX messages_thread;
CREATE INDEX messages_thread ON messages (conversation_id, seq) WHERE conversation_id IS NOT NULL;
