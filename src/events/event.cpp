#include "events/event.h"

#include <charconv>
#include <iterator>

#include "base/json_writer.h"
#include "events/catalogue.h"
#include "events/event_store.h"

namespace epay::events {
namespace {

// The latest earlier event of the payment that this endpoint was sent takes note of its successor, while it waits;
// whether it has to be waited for.
bool waits_for(db::Transaction& tx, LaneKey lane, std::optional<EventId> previous, EventId event) {
  while (previous) {
    const std::int64_t noted =
        tx.execute(store::update_next_event, lane.merchant, lane.endpoint, *previous, event, tries_before_the_next);
    if (noted == 1) return true;
    // One that it did not ask for is passed over.
    const auto link = tx.query_one(
        store::select_previous_event,
        [](const db::Row& row) {
          return std::pair(row.integer(0) != 0, row.is_null(1) ? std::nullopt : std::optional(row.id<EventId>(1)));
        },
        lane.merchant, *previous, lane.endpoint);
    if (!link || link->first) return false;
    previous = link->second;
  }
  return false;
}

Recorded insert(db::Transaction& tx, NewEvent event, const std::vector<EndpointId>& endpoints, const Chain& chain) {
  const MerchantId merchant = event.scope.merchant;
  const EventId id = *tx.query_one(
      store::insert_event, [](const db::Row& row) { return row.id<EventId>(0); }, merchant, event.scope.mode,
      event.type, event.payment, event.payload, event.now, chain.count + 1, chain.last);
  const auto payload = std::make_shared<const std::string>(std::move(event.payload));
  // Whoever commits it sends it at once.
  const ProcessId owner = tx.process();
  Recorded recorded{merchant, id, {}};
  for (const EndpointId endpoint : endpoints) {
    const LaneKey lane{merchant, endpoint};
    if (waits_for(tx, lane, chain.last, id)) {
      tx.execute(store::insert_delivery, merchant, endpoint, id, DeliveryStatus::blocked, nullptr, event.now,
                 ProcessId());
      continue;
    }
    tx.execute(store::insert_delivery, merchant, endpoint, id, DeliveryStatus::waiting, event.now, event.now, owner);
    recorded.deliveries.push_back({.lane = lane,
                                   .event = id,
                                   .type = event.type,
                                   .mode = event.scope.mode,
                                   .sequence = int(chain.count) + 1,
                                   .due_at = event.now,
                                   .owner = owner,
                                   .payload = payload});
  }
  return recorded;
}

}  // namespace

std::string_view name_of(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::waiting: return "waiting";
    case DeliveryStatus::delivered: return "delivered";
    case DeliveryStatus::given_up: return "failed";
    case DeliveryStatus::blocked: return "blocked";
    case DeliveryStatus::cancelled: return "cancelled";
  }
  return "";
}

std::string webhook_id(EventId event, EndpointId endpoint) {
  return "msg_" + std::to_string(event.value) + "_" + std::to_string(endpoint.value);
}

std::string Delivery::webhook_id() const { return events::webhook_id(event, lane.endpoint); }

std::optional<DeliveryName> parse_webhook_id(std::string_view text) {
  constexpr std::string_view prefix = "msg_";
  if (!text.starts_with(prefix)) return std::nullopt;
  const char* const end = text.data() + text.size();
  DeliveryName name;
  const auto event = std::from_chars(text.data() + prefix.size(), end, name.event.value);
  if (event.ec != std::errc() || event.ptr == end || *event.ptr != '_') return std::nullopt;
  const auto endpoint = std::from_chars(event.ptr + 1, end, name.endpoint.value);
  if (endpoint.ec != std::errc() || endpoint.ptr != end) return std::nullopt;
  return name;
}

void Recorded::add(Recorded other) {
  if (other.merchant) {
    merchant = other.merchant;
    event = other.event;
  }
  deliveries.insert(deliveries.end(), std::make_move_iterator(other.deliveries.begin()),
                    std::make_move_iterator(other.deliveries.end()));
}

Listeners ask_for_listeners(db::Transaction& tx, Scope scope, EventType type) {
  return tx.ask_all(
      store::select_asking_endpoints, [](const db::Row& row) { return row.id<EndpointId>(0); }, scope.merchant,
      EventTypes::of(type).bits, scope.mode);
}

Recorded record(db::Transaction& tx, NewEvent event, Chain* chain) {
  Listeners listeners = ask_for_listeners(tx, event.scope, event.type);
  return record(tx, std::move(event), std::move(listeners), chain);
}

Recorded record(db::Transaction& tx, NewEvent event, Listeners listeners, Chain* chain) {
  const auto& endpoints = listeners.get();
  if (endpoints.empty() && !event.asked_for && kind_of(event.type).kept == Kept::when_asked_for) return {};
  Recorded recorded = insert(tx, std::move(event), endpoints, chain == nullptr ? Chain() : *chain);
  if (chain != nullptr) *chain = {chain->count + 1, recorded.event};
  return recorded;
}

Recorded record_for(db::Transaction& tx, NewEvent event, EndpointId endpoint) {
  return insert(tx, std::move(event), {endpoint}, {});
}

void skip_event_ids(db::Transaction& tx, std::int64_t count) { tx.execute(store::skip_event_ids, count); }

std::string envelope(EventType type, Timestamp at, std::string_view data_json) {
  JsonWriter json;
  json.begin_object().member("type", name_of(type)).member("timestamp", at.to_iso8601()).key("data").raw(data_json);
  return json.end_object().take();
}

}  // namespace epay::events
