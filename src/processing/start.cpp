// Taking and sending money: persist, then send, then apply the reply.
#include "processing/orders.h"
#include "processing/processor.h"

namespace epay::processing {
namespace {

using payments::StoredAnswer;
using Answer = std::variant<Started, StoredAnswer>;

}  // namespace

Task<Result<Answer>> Processor::start_charge(ChargeRequest request) {
  const auto rail = rails_.route({.merchant = request.scope.merchant,
                                  .mode = request.scope.mode,
                                  .channel = request.channel,
                                  .currency = request.amount.currency,
                                  .network = request.network ? request.network->name : ""});
  if (!rail) co_return std::unexpected(rail.error());
  const bool prompts = request.wallet && (*rail)->capabilities().reaches_people;
  if (prompts && !co_await was_asked_before(request.scope.merchant, request.key)) {
    if (const auto wait = take_prompt(request.scope.merchant, *request.wallet)) {
      const auto seconds_left = std::chrono::ceil<seconds>(*wait).count();
      co_return fail(ErrorCode::too_many_requests, "This number has been asked often enough for now; try again in " +
                                                       std::to_string(seconds_left) + " s");
    }
  }
  payments::NewPayment wanted{
      .scope = request.scope,
      .kind = payments::PaymentKind::payment,
      .reference = std::move(request.reference),
      .customer = std::move(request.customer),
      .method = request.channel == rails::Channel::card ? payments::Method::card : payments::Method::momo,
      .amount = request.amount,
      .description = std::move(request.description),
      .rail = static_cast<std::int64_t>((*rail)->id()),
      .key = std::move(request.key)};
  if (request.wallet) wanted.wallet_number = request.wallet->national();
  if (request.network) wanted.wallet_network = std::string(request.network->wire_name);
  rails::Order order{.voucher = std::move(request.voucher), .origin = std::move(request.origin)};
  co_return co_await start(std::move(wanted), **rail, std::move(order));
}

Task<Result<Answer>> Processor::start_payout(PayoutRequest request) {
  const auto rail = route_payout(request.scope, request.amount.currency, request.payee);
  if (!rail) co_return std::unexpected(rail.error());
  payments::NewPayment wanted{.scope = request.scope,
                              .kind = payments::PaymentKind::payout,
                              .reference = std::move(request.reference),
                              .method = request.payee.method,
                              .wallet_number = std::move(request.payee.number),
                              .wallet_network = std::move(request.payee.network),
                              .payee_name = std::move(request.payee_name),
                              .amount = request.amount,
                              .description = std::move(request.description),
                              .rail = static_cast<std::int64_t>((*rail)->id()),
                              .key = std::move(request.key)};
  rails::Order order{.origin = std::move(request.origin)};
  co_return co_await start(std::move(wanted), **rail, std::move(order));
}

// `extra` carries what is not stored: the voucher and the caller's idea of our address.
Task<Result<Answer>> Processor::start(payments::NewPayment wanted, rails::Rail& rail, rails::Order extra) {
  wanted.now = clock_.now();
  auto opening = co_await database_.write(db::Lane::of(wanted.scope.merchant), [&wanted](db::Transaction& tx) {
    return payments::open_payment(tx, wanted);
  });
  co_return co_await send_first(std::move(opening), rail, std::move(extra));
}

Task<Result<Answer>> Processor::send_first(Result<Opening> opening, rails::Rail& rail, rails::Order extra) {
  if (!opening) co_return std::unexpected(opening.error());
  if (auto* answer = std::get_if<StoredAnswer>(&*opening)) co_return Answer(std::move(*answer));
  auto& opened = std::get<payments::Opened>(*opening);
  dispatcher_.publish(std::exchange(opened.recorded, {}));
  tell_change(opened.payment.scope, opened.payment.id);
  if (!opened.attempt)
    co_return fail(ErrorCode::conflict, "The reference " + opened.payment.reference + " has been used already");
  if (opened.resumed) {
    auto resumed = co_await resume(std::move(opened), std::move(extra.origin));
    if (!resumed) co_return std::unexpected(resumed.error());
    co_return Answer(*std::move(resumed));
  }

  const payments::AttemptKey key = opened.attempt->key;
  begin_asking(key);
  rails::Order order = order_of({opened.payment, *opened.attempt, opened.original}, std::move(extra.origin));
  order.voucher = std::move(extra.voucher);
  if (opened.customer) {
    order.name = opened.customer->name;
    order.email = opened.customer->email;
  }
  rails::Reply reply = co_await send_order(rail, std::move(order));
  auto applied = co_await apply_outcome(key, outcome_of(std::move(reply), rail));
  end_asking(key, applied ? std::optional(applied->attempt.status) : std::nullopt);
  if (!applied) {
    expect_poll(opened.attempt->poll_at);
    co_return std::unexpected(applied.error());
  }
  co_return Answer(Started{std::move(applied->payment), std::move(opened.customer), std::move(applied->attempt)});
}

// A request that a process took on and died over is answered with what stands. Where the rail's reply is not known, the
// rail is asked first: without it there is no page to send a card's owner to.
Task<Result<Started>> Processor::resume(payments::Opened opened, std::string origin) {
  using payments::AttemptStatus;
  const payments::AttemptKey key = opened.attempt->key;
  const bool known =
      opened.attempt->status != AttemptStatus::created && opened.attempt->status != AttemptStatus::unknown;
  if (known) co_return Started{std::move(opened.payment), std::move(opened.customer), *std::move(opened.attempt)};
  if (!begin_asking(key))
    co_return fail(ErrorCode::in_progress, "The transaction is being worked on; try again shortly");
  co_await ask(key, std::move(origin));
  auto stands = co_await database_.read([&key](db::Transaction& tx) { return payments::find_attempt(tx, key); });
  if (!stands) co_return std::unexpected(stands.error());
  co_return Started{std::move(stands->payment), std::move(opened.customer), std::move(stands->attempt)};
}

Task<Result<Started>> Processor::submit_input(Scope scope, std::string reference, std::string input) {
  const auto not_asked = [&] {
    return fail(ErrorCode::conflict, "The transaction " + reference + " is not waiting for a code");
  };
  const auto key = co_await database_.read([&](db::Transaction& tx) -> Result<std::optional<payments::AttemptKey>> {
    const auto payment = payments::find_payment(tx, scope, reference);
    if (!payment) return std::unexpected(payment.error());
    const auto attempt = payments::last_attempt(tx, *payment);
    return attempt ? std::optional(attempt->key) : std::nullopt;
  });
  if (!key) co_return std::unexpected(key.error());
  if (!*key) co_return not_asked();
  if (!begin_asking(**key))
    co_return fail(ErrorCode::in_progress, "The transaction is being worked on; try again shortly");
  // Only now does the attempt stand still.
  const auto claimed = co_await claim_asking(**key);
  auto submitted = claimed ? co_await submit_input_alone(**key, std::move(input))
                           : Result<Started>(std::unexpected(claimed.error()));
  if (claimed && !submitted) co_await release_asking(**key);
  end_asking(**key, submitted ? std::optional(submitted->attempt.status) : std::nullopt);
  if (!submitted && submitted.error().code == ErrorCode::conflict) co_return not_asked();
  co_return submitted;
}

// `key` is in asking_. Error: conflict when no code is asked for.
Task<Result<Started>> Processor::submit_input_alone(payments::AttemptKey key, std::string input) {
  const auto open = co_await database_.read([&key](db::Transaction& tx) { return payments::find_attempt(tx, key); });
  if (!open) co_return std::unexpected(open.error());
  if (open->attempt.status != payments::AttemptStatus::awaiting_input) co_return fail(ErrorCode::conflict, "");
  rails::Rail* rail = rails_.find(static_cast<rails::RailId>(open->attempt.rail), open->attempt.key.scope.mode);
  if (rail == nullptr) co_return fail(ErrorCode::unavailable, "The payment rail of this transaction is switched off");
  const rails::Order order = order_of(*open, options_.origin);
  rails::Reply reply = co_await heard(*rail, order.network, rail->submit_input(order, std::move(input)));
  if (const auto* not_sent = std::get_if<rails::NotSent>(&reply))
    co_return fail(ErrorCode::unavailable, not_sent->cause);
  const bool unknown = std::holds_alternative<rails::Unknown>(reply);
  const auto* pending = std::get_if<rails::Pending>(&reply);
  const bool refused = pending != nullptr && pending->input_refused;
  auto applied = co_await apply_outcome(key, outcome_of(std::move(reply), *rail));
  if (!applied) co_return std::unexpected(applied.error());
  if (unknown) co_return fail(ErrorCode::unavailable, "the rail did not say whether it has the code");
  if (refused) co_return fail(ErrorCode::invalid, "The code is wrong; it may be told again");
  co_return Started{std::move(applied->payment), std::nullopt, std::move(applied->attempt)};
}

}  // namespace epay::processing
