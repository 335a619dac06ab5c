#include "payments/delivery_details.h"

#include "events/endpoint.h"
#include "payments/event_reference.h"

namespace epay::payments {

std::vector<ShownDelivery> with_references(db::Transaction& tx, std::vector<events::LoggedDelivery> deliveries) {
  std::vector<ShownDelivery> shown;
  shown.reserve(deliveries.size());
  for (events::LoggedDelivery& delivery : deliveries) {
    const Scope scope{delivery.lane.merchant, delivery.mode};
    auto reference = delivery.payment ? reference_of(tx, scope, *delivery.payment) : std::nullopt;
    shown.push_back({std::move(delivery), std::move(reference)});
  }
  return shown;
}

Result<DeliveryDetails> find_details(db::Transaction& tx, Scope scope, events::DeliveryName name) {
  auto found = events::find_delivery(tx, scope, name);
  if (!found) return std::unexpected(found.error());
  const events::LaneKey lane = found->lane;
  auto event = events::find_event(tx, scope, name.event);
  if (!event) return std::unexpected(event.error());
  DeliveryDetails details{std::move(with_references(tx, {*std::move(found)}).front()), *std::move(event), {}};
  for (events::DeliveryAttempt& attempt : events::attempts_of(tx, lane, name.event)) {
    auto url = events::endpoint_url_at(tx, lane, attempt.endpoint_version);
    details.tries.push_back({std::move(attempt), std::move(url)});
  }
  return details;
}

}  // namespace epay::payments
