-- Attempts of deliveries are kept for some months. On PostgreSQL they lie in pieces of a week, which are dropped whole; what was
-- there before is the first piece, and a row of a time that has no piece goes into the last. SQLite deletes them one by one.
/*postgresql
ALTER TABLE delivery_attempts RENAME TO delivery_attempts_before;
ALTER TABLE delivery_attempts_before DROP CONSTRAINT delivery_attempts_pkey;
CREATE TABLE delivery_attempts (
  LIKE delivery_attempts_before INCLUDING DEFAULTS,
  PRIMARY KEY (merchant_id, endpoint_id, event_id, number, started_at)
) PARTITION BY RANGE (started_at);
DO $$
DECLARE
  week CONSTANT BIGINT := 604800000000;
  last BIGINT := (SELECT greatest(max(started_at), CAST(extract(epoch FROM now()) * 1000000 AS BIGINT)) FROM delivery_attempts_before);
BEGIN
  EXECUTE format('ALTER TABLE delivery_attempts ATTACH PARTITION delivery_attempts_before FOR VALUES FROM (MINVALUE) TO (%s)',
                 (last / week + 1) * week);
END $$;
CREATE TABLE delivery_attempts_default PARTITION OF delivery_attempts DEFAULT;
*/
