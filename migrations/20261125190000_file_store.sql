-- The file store of the installation, by the name that lies in it as a marker: a node that finds another marker does
-- not reach the files that the others write.
ALTER TABLE installation ADD COLUMN files_id uuid;
