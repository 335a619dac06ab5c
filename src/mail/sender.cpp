#include "mail/sender.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace epay::mail {
namespace {

constexpr seconds store_failure_wait{1};
constexpr std::array<microseconds, 6> waits = {minutes(1), minutes(5), minutes(30), hours(2), hours(8), hours(24)};

// Two installations, or a store begun anew, may have the same keys: the moment keeps their ids apart.
std::string message_id(const QueuedMail& queued) {
  return "epay." + std::to_string(queued.key.merchant.value) + "." + std::to_string(queued.key.id.value) + "." +
         std::to_string(queued.created_at.micros);
}

// Mail servers repeat whom a mail was for.
std::string without_recipient(std::string text, const std::string& recipient) {
  for (std::size_t at = 0; !recipient.empty() && (at = text.find(recipient, at)) != std::string::npos;) {
    const std::string shown = masked(recipient);
    text.replace(at, recipient.size(), shown);
    at += shown.size();
  }
  return text;
}

}  // namespace

std::optional<microseconds> wait_after(int tries) {
  EPAY_CHECK(tries >= 1);
  if (static_cast<std::size_t>(tries) > waits.size()) return std::nullopt;
  return waits[static_cast<std::size_t>(tries) - 1];
}

Sender::Sender(Clock& clock, Log& log, db::Database& database, Membership& members, Transport* transport,
               SenderOptions options)
    : clock_(clock),
      log_(log),
      database_(database),
      members_(members),
      transport_(transport),
      options_(std::move(options)),
      look_(clock),
      tasks_(clock, log, "mail") {
  members_.on_change([this] { look_.notify(); });
}

void Sender::start() {
  if (transport_ != nullptr) tasks_.spawn(run());
}

void Sender::notify() {
  look_.notify();
  if (!members_.leads()) database_.announce({db::NoticeKind::mail});
}

void Sender::hear(const db::Notice& notice) {
  if (notice.kind == db::NoticeKind::mail) look_.notify();
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
    std::optional<Timestamp> next;
    if (rests_until_ <= clock_.ticks()) next = co_await send_due();
    Ticks look_at = clock_.ticks() + options_.store_look_every;
    if (next) look_at = std::min(look_at, clock_.ticks() + std::max(*next - clock_.now(), microseconds(0)));
    if (rests_until_ > clock_.ticks()) look_at = rests_until_;
    if (!stopping_) co_await look_.wait_until(look_at);
  }
}

// Sends what is due, some at once; when to look again.
Task<std::optional<Timestamp>> Sender::send_due() {
  struct Found {
    std::vector<QueuedMail> due;
    std::optional<Timestamp> next;
  };
  const auto found = co_await database_.read(
      [now = clock_.now(), limit = options_.read_at_once_max](db::Transaction& tx) -> Result<Found> {
        Found read{due_mails(tx, now, limit), {}};
        if (read.due.empty()) read.next = next_mail_at(tx);
        return read;
      });
  if (!found) {
    log_.error("mails_not_read", {{"error", found.error().message}});
    co_return std::nullopt;
  }
  for (const QueuedMail& queued : found->due) {
    if (stopping_ || !members_.leads()) break;
    const auto sent = co_await send(queued);
    if (!sent && concerns_every_mail(sent.error())) {
      rests_until_ = clock_.ticks() + options_.unreachable_wait;
      break;
    }
  }
  // After some there may be more.
  co_return found->due.empty() ? found->next : std::optional(clock_.now());
}

Task<Result<>> Sender::send(const QueuedMail& queued) {
  const Mail& mail = queued.mail;
  const std::string id = message_id(queued);
  auto content = compose({id, queued.created_at, options_.from, mail.recipient, mail.subject, mail.text, mail.html});
  Result<> sent;
  if (content) {
    sent = co_await transport_->send({id, options_.from.email, mail.recipient, *std::move(content)});
  } else {
    sent = std::unexpected(content.error());
  }
  if (sent) {
    log_.info("mail_sent", {{"merchant", queued.key.merchant}, {"mail", queued.key.id}, {"try", queued.tries + 1}});
    co_await record(queued.key, std::nullopt);
  } else {
    FailedTry failed = judge(queued, sent.error());
    log_failure(queued, failed);
    co_await record(queued.key, std::move(failed));
  }
  co_return sent;
}

FailedTry Sender::judge(const QueuedMail& queued, const Error& error) const {
  const auto wait = is_permanent(error) ? std::nullopt : wait_after(queued.tries + 1);
  return {error.message, wait ? std::optional(clock_.now() + *wait) : std::nullopt};
}

void Sender::log_failure(const QueuedMail& queued, const FailedTry& failed) {
  const std::string shown = without_recipient(failed.failure, queued.mail.recipient);
  if (failed.due_at) {
    log_.warning("mail_failed", {{"merchant", queued.key.merchant},
                                 {"mail", queued.key.id},
                                 {"try", queued.tries + 1},
                                 {"failure", shown},
                                 {"next", failed.due_at->to_iso8601()}});
  } else {
    log_.error(
        "mail_given_up",
        {{"merchant", queued.key.merchant}, {"mail", queued.key.id}, {"try", queued.tries + 1}, {"failure", shown}});
  }
}

// What cannot be written now stays ours: forgetting that a mail is sent would send it again and again.
Task<void> Sender::record(MailKey key, std::optional<FailedTry> failed) {
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

}  // namespace epay::mail
