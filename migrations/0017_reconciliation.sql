-- Statements of rails, line by line, and what each line turned out to be.

CREATE TABLE statements (
  id BIGINT NOT NULL PRIMARY KEY,
  rail SMALLINT NOT NULL,
  mode SMALLINT NOT NULL,
  name TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  imported_at BIGINT NOT NULL,
  finished_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX statements_content ON statements (content_hash, rail, mode);

-- number: the line in the file; from -1 downwards what only we have. merchant_id, payment_id and attempt: the order that it is
-- about. ours_minor and booked_at: what the books had of it, and since when.
CREATE TABLE statement_lines (
  statement_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  rail SMALLINT NOT NULL,
  mode SMALLINT NOT NULL,
  kind SMALLINT NOT NULL,
  reference TEXT NOT NULL,
  rail_reference TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  fee_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  succeeded SMALLINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  finding SMALLINT NOT NULL,
  merchant_id BIGINT,
  payment_id BIGINT,
  attempt SMALLINT,
  ours_minor BIGINT,
  booked_at BIGINT,
  suspended_minor BIGINT NOT NULL,
  resolution SMALLINT,
  resolved_at BIGINT,
  note TEXT,
  PRIMARY KEY (statement_id, number)
) WITHOUT ROWID;
CREATE INDEX statement_lines_reference ON statement_lines (reference) WHERE reference <> '';
CREATE INDEX statement_lines_open ON statement_lines (statement_id, number) WHERE resolution IS NULL;
