// Sends what the outbox has: oldest first, one after the other, again a few times until the provider takes it, refuses
// it for good, or it is of no use any more. A crash between the sending and its record sends a message twice. Reactor
// thread only.
#pragma once

#include <functional>
#include <optional>

#include "base/log.h"
#include "db/database.h"
#include "processes/membership.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"
#include "sms/text_message.h"
#include "sms/transport.h"

namespace epay::sms {

// How long after the `tries`-th failed try (from 1) the next one is due: somebody waits for it. Nothing when that was
// the last.
std::optional<microseconds> wait_after(int tries);

// What became of a try.
enum class TryEnd { sent, put_off, given_up };

class Sender {
 public:
  // Without a transport messages stay in the store.
  Sender(Clock& clock, Log& log, db::Database& database, Membership& members, Transport* transport);

  // Begins, with what the store has left from before.
  void start();
  // A message that was queued has become durable. The process that leads sends it.
  void notify();
  // What another process has to say.
  void hear(const db::Notice& notice);
  // Called once for each try. For metrics.
  void set_observer(std::function<void(TryEnd)> observer) { observer_ = std::move(observer); }
  // Begins nothing new, and lets the message under way end until `due`.
  Task<void> stop(Ticks due);

 private:
  Task<void> run();
  Task<std::optional<Timestamp>> send_due();
  Task<void> send(const QueuedMessage& queued);
  Task<void> record(MessageKey key, std::optional<FailedTry> failed);

  Clock& clock_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  Transport* transport_;
  Signal look_;
  TaskGroup tasks_;
  std::function<void(TryEnd)> observer_;
  bool stopping_ = false;
};

}  // namespace epay::sms
