// Deliveries in the store: what waits, and what each try gave.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/event.h"

namespace epay::events {

// ---- what waits ----

// The lanes after `after` (in key order) that have something due by `horizon` that this process has claimed or may
// claim; looks at no more than `looked_at_max` lanes. `after` is then the last one looked at; `done` when there are no
// more.
struct WaitingLanes {
  std::vector<LaneKey> lanes;
  LaneKey after;
  bool done = false;
};
WaitingLanes waiting_lanes(db::Transaction& tx, LaneKey after, Timestamp horizon, int looked_at_max);
struct WaitingQuery {
  bool background = false;
  Timestamp from, until;  // due then, both included
  int limit = 0;
};
// What waits in a lane for this process, earliest due first. In a write it claims before, of what is nobody's or was a
// dead process's, what there is room for; where the process is nobody there is nothing to claim, and a read does.
std::vector<Delivery> waiting_deliveries(db::Transaction& tx, LaneKey lane, const WaitingQuery& query);

// ---- one try ----

// The store keeps that much of an answer: a row of attempts then needs no page of its own, whoever pours.
inline constexpr std::size_t answer_kept_max = 512;

// What was sent is the event's payload, signed at `started_at`; this is what came back.
struct DeliveryAttempt {
  LaneKey lane;
  EventId event;
  int number = 1;
  Timestamp started_at;
  std::int64_t endpoint_version = 1;   // which names the URL
  std::optional<int> status;           // of the answer
  std::optional<std::string> failure;  // why there was none
  std::string answer;                  // its first answer_kept_max bytes
  microseconds dns{0}, connect{0}, tls{0}, first_byte{0}, total{0};

  bool delivered() const { return status && *status >= 200 && *status < 300; }
};

// What becomes of a delivery after a try.
struct DeliveryState {
  DeliveryStatus status = DeliveryStatus::waiting;
  int uncounted_tries = 0;
  std::optional<Timestamp> due_at;  // of the next try
  bool let_go = false;              // which is so far off that anybody may make it
};

struct AttemptRecorded {
  bool superseded = false;  // somebody else has taken it over: nothing was changed
  DeliveryState state;      // as it stands: it may have been sent again on purpose meanwhile
  std::int64_t resends = 0;
  ProcessId owner;
  std::optional<Delivery> next;  // the payment's next event, where it was waiting for this one
};
// What the delivery said before the try, beside its key.
struct BeforeTry {
  std::int64_t resends = 0;
  ProcessId owner = {};
};
AttemptRecorded record_attempt(db::Transaction& tx, const DeliveryAttempt& attempt, const DeliveryState& state,
                               const BeforeTry& before, Timestamp now);

// Sends it (again), with the full schedule before it, whatever became of it so far. What another process has claimed
// stays with that one. Errors: not_found, conflict (its endpoint is disabled, or it waits for an earlier event of its
// payment).
Result<Delivery> resend(db::Transaction& tx, LaneKey lane, EventId event, std::optional<RedeliveryId> redelivery,
                        Timestamp now);
// What waits for a deleted endpoint, at most `limit`, and what waits for that; how many were cancelled.
std::int64_t cancel_waiting(db::Transaction& tx, LaneKey lane, int limit, Timestamp now);

// How long attempts are kept.
inline constexpr hours attempts_kept_for{90 * 24};
// Deletes attempts that were begun before `before`, of some lanes after `after`, at most `limit`. Where to go on;
// nothing when there is no further lane. Where the store keeps them in pieces of time, it drops those that are over and
// makes those of the time to come, at once.
struct AttemptsDeleted {
  std::int64_t count = 0;
  std::optional<LaneKey> after;
};
AttemptsDeleted delete_attempts(db::Transaction& tx, LaneKey after, Timestamp before, int limit);

struct DeliverySummary {
  EndpointId endpoint;
  EventId event;
  EventType type;
  DeliveryStatus status;
  int tries;
  std::optional<Timestamp> due_at;
};
// Newest first.
std::vector<DeliverySummary> recent_deliveries(db::Transaction& tx, MerchantId merchant, int limit);

// ---- what other processes change ----

// Called in every transaction by which a process that does not serve makes something due or changes an endpoint.
void note_outside_change(db::Transaction& tx);
std::int64_t outside_changes(db::Transaction& tx);

}  // namespace epay::events
