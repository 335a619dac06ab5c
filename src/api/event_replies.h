// Events, deliveries and their tries, as the API shows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "db/database.h"
#include "events/delivery_log.h"
#include "events/event_log.h"

namespace epay::api {

std::string_view wire_name(Mode mode);

// {"id", "type", "mode", "sequence", "created_at", "payload"}; `payload` is what was sent, to the byte.
void write_event(JsonWriter& json, const events::LoggedEvent& event);

// A delivery with the reference of the payment that its event tells of.
struct ShownDelivery {
  events::LoggedDelivery delivery;
  std::optional<std::string> reference;
};
// The event with its "deliveries" besides.
void write_event(JsonWriter& json, const events::LoggedEvent& event, const std::vector<ShownDelivery>& deliveries);
std::vector<ShownDelivery> with_references(db::Transaction& tx, std::vector<events::LoggedDelivery> deliveries);
void write_delivery(JsonWriter& json, const ShownDelivery& shown);

// All there is to say of one delivery.
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
// The delivery, with its payload and its tries: what was sent, as far as it is known, and what came back.
void write_details(JsonWriter& json, const DeliveryDetails& details);

}  // namespace epay::api
