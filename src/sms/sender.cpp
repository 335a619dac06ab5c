#include "sms/sender.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/phone_number.h"

namespace epay::sms {
namespace {

constexpr std::array<microseconds, 4> waits = {seconds(5), seconds(20), minutes(1), minutes(3)};
constexpr int read_at_once_max = 16;
constexpr seconds store_failure_wait{1};
constexpr seconds store_look_every{5};

}  // namespace

std::optional<microseconds> wait_after(int tries) {
  EPAY_CHECK(tries >= 1);
  if (static_cast<std::size_t>(tries) > waits.size()) return std::nullopt;
  return waits[static_cast<std::size_t>(tries) - 1];
}

Sender::Sender(Clock& clock, Log& log, db::Database& database, Membership& members, Transport* transport)
    : clock_(clock),
      log_(log),
      database_(database),
      members_(members),
      transport_(transport),
      look_(clock),
      tasks_(clock, log, "text messages") {
  members_.on_change([this] { look_.notify(); });
}

void Sender::start() {
  if (transport_ != nullptr) tasks_.spawn(run());
}

void Sender::notify() {
  look_.notify();
  if (!members_.leads()) database_.announce({db::NoticeKind::text_message});
}

void Sender::hear(const db::Notice& notice) {
  if (notice.kind == db::NoticeKind::text_message) look_.notify();
}

Task<void> Sender::stop(Ticks due) {
  stopping_ = true;
  look_.notify();
  co_await tasks_.wait_empty(due);
}

Task<void> Sender::run() {
  while (!stopping_) {
    if (!members_.leads()) {
      co_await look_.wait();
      continue;
    }
    const auto next = co_await send_due();
    // Another process that has queued one may not have been heard.
    Ticks look_at = database_.is_shared() ? clock_.ticks() + store_look_every : Ticks::never();
    if (next) look_at = std::min(look_at, clock_.ticks() + std::max(*next - clock_.now(), microseconds(0)));
    if (!stopping_) co_await look_.wait_until(look_at);
  }
}

// Sends what is due, some at once; when to look again.
Task<std::optional<Timestamp>> Sender::send_due() {
  struct Found {
    std::vector<QueuedMessage> due;
    std::optional<Timestamp> next;
  };
  const auto found = co_await database_.read([now = clock_.now()](db::Transaction& tx) -> Result<Found> {
    Found read{due_messages(tx, now, read_at_once_max), {}};
    if (read.due.empty()) read.next = next_message_at(tx);
    return read;
  });
  if (!found) {
    log_.error("text_messages_not_read", {{"error", found.error().message}});
    co_return clock_.now() + store_failure_wait;
  }
  for (const QueuedMessage& queued : found->due) {
    if (stopping_ || !members_.leads()) break;
    co_await send(queued);
  }
  // After some there may be more.
  co_return found->due.empty() ? found->next : std::optional(clock_.now());
}

Task<void> Sender::send(const QueuedMessage& queued) {
  const TextMessage& message = queued.message;
  if (message.expires_at <= clock_.now()) {
    co_await record(queued.key, FailedTry{"it was of no use any more", {}});
    co_return;
  }
  const std::string id =
      "epay." + std::to_string(queued.key.merchant.value) + "." + std::to_string(queued.key.id.value);
  const auto sent = co_await transport_->send({id, message.recipient, message.text});
  if (sent) {
    log_.info("text_message_sent", {{"merchant", queued.key.merchant},
                                    {"message", queued.key.id},
                                    {"to", mask_number(message.recipient)},
                                    {"try", queued.tries + 1}});
    co_await record(queued.key, std::nullopt);
    co_return;
  }
  const auto wait = sent.error().code == ErrorCode::refused ? std::nullopt : wait_after(queued.tries + 1);
  const auto due_at = wait ? std::optional(clock_.now() + *wait) : std::nullopt;
  log_.warning(due_at ? "text_message_failed" : "text_message_given_up", {{"merchant", queued.key.merchant},
                                                                          {"message", queued.key.id},
                                                                          {"try", queued.tries + 1},
                                                                          {"failure", sent.error().message}});
  co_await record(queued.key, FailedTry{sent.error().message, due_at});
}

// What cannot be written now stays ours: forgetting that a message is sent would send it again and again.
Task<void> Sender::record(MessageKey key, std::optional<FailedTry> failed) {
  if (observer_) observer_(!failed ? TryEnd::sent : failed->due_at ? TryEnd::put_off : TryEnd::given_up);
  for (;;) {
    const auto recorded = co_await database_.write([&](db::Transaction& tx) -> Result<> {
      if (failed) {
        record_failure(tx, key, *failed);
      } else {
        record_sent(tx, key, clock_.now());
      }
      return {};
    });
    if (recorded || stopping_) co_return;
    co_await clock_.sleep(store_failure_wait);
  }
}

}  // namespace epay::sms
