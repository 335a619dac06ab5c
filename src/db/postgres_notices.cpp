#include "db/postgres_notices.h"

#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <coroutine>
#include <optional>

#include "base/check.h"

namespace epay::db {
namespace {

constexpr Sql select_channel{"SELECT 'epay_' || current_schema()"};
constexpr Sql notify{"SELECT pg_notify($1, $2)"};
// How long a server may say nothing before it is asked whether it is still there.
constexpr milliseconds silence_max{15'000};
constexpr Sql select_one{"SELECT 1"};
// Notices leave at most so often: those of a busy moment together, each process is woken once.
constexpr milliseconds send_gap{20};

// "kind merchant subject".
std::string to_text(const Notice& notice) {
  return std::to_string(static_cast<std::int64_t>(notice.kind)) + " " + std::to_string(notice.merchant.value) + " " +
         std::to_string(notice.subject);
}

std::optional<Notice> read_notice(std::string_view text) {
  std::int64_t numbers[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::int64_t& number : numbers) {
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc()) return std::nullopt;
    at = read.ptr == end ? end : read.ptr + 1;
  }
  return Notice{static_cast<NoticeKind>(numbers[0]), MerchantId{numbers[1]}, numbers[2]};
}

// A coroutine that runs once on the reactor thread and is gone.
struct Errand {
  struct promise_type {
    Errand get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

}  // namespace

struct PostgresNotices::Arrived {
  std::function<void(const Notice&)> hear;  // empty once nobody listens any more
  std::mutex mutex;
  std::vector<Notice> notices;  // under the mutex
  bool posted = false;          // likewise

  static Errand run(std::shared_ptr<Arrived> self) {
    std::vector<Notice> notices;
    {
      const std::lock_guard lock(self->mutex);
      notices.swap(self->notices);
      self->posted = false;
    }
    for (const Notice& notice : notices) {
      if (self->hear) self->hear(notice);
    }
    co_return;
  }
};

PostgresNotices::PostgresNotices(Clock& clock, Log& log, const PostgresOptions& options,
                                 std::function<void(const Notice&)> hear)
    : clock_(clock), log_(log), options_(options), arrived_(std::make_shared<Arrived>()) {
  arrived_->hear = std::move(hear);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  EPAY_CHECK(wake_ >= 0);
  thread_ = std::thread([this] { serve(); });
}

PostgresNotices::~PostgresNotices() {
  arrived_->hear = nullptr;
  closing_ = true;
  ::eventfd_write(wake_, 1);
  thread_.join();
  ::close(wake_);
}

void PostgresNotices::announce(const Notice& notice) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() == waiting_max || std::ranges::find(waiting_, notice) != waiting_.end()) return;
    waiting_.push_back(notice);
  }
  ::eventfd_write(wake_, 1);
}

void PostgresNotices::serve() {
  while (!closing_) {
    try {
      PostgresSession session(options_);
      serve_session(session);
    } catch (const StoreFailure& failure) {
      log_.warning("notices_interrupted", {{"error", failure.what()}});
      std::this_thread::sleep_for(away_wait);
    }
  }
}

void PostgresNotices::serve_session(PostgresSession& session) {
  std::string channel;
  session.send(select_channel, {}, [&](OwnedResult result) { channel = PostgresRow(result.get()).string(0); });
  session.settle();
  session.execute_text("LISTEN \"" + channel + "\"");
  auto sent_at = std::chrono::steady_clock::now() - send_gap;
  while (!closing_) {
    eventfd_t count = 0;
    ::eventfd_read(wake_, &count);
    const auto gap_left = std::chrono::ceil<milliseconds>(sent_at + send_gap - std::chrono::steady_clock::now());
    if (gap_left.count() <= 0 && send(session, channel)) sent_at = std::chrono::steady_clock::now();
    bool any = false;
    session.take_notifications([&](std::string_view, std::string_view content) {
      if (const auto notice = read_notice(content)) {
        const std::lock_guard lock(arrived_->mutex);
        arrived_->notices.push_back(*notice);
        any = any || !std::exchange(arrived_->posted, true);
      }
    });
    if (any) clock_.post(Arrived::run(arrived_).handle);
    const bool gap = gap_left.count() > 0;
    if (session.wait_for_news(gap ? gap_left : silence_max, wake_) || gap) continue;
    session.send(select_one, {});
    session.settle();
  }
}

// Whether there was anything to send.
bool PostgresNotices::send(PostgresSession& session, const std::string& channel) {
  std::vector<Notice> notices;
  {
    const std::lock_guard lock(mutex_);
    notices.swap(waiting_);
  }
  for (const Notice& notice : notices) {
    const std::string text = to_text(notice);
    const Value values[] = {std::string_view(channel), std::string_view(text)};
    session.send(notify, values);
  }
  session.settle();
  return !notices.empty();
}

}  // namespace epay::db
