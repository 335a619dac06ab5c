-- Many payouts from one file. status 1: being read in; 2: looked at, not begun; 3: running; 4: stopped; 5: done; 6: discarded.
-- wrong: lines that cannot be sent. stopped_because: why, where it stopped by itself.
CREATE TABLE bulk_payouts (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  status SMALLINT NOT NULL,
  lines BIGINT NOT NULL,
  wrong BIGINT NOT NULL,
  total_minor BIGINT NOT NULL,
  sent BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  stopped_because TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, id)
) WITHOUT ROWID;
CREATE INDEX bulk_payouts_running ON bulk_payouts (merchant_id, mode, id) WHERE status = 3;

-- problem: why the line cannot be sent. payment_id: the payout that was made of it; failure: why none was.
CREATE TABLE bulk_payout_lines (
  merchant_id BIGINT NOT NULL,
  bulk_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  reference TEXT NOT NULL,
  method SMALLINT NOT NULL,
  account_number TEXT NOT NULL,
  network TEXT NOT NULL,
  payee_name TEXT,
  amount_minor BIGINT NOT NULL,
  description TEXT NOT NULL,
  problem TEXT,
  payment_id BIGINT,
  failure TEXT,
  PRIMARY KEY (merchant_id, bulk_id, number)
) WITHOUT ROWID;
CREATE INDEX bulk_payout_lines_left ON bulk_payout_lines (merchant_id, bulk_id, number)
  WHERE problem IS NULL AND payment_id IS NULL AND failure IS NULL;
