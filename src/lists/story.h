// A payment's whole story: what was asked of rails and what they said, what moved in the books, who was told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/delivery_log.h"
#include "events/event_log.h"
#include "ledger/ledger.h"
#include "lists/payment_list.h"
#include "payments/payment.h"
#include "payments/refund.h"

namespace epay::lists {

struct StoryAttempt {
  int number = 1;
  std::int64_t rail = 0;  // rails::RailId
  payments::AttemptStatus status = payments::AttemptStatus::created;
  std::optional<std::string> rail_id, failure;
  std::string our_reference;  // at the rail
  int polls = 0;
  std::optional<Timestamp> poll_at;
  Timestamp created_at, updated_at;
};

struct StoryEntry {
  TransferId id;
  ledger::Reason reason = ledger::Reason::payment;
  Money amount;
  Timestamp created_at;
  std::optional<std::int64_t> available_after_minor;
};

struct StoryDelivery {
  events::LoggedDelivery delivery;
  std::string url;                                // where it went last
  std::vector<events::DeliveryAttempt> attempts;  // the latest, in their order
};

struct StoryEvent {
  events::LoggedEvent event;
  std::vector<StoryDelivery> deliveries;
};

struct Story {
  ListedPayment payment;
  std::vector<StoryAttempt> attempts;
  std::vector<StoryEntry> entries;
  std::vector<StoryEvent> events;  // the latest first, at most story_events_max
  // Of a payment: what was given back, the first first, and what may be. Of a refund: the payment.
  std::vector<payments::Refund> refunds;
  std::int64_t left_to_refund_minor = 0;
  std::optional<payments::Payment> refund_of;
};
inline constexpr int story_events_max = 20;
inline constexpr int story_attempts_max = 100;

// Error: not_found (also when it is another merchant's or of the other mode).
Result<Story> story_of(db::Transaction& tx, Scope scope, PaymentId payment);

}  // namespace epay::lists
