// One try, made true: the attempt in the log, the delivery's next state, the endpoint's health, and what follows from
// it for others, in one transaction.
#pragma once

#include <optional>

#include "db/database.h"
#include "events/delivery.h"
#include "events/event.h"
#include "webhooks/verdict.h"

namespace epay::webhooks {

struct FinishedTry {
  events::DeliveryAttempt attempt;
  events::Delivery delivery;  // as it was before
  Verdict verdict;
  // Of the endpoint's breaker, where this failure opened it.
  std::optional<Timestamp> rests_until;
  std::int64_t breaker_opened = 0;
  bool timed_out = false;    // nothing came in time
  bool ends_rest = true;     // a success that was begun before its endpoint was told to rest proves nothing
  bool was_failing = false;  // as far as is known: of a good endpoint that stays good, nothing is kept
};

struct TryRecorded {
  bool superseded = false;      // another process has taken the delivery over: nothing was changed
  events::DeliveryState state;  // of the delivery, as it stands
  std::int64_t resends = 0;
  ProcessId owner;
  events::Recorded recorded;      // to be published; with the payment's next event, if it waited for this one
  bool endpoint_changed = false;  // it was disabled
  bool letter_queued = false;
};

TryRecorded record_try(db::Transaction& tx, const FinishedTry& finished, Timestamp now);

}  // namespace epay::webhooks
