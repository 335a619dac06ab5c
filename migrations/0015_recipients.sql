-- Whom merchants pay: wallets (method 1: number and network) and bank accounts (method 3: number and the bank's code).

-- Who is paid, where that is known: of payouts to bank accounts.
ALTER TABLE payments ADD COLUMN payee_name TEXT;

-- name: the merchant's. holder_name: as the network told it. holder_check 1: it told it; 2: it could not be asked.
CREATE TABLE recipients (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  method SMALLINT NOT NULL,
  number TEXT NOT NULL,
  network TEXT NOT NULL,
  holder_name TEXT,
  holder_check SMALLINT NOT NULL,
  checked_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX recipients_account ON recipients (merchant_id, mode, method, network, number);
ALTER TABLE totals ADD COLUMN recipients BIGINT NOT NULL DEFAULT 0;
