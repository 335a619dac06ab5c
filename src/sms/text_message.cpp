#include "sms/text_message.h"

#include "base/check.h"
#include "base/utf8.h"
#include "sms/text_message_store.h"

namespace epay::sms {

void queue(db::Transaction& tx, const TextMessage& message, Timestamp now) {
  EPAY_CHECK(utf8_length(message.text) <= text_max);
  tx.execute(store::insert_message, message.merchant, tx.next_id(db::Sequence::text_message), message.recipient,
             message.text, now, message.expires_at);
}

std::vector<QueuedMessage> due_messages(db::Transaction& tx, Timestamp now, int limit) {
  return tx.query_all(
      store::select_due,
      [](const db::Row& row) {
        const MessageKey key{row.id<MerchantId>(0), row.id<TextMessageId>(1)};
        return QueuedMessage{key, {key.merchant, row.string(2), row.string(3), row.time(4)}, int(row.integer(5))};
      },
      now, limit);
}

std::optional<Timestamp> next_message_at(db::Transaction& tx) {
  return tx.query_one(store::select_next_due, [](const db::Row& row) { return row.time(0); });
}

Backlog backlog(db::Transaction& tx) {
  return *tx.query_one(store::select_backlog, [](const db::Row& row) {
    return Backlog{row.integer(0), row.is_null(1) ? std::nullopt : std::optional(row.time(1))};
  });
}

void record_sent(db::Transaction& tx, MessageKey key, Timestamp now) {
  tx.execute(store::update_sent, key.merchant, key.id, now);
}

void record_failure(db::Transaction& tx, MessageKey key, const FailedTry& failed) {
  tx.execute(store::update_failed, key.merchant, key.id, failed.failure, failed.due_at);
}

}  // namespace epay::sms
