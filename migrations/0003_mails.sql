-- Mail on its way to people: queued with the news it tells, sent after the commit. due_at is set while it is neither sent nor
-- given up; a sent mail keeps no text, which may hold a link that lets somebody in.

CREATE TABLE mails (
  merchant_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  text_body TEXT NOT NULL,
  html_body TEXT,
  created_at BIGINT NOT NULL,
  due_at BIGINT,
  tries SMALLINT NOT NULL,
  sent_at BIGINT,
  failure TEXT,
  PRIMARY KEY (merchant_id, id)
) WITHOUT ROWID;
CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
