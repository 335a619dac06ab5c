-- What people see of their money: days and balances that are kept with the books, so that no page adds up entries; and
-- summaries of runs of rows that tell a search which of them it need not look into.

-- What ended on a day, counted from 1970 in UTC. Fees are those of the successes.
CREATE TABLE payment_days (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  day BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  currency TEXT NOT NULL,
  method SMALLINT NOT NULL,
  succeeded BIGINT NOT NULL,
  succeeded_minor BIGINT NOT NULL,
  fees_minor BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, day, kind, currency, method)
) WITHOUT ROWID;
INSERT INTO payment_days (merchant_id, mode, day, kind, currency, method, succeeded, succeeded_minor, fees_minor, failed)
  SELECT merchant_id, mode, updated_at / 86400000000, kind, currency, method,
         sum(CASE WHEN status = 3 THEN 1 ELSE 0 END), sum(CASE WHEN status = 3 THEN amount_minor ELSE 0 END),
         sum(CASE WHEN status = 3 THEN fee_minor ELSE 0 END), sum(CASE WHEN status = 3 THEN 0 ELSE 1 END)
  FROM payments WHERE status IN (3, 4, 5)
  GROUP BY merchant_id, mode, updated_at / 86400000000, kind, currency, method;

-- What moved in and out of a merchant's wallet on a day.
CREATE TABLE wallet_days (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  currency TEXT NOT NULL,
  day BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  available_in_minor BIGINT NOT NULL,
  available_out_minor BIGINT NOT NULL,
  held_in_minor BIGINT NOT NULL,
  held_out_minor BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, currency, day)
) WITHOUT ROWID;
-- An account's code is 1000000 * mode + 10000 * kind: 20000 is the available part of a wallet, 30000 the held one.
INSERT INTO wallet_days (merchant_id, mode, currency, day, entries, available_in_minor, available_out_minor,
                         held_in_minor, held_out_minor)
  SELECT merchant_id, debit_code / 1000000, currency, created_at / 86400000000, count(*),
         sum(CASE WHEN credit_code % 1000000 = 20000 THEN amount_minor ELSE 0 END),
         sum(CASE WHEN debit_code % 1000000 = 20000 THEN amount_minor ELSE 0 END),
         sum(CASE WHEN credit_code % 1000000 = 30000 THEN amount_minor ELSE 0 END),
         sum(CASE WHEN debit_code % 1000000 = 30000 THEN amount_minor ELSE 0 END)
  FROM transfers WHERE reason IN (1, 3, 4, 5)
  GROUP BY merchant_id, debit_code / 1000000, currency, created_at / 86400000000;

-- What the wallet had available after the entry; null where it is no entry of the wallet.
ALTER TABLE transfers ADD COLUMN available_after_minor BIGINT;
UPDATE transfers SET available_after_minor = running.after_minor
  FROM (SELECT merchant_id, id,
               sum(CASE WHEN credit_code % 1000000 = 20000 THEN amount_minor
                        WHEN debit_code % 1000000 = 20000 THEN -amount_minor ELSE 0 END)
                 OVER (PARTITION BY merchant_id, debit_code / 1000000, currency ORDER BY id) AS after_minor
        FROM transfers WHERE reason IN (1, 3, 4, 5)) AS running
  WHERE transfers.merchant_id = running.merchant_id AND transfers.id = running.id;

-- A run of a merchant's payments (subject 1) or customers (2), in the order of their ids, made behind the commits; number
-- counts them from 0, rows_so_far the rows of this run and of all before it. states: which kinds, statuses and methods are
-- among them, a bit for each three. words: a Bloom filter of the words in them, until 64 runs are put together.
CREATE TABLE search_blocks (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  subject SMALLINT NOT NULL,
  last_id BIGINT NOT NULL,
  first_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  rows_so_far BIGINT NOT NULL,
  states BIGINT NOT NULL,
  words BLOB,
  PRIMARY KEY (merchant_id, mode, subject, last_id)
) WITHOUT ROWID;

-- The filters of 64 runs, the other way round: for each of a filter's bits, 64 bits that say which of the runs have it.
-- A slice has them for 256 of a filter's bits, so that a search reads a few slices and not all filters.
CREATE TABLE search_slices (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  subject SMALLINT NOT NULL,
  group_number BIGINT NOT NULL,
  slice BIGINT NOT NULL,
  bits BLOB NOT NULL,
  PRIMARY KEY (merchant_id, mode, subject, group_number, slice)
) WITHOUT ROWID;

-- What has changed since it was, or will have been, put into a run.
CREATE TABLE search_changes (
  merchant_id BIGINT NOT NULL,
  mode SMALLINT NOT NULL,
  subject SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, subject, id)
) WITHOUT ROWID;
