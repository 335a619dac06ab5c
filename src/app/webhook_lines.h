// Endpoints, deliveries and redeliveries as the command line shows them: to programs as the API does, to people in
// lines.
#pragma once

#include <string>

#include "api/event_replies.h"
#include "base/crypto.h"
#include "events/delivery.h"
#include "events/endpoint.h"
#include "events/health.h"
#include "events/redelivery.h"
#include "events/signing_secret.h"

namespace epay::app {

// An endpoint with what else is known of it.
struct EndpointView {
  events::Endpoint endpoint;
  events::Health health;
  std::vector<events::SigningSecret> secrets;  // that sign now, the newest first
  std::string json;
};
// Errors: not_found, unavailable (another master key).
Result<EndpointView> view_endpoint(db::Transaction& tx, events::LaneKey key, const Vault& vault, Timestamp now);

std::string endpoint_line(const EndpointView& view, Timestamp now);
std::string delivery_line(const events::LoggedDelivery& delivery);
std::string attempt_line(const events::DeliveryAttempt& attempt, const std::string& url);
std::string redelivery_line(const events::Redelivery& redelivery);

std::string delivery_json(const api::ShownDelivery& delivery);
std::string redelivery_json(const events::Redelivery& redelivery);

}  // namespace epay::app
