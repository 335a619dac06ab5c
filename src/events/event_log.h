// A merchant's events as readers see them: page by page, forwards for who follows them and backwards for who looks at
// the latest. No call looks at more than a fixed number of them, however few it lets through.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/event.h"

namespace epay::events {

inline constexpr int events_looked_at_max = 1'024;

struct LoggedEvent {
  EventId id;
  EventType type = EventType::payment_success;
  Mode mode = Mode::test;
  int sequence = 1;
  std::optional<PaymentId> payment;
  Timestamp created_at;
  std::string payload;
};

struct EventQuery {
  Scope scope;                      // events of its mode alone
  std::optional<EventTypes> types;  // none: all
  int limit = 0;
};

struct EventPage {
  std::vector<LoggedEvent> events;
  EventId cursor;         // the last one looked at: where the next page begins
  bool has_more = false;  // there are events beyond the cursor, perhaps none that are let through
};

// Those after `after`, in their order. An event that is committed later has a later id, so none is ever skipped.
EventPage events_after(db::Transaction& tx, const EventQuery& query, EventId after);
// Those before `before`, newest first; from the newest on when there is none.
EventPage events_before(db::Transaction& tx, const EventQuery& query, std::optional<EventId> before);

// Error: not_found (also when it is of the other mode).
Result<LoggedEvent> find_event(db::Transaction& tx, Scope scope, EventId id);
// The merchant's latest of any mode; 0 when there is none.
EventId last_event(db::Transaction& tx, MerchantId merchant);

}  // namespace epay::events
