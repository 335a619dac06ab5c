// Deliveries with what they tell of: all there is to say of one, for whoever shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/delivery_log.h"
#include "events/event_log.h"

namespace epay::payments {

// A delivery with the reference of the payment that its event tells of.
struct ShownDelivery {
  events::LoggedDelivery delivery;
  std::optional<std::string> reference;
};
std::vector<ShownDelivery> with_references(db::Transaction& tx, std::vector<events::LoggedDelivery> deliveries);

struct DeliveryDetails {
  ShownDelivery shown;
  events::LoggedEvent event;
  struct Try {
    events::DeliveryAttempt attempt;
    std::optional<std::string> url;
  };
  std::vector<Try> tries;
};
// Error: not_found.
Result<DeliveryDetails> find_details(db::Transaction& tx, Scope scope, events::DeliveryName name);

}  // namespace epay::payments
