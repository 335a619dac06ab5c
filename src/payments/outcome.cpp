#include "payments/outcome.h"

#include <algorithm>

#include "base/check.h"
#include "ledger/ledger.h"
#include "payments/checkout.h"
#include "payments/ending.h"
#include "payments/payment_store.h"
#include "payments/poll_schedule.h"
#include "payments/refund.h"
#include "payments/withdrawal.h"

namespace epay::payments {
namespace {

// Of outgoing money that had been sent and may have come back: so long between questions, and so many of them.
constexpr minutes doubt_poll_every{15};
constexpr int doubt_polls_max = 300;

// Changes the attempt's row from the state that was read. What else changed in `attempt` is written with it. One row
// must be changed: looked at when all else has been asked for.
db::Changes move_attempt(db::Transaction& tx, Attempt& attempt, AttemptStatus to, Timestamp now) {
  const AttemptStatus from = attempt.status;
  EPAY_CHECK(from == to || may_follow(from, to));
  attempt.status = to;
  return tx.execute(store::update_attempt, attempt.key.scope.merchant, attempt.key.payment, attempt.key.number, from,
                    to, attempt.rail_id, attempt.redirect_url, attempt.failure, attempt.polls, attempt.poll_at, now);
}

void post_success(db::Transaction& tx, const Applied& applied, Timestamp now) {
  const Payment& payment = applied.payment;
  const int rail = int(applied.attempt.rail);
  const auto posted = is_outgoing(payment.kind) ? ledger::settle(tx, withdrawal_of(payment), rail, now)
                                                : ledger::credit_wallet(tx, payment.scope, payment.id, rail,
                                                                        payment.charged(), payment.fee_minor, now);
  EPAY_CHECK(posted.has_value());
}

// Each of these gives what move_attempt() gave.
db::Changes succeed(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now) {
  Payment& payment = applied.payment;
  Attempt& attempt = applied.attempt;
  EPAY_CHECK(outcome.amount.has_value());
  attempt.poll_at.reset();
  if (*outcome.amount != payment.charged()) {
    // The rail moved another amount than was asked for: nothing is credited by guessing.
    const auto show = [](const Money& money) {
      return std::to_string(money.minor) + " minor units of " + std::string(money.currency.code());
    };
    attempt.failure = "the rail reports " + show(*outcome.amount) + " instead of " + show(payment.charged());
    applied.alert = "wrong_amount";
    const bool plausible = outcome.amount->minor > 0 && outcome.amount->minor <= Money::minor_max;
    if (payment.kind == PaymentKind::payment && plausible) {
      const auto posted = ledger::suspend(tx, payment.scope, payment.id, int(attempt.rail), *outcome.amount, now);
      EPAY_CHECK(posted.has_value());
    }
    return move_attempt(tx, attempt, AttemptStatus::suspended, now);
  }
  attempt.failure.reset();
  auto moved = move_attempt(tx, attempt, AttemptStatus::succeeded, now);
  auto ended = end_payment(tx, payment, PaymentStatus::succeeded, now);
  post_success(tx, applied, now);
  applied.ended = true;
  applied.recorded = std::move(ended).recorded();
  return moved;
}

db::Changes fail_attempt(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now) {
  Payment& payment = applied.payment;
  applied.attempt.poll_at.reset();
  applied.attempt.failure = outcome.failure;
  auto moved = move_attempt(tx, applied.attempt, AttemptStatus::failed, now);
  // The merchant of an expired payment has heard "failed" already.
  if (payment.status == PaymentStatus::expired) return moved;
  if (may_try_again(payment, applied.attempt, now)) {
    reopen(tx, payment, now);
    return moved;
  }
  auto ended = end_payment(tx, payment, PaymentStatus::failed, now);
  if (is_outgoing(payment.kind)) {
    const auto released = ledger::release(tx, withdrawal_of(payment), now);
    EPAY_CHECK(released.has_value());
  }
  if (payment.kind == PaymentKind::refund) give_up_reserve(tx, payment);
  applied.ended = true;
  applied.recorded = std::move(ended).recorded();
  return moved;
}

// Still open. Our own deadline counts only once the rail has said, after it, that the money has not moved.
db::Changes stay_open(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now, int jitter) {
  Payment& payment = applied.payment;
  Attempt& attempt = applied.attempt;
  const bool answered = outcome.kind == Outcome::Kind::pending;
  if (answered) attempt.failure.reset();
  if (outcome.failure) attempt.failure = outcome.failure;
  ++attempt.polls;
  attempt.poll_at = next_poll_at(payment.kind, attempt.created_at, now, jitter);
  if (attempt.poll_at) attempt.poll_at = std::max(*attempt.poll_at, attempt.created_at + outcome.first_poll_after);
  // Whoever waits hears at the deadline, not at some poll after it.
  const bool deadline_ahead = payment.kind == PaymentKind::payment && now < payment.expires_at;
  if (deadline_ahead && attempt.poll_at) attempt.poll_at = std::min(*attempt.poll_at, payment.expires_at);
  if (!attempt.poll_at) applied.alert = "outcome_still_open";

  if (attempt.status == AttemptStatus::expired) return move_attempt(tx, attempt, AttemptStatus::expired, now);
  if (answered && payment.kind == PaymentKind::payment && payment.expires_at <= now) {
    auto moved = move_attempt(tx, attempt, AttemptStatus::expired, now);
    applied.ended = true;
    applied.recorded = end_payment(tx, payment, PaymentStatus::expired, now).recorded();
    return moved;
  }
  auto moved = move_attempt(tx, attempt, answered ? outcome.waiting_for : AttemptStatus::unknown, now);
  if (answered) applied.recorded = tell_pending(tx, applied.payment, now);
  return moved;
}

db::Changes apply(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now, int jitter) {
  switch (outcome.kind) {
    case Outcome::Kind::succeeded: return succeed(tx, applied, outcome, now);
    case Outcome::Kind::failed:
    // What moved and came back before we heard of either has not moved for us.
    case Outcome::Kind::reversed: return fail_attempt(tx, applied, outcome, now);
    case Outcome::Kind::pending:
    case Outcome::Kind::unknown: break;
  }
  return stay_open(tx, applied, outcome, now, jitter);
}

// Outgoing money that had moved has come back: it is the merchant's again.
db::Changes reverse(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now) {
  Payment& payment = applied.payment;
  applied.attempt.poll_at.reset();
  applied.attempt.failure = outcome.failure;
  auto moved = move_attempt(tx, applied.attempt, AttemptStatus::reversed, now);
  auto ended = end_payment(tx, payment, PaymentStatus::reversed, now);
  const auto back = ledger::put_back(tx, withdrawal_of(payment), int(applied.attempt.rail), now);
  EPAY_CHECK(back.has_value());
  if (payment.kind == PaymentKind::refund) give_up_reserve(tx, payment);
  applied.ended = true;
  applied.recorded = std::move(ended).recorded();
  return moved;
}

// The attempt is asked about once more although it has succeeded, until the rail says whether that still holds.
db::Changes stay_in_doubt(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now) {
  Attempt& attempt = applied.attempt;
  ++attempt.polls;
  attempt.poll_at = now + doubt_poll_every;
  if (outcome.kind == Outcome::Kind::succeeded || attempt.polls > doubt_polls_max) attempt.poll_at.reset();
  if (attempt.polls > doubt_polls_max) applied.alert = "outcome_still_open";
  return move_attempt(tx, attempt, attempt.status, now);
}

// The rail has given its last word before. The same word again is fine; another one moves nothing, but for the one that
// what had been sent has come back.
void hear_again(db::Transaction& tx, Applied& applied, const Outcome& outcome, Timestamp now) {
  const AttemptStatus stands = applied.attempt.status;
  const bool sent = stands == AttemptStatus::succeeded && is_outgoing(applied.payment.kind);
  if (sent && outcome.kind == Outcome::Kind::reversed) {
    EPAY_CHECK(reverse(tx, applied, outcome, now) == 1);
    return;
  }
  const bool took_back = outcome.kind == Outcome::Kind::failed || outcome.kind == Outcome::Kind::reversed;
  const bool contradicts = (outcome.kind == Outcome::Kind::succeeded && stands == AttemptStatus::failed) ||
                           (took_back && stands == AttemptStatus::succeeded);
  if (contradicts) applied.alert = "rail_contradicts_itself";
  if (applied.attempt.poll_at) EPAY_CHECK(stay_in_doubt(tx, applied, outcome, now) == 1);
}

}  // namespace

Result<Applied> apply_outcome(db::Transaction& tx, const AttemptKey& key, const Outcome& outcome, Timestamp now,
                              int jitter) {
  auto found = find_attempt(tx, key);
  if (!found) return std::unexpected(found.error());
  Applied applied{.payment = std::move(found->payment), .attempt = std::move(found->attempt)};
  if (!is_open(applied.attempt.status)) {
    hear_again(tx, applied, outcome, now);
    return applied;
  }
  if (outcome.rail_id) applied.attempt.rail_id = outcome.rail_id;
  // The first page stands: it was made with the address under which the merchant knows us.
  if (!applied.attempt.redirect_url) applied.attempt.redirect_url = outcome.redirect_url;
  EPAY_CHECK(apply(tx, applied, outcome, now, jitter) == 1);
  return applied;
}

bool doubt(db::Transaction& tx, const AttemptKey& key, Timestamp now) {
  return tx.execute(store::doubt_attempt, key.scope.merchant, key.payment, key.number, AttemptStatus::succeeded, now,
                    tx.process()) == 1;
}

}  // namespace epay::payments
