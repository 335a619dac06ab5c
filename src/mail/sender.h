// Sends what the outbox has: oldest first, one after the other, again on a schedule until the mail server takes it or
// refuses it for good. A crash between the sending and its record sends a mail twice, with the same Message-ID. Reactor
// thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "mail/mail.h"
#include "mail/message.h"
#include "mail/transport.h"
#include "processes/membership.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"

namespace epay::mail {

struct SenderOptions {
  Address from;
  int read_at_once_max = 16;
  seconds store_look_every{60};  // for what other processes on the same store have queued
  seconds unreachable_wait{60};  // after a try that reached no mail server: the other mails keep their tries
};

// How long after the `tries`-th failed try (from 1) the next one is due: 1 min, 5 min, 30 min, 2 h, 8 h, 24 h; nothing
// when that was the last.
std::optional<microseconds> wait_after(int tries);

// What became of a try.
enum class TryEnd { sent, put_off, given_up };

class Sender {
 public:
  // Without a transport mails stay in the store.
  Sender(Clock& clock, Log& log, db::Database& database, Membership& members, Transport* transport,
         SenderOptions options);

  // Begins, with what the store has left from before.
  void start();
  // A mail that was queued has become durable. The process that leads sends it.
  void notify();
  // What another process has to say.
  void hear(const db::Notice& notice);
  // Called once for each try. For metrics.
  void set_observer(std::function<void(TryEnd)> observer) { observer_ = std::move(observer); }
  // Begins nothing new, and lets the mail under way end until `due`.
  Task<void> stop(Ticks due);

 private:
  Task<void> run();
  Task<std::optional<Timestamp>> send_due();
  Task<Result<>> send(const QueuedMail& queued);
  Task<void> record(MailKey key, std::optional<FailedTry> failed);
  FailedTry judge(const QueuedMail& queued, const Error& error) const;
  void log_failure(const QueuedMail& queued, const FailedTry& failed);

  Clock& clock_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  Transport* transport_;
  SenderOptions options_;
  Signal look_;
  Ticks rests_until_;
  TaskGroup tasks_;
  std::function<void(TryEnd)> observer_;
  bool stopping_ = false;
};

}  // namespace epay::mail
