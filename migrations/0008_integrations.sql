-- What its merchant calls it.
ALTER TABLE integrations ADD COLUMN name TEXT;
