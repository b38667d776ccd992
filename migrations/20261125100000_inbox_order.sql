-- The inbox lists a conversation by its last message, or by its beginning while it has none.
CREATE INDEX conversations_newest ON conversations
    (account_id, (coalesce(last_message_at, created_at)) DESC, id DESC);
