-- Beyond what a merchant's next event is numbered: there only where a store was restored from a copy, whose merchants had events
-- after it that their receivers remember by their numbers.
CREATE TABLE event_starts (
  merchant_id BIGINT NOT NULL PRIMARY KEY,
  beyond_id BIGINT NOT NULL
) WITHOUT ROWID;
