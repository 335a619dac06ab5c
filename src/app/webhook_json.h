// Endpoints, deliveries and redeliveries as the command line shows them: to programs in the shape of the API, to people
// in lines.
#pragma once

#include <optional>
#include <string>

#include "base/json_writer.h"
#include "events/delivery.h"
#include "events/endpoint.h"
#include "events/health.h"
#include "events/operator_view.h"
#include "events/redelivery.h"

namespace epay::app {

// How an endpoint stands.
struct EndpointStanding {
  events::Endpoint endpoint;
  events::Health health;
  std::size_t secrets = 0;  // that sign now

  std::string_view status(Timestamp now) const;  // "enabled", "failing", "resting", "disabled"
};

void write_endpoint(JsonWriter& json, const EndpointStanding& standing, Timestamp now);
void write_delivery(JsonWriter& json, const events::DeliveryRow& delivery);
void write_attempt(JsonWriter& json, const events::DeliveryAttempt& attempt, const std::optional<std::string>& url);
void write_redelivery(JsonWriter& json, const events::Redelivery& redelivery);

std::string endpoint_line(const EndpointStanding& standing, Timestamp now);
std::string delivery_line(const events::DeliveryRow& delivery);
std::string attempt_line(const events::DeliveryAttempt& attempt, const std::optional<std::string>& url);
std::string redelivery_line(const events::Redelivery& redelivery);

// "payment.success,ping"; "*" for every type there is.
std::string type_names(events::EventTypes types);
// The other way round. Error: invalid, naming what is no type.
Result<events::EventTypes> parse_types(const std::vector<std::string>& names);
events::EventTypes all_types();

}  // namespace epay::app
