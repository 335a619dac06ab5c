-- Payment pages, and payments that their customers pay in a browser: checkouts, opened by the API or through a page.

-- amount_rule, fields and embed_origins are JSON. quantity NULL: as many as want to pay.
CREATE TABLE payment_pages (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  currency TEXT NOT NULL,
  amount_rule TEXT NOT NULL,
  fields TEXT NOT NULL,
  quantity BIGINT,
  expires_at BIGINT,
  active SMALLINT NOT NULL,
  redirect_url TEXT,
  success_message TEXT,
  logo_id BIGINT,
  embedding SMALLINT NOT NULL,
  embed_origins TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

-- Whose page a public address names. A slug is given away once.
CREATE TABLE page_slugs (
  slug TEXT NOT NULL PRIMARY KEY,
  merchant_id BIGINT NOT NULL,
  page_id BIGINT NOT NULL
) WITHOUT ROWID;

-- Apart from the page: a narrow row that every payment changes. open_payments may still be paid, and hold a place of a
-- page with a quantity.
CREATE TABLE page_totals (
  merchant_id BIGINT NOT NULL,
  page_id BIGINT NOT NULL,
  views BIGINT NOT NULL,
  payments BIGINT NOT NULL,
  revenue_minor BIGINT NOT NULL,
  open_payments BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, page_id)
) WITHOUT ROWID;

CREATE TABLE images (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  bytes BLOB NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

-- Until when a checkout's customer may try to pay; NULL for payments of other kinds.
ALTER TABLE payments ADD COLUMN checkout_until BIGINT;
UPDATE payments SET checkout_until = expires_at
  WHERE (merchant_id, mode, id) IN (SELECT merchant_id, mode, payment_id FROM checkout_tokens);
-- Checkouts that nobody has paid (status 1), by when they end.
CREATE INDEX payments_unpaid ON payments (expires_at) WHERE status = 1;

-- What only a checkout has: its address, what the customer answered (JSON), where the merchant wants the customer back.
CREATE TABLE checkouts (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  payment_id BIGINT NOT NULL,
  token TEXT NOT NULL,
  answers TEXT,
  redirect_url TEXT,
  receipts_sent SMALLINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, payment_id)
) WITHOUT ROWID;
INSERT INTO checkouts (merchant_id, mode, payment_id, token, receipts_sent)
  SELECT merchant_id, mode, payment_id, min(token), 0 FROM checkout_tokens GROUP BY merchant_id, mode, payment_id;

-- A checkout's attempts may each use another wallet; NULL: the payment's.
ALTER TABLE attempts ADD COLUMN method SMALLINT;
ALTER TABLE attempts ADD COLUMN wallet_number TEXT;
ALTER TABLE attempts ADD COLUMN wallet_network TEXT;
