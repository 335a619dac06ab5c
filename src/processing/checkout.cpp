// Checkouts: a customer's attempts, one after the other, each under a reference of its own.
#include "payments/checkout.h"

#include "base/check.h"
#include "processing/orders.h"
#include "processing/processor.h"

namespace epay::processing {
namespace {

constexpr int expired_at_once_max = 100;
constexpr std::size_t reference_letters = 11;
constexpr std::string_view reference_prefix = "EP-";

// A prompt may be sent again while the rail has the order, or may have it.
bool waits_for_prompt(const payments::Attempt& attempt) {
  using payments::AttemptStatus;
  switch (attempt.status) {
    case AttemptStatus::created:
    case AttemptStatus::submitted:
    case AttemptStatus::unknown: return true;
    case AttemptStatus::awaiting_redirect:
    case AttemptStatus::awaiting_input:
    case AttemptStatus::succeeded:
    case AttemptStatus::failed:
    case AttemptStatus::expired:
    case AttemptStatus::suspended:
    case AttemptStatus::reversed: return false;
  }
  return false;
}

}  // namespace

// ---- watching ----

Processor::Watch::Watch(Processor& processor, Scope scope, PaymentId payment)
    : processor_(processor), key_(scope, payment), signal_(processor.clock_) {
  processor_.watches_.emplace(key_, this);
}

Processor::Watch::~Watch() {
  auto [at, end] = processor_.watches_.equal_range(key_);
  for (; at != end; ++at) {
    if (at->second != this) continue;
    processor_.watches_.erase(at);
    return;
  }
}

Task<bool> Processor::Watch::changed(Ticks due) {
  if (!processor_.watches_closed_) co_await signal_.wait_until(due);
  co_return !processor_.watches_closed_;
}

void Processor::close_watches() {
  watches_closed_ = true;
  for (const auto& [key, watch] : watches_) watch->signal_.notify();
}

void Processor::watchers_hear(Scope scope, PaymentId payment) {
  auto [at, end] = watches_.equal_range({scope, payment});
  for (; at != end; ++at) at->second->signal_.notify();
}

void Processor::tell_ended(const payments::Payment& payment) {
  if (observer_) observer_({payment.kind, payment.status, true});
  tell_change(payment.scope, payment.id);
}

// ---- opening and trying ----

Task<Result<std::string>> Processor::open_page_payment(payments::NewPagePayment wanted) {
  wanted.now = clock_.now();
  wanted.reference = std::string(reference_prefix) + random_.text(reference_letters, Random::letters_and_digits);
  auto opened = co_await database_.write(db::Lane::of(wanted.page.merchant), [&wanted](db::Transaction& tx) {
    return payments::open_page_payment(tx, wanted);
  });
  if (!opened) co_return std::unexpected(opened.error());
  dispatcher_.publish(std::move(opened->recorded));
  co_return std::move(opened->token);
}

Result<rails::Rail*> Processor::route_checkout(const CheckoutAttempt& wanted) {
  return rails_.route({.merchant = wanted.scope.merchant,
                       .mode = wanted.scope.mode,
                       .channel = wanted.channel,
                       .currency = wanted.amount.currency,
                       .network = wanted.network ? wanted.network->name : ""});
}

Task<Result<std::int64_t>> Processor::surcharge(CheckoutAttempt wanted) {
  const auto rail = route_checkout(wanted);
  if (!rail) co_return std::unexpected(rail.error());
  const payments::FeeRuleKey key{wanted.scope.merchant, payments::PaymentKind::payment, wanted.amount.currency,
                                 static_cast<std::int64_t>((*rail)->id())};
  co_return co_await database_.read([&](db::Transaction& tx) -> Result<std::int64_t> {
    const auto rule = payments::ask_for_fee_rule(tx, key).get();
    EPAY_CHECK(rule.has_value());
    const payments::Fee fee = payments::fee_of(*rule, payments::PaymentKind::payment, wanted.amount);
    return fee.bearer == payments::FeeBearer::customer ? fee.minor : 0;
  });
}

Task<Result<payments::OpenAttempt>> Processor::begin_attempt(CheckoutAttempt wanted) {
  const auto rail = route_checkout(wanted);
  if (!rail) co_return std::unexpected(rail.error());
  const bool card = wanted.channel == rails::Channel::card;
  payments::NewAttempt attempt{.scope = wanted.scope,
                               .payment = wanted.payment,
                               .number = wanted.number,
                               .choice = {.method = card ? payments::Method::card : payments::Method::momo},
                               .rail = static_cast<std::int64_t>((*rail)->id()),
                               .surcharge_minor = wanted.surcharge_minor,
                               .now = clock_.now()};
  if (wanted.wallet) attempt.choice.wallet_number = wanted.wallet->national();
  if (wanted.network) attempt.choice.wallet_network = std::string(wanted.network->wire_name);
  auto open = co_await database_.write(db::Lane::of(attempt.scope.merchant), [&attempt](db::Transaction& tx) {
    return payments::begin_attempt(tx, attempt);
  });
  if (!open) co_return std::unexpected(open.error());
  begin_asking(open->attempt.key);
  rails::Order order = order_of(*open, std::move(wanted.origin));
  order.voucher = std::move(wanted.voucher);
  order.return_url = std::move(wanted.return_url);
  tasks_.spawn(send_attempt(*open, std::move(order)));
  co_return open;
}

// The attempt is stored and in asking_: from here on it is the poller's too, should this process end.
Task<void> Processor::send_attempt(payments::OpenAttempt open, rails::Order order) {
  const payments::AttemptKey key = open.attempt.key;
  rails::Rail* rail = rails_.find(static_cast<rails::RailId>(open.attempt.rail), open.attempt.key.scope.mode);
  EPAY_CHECK(rail != nullptr);
  co_await add_customer(*rail, open.payment, order);
  rails::Reply reply = co_await send_order(*rail, std::move(order));
  const auto applied = co_await apply_outcome(key, outcome_of(std::move(reply), *rail));
  end_asking(key, applied ? std::optional(applied->attempt.status) : std::nullopt);
  if (!applied) expect_poll(open.attempt.poll_at);
}

Task<Result<>> Processor::resend_prompt(Scope scope, PaymentId payment, std::string origin) {
  const auto no_prompt = [] { return fail(ErrorCode::conflict, "Nobody waits for a prompt"); };
  const auto find = [&] {
    return database_.read([scope, payment](db::Transaction& tx) -> Result<payments::OpenAttempt> {
      const auto last = payments::last_attempt(tx, {.scope = scope, .id = payment});
      if (!last) return fail(ErrorCode::conflict, "Nobody waits for a prompt");
      return payments::find_attempt(tx, last->key);
    });
  };
  auto open = co_await find();
  if (!open) co_return std::unexpected(open.error());
  const payments::AttemptKey key = open->attempt.key;
  if (!begin_asking(key)) co_return fail(ErrorCode::in_progress, "The prompt is on its way");
  // Only now does the attempt stand still.
  if (const auto claimed = co_await claim_asking(key); !claimed) {
    end_asking(key, std::nullopt);
    co_return claimed;
  }
  open = co_await find();
  auto stands = open ? std::optional(open->attempt.status) : std::nullopt;
  Result<> sent = no_prompt();
  if (!open) {
    sent = std::unexpected(open.error());
  } else if (open->attempt.key == key && waits_for_prompt(open->attempt) &&
             open->payment.method == payments::Method::momo) {
    rails::Rail* rail = rails_.find(static_cast<rails::RailId>(open->attempt.rail), open->attempt.key.scope.mode);
    if (rail == nullptr || !rail->capabilities().idempotent_by_reference) {
      sent = fail(ErrorCode::unsupported, "This network sends a prompt only once");
    } else {
      rails::Order order = order_of(*open, std::move(origin));
      co_await add_customer(*rail, open->payment, order);
      rails::Reply reply = co_await send_order(*rail, std::move(order));
      const auto applied = co_await apply_outcome(key, outcome_of(std::move(reply), *rail));
      if (applied) stands = applied->attempt.status;
      sent = applied ? Result<>() : std::unexpected(applied.error());
    }
  }
  if (!sent) co_await release_asking(key);
  end_asking(key, stands);
  co_return sent;
}

// ---- ending ----

Task<Result<>> Processor::give_up(Scope scope, PaymentId payment) {
  const Timestamp now = clock_.now();
  auto ended = co_await database_.write(
      [scope, payment, now](db::Transaction& tx) { return payments::give_up(tx, scope, payment, now); });
  if (!ended) co_return std::unexpected(ended.error());
  dispatcher_.publish(std::move(ended->recorded));
  tell_ended(ended->payment);
  co_return Result<>();
}

Task<bool> Processor::expire_checkouts() {
  const Timestamp now = clock_.now();
  auto ended = co_await database_.write([now](db::Transaction& tx) -> Result<std::vector<payments::Ended>> {
    return payments::expire_checkouts(tx, now, expired_at_once_max);
  });
  if (!ended) co_return false;
  for (payments::Ended& one : *ended) {
    dispatcher_.publish(std::move(one.recorded));
    tell_ended(one.payment);
  }
  co_return ended->size() == std::size_t(expired_at_once_max);
}

}  // namespace epay::processing
