-- How customers take an approved template, as the provider rates it: it pauses the bad ones by itself.

ALTER TABLE templates
    ADD COLUMN quality text CHECK (quality IN ('green', 'yellow', 'red', 'unknown'));
