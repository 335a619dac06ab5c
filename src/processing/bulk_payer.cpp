#include "processing/bulk_payer.h"

#include <algorithm>

namespace epay::processing {
namespace {

// Of one file: told to their rails at the same time.
constexpr int lines_at_once = 32;
constexpr int files_at_once = 50;
constexpr std::size_t lines_read_at_once = 500;
constexpr seconds look_every{30};
constexpr seconds store_failure_wait{1};
// A rail that does not answer at all.
constexpr seconds rail_failure_wait{30};

}  // namespace

struct BulkPayer::Run {
  explicit Run(Clock& clock) : ended(clock) {}
  int under_way = 0;
  std::optional<std::string> stopped_because;
  bool rail_is_silent = false;
  Signal ended;  // one of its lines
};

BulkPayer::BulkPayer(Clock& clock, Log& log, db::Database& database, Membership& members, Processor& processor)
    : clock_(clock),
      log_(log),
      database_(database),
      members_(members),
      processor_(processor),
      look_again_(clock),
      tasks_(clock, log, "bulk_payouts") {
  members_.on_change([this] { look_again_.notify(); });
}

BulkPayer::~BulkPayer() = default;

void BulkPayer::start() { tasks_.spawn(look_into_store()); }

Task<void> BulkPayer::stop(Ticks due) {
  stopping_ = true;
  look_again_.notify();
  co_await tasks_.wait_empty(due);
}

Task<Result<payments::BulkPayout>> BulkPayer::read_in(Scope scope, std::string name, Currency currency,
                                                      std::vector<payments::BulkLine> lines) {
  const auto lane = db::Lane::of(scope.merchant);
  const Timestamp now = clock_.now();
  auto bulk = co_await database_.write(lane, [&](db::Transaction& tx) -> Result<payments::BulkPayout> {
    return payments::create_bulk(tx, scope, name, currency, now);
  });
  if (!bulk) co_return bulk;
  const payments::BulkKey key = bulk->key;
  // Some at a time, so that nobody waits behind a large file. What a crash leaves half read can only be discarded.
  for (std::size_t first = 0; first < lines.size(); first += lines_read_at_once) {
    const auto end = lines.begin() + std::ptrdiff_t(std::min(lines.size(), first + lines_read_at_once));
    std::vector<payments::BulkLine> some(lines.begin() + std::ptrdiff_t(first), end);
    for (payments::BulkLine& line : some) {
      if (line.reference.empty()) line.reference = payments::bulk_reference(key, line.number);
    }
    const auto added = co_await database_.write(lane, [&](db::Transaction& tx) -> Result<> {
      payments::add_bulk_lines(tx, key, some);
      return {};
    });
    if (!added) co_return std::unexpected(added.error());
  }
  co_return co_await database_.write(
      lane, [&](db::Transaction& tx) { return payments::finish_reading(tx, key, clock_.now()); });
}

void BulkPayer::begin() {
  if (!members_.leads() && database_.is_shared()) return database_.announce({db::NoticeKind::bulk_payouts});
  look_again_.notify();
}

void BulkPayer::hear(const db::Notice& notice) {
  if (notice.kind == db::NoticeKind::bulk_payouts) look_again_.notify();
}

Task<void> BulkPayer::look_into_store() {
  while (!stopping_) {
    if (members_.leads()) {
      const auto running = co_await database_.read([](db::Transaction& tx) -> Result<std::vector<payments::BulkKey>> {
        return payments::running_bulks(tx, files_at_once);
      });
      if (running && may_go_on()) {
        for (const payments::BulkKey& key : *running) {
          auto& run_of_it = runs_[key];
          if (run_of_it) continue;
          run_of_it = std::make_unique<Run>(clock_);
          tasks_.spawn(run(key));
        }
      }
    }
    co_await look_again_.wait_until(clock_.ticks() + look_every);
  }
}

Task<void> BulkPayer::run(payments::BulkKey key) {
  struct Next {
    payments::BulkPayout bulk;
    std::vector<payments::BulkLine> lines;
  };
  Run& run = *runs_.at(key);
  while (may_go_on()) {
    const auto next = co_await database_.read([key](db::Transaction& tx) -> Result<Next> {
      auto bulk = payments::find_bulk(tx, key);
      if (!bulk) return std::unexpected(bulk.error());
      return Next{*std::move(bulk), payments::next_bulk_lines(tx, key, lines_at_once)};
    });
    if (!next && next.error().code == ErrorCode::unavailable) {
      co_await clock_.sleep(store_failure_wait);
      continue;
    }
    if (!next || next->bulk.status != payments::BulkStatus::running) break;
    run.rail_is_silent = false;
    for (const payments::BulkLine& line : next->lines) {
      ++run.under_way;
      tasks_.spawn(pay_line(key, next->bulk.currency, line));
    }
    while (run.under_way > 0) co_await run.ended.wait();
    if (run.rail_is_silent && !run.stopped_because) co_await clock_.sleep(rail_failure_wait);
    if (!next->lines.empty() && !run.stopped_because) continue;
    const auto ended = co_await database_.write(
        db::Lane::of(key.scope.merchant),
        [key, because = run.stopped_because, now = clock_.now()](db::Transaction& tx) -> Result<> {
          payments::end_bulk(tx, key, because, now);
          return {};
        });
    if (!ended) {
      co_await clock_.sleep(store_failure_wait);
      continue;
    }
    log_.info(
        "bulk_payout_ended",
        {{"merchant", key.scope.merchant}, {"bulk_payout", key.id}, {"stopped", run.stopped_because.has_value()}});
    break;
  }
  runs_.erase(key);
}

Task<void> BulkPayer::pay_line(payments::BulkKey key, Currency currency, payments::BulkLine line) {
  co_await pay(key, currency, std::move(line));
  Run& run = *runs_.at(key);
  --run.under_way;
  run.ended.notify();
}

// One line, once: its reference is taken by the first payout that is made of it.
Task<void> BulkPayer::pay(payments::BulkKey key, Currency currency, payments::BulkLine line) {
  Run& run = *runs_.at(key);
  if (run.stopped_because || !may_go_on()) co_return;
  const auto started = co_await processor_.start_payout({.scope = key.scope,
                                                         .reference = line.reference,
                                                         .amount = {line.amount_minor, currency},
                                                         .payee = line.payee,
                                                         .payee_name = line.payee_name,
                                                         .description = line.description});
  if (started) {
    line.payment = std::get<Started>(*started).payment.id;
  } else {
    switch (started.error().code) {
      case ErrorCode::insufficient_funds: run.stopped_because = started.error().message; co_return;
      case ErrorCode::unavailable:
      case ErrorCode::in_progress: run.rail_is_silent = true; co_return;
      default: break;
    }
    const auto made = co_await made_before(key, line);
    if (made) {
      line.payment = *made;
    } else if (made.error().code == ErrorCode::unavailable) {
      co_return;
    } else {
      line.failure = started.error().message;
    }
  }
  co_await database_.write(db::Lane::of(key.scope.merchant), [&, now = clock_.now()](db::Transaction& tx) -> Result<> {
    payments::record_bulk_line(tx, key, line, now);
    return {};
  });
}

// The payout that an earlier run has made of the line and not noted. Errors: not_found (none, or another's),
// unavailable.
Task<Result<PaymentId>> BulkPayer::made_before(payments::BulkKey key, payments::BulkLine line) {
  co_return co_await database_.read([&](db::Transaction& tx) -> Result<PaymentId> {
    const auto payment = payments::find_payment(tx, key.scope, line.reference);
    if (!payment) return std::unexpected(payment.error());
    const bool same = payment->kind == payments::PaymentKind::payout && payment->amount.minor == line.amount_minor &&
                      payment->method == line.payee.method && payment->wallet_number == line.payee.number &&
                      payment->wallet_network == line.payee.network;
    if (!same) return fail(ErrorCode::not_found, "The reference is another's");
    return payment->id;
  });
}

}  // namespace epay::processing
