-- What a merchant pays for: kind 1: payments, 2: payouts, 3: refunds. rail 0: those that have no rule of their own. bearer 1: the
-- merchant; 2: the customer, who is asked for it on top. What no rule is for costs merchants.fee_basis_points, of payments alone.
CREATE TABLE fee_rules (
  merchant_id BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  currency TEXT NOT NULL,
  rail SMALLINT NOT NULL,
  basis_points BIGINT NOT NULL,
  fixed_minor BIGINT NOT NULL,
  least_minor BIGINT NOT NULL,
  most_minor BIGINT,
  bearer SMALLINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, kind, currency, rail)
) WITHOUT ROWID;

-- Whoever bears fee_minor.
ALTER TABLE payments ADD COLUMN fee_bearer SMALLINT NOT NULL DEFAULT 1;
