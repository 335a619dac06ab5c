#include "processing/processor.h"

#include <algorithm>

#include "base/check.h"
#include "processing/orders.h"

namespace epay::processing {

Processor::Processor(Clock& clock, Random& random, Log& log, db::Database& database, Membership& members,
                     rails::Rails& rails, webhooks::Dispatcher& dispatcher, Options options)
    : clock_(clock),
      random_(random),
      log_(log),
      database_(database),
      members_(members),
      rails_(rails),
      dispatcher_(dispatcher),
      options_(std::move(options)),
      feed_(clock),
      prompts_by_number_(options_.prompts_per_number, prompts_within),
      prompts_by_merchant_(options_.prompts_per_merchant, prompts_within),
      poller_wakes_at_(clock.now()),
      poll_(clock),
      housekeeping_(clock),
      tasks_(clock, log, "processing") {
  members_.on_change([this] {
    claims_at_ = {};
    poll_.notify();
    housekeeping_.notify();
  });
}

void Processor::start() {
  tasks_.spawn(run_poller());
  tasks_.spawn(run_housekeeping());
}

Task<void> Processor::stop(Ticks due) {
  stopping_ = true;
  poll_.notify();
  housekeeping_.notify();
  close_watches();
  co_await tasks_.wait_empty(due);
}

std::optional<microseconds> Processor::take_prompt(MerchantId merchant, const PhoneNumber& number) {
  const Ticks now = clock_.ticks();
  const int sharers = members_.living();
  if (const auto wait = prompts_by_number_.take(number.international(), now, sharers)) return wait;
  return prompts_by_merchant_.take(std::to_string(merchant.value), now, sharers);
}

Task<bool> Processor::was_asked_before(MerchantId merchant, const std::optional<payments::KeyClaim>& key) {
  if (!key) co_return false;
  const auto known = co_await database_.read(
      [&, now = clock_.now()](db::Transaction& tx) { return payments::find_key(tx, merchant, *key, now); });
  // Who is at it, or that the key is another request's, is said where it is opened.
  co_return !known || known->has_value();
}

bool Processor::serves(const rails::Need& need) const { return rails_.route(need) != nullptr; }

Task<rails::Reply> Processor::heard(rails::Rail& rail, std::string network, Task<rails::Reply> talk) {
  const Ticks began = clock_.ticks();
  rails::Reply reply = co_await std::move(talk);
  rails_.note_reply(rail, network, reply, clock_.ticks() - began);
  co_return reply;
}

Task<rails::Reply> Processor::send_order(rails::Rail& rail, rails::Order order) {
  if (order.bank) {
    const auto code = options_.banks.code_at(order.bank->bank, rail.name());
    if (!code) co_return rails::NotSent{"the rail has no code of the bank " + order.bank->bank};
    order.bank->bank = *code;
  }
  std::string network = order.network;
  switch (order.kind) {
    case rails::OrderKind::collect: co_return co_await heard(rail, std::move(network), rail.collect(std::move(order)));
    case rails::OrderKind::payout: co_return co_await heard(rail, std::move(network), rail.pay_out(std::move(order)));
    case rails::OrderKind::refund: co_return co_await heard(rail, std::move(network), rail.refund(std::move(order)));
  }
  EPAY_CHECK(false);
}

Task<void> Processor::add_customer(const rails::Rail& rail, const payments::Payment& payment, rails::Order& order) {
  if (!rail.capabilities().wants_customer || !payment.customer) co_return;
  const auto customer = co_await database_.read(
      [&payment](db::Transaction& tx) { return payments::find_customer(tx, payment.scope, *payment.customer); });
  if (!customer) co_return;
  order.name = customer->name;
  order.email = customer->email;
}

bool Processor::begin_asking(const payments::AttemptKey& key) { return asking_.try_emplace(key).second; }

Task<Result<>> Processor::claim_asking(payments::AttemptKey key) {
  if (!database_.is_shared()) co_return Result<>();
  co_return co_await database_.write(db::Lane::of(key.scope.merchant),
                                     [&key](db::Transaction& tx) { return payments::claim_asking(tx, key); });
}

// When it fails, the next outcome does it.
Task<void> Processor::release_asking(payments::AttemptKey key) {
  if (!database_.is_shared()) co_return;
  co_await database_.write(db::Lane::of(key.scope.merchant), [&key](db::Transaction& tx) -> Result<> {
    payments::release_asking(tx, key);
    return {};
  });
}

void Processor::end_asking(const payments::AttemptKey& key, std::optional<payments::AttemptStatus> stands) {
  const auto claims = std::move(asking_[key]);
  asking_.erase(key);
  if (std::exchange(poller_wants_room_, false)) poll_.notify();
  if (claims.empty() || !stands) return;
  const bool says_reversed = std::ranges::find(claims, rails::Claim::reversed) != claims.end();
  const bool doubted = says_reversed && *stands == payments::AttemptStatus::succeeded;
  if (!payments::is_open(*stands) && !doubted) return;
  on_callback(payments::rail_reference_of(key), doubted ? rails::Claim::reversed : rails::Claim::nothing);
}

// The one way in for whatever a rail says: makes it true, tells the dispatcher, keeps an eye on what stays open.
Task<Result<payments::Applied>> Processor::apply_outcome(payments::AttemptKey key, payments::Outcome outcome) {
  const int jitter = int(random_.below(400));
  const Timestamp now = clock_.now();
  auto applied =
      co_await database_.write(db::Lane::of(key.scope.merchant), [&key, &outcome, now, jitter](db::Transaction& tx) {
        return payments::apply_outcome(tx, key, outcome, now, jitter);
      });
  if (!applied) {
    log_.error("outcome_not_applied",
               {{"reference", payments::rail_reference_of(key)}, {"error", applied.error().message}});
    co_return std::unexpected(applied.error());
  }
  if (applied->alert) {
    log_.error("alert", {{"alert", *applied->alert},
                         {"merchant", key.scope.merchant},
                         {"payment", key.payment},
                         {"reference", payments::rail_reference_of(key)},
                         {"failure", applied->attempt.failure.value_or("")}});
  }
  dispatcher_.publish(std::exchange(applied->recorded, {}));
  expect_poll(applied->attempt.poll_at);
  if (observer_) observer_({applied->payment.kind, applied->payment.status, applied->ended});
  tell_change(key.scope, key.payment);
  co_return applied;
}

// Whoever looks at the payment or at its merchant's list, here and in the other processes.
void Processor::tell_change(Scope scope, PaymentId payment) {
  feed_.notify(scope.merchant);
  watchers_hear(scope, payment);
  if (database_.is_shared()) database_.announce({db::NoticeKind::payment, scope.merchant, payment.value});
}

void Processor::hear(const db::Notice& notice) {
  if (notice.kind != db::NoticeKind::payment) return;
  feed_.notify(notice.merchant);
  for (const Mode mode : {Mode::test, Mode::live}) watchers_hear({notice.merchant, mode}, {notice.subject});
}

void Processor::on_callback(std::string_view reference, rails::Claim claim) {
  const auto key = payments::attempt_of(reference);
  if (!key || stopping_) return;
  const bool fresh = begin_asking(*key);
  asking_[*key].push_back(claim);
  if (fresh) tasks_.spawn(ask(*key, options_.origin));
}

}  // namespace epay::processing
