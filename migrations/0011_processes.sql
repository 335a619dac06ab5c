-- Several processes serve one store, and any of them may die at any time. A row is a life: whoever beats is alive, and a row
-- whose beats stand still is deleted by the others. leads: does what one can do for all; at most one does.
CREATE TABLE processes (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  beats BIGINT NOT NULL,
  leads SMALLINT NOT NULL
) WITHOUT ROWID;

-- owner: the process that has claimed it; 0, or one that has no row among the processes: nobody.
ALTER TABLE deliveries ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (merchant_id, endpoint_id, background, owner, due_at) WHERE due_at IS NOT NULL;

ALTER TABLE attempts ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
-- asking: the process that is telling its rail something on a customer's behalf, which is not to be told twice at once.
ALTER TABLE attempts ADD COLUMN asking BIGINT NOT NULL DEFAULT 0;
DROP INDEX attempts_due;
CREATE INDEX attempts_due ON attempts (owner, poll_at) WHERE poll_at IS NOT NULL;

-- Of a request that has not been answered: who is at it.
ALTER TABLE idempotency_keys ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
