// What a rail said about an attempt, and the one function that makes it true: status, books, event and deliveries in
// one transaction. Callback, poll, statement and the create's own reply all end here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"
#include "payments/payment.h"

namespace epay::payments {

struct Outcome {
  enum class Kind {
    pending,    // the rail has it and has not decided
    succeeded,  // the money moved: `amount`
    failed,     // it did not and will not: `failure`
    reversed,   // it had moved, and has come back: `failure` says why
    unknown,    // nothing readable came back: `failure` says what did
  };
  Kind kind = Kind::unknown;
  AttemptStatus waiting_for = AttemptStatus::submitted;  // pending: submitted, awaiting_redirect or awaiting_input
  std::optional<std::string> rail_id;
  std::optional<std::string> redirect_url;
  std::optional<Money> amount;
  std::optional<std::string> failure;
  microseconds first_poll_after{0};  // from the attempt's beginning: earlier the rail does not want to be asked
};

struct Applied {
  Payment payment;
  Attempt attempt;
  bool ended = false;                // this outcome ended the payment
  events::Recorded recorded;         // to be published once this is durable
  std::optional<std::string> alert;  // the rail contradicted itself or us: nothing moved, a person must look
};

// Outgoing money that had moved and has come back is put back, once. `jitter` is chance in [0, 400), for the next poll.
// Error: not_found.
Result<Applied> apply_outcome(db::Transaction& tx, const AttemptKey& key, const Outcome& outcome, Timestamp now,
                              int jitter);

// Somebody says that outgoing money has come back: the attempt, which has succeeded, is this process's to ask about
// from now on, until the rail says what holds. False where it has not succeeded.
bool doubt(db::Transaction& tx, const AttemptKey& key, Timestamp now);

}  // namespace epay::payments
