// Sending to an endpoint again: what failed since some time (recover), or everything since then (replay), for instance
// to an endpoint made later. A walk over the merchant's events that can be stopped and goes on where it stopped.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/event.h"

namespace epay::events {

struct RedeliveryKey {
  MerchantId merchant;
  RedeliveryId id;
  friend auto operator<=>(const RedeliveryKey&, const RedeliveryKey&) = default;
};

struct Redelivery {
  enum class Kind : std::int64_t { recover = 1, replay = 2 };
  enum class Status : std::int64_t { running = 1, cancelled = 2, done = 3 };

  RedeliveryKey key;
  EndpointId endpoint;
  Kind kind = Kind::recover;
  bool delivered_too = false;  // replay: also what the endpoint has had already
  Timestamp since, until;      // of the events
  EventId first, last;         // what it walks over
  EventId cursor;              // what it has walked over so far
  Status status = Status::running;
  std::int64_t total = 0;      // how many there were to look at when it began
  std::int64_t sent = 0;       // handed to the dispatcher
  std::int64_t delivered = 0;  // of them, by now
  Timestamp created_at, updated_at;

  LaneKey lane() const { return {key.merchant, endpoint}; }
};
std::string_view name_of(Redelivery::Kind kind);
std::string_view name_of(Redelivery::Status status);

struct NewRedelivery {
  LaneKey lane;
  Redelivery::Kind kind = Redelivery::Kind::recover;
  bool delivered_too = false;
  Timestamp since, until;
  Timestamp now;
};

// Errors: not_found (no such endpoint), conflict (it is disabled, or one is running for it already).
Result<Redelivery> create_redelivery(db::Transaction& tx, const NewRedelivery& wanted);
// Error: not_found.
Result<Redelivery> find_redelivery(db::Transaction& tx, RedeliveryKey key);
// Newest first.
std::vector<Redelivery> list_redeliveries(db::Transaction& tx, MerchantId merchant, int limit);
// Those of endpoints for events of the scope's mode, or of both.
std::vector<Redelivery> list_redeliveries(db::Transaction& tx, Scope scope, int limit);
// Of all merchants, at most `limit`, after `after` in key order.
std::vector<Redelivery> running_redeliveries(db::Transaction& tx, RedeliveryKey after, int limit);

// What has been handed to the dispatcher is still sent. Errors: not_found, conflict (it is not running).
Result<Redelivery> cancel_redelivery(db::Transaction& tx, RedeliveryKey key, Timestamp now);
// Errors: not_found, conflict (it was not cancelled, or another is running for its endpoint).
Result<Redelivery> resume_redelivery(db::Transaction& tx, RedeliveryKey key, Timestamp now);

struct RedeliveryStep {
  Redelivery redelivery;  // as it stands now
  std::vector<Delivery> deliveries;
  bool endpoint_disabled = false;  // nothing was done
};
// Makes the next deliveries of a running one due, at most `limit`. Error: not_found.
Result<RedeliveryStep> step_redelivery(db::Transaction& tx, RedeliveryKey key, int limit, Timestamp now);
// How many deliveries of it were handed over and have not been tried since; counts no further than some hundreds.
int untried_of_redelivery(db::Transaction& tx, const Redelivery& redelivery);
void count_redelivered(db::Transaction& tx, RedeliveryKey key);

// The merchant's first event that was recorded at or after `since`, if the clock was never set back; `none` when all
// are older.
std::optional<EventId> first_event_since(db::Transaction& tx, MerchantId merchant, Timestamp since);

}  // namespace epay::events
