-- Receipts whose message is known and that wait to be applied: found without looking at any other id.
CREATE INDEX provider_ids_receipts ON provider_ids (created_at)
    WHERE early_receipts IS NOT NULL AND message_id IS NOT NULL;
