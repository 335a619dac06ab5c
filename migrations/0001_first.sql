-- One dialect for both stores. Times are microseconds since 1970 UTC, money is minor units. A table of a merchant's data has
-- merchant_id first in its key, so that its rows lie together (and on one shard where there are several).

CREATE TABLE merchants (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  telephone TEXT NOT NULL,
  merchant_key TEXT NOT NULL UNIQUE,
  fee_basis_points BIGINT NOT NULL,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX merchants_email ON merchants (email);

CREATE TABLE users (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  email TEXT NOT NULL,
  password_hash TEXT,
  role SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

CREATE TABLE integrations (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  app_id TEXT NOT NULL,
  app_secret_hash BLOB NOT NULL,
  mode SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX integrations_app_id ON integrations (merchant_id, app_id);

CREATE TABLE access_tokens (
  merchant_id BIGINT NOT NULL,
  token_hash BLOB NOT NULL,
  integration_id BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, token_hash)
) WITHOUT ROWID;
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

-- How many rows a list has, so that no page counts them.
CREATE TABLE totals (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  customers BIGINT NOT NULL,
  payments BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode)
) WITHOUT ROWID;

-- A person is an email and a telephone; `identity` is a short hash of both, to be checked against them.
CREATE TABLE customers (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  identity BIGINT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  telephone TEXT NOT NULL,
  last_payment_id BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, id)
) WITHOUT ROWID;
CREATE INDEX customers_identity ON customers (merchant_id, mode, identity);

-- A customer's payments are a chain from customers.last_payment_id over customer_previous_id: an index on the customer would
-- be written at a random place for every payment.

-- Money owed to the merchant (kind 1) or on its way out (kind 2, a payout): the wire's transactions.
CREATE TABLE payments (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  status SMALLINT NOT NULL,
  late SMALLINT NOT NULL,
  reference TEXT NOT NULL,
  customer_id BIGINT,
  customer_previous_id BIGINT,
  method SMALLINT NOT NULL,
  wallet_number TEXT,
  wallet_network TEXT,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0),
  currency TEXT NOT NULL,
  description TEXT,
  page_id BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX payments_reference ON payments (merchant_id, reference);

-- One try of a payment on a rail. poll_at is set while the outcome is open.
CREATE TABLE attempts (
  merchant_id BIGINT NOT NULL,
  payment_id BIGINT NOT NULL,
  number SMALLINT NOT NULL,
  mode SMALLINT NOT NULL,
  rail SMALLINT NOT NULL,
  status SMALLINT NOT NULL,
  rail_reference TEXT,
  redirect_url TEXT,
  failure TEXT,
  polls SMALLINT NOT NULL,
  poll_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, payment_id, number)
) WITHOUT ROWID;
CREATE INDEX attempts_due ON attempts (poll_at) WHERE poll_at IS NOT NULL;

CREATE TABLE checkout_tokens (
  token TEXT NOT NULL PRIMARY KEY,
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  payment_id BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- status and body are null while the first request with the key is being worked on.
CREATE TABLE idempotency_keys (
  merchant_id BIGINT NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status SMALLINT,
  body BLOB,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE accounts (
  merchant_id BIGINT NOT NULL,
  code BIGINT NOT NULL,
  currency TEXT NOT NULL,
  debits_minor BIGINT NOT NULL,
  credits_minor BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, code, currency)
) WITHOUT ROWID;

CREATE TABLE transfers (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  payment_id BIGINT NOT NULL,
  reason SMALLINT NOT NULL,
  debit_code BIGINT NOT NULL,
  credit_code BIGINT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

CREATE TABLE endpoints (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  url TEXT NOT NULL,
  secret_box BLOB NOT NULL,
  enabled SMALLINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

CREATE TABLE events (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  type SMALLINT NOT NULL,
  payment_id BIGINT,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

-- One event on its way to one endpoint, for ever. due_at is set while it is not delivered and not given up.
CREATE TABLE deliveries (
  merchant_id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  event_id BIGINT NOT NULL,
  status SMALLINT NOT NULL,
  tries SMALLINT NOT NULL,
  instant_tries SMALLINT NOT NULL,
  due_at BIGINT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, endpoint_id, event_id)
) WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (merchant_id, endpoint_id, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE delivery_attempts (
  merchant_id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  event_id BIGINT NOT NULL,
  number SMALLINT NOT NULL,
  started_at BIGINT NOT NULL,
  status SMALLINT,
  failure TEXT,
  answer BLOB,
  dns_us BIGINT NOT NULL,
  connect_us BIGINT NOT NULL,
  first_byte_us BIGINT NOT NULL,
  total_us BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, endpoint_id, event_id, number)
) WITHOUT ROWID;

-- The simulator's own books: what its imaginary networks know. No other code reads it.
CREATE TABLE simulator_orders (
  reference TEXT NOT NULL PRIMARY KEY,
  kind SMALLINT NOT NULL,
  wallet_number TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  status SMALLINT NOT NULL,
  failure TEXT,
  return_url TEXT,
  decides_at BIGINT,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX simulator_orders_due ON simulator_orders (decides_at) WHERE decides_at IS NOT NULL;
