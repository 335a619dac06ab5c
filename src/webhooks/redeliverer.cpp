#include "webhooks/redeliverer.h"

namespace epay::webhooks {
namespace {

// Of one redelivery: handed to the dispatcher and not tried yet. More are handed over when half of them have been.
constexpr int handed_max = 20;
// After this the store is asked again whatever has been tried: the endpoint may have been disabled or deleted.
constexpr seconds patience{30};
constexpr seconds store_failure_wait{1};
constexpr int running_at_once = 100;

}  // namespace

struct Redeliverer::Run {
  explicit Run(Clock& clock) : tried(clock) {}
  int handed = 0;
  bool begun_again = false;  // it was resumed meanwhile
  Signal tried;
};

Redeliverer::Redeliverer(Clock& clock, Log& log, db::Database& database, Membership& members, Dispatcher& dispatcher,
                         microseconds look_every)
    : clock_(clock),
      log_(log),
      database_(database),
      members_(members),
      dispatcher_(dispatcher),
      look_every_(look_every),
      look_again_(clock),
      tasks_(clock, log, "redeliveries") {
  dispatcher_.add_observer([this](const TryReport& report) { on_try(report); });
  dispatcher_.on_outside_change([this] { look_again_.notify(); });
  members_.on_change([this] { look_again_.notify(); });
}

Redeliverer::~Redeliverer() = default;

void Redeliverer::start() { tasks_.spawn(look_into_store()); }

Task<void> Redeliverer::stop(Ticks due) {
  stopping_ = true;
  look_again_.notify();
  for (const auto& [key, run] : runs_) run->tried.notify();
  co_await tasks_.wait_empty(due);
}

void Redeliverer::begin(events::RedeliveryKey key) {
  if (stopping_) return;
  if (!members_.leads()) return database_.announce({db::NoticeKind::redelivery, key.merchant, key.id.value});
  auto& run_of_it = runs_[key];
  if (run_of_it) {
    run_of_it->begun_again = true;
    return run_of_it->tried.notify();
  }
  run_of_it = std::make_unique<Run>(clock_);
  tasks_.spawn(run(key));
}

void Redeliverer::hear(const db::Notice& notice) {
  if (notice.kind == db::NoticeKind::redelivery && members_.leads()) begin({notice.merchant, {notice.subject}});
}

void Redeliverer::on_try(const TryReport& report) {
  if (!report.redelivery) return;
  const auto found = runs_.find({report.lane.merchant, *report.redelivery});
  if (found == runs_.end()) return;
  Run& run = *found->second;
  if (run.handed > 0) --run.handed;
  if (run.handed * 2 <= handed_max) run.tried.notify();
}

Task<void> Redeliverer::run(events::RedeliveryKey key) {
  Run& run = *runs_.at(key);
  while (may_go_on()) {
    const int limit = handed_max - run.handed;
    auto step = co_await database_.write(
        [key, limit, now = clock_.now()](db::Transaction& tx) { return events::step_redelivery(tx, key, limit, now); });
    if (!step) {
      log_.error("redelivery_not_stepped",
                 {{"merchant", key.merchant}, {"redelivery", key.id.value}, {"error", step.error().message}});
      if (step.error().code == ErrorCode::not_found) break;
      co_await clock_.sleep(store_failure_wait);
      continue;
    }
    const bool handed_any = !step->deliveries.empty();
    run.handed += static_cast<int>(step->deliveries.size());
    dispatcher_.publish({std::nullopt, std::nullopt, std::move(step->deliveries)});
    if (step->redelivery.status != events::Redelivery::Status::running) {
      if (!std::exchange(run.begun_again, false)) break;
      continue;
    }
    // Nothing of this stretch was to be sent: on to the next.
    if (!handed_any && limit > 0 && !step->endpoint_disabled) continue;
    if (run.handed * 2 <= handed_max && !step->endpoint_disabled) continue;
    const Ticks due = clock_.ticks() + patience;
    co_await run.tried.wait_until(due);
    if (clock_.ticks() < due) continue;
    // Some may never be heard of again: sent again singly, or cancelled.
    const auto untried = co_await database_.read([walk = step->redelivery](db::Transaction& tx) -> Result<int> {
      return events::untried_of_redelivery(tx, walk);
    });
    if (untried) run.handed = std::min(*untried, handed_max);
  }
  runs_.erase(key);
}

// Those that an earlier process, or a verb of the command line, has left running.
Task<void> Redeliverer::look_into_store() {
  while (!stopping_) {
    events::RedeliveryKey after{};
    while (may_go_on()) {
      const auto running =
          co_await database_.read([after](db::Transaction& tx) -> Result<std::vector<events::Redelivery>> {
            return events::running_redeliveries(tx, after, running_at_once);
          });
      if (!running || running->empty() || !may_go_on()) break;
      for (const events::Redelivery& one : *running) {
        if (!runs_.contains(one.key)) begin(one.key);
      }
      after = running->back().key;
    }
    co_await look_again_.wait_until(clock_.ticks() + look_every_);
  }
}

}  // namespace epay::webhooks
