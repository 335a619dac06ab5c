-- The customer's telephone in test mode, in the simulator's own books.

-- phone 1: the number was in somebody's hand, so the order waits for that person (kind 1) or shows as received (kind 2).
-- code: what the network has sent by SMS and wants to be told. put_off 1: the prompt is not on the screen any more.
ALTER TABLE simulator_orders ADD COLUMN phone SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE simulator_orders ADD COLUMN merchant TEXT;
ALTER TABLE simulator_orders ADD COLUMN description TEXT;
ALTER TABLE simulator_orders ADD COLUMN code TEXT;
ALTER TABLE simulator_orders ADD COLUMN wrong_pins SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE simulator_orders ADD COLUMN put_off SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE simulator_orders ADD COLUMN decided_at BIGINT;
CREATE INDEX simulator_orders_phone ON simulator_orders (wallet_number, created_at) WHERE phone = 1;

-- Numbers that somebody has taken in hand on the test phone's page, and until when.
CREATE TABLE simulator_phones (
  number TEXT NOT NULL PRIMARY KEY,
  held_until BIGINT NOT NULL
) WITHOUT ROWID;

-- Codes that a wallet makes to pay with. reference: the order that it paid.
CREATE TABLE simulator_vouchers (
  number TEXT NOT NULL,
  code TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  reference TEXT,
  PRIMARY KEY (number, code)
) WITHOUT ROWID;
