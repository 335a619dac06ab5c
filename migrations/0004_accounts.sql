-- People and how they get in: users with roles, sessions, registrations and links that letters carry, codes for
-- telephones, second factors, what was done for the sake of security.

-- Who opened an account at the command line, or before accounts were verified, is known to the operator.
ALTER TABLE merchants ADD COLUMN telephone_verified_at BIGINT;
UPDATE merchants SET telephone_verified_at = created_at;

-- language NULL: as the browser asks. notifications has the bit 1 << kind for each kind of letter that is wanted.
-- totp_box: the second factor's secret, sealed; it counts from totp_since on. totp_step: the last one used.
ALTER TABLE users ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN language TEXT;
ALTER TABLE users ADD COLUMN notifications BIGINT NOT NULL DEFAULT 14;
ALTER TABLE users ADD COLUMN totp_box BLOB;
ALTER TABLE users ADD COLUMN totp_since BIGINT;
ALTER TABLE users ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN password_changed_at BIGINT;

-- An address, in lower case, signs in as one user of one merchant; so it is the key, over all merchants.
CREATE TABLE sign_in_addresses (
  email TEXT NOT NULL PRIMARY KEY,
  merchant_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO sign_in_addresses (email, merchant_id, user_id)
  SELECT lower(email), merchant_id, id FROM users WHERE true ORDER BY merchant_id, id ON CONFLICT DO NOTHING;
-- A business may be reached where a user of another one signs in.
DROP INDEX merchants_email;

-- stage 1: signed in; 2: the second factor is still to come.
CREATE TABLE sessions (
  merchant_id BIGINT NOT NULL,
  token_hash BLOB NOT NULL,
  user_id BIGINT NOT NULL,
  stage SMALLINT NOT NULL,
  mode SMALLINT NOT NULL,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  authenticated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, token_hash)
) WITHOUT ROWID;

-- Asked for, and an account only when the link in the letter is opened: nobody keeps an address from its owner.
CREATE TABLE registrations (
  token_hash BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  telephone TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  language TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX registrations_expiry ON registrations (expires_at);

-- What a letter's link lets its reader do, once. kind 1: choose a new password (user_id); 2: join (email, role);
-- 3: sign in with another address (user_id, email).
CREATE TABLE account_links (
  merchant_id BIGINT NOT NULL,
  token_hash BLOB NOT NULL,
  kind SMALLINT NOT NULL,
  user_id BIGINT,
  email TEXT,
  role SMALLINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, token_hash)
) WITHOUT ROWID;

-- The code that was last sent to a merchant's telephone, sealed: six digits are found from any hash.
CREATE TABLE telephone_codes (
  merchant_id BIGINT NOT NULL PRIMARY KEY,
  telephone TEXT NOT NULL,
  code_box BLOB NOT NULL,
  tries SMALLINT NOT NULL,
  sent_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
  merchant_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  code_hash BLOB NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (merchant_id, user_id, code_hash)
) WITHOUT ROWID;

-- How often somebody has tried of late; subject is the hash of what is counted.
CREATE TABLE throttles (
  subject BLOB NOT NULL PRIMARY KEY,
  used BIGINT NOT NULL,
  free_at BIGINT NOT NULL,
  forget_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX throttles_age ON throttles (forget_at);

-- Numbered per merchant. user_name is kept, for the user may go.
CREATE TABLE security_events (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  user_id BIGINT,
  user_name TEXT NOT NULL,
  detail TEXT NOT NULL,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;

-- Text messages on their way to telephones, as mails are; of no use after expires_at.
CREATE TABLE text_messages (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  recipient TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  due_at BIGINT,
  tries SMALLINT NOT NULL,
  sent_at BIGINT,
  failure TEXT,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;
CREATE INDEX text_messages_due ON text_messages (due_at) WHERE due_at IS NOT NULL;
