// Events, deliveries and their tries, as the API shows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "db/database.h"
#include "events/delivery_log.h"
#include "events/event_log.h"
#include "payments/delivery_details.h"

namespace epay::api {

using payments::DeliveryDetails;
using payments::ShownDelivery;

std::string_view wire_name(Mode mode);

// {"id", "type", "mode", "sequence", "created_at", "payload"}; `payload` is what was sent, to the byte.
void write_event(JsonWriter& json, const events::LoggedEvent& event);

// The event with its "deliveries" besides.
void write_event(JsonWriter& json, const events::LoggedEvent& event, const std::vector<ShownDelivery>& deliveries);
void write_delivery(JsonWriter& json, const ShownDelivery& shown);

// The delivery, with its payload and its tries: what was sent, as far as it is known, and what came back.
void write_details(JsonWriter& json, const DeliveryDetails& details);

}  // namespace epay::api
