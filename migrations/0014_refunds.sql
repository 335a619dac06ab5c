-- Refunds: money that goes back to the customer of a payment. A refund is a row of payments (kind 3) of its own, with attempts,
-- entries and events as a payout has them.

-- refund_of: the payment that it gives back from. refund_way 1: the rail gives its own order back; 2: sent to the customer's wallet as
-- a payout is.
ALTER TABLE payments ADD COLUMN refund_of BIGINT;
ALTER TABLE payments ADD COLUMN refund_way SMALLINT;
-- Of a payment: what its refunds that have not failed come to, so that together they are never more than it.
ALTER TABLE payments ADD COLUMN refunded_minor BIGINT NOT NULL DEFAULT 0;
CREATE INDEX payments_refunds ON payments (merchant_id, mode, id) WHERE refund_of IS NOT NULL;
CREATE INDEX payments_refund_of ON payments (merchant_id, mode, refund_of, id) WHERE refund_of IS NOT NULL;
ALTER TABLE totals ADD COLUMN refunds BIGINT NOT NULL DEFAULT 0;
