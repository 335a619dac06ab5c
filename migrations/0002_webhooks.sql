-- The webhook platform: endpoints with settings of their own, several secrets each and a state of health; events
-- numbered per merchant and in order per payment; deliveries that can be sent again, one or all.

-- mode NULL: both. event_types has the bit 1 << type for each type that is sent to the endpoint. schedule: waits in
-- seconds, comma-separated. request_box: the merchant's own headers and credentials, sealed.
ALTER TABLE endpoints ADD COLUMN mode SMALLINT;
ALTER TABLE endpoints ADD COLUMN description TEXT;
ALTER TABLE endpoints ADD COLUMN event_types BIGINT NOT NULL DEFAULT 6;
ALTER TABLE endpoints ADD COLUMN rate_limit BIGINT;
ALTER TABLE endpoints ADD COLUMN in_flight_max BIGINT NOT NULL DEFAULT 10;
ALTER TABLE endpoints ADD COLUMN timeout_seconds BIGINT;
ALTER TABLE endpoints ADD COLUMN schedule TEXT;
ALTER TABLE endpoints ADD COLUMN request_box BLOB;
ALTER TABLE endpoints ADD COLUMN disabled_reason SMALLINT;
ALTER TABLE endpoints ADD COLUMN disabled_at BIGINT;
ALTER TABLE endpoints ADD COLUMN deleted_at BIGINT;
ALTER TABLE endpoints ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
UPDATE endpoints SET updated_at = created_at;

-- What signs an endpoint's deliveries: the newest and, until expires_at, the ones that it replaced.
CREATE TABLE endpoint_secrets (
  merchant_id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  scheme SMALLINT NOT NULL,
  secret_box BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  PRIMARY KEY (merchant_id, endpoint_id, number)
) WITHOUT ROWID;
INSERT INTO endpoint_secrets (merchant_id, endpoint_id, number, scheme, secret_box, created_at)
  SELECT merchant_id, id, 1, 1, secret_box, created_at FROM endpoints;
ALTER TABLE endpoints DROP COLUMN secret_box;

-- Where an endpoint has pointed since which of its versions: an attempt names the version.
CREATE TABLE endpoint_urls (
  merchant_id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  url TEXT NOT NULL,
  PRIMARY KEY (merchant_id, endpoint_id, version)
) WITHOUT ROWID;
INSERT INTO endpoint_urls (merchant_id, endpoint_id, version, url) SELECT merchant_id, id, 1, url FROM endpoints;

-- Of endpoints that have failed. failing_since is null while the last try succeeded.
CREATE TABLE endpoint_health (
  merchant_id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  failing_since BIGINT,
  failures BIGINT NOT NULL,
  last_failure_at BIGINT NOT NULL,
  rests_until BIGINT,
  breaker_opened BIGINT NOT NULL,
  told SMALLINT NOT NULL,
  told_at BIGINT,
  PRIMARY KEY (merchant_id, endpoint_id)
) WITHOUT ROWID;

-- An event's place among those of its payment, and the one before it there.
ALTER TABLE events ADD COLUMN sequence BIGINT NOT NULL DEFAULT 1;
ALTER TABLE events ADD COLUMN previous_id BIGINT;
ALTER TABLE payments ADD COLUMN events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN last_event_id BIGINT;
UPDATE payments SET events = told.events, last_event_id = told.last_event_id
  FROM (SELECT merchant_id, mode, payment_id, count(*) AS events, max(id) AS last_event_id FROM events
        WHERE payment_id IS NOT NULL GROUP BY merchant_id, mode, payment_id) AS told
  WHERE payments.merchant_id = told.merchant_id AND payments.mode = told.mode AND payments.id = told.payment_id;

-- next_event_id: the later event of the same payment that waits for this delivery. uncounted_tries are no step of the
-- schedule: instant ones, and all from before the delivery was sent again on purpose. resends counts that: a try that was
-- under way meanwhile must not undo it.
ALTER TABLE deliveries RENAME COLUMN instant_tries TO uncounted_tries;
ALTER TABLE deliveries ADD COLUMN next_event_id BIGINT;
ALTER TABLE deliveries ADD COLUMN redelivery_id BIGINT;
ALTER TABLE deliveries ADD COLUMN resends BIGINT NOT NULL DEFAULT 0;
-- 1: sent again on purpose, and never ahead of what is new.
ALTER TABLE deliveries ADD COLUMN background SMALLINT NOT NULL DEFAULT 0;
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (merchant_id, endpoint_id, background, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_failed ON deliveries (merchant_id, endpoint_id, status, event_id) WHERE status = 3;

ALTER TABLE delivery_attempts ADD COLUMN tls_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE delivery_attempts ADD COLUMN endpoint_version BIGINT NOT NULL DEFAULT 1;

-- Sending again what failed (recover), or everything (replay), since some time: a walk over the merchant's events.
CREATE TABLE redeliveries (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  delivered_too SMALLINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  first_event_id BIGINT NOT NULL,
  last_event_id BIGINT NOT NULL,
  cursor_event_id BIGINT NOT NULL,
  status SMALLINT NOT NULL,
  total BIGINT NOT NULL,
  sent BIGINT NOT NULL,
  delivered BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;
CREATE INDEX redeliveries_running ON redeliveries (merchant_id, id) WHERE status = 1;

-- Counts what other processes than the serving one have changed, so that it looks at the store at once.
CREATE TABLE outside_changes (
  id BIGINT NOT NULL PRIMARY KEY,
  changes BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO outside_changes (id, changes) VALUES (1, 0);
