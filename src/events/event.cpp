#include "events/event.h"

#include "events/event_store.h"

namespace epay::events {

std::string_view name_of(EventType type) {
  switch (type) {
    case EventType::payment_success: return "payment.success";
    case EventType::payment_failed: return "payment.failed";
  }
  return "unknown";
}

std::string Delivery::webhook_id() const {
  return "msg_" + std::to_string(event.value) + "_" + std::to_string(lane.endpoint.value);
}

std::vector<Delivery> record(db::Transaction& tx, NewEvent event) {
  const EventId id{tx.next_id(db::Sequence::event)};
  const MerchantId merchant = event.scope.merchant;
  tx.execute(store::insert_event, merchant, id, event.scope.mode, event.type, event.payment, event.payload, event.now);
  const auto endpoints =
      tx.query_all(store::select_enabled_endpoints, [](const db::Row& row) { return row.id<EndpointId>(0); }, merchant);
  const auto payload = std::make_shared<const std::string>(std::move(event.payload));
  std::vector<Delivery> deliveries;
  for (const EndpointId endpoint : endpoints) {
    tx.execute(store::insert_delivery, merchant, endpoint, id, DeliveryStatus::waiting, event.now);
    deliveries.push_back(
        {.lane = {merchant, endpoint}, .event = id, .type = event.type, .due_at = event.now, .payload = payload});
  }
  return deliveries;
}

}  // namespace epay::events
