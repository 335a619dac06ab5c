// Which webhook is which: what its webhook-id says, and when each was decided, as the store has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "bench/stores.h"

namespace epay::bench {

// Names one event on its way to one endpoint. Events are numbered per merchant, endpoints are not.
struct DeliveryName {
  EndpointId endpoint;
  EventId event;
  friend bool operator==(const DeliveryName&, const DeliveryName&) = default;
  struct Hash {
    std::size_t operator()(const DeliveryName& name) const {
      return std::hash<std::uint64_t>()(std::uint64_t(name.endpoint.value) * 0x9E3779B97F4A7C15u ^
                                        std::uint64_t(name.event.value));
    }
  };
};

// Of "msg_{event}_{endpoint}".
std::optional<DeliveryName> parse_webhook_id(std::string_view id);

template <class T>
using ByDelivery = std::unordered_map<DeliveryName, T, DeliveryName::Hash>;

// A webhook that must arrive, and when the payment was decided that it tells of (before its commit).
struct Decision {
  DeliveryName name;
  Timestamp decided;
};
struct Decisions {
  std::vector<Decision> all;  // of the events since then, for every endpoint that their merchants have
  // How many of them the store has no delivery of, or one that waits and will never be due.
  std::int64_t forgotten = 0;
};
Decisions read_decisions(const Store& store, Timestamp since);

}  // namespace epay::bench
