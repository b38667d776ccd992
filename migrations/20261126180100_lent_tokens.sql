-- What a channel's provider has lent it for a while, such as an access token: for all hubs, sealed like the credentials.
ALTER TABLE channels ADD COLUMN lent_sealed bytea;
