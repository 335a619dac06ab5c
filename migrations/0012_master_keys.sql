-- A constant, sealed with the master key of everything that is sealed here: a process with another key finds out at its start.
-- It is no help in guessing the key. kept_at: on which machine the key was when it marked the store,
-- and in which file, for whoever looks for it.
CREATE TABLE master_keys (
  id BIGINT NOT NULL PRIMARY KEY,
  box BLOB NOT NULL,
  kept_at TEXT NOT NULL
) WITHOUT ROWID;
