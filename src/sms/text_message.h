// The outbox of text messages: what a transaction wants a telephone to be sent stands in the store before anybody tries
// to send it. docs/decisions/text-messages-are-an-outbox.md
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::sms {

// Longer ones are split by the networks, and paid for twice.
inline constexpr std::size_t text_max = 160;

struct TextMessage {
  MerchantId merchant;    // whom it concerns
  std::string recipient;  // "233240000000"
  std::string text;
  Timestamp expires_at;  // when it is of no use any more
};

// Queues a message inside the caller's transaction. Call Sender::notify() when that is durable.
void queue(db::Transaction& tx, const TextMessage& message, Timestamp now);

struct MessageKey {
  MerchantId merchant;
  TextMessageId id;
};

struct QueuedMessage {
  MessageKey key;
  TextMessage message;
  int tries = 0;  // so far
};

// What is neither sent nor given up and is due by `now`, earliest due first.
std::vector<QueuedMessage> due_messages(db::Transaction& tx, Timestamp now, int limit);
// When the next message is due, in the past perhaps; nothing when none waits.
std::optional<Timestamp> next_message_at(db::Transaction& tx);

// What is neither sent nor given up, for operators.
struct Backlog {
  std::int64_t waiting = 0;
  std::optional<Timestamp> earliest_due;
};
Backlog backlog(db::Transaction& tx);

// Counts a try that the sender has taken, and forgets the text.
void record_sent(db::Transaction& tx, MessageKey key, Timestamp now);

struct FailedTry {
  std::string failure;
  std::optional<Timestamp> due_at;  // of the next try; nothing gives the message up, and forgets its text
};
void record_failure(db::Transaction& tx, MessageKey key, const FailedTry& failed);

}  // namespace epay::sms
