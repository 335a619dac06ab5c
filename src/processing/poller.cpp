// Asking rails about what is open: on their callback, on the schedule, and after a restart.
#include <algorithm>

#include "merchants/access_token.h"
#include "processing/orders.h"
#include "processing/processor.h"

namespace epay::processing {
namespace {

// How long money on its way out that the rail does not know is waited for before it is sent again, under the same
// reference (RAILS §7.3).
constexpr minutes outgoing_grace{5};
constexpr seconds poller_sleep_max{60};
constexpr seconds store_failure_wait{1};
constexpr minutes housekeeping_every{10};
constexpr int housekeeping_rows = 500;
// What is nobody's is looked for when a process has died, and now and then.
constexpr seconds claims_every{30};
constexpr int claimed_at_once = 500;

bool contradicts(rails::Claim claim, payments::AttemptStatus stands) {
  return (claim == rails::Claim::succeeded && stands == payments::AttemptStatus::failed) ||
         (claim != rails::Claim::succeeded && claim != rails::Claim::nothing &&
          stands == payments::AttemptStatus::succeeded);
}

// A claim that what was sent has come back is asked about, although the rail has given its last word.
bool is_doubted(const payments::OpenAttempt& open, const std::vector<rails::Claim>& claims) {
  return open.attempt.status == payments::AttemptStatus::succeeded && payments::is_outgoing(open.payment.kind) &&
         std::ranges::find(claims, rails::Claim::reversed) != claims.end();
}

}  // namespace

// Asks the rail, and applies what it says. `key` is in asking_.
Task<void> Processor::ask(payments::AttemptKey key, std::string origin) {
  ++asks_;
  auto claims = std::exchange(asking_[key], {});
  const auto open = co_await database_.read([&key](db::Transaction& tx) { return payments::find_attempt(tx, key); });
  bool store_failed = !open && open.error().code == ErrorCode::unavailable;
  auto stands = open ? std::optional(open->attempt.status) : std::nullopt;
  // The wish to know is stored first: nobody calls back twice.
  const bool doubted = open && is_doubted(*open, claims);
  if (doubted) store_failed = !co_await doubt(key);
  if (open && !store_failed && (doubted || open->attempt.poll_at || payments::is_open(open->attempt.status))) {
    if (rails::Rail* rail = rails_.find(static_cast<rails::RailId>(open->attempt.rail), key.scope.mode)) {
      auto reply = co_await ask_rail(*rail, *open, std::move(origin));
      const auto applied = co_await apply_outcome(key, outcome_of(std::move(reply), *rail));
      store_failed = !applied;
      if (applied) stands = applied->attempt.status;
    } else {
      log_.error("rail_switched_off", {{"reference", payments::rail_reference_of(key)}, {"rail", open->attempt.rail}});
      store_failed = !co_await apply_outcome(key, {.failure = "the rail is switched off"});
    }
  }
  const auto& later = asking_[key];
  claims.insert(claims.end(), later.begin(), later.end());
  for (const rails::Claim claim : claims) {
    if (stands && contradicts(claim, *stands)) {
      log_.error("alert", {{"alert", "callback_contradicts"},
                           {"merchant", key.scope.merchant},
                           {"payment", key.payment},
                           {"reference", payments::rail_reference_of(key)}});
    }
  }
  if (store_failed) co_await clock_.sleep(store_failure_wait);
  --asks_;
  end_asking(key, stands);
}

Task<Result<>> Processor::doubt(payments::AttemptKey key) {
  co_return co_await database_.write(db::Lane::of(key.scope.merchant),
                                     [&key, now = clock_.now()](db::Transaction& tx) -> Result<> {
                                       payments::doubt(tx, key, now);
                                       return {};
                                     });
}

Task<rails::Reply> Processor::ask_rail(rails::Rail& rail, const payments::OpenAttempt& open, std::string origin) {
  rails::Order order = order_of(open, std::move(origin));
  co_await rails_.wait_turn(rail);
  rails::Reply reply = co_await heard(rail, order.network, rail.query(order));
  // A question that was not sent says nothing of the order.
  if (const auto* not_asked = std::get_if<rails::NotSent>(&reply)) co_return rails::Unknown{not_asked->cause};
  const bool is_open = payments::is_open(open.attempt.status);
  if (!std::holds_alternative<rails::NotFound>(reply) || !is_open) co_return reply;
  // The rail does not know our reference: the request never arrived. The same reference again makes at most one
  // movement of money, whatever happened to the first; where the rail does not promise that, it is sent only if the
  // first one was not.
  const Timestamp now = clock_.now();
  const bool not_found_before = open.attempt.failure == not_found_at_rail;
  const bool never_sent = open.attempt.failure && open.attempt.failure->starts_with(not_sent_to_rail);
  const bool may_repeat = rail.capabilities().idempotent_by_reference || never_sent;
  if (order.kind != rails::OrderKind::collect) {
    const bool waited = now >= open.attempt.created_at + outgoing_grace && not_found_before;
    if (!may_repeat || !(waited || never_sent)) co_return reply;
    co_return co_await send_order(rail, std::move(order));
  }
  // Past the deadline nobody waits at a phone any more: "it has not moved" is the rail's answer.
  if (open.payment.expires_at <= now) {
    if (!may_repeat && not_found_before) co_return rails::Failed{.code = "NOT_FOUND"};
    co_return rails::Pending{};
  }
  if (!may_repeat) co_return reply;
  co_await add_customer(rail, open.payment, order);
  co_return co_await send_order(rail, std::move(order));
}

void Processor::expect_poll(std::optional<Timestamp> due) {
  if (due && *due < poller_wakes_at_) poll_.notify();
}

// What the dead were asking for.
Task<void> Processor::claim_polls() {
  claims_at_ = clock_.ticks() + claims_every;
  while (!stopping_ && members_.is_alive()) {
    // Of two that claim the same, the second finds it taken.
    const auto claimed = co_await database_.write(
        db::Lane::unordered(),
        [](db::Transaction& tx) -> Result<std::int64_t> { return payments::claim_polls(tx, claimed_at_once); });
    if (!claimed || *claimed < claimed_at_once) co_return;
  }
}

Task<void> Processor::run_poller() {
  struct Look {
    std::vector<payments::OpenAttempt> due;
    std::optional<Timestamp> next;
  };
  while (!stopping_) {
    const Timestamp now = clock_.now();
    const int limit = options_.asked_at_once_max + int(asking_.size());
    // What is opened while the store is read is earlier than this, and wakes us again.
    poller_wakes_at_ = now + (database_.is_shared() ? microseconds(claims_every) : microseconds(poller_sleep_max));
    if (!members_.is_alive()) {
      // Its next life wakes us.
      co_await poll_.wait();
      continue;
    }
    if (database_.is_shared() && claims_at_ <= clock_.ticks()) co_await claim_polls();
    const auto look = co_await database_.read([now, limit](db::Transaction& tx) -> Result<Look> {
      return Look{payments::due_attempts(tx, now, limit), payments::next_poll(tx)};
    });
    if (!look) {
      co_await clock_.sleep(store_failure_wait);
      continue;
    }
    if (look->due.empty()) {
      if (look->next && *look->next < poller_wakes_at_) poller_wakes_at_ = *look->next;
    } else {
      for (const payments::OpenAttempt& open : look->due) {
        if (stopping_ || !members_.is_alive() || asks_ >= options_.asked_at_once_max) break;
        if (begin_asking(open.attempt.key)) tasks_.spawn(ask(open.attempt.key, options_.origin));
      }
      // The next that ends wakes us; whoever is not asked yet is then taken.
      poller_wants_room_ = true;
      poller_wakes_at_ = now + store_failure_wait;
    }
    co_await poll_.wait_until(clock_.ticks() + (poller_wakes_at_ - clock_.now()));
  }
}

// Deletes what has served its time, and ends checkouts that nobody has paid, a little at a time.
Task<void> Processor::run_housekeeping() {
  while (!stopping_) {
    if (!members_.leads()) {
      co_await housekeeping_.wait();
      continue;
    }
    const Timestamp now = clock_.now();
    const auto deleted = co_await database_.write([now](db::Transaction& tx) -> Result<std::int64_t> {
      return merchants::delete_expired_tokens(tx, now, housekeeping_rows) +
             payments::delete_old_keys(tx, now, housekeeping_rows);
    });
    const bool more_to_expire = co_await expire_checkouts();
    if (more_to_expire || (deleted && *deleted > 0)) continue;
    co_await housekeeping_.wait_until(clock_.ticks() + housekeeping_every);
  }
}

}  // namespace epay::processing
