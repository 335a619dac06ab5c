#include "mail/mail.h"

#include "mail/mail_store.h"

namespace epay::mail {
namespace {

std::optional<Timestamp> optional_time(const db::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.time(column));
}

}  // namespace

void queue(db::Transaction& tx, const Mail& mail, Timestamp now) {
  const MailId id{tx.next_id(db::Sequence::mail)};
  tx.execute(store::insert_mail, mail.merchant, id, mail.recipient, mail.subject, mail.text, mail.html, now);
}

std::vector<QueuedMail> due_mails(db::Transaction& tx, Timestamp now, int limit) {
  return tx.query_all(
      store::select_due,
      [](const db::Row& row) {
        const MailKey key{row.id<MerchantId>(0), row.id<MailId>(1)};
        return QueuedMail{key,
                          {key.merchant, row.string(2), row.string(3), row.string(4), row.optional_string(5)},
                          row.time(6),
                          int(row.integer(7))};
      },
      now, limit);
}

std::optional<Timestamp> next_mail_at(db::Transaction& tx) {
  return tx.query_one(store::select_next_due, [](const db::Row& row) { return row.time(0); });
}

Backlog backlog(db::Transaction& tx) {
  return *tx.query_one(store::select_backlog, [](const db::Row& row) {
    return Backlog{row.integer(0), row.is_null(1) ? std::nullopt : std::optional(row.time(1))};
  });
}

void record_sent(db::Transaction& tx, MailKey key, Timestamp now) {
  tx.execute(store::update_sent, key.merchant, key.id, now);
}

void record_failure(db::Transaction& tx, MailKey key, const FailedTry& failed) {
  tx.execute(store::update_failed, key.merchant, key.id, failed.failure, failed.due_at);
}

std::vector<MailSummary> recent_mails(db::Transaction& tx, MerchantId merchant, int limit) {
  return tx.query_all(
      store::select_recent,
      [merchant](const db::Row& row) {
        return MailSummary{.key = {merchant, row.id<MailId>(0)},
                           .recipient = row.string(1),
                           .subject = row.string(2),
                           .created_at = row.time(3),
                           .tries = int(row.integer(4)),
                           .due_at = optional_time(row, 5),
                           .sent_at = optional_time(row, 6),
                           .failure = row.optional_string(7)};
      },
      merchant, limit);
}

}  // namespace epay::mail
